"""The coefficients are found to within the noise, and nothing better than least squares."""

from __future__ import annotations

import numpy as np
import pytest

from examples.polynomial_regression import NOISE, TRUTH, fit, loss, loss_and_gradient, points
from tests.examples.slopes import check_slopes, last


def test_the_fit_is_the_least_squares_polynomial():
    x, t = points(seed=0)
    step, value, coefficients = last(fit(x, t, steps=300))
    assert step == 300
    assert value < 1.1 * NOISE**2
    assert coefficients == pytest.approx(np.polynomial.polynomial.polyfit(x, t, 3), abs=1e-4)
    assert coefficients == pytest.approx(TRUTH, abs=0.1)


@pytest.mark.parametrize("degree", [0, 1, 5])
def test_gradient_against_central_differences(degree: int):
    x, t = points(seed=1)
    coefficients = np.random.default_rng(0).standard_normal(degree + 1)
    value, gradient = loss_and_gradient(coefficients, x, t)
    assert value == pytest.approx(loss(coefficients, x, t), rel=1e-14)
    assert gradient.shape == coefficients.shape
    check_slopes(lambda c: loss(c, x, t), coefficients, gradient)
