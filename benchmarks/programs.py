"""Programs on arrays, whose derivatives are measured beside autograd's.

They take their library from the global name `np`, so that `peers` can give them another one.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from benchmarks.pairs import rosenbrock


@dataclass(frozen=True)
class Program:
    """A function and the arguments that it is measured with.

    Attributes
    ----------
    size : str
        What tells its rows in the table apart.
    argnums : int or tuple of int
        What the function is differentiated by.
    """

    title: str
    size: str
    fun: Callable[..., Any]
    args: tuple[Any, ...]
    argnums: int | tuple[int, ...] = 0


def rosenbrock_vectorised(x):
    return np.sum(100.0 * (x[1:] - x[:-1] ** 2) ** 2 + (1.0 - x[:-1]) ** 2)


def perceptron(layers, x, y):
    h = x
    for w, b in layers[:-1]:
        h = np.tanh(h @ w + b)
    w, b = layers[-1]
    return np.mean((h @ w + b - y) ** 2)


def log_sum_exp(x):
    top = np.max(x)
    return top + np.log(np.sum(np.exp(x - top)))


def log_sum_exp_of_rows(x):
    top = np.max(x, axis=1, keepdims=True)
    return top[:, 0] + np.log(np.sum(np.exp(x - top), axis=1))


def mixture(logits, means, log_scales, x):
    # Negative log-likelihood of points, a row of x each, under Gaussians with diagonal covariances.
    z = (x[:, None, :] - means) * np.exp(-log_scales)
    logs = logits - np.sum(log_scales, axis=1) - 0.5 * np.sum(z * z, axis=2)
    return len(x) * log_sum_exp(logits) - np.sum(log_sum_exp_of_rows(logs))


def sigmoid(x):
    return 0.5 + 0.5 * np.tanh(0.5 * x)


def lstm(params, xs, target):
    wx, wh, b, v = params["wx"], params["wh"], params["b"], params["v"]
    size = wh.shape[0]
    h = np.zeros((xs.shape[1], size))
    c = np.zeros((xs.shape[1], size))
    for x in xs:
        gates = x @ wx + h @ wh + b
        forget = sigmoid(gates[:, :size])
        take = sigmoid(gates[:, size : 2 * size])
        show = sigmoid(gates[:, 2 * size : 3 * size])
        c = forget * c + take * np.tanh(gates[:, 3 * size :])
        h = show * np.tanh(c)
    return np.mean((h @ v - target) ** 2)


def programs() -> tuple[Program, ...]:
    """Return all programs, with their arguments."""
    normal = np.random.default_rng(0).standard_normal

    def layers(*sizes: int) -> list[tuple[Any, Any]]:
        return [(normal((m, n)) / np.sqrt(m), normal(n)) for m, n in itertools.pairwise(sizes)]

    def perceptron_of(batch: int, *sizes: int) -> Program:
        args = (layers(*sizes), normal((batch, sizes[0])), normal((batch, sizes[-1])))
        return Program("perceptron", f"{batch} x {'-'.join(map(str, sizes))}", perceptron, args)

    def lstm_of(steps: int, batch: int, inputs: int, size: int) -> Program:
        params = {
            "wx": normal((inputs, 4 * size)) / np.sqrt(inputs),
            "wh": normal((size, 4 * size)) / np.sqrt(size),
            "b": normal(4 * size),
            "v": normal((size, 2)) / np.sqrt(size),
        }
        args = (params, normal((steps, batch, inputs)), normal((batch, 2)))
        return Program("LSTM", f"{steps} steps, {batch} x {inputs}-{size}-2", lstm, args)

    gaussians = (normal(10), normal((10, 8)), 0.1 * normal((10, 8)), normal((500, 8)))
    return (
        Program("Rosenbrock in a loop", "1000", rosenbrock, (normal(1000),)),
        Program("Rosenbrock vectorised", "1000", rosenbrock_vectorised, (normal(1000),)),
        Program("Rosenbrock vectorised", "100,000", rosenbrock_vectorised, (normal(100_000),)),
        perceptron_of(8, 4, 8, 1),
        perceptron_of(32, 16, 32, 32, 4),
        perceptron_of(64, 64, 128, 128, 10),
        perceptron_of(256, 256, 512, 512, 10),
        Program("log-sum-exp", "1000", log_sum_exp, (normal(1000),)),
        Program("log-sum-exp", "100,000", log_sum_exp, (normal(100_000),)),
        Program("Gaussian mixture", "500 x 8, 10 Gaussians", mixture, gaussians, (0, 1, 2)),
        lstm_of(100, 16, 8, 32),
    )
