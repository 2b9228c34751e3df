"""Derivatives that are taken inside a function: lowered, they compute what Python computes by calling the operators."""

from __future__ import annotations

import functools
import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import ast_ad
from ast_ad import grad, jvp, value_and_grad
from tests.frontend.support import agree, lowered


def cube(x):
    return x**3


def weighted(a, b, k=5.0):
    return a * a * b * k


def half_or_none(x):
    return x * x, (x / 2 if x > 0 else None)


def by_hand(x):
    slope = grad(cube)
    return slope(x) + slope(2 * x)


def with_closure(x):
    def inner(y):
        return x * y * y

    return grad(inner)(x)


def with_keyword_only(x):
    def inner(a, *, k):
        return a * a * k

    return grad(inner, argnums="k")(x, k=2 * x)


def in_a_loop(x):
    total = 0.0
    for i in range(4):
        total += grad(lambda y: y * y * x)(x * i)
    return total


def in_a_branch(x):
    if x > 1:
        return grad(cube)(x)
    return grad(lambda y: math.sin(y) * x)(x)


def with_a_loop_inside(x):
    def inner(y):
        out = 1.0
        for _ in range(3):
            out = out * y
        return out

    return grad(inner)(x)


def with_an_early_return(x):
    def inner(y):
        if y > x / 2:
            return y * y
        return y

    return grad(inner)(x) + grad(inner)(x / 3)


def three_deep(x):
    return grad(grad(grad(lambda y: y**5)))(x)


def three_nested(x):
    def middle(y):
        return grad(lambda z: x * y * z * z)(y) * y

    return grad(middle)(x)


def operator_as_a_value(x):
    def apply(operator, fun):
        return operator(fun)(x)

    return apply(grad, cube)


def value_too(x):
    value, slope = value_and_grad(cube)(x)
    return value + 10 * slope


def two_results(x):
    slope_a, slope_b = grad(weighted, (0, 1))(x, 3.0)
    return slope_a + 100 * slope_b


def named_results(x):
    (slope,) = grad(weighted, ["b"])(x, 3.0)
    return slope


def structured(p):
    slope = grad(lambda q: q[0] * q[1]["w"])((p, {"w": 2 * p}))
    return slope[0] + 10 * slope[1]["w"]


def forward_in_place(x):
    return jvp(cube, (x,), (2.0,))[1] + jvp(cube, [x], [x])[1]


def tangent_that_varies(x):
    return jvp(lambda a, b: a * a * b, (2.0, x), (x, x * x))[1]


def forward_of_several(x):
    (s, c), (s_dot, c_dot) = jvp(lambda y: (math.sin(y), math.cos(y)), (x,), (1.0,))
    return s * c_dot - c * s_dot


def forward_in_reverse(x):
    return grad(lambda y: jvp(cube, (y,), (1.0,))[1])(x)


def complex_inside(x):
    return grad(lambda z: (z * z).real)(x * 1j).imag


def by_keyword(x):
    return grad(fun=weighted, argnums="b")(x, b=2.0) if x < 0 else grad(argnums=0, fun=cube)(x)


@pytest.mark.parametrize(
    ("fun", "value", "slope"),
    [
        (by_hand, 15 * 1.5**2, 30 * 1.5),
        (with_closure, 2 * 1.5**2, 4 * 1.5),
        (with_keyword_only, 1.5**2, 2 * 1.5),
        (in_a_loop, 12 * 1.5**2, 24 * 1.5),
        (in_a_branch, 3 * 1.5**2, 6 * 1.5),
        (with_a_loop_inside, 3 * 1.5**2, 6 * 1.5),
        (with_an_early_return, 2 * 1.5 + 1, 2.0),
        (three_deep, 60 * 1.5**2, 120 * 1.5),
        (three_nested, 6 * 1.5**3, 18 * 1.5**2),
        (operator_as_a_value, 3 * 1.5**2, 6 * 1.5),
        (value_too, 1.5**3 + 30 * 1.5**2, 3 * 1.5**2 + 60 * 1.5),
        (two_results, 30 * 1.5 + 500 * 1.5**2, 30 + 1000 * 1.5),
        (named_results, 5 * 1.5**2, 10 * 1.5),
        (structured, 12 * 1.5, 12.0),
        (forward_in_place, 6 * 1.5**2 + 3 * 1.5**3, 12 * 1.5 + 9 * 1.5**2),
        (tangent_that_varies, 8 * 1.5**2, 16 * 1.5),
        (forward_of_several, -1.0, 0.0),
        (forward_in_reverse, 6 * 1.5, 6.0),
        (complex_inside, None, None),
        (by_keyword, 3 * 1.5**2, 6 * 1.5),
    ],
)
def test_derivatives_inside(fun: Callable[[float], float], value: float | None, slope: float | None):
    agree(fun, 1.5)
    if value is None or slope is None:
        value, slope = fun(1.5), fun(1.0)
    assert fun(1.5) == pytest.approx(value)
    assert grad(fun)(1.5) == pytest.approx(slope, abs=1e-12)
    assert jvp(fun, (1.5,), (1.0,)) == (pytest.approx(value), pytest.approx(slope, abs=1e-12))


def test_small_branch():
    agree(in_a_branch, 0.5)
    assert grad(in_a_branch)(0.5) == pytest.approx(math.cos(0.5) - 0.5 * math.sin(0.5))


