"""What goes round in the ring; the string that made a tone is found."""

from __future__ import annotations

import numpy as np

import ast_ad
from ast_ad.testing import check_grads
from examples.adam import adam
from examples.ring_buffer import misfit, moving_average, tone
from tests.examples.slopes import last

PLUCK = np.array([0.0, 0.5, 1.0, -0.4])


def test_gradients(order: int):
    check_grads(tone, (0, 1, 2), order=order)(PLUCK, 0.9, 0.6, 11)
    check_grads(moving_average, order=order)(np.arange(7.0) ** 2, 3)
    params = {"pluck": PLUCK, "damping": 0.9, "blend": 0.6}
    check_grads(misfit, (0, 1), order=order)(params, np.ones(9))


def test_the_moving_average():
    x = np.random.default_rng(0).standard_normal(9)
    np.testing.assert_allclose(moving_average(x, 3)[2:], np.convolve(x, np.ones(3) / 3, "valid"), atol=1e-14)


def test_the_string_is_found():
    recorded = tone(PLUCK, 0.98, 0.7, 40)
    loss_and_slopes = ast_ad.value_and_grad(misfit)
    guess = {"pluck": recorded[:4] * 0.5, "damping": 0.9, "blend": 0.5}
    _, loss, found = last(adam(lambda p: loss_and_slopes(p, recorded), guess, steps=150, rate=0.03))
    assert loss < 1e-6
    np.testing.assert_allclose([found["damping"], found["blend"]], [0.98, 0.7], atol=0.01)
