"""Functions of NumPy and `math` that are lowered as what they come to, written in Python with other functions.

They take functions, or sequences, or return several values, so that no rule could say it in one expression.
"""

from __future__ import annotations

import copy
import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from ast_ad.frontend.calls import call_known
from ast_ad.frontend.frame import Frame
from ast_ad.frontend.functional import modelled
from ast_ad.frontend.guards import Held
from ast_ad.frontend.library import HANDLERS, Handler, operation
from ast_ad.frontend.listing import items_of
from ast_ad.frontend.values import Known, Value, is_string
from ast_ad.ir.nodes import Lit

# Sequences of numbers.


def fsum(seq: Any) -> Any:
    """As `math.fsum`, but for the last digit."""
    total = 0.0
    for each in seq:
        total = total + each
    return float(total)


def prod(iterable: Any, *, start: Any = 1) -> Any:
    """As `math.prod`."""
    result = start
    for each in iterable:
        result = result * each
    return result


def dist(p: Any, q: Any) -> Any:
    """As `math.dist`."""
    return float(np.linalg.norm(np.asarray(p) - np.asarray(q)))


def sumprod(p: Any, q: Any) -> Any:
    """As `math.sumprod`."""
    total = 0
    for a, b in zip(p, q):
        total = total + a * b
    return total


# Copies.


def copied(x: Any) -> Any:
    """As `copy.copy`, of numbers, texts, arrays, lists and dicts."""
    if isinstance(x, np.ndarray):
        return x.copy()
    if isinstance(x, list):
        return list(x)
    if isinstance(x, dict):
        return dict(x)
    if isinstance(x, (bool, int, float, complex, str, tuple, np.generic)):
        return x
    raise TypeError("only numbers, texts, arrays, tuples, lists and dicts are copied in a differentiated function")


def deeply_copied(x: Any) -> Any:
    """As `copy.deepcopy`, of containers with these."""
    if isinstance(x, tuple):
        return tuple([deeply_copied(each) for each in x])
    if isinstance(x, list):
        return [deeply_copied(each) for each in x]
    if isinstance(x, dict):
        return {key: deeply_copied(each) for key, each in x.items()}
    return copied(x)


# A number in two parts.


def modf(x: Any) -> Any:
    """As `math.modf`."""
    whole = float(math.trunc(x))
    return x - whole, whole


def modf_of_arrays(x: Any) -> Any:
    """As `np.modf`."""
    whole = np.trunc(x)
    return x - whole, whole


def divmod_of_arrays(x: Any, y: Any) -> Any:
    """As `np.divmod`."""
    return x // y, x % y


# Arrays by functions.


def piecewise(x: Any, condlist: Any, funclist: Any, *args: Any, **kw: Any) -> Any:
    """As `np.piecewise` of an array."""
    conditions = [condlist] if isinstance(condlist, np.ndarray) else condlist
    result = np.zeros_like(x)
    if len(funclist) > len(conditions):
        rest = np.ones(np.shape(x), dtype=bool)
        for condition in conditions:
            rest = rest & np.logical_not(condition)
        conditions = [*conditions, rest]
    for condition, piece in zip(conditions, funclist):
        result[condition] = piece(x[condition], *args, **kw) if callable(piece) else piece
    return result


def fromfunction(function: Any, shape: Any, **kwargs: Any) -> Any:
    """As `np.fromfunction`."""
    grid = np.indices(shape, dtype=float)
    return function(*[grid[i] for i in range(len(shape))], **kwargs)


def outer(ufunc: Any, a: Any, b: Any) -> Any:
    """As ``ufunc.outer(a, b)``."""
    first, second = np.asarray(a), np.asarray(b)
    return ufunc(np.expand_dims(first, tuple(range(first.ndim, first.ndim + second.ndim))), second)


# Polynomials, by their coefficients; matrices.


def polyadd(a1: Any, a2: Any) -> Any:
    """As `np.polyadd`."""
    first, second = np.atleast_1d(a1), np.atleast_1d(a2)
    missing = len(second) - len(first)
    if missing > 0:
        first = np.concatenate([np.zeros(missing), first])
    elif missing < 0:
        second = np.concatenate([np.zeros(-missing), second])
    return first + second


