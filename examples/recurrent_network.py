"""A recurrent network and an LSTM read a sequence and foretell each next number.

The parameters are dicts of arrays; the outputs are a list that grows with the sequence.

    python -m examples.recurrent_network
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np

import ast_ad
from examples.adam import adam

Params = dict[str, np.ndarray]
Network = Callable[[Params, np.ndarray], list[np.ndarray]]


def sigmoid(x: np.ndarray) -> np.ndarray:
    return 1.0 / (1.0 + np.exp(-x))


def rnn(params: Params, xs: np.ndarray) -> list[np.ndarray]:
    """The outputs of a recurrent network with one hidden layer."""
    h = np.zeros(params["W_hh"].shape[0])
    outputs = []
    for x in xs:
        h = np.tanh(params["W_xh"] @ x + params["W_hh"] @ h + params["b_h"])
        outputs.append(params["W_hy"] @ h + params["b_y"])
    return outputs


def lstm_cell(params: Params, x: np.ndarray, h: np.ndarray, c: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """What is shown, and what is remembered, after one more input."""
    z = np.concatenate([h, x])
    forget = sigmoid(params["W_f"] @ z + params["b_f"])
    write = sigmoid(params["W_i"] @ z + params["b_i"])
    show = sigmoid(params["W_o"] @ z + params["b_o"])
    c = forget * c + write * np.tanh(params["W_c"] @ z + params["b_c"])
    return show * np.tanh(c), c


def lstm(params: Params, xs: np.ndarray) -> list[np.ndarray]:
    """The outputs of a layer of LSTM cells."""
    h = np.zeros(len(params["b_f"]))
    c = np.zeros(len(params["b_f"]))
    outputs = []
    for x in xs:
        h, c = lstm_cell(params, x, h, c)
        outputs.append(params["W_hy"] @ h + params["b_y"])
    return outputs


def loss(params: Params, network: Network, xs: np.ndarray) -> float:
    """Mean squared error of what is foretold."""
    outputs = network(params, xs[:-1])
    total = 0.0
    for output, target in zip(outputs, xs[1:]):
        total += np.mean((output - target) ** 2)
    return total / len(outputs)


loss_and_gradient = ast_ad.value_and_grad(loss)


def rnn_params(inputs: int, hidden: int, seed: int = 0) -> Params:
    rng = np.random.default_rng(seed)
    return {
        "W_xh": rng.standard_normal((hidden, inputs)) / np.sqrt(inputs),
        "W_hh": rng.standard_normal((hidden, hidden)) / np.sqrt(hidden),
        "b_h": np.zeros(hidden),
        "W_hy": rng.standard_normal((inputs, hidden)) / np.sqrt(hidden),
        "b_y": np.zeros(inputs),
    }


def lstm_params(inputs: int, hidden: int, seed: int = 0) -> Params:
    rng = np.random.default_rng(seed)
    params = {}
    for gate in "fioc":
        params[f"W_{gate}"] = rng.standard_normal((hidden, hidden + inputs)) / np.sqrt(hidden + inputs)
        params[f"b_{gate}"] = np.zeros(hidden)
    params["W_hy"] = rng.standard_normal((inputs, hidden)) / np.sqrt(hidden)
    params["b_y"] = np.zeros(inputs)
    return params


def wave(length: int = 60) -> np.ndarray:
    """Two sines that beat, a number at each time."""
    t = np.arange(length)
    return (0.5 * np.sin(0.5 * t) + 0.3 * np.sin(0.8 * t))[:, None]


def fit(
    network: Network, start: Params, xs: np.ndarray, steps: int = 150, rate: float = 0.02
) -> Iterator[tuple[int, float, Params]]:
    """Yield (step, loss, parameters)."""
    return adam(lambda params: loss_and_gradient(params, network, xs), start, steps, rate)


def main() -> None:
    for name, network, start in (("rnn", rnn, rnn_params(1, 10)), ("lstm", lstm, lstm_params(1, 10))):
        for step, value, _ in fit(network, start, wave()):
            if step % 50 == 0:
                print(f"{name:4s} step {step:3d}: loss {value:.5f}")


if __name__ == "__main__":
    main()
