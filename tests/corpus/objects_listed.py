"""Objects of which it is known only when the program runs how many there are, or which one is meant."""

import math
from dataclasses import dataclass

import numpy as np

from tests.corpus.registry import program


class Particle:
    """A mass on a spring."""

    def __init__(self, x, v):
        self.x = x
        self.v = v

    def step(self, dt):
        self.x += self.v * dt
        self.v -= self.x * dt

    @property
    def energy(self):
        return 0.5 * self.v**2 + 0.5 * self.x**2


@program((0.7, 4), (0.7, 1))
def particles_in_a_list_that_grows(x, n):
    particles = []
    for i in range(n):
        particles.append(Particle(x * i, x + 1.0))
    for _ in range(3):
        for p in particles:
            p.step(0.1)
    return sum(p.energy for p in particles)


@program((0.7, 5), (-0.4, 3))
def the_fastest_of_them_is_changed(x, n):
    particles = [Particle(x * (i + 1), math.sin(x * i)) for i in range(n)]
    best = particles[0]
    for i in range(1, len(particles)):
        if particles[i].v > best.v:
            best = particles[i]
    best.x = best.x * x
    return sum(p.x * p.v for p in particles) + best.energy


@program((0.7, 1), (0.7, -1))
def one_of_three_by_a_computed_index(x, k):
    particles = [Particle(x, 1.0), Particle(x * x, 2.0), Particle(3.0, x)]
    particles[k].x = particles[k].x * x
    return sum(p.x * p.v for p in particles) + particles[k].energy


@dataclass
class Body:
    mass: float
    pos: np.ndarray
    vel: np.ndarray


@program((np.array([0.5, 0.3]), 3))
def bodies_with_arrays(x, n):
    bodies = []
    while len(bodies) < n:
        i = len(bodies)
        bodies.append(Body(1.0 + 0.1 * i, x * (i + 1), np.array([0.1, -0.2]) * i))
    for _ in range(2):
        for b in bodies:
            acc = np.zeros(2)
            for other in bodies:
                if other is not b:
                    d = other.pos - b.pos
                    acc = acc + other.mass * d / (np.dot(d, d) + 0.1) ** 1.5
            b.vel = b.vel + 0.05 * acc
        for b in bodies:
            b.pos = b.pos + 0.05 * b.vel
    return sum(np.sum(b.pos**2) for b in bodies)


class System:
    def __init__(self):
        self.items = []
        self.count = 0

    def spawn(self, x):
        self.items.append(Particle(x, 1.0))
        self.count += 1


@program((0.4, 5.0))
def a_system_spawns_particles(x, end):
    system = System()
    t = 0.0
    while t < end:
        system.spawn(x * t)
        t += 1.0
    for p in system.items:
        p.step(0.1)
    return sum([p.x**2 for p in system.items]) / system.count


@program((0.7, 5))
def filtered_and_sorted_they_are_the_same(x, n):
    particles = [Particle(x * i, x - 0.3 * i) for i in range(n)]
    alive = [p for p in particles if p.v > 0]
    for p in alive:
        p.x = p.x * 2.0
    particles.sort(key=lambda p: -p.v)
    particles[0].v = particles[0].v ** 2
    return sum(p.x + p.v for p in particles) + len(alive)


@program((1.5,), (-0.7,))
def one_of_two_is_changed(x):
    a, b = Particle(x, 1.0), Particle(2.0 * x, x)
    c = a if x > 0 else b
    c.x = c.x * x
    a.v = a.v * x + c.v
    return a.x + 3.0 * b.x * a.v + (c.x if c is a else 2.0 * c.v)


@program((1.5, 3), (1.5, 0))
def another_one_in_each_turn(x, n):
    p = Particle(x, 1.0)
    first = p
    for _ in range(n):
        p = Particle(p.x * 2.0, p.v * x)
    p.x = 5.0 * p.v
    return first.x * p.v + p.x
