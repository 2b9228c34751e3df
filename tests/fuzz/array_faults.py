"""Faults to plant in what the engine does with arrays; the tester must find every one of them in array programs."""

from __future__ import annotations

import ast
import functools
import operator
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace
from typing import Any

import numpy as np

from ast_ad.ir.kinds import INT
from ast_ad.ir.nodes import Function, Lit, Op, Statement, Var
from ast_ad.rules.expand import Code
from ast_ad.rules.registry import find
from ast_ad.runtime import add_at
from ast_ad.transform import ownership
from tests.fuzz.faults import Fault, as_part_of_a_rule, in_reverse, in_text, instead, reverse_sweep

# Where faults are planted.


@contextmanager
def attribute(owner: Any, name: str, value: Any) -> Iterator[None]:
    """Let an attribute of a class or a module be something else."""
    original = getattr(owner, name)
    setattr(owner, name, value)
    try:
        yield
    finally:
        setattr(owner, name, original)


def of_function(name: str, module: str, function: str, other: Callable[..., Any], needs: str = "") -> Fault:
    """A function that does something else than it should, for whoever calls it."""
    return Fault(name, lambda: instead(module, function, other), needs)


def _of_code(name: str, method: str, other: Callable[..., Any]) -> Fault:
    return Fault(name, lambda: attribute(Code, method, other))


@contextmanager
def _wrong_bars(functions: Sequence[Callable[..., Any]], wrong: Callable[..., Any]) -> Iterator[None]:
    """Let what the rules of functions return be changed by `wrong(bars, *args)`."""
    rules = [rule for rule in map(find, functions) if rule is not None]
    originals = [rule.vjps for rule in rules]
    as_part_of_a_rule(wrong)

    def damaged(bars: Callable[..., Any]) -> Callable[..., Any]:
        return functools.wraps(bars)(lambda g, y, *args, **options: wrong(bars, g, y, *args, **options))

    for rule in rules:
        rule.vjps = [(condition, damaged(bars)) for condition, bars in rule.vjps]
    try:
        yield
    finally:
        for rule, original in zip(rules, originals):
            rule.vjps = original


def in_rules(name: str, functions: Sequence[Callable[..., Any]], wrong: Callable[..., Any], needs: str = "") -> Fault:
    return Fault(name, lambda: _wrong_bars(functions, wrong), needs)


# The mistakes.


class _Overwriting(ast.NodeTransformer):
    """``np.add.at(x, i, v)`` becomes ``x[i] += v``, which counts an index that repeats once."""

    def visit_Expr(self, node: ast.Expr) -> ast.stmt:
        if isinstance(node.value, ast.Call) and ast.unparse(node.value.func) == "np.add.at":
            array, index, value = map(ast.unparse, node.value.args)
            return ast.parse(f"{array}[{index}] += {value}").body[0]
        return node


def _lose_repeats(text: str) -> str:
    return ast.unparse(_Overwriting().visit(ast.parse(text))) + "\n" if "np.add.at" in text else text


def _scatter_beside(function: Function) -> Function:
    """What was read at an index is added to the adjoint one element before it."""

    def change(s: Statement) -> Sequence[Statement]:
        if not isinstance(s, Op) or s.fn is not add_at:
            return [s]
        made: list[Statement] = []
        args = list(s.args)
        for i, index in enumerate(args[1:-1], 1):
            if isinstance(index, Var) and index.kind == INT:
                args[i] = Var(INT)
                made.append(Op((args[i],), operator.sub, (index, Lit(1))))
        return [*made, replace(s, args=tuple(args))]

    return reverse_sweep(function, change)


def _expand_in_front(function: Function) -> Function:
    """An axis that was summed over comes back as the first."""

    def change(s: Statement) -> Sequence[Statement]:
        if not isinstance(s, Op) or s.fn is not np.expand_dims or not isinstance(s.args[-1], Lit):
            return [s]
        return [replace(s, args=(*s.args[:-1], Lit(0)))]

    return reverse_sweep(function, change)


def swap_results(function: Function) -> Function:
    """Two leaves of the arguments get each other's adjoint."""
    *others, a, b = function.results
    if not others or not isinstance(a, Var) or not isinstance(b, Var) or type(a.kind) is not type(b.kind):
        return function
    return replace(function, body=replace(function.body, yields=(*others, b, a)))


def _swapped(bars: Callable[..., Any], g: Any, y: Any, a: Any, b: Any, *rest: Any, **options: Any) -> Any:
    a_bar, b_bar = bars(g, y, a, b, *rest, **options)
    return b_bar, a_bar


def _backwards(bars: Callable[..., Any], *args: Any, **options: Any) -> Any:
    (parts,) = bars(*args, **options)
    return (parts[::-1],)


def no_copies() -> AbstractContextManager[None]:
    """Let updates write to whatever is there."""
    return attribute(ownership._Facts, "copied", lambda self, var, before: var)


_OWNERSHIP = "ast_ad.transform.ownership"

_SUMS = r"w = .*\n.*u = "
"""What the programs have that `ArrayGenerator.plain` writes."""

ARRAY_FAULTS = (
    _of_code("unbroadcast left out", "added_up", lambda self, bar, like, out=None: bar),
    of_function("axes of length 1 not summed", "ast_ad.ir.broadcasting", "summed_axes",
             lambda original, kind, into: (known := original(kind, into)) and (known[0], ())),
    _of_code("adjoint not stretched", "stretched", lambda self, value, like: value),
    _of_code("dtype cast dropped", "as_kind_of", lambda self, value, kind: value),
    of_function("results not made fresh", _OWNERSHIP, "_results", lambda original, facts, new: facts.function, _SUMS),
    Fault("no copy before an update", no_copies, _SUMS),
    of_function("views taken for new arrays", "ast_ad.analysis.memory", "shared_arguments",
                lambda original, op: (), _SUMS),
    in_text("repeats of an index lost", _lose_repeats),
    in_reverse("scatter into the element before", _scatter_beside),
    in_reverse("wrong axis in expand_dims", _expand_in_front, "axis="),
    in_reverse("adjoints of two leaves swapped", swap_results),
    in_rules("bars of a product swapped", (operator.matmul, np.matmul, np.dot), _swapped, r"@|dot|matmul"),
    in_rules("cumulated in the wrong direction", (np.cumsum,),
              lambda bars, g, y, x, axis=None: np.cumsum(g, axis=axis), "cumsum"),
    in_rules("parts of a concatenation swapped", (np.concatenate, np.stack), _backwards, "concatenate|stack"),
    of_function("lengths of one branch for both", "ast_ad.ir.kinds", "_met", lambda original, a, b: tuple(a)),
    of_function("no length may be 1", "ast_ad.ir.kinds", "may_be_one", lambda original, dim: dim == 1),
)  # fmt: skip
"""Those of `faults.FAULTS` are mistakes for array programs, too; these need arrays to show."""
