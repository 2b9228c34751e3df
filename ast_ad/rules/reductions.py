"""Derivatives of NumPy's reductions.

The adjoint of a reduction is smaller than its argument.  It is written so that it broadcasts against the argument
(`aligned`), and is stretched by whatever it meets there.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from ast_ad.ir.kinds import FLOAT
from ast_ad.rules.common import (
    ahead_of,
    aligned,
    as_array,
    axes_of,
    but_nan,
    given,
    is_zero,
    keeping,
    of_array,
    reduced,
    structured,
    tangent_of,
    total,
)
from ast_ad.rules.dims import array_kind, knowing, nested_dims, nested_dtype
from ast_ad.rules.mathematics import present
from ast_ad.rules.registry import always, inactive, jvp, vjp
from ast_ad.rules.tracing import Tracer
from ast_ad.rules.trial import Result
from ast_ad.runtime import products_of_others, ratio, shares

_fn: Callable[..., Any]


def _count(x: Any, axis: Any, keepdims: bool = False) -> Any:
    """Return how many elements of x are reduced to one."""
    axes = axes_of(x, axis)
    if len(axes) == np.ndim(x):
        return np.size(x)
    product = 1
    for a in axes:
        product = product * np.shape(x)[a]
    return product


def _divided(g: Any, x: Any, axis: Any) -> Any:
    """Return ``g / n``, where n elements of x are reduced to one: where there may be none, g may be Python's number."""
    count = _count(x, axis)
    return ratio(g, count) if isinstance(x, Tracer) and x.may_be_empty and np.ndim(g) == 0 else g / count


# Sums and means.


of_array(
    np.sum,
    lambda g, y, x, axis=None, dtype=None, out=None, keepdims=False: aligned(g, x, axis, keepdims),
    smaller=True,
)
of_array(
    np.add.reduce,
    lambda g, y, x, axis=0, dtype=None, out=None, keepdims=False: aligned(g, x, axis, keepdims),
    smaller=True,
)
of_array(math.fsum, lambda g, y, x: g, kind=lambda x: FLOAT, smaller=True)
of_array(
    np.mean,
    lambda g, y, x, axis=None, dtype=None, out=None, keepdims=False: aligned(_divided(g, x, axis), x, axis, keepdims),
    smaller=True,
)


def _count_but_nan(x: Any, axis: Any, keepdims: bool = False) -> Any:
    return total(~np.isnan(x), axis, keepdims)


of_array(
    np.nansum,
    lambda g, y, x, axis=None, dtype=None, out=None, keepdims=False: but_nan(x, aligned(g, x, axis, keepdims)),
    lambda dot, y, x, axis=None, dtype=None, out=None, keepdims=False: total(but_nan(x, dot), axis, keepdims),
    smaller=True,
)
of_array(
    np.nanmean,
    lambda g, y, x, axis=None, dtype=None, out=None, keepdims=False: but_nan(
        x, aligned(g / _count_but_nan(x, axis, keepdims), x, axis, keepdims)
    ),
    lambda dot, y, x, axis=None, dtype=None, out=None, keepdims=False: (
        total(but_nan(x, dot), axis, keepdims) / _count_but_nan(x, axis, keepdims)
    ),
    smaller=True,
)


def _average_kind(
    a: Any, axis: Any = None, weights: Any = None, returned: bool = False, *, keepdims: bool = False
) -> Result:
    dims = reduced(nested_dims(a), axis, keepdims)
    dtypes = [nested_dtype(a), *([] if weights is None else [nested_dtype(weights)])]
    found = array_kind(np.result_type(*dtypes, *(["f8"] if np.dtype(dtypes[0]).kind in "biu" else [])), dims)
    return (found, found) if returned else found


def _average_bars(g: Any, y: Any, x: Any, axis: Any = None, weights: Any = None, *, keepdims: bool = False) -> Any:
    a, g = as_array(x), aligned(g, as_array(x), axis, keepdims)
    if weights is None:
        return structured(_divided(g, a, axis), x), None, None
    spread, others = _beside(as_array(weights), a, axis)
    g = g / np.sum(spread, **({} if others else keeping(a, axis)))
    weights_bar = g * (a - aligned(y, a, axis, keepdims))
    weights_bar = np.sum(weights_bar, axis=others) if others else weights_bar
    return structured(g * spread, x), None, structured(weights_bar, weights)


