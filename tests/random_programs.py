"""Random differentiable IR: scalar programs with branches, loops and calls, on which all derivatives must agree.

Every program ends, never reads a value that is not there, and stays smooth between the jumps that its tests make.
"""

from __future__ import annotations

import math
import operator
import random
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from ast_ad.ir.build import Builder, Region
from ast_ad.ir.kinds import BOOL, FLOAT, INT, Kind, is_inexact
from ast_ad.ir.nodes import UNDEF, Function, Lit, Operand, Var
from ast_ad.rules.registry import infer

_BOUNDED = (np.sin, np.cos, np.tanh, math.sin, math.cos, math.tanh, math.atan, np.arctan)
_TESTS = (operator.lt, operator.le, operator.gt, operator.ge)
_NAMES = ("", "", "a", "b", "c", "s")
_FLOATS = (0.0, 1.0, -1.0, 0.5, 2.0, -0.3, 0.7)
_STEPS = (1, 1, 1, -1, 2, 3, -2, -3)


def program(seed: int, size: int = 20, helpers: int = 2) -> Function:
    """Return a random function of two floats and an integer that has about `size` statements."""
    rng = random.Random(seed)
    callees: list[Function] = []
    for i in range(rng.randint(0, helpers)):
        callees.append(_Writer(rng, callees, max(3, size // 2)).function(f"helper_{i}"))
    return _Writer(rng, callees, size).function("main")


class _Writer:
    """Writes one function: what is in sight, and how many statements it may still have."""

    def __init__(self, rng: random.Random, callees: Sequence[Function], budget: int) -> None:
        self.rng = rng
        self.callees = tuple(callees)
        self.budget = budget
        self.builder = Builder(infer)
        self.visible: list[Var] = []
        self.maybe: list[tuple[Operand, Var]] = []
        self.depth = 0

    def function(self, name: str) -> Function:
        x, y, n = Var(FLOAT, "x"), Var(FLOAT, "y"), Var(INT, "n")
        self.visible += [x, y, n]
        while self.budget > 0:
            self.statement()
        total: Operand = self.real()
        for var in [var for var in self.visible if is_inexact(var.kind)][-6:]:
            total = self.op(operator.add, total, var)
        results: list[Operand] = [total, *(self.real() for _ in range(self.rng.choice((0, 0, 1, 2))))]
        if self.rng.random() < 0.15:
            results.append(self.integer())
        if self.rng.random() < 0.1:
            results.append(self.rng.choice((Lit(2.0), x)))
        return self.builder.function(name, (x, y, n), results)

    # operands

    def pick(self, wanted: Callable[[Kind], bool], constants: Sequence[Any], share: float) -> Operand:
        known = [var for var in self.visible if wanted(var.kind)]
        if not known or self.rng.random() < share:
            return Lit(self.rng.choice(constants))
        return self.rng.choice(known[-4:] if self.rng.random() < 0.7 else known)

    def real(self, constants: float = 0.06) -> Operand:
        return self.pick(is_inexact, _FLOATS, constants)

    def integer(self, constants: float = 0.3) -> Operand:
        return self.pick(lambda kind: kind == INT, (0, 1, 2, 3), constants)

    def test(self) -> Operand:
        if self.rng.random() < 0.4:
            known = [var for var in self.visible if var.kind == BOOL]
            if known:
                return self.rng.choice(known)
        return self.comparison()

    def like(self, var: Var) -> Operand:
        return self.integer() if var.kind == INT else self.test() if var.kind == BOOL else self.real()

    # statements

    def op(self, fn: Callable[..., Any], *args: Operand) -> Var:
        out = self.builder.op(fn, args, name=self.rng.choice(_NAMES))
        self.visible.append(out)
        return out

    def statement(self) -> None:
        self.budget -= 1
        simple = [self.arithmetic] * 7 + [self.call] * 2 + [self.whole, self.comparison, self.read_maybe]
        nested = [self.branch] * 3 + [self.count] * 3 + [self.while_, self.last]
        self.rng.choice(simple if self.depth > 2 or self.budget <= 0 else simple + nested)()

    def some(self, most: int = 4) -> None:
        for _ in range(self.rng.randint(0, most)):
            self.statement()

    def arithmetic(self) -> None:
        choice = self.rng.random()
        if choice < 0.3:
            self.op(self.rng.choice(_BOUNDED), self.real())
        elif choice < 0.6:
            self.op(self.rng.choice((operator.add, operator.sub, operator.mul)), self.real(), self.real())
        elif choice < 0.7:
            self.op(operator.mul, self.real(), self.integer())
        elif choice < 0.8:
            below = self.op(operator.add, self.op(operator.mul, x := self.real(0.0), x), Lit(2.0))
            self.op(operator.truediv, self.real(), below)
        elif choice < 0.9:
            self.op(operator.mul, self.real(), self.op(self.rng.choice(_BOUNDED), self.real()))
        else:
            self.op(operator.neg, self.real())

    def whole(self) -> None:
        more = self.op(self.rng.choice((operator.add, operator.sub, operator.mul)), self.integer(), self.integer())
        self.op(operator.mod, more, Lit(self.rng.choice((3, 4, 5))))

    def comparison(self) -> Var:
        kind = self.real if self.rng.random() < 0.6 else self.integer
        test = self.op(self.rng.choice(_TESTS), kind(), kind())
        return self.op(operator.not_, test) if self.rng.random() < 0.2 else test

    def call(self) -> None:
        if self.callees:
            function = self.rng.choice(self.callees)
            self.visible += self.builder.call(function, (self.real(), self.real(), self.integer()))

    def read_maybe(self) -> None:
        """Read a value that may be missing, where it is there."""
        if not self.maybe:
            return
        flag, value = self.rng.choice(self.maybe)

        def read() -> list[Operand]:
            self.visible.append(value)
            self.some(2)
            return [self.op(operator.mul, value, self.real())]

        then, orelse = self.block((), read), self.block((), lambda: [self.real()])
        self.outs([FLOAT], lambda outs: self.builder.branch(outs, flag, then, orelse))

    def block(
        self, params: Sequence[Var], write: Callable[[], Sequence[Operand]]
    ) -> tuple[Region, tuple[Operand, ...]]:
        """Write a nested block: `write` adds its statements, and returns what it yields."""
        marks = len(self.visible), len(self.maybe)
        self.visible += params
        self.depth += 1
        with self.builder.region(Region(params)) as region:
            yields = tuple(write())
        self.depth -= 1
        del self.visible[marks[0] :], self.maybe[marks[1] :]
        return region, yields

    def outs(self, kinds: Sequence[Kind], write: Callable[[list[Var]], None]) -> list[Var]:
        outs = self.variables(kinds)
        write(outs)
        self.visible += outs
        return outs

    def variables(self, kinds: Sequence[Kind]) -> list[Var]:
        return [Var(kind, self.rng.choice(_NAMES)) for kind in kinds]

    def kinds(self) -> list[Kind]:
        return [self.rng.choice((FLOAT, FLOAT, FLOAT, FLOAT, INT)) for _ in range(self.rng.randint(0, 3))]

    def branch(self) -> None:
        kinds, test = self.kinds(), self.test()
        outs = self.variables(kinds)
        maybe = Var(FLOAT, "maybe") if self.rng.random() < 0.3 else None
        there = self.rng.random() < 0.5

        def side(has: bool) -> Callable[[], list[Operand]]:
            def write() -> list[Operand]:
                self.some()
                yields = [self.like(out) for out in outs]
                return yields + ([self.real() if has else UNDEF] if maybe is not None else [])

            return write

        then, orelse = self.block((), side(there)), self.block((), side(not there))
        every = [*outs, maybe] if maybe is not None else outs
        self.builder.branch(every, test, then, orelse)
        self.visible += outs
        if maybe is not None:
            flag = test if there else self.op(operator.not_, test)
            self.maybe.append((flag, maybe))

    def limits(self) -> tuple[Operand, Operand, Operand]:
        choice = self.rng.random()
        if choice < 0.3:
            return Lit(0), self.op(operator.mod, self.integer(), Lit(4)), Lit(1)
        if choice < 0.45:
            return Lit(0), Lit(self.rng.choice((2, 3))), Lit(1)
        bounds = [Lit(self.rng.randint(-2, 4)), self.op(operator.mod, self.integer(), Lit(5))]
        self.rng.shuffle(bounds)
        if choice < 0.85:
            return bounds[0], bounds[1], Lit(self.rng.choice(_STEPS))
        odd = self.op(operator.mul, self.op(operator.mod, self.integer(0.0), Lit(3)), Lit(2))
        return bounds[0], bounds[1], self.op(operator.sub, odd, Lit(3))

    def following(self, params: Sequence[Var], inits: Sequence[Operand]) -> list[Operand]:
        """Return what a body yields: new values, the old ones, swapped ones or the first."""
        values: list[Operand] = []
        for param, init in zip(params, inits):
            alike = [other for other in params if other.kind == param.kind]
            choice = self.rng.random()
            if choice < 0.25:
                values.append(self.rng.choice((param, init, self.rng.choice(alike))))
            elif param.kind == INT:
                values.append(self.op(operator.mod, self.integer(), Lit(5)))
            elif choice < 0.4 and self.callees:
                function = self.rng.choice(self.callees)
                called = self.builder.call(function, (param, self.real(), self.integer()))
                values.append(self.op(self.rng.choice(_BOUNDED), called[0]))
            elif choice < 0.7:
                values.append(self.op(self.rng.choice(_BOUNDED), self.real()))
            else:
                values.append(self.real())
        return values

    def go(self) -> Operand:
        return self.test() if self.rng.random() < 0.3 else Lit(True)

    def count(self) -> None:
        limits, kinds = self.limits(), self.kinds()
        params = self.variables(kinds)
        inits = [self.like(param) for param in params]

        def body() -> list[Operand]:
            self.some()
            return [self.go(), *self.following(params, inits)]

        region, yields = self.block((Var(INT, "i"), *params), body)
        self.outs(kinds, lambda outs: self.builder.loop(outs, inits, region.block(yields), limits=limits))

    def while_(self) -> None:
        kinds = [INT, *self.kinds()]
        params = self.variables(kinds)
        inits: list[Operand] = [self.like(param) for param in params]
        tested = [Var(param.kind, param.name) for param in params]

        def testing() -> list[Operand]:
            fuel = self.op(operator.gt, tested[0], Lit(0))
            return [self.op(operator.and_, fuel, self.test()) if self.rng.random() < 0.4 else fuel]

        def body() -> list[Operand]:
            self.some()
            fuel = self.op(operator.sub, params[0], Lit(1))
            return [self.go(), fuel, *self.following(params[1:], inits[1:])]

        test_region, on = self.block(tested, testing)
        region, yields = self.block(params, body)
        test = test_region.block(on)
        self.outs(kinds, lambda outs: self.builder.loop(outs, inits, region.block(yields), test=test))

    def last(self) -> None:
        """A loop whose value is there only if it ran, as Python's `for` target is."""
        limits = self.limits()
        flag, value = Var(BOOL, "bound"), Var(FLOAT, "last")

        def body() -> list[Operand]:
            self.visible.remove(value)
            self.maybe.append((flag, value))
            self.some(3)
            return [self.go(), Lit(True), self.op(self.rng.choice(_BOUNDED), self.real())]

        region, yields = self.block((Var(INT, "i"), flag, value), body)
        outs = [Var(BOOL, "bound"), Var(FLOAT, "last")]
        self.builder.loop(outs, (Lit(False), UNDEF), region.block(yields), limits=limits)
        self.visible.append(outs[0])
        self.maybe.append((outs[0], outs[1]))
