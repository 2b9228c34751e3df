"""The small network learns the wave with either activation."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from examples.network_1_4_4_1 import ACTIVATIONS, fit, initial, loss, loss_and_gradient, relu, tanh, wave
from tests.examples.slopes import check_slopes, last


@pytest.mark.parametrize("activation, most", [(tanh, 1e-3), (relu, 5e-3)])
def test_the_network_learns_the_wave(activation: Callable[..., Any], most: float):
    step, value, _ = last(fit(activation, steps=1000, seed=0))
    assert step == 1000
    assert value < most


@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_gradient_against_central_differences(activation: Callable[..., Any]):
    x, t = wave()
    params = initial(seed=3)
    value, gradient = loss_and_gradient(params, activation, x, t)
    assert value == pytest.approx(loss(params, activation, x, t), rel=1e-14)
    assert {name: each.shape for name, each in gradient.items()} == {name: each.shape for name, each in params.items()}
    check_slopes(lambda p: loss(p, activation, x, t), params, gradient)
