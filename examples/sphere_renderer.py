"""Find spheres in a picture: a ray tracer in plain Python, and the gradient of its pixels by the scene.

Rays are objects, spheres are dataclasses, and the nearest hit is a branch.  The edges of a sphere are made soft, so
that the picture depends smoothly on where it is.  The fit moves and colours spheres until their picture is like a given
one; the gradient by the scene is a scene.

    python -m examples.sphere_renderer
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

import ast_ad

SIZE = 6
LIGHT = np.array([0.5, 0.7, -0.6]) / np.sqrt(1.1)
SKY = np.array([0.1, 0.1, 0.2])


@dataclass
class Sphere:
    """A ball of one colour."""

    center: np.ndarray
    radius: float
    color: np.ndarray


@dataclass
class Scene:
    """What is to be seen."""

    spheres: list[Sphere]
    ambient: float


class Ray:
    """A half-line from the eye."""

    def __init__(self, origin: np.ndarray, direction: np.ndarray) -> None:
        self.origin = origin
        self.direction = direction / np.sqrt(np.sum(direction**2))

    def at(self, t: float) -> np.ndarray:
        """Return the point at a distance."""
        return self.origin + t * self.direction

    def meets(self, sphere: Sphere) -> tuple[float, float]:
        """Return how far along the ray is nearest to the center, and how deep it is in the sphere there."""
        along = np.dot(sphere.center - self.origin, self.direction)
        off = self.at(along) - sphere.center
        return along, sphere.radius - np.sqrt(np.sum(off**2) + 1e-9)


def seen(scene: Scene, ray: Ray) -> np.ndarray:
    """Return the colour that a ray sees: of the spheres in its way the nearest, softly at its edge."""
    color = SKY
    nearest = 1e9
    for sphere in scene.spheres:
        distance, depth = ray.meets(sphere)
        if depth > -0.5 and distance < nearest:
            cover = 1.0 / (1.0 + np.exp(-12.0 * depth))
            half = np.sqrt(max(sphere.radius**2 - (sphere.radius - depth) ** 2, 1e-3))
            normal = (ray.at(distance - half) - sphere.center) / sphere.radius
            shade = scene.ambient + (1.0 - scene.ambient) * max(np.dot(normal, LIGHT), 0.0)
            color = cover * shade * sphere.color + (1.0 - cover) * color
            nearest = distance
    return color


def picture(scene: Scene) -> np.ndarray:
    """Return the pixels, row by row."""
    rows = []
    for y in np.linspace(1.0, -1.0, SIZE):
        row = [
            seen(scene, Ray(np.array([0.0, 0.0, -4.0]), np.array([x, y, 3.0]))) for x in np.linspace(-1.0, 1.0, SIZE)
        ]
        rows.append(np.array(row))
    return np.array(rows)


def unlike(scene: Scene, wanted: np.ndarray) -> float:
    """Return how much a picture differs from the wanted one."""
    return np.sum((picture(scene) - wanted) ** 2)  # type: ignore[no-any-return]


unlike_and_slopes = ast_ad.value_and_grad(unlike)

TRUTH = Scene(
    [
        Sphere(np.array([0.3, -0.2, 0.0]), 0.8, np.array([0.9, 0.3, 0.2])),
        Sphere(np.array([-0.6, 0.5, 1.0]), 0.6, np.array([0.2, 0.5, 0.9])),
    ],
    0.2,
)


def moved(scene: Scene, slopes: Scene, rate: float) -> Scene:
    """Return a scene a step against its slopes."""
    spheres = [
        Sphere(s.center - rate * d.center, s.radius - rate * d.radius, s.color - rate * d.color)
        for s, d in zip(scene.spheres, slopes.spheres)
    ]
    return Scene(spheres, scene.ambient - 0.2 * rate * slopes.ambient)


def found(steps: int = 60, rate: float = 0.05) -> Iterator[tuple[int, float, Scene]]:
    """Yield (step, difference, scene) while the scene becomes like that of the picture."""
    wanted = picture(TRUTH)
    scene = Scene(
        [
            Sphere(np.array([0.1, 0.0, 0.0]), 0.7, np.array([0.6, 0.5, 0.4])),
            Sphere(np.array([-0.5, 0.4, 1.0]), 0.5, np.array([0.4, 0.4, 0.6])),
        ],
        0.3,
    )
    for step in range(steps + 1):
        value, slopes = unlike_and_slopes(scene, wanted)
        yield step, float(value), scene
        scene = moved(scene, slopes, rate)


def main() -> None:
    """Find the spheres, and print how the picture gets like the wanted one."""
    for step, value, scene in found():
        if step % 20 == 0:
            first = scene.spheres[0]
            print(f"step {step:3d}: difference {value:.5f}, first sphere at {np.round(first.center, 3)}")


if __name__ == "__main__":
    main()
