"""The iteration solves the system, and its derivative is that of the solution."""

from __future__ import annotations

import numpy as np
import pytest

import ast_ad
from ast_ad.testing import check_grads
from examples.conjugate_gradient import conjugate_gradient, sag, stiffness

SPRINGS, WEIGHTS = np.linspace(1.0, 2.0, 6), np.array([1.0, 0.5, 2.0, 1.0, 0.3])


def by_solve(springs: np.ndarray, weights: np.ndarray) -> float:
    return weights @ np.linalg.solve(stiffness(springs), weights)


def test_it_solves_the_system_and_leaves_its_arguments_alone():
    k, weights = stiffness(SPRINGS), WEIGHTS.copy()
    assert conjugate_gradient(k, weights) == pytest.approx(np.linalg.solve(k, weights), rel=1e-9)
    assert np.array_equal(weights, WEIGHTS)


def test_gradient_is_that_of_the_solution():
    gradient = ast_ad.grad(sag, argnums=(0, 1))(SPRINGS, WEIGHTS)
    expected = ast_ad.grad(by_solve, argnums=(0, 1))(SPRINGS, WEIGHTS)
    for found, wanted in zip(gradient, expected, strict=True):
        assert found == pytest.approx(wanted, rel=1e-6)


def test_gradient_against_central_differences():
    check_grads(sag, (0, 1), order=1)(SPRINGS, WEIGHTS)
