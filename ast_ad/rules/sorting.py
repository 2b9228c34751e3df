"""Derivatives of functions that sort, count and select.

Which element goes where is constant but for ties: each function is linear between them.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from ast_ad.ir.broadcasting import broadcast
from ast_ad.ir.kinds import Array, Dim, Kind, as_kind, dims_of, fresh
from ast_ad.rules.common import (
    as_array,
    given,
    is_zero,
    of_array,
    shaped,
    structured,
)
from ast_ad.rules.dims import array_kind, is_kind, knowing, nested_dims, nested_dtype, product
from ast_ad.rules.indexing import item_kind
from ast_ad.rules.mathematics import present
from ast_ad.rules.registry import always, inactive, jvp, linear, vjp
from ast_ad.rules.trial import Result
from ast_ad.runtime import add_along_axis, add_at, arrangement, shares, unbroadcast

_INDEX = np.dtype(np.intp).name
_SOME = Array(_INDEX, ("?",))
"""Indices of which nothing is known."""


def _taken(x: Any, indices: Any, axis: int) -> Any:
    """Return elements of x along an axis."""
    return x[indices] if np.ndim(x) == 1 else np.take_along_axis(x, indices, axis)


# Sorting: the adjoint of each element is where the element has gone.


def _order(x: Any, axis: int) -> Any:
    return np.argsort(x) if axis in (-1, np.ndim(x) - 1) else np.argsort(x, axis=axis)


def _sort_bar(g: Any, x: Any, axis: int | None) -> Any:
    if axis is None:
        return shaped(_sort_bar(g, np.ravel(x), -1), x)
    return _taken(g, _order(_order(x, axis), axis), axis)


def _sort_dot(dot: Any, x: Any, axis: int | None) -> Any:
    if axis is None:
        return _sort_dot(np.ravel(dot), np.ravel(x), -1)
    return _taken(dot, _order(x, axis), axis)


of_array(
    np.sort,
    lambda g, y, x, axis=-1, kind=None, order=None, *, stable=None: _sort_bar(g, x, axis),
    lambda dot, y, x, axis=-1, kind=None, order=None, *, stable=None: _sort_dot(dot, x, axis),
)


def _partition_bar(g: Any, y: Any, x: Any, axis: int | None) -> Any:
    if axis is None:
        return shaped(_partition_bar(g, y, np.ravel(x), -1), x)
    return _taken(g, arrangement(y, x, **given(None if axis == -1 else axis)), axis)


def _partition_dot(dot: Any, y: Any, x: Any, axis: int | None) -> Any:
    if axis is None:
        return _partition_dot(np.ravel(dot), y, np.ravel(x), -1)
    return _taken(dot, arrangement(x, y, **given(None if axis == -1 else axis)), axis)


def _rearranged(a: Any, kth: Any, axis: Any = -1, kind: str = "introselect", order: Any = None) -> Kind:
    return array_kind(nested_dtype(a), (product(nested_dims(a)),) if axis is None else nested_dims(a))


def _rearranging(a: Any, kth: Any, axis: Any = -1, kind: str = "introselect", order: Any = None) -> Kind:
    return array_kind(_INDEX, dims_of(_rearranged(a, kth, axis)))


of_array(
    np.partition,
    lambda g, y, x, kth, axis=-1, kind="introselect": _partition_bar(g, y, x, axis),
    lambda dot, y, x, kth, axis=-1, kind="introselect": _partition_dot(dot, y, x, axis),
    kind=_rearranged,
)
inactive(np.argpartition, kind=knowing(_rearranging))
inactive(np.argsort, np.lexsort, np.searchsorted, arrangement)


# Distinct values: equal elements share the derivative.


def _unique_kind(
    ar: Any,
    return_index: bool = False,
    return_inverse: bool = False,
    return_counts: bool = False,
    axis: Any = None,
    *,
    equal_nan: bool = True,
    sorted: bool = True,
) -> Result:
    if axis is not None:
        if return_index or return_inverse or return_counts:
            raise TypeError("np.unique along an axis returns the values alone here")
        return item_kind(array_kind(nested_dtype(ar), nested_dims(ar)), _place(len(nested_dims(ar)), _SOME, axis))
    dims, found = nested_dims(ar), fresh(Array(nested_dtype(ar), ("?",)))
    counted = Array(_INDEX, dims_of(found))
    shaped_as_given = np.unique(np.ones((1, 1)), return_inverse=True)[1].ndim == 2
    inverse = array_kind(_INDEX, dims if shaped_as_given else (product(dims),))
    wanted = ((return_index, counted), (return_inverse, inverse), (return_counts, counted))
    several = [kind for asked, kind in wanted if asked]
    return (found, *several) if several else found


def _inverse_and_counts(y: Any, x: Any) -> tuple[Any, Any]:
    inverse = np.searchsorted(y, x)
    return inverse, np.bincount(np.ravel(inverse))


def _unique_bar(g: Any, y: Any, x: Any) -> Any:
    inverse, counts = _inverse_and_counts(y, x)
    return (g / counts)[inverse]


def _unique_dot(dot: Any, y: Any, x: Any) -> Any:
    inverse, counts = _inverse_and_counts(y, x)
    return add_at(np.zeros_like(y), inverse, dot) / counts


def _values_bar(
    g: Any,
    y: Any,
    x: Any,
    return_index: bool = False,
    return_inverse: bool = False,
    return_counts: bool = False,
    *,
    equal_nan: bool = True,
    sorted: bool = True,
) -> Any:
    return _unique_bar(g[0], y[0], x) if isinstance(y, tuple) else _unique_bar(g, y, x)


def _values_dot(
    dot: Any,
    y: Any,
    x: Any,
    return_index: bool = False,
    return_inverse: bool = False,
    return_counts: bool = False,
    *,
    equal_nan: bool = True,
    sorted: bool = True,
) -> Any:
    return (_unique_dot(dot, y[0], x), *(None for _ in y[1:])) if isinstance(y, tuple) else _unique_dot(dot, y, x)


of_array(np.unique, _values_bar, _values_dot, kind=_unique_kind)


# Taking elements.


def _take_kind(a: Any, indices: Any, axis: Any = None, out: Any = None, mode: str = "raise") -> Kind:
    if is_kind(axis):
        raise TypeError("the axis has to be known before the call runs")
    dims = (product(nested_dims(a)),) if axis is None else nested_dims(a)
    return item_kind(array_kind(nested_dtype(a), dims), _place(len(dims), indices, axis or 0))


def _place(rank: int, indices: Any, axis: int) -> Any:
    """Return the index of the elements at `indices` along an axis."""
    indices = list(indices) if isinstance(indices, tuple) else indices
    return (*(slice(None),) * (axis % rank), indices) if axis % rank else indices


def _take_bar(g: Any, x: Any, indices: Any, axis: int | None) -> Any:
    if axis is None and np.ndim(x) != 1:
        return shaped(_take_bar(g, np.ravel(x), indices, 0), x)
    return add_at(np.zeros_like(x), _place(np.ndim(x), indices, axis or 0), g)


def _along_kind(x: Any, indices: Any, axis: int | None = -1) -> Kind:
    if is_kind(axis):
        raise TypeError("the axis has to be known before the call runs")
    own, taken = nested_dims(x), nested_dims(indices)
    if axis is None:
        return array_kind(nested_dtype(x), taken)
    if len(own) != len(taken):
        raise TypeError("the array and the indices need as many dimensions")
    axis %= len(own)
    return array_kind(nested_dtype(x), broadcast((*own[:axis], 1, *own[axis + 1 :]), taken))


of_array(np.take, lambda g, y, x, indices, axis=None: _take_bar(g, x, indices, axis), kind=_take_kind)
linear(
    np.take_along_axis,
    lambda g, y, x, indices, axis=-1: add_along_axis(np.zeros_like(x), indices, g, axis),
    kind=knowing(_along_kind),
)
linear(
    add_along_axis,
    lambda g, y, x, indices, values, axis=-1: (g, None, np.take_along_axis(g, indices, axis), None),
    kind=knowing(lambda x, indices, values, axis=-1: as_kind(x)),
    wrt=(0, 2),
)


def _compress_kind(condition: Any, a: Any, axis: Any = None, out: Any = None) -> Kind:
    return _take_kind(a, _SOME, axis)


linear(
    np.compress,
    lambda g, y, condition, x, axis=None: (None, _take_bar(g, x, np.flatnonzero(condition), axis)),
    kind=knowing(_compress_kind),
    wrt=(1,),
)
linear(
    np.extract,
    lambda g, y, condition, x: (None, _take_bar(g, x, np.flatnonzero(condition), None)),
    kind=knowing(_compress_kind),
    wrt=(1,),
)


# Choosing between arrays.


def _select_bars(g: Any, y: Any, conditions: Sequence[Any], choices: Sequence[Any], default: Any = 0) -> Any:
    none = [0.0] * len(choices)
    bars = [np.select(conditions, [*none[:i], g, *none[i + 1 :]]) for i in range(len(choices))]
    return None, [*map(unbroadcast, bars, choices)], unbroadcast(np.select(conditions, none, g), default)


linear(np.select, _select_bars, wrt=(1, 2))


def _choose_bars(g: Any, y: Any, a: Any, choices: Any) -> Any:
    if not isinstance(choices, (list, tuple)):
        raise TypeError("the choices have to be a list")
    chosen = as_array(a)
    return None, [unbroadcast(np.where(chosen == i, g, 0.0), choice) for i, choice in enumerate(choices)]


linear(np.choose, _choose_bars, wrt=(1,))


# Counting.


def _bincount_kind(x: Any, weights: Any = None, minlength: Any = 0) -> Kind:
    return Array(_INDEX if weights is None else "float64", ("?",))


linear(np.bincount, lambda g, y, x, weights=None, minlength=0: (None, g[x]), kind=_bincount_kind, wrt=(1,))


def _histogram_kind(a: Any, bins: Any = 10, range: Any = None, density: Any = None, weights: Any = None) -> Result:
    counts = np.result_type(float if density else int, int if weights is None else nested_dtype(weights))
    if isinstance(bins, (Array, list, tuple)):
        edges = array_kind(nested_dtype(bins), nested_dims(bins))
        return array_kind(counts, dims_of(item_kind(edges, slice(1, None)))), edges
    number: Dim = bins if isinstance(bins, int) else "?"
    dtype = np.result_type(nested_dtype(a), np.float32 if nested_dtype(a) == "float32" else float)
    return array_kind(counts, (number,)), array_kind(dtype, (number + 1 if isinstance(number, int) else "?",))


def _steps(bins: Any, range: Any) -> Any:
    """Return where the edges are between the ends, from 0 to 1; None where they do not depend on the data."""
    if not isinstance(bins, int):
        raise TypeError("the number of bins has to be a constant, or give their edges")
    return np.linspace(0.0, 1.0, bins + 1) if range is None else None


def _boxes(x: Any, edges: Any) -> Any:
    """Return the box of each item of `x`, and whether it lies in it; the last edge belongs to the last box."""
    return np.searchsorted(edges[1:-1], x, "right"), (x >= edges[0]) & (x <= edges[-1])


def _histogram_bars(
    g: Any, y: Any, x: Any, bins: Any = 10, range: Any = None, density: Any = None, weights: Any = None
) -> Any:
    """Of the edges, and of the counts by the weights; the counts are constant otherwise."""
    if density:
        raise TypeError("a density divides by the widths of the boxes: divide the counts by them")
    array, weights_bar = as_array(x), None
    if weights is not None and not is_zero(g[0]):
        places, inside = _boxes(array, y[1])
        weights_bar = structured(np.where(inside, g[0][places], 0.0), weights)
    if is_zero(g[1]):
        return None, None, None, None, weights_bar
    if np.ndim(bins):
        return None, structured(g[1], bins), None, None, weights_bar
    steps = _steps(bins, range)
    if steps is None:
        return None, None, None, None, weights_bar
    low, high = shares(np.min(array), array), shares(np.max(array), array)
    x_bar = structured(np.sum(g[1] * (1 - steps)) * low + np.sum(g[1] * steps) * high, x)
    return x_bar, None, None, None, weights_bar


def _histogram_dot(
    x_dot: Any,
    bins_dot: Any,
    weights_dot: Any,
    y: Any,
    x: Any,
    bins: Any = 10,
    range: Any = None,
    density: Any = None,
    weights: Any = None,
) -> Any:
    if density:
        raise TypeError("a density divides by the widths of the boxes: divide the counts by them")
    counts_dot, array = None, as_array(x)
    if weights is not None and not is_zero(weights_dot):
        counts_dot = np.histogram(array, y[1], weights=as_array(weights_dot))[0]
    if np.ndim(bins):
        return counts_dot, None if is_zero(bins_dot) else as_array(bins_dot)
    steps = _steps(bins, range)
    if steps is None or is_zero(x_dot):
        return counts_dot, None
    x_dot = as_array(x_dot)
    low, high = np.sum(x_dot * shares(np.min(array), array)), np.sum(x_dot * shares(np.max(array), array))
    return counts_dot, low * (1 - steps) + high * steps


vjp(np.histogram, _histogram_bars, when=always, kind=knowing(_histogram_kind), views=True)
jvp(np.histogram, _histogram_dot, when=always, wrt=(0, 1, 4))


# Positions.


def _nonzero_kind(a: Any) -> Result:
    return (fresh(_SOME),) * max(1, len(nested_dims(a)))


inactive(np.nonzero, kind=knowing(_nonzero_kind))
inactive(np.flatnonzero, kind=knowing(lambda a: _SOME))
inactive(np.argwhere, kind=knowing(lambda a: Array(_INDEX, ("?", len(nested_dims(a))))))
inactive(np.digitize, kind=knowing(lambda x, bins, right=False: array_kind(_INDEX, nested_dims(x))))
inactive(*present(np, "isin", "in1d"))
