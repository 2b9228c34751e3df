"""Methods of ufuncs of two arguments."""

from __future__ import annotations

from typing import Any

import numpy as np


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
) -> Any:
    """As ``ufunc.reduce(array)`` along an axis, or of all elements."""
    x = np.ravel(array) if axis is None else np.moveaxis(np.asarray(array), axis, 0)
    result = x[0] if initial is None else ufunc(initial, x[0])
    for i in range(1, len(x)):
        result = ufunc(result, x[i])
    if not keepdims:
        return result
    return np.reshape(result, (1,) * np.ndim(array)) if axis is None else np.expand_dims(result, axis)


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
    result = np.zeros((len(places), *x.shape[1:]))
    for k in range(len(places)):
        start, stop = places[k], places[k + 1] if k + 1 < len(places) else len(x)
        result[k] = ufunc.reduce(x[start:stop]) if start < stop else x[start]
    return np.moveaxis(result, 0, axis)
