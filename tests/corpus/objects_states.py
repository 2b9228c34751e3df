"""Objects with a state that depends on the path: members of enumerations in attributes, in tables, in tests."""

from __future__ import annotations

import enum
import math

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
