"""Iterators under a name: what they have given is gone, and what they give is made when it is asked for."""

from __future__ import annotations

import itertools
import math
import statistics

import numpy as np

from tests.corpus.registry import program


@program(([0.7, 1.3], [0.4, 0.9]), wrt=(0, 1))
def zip_is_used_up(xs, ys):
    pairs = zip(xs, ys)
    product = sum(u * v for u, v in pairs)
    return 3 * product + sum(u + v for u, v in pairs)


@program(([0.7, 1.3, 0.4],))
def loops_share_an_iterator(xs):
    total = 0.0
    steps = enumerate(xs, 1)
    for i, x in steps:
        total += i * x
        break
    for i, x in steps:
        total += 10 * i * x * x
    return total


@program((np.array([0.7, 1.3, 0.4]), np.array([0.4, 0.9, 1.1])), wrt=(0, 1))
def arrays_are_zipped_once(x, y):
    pairs = zip(x, y)
    total = 0.0
    for u, v in pairs:
        total += u * v
    for u, v in pairs:
        total += u / v
    return total


@program((0.7, 1.3))
def map_reads_what_has_changed(x, y):
    scale = [1.0]
    scaled = map(lambda each: each * scale[0], [x, y])
    scale[0] = x * y
    return sum(scaled)


@program((0.7, 3), (0.7, 0))
def map_in_a_loop_reads_the_total(x, n):
    total = 1.0

    def damped(i):
        return x * i / total

    for step in map(damped, range(n)):
        total = total + step
    return total


@program((0.7, 1.3))
def filter_reads_a_limit_that_moves(x, y):
    limit = 1.0
    large = filter(lambda each: each > limit, [x, y])
    limit = 0.5
    return sum(each * each for each in large)


@program(([0.7, 1.3, 0.4],))
def list_changes_under_its_iterators(xs):
    xs = [math.sin(x) for x in xs]
    behind, doubled, numbered = reversed(xs), map(abs, xs), enumerate(xs)
    xs[0] = xs[1] * xs[2]
    xs.append(xs[0])
    return sum(doubled) + sum(i * x for i, x in numbered) + 2 * next(behind)


@program(([0.7, 1.3, 0.4, 0.9],))
def iterators_of_iterators_over_a_list_that_changes(xs):
    xs = list(xs)
    total = 0.0
    for i, x in enumerate(reversed(xs)):
        total += i * x
        xs[0] = xs[0] + x * x
    for x, (i, y) in zip(xs, enumerate(xs)):
        total += x * y * i
        xs[3] = 0.5 * x
    for x in itertools.chain(xs, [1.0]):
        total += x
        xs[2] = x * xs[1]
    return total


@program((0.7, 1.3, 0.4), (0.7, 0.8, 1.4), (0.7, 0.8, 0.4))
def any_ends_at_the_first(x, y, z):
    seen = []

    def is_large(each):
        seen.append(each)
        return each > 1

    found = any(is_large(each) for each in (x, y, z))
    small = all(is_large(each * 2) for each in (x, y, z))
    return sum(seen) * (2 if found else x) * (3 if small else 1)


@program((0.7, 1.3, 0.4))
def any_of_map_ends_at_the_first(x, y, z):
    seen = []

    def is_large(each):
        seen.append(each)
        return each > 1

    return any(map(is_large, (x, y, z))) * sum(seen) * z


@program(([0.7, 1.3, 0.4, 0.9],))
def windows_are_used_up(xs):
    windows = itertools.pairwise(xs)
    first = next(windows)
    return first[0] * first[1] + sum(a * b * b for a, b in windows) + sum(a for a, _ in windows)


@program((0.7, ()), (0.7, (0.0, 0.5, 1.5)))
def filter_leaves_out_zeros(x, weights):
    total = x
    for weight in filter(None, weights):
        total = total * weight + x
    return total


@program(([0.7, 1.3, 0.4],), tags=("sums",))
def means_of_generators(xs):
    factor = 2 if 3 in map(len, ("ab", "abc")) else 1
    return factor * statistics.mean(x * x for x in xs) * statistics.pvariance(map(math.sin, xs))


@program((0.7,), (1.7,))
def membership_in_an_iterator(x):
    asked = []

    def doubled(t):
        asked.append(t)
        return round(2 * t)

    found = 3 in map(doubled, [x, 2 * x, 3 * x])
    return x * x * len(asked) if found else x * len(asked)


def _raises_at_once(iterator, d, x):
    first = next(iterator)
    d["c"] = 3 * x
    try:
        next(iterator)
    except RuntimeError:
        return 2 if first == "a" else 3
    return 5


@program((0.7,))
def iterators_over_dicts_that_change_their_size(x):
    one, two, three = ({"a": x, "b": 2 * x} for _ in range(3))
    found = _raises_at_once(iter(one), one, x), _raises_at_once(map(str, two), two, x)
    found += (_raises_at_once((two[key] for key in three), three, x),)
    return sum(x**i * each for i, each in enumerate(found))


@program((0.7,))
def an_iterator_over_a_dict_that_keeps_its_size(x):
    d = {"a": x, "b": 2 * x}
    found = iter(d.items())
    d["b"] = x**2
    next(found)
    return sum(value for _, value in found) * next(reversed(d.values()))


@program((np.array([1.0, 2.5, 0.5, 3.0]), 4))
def neighbours_and_chains_of_grown_lists(x, n):
    totals = [x[0]]
    while len(totals) < n:
        totals.append(totals[-1] * x[len(totals)] + 1.0)
    growth = [after / before for before, after in itertools.pairwise(totals)]
    total = sum(v * i for i, v in enumerate(itertools.chain(growth, totals, (x[0], 2.0))))
    for before, after in itertools.pairwise(x[x > 0.7]):
        total += before * after**2
    return total + growth[-1]
