"""Play billiards backwards: balls that hit each other and the cushions, and the shot that puts one where it should be.

Each collision is a branch: two balls that overlap and come nearer exchange their velocities along the line between
them.  The derivative goes through whichever branches were taken, so it tells how to change the shot as long as the same
balls hit each other.

    python -m examples.collisions
"""

from __future__ import annotations

import math
from collections.abc import Iterator

import ast_ad

WIDTH, HEIGHT, RADIUS = 2.0, 1.0, 0.06
TARGET = (1.6, 0.25)


class Vector:
    """A vector of two numbers."""

    def __init__(self, x: float, y: float) -> None:
        self.x = x
        self.y = y

    def __add__(self, other: Vector) -> Vector:
        return Vector(self.x + other.x, self.y + other.y)

    def __sub__(self, other: Vector) -> Vector:
        return Vector(self.x - other.x, self.y - other.y)

    def __mul__(self, factor: float) -> Vector:
        return Vector(self.x * factor, self.y * factor)

    __rmul__ = __mul__

    def dot(self, other: Vector) -> float:
        """Return the inner product."""
        return self.x * other.x + self.y * other.y


class Ball:
    """Where a ball is, and where it goes."""

    def __init__(self, position: Vector, velocity: Vector) -> None:
        self.position = position
        self.velocity = velocity

    def roll(self, dt: float, friction: float) -> None:
        """Move, and bounce off the cushions."""
        self.position = self.position + dt * self.velocity
        self.velocity = self.velocity * (1.0 - friction * dt)
        if self.position.x < RADIUS or self.position.x > WIDTH - RADIUS:
            self.velocity.x = -self.velocity.x
            self.position = self.position + dt * self.velocity
        if self.position.y < RADIUS or self.position.y > HEIGHT - RADIUS:
            self.velocity.y = -self.velocity.y
            self.position = self.position + dt * self.velocity


class Table:
    """Balls that collide."""

    def __init__(self, balls: list[Ball], friction: float = 0.3) -> None:
        self.balls = balls
        self.friction = friction

    def step(self, dt: float) -> None:
        """Let some time pass."""
        for ball in self.balls:
            ball.roll(dt, self.friction)
        for i, first in enumerate(self.balls):
            for second in self.balls[i + 1 :]:
                collide(first, second)


def collide(first: Ball, second: Ball) -> None:
    """Let two balls bounce off each other, if they touch."""
    apart = second.position - first.position
    distance = math.sqrt(apart.dot(apart))
    if distance < 2 * RADIUS:
        normal = apart * (1.0 / distance)
        speed = (second.velocity - first.velocity).dot(normal)
        if speed < 0.0:
            first.velocity = first.velocity + speed * normal
            second.velocity = second.velocity - speed * normal


def shot(speed: float, angle: float, steps: int = 80, dt: float = 0.02) -> Table:
    """Return the table after the white ball is played at two others."""
    white = Ball(Vector(0.3, 0.5), Vector(speed * math.cos(angle), speed * math.sin(angle)))
    table = Table([white, Ball(Vector(0.9, 0.52), Vector(0.0, 0.0)), Ball(Vector(1.5, 0.7), Vector(0.0, 0.0))])
    for _ in range(steps):
        table.step(dt)
    return table


def miss(speed: float, angle: float) -> float:
    """Return how far the second ball ends from the target, squared."""
    away = shot(speed, angle).balls[1].position - Vector(*TARGET)
    return away.dot(away)


miss_and_slopes = ast_ad.value_and_grad(miss, argnums=(0, 1))


def aimed(speed: float = 1.5, angle: float = 0.06, steps: int = 40) -> Iterator[tuple[int, float, tuple[float, float]]]:
    """Yield (step, miss, (speed, angle)) while the shot gets better; a step that makes it worse is halved."""
    value, slopes = miss_and_slopes(speed, angle)
    rate = 0.05
    for step in range(steps + 1):
        yield step, value, (speed, angle)
        while True:
            trial = speed - rate * slopes[0], angle - rate * 0.05 * slopes[1]
            better, found = miss_and_slopes(*trial)
            if better < value:
                break
            rate /= 2
            if rate < 1e-9:
                return
        (speed, angle), value, slopes = trial, better, found
        rate *= 1.5


def main() -> None:
    """Aim, and print how the shot gets better."""
    for step, value, (speed, angle) in aimed():
        if step % 10 == 0:
            print(f"step {step:3d}: miss {math.sqrt(value):.4f}, speed {speed:.4f}, angle {math.degrees(angle):.3f}")


if __name__ == "__main__":
    main()
