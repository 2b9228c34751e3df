"""Programs with tuples whose length is known only when it runs."""

from __future__ import annotations

import functools
import operator

import numpy as np

from tests.corpus.registry import program

X = np.array([0.7, 1.3, 0.4, 2.1])


def squares_above(x, limit):
    found = []
    for v in x:
        if v > limit:
            found.append(v * v)
    return tuple(found)


def places_above(x, limit):
    return tuple([i for i in range(len(x)) if x[i] > limit])


@program((X,))
def rows_are_stacked(x):
    rows = []
    for v in x:
        if v > 0.5:
            rows.append(x * v)
    both = tuple(rows)
    return np.sum(np.vstack(both) ** 2) + np.sum(np.stack(both, axis=1)[0]) + np.sum(np.concatenate(both, axis=0))


@program((X, 0.5), (X, 1.0))
def a_function_returns_one(x, limit):
    found = squares_above(x, limit)
    total = found[0] * len(found)
    for i, v in enumerate(found):
        total += v * (i + 1)
    for v in reversed(found):
        total = total * 0.5 + v
    return total


@program((X, 0.5))
def all_of_one_is_used(x, limit):
    found = squares_above(x, limit)
    first, *others = found
    others.append(first)
    return (
        max(found) * min(found)
        + sum(found)
        + sorted(found)[-1]
        + functools.reduce(operator.mul, found)
        + sum(v * w for v, w in zip(found, places_above(x, limit)))
        + sum(others) * others[0]
    )


@program((X, 0.5))
def added_repeated_and_cut(x, limit):
    found = squares_above(x, limit)
    same = found
    found += (x[0],)
    found = found[1:] + (x[1], x[2]) + found[:1]
    twice = 2 * found
    return sum(same) * twice[-1] + sum(twice[::2])


@program((X, 0.5), (X, 1.0))
def compared(x, limit):
    places = places_above(x, limit)
    total = x[0]
    if places == (1, 3):
        total = total * x[1]
    if places != (0, 1, 3) and places != [1, 3]:
        total = total * x[3]
    if places == places_above(x, limit) and 3 in places:
        total = total + x[3] * places.index(3) + places.count(1)
    return total


@program((X, 0.5))
def asked_for_its_class(x, limit):
    found = squares_above(x, limit)
    if isinstance(found, list) or hasattr(found, "append"):
        return x[0]
    if isinstance(found, tuple) and type(found) is tuple:
        return found[0] * 3
    return x[1]


@program((X, 0.5))
def not_changed(x, limit):
    found = squares_above(x, limit)
    try:
        found[0] = 1.0
    except TypeError:
        return found[0] * 2
    return found[0]


@program((X, 0.5))
def grows_in_a_loop(x, limit):
    found = ()
    for v in x:
        if v > limit:
            found = found + (v * 2,)
    return sum(found) * found[-1] + len(found)


@program((0.7, 5.0), (6.0, 5.0))
def grows_until_it_is_large(x, limit):
    path = (x,)
    while path[-1] < limit:
        path += (path[-1] * 1.5 + x,)
    return sum(path) * len(path)


@program((X,))
def shrinks_in_a_loop(x):
    left = (x[0], x[1], x[2], x[3])
    while len(left) > 1:
        left = left[1:] if left[0] > 1.0 else left[:-1]
    return left[0] * x[1]


@program((X,))
def of_two_lengths(x):
    if x[0] > 0.5:
        pair = (x[0], x[1])
    else:
        pair = (x[2],)
    return sum(pair) * len(pair)


@program((X, 1.0))
def of_pairs_and_of_vectors(x, limit):
    pairs, rows = (), ()
    for i in range(len(x)):
        if x[i] > limit:
            pairs += ((i, x[i]),)
            rows += (x * i,)
    return sum(i * v for i, v in pairs) + np.sum(np.stack(rows) ** 2)


@program((X,))
def passed_down_a_recursion(x):
    def chosen(i, found):
        if i == len(x):
            return sum(found) * found[0]
        return chosen(i + 1, found + (x[i],) if x[i] > 0.5 else found)

    return chosen(0, squares_above(x, 1.0))


@program((X, 1.0))
def columns_at_a_tuple_of_places(x, limit):
    places = places_above(x, limit)
    table = np.outer(x, x)
    return np.sum(table[:, places] ** 2) + np.sum(np.take(x, places)) + np.sum(table[list(places)])


class Path:
    def __init__(self, x, limit):
        self.found = squares_above(x, limit)

    def total(self):
        return sum(self.found) * self.found[0]


@program((X, 0.5))
def held_by_an_object(x, limit):
    return Path(x, limit).total()
