"""The heat equation in two dimensions: where must a plate be heated, to warm the place of a sensor?

The gradient of the sensor's temperature by the power at all places is a map of influence: one run of the simulation
forward, and one backward, tell for every place what heating there would do.

    python -m examples.heat_2d
"""

from __future__ import annotations

import numpy as np

import ast_ad


def sensor(power: np.ndarray, a: float, steps: int, row: int, column: int) -> float:
    """Temperature at a place of a plate that is heated everywhere, and cooled to 0 at its rim."""
    u = np.zeros_like(power)
    lap = np.zeros_like(power)
    for _ in range(steps):
        lap[1:-1, 1:-1] = u[2:, 1:-1] + u[:-2, 1:-1] + u[1:-1, 2:] + u[1:-1, :-2] - 4 * u[1:-1, 1:-1]
        u += a * lap + power
        u[0, :] = 0.0
        u[-1, :] = 0.0
        u[:, 0] = 0.0
        u[:, -1] = 0.0
    return u[row, column]


def sensor_by_cells(power: np.ndarray, a: float, steps: int, row: int, column: int) -> float:
    """The same, with loops over the cells and two arrays that change places."""
    rows, columns = power.shape
    u = np.zeros((rows, columns))
    new = np.zeros((rows, columns))
    for _ in range(steps):
        for i in range(1, rows - 1):
            for j in range(1, columns - 1):
                lap = u[i + 1, j] + u[i - 1, j] + u[i, j + 1] + u[i, j - 1] - 4 * u[i, j]
                new[i, j] = u[i, j] + a * lap + power[i, j]
        u, new = new, u
    return u[row, column]


influence = ast_ad.grad(sensor)


def main() -> None:
    power = np.zeros((9, 13))
    for steps in (5, 20, 100):
        print(f"influence on the sensor after {steps} steps, in percent of the largest")
        found = influence(power, 0.2, steps, 3, 4)
        for line in np.rint(100 * found / np.max(found)).astype(int):
            print(" ".join(f"{percent:3d}" for percent in line))


if __name__ == "__main__":
    main()
