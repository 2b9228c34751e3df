"""Walks through all elements of an array."""

import numpy as np

import ast_ad
from ast_ad.testing import check_grads

M = np.array([[0.5, -1.2, 0.8], [1.5, 0.3, -0.4]])


def weighed(x):
    total = 0.0
    for (i, j), value in np.ndenumerate(x):
        total = total + value**2 * (3 * i + j)
    return total


def written(x):
    y = np.empty_like(x)
    for index in np.ndindex(x.shape):
        y[index] = np.sin(x[index])
    return np.sum(y * x)


def test_derivatives():
    check_grads(weighed, order=2)(M)
    check_grads(written, order=2)(M)
    check_grads(lambda x: sum(x[i, j] * j for i, j in np.ndindex(2, 3)))(M)


def test_a_walk_is_one_loop_a_sweep():
    gradient = ast_ad.grad(written)
    gradient(M)
    assert gradient.source.count("for ") == 2, gradient.source
