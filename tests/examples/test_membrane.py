"""Ghost cells of three kinds, and the blow that is found from what was heard."""

from __future__ import annotations

import numpy as np

from ast_ad.testing import check_grads
from examples.membrane import fit, misfit, recorded


def test_gradients(order: int):
    rng = np.random.default_rng(0)
    check_grads(recorded, (0, 1), order=order)(rng.standard_normal((3, 4)), 0.3, 3, 2)
    check_grads(misfit, order=order)(rng.standard_normal((3, 4)), rng.standard_normal((3, 2)), 0.3, 2)


def test_it_goes_round_from_top_to_bottom():
    blow = np.zeros((4, 5))
    blow[1, 2] = 1.0
    heard = recorded(blow, 0.3, 10, 1)
    np.testing.assert_allclose(recorded(np.roll(blow, 1, axis=0), 0.3, 10, 1), np.roll(heard, 1, axis=1), atol=1e-15)


def test_the_blow_is_found():
    blow = np.zeros((4, 5))
    blow[1, 2] = 1.0
    heard = recorded(blow, 0.3, 40, 1)
    np.testing.assert_allclose(fit(heard, blow.shape, 0.3, 1, iterations=30), blow, atol=0.05)