def _average_dot(
    x_dot: Any, weights_dot: Any, y: Any, x: Any, axis: Any = None, weights: Any = None, *, keepdims: bool = False
) -> Any:
    a = as_array(x)
    if weights is None:
        return np.mean(as_array(x_dot), **given(axis, keepdims))
    spread, others = _beside(as_array(weights), a, axis)
    terms = spread * tangent_of(x_dot)
    if not is_zero(weights_dot):
        terms = terms + _beside(as_array(weights_dot), a, axis)[0] * (a - aligned(y, a, axis, keepdims))
    return total(terms, axis, keepdims) / np.sum(spread, **({} if others else given(axis, keepdims)))


def _beside(weights: Any, x: Any, axis: Any) -> tuple[Any, tuple[int, ...]]:
    """Return weights as they broadcast against x, and the axes of x that they do not have."""
    if np.ndim(weights) == np.ndim(x):
        return weights, ()
    own = axes_of(x, axis)
    others = tuple(a for a in range(np.ndim(x)) if a not in own)
    if len(own) == 1:
        return ahead_of(weights, np.ndim(x) - own[0] - 1), others
    if list(own) != sorted(own):
        raise TypeError("the axes that the weights belong to have to be in order")
    return np.expand_dims(weights, others), others


vjp(np.average, _average_bars, when=always, kind=knowing(_average_kind), smaller=True)
jvp(np.average, _average_dot, when=always, wrt=(0, 2))


# Variances.


def _declare_spread(
    fn: Callable[..., Any], deviations: Callable[..., Any], count: Callable[..., Any], scaled: Callable[..., Any]
) -> None:
    of_array(
        fn,
        lambda g, y, x, axis=None, dtype=None, out=None, ddof=0, keepdims=False: (
            aligned(scaled(_real(g), _real(y), count(x, axis, keepdims) - ddof), x, axis, keepdims)
            * _conjugate(deviations(_kept(x, dtype), axis))
        ),
        lambda dot, y, x, axis=None, dtype=None, out=None, ddof=0, keepdims=False: scaled(
            total(_real(_conjugate(deviations(_kept(x, dtype), axis)) * dot), axis, keepdims),
            y,
            count(x, axis, keepdims) - ddof,
        ),
        smaller=True,
    )


def _kept(x: Any, dtype: Any) -> Any:
    """Return an argument of which a reduction with a dtype keeps all; of a complex one, that is not the real part."""
    if dtype is not None and np.iscomplexobj(x) and np.dtype(dtype).kind not in "cO":
        raise TypeError("a dtype of real numbers cuts off the imaginary parts: take `x.real`, or leave `dtype` out")
    return x


def _deviations(x: Any, axis: Any) -> Any:
    return x - np.mean(x, **keeping(x, axis))


def _deviations_but_nan(x: Any, axis: Any) -> Any:
    return but_nan(x, x - np.nanmean(x, **keeping(x, axis)))


def _conjugate(z: Any) -> Any:
    return z.conjugate() if np.iscomplexobj(z) else z


def _real(z: Any) -> Any:
    return z.real if np.iscomplexobj(z) else z


def _of_square(g: Any, y: Any, n: Any) -> Any:
    return 2 * g / n


def _of_root(g: Any, y: Any, n: Any) -> Any:
    return ratio(g, n * y)


_declare_spread(np.var, _deviations, _count, _of_square)
_declare_spread(np.std, _deviations, _count, _of_root)
_declare_spread(np.nanvar, _deviations_but_nan, _count_but_nan, _of_square)
_declare_spread(np.nanstd, _deviations_but_nan, _count_but_nan, _of_root)


# Extrema: equal elements share the derivative.


def _extremum_bar(g: Any, y: Any, x: Any, axis: Any, keepdims: bool) -> Any:
    return aligned(g, x, axis, keepdims) * shares(y, x, **given(axis))


