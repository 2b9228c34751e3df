"""Gaussian-process regression: fit the kernel's parameters by maximum likelihood, then predict with error bars.

The parameters are logarithms, which keeps what they stand for positive.  The gradient goes through a Cholesky
factorization and a triangular system.

    python -m examples.gaussian_process
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

import ast_ad
from examples.adam import adam

NOISE = 0.1

Params = dict[str, float]


def kernel(params: Params, a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """The covariances of the values at points `a` with those at points `b`."""
    distance = (a[:, None] - b) / np.exp(params["length"])
    return np.exp(2 * params["height"]) * np.exp(-0.5 * distance**2)


def covariance(params: Params, x: np.ndarray) -> np.ndarray:
    """The covariances of noisy readings at points `x`."""
    return kernel(params, x, x) + np.exp(2 * params["noise"]) * np.eye(len(x))


def negative_log_likelihood(params: Params, x: np.ndarray, y: np.ndarray) -> float:
    """Of the readings `y`, by the Cholesky factor of their covariance."""
    factor = np.linalg.cholesky(covariance(params, x))
    z = np.linalg.solve(factor, y)
    return 0.5 * np.sum(z * z) + np.sum(np.log(np.diag(factor))) + 0.5 * len(x) * np.log(2 * np.pi)


def by_determinant(params: Params, x: np.ndarray, y: np.ndarray) -> float:
    """The same number, by the determinant."""
    k = covariance(params, x)
    _, log_determinant = np.linalg.slogdet(k)
    return 0.5 * (y @ np.linalg.solve(k, y) + log_determinant + len(x) * np.log(2 * np.pi))


loss_and_gradient = ast_ad.value_and_grad(negative_log_likelihood)


def truth(x: np.ndarray) -> np.ndarray:
    """The function that is read."""
    return np.sin(3 * x) * np.exp(-0.3 * x)


def readings(count: int = 40, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Noisy readings at random points between 0 and 4."""
    rng = np.random.default_rng(seed)
    x = np.sort(rng.uniform(0.0, 4.0, count))
    return x, truth(x) + NOISE * rng.standard_normal(count)


def fit(x: np.ndarray, y: np.ndarray, steps: int = 100, rate: float = 0.1) -> Iterator[tuple[int, float, Params]]:
    """Yield (step, negative log-likelihood, parameters)."""
    start = {"length": 0.0, "height": 0.0, "noise": 0.0}
    return adam(lambda params: loss_and_gradient(params, x, y), start, steps, rate)


def predict(params: Params, x: np.ndarray, y: np.ndarray, at: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Mean and standard deviation of the function at other points, given the readings."""
    across = kernel(params, at, x)
    solved = np.linalg.solve(covariance(params, x), across.T)
    variance = np.exp(2 * params["height"]) - np.sum(across.T * solved, axis=0)
    return y @ solved, np.sqrt(variance)


def main() -> None:
    x, y = readings()
    for k, value, params in fit(x, y):
        if k % 20 == 0:
            shown = ", ".join(f"{name} {np.exp(log):.3f}" for name, log in params.items())
            print(f"step {k:3d}: negative log-likelihood {value:8.3f}, {shown}")
    at = np.linspace(0.5, 3.5, 4)
    for point, mean, deviation in zip(at, *predict(params, x, y, at)):
        print(f"f({point}) = {mean:6.3f} +- {deviation:.3f}, in truth {truth(point):6.3f}")


if __name__ == "__main__":
    main()
