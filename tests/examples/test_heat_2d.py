"""The map of influence, by slices and by cells, and the sensor as it says."""

from __future__ import annotations

import numpy as np

import ast_ad
from ast_ad.testing import check_grads
from examples.heat_2d import influence, sensor, sensor_by_cells


def test_gradients(order: int):
    power = np.random.default_rng(0).standard_normal((5, 6))
    check_grads(sensor, (0, 1), order=order)(power, 0.2, 4, 2, 3)
    check_grads(sensor_by_cells, (0, 1), order=order)(power[:4, :5], 0.2, 3, 2, 3)


def test_the_sensor_is_warmed_as_the_map_says():
    rng = np.random.default_rng(1)
    found = influence(np.zeros((6, 7)), 0.2, 12, 2, 3)
    power = rng.standard_normal((6, 7))
    np.testing.assert_allclose(sensor(power, 0.2, 12, 2, 3), np.sum(found * power), rtol=1e-12)


def test_slices_and_cells_have_one_gradient():
    power = np.random.default_rng(2).standard_normal((5, 5))
    by_slices = ast_ad.grad(sensor, (0, 1))(power, 0.2, 5, 2, 2)
    by_cells = ast_ad.grad(sensor_by_cells, (0, 1))(power, 0.2, 5, 2, 2)
    for a, b in zip(by_slices, by_cells):
        np.testing.assert_allclose(a, b, rtol=1e-12, atol=1e-15)
