"""The kernel's parameters are found, and the predictions are as good as they say."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import ast_ad
from examples.gaussian_process import NOISE, by_determinant, fit, negative_log_likelihood, predict, readings, truth
from tests.examples.slopes import check_slopes, last

PARAMS = {"length": -0.5, "height": 0.2, "noise": -1.0}


def test_the_fit_finds_the_noise_and_predicts_the_function():
    x, y = readings(seed=0)
    step, value, params = last(fit(x, y, steps=100))
    assert step == 100
    assert value < -12.6
    assert np.exp(params["noise"]) == pytest.approx(NOISE, rel=0.3)
    at = np.linspace(0.3, 3.7, 50)
    mean, deviation = predict(params, x, y, at)
    assert np.all(np.abs(mean - truth(at)) < 3 * deviation)
    assert np.all(deviation < NOISE)


def test_two_ways_to_the_same_likelihood_and_gradient():
    x, y = readings(seed=1)
    value, gradient = ast_ad.value_and_grad(negative_log_likelihood)(PARAMS, x, y)
    other, other_gradient = ast_ad.value_and_grad(by_determinant)(PARAMS, x, y)
    assert value == pytest.approx(other, rel=1e-12)
    assert gradient == pytest.approx(other_gradient, rel=1e-9)


@pytest.mark.parametrize("loss", [negative_log_likelihood, by_determinant])
def test_gradient_against_central_differences(loss: Callable[..., Any]):
    x, y = readings(count=15, seed=2)
    check_slopes(lambda p: loss(p, x, y), PARAMS, ast_ad.grad(loss)(PARAMS, x, y))
