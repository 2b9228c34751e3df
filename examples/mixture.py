"""Expectation-maximisation for a mixture of normal distributions, and the derivative of where it ends.

At the fixed point the slopes of the log-likelihood vanish; how the means found depend on each point of the data (its
influence) is a derivative through all iterations.

    python -m examples.mixture
"""

from __future__ import annotations

import numpy as np

import ast_ad


def log_densities(x: np.ndarray, weights: np.ndarray, means: np.ndarray, variances: np.ndarray) -> np.ndarray:
    """Of each point in each component, times the component's weight."""
    scaled = (x[:, None] - means) ** 2 / variances
    return np.log(weights) - 0.5 * (scaled + np.log(2 * np.pi * variances))


def log_likelihood(x: np.ndarray, weights: np.ndarray, means: np.ndarray, variances: np.ndarray) -> float:
    each = log_densities(x, weights, means, variances)
    top = np.max(each, axis=1, keepdims=True)
    return np.sum(top[:, 0] + np.log(np.sum(np.exp(each - top), axis=1)))


def em(
    x: np.ndarray, means: np.ndarray, tol: float = 1e-9, max_iter: int = 200
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Weights, means and variances of the components, from a guess of the means."""
    k = len(means)
    weights = np.full(k, 1.0 / k)
    variances = np.full(k, np.var(x))
    previous = -np.inf
    for _ in range(max_iter):
        # expectation
        each = log_densities(x, weights, means, variances)
        each -= each.max(axis=1, keepdims=True)
        shares = np.exp(each)
        shares /= shares.sum(axis=1, keepdims=True)
        # maximisation
        counts = shares.sum(axis=0)
        weights = counts / len(x)
        means = shares.T @ x / counts
        variances = (shares * (x[:, None] - means) ** 2).sum(axis=0) / counts
        current = log_likelihood(x, weights, means, variances)
        if current - previous < tol:
            break
        previous = current
    return weights, means, variances


def distance(x: np.ndarray, guess: np.ndarray) -> float:
    """Of the outer means that are found."""
    _, means, _ = em(x, guess)
    return means[-1] - means[0]


def sample(count: int = 40, seed: int = 0) -> np.ndarray:
    rng = np.random.default_rng(seed)
    return np.where(rng.random(count) < 0.4, rng.normal(-2.0, 0.6, count), rng.normal(1.5, 0.9, count))


def main() -> None:
    x, guess = sample(), np.array([-1.0, 1.0])
    weights, means, variances = em(x, guess)
    print("weights", np.round(weights, 3), "means", np.round(means, 3), "variances", np.round(variances, 3))
    influence = ast_ad.grad(distance)(x, guess)
    for i in np.argsort(x)[::8]:
        print(f"the point at {x[i]:6.3f} pulls the means apart by {influence[i]:7.4f}")


if __name__ == "__main__":
    main()
