"""Calls: a small function that is called once moves to its call; a constant that every call passes moves inside."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from ast_ad.analysis.copies import identity
from ast_ad.ir.nodes import UNDEF, Block, Call, Function, If, Lit, Note, Operand, Statement, Var, functions, walk
from ast_ad.ir.rebuild import inlined
from ast_ad.transform.simplify.rewriting import call_sites, changed, each_function, mapped, with_blocks, with_callee

_SMALL = 12
"""The most statements of a function that is moved into its caller: a larger one reads better on its own."""


def with_small_calls_inlined(main: Function) -> Function:
    """Return `main` with the small functions that are called once put in the place of their call."""
    program = functions(main)
    sites = call_sites(program)
    once = {function for function, calls in sites.items() if len(calls) == 1 and _is_small(function)}
    return with_inlined(main, lambda call: call.function in once) if once else main


def constant_params(program: Sequence[Function]) -> dict[Var, Operand]:
    """Return the params of called functions for which every call passes the same constant."""
    constants: dict[Var, Operand] = {}
    for function, calls in call_sites(program).items():
        for param, args in zip(function.params, zip(*(call.args for call in calls))):
            if isinstance(args[0], Lit) and len(set(map(identity, args))) == 1:
                constants[param] = args[0]
    return constants


def _is_small(function: Function) -> bool:
    return not function.rerun and sum(1 for _ in walk(function.body)) <= _SMALL


class _Inliner:
    def __init__(self, wanted: Callable[[Call], bool], become: dict[Function, Function]) -> None:
        self.wanted = wanted
        self.become = become

    def function(self, function: Function) -> Function:
        return changed(function, body=self.block(function.body))

    def block(self, block: Block) -> Block:
        return changed(block, statements=mapped(self.statement, block.statements))

    def statement(self, s: Statement) -> Statement:
        if isinstance(s, Call) and self.wanted(s):
            return moved(s, self.become[s.function])
        return with_blocks(with_callee(s, self.become.__getitem__), self.block)


def moved(s: Call, function: Function) -> If:
    """Return the body of what is called as a branch that is always taken: `values` knows what to do with one."""
    statements, results = inlined(function, s.args)
    body = tuple(statement for statement in statements if not isinstance(statement, Note))
    return If(s.outs, Lit(True), Block((), body, results), Block((), (), (UNDEF,) * len(s.outs)), s.where)


def with_inlined(main: Function, wanted: Callable[[Call], bool]) -> Function:
    """Return `main` with the calls that are `wanted` replaced by what they call, in the functions that it calls too."""
    return each_function(functions(main), lambda function, become: _Inliner(wanted, become).function(function))
