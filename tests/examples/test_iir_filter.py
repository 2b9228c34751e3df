"""Both forms of the filter, and the coefficients that are learnt."""

from __future__ import annotations

import numpy as np

import ast_ad
from ast_ad.testing import check_grads
from examples.adam import adam
from examples.iir_filter import biquad, iir, misfit
from tests.examples.slopes import last

B, A = np.array([0.3, 0.2, 0.1]), np.array([-0.6, 0.3])


def test_both_forms_agree():
    x = np.random.default_rng(0).standard_normal(12)
    np.testing.assert_allclose(iir(B, A, x), biquad(B, A, x), rtol=1e-12)


def test_gradients(order: int):
    x = np.random.default_rng(1).standard_normal(6)
    check_grads(iir, (0, 1, 2))(B, A, x)
    check_grads(biquad, (0, 1, 2))(B, A, x)
    check_grads(misfit, order=order)({"b": B, "a": A}, x, np.ones(6))


def test_the_coefficients_are_learnt():
    x = np.random.default_rng(2).standard_normal(60)
    heard = iir(B, A, x)
    loss_and_slopes = ast_ad.value_and_grad(misfit)
    start = {"b": np.zeros(3), "a": np.zeros(2)}
    _, loss, found = last(adam(lambda p: loss_and_slopes(p, x, heard), start, steps=150, rate=0.1))
    assert loss < 1e-4
    np.testing.assert_allclose(found["b"], B, atol=0.05)
