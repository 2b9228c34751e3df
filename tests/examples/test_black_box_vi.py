"""With the same draws the gradient is that of central differences; a normal density is found exactly."""

from __future__ import annotations

import numpy as np
import pytest

from examples.black_box_vi import fit, funnel, loss_and_gradient, negative_elbo, normal_logpdf
from tests.examples.slopes import check_slopes, last

MEAN, LOG_STD = np.array([1.0, -2.0]), np.array([0.3, -0.7])


def normal(z: np.ndarray) -> np.ndarray:
    return np.sum(normal_logpdf(z, MEAN, LOG_STD), axis=1)


def test_gradient_against_central_differences():
    params = {"mean": np.array([0.2, -0.1]), "log_std": np.array([-0.5, 0.1])}
    value, gradient = loss_and_gradient(params, funnel, np.random.default_rng(7), 20)
    assert value == pytest.approx(negative_elbo(params, funnel, np.random.default_rng(7), 20), rel=1e-12)
    check_slopes(lambda p: negative_elbo(p, funnel, np.random.default_rng(7), 20), params, gradient)


def test_the_bound_of_the_density_itself_is_nearly_tight():
    value = negative_elbo({"mean": MEAN, "log_std": LOG_STD}, normal, np.random.default_rng(0), 20000)
    assert value == pytest.approx(0.0, abs=0.05)


def test_the_fit_finds_a_normal_density():
    start = {"mean": np.zeros(2), "log_std": np.zeros(2)}
    _, _, params = last(fit(normal, start, draws=100, steps=100))
    assert params["mean"] == pytest.approx(MEAN, abs=0.3)
    assert params["log_std"] == pytest.approx(LOG_STD, abs=0.2)
