"""Integers of NumPy's among the arguments: what a rule computes of them alone may not have room in them.

The square of 200 as an `uint8` is 64, its logarithm has three digits, and its negative is 56.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from ast_ad.testing import check_grads

V = np.array([0.4, 1.3, 0.7])

INTEGERS = [
    np.array([200, 3, 0], np.uint8),
    np.array([100, -3, 7], np.int8),
    np.array([300, -3, 7], np.int16),
    np.array([3000, 2, 7], np.uint64),
    np.array([3000, -2, 7]),
    np.array([True, False, True]),
]


@pytest.mark.parametrize("k", [*INTEGERS, np.uint8(200), np.int8(100), np.bool_(True)], ids=repr)
@pytest.mark.parametrize(
    "fun",
    [
        lambda x, k: np.arctan2(x, k),
        lambda x, k: np.arctan2(k, x),
        lambda x, k: np.power(abs(k), x),
        lambda x, k: abs(k) ** x,
        lambda x, k: np.roll(x, np.ravel(k)[0]),
    ],
)
def test_elementwise(fun: Callable[..., Any], k: Any) -> None:
    check_grads(fun)(V, k)


@pytest.mark.parametrize("k", INTEGERS, ids=repr)
def test_interpolated_values(k: Any) -> None:
    check_grads(lambda x: np.interp(x, [0, 1, 2], k))(V)


def test_polynomials_at_large_integers() -> None:
    """The fifth power of a billion is no integer of NumPy's, but a float."""
    at = np.array([3, -2, 10**9])
    _check_linear(lambda p: np.polyval(p, at), np.arange(6.0))
    _check_linear(lambda p: np.polyval(list(p), at), np.arange(6.0))


def _check_linear(fun: Callable[..., Any], x: Any) -> None:
    check_grads(lambda p: fun(p) / (1 + fun(np.ones(len(x))) ** 2) ** 0.5)(x)


@pytest.mark.parametrize(
    "fun", [lambda x: np.nextafter(x, 5.0), lambda x: np.nextafter(x * x, x), lambda x: x * np.nextafter(5.0, x)]
)
def test_neighbours(fun: Callable[..., Any]) -> None:
    check_grads(fun, order=2)(V)
    check_grads(lambda x: math.nextafter(x, 5.0) * x, order=2)(0.7)
