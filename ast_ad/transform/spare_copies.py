"""Spare copies: a part of an adjoint that is copied, because it might be overwritten, and then is not.

    part = lap_bar[1:-1].copy()         part = lap_bar[1:-1]
    u_bar[2:] += part             to    u_bar[2:] += part
    u_bar[:-2] += part                  u_bar[:-2] += part

The rule of a write takes the part that was written, and sets it to zero in the adjoint. If nothing reads the adjoint
after that, the zeros go as dead code, and then nobody needs the copy.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeGuard

from ast_ad.analysis.memory import Memory
from ast_ad.ir import primitives
from ast_ad.ir.kinds import Array
from ast_ad.ir.nodes import (
    Block,
    Function,
    Op,
    Operand,
    Statement,
    Var,
    blocks,
    defined,
    free_variables,
    operands,
    walk,
)
from ast_ad.rules.arrays import is_update
from ast_ad.transform.reverse_part import with_reverse_sweep
from ast_ad.transform.simplify.rewriting import changed, unless_same, with_blocks


def with_spare_copies_told(main: Function, *, whole: bool = False) -> Function:
    """Return a function in whose reverse sweep a copy that nobody needs is called the same as its original."""
    if not any(map(_is_copy, walk(main.body))):
        return main
    return with_reverse_sweep(main, _Copies(Memory(main)).block, whole=whole)


class _Copies:
    def __init__(self, memory: Memory) -> None:
        self.memory = memory

    def block(self, block: Block) -> Block:
        statements = [with_blocks(s, self.block) for s in block.statements]
        for i, s in enumerate(statements):
            if _is_copy(s) and self.is_spare(s, statements[i + 1 :], block.yields):
                statements[i] = changed(s, fn=primitives.same)
        return changed(block, statements=unless_same(block.statements, statements))

    def is_spare(self, copy: Op, later: Sequence[Statement], yields: Sequence[Operand]) -> bool:
        """Tell whether the copy stays in its block, and nothing writes to it, or to the original while it is read."""
        seen = {copy.outs[0]}
        written = False
        for s in later:
            writes = any(self.writes(each, copy) for each in walk(Block((), (s,), ())))
            if not seen.isdisjoint(_read(s)):
                if written or writes or not isinstance(s, Op):
                    return False
                seen.update(out for out in defined(s) if self.memory.share(out, copy.outs[0]))
            written = written or writes
        return seen.isdisjoint(yields)

    def writes(self, s: Statement, copy: Op) -> bool:
        if not (isinstance(s, Op) and is_update(s.fn)):
            return False
        return any(self.memory.share(s.args[0], each) for each in (copy.args[0], copy.outs[0]))


def _is_copy(s: Statement) -> TypeGuard[Op]:
    """Tell whether a statement copies an array, for a rule: what the user copies has a name."""
    return (
        isinstance(s, Op)
        and s.fn is primitives.copy
        and isinstance(s.args[0], Var)
        and isinstance(s.args[0].kind, Array)
        and not s.outs[0].name
    )


def _read(s: Statement) -> Sequence[Operand]:
    return (*operands(s), *free_variables(*blocks(s)))
