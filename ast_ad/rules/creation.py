"""Functions that make arrays, and what is known of arrays without looking at their elements.

Most have no derivative.  `full` is linear in what it fills with; a range of floats depends on its ends: element i of
``np.linspace(start, stop, num)`` is ``(1 - t[i]) * start + t[i] * stop``, where t goes from 0 to 1.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from ast_ad.ir.broadcasting import broadcast
from ast_ad.ir.kinds import BOOL, INT, STRING, Array, Dim, Kind, Length, Opaque, Shape
from ast_ad.rules.common import as_array, halves, is_zero, items_of
from ast_ad.rules.dims import (
    array_kind,
    dtype_or,
    example,
    is_kind,
    knowing,
    length,
    lengths,
    nested_dims,
    nested_dtype,
    sample,
    several,
)
from ast_ad.rules.mathematics import present
from ast_ad.rules.registry import always, inactive, jvp, linear, vjp
from ast_ad.rules.trial import Result
from ast_ad.runtime import unbroadcast, vander_derivative


def _declare_constant(fn: Callable[..., Any], kind: Callable[..., Result]) -> None:
    inactive(fn, kind=knowing(kind), effects=("allocates",))


# Arrays of one value.


def _full_kind(shape: Any, fill_value: Any, dtype: Any = None, order: str = "C") -> Kind:
    return array_kind(dtype_or(dtype, nested_dtype(fill_value)), lengths(shape))


def _full_like_kind(
    a: Any, fill_value: Any = None, dtype: Any = None, order: str = "K", subok: bool = True, shape: Any = None
) -> Kind:
    return array_kind(dtype_or(dtype, nested_dtype(a)), nested_dims(a) if shape is None else lengths(shape))


def _fill_bar(g: Any, fill_value: Any) -> Any:
    return np.sum(g) if np.ndim(fill_value) == 0 else unbroadcast(g, fill_value)


_fn: Callable[..., Any]
for _fn in (np.zeros, np.ones, np.empty):
    _declare_constant(_fn, lambda shape, dtype=None, order="C": array_kind(dtype_or(dtype, float), lengths(shape)))
for _fn in (np.zeros_like, np.ones_like, np.empty_like):
    _declare_constant(
        _fn,
        lambda a, dtype=None, order="K", subok=True, shape=None: _full_like_kind(a, None, dtype, order, subok, shape),
    )
linear(
    np.full,
    lambda g, y, shape, fill_value, dtype=None, order="C": (None, _fill_bar(g, fill_value)),
    kind=knowing(_full_kind),
    wrt=(1,),
    effects=("allocates",),
)
linear(
    np.full_like,
    lambda g, y, a, fill_value, dtype=None, order="K", subok=True, shape=None: (None, _fill_bar(g, fill_value)),
    kind=knowing(_full_like_kind),
    wrt=(1,),
    shaped_by=(0,),
    effects=("allocates",),
)


# Matrices of zeros and ones.


def _matrix_kind(rows: Any, columns: Any, dtype: Any) -> Kind:
    return array_kind(dtype_or(dtype, float), (length(rows), length(rows if columns is None else columns)))


_declare_constant(np.eye, lambda N, M=None, k=0, dtype=float, order="C": _matrix_kind(N, M, dtype))
_declare_constant(np.tri, lambda N, M=None, k=0, dtype=float: _matrix_kind(N, M, dtype))
_declare_constant(np.identity, lambda n, dtype=None: _matrix_kind(n, n, dtype))

# Ranges.


def _arange_kind(start: Any, stop: Any = None, step: Any = 1, dtype: Any = None) -> Kind:
    given = [each for each in (start, stop, step) if each is not None]
    size: Dim = "?"
    first, last = (0, start) if stop is None else (start, stop)
    if isinstance(last, Length) and not is_kind(step) and step == 1:
        size = _between(first, last)
    elif not any(map(is_kind, given)):
        size = len(np.arange(*(start, stop, step) if stop is not None else (0, start, step)))
    return array_kind(dtype_or(dtype, np.arange(*map(example, given)).dtype), (size,))


def _between(start: Any, stop: Length) -> Dim:
    """Return how many integers there are from one to a length."""
    if isinstance(start, Length):
        return max(stop.more - start.more, 0) if start.dim == stop.dim else "?"
    return length(replace(stop, more=stop.more - start)) if isinstance(start, int) else "?"


def _arange_bars(g: Any, y: Any, start: Any, stop: Any = None, step: Any = 1, dtype: Any = None) -> Any:
    """Element i is ``start + i * step``; where it ends has no derivative."""
    return None if stop is None else np.sum(g), None, np.sum(g * np.arange(np.size(y))), None


def _arange_dot(*values: Any, dtype: Any = None) -> Any:
    dots, y = values[: len(values) // 2], values[len(values) // 2]
    start_dot = dots[0] if len(dots) > 1 else 0.0
    dot = np.full_like(y, start_dot)
    return dot + dots[2] * np.arange(np.size(y)) if len(dots) > 2 else dot


vjp(np.arange, _arange_bars, when=always, kind=knowing(_arange_kind))
jvp(np.arange, _arange_dot, when=always)


def _spaced_kind(fn: Callable[..., Any], ends: Sequence[Any], num: Any, dtype: Any, axis: int) -> tuple[Kind, Kind]:
    """Return the kinds of a range and of its step."""
    dims = broadcast(*map(nested_dims, ends))
    axis %= len(dims) + 1
    own = fn(*map(sample, ends), 2).dtype
    made = array_kind(dtype_or(dtype, own), (*dims[:axis], length(num), *dims[axis:]))
    return made, array_kind(own, dims)


def _linspace_kind(
    start: Any, stop: Any, num: Any = 50, endpoint: bool = True, retstep: bool = False, dtype: Any = None, axis: int = 0
) -> Result:
    kinds = _spaced_kind(np.linspace, (start, stop), num, dtype, axis)
    return kinds if retstep else kinds[0]


def _geomspace_kind(
    start: Any, stop: Any, num: Any = 50, endpoint: bool = True, dtype: Any = None, axis: int = 0
) -> Result:
    return _spaced_kind(np.geomspace, (start, stop), num, dtype, axis)[0]


def _logspace_kind(
    start: Any, stop: Any, num: Any = 50, endpoint: bool = True, base: Any = 10.0, dtype: Any = None, axis: int = 0
) -> Result:
    if nested_dims(base):
        raise TypeError("the base has to be a number")
    own = np.logspace(sample(start), sample(stop), 2, base=sample(base)).dtype
    return _spaced_kind(np.logspace, (start, stop), num, dtype_or(dtype, own), axis)[0]


def _ends(g: Any, start: Any, stop: Any, num: Any, endpoint: bool, axis: int) -> tuple[Any, Any]:
    """Return the bars of the ends of a linspace: sums of `g`, weighted with the part that each has in an element."""
    return (
        _weighted(g, _linspace(1.0, 0.0, num, endpoint), start, axis),
        _weighted(g, _linspace(0.0, 1.0, num, endpoint), stop, axis),
    )


def _weighted(g: Any, weights: Any, end: Any, axis: int) -> Any:
    return np.sum(g * weights) if np.ndim(g) == 1 else unbroadcast(np.tensordot(g, weights, axes=(axis, 0)), end)


def _linspace(start: Any, stop: Any, num: Any, endpoint: bool, axis: int = 0) -> Any:
    """Call `np.linspace` without the options that are as they are anyway."""
    if axis != 0:
        return np.linspace(start, stop, num, endpoint, axis=axis)
    return np.linspace(start, stop, num) if endpoint is True else np.linspace(start, stop, num, endpoint)


def _spread(dot: Any, end: Any) -> Any:
    """Return the tangent of an end, of its shape, which that of the range follows."""
    end = as_array(end)
    return np.zeros_like(end) if is_zero(dot) and np.ndim(end) else dot


def _log_of_base(base: Any) -> Any:
    if not isinstance(base, (int, float, complex, np.number)):
        raise TypeError("the base has to be a constant")
    return np.log(base)


linear(
    np.linspace,
    lambda g, y, start, stop, num=50, endpoint=True, *, dtype=None, axis=0: _ends(g, start, stop, num, endpoint, axis),
    kind=knowing(_linspace_kind),
    wrt=(0, 1),
    effects=("allocates",),
)
vjp(
    np.logspace,
    lambda g, y, start, stop, num=50, endpoint=True, base=10.0, dtype=None, axis=0: _ends(
        g * y * _log_of_base(base), start, stop, num, endpoint, axis
    ),
    when=always,
    kind=knowing(_logspace_kind),
)
jvp(
    np.logspace,
    lambda start_dot, stop_dot, y, start, stop, num=50, endpoint=True, base=10.0, dtype=None, axis=0: (
        y * _linspace(_spread(start_dot, start), _spread(stop_dot, stop), num, endpoint, axis) * _log_of_base(base)
    ),
    when=always,
    wrt=(0, 1),
)


def _geomspace_bars(
    g: Any, y: Any, start: Any, stop: Any, num: Any = 50, endpoint: bool = True, dtype: Any = None, axis: int = 0
) -> Any:
    """The logarithms of the elements are a linspace of those of the ends."""
    by_start, by_stop = _ends(g * y, start, stop, num, endpoint, axis)
    return by_start / as_array(start), by_stop / as_array(stop)


def _geomspace_dot(
    start_dot: Any,
    stop_dot: Any,
    y: Any,
    start: Any,
    stop: Any,
    num: Any = 50,
    endpoint: bool = True,
    dtype: Any = None,
    axis: int = 0,
) -> Any:
    first, last = _spread(start_dot, start) / as_array(start), _spread(stop_dot, stop) / as_array(stop)
    return y * _linspace(first, last, num, endpoint, axis)


vjp(np.geomspace, _geomspace_bars, when=always, kind=knowing(_geomspace_kind))
jvp(np.geomspace, _geomspace_dot, when=always, wrt=(0, 1))
for _fn in present(np, "bartlett", "blackman", "hamming", "hanning"):
    _declare_constant(_fn, lambda M: array_kind(float, (length(M),)))

# Powers.


def _vander_kind(x: Any, N: Any = None, increasing: bool = False) -> Kind:
    rows = nested_dims(x)[0]
    return array_kind(np.promote_types(nested_dtype(x), int), (rows, rows if N is None else length(N)))


vjp(
    np.vander,
    lambda g, y, x, N=None, increasing=False: np.sum(g * vander_derivative(x, np.shape(y)[1], increasing), axis=1),
    when=always,
    kind=knowing(_vander_kind),
)
jvp(
    np.vander,
    lambda x_dot, y, x, N=None, increasing=False: (
        np.expand_dims(x_dot, 1) * vander_derivative(x, np.shape(y)[1], increasing)
    ),
    when=always,
    wrt=(0,),
)
vjp(
    vander_derivative,
    lambda g, y, x, columns, increasing, order=1: np.sum(
        g * vander_derivative(x, columns, increasing, order + 1), axis=1
    ),
    when=always,
    kind=knowing(lambda x, columns, increasing, order=1: array_kind(x.dtype, (*x.dims, length(columns)))),
)
jvp(
    vander_derivative,
    lambda x_dot, y, x, columns, increasing, order=1: (
        np.expand_dims(x_dot, 1) * vander_derivative(x, columns, increasing, order + 1)
    ),
    when=always,
    wrt=(0,),
)

# Indices.


def _indices_kind(dimensions: Any, dtype: Any = int, sparse: bool = False) -> Result:
    dims, dtype = lengths(dimensions), dtype_or(dtype, int)
    if not sparse:
        return array_kind(dtype, (len(dims), *dims))
    ones = (1,) * len(dims)
    return several([array_kind(dtype, (*ones[:i], dim, *ones[i + 1 :])) for i, dim in enumerate(dims)])


def _ix_kind(*args: Any) -> Result:
    ones = (1,) * len(args)
    kinds = []
    for i, arg in enumerate(args):
        dtype, (dim,) = np.dtype(nested_dtype(arg)), nested_dims(arg)
        boolean = dtype.kind == "b"
        kinds.append(array_kind(np.intp if boolean else dtype, (*ones[:i], "?" if boolean else dim, *ones[i + 1 :])))
    return several(kinds)


def _ix_dot(*given: Any) -> Any:
    dots, y, _ = halves(given)
    return [None if is_zero(dot) else np.reshape(as_array(dot), np.shape(each)) for dot, each in zip(dots, y)]


def _pair_of_indices(*args: Any, **kwargs: Any) -> Result:
    return (Array(np.dtype(np.intp).name, ("?",)),) * 2


inactive(np.indices, kind=knowing(_indices_kind))
vjp(
    np.ix_,
    lambda g, y, *args: [items_of(np.ravel(bar), arg) for bar, arg in zip(g, args)],
    when=always,
    kind=knowing(_ix_kind),
    cheap=True,
)
jvp(np.ix_, _ix_dot, when=always)
inactive(np.tril_indices, np.triu_indices, np.tril_indices_from, np.triu_indices_from, kind=_pair_of_indices)
inactive(
    np.diag_indices,
    kind=lambda n, ndim=2: several([array_kind(np.intp, (length(n),))] * ndim),
)
inactive(
    np.ravel_multi_index,
    kind=knowing(
        lambda multi_index, dims, mode="raise", order="C": array_kind(
            np.intp, broadcast(*map(nested_dims, multi_index))
        )
    ),
)
inactive(
    np.unravel_index,
    kind=knowing(
        lambda indices, shape, order="C": several([array_kind(np.intp, nested_dims(indices))] * len(lengths(shape)))
    ),
)

# What is known of arrays without looking at their elements.
inactive(np.shape, kind=knowing(lambda a: Shape(nested_dims(a))), cheap=True)
inactive(np.size, kind=lambda a, axis=None: INT, cheap=True)
inactive(np.ndim, kind=lambda a: INT, cheap=True)
inactive(np.broadcast_shapes, kind=knowing(lambda *args: Shape(broadcast(*map(lengths, args)))), cheap=True)
inactive(np.iscomplexobj, np.isrealobj, np.isscalar, kind=lambda *args: BOOL, cheap=True)
inactive(np.result_type, kind=lambda *args: Opaque("dtype"), cheap=True)
inactive(
    *(np.iterable, np.isfortran, np.may_share_memory, np.shares_memory, np.can_cast, np.issubdtype),
    kind=lambda *args, **kwargs: BOOL,
)
inactive(
    *(np.array2string, np.array_repr, np.array_str, np.format_float_positional, np.format_float_scientific),
    kind=lambda *args, **kwargs: STRING,
)
