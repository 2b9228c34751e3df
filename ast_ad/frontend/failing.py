"""What operations may raise when they run."""

from __future__ import annotations

import operator
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from ast_ad.ir import primitives
from ast_ad.ir.kinds import FLOAT, Array, List, Scalar, code
from ast_ad.ir.nodes import Lit, Operand, Var
from ast_ad.runtime import place_of, range_item, set_at

Classes = tuple[type[BaseException], ...]


def failures(fn: Callable[..., Any], args: Sequence[Operand]) -> Classes:
    """Return what an operation may raise."""
    kinds = [arg.kind for arg in args if isinstance(arg, (Var, Lit))]
    if fn in _DIVISIONS or fn is operator.pow:
        python = not any(isinstance(kind, Array) or (isinstance(kind, Scalar) and kind.numpy) for kind in kinds)
        known = fn in _DIVISIONS and isinstance(args[1], Lit) and args[1].value != 0
        if not python or known:
            return ()
        return (ZeroDivisionError,) if fn in _DIVISIONS and FLOAT in kinds else (ZeroDivisionError, OverflowError)
    if fn in (int, float, complex):
        same = fn is not int and all(code(kind) in ("b", "f") for kind in kinds)
        return () if same or all(isinstance(arg, Lit) for arg in args) else (ValueError, OverflowError)
    if fn is operator.getitem and any(isinstance(kind, (Array, List)) for kind in kinds):
        return (IndexError,)
    if any(fn is each for each in _OF_SOMETHING):
        return (ValueError,)
    if fn is range_item:
        return (IndexError,)
    if fn is place_of:
        return (KeyError,)
    if fn in (primitives.popped, primitives.item_at, set_at, primitives.deleted):
        return (IndexError,)
    module = getattr(fn, "__module__", None) or ""
    if module in ("math", "cmath"):
        return ValueError, OverflowError
    if module.startswith("numpy.linalg"):
        return (np.linalg.LinAlgError,)
    return ()


_OF_SOMETHING = (
    np.max,
    np.min,
    np.amax,
    np.amin,
    np.argmax,
    np.argmin,
    np.ptp,
    np.nanmax,
    np.nanmin,
    np.nanargmax,
    np.nanargmin,
)
"""Functions that fail for arrays without elements, the last two for those of NaN alone as well."""

_DIVISIONS = (operator.truediv, operator.floordiv, operator.mod)
