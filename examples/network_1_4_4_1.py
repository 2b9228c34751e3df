"""Teach a wave to a network of 1, 4, 4 and 1 units, written out layer by layer, with tanh and with relu.

The activation is an argument: a derivative is generated for each function that is passed.

    python -m examples.network_1_4_4_1
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np

import ast_ad
from examples.adam import adam

Params = dict[str, np.ndarray]


def tanh(x: np.ndarray) -> np.ndarray:
    return np.tanh(x)


def relu(x: np.ndarray) -> np.ndarray:
    return np.maximum(x, 0.0)


ACTIVATIONS = (tanh, relu)


def network(params: Params, activation: Callable[[np.ndarray], np.ndarray], x: np.ndarray) -> np.ndarray:
    """The outputs for a column of inputs."""
    h1 = activation(x @ params["w1"] + params["b1"])
    h2 = activation(h1 @ params["w2"] + params["b2"])
    return h2 @ params["w3"] + params["b3"]


def loss(params: Params, activation: Callable[[np.ndarray], np.ndarray], x: np.ndarray, t: np.ndarray) -> float:
    return np.mean((network(params, activation, x) - t) ** 2)


loss_and_gradient = ast_ad.value_and_grad(loss)


def wave(count: int = 50) -> tuple[np.ndarray, np.ndarray]:
    """One period of a sine, as columns."""
    x = np.linspace(-1.0, 1.0, count)[:, None]
    return x, np.sin(np.pi * x)


def initial(seed: int) -> Params:
    """Random parameters."""
    rng = np.random.default_rng(seed)
    return {
        "w1": rng.standard_normal((1, 4)),
        "b1": rng.standard_normal(4),
        "w2": rng.standard_normal((4, 4)),
        "b2": np.zeros(4),
        "w3": rng.standard_normal((4, 1)),
        "b3": np.zeros(1),
    }


def fit(
    activation: Callable[[np.ndarray], np.ndarray], steps: int = 1000, rate: float = 0.05, seed: int = 0
) -> Iterator[tuple[int, float, Params]]:
    """Yield (step, loss, parameters)."""
    x, t = wave()
    return adam(lambda params: loss_and_gradient(params, activation, x, t), initial(seed), steps, rate)


def main() -> None:
    for activation in ACTIVATIONS:
        for k, value, _ in fit(activation):
            if k % 200 == 0:
                print(f"{activation.__name__}, step {k:4d}: loss {value:.2e}")


if __name__ == "__main__":
    main()
