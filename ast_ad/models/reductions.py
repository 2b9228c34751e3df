"""Reductions of a part of an array, or with something beside it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from ast_ad.models.common import Options


def sum_of_part(
    a: Any, axis: Any = None, dtype: Any = None, *, keepdims: Any = False, initial: Any = 0, where: Any = True
) -> Any:
    """As `np.sum` with ``where=`` or ``initial=``."""
    result = np.sum(_part(where, _of(dtype, a), 0), axis=axis, keepdims=keepdims)
    return result + _as_in(result, initial)


def prod_of_part(
    a: Any, axis: Any = None, dtype: Any = None, *, keepdims: Any = False, initial: Any = 1, where: Any = True
) -> Any:
    """As `np.prod` with ``where=`` or ``initial=``."""
    result = np.prod(_part(where, _of(dtype, a), 1), axis=axis, keepdims=keepdims)
    return result * _as_in(result, initial)


def _of(dtype: Any, a: Any) -> Any:
    return a if dtype is None else np.asarray(a, dtype)


def _part(where: Any, a: Any, other: Any) -> Any:
    """Return an array with something else in the places that do not count."""
    return a if isinstance(where, bool) and where else np.where(where, a, other)


def _as_in(result: Any, initial: Any) -> Any:
    """Return what a reduction starts from as NumPy converts it: to the dtype that it computes in."""
    weak = isinstance(initial, (int, float)) and not isinstance(initial, np.generic)
    if result.dtype == np.float64 or (weak and result.dtype.kind in "fc"):
        return initial
    return np.asarray(initial, result.dtype)[()]


def mean_of_part(a: Any, axis: Any = None, *, keepdims: Any = False, where: Any = True) -> Any:
    """As `np.mean` with ``where=``."""
    return np.sum(np.where(where, a, 0.0), axis=axis, keepdims=keepdims) / _count(a, where, axis, keepdims)


def _count(a: Any, where: Any, axis: Any, keepdims: Any) -> Any:
    """Return how many elements there are, in the precision of their mean."""
    return np.sum(np.where(where, np.ones_like(np.real(a)), 0.0), axis=axis, keepdims=keepdims)


def max_of_part(a: Any, axis: Any = None, *, keepdims: Any = False, initial: Any, where: Any = True) -> Any:
    """As `np.max` with ``initial=``."""
    a = np.asarray(a)
    initial = _as_in(a, initial)
    if a.size == 0:
        return np.sum(a, axis=axis, dtype=a.dtype, keepdims=keepdims) + initial
    return np.maximum(np.max(_part(where, a, initial), axis=axis, keepdims=keepdims), initial)


def min_of_part(a: Any, axis: Any = None, *, keepdims: Any = False, initial: Any, where: Any = True) -> Any:
    """As `np.min` with ``initial=``."""
    a = np.asarray(a)
    initial = _as_in(a, initial)
    if a.size == 0:
        return np.sum(a, axis=axis, dtype=a.dtype, keepdims=keepdims) + initial
    return np.minimum(np.min(_part(where, a, initial), axis=axis, keepdims=keepdims), initial)


def var_of_part(
    a: Any,
    axis: Any = None,
    *,
    ddof: Any = 0,
    keepdims: Any = False,
    where: Any = True,
    mean: Any = None,
    correction: Any = None,
) -> Any:
    """As `np.var` with ``where=``, ``mean=`` or ``correction=``."""
    lost = ddof if correction is None else correction
    if mean is None and isinstance(where, bool) and where:
        return np.var(a, axis=axis, ddof=lost, keepdims=keepdims)
    a = np.asarray(a)
    if mean is None:
        mean = mean_of_part(a, axis, keepdims=True, where=where)
    deviations = np.where(where, a - mean, 0.0)
    squares = np.sum((deviations * deviations.conj()).real, axis=axis, keepdims=keepdims)
    return squares / np.maximum(_count(a, where, axis, keepdims) - lost, 0)


def std_of_part(
    a: Any,
    axis: Any = None,
    *,
    ddof: Any = 0,
    keepdims: Any = False,
    where: Any = True,
    mean: Any = None,
    correction: Any = None,
) -> Any:
    """As `np.std` with ``where=``, ``mean=`` or ``correction=``."""
    lost = ddof if correction is None else correction
    if mean is None and isinstance(where, bool) and where:
        return np.std(a, axis=axis, ddof=lost, keepdims=keepdims)
    return _root(var_of_part(a, axis, ddof=lost, keepdims=keepdims, where=where, mean=mean))


def _root(variance: Any) -> Any:
    """Return a standard deviation, which has slope 0 where it is 0."""
    return np.sqrt(np.where(variance == 0, 1.0, variance)) * (variance != 0)


def nansum_of_part(
    a: Any, axis: Any = None, dtype: Any = None, *, keepdims: Any = False, initial: Any = 0, where: Any = True
) -> Any:
    """As `np.nansum` with ``where=`` or ``initial=``."""
    return sum_of_part(np.where(np.isnan(a), 0.0, a), axis, dtype, keepdims=keepdims, initial=initial, where=where)


def nanprod_of_part(
    a: Any, axis: Any = None, dtype: Any = None, *, keepdims: Any = False, initial: Any = 1, where: Any = True
) -> Any:
    """As `np.nanprod` with ``where=`` or ``initial=``."""
    return prod_of_part(np.where(np.isnan(a), 1.0, a), axis, dtype, keepdims=keepdims, initial=initial, where=where)


def nanmean_of_part(a: Any, axis: Any = None, *, keepdims: Any = False, where: Any = True) -> Any:
    """As `np.nanmean` with ``where=``."""
    return mean_of_part(a, axis, keepdims=keepdims, where=where & ~np.isnan(a))


def nanmax_of_part(a: Any, axis: Any = None, *, keepdims: Any = False, initial: Any, where: Any = True) -> Any:
    """As `np.nanmax` with ``initial=``."""
    return max_of_part(a, axis, keepdims=keepdims, initial=initial, where=where & ~np.isnan(a))


def nanmin_of_part(a: Any, axis: Any = None, *, keepdims: Any = False, initial: Any, where: Any = True) -> Any:
    """As `np.nanmin` with ``initial=``."""
    return min_of_part(a, axis, keepdims=keepdims, initial=initial, where=where & ~np.isnan(a))


def nanvar_of_part(
    a: Any,
    axis: Any = None,
    *,
    ddof: Any = 0,
    keepdims: Any = False,
    where: Any = True,
    mean: Any = None,
    correction: Any = None,
) -> Any:
    """As `np.nanvar` with ``where=``, ``mean=`` or ``correction=``."""
    lost = ddof if correction is None else correction
    return var_of_part(a, axis, ddof=lost, keepdims=keepdims, where=where & ~np.isnan(a), mean=mean)


def nanstd_of_part(
    a: Any,
    axis: Any = None,
    *,
    ddof: Any = 0,
    keepdims: Any = False,
    where: Any = True,
    mean: Any = None,
    correction: Any = None,
) -> Any:
    """As `np.nanstd` with ``where=``, ``mean=`` or ``correction=``."""
    lost = ddof if correction is None else correction
    return _root(nanvar_of_part(a, axis, ddof=lost, keepdims=keepdims, where=where, mean=mean))


def average_and_weight(
    a: Any, axis: Any = None, weights: Any = None, returned: Any = True, *, keepdims: Any = False
) -> Any:
    """As `np.average` with ``returned=True``."""
    a = np.asarray(a)
    options: dict[str, Any] = {"keepdims": True} if keepdims else {}  # NumPy 1.22 does not know it
    result = np.average(a, axis=axis, weights=weights, **options)
    if weights is None:
        total = np.asarray(a.size / np.size(result))
    else:
        counted = np.asarray(weights)
        if counted.ndim < a.ndim:
            counted = np.expand_dims(counted, tuple([i for i in range(a.ndim) if i != axis % a.ndim]))
        total = np.sum(np.broadcast_to(counted, a.shape), axis=axis, keepdims=keepdims)
    return result, np.broadcast_to(np.asarray(total, result.dtype), np.shape(result)) + 0.0


def cumulative_sum(x: Any, *, axis: Any = None, dtype: Any = None, include_initial: Any = False) -> Any:
    """As `np.cumulative_sum`."""
    x = np.asarray(x)
    if axis is None and x.ndim > 1:
        raise ValueError("For arrays which have more than one dimension ``axis`` argument is required.")
    result = np.cumsum(x, axis, dtype)
    if not include_initial:
        return result
    along = 0 if axis is None else axis
    return np.concatenate([np.zeros_like(np.sum(result, along, keepdims=True)), result], along)


def cumulative_prod(x: Any, *, axis: Any = None, dtype: Any = None, include_initial: Any = False) -> Any:
    """As `np.cumulative_prod`."""
    x = np.asarray(x)
    if axis is None and x.ndim > 1:
        raise ValueError("For arrays which have more than one dimension ``axis`` argument is required.")
    result = np.cumprod(x, axis, dtype)
    if not include_initial:
        return result
    along = 0 if axis is None else axis
    return np.concatenate([np.ones_like(np.sum(result, along, keepdims=True)), result], along)


MODELS: dict[Callable[..., Any], Callable[..., Any]] = {}
if hasattr(np, "cumulative_sum"):
    MODELS.update({np.cumulative_sum: cumulative_sum, np.cumulative_prod: cumulative_prod})

_PART = {"where": (True,), "initial": ()}
_SPREAD = {"where": (True,), "mean": (), "correction": ()}

OPTIONS: Options = {
    np.sum: (_PART, sum_of_part),
    np.prod: (_PART, prod_of_part),
    np.mean: (_PART, mean_of_part),
    np.max: (_PART, max_of_part),
    np.min: (_PART, min_of_part),
    np.amax: (_PART, max_of_part),
    np.amin: (_PART, min_of_part),
    np.var: (_SPREAD, var_of_part),
    np.std: (_SPREAD, std_of_part),
    np.nansum: (_PART, nansum_of_part),
    np.nanprod: (_PART, nanprod_of_part),
    np.nanmean: (_PART, nanmean_of_part),
    np.nanmax: (_PART, nanmax_of_part),
    np.nanmin: (_PART, nanmin_of_part),
    np.nanvar: (_SPREAD, nanvar_of_part),
    np.nanstd: (_SPREAD, nanstd_of_part),
    np.average: ({"returned": (False,)}, average_and_weight),
}