@pytest.mark.parametrize("x", [np.float64(1.5), np.float32(1.5), 1.5 + 0.5j])
def test_other_kinds_of_numbers(x: Any):
    agree(lambda x: grad(lambda y: abs(y * x))(x), x)


def test_a_derivative_is_constant_in_what_it_closes_over():
    # d/dx (x * d/dy (x + y)) = 1, although the inner function varies with x.
    assert grad(lambda x: x * grad(lambda y: x + y)(1.0))(1.0) == 1.0
    assert grad(lambda x: grad(lambda y: x * x)(x))(3.0) == 0.0
    assert grad(lambda x: x * grad(lambda y: 3.0)(x))(3.0) == 0.0


def test_the_same_function_at_two_places_is_not_mixed_up():
    def f(x):
        slope = grad(lambda y: x * y * y)
        return slope(1.0) * slope(x)

    agree(f, 3.0)
    assert grad(f)(3.0) == 12 * 9.0


def test_derivatives_made_outside_and_partials_of_them():
    slope = grad(weighted, "b")
    half = functools.partial(slope, k=0.5)
    agree(lambda x: slope(x, 2.0) + half(x, 1.0), 3.0)
    assert grad(lambda x: slope(x, 2.0))(3.0) == 30.0
    assert grad(lambda x: half(x, 1.0))(3.0) == 3.0


def test_exceptions_inside_pass_through():
    def inner(y):
        if y < 2:
            raise ValueError("too small")
        return y * y

    agree(lambda x: grad(inner)(x), 1.0)
    agree(lambda x: grad(inner)(x), 3.0)


def test_defaults_inside():
    agree(lambda x: grad(weighted)(x, 2.0), 3.0)
    agree(lambda x: grad(weighted, argnums=-1)(x, 2.0, x), 3.0)


@pytest.mark.parametrize(
    "fun",
    [
        lambda x: grad(weighted, 2)(x, 2.0),
        lambda x: grad(weighted, "k")(x, 2.0),
        lambda x: grad(weighted, -1)(x, 2.0),
        lambda x: grad(weighted, 1)(x, b=2.0),
        lambda x: grad(weighted, -2)(a=x, b=2.0, k=x),
    ],
    ids=["default by position", "default by name", "default from the end", "passed by name", "from the end by name"],
)
def test_positions_inside_are_those_of_the_parameters(fun: Callable[[float], float]):
    agree(fun, 3.0)


@pytest.mark.parametrize(
    ("fun", "cls", "says"),
    [
        (lambda x: grad(lambda n: n * x)(3), ast_ad.KindError, "an int cannot be differentiated"),
        (lambda x: grad(lambda n: (n, x))(3.0), ast_ad.KindError, "a gradient needs one real number"),
        (lambda x: grad(lambda z: z * 1j)(x), ast_ad.KindError, "a gradient needs one real number"),
        (lambda x: grad(lambda n: n, 3)(x), ast_ad.KindError, "argnums names an argument that this call does not give"),
        (lambda x: grad(lambda n: n, "q")(x), ast_ad.KindError, "argnums names an argument that this call does not"),
        (lambda x: grad(lambda n: n, x)(x), ast_ad.UnsupportedSyntaxError, "argnums has to be a constant"),
        (lambda x: grad(lambda n: n, wrt=0)(x), ast_ad.UnsupportedSyntaxError, "grad takes a function and argnums"),
        (lambda x: grad()(x), ast_ad.UnsupportedSyntaxError, "grad takes a function and argnums"),
        (lambda x: value_and_grad()(x), ast_ad.UnsupportedSyntaxError, "value_and_grad takes a function and argnums"),
        (lambda x: jvp(cube, x, x)[1], ast_ad.UnsupportedSyntaxError, "jvp takes a function and two tuples"),
        (lambda x: jvp(cube, (x,))[1], ast_ad.UnsupportedSyntaxError, "jvp takes a function and two tuples"),
        (lambda x: jvp(half_or_none, (x,), (x,))[1][0], ast_ad.UnsupportedSyntaxError, "is None on some paths"),
        (lambda x: jvp(cube, (x,), ())[1], ast_ad.KindError, "1 primals and 0 tangents"),
        (lambda x: grad(cube), ast_ad.UnsupportedSyntaxError, "leaves it"),
    ],
)
def test_mistakes_inside_point_at_the_line(fun: Any, cls: type[ast_ad.AutodiffError], says: str):
    with pytest.raises(cls, match=says) as failure:
        lowered(fun, 1.5)
    assert "lambda x: " in failure.value.where.text


def test_too_many_options_are_refused():
    with pytest.raises(ast_ad.AutodiffError):
        lowered(lambda x: grad(cube, 0, 1)(x), 1.5)  # type: ignore[call-arg]


def test_assigning_outside_is_refused():
    def f(x):
        count = 0.0

        def inner(y):
            nonlocal count
            count += y
            return y * y

        return grad(inner)(x) + count

    with pytest.raises(ast_ad.UnsupportedSyntaxError, match="assigns variables outside it") as failure:
        lowered(f, 1.5)
    assert failure.value.help == "let it return them"


def test_an_argument_that_is_named_twice_is_refused():
    with pytest.raises(ast_ad.AutodiffError, match="twice"):
        lowered(lambda x: grad(weighted, (0, "a"))(x, 2.0)[0], 1.5)
