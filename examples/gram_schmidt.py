"""Orthonormal columns by Gram and Schmidt, in place: turn a subspace until it holds as much variance as it can.

python -m examples.gram_schmidt
"""

from __future__ import annotations

import numpy as np

import ast_ad


def orthonormalize(q: np.ndarray) -> None:
    """Make the columns of a matrix orthonormal, in place (modified Gram-Schmidt)."""
    for j in range(q.shape[1]):
        q[:, j] /= np.sqrt(q[:, j] @ q[:, j])
        for k in range(j + 1, q.shape[1]):
            q[:, k] -= (q[:, j] @ q[:, k]) * q[:, j]


def qr(a: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The factors of a matrix, with the inner products noted in the triangle."""
    q = np.array(a)
    n = q.shape[1]
    r = np.zeros((n, n))
    for j in range(n):
        v = q[:, j]
        for k in range(j):
            r[k, j] = q[:, k] @ v
            v -= r[k, j] * q[:, k]
        r[j, j] = np.linalg.norm(v)
        v /= r[j, j]
    return q, r


def captured(directions: np.ndarray, covariance: np.ndarray) -> float:
    """The variance in the subspace that the columns span."""
    q = directions.copy()
    orthonormalize(q)
    return np.trace(q.T @ covariance @ q)


def main() -> None:
    rng = np.random.default_rng(0)
    x = rng.standard_normal((200, 6)) * np.array([3.0, 2.0, 1.0, 0.5, 0.3, 0.1]) @ rng.standard_normal((6, 6))
    covariance = np.cov(x.T)
    best = np.sum(np.linalg.eigvalsh(covariance)[-2:])
    directions = rng.standard_normal((6, 2))
    variance_and_slopes = ast_ad.value_and_grad(captured)
    for step in range(101):
        variance, slopes = variance_and_slopes(directions, covariance)
        if step % 25 == 0:
            print(f"step {step:3d}: {100 * variance / best:.3f} % of the variance that two directions can hold")
        directions = directions + slopes / best
        orthonormalize(directions)


if __name__ == "__main__":
    main()
