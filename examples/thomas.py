"""Thomas's algorithm for tridiagonal systems: how stiff a bed is, from how a string that lies on it gives way.

One sweep down eliminates, one sweep up substitutes; both write into copies of the diagonals.

    python -m examples.thomas
"""

from __future__ import annotations

import numpy as np

import ast_ad


def thomas(lower: np.ndarray, diagonal: np.ndarray, upper: np.ndarray, right: np.ndarray) -> np.ndarray:
    """Solve a tridiagonal system; `lower` and `upper` have an element less than `diagonal`."""
    n = len(diagonal)
    d = diagonal.copy()
    x = right.copy()
    for i in range(1, n):
        w = lower[i - 1] / d[i - 1]
        d[i] -= w * upper[i - 1]
        x[i] -= w * x[i - 1]
    x[-1] /= d[-1]
    for i in range(n - 2, -1, -1):
        x[i] = (x[i] - upper[i] * x[i + 1]) / d[i]
    return x


def string(stiffness: np.ndarray, load: np.ndarray) -> np.ndarray:
    """How far a stretched string on an elastic bed gives way: ``-x'' + stiffness * x == load``, with x == 0 outside."""
    beside = np.full(len(load) - 1, -1.0)
    return thomas(beside, 2.0 + stiffness, beside, load)


def misfit(stiffness: np.ndarray, load: np.ndarray, measured: np.ndarray) -> float:
    """Squared difference from the measured displacements."""
    return np.sum((string(stiffness, load) - measured) ** 2)


def fit(load: np.ndarray, measured: np.ndarray, iterations: int) -> np.ndarray:
    """Find the stiffness of the bed, by the method of Gauss and Newton on its logarithm."""
    logs = np.zeros(len(load))
    slopes = ast_ad.jacobian(string)
    for _ in range(iterations):
        stiffness = np.exp(logs)
        residual = string(stiffness, load) - measured
        j = slopes(stiffness, load) * stiffness
        logs -= np.linalg.solve(j.T @ j + 1e-12 * np.eye(len(load)), j.T @ residual)
    return np.exp(logs)


def main() -> None:
    n = 12
    load = np.ones(n)
    truth = np.where(np.arange(n) < n // 2, 0.5, 2.0)
    measured = string(truth, load)
    slopes = ast_ad.grad(misfit)(np.ones(n), load, measured)
    print("gradient of the misfit at first:", np.round(slopes, 3))
    print("stiffness of the bed that is found:", np.round(fit(load, measured, iterations=8), 3))


if __name__ == "__main__":
    main()
