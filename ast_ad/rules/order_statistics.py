"""Derivatives of medians, quantiles and percentiles: sums of elements, with weights that depend on their order."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import numpy as np

from ast_ad.ir.kinds import Kind, Scalar, as_kind
from ast_ad.rules.common import (
    ahead_of,
    aligned,
    as_array,
    axes_of,
    but_nan,
    given,
    is_zero,
    of_array,
    reduced,
    structured,
    total,
)
from ast_ad.rules.dims import array_kind, knowing, nested_dims, nested_dtype
from ast_ad.rules.registry import always, jvp, vjp
from ast_ad.runtime import quantile_weights


def _quantile_kind(
    fn: Callable[..., Any],
    a: Any,
    q: Any,
    axis: Any = None,
    out: Any = None,
    overwrite_input: bool = False,
    method: Any = "linear",
    keepdims: bool = False,
) -> Kind:
    several, part = nested_dims(q), np.result_type(nested_dtype(q), np.float16).type(0.5)
    kind = as_kind(q)
    weak = isinstance(kind, Scalar) and not kind.numpy
    found = fn(np.ones(1, nested_dtype(a)), [part] if several else part.item() if weak else part, method=method)
    return array_kind(found.dtype, (*several, *reduced(nested_dims(a), axis, keepdims)))


def _given(axis: Any, method: str, skip_nan: bool) -> dict[str, Any]:
    """Return the options of `quantile_weights` that are not its defaults."""
    how = {} if method == "linear" else {"method": method}
    return {**given(axis), **how, **({"skip_nan": True} if skip_nan else {})}


def _bars(
    g: Any, x: Any, q: Any, axis: Any, method: str, keepdims: bool, whole: int, skip_nan: bool
) -> tuple[Any, ...]:
    """Return the adjoints of x and q; what reaches an element from several quantiles adds up."""
    array, parts, options = as_array(x), as_array(q) / whole, _given(axis, method, skip_nan)
    g = aligned(g, array, axis, keepdims)
    x_bar = g * quantile_weights(array, parts, **options)
    q_bar = g * (but_nan(array, array) if skip_nan else array) * quantile_weights(array, parts, **options, slope=True)
    own, others = tuple(range(-np.ndim(array), 0)), tuple(range(np.ndim(parts)))
    x_bar = np.sum(x_bar, axis=others) if others else x_bar
    q_bar = np.sum(q_bar / whole, **given(own if others else None))
    return structured(x_bar, x), structured(q_bar, q)


def _dot(
    x_dot: Any,
    q_dot: Any,
    y: Any,
    x: Any,
    q: Any,
    axis: Any,
    method: str,
    keepdims: bool,
    whole: int,
    skip_nan: bool,
) -> Any:
    x, parts = as_array(x), as_array(q) / whole
    axis = tuple(a - np.ndim(x) for a in axes_of(x, axis)) if np.ndim(parts) else axis
    options = _given(axis, method, skip_nan)
    result = 0.0 if is_zero(x_dot) else total(as_array(x_dot) * quantile_weights(x, parts, **options), axis, keepdims)
    if is_zero(q_dot):
        return result
    slope = quantile_weights(x, parts, **options, slope=True)
    slope = total((but_nan(x, x) if skip_nan else x) * slope, axis, keepdims)
    return result + ahead_of(as_array(q_dot), np.ndim(y) - np.ndim(parts)) * slope / whole


def _declare_quantile(fn: Callable[..., Any], whole: int, skip_nan: bool = False) -> None:
    def bars(
        g: Any,
        y: Any,
        x: Any,
        q: Any,
        axis: Any = None,
        out: Any = None,
        overwrite_input: bool = False,
        method: str = "linear",
        keepdims: bool = False,
    ) -> Any:
        return _bars(g, x, q, axis, method, keepdims, whole, skip_nan)

    def dot(
        x_dot: Any,
        q_dot: Any,
        y: Any,
        x: Any,
        q: Any,
        axis: Any = None,
        out: Any = None,
        overwrite_input: bool = False,
        method: str = "linear",
        keepdims: bool = False,
    ) -> Any:
        return _dot(x_dot, q_dot, y, x, q, axis, method, keepdims, whole, skip_nan)

    vjp(fn, bars, when=always, kind=knowing(functools.partial(_quantile_kind, fn)), smaller=True)
    jvp(fn, dot, when=always, wrt=(0, 1))


_declare_quantile(np.quantile, 1)
_declare_quantile(np.percentile, 100)
_declare_quantile(np.nanquantile, 1, skip_nan=True)
_declare_quantile(np.nanpercentile, 100, skip_nan=True)


def _declare_median(fn: Callable[..., Any], skip_nan: bool) -> None:
    of_array(
        fn,
        lambda g, y, x, axis=None, out=None, overwrite_input=False, keepdims=False: (
            aligned(g, x, axis, keepdims) * quantile_weights(x, 0.5, **_given(axis, "linear", skip_nan))
        ),
        lambda dot, y, x, axis=None, out=None, overwrite_input=False, keepdims=False: total(
            dot * quantile_weights(x, 0.5, **_given(axis, "linear", skip_nan)), axis, keepdims
        ),
        smaller=True,
    )


_declare_median(np.median, skip_nan=False)
_declare_median(np.nanmedian, skip_nan=True)


def _weights_bars(
    g: Any,
    y: Any,
    x: Any,
    q: Any,
    axis: Any = None,
    slope: bool = False,
    method: str = "linear",
    skip_nan: bool = False,
) -> tuple[Any, Any]:
    if slope:
        return None, None
    by_q = g * quantile_weights(x, q, **_given(axis, method, skip_nan), slope=True)
    return None, np.sum(by_q, **given(tuple(range(-np.ndim(x), 0)) if np.ndim(q) else None))


def _weights_dot(
    q_dot: Any,
    y: Any,
    x: Any,
    q: Any,
    axis: Any = None,
    slope: bool = False,
    method: str = "linear",
    skip_nan: bool = False,
) -> Any:
    if slope:
        return None
    return ahead_of(q_dot, np.ndim(x)) * quantile_weights(x, q, **_given(axis, method, skip_nan), slope=True)


vjp(quantile_weights, _weights_bars, when=always)
jvp(quantile_weights, _weights_dot, when=always, wrt=(1,))
