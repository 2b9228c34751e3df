"""Calls: a function that is called from one place only, and is small, moves there."""

from __future__ import annotations

from dataclasses import replace

from ast_ad.ir.nodes import Block, Call, Function, If, Loop, Note, Operand, Statement, Var, walk
from ast_ad.ir.rebuild import Substitution, inlined
from ast_ad.transform.simplify.rewriting import call_sites, changed, each_function, unless_same

_SMALL = 12
"""The most statements of a function that is moved into its caller: a larger one reads better on its own."""


def with_small_calls_inlined(main: Function) -> Function:
    """Return `main` with the small functions that are called once put in the place of their call."""
    sites = call_sites(main)
    once = {function for function, calls in sites.items() if len(calls) == 1 and _is_small(function)}
    if not once:
        return main
    return each_function(main, lambda function, become: _Inliner(once, become).function(function))


def _is_small(function: Function) -> bool:
    return sum(1 for _ in walk(function.body)) <= _SMALL
