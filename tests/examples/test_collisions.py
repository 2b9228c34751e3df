"""Balls that collide: slopes through the branches, momentum, and that aiming helps."""

from __future__ import annotations

import pytest

from examples.collisions import Ball, Vector, aimed, collide, miss, miss_and_slopes, shot
from tests.examples.slopes import last


@pytest.mark.parametrize("at", [(1.5, 0.06), (1.2, -0.02), (0.9, 0.2)])
def test_slopes_of_the_miss(at):
    value, slopes = miss_and_slopes(*at)
    assert value == miss(*at)
    for i in range(2):
        above, below = (miss(*[x + step * (k == i) for k, x in enumerate(at)]) for step in (1e-6, -1e-6))
        assert slopes[i] == pytest.approx((above - below) / 2e-6, rel=1e-4, abs=1e-6)


def test_a_collision_keeps_momentum_and_energy():
    first, second = Ball(Vector(0.0, 0.0), Vector(1.0, 0.5)), Ball(Vector(0.1, 0.02), Vector(-0.2, 0.0))
    collide(first, second)
    assert first.velocity.x + second.velocity.x == pytest.approx(0.8)
    assert first.velocity.y + second.velocity.y == pytest.approx(0.5)
    energy = first.velocity.dot(first.velocity) + second.velocity.dot(second.velocity)
    assert energy == pytest.approx(1.25 + 0.04)


def test_the_balls_hit_each_other():
    assert shot(1.5, 0.06).balls[1].position.x != 0.9


def test_aiming_helps():
    first = next(aimed())[1]
    assert last(aimed(steps=15))[1] < 0.2 * first
