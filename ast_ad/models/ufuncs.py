"""Methods of ufuncs of two arguments."""

from __future__ import annotations

from typing import Any

import numpy as np

from ast_ad.models.common import Options
from ast_ad.models.reductions import max_of_part, min_of_part, prod_of_part, sum_of_part


def outer(ufunc: Any, a: Any, b: Any) -> Any:
    """As ``ufunc.outer(a, b)``."""
    first, second = np.asarray(a), np.asarray(b)
    return ufunc(np.expand_dims(first, tuple(range(first.ndim, first.ndim + second.ndim))), second)


def reduce(
    ufunc: Any,
    array: Any,
    axis: Any = 0,
    dtype: Any = None,
    out: Any = None,
    keepdims: Any = False,
    initial: Any = None,
    where: Any = True,
) -> Any:
    """As ``ufunc.reduce(array)`` along axes, or of all elements."""
    array = np.asarray(array, dtype)
    x = _in_front(array, axis)
    if isinstance(where, bool) and where:
        result = x[0] if initial is None else ufunc(initial, x[0])
        for i in range(1, len(x)):
            result = ufunc(result, x[i])
    else:
        mask = _in_front(np.broadcast_to(where, array.shape), axis)
        result = np.broadcast_to(initial, x.shape[1:])
        for i in range(len(x)):
            result = np.where(mask[i], ufunc(result, x[i]), result)
    if not keepdims:
        return result
    return np.reshape(result, (1,) * array.ndim) if axis is None else np.expand_dims(result, axis)


def _in_front(x: Any, axis: Any) -> Any:
    """Return an array with an axis, or several as one, before the others."""
    if axis is None:
        return np.ravel(x)
    if not isinstance(axis, tuple):
        return np.moveaxis(x, axis, 0)
    moved = np.moveaxis(x, axis, tuple(range(len(axis))))
    return np.reshape(moved, (-1, *moved.shape[len(axis) :]))


def add_reduce(array: Any, axis: Any = 0, *, keepdims: Any = False, initial: Any = 0, where: Any = True) -> Any:
    """As ``np.add.reduce`` with ``initial=`` or ``where=``."""
    return sum_of_part(array, axis, keepdims=keepdims, initial=initial, where=where)


def multiply_reduce(array: Any, axis: Any = 0, *, keepdims: Any = False, initial: Any = 1, where: Any = True) -> Any:
    """As ``np.multiply.reduce`` with ``initial=`` or ``where=``."""
    return prod_of_part(array, axis, keepdims=keepdims, initial=initial, where=where)


def maximum_reduce(
    array: Any, axis: Any = 0, dtype: Any = None, *, keepdims: Any = False, initial: Any = None, where: Any = True
) -> Any:
    """As ``np.maximum.reduce`` with ``initial=`` or ``dtype=``."""
    array = np.asarray(array, dtype)
    if initial is None:
        return np.max(array, axis=axis, keepdims=keepdims, where=where)
    return max_of_part(array, axis, keepdims=keepdims, initial=initial, where=where)


def minimum_reduce(
    array: Any, axis: Any = 0, dtype: Any = None, *, keepdims: Any = False, initial: Any = None, where: Any = True
) -> Any:
    """As ``np.minimum.reduce`` with ``initial=`` or ``dtype=``."""
    array = np.asarray(array, dtype)
    if initial is None:
        return np.min(array, axis=axis, keepdims=keepdims, where=where)
    return min_of_part(array, axis, keepdims=keepdims, initial=initial, where=where)


def accumulate(ufunc: Any, array: Any, axis: Any = 0) -> Any:
    """As ``ufunc.accumulate(array)``."""
    x = np.moveaxis(np.asarray(array), axis, 0)
    result = x + 0.0
    for i in range(1, len(x)):
        result[i] = ufunc(result[i - 1], x[i])
    return np.moveaxis(result, 0, axis)


def reduceat(ufunc: Any, array: Any, indices: Any, axis: Any = 0) -> Any:
    """As ``ufunc.reduceat(array, indices)``."""
    x, places = np.moveaxis(np.asarray(array), axis, 0), np.asarray(indices)
    result = np.zeros((len(places), *x.shape[1:]), x.dtype)
    for k in range(len(places)):
        start, stop = places[k], places[k + 1] if k + 1 < len(places) else len(x)
        result[k] = ufunc.reduce(x[start:stop]) if start < stop else x[start]
    return np.moveaxis(result, 0, axis)


def logaddexp_reduce(
    array: Any, axis: Any = 0, *, keepdims: Any = False, initial: Any = None, where: Any = True
) -> Any:
    """As ``np.logaddexp.reduce`` with ``initial=`` or ``where=``."""
    return reduce(np.logaddexp, array, axis, keepdims=keepdims, initial=initial, where=where)


def computed_in(ufunc: Any, dtype: Any, *args: Any) -> Any:
    """As ``ufunc(*args, dtype=dtype)`` of a ufunc that computes in one dtype throughout."""
    return ufunc(*[np.asarray(arg, dtype) for arg in args])


_PART = {"where": (True,), "initial": ()}
_EXTREMUM = {**_PART, "dtype": (None,)}
"""Which element is the extremum is told by comparison, in the dtype that NumPy compares in."""

OPTIONS: Options = {
    np.add.reduce: (_PART, add_reduce),
    np.multiply.reduce: (_PART, multiply_reduce),
    np.maximum.reduce: (_EXTREMUM, maximum_reduce),
    np.minimum.reduce: (_EXTREMUM, minimum_reduce),
    np.logaddexp.reduce: (_PART, logaddexp_reduce),
}
