"""The primal made ready for its reversal: loops that a range does not tell the length of count their trips."""

from __future__ import annotations

import operator

from ast_ad.ir.kinds import INT
from ast_ad.ir.nodes import Block, Function, If, Lit, Loop, Note, Op, Statement, Var, with_parts


def ends_early(loop: Loop) -> bool:
    """Tell whether a loop may stop before its range does, or has none: then its trips have to be counted."""
    go = loop.body.yields[0]
    return loop.test is not None or not (isinstance(go, Lit) and go.value is True)


def count_trips(function: Function) -> tuple[Function, dict[Var, Var]]:
    """Let every loop that ends early count its iterations; a partial last iteration counts.

    Returns
    -------
    Function
        With the count as the last carried value of those loops, and without the comments of earlier transforms.
    dict
        From a loop's last param to the count that leaves the loop.
    """
    counter = _Counter()
    body = counter.block(function.body)
    return with_parts(function, body=body), counter.counts


class _Counter:
    def __init__(self) -> None:
        self.counts: dict[Var, Var] = {}

    def block(self, block: Block) -> Block:
        statements = (statement for statement in block.statements if not isinstance(statement, Note))
        return with_parts(block, statements=tuple(map(self.statement, statements)))

    def statement(self, s: Statement) -> Statement:
        if isinstance(s, If):
            return with_parts(s, then=self.block(s.then), orelse=self.block(s.orelse))
        if not isinstance(s, Loop):
            return s
        body = self.block(s.body)
        if not ends_early(s):
            return with_parts(s, body=body)
        count, following, total = (Var(INT, "count") for _ in range(3))
        self.counts[count] = total
        more = Op((following,), operator.add, (count, Lit(1)), where=s.where)
        body = Block((*body.params, count), (*body.statements, more), (*body.yields, following))
        test = s.test and with_parts(s.test, params=(*s.test.params, Var(INT, "count")))
        return with_parts(s, body=body, test=test, inits=(*s.inits, Lit(0)), outs=(*s.outs, total))
