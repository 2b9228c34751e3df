"""Programs with lists of a length known only when it runs: they grow in loops, or are indexed by what is computed."""

from __future__ import annotations

import heapq
import math

import numpy as np

from tests.corpus.registry import program


@program((0.7, 4), (0.7, 0))
def appended_and_read(x, n):
    xs = [x]
    for _ in range(n):
        xs.append(math.sin(xs[-1]) * x)
    total = 0.0
    for v in xs:
        total += v * v
    return total


@program((0.7, 4))
def sum_and_length(x, n):
    xs = []
    for i in range(n):
        xs.append(x * i)
    return sum(xs) * xs[1] + len(xs)


@program((0.7, 5))
def appended_in_branches(x, n):
    xs = []
    for i in range(n):
        if i % 2 == 0:
            xs.append(x * i)
        else:
            xs.append(x * x)
            xs.append(1.0)
    return sum(xs) * xs[-1] * xs[-2]


@program((0.7, 4), (0.7, 1))
def appended_on_a_condition(x, n):
    xs = []
    for i in range(n):
        if i > 1:
            xs.append(x * i)
    if xs:
        return sum(xs) * x
    return x * x


@program((0.7, 4))
def list_of_pairs(x, n):
    pairs = []
    a, b = x, 1.0
    for _ in range(n):
        a, b = b * x, a + b
        pairs.append((a, b))
    total = 0.0
    for a, b in pairs:
        total += a * b
    return total + pairs[-1][0]


@program((0.7, 4))
def list_of_dicts(x, n):
    steps = []
    for i in range(n):
        steps.append({"t": float(i), "y": x * i})
    return steps[2]["y"] * steps[-1]["t"] * x


@program((0.7, 4))
def table_of_zeros_filled(x, n):
    xs = [0.0] * n
    for i in range(n):
        xs[i] = x * i + (xs[i - 1] if i > 0 else 1.0)
    return xs[-1] * xs[1]


@program((0.7, 4))
def as_an_array(x, n):
    xs = []
    for i in range(n):
        xs.append(x ** (i + 1))
    a = np.array(xs)
    return np.sum(a * a) + np.mean(xs) * np.dot(a, xs)


@program((np.array([0.3, 0.5]), 3))
def list_of_arrays(h, n):
    hs = [h]
    for _ in range(n):
        hs.append(np.tanh(hs[-1] * 1.5 + h))
    return np.sum(np.array(hs) ** 2) + np.sum(hs[1]) + np.sum(np.stack(hs[1:]) * hs[0])


@program((np.array([0.3, 0.5]), 3))
def concatenated_arrays(h, n):
    parts = []
    for i in range(n):
        parts.append(h * i)
    return np.sum(np.concatenate(parts) ** 2)


@program((0.7, 4))
def table_of_rows(x, n):
    table = [[0.0] * n for _ in range(3)]
    for i in range(3):
        for j in range(n):
            if i > 0 and j > 0:
                table[i][j] = table[i - 1][j - 1] * x + table[i - 1][j]
            else:
                table[i][j] = x * (i + j)
    return table[2][n - 1]


@program((0.7, 4))
def stack_of_numbers(x, n):
    stack = [x, 1.0]
    for _ in range(n):
        stack.append(stack[-1] * x)
    total = 0.0
    while stack:
        v = stack.pop()
        total = total * x + v
    return total


@program((0.7, 5))
def coefficients_by_a_computed_index(x, n):
    coefficients = [1.0, x, 2.0]
    s = 0.0
    for i in range(n):
        s = s * x + coefficients[i % 3]
    return s


@program(([1.0, 2.0, 3.0],))
def argument_in_a_loop_over_its_length(p):
    s = 0.0
    for i in range(len(p)):
        s += p[i] * p[i] * i
    return s


@program(([1.0, 2.0, 3.0], 5))
def argument_by_a_computed_index(p, n):
    s = 0.0
    for i in range(n):
        s += p[i % len(p)] ** 2
    return s


