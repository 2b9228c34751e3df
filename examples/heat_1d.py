"""The heat equation in one dimension: find how well a rod conducts from readings of its temperatures.

The ends of the rod keep their temperatures.  The explicit scheme updates the temperatures in place, hundreds of times,
and the gradient runs back through all of these updates.

    python -m examples.heat_1d
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

import ast_ad
from examples.adam import adam


def conduct(u: np.ndarray, conductivity: np.ndarray, steps: int) -> None:
    """Let the temperatures `u` change for some time steps; each gap between two cells has a conductivity."""
    for _ in range(steps):
        flux = conductivity * (u[1:] - u[:-1])
        u[1:-1] += flux[1:] - flux[:-1]


def simulate(u0: np.ndarray, conductivity: np.ndarray, readings: int, steps: int) -> np.ndarray:
    """The temperatures at some times, `steps` time steps apart."""
    u = u0.copy()
    found = np.zeros((readings, len(u)))
    for k in range(readings):
        conduct(u, conductivity, steps)
        found[k] = u
    return found


def misfit(conductivity: np.ndarray, u0: np.ndarray, measured: np.ndarray, steps: int) -> float:
    """Mean squared difference between simulated and measured temperatures."""
    return np.mean((simulate(u0, conductivity, len(measured), steps) - measured) ** 2)


misfit_and_slopes = ast_ad.value_and_grad(misfit)


def truth(cells: int) -> np.ndarray:
    """A rod whose right half conducts worse."""
    return np.where(np.arange(cells - 1) < cells // 2, 0.4, 0.1)


def initial(cells: int) -> np.ndarray:
    """Hot on the left, with waves."""
    x = np.linspace(0.0, 1.0, cells)
    return 1.0 - x + 0.5 * np.sin(3 * np.pi * x)


def fit(u0: np.ndarray, measured: np.ndarray, steps: int, iterations: int) -> Iterator[tuple[int, float, np.ndarray]]:
    """Descend from a rod that is the same everywhere; yields (iteration, misfit, conductivity)."""
    start = np.full(len(u0) - 1, 0.25)
    return adam(lambda conductivity: misfit_and_slopes(conductivity, u0, measured, steps), start, iterations, rate=0.02)


def main() -> None:
    cells, steps = 20, 10
    u0 = initial(cells)
    measured = simulate(u0, truth(cells), readings=20, steps=steps)
    for k, loss, conductivity in fit(u0, measured, steps, iterations=300):
        if k % 100 == 0:
            left, right = conductivity[: cells // 2], conductivity[cells // 2 :]
            print(f"iteration {k:3d}: misfit {loss:.2e}")
            print("    left half: ", np.round(left, 2))
            print("    right half:", np.round(right, 2))


if __name__ == "__main__":
    main()
