"""Derivatives that read as a person would write them: constants, transposes, the end of a loop."""

from __future__ import annotations

import numpy as np

from ast_ad import grad


def newton(a):
    x = a
    for _ in range(20):
        x_new = 0.5 * (x + a / x)
        if abs(x_new - x) < 1e-10:
            break
        x = x_new
    return x


def test_a_loop_is_left_where_the_function_leaves_it() -> None:
    derivative = grad(newton)
    derivative(2.0)
    assert "        if abs(x_new - x) < 1e-10:\n            break\n        x = x_new\n" in derivative.source


def scaled(K, u):
    for _ in range(3):
        v = (1 / 4) / (K.T @ u)
        u = (1 / 4) / (K @ v)
    return np.sum(u)


def test_constants_and_transposes_have_no_names() -> None:
    derivative = grad(scaled)
    derivative(np.eye(3) + 1.0, np.ones(3))
    assert ".T.T" not in derivative.source
    assert "transposed" not in derivative.source
    assert "1 / 4 / product" in derivative.source


def upper(x):
    return np.sum(x[0:] * 2.0 + x[0:2][0])


def test_a_part_from_the_first_element() -> None:
    derivative = grad(upper)
    derivative(np.arange(3.0))
    assert "[0:" not in derivative.source
