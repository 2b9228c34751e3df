"""What is sorted keeps its derivative; what is cut off has none."""

from __future__ import annotations

import numpy as np

import ast_ad
from ast_ad.testing import check_grads
from examples.bubble_sort import bubble_sort, gini, trimmed_mean

X = np.array([3.1, 0.7, 9.9, 3.0, 1.9, 0.4])


def test_gradients(order: int):
    check_grads(bubble_sort, order=order)(X)
    check_grads(trimmed_mean, order=order)(X, 2)
    check_grads(gini, order=order)(X)


def test_the_jacobian_is_a_permutation():
    np.testing.assert_array_equal(ast_ad.jacobian(bubble_sort)(X), np.eye(6)[np.argsort(X)])


def test_what_is_cut_off_does_not_count():
    np.testing.assert_allclose(ast_ad.grad(trimmed_mean)(X, 2), [0.0, 0.0, 0.0, 0.5, 0.5, 0.0])
    assert list(X) == [3.1, 0.7, 9.9, 3.0, 1.9, 0.4]
