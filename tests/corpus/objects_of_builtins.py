"""Objects whose classes inherit from `list`, `dict` and `tuple`."""

from __future__ import annotations

import copy
import math

import numpy as np

from tests.corpus.registry import program


class Vector(list):
    def __add__(self, other):
        return Vector([a + b for a, b in zip(self, other)])

    def __mul__(self, k):
        return Vector([a * k for a in self])

    __rmul__ = __mul__

    def dot(self, other):
        return sum(a * b for a, b in zip(self, other))

    @property
    def norm(self):
        return math.sqrt(self.dot(self))


class Stack(list):
    def __init__(self, *items):
        super().__init__(items)
        self.pushed = 0

    def push(self, item):
        self.append(item)
        self.pushed += 1

    def pop(self):
        return list.pop(self) * 2.0


class Parameters(dict):
    def __getattr__(self, name):
        try:
            value = self[name]
        except KeyError:
            raise AttributeError(name) from None
        return Parameters(value) if isinstance(value, dict) else value

    __setattr__ = dict.__setitem__


class Defaults(dict):
    def __missing__(self, key):
        self[key] = 1.5
        return 1.5


class Point(tuple):
    def __new__(cls, x, y):
        return super().__new__(cls, (x, y))

    def __add__(self, other):
        return Point(*(a + b for a, b in zip(self, other)))

    @property
    def norm(self):
        return math.hypot(*self)


@program((0.7,), (1.3,))
def of_lists(x):
    v = Vector([x, 2.0 * x])
    w = 2.0 * (v + v * 3.0)
    s = w.dot(v) + w.norm * len(w)
    stack = Stack(1.0, x)
    for i in range(3):
        if x * i > 1.0:
            stack.push(x * i)
        else:
            stack.push(x + i)
    stack += [x * x]
    s = s + stack.pop() * stack.pop() + stack[0] * stack.pushed + np.sum(np.array(stack) ** 2)
    first, *rest = stack
    return s + max(stack) * sum(rest) if isinstance(v, list) and v == [x, 2.0 * x] else first


@program((0.7,), (1.3,))
def of_dicts(x):
    p = Parameters(w=x, inner={"b": x * x})
    p.c = p.w * p.inner.b
    p.update(d=3.0 * x)
    q = copy.copy(p)
    q["w"] = 5.0
    for name in ("c", "d"):
        p[name] = p[name] * 2.0
    del p["inner"]
    table = Defaults(a=x)
    s = table["a"] * table["b"] + len(table) * x
    return s + p.w * q.w + sum(p.values()) + sum(len(k) * v for k, v in p.items()) + dict(**q)["d"] * p.get("e", x)


@program((0.7,), (1.3,))
def of_tuples(x):
    p = Point(x, 2.0)
    for i in range(3):
        p = Point(p[1] * x, p[0] + i) + p
    a, b = p
    return p.norm * a + b * len(p) if p != (0.0, 0.0) else x


class Rows:
    def __init__(self, rows):
        self.rows = rows


@program((0.7, 3), (1.3, 1))
def lists_of_objects_that_a_loop_makes(x, n):
    """What the last iteration made has a list, whose items are known after the loop."""
    held = Rows([x, 2.0 * x])
    for k in range(n):
        held = Rows([held.rows[1] * x, held.rows[0] + k])
        new = Rows({"a": x * k, "b": [k * x, 1.0]})
    s = held.rows[0] * held.rows[1]
    held.rows[0] = s * x
    return s + sum(held.rows) + new.rows["a"] * new.rows["b"][1] if new.rows["b"] == [(n - 1) * x, 1.0] else x
