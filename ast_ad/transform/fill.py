"""A value for variables that may be without one, where they are saved all the same.

A variable that only some paths define may be saved on all of them: one push serves every iteration, and a function
returns what it saved whichever way it went.  Nothing reads the value on the other paths, but Python cannot save what
is not there.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

import numpy as np

from ast_ad.ir import primitives
from ast_ad.ir.kinds import Array, Kind, List, Record, Stack, Unknown, code
from ast_ad.ir.nodes import UNDEF, Block, Call, If, Lit, Loop, Op, Operand, Push, Statement, Var, operands, walk

_ZEROS = {"b": False, "i": 0, "u": 0, "f": 0.0, "c": 0j}


def filled(block: Block, returned: Iterable[Operand]) -> Block:
    """Return `block` with a value in place of each `UNDEF` that may be saved, passed to a function, or returned.

    Parameters
    ----------
    returned
        What has to be there when the block ends.
    """
    sources: dict[Var, list[Operand]] = {}
    pending = list(returned)
    for statement in walk(block):
        for targets, values in _flows(statement):
            for target, value in zip(targets, values):
                sources.setdefault(target, []).append(value)
        if isinstance(statement, (Push, Call)) or _packs(statement):
            pending += operands(statement)
    bare = any(operand is UNDEF for operand in pending)
    reached: dict[Var, None] = {}
    while pending:
        var = pending.pop()
        if isinstance(var, Var) and var not in reached:
            reached[var] = None
            pending += sources.get(var, ())
    if not bare and not any(value is UNDEF for var in reached for value in sources.get(var, ())):
        return block
    return _Filler(reached).block(block)


def _packs(statement: Statement) -> bool:
    return isinstance(statement, Op) and statement.fn is primitives.pack


def _flows(s: Statement) -> list[tuple[Sequence[Var], Sequence[Operand]]]:
    """Return pairs of variables and the operands that flow into them."""
    if isinstance(s, If):
        return [(s.outs, s.then.yields), (s.outs, s.orelse.yields)]
    if isinstance(s, Loop):
        return [(into, values) for into in (s.carried, s.outs) for values in (s.inits, s.body.yields[1:])]
    return []


class _Filler:
    def __init__(self, reached: dict[Var, None]) -> None:
        self.reached = reached

    def block(self, block: Block, into: Sequence[Var] = (), skip: int = 0) -> Block:
        statements = [new for statement in block.statements for new in self.statement(statement)]
        yields = (*block.yields[:skip], *self.values(block.yields[skip:], into, statements))
        return replace(block, statements=tuple(statements), yields=yields)

    def values(self, operands: Sequence[Operand], into: Sequence[Var], before: list[Statement]) -> list[Operand]:
        if not into:
            return list(operands)
        return [
            _value(var.kind, before) if operand is UNDEF and var in self.reached else operand
            for operand, var in zip(operands, into)
        ]

    def statement(self, s: Statement) -> list[Statement]:
        if isinstance(s, If):
            return [replace(s, then=self.block(s.then, s.outs), orelse=self.block(s.orelse, s.outs))]
        if isinstance(s, Loop):
            before: list[Statement] = []
            into = [out if out in self.reached else param for out, param in zip(s.outs, s.carried)]
            inits = tuple(self.values(s.inits, into, before))
            return [*before, replace(s, inits=inits, body=self.block(s.body, into, skip=1))]
        if isinstance(s, Push):
            assert isinstance(s.stack.kind, Stack)
            before, values = _given(s.values, s.stack.kind.items)
            return [*before, replace(s, values=values)]
        if isinstance(s, Call):
            before, args = _given(s.args, [param.kind for param in s.function.params])
            return [*before, replace(s, args=args)]
        return [s]


def _given(operands: Sequence[Operand], kinds: Sequence[Kind]) -> tuple[list[Statement], tuple[Operand, ...]]:
    before: list[Statement] = []
    given = tuple(_value(kind, before) if value is UNDEF else value for value, kind in zip(operands, kinds))
    return before, given


def _value(kind: Kind, before: list[Statement]) -> Operand:
    if isinstance(kind, Stack):
        stack = Var(kind, "stack")
        before.append(Op((stack,), primitives.new_stack, ()))
        return stack
    if isinstance(kind, List):
        items = Var(kind, "nothing")
        before.append(Op((items,), primitives.list_of, ()))
        return items
    if isinstance(kind, Record):
        nothing = Var(kind, "nothing")
        before.append(Op((nothing,), primitives.pack, ()))
        return nothing
    if isinstance(kind, Array):
        array = Var(kind, "nothing")
        before.append(Op((array,), np.zeros, (Lit((1,) * kind.ndim),)))
        return array
    family = "f" if isinstance(kind, Unknown) else code(kind)
    return Lit(_ZEROS[family]) if family in _ZEROS else UNDEF
