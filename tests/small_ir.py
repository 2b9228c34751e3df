"""Shorthands for writing IR by hand in tests."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from ast_ad.ir.kinds import FLOAT, Kind, Stack
from ast_ad.ir.nodes import Block, Function, If, Lit, Loop, Op, Operand, Statement, Var
from ast_ad.ir.primitives import new_stack


def op(fn: Callable[..., Any], *args: Operand, kind: Kind = FLOAT, name: str = "") -> Op:
    """Return an operation with one out."""
    return Op((Var(kind, name),), fn, args)


def out(op: Op) -> Var:
    """Return the out of an operation."""
    return op.outs[0]


def block(*statements: Statement, params: Sequence[Var] = (), yields: Sequence[Operand] = ()) -> Block:
    """Return a block."""
    return Block(tuple(params), statements, tuple(yields))


def branch(test: Operand, then: Block, orelse: Block, *outs: Var) -> If:
    """Return an If."""
    return If(outs, test, then, orelse)


def count(
    limits: Sequence[Operand | int], body: Block, inits: Sequence[Operand] = (), outs: Sequence[Var] = ()
) -> Loop:
    """Return a counted loop; `body` yields `go` first."""
    start, stop, step = (Lit(limit) if isinstance(limit, int) else limit for limit in limits)
    return Loop(tuple(outs), tuple(inits), body, range=(start, stop, step))


def stack(*items: Kind) -> Op:
    """Return the operation that makes a stack."""
    return Op((Var(Stack(items), "stack"),), new_stack, ())


def function(params: Sequence[Var], *statements: Statement, results: Sequence[Operand], name: str = "f") -> Function:
    """Return a function."""
    return Function(name, tuple(params), Block((), statements, tuple(results)))
