"""Which callables print as syntax, and what is known of them: precedence, what can be moved, what negates."""

from __future__ import annotations

import math
import operator
import types
from collections.abc import Callable
from typing import Any

import gast
import numpy as np

from ast_ad.backend.tree import Apply, Expr
from ast_ad.ir import primitives
from ast_ad.ir.kinds import INT
from ast_ad.ir.nodes import Lit, Var
from ast_ad.rules import registry

BINARY: dict[Callable[..., Any], tuple[type, int]] = {
    operator.or_: (gast.BitOr, 5),
    operator.xor: (gast.BitXor, 6),
    operator.and_: (gast.BitAnd, 7),
    operator.lshift: (gast.LShift, 8),
    operator.rshift: (gast.RShift, 8),
    operator.add: (gast.Add, 9),
    operator.sub: (gast.Sub, 9),
    operator.mul: (gast.Mult, 10),
    operator.truediv: (gast.Div, 10),
    operator.floordiv: (gast.FloorDiv, 10),
    operator.mod: (gast.Mod, 10),
    operator.matmul: (gast.MatMult, 10),
    operator.pow: (gast.Pow, 12),
}
"""Binary operators: the node, and how tightly it binds (to tell how many parentheses a line will need)."""

UNARY: dict[Callable[..., Any], tuple[type, int]] = {
    operator.not_: (gast.Not, 3),
    operator.neg: (gast.USub, 11),
    operator.pos: (gast.UAdd, 11),
    operator.invert: (gast.Invert, 11),
}

COMPARISONS: dict[Callable[..., Any], type] = {
    operator.lt: gast.Lt,
    operator.le: gast.LtE,
    operator.gt: gast.Gt,
    operator.ge: gast.GtE,
    operator.eq: gast.Eq,
    operator.ne: gast.NotEq,
    operator.is_: gast.Is,
    operator.is_not: gast.IsNot,
}
COMPARISON_PRECEDENCE = 4

OPPOSITE = {operator.eq: operator.ne, operator.is_: operator.is_not}
OPPOSITE |= {opposite: fn for fn, opposite in OPPOSITE.items()}
"""Comparisons that can be turned round whatever they compare (`not x < y` is no `x >= y` where one is NaN)."""

OPPOSITE_OF_INTEGERS = {operator.lt: operator.ge, operator.gt: operator.le}
OPPOSITE_OF_INTEGERS |= {opposite: fn for fn, opposite in OPPOSITE_OF_INTEGERS.items()}

ATTRIBUTES: dict[Callable[..., Any], str] = {
    primitives.real: "real",
    primitives.imag: "imag",
    primitives.flat: "flat",
    primitives.transposed: "T",
    primitives.shape: "shape",
    primitives.size: "size",
}
"""Functions that are written as attributes of their argument."""

_PRIMITIVES = (
    *(primitives.select, primitives.real, primitives.imag, primitives.conjugate),
    *(primitives.transposed, primitives.shape, primitives.size, primitives.copy),
)

NEVER_RAISE = frozenset(
    {
        operator.add,
        operator.sub,
        operator.mul,
        operator.neg,
        operator.pos,
        operator.not_,
        abs,
        *COMPARISONS,
        *_PRIMITIVES,
    }
)
"""Callables that do not raise on numbers, so that it does not matter when they run."""

_OF_LISTS = (primitives.list_of, primitives.repeated, primitives.joined, primitives.item_at)
_SYNTAX = frozenset({*_OF_LISTS, *BINARY, *UNARY, *COMPARISONS, *_PRIMITIVES, operator.getitem, str.format})
_PURE = _SYNTAX | {primitives.nonempty, abs}


def hashable(fn: Any) -> bool:
    """Tell whether a callable can be looked up in the tables here; one that cannot is none of theirs."""
    try:
        hash(fn)
    except TypeError:
        return False
    return True


def has_effects(fn: Any) -> bool:
    """Tell whether calling `fn` does more than return a value, so that it has to stay where it is."""
    if not hashable(fn):
        return True
    if fn in _PURE:
        return False
    if registry.find(fn) is not None:
        return bool(registry.effects(fn) - {"allocates"})
    of_math = isinstance(fn, types.BuiltinFunctionType) and fn.__module__ == math.__name__
    return not (of_math or isinstance(fn, np.ufunc))


def may_raise(fn: Callable[..., Any]) -> bool:
    """Tell whether a callable without effects can still raise, as `1 / 0` does."""
    return fn not in NEVER_RAISE and not isinstance(fn, np.ufunc)


def negated(expr: Expr) -> Expr:
    """Return `not expr`, with the comparison turned round where that means the same."""
    if isinstance(expr, Apply):
        if expr.fn is operator.not_:
            return expr.args[0]
        if expr.fn in OPPOSITE:
            return Apply(OPPOSITE[expr.fn], expr.args)
        integers = all(isinstance(arg, (Var, Lit)) and arg.kind == INT for arg in expr.args)
        if integers and expr.fn in OPPOSITE_OF_INTEGERS:
            return Apply(OPPOSITE_OF_INTEGERS[expr.fn], expr.args)
    return Apply(operator.not_, (expr,))
