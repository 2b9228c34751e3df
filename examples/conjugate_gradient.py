"""Conjugate gradients: the derivative goes through the iteration, which stops when the residual is small.

python -m examples.conjugate_gradient
"""

from __future__ import annotations

import numpy as np

import ast_ad


def conjugate_gradient(a: np.ndarray, b: np.ndarray, tol: float = 1e-10) -> np.ndarray:
    """Solve a @ x = b for a symmetric positive definite `a`."""
    x = np.zeros_like(b)
    r = b - a @ x
    p = r.copy()
    rs_old = r @ r
    for _ in range(10 * len(b)):
        ap = a @ p
        alpha = rs_old / (p @ ap)
        x += alpha * p
        r -= alpha * ap
        rs_new = r @ r
        if np.sqrt(rs_new) < tol:
            break
        p = r + (rs_new / rs_old) * p
        rs_old = rs_new
    return x


def stiffness(springs: np.ndarray) -> np.ndarray:
    """The matrix of a chain of masses between springs, both ends held."""
    k = np.zeros((len(springs) - 1, len(springs) - 1))
    for i in range(len(k)):
        k[i, i] = springs[i] + springs[i + 1]
        if i > 0:
            k[i, i - 1] = k[i - 1, i] = -springs[i]
    return k


def sag(springs: np.ndarray, weights: np.ndarray) -> float:
    """The work that the weights do while the chain gives way."""
    return weights @ conjugate_gradient(stiffness(springs), weights)


def main() -> None:
    springs, weights = np.linspace(1.0, 2.0, 7), np.ones(6)
    value, slopes = ast_ad.value_and_grad(sag)(springs, weights)
    print(f"work {value:.4f}")
    for stiff, slope in zip(springs, slopes):
        print(f"a spring of stiffness {stiff:.2f}: {slope:8.4f}")


if __name__ == "__main__":
    main()
