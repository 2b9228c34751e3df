"""Derivatives of methods of ufuncs that are more than a cumulative sum or product."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from ast_ad.ir.kinds import Kind
from ast_ad.rules.common import length_along, of_array
from ast_ad.rules.dims import array_kind, knowing, length, nested_dims, nested_dtype
from ast_ad.rules.registry import inactive, linear
from ast_ad.runtime import add_along_axis, leaders, spread_sums

_fn: Callable[..., Any]

# Running extrema: each has the derivative of the element that it is, the first of those that are equal.

for _fn in (np.maximum.accumulate, np.minimum.accumulate, np.fmax.accumulate, np.fmin.accumulate):
    of_array(
        _fn,
        lambda g, y, x, axis=0: add_along_axis(np.zeros_like(x), leaders(y, axis), g, axis),
        lambda dot, y, x, axis=0: np.take_along_axis(dot, leaders(y, axis), axis),
    )
inactive(leaders)


# Sums of runs of elements.


def _reduceat_kind(array: Any, indices: Any, axis: int = 0) -> Kind:
    dims = list(nested_dims(array))
    dims[axis] = nested_dims(indices)[0]
    return array_kind(nested_dtype(array), dims)


_sums_of_runs = np.add.reduceat
linear(
    _sums_of_runs,
    lambda g, y, x, indices, axis=0: spread_sums(g, indices, length_along(x, axis), axis),
    kind=knowing(_reduceat_kind),
)


def _spread_kind(g: Any, indices: Any, count: Any, axis: int = 0) -> Kind:
    dims = list(nested_dims(g))
    dims[axis] = length(count)
    return array_kind(nested_dtype(g), dims)


linear(
    spread_sums,
    lambda g, y, x, indices, length, axis=0: _sums_of_runs(g, indices, axis),
    kind=knowing(_spread_kind),
)
