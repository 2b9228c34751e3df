"""The iteration ends where the likelihood is stationary, and is differentiated through."""

from __future__ import annotations

import numpy as np
import pytest

import ast_ad
from examples.mixture import distance, em, log_likelihood, sample
from tests.examples.slopes import check_slopes

GUESS = np.array([-1.0, 1.0])


def test_the_slopes_of_the_likelihood_vanish_at_the_fixed_point():
    x = sample(30)
    weights, means, variances = em(x, GUESS, tol=1e-13, max_iter=1000)
    by_weights, by_means, by_variances = ast_ad.grad(log_likelihood, argnums=(1, 2, 3))(x, weights, means, variances)
    assert np.sum(weights) == pytest.approx(1.0)
    assert by_means == pytest.approx(np.zeros(2), abs=1e-4)
    assert by_variances == pytest.approx(np.zeros(2), abs=1e-4)
    assert by_weights == pytest.approx(np.full(2, len(x)), rel=1e-4)  # Lagrange's multiplier of their sum


def test_influence_against_central_differences():
    x = sample(20, seed=3)
    few = {"tol": -1.0, "max_iter": 10}  # how often it runs is not to depend on the differences

    def apart(x: np.ndarray) -> float:
        _, means, variances = em(x, GUESS, **few)
        return means[1] - means[0] + variances[0]

    check_slopes(apart, x, ast_ad.grad(apart)(x))


def test_points_that_move_together_leave_the_distance_as_it_is():
    influence = ast_ad.grad(distance)(sample(30), GUESS)
    assert np.sum(influence) == pytest.approx(0.0, abs=1e-3)
