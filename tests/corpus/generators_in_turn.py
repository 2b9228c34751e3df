"""Generators that are run item by item: several in one `zip`, `next`, a loop that goes on where another one stopped."""

from __future__ import annotations

import itertools

import numpy as np

from tests.corpus.registry import program


def powers(x):
    a = 1.0
    while True:
        yield a
        a *= x


def terms(x, n):
    a = x
    for i in range(n):
        yield a
        a *= x + 0.1 * i


@program((0.7, 6))
def two_generators_in_turn(x, n):
    return sum(a * b for a, b in zip(terms(x, n), terms(2.0 * x, n + 1)))


@program((0.7, 5))
def three_in_turn(x, n):
    total = 0.0
    for a, i, b in zip(terms(x, n), range(n + 2), powers(x)):
        total += a * b + i * b
    return total


@program((0.7,))
def pairs_that_are_numbered(x):
    total = 0.0
    for i, (a, b) in enumerate(zip(powers(x), [x, 2.0 * x, x * x])):
        total += (i + 1) * a * b
    return total


@program((0.7,))
def items_one_by_one(x):
    numbers = powers(x)
    next(numbers)
    first, second = next(numbers), next(numbers)
    return first * second + next(numbers)


@program((0.7, 4))
def items_in_a_loop(x, n):
    numbers, total = powers(x), 0.0
    for i in range(n):
        total += i * next(numbers)
    return total


@program((0.7, 5))
def goes_on_where_it_stopped(x, n):
    numbers, total = terms(x, n), 0.0
    for number in numbers:
        total += number
        if number < 0.4:
            break
    for number in numbers:
        total += number * number
    return total + next(numbers, x)


@program((0.7, 4))
def parts_of_endless_ones(x, n):
    return (
        sum(itertools.islice(powers(x), n))
        + sum(itertools.islice(powers(x), 1, 6, 2))
        + sum(itertools.takewhile(lambda v: v > 0.2, powers(x)))
        + sum(itertools.dropwhile(lambda v: v > 0.4, terms(x, n)))
        + sum(itertools.chain(terms(x, n), [x, 2.0 * x], terms(x * x, 2)))
        + sum(itertools.accumulate(terms(x, n)))
        + sum(itertools.accumulate(terms(x, n), lambda a, b: a * b))
    )


@program((0.7,))
def what_it_changes_is_seen_in_turn(x):
    box = [x]

    def doubled():
        yield box[0]
        box[0] = box[0] * 2.0
        yield box[0]

    numbers = doubled()
    first = next(numbers)
    box[0] = box[0] + x * x
    return first * next(numbers) + box[0]


@program((0.7, 4), (0.7, 9))
def a_finally_around_a_yield(x, n):
    seen = {"left": 0.0}

    def guarded():
        value = x
        try:
            for _ in range(n):
                yield value
                value *= 1.1
        finally:
            seen["left"] = value

    total = 0.0
    for value in guarded():
        if value > 1.2:
            break
        total += value * value
    return total + seen["left"]


class Multiples:
    """An iterator of a class of its own."""

    def __init__(self, x, n):
        self.x = x
        self.n = n
        self.i = 0

    def __iter__(self):
        return self

    def __next__(self):
        if self.i >= self.n:
            raise StopIteration
        self.i += 1
        return self.x * self.i


@program((0.7, 4))
def an_iterator_of_the_users(x, n):
    total = 0.0
    for value in Multiples(x, n):
        total += value * value
    return total + sum(Multiples(x * x, 3)) + next(Multiples(x, 1))


class Polynomial:
    """Goes through the terms of a polynomial by a generator."""

    def __init__(self, *coefficients):
        self.coefficients = coefficients

    def __iter__(self):
        for i, c in enumerate(self.coefficients):
            yield i, c

    def __call__(self, x):
        return sum(c * p for (_, c), p in zip(self, powers(x)))


@program((0.7,))
def a_generator_for_iter(x):
    p = Polynomial(x, 2.0, x * x)
    total = p(x)
    for i, c in p:
        total += i * c
    return total


def turning(x, n):
    for i in range(n):
        yield x
        y = x * i
        yield y * y
        x = 0.5 * y + x
    else:
        yield -x
    while x > 0.1:
        yield x
        x *= 0.3


def sums(items):
    total = 0.0
    for each in items:
        total += each
        yield total


@program((0.7, 3))
def turns_with_several_yields(x, n):
    items = turning(x, n)
    total = next(items)
    for item in items:
        total = total * 0.7 + item * item
    return total + next(items, x)


@program((0.7, 2))
def a_pipeline_of_generators(x, n):
    items = sums(terms(x, n))
    first, second = next(items), next(items, 1.0)
    return first * second + sum(each * each for each in items)


@program((0.7, 3))
def items_that_are_put_back(x, n):
    items = terms(x, n)
    first = next(items)
    return sum(a * b for a, b in zip(itertools.chain([first, 2.0 * first], items), powers(x)))


class Countdown:
    """An iterator that starts anew with each loop."""

    def __init__(self, x, n):
        self.x, self.n, self.left = x, n, n

    def __iter__(self):
        self.left = self.n
        return self

    def __next__(self):
        if self.left == 0:
            raise StopIteration
        self.left -= 1
        return self.x**self.left


@program((0.7,))
def an_iterator_that_starts_anew(x):
    items = Countdown(x, 3)
    total = next(items)
    for item in items:
        total += item
    return total * sum(a * b for a in list(items) for b in list(items)) + sum(items)


@program((0.7,))
def keys_in_turn(x):
    table = {"a": x, "bb": x * x}
    names = (name for name in table)
    return table[next(names)] * sum(table[name] * len(name) for name in names)


@program((0.7,))
def one_iterator_twice(x):
    items = iter([x, 2.0 * x, x * x, 3.0])
    total = 0.0
    for item in items:
        total += item * next(items)
    pairs = Countdown(x, 4)
    return total + sum(a * b for a, b in zip(pairs, pairs))


@program((np.array([0.5, -1.0, 2.0]),))
def iterators_without_end(x):
    weights = itertools.cycle([1.0, x[0], 3.0])
    total = sum(next(weights) * i for i in range(7))
    for t in itertools.count(0.5, x[2]):
        if t > 6:
            break
        total += t * x[0]
    first, second = itertools.tee(x)
    next(second)
    total += sum(u * v for u, v in zip(first, second))
    total += sum(map(pow, x, itertools.repeat(2))) * sum(itertools.islice(itertools.count(1), 3))
    return total
