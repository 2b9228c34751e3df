"""Functions of NumPy that are made of others, written in Python: these are lowered in their place.

Each computes what NumPy's own source computes, operation by operation, so that results are equal to the last bit.
"""

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


def fromiter(iter: Iterable[Any], dtype: Any, count: int = -1) -> Any:
    """As `np.fromiter` of all items."""
    return np.array([item for item in iter], dtype=dtype)  # noqa: C416  (a comprehension is what lowering knows)


def tolist(array: Any) -> Any:
    """As `ndarray.tolist`."""
    if array.ndim == 0:
        return array.item()
    if array.ndim == 1:
        return [item.item() for item in array]
    return [tolist(row) for row in array]


def poly(seq_of_zeros: Any) -> Any:
    """As `np.poly` of a vector of real zeros."""
    result = np.ones(1)
    for zero in seq_of_zeros:
        result = np.convolve(result, np.array([1.0, -zero]))
    return result


def polyfit(x: Any, y: Any, deg: int) -> Any:
    """As `np.polyfit`: the coefficients alone."""
    lhs = np.vander(x + 0.0, deg + 1)
    scale = np.sqrt((lhs * lhs).sum(axis=0))
    lhs = lhs / scale
    found, _, _, _ = np.linalg.lstsq(lhs, y + 0.0, len(x) * np.finfo(x.dtype).eps)
    return (found.T / scale).T


def nanquantile(a: Any, q: Any) -> Any:
    """As `np.nanquantile` of all elements."""
    return np.quantile(a[~np.isnan(a)], q)


def nanpercentile(a: Any, q: Any) -> Any:
    """As `np.nanpercentile` of all elements."""
    return np.percentile(a[~np.isnan(a)], q)


def nanmedian(a: Any) -> Any:
    """As `np.nanmedian` of all elements."""
    return np.median(a[~np.isnan(a)])


MODELS: dict[Callable[..., Any], Callable[..., Any]] = {
    np.apply_along_axis: apply_along_axis,
    np.fromiter: fromiter,
    np.nanmedian: nanmedian,
    np.nanpercentile: nanpercentile,
    np.nanquantile: nanquantile,
    np.poly: poly,
    np.polyfit: polyfit,
}
