"""Programs with loops over lists, dicts and sets that grow or shrink meanwhile."""

from __future__ import annotations

import math

import numpy as np

from tests.corpus.registry import program

LINKS = {0: [1, 2], 1: [3], 2: [3], 3: []}


@program(([0.7, 1.3, 0.4, 2.1],))
def breadth_first(x):
    queue = [0]
    reached = {0: x[0]}
    for u in queue:
        for v in LINKS[u]:
            if v not in reached:
                reached[v] = reached[u] * x[v]
                queue.append(v)
    return sum(reached.values())


@program((0.7, 1.3), (4.0, 1.0), wrt=(0, 1))
def worklist(x, y):
    todo = [x]
    total = 0.0
    for v in todo:
        total += v * v
        if v < 3.0:
            todo.append(v * 1.5 + y)
    return total


@program((0.7, 2), (0.7, 0))
def intervals_cut_in_two(x, depth):
    todo = [(0.0, 1.0, 0)]
    total = 0.0
    for left, right, level in todo:
        middle = (left + right) / 2
        total += math.sin(middle * x) * (right - left)
        if level < depth:
            todo.append((left, middle, level + 1))
            todo.append((middle, right, level + 1))
    return total


@program((0.7, 4.0), (0.7, 0.5))
def leaves_the_growing_list(x, limit):
    todo = [x, x * x]
    total = 0.0
    for v in todo:
        if v > limit:
            continue
        total += v * v
        todo.append(v * 2)
        if len(todo) > 8:
            break
    else:
        total *= 3
    return total


@program((0.7,))
def returns_from_the_growing_list(x):
    todo = [x]
    for v in todo:
        if v > 4:
            return v * len(todo)
        todo.append(v * 1.5)
    return x


@program((np.array([0.7, 1.3, 0.4, 2.1]),))
def shrinks(x):
    xs = [v * 2 for v in x]
    total = 0.0
    for v in xs:
        total = total * 0.5 + v
        if v > 1.0:
            xs.remove(v)
    return total + len(xs)


@program((0.7,))
def grows_at_the_front(x):
    xs = [x, x * x]
    total = 0.0
    for v in xs:
        total = total * 0.5 + v
        if len(xs) < 4:
            xs.insert(0, v * 2)
    return total


@program((0.7,))
def two_loops_over_one_list(x):
    xs = [x]
    total = 0.0
    for a in xs:
        for b in xs:
            total += a * b
            if len(xs) < 4:
                xs.append(a * b + 0.5)
    return total


@program((0.7, 3))
def grows_with_numbers(x, n):
    queue = [x]
    total = 0.0
    for i, v in enumerate(queue):
        total += v * i
        if i < n:
            queue.append(v * 1.2)
    return total


@program((np.array([0.7, 1.3, 0.4, 2.1]),))
def grows_beside_an_array(x):
    xs = [x[0]]
    total = 0.0
    for v, w in zip(xs, x):
        total += v * w
        xs.append(total)
    return total


@program((np.array([0.7, 1.3, 0.4, 2.1]),))
def shrinks_from_the_end(x):
    xs = [v * v for v in x]
    total = 0.0
    for v in reversed(xs):
        total = total * 0.5 + v
        if len(xs) > 2:
            xs.pop()
            xs.pop()
    return total


@program((0.7, 1.3), wrt=(0, 1))
def a_comprehension_over_what_grows(x, y):
    xs = [x, y]

    def visit(v):
        if len(xs) < 5:
            xs.append(v * 2)
        return v * v

    return sum([visit(v) for v in xs])


@program((0.7,))
def a_comprehension_sees_what_it_changes(x):
    xs = [x, x * x, 1.0]

    def visit(v):
        xs[2] = xs[2] + v
        return v * v

    return sum([visit(v) for v in xs])


class Tree:
    def __init__(self, x):
        self.todo = [(x, 1)]

    def run(self):
        total = 0.0
        for v, depth in self.todo:
            total += v * depth
            self.split(v, depth)
        return total

    def split(self, v, depth):
        if depth < 4:
            self.todo.append((v * 0.5, depth + 1))
            self.todo.append((v * v, depth + 2))


@program((0.7,))
def grows_in_a_method(x):
    return Tree(x).run()


@program((np.array([0.7, 1.3]),))
def arrays_are_added(x):
    todo = [x]
    total = 0.0
    for v in todo:
        total += np.sum(v**2)
        if total < 20:
            todo.append(v * 1.2)
    return total


@program((0.7, 1.3), wrt=(0, 1))
def levels_are_added(x, y):
    levels = [[x, y]]
    for level in levels:
        if len(levels) < 4:
            levels.append([v * 1.5 for v in level])
    return sum(sum(row) for row in levels)


@program((0.7, 1.3), (2.0, 1.3), wrt=(0, 1))
def a_dict_gets_a_key_at_last(x, y):
    values = {"a": x, "b": y}
    for key, value in values.items():
        if value > 1.0:
            values["largest"] = value * len(key)
            break
    return sum(values.values()) * values.get("largest", 1.0)


@program((np.array([0.7, 1.3, 0.4, 2.1]),))
def a_table_gets_a_key_at_last(x):
    table = {}
    for i in range(len(x)):
        if x[i] > 0.5:
            table[i] = x[i]
    for key, value in table.items():
        if value > 1.0:
            table[key + 10] = value * 2
            break
    for place, key in enumerate(table):
        table[key] *= place + 1
    return sum(v * w for v, w in zip(table.values(), x)) + sum(k * w for k, w in zip(table, x))


@program((0.7, 1.3), wrt=(0, 1))
def a_set_gets_an_item_at_last(x, y):
    seen = {0, 1}
    total = x + y
    for place in seen:
        if place == 1:
            seen.add(2)
            break
    return total * y * len(seen)


@program((0.7, 1.3), wrt=(0, 1))
def an_iterator_of_items_shows_what_is_there_then(x, y):
    values = {0: x, 1: y}
    items = iter(values.items())
    _, first = next(items)
    values[1] = first * 10
    _, second = next(items)
    return first + second * x
