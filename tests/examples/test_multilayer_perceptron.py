"""The perceptron tells the spirals apart, those that it has not seen too."""

from __future__ import annotations

import pytest

from examples.multilayer_perceptron import accuracy, fit, initial, loss, loss_and_gradient, spirals
from tests.examples.slopes import check_slopes, last


def test_the_perceptron_learns_the_spirals():
    step, value, params = last(fit((16, 16), steps=200, seed=0))
    assert step == 200
    assert value < 0.02
    assert accuracy(params, *spirals()) == 1.0
    assert accuracy(params, *spirals(seed=1)) > 0.95


@pytest.mark.parametrize("hidden", [(), (5,), (4, 4, 4)])
def test_gradient_against_central_differences(hidden: tuple[int, ...]):
    x, arm = spirals(per_arm=10)
    params = initial((2, *hidden, 3), seed=1)
    value, gradient = loss_and_gradient(params, x, arm)
    assert value == pytest.approx(loss(params, x, arm), rel=1e-14)
    assert [(w.shape, b.shape) for w, b in gradient] == [(w.shape, b.shape) for w, b in params]
    check_slopes(lambda p: loss(p, x, arm), params, gradient)
