"""A tridiagonal system is solved, and the bed is found that the solution tells of."""

from __future__ import annotations

import numpy as np

from ast_ad.testing import check_grads
from examples.thomas import fit, misfit, string, thomas


def test_the_solution():
    rng = np.random.default_rng(0)
    lower, diagonal, upper = rng.standard_normal(4), 4 + rng.standard_normal(5), rng.standard_normal(4)
    right = rng.standard_normal(5)
    matrix = np.diag(lower, -1) + np.diag(diagonal) + np.diag(upper, 1)
    np.testing.assert_allclose(thomas(lower, diagonal, upper, right), np.linalg.solve(matrix, right), rtol=1e-12)


def test_gradients(order: int):
    rng = np.random.default_rng(1)
    system = rng.standard_normal(3), 4 + rng.standard_normal(4), rng.standard_normal(3), rng.standard_normal(4)
    check_grads(thomas, (0, 1, 2, 3))(*system)
    check_grads(thomas, 1, order=order)(*system)
    check_grads(misfit, (0, 1), order=order)(rng.random(4), rng.standard_normal(4), rng.standard_normal(4))


def test_the_bed_is_found():
    bed = np.array([0.5, 0.5, 1.0, 2.0, 2.0])
    np.testing.assert_allclose(fit(np.ones(5), string(bed, np.ones(5)), iterations=8), bed, rtol=1e-6)
