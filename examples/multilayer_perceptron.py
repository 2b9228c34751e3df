"""Tell the arms of spirals apart with a perceptron of any number of layers.

The parameters are a list with (W, b) for each layer, and the gradient is such a list.

    python -m examples.multilayer_perceptron
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence

import numpy as np

import ast_ad
from examples.adam import adam

ARMS = 3

Params = list[tuple[np.ndarray, np.ndarray]]


def logits(params: Params, x: np.ndarray) -> np.ndarray:
    """What the last layer says of each point, one number for each arm."""
    h = x
    for w, b in params[:-1]:
        h = np.tanh(h @ w + b)
    w, b = params[-1]
    return h @ w + b


def loss(params: Params, x: np.ndarray, arm: np.ndarray) -> float:
    """Mean cross entropy of the labels."""
    z = logits(params, x)
    z = z - np.max(z, axis=1, keepdims=True)
    log_sums = np.log(np.sum(np.exp(z), axis=1))
    return np.mean(log_sums - z[np.arange(len(arm)), arm])


loss_and_gradient = ast_ad.value_and_grad(loss)


def spirals(per_arm: int = 60, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Points along the arms, a little off them, and the number of the arm that each belongs to."""
    rng = np.random.default_rng(seed)
    radius = np.linspace(0.1, 1.0, per_arm)
    arm = np.repeat(np.arange(ARMS), per_arm)
    turn = 2 * np.pi * (arm / ARMS + 0.7 * np.tile(radius, ARMS)) + 0.1 * rng.standard_normal(len(arm))
    return np.tile(radius, ARMS)[:, None] * np.stack([np.cos(turn), np.sin(turn)], axis=1), arm


def initial(sizes: Sequence[int], seed: int) -> Params:
    """Random weights, scaled so that each layer passes on about what it gets."""
    rng = np.random.default_rng(seed)
    return [(rng.standard_normal((m, n)) / np.sqrt(m), np.zeros(n)) for m, n in itertools.pairwise(sizes)]


def fit(
    hidden: Sequence[int] = (16, 16), steps: int = 400, rate: float = 0.05, seed: int = 0
) -> Iterator[tuple[int, float, Params]]:
    """Yield (step, loss, parameters)."""
    x, arm = spirals()
    return adam(lambda params: loss_and_gradient(params, x, arm), initial((2, *hidden, ARMS), seed), steps, rate)


def accuracy(params: Params, x: np.ndarray, arm: np.ndarray) -> float:
    """Which part of the points is put on the right arm."""
    return float(np.mean(np.argmax(logits(params, x), axis=1) == arm))


def main() -> None:
    for k, value, params in fit():
        if k % 100 == 0:
            print(f"step {k:3d}: loss {value:.4f}, {accuracy(params, *spirals()):.1%} right")
    print(f"on points that it has not seen: {accuracy(params, *spirals(seed=1)):.1%} right")


if __name__ == "__main__":
    main()