@program((0.7, 4))
def extremes(x, n):
    xs = []
    for i in range(n):
        xs.append(math.cos(x * i))
    return max(xs) * min(xs)


@program((0.7, 3))
def a_new_list_in_each_turn(x, n):
    total = 0.0
    for k in range(3):
        xs = [x * k]
        for _ in range(n):
            xs.append(xs[-1] * x + 1.0)
        for i in range(len(xs)):
            total += xs[i] * xs[i]
        total = total + xs[k]
    return total


@program((0.7, 4))
def slices_and_sums_of_lists(x, n):
    xs = []
    for i in range(n):
        xs.append(x + i)
    ys, zs = xs[1:], xs[:-1]
    total = 0.0
    for a, b in zip(ys, zs):
        total += a * b
    for i, a in enumerate(reversed(xs)):
        total += a * i
    return total + sum(ys + zs)


@program((0.7,))
def grown_in_a_while_loop(x):
    ts, ys = [0.0], [x]
    while ts[-1] < 2.0:
        ts.append(ts[-1] + 0.5)
        ys.append(ys[-1] * (1 - 0.1 * ys[-1]))
    return ys[-1] * len(ts)


def _append_square(xs, v):
    xs.append(v * v)


@program((0.7, 4))
def a_callee_appends_in_a_loop(x, n):
    xs = []
    for i in range(n):
        _append_square(xs, x * i)
    return sum(xs) * xs[0] + xs[2]


@program((0.7, 4))
def grown_through_another_name(x, n):
    xs = []
    ys = xs
    for i in range(n):
        ys.append(x * i)
    return sum(xs) * x


@program((0.7, 3))
def rows_appended_and_changed(x, n):
    rows = []
    for i in range(n):
        row = []
        for j in range(n):
            row.append(x * i + j)
        rows.append(row)
    total = 0.0
    for row in rows:
        row[0] = row[1] * x
        total += row[0] * row[2]
    last = rows[1]
    last[2] = x
    return total + rows[1][2] * rows[0][0]


@program((0.7, 4))
def rolling_table(x, n):
    table = [[x, 1.0, 0.0], [0.0, 0.0, 0.0]]
    for i in range(n):
        for j in range(3):
            table[(i + 1) % 2][j] = table[i % 2][j] * x + table[i % 2][(j + 1) % 3]
    return table[n % 2][0] * table[n % 2][2]


@program((0.7, 4))
def previous_row(x, n):
    row = [x] * 3
    for i in range(n):
        new = [0.0] * 3
        for j in range(3):
            new[j] = row[j] * 0.5 + row[j - 1] * x * i
        row = new
    return row[0] * row[1] + row[2]


@program((0.7, 4))
def list_left_by_a_break(x, n):
    xs = [x]
    for i in range(n):
        if xs[-1] > 1.5:
            break
        xs.append(xs[-1] * (1.0 + x))
    return xs[-1] * xs[0] + len(xs)


@program((0.7, 3))
def extended_by_pieces(x, n):
    xs = [x]
    for i in range(n):
        xs.extend([x * i, 2.0])
        xs += [x * x]
    ys = xs.copy()
    ys.append(5.0 * x)
    xs.reverse()
    return sum(ys) * xs[0] + ys[4] * len(xs)


@program((0.7, 4))
def buckets(x, n):
    rows = [[] for _ in range(n)]
    for i in range(n - 1):
        rows[i].append(x * i)
        rows[i + 1].append(x)
    total = 0.0
    for row in rows:
        for v in row:
            total += v * v
    return total


@program((0.7, 4))
def rows_of_other_lengths(x, n):
    rows = [[x], [x, 1.0], [2.0]]
    for i in range(n):
        rows[i % 3] = rows[(i + 1) % 3] + [x * i]
    return sum(rows[0]) * sum(rows[1]) + len(rows[2])


