"""A value for variables that may be without one, where they are saved all the same.

A variable that only some paths define may be saved on all of them: one push serves every iteration, and a function
returns what it saved whichever way it went.  Nothing reads the value on the other paths, but Python cannot save what
is not there.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from ast_ad.analysis.undefined import maybe_undefined
from ast_ad.analysis.zeros import may_be_numbers
from ast_ad.ir import primitives
from ast_ad.ir.kinds import STRING, Array, Kind, List, Record, Stack, Unknown, code
from ast_ad.ir.nodes import (
    UNDEF,
    Block,
    Call,
    If,
    Lit,
    Loop,
    Op,
    Operand,
    Push,
    Statement,
    Var,
    defined,
    free_variables,
    operands,
    walk,
)
from ast_ad.transform.placeholders import placeholder

_ZEROS = {"b": False, "i": 0, "u": 0, "f": 0.0, "c": 0j}


def filled(
    block: Block, returned: Iterable[Operand], params: Sequence[Var] = (), shapes: Iterable[Operand] = ()
) -> Block:
    """Return `block` with a value in place of each `UNDEF` that may be saved, passed to a function, or returned.

    Parameters
    ----------
    returned
        What has to be there when the block ends.
    params
        Variables of which an array in place of one that is not there may take its shape, beside those of the block.
    shapes
        Variables whose shape is read where they may be without a value.
    """
    sources: dict[Var, list[Operand]] = {}
    shaped = list(shapes)
    other = list(returned)
    for statement in walk(block):
        for targets, values in _flows(statement):
            for target, value in zip(targets, values):
                sources.setdefault(target, []).append(value)
        if isinstance(statement, (Push, Call)):
            shaped += operands(statement)
        elif _packs(statement):
            other += operands(statement)
    reached = _reached([*shaped, *other], sources)
    bare = any(operand is UNDEF for operand in (*shaped, *other))
    if not bare and not any(value is UNDEF for var in reached for value in sources.get(var, ())):
        return block
    loops = [s for s in walk(block) if isinstance(s, Loop)]
    # What a loop starts with has the lengths of what it carries: those of what it leaves may be no one's else.
    reached.update((param, None) for s in loops for out, param in zip(s.outs, s.carried) if out in reached)
    # A loop takes shapes from the turn before, or from what it starts with.
    shaped += [v for s in loops for v in (*s.carried, *s.outs) if v in reached]
    there = [*params, *(var for var in free_variables(block) if var not in params)]
    unsuited = maybe_undefined(block) | may_be_numbers(block)
    return _Filler(reached, _reached(shaped, sources), unsuited, there).block(block)


def _reached(ends: Iterable[Operand], sources: Mapping[Var, Sequence[Operand]]) -> dict[Var, None]:
    """Return the variables that flow into others."""
    pending = list(ends)
    reached: dict[Var, None] = {}
    while pending:
        var = pending.pop()
        if isinstance(var, Var) and var not in reached:
            reached[var] = None
            pending += sources.get(var, ())
    return reached


_KEEPERS = (primitives.append, primitives.inserted, primitives.list_of, primitives.pack)
"""What keeps a value without looking at it: a list does, beside the boolean that says whether the value is there."""


def _packs(statement: Statement) -> bool:
    return isinstance(statement, Op) and statement.fn in _KEEPERS


def _flows(s: Statement) -> list[tuple[Sequence[Var], Sequence[Operand]]]:
    """Return pairs of variables and the operands that flow into them."""
    if isinstance(s, If):
        return [(s.outs, s.then.yields), (s.outs, s.orelse.yields)]
    if isinstance(s, Loop):
        return [(into, values) for into in (s.carried, s.outs) for values in (s.inits, s.body.yields[1:])]
    return []


class _Filler:
    """Puts values in.

    Parameters
    ----------
    reached
        What has to be there.
    shaped
        What has to be there in its shape; else, the smallest array does.
    unsuited
        What may be without a value, or hold a number for an array.
    there
        The other variables that are defined so far.
    """

    def __init__(
        self,
        reached: Collection[Var],
        shaped: Collection[Var],
        unsuited: Collection[Operand],
        there: list[Var],
    ) -> None:
        self.reached = reached
        self.shaped = shaped
        self.unsuited = unsuited
        self.there = there

    def block(self, block: Block, into: Sequence[Var] = (), skip: int = 0) -> Block:
        mark = len(self.there)
        self.define(block.params)
        statements: list[Statement] = []
        for statement in block.statements:
            statements += self.statement(statement)
            self.define(defined(statement))
        yields = (*block.yields[:skip], *self.values(block.yields[skip:], into, statements))
        del self.there[mark:]
        return replace(block, statements=tuple(statements), yields=yields)

    def define(self, variables: Iterable[Var]) -> None:
        self.there += [var for var in variables if var not in self.unsuited]

    def values(self, operands: Sequence[Operand], into: Sequence[Var], before: list[Statement]) -> list[Operand]:
        if not into:
            return list(operands)
        return [
            self.value(var.kind, before, var in self.shaped) if operand is UNDEF and var in self.reached else operand
            for operand, var in zip(operands, into)
        ]

    def statement(self, s: Statement) -> list[Statement]:
        if isinstance(s, If):
            return [replace(s, then=self.block(s.then, s.outs), orelse=self.block(s.orelse, s.outs))]
        if isinstance(s, Loop):
            before: list[Statement] = []
            inits = tuple(self.values(s.inits, s.carried, before))
            return [*before, replace(s, inits=inits, body=self.block(s.body, s.carried, skip=1))]
        if isinstance(s, Push):
            assert isinstance(s.stack.kind, Stack)
            before, values = self.given(s.values, s.stack.kind.items)
            return [*before, replace(s, values=values)]
        if isinstance(s, Call):
            before, args = self.given(s.args, [param.kind for param in s.function.params])
            return [*before, replace(s, args=args)]
        return [s]

    def given(self, operands: Sequence[Operand], kinds: Sequence[Kind]) -> tuple[list[Statement], tuple[Operand, ...]]:
        before: list[Statement] = []
        given = tuple(self.value(kind, before) if value is UNDEF else value for value, kind in zip(operands, kinds))
        return before, given

    def value(self, kind: Kind, before: list[Statement], shaped: bool = True) -> Operand:
        if isinstance(kind, Array):
            return placeholder(kind, self.there if shaped else (), before)
        made = _MADE.get(type(kind))
        if made is not None:
            fn, name = made
            value = Var(kind, name)
            before.append(Op((value,), fn, ()))
            return value
        if kind == STRING:
            return Lit("")
        family = "f" if isinstance(kind, Unknown) else code(kind)
        return Lit(_ZEROS[family]) if family in _ZEROS else UNDEF


_MADE: dict[type, tuple[Callable[..., Any], str]] = {
    Stack: (primitives.new_stack, "stack"),
    List: (primitives.list_of, "nothing"),
    Record: (primitives.pack, "nothing"),
}
