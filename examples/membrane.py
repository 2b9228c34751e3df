"""Waves on a drum, a two-dimensional stencil with boundary conditions of several kinds: where was it struck?

The drum is held at its left edge, free at its right edge, and goes round from top to bottom.  Ghost cells around the
grid are written before each step.  From what a few microphones hear, the gradient leads back to the blow.

    python -m examples.membrane
"""

from __future__ import annotations

import numpy as np

import ast_ad


def set_boundaries(u: np.ndarray) -> None:
    """Fill the ghost cells: held at the left, free at the right, periodic from top to bottom."""
    u[0, :] = u[-2, :]
    u[-1, :] = u[1, :]
    u[:, 0] = 0.0
    u[:, -1] = u[:, -2]


def recorded(blow: np.ndarray, c2: float, steps: int, every: int) -> np.ndarray:
    """What microphones at the right edge hear, one at each `every`-th row; `blow` is the speed at first."""
    rows, columns = blow.shape
    u = np.zeros((rows + 2, columns + 2))
    old = np.zeros((rows + 2, columns + 2))
    u[1:-1, 1:-1] = blow
    heard = np.zeros((steps, len(range(0, rows, every))))
    for t in range(steps):
        set_boundaries(u)
        new = 2 * u - old
        new[1:-1, 1:-1] += c2 * (u[:-2, 1:-1] + u[2:, 1:-1] + u[1:-1, :-2] + u[1:-1, 2:] - 4 * u[1:-1, 1:-1])
        old, u = u, new
        heard[t] = u[1:-1:every, -2]
    return heard


def misfit(blow: np.ndarray, heard: np.ndarray, c2: float, every: int) -> float:
    """Squared difference from what was heard."""
    return np.sum((recorded(blow, c2, len(heard), every) - heard) ** 2)


def fit(heard: np.ndarray, shape: tuple[int, int], c2: float, every: int, iterations: int) -> np.ndarray:
    """Find the blow by conjugate gradients: the misfit is quadratic in it."""
    slopes = ast_ad.grad(misfit)
    blow = np.zeros(shape)
    at_zero = slopes(blow, heard, c2, every)
    residual = -at_zero
    direction = residual.copy()
    for _ in range(iterations):
        curved = slopes(direction, heard, c2, every) - at_zero
        length = np.sum(residual * residual) / np.sum(direction * curved)
        blow = blow + length * direction
        following = residual - length * curved
        direction = following + np.sum(following**2) / np.sum(residual**2) * direction
        residual = following
    return blow


def main() -> None:
    blow = np.zeros((6, 8))
    blow[2, 3] = 1.0
    blow[4, 6] = -0.5
    heard = recorded(blow, c2=0.3, steps=60, every=2)
    print("blow that explains what was heard:")
    print(np.round(fit(heard, blow.shape, c2=0.3, every=2, iterations=60), 2) + 0.0)


if __name__ == "__main__":
    main()
