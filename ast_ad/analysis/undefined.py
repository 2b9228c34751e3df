"""Variables without a value on some paths: names that are bound in a branch, or in a loop."""

from __future__ import annotations

from ast_ad.ir.nodes import UNDEF, Block, If, Loop, Operand, walk


def maybe_undefined(body: Block) -> set[Operand]:
    """Return the variables that are without a value on some paths."""
    found: set[Operand] = {UNDEF}
    before = -1
    while before != len(found):
        before = len(found)
        for s in walk(body):
            if isinstance(s, If):
                found.update(out for out, a, b in zip(s.outs, s.then.yields, s.orelse.yields) if {a, b} & found)
            elif isinstance(s, Loop):
                states = zip(s.outs, s.carried, s.inits, s.body.yields[1:])
                found.update(v for out, param, *values in states if found.intersection(values) for v in (out, param))
    return found
