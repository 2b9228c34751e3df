"""By elements and for all pairs at a time; the traffic on the roads adds up."""

from __future__ import annotations

import numpy as np
import pytest

import ast_ad
from ast_ad.testing import check_grads
from examples.shortest_paths import distances, distances_by_rows, town, trip


def test_gradients(order: int):
    length = np.random.default_rng(0).random((3, 3))
    check_grads(distances, (0, 1), order=order)(length, 0.3)
    check_grads(distances_by_rows, order=order)(length, 0.3)
    check_grads(trip, (0, 1))(town(), 0.3, 0, 4)


def test_both_forms_agree():
    for gamma in (0.5, 0.01):
        np.testing.assert_allclose(distances(town(), gamma), distances_by_rows(town(), gamma), atol=1e-12)


def test_what_leaves_a_place_has_come_to_it():
    _, traffic = ast_ad.value_and_grad(trip)(town(), 0.3, 0, 4)
    net = np.sum(traffic, axis=1) - np.sum(traffic, axis=0)
    np.testing.assert_allclose(net, [1.0, 0.0, 0.0, 0.0, -1.0], atol=1e-12)


def test_with_a_hard_minimum_all_take_the_shortest_way():
    value, traffic = ast_ad.value_and_grad(trip)(town(), 1e-3, 0, 4)
    assert value == pytest.approx(5.0)
    np.testing.assert_allclose([traffic[0, 1], traffic[1, 2], traffic[2, 4], traffic[0, 3]], [1, 1, 1, 0], atol=1e-12)
