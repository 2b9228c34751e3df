"""What is said of values for reverse mode and simplification alone, taken out when a program is final.

Until then it stays, for the derivative of a derivative runs again what its primal runs again.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TypeGuard

from ast_ad.ir import primitives
from ast_ad.ir.kinds import dims_of
from ast_ad.ir.nodes import (
    Block,
    Call,
    Function,
    If,
    Loop,
    Op,
    Operand,
    Push,
    Raise,
    Statement,
    Var,
    blocks,
    functions,
    operands,
    walk,
)
from ast_ad.transform.simplify import simplify
from ast_ad.transform.simplify.calls import with_inlined
from ast_ad.transform.simplify.rewriting import call_sites, changed, each_function, mapped, unless_same


def settled(main: Function) -> Function:
    """Return a program in which no function is `rerun`, and nothing is `kept` or the `same`."""
    program = functions(main)
    if any(function.rerun for function in program):
        sites = call_sites(program)
        main = with_inlined(main, lambda call: call.function.rerun and len(sites[call.function]) == 1)
        program = functions(main)
        main = simplify(each_function(program, lambda function, become: _Settler(become).plain(function)))
        program = functions(main)
    if not any(_is_mark(s) for function in program for s in walk(function.body)):
        return main
    return each_function(program, lambda function, become: _Settler(become).without_marks(function))


class _Settler:
    def __init__(self, become: dict[Function, Function]) -> None:
        self.become = become
        self.meaning: dict[Var, Operand] = {}

    def plain(self, function: Function) -> Function:
        return replace(function, body=self.block(function.body), rerun=False)

    def without_marks(self, function: Function) -> Function:
        kept = {s.outs[0] for s in walk(function.body) if _is_mark(s) and _changes_rank(s)}
        kept &= _handed_on(function.body)
        for s in walk(function.body):
            if _is_mark(s) and s.outs[0] not in kept:
                self.meaning[s.outs[0]] = self.read(s.args[0])
        return changed(function, body=self.block(function.body))

    def read(self, operand: Operand) -> Operand:
        return self.meaning.get(operand, operand) if isinstance(operand, Var) else operand

    def block(self, block: Block) -> Block:
        statements = [self.statement(s) for s in block.statements if not (_is_mark(s) and s.outs[0] in self.meaning)]
        yields = mapped(self.read, block.yields)
        return changed(block, statements=unless_same(block.statements, statements), yields=yields)

    def statement(self, s: Statement) -> Statement:
        if isinstance(s, Op):
            kwargs = mapped(
                lambda pair: pair if self.read(pair[1]) is pair[1] else (pair[0], self.read(pair[1])), s.kwargs
            )
            return changed(s, args=mapped(self.read, s.args), kwargs=kwargs)
        if isinstance(s, If):
            return changed(s, test=self.read(s.test), then=self.block(s.then), orelse=self.block(s.orelse))
        if isinstance(s, Loop):
            test = s.test and self.block(s.test)
            limits = s.range and mapped(self.read, s.range)
            return changed(s, inits=mapped(self.read, s.inits), range=limits, test=test, body=self.block(s.body))
        if isinstance(s, Call):
            return changed(s, args=mapped(self.read, s.args), function=self.become[s.function])
        if isinstance(s, Push):
            return changed(s, values=mapped(self.read, s.values))
        return changed(s, args=mapped(self.read, s.args)) if isinstance(s, Raise) else s


def _changes_rank(mark: Op) -> bool:
    return dims_of(mark.args[0].kind) != dims_of(mark.outs[0].kind)  # type: ignore[union-attr]


def _handed_on(block: Block) -> set[Operand]:
    """Return the operands that variables of a certain kind take over."""
    found: set[Operand] = set()
    for s in walk(block):
        for inner in blocks(s):
            found.update(inner.yields)
        if isinstance(s, (Call, Push, Loop)):
            found.update(operands(s))
    return found


def _is_mark(s: Statement) -> TypeGuard[Op]:
    """Tell whether a statement only says something of its operand."""
    return isinstance(s, Op) and s.fn in (primitives.kept, primitives.same)