@program((0.7, 5))
def sorted_lists(x, n):
    xs = [math.sin(3 * x * i) for i in range(n)]
    ys = sorted(xs)
    zs = sorted(xs, key=lambda v: v * v, reverse=True)
    xs.sort()
    return ys[0] * 2 + ys[1] * xs[2] + zs[0] * zs[1]


@program((0.7, 5))
def pairs_sorted_by_a_key(x, n):
    pairs = []
    for i in range(n):
        pairs.append((math.cos(2 * x * i), x * i))
    pairs.sort(key=lambda pair: pair[0])
    return pairs[0][1] * pairs[1][0]


@program((0.7,))
def known_items_sorted(x):
    xs = [3.0 * x, x, x * x]
    small, middle, large = sorted(xs)
    names = sorted(["b", "a"])
    return small * middle + large * large + len(names[0])


@program((0.7, 5))
def items_inserted_and_deleted(x, n):
    xs = [x * i for i in range(n)]
    xs.insert(0, x * x)
    del xs[1]
    v = xs.pop(0)
    w = xs.pop(-2)
    return v * sum(xs) + w * w


@program((0.7,))
def queue_of_numbers(x):
    queue = [x]
    total = 0.0
    while queue:
        v = queue.pop(0)
        total += v
        if len(queue) < 2 and total < 3:
            queue.append(v * 1.5)
            queue.append(v)
    return total


@program((0.7, 6))
def membership_and_position(x, n):
    seen = []
    total = 0.0
    for i in range(n):
        k = i % 3
        if k not in seen:
            seen.append(k)
            total += x * i + x
    return total * len(seen) + x * seen.index(2)


@program((0.7, 3), tags=("sums",))
def elimination_with_swapped_rows(x, n):
    a = [[x * (i + 1) ** j + (3.0 if i == j + 1 else 0.0) for j in range(n)] for i in range(n)]
    b = [1.0 + x * i for i in range(n)]
    for k in range(n):
        pivot = k
        for i in range(k + 1, n):
            if abs(a[i][k]) > abs(a[pivot][k]):
                pivot = i
        a[k], a[pivot] = a[pivot], a[k]
        b[k], b[pivot] = b[pivot], b[k]
        for i in range(k + 1, n):
            factor = a[i][k] / a[k][k]
            for j in range(k, n):
                a[i][j] -= factor * a[k][j]
            b[i] -= factor * b[k]
    x_out = [0.0] * n
    for i in range(n - 1, -1, -1):
        s = b[i]
        for j in range(i + 1, n):
            s -= a[i][j] * x_out[j]
        x_out[i] = s / a[i][i]
    return sum(v * v for v in x_out)


@program((0.7, 4))
def a_row_that_is_known_by_another_name(x, n):
    """It is a part of the list that has grown, and changes with it."""
    r = [x, x]
    rows = [r]
    for i in range(n):
        rows.append([x * i, 1.0])
        r[1] += x
    r[0] = 5.0 * x
    return rows[0][0] * rows[1][1] + rows[0][1] * r[0]


def _write(rows, i, x):
    rows[i][0] = x


@program((1.5, 0), (1.5, 1))
def a_row_with_a_name_is_written_to_in_a_callee(x, i):
    row = [x, 2.0]
    rows = [row, [3.0, 4.0]]
    _write(rows, i, x * x)
    return rows[0][0] + row[0] * x + rows[1][0]


def _read(rows, n):
    total = 0.0
    for i in range(n):
        total += rows[i][0] * rows[i][1]
    return total


@program((1.5, 2), (1.5, 1))
def a_row_with_a_name_after_rows_were_read(x, n):
    row = [x, 2.0]
    rows = [row, [3.0, x]]
    total = _read(rows, n)
    for i in range(n):
        rows[i][0] = x * rows[i][1]
        row[1] = x * 2
    return total * row[0] + rows[0][1] * rows[0][0]


