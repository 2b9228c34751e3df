"""`match`, `with`, `try`, functions that take functions, calls of libraries: what they do, and what is refused."""

from __future__ import annotations

import contextlib
import functools
import itertools
import math
import operator
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import ast_ad
from ast_ad.errors import AutodiffError, KindError, UnsupportedSyntaxError
from tests.frontend.support import agree, from_text, lowered


def handled(x):
    try:
        if x > 2:
            raise KeyError("large")
        y = math.sqrt(x) / (x - 1)
    except (ValueError, KeyError) as error:
        print(error)
        return -1.0
    except ZeroDivisionError:
        y = 5.0
    else:
        y += 1
    finally:
        print("done")
    return y


def not_handled(x):
    try:
        return math.sqrt(x)
    except ZeroDivisionError:
        return 0.0


def raised_again(x):
    try:
        return 1 / x
    except ZeroDivisionError:
        raise
    finally:
        x = 3.0


def nested_handlers(x):
    try:
        try:
            return math.log(x)
        except ZeroDivisionError:
            return 1.0
        finally:
            x = x + 1
    except ValueError:
        return x


def left_in_a_loop(x, n):
    total = 0.0
    for i in range(n):
        try:
            if i == 2:
                break
            total += 1 / (x - i)
        except ZeroDivisionError:
            continue
        finally:
            total += 10
    return total


def matched(x, n):
    match n, x:
        case 0, _:
            return x
        case k, y if k > y:
            return k * y
        case 1 | 2, y:
            x = y + 1
    return x


@contextlib.contextmanager
def doubled(x):
    print("before")
    y = yield x * 2
    print("after", y)


def in_context(x):
    with doubled(x) as y, contextlib.suppress(ZeroDivisionError):
        return 1 / y
    return x


CASES: list[tuple[Callable[..., Any], tuple[Any, ...]]] = [
    *[(handled, (x,)) for x in (0.5, 1.0, -1.0, 3.0)],
    *[(not_handled, (x,)) for x in (4.0, -4.0)],
    *[(raised_again, (x,)) for x in (4.0, 0.0)],
    *[(nested_handlers, (x,)) for x in (4.0, -1.0)],
    *[(left_in_a_loop, (x, 4)) for x in (0.5, 1.0)],
    *[(matched, (1.5, n)) for n in (0, 1, 2, 3)],
    *[(in_context, (x,)) for x in (2.0, 0.0)],
]


@pytest.mark.parametrize(("fun", "args"), CASES, ids=lambda value: getattr(value, "__name__", str(value)))
def test_the_lowered_function_agrees(fun: Callable[..., Any], args: tuple[Any, ...]) -> None:
    agree(fun, *args)


HEAD = """
import contextlib, functools, itertools, math, operator, os
import numpy as np
def checked(x):
    if x < 1:
        raise ValueError("small")
    return x
@contextlib.contextmanager
def no_yield(x):
    return x
"""


@pytest.mark.parametrize(
    ("body", "error", "message"),
    [
        (
            "xs = [x]\ntry:\n    xs[0] += checked(x) if x > 0 else x\nexcept ValueError:\n    pass",
            None,
            "in the middle of a statement",
        ),
        ("try:\n    print(x, 1 / x, 2 / (x - 1))\nexcept x:\n    pass", None, "exception class"),
        ("with np.errstate(divide=os.getenv('HOME')):\n    pass", None, "takes constants"),
        ("with no_yield(x):\n    pass", None, "has no `yield`"),
        ("match x, n:\n    case (1.0, k) | (k, 1):\n        x = k", None, "which alternative"),
        ("match np.array([x]):\n    case 1.0:\n        pass", KindError, "an array is compared"),
        ("match x:\n    case n():\n        pass", None, "class of a pattern"),
        ("x = operator.attrgetter(str(n))(x)", None, "name of an attribute"),
        ("x = list(itertools.islice([x, x], n))[0]", None, "has to be known when lowering"),
        ("fs = [lambda: k for k in (1, 2)]\nx = fs[0]() * x", None, "variable of a comprehension"),
    ],
)
def test_what_is_refused_has_a_place_and_a_remedy(body: str, error: type[Exception] | None, message: str) -> None:
    lines = "".join(f"    {line}\n" for line in body.split("\n"))
    fun = from_text(f"{HEAD}def f(x, n):\n{lines}    return x\n")
    with pytest.raises(error or UnsupportedSyntaxError, match=message) as caught:
        lowered(fun, 1.5, 3)
    assert isinstance(caught.value, AutodiffError)
    assert caught.value.where is not None
    assert caught.value.help or error is KindError


def test_functions_that_take_functions() -> None:
    def fun(x):
        steps = [functools.partial(operator.mul, x), math.sin, functools.partial(pow, 2.0)]
        folded = functools.reduce(lambda value, step: step(value), steps, x)
        running = list(itertools.accumulate([x, 2.0, 3.0], lambda a, b: a * b + x))
        return (
            folded,
            running,
            list(map(operator.itemgetter(1), [(1, x), (2, folded)])),
            sorted([3, 1, 2], reverse=True),
        )

    agree(fun, 1.5)


def test_a_derivative_that_calls_itself_by_its_name_is_refused() -> None:
    fun = from_text("import ast_ad\n@ast_ad.grad\ndef f(x):\n    return x * x if x > 1 else f(x + 1.0)\n")
    with pytest.raises(UnsupportedSyntaxError, match="`f` calls itself by the name of its derivative") as caught:
        fun(0.5)
    assert "df = grad(f)" in caught.value.help


def test_contexts_of_numpy_hold_for_both_sweeps() -> None:
    import ast_ad

    def fun(x):
        with np.errstate(all="ignore"):
            y = np.where(x > 0, np.log(x), 0.0)
        return np.sum(y)

    with np.errstate(all="raise"):
        gradient = ast_ad.grad(fun)(np.array([2.0, 0.0]))
    assert gradient[0] == 0.5


def replaced_at_the_end(x):
    try:
        if x < 1:
            raise ValueError("first")
    finally:
        if x < 1:
            raise KeyError("last")
    return x


def raised_again(x):
    try:
        return 1 / (x - 0.5)
    except ArithmeticError:
        raise


@pytest.mark.parametrize("fun", [replaced_at_the_end, raised_again])
def test_the_derivative_ends_with_the_same_exception(fun):
    with pytest.raises(Exception) as expected:
        fun(0.5)
    with pytest.raises(type(expected.value)) as found:
        ast_ad.grad(fun)(0.5)
    assert str(found.value) == str(expected.value)
