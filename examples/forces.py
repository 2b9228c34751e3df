"""Throw a ball onto a target: bodies and forces are objects, and the derivative goes through the time steps.

The state of the simulation lives in attributes: a body has a position and a velocity, which `step` changes.  The forces
are objects in a list, each of a class of its own.  The throw is found with the gradient of the distance from the
target.

    python -m examples.forces
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

import ast_ad


class Body:
    """A point with a mass."""

    def __init__(self, position: np.ndarray, velocity: np.ndarray, mass: float) -> None:
        self.position = position
        self.velocity = velocity
        self.mass = mass


class Force:
    """Something that acts on a body; this one does not."""

    def on(self, body: Body) -> np.ndarray:
        """Return the force on a body."""
        return np.zeros(2)


class Gravity(Force):
    """A constant acceleration downwards."""

    def __init__(self, g: float = 9.81) -> None:
        self.g = g

    def on(self, body: Body) -> np.ndarray:
        """Return the weight of a body."""
        return np.array([0.0, -self.g * body.mass])


class Drag(Force):
    """The resistance of the air, which may move."""

    def __init__(self, coefficient: float, wind: np.ndarray) -> None:
        self.coefficient = coefficient
        self.wind = wind

    def on(self, body: Body) -> np.ndarray:
        """Return the drag on a body."""
        relative = body.velocity - self.wind
        return -self.coefficient * np.sqrt(np.sum(relative**2)) * relative


class Spring(Force):
    """A rubber band to a fixed point; it only pulls."""

    def __init__(self, anchor: np.ndarray, stiffness: float, length: float) -> None:
        self.anchor = anchor
        self.stiffness = stiffness
        self.length = length

    def on(self, body: Body) -> np.ndarray:
        """Return the pull of the band."""
        away = body.position - self.anchor
        distance = np.sqrt(np.sum(away**2))
        if distance > self.length:
            return -self.stiffness * (distance - self.length) / distance * away
        return np.zeros(2)


class World:
    """A body, the forces on it, and the time."""

    def __init__(self, body: Body, forces: list[Force]) -> None:
        self.body = body
        self.forces = forces
        self.time = 0.0

    def step(self, dt: float) -> None:
        """Let some time pass (symplectic Euler)."""
        force = np.zeros(2)
        for each in self.forces:
            force = force + each.on(self.body)
        self.body.velocity = self.body.velocity + dt / self.body.mass * force
        self.body.position = self.body.position + dt * self.body.velocity
        self.time += dt


TARGET = np.array([8.0, 1.0])
BAND = np.array([0.0, 3.0])


def flight(throw: np.ndarray, wind: float = -2.0, steps: int = 60, dt: float = 0.02) -> World:
    """Return the world after a throw."""
    body = Body(np.zeros(2), throw, 0.5)
    forces = [Gravity(), Drag(0.02, np.array([wind, 0.0])), Spring(BAND, 0.4, 5.0)]
    world = World(body, forces)
    for _ in range(steps):
        world.step(dt)
    return world


def miss(throw: np.ndarray, wind: float = -2.0) -> float:
    """Return how far a throw ends from the target, squared."""
    world = flight(throw, wind)
    return np.sum((world.body.position - TARGET) ** 2)  # type: ignore[no-any-return]


miss_and_slope = ast_ad.value_and_grad(miss, argnums=(0, 1))


def aimed(throw: np.ndarray, steps: int = 60, rate: float = 0.3) -> Iterator[tuple[int, float, np.ndarray]]:
    """Yield (step, miss, throw) while the throw gets better."""
    for step in range(steps + 1):
        value, (slope, _) = miss_and_slope(throw, -2.0)
        yield step, float(value), throw
        throw = throw - rate * slope


def main() -> None:
    """Aim, and print how the throw gets better."""
    for step, value, throw in aimed(np.array([5.0, 5.0])):
        if step % 10 == 0:
            print(f"step {step:3d}: miss {value:9.2e}, throw ({throw[0]:6.3f}, {throw[1]:6.3f})")


if __name__ == "__main__":
    main()
