"""The soft distance tends to the hard one; its gradient leads to a narrower mean."""

from __future__ import annotations

import numpy as np
import pytest

import ast_ad
from ast_ad.testing import check_grads
from examples.soft_dtw import barycenter, bump, soft_dtw


def test_gradients(order: int):
    rng = np.random.default_rng(0)
    check_grads(soft_dtw, (0, 1, 2), order=order)(rng.standard_normal(3), rng.standard_normal(4), 0.7)


def test_series_that_differ_in_speed_only_are_near_each_other():
    x, slower = np.array([0.0, 1.0, 2.0, 1.0]), np.array([0.0, 1.0, 1.0, 2.0, 2.0, 1.0])
    value, slopes = ast_ad.value_and_grad(soft_dtw)(x, slower, 1e-3)
    assert value == pytest.approx(0.0, abs=1e-2)
    assert np.max(np.abs(slopes)) < 1e-2


def test_the_mean_is_a_bump_again():
    series = [bump(at, 14) for at in (4.0, 6.0, 9.0)]
    steps = list(barycenter(series, gamma=0.05, steps=40, rate=0.1))
    (first, before), (mean, after) = steps[0], steps[-1]
    assert after < before - 1
    assert np.max(mean) > 1.3 * np.max(first)