def _extremum_dot(dot: Any, y: Any, x: Any, axis: Any, keepdims: bool) -> Any:
    return total(dot * shares(y, x, **given(axis)), axis, keepdims)


for _fn in dict.fromkeys(present(np, "max", "min", "amax", "amin", "nanmax", "nanmin")):
    of_array(
        _fn,
        lambda g, y, x, axis=None, out=None, keepdims=False: _extremum_bar(g, y, x, axis, keepdims),
        lambda dot, y, x, axis=None, out=None, keepdims=False: _extremum_dot(dot, y, x, axis, keepdims),
        smaller=True,
    )
for _fn in (np.maximum.reduce, np.minimum.reduce):
    of_array(
        _fn,
        lambda g, y, x, axis=0, dtype=None, out=None, keepdims=False: _extremum_bar(g, y, x, axis, keepdims),
        lambda dot, y, x, axis=0, dtype=None, out=None, keepdims=False: _extremum_dot(dot, y, x, axis, keepdims),
        smaller=True,
    )


def _ends(x: Any, axis: Any) -> Any:
    """Return the derivative of the range of x by each element."""
    options = given(axis)
    return shares(np.max(x, **options), x, **options) - shares(np.min(x, **options), x, **options)


of_array(
    np.ptp,
    lambda g, y, x, axis=None, out=None, keepdims=False: aligned(g, x, axis, keepdims) * _ends(x, axis),
    lambda dot, y, x, axis=None, out=None, keepdims=False: total(dot * _ends(x, axis), axis, keepdims),
    smaller=True,
)
inactive(shares)


def _declare_sum_of_powers(fn: Callable[..., Any], power: Callable[..., Any]) -> None:
    """Declare the logarithm of a sum of powers."""
    of_array(
        fn,
        lambda g, y, x, axis=0, dtype=None, out=None, keepdims=False: (
            aligned(g, x, axis, keepdims) * power(x - aligned(y, x, axis, keepdims))
        ),
        lambda dot, y, x, axis=0, dtype=None, out=None, keepdims=False: total(
            dot * power(x - aligned(y, x, axis, keepdims)), axis, keepdims
        ),
        smaller=True,
    )


_declare_sum_of_powers(np.logaddexp.reduce, np.exp)
_declare_sum_of_powers(np.logaddexp2.reduce, np.exp2)


# Products.


def _product_bar(g: Any, x: Any, axis: Any, keepdims: bool) -> Any:
    return aligned(g, x, axis, keepdims) * products_of_others(x, **given(axis))


def _product_dot(dot: Any, x: Any, axis: Any, keepdims: bool) -> Any:
    return total(dot * products_of_others(x, **given(axis)), axis, keepdims)


of_array(
    np.prod,
    lambda g, y, x, axis=None, dtype=None, out=None, keepdims=False: _product_bar(g, _kept(x, dtype), axis, keepdims),
    lambda dot, y, x, axis=None, dtype=None, out=None, keepdims=False: _product_dot(
        dot, _kept(x, dtype), axis, keepdims
    ),
    smaller=True,
)
of_array(
    np.multiply.reduce,
    lambda g, y, x, axis=0, dtype=None, out=None, keepdims=False: _product_bar(g, _kept(x, dtype), axis, keepdims),
    lambda dot, y, x, axis=0, dtype=None, out=None, keepdims=False: _product_dot(dot, _kept(x, dtype), axis, keepdims),
    smaller=True,
)
of_array(
    np.nanprod,
    lambda g, y, x, axis=None, dtype=None, out=None, keepdims=False: but_nan(
        x, _product_bar(g, but_nan(x, _kept(x, dtype), 1.0), axis, keepdims)
    ),
    lambda dot, y, x, axis=None, dtype=None, out=None, keepdims=False: _product_dot(
        but_nan(x, dot), but_nan(x, _kept(x, dtype), 1.0), axis, keepdims
    ),
    smaller=True,
)


# Tests, counts and positions.

inactive(
    *present(np, "any", "all", "count_nonzero", "argmax", "argmin", "nanargmax", "nanargmin"),
    *(np.allclose, np.array_equal, np.array_equiv, np.logical_and.reduce, np.logical_or.reduce),
)
