"""Derivatives of windows that slide along an array, and of other views that overlap themselves."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from ast_ad.ir.kinds import INT, Dim, Kind
from ast_ad.rules.common import of_array
from ast_ad.rules.dims import array_kind, knowing, lengths, nested_dims, nested_dtype
from ast_ad.rules.registry import always, inactive, jvp, linear, vjp
from ast_ad.runtime import stride, strided, unslide, unstride


def _axes(windows: tuple[Any, ...], axis: Any, ndim: int) -> tuple[int, ...]:
    axes = range(len(windows)) if axis is None else (axis,) if isinstance(axis, int) else axis
    return tuple(along % ndim for along in axes)


def _kind(x: Any, window_shape: Any, axis: Any = None, *, subok: Any = False, writeable: Any = False) -> Kind:
    windows = window_shape if isinstance(window_shape, tuple) else (window_shape,)
    dims: list[Dim] = list(nested_dims(x))
    if writeable:
        raise TypeError("windows that can be written to overlap: take them with `writeable=False`")
    for along, window in zip(_axes(windows, axis, len(dims)), windows):
        length = dims[along]
        known = isinstance(length, int) and isinstance(window, int)
        dims[along] = length - window + 1 if known else "?"
    return array_kind(nested_dtype(x), (*dims, *(each if isinstance(each, int) else "?" for each in windows)))


of_array(
    sliding_window_view,
    lambda g, y, x, window_shape, axis=None, **options: unslide(g, np.shape(x), window_shape, axis),
    kind=_kind,
    views=True,
)


def _unslide_kind(g: Any, shape: Any, window_shape: Any, axis: Any = None) -> Kind:
    dims = shape.dims if hasattr(shape, "dims") else shape
    return array_kind(nested_dtype(g), tuple(each if isinstance(each, (int, str)) else "?" for each in dims))


linear(
    unslide,
    lambda g, y, windows, shape, window_shape, axis=None: sliding_window_view(g, window_shape, axis),
    kind=knowing(_unslide_kind),
)


# Strides: that adjoints lie row by row is for the rule to see to.

inactive(stride, kind=lambda x, axis: INT)
vjp(
    strided,
    lambda g, y, x, shape, strides: unstride(g, np.shape(x), strides),
    when=always,
    kind=knowing(lambda x, shape, strides: array_kind(nested_dtype(x), lengths(shape))),
    views=True,
)
jvp(
    strided,
    lambda dot, y, x, shape, strides: strided(np.ascontiguousarray(dot), shape, strides),
    when=always,
    wrt=(0,),
)
vjp(
    unstride,
    lambda g, y, x, shape, strides: strided(np.ascontiguousarray(g), np.shape(x), strides),
    when=always,
    kind=knowing(_unslide_kind),
)
jvp(unstride, lambda dot, y, x, shape, strides: unstride(dot, shape, strides), when=always, wrt=(0,))
