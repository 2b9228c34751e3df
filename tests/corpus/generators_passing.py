"""Generators that pass more than items: what they return, what they are sent, and exceptions around a `yield`."""

from __future__ import annotations

import math

from tests.corpus.registry import program


def running_sums(values):
    total = 0.0
    for v in values:
        total += v
        yield total
    return total


def twice(x):
    return (yield from running_sums([x, 2.0 * x]))


def summed(x):
    a = 1.0
    a += yield from twice(x)
    b = (yield from twice(a)) * a
    yield a * b


class Node:
    def __init__(self, value, kids=()):
        self.value, self.kids = value, kids


def walk(node):
    total = node.value
    for kid in node.kids:
        total += 0.5 * (yield from walk(kid))
    yield total
    return total


def at_times(x):
    yield x
    if x > 1.0:
        return 2.0 * x
    yield x * x


@program((0.7,), (1.4,))
def results_of_generators(x):
    s = 0.0
    for i in range(2):
        for v in summed(x + i):
            s = s * x + v
    s = s + sum(v * v for v in walk(Node(x, (Node(2 * x), Node(x * x, (Node(3.0),))))))
    g = summed(x)
    s = s + next(g) * next(g) + next(g)
    s = s + sum(a * b for a, b in zip(summed(x), summed(2.0 * x)))
    g = at_times(x)
    while True:
        try:
            s = s + next(g)
        except StopIteration as end:
            if end.value is not None:
                s = s * end.value
            break
    return s


def average():
    total, n, mean = 0.0, 0, None
    while True:
        value = yield mean
        total += value
        n += 1
        mean = total / n


def integrator(y, f):
    while True:
        dt = yield y
        if dt is None:
            dt = 0.1
        y = y + dt * f(y)


@program((0.7,), (1.4,))
def sends_to_generators(x):
    mean = average()
    next(mean)
    s = 0.0
    for k in range(4):
        s = s + mean.send(x * k) * x
    mean.close()
    g = integrator(x, math.sin)
    next(g)
    return s + g.send(0.2) * next(g)


def logs(values):
    for v in values:
        try:
            yield math.log(v)
        except ValueError:
            yield 0.25


def until_one_fails(values):
    n = 0.0
    try:
        for v in values:
            n += 1.0
            yield math.sqrt(v) / n
    except ValueError as error:
        yield 0.5 * len(str(error))
    yield n


def some(values):
    for v in values:
        try:
            y = math.sqrt(v)
            yield y
            z = math.log(v - 1.0)
        except ValueError:
            continue
        else:
            yield z


def pulled(values):
    it = iter(values)
    while True:
        try:
            v = next(it)
        except StopIteration:
            return
        yield v


@program((0.7,), (1.4,))
def handlers_around_a_yield(x):
    """What the loop's own statements raise is not for the generator's handlers."""
    s = 0.0
    for v in until_one_fails([x, 2 * x, -x, 3.0]):
        s = s * x + v
    s = s + sum(v * v for v in logs([x, -1.0, 2 * x])) + sum(v * x for v in pulled([x, x * x]))
    g = logs([x, -1.0])
    s = s + next(g) * next(g)
    for v in some([x, -1.0, 3.0 * x, 2.0]):
        if v > 1.5:
            break
        s = s + v * v
    try:
        for v in logs([2.0 * x, x - 1.0, 5.0 * x]):
            s = s + v
            s = s * math.log(v + 0.2)
    except ValueError:
        s = s * x
    return s


class Series:
    def __init__(self, a):
        self.__a = a

    def scaled(self, x):
        if x > 1.0:
            x = 0.5 * x
        return self.__a * x

    def items(self):
        yield self.__a
        yield self.__a * 2.0


class Squares(Series):
    def __init__(self, a):
        super().__init__(a)
        self.__a = 5.0

    def scaled(self, x):
        if x > 1.0:
            x = 2.0 * x
        return super().scaled(x) + self.__a

    def items(self):
        for v in super().items():
            yield v * v + self.__a
        yield from super().items()

    def total(self):
        return sum(self.items()) * self.__a


class Further(Squares):
    def items(self):
        yield from super().items()
        yield 3.0

    def total(self):
        s = 0.0
        for v in super().items():
            s = s + v
        return s * super().total()


@program((0.7,), (1.4,), tags=("sums",))
def methods_that_yield(x):
    """What `super()` and private names mean is said by the class of the generator, not by that of the loop."""
    further = Further(x)
    s = further.total() + further.scaled(x) + sum(further.scaled(v) for v in further.items())
    for v in Series(x).items():
        s = s * x + v
    g = Squares(x).items()
    return s + next(g) * next(g) * next(g)


def scaled(values, factor):
    count = len(values)
    return (v * factor for v in values for _ in range(count) if v > 0.1)


class Vector:
    def __init__(self, *items):
        self.items = list(items)

    def __iter__(self):
        return (item for item in self.items)

    def __add__(self, other):
        return Vector(*(a + b for a, b in zip(list(self), list(other))))


@program((0.7,), (-1.4,))
def generator_expressions_that_are_returned(x):
    """They take along the variables of the function that has returned."""
    values = [x, 2 * x]
    later = scaled(values, x)
    values.append(x * x)
    total = sum(later)
    for i in range(3):
        total += sum(v * i for v in scaled([x + i, 0.5], total))
    for item in Vector(x, total) + Vector(x * x, 1.0):
        total = total * item + 1
    return total
