"""Derivatives of functions that rearrange and copy the elements of arrays.

Each is linear, and its transpose brings every element of the adjoint back to where its own came from: what was copied
is summed.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from ast_ad.ir import primitives
from ast_ad.ir.broadcasting import broadcast
from ast_ad.ir.kinds import INT, Array, Dim, Kind, Length, Numbered, may_be_one
from ast_ad.rules.common import as_array, at, items_of, of_array, only, rank_of, shaped
from ast_ad.rules.dims import (
    array_kind,
    is_kind,
    knowing,
    length,
    lengths,
    nested_dims,
    nested_dtype,
    product,
    quotient,
    same,
    several,
    total,
)
from ast_ad.rules.mathematics import present
from ast_ad.rules.registry import always, jvp, vjp
from ast_ad.rules.trial import Result
from ast_ad.runtime import sum_runs, unbroadcast

_fn: Callable[..., Any]
_view = functools.partial(of_array, cheap=True, views=True)


def _of_arrays(
    fn: Callable[..., Any], bars: Callable[..., Any], kind: Callable[..., Result], *, views: bool = True
) -> None:
    """Declare a function that is linear in all its positional arguments together."""
    vjp(fn, bars, when=always, kind=knowing(kind), cheap=views, views=views)
    # What has no tangent arrives as a plain 0: the tangents are then smaller than the results, and are stretched.
    jvp(fn, lambda *values, **options: fn(*values[: len(values) // 2], **options), when=always)


# The same elements in another shape.


def _reshape_kind(a: Any, shape: Any = None, order: str = "C", newshape: Any = None, copy: bool | None = None) -> Kind:
    _check_order(order)
    dims, wanted = nested_dims(a), list(lengths(_no_less(newshape if shape is None else shape)))
    free = [i for i, dim in enumerate(wanted) if dim in (-1, "?")]
    if len(free) == 1:
        (i,) = free
        wanted[i] = quotient(dims, wanted[:i] + wanted[i + 1 :])
    return array_kind(nested_dtype(a), ["?" if dim == -1 else dim for dim in wanted])


def _no_less(shape: Any) -> Any:
    """Forget what is known of lengths that may be -1, which means another one here."""
    if isinstance(shape, (tuple, list)):
        return [_no_less(each) for each in shape]
    may_be_less = isinstance(shape, Numbered) or (isinstance(shape, Length) and shape.more < 0)
    return INT if may_be_less else shape


def _ravel_kind(a: Any, order: str = "C") -> Kind:
    _check_order(order)
    return array_kind(nested_dtype(a), (product(nested_dims(a)),))


def _check_order(order: str) -> None:
    if order not in ("C", "F"):
        raise TypeError(f"order={order!r} depends on how the array lies in memory: write 'C' or 'F'")


def _reshaped(g: Any, a: Any, order: str) -> Any:
    """Return `g`, which has the elements of `a` in that order, with the shape of `a`."""
    if np.ndim(g) == np.ndim(a) == 1:
        return g
    if np.ndim(a) == 0:
        return only(g)
    return np.reshape(g, np.shape(a)) if order == "C" else np.reshape(g, np.shape(a), order="F")


_view(
    np.reshape,
    lambda g, y, a, shape=None, order="C", *, newshape=None, copy=None: _reshaped(g, a, order),
    kind=_reshape_kind,
)
_view(np.ravel, lambda g, y, a, order="C": _reshaped(g, a, order), kind=_ravel_kind)
of_array(primitives.flatten, lambda g, y, x, order="C": _reshaped(g, x, order), kind=_ravel_kind, cheap=True)


def _squeeze_kind(a: Any, axis: Any = None) -> Kind:
    dims = nested_dims(a)
    if axis is not None:
        gone = {each % len(dims) for each in _axes(axis)}
    elif any(may_be_one(dim) and dim != 1 for dim in dims):
        raise TypeError("whether an axis has length 1 is not known before the call runs: name the axes, as `axis=...`")
    else:
        gone = {i for i, dim in enumerate(dims) if dim == 1}
    return array_kind(nested_dtype(a), [dim for i, dim in enumerate(dims) if i not in gone])


def _unit_axes(a: Any) -> tuple[int, ...]:
    """Return the axes that `np.squeeze` takes away."""
    shape = [np.shape(a)[axis] for axis in range(np.ndim(a))]
    return tuple(axis for axis, size in enumerate(shape) if isinstance(size, int) and size == 1)


def _expanded(g: Any, axes: Any) -> Any:
    if isinstance(axes, tuple) and len(axes) < 2:
        return np.expand_dims(g, axes[0]) if axes else g
    return np.expand_dims(g, axes)


def _axes(axis: Any) -> tuple[int, ...]:
    axes = tuple(axis) if isinstance(axis, (tuple, list)) else (axis,)
    if any(map(is_kind, axes)):
        raise TypeError("the axis has to be known before the call runs")
    return axes


def _expand_dims_kind(a: Any, axis: Any) -> Kind:
    rest, axes = list(nested_dims(a)), _axes(axis)
    rank = len(rest) + len(axes)
    new = {each % rank for each in axes}
    return array_kind(nested_dtype(a), [1 if i in new else rest.pop(0) for i in range(rank)])


def _squeezed(g: Any, axis: Any) -> Any:
    """Take axes away; `np.squeeze` takes no list of them."""
    return np.squeeze(g, tuple(axis) if isinstance(axis, list) else axis)


_view(
    np.squeeze,
    lambda g, y, a, axis=None: _expanded(g, _unit_axes(a) if axis is None else axis),
    kind=_squeeze_kind,
)
_view(
    np.expand_dims,
    lambda g, y, a, axis: _squeezed(g, axis) if np.ndim(a) else only(g),
    kind=_expand_dims_kind,
)


def plane(rank: int, k: Any) -> tuple[Any, ...]:
    """Return the index of what `np.atleast_3d` makes a plane of, the k-th of those that are joined by `np.dstack`."""
    return ((0, 0, k), (0, slice(None), k), (slice(None), slice(None), k), ())[min(rank, 3)]


def _shrunk(g: Any, arys: Sequence[Any], index: Callable[[int], tuple[Any, ...]]) -> Any:
    """Take off the axes that were added to the one array, or to each; `index` does that to what had a rank before."""
    bars = g if len(arys) > 1 else [g]
    return tuple([items_of(at(bar, index(rank_of(x))), x) for bar, x in zip(bars, arys)])


def _atleast_kind(grown: Callable[..., tuple[Dim, ...]]) -> Callable[..., Result]:
    def kind(*arys: Any) -> Result:
        kinds = [array_kind(nested_dtype(x), grown(*nested_dims(x))) for x in arys]
        return kinds[0] if len(kinds) == 1 else tuple(kinds)

    return kind


def as_row(*dims: Dim) -> tuple[Dim, ...]:
    """Return the dims of `np.atleast_2d`."""
    return (1,) * (2 - len(dims)) + dims


def as_planes(*dims: Dim) -> tuple[Dim, ...]:
    """Return the dims of `np.atleast_3d`."""
    return (1, *dims, 1) if len(dims) == 1 else dims + (1,) * (3 - len(dims))


_of_arrays(
    np.atleast_1d,
    lambda g, y, *arys: _shrunk(g, arys, lambda rank: (0,)[rank:]),
    _atleast_kind(lambda *dims: dims or (1,)),
)
_of_arrays(
    np.atleast_2d,
    lambda g, y, *arys: _shrunk(g, arys, lambda rank: (0, 0)[rank:]),
    _atleast_kind(as_row),
)
_of_arrays(
    np.atleast_3d,
    lambda g, y, *arys: _shrunk(g, arys, lambda rank: plane(rank, 0)),
    _atleast_kind(as_planes),
)


# Axes in another order, and backwards.


def _transposed(g: Any, axes: Any) -> Any:
    if axes is None:
        return np.transpose(g)
    order = [axis % len(axes) for axis in axes]
    return np.transpose(g, tuple(order.index(axis) for axis in range(len(order))))


def _rolled_back(g: Any, axis: int, start: int) -> Any:
    """Undo `np.rollaxis`, which puts an axis before the one at `start`."""
    axis, start = axis % np.ndim(g), start + np.ndim(g) if start < 0 else start
    return np.moveaxis(g, start - 1 if axis < start else start, axis)


_view(np.transpose, lambda g, y, a, axes=None: _transposed(g, axes))
_view(np.swapaxes, lambda g, y, a, axis1, axis2: np.swapaxes(g, axis1, axis2))
_view(np.moveaxis, lambda g, y, a, source, destination: np.moveaxis(g, destination, source))
_view(np.rollaxis, lambda g, y, a, axis, start=0: _rolled_back(g, axis, start))
for _fn in present(np, "matrix_transpose"):
    _view(_fn, lambda g, y, x: np.swapaxes(g, -1, -2))
_view(
    np.flip,
    lambda g, y, m, axis=None: np.flip(g) if axis is None else np.flip(g, axis),
    kind=lambda m, axis=None: array_kind(nested_dtype(m), nested_dims(m)),
)
_view(np.fliplr, lambda g, y, m: np.fliplr(g))
_view(np.flipud, lambda g, y, m: np.flipud(g))
_view(
    np.rot90,
    lambda g, y, m, k=1, axes=(0, 1): np.rot90(g, -k) if tuple(axes) == (0, 1) else np.rot90(g, -k, axes),
)


def _back(shift: Any) -> Any:
    return tuple(-each for each in shift) if isinstance(shift, (tuple, list)) else -shift


of_array(
    np.roll,
    lambda g, y, a, shift, axis=None: np.roll(g, _back(shift)) if axis is None else np.roll(g, _back(shift), axis),
    kind=lambda a, shift, axis=None: array_kind(nested_dtype(a), nested_dims(a)),
)


# Copies of one array.


def _broadcast_to_kind(array: Any, shape: Any, subok: bool = False) -> Kind:
    own, wanted = nested_dims(array), lengths(shape)
    new = len(wanted) - len(own)
    known = [same((dim, own[i - new])) if i >= new and own[i - new] != 1 else dim for i, dim in enumerate(wanted)]
    return array_kind(nested_dtype(array), known)


_view(np.broadcast_to, lambda g, y, array, shape, subok=False: unbroadcast(g, array), kind=_broadcast_to_kind)


def _broadcast_arrays_kind(*args: Any, subok: bool = False) -> Result:
    dims = broadcast(*map(nested_dims, args))
    return several([array_kind(nested_dtype(arg), dims) for arg in args])


def _meshgrid_kind(*xi: Any, copy: bool = True, sparse: bool = False, indexing: str = "xy") -> Result:
    axes = _mesh_axes(len(xi), indexing)
    own = [product(nested_dims(x)) for x in xi]
    full = [own[axes.index(axis)] for axis in range(len(xi))]
    return several(
        [
            array_kind(nested_dtype(x), [dim if axis == own_axis or not sparse else 1 for axis, dim in enumerate(full)])
            for x, own_axis in zip(xi, axes)
        ]
    )


def _mesh_axes(count: int, indexing: str) -> list[int]:
    """Return the axis along which each argument of `np.meshgrid` varies."""
    return [1, 0, *range(2, count)] if indexing == "xy" and count > 1 else list(range(count))


def _mesh_bars(g: Any, y: Any, *xi: Any, sparse: bool = False, indexing: str = "xy") -> Any:
    axes = _mesh_axes(len(xi), indexing)
    others = [tuple(other for other in range(len(xi)) if other != axis) for axis in axes]
    sums = [np.sum(bar, axis=each if len(each) > 1 else each[0]) for bar, each in zip(g, others)]
    return tuple(items_of(shaped(bar, as_array(x)), x) for bar, x in zip(sums, xi))


_of_arrays(
    np.broadcast_arrays,
    lambda g, y, *args, subok=False: tuple(unbroadcast(bar, arg) for bar, arg in zip(g, args)),
    _broadcast_arrays_kind,
)
_of_arrays(np.meshgrid, _mesh_bars, _meshgrid_kind, views=False)


def _tile_kind(A: Any, reps: Any) -> Kind:
    dims, times = nested_dims(A), lengths(reps)
    rank = max(len(dims), len(times))
    padded = ((1,) * (rank - len(each)) + each for each in (dims, times))
    return array_kind(nested_dtype(A), [product(pair) for pair in zip(*padded)])


def _tile_bar(g: Any, x: Any, reps: Any) -> Any:
    """Sum over the copies: an axis of its own, before that of the elements, for each axis that was repeated."""
    times = tuple(reps) if isinstance(reps, (tuple, list)) else (reps,)
    new = max(len(times) - np.ndim(x), 0)
    times = (1,) * (new + np.ndim(x) - len(times)) + times
    shape: tuple[Any, ...] = times[:new]
    copies = tuple(range(new))
    for axis, count in enumerate(times[new:]):
        if not (isinstance(count, int) and count == 1):
            copies = (*copies, len(shape))
            shape = (*shape, count)
        shape = (*shape, np.shape(x)[axis])
    if not copies:
        return g
    g = g if len(shape) == np.ndim(g) else np.reshape(g, shape)
    return np.sum(g, axis=copies if len(copies) > 1 else copies[0])


of_array(np.tile, lambda g, y, A, reps: _tile_bar(g, A, reps), kind=_tile_kind)


def _repeat_kind(a: Any, repeats: Any, axis: int | None = None) -> Kind:
    dims = nested_dims(a)
    dims, axis = (dims, axis % len(dims)) if axis is not None else ((product(dims),), 0)
    made: Dim = "?"
    if isinstance(repeats, (list, tuple)) and len(repeats) > 1:
        made = total(lengths(repeats))
    elif nested_dims(repeats) in ((), (1,)) and not isinstance(repeats, Array):
        made = product((dims[axis], *lengths(repeats)))
    return array_kind(nested_dtype(a), (*dims[:axis], made, *dims[axis + 1 :]))


def _repeat_bar(g: Any, a: Any, repeats: Any, axis: int | None) -> Any:
    """Sum the runs of copies: one after the other along an axis, or along an axis of their own."""
    if isinstance(repeats, (list, tuple)) or np.ndim(repeats):
        if axis is not None:
            return sum_runs(g, repeats, np.shape(a)[axis], axis)
        return shaped(sum_runs(g, repeats, np.size(a)), a)
    last = np.ndim(a) - 1 if axis is None else axis % np.ndim(a)
    shape = tuple(np.shape(a)[each] for each in range(np.ndim(a)))
    return np.sum(np.reshape(g, (*shape[: last + 1], repeats, *shape[last + 1 :])), axis=last + 1)


of_array(np.repeat, lambda g, y, a, repeats, axis=None: _repeat_bar(g, a, repeats, axis), kind=_repeat_kind)
of_array(
    sum_runs,
    lambda g, y, x, repeats, count, axis=0: np.repeat(g, repeats, axis),
    kind=lambda x, repeats, count, axis=0: array_kind(
        x.dtype, (*x.dims[: axis % x.ndim], length(count), *x.dims[axis % x.ndim + 1 :])
    ),
)
