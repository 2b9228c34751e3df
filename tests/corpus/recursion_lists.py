"""Recursions over lists: that return what they get or a new list, and that pass on longer ones."""

import cmath
import math

import numpy as np

from tests.corpus.registry import program


def quicksort(xs):
    if len(xs) <= 1:
        return xs
    pivot = xs[0]
    return quicksort([x for x in xs[1:] if x < pivot]) + [pivot] + quicksort([x for x in xs[1:] if x >= pivot])


@program((np.array([0.3, 1.2, 0.7, 2.1]),))
def sorted_by_recursion(v):
    return sum(x * (i + 1) ** 2 for i, x in enumerate(quicksort(list(v))))


def quicksort_by_loop(xs):
    if len(xs) <= 1:
        return xs
    pivot = xs[len(xs) // 2]
    left, middle, right = [], [], []
    for x in xs:
        if x < pivot:
            left.append(x)
        elif x > pivot:
            right.append(x)
        else:
            middle.append(x)
    return quicksort_by_loop(left) + middle + quicksort_by_loop(right)


@program(([0.3, 2.0, 1.1, 0.4],))
def sorted_list(xs):
    return sum(x * (i + 1) ** 2 for i, x in enumerate(quicksort_by_loop(xs)))


def stretched(xs, n):
    if n == 0:
        return xs
    return stretched([t * 1.1 for t in xs] + [xs[0]], n - 1)


@program((np.array([0.3, 1.2, 0.7]), 3), (np.array([0.3, 1.2, 0.7]), 0))
def argument_changed_after_it_may_be_the_result(v, n):
    xs = list(v)
    ys = stretched(xs, n)
    total = sum(ys)
    xs[0] = 5.0 * v[1]
    return total * sum(xs)


def walk(n, x, path):
    if n == 0:
        return sum(p * p * i for i, p in enumerate(path))
    return walk(n - 1, x * 1.1, path + [x]) + walk(n - 1, x * 0.5, path + [math.sin(x)]) * 0.1


@program((0.7, 4), (0.7, 1))
def paths_that_grow(x, n):
    return walk(n, x, [])


def orbit(n, x, path=None):
    if path is None:
        path = []
    if n == 0:
        return path
    return orbit(n - 1, x * x + 0.1, path + [x])


@program((0.7, 4))
def path_by_default(x, n):
    return sum(orbit(n, x))


def _transform(xs):
    """The Fourier transform of a list, whose length is a power of 2: complex numbers, but of one item alone."""
    if len(xs) == 1:
        return xs
    even, odd = _transform(xs[::2]), _transform(xs[1::2])
    turned = [cmath.exp(-2j * cmath.pi * k / len(xs)) * each for k, each in enumerate(odd)]
    return [a + b for a, b in zip(even, turned)] + [a - b for a, b in zip(even, turned)]


@program((np.array([0.1, 0.5, 1.3, 2.0]),))
def power_spectrum_by_halves(x):
    return sum((k + 1) * abs(each) ** 2 for k, each in enumerate(_transform(list(x))))
