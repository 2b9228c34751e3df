"""Gaussian elimination with pivoting by hand: the gradients of a determinant and of a solution.

Rows are swapped in place, and what is swapped depends on the numbers; the permutation is an array of integers that
changes in the loop.

    python -m examples.lu
"""

from __future__ import annotations

import numpy as np

import ast_ad


def decompose(a: np.ndarray) -> tuple[np.ndarray, np.ndarray, float]:
    """L and U in one matrix, the permutation of the rows, and its sign."""
    lu = a.copy()
    n = len(lu)
    rows = np.arange(n)
    sign = 1.0
    for k in range(n - 1):
        pivot = k + np.argmax(np.abs(lu[k:, k]))
        if pivot != k:
            lu[[k, pivot]] = lu[[pivot, k]]
            rows[k], rows[pivot] = rows[pivot], rows[k]
            sign = -sign
        for i in range(k + 1, n):
            lu[i, k] /= lu[k, k]
            lu[i, k + 1 :] -= lu[i, k] * lu[k, k + 1 :]
    return lu, rows, sign


def determinant(a: np.ndarray) -> float:
    """The product of the pivots."""
    lu, _, sign = decompose(a)
    for k in range(len(lu)):
        sign *= lu[k, k]
    return sign


def solve(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """The solution of ``a @ x == b``."""
    lu, rows, _ = decompose(a)
    x = b[rows]
    n = len(x)
    for i in range(n):
        x[i] -= lu[i, :i] @ x[:i]
    for i in range(n - 1, -1, -1):
        x[i] = (x[i] - lu[i, i + 1 :] @ x[i + 1 :]) / lu[i, i]
    return x


def main() -> None:
    rng = np.random.default_rng(0)
    a, b = rng.standard_normal((5, 5)), rng.standard_normal(5)
    value, slopes = ast_ad.value_and_grad(determinant)(a)
    print(f"determinant {value:.6f}; its gradient:")
    print(np.round(slopes, 4))
    print(f"largest difference from det(a) * inv(a).T: {np.max(np.abs(slopes - value * np.linalg.inv(a).T)):.1e}")
    by_b = ast_ad.jacobian(solve, argnums=1)(a, b)
    print(f"largest difference of dx/db from inv(a): {np.max(np.abs(by_b - np.linalg.inv(a))):.1e}")


if __name__ == "__main__":
    main()
