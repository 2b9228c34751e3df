"""The derivative through the iterations is that of the implicit function theorem."""

from __future__ import annotations

import math

import numpy as np
import pytest

import ast_ad
from ast_ad.testing import check_grads
from examples.newton import crossing, jacobian, kepler, residual

START = np.array([1.0, -1.7])


@pytest.mark.parametrize("eccentricity", [0.0, 0.3, 0.9])
def test_kepler_by_the_implicit_function_theorem(eccentricity: float):
    anomaly, (by_mean, by_eccentricity) = ast_ad.value_and_grad(kepler, argnums=(0, 1))(1.2, eccentricity)
    assert anomaly - eccentricity * math.sin(anomaly) == pytest.approx(1.2, rel=1e-12)
    denominator = 1.0 - eccentricity * math.cos(anomaly)
    assert by_mean == pytest.approx(1.0 / denominator, rel=1e-9)
    assert by_eccentricity == pytest.approx(math.sin(anomaly) / denominator, rel=1e-9, abs=1e-12)


def test_kepler_to_second_order():
    check_grads(kepler, (0, 1), order=2)(1.0, 0.4)


@pytest.mark.parametrize("start", [START, np.array([0.1, -0.1])])
def test_crossing_by_the_implicit_function_theorem(start: np.ndarray):
    params = np.array([4.0, 1.0])
    x = crossing(params, start)
    assert np.linalg.norm(residual(x, params)) < 1e-11
    by_params = np.array([[-1.0, 0.0], [0.0, x[0] * math.exp(params[1] * x[0])]])
    expected = -np.linalg.solve(jacobian(x, params), by_params)
    found = [ast_ad.grad(lambda p, i=i: crossing(p, start)[i])(params) for i in range(2)]
    assert np.array(found) == pytest.approx(expected, rel=1e-6)
