"""A renderer of spheres: the slopes of a scene are a scene, and the scene is found again."""

from __future__ import annotations

import numpy as np
import pytest

from examples.sphere_renderer import TRUTH, Scene, Sphere, found, moved, picture, unlike, unlike_and_slopes
from tests.examples.slopes import last

WANTED = picture(TRUTH)
SCENE = Scene(
    [
        Sphere(np.array([0.2, -0.1, 0.1]), 0.7, np.array([0.7, 0.4, 0.3])),
        Sphere(np.array([-0.5, 0.4, 0.9]), 0.5, np.array([0.3, 0.4, 0.8])),
    ],
    0.25,
)


def test_the_slopes_are_a_scene():
    value, slopes = unlike_and_slopes(SCENE, WANTED)
    assert value == pytest.approx(unlike(SCENE, WANTED))
    assert (type(slopes), type(slopes.spheres[1])) == (Scene, Sphere)
    rng = np.random.default_rng(0)
    for _ in range(2):
        way = Scene(
            [Sphere(rng.normal(size=3), float(rng.normal()), rng.normal(size=3)) for _ in range(2)], float(rng.normal())
        )
        above, below = (unlike(moved(SCENE, way, step), WANTED) for step in (-1e-6, 1e-6))
        product = 0.2 * slopes.ambient * way.ambient
        for s, d in zip(slopes.spheres, way.spheres):
            product += np.sum(s.center * d.center) + s.radius * d.radius + np.sum(s.color * d.color)
        assert product == pytest.approx((above - below) / 2e-6, rel=1e-5)


def test_the_scene_is_found():
    first = next(found(steps=0))[1]
    assert last(found(steps=25))[1] < 0.1 * first
