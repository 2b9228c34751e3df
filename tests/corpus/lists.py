"""Programs with lists whose length is known: changed in place, under one name and under several."""

from __future__ import annotations

import collections
import math

import numpy as np

from tests.corpus.registry import program


@program((1.3,))
def append_in_straight_line(x):
    xs = [x]
    xs.append(x * x)
    xs.append(xs[0] * xs[1])
    return xs[-1] + xs[1]


@program((1.3,))
def append_through_another_name(x):
    xs = [x]
    ys = xs
    ys.append(x * x)
    return xs[1] * xs[0] + len(xs)


@program((0.7,), (-0.7,))
def append_in_a_branch_on_both_sides(x):
    xs = []
    if x > 0:
        xs.append(x * x)
    else:
        xs.append(-3.0 * x)
    return xs[0] * x


@program((0.7,))
def assign_items(x):
    xs = [0.0] * 3
    xs[0] = x
    xs[1] = xs[0] * x
    xs[-1] += xs[1] * 2.0
    return xs[0] + xs[1] * xs[2]


@program((0.7, [1.0, 2.0, 3.0]), wrt=(0, 1))
def methods_of_a_list(x, given):
    xs = [x, x * x]
    xs.extend(given)
    xs.insert(1, 3.0 * x)
    last = xs.pop()
    first = xs.pop(0)
    xs.reverse()
    copy = xs.copy()
    copy.clear()
    return last * first + xs[0] * xs[1] - xs[2] * xs[-1] + len(copy)


@program(([1.0, 2.0, 3.0, 4.0],))
def slices_are_copies(xs):
    front = xs[:2]
    front[0] = 5.0 * xs[3]
    xs[1:3] = [xs[1] * xs[2]]
    return front[0] * xs[0] + front[1] * xs[1] + xs[2]


def _push_square(stack, value):
    stack.append(value * value)
    return len(stack)


@program((0.8,))
def a_callee_appends(x):
    stack = [x]
    _push_square(stack, x)
    count = _push_square(stack, 2.0 * x)
    return stack[1] * stack[2] + stack[0] * count


@program((0.8,))
def a_closure_appends(x):
    history = []

    def record(value):
        history.append(value * x)

    record(x)
    record(x * x)
    return history[0] * history[1]


def _first_and_all(xs):
    xs[0] = xs[0] * 2.0
    return xs[0], xs


@program((0.8,))
def a_callee_returns_its_argument(x):
    xs = [x, x * x]
    first, ys = _first_and_all(xs)
    ys.append(first * x)
    return xs[0] * xs[1] * xs[2]


@program((0.8,))
def lists_in_lists(x):
    row = [x, 2.0 * x]
    table = [row, row, [x * x]]
    table[0][1] = x * 3.0
    table[2].append(row[0])
    row.append(x)
    return table[1][1] * table[2][0] + table[2][1] * len(table[1]) * row[-1]


@program((0.8, 4))
def items_in_a_counted_loop(x, n):
    state = [x, 1.0]
    for i in range(n):
        state[0], state[1] = state[0] * 0.5 + state[1], state[0] * x
    return state[0] * state[1]


@program((0.8, 4))
def list_rebound_in_a_loop(x, n):
    state = [x, 1.0]
    for _ in range(n):
        state = [state[1] * x, state[0] + state[1]]
    return state[0] + state[1]


@program((0.8, 4))
def lists_swapped_in_a_loop(x, n):
    old, new = [x, x * x], [0.0, 0.0]
    for _ in range(n):
        new[0] = old[1] * 0.5
        new[1] = old[0] + old[1]
        old, new = new, old
    return old[0] * old[1]


@program((0.8, 4))
def list_of_arrays_changed_in_a_loop(x, n):
    arrays = [x * np.ones(2), np.zeros(3)]
    for i in range(n):
        arrays[1][i % 3] += arrays[0][0] * x
        arrays[0] = arrays[0] * 0.5
    return np.sum(arrays[0]) + np.sum(arrays[1] ** 2)


@program((np.array([0.3, 0.2]), [(np.eye(2), np.ones(2)), (2.0 * np.eye(2), np.zeros(2))]), wrt=(0, 1))
def activations_of_layers(x, layers):
    activations = [x]
    for w, b in layers:
        activations.append(np.tanh(w @ activations[-1] + b))
    return sum(np.sum(a**2) for a in activations)


@program((0.5, [1.0, 2.0, 3.0]), wrt=(0, 1))
def grown_over_a_known_sequence(x, coefficients):
    powers = [1.0]
    for _ in coefficients[1:]:
        powers.append(powers[-1] * x)
    return sum(c * p for c, p in zip(coefficients, powers))


@program((0.5,))
def list_in_a_branch_in_a_loop(x):
    acc = [0.0, 0.0]
    for i in range(5):
        if i % 2 == 0:
            acc[0] += x * i
        else:
            acc[1] += x * x
    return acc[0] * acc[1]


@program((0.5,))
def starred_targets(x):
    first, *middle, last = [x, x * x, x * x * x, 2.0]
    middle.append(last)
    return first * middle[0] + middle[1] * middle[2]


@program((0.5,))
def augmented_lists(x):
    xs = [x]
    ys = xs
    xs += [x * x, 2.0]
    xs *= 2
    return sum(ys) * ys[1]


