"""The example, at a smaller size: it finds the true parameters, with the right gradient."""

from __future__ import annotations

import math

import pytest

from examples.pendulum import GUESS, TRUTH, fit, loss_and_gradient, measure, misfit

STEP = 0.04
PASSAGES = (1, 4, 7)


def test_the_fit_finds_the_true_parameters():
    readings = measure(PASSAGES, STEP, noise=0.0)
    *_, (iteration, loss, parameters) = fit(readings, STEP, iterations=150)
    assert iteration == 150
    assert loss < 1e-6
    assert parameters == pytest.approx(TRUTH, rel=0.01)


def test_noise_in_the_readings_stays_in_the_loss():
    readings = measure(PASSAGES, STEP, noise=0.01)
    *_, (_, loss, parameters) = fit(readings, STEP, iterations=150)
    assert 1e-6 < loss < 1e-3
    assert parameters == pytest.approx(TRUTH, rel=0.2)


@pytest.mark.parametrize("parameters", [GUESS, TRUTH], ids=["guess", "truth"])
def test_gradient_against_central_differences(parameters: dict[str, float]):
    readings = measure(PASSAGES, STEP, noise=0.01)
    values = list(parameters.values())
    _, gradient = loss_and_gradient(values, readings, STEP)

    def loss(shifted: list[float]) -> float:
        misfits = [misfit(*shifted, each.passage, each.time, each.speed, STEP) for each in readings]
        return math.fsum(misfits) / len(misfits)

    for i, slope in enumerate(gradient):
        h = 1e-6 * values[i]
        above, below = list(values), list(values)
        above[i] += h
        below[i] -= h
        assert slope == pytest.approx((loss(above) - loss(below)) / (2 * h), rel=1e-5, abs=1e-9)
