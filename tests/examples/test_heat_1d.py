"""The conductivity of the rod is found, with the right gradient."""

from __future__ import annotations

import numpy as np

from ast_ad.testing import check_grads
from examples.heat_1d import fit, initial, misfit, simulate, truth
from tests.examples.slopes import last


def test_gradients(order: int):
    rng = np.random.default_rng(0)
    u0, conductivity = rng.standard_normal(6), 0.1 + 0.2 * rng.random(5)
    check_grads(simulate, (0, 1), order=order)(u0, conductivity, 2, 3)
    check_grads(misfit, (0, 1, 2), order=order)(conductivity, u0, rng.standard_normal((2, 6)), 3)


def test_the_conductivity_is_found():
    u0 = initial(12)
    measured = simulate(u0, truth(12), readings=10, steps=10)
    _, loss, conductivity = last(fit(u0, measured, steps=10, iterations=150))
    assert loss < 1e-5
    np.testing.assert_allclose(conductivity, truth(12), atol=0.03)
