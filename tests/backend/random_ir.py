"""Random structured programs of the IR: what a transform could produce, and much that none does.

Names collide on purpose, loops swap what they carry, branches leave values undefined, stacks are filled and
drained.  The printed text has to repeat every operation bit by bit.
"""

from __future__ import annotations

import operator
import random
from typing import Any

import numpy as np

from ast_ad.ir import primitives
from ast_ad.ir.kinds import BOOL, FLOAT, INT, Kind, Stack
from ast_ad.ir.nodes import (
    UNDEF,
    Block,
    Call,
    Function,
    If,
    Lit,
    Loop,
    Note,
    Op,
    Operand,
    Pop,
    Push,
    Raise,
    Statement,
    Var,
    blocks,
    operands,
    walk,
)

RANGES = ((Lit(0), Lit(0), Lit(1)), (Lit(0), Lit(2), Lit(1)), (Lit(1), Lit(4), Lit(1)), (Lit(2), Lit(-1), Lit(-1)))

NAMES = ("a", "b", "x", "x", "y", "x_bar", "x_bar", "", "", "", "")

log: list[float] = []


def trace(value: float) -> float:
    """An operation with an effect: it writes down what it is given."""
    log.append(float(value))
    return value


class Stop(Exception):
    """What random programs raise."""


