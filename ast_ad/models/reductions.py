"""Reductions of a part of an array, or with something beside it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np


def sum_of_part(a: Any, axis: Any = None, *, keepdims: Any = False, initial: Any = 0, where: Any = True) -> Any:
    """As `np.sum` with ``where=`` or ``initial=``."""
    return np.sum(np.where(where, a, 0.0), axis=axis, keepdims=keepdims) + initial


def prod_of_part(a: Any, axis: Any = None, *, keepdims: Any = False, initial: Any = 1, where: Any = True) -> Any:
    """As `np.prod` with ``where=`` or ``initial=``."""
    return np.prod(np.where(where, a, 1.0), axis=axis, keepdims=keepdims) * initial


def mean_of_part(a: Any, axis: Any = None, *, keepdims: Any = False, where: Any = True) -> Any:
    """As `np.mean` with ``where=``."""
    count = np.sum(np.broadcast_to(where, np.shape(a)), axis=axis, keepdims=keepdims)
    return np.sum(np.where(where, a, 0.0), axis=axis, keepdims=keepdims) / count


def max_of_part(a: Any, axis: Any = None, *, keepdims: Any = False, initial: Any, where: Any = True) -> Any:
    """As `np.max` with ``initial=``."""
    return np.maximum(np.max(np.where(where, a, initial), axis=axis, keepdims=keepdims), initial)


def min_of_part(a: Any, axis: Any = None, *, keepdims: Any = False, initial: Any, where: Any = True) -> Any:
    """As `np.min` with ``initial=``."""
    return np.minimum(np.min(np.where(where, a, initial), axis=axis, keepdims=keepdims), initial)


def nanquantile(a: Any, q: Any) -> Any:
    """As `np.nanquantile` of all elements."""
    return np.quantile(a[~np.isnan(a)], q)


def nanpercentile(a: Any, q: Any) -> Any:
    """As `np.nanpercentile` of all elements."""
    return np.percentile(a[~np.isnan(a)], q)


def nanmedian(a: Any) -> Any:
    """As `np.nanmedian` of all elements."""
    return np.median(a[~np.isnan(a)])


def cumulative_sum(x: Any, *, axis: Any = None) -> Any:
    """As `np.cumulative_sum`."""
    return np.cumsum(x, axis)


def cumulative_prod(x: Any, *, axis: Any = None) -> Any:
    """As `np.cumulative_prod`."""
    return np.cumprod(x, axis)


MODELS: dict[Callable[..., Any], Callable[..., Any]] = {
    np.nanmedian: nanmedian,
    np.nanpercentile: nanpercentile,
    np.nanquantile: nanquantile,
}
if hasattr(np, "cumulative_sum"):
    MODELS.update({np.cumulative_sum: cumulative_sum, np.cumulative_prod: cumulative_prod})

OF_PART: dict[Callable[..., Any], Callable[..., Any]] = {
    np.sum: sum_of_part,
    np.prod: prod_of_part,
    np.mean: mean_of_part,
    np.max: max_of_part,
    np.min: min_of_part,
}
"""What is lowered instead of a reduction with ``where=`` or ``initial=``."""
