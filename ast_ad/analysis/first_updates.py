"""First updates: those of places that are still zero, where ``x_bar[i] = v`` does what ``x_bar[i] += v`` would.

The adjoint of what is indexed begins as zeros, and each place gets a sum. In a loop over the elements most places get
one term. That two updates never meet at a place is told by an axis along which both are indexed by the counter of a
loop around them, plus a constant:

    for i in range(n - 1, -1, -1):
        x_bar[i] += a           earlier turns have reached i + 1 and what follows: a first update
        x_bar[i + 1] += b       the turn before has reached i + 1

or by slices of which one ends where the other one begins, or before: ``x_bar[:n]`` and ``x_bar[n:2 * n]``.

An index that may be negative names a place that another one may name, too; so it tells nothing. But where a slice ends
and where one begins is the same place for the same number, whatever its sign.
"""

from __future__ import annotations

import operator
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from ast_ad.ir import primitives
from ast_ad.ir.kinds import Scalar, Shape, code
from ast_ad.ir.nodes import Block, Function, If, Lit, Loop, Op, Operand, Var
from ast_ad.rules.arrays import is_update
from ast_ad.rules.operands import is_literal
from ast_ad.runtime import add_at, set_at

_ZEROS = (np.zeros_like, np.zeros)
_LENGTHS = (len, np.size, primitives.size)


def first_updates(function: Function) -> frozenset[Op]:
    """Return the updates that add to places that are zero; their indices must name no place twice."""
    origins = _Origins()
    origins.block(function.body, ())
    counters = _Counters(origins.makers, origins.loops)
    found: set[Op] = set()
    for updates in origins.updates.values():
        apart = _Apart(updates, counters)
        found.update(each.op for each in updates if each.op.fn is add_at and apart.is_first(each))
    return frozenset(found)


@dataclass(frozen=True, eq=False)
class _Update:
    """An update of an array that began as zeros, and the loops around it that the zeros are not in."""

    op: Op
    loops: tuple[Loop, ...]


class _Origins:
    """Follows arrays from the zeros that they begin as; what may have begun in two ways has no origin."""

    def __init__(self) -> None:
        self.origin: dict[Operand, Op] = {}
        self.depth: dict[Op, int] = {}
        self.updates: dict[Op, list[_Update]] = {}
        self.makers: dict[Var, Op] = {}
        self.loops: dict[Var, Loop] = {}

    def block(self, block: Block, loops: tuple[Loop, ...]) -> None:
        for s in block.statements:
            if isinstance(s, Op):
                self.op(s, loops)
            elif isinstance(s, If):
                self.block(s.then, loops)
                self.block(s.orelse, loops)
                for out, *sides in zip(s.outs, s.then.yields, s.orelse.yields):
                    self.meet(out, sides)
            elif isinstance(s, Loop):
                self.loop(s, loops)

    def op(self, s: Op, loops: tuple[Loop, ...]) -> None:
        self.makers.update(dict.fromkeys(s.outs, s))
        if s.fn in _ZEROS:
            self.origin[s.outs[0]] = s
            self.depth[s] = len(loops)
        elif is_update(s.fn) and s.args[0] in self.origin:
            zeros = self.origin[s.args[0]]
            self.origin[s.outs[0]] = zeros
            if not (s.fn is set_at and is_literal(s.args[-1], 0)):
                self.updates.setdefault(zeros, []).append(_Update(s, loops[self.depth[zeros] :]))

    def loop(self, s: Loop, loops: tuple[Loop, ...]) -> None:
        if s.index is not None:
            self.loops[s.index] = s
        mixed: set[Var] = set()
        while True:
            before = {zeros: list(updates) for zeros, updates in self.updates.items()}
            self.origin.update(
                (param, self.origin[init])
                for init, param in zip(s.inits, s.carried)
                if init in self.origin and param not in mixed
            )
            self.block(s.body, (*loops, s))
            states = list(zip(s.inits, s.carried, s.body.yields[1:]))
            differ = [p for _, p, y in states if p in self.origin and self.origin.get(y) is not self.origin[p]]
            if not differ:
                break
            mixed.update(differ)
            self.updates = before
            self.forget(s)
        for out, init, following in zip(s.outs, s.inits, s.body.yields[1:]):
            self.meet(out, (init, following))

    def forget(self, s: Loop) -> None:
        """Forget what was found in a loop, to look again."""
        for param in s.carried:
            self.origin.pop(param, None)
        for block in (s.body, *_inside(s.body)):
            for statement in block.statements:
                for out in getattr(statement, "outs", ()):
                    self.origin.pop(out, None)
            for param in block.params:
                self.origin.pop(param, None)

    def meet(self, out: Var, values: Sequence[Operand]) -> None:
        origins = {id(self.origin.get(value)): self.origin.get(value) for value in values}
        if len(origins) == 1:
            (zeros,) = origins.values()
            if zeros is not None:
                self.origin[out] = zeros


def _inside(block: Block) -> Iterator[Block]:
    for s in block.statements:
        nested = (s.then, s.orelse) if isinstance(s, If) else (s.body,) if isinstance(s, Loop) else ()
        for each in nested:
            yield each
            yield from _inside(each)


