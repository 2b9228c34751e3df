"""The line is found to within the noise, and nothing better than least squares."""

from __future__ import annotations

import numpy as np
import pytest

from examples.linear_regression import NOISE, OFFSET, SLOPE, fit, loss, loss_and_gradient, points
from tests.examples.slopes import check_slopes, last


def test_the_fit_is_the_least_squares_line():
    x, t = points(seed=0)
    step, value, params = last(fit(x, t, steps=100))
    assert step == 100
    assert value < 1.1 * NOISE**2
    assert list(params.values()) == pytest.approx(list(np.polyfit(x, t, 1)), rel=1e-8)
    assert params == pytest.approx({"slope": SLOPE, "offset": OFFSET}, abs=0.1)


def test_gradient_against_central_differences():
    x, t = points(seed=1)
    params = {"slope": 1.0, "offset": -2.0}
    value, gradient = loss_and_gradient(params, x, t)
    assert value == loss(params, x, t)
    assert list(gradient) == list(params)
    check_slopes(lambda p: loss(p, x, t), params, gradient)
