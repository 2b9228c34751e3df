"""Generators: what is refused, and where."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from ast_ad import UnsupportedSyntaxError, grad


def items(x, n):
    for i in range(n):
        yield x * i


def sends(x):
    y = yield x
    yield y + x


def returns(x):
    yield x
    return x


def tries(x):
    try:
        yield x
    except ValueError:
        yield 2 * x


def uses_send(x, n):
    g = sends(x)
    return g.send(x)


def uses_a_value(x, n):
    return sum(returns(x))


def uses_try(x, n):
    return sum(tries(x))


class Source:
    def __init__(self, items):
        self.items = items

    def take(self):
        return next(self.items)


def takes_inside(x, n):
    numbers = items(x, n)
    source, total = Source(numbers), 0.0
    for number in numbers:
        total += number * source.take()
    return total


def how_many(x, n):
    return next(items(x, n))


@pytest.mark.parametrize(
    ("fun", "message", "text"),
    [
        (uses_send, "the attribute `send`", "g.send"),
        (uses_a_value, "a generator returns a value", "return x"),
        (takes_inside, "asked for an item while a loop runs it", "return next(self.items)"),
        (uses_try, "a `yield` stands where it is not supported", "try:"),
    ],
)
def test_refused(fun: Callable[..., object], message: str, text: str) -> None:
    with pytest.raises(UnsupportedSyntaxError, match=message) as caught:
        grad(fun)(1.5, 3)
    assert text in caught.value.where.text  # type: ignore[attr-defined]


def test_a_generator_has_no_derivative() -> None:
    with pytest.raises(UnsupportedSyntaxError, match="a generator has no derivative"):
        grad(items)