@program((1.5, 0), (0.5, 0), (1.5, 1))
def a_row_with_a_name_after_a_branch(x, i):
    row = [x, 2.0]
    rows = [row, [3.0, 4.0]]
    if x > 1:
        rows[i][0] = x**2
    rows[0][1] *= x
    row[0] *= 3
    return row[0] + row[1] * 2 + rows[0][0] * rows[1][0]


@program((1.5, 0), (0.5, 1))
def rows_change_places_then_all_are_written_to(x, i):
    rows = [[x, 2.0], [3.0, 4.0]]
    if x > 1:
        rows[i], rows[1 - i] = rows[1 - i], rows[i]
    for k in range(i + 2):
        for j in range(2):
            rows[k % 2][j] += x
    return rows[1][0] * rows[0][1]


@program((1.5, 3))
def dicts_in_a_list_are_changed(x, n):
    """A dict that is read from a list is a part of it."""
    records = []
    for i in range(n):
        records.append({"value": x * i, "weights": [x, 2.0]})
    total = 0.0
    for record in records:
        record["value"] = record["value"] ** 2 + 1.0
        total += record["weights"][0] * record["value"]
    first = records[0]
    first["value"] *= x
    records[-1]["value"] += first["value"]
    return total * records[n - 1]["value"] + records[0]["value"]


def _raise_by(record, x):
    record["value"] += x * record["value"]


@program((1.5, 3))
def a_dict_in_a_list_is_changed_in_a_callee(x, n):
    records = []
    for i in range(n):
        record = {"value": x}
        records.append(record)
        record["value"] *= i
    for i in range(n):
        _raise_by(records[i], x)
    return records[1]["value"] * records[2]["value"]


@program((1.5, 3))
def the_best_of_dicts(x, n):
    records = []
    for i in range(n):
        records.append({"value": x * (i + 1), "key": 1.0 * (n - i)})
    best = records[0]
    for record in records:
        if record["key"] * x > best["key"] * x + 0.5:
            best = record
    least = min(records, key=lambda record: record["key"])
    return best["value"] * least["value"]


@program((np.linspace(0.5, 2.0, 5),))
def unpacked_with_a_star(x):
    items = [v for v in x if v > 0.6]
    *init, last = items
    total = sum(init) * last
    while len(items) > 1:
        first, second, *items = items
        total = total * 0.5 + first * second
    return total


@program((np.linspace(0.5, 2.0, 5),))
def sorted_by_recursion(x):
    def ordered(values):
        if not values:
            return []
        pivot, *rest = values
        return ordered([v for v in rest if v < pivot]) + [pivot] + ordered([v for v in rest if v >= pivot])

    return sum(v * i for i, v in enumerate(ordered(list(x))))


@program((1.5, 3))
def records_in_order(x, n):
    """Lists whose items differ in structure are records; in order, they can be changed."""
    found = []
    for i in range(n):
        found.append([[x * i, 1.0], x**i])
    found.sort(key=lambda record: -record[1])
    found[0][1] = found[0][1] * 2
    new = [found[0][0][k] + found[-1][0][k] for k in range(2)]
    del found[-1]
    found.append([new, new[0] * 0.3])
    return found[0][1] * found[1][0][0] + found[2][1]


@program((1.5, 3))
def tables_on_one_path(x, n):
    """What the reverse sweep of the first derivative reads is a list on one path only."""
    scale = x + 1
    if scale == 0:
        return x * x
    rows = [[0.0] * n for _ in range(n)]
    for i in range(n):
        for j in range(n):
            rows[i][j] += x * x * i
    items = []
    for i in range(n):
        items.append(rows[i][i] / scale)
    return items[1] * items[2]


@program((np.array([0.4, -1.2, 0.9]), 3))
def rows_of_one_length_changed(x, n):
    """A row that is replaced by one as long; rows of a table by their keys, likewise."""
    rows = []
    for i in range(n):
        rows.append(x * i)
    for i in range(n):
        rows[i] = rows[i] * x
    table = {i: row for i, row in enumerate(rows)}
    for i, row in enumerate(rows):
        table[i] = table[i] + row * x
    return np.sum(rows[1] * table[2])


