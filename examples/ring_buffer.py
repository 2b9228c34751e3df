"""A plucked string by Karplus and Strong: a ring buffer, whose samples are overwritten as they are read.

The tone is what comes round in the buffer, softened and damped at each round.  From a recorded tone, the gradient finds
the damping and the pluck: the first contents of the buffer.

    python -m examples.ring_buffer
"""

from __future__ import annotations

from typing import Any

import numpy as np

import ast_ad
from examples.adam import adam


def tone(pluck: np.ndarray, damping: float, blend: float, samples: int) -> np.ndarray:
    """The sound of a string that was plucked into the shape `pluck`."""
    ring = pluck.copy()
    size = len(ring)
    out = np.zeros(samples)
    head = 0
    for n in range(samples):
        out[n] = ring[head]
        following = (head + 1) % size
        ring[head] = damping * (blend * ring[head] + (1 - blend) * ring[following])
        head = following
    return out


def moving_average(x: np.ndarray, width: int) -> np.ndarray:
    """Means of the last `width` samples, with a running sum and a ring of those that will leave it."""
    ring = np.zeros(width)
    y = np.zeros(len(x))
    total = 0.0
    for n in range(len(x)):
        total += x[n] - ring[n % width]
        ring[n % width] = x[n]
        y[n] = total / width
    return y


def misfit(params: dict[str, Any], recorded: np.ndarray) -> float:
    """Mean squared difference from a recorded tone."""
    return np.mean((tone(params["pluck"], params["damping"], params["blend"], len(recorded)) - recorded) ** 2)


def main() -> None:
    truth = {"pluck": np.array([0.0, 0.5, 1.0, 0.7, 0.3, -0.1, -0.6, -0.4]), "damping": 0.98, "blend": 0.7}
    recorded = tone(**truth, samples=120)
    loss_and_slopes = ast_ad.value_and_grad(misfit)
    guess = {"pluck": recorded[:8] * 0.5, "damping": 0.9, "blend": 0.5}
    for step, loss, params in adam(lambda p: loss_and_slopes(p, recorded), guess, steps=200, rate=0.03):
        if step % 50 == 0:
            print(f"step {step:3d}: misfit {loss:.2e}, damping {params['damping']:.4f}, blend {params['blend']:.4f}")
    print("pluck:", np.round(params["pluck"], 3))


if __name__ == "__main__":
    main()
