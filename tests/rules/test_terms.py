"""Like terms are added as numbers, others are left alone."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import ast_ad
from ast_ad import testing
from tests.rules.test_expand import G, X, Y, written


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        (lambda g, x, y: g * x + g * x * 2, "((g * 3) * x)"),
        (lambda g, x, y: g * x * y + g * y * x, "(((g * 2) * x) * y)"),
        (lambda g, x, y: g * x / y + g / y * x * 0.5, "(((g * 1.5) * x) / y)"),
        (lambda g, x, y: g * x + (-g) * 3 * x, "(-((g * 2) * x))"),
        (lambda g, x, y: g * 0.25 * x + g * x * 0.75, "(g * x)"),
        (lambda g, x, y: g * x + g * x * x, "((g * x) + ((g * x) * x))"),
        (lambda g, x, y: g * x / y + g * y / x, "(((g * x) / y) + ((g * y) / x))"),
        (lambda g, x, y: g * 0.1 * x + g * 0.2 * x, "(((g * 0.1) * x) + ((g * 0.2) * x))"),
        (lambda g, x, y: g * 0.5 * x + g * 0.5 * x, "(g * x)"),
        (lambda g, x, y: y + g * x + g * x, "(y + ((g * 2) * x))"),
        (lambda g, x, y: y - g * x - g * x, "(y - ((g * 2) * x))"),
    ],
)
def test_terms(rule: Callable[..., Any], expected: str) -> None:
    assert written(rule, G, X, Y) == expected


def cube(x):
    return np.sum(x * x * x)


def quadratic(x):
    return 0.5 * x @ x


def scaled_square(x):
    return np.sum(0.5 * 3.0 * x * x)


def with_a_sign(x):
    return np.sum(-x * x)


@pytest.mark.parametrize(
    ("fun", "expected"),
    [
        (cube, "out_bar * 3 * x * x"),
        (quadratic, "out_bar * x"),
        (scaled_square, "out_bar * 3.0 * x"),
        (with_a_sign, "-out_bar * 2 * x"),
    ],
)
def test_products_of_the_primal_are_taken_apart(fun: Callable[..., Any], expected: str) -> None:
    x = np.array([0.5, -1.5, 2.0])
    derivative = ast_ad.grad(fun)
    derivative(x)
    assert f"x_bar = {expected}\n" in derivative.source
    testing.check_grads(fun, order=2)(x)


def test_a_number_that_was_stretched_is_added_up_as_often_as_it_stands_there() -> None:
    def shifted(a, x):
        return np.sum(x - a)

    derivative = ast_ad.grad(shifted)
    assert derivative(0.5, np.ones((2, 3))) == -6.0
    assert "a_bar = -out_bar * x.size\n" in derivative.source


def test_what_has_a_name_is_not() -> None:
    def named(x):
        square = x * x
        return square * x

    derivative = ast_ad.grad(named)
    derivative(2.0)
    assert "out_bar * square" in derivative.source
    assert derivative(2.0) == 12.0
