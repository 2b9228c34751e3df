"""Shape a flow: a two-dimensional fluid on a periodic grid, and the gradient through all of its time steps.

The state is the vorticity.  Each step finds the velocity (a Poisson equation, by Fourier transforms), carries the
vorticity along (semi-Lagrangian: each cell looks where it came from) and lets it diffuse.  The fit finds the vorticity
from which the flow brings a drop of dye to a given place.

    python -m examples.fluid_2d
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

import ast_ad


class Grid:
    """A square periodic grid, and the wave numbers of its Fourier transform."""

    def __init__(self, size: int) -> None:
        self.size = size
        k = 2 * np.pi * np.fft.fftfreq(size)
        self.kx, self.ky = np.meshgrid(k, k, indexing="ij")
        self.square = self.kx**2 + self.ky**2
        self.square[0, 0] = 1.0
        self.x, self.y = np.meshgrid(np.arange(float(size)), np.arange(float(size)), indexing="ij")


class Fluid:
    """A flow: its vorticity, and the dye in it."""

    def __init__(self, grid: Grid, vorticity: np.ndarray, dye: np.ndarray, viscosity: float) -> None:
        self.grid = grid
        self.vorticity = vorticity
        self.dye = dye
        self.viscosity = viscosity

    def velocity(self) -> tuple[np.ndarray, np.ndarray]:
        """Return the velocity that has this vorticity."""
        stream = np.fft.fft2(self.vorticity) / self.grid.square
        u = np.real(np.fft.ifft2(1j * self.grid.ky * stream))
        v = np.real(np.fft.ifft2(-1j * self.grid.kx * stream))
        return u, v

    def carried(self, field: np.ndarray, u: np.ndarray, v: np.ndarray, dt: float) -> np.ndarray:
        """Return what a field is when the flow has carried it along: bilinear between the cells it came from."""
        size = self.grid.size
        x = (self.grid.x - dt * u) % size
        y = (self.grid.y - dt * v) % size
        i, j = np.floor(x).astype(int), np.floor(y).astype(int)
        a, b = x - i, y - j
        i, j = i % size, j % size
        right, up = (i + 1) % size, (j + 1) % size
        below = (1 - a) * field[i, j] + a * field[right, j]
        above = (1 - a) * field[i, up] + a * field[right, up]
        return (1 - b) * below + b * above

    def step(self, dt: float) -> None:
        """Let some time pass."""
        u, v = self.velocity()
        vorticity = self.carried(self.vorticity, u, v, dt)
        decay = np.exp(-self.viscosity * dt * self.grid.square)
        self.vorticity = np.real(np.fft.ifft2(decay * np.fft.fft2(vorticity)))
        self.dye = self.carried(self.dye, u, v, dt)


SIZE = 16
GRID = Grid(SIZE)


def drop(x: float, y: float, width: float = 2.0) -> np.ndarray:
    """Return a round drop of dye."""
    return np.exp(-((GRID.x - x) ** 2 + (GRID.y - y) ** 2) / (2 * width**2))


START, WANTED = drop(6.0, 8.0), drop(10.0, 8.0)


def flow(vorticity: np.ndarray, steps: int = 8, dt: float = 1.0) -> Fluid:
    """Return the fluid after some steps."""
    fluid = Fluid(GRID, vorticity, START, 0.02)
    for _ in range(steps):
        fluid.step(dt)
    return fluid


def misplaced(vorticity: np.ndarray) -> float:
    """Return how far the dye is from where it is wanted; a little is asked of the vorticity, too."""
    fluid = flow(vorticity)
    return np.sum((fluid.dye - WANTED) ** 2) + 1e-2 * np.sum(vorticity**2)  # type: ignore[no-any-return]


misplaced_and_slope = ast_ad.value_and_grad(misplaced)


def shaped(steps: int = 40, rate: float = 0.03) -> Iterator[tuple[int, float, np.ndarray]]:
    """Yield (step, misfit, vorticity) while the flow is shaped."""
    vorticity = 0.1 * np.sin(2 * np.pi * GRID.y / SIZE)
    for step in range(steps + 1):
        value, slope = misplaced_and_slope(vorticity)
        yield step, float(value), vorticity
        vorticity = vorticity - rate * slope


def main() -> None:
    """Shape the flow, and print how the dye gets to its place."""
    for step, value, vorticity in shaped():
        if step % 10 == 0:
            dye = flow(vorticity).dye
            print(f"step {step:3d}: misfit {value:8.4f}, dye at x = {np.sum(dye * GRID.x) / np.sum(dye):.2f}")


if __name__ == "__main__":
    main()
