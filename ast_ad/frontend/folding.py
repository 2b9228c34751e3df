"""Arithmetic of integer constants, done while a function is lowered."""

from __future__ import annotations

import operator
from collections.abc import Callable, Sequence
from typing import Any

from ast_ad.ir.kinds import INT, Scalar
from ast_ad.ir.nodes import Lit, Operand

_FOLDED = (int, bool)
_BIG = 1 << 64
_FOLDABLE: frozenset[Callable[..., Any]] = frozenset(
    [
        *(operator.add, operator.sub, operator.mul, operator.floordiv, operator.mod, operator.pow),
        *(operator.neg, operator.pos, operator.invert, operator.not_),
        *(operator.and_, operator.or_, operator.xor),
        *(operator.lt, operator.le, operator.eq, operator.ne, operator.gt, operator.ge),
        *(abs, min, max, int, bool),
    ]
)


def folded(fn: Callable[..., Any], args: Sequence[Operand]) -> Lit | None:
    """Return the result for integer constants, or None where it is to be computed at run time."""
    if not all(isinstance(arg, Lit) for arg in args) or fn not in _FOLDABLE:
        return None
    values = [arg.value for arg in args]  # type: ignore[union-attr]
    if fn in (operator.neg, operator.pos) and type(values[0]) in (int, float, complex):
        return Lit(fn(*values))
    if not all(type(value) in _FOLDED and -_BIG < value < _BIG for value in values):
        return None
    if fn is operator.pow and not 0 <= values[1] < 64:
        return None
    try:
        result = fn(*values)
    except ArithmeticError:
        return None
    return Lit(result) if type(result) in _FOLDED else None


def is_negative(operand: Operand) -> bool:
    """Tell whether an operand is a negative integer constant."""
    return isinstance(operand, Lit) and isinstance(operand.kind, Scalar) and operand.kind == INT and operand.value < 0