class Generator:
    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        self.budget = self.random.randint(3, 30)
        self.helpers: list[Function] = []
        self.counts: dict[str, int] = {}

    def count(self, what: str) -> None:
        self.counts[what] = self.counts.get(what, 0) + 1

    def var(self, kind: Kind = FLOAT) -> Var:
        return Var(kind, self.random.choice(NAMES))

    def chance(self, probability: float) -> bool:
        return self.random.random() < probability

    def pick(self, scope: list[Var], kind: Kind) -> Operand:
        known = [var for var in scope if var.kind == kind]
        if not known or self.chance(0.1):
            if kind == BOOL:
                return Lit(self.chance(0.5))
            return Lit(self.random.randint(0, 3)) if kind == INT else Lit(self.random.choice((0.5, -1.5, 2.0)))
        return self.random.choice(known[-8:])

    def function(self) -> Function:
        params = (Var(FLOAT, "x"), Var(FLOAT, "y"), Var(INT, "n"), Var(BOOL, "flag"))
        if self.chance(0.3):
            self.helpers.append(self.helper())
        scope = list(params)
        statements = self.statements(scope, 0)
        results = tuple(self.pick(scope, FLOAT) for _ in range(self.random.randint(1, 4)))
        return Function("program", params, Block((), tuple(statements), results))

    def helper(self) -> Function:
        params = (Var(FLOAT, "x"), Var(FLOAT, self.random.choice(("y", ""))))
        scope = list(params)
        statements = [s for _ in range(3) for s in self.operation(scope)]
        results = (self.pick(scope, FLOAT), self.pick(scope, FLOAT))
        return Function("helper", params, Block((), tuple(statements), results))

    def statements(self, scope: list[Var], depth: int) -> list[Statement]:
        out: list[Statement] = []
        for _ in range(self.random.randint(1, 6)):
            if self.budget <= 0:
                break
            self.budget -= 1
            out += self.statement(scope, depth)
        return out

    def statement(self, scope: list[Var], depth: int) -> list[Statement]:
        choices: list[tuple[float, Any]] = [(6, self.operation), (0.4, self.effect), (0.3, self.note)]
        if depth < 3:
            choices += [(2.5, self.branch), (1.5, self.loop), (0.6, self.logic), (0.7, self.maybe), (0.3, self.stacked)]
            choices += [(0.3, self.refusal)]
        if self.helpers:
            choices.append((0.5, self.call))
        make = self.random.choices([make for _, make in choices], [weight for weight, _ in choices])[0]
        self.count(make.__name__)
        takes_depth = make not in (self.operation, self.effect, self.note, self.call)
        return make(scope, depth) if takes_depth else make(scope)

    # Simple statements

    def operation(self, scope: list[Var]) -> list[Statement]:
        shape = self.random.random()
        if shape < 0.12:
            fn: Any = self.random.choice((operator.lt, operator.gt, operator.le, operator.eq))
            kind, args = BOOL, (self.pick(scope, FLOAT), self.pick(scope, FLOAT))
        elif shape < 0.17:
            fn, kind, args = operator.not_, BOOL, (self.pick(scope, BOOL),)
        elif shape < 0.27:
            fn, kind, args = operator.add, INT, (self.pick(scope, INT), self.pick(scope, INT))
        elif shape < 0.32:
            fn, kind = primitives.select, FLOAT
            args = (self.pick(scope, BOOL), self.pick(scope, FLOAT), self.pick(scope, FLOAT))
        elif shape < 0.4:
            fn, kind, args = operator.neg, FLOAT, (self.pick(scope, FLOAT),)
        elif shape < 0.5:
            fn, kind, args = np.sin, FLOAT, (self.pick(scope, FLOAT),)
        elif shape < 0.6:
            fn, kind, args = operator.mul, FLOAT, (self.pick(scope, INT), self.pick(scope, FLOAT))
        else:
            fn = self.random.choice((operator.add, operator.sub, operator.mul))
            kind, args = FLOAT, (self.pick(scope, FLOAT), self.pick(scope, FLOAT))
        out = self.var(kind)
        scope.append(out)
        return [Op((out,), fn, args)]

    def effect(self, scope: list[Var]) -> list[Statement]:
        out = self.var()
        scope.append(out)
        return [Op((out,), trace, (self.pick(scope[:-1], FLOAT),))]

    def note(self, scope: list[Var]) -> list[Statement]:
        return [Note(self.random.choice(("forward sweep", "reverse sweep")))]

    def call(self, scope: list[Var]) -> list[Statement]:
        outs = (self.var(), self.var())
        args = (self.pick(scope, FLOAT), self.pick(scope, FLOAT))
        scope += outs
        return [Call(outs, self.random.choice(self.helpers), args)]

    # Branches

    def side(self, scope: list[Var], depth: int, kinds: list[Kind], *, rich: float = 0.8) -> Block:
        inner = list(scope)
        statements = self.statements(inner, depth + 1) if self.chance(rich) else []
        return Block((), tuple(statements), tuple(self.pick(inner, kind) for kind in kinds))

    def branch(self, scope: list[Var], depth: int) -> list[Statement]:
        kinds = [self.random.choice((FLOAT, FLOAT, BOOL, INT)) for _ in range(self.random.randint(0, 3))]
        test = self.pick(scope, BOOL)
        then, orelse = self.side(scope, depth, kinds), self.side(scope, depth, kinds)
        outs = tuple(self.var(kind) for kind in kinds)
        scope += outs
        return [If(outs, test, then, orelse)]

    def logic(self, scope: list[Var], depth: int) -> list[Statement]:
        """`and`, `or`, and the negated forms that short circuits become."""
        test = self.pick(scope, BOOL)
        other = self.side(scope, depth, [BOOL], rich=0.5)
        again = self.random.choice((test, test, Lit(True), Lit(False)))
        sides = [other, Block((), (), (again,))]
        self.random.shuffle(sides)
        out = self.var(BOOL)
        scope.append(out)
        return [If((out,), test, *sides)]

    def maybe(self, scope: list[Var], depth: int) -> list[Statement]:
        """A value that is defined on one side only, carried through other joins, and read under the same test."""
        test = self.pick(scope, BOOL)
        if not isinstance(test, Var):
            return []
        full, empty = self.side(scope, depth, [FLOAT]), Block((), (), (UNDEF,))
        swap = self.chance(0.5)
        out, last = self.var(), self.var()
        held = [out]
        result: list[Statement] = [If((out,), test, *((empty, full) if swap else (full, empty)))]
        result += self.statements(scope, depth + 1)
        if self.chance(0.6):
            held.append(self.var())
            sides = [Block((), tuple(self.statements(list(scope), depth + 1)), (out,)) for _ in range(2)]
            result.append(If((held[-1],), self.pick(scope, BOOL), *sides))
            result += self.statements(scope, depth + 1)
        if self.chance(0.5):
            held.append(self.var())
            result.append(self.carrying(held[-1], held[-2], scope, depth))
        kept = held if self.chance(0.5) else held[-1:]
        inner = [*scope, *kept]
        reading = [Op((total := self.var(),), operator.add, (kept[0], kept[-1])), *self.statements(inner, depth + 1)]
        read = Block((), tuple(reading), (total,))
        plain = Block((), (), (self.pick(scope, FLOAT),))
        result.append(If((last,), test, *((plain, read) if swap else (read, plain))))
        scope.append(last)
        return result

    def carrying(self, out: Var, init: Operand, scope: list[Var], depth: int) -> Loop:
        """A loop that hands a value on from one iteration to the next, without looking at it."""
        carried, index = self.var(), self.var(INT)
        body = self.statements([*scope, index], depth + 1)
        return Loop((out,), (init,), Block((index, carried), tuple(body), (Lit(True), carried)), range=RANGES[1])

    def refusal(self, scope: list[Var], depth: int) -> list[Statement]:
        raising = Block((), (Raise(Stop, (self.pick(scope, FLOAT),)),), (UNDEF,))
        other = self.side(scope, depth, [FLOAT], rich=0.3)
        out = self.var()
        sides = [raising, other]
        self.random.shuffle(sides)
        scope.append(out)
        return [If((out,), self.pick(scope[:-1], BOOL), *sides)]

    # Loops

    def loop(self, scope: list[Var], depth: int) -> list[Statement]:
        kinds = [self.random.choice((FLOAT, FLOAT, BOOL, INT)) for _ in range(self.random.randint(1, 3))]
        carried = [self.var(kind) for kind in kinds]
        inits: list[Operand] = [self.pick(scope, kind) for kind in kinds]
        counted = self.chance(0.6)
        inner = [*scope, *carried]
        if counted:
            index = self.var(INT)
            inner.append(index)
            params = (index, *carried)
            limit = next((var for var in scope if var.name == "n"), Lit(3))
            limits = self.random.choice((*RANGES, (Lit(0), limit, Lit(1))))
        else:
            counter = Var(INT, self.random.choice(("k", "")))
            carried.append(counter)
            inits.append(Lit(0))
            inner.append(counter)
            params = tuple(carried)
        statements = self.statements(inner, depth + 1)
        values: list[Operand] = [
            var if self.chance(0.15) else self.pick(inner, var.kind) for var in carried[: len(kinds)]
        ]
        if not counted:
            step = Var(INT, counter.name)
            place = self.random.randint(0, len(statements))
            statements.insert(place, Op((step,), operator.add, (counter, Lit(1))))
            values.append(step)
        go: Operand = Lit(True)
        if self.chance(0.4):
            go, tail, values = self.leaving(inner, depth, values)
            statements += tail
        body = Block(params, tuple(statements), (go, *values))
        outs = tuple(Var(var.kind, var.name) for var in carried)
        test = None
        if not counted:
            test = self.test(carried, scope)
        for position, kind in enumerate(kinds):
            unread = carried[position]
            if kind == FLOAT and not _reads(body, unread, position + 1) and self.chance(0.7) and unread not in values:
                inits[position] = UNDEF
                outs[position].name = "unread"
        scope += [out for out, init in zip(outs, inits) if init is not UNDEF]
        return [Loop(outs, tuple(inits), body, range=limits if counted else None, test=test)]

    def test(self, carried: list[Var], scope: list[Var]) -> Block:
        params = tuple(Var(var.kind, var.name) for var in carried)
        below, both = Var(BOOL), Var(BOOL)
        statements: list[Statement] = [Op((below,), operator.lt, (params[-1], Lit(self.random.randint(0, 3))))]
        if self.chance(0.3):
            traced = Var(FLOAT)
            statements.insert(0, Op((traced,), trace, (params[-1],)))
        if self.chance(0.3):
            other = self.pick([*scope, *params], BOOL)
            statements.append(If((both,), below, Block((), (), (other,)), Block((), (), (below,))))
            return Block(params, tuple(statements), (both,))
        return Block(params, tuple(statements), (below,))

    def leaving(
        self, inner: list[Var], depth: int, values: list[Operand]
    ) -> tuple[Operand, list[Statement], list[Operand]]:
        """A loop's `go`: a plain boolean, or a branch at the end that leaves on one side."""
        test = self.pick(inner, BOOL)
        if self.chance(0.5):
            return self.flag(test, inner, values)
        go = Var(BOOL)
        kinds = [value.kind for value in values]  # type: ignore[union-attr]
        outs = tuple(self.var(kind) for kind in kinds)
        leave = self.side(inner, depth, kinds, rich=0.5)
        stay = self.side(inner, depth, kinds, rich=0.5)
        counters = [i for i, (value, kind) in enumerate(zip(values, kinds)) if kind == INT and i == len(values) - 1]
        further: Operand = Lit(True)
        if self.chance(0.4):
            deeper = Var(BOOL)
            nested = If((deeper,), self.pick(inner, BOOL), Block((), (), (Lit(False),)), Block((), (), (Lit(True),)))
            stay = Block((), (*stay.statements, nested), stay.yields)
            further = deeper

        def ends(block: Block, first: Operand) -> Block:
            yields = [values[i] if i in counters else value for i, value in enumerate(block.yields)]
            return Block((), block.statements, (first, *yields))

        sides = [ends(leave, Lit(False)), ends(stay, further)]
        if self.chance(0.3):
            sides.reverse()
        return go, [If((go, *outs), test, *sides)], list(outs)

    def flag(
        self, test: Operand, inner: list[Var], values: list[Operand]
    ) -> tuple[Operand, list[Statement], list[Operand]]:
        """A plain boolean: one that is there, one that the loop carries, or a comparison made at the end."""
        carried = [var for var in inner if var.kind == BOOL and var not in values]
        if carried and self.chance(0.4):
            return self.random.choice(carried[-2:]), [], values
        if self.chance(0.5):
            fresh = Var(BOOL)
            return fresh, [Op((fresh,), operator.lt, (self.pick(inner, FLOAT), self.pick(inner, FLOAT)))], values
        return test, [], values

    # Stacks

    def stacked(self, scope: list[Var], depth: int) -> list[Statement]:
        """A loop that saves, and one that takes what was saved."""
        items = tuple(self.random.choice((FLOAT, INT, BOOL)) for _ in range(self.random.randint(1, 2)))
        stack = Var(Stack(items), self.random.choice(("", "stack")))
        start = Op((stack,), primitives.new_stack, ())
        forward, count = self.saving(stack, items, scope, depth)
        between = self.statements(scope, depth + 1)
        index = Var(INT, "i")
        carried = self.var()
        taken = tuple(self.var(kind) for kind in items)
        inner = [*scope, carried, *taken]
        body = [Pop(taken, stack), *self.statements(inner, depth + 1)]
        out = Var(FLOAT, carried.name)
        init = self.pick(scope, FLOAT)
        block = Block((index, carried), tuple(body), (Lit(True), self.pick(inner, FLOAT)))
        reverse = Loop((out,), (init,), block, range=(Lit(0), count, Lit(1)))
        scope.append(out)
        return [start, forward, *between, reverse]

    def saving(self, stack: Var, items: tuple[Kind, ...], scope: list[Var], depth: int) -> tuple[Loop, Operand]:
        counter, carried, index = Var(INT, "count"), self.var(), self.var(INT)
        more = Var(INT, "count")
        inner = [*scope, carried, index]
        body = self.statements(inner, depth + 1)
        push = Push(stack, tuple(self.pick(inner, kind) for kind in items))
        body = [Op((more,), operator.add, (counter, Lit(1))), *body, push]
        go: Operand = self.pick(inner, BOOL) if self.chance(0.5) else Lit(True)
        block = Block((index, carried, counter), tuple(body), (go, self.pick(inner, FLOAT), more))
        outs = (Var(FLOAT, carried.name), Var(INT, "count"))
        loop = Loop(outs, (self.pick(scope, FLOAT), Lit(0)), block, range=(Lit(0), Lit(3), Lit(1)))
        scope += outs if self.chance(0.3) else outs[:1]
        return loop, outs[1]


def _reads(block: Block, var: Var, position: int) -> bool:
    """Tell whether a body reads a variable, but for handing it on where it came from."""
    for statement in walk(block):
        values = [*operands(statement), *(value for inner in blocks(statement) for value in inner.yields)]
        if any(value is var for value in values):
            return True
    return any(value is var for i, value in enumerate(block.yields) if i != position)
