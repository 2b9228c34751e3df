"""Soft dynamic time warping (Cuturi and Blondel, 2017): the mean of series that run at different speeds.

The distance is a dynamic program over a table that is filled element by element; its minimum is softened, so that it
has a gradient.  Descending along it gives a series in the middle of the others.

    python -m examples.soft_dtw
"""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np

import ast_ad


def soft_min(a: float, b: float, c: float, gamma: float) -> float:
    """A smooth minimum, which tends to min(a, b, c) as gamma tends to 0."""
    least = min(a, b, c)
    total = math.exp((least - a) / gamma) + math.exp((least - b) / gamma) + math.exp((least - c) / gamma)
    return least - gamma * math.log(total)


def soft_dtw(x: np.ndarray, y: np.ndarray, gamma: float) -> float:
    """The cost of the best alignment of two series, and of all that are nearly as good."""
    m, n = len(x), len(y)
    r = np.full((m + 1, n + 1), 1e10)
    r[0, 0] = 0.0
    for i in range(1, m + 1):
        for j in range(1, n + 1):
            cost = (x[i - 1] - y[j - 1]) ** 2
            r[i, j] = cost + soft_min(r[i - 1, j - 1], r[i - 1, j], r[i, j - 1], gamma)
    return r[m, n]


distance_and_slopes = ast_ad.value_and_grad(soft_dtw)


def barycenter(series: list[np.ndarray], gamma: float, steps: int, rate: float) -> Iterator[tuple[np.ndarray, float]]:
    """Descend from the plain mean to the series with the least total distance; yields it, and the distance."""
    x = np.mean(series, axis=0)
    for _ in range(steps):
        found = [distance_and_slopes(x, y, gamma) for y in series]
        yield x, sum(distance for distance, _ in found)
        x = x - rate * sum(slopes for _, slopes in found)


def bump(at: float, points: int) -> np.ndarray:
    """A bump at some time."""
    return np.exp(-0.5 * ((np.arange(points) - at) / 1.5) ** 2)


def main() -> None:
    series = [bump(at, 20) for at in (5.0, 9.0, 14.0)]
    for step, (x, distance) in enumerate(barycenter(series, gamma=0.05, steps=61, rate=0.1)):
        if step % 20 == 0:
            width = np.sum(x > 0.2)
            print(f"step {step:2d}: total distance {distance:6.3f}, bump {np.max(x):.2f} high, {width} points wide")


if __name__ == "__main__":
    main()
