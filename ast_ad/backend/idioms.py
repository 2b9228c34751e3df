"""`while stack:` instead of a count, where a stack knows it.

A forward loop that leaves early carries its trip count for the reverse sweep.  Where it also saves exactly one entry in
each iteration, and the reverse loop takes exactly one, the stack's length is that count.
"""

from __future__ import annotations

import operator
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from ast_ad.backend.tree import is_literal
from ast_ad.ir import primitives
from ast_ad.ir.kinds import BOOL
from ast_ad.ir.nodes import Block, Function, Loop, Op, Operand, Pop, Push, Statement, Var, blocks, operands, walk


def drained(function: Function) -> Function:
    """Return a function whose reverse loops run until their stack is empty, where that spares a count."""
    body = function.body
    counts = _uses(function)
    sites = _stack_uses(function)
    statements = list(body.statements)
    for i, forward in enumerate(statements):
        if not isinstance(forward, Loop):
            continue
        for position in range(len(forward.outs)):
            count = forward.outs[position]
            if counts.get(count, 0) != 1 or not _counts(forward, position, counts):
                continue
            found = _reverse_of(statements, i, count)
            if found is None:
                continue
            at, loop = found
            stack = _shared(forward, loop)
            if stack is None or len(sites.get(stack, ())) != 2:
                continue
            statements[at] = _until_empty(loop, stack)
            statements[i] = _without(forward, position)
            return drained(replace(function, body=replace(body, statements=tuple(statements))))
    return function


def _uses(function: Function) -> dict[Var, int]:
    uses: dict[Var, int] = {}

    def note(values: Sequence[Operand]) -> None:
        for value in values:
            if isinstance(value, Var):
                uses[value] = uses.get(value, 0) + 1

    note(function.results)
    for statement in walk(function.body):
        note(operands(statement))
        for block in blocks(statement):
            note(block.yields)
    return uses


def _stack_uses(function: Function) -> dict[Var, list[Statement]]:
    """Return the statements that mention each stack, but for the one that makes it."""
    uses: dict[Var, list[Statement]] = {}
    for statement in walk(function.body):
        if isinstance(statement, (Push, Pop)):
            uses.setdefault(statement.stack, []).append(statement)
        else:
            for value in operands(statement):
                if isinstance(value, Var):
                    uses.setdefault(value, []).append(statement)
    return uses


def _counts(loop: Loop, position: int, uses: dict[Var, int]) -> bool:
    """Tell whether a loop carries, at a position, nothing but how often it has run."""
    param, new = loop.carried[position], loop.body.yields[1 + position]
    if not is_literal(loop.inits[position], 0) or not isinstance(new, Var):
        return False
    if uses.get(new) != 1 or uses.get(param) != 1:
        return False
    return any(
        isinstance(s, Op)
        and s.outs == (new,)
        and s.fn is operator.add
        and any(arg is param for arg in s.args)
        and any(is_literal(arg, 1) for arg in s.args)
        for s in loop.body.statements
    )


def _reverse_of(statements: Sequence[Statement], forward: int, count: Var) -> tuple[int, Loop] | None:
    """Return the loop that runs `count` times, counting for nobody."""
    for at, s in enumerate(statements[forward + 1 :], forward + 1):
        if isinstance(s, Loop) and s.range is not None and count in s.range:
            start, stop, step = s.range
            plain = is_literal(start, 0) and stop is count and is_literal(step, 1)
            unused = (
                all(s.index is not value for inner in walk(s.body) for value in _read(inner))
                and s.index not in s.body.yields
            )
            return (at, s) if plain and unused and is_literal(s.body.yields[0], True) else None
    return None


def _read(statement: Statement) -> tuple[Operand, ...]:
    return (*operands(statement), *(value for block in blocks(statement) for value in block.yields))


def _shared(forward: Loop, loop: Loop) -> Var | None:
    """Return the stack on which each iteration of one loop puts an entry, and each of the other takes one."""
    pushed = [s.stack for s in forward.body.statements if isinstance(s, Push)]
    popped = [s.stack for s in loop.body.statements if isinstance(s, Pop)]
    return next((stack for stack in pushed if pushed.count(stack) == popped.count(stack) == 1), None)


def _until_empty(loop: Loop, stack: Var) -> Loop:
    params = tuple(Var(param.kind, param.name) for param in loop.carried)
    test = Var(BOOL)
    head = Block(params, (Op((test,), primitives.nonempty, (stack,)),), (test,))
    body = replace(loop.body, params=loop.carried)
    return replace(loop, range=None, test=head, body=body)


def _without(loop: Loop, position: int) -> Loop:
    def cut(values: tuple[Any, ...], at: int = position) -> tuple[Any, ...]:
        return values[:at] + values[at + 1 :]

    body, test = loop.body, loop.test
    new = body.yields[1 + position]
    shift = len(body.params) - len(loop.carried)
    statements = tuple(s for s in body.statements if not (isinstance(s, Op) and s.outs == (new,)))
    body = Block(cut(body.params, shift + position), statements, cut(body.yields, 1 + position))
    if test is not None:
        test = replace(test, params=cut(test.params))
    return replace(loop, outs=cut(loop.outs), inits=cut(loop.inits), body=body, test=test)
