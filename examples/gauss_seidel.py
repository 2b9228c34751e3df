"""The iteration of Gauss and Seidel: what does a load on a membrane do to the middle of it?

Each unknown is replaced as soon as it is known, until nothing moves any more; how many sweeps that takes depends on the
numbers.  The gradient through the sweeps tends to that of the exact solution.

    python -m examples.gauss_seidel
"""

from __future__ import annotations

import numpy as np

import ast_ad


def gauss_seidel(a: np.ndarray, b: np.ndarray, tol: float) -> np.ndarray:
    """Solve ``a @ x == b``, for a matrix with a dominant diagonal."""
    n = len(b)
    x = np.zeros(n)
    while True:
        change = 0.0
        for i in range(n):
            s = b[i]
            for j in range(n):
                if j != i:
                    s -= a[i, j] * x[j]
            new = s / a[i, i]
            change = max(change, abs(new - x[i]))
            x[i] = new
        if change < tol:
            return x


def membrane(load: np.ndarray, h: float, tol: float) -> np.ndarray:
    """Solve Poisson's equation in the plane, with 0 around: red and black cells by turns, in place."""
    u = np.zeros_like(load)
    old = u.copy()
    while True:
        old[:] = u
        for colour in range(2):
            for i in range(1, len(u) - 1):
                start = 1 + (i + colour) % 2
                u[i, start:-1:2] = 0.25 * (
                    u[i - 1, start:-1:2]
                    + u[i + 1, start:-1:2]
                    + u[i, start - 1 : -2 : 2]
                    + u[i, start + 1 :: 2]
                    + h * h * load[i, start:-1:2]
                )
        if np.max(np.abs(u - old)) < tol:
            break
    return u


def main() -> None:
    rng = np.random.default_rng(0)
    n = 6
    a, b = rng.standard_normal((n, n)) + 2 * n * np.eye(n), rng.standard_normal(n)

    def energy(a, b, tol):
        x = gauss_seidel(a, b, tol)
        return np.sum(x * x)

    x = np.linalg.solve(a, b)
    exact = np.linalg.solve(a.T, 2 * x)
    for tol in (1e-2, 1e-5, 1e-9):
        b_bar = ast_ad.grad(energy, argnums=1)(a, b, tol)
        print(f"tolerance {tol:g}: the gradient is {np.max(np.abs(b_bar - exact)):.1e} from that of the exact solution")
    load = np.ones((9, 9))
    moved = ast_ad.grad(lambda load: membrane(load, 1 / 8, 1e-6)[4, 4])(load)
    print("what a load does to the middle of the membrane:")
    print(np.round(100 * moved, 2))


if __name__ == "__main__":
    main()
