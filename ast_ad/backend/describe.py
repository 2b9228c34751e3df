"""Readable names for temporaries, after what they hold: `s` for a sine, `x_times_y`, `test`."""

from __future__ import annotations

import operator
from collections.abc import Callable

import numpy as np

from ast_ad.backend.syntax import COMPARISONS, hashable
from ast_ad.backend.tree import Apply, Expr, Logic
from ast_ad.ir import primitives
from ast_ad.ir.kinds import BOOL, Array, Kind, List, Shape, Stack
from ast_ad.ir.nodes import Lit, Var

LONGEST = 20

_USUAL = {"sin": "s", "cos": "c", "exp": "e", "sqrt": "r", "tan": "t", "hypot": "r", "absolute": "size", "fabs": "size"}
_RESULTS = {
    "amax": "largest",  # what NumPy calls `np.max` before 1.25
    "amin": "smallest",
    "chosen": "chosen",
    "concatenate": "joined",
    "full_like": "filled",
    "len": "length",
    "max": "largest",
    "maximum": "larger",
    "min": "smallest",
    "minimum": "smaller",
    "norm": "norm",
    "ones_like": "ones",
    "reshape": "reshaped",
    "shape": "shape",
    "solve": "solution",
    "stack": "stacked",
    "take": "taken",
    "transpose": "transposed",
    "transposed": "transposed",
    "unbroadcast": "summed",
    "where": "chosen",
    "written_at": "written",
    "zeros_like": "zeros",
}
"""What the results of functions are called: those of others are called `erf_value`."""
_BETWEEN = {
    operator.add: ("plus", "partial_sum"),
    operator.sub: ("minus", "difference"),
    operator.mul: ("times", "product"),
    operator.truediv: ("over", "quotient"),
    operator.floordiv: ("over", "quotient"),
    operator.mod: ("mod", "remainder"),
    operator.pow: ("to_the", "power"),
    operator.matmul: ("at", "product"),
}
_BEFORE = {operator.neg: "minus", operator.not_: "not", primitives.real: "real", primitives.imag: "imag"}
_NUMBERS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")


def described(value: Expr | None, kind: Kind, name: Callable[[Var], str]) -> str:
    """Return a name for a variable that has none, from what it is assigned; `name` tells the names of other variables.

    >>> from ast_ad.ir.kinds import INT
    >>> x = Var(INT, "x")
    >>> described(Apply(operator.mul, (x, x)), INT, lambda var: var.name)
    'x_squared'
    """
    while isinstance(value, Apply) and value.fn in (primitives.copy, np.copy) and isinstance(value.args[0], Apply):
        value = value.args[0]
    text = _text(value, name) if value is not None else ""
    if len(text) <= LONGEST and text:
        return text
    if isinstance(kind, Stack):
        return "stack"
    return _plain(value, kind)


def _plain(value: Expr | None, kind: Kind) -> str:
    if kind == BOOL or isinstance(value, Logic):
        return "test"
    if isinstance(kind, List):
        return "items"
    if isinstance(value, Apply) and value.fn in (operator.getitem, primitives.item_at) and _is_list(value.args[0]):
        return "item"
    if isinstance(value, Apply) and value.fn is operator.getitem:
        return "length" if _is_shape(value.args[0]) else "part" if isinstance(kind, Array) else "element"
    if isinstance(value, Apply) and hashable(value.fn):
        if value.fn in _BETWEEN:
            return _BETWEEN[value.fn][1]
        called = _called(value)
        usual = _USUAL.get(called) or _RESULTS.get(called)
        return usual or f"{called}_value" if called else "value"
    return "value"


def _is_shape(expr: Expr) -> bool:
    if isinstance(expr, Apply):
        return expr.fn in (np.shape, primitives.shape)
    return isinstance(expr, Var) and isinstance(expr.kind, Shape)


def _is_list(expr: Expr) -> bool:
    return isinstance(expr, Var) and isinstance(expr.kind, List)


def _called(value: Apply) -> str:
    name = getattr(value.fn, "__name__", "")
    return name.strip("_") if name.isidentifier() and value.fn not in (*_BEFORE, primitives.select) else ""


def _text(value: Expr, name: Callable[[Var], str]) -> str:
    if isinstance(value, Apply) and value.fn is operator.getitem and value.form is not None:
        whole = _word(value.args[0], name)
        return f"{whole}_part" if whole else ""
    if not isinstance(value, Apply) or value.kwargs or not hashable(value.fn):
        return ""
    if value.fn in COMPARISONS:
        return "test"
    if _called(value) in _USUAL and len(value.args) == 1:
        return _USUAL[_called(value)]
    if value.fn is primitives.item_at:
        return ""
    words = [_word(arg, name) for arg in value.args]
    if not all(words):
        return ""
    if value.fn is operator.getitem and value.form is None:
        return "_".join(words)
    if len(words) == 2 and value.fn in _BETWEEN:
        if value.fn is operator.mul and words[0] == words[1]:
            return f"{words[0]}_squared"
        if value.fn is operator.pow and words[1] in ("two", "three"):
            return f"{words[0]}_{'squared' if words[1] == 'two' else 'cubed'}"
        return f"{words[0]}_{_BETWEEN[value.fn][0]}_{words[1]}"
    if len(words) == 1:
        return f"{_BEFORE.get(value.fn, '') or _called(value)}_{words[0]}".lstrip("_")
    return ""


def _word(arg: Expr, name: Callable[[Var], str]) -> str:
    """Return what an operand is called inside a name, or "" where it has no short name."""
    if isinstance(arg, Apply) and arg.fn in (operator.add, operator.sub) and len(arg.args) == 2:
        words = [_word(part, name) for part in arg.args]
        return f"{words[0]}_{_BETWEEN[arg.fn][0]}_{words[1]}" if all(words) else ""
    if isinstance(arg, Var):
        return name(arg)
    if isinstance(arg, Lit) and isinstance(arg.value, (int, float)) and arg.value in range(len(_NUMBERS)):
        return _NUMBERS[int(arg.value)]
    return ""
