"""Elimination with pivots: where rows are swapped, and where they are not."""

from __future__ import annotations

import numpy as np
import pytest

import ast_ad
from ast_ad.testing import check_grads
from examples.lu import decompose, determinant, solve


def matrix(seed: int, n: int = 4) -> np.ndarray:
    return np.random.default_rng(seed).standard_normal((n, n))


def test_the_factors_make_the_matrix():
    a = matrix(0)
    lu, rows, _ = decompose(a)
    np.testing.assert_allclose((np.tril(lu, -1) + np.eye(4)) @ np.triu(lu), a[rows], atol=1e-14)
    assert list(rows) != [0, 1, 2, 3]


@pytest.mark.parametrize("a", [matrix(0), matrix(1), matrix(2) + 9 * np.eye(4)], ids=["swaps", "others", "none"])
def test_gradients(a: np.ndarray, order: int):
    check_grads(determinant, order=order)(a)
    check_grads(solve, (0, 1), order=order)(a, np.arange(1.0, 5.0))


def test_formulas():
    a, b = matrix(3), np.arange(1.0, 5.0)
    value, slopes = ast_ad.value_and_grad(determinant)(a)
    assert value == pytest.approx(np.linalg.det(a))
    np.testing.assert_allclose(slopes, value * np.linalg.inv(a).T, rtol=1e-10)
    np.testing.assert_allclose(ast_ad.jacobian(solve, 1)(a, b), np.linalg.inv(a), rtol=1e-10)
