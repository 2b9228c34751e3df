"""A Kalman filter: find how noisy a track and its readings are, by maximum likelihood.

python -m examples.kalman_filter
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

import ast_ad
from examples.adam import adam

Params = dict[str, float]

F = np.array([[1.0, 1.0], [0.0, 1.0]])  # position and velocity, a unit of time later
H = np.array([[1.0, 0.0]])  # the position is read


def kalman_filter(
    f: np.ndarray, q: np.ndarray, h: np.ndarray, r: np.ndarray, ys: np.ndarray
) -> tuple[np.ndarray, float]:
    """The filtered means, and the log-likelihood of the readings `ys`."""
    n = f.shape[0]
    m, p = np.zeros(n), np.eye(n)
    means = np.zeros((len(ys), n))
    log_likelihood = 0.0
    for t, y in enumerate(ys):
        if t > 0:
            m = f @ m
            p = f @ p @ f.T + q
        v = y - h @ m
        s = h @ p @ h.T + r
        gain = p @ h.T @ np.linalg.inv(s)
        m = m + gain @ v
        p = (np.eye(n) - gain @ h) @ p
        means[t] = m
        log_likelihood -= 0.5 * (v @ np.linalg.solve(s, v) + np.log(np.linalg.det(s)) + len(v) * np.log(2 * np.pi))
    return means, log_likelihood


def loss(params: Params, ys: np.ndarray) -> float:
    """The negative log-likelihood; the parameters are logarithms of the variances."""
    q = np.exp(params["drift"]) * np.array([[0.25, 0.5], [0.5, 1.0]])
    r = np.exp(params["noise"]) * np.eye(1)
    _, log_likelihood = kalman_filter(F, q, H, r, ys)
    return -log_likelihood


loss_and_gradient = ast_ad.value_and_grad(loss)


def track(count: int = 100, drift: float = 0.01, noise: float = 0.5, seed: int = 0) -> np.ndarray:
    """Noisy readings of something that is pushed at random."""
    rng = np.random.default_rng(seed)
    position, velocity = rng.standard_normal(2)
    ys = []
    for _ in range(count):
        ys.append([position + np.sqrt(noise) * rng.standard_normal()])
        push = np.sqrt(drift) * rng.standard_normal()
        position += velocity + 0.5 * push
        velocity += push
    return np.array(ys)


def fit(ys: np.ndarray, steps: int = 100, rate: float = 0.1) -> Iterator[tuple[int, float, Params]]:
    """Yield (step, negative log-likelihood, parameters)."""
    start = {"drift": 0.0, "noise": 0.0}
    return adam(lambda params: loss_and_gradient(params, ys), start, steps, rate)


def main() -> None:
    for step, value, params in fit(track()):
        if step % 20 == 0:
            found = ", ".join(f"{name} {np.exp(log):.3f}" for name, log in params.items())
            print(f"step {step:3d}: negative log-likelihood {value:8.3f}, {found}")


if __name__ == "__main__":
    main()
