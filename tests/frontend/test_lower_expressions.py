"""Expressions: every operator, short circuits, containers of known structure, builtins."""

# The programs are written in every way that people write.
# ruff: noqa: C409, C410

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from ast_ad.errors import KindError, MissingRuleError, UnsupportedSyntaxError
from ast_ad.frontend.lower import Argument, lower
from ast_ad.ir.kinds import UNKNOWN
from ast_ad.ir.nodes import Lit, Op, walk
from ast_ad.trees import LEAF
from tests.frontend.support import agree, from_text, lowered, size


def arithmetic(x, y, n):
    return x + y - x * y / 2.0, x // y, x % y, x**n, -x, +y


def integers(n, m):
    return n & m, n | m, n ^ m, n << 2, n >> 1, ~n, n // m, n % m, n**2


def comparisons(x, y):
    return x < y, x <= y, x > y, x >= y, x == y, x != y


def chained(x, y):
    return x < y < x * 3 < 10.0


def chained_in_a_test(x, y):
    if 0 < x <= y:
        return x
    return y


def evaluated_once(x):
    def noisy(v):
        print("noisy", v)
        return v

    return 0 < noisy(x) < 2


def values_of_and_or(x, y):
    return x and y, x or y, (x and y) or 3.0, not x


def short_circuit(x):
    return x > 0 and 1 / x > 0.5


def guarded_division(x):
    if x == 0 or 1 / x > 2:
        return 1.0
    return x


def conditional(x, y):
    return x if x > y else y * 2 if y > 3 else -y


def walrus(x):
    if (y := x * 2) > 3:
        return y
    return x + y


def walrus_in_and(x):
    if x > 0 and (y := x * 2) > 3:
        return y
    return x


def tuples(x, y):
    t = (x, (y, 3), [x * y, 2])
    first, *rest = t
    return first + t[-1][0] * t[1][1], t[1:][0], len(t), len(rest), (x, *t[1], y)


def dicts(x, y):
    p = {"w": x, "b": y}
    q = {**p, "b": p["b"] * 2}
    total = 0.0
    for name, value in q.items():
        total += value * len(name)
    return total + sum(q.values()) + q.get("none", 3.0) + ("w" in q)


def builtins_of_numbers(x, y, n):
    return (
        *(abs(x), min(x, y), max(x, y, 1.0), min((x, y, 2.0)), sum((x, y, x)), sum([x], y)),
        *(pow(x, n), divmod(x, y), round(x), round(x, 1), float(n), int(x), bool(x), complex(x, y)),
    )


def structure(x, y):
    s = 0.0
    for i, (a, b) in enumerate(zip((x, y), reversed([x, y])), start=1):
        s += i * a * b
    return s, tuple([x, y]), list((x,)), len("abc")


def complex_parts(z):
    return z.real, z.imag, z.conjugate(), abs(z)


def type_tests(x, n):
    y = x if isinstance(x, float) else x * 2
    if isinstance(n, (bool, complex)) or x is None:
        y = 0
    if type(n) is int:
        y = y + n
    return y


def membership(n):
    return n in (1, 2, 3), n not in [4, 5]


def equality(x, y):
    return (x, y) == (y, x), (x, 1) != (x, 1), "a" == "b"


def formatted(x):
    width = 8
    print(f"{{{x:{width}.2f}}} {x!r} {'text'}")
    return str(x) == "1.5"


def infinite(x):
    return min(x, float("inf"), math.inf) + math.pi + np.pi


def numpy_scalar(x):
    return np.sin(x) * 2 + x / 3


def concatenated(x):
    return (x,) + (2.0,) * 2 + (x * 2,)


