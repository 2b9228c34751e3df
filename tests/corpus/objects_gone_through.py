"""Objects that are gone through item by item: their class has `__getitem__`, and no `__iter__`."""

from __future__ import annotations

import math

import numpy as np

from tests.corpus.registry import program


class Polynomial:
    def __init__(self, *coefficients):
        self.coefficients = list(coefficients)

    def __getitem__(self, i):
        return self.coefficients[i]

    def __len__(self):
        return len(self.coefficients)


class Powers:
    """Has no length: the first IndexError ends it."""

    def __init__(self, x, n):
        self.x, self.n = x, n

    def __getitem__(self, i):
        if i >= self.n:
            raise IndexError(i)
        return self.x**i


class Wave:
    def __init__(self, w):
        self.w = w

    def __call__(self, x):
        return math.sin(self.w * x)


class Line:
    def __init__(self, w, b):
        self.w, self.b = w, b

    def __call__(self, x):
        return self.w * x + self.b


class Sequential:
    def __init__(self, *layers):
        self.layers = layers

    def __len__(self):
        return len(self.layers)

    def __getitem__(self, i):
        if isinstance(i, slice):
            return Sequential(*(self.layers[k] for k in range(*i.indices(len(self)))))
        return self.layers[i]


class Samples:
    def __init__(self, values):
        self.values = values

    def __getitem__(self, i):
        return self.values[i] ** 2


@program((0.7,), (1.4,))
def by_index(x):
    """Loops, unpacking, functions of iterables, `in`, `reversed`, `next`, `zip`."""
    p = Polynomial(x, x * x, 3.0)
    s = 0.0
    for c in p:
        s = s * x + c
    a, b, c = p
    s = s + a * b + c * sum(p) + max(Powers(x, 4)) + math.hypot(*p)
    for i, v in enumerate(reversed(p)):
        s = s + i * v
    s = s + sum(u * v for u, v in zip(Powers(x, 3), p))
    return s * x if 3.0 in p and 7.0 not in Powers(x, 2) else s


@program((0.7,), (1.3,))
def by_index_until(x):
    """The number of items is known only when it runs; a loop may end early, and in a loop."""
    s = 0.0
    for k in range(3):
        for v in Powers(x, k + 2):
            if v > 1.5:
                break
            s = s + v * k
        it = iter(Powers(x, 3))
        next(it)
        s = s + next(it) * sum(it)
    return s


@program((0.7,))
def layers_by_index(x):
    """Items of several classes, and a slice that makes another one."""
    model = Sequential(Wave(x), Line(x, 2.0), Wave(3.0))
    y = 0.5
    for layer in model:
        y = layer(y)
    for i, layer in enumerate(model[::-1]):
        y = layer(y) * x
        if y < 0.0:
            break
    return y * (i + 1)


@program((np.array([0.3, -1.2, 2.0]),))
def array_by_index(x):
    total = 0.0
    for v in Samples(x):
        total = total + v * np.sin(v)
    return total
