"""Cholesky's factorization by hand: the gradient of a Gaussian likelihood by the matrix of covariances.

The factor takes the place of the matrix, element by element, in three nested loops.

    python -m examples.cholesky
"""

from __future__ import annotations

import math

import numpy as np

import ast_ad


def cholesky(a: np.ndarray) -> np.ndarray:
    """The lower triangle L with L @ L.T == a; of `a` only the lower triangle is read."""
    n = a.shape[0]
    l = a.copy()  # noqa: E741
    for j in range(n):
        for k in range(j):
            l[j, j] -= l[j, k] ** 2
        l[j, j] = math.sqrt(l[j, j])
        for i in range(j + 1, n):
            for k in range(j):
                l[i, j] -= l[i, k] * l[j, k]
            l[i, j] /= l[j, j]
            l[j, i] = 0.0
    return l


def negative_log_likelihood(covariance: np.ndarray, x: np.ndarray) -> float:
    """Of one observation `x` under a Gaussian with mean 0, up to a constant."""
    factor = cholesky(covariance)
    z = x.copy()
    for i in range(len(z)):
        for j in range(i):
            z[i] -= factor[i, j] * z[j]
        z[i] /= factor[i, i]
    total = 0.0
    for i in range(len(z)):
        total += 0.5 * z[i] ** 2 + math.log(factor[i, i])
    return total


slopes = ast_ad.grad(negative_log_likelihood, argnums=(0, 1))


def main() -> None:
    rng = np.random.default_rng(0)
    w = rng.standard_normal((5, 8))
    covariance, x = w @ w.T, rng.standard_normal(5)
    by_covariance, by_x = slopes(covariance, x)
    inverse = np.linalg.inv(covariance)
    z = inverse @ x
    # Only the lower triangle is read: an element of it stands for both.
    formula = np.tril(inverse - np.outer(z, z))
    formula[np.diag_indices(5)] /= 2
    print("by the covariances:")
    print(np.round(by_covariance, 4))
    print(f"largest difference from the formula: {np.max(np.abs(by_covariance - formula)):.1e}")
    print("by the observation:", np.round(by_x, 4))
    print(f"largest difference from the formula: {np.max(np.abs(by_x - z)):.1e}")


if __name__ == "__main__":
    main()
