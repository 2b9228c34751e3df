"""Logistic regression: from noisy yes-or-no answers, find the direction that they depend on.

The loss is convex, so plain gradient descent finds its minimum; it is penalised a little, so that there is one.

    python -m examples.logistic_regression
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

import ast_ad

WEIGHTS = np.array([2.0, -1.0, 0.5, 0.0])
BIAS = -0.5
PENALTY = 1e-3


def loss(weights: np.ndarray, bias: float, x: np.ndarray, yes: np.ndarray) -> float:
    """Mean negative log-likelihood of the answers, with a penalty on large weights."""
    z = x @ weights + bias
    return np.mean(np.logaddexp(0.0, z) - yes * z) + PENALTY * np.sum(weights**2)


loss_and_gradient = ast_ad.value_and_grad(loss, argnums=("weights", "bias"))


def answers(count: int = 500, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Inputs, and an answer for each: yes (1.0) with the probability that the model says, else no (0.0)."""
    rng = np.random.default_rng(seed)
    x = rng.standard_normal((count, len(WEIGHTS)))
    probability = 1.0 / (1.0 + np.exp(-(x @ WEIGHTS + BIAS)))
    return x, (rng.uniform(size=count) < probability).astype(float)


def fit(
    x: np.ndarray, yes: np.ndarray, steps: int = 300, rate: float = 2.0
) -> Iterator[tuple[int, float, tuple[np.ndarray, float]]]:
    """Gradient descent; yields (step, loss, (weights, bias))."""
    weights, bias = np.zeros(x.shape[1]), 0.0
    for k in range(steps):
        value, (weights_bar, bias_bar) = loss_and_gradient(weights, bias, x, yes)
        yield k, value, (weights, bias)
        weights = weights - rate * weights_bar
        bias = bias - rate * bias_bar
    yield steps, loss(weights, bias, x, yes), (weights, bias)


def accuracy(weights: np.ndarray, bias: float, x: np.ndarray, yes: np.ndarray) -> float:
    """Which part of the answers is predicted."""
    return float(np.mean((x @ weights + bias > 0) == (yes > 0.5)))


def main() -> None:
    x, yes = answers()
    for k, value, (weights, bias) in fit(x, yes):
        if k % 60 == 0:
            print(f"step {k:3d}: loss {value:.5f}, weights {np.round(weights, 3)}, bias {bias:.3f}")
    print(f"truth: weights {WEIGHTS}, bias {BIAS}; {accuracy(weights, bias, x, yes):.1%} of the answers predicted")


if __name__ == "__main__":
    main()