@program((0.7, 1.3, 0.4), wrt=(0, 1, 2))
def a_queue_of_names_by_cost(x, y, z):
    graph = {"a": [("b", x), ("c", y)], "b": [("c", z), ("d", 2.0)], "c": [("d", x)], "d": []}
    cost, waiting, done = {"a": 0.0}, [(0.0, "a")], set()
    while waiting:
        so_far, place = heapq.heappop(waiting)
        if place in done:
            continue
        done.add(place)
        for neighbour, length in graph[place]:
            there = so_far + length
            if neighbour not in cost or there < cost[neighbour]:
                cost[neighbour] = there
                heapq.heappush(waiting, (there, neighbour))
    return cost["d"] ** 2


@program((0.7, 1.3, 5), (0.7, 1.3, 0), wrt=(0, 1))
def events_with_names(x, y, n):
    events = []
    for i in range(n):
        events.append(("up" if i % 3 else "down", x * i))
    total = y
    for name, amount in events:
        total = total * amount + 1 if name == "up" else total - y * amount
    return total


@program((0.7, 1.3, 3), (0.7, 1.3, 0), wrt=(0, 1))
def grown_lists_that_are_compared(x, y, n):
    values, marks = [], []
    for i in range(n):
        values.append(x * i)
        marks.append((i, "even" if i % 2 == 0 else "odd"))
    total = y
    if values == [0.0, x, 2 * x] and values != []:
        total *= x * y
    if marks == [] or (values, 1) == ([], 1):
        total += x * x
    if marks != [(0, "even"), (1, "odd")] and values == values[:]:
        total += x**3
    return total


@program((np.array([0.4, -0.3, 0.8]),), (np.array([0.4, 0.3, 0.8]),))
def spread_between_others(x):
    low, high = [], []
    for each in x:
        if each < 0.35:
            low.append(each * x[0])
        else:
            high.append(each * x[0])
    whole = [x[1], *low, *high, x[2] ** 2, *range(len(high))]
    copied = [*low]
    copied.append(2.0 * x[0])
    total = 0.0
    for k, each in enumerate([*whole, *(y * y for y in high), *copied, len(low)]):
        total += (k + 1) * each
    return total + len(low)


@program((0.3, [1.0, 2.0, 4.0, 3.0]), wrt=(0, 1))
def list_read_before_anything_is_in_it(x, series):
    """How often the loop turns is known only when it runs: its first round of lowering finds the list empty."""
    differences = series[int(x) :]
    for _ in range(1):
        differences = [b - a for a, b in zip(differences, differences[1:])]
    errors = []
    for t in range(len(differences)):
        before = sum([x * errors[t - 1 - k] for k in range(2) if t - 1 - k >= 0])
        errors.append(differences[t] - before)
    return sum([e * e for e in errors])


@program((np.array([0.7, 1.3, 0.4, 2.1]),))
def counted_by_python(x):
    nan, found, places = math.nan, [], []
    for v in x:
        if v > 0.5:
            found.append(nan)
        places.append(int(v))
    return x[0] * found.count(nan) + x[1] * places.count(0) + x[2] * places.count(x[3])


@program((np.array([0.7, 1.3, 0.4, 2.1]), 13), (np.array([0.7, 1.3, 0.4, 2.1]), 6))
def texts_of_computed_numbers(x, n):
    weights = {"a": x[0], "b": x[1], "c": x[2]}
    total = 0.0
    for i in range(n):
        for k, digit in enumerate(bin(i)[2:6]):
            if digit == "1":
                total += x[k]
        total += weights[chr(ord("a") + i % 3)] * i
        total += x[len(hex(i * i)) % 4] * len(oct(i))
    return total
