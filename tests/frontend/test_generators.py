"""Generators: what is refused, and where."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from ast_ad import UnsupportedSyntaxError, grad


def items(x, n):
    for i in range(n):
        yield x * i


def catches_everything(x):
    try:
        yield x
    except:  # noqa: E722
        yield 2 * x


def throws(x, n):
    g = items(x, n)
    return g.throw(ValueError)


def keeps(x):
    try:
        yield x
    except ValueError:
        yield 0.0


def closes(x, n):
    g = keeps(x)
    y = next(g)
    g.close()
    return y


def uses_try(x, n):
    return sum(catches_everything(x))


def chosen(x):
    y = x if x > 1.0 else (yield x)
    yield y


def uses_a_choice(x, n):
    return sum(chosen(x))


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


def takes_of_one_of_two(x, n):
    numbers = items(x, n) if x > 1 else keeps(x)
    return next(numbers)


def one_of_two(x, n):
    return items(x, n) if x > 1 else keeps(x)


def goes_through_one_of_two(x, n):
    return sum(one_of_two(x, n))


def how_many(x, n):
    return next(items(x, n))


@pytest.mark.parametrize(
    ("fun", "message", "text"),
    [
        (throws, "the attribute `throw`", "g.throw"),
        (closes, "a generator with `try` or `with` is closed", "g.close"),
        (uses_a_choice, "a `yield` stands where it is not supported", "else (yield x)"),
        (takes_inside, "asked for an item while a loop runs it", "return next(self.items)"),
        (takes_of_one_of_two, "one generator or another", "return next(numbers)"),
        (goes_through_one_of_two, "one iterator or another", "sum(one_of_two(x, n))"),
        (uses_try, "a handler around a `yield` catches everything", "except:"),
    ],
)
def test_refused(fun: Callable[..., object], message: str, text: str) -> None:
    with pytest.raises(UnsupportedSyntaxError, match=message) as caught:
        grad(fun)(1.5, 3)
    assert text in caught.value.where.text  # type: ignore[attr-defined]


def test_a_generator_has_no_derivative() -> None:
    with pytest.raises(UnsupportedSyntaxError, match="a generator has no derivative"):
        grad(items)
