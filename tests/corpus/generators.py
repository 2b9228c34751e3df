"""Generators: loops, reductions and iterators over what they yield, in turn with what uses it."""

from __future__ import annotations

import math

import numpy as np

from tests.corpus.registry import program


def multiples(x, n):
    for i in range(n):
        yield x * i


def a_few(x):
    a = x
    yield a
    a = a * 2
    if a > 1:
        yield a * x
    else:
        return
    yield 3.0


def newton(y, x, n):
    for _ in range(n):
        x = x - (x * x - y) / (2 * x)
        yield x


def naturals(x):
    k = x
    while True:
        yield k
        k = k * x + 1


def in_order(node):
    if node is not None:
        yield from in_order(node[0])
        yield node[1]
        yield from in_order(node[2])


def chained(x, n):
    yield from multiples(x, n)
    yield from a_few(x)
    yield from [x, 2 * x]


def pairs(x, n):
    for i in range(n):
        for j in range(i):
            if (i + j) % 2:
                yield i * x, j


class Walk:
    """Methods that are generators, and change the object between their items."""

    def __init__(self):
        self.total = 0.0

    def steps(self, x):
        self.total += x
        yield self.total
        self.total *= x
        yield self.total

    def __iter__(self):
        yield self.total
        yield self.total * 2


@program((1.3, 4), (0.2, 0), order=3)
def a_loop_over_a_generator(x, n):
    total = 0.0
    for v in multiples(x, n):
        total += v**2
    return total + x


@program((1.3,), (0.3,))
def yields_in_branches(x):
    t = 1.0
    for v in a_few(x):
        t = t * v + 1
    return t


@program((1.3, 4), (0.3, 3))
def break_continue_and_else(x, n):
    t = 0.0
    for v in multiples(x, n):
        if v > 2.0:
            break
        if v > 1.0:
            continue
        t += v * x
    else:
        t = t + 100 * x
    return t + x * x


@program((1.3, 4), (0.3, 2))
def sums_of_generators(x, n):
    return sum(chained(x, n)) + max(a_few(x)) + len(list(a_few(x)))


@program((1.3, 3), (0.3, 3))
def enumerate_and_zip(x, n):
    t = 0.0
    for i, v in enumerate(multiples(x, n), 1):
        t += i * v
    for a, b in zip([1.0, 2.0, x], naturals(x)):
        t += a * b
    for a, b in zip(a_few(x), (x, x * x, 0.5)):
        t += a * b
    return t


@program((1.3,), (0.3,))
def in_turn_with_the_consumer(x):
    walk = Walk()
    t = 0.0
    for v in walk.steps(x):
        walk.total += v * v
        t += v
    for v in walk:
        t += v
    return t + walk.total


@program((1.3, 4))
def generator_expressions(x, n):
    squares = (v * v for v in multiples(x, n))
    k = x
    scaled = (v * k for v in (1.0, 2.0))
    k = x * x
    return sum(squares) * x + sum(scaled) + sum(v for v in a_few(x) if v > 2)


@program((1.3,))
def a_generator_expression_after_a_branch(x):
    k = x
    scaled = (v * k for v in (1.0, 2.0))
    if x > 0:
        k = 3 * x
    return sum(scaled)


def first_above(x, n):
    for v in multiples(x, n):
        if v > 2.0:
            return v
    return x * x


@program((1.3, 4), (0.3, 4))
def returns_from_a_loop_over_a_generator(x, n):
    return first_above(x, n) * 2


@program((1.3, 4), (2.0, 2))
def the_last_item(x, n):
    last = x
    for last in newton(x, x, n):  # noqa: B007
        pass
    return last


@program((1.3,))
def recursive_generators(x):
    return sum(v**2 for v in in_order(((None, x, None), 2 * x, (None, x * x, None))))


@program((1.3,))
def generators_that_are_closures(x):
    def inner(k):
        for i in range(2):
            yield k * x + i

    a, b = inner(2.0)
    return a * b + sum(map(lambda v: v * v, inner(3.0)))


@program((1.3, 5))
def loops_in_a_generator(x, n):
    t = 0.0
    for a, j in pairs(x, n):
        if j > 1:
            break
        t += a * j + math.sin(a)
    return t


@program((1.3,))
def a_generator_that_is_used_up(x):
    g = a_few(x)
    return sum(g) * x + sum(g)


def consumed(items):
    t = 0.0
    for v in items:
        t += v * v
    return t


@program((1.3, 3))
def a_generator_as_an_argument(x, n):
    return consumed(multiples(x, n)) + consumed(v * 2 for v in [x, x * x])


@program((1.3,))
def next_of_a_generator(x):
    items = multiples(x, 3)
    a = next(items)
    b = next(items)
    return (a + b) * next(newton(x, x, 3)) + next(iter([x])) + next((v for v in (x, 1.0)), 0.0)


@program((np.array([0.5, -1.0, 2.0]),))
def rows_of_arrays(x):
    def rows():
        for i in range(3):
            yield x * x[i]

    total = np.zeros(3)
    for row in rows():
        total += row
        total[0] *= 0.5
    return np.sum(total * total)


@program((1.3, 3), (0.3, 2))
def generators_in_generators(x, n):
    def doubled(items):
        for item in items:
            yield item
            yield item * x

    def large(items):
        for item in items:
            if item > 1:
                yield item

    return sum(large(doubled(multiples(x, n)))) + x


TERMS = [(1.0, 2), (0.5, 3)]
SCALES = {"first": 2.0, "others": [1.5, 0.5]}


def terms(x):
    for factor, power in TERMS:
        yield factor * x**power
    for scale in SCALES["others"]:
        yield SCALES["first"] * scale * x


@program((1.3,))
def generator_that_reads_lists_from_outside(x):
    first, *rest = list(terms(x))
    total = first * rest[0]
    for term in terms(x * x):
        total += term
    return total + sum(a * b for a, b in zip(terms(x), TERMS[0]))


@program((2.5,))
def skips_in_a_handler(x):
    """A `continue` and a `break` in handlers of a loop over a generator are jumps of that loop."""
    s = 0.0
    for v in chained(x, 3):
        try:
            y = math.log(v - 0.5)
        except ValueError:
            continue
        s = s + y * v
    for v in chained(x, 3):
        match v > 4.0:
            case True:
                break
            case _:
                s = s * x
    return s
