"""The fit ends at the minimum of a convex function, near the parameters that the answers were made with."""

from __future__ import annotations

import numpy as np
import pytest

from examples.logistic_regression import BIAS, WEIGHTS, accuracy, answers, fit, loss, loss_and_gradient
from tests.examples.slopes import check_slopes, last


def test_the_fit_reaches_the_minimum():
    x, yes = answers(seed=0)
    step, value, (weights, bias) = last(fit(x, yes, steps=300))
    assert step == 300
    assert value < 0.46
    _, (weights_bar, bias_bar) = loss_and_gradient(weights, bias, x, yes)
    assert np.linalg.norm(np.append(weights_bar, bias_bar)) < 1e-8
    assert np.append(weights, bias) == pytest.approx(np.append(WEIGHTS, BIAS), abs=0.4)
    assert accuracy(weights, bias, *answers(seed=1)) > 0.75


def test_gradient_against_central_differences():
    x, yes = answers(count=20, seed=1)
    params = (np.array([0.3, -2.0, 1.0, 0.5]), 0.2)
    value, gradient = loss_and_gradient(*params, x, yes)
    assert value == pytest.approx(loss(*params, x, yes), rel=1e-14)
    check_slopes(lambda p: loss(*p, x, yes), params, gradient)