def polysub(a1: Any, a2: Any) -> Any:
    """As `np.polysub`."""
    return polyadd(a1, np.negative(a2))


def polymul(a1: Any, a2: Any) -> Any:
    """As `np.polymul`, of polynomials whose first coefficients are not 0."""
    return np.convolve(a1, a2)


def polyint(p: Any) -> Any:
    """As `np.polyint` without options."""
    coefficients = np.asarray(p)
    return np.concatenate([coefficients / np.arange(len(coefficients), 0, -1), np.zeros(1)])


def cond(x: Any, p: Any = None) -> Any:
    """As `np.linalg.cond` of a matrix that has an inverse."""
    if p is None or p == 2:
        s = np.linalg.svd(x, compute_uv=False)
        return s[..., 0] / s[..., -1]
    return np.linalg.norm(x, p) * np.linalg.norm(np.linalg.inv(x), p)


def cumulative_sum(x: Any, *, axis: Any = None) -> Any:
    """As `np.cumulative_sum`."""
    return np.cumsum(x, axis)


def cumulative_prod(x: Any, *, axis: Any = None) -> Any:
    """As `np.cumulative_prod`."""
    return np.cumprod(x, axis)


_MODELS: dict[Any, Callable[..., Any]] = {
    copy.copy: copied,
    copy.deepcopy: deeply_copied,
    math.dist: dist,
    math.fsum: fsum,
    math.modf: modf,
    math.prod: prod,
    np.divmod: divmod_of_arrays,
    np.fromfunction: fromfunction,
    np.linalg.cond: cond,
    np.modf: modf_of_arrays,
    np.piecewise: piecewise,
    np.polyadd: polyadd,
    np.polyint: polyint,
    np.polymul: polymul,
    np.polysub: polysub,
}
_NEWER: dict[str, Callable[..., Any]] = {
    "cumulative_sum": cumulative_sum,
    "cumulative_prod": cumulative_prod,
}
_MODELS.update((getattr(np, name), fn) for name, fn in _NEWER.items() if hasattr(np, name))
if hasattr(math, "sumprod"):
    _MODELS[math.sumprod] = sumprod


def _outer_of(ufunc: np.ufunc) -> Handler:
    """Make the handler of ``np.multiply.outer`` and its like."""

    def handler(frame: Frame, node: Any, args: Sequence[Value], kwargs: Mapping[str, Value]) -> Value:
        return call_known(frame, node, Known(outer, Held(outer)), [Known(ufunc, Held(ufunc)), *args], dict(kwargs))

    return handler


# The subscripts of `np.einsum` as lists of integers: they are written as a text.


def _einsum(frame: Frame, node: Any, args: Sequence[Value], kwargs: Mapping[str, Value]) -> Value:
    if args and is_string(args[0]):
        return operation(frame, node, np.einsum, args, kwargs)
    operands, lists = args[: len(args) // 2 * 2 : 2], [*args[1::2], *(args[-1:] if len(args) % 2 else [])]
    texts = [_subscripts(frame, node, each) for each in lists]
    text = ",".join(texts[: len(operands)]) + ("->" + texts[-1] if len(texts) > len(operands) else "")
    return operation(frame, node, np.einsum, [Known(text), *operands], kwargs)


def _subscripts(frame: Frame, node: Any, value: Value) -> str:
    letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
    text = ""
    for item in items_of(frame, node, value):
        if isinstance(item, Known) and item.value is Ellipsis:
            text += "..."
        elif isinstance(item, Lit) and isinstance(item.value, int) and 0 <= item.value < len(letters):
            text += letters[item.value]
        else:
            frame.refuse(node, "subscripts have to be known when lowering", "write them as constants")
    return text


HANDLERS.update({fn: modelled(stand_in) for fn, stand_in in _MODELS.items()})
HANDLERS[np.einsum] = _einsum
HANDLERS.update(
    {fn.outer: _outer_of(fn) for fn in vars(np).values() if isinstance(fn, np.ufunc) and (fn.nin, fn.nout) == (2, 1)}
)
