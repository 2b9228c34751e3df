"""Assignments in place of additions to zero: ``x_bar[i] = v`` for the first ``x_bar[i] += v``.

It reads no old value, and says that there is none. Only for adjoints and tangents: that ``0.0 + -0.0`` is 0.0 is kept
for what the user wrote.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import replace
from typing import Any

from ast_ad.analysis.first_updates import first_updates
from ast_ad.ir.kinds import code
from ast_ad.ir.nodes import Block, Function, Op, Statement, functions, walk
from ast_ad.rules.repeats import Repeats
from ast_ad.runtime import add_at, set_at
from ast_ad.transform.simplify.rewriting import changed, each_function, mapped, with_blocks, with_callee


def assigned(main: Function) -> Function:
    """Return a program in which derivatives are assigned to places that are zero, not added."""
    program = functions(main)
    if not any(isinstance(s, Op) and s.fn is add_at for function in program for s in walk(function.body)):
        return main
    return each_function(program, _assigned)


def _assigned(function: Function, become: dict[Function, Function]) -> Function:
    repeats = Repeats(function)
    first = {op for op in first_updates(function) if _is_derivative(op) and _keeps_kind(op) and not repeats(op)}
    return changed(function, body=_block(function.body, first, become.__getitem__))


def _block(block: Block, first: Collection[Op], become: Callable[[Function], Function]) -> Block:
    def statement(s: Statement) -> Statement:
        if isinstance(s, Op):
            return replace(s, fn=set_at) if s in first else s
        return with_blocks(with_callee(s, become), lambda inner: _block(inner, first, become))

    return changed(block, statements=mapped(statement, block.statements))


def _is_derivative(op: Op) -> bool:
    name = op.outs[0].name
    return not name or name.endswith(("_bar", "_dot"))


def _keeps_kind(op: Op) -> bool:
    """Tell whether what is added becomes an element without loss: it is not complex where the array is real."""
    array: Any = op.args[0]
    value: Any = op.args[-1]
    return code(array.kind) == "c" or (code(array.kind) == "f" and code(value.kind) in "fiub")
