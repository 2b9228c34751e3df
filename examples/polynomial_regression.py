"""Fit a polynomial to noisy points by gradient descent with momentum; the loss is evaluated by Horner's rule.

The derivative of the loop over the coefficients is a loop over them, backwards.

    python -m examples.polynomial_regression
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

import ast_ad

TRUTH = (0.5, -1.0, 0.0, 2.0)
NOISE = 0.1


def polynomial(coefficients: np.ndarray, x: np.ndarray) -> np.ndarray:
    """The polynomial with these coefficients, the constant first."""
    y = np.zeros_like(x)
    for c in coefficients[::-1]:
        y = y * x + c
    return y


def loss(coefficients: np.ndarray, x: np.ndarray, t: np.ndarray) -> float:
    return np.mean((polynomial(coefficients, x) - t) ** 2)


loss_and_gradient = ast_ad.value_and_grad(loss)


def points(count: int = 200, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Points near the polynomial 0.5 - x + 2 x^3."""
    rng = np.random.default_rng(seed)
    x = rng.uniform(-1.0, 1.0, count)
    return x, polynomial(np.array(TRUTH), x) + NOISE * rng.standard_normal(count)


def fit(
    x: np.ndarray, t: np.ndarray, degree: int = 3, steps: int = 300, rate: float = 0.2, momentum: float = 0.9
) -> Iterator[tuple[int, float, np.ndarray]]:
    """Gradient descent with momentum; yields (step, loss, coefficients)."""
    coefficients = np.zeros(degree + 1)
    velocity = np.zeros(degree + 1)
    for k in range(steps):
        value, gradient = loss_and_gradient(coefficients, x, t)
        yield k, value, coefficients
        velocity = momentum * velocity - rate * gradient
        coefficients = coefficients + velocity
    yield steps, loss(coefficients, x, t), coefficients


def main() -> None:
    x, t = points()
    for k, value, coefficients in fit(x, t):
        if k % 50 == 0:
            print(f"step {k:3d}: loss {value:.5f}, coefficients {np.round(coefficients, 3)}")
    print(f"truth {np.array(TRUTH)}, least squares {np.round(np.polynomial.polynomial.polyfit(x, t, 3), 3)}")


if __name__ == "__main__":
    main()
