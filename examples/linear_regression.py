"""Fit a line to noisy points by gradient descent, with the parameters in a dict.

The gradient is a dict with the same keys.

    python -m examples.linear_regression
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

import ast_ad

SLOPE, OFFSET, NOISE = 4.0, 10.0, 0.5

Params = dict[str, float]


def loss(params: Params, x: np.ndarray, t: np.ndarray) -> float:
    """Mean squared distance of the points from the line, in the direction of t."""
    y = params["slope"] * x + params["offset"]
    return np.mean((y - t) ** 2)


loss_and_gradient = ast_ad.value_and_grad(loss)


def points(count: int = 200, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Points near the line t = 4 x + 10."""
    rng = np.random.default_rng(seed)
    x = rng.uniform(-1.0, 1.0, count)
    return x, SLOPE * x + OFFSET + NOISE * rng.standard_normal(count)


def fit(x: np.ndarray, t: np.ndarray, steps: int = 100, rate: float = 0.5) -> Iterator[tuple[int, float, Params]]:
    """Plain gradient descent; yields (step, loss, parameters)."""
    params = {"slope": 0.0, "offset": 0.0}
    for k in range(steps):
        value, gradient = loss_and_gradient(params, x, t)
        yield k, value, params
        params = {name: params[name] - rate * gradient[name] for name in params}
    yield steps, loss(params, x, t), params


def main() -> None:
    for k, value, params in fit(*points()):
        if k % 20 == 0:
            print(f"step {k:3d}: loss {value:8.4f}, t = {params['slope']:.3f} x + {params['offset']:.3f}")
    print(f"truth: t = {SLOPE} x + {OFFSET}; variance of the noise: {NOISE**2}")


if __name__ == "__main__":
    main()
