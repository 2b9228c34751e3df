"""Black-box variational inference: fit a normal distribution to a density that is known as a program.

The bound is estimated with random draws; the derivative goes through what is made of them.

    python -m examples.black_box_vi
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np

import ast_ad
from examples.adam import adam

Params = dict[str, np.ndarray]


def normal_logpdf(x: np.ndarray, mean: np.ndarray | float, log_std: np.ndarray | float) -> np.ndarray:
    return -0.5 * ((x - mean) / np.exp(log_std)) ** 2 - log_std - 0.5 * np.log(2 * np.pi)


def funnel(z: np.ndarray) -> np.ndarray:
    """A density in the plane, wide at the top and narrow at the bottom; a row of `z` is a point."""
    return normal_logpdf(z[:, 1], 0.0, np.log(1.35)) + normal_logpdf(z[:, 0], 0.0, z[:, 1])


def negative_elbo(
    params: Params, log_density: Callable[[np.ndarray], np.ndarray], rng: np.random.Generator, draws: int
) -> float:
    """The evidence lower bound, with its sign changed, by draws from the approximation."""
    mean, log_std = params["mean"], params["log_std"]
    samples = rng.standard_normal((draws, len(mean))) * np.exp(log_std) + mean
    entropy = 0.5 * len(mean) * (1.0 + np.log(2 * np.pi)) + np.sum(log_std)
    return -(entropy + np.mean(log_density(samples)))


loss_and_gradient = ast_ad.value_and_grad(negative_elbo)


def fit(
    log_density: Callable[[np.ndarray], np.ndarray],
    start: Params,
    draws: int = 200,
    steps: int = 150,
    rate: float = 0.1,
) -> Iterator[tuple[int, float, Params]]:
    """Yield (step, negative bound, parameters)."""
    rng = np.random.default_rng(0)
    return adam(lambda params: loss_and_gradient(params, log_density, rng, draws), start, steps, rate)


def main() -> None:
    for step, value, params in fit(funnel, {"mean": np.array([-1.0, -1.0]), "log_std": np.array([-2.0, -2.0])}):
        if step % 30 == 0:
            mean, std = np.round(params["mean"], 2), np.round(np.exp(params["log_std"]), 2)
            print(f"step {step:3d}: bound {-value:7.3f}, mean {mean}, deviations {std}")


if __name__ == "__main__":
    main()
