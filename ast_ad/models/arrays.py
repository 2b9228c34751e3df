"""Functions of NumPy that make arrays by functions, or take them apart."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import numpy as np


def apply_along_axis(func1d: Callable[..., Any], axis: int, arr: Any, *args: Any, **kwargs: Any) -> Any:
    """As `np.apply_along_axis` of a function that returns a number or a vector."""
    moved = np.moveaxis(np.asarray(arr), axis, -1)
    lead = moved.shape[:-1]
    rows = moved.reshape(-1, moved.shape[-1])
    results = np.array([func1d(row, *args, **kwargs) for row in rows])
    if results.ndim == 1:
        return results.reshape(lead)
    return np.moveaxis(results.reshape(*lead, results.shape[-1]), -1, axis)


def fromfunction(function: Any, shape: Any, **kwargs: Any) -> Any:
    """As `np.fromfunction`."""
    grid = np.indices(shape, dtype=float)
    return function(*[grid[i] for i in range(len(shape))], **kwargs)


def fromiter(iter: Iterable[Any], dtype: Any, count: int = -1) -> Any:
    """As `np.fromiter` of all items."""
    return np.array([item for item in iter], dtype=dtype)  # noqa: C416  (a comprehension is what lowering knows)


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


def outer(ufunc: Any, a: Any, b: Any) -> Any:
    """As ``ufunc.outer(a, b)``."""
    first, second = np.asarray(a), np.asarray(b)
    return ufunc(np.expand_dims(first, tuple(range(first.ndim, first.ndim + second.ndim))), second)


def tolist(array: Any) -> Any:
    """As `ndarray.tolist`."""
    if array.ndim == 0:
        return array.item()
    if array.ndim == 1:
        return [item.item() for item in array]
    return [tolist(row) for row in array]


MODELS: dict[Callable[..., Any], Callable[..., Any]] = {
    np.apply_along_axis: apply_along_axis,
    np.fromfunction: fromfunction,
    np.fromiter: fromiter,
    np.piecewise: piecewise,
}
