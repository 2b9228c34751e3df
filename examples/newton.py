"""Newton's method, in one dimension and in several: derivatives of a root by what the equation depends on.

The iteration stops when it has converged, so how often it runs depends on the values.

    python -m examples.newton
"""

from __future__ import annotations

import math

import numpy as np

import ast_ad


def kepler(mean_anomaly: float, eccentricity: float, tol: float = 1e-13) -> float:
    """Solve Kepler's equation, E - e sin E = M, for the eccentric anomaly E."""
    anomaly = mean_anomaly if eccentricity < 0.8 else math.pi
    while True:
        error = anomaly - eccentricity * math.sin(anomaly) - mean_anomaly
        step = error / (1.0 - eccentricity * math.cos(anomaly))
        anomaly -= step
        if abs(step) < tol:
            break
    return anomaly


def residual(x: np.ndarray, params: np.ndarray) -> np.ndarray:
    """A circle about the origin, and an exponential that crosses it."""
    return np.array([x[0] ** 2 + x[1] ** 2 - params[0], math.exp(params[1] * x[0]) + x[1] - 1.0])


def jacobian(x: np.ndarray, params: np.ndarray) -> np.ndarray:
    return np.array([[2.0 * x[0], 2.0 * x[1]], [params[1] * math.exp(params[1] * x[0]), 1.0]])


def crossing(params: np.ndarray, start: np.ndarray, tol: float = 1e-12, max_iter: int = 50) -> np.ndarray:
    """Where the two curves cross, by a Newton iteration with halved steps."""
    x = start
    f = residual(x, params)
    iteration = 0
    while np.linalg.norm(f) > tol and iteration < max_iter:
        step = np.linalg.solve(jacobian(x, params), f)
        size = 1.0
        while True:
            trial = x - size * step
            f_trial = residual(trial, params)
            if np.linalg.norm(f_trial) < np.linalg.norm(f) or size < 1e-4:
                break
            size *= 0.5
        x, f = trial, f_trial
        iteration += 1
    return x


def main() -> None:
    for eccentricity in (0.1, 0.5, 0.9):
        value, slope = ast_ad.value_and_grad(kepler, argnums=1)(1.0, eccentricity)
        print(f"e = {eccentricity}: E = {value:.6f}, dE/de = {slope:.6f}")
    params = np.array([4.0, 1.0])
    print("the curves cross at", crossing(params, np.array([1.0, -1.7])))
    slopes = ast_ad.grad(lambda p: crossing(p, np.array([1.0, -1.7]))[0])(params)
    print("slopes of the first coordinate:", slopes)


if __name__ == "__main__":
    main()
