"""The likelihood is that of the joint normal distribution of all readings; the fit makes it larger."""

from __future__ import annotations

import numpy as np
import pytest

from examples.kalman_filter import F, H, fit, kalman_filter, loss, loss_and_gradient, track
from tests.examples.slopes import check_slopes, last

PARAMS = {"drift": -2.0, "noise": -0.5}


def joint_log_density(q: np.ndarray, r: np.ndarray, ys: np.ndarray) -> float:
    """The readings are normal; their covariance is built from that of the states, time by time."""
    count = len(ys)
    states = [np.eye(2)]
    for _ in range(count - 1):
        states.append(F @ states[-1] @ F.T + q)
    covariance = np.zeros((count, count))
    for i in range(count):
        for j in range(i, count):
            across = np.linalg.matrix_power(F, j - i) @ states[i]
            covariance[i, j] = covariance[j, i] = (H @ across @ H.T)[0, 0]
        covariance[i, i] += r[0, 0]
    y = ys[:, 0]
    return -0.5 * (y @ np.linalg.solve(covariance, y) + np.linalg.slogdet(2 * np.pi * covariance)[1])


def test_likelihood_is_the_joint_density():
    ys = track(8)
    q, r = 0.1 * np.array([[0.25, 0.5], [0.5, 1.0]]), 0.4 * np.eye(1)
    means, log_likelihood = kalman_filter(F, q, H, r, ys)
    assert means.shape == (8, 2)
    assert log_likelihood == pytest.approx(joint_log_density(q, r, ys), rel=1e-9)


def test_gradient_against_central_differences():
    ys = track(10, seed=1)
    value, gradient = loss_and_gradient(PARAMS, ys)
    assert value == pytest.approx(loss(PARAMS, ys), rel=1e-12)
    check_slopes(lambda p: loss(p, ys), PARAMS, gradient)


def test_the_fit_finds_the_noise():
    ys = track(60)
    step, value, params = last(fit(ys, steps=40))
    assert step == 40
    assert value < loss(PARAMS | {"drift": 0.0, "noise": 0.0}, ys) - 10
    assert np.exp(params["noise"]) == pytest.approx(0.5, rel=0.5)
