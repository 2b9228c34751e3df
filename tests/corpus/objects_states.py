"""Objects with a state: members of enumerations that depend on the path, models that keep what they have computed."""

from __future__ import annotations

import enum
import math

import numpy as np

from tests.corpus.registry import program


class Mode(enum.Enum):
    """What a thermostat does."""

    IDLE = 0
    HEAT = 1
    COOL = 2


class Thermostat:
    """A room with a heater and a cooler."""

    def __init__(self, temperature):
        self.temperature = temperature
        self.mode = Mode.IDLE
        self.energy = 0.0

    def step(self, dt):
        if self.mode is Mode.IDLE:
            if self.temperature < 19.0:
                self.mode = Mode.HEAT
            elif self.temperature > 22.0:
                self.mode = Mode.COOL
        elif self.mode == Mode.HEAT:
            self.temperature += 2.0 * dt
            self.energy += dt * self.temperature
            if self.temperature > 21.0:
                self.mode = Mode.IDLE
        else:
            self.temperature -= dt
            self.energy += 0.5 * dt * self.temperature
            if self.temperature < 20.0:
                self.mode = Mode.IDLE
        self.temperature -= 0.1 * dt * (self.temperature - 10.0)


@program((15.3, 20), (24.1, 12), (24.1, 0))
def a_thermostat(temperature, n):
    room = Thermostat(temperature)
    for _ in range(n):
        room.step(0.2)
    return room.temperature + room.energy


class Phase(enum.Enum):
    """A cycle; each phase has a rate."""

    FIRST = 1.0
    SECOND = 2.5
    THIRD = 4.0

    @property
    def rate(self):
        return 0.1 * self.value

    @classmethod
    def default(cls):
        return cls.FIRST

    def following(self):
        return {Phase.FIRST: Phase.SECOND, Phase.SECOND: Phase.THIRD, Phase.THIRD: Phase.FIRST}[self]


WEIGHTS = {Phase.FIRST: 0.3, Phase.SECOND: 1.3, Phase.THIRD: 0.7}
FUNCTIONS = {Phase.FIRST: lambda x: x * x, Phase.SECOND: math.sin, Phase.THIRD: lambda x: x + 1.0}


@program((0.4, 7), (0.4, 1))
def phases_in_turn(x, n):
    phase, total = Phase.default(), 0.0
    for _ in range(n):
        total += x * phase.rate + WEIGHTS[phase] * x * x
        phase = phase.following()
    return total


@program((0.4, 7))
def functions_by_phase(x, n):
    phase = Phase.FIRST
    for i in range(n):
        if i % 3 == 0:
            phase = Phase.SECOND
        elif x > 1.2:
            phase = Phase.THIRD
        x = FUNCTIONS[phase](x)
        if phase in (Phase.FIRST, Phase.THIRD):
            x *= 2.0
        if phase.name != "SECOND":
            x *= 1.5
    return x


@program((0.4, 7))
def phases_are_matched(x, n):
    phase = Phase.FIRST
    for _ in range(n):
        match phase:
            case Phase.FIRST:
                x, phase = x * x, Phase.SECOND
            case Phase.SECOND if x > 1.0:
                x = x / 2.0
            case Phase.SECOND:
                x, phase = x + 1.0, Phase.THIRD
            case _:
                x, phase = x * 1.1, Phase.FIRST
    return x


class Cell:
    """A layer that keeps what it has computed for its backward sweep, as networks written by hand do."""

    def __init__(self, weight):
        self.weight = weight
        self.cache = {}
        self.norms = []

    def forward(self, x):
        self.cache["x"] = x
        self.cache["y"] = y = np.tanh(x * self.weight)
        self.norms.append(np.sum(y**2))
        return y

    def backward(self, slope):
        return slope * (1 - self.cache["y"] ** 2) * self.weight


class Stacked:
    def __init__(self, *weights):
        self.cells = [Cell(weight) for weight in weights]
        self.caches = {}

    def forward(self, x):
        self.caches.clear()
        for i, cell in enumerate(self.cells):
            x = self.caches[i] = cell.forward(x)
        return x

    def backward(self, slope):
        for cell in reversed(self.cells):
            slope = cell.backward(slope)
        return slope


STACKED = Stacked(0.5, 1.5)
SEEN = {"calls": 0}


def last_of(cells):
    return cells[-1].cache["y"]


@program((np.array([0.7, -0.4]),), tags=("keeps",))
def model_from_outside_that_keeps_its_caches(x):
    y = STACKED.forward(x)
    SEEN["calls"] += 1
    SEEN["x"] = x if np.sum(x) > 0.1 else 2 * x
    slope = STACKED.backward(2 * y)
    return np.sum(slope * SEEN["x"]) + np.sum(STACKED.caches[0] * last_of(STACKED.cells)) + STACKED.cells[0].norms[-1]


class Payoff(enum.Enum):
    CALL = "call"
    PUT = "put"
    SPREAD = ("call", "put")


@program((1.2, "PUT"), (0.7, "call"))
def members_made_from_values(x, name):
    total = 0.0
    for kind in (Payoff(name.lower()), Payoff(("call", "put"))):
        if kind is Payoff.CALL:
            total = total + x * x
        elif kind is Payoff.PUT:
            total = total + 3.0 * x
        else:
            total = total * x
    half = (5 - 3) / 2
    return total if half.is_integer() and not x.is_integer() else x