CASES: list[tuple[Callable[..., Any], tuple[Any, ...]]] = [
    (arithmetic, (7.5, 2.0, 3)),
    (arithmetic, (7, 2, 3)),
    (integers, (13, 6)),
    *[(comparisons, args) for args in ((1.0, 2.0), (2.0, 2.0), (math.nan, 1.0))],
    *[(chained, args) for args in ((1.0, 2.0), (2.0, 1.0), (1.0, 4.0), (5.0, 6.0))],
    *[(chained_in_a_test, args) for args in ((1.0, 2.0), (2.0, 1.0), (-1.0, 4.0))],
    *[(evaluated_once, (x,)) for x in (1.0, 3.0, -1.0)],
    *[(values_of_and_or, args) for args in ((1.0, 2.0), (0.0, 2.0), (1.0, 0.0), (0.0, 0.0))],
    *[(short_circuit, (x,)) for x in (1.0, 4.0, 0.0)],
    *[(guarded_division, (x,)) for x in (1.0, 0.1, 0.0)],
    *[(conditional, args) for args in ((1.0, 0.0), (1.0, 2.0), (1.0, 4.0))],
    *[(walrus, (x,)) for x in (1.0, 2.0)],
    *[(walrus_in_and, (x,)) for x in (1.0, 2.0, -1.0)],
    (tuples, (1.5, 2.0)),
    (dicts, (1.5, 2.0)),
    (builtins_of_numbers, (1.5, 2.0, 3)),
    (builtins_of_numbers, (2.0, 2.0, 3)),
    (structure, (1.5, 2.0)),
    (complex_parts, (1 + 2j,)),
    (complex_parts, (1.5,)),
    (type_tests, (1.5, 2)),
    *[(membership, (n,)) for n in (1, 3, 4)],
    *[(equality, args) for args in ((1.0, 1.0), (1.0, 2.0))],
    *[(formatted, (x,)) for x in (1.5, 2.0)],
    (infinite, (1.5,)),
    (numpy_scalar, (np.float64(1.5),)),
    (numpy_scalar, (np.float32(1.5),)),
    (concatenated, (1.5,)),
]


@pytest.mark.parametrize(("fun", "args"), CASES, ids=lambda value: getattr(value, "__name__", str(value)))
def test_the_lowered_function_agrees(fun: Callable[..., Any], args: tuple[Any, ...]) -> None:
    agree(fun, *args)


def test_literals_of_the_user_stay_as_they_are_written() -> None:
    def fun(x):
        return 2.0 * 3.0 * x + (1 + 2)

    ops = [s for s in walk(lowered(fun, 1.0).function.body) if isinstance(s, Op)]
    assert ops[0].args == (Lit(2.0), Lit(3.0))
    assert ops[-1].args[1] == Lit(3)


def test_unknown_kinds_are_lowered() -> None:
    def fun(x, y):
        z = x * y
        if z > 1:
            z = math.sin(z)
        return z

    result = lower(fun, [Argument("x", LEAF, (UNKNOWN,)), Argument("y", LEAF, (UNKNOWN,))])
    assert size(result) == 4


@pytest.mark.parametrize(
    ("text", "error", "message"),
    [
        ("x + (1, 2)", KindError, "a float and a tuple of 2 items"),
        ("x < 1j", KindError, "not supported between"),
        ("(x, 'a')[int(x)]", UnsupportedSyntaxError, "indexed by a number that is known only when it runs"),
        ("x[0]", KindError, "has no items"),
        ("x.shape", UnsupportedSyntaxError, "the attribute `shape` of a float"),
        ("x(1)", KindError, "a float cannot be called"),
        ("x is -x", UnsupportedSyntaxError, "identity of numbers"),
        ("eval('x')", MissingRuleError, "no derivative rule for `eval`"),
        ("range(x)", KindError, "`range` takes integers, and this is a float"),
        ("range(1, 2, 3, 4)", KindError, "one to three"),
        ("dict([(1, x, 2)])", KindError, "takes a dict or pairs"),
        ("pow(2, 3, 5)", UnsupportedSyntaxError, "modulus"),
        ("undefined_name", Exception, "`undefined_name` is not defined"),
    ],
)
def test_what_cannot_be_lowered_is_refused_with_its_place(text: str, error: type[Exception], message: str) -> None:
    fun = from_text(f"import math\ndef f(x):\n    y = {text}\n    return y\n")
    with pytest.raises(error, match=message) as caught:
        lowered(fun, 1.0)
    assert caught.value.where is not None and caught.value.where.line in (2, 3)


def test_callables_are_told_from_numbers() -> None:
    def fun(x):
        inner = lambda: x  # noqa: E731
        return (callable(inner), callable(math.sin), callable(None), callable(x.conjugate))

    agree(fun, 1.5)
