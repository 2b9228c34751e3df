"""Fusion: two branches by one test in the reverse sweep are one.

    if x < 1:                           if x < 1:
        part_bar, x_bar = g, 0.0            x_bar = g * 2 * x
    else:                         to    else:
        part_bar, x_bar = 0.0, g            x_bar = g
    if x < 1:
        x_bar = x_bar + part_bar * 2 * x

Early returns, and what leaves a handler of exceptions, become branches one behind the other. In the reverse sweep, what
the first of them leaves for the second is then known in the second.
"""

from __future__ import annotations

from collections.abc import Sequence

from ast_ad.analysis.copies import ends
from ast_ad.ir.nodes import UNDEF, Block, Function, If, Statement, Var, free_variables
from ast_ad.ir.rebuild import Substitution
from ast_ad.transform.reverse_part import with_reverse_sweep
from ast_ad.transform.simplify.rewriting import changed, unless_same, with_blocks


def with_branches_fused(main: Function, *, whole: bool = False) -> Function:
    """Return a function in whose reverse sweep no branch stands right behind another one by the same test."""
    return with_reverse_sweep(main, _fused, whole=whole)


def _fused(block: Block) -> Block:
    statements: list[Statement] = []
    for s in block.statements:
        s = with_blocks(s, _fused)
        both = _both(statements[-1], s) if statements else None
        if both is None:
            statements.append(s)
        else:
            statements[-1] = both
    return changed(block, statements=unless_same(block.statements, statements))


def _both(first: Statement, second: Statement) -> If | None:
    """Return two branches as one, if they are by the same test."""
    if not (isinstance(first, If) and isinstance(second, If) and first.test is second.test):
        return None
    then = _joined(first.outs, first.then, second.then)
    orelse = _joined(first.outs, first.orelse, second.orelse)
    if then is None or orelse is None:
        return None
    return changed(second, outs=(*first.outs, *second.outs), then=then, orelse=orelse)


def _joined(outs: Sequence[Var], first: Block, second: Block) -> Block | None:
    """Return one block that runs two, of which the second reads what the first yields as `outs`."""
    left = dict(zip(outs, first.yields))
    if ends(first.statements) or any(left.get(var) is UNDEF for var in free_variables(second)):
        return None
    following = Substitution(left).block(second)
    return _fused(Block((), (*first.statements, *following.statements), (*first.yields, *following.yields)))
