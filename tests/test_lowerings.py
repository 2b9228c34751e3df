"""What a function is lowered to serves all its derivatives, as long as what was assumed is so."""

from __future__ import annotations

import gc
import math
import weakref
from typing import Any

import numpy as np
import pytest

import ast_ad
from ast_ad import lowerings


@pytest.fixture
def lowered(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The names of the functions that are lowered from here on."""
    names: list[str] = []
    original = lowerings.lower

    def counting(function: Any, arguments: Any) -> Any:
        names.append(getattr(function, "__name__", "?"))
        return original(function, arguments)

    monkeypatch.setattr(lowerings, "lower", counting)
    return names


def test_derivatives_share_it(lowered: list[str]):
    def f(x, n):
        for _ in range(n):
            x = math.sin(x) * x
        return x

    slope = ast_ad.grad(f)(0.7, 2)
    assert ast_ad.value_and_grad(f)(0.7, 2) == (f(0.7, 2), slope)
    assert ast_ad.jvp(f, (0.7, 2), (1.0, None))[1] == pytest.approx(slope, rel=1e-14)
    assert ast_ad.vjp(f, 0.7, 2)[1](1.0)[0] == slope
    assert ast_ad.grad(f, checkpoint=1)(0.7, 2) == slope
    assert lowered == ["f"]
    curvature = ast_ad.grad(ast_ad.grad(f))(0.7, 2)
    assert ast_ad.jvp(ast_ad.grad(f), (0.7, 2), (1.0, None))[1] == pytest.approx(curvature, rel=1e-13)
    assert len(lowered) == 2


def test_other_kinds_are_lowered_anew(lowered: list[str]):
    def f(x, n):
        return x * n

    assert ast_ad.grad(f)(2.0, 3) == 3
    assert ast_ad.value_and_grad(f)(2.0, 3.5) == (7.0, 3.5)
    assert len(lowered) == 2


def helper(x):
    return x * x


def calls_a_helper(x):
    return helper(x) * 2.0


def test_what_a_name_stands_for(monkeypatch: pytest.MonkeyPatch, lowered: list[str]):
    assert ast_ad.grad(calls_a_helper)(3.0) == 12.0
    monkeypatch.setitem(globals(), "helper", math.exp)
    assert ast_ad.value_and_grad(calls_a_helper)(0.0) == (2.0, 2.0)
    assert ast_ad.jvp(calls_a_helper, (0.0,), (1.0,)) == (2.0, 2.0)
    monkeypatch.undo()
    assert ast_ad.vjp(calls_a_helper, 3.0)[1](1.0) == (12.0,)


def test_a_global_number_that_is_a_constant_of_the_derivative(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setitem(globals(), "AXIS", 0)
    x = np.arange(6.0).reshape(2, 3)

    def f(x):
        return np.sum(np.max(x * x, axis=AXIS))  # noqa: F821

    for axis in (0, 1, 0):
        monkeypatch.setitem(globals(), "AXIS", axis)
        expected = np.where(x == np.max(x, axis=axis, keepdims=True), 2 * x, 0.0)
        np.testing.assert_array_equal(ast_ad.grad(f)(x), expected)
        np.testing.assert_array_equal(ast_ad.value_and_grad(f)(x)[1], expected)
        assert ast_ad.jvp(f, (x,), (np.ones_like(x),))[1] == np.sum(expected)


def test_functions_with_the_same_code():
    def power(helper):
        return lambda x: helper(x) * x

    for outer, slope in ((math.sin, math.sin(1.0) + math.cos(1.0)), (math.exp, 2 * math.e)):
        assert ast_ad.grad(power(outer))(1.0) == pytest.approx(slope, rel=1e-14)
        assert ast_ad.jvp(power(outer), (1.0,), (1.0,))[1] == pytest.approx(slope, rel=1e-14)


def loops(x, n):
    for _ in range(n):
        x = math.sin(x)
        x = math.exp(x) * 0.5
    return x


def test_the_checkpoint_around():
    inside = ast_ad.grad(loops)

    def slope(x, n):
        return inside(x, n) * x

    plain, sparing = ast_ad.grad(slope), ast_ad.grad(slope, checkpoint=1)
    assert plain(0.4, 3) == sparing(0.4, 3) == ast_ad.grad(slope)(0.4, 3)
    assert plain.source != sparing.source
    with_value, sparing_with_value = ast_ad.value_and_grad(slope), ast_ad.value_and_grad(slope, checkpoint=1)
    assert with_value(0.4, 3) == sparing_with_value(0.4, 3) == (slope(0.4, 3), plain(0.4, 3))
    assert with_value.source != sparing_with_value.source


def recursion(x, n):
    if n == 0:
        return x
    return math.sin(recursion(x, n - 1)) * x


def test_a_program_may_contain_it_more_than_once():
    first = ast_ad.grad(recursion)(0.6, 3)

    def both(x):
        a = ast_ad.grad(recursion)(x, 3)
        b = ast_ad.value_and_grad(recursion)(x, 3)[1]
        return a * recursion(x, 3) + b

    assert both(0.6) == pytest.approx(first * recursion(0.6, 3) + first)
    gradient = ast_ad.grad(recursion)

    def with_both(x):
        return gradient(x, 3) * gradient(x * 2, 3) + recursion(x, 3)

    for function in (both, with_both):
        numeric = (function(0.6 + 1e-6) - function(0.6 - 1e-6)) / 2e-6
        assert ast_ad.grad(function)(0.6) == pytest.approx(numeric, rel=1e-7)
        assert ast_ad.jvp(function, (0.6,), (1.0,))[1] == pytest.approx(numeric, rel=1e-7)


def test_it_goes_with_the_code_and_only_the_latest_are_kept(lowered: list[str]):
    known = lowerings.Lowerings()
    reference = weakref.ref(known)
    arguments = (lowerings.Argument.of("x", 1.0),)
    lowerings.ready_for(math.sin, arguments, None, known)
    lowerings.ready_for(math.sin, arguments, None, known)
    assert lowered == ["sin"]
    others = lowerings.Lowerings()
    for k in range(40):
        lowerings.ready_for(math.sin, (lowerings.Argument.of(f"x_{k}", 1.0),), None, others)
    assert len(others.found) == 32
    assert not known.found
    del known
    gc.collect()
    assert reference() is None


def test_what_was_forgotten_is_lowered_anew(lowered: list[str]):
    def f(x):
        return x * x

    slope = ast_ad.grad(f)
    assert slope(3.0) == 6.0
    slope.cache_clear()
    assert slope(3.0) == 6.0
    assert lowered == ["f", "f"]