class _Counters:
    """Takes indices for a variable plus a constant, and tells the least that they can be."""

    def __init__(self, makers: dict[Var, Op], loops: dict[Var, Loop]) -> None:
        self.makers = makers
        self.loops = loops

    def split(self, operand: Operand) -> tuple[Operand, int]:
        """Return a variable and a constant whose sum an integer is."""
        op = self.makers.get(operand) if isinstance(operand, Var) else None
        if op is not None and op.fn in (operator.add, operator.sub):
            x, y = op.args
            if isinstance(y, Lit) and type(y.value) is int:
                base, more = self.split(x)
                return base, more + (y.value if op.fn is operator.add else -y.value)
            if isinstance(x, Lit) and type(x.value) is int and op.fn is operator.add:
                base, more = self.split(y)
                return base, more + x.value
        return operand, 0

    def multiple(self, operand: Operand) -> tuple[Operand, int]:
        """Return a variable and a constant whose product an integer is."""
        op = self.makers.get(operand) if isinstance(operand, Var) else None
        if op is not None and op.fn is operator.mul:
            for x, y in (op.args, op.args[::-1]):
                if isinstance(y, Lit) and type(y.value) is int:
                    base, factor = self.multiple(x)
                    return base, factor * y.value
        return operand, 1

    def is_length(self, operand: Operand) -> bool:
        """Tell whether an integer is the length or the size of an array."""
        op = self.makers.get(operand) if isinstance(operand, Var) else None
        if op is None:
            return False
        of_shape = isinstance(op.args[0], Var) and isinstance(op.args[0].kind, Shape) if op.args else False
        return op.fn in _LENGTHS or (op.fn is operator.getitem and of_shape)

    def precedes(self, stop: Operand, start: Operand) -> bool:
        """Tell whether a slice that ends at `stop` ends before one that begins at `start`."""
        if stop is start or (self.split(stop) == self.split(start) and not isinstance(stop, Lit)):
            return True
        if isinstance(stop, Lit) and isinstance(start, Lit):
            return bool(0 <= stop.value <= start.value or stop.value <= start.value < 0)
        (base, factor), (other, larger) = self.multiple(stop), self.multiple(start)
        return base is other and 0 <= factor <= larger and self.is_length(base)

    def least(self, operand: Operand) -> int | None:
        """Return a number that an integer is never below, if there is one."""
        base, more = self.split(operand)
        if isinstance(base, Lit):
            return base.value + more if type(base.value) is int else None
        loop = self.loops.get(base) if isinstance(base, Var) else None
        if loop is None or loop.range is None:
            return None
        direction = self.direction(loop)
        limit = self.least(loop.range[0 if direction > 0 else 1]) if direction else None
        return None if limit is None else limit + more + (direction < 0)

    def direction(self, loop: Loop) -> int:
        """Return 1 for a loop that counts up, -1 for one that counts down, 0 where it does not count by a constant."""
        step = loop.range[2] if loop.range is not None else None
        return (step.value > 0) - (step.value < 0) if isinstance(step, Lit) else 0


class _Apart:
    """Tells which updates of one array find zeros, because no other one has been there."""

    def __init__(self, updates: Sequence[_Update], counters: _Counters) -> None:
        self.updates = updates
        self.counters = counters
        self.axes = {each: list(self.indices(each.op)) for each in updates}

    def indices(self, op: Op) -> Iterator[tuple[Operand, int] | slice | None]:
        """Yield the index along each leading axis: a variable and a constant, or a slice; None: it tells nothing."""
        (_, index, _), _ = op.arranged(op.args)
        for item in index if isinstance(index, tuple) else (index,):
            if isinstance(item, slice):
                yield slice(*map(_limit, (item.start, item.stop))) if _limit(item.step) is None else None
            elif isinstance(item, (Var, Lit)) and isinstance(item.kind, Scalar) and code(item.kind) == "i":
                base, more = (Lit(0), item.value) if isinstance(item, Lit) else self.counters.split(item)
                least = self.counters.least(item)
                yield (base, more) if least is not None and least >= 0 else None
            else:
                return

    def is_first(self, update: _Update) -> bool:
        place = self.updates.index(update)
        return all(self.never_before(update, other, i < place) for i, other in enumerate(self.updates))

    def never_before(self, update: _Update, other: _Update, earlier: bool) -> bool:
        """Tell whether `other` never reaches a place before `update` does; it may stand `earlier` in the text."""
        around: list[Loop] = []
        for loop, same in zip(update.loops, other.loops):
            if loop is not same:
                break
            if not self.separated(update, other, around, loop):
                return False
            around.append(loop)
        return not earlier or self.separated(update, other, around)

    def separated(self, update: _Update, other: _Update, same: Sequence[Loop], turn: Loop | None = None) -> bool:
        """Tell whether two updates meet nowhere: in the same turn of some loops, `other` in an earlier turn of one."""
        fixed = [loop.index for loop in same]
        for mine, its in zip(self.axes[update], self.axes[other]):
            if mine is None or its is None:
                continue
            if isinstance(mine, slice) or isinstance(its, slice):
                if turn is None and isinstance(mine, slice) and isinstance(its, slice) and self.beside(mine, its):
                    return True
                continue
            (base, more), (its_base, its_more) = mine, its
            constant = isinstance(base, Lit) and isinstance(its_base, Lit)
            if (constant or (base is its_base and base in fixed)) and more != its_more:
                return True
            if turn is not None and base is its_base is turn.index:
                direction = self.counters.direction(turn)
                if more * direction >= its_more * direction:
                    return True
        return False

    def beside(self, mine: slice, its: slice) -> bool:
        """Tell whether one of two slices ends before the other one begins."""
        return any(
            one.stop is not None and other.start is not None and self.counters.precedes(one.stop, other.start)
            for one, other in ((mine, its), (its, mine))
        )


def _limit(operand: Operand | None) -> Operand | None:
    """Return a limit of a slice; None where it is left out."""
    return None if operand is None or (isinstance(operand, Lit) and operand.value is None) else operand
