"""Orthonormal columns, in place and with the triangle, and the subspace that is found."""

from __future__ import annotations

import numpy as np

import ast_ad
from ast_ad.testing import check_grads
from examples.gram_schmidt import captured, orthonormalize, qr

A = np.random.default_rng(0).standard_normal((4, 3))


def test_the_factors_make_the_matrix():
    q, r = qr(A)
    np.testing.assert_allclose(q @ r, A, atol=1e-14)
    np.testing.assert_allclose(q.T @ q, np.eye(3), atol=1e-14)
    other = A.copy()
    orthonormalize(other)
    np.testing.assert_allclose(other, q, atol=1e-14)


def test_gradients(order: int):
    check_grads(qr, order=order)(A)
    check_grads(captured, (0, 1), order=order)(A[:, :2], A @ A.T)


def test_only_the_subspace_counts():
    """Along the columns themselves, and along those that they hold, the variance does not change."""
    slopes = ast_ad.grad(captured)(A[:, :2], np.diag([4.0, 3.0, 2.0, 1.0]))
    np.testing.assert_allclose(A[:, :2].T @ slopes, np.zeros((2, 2)), atol=1e-13)
