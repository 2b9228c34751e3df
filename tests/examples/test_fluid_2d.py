"""A fluid on a grid: slopes through its steps, and that the dye is brought nearer."""

from __future__ import annotations

import numpy as np

from examples.fluid_2d import GRID, SIZE, Fluid, drop, misplaced, misplaced_and_slope, shaped
from tests.examples.slopes import check_slopes, last

WAVE = 2 * np.pi / SIZE
VORTICITY = (
    0.3 * np.sin(WAVE * GRID.y + 0.3) + 0.2 * np.cos(WAVE * (GRID.x + GRID.y) + 0.7) + 0.1 * np.sin(2 * WAVE * GRID.x)
)


def test_slopes_by_the_vorticity():
    check_slopes(misplaced, VORTICITY, misplaced_and_slope(VORTICITY)[1], step=1e-6)


def test_the_velocity_has_no_sources():
    u, v = Fluid(GRID, VORTICITY, drop(0.0, 0.0), 0.0).velocity()
    divergence = 1j * GRID.kx * np.fft.fft2(u) + 1j * GRID.ky * np.fft.fft2(v)
    np.testing.assert_allclose(divergence, 0.0, atol=1e-10)


def test_the_dye_is_brought_nearer():
    first = next(shaped(steps=0))[1]
    assert last(shaped(steps=25))[1] < 0.6 * first
