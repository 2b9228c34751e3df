"""Throws through force objects: their slopes, and that aiming hits."""

from __future__ import annotations

import numpy as np

from ast_ad.testing import check_grads
from examples.forces import TARGET, aimed, flight, miss
from tests.examples.slopes import last


def test_slopes_of_the_miss():
    check_grads(miss, (0, 1))(np.array([5.0, 6.0]), -1.5)


def test_the_band_pulls_in_one_branch_only():
    near, far = flight(np.array([0.5, 6.0])), flight(np.array([9.0, 6.0]))
    assert np.hypot(*(near.body.position - [0.0, 3.0])) < 5.0 < np.hypot(*(far.body.position - [0.0, 3.0]))


def test_aiming_hits():
    _, value, throw = last(aimed(np.array([5.0, 5.0])))
    assert value < 1e-6
    np.testing.assert_allclose(flight(throw).body.position, TARGET, atol=1e-2)
