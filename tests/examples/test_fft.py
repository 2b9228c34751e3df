"""The transform is NumPy's; real and complex signals, and the phases that are found."""

from __future__ import annotations

import numpy as np
import pytest

import ast_ad
from ast_ad.testing import check_grads
from examples.fft import fft, fit, misfit

RNG = np.random.default_rng(0)
REAL = RNG.standard_normal(8)
COMPLEX = REAL + 1j * RNG.standard_normal(8)


@pytest.mark.parametrize("signal", [REAL, COMPLEX], ids=["real", "complex"])
def test_transform_and_gradients(signal: np.ndarray, order: int):
    np.testing.assert_allclose(fft(signal), np.fft.fft(signal), atol=1e-14)
    check_grads(fft, order=order)(signal)
    check_grads(misfit, (0, 1), order=order)(signal, np.arange(1.0, 9.0))


def test_the_pullback_is_a_transform_again():
    _, pullback = ast_ad.vjp(fft, COMPLEX)
    seed = RNG.standard_normal(8) + 0j
    np.testing.assert_allclose(pullback(seed)[0], np.fft.fft(seed), atol=1e-13)


def test_a_signal_with_the_amplitudes_is_found():
    amplitudes = np.abs(np.fft.fft(REAL))
    found, losses = fit(REAL + 0.1, amplitudes, steps=100, rate=0.1)
    assert losses[-1] < 1e-3 * losses[0]
    assert misfit(found, amplitudes) < 1e-4
