"""Sinking: what only one side of a branch in the reverse sweep reads is computed there.

    t_bar = -out_bar / math.sqrt(1 - t * t)             if clamped:
    if clamped:                                             t_bar = 0.0
        t_bar = 0.0                              to     else:
    x_bar = t_bar * 2 * x                                   t_bar = -out_bar / math.sqrt(1 - t * t)
                                                        x_bar = t_bar * 2 * x

Where a value was cut off (`t = min(t, 1.0)`), the slope of what is computed from it may be infinite, which Python's
numbers report as a division by zero; on that path nobody asks for it.  For that, a choice of two numbers becomes a
branch, too.  Only numbers are moved: an array may be written to in between.
"""

from __future__ import annotations

import operator
from collections.abc import Collection, Sequence

from ast_ad.ir import primitives
from ast_ad.ir.kinds import Scalar
from ast_ad.ir.nodes import Block, Function, If, Lit, Op, Operand, Statement, Var, free_variables, operands
from ast_ad.rules.registry import effects
from ast_ad.transform.reverse_part import with_reverse_sweep
from ast_ad.transform.simplify.rewriting import changed, unless_same, with_blocks


def with_numbers_sunk(main: Function, *, whole: bool = False) -> Function:
    """Return a function in whose reverse sweep numbers are computed in the branch that reads them."""
    return with_reverse_sweep(main, _sunk, whole=whole)


def _sunk(block: Block) -> Block:
    statements: list[Statement | None] = list(block.statements)
    risky, readers = _risky(block.statements), _readers(block.statements)
    for i in range(len(statements) - 1, -1, -1):
        s = statements[i]
        if not isinstance(s, Op) or not is_movable(s) or not set(s.outs).isdisjoint(block.yields):
            continue
        reading = set().union(*(readers.get(out, ()) for out in s.outs))
        if len(reading) != 1:
            continue
        (place,) = reading
        branch = _branch(statements[place], risky)
        branch = branch and _with_inside(s, branch)
        if branch is not None:
            statements[place], statements[i] = branch, None
            for operand in operands(s):
                if isinstance(operand, Var):
                    readers[operand] = readers[operand] - {i} | {place}
    left = [with_blocks(s, _sunk) for s in statements if s is not None]
    return changed(block, statements=unless_same(block.statements, left))


def _readers(statements: Sequence[Statement]) -> dict[Var, set[int]]:
    """Return where each variable is read."""
    readers: dict[Var, set[int]] = {}
    for i, s in enumerate(statements):
        for var in free_variables(Block((), (s,), ())):
            readers.setdefault(var, set()).add(i)
    return readers


def is_movable(s: Op) -> bool:
    """Tell whether an operation computes numbers from numbers, and does nothing else."""
    numbers = all(isinstance(each, (Var, Lit)) and isinstance(each.kind, Scalar) for each in (*operands(s), *s.outs))
    return numbers and not effects(s.fn)


def _risky(statements: Sequence[Statement]) -> set[Operand]:
    """Return the numbers that may fail to be computed, or are computed from such ones."""
    risky: set[Operand] = set()
    for s in statements:
        if isinstance(s, Op) and is_movable(s) and (may_fail(s) or not risky.isdisjoint(s.args)):
            risky.update(s.outs)
    return risky


def may_fail(s: Op) -> bool:
    """Tell whether an operation of Python's numbers may raise an exception, as a division by zero does."""
    numpy = any(isinstance(each, (Var, Lit)) and each.kind.numpy for each in s.args)  # type: ignore[union-attr]
    return (s.fn in _FAILING or getattr(s.fn, "__module__", "") == "math") and not numpy


_FAILING = (operator.truediv, operator.pow)


def _branch(s: Statement | None, risky: Collection[Operand]) -> If | None:
    """Return a branch as it is, and a choice of two numbers as one if one of them may fail to be computed."""
    if isinstance(s, If):
        return s
    if not isinstance(s, Op) or s.fn is not primitives.select or not is_movable(s):
        return None
    test, *values = s.args
    if not any(value in risky for value in values):
        return None
    then, orelse = (Block((), (), (value,)) for value in values)
    return If(s.outs, test, then, orelse, where=s.where)


def _with_inside(s: Op, branch: If) -> If | None:
    """Return a branch with an operation at the beginning of the one side that reads its results, if it is one."""
    if branch.test in s.outs:
        return None
    sides = [not free_variables(side).keys().isdisjoint(s.outs) for side in (branch.then, branch.orelse)]
    if all(sides):
        return None
    name, side = ("then", branch.then) if sides[0] else ("orelse", branch.orelse)
    return changed(branch, **{name: changed(side, statements=(s, *side.statements))})