@program(([0.5, 2.0],))
def list_argument_changed(xs):
    xs.append(xs[0] * xs[1])
    xs[0] = xs[2] ** 2
    return sum(xs)


@program((0.5,))
def a_list_that_is_one_of_two(x):
    if x > 0.0:
        xs = [x, 1.0]
    else:
        xs = [1.0, x]
    xs[0] = xs[0] * xs[1] * x
    return xs[0] + xs[1]


@program((0.5,))
def equality_membership_and_truth(x):
    xs, ys = [1, 2], [1, 2]
    total = x
    if xs == ys:
        total = total * x
    if 3 not in xs and xs:
        total = total + x
    ys.remove(1)
    return total * ys.count(2) + x * x * xs.index(2)


@program((0.5,))
def items_deleted(x):
    xs = [x, x * x, 2.0, 3.0 * x]
    del xs[1], xs[-1]
    d = {"a": x, "b": xs}
    del d["a"]
    del d["b"][0:1]
    return sum(xs) * x + len(d)


@program((0.7, 1.3, 3), (0.7, 1.3, 0), wrt=(0, 1))
def rows_that_are_replaced_in_a_loop(x, y, n):
    rows = [[0.5, 1.0], [x, 2.0]]
    total = 0.0
    for i in range(n):
        rows[1] = [rows[1][0] * y, rows[1][1] + i * x]
        total += rows[1][0]
        rows[0], rows[1] = rows[1], rows[0]
    return total + rows[0][0] * rows[1][1]


@program((0.83, 1.37, 5), wrt=(0, 1))
def a_simplex_that_shrinks(x, y, n):
    def bowl(point):
        return (point[0] - x) ** 2 + 2 * (point[1] - y) ** 2 + 0.3 * point[0] * point[1]

    simplex = [[0.0, 0.0], [1.0, 0.0], [0.0, 1.0]]
    for _ in range(n):
        simplex.sort(key=bowl)
        middle = [(a + b) / 2 for a, b in zip(simplex[0], simplex[1])]
        mirrored = [2 * m - c for m, c in zip(middle, simplex[2])]
        if bowl(mirrored) < bowl(simplex[1]):
            simplex[2] = mirrored
        else:
            simplex[2] = [(m + c) / 2 for m, c in zip(middle, simplex[2])]
    return bowl(simplex[0]) + simplex[1][0] * x


@program((np.array([0.3, 1.1, 0.7]), 0.6), (np.array([0.9, 0.2, 0.7]), 1.6))
def numbers_among_arrays_at_computed_places(x, s):
    parts = [0.0] * 3
    low, high = int(np.argmin(x)), int(np.argmax(x))
    if s < 1:
        parts[high] = x * s
        parts[low] = s * s
    else:
        parts[high] = x
        parts[low] = 0
    return np.sum(parts[0]) + 2 * np.sum(parts[1]) + 3 * np.sum(parts[2])


@program((np.array([1.0, 2.0, 3.0]), 3))
def increased_by_an_array(x, n):
    """Arrays are asked for a sum before a list extends itself: `+=` binds the name to an array."""
    one, three, squares = [1.0], [0.5, 2.0, x[0]], []
    seen, queue, kept = three, collections.deque([1.0, 2.0, 5.0], maxlen=4), {"sums": [x[1]]}
    for i in range(n):
        squares.append(x[i] ** 2)
    one += x
    three += x
    three *= 2.0
    queue += x
    squares += x
    kept["sums"] += x[0]
    total = sum(v * v for v in one) + np.sum(three * x) + sum(seen) * len(seen) + np.sum(kept["sums"] ** 2)
    return total + np.sum(queue * x) + np.sum(squares * x) * len(squares)


@program((np.array([1.0, 2.0, 3.0]), [0.5, 0.7, 1.6], 3), wrt=(0, 1))
def extended_by_what_has_a_length_when_it_runs(x, y, n):
    steps = [np.sqrt(a * a + b * b) for a, b in zip(np.diff(x), np.diff(y))]
    length = [0]
    length.extend(np.cumsum(steps))
    length.extend(map(np.sin, x[:n]))
    length.extend(range(n))
    grown = [v for v in x if v > 1.5]
    grown.extend(np.linspace(0, x[0], n))
    grown += reversed(length)
    return sum(v * i for i, v in enumerate(grown)) * length[2]


@program((np.array([1.0, 2.0, 3.0]), 3))
def repeated_lists(x, n):
    pairs = [x[0], x[1]] * n
    grown = 2 * [v * v for v in x if v > 1.5]
    grown *= n
    rows = [x, x * 2] * len(grown[1:4])
    rows.append(x)
    return sum(v * v * i for i, v in enumerate(pairs)) + sum(v * i for i, v in enumerate(grown)) + np.sum(rows[n] ** 2)


@program((0.7, math.nan), (0.7, 1.0))
def numbers_are_found_that_are_no_numbers(x, missing):
    """A list finds the very object, though NaN is not equal to itself."""
    marks = [1.0, missing, x, missing]
    constants = [x, math.nan, math.nan]
    found = constants.count(math.nan) * constants.index(math.nan)
    return x ** marks.count(missing) + x * marks.index(missing) + [missing, x].index(missing) * x + found * x * x
