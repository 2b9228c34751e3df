"""Derivatives of derivatives, in all combinations of modes, and no confusion of their perturbations."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import pytest

import ast_ad
from ast_ad import grad, jvp, value_and_grad, vjp


@grad
def square_slope(x):
    return x * x


@value_and_grad(argnums=("y", "x"))
def product_both(x, y):
    return x * y


def f_third(x):
    return math.sin(x) * x**3


def third_derivatives(x: float) -> list[float]:
    """Return the function's value and its first three derivatives, worked out by hand."""
    s, c = math.sin(x), math.cos(x)
    return [
        s * x**3,
        c * x**3 + 3 * s * x**2,
        -s * x**3 + 6 * c * x**2 + 6 * s * x,
        -c * x**3 - 9 * s * x**2 + 18 * c * x + 6 * s,
    ]


def tangent(fun: Callable[[float], float]) -> Callable[[float], float]:
    return lambda x: jvp(fun, (x,), (1.0,))[1]


@pytest.mark.parametrize("second", [grad, tangent])
@pytest.mark.parametrize("first", [grad, tangent])
def test_second_derivatives_in_all_combinations_of_modes(first: Any, second: Any):
    assert second(first(f_third))(1.2) == pytest.approx(third_derivatives(1.2)[2], rel=1e-13)


@pytest.mark.parametrize("third", [grad, tangent])
@pytest.mark.parametrize("second", [grad, tangent])
@pytest.mark.parametrize("first", [grad, tangent])
def test_third_derivatives_in_all_combinations_of_modes(first: Any, second: Any, third: Any):
    assert third(second(first(f_third)))(1.2) == pytest.approx(third_derivatives(1.2)[3], rel=1e-12)


def test_value_and_grad_of_a_gradient():
    expected = third_derivatives(1.2)
    assert value_and_grad(grad(f_third))(1.2) == pytest.approx(tuple(expected[1:3]), rel=1e-13)
    assert jvp(grad(f_third), (1.2,), (2.0,)) == pytest.approx((expected[1], 2 * expected[2]), rel=1e-13)
    value, dots = jvp(value_and_grad(f_third), (1.2,), (1.0,))
    assert value == pytest.approx(tuple(expected[:2]), rel=1e-13)
    assert dots == pytest.approx(tuple(expected[1:3]), rel=1e-13)


def test_a_gradient_with_several_results_has_no_gradient():
    with pytest.raises(ast_ad.KindError, match="returns a tuple of 2 numbers: a gradient needs one real number"):
        grad(grad(lambda x, y: x * y, (0, 1)))(1.0, 2.0)


def derivative_by_either(name: str) -> Callable[[Callable[[float], float]], Callable[[float], float]]:
    return {"reverse": grad, "forward": tangent}[name]


# Perturbation confusion: Siskind and Pearlmutter, "Perturbation confusion and referential transparency" (2005), and
# Manzyuk et al., "Perturbation confusion in forward automatic differentiation of higher-order functions" (2019).


@pytest.mark.parametrize("inner", ["reverse", "forward"])
@pytest.mark.parametrize("outer", ["reverse", "forward"])
def test_the_inner_derivative_does_not_see_the_outer_perturbation(outer: str, inner: str):
    d_outer, d_inner = derivative_by_either(outer), derivative_by_either(inner)
    assert d_outer(lambda x: x * d_inner(lambda y: x + y)(1.0))(1.0) == 1.0
    assert d_outer(lambda x: x * d_inner(lambda y: x * y)(2.0))(3.0) == 6.0
    assert d_outer(lambda x: d_inner(lambda y: x * y * y)(x))(3.0) == 12.0


def test_three_levels_that_share_their_variables():
    def outer(x):
        def middle(y):
            return grad(lambda z: x * y * z)(y) * y

        return grad(middle)(x)

    assert grad(outer)(3.0) == 12.0


def test_the_derivative_of_a_curried_offset():
    def offset(u):
        return lambda h: lambda x: h(x + u)

    assert grad(lambda u: grad(offset(u)(grad(math.sin)))(1.0))(0.0) == pytest.approx(-math.cos(1.0))


def test_the_inner_tangent_may_depend_on_the_outer_variable():
    assert grad(lambda x: jvp(lambda y: y * y, (2.0,), (x,))[1])(3.0) == 4.0


def test_derivatives_inside_a_loop():
    def total(x):
        out = 0.0
        for i in range(3):
            out += grad(lambda y: y * y * x)(x * i)
        return out

    assert total(3.0) == 54.0
    assert grad(total)(3.0) == 36.0


def test_newton_on_its_own_derivative():
    def root(a):
        def residual(y):
            return y * y - a

        y = 1.0
        for _ in range(20):
            y = y - residual(y) / grad(residual)(y)
        return y

    assert root(2.0) == pytest.approx(math.sqrt(2.0))
    assert grad(root)(2.0) == pytest.approx(0.5 / math.sqrt(2.0))


def test_derivatives_defined_outside_are_differentiated_through():
    assert grad(lambda x: square_slope(x) * x)(2.0) == 8.0
    assert grad(lambda x: product_both(x, x)[1][0])(2.0) == 1.0
    assert grad(square_slope)(5.0) == 2.0


def _long(x, y):
    a, b = math.sin(x) * y, math.cos(y) * x - math.sin(x)
    c, d = math.sin(a * b + x), math.cos(a - b)
    e, f = math.sin(c) * d + a, math.cos(d) * c - b
    g, h = math.tanh(e * f - c), math.sin(e + f * d)
    k, m = math.sin(g) * h + e, math.cos(h) * g - f
    return math.tanh(k * m - x) + math.sin(k - y)


@pytest.mark.deep
def test_a_large_function_is_called_for_its_value_and_for_its_pullback():
    """Both calls stand in one program: of the function as it is, and of what is made of it, simplified."""

    def many(z):
        for k in (0.1, 0.2, 0.3, 0.4):
            z = _long(_long(z, k), _long(k, z))
        return z

    def steps(x):
        value, pullback = vjp(many, x)
        return value * pullback(1.0)[0]

    slope = (steps(0.4 + 1e-5) - steps(0.4 - 1e-5)) / 2e-5
    assert grad(steps)(0.4) == pytest.approx(slope, rel=1e-7)
