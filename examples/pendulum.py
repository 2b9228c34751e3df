"""Fit a damped pendulum to the readings of a light gate, by gradient descent through the simulation.

A pendulum is held at an angle and let go.  A light gate at the bottom notes when it passes for the 1st, 5th, 9th,
... time, and how fast.  From these readings alone the fit finds how stiff the pendulum is (gravity over length),
how strongly it is damped, and where it was let go.

The simulation is ordinary Python: a loop over thousands of time steps, a function inside a function, and an event,
the passage through the bottom, that ends the loop after a number of steps which depends on the parameters.

    python -m examples.pendulum
"""

from __future__ import annotations

import math
import random
import time
from collections.abc import Iterator
from dataclasses import dataclass

import ast_ad

TRUTH = {"stiffness": 9.81 / 1.2, "damping": 0.08, "release": 2.0}
GUESS = {"stiffness": 6.0, "damping": 0.03, "release": 1.4}
PASSAGES = (1, 5, 9, 13, 17, 21)
STEP = 0.005
NOISE = 1e-3
LONGEST = 120.0


@dataclass(frozen=True)
class Reading:
    """What the gate notes at one passage."""

    passage: int
    time: float
    speed: float


def swing(stiffness: float, damping: float, release: float, passage: int, step: float) -> tuple[float, float]:
    """Time and speed at which the pendulum passes the bottom for the given time, let go at rest at t = 0."""

    def acceleration(angle: float, speed: float) -> float:
        return -stiffness * math.sin(angle) - damping * speed

    t = 0.0
    angle = release
    speed = 0.0
    passed = 0
    while t < LONGEST:
        middle_angle = angle + step / 2 * speed
        middle_speed = speed + step / 2 * acceleration(angle, speed)
        next_angle = angle + step * middle_speed
        next_speed = speed + step * acceleration(middle_angle, middle_speed)
        if angle * next_angle <= 0:
            passed += 1
            if passed == passage:
                part = angle / (angle - next_angle)
                return t + part * step, speed + part * (next_speed - speed)
        t += step
        angle = next_angle
        speed = next_speed
    raise RuntimeError("the pendulum does not pass the gate often enough")


def misfit(
    stiffness: float,
    damping: float,
    release: float,
    passage: int,
    measured_time: float,
    measured_speed: float,
    step: float,
) -> float:
    """How far the simulation is from one reading, squared."""
    t, speed = swing(stiffness, damping, release, passage, step)
    return (t / measured_time - 1) ** 2 + (speed / measured_speed - 1) ** 2


misfit_and_slopes = ast_ad.value_and_grad(misfit, argnums=("stiffness", "damping", "release"))


def measure(
    passages: tuple[int, ...] = PASSAGES, step: float = STEP, noise: float = NOISE, seed: int = 1
) -> list[Reading]:
    """Readings of a pendulum with the true parameters, each a little wrong."""
    rng = random.Random(seed)
    readings = []
    for passage in passages:
        t, speed = swing(**TRUTH, passage=passage, step=step)
        readings.append(Reading(passage, t * (1 + rng.gauss(0, noise)), speed * (1 + rng.gauss(0, noise))))
    return readings


def loss_and_gradient(
    parameters: list[float], readings: list[Reading], step: float = STEP
) -> tuple[float, list[float]]:
    """Mean misfit over all readings, and its derivative by each parameter."""
    loss = 0.0
    gradient = [0.0, 0.0, 0.0]
    for reading in readings:
        value, slopes = misfit_and_slopes(*parameters, reading.passage, reading.time, reading.speed, step)
        loss += value / len(readings)
        gradient = [total + slope / len(readings) for total, slope in zip(gradient, slopes)]
    return loss, gradient


def fit(
    readings: list[Reading], step: float = STEP, iterations: int = 150, rate: float = 0.05
) -> Iterator[tuple[int, float, dict[str, float]]]:
    """Adam on the logarithms of the parameters, which keeps them positive; yields (iteration, loss, parameters)."""
    logs = [math.log(value) for value in GUESS.values()]
    mean = [0.0] * len(logs)
    square = [0.0] * len(logs)
    for k in range(1, iterations + 1):
        parameters = [math.exp(each) for each in logs]
        loss, gradient = loss_and_gradient(parameters, readings, step)
        yield k, loss, dict(zip(GUESS, parameters))
        slopes = [slope * value for slope, value in zip(gradient, parameters)]
        mean = [0.9 * m + 0.1 * g for m, g in zip(mean, slopes)]
        square = [0.99 * s + 0.01 * g * g for s, g in zip(square, slopes)]
        rate_now = rate * (1 - k / (iterations + 1))
        for i, (m, s) in enumerate(zip(mean, square)):
            logs[i] -= rate_now * (m / (1 - 0.9**k)) / (math.sqrt(s / (1 - 0.99**k)) + 1e-12)


def main() -> None:
    readings = measure()
    steps = sum(round(reading.time / STEP) for reading in readings)
    print(f"{len(readings)} readings, {steps} time steps for each gradient")
    start = time.perf_counter()
    for k, loss, parameters in fit(readings):
        if k == 1 or k % 50 == 0:
            shown = ", ".join(f"{name} {value:.4f}" for name, value in parameters.items())
            print(f"iteration {k:3d}: loss {loss:.3e}, {shown}")
    seconds = time.perf_counter() - start
    print("truth:".ljust(31) + ", ".join(f"{name} {value:.4f}" for name, value in TRUTH.items()))
    print(f"{k} iterations in {seconds:.1f} s")


if __name__ == "__main__":
    main()
