"""The factor is NumPy's, and the gradient is that of the formula."""

from __future__ import annotations

import numpy as np

from ast_ad.testing import check_grads
from examples.cholesky import cholesky, negative_log_likelihood, slopes


def covariances(n: int) -> np.ndarray:
    w = np.random.default_rng(0).standard_normal((n, 2 * n))
    return w @ w.T


def test_the_factor():
    a = covariances(4)
    np.testing.assert_allclose(cholesky(a), np.linalg.cholesky(a), rtol=1e-12, atol=1e-15)


def test_gradients(order: int):
    x = np.random.default_rng(1).standard_normal(3)
    check_grads(cholesky, order=order)(covariances(3))
    check_grads(negative_log_likelihood, (0, 1), order=order)(covariances(3), x)


def test_the_gradient_is_that_of_the_formula():
    a, x = covariances(4), np.random.default_rng(1).standard_normal(4)
    by_a, by_x = slopes(a, x)
    z = np.linalg.solve(a, x)
    formula = np.linalg.inv(a) - np.outer(z, z)
    np.testing.assert_allclose(by_a, np.tril(formula) - np.diag(np.diag(formula)) / 2, rtol=1e-10, atol=1e-13)
    np.testing.assert_allclose(by_x, z, rtol=1e-10)
