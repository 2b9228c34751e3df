"""Numbers where arrays may be: an adjoint that nothing has reached starts as ``0.0``, and meets an array later."""

from __future__ import annotations

from ast_ad.ir.kinds import Array
from ast_ad.ir.nodes import UNDEF, Block, If, Loop, Operand, Var, walk


def may_be_numbers(body: Block) -> set[Operand]:
    """Return the variables of arrays that hold a number on some path: an adjoint that starts as ``0.0`` there."""
    found: set[Operand] = set()

    def is_number(operand: Operand) -> bool:
        return (
            operand in found if isinstance(operand, Var) and isinstance(operand.kind, Array) else operand is not UNDEF
        )

    before = -1
    while len(found) > before:
        before = len(found)
        for s in walk(body):
            if isinstance(s, If):
                found.update(
                    out
                    for out, *each in zip(s.outs, s.then.yields, s.orelse.yields)
                    if isinstance(out.kind, Array) and any(map(is_number, each))
                )
            elif isinstance(s, Loop):
                for out, param, *each in zip(s.outs, s.carried, s.inits, s.body.yields[1:]):
                    if isinstance(out.kind, Array) and any(map(is_number, each)):
                        found.update((out, param))
    return found
