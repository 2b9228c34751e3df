"""Signs, where a person writes them: ``-out_bar * x``, not ``-(out_bar * x)``.

The algebra of derivative code has signs in front, where sums become differences. Those that are left there at the end
go to the first factor, which is a number more often than not, and then costs nothing to negate. Not one bit changes.
"""

from __future__ import annotations

import operator
from collections import Counter
from collections.abc import Mapping
from dataclasses import replace

from ast_ad.ir.kinds import code
from ast_ad.ir.nodes import (
    Block,
    Function,
    If,
    Lit,
    Loop,
    Op,
    Operand,
    Statement,
    Var,
    blocks,
    operands,
    walk,
)
from ast_ad.runtime import add_at
from ast_ad.transform.reverse_part import with_reverse_sweep
from ast_ad.transform.simplify.rewriting import changed

_PRODUCTS = (operator.mul, operator.truediv)


def with_signs_inside(main: Function, *, whole: bool = False) -> Function:
    """Return a function in whose reverse sweep products are negated by their first factor."""
    uses = Counter(_reads(main.body))

    def signed(sweep: Block) -> Block:
        return changed(sweep, statements=_sweep(sweep.statements, uses))

    return with_reverse_sweep(main, signed, whole=whole)


def _reads(block: Block) -> list[Operand]:
    inner = [b for s in walk(block) for b in blocks(s)]
    return [
        *(operand for s in walk(block) for operand in operands(s)),
        *(operand for each in (block, *inner) for operand in each.yields),
    ]


def _sweep(statements: tuple[Statement, ...], uses: Mapping[Operand, int]) -> tuple[Statement, ...]:
    made = {s.outs[0]: s for s in statements if isinstance(s, Op) and s.fn in _PRODUCTS and len(s.outs) == 1}
    taken = {s.args[-1] for s in statements if isinstance(s, Op) and s.fn is add_at}
    instead: dict[Statement, list[Statement]] = {}
    for s in statements:
        if isinstance(s, Op) and s.fn is operator.neg and not (s.outs[0] in taken and uses[s.outs[0]] == 1):
            spine = _spine(s.args[0], made, uses)
            if spine:
                instead.update(_negated(s, spine))

    def inside(block: Block) -> Block:
        return changed(block, statements=_sweep(block.statements, uses))

    found: list[Statement] = []
    for s in statements:
        if isinstance(s, If):
            s = changed(s, then=inside(s.then), orelse=inside(s.orelse))
        elif isinstance(s, Loop):
            s = changed(s, body=inside(s.body))
        found += instead.get(s, [s])
    return tuple(found)


def _spine(operand: Operand, made: Mapping[Var, Op], uses: Mapping[Operand, int]) -> list[Op]:
    """Return the products and quotients that begin with one another, outermost first, if nothing else reads them."""
    spine: list[Op] = []
    while isinstance(operand, Var) and operand in made and uses[operand] == 1 and not operand.name:
        op = made[operand]
        if code(operand.kind) not in ("f", "c") or not isinstance(op.args[0], (Var, Lit)):
            break
        spine.append(op)
        operand = op.args[0]
    while spine and code(spine[-1].args[0].kind) not in ("f", "c"):  # type: ignore[union-attr]
        spine.pop()
    return spine


def _negated(s: Op, spine: list[Op]) -> dict[Statement, list[Statement]]:
    """Return what stands for a negation and the product that it negates."""
    first = spine[-1].args[0]
    before: list[Statement] = []
    if isinstance(first, Lit):
        negative: Operand = Lit(-first.value)
    else:
        assert isinstance(first, Var)
        negative = Var(first.kind)
        before = [Op((negative,), operator.neg, (first,), where=s.where)]
    instead: dict[Statement, list[Statement]] = {}
    last = spine[-1]
    instead[last] = [*before, replace(last, args=(negative, last.args[1]))]
    instead[s] = []
    top = instead[spine[0]][-1] if spine[0] in instead else spine[0]
    assert isinstance(top, Op)
    instead[spine[0]] = [*instead.get(spine[0], [top])[:-1], replace(top, outs=s.outs)]
    return instead
