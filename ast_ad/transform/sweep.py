"""The statements of a function backwards, each contributing to the adjoints of its arguments.

Each block is reversed with the adjoints so far (`Adjoints`). A branch starts from a copy of them, and what it changes
becomes an out of the reversed `If`. A loop carries the adjoints of what it carries, and of every active variable that
is free in its body. What is written here mentions variables of the forward sweep wherever a rule does;
`transform.record` makes that valid.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from ast_ad.analysis.activity import Activity, some
from ast_ad.analysis.copies import ends
from ast_ad.analysis.undefined import maybe_undefined
from ast_ad.ir import primitives
from ast_ad.ir.kinds import Array, List, Record, Stack, dims_of, is_inexact
from ast_ad.ir.nodes import (
    UNDEF,
    Block,
    Call,
    Function,
    If,
    Lit,
    Loop,
    Op,
    Operand,
    Pop,
    Push,
    Statement,
    Var,
    defined,
    walk,
)
from ast_ad.rules.expand import Code
from ast_ad.rules.operands import kind_of_operand
from ast_ad.runtime import or_zeros
from ast_ad.transform.adjoints import Adjoints, adjoint_kind, as_of, bar_name, wide_enough, zero
from ast_ad.transform.calls import AgainOf, Split
from ast_ad.transform.ranges import Range
from ast_ad.transform.rerun import Drawn
from ast_ad.transform.reversed_calls import reverse_call
from ast_ad.transform.reversed_loops import LoopReversal
from ast_ad.transform.rules import pullback


class Sweep:
    """Writes the reverse sweep of one function."""

    def __init__(
        self,
        forward: Function,
        facts: Activity,
        counts: dict[Var, Var],
        calls: dict[Call, tuple[Split | Drawn, tuple[Var, ...]]],
        again_of: AgainOf,
    ) -> None:
        self.facts = facts
        self.counts = counts
        self.calls = calls
        self.again_of = again_of
        self.mirror: dict[Statement, If | Loop] = {}
        self.indices: dict[Var, Operand] = {}
        self.plain: dict[Var, Range] = {}
        self.undefined = maybe_undefined(forward.body)
        # Adjoints of arrays that are the number 0 where the array is not there; of lists, that are empty.
        self.numbers: set[Operand] = set()
        # The step of a range is not 0, so one that is a root is positive.
        self.made: dict[Operand, Op] = {out: s for s in walk(forward.body) if isinstance(s, Op) for out in s.outs}
        self.roots: set[Operand] = {
            out for out, s in self.made.items() if s.fn is int and _is_root(self.made.get(s.args[0]))
        }
        self.popped = {s.stack for s in walk(forward.body) if isinstance(s, Pop)}

    def block(self, block: Block, adjoints: Adjoints, code: Code) -> None:
        """Reverse the statements of a block; the adjoints of what it yields are there already."""
        for statement in block.statements:
            for out in defined(statement):
                self.open_stack(out, adjoints, code)
        for statement in reversed(block.statements):
            code.where = statement.where
            self.statement(statement, adjoints, code)

    def open_stack(self, stack: Var, adjoints: Adjoints, code: Code) -> None:
        """Make the stack of adjoints of a stack that is popped here: reversed, those pops push."""
        if isinstance(stack.kind, Stack) and stack in self.popped and self.facts(stack):
            bar = Var(adjoint_kind(stack.kind, self.facts.mask(stack)), bar_name(stack))
            code.statements.append(Op((bar,), primitives.new_stack, ()))
            adjoints.own[stack] = bar

    def statement(self, s: Statement, adjoints: Adjoints, code: Code) -> None:
        """Reverse a statement."""
        if isinstance(s, Op):
            self.op(s, adjoints, code)
        elif isinstance(s, If):
            self.branch(s, adjoints, code)
        elif isinstance(s, Loop):
            self.loop(s, adjoints, code)
        elif isinstance(s, Call):
            self.call(s, adjoints, code)
        elif isinstance(s, Pop):
            self.pop(s, adjoints, code)
        elif isinstance(s, Push):
            self.push(s, adjoints, code)

    def op(self, s: Op, adjoints: Adjoints, code: Code) -> None:
        """Reverse an operation: the adjoints of its results reach its arguments by its rule."""
        arrived = [adjoints.take(out) for out in s.outs]
        if all(g is None for g in arrived) or s.fn is primitives.new_stack:
            return
        arrived = [g if g is None else self.filled(code, g, out) for g, out in zip(arrived, s.outs)]
        if s.fn is primitives.pack:
            self.packed(s, arrived[0], adjoints, code)
            return
        given = [zero(code, out) if g is None else g for g, out in zip(arrived, s.outs) if is_inexact(out.kind)]
        if s.fn is primitives.unpack:
            record_bar = Var(Record(), _bar_of(s.args[0]))
            code.statements.append(Op((record_bar,), primitives.pack, tuple(given)))
            adjoints.add(code, s.args[0], record_bar)
            return
        bars = pullback(code, s, given[0] if len(s.outs) == 1 else self.each(s, given), self.facts)
        for arg, bar in bars:
            adjoints.add(code, arg, bar, there=True)

    def packed(self, s: Op, bar: Operand | None, adjoints: Adjoints, code: Code) -> None:
        """Take the adjoint of a record apart: it holds those of the floating-point values."""
        assert bar is not None
        given = [arg for arg in s.args if is_inexact(kind_of_operand(arg))]
        outs = tuple(Var(kind_of_operand(arg), _bar_of(arg)) for arg in given)
        if outs:
            code.statements.append(Op(outs, primitives.unpack, (bar,)))
        for arg, out in zip(given, outs):
            adjoints.add(code, arg, out)

    def nothing(self, code: Code) -> Var:
        """Return a record that nothing is read of."""
        record = Var(Record())
        code.statements.append(Op((record,), primitives.pack, ()))
        return record

    def each(self, s: Op, given: list[Operand]) -> tuple[Operand, ...]:
        """Return an adjoint for each result of an operation; those that have none get a zero."""
        remaining = iter(given)
        return tuple(next(remaining) if is_inexact(out.kind) else Lit(0.0) for out in s.outs)

    def branch(self, s: If, adjoints: Adjoints, code: Code) -> None:
        """Reverse a branch: what either side changes comes out of the reversed one."""
        arrived = [(i, adjoints.take(out)) for i, out in enumerate(s.outs)]
        sides = []
        for block in (s.then, s.orelse):
            side, side_code = Adjoints(self.facts, self.filled, adjoints), Code(s.where, self.made)
            for i, bar in arrived:
                if bar is not None:
                    whole = self.whole(side_code, bar, s.outs[i]) if dims_of(kind_of_operand(bar)) else bar
                    side.add(side_code, block.yields[i], self.as_of(side_code, whole, block.yields[i]))
            self.block(block, side, side_code)
            sides.append((side, side_code))
        changed = list(dict.fromkeys(var for side, _ in sides for var in side.own))
        then, orelse = (
            Block((), statements=tuple(side_code.statements), yields=yields)
            for (_, side_code), yields in zip(sides, [self.all_so_far(*side, changed) for side in sides])
        )
        outs = tuple(self.bar(var) for var in changed)
        for out, *both in zip(outs, then.yields, orelse.yields):
            out.kind = wide_enough(out.kind, both)
        for values in (then.yields, orelse.yields):
            self.note_numbers(values, outs)
        if outs or then.statements or orelse.statements:
            # A side that always raises is never gone back through.
            raises = ends(s.then.statements), ends(s.orelse.statements)
            test = s.test if raises[0] == raises[1] else Lit(raises[1])
            statement = If(outs, test, then, orelse, s.where)
            code.statements.append(statement)
            self.mirror[statement] = s
            adjoints.own.update(zip(changed, outs))

    def note_numbers(self, values: Sequence[Operand], outs: Sequence[Var]) -> None:
        """Note which adjoints of arrays may be numbers, and of lists empty, for what flows into them."""
        for value, out in zip(values, outs):
            if isinstance(out.kind, (Array, List)) and (isinstance(value, Lit) or value in self.numbers):
                self.numbers.add(out)

    def filled(self, code: Code, bar: Operand, like: Var, there: bool = False) -> Operand:
        """Return the adjoint of an array that is there as an array, where it may be a number; lists likewise.

        What has no value on some paths may be `there` all the same, because it was read.
        """
        if bar not in self.numbers or (like in self.undefined and not there):
            return bar
        if isinstance(like.kind, List):
            return code.derived(or_zeros, bar, like)
        return code.derived(np.full_like, like, bar) if dims_of(like.kind) else bar

    def as_of(self, code: Code, bar: Operand, var: Operand) -> Operand:
        """Return the adjoint of a variable as that of another one, from which it takes its value."""
        own = as_of(code, bar, var)
        if bar in self.numbers:
            self.numbers.add(own)
        return own

    def whole(self, code: Code, bar: Operand, like: Operand) -> Operand:
        """Return an adjoint in the shape of `like`."""
        if isinstance(like, Var):
            bar = self.filled(code, bar, like)
        return code.stretched(bar, like)

    def so_far(self, code: Code, adjoints: Adjoints, var: Var, like: Operand | None = None) -> Operand:
        """Return what has reached the adjoint of `var`, or zero, in the shape of `var` (or of `like`)."""
        bar = adjoints.get(var)
        like = var if like is None else like
        if bar is None and like in self.undefined:
            if isinstance(var.kind, Record):
                return self.nothing(code)
            return self.empty(code, like) if isinstance(var.kind, List) else Lit(0.0)
        return self.no_adjoint(code, like) if bar is None else self.whole(code, bar, like)

    def empty(self, code: Code, like: Operand) -> Operand:
        """Return the adjoint of a list that is not there."""
        nothing = Var(kind_of_operand(like))
        code.statements.append(Op((nothing,), primitives.list_of, ()))
        self.numbers.add(nothing)
        return nothing

    def all_so_far(self, adjoints: Adjoints, code: Code, variables: list[Var]) -> tuple[Operand, ...]:
        """Return what has reached the adjoints of variables."""
        return tuple(self.so_far(code, adjoints, var) for var in variables)

    def bar(self, var: Var) -> Var:
        """Return a new variable for the adjoint of `var`."""
        return Var(adjoint_kind(var.kind, self.facts.mask(var)), bar_name(var))

    def loop(self, s: Loop, adjoints: Adjoints, code: Code) -> None:
        """Reverse a loop."""
        LoopReversal(self, s, adjoints, code).write()

    def call(self, s: Call, adjoints: Adjoints, code: Code) -> None:
        """Reverse a call, if its results are active."""
        if s in self.calls:
            reverse_call(self, s, adjoints, code)

    def pop(self, s: Pop, adjoints: Adjoints, code: Code) -> None:
        """Reverse a pop: the adjoints of what it took are pushed."""
        arrived = [adjoints.take(out) for out in s.outs]
        bar = adjoints.get(s.stack)
        if isinstance(bar, Var):
            pairs = [(out, g) for out, g in zip(s.outs, arrived) if self.facts(out)]
            values = tuple(self.no_adjoint(code, out) if g is None else code.stretched(g, out) for out, g in pairs)
            code.statements.append(Push(bar, values, s.where))

    def push(self, s: Push, adjoints: Adjoints, code: Code) -> None:
        """Reverse a push: the adjoints of what it saved are popped."""
        bar = adjoints.get(s.stack)
        if isinstance(bar, Var):
            mask = self.facts.mask(s.stack)
            assert isinstance(mask, tuple) and isinstance(s.stack.kind, Stack)
            active = [i for i, part in enumerate(mask) if some(part)]
            kinds = [adjoint_kind(s.stack.kind.items[i], mask[i]) for i in active]
            outs = tuple(Var(kind, _bar_of(s.values[i])) for i, kind in zip(active, kinds))
            code.statements.append(Pop(outs, bar, s.where))
            for i, out in zip(active, outs):
                adjoints.add(code, s.values[i], out)

    def no_adjoint(self, code: Code, like: Operand) -> Operand:
        """Return the adjoint of a variable that nothing has reached; for a stack, none was made on this path."""
        return UNDEF if isinstance(kind_of_operand(like), Stack) else zero(code, like)


def _is_root(s: Op | None) -> bool:
    return s is not None and s.fn is math.sqrt


def _bar_of(operand: Operand) -> str:
    return bar_name(operand) if isinstance(operand, Var) else ""
