"""Functions of libraries that no rule is known of: they run as they are, where nothing active reaches them."""

import functools
import json
import logging
import math
import os
import random
import re
import sys
import time

from tests.corpus.registry import program

LOG = logging.getLogger(__name__)


@program((0.7,))
def clock_and_log(x):
    start = time.perf_counter()
    y = x * x
    LOG.debug("x is %s", x)
    elapsed = time.perf_counter() - start
    logging.getLogger("tests").debug(f"{elapsed:.3f} seconds for {y}")
    return y * x


@program((0.7,))
def constants_of_text(x):
    settings = json.loads('{"rate": 0.5, "powers": [1, 2]}')
    for power in settings["powers"]:
        x = x + settings["rate"] * x**power
    found = re.match(r"(\d+)-(\d+)", "2-34")
    name = os.path.join("a", "b").upper().replace("A", "c")
    return x ** int(found.group(1)) * len(name)


@program((0.7,))
def text_of_numbers_decides(x):
    text = f"{x:.2f}"
    if text.startswith("0") and len(text) == 4 and sys.version_info >= (3, 8):
        return x * x
    return x


@program((0.7,))
def environment_and_seed(x):
    random.seed(3)
    steps = int(os.environ.get("STEPS_THAT_NOBODY_SETS", 3))
    for _ in range(steps):
        x = x * random.uniform(1.0, 1.0)
    return x * x


CALLS, TOTAL, LOWEST = 0, 0.0, None
"""What `bookkeeping` leaves outside; it sets all of them first."""


def booked(value):
    global CALLS, TOTAL, LOWEST
    CALLS += 1
    TOTAL = TOTAL + value * CALLS
    if LOWEST is None or value < LOWEST:
        LOWEST = value
    return value


def counted(fun):
    @functools.wraps(fun)
    def wrapper(*args):
        wrapper.calls += 1
        return fun(*args)

    wrapper.calls = 0
    return wrapper


class Body:
    made = 0
    mass = 1.5

    def __init__(self, x):
        Body.made += 1
        self.x, self.number = x, self.made

    @classmethod
    def weigh(cls, factor):
        cls.mass *= factor

    def energy(self):
        return self.mass * self.x**2 * self.number


class Planet(Body):
    @counted
    def energy(self):
        return super().energy() + super().mass


@program((0.7,), tags=("keeps",))
def bookkeeping(x):
    """Variables outside that the function, and those that it calls, assign."""
    global CALLS, TOTAL, LOWEST
    CALLS, TOTAL, LOWEST = 0, 0.0, None
    Body.made, Body.mass, Planet.energy.calls = 0, 1.5, 0
    mass = x
    CALLS = -1

    def read_global():
        global CALLS
        return CALLS

    for k in range(4):
        x = x + booked(math.sin(x * k)) / 4
        if k % 2:
            Body.weigh(x)
    bodies = [Body(x), Planet(x * x), Planet(2 * x)]
    energy = sum(body.energy() for body in bodies) + Planet.mass * Body.made * mass
    return energy * TOTAL + LOWEST * Planet.energy.calls + read_global() * x
