"""Iterations whose number depends on the data: the gradient tends to that of the solution."""

from __future__ import annotations

import numpy as np

import ast_ad
from ast_ad.testing import check_grads
from examples.gauss_seidel import gauss_seidel, membrane


def test_gradients(order: int):
    rng = np.random.default_rng(0)
    check_grads(gauss_seidel, (0, 1), order=order)(
        rng.standard_normal((3, 3)) + 6 * np.eye(3), rng.standard_normal(3), 1e-3
    )
    check_grads(membrane, (0, 1))(rng.standard_normal((5, 5)), 0.3, 1e-2)


def test_the_gradient_tends_to_that_of_the_solution():
    rng = np.random.default_rng(1)
    a, b = rng.standard_normal((4, 4)) + 8 * np.eye(4), rng.standard_normal(4)
    slopes = ast_ad.jacobian(gauss_seidel, 1)
    inverse = np.linalg.inv(a)
    far, near = (np.max(np.abs(slopes(a, b, tol) - inverse)) for tol in (1e-2, 1e-12))
    assert near < 1e-9 < far


def test_the_influence_of_loads_is_symmetric():
    moved = ast_ad.grad(lambda load: membrane(load, 0.25, 1e-10)[2, 2])(np.ones((5, 5)))
    np.testing.assert_allclose(moved, moved.T, atol=1e-9)
    assert np.argmax(moved) == 12
