"""Both networks learn the wave, and their gradients are those of central differences."""

from __future__ import annotations

import numpy as np
import pytest

from examples.recurrent_network import Network, fit, loss, loss_and_gradient, lstm, lstm_params, rnn, rnn_params, wave
from tests.examples.slopes import check_slopes, last

BOTH = pytest.mark.parametrize(("network", "make"), [(rnn, rnn_params), (lstm, lstm_params)])


@BOTH
def test_gradient_against_central_differences(network: Network, make):
    params, xs = make(2, 3), np.random.default_rng(1).standard_normal((6, 2))
    value, gradient = loss_and_gradient(params, network, xs)
    assert value == pytest.approx(loss(params, network, xs), rel=1e-12)
    check_slopes(lambda p: loss(p, network, xs), params, gradient)


@BOTH
def test_what_is_not_read_yet_has_no_influence(network: Network, make):
    params, xs = make(1, 3), wave(8)
    outputs = network(params, xs)
    assert len(outputs) == len(xs)
    assert np.array(network(params, xs[:4])) == pytest.approx(np.array(outputs[:4]))


@BOTH
def test_the_fit_foretells_the_wave(network: Network, make):
    step, value, _ = last(fit(network, make(1, 6), wave(30), steps=60, rate=0.05))
    assert step == 60
    assert value < 0.03
