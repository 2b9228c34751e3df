"""Derivatives of functions that rearrange arrays.

Each is linear, and its transpose brings every element of the adjoint back to where its own came from: what was joined
is cut apart, what was copied is summed.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from ast_ad.ir import primitives
from ast_ad.ir.kinds import Array, Dim, Kind, List, broadcast, may_be_one
from ast_ad.rules.creation import (
    array_kind,
    dtype_or,
    is_kind,
    knowing,
    leaves,
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
from ast_ad.runtime.arrays import unbroadcast
from ast_ad.runtime.shaping import sum_runs, undelete, unpad, with_diagonal

_fn: Callable[..., Any]


def _of_array(
    fn: Callable[..., Any],
    bars: Callable[..., Any],
    kind: Callable[..., Result] | None = None,
    *,
    cheap: bool = False,
    views: bool = False,
) -> None:
    """Declare a function that is linear in its first argument: an array, or nested lists that NumPy makes one of."""

    def rule(g: Any, y: Any, x: Any, *args: Any, **kwargs: Any) -> Any:
        if isinstance(x, (list, tuple)):
            return (_items_of(bars(g, y, np.array(x), *args, **kwargs), x), *(None for _ in args))
        return bars(g, y, x, *args, **kwargs)

    vjp(fn, rule, when=always, kind=kind and knowing(kind), cheap=cheap, views=views)
    jvp(fn, lambda dot, y, x, *args, **kwargs: fn(dot, *args, **kwargs), when=always, wrt=(0,))


def _view(fn: Callable[..., Any], bars: Callable[..., Any], kind: Callable[..., Result] | None = None) -> None:
    _of_array(fn, bars, kind, cheap=True, views=True)


def _of_arrays(
    fn: Callable[..., Any], bars: Callable[..., Any], kind: Callable[..., Result], *, views: bool = True
) -> None:
    """Declare a function that is linear in all its positional arguments together."""
    vjp(fn, bars, when=always, kind=knowing(kind), cheap=views, views=views)
    # What has no tangent arrives as a plain 0: the tangents are then smaller than the results, and are stretched.
    jvp(fn, lambda *values, **options: fn(*values[: len(values) // 2], **options), when=always)


def _items_of(bar: Any, x: Any, index: tuple[Any, ...] = ()) -> Any:
    """Return the bar of an array that was made of nested lists, structured as they are."""
    if isinstance(x, (list, tuple)):
        return [_items_of(bar, item, (*index, i)) for i, item in enumerate(x)]
    return _at(bar, index)


def _at(g: Any, index: tuple[Any, ...]) -> Any:
    return g[index] if len(index) > 1 else g[index[0]] if index else g


def _rank(x: Any) -> int:
    return 1 + _rank(x[0] if x else 0.0) if isinstance(x, (list, tuple)) else int(np.ndim(x))


def _length(x: Any, axis: int) -> Any:
    if not isinstance(x, (list, tuple)):
        return np.shape(x)[axis]
    return len(x) if axis == 0 else _length(x[0], axis - 1)


# The same elements in another shape.


def _reshape_kind(a: Any, shape: Any = None, order: str = "C", newshape: Any = None, copy: bool | None = None) -> Kind:
    _check_order(order)
    dims, wanted = nested_dims(a), list(lengths(newshape if shape is None else shape))
    free = [i for i, dim in enumerate(wanted) if dim in (-1, "?")]
    if len(free) == 1:
        (i,) = free
        wanted[i] = quotient(dims, wanted[:i] + wanted[i + 1 :])
    return array_kind(nested_dtype(a), ["?" if dim == -1 else dim for dim in wanted])


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
    return np.reshape(g, np.shape(a)) if order == "C" else np.reshape(g, np.shape(a), order="F")


_view(
    np.reshape,
    lambda g, y, a, shape=None, order="C", *, newshape=None, copy=None: _reshaped(g, a, order),
    _reshape_kind,
)
_view(np.ravel, lambda g, y, a, order="C": _reshaped(g, a, order), _ravel_kind)
_of_array(primitives.flatten, lambda g, y, x, order="C": _reshaped(g, x, order), _ravel_kind, cheap=True)


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


_view(
    np.squeeze,
    lambda g, y, a, axis=None: _expanded(g, _unit_axes(a) if axis is None else axis),
    _squeeze_kind,
)
_view(np.expand_dims, lambda g, y, a, axis: np.squeeze(g, axis), _expand_dims_kind)


def _plane(rank: int, k: Any) -> tuple[Any, ...]:
    """Return the index of what `np.atleast_3d` makes a plane of, the k-th of those that are joined by `np.dstack`."""
    return ((0, 0, k), (0, slice(None), k), (slice(None), slice(None), k), ())[min(rank, 3)]


def _shrunk(g: Any, arys: Sequence[Any], index: Callable[[int], tuple[Any, ...]]) -> Any:
    """Take off the axes that were added to the one array, or to each; `index` does that to what had a rank before."""
    bars = [_items_of(_at(bar, index(_rank(x))), x) for bar, x in zip(g if len(arys) > 1 else [g], arys)]
    return tuple(bars)


def _atleast_kind(grown: Callable[..., tuple[Dim, ...]]) -> Callable[..., Result]:
    def kind(*arys: Any) -> Result:
        kinds = [array_kind(nested_dtype(x), grown(*nested_dims(x))) for x in arys]
        return kinds[0] if len(kinds) == 1 else tuple(kinds)

    return kind


def _row(*dims: Dim) -> tuple[Dim, ...]:
    return (1,) * (2 - len(dims)) + dims


def _planes(*dims: Dim) -> tuple[Dim, ...]:
    return (1, *dims, 1) if len(dims) == 1 else dims + (1,) * (3 - len(dims))


def _column(*dims: Dim) -> tuple[Dim, ...]:
    return dims + (1,) * (2 - len(dims))


_of_arrays(
    np.atleast_1d,
    lambda g, y, *arys: _shrunk(g, arys, lambda rank: (0,)[rank:]),
    _atleast_kind(lambda *dims: dims or (1,)),
)
_of_arrays(
    np.atleast_2d,
    lambda g, y, *arys: _shrunk(g, arys, lambda rank: (0, 0)[rank:]),
    _atleast_kind(_row),
)
_of_arrays(
    np.atleast_3d,
    lambda g, y, *arys: _shrunk(g, arys, lambda rank: _plane(rank, 0)),
    _atleast_kind(_planes),
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
    lambda m, axis=None: array_kind(nested_dtype(m), nested_dims(m)),
)
_view(np.fliplr, lambda g, y, m: np.fliplr(g))
_view(np.flipud, lambda g, y, m: np.flipud(g))
_view(
    np.rot90,
    lambda g, y, m, k=1, axes=(0, 1): np.rot90(g, -k) if tuple(axes) == (0, 1) else np.rot90(g, -k, axes),
)


def _back(shift: Any) -> Any:
    return tuple(-each for each in shift) if isinstance(shift, (tuple, list)) else -shift


_of_array(
    np.roll,
    lambda g, y, a, shift, axis=None: np.roll(g, _back(shift)) if axis is None else np.roll(g, _back(shift), axis),
    lambda a, shift, axis=None: array_kind(nested_dtype(a), nested_dims(a)),
)


# Copies of one array.


def _broadcast_to_kind(array: Any, shape: Any, subok: bool = False) -> Kind:
    own, wanted = nested_dims(array), lengths(shape)
    new = len(wanted) - len(own)
    known = [same((dim, own[i - new])) if i >= new and own[i - new] != 1 else dim for i, dim in enumerate(wanted)]
    return array_kind(nested_dtype(array), known)


_view(np.broadcast_to, lambda g, y, array, shape, subok=False: unbroadcast(g, array), _broadcast_to_kind)


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
    return tuple(_items_of(bar[0] if _rank(x) == 0 else bar, x) for bar, x in zip(sums, xi))


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
    return np.sum(
        g if len(shape) == np.ndim(g) else np.reshape(g, shape), axis=copies if len(copies) > 1 else copies[0]
    )


_of_array(np.tile, lambda g, y, A, reps: _tile_bar(g, A, reps), _tile_kind)


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
        return _reshaped(sum_runs(g, repeats, np.size(a)), a, "C")
    last = np.ndim(a) - 1 if axis is None else axis % np.ndim(a)
    shape = tuple(np.shape(a)[each] for each in range(np.ndim(a)))
    return np.sum(np.reshape(g, (*shape[: last + 1], repeats, *shape[last + 1 :])), axis=last + 1)


_of_array(np.repeat, lambda g, y, a, repeats, axis=None: _repeat_bar(g, a, repeats, axis), _repeat_kind)
_of_array(
    sum_runs,
    lambda g, y, x, repeats, count, axis=0: np.repeat(g, repeats, axis),
    lambda x, repeats, count, axis=0: array_kind(
        x.dtype, (*x.dims[: axis % x.ndim], length(count), *x.dims[axis % x.ndim + 1 :])
    ),
)


# Arrays that are joined.


def _is_known(sizes: Sequence[Any]) -> bool:
    return all(isinstance(size, int) for size in sizes)


def _edge(before: Sequence[Any], after: Sequence[Any]) -> Any:
    """Return the index where one piece ends and the next begins: from the end, where only what follows is known."""
    from_the_end = not _is_known(before) and _is_known(after) and sum(after) > 0
    return -sum(after) if from_the_end else sum(before)


def _pieces(sizes: Sequence[Any]) -> list[tuple[Any, slice]]:
    """Return where each of several pieces begins, and the slice that it is."""
    found = []
    for i in range(len(sizes)):
        start, rest = _edge(sizes[:i], sizes[i:]), sizes[i + 1 :]
        stop = None if _is_known(rest) and sum(rest) == 0 else _edge(sizes[: i + 1], rest)
        found.append((start, slice(None if isinstance(start, int) and start == 0 else start, stop)))
    return found


def _cut(g: Any, items: Any, axis: int, least: int, index: Callable[[int, Any, slice], tuple[Any, ...]]) -> list[Any]:
    """Cut `g` into the bars of the arrays that were joined along an axis.

    Those of a rank under `least` took one place each. `index` makes the index of one that has this rank, begins there
    and takes this slice.
    """
    if not isinstance(items, (list, tuple)):
        raise TypeError("the arrays have to be in a list or a tuple")
    sizes = [_length(item, axis) if _rank(item) >= least else 1 for item in items]
    return [
        _items_of(_at(g, index(_rank(item), start, piece)), item) for item, (start, piece) in zip(items, _pieces(sizes))
    ]


def _concatenated(g: Any, arrays: Any, axis: int | None) -> list[Any]:
    if axis is None:
        wholes = [_array_of(item) for item in arrays]
        pieces = _pieces([np.size(whole) for whole in wholes])
        bars = [
            _reshaped(g[piece], whole, "C") if np.ndim(whole) else g[start]
            for whole, (start, piece) in zip(wholes, pieces)
        ]
        return [_items_of(bar, item) for bar, item in zip(bars, arrays)]
    axis %= np.ndim(g)
    return _cut(g, arrays, axis, 0, lambda rank, start, piece: (*(slice(None),) * axis, piece))


def _array_of(x: Any) -> Any:
    return np.array(x) if isinstance(x, (list, tuple)) else x


def _stacked(g: Any, arrays: Any, axis: int) -> list[Any]:
    axis %= np.ndim(g)
    return _cut(g, arrays, axis, np.ndim(g), lambda rank, start, piece: (*(slice(None),) * axis, start))


def _hstacked(g: Any, tup: Any) -> list[Any]:
    if np.ndim(g) == 1:
        return _cut(g, tup, 0, 1, lambda rank, start, piece: (piece if rank else start,))
    return _cut(g, tup, 1, 2, lambda rank, start, piece: (slice(None), piece))


def _joined_kind(arrays: Any, axis: int | None, grown: Callable[..., tuple[Dim, ...]], dtype: Any) -> Kind:
    """Return the kind of arrays that are joined along an axis, after something was done to their dims."""
    if isinstance(arrays, (list, tuple)) and not arrays:
        raise TypeError("there is nothing to join")
    if isinstance(arrays, (Array, List)):
        count, *dims = nested_dims(arrays)
        items, number = [tuple(dims)], count
    else:
        items, number = [nested_dims(item) for item in arrays], 1
        dtype = dtype_or(dtype, np.result_type(*map(nested_dtype, arrays)))
    rows = [(product(dims),) if axis is None else grown(*dims) for dims in items]
    if not rows[0]:
        raise TypeError("arrays without dimensions have nothing to join")
    joined = (axis or 0) % len(rows[0])
    made = [same(column) for column in zip(*rows)]
    made[joined] = product((total([row[joined] for row in rows]), number))
    return array_kind(dtype_or(dtype, nested_dtype(arrays)), made)


def _of_list(fn: Callable[..., Any], bars: Callable[..., list[Any]], kind: Callable[..., Result]) -> None:
    """Declare a function that is linear in a list of arrays."""
    vjp(
        fn,
        lambda g, y, x, *args, **kwargs: (bars(g, x, *args, **kwargs), *(None for _ in args)),
        when=always,
        kind=knowing(kind),
    )
    jvp(fn, lambda dots, y, x, *args, **kwargs: fn(dots, *args, **kwargs), when=always, wrt=(0,))


def _stack_kind(arrays: Any, axis: int = 0, *, dtype: Any = None, casting: str = "same_kind") -> Kind:
    def grown(*dims: Dim) -> tuple[Dim, ...]:
        place = axis % (len(dims) + 1)
        return (*dims[:place], 1, *dims[place:])

    return _joined_kind(arrays, axis, grown, dtype)


def _hstack_kind(tup: Any, *, dtype: Any = None, casting: str = "same_kind") -> Kind:
    ranks = [len(nested_dims(item)) for item in tup] if isinstance(tup, (list, tuple)) else [len(nested_dims(tup)) - 1]
    return _joined_kind(tup, 1 if ranks[0] > 1 else 0, lambda *dims: dims or (1,), dtype)


_of_list(
    np.concatenate,
    lambda g, arrays, axis=0, *, dtype=None, casting="same_kind": _concatenated(g, arrays, axis),
    lambda arrays, axis=0, *, dtype=None, casting="same_kind": _joined_kind(arrays, axis, lambda *dims: dims, dtype),
)
_of_list(
    np.stack,
    lambda g, arrays, axis=0, *, dtype=None, casting="same_kind": _stacked(g, arrays, axis),
    _stack_kind,
)
for _fn in dict.fromkeys(present(np, "vstack", "row_stack")):
    _of_list(
        _fn,
        lambda g, tup, *, dtype=None, casting="same_kind": _cut(
            g, tup, 0, 2, lambda rank, start, piece: ((start, 0), (start,), (piece,))[min(rank, 2)]
        ),
        lambda tup, *, dtype=None, casting="same_kind": _joined_kind(tup, 0, _row, dtype),
    )
_of_list(np.hstack, lambda g, tup, *, dtype=None, casting="same_kind": _hstacked(g, tup), _hstack_kind)
_of_list(
    np.dstack,
    lambda g, tup: _cut(g, tup, 2, 3, lambda rank, k, piece: _plane(rank, k) or (slice(None), slice(None), piece)),
    lambda tup: _joined_kind(tup, 2, _planes, None),
)
_of_list(
    np.column_stack,
    lambda g, tup: _cut(
        g, tup, 1, 2, lambda rank, k, piece: ((0, k), (slice(None), k), (slice(None), piece))[min(rank, 2)]
    ),
    lambda tup: _joined_kind(tup, 1, lambda *dims: (*(dims or (1,)), 1)[:2], None),
)


def _append_kind(arr: Any, values: Any, axis: int | None = None) -> Kind:
    return _joined_kind([arr, values], axis, lambda *dims: dims, None)


vjp(
    np.append,
    lambda g, y, arr, values, axis=None: (*_concatenated(g, (arr, values), axis), None),
    when=always,
    kind=knowing(_append_kind),
)
jvp(
    np.append,
    lambda arr_dot, values_dot, y, arr, values, axis=None: np.append(arr_dot, values_dot, axis),
    when=always,
    wrt=(0, 1),
)


def _depth(arrays: Any) -> int:
    return 1 + _depth(arrays[0]) if isinstance(arrays, list) else 0


def _first_leaf(arrays: Any) -> Any:
    return _first_leaf(arrays[0]) if isinstance(arrays, list) else arrays


def _block_bars(g: Any, arrays: Any, depth: int, places: tuple[tuple[Any, slice], ...]) -> Any:
    """Cut the blocks apart: lists at this depth were joined along this axis, counted from the last.

    `places` says where the block begins and what its slice is, along each of the axes before.
    """
    if depth == 0:
        missing = np.ndim(g) - np.ndim(arrays)
        return _at(g, tuple(start if axis < missing else piece for axis, (start, piece) in enumerate(places)))
    firsts = [_first_leaf(item) for item in arrays]
    sizes = [np.shape(first)[-depth] if np.ndim(first) >= depth else 1 for first in firsts]
    return [_block_bars(g, item, depth - 1, (*places, place)) for item, place in zip(arrays, _pieces(sizes))]


def _block_dims(arrays: Any, depth: int, rank: int) -> list[Dim]:
    if depth == 0:
        dims = nested_dims(arrays)
        return [*(1,) * (rank - len(dims)), *dims]
    columns = list(zip(*(_block_dims(item, depth - 1, rank) for item in arrays)))
    return [total(column) if axis == rank - depth else same(column) for axis, column in enumerate(columns)]


def _block_kind(arrays: Any) -> Kind:
    depth = _depth(arrays)
    rank = max(depth, *(len(nested_dims(leaf)) for leaf in leaves(arrays)))
    dtype = np.result_type(*map(nested_dtype, leaves(arrays)))
    return array_kind(dtype, _block_dims(arrays, depth, rank))


_of_list(
    np.block,
    lambda g, arrays: _block_bars(g, arrays, _depth(arrays), ((0, slice(None)),) * (np.ndim(g) - _depth(arrays))),
    _block_kind,
)


# Arrays that are split.


def _parts_kind(fn: Callable[..., Any], dims: Sequence[Dim], axis: int, sections: Any) -> list[Dim]:
    dim = dims[axis]
    if isinstance(sections, Array) and isinstance(sections.dims[0], int):
        return ["?"] * (sections.dims[0] + 1)
    if is_kind(sections):
        raise TypeError("the number of parts has to be known before the call runs")
    if not isinstance(sections, (list, tuple)):
        if isinstance(dim, int):
            return [len(part) for part in np.array_split(np.empty(dim), sections)]
        # Equal parts: a symbol says so.
        equal = fn is not np.array_split and dim[1:].isdigit()
        return [f"?{dim.removeprefix('?')}/{sections}" if equal else "?"] * sections
    limits = [None, *sections, None]
    if not isinstance(dim, int) or any(map(is_kind, sections)):
        return ["?"] * (len(limits) - 1)
    return [len(range(dim)[start:stop]) for start, stop in itertools.pairwise(limits)]


def _declare_split(fn: Callable[..., Any], along: Callable[[int, int], int]) -> None:
    def kind(ary: Any, indices_or_sections: Any, axis: int = 0) -> Result:
        dims = nested_dims(ary)
        axis = along(len(dims), axis)
        parts = _parts_kind(fn, dims, axis, indices_or_sections)
        return several([array_kind(nested_dtype(ary), (*dims[:axis], part, *dims[axis + 1 :])) for part in parts])

    _view(
        fn,
        lambda g, y, ary, indices_or_sections, axis=0: np.concatenate(g, along(np.ndim(ary), axis)),
        kind,
    )


_declare_split(np.split, lambda rank, axis: axis % rank)
_declare_split(np.array_split, lambda rank, axis: axis % rank)
_declare_split(np.hsplit, lambda rank, axis: min(rank - 1, 1))
_declare_split(np.vsplit, lambda rank, axis: 0)
_declare_split(np.dsplit, lambda rank, axis: 2)


def _unstack_kind(x: Any, *, axis: int = 0) -> Result:
    dims = list(nested_dims(x))
    count = dims.pop(axis)
    if not isinstance(count, int):
        raise TypeError("the number of parts has to be known before the call runs")
    return several([array_kind(nested_dtype(x), dims)] * count)


for _fn in present(np, "unstack"):
    _view(_fn, lambda g, y, x, *, axis=0: np.stack(g, axis), _unstack_kind)


# Elements put in, and taken out.


def _widths(pad_width: Any, rank: int) -> list[tuple[Any, Any]]:
    """Return how many elements `np.pad` puts before and after each axis."""
    pairs = list(pad_width) if isinstance(pad_width, (list, tuple)) else [pad_width]
    if not isinstance(pairs[0], (list, tuple)):
        pairs = [pairs]
    pairs = pairs * rank if len(pairs) == 1 else pairs
    return [(pair[0], pair[-1]) for pair in pairs]


def _pad_kind(array: Any, pad_width: Any, mode: str = "constant", **kwargs: Any) -> Kind:
    dims = nested_dims(array)
    if isinstance(pad_width, (Array, dict)):
        raise TypeError("the widths have to be integers, in tuples")
    pairs = _widths(pad_width, len(dims))
    made = [total((length(before), dim, length(after))) for dim, (before, after) in zip(dims, pairs)]
    return array_kind(nested_dtype(array), made)


def _even(mode: str, reflect_type: str) -> Any:
    """Return the mode, where it takes copies of elements as they are."""
    if reflect_type != "even":
        raise TypeError(f"there is none for reflect_type={reflect_type!r}")
    return mode


def _pad_bar(g: Any, array: Any, pad_width: Any, mode: str) -> Any:
    if mode != "constant":
        if mode not in ("edge", "reflect", "symmetric", "wrap"):
            raise TypeError(f"there is none for mode={mode!r}")
        return unpad(g, pad_width, mode)
    kept: list[slice] = []
    for axis, (before, after) in enumerate(_widths(pad_width, np.ndim(array))):
        _, (_, inside), _ = _pieces([before, np.shape(array)[axis], after])
        kept.append(inside)
    while kept and kept[-1].start is None and kept[-1].stop is None:
        kept.pop()
    return _at(g, tuple(kept))


vjp(
    np.pad,
    lambda g, y, array, pad_width, mode="constant", *, constant_values=0, reflect_type="even": (
        _items_of(_pad_bar(g, _array_of(array), pad_width, _even(mode, reflect_type)), array),
        None,
        None,
    ),
    when=always,
    kind=knowing(_pad_kind),
)
jvp(
    np.pad,
    lambda dot, y, array, pad_width, mode="constant", *, constant_values=0, reflect_type="even": (
        np.pad(dot, pad_width) if mode == "constant" else np.pad(dot, pad_width, _even(mode, reflect_type))
    ),
    when=always,
    wrt=(0,),
)
_of_array(unpad, lambda g, y, x, pad_width, mode: np.pad(g, pad_width, mode))


def _delete_kind(arr: Any, obj: Any, axis: int | None = None) -> Kind:
    dims = list(nested_dims(arr)) if axis is not None else [product(nested_dims(arr))]
    place = (axis or 0) % len(dims)
    one = isinstance(obj, (int, np.integer)) and isinstance(dims[place], int)
    dims[place] = dims[place] - 1 if one else "?"  # type: ignore[operator]
    return array_kind(nested_dtype(arr), dims)


_of_array(np.delete, lambda g, y, arr, obj, axis=None: undelete(g, obj, np.shape(arr), axis), _delete_kind)
_of_array(
    undelete,
    lambda g, y, x, obj, shape, axis=None: np.delete(g, obj, axis),
    lambda x, obj, shape, axis=None: array_kind(x.dtype, lengths(shape)),
)


def _insert_kind(arr: Any, obj: Any, values: Any, axis: int | None = None) -> Kind:
    dims = list(nested_dims(arr)) if axis is not None else [product(nested_dims(arr))]
    place = (axis or 0) % len(dims)
    dims[place] = total((dims[place], _inserted(dims, obj, values)))
    return array_kind(nested_dtype(arr), dims)


def _inserted(dims: Sequence[Dim], obj: Any, values: Any) -> Dim:
    """Return how many elements `np.insert` puts in, or refuse the call."""
    if isinstance(obj, (list, tuple)) and not any(map(is_kind, obj)) and all(each >= 0 for each in obj):
        return len(obj)
    if is_kind(obj) or not isinstance(obj, (int, np.integer)):
        raise TypeError("where something is inserted has to be a constant")
    own = nested_dims(values)
    if len(dims) == 1 and own:
        return own[0]
    if len(own) >= len(dims) > 1:
        raise TypeError("more than one row is inserted at one place: use `np.concatenate`")
    return 1


def _places(obj: Any, values: Any) -> Any:
    """Return where what was inserted is in the result."""
    if isinstance(obj, (list, tuple)):
        order = sorted(range(len(obj)), key=obj.__getitem__)
        return [each + order.index(i) for i, each in enumerate(obj)]
    if _rank(values) == 0:
        return obj if obj >= 0 else obj - 1
    count = _length(values, 0)
    return slice(obj, obj + count) if obj >= 0 else slice(obj - count, obj)


def _insert_bars(g: Any, y: Any, arr: Any, obj: Any, values: Any, axis: int | None = None) -> tuple[Any, ...]:
    """Take out what was inserted: the rest is the bar of the array."""
    in_line = axis is None or _rank(arr) == 1
    places = _places(obj, values if in_line else 0.0)
    if in_line:
        rest, taken = _reshaped(np.delete(g, places), _array_of(arr), "C"), g[places]
    else:
        before = (slice(None),) * (axis % np.ndim(g))  # type: ignore[operator]
        rest, taken = np.delete(g, places, axis), _at(g, (*before, places))
    return _items_of(rest, arr), None, _items_of(unbroadcast(taken, _array_of(values)), values), None


vjp(np.insert, _insert_bars, when=always, kind=knowing(_insert_kind))
jvp(
    np.insert,
    lambda arr_dot, values_dot, y, arr, obj, values, axis=None: np.insert(arr_dot, obj, values_dot, axis),
    when=always,
    wrt=(0, 2),
)

# Diagonals and triangles.


def _diagonal_length(rows: Dim, columns: Dim, offset: Any) -> Dim:
    if is_kind(offset):
        return "?"
    if isinstance(rows, int) and isinstance(columns, int):
        return int(max(0, min(rows + min(offset, 0), columns - max(offset, 0))))
    return rows if rows == columns and offset == 0 else "?"


def _diagonal_kind(a: Any, offset: Any = 0, axis1: int = 0, axis2: int = 1) -> Kind:
    dims = nested_dims(a)
    rest = [dim for axis, dim in enumerate(dims) if axis not in (axis1 % len(dims), axis2 % len(dims))]
    return array_kind(nested_dtype(a), (*rest, _diagonal_length(dims[axis1], dims[axis2], offset)))


def _diagflat_kind(v: Any, k: Any = 0) -> Kind:
    size = "?" if is_kind(k) else total((product(nested_dims(v)), abs(k)))
    return array_kind(nested_dtype(v), (size, size))


def _diag_kind(v: Any, k: Any = 0) -> Kind:
    return _diagflat_kind(v, k) if len(nested_dims(v)) == 1 else _diagonal_kind(v, k)


def _shifted(fn: Callable[..., Any], x: Any, *args: Any) -> Any:
    """Call a function without an offset that is 0."""
    return fn(x, *args[:-1]) if isinstance(args[-1], int) and args[-1] == 0 else fn(x, *args)


def _diag_bar(g: Any, v: Any, k: Any) -> Any:
    return _shifted(np.diag, g, k) if np.ndim(v) == 1 else _shifted(with_diagonal, g, np.shape(v), k)


def _diagonal_bar(g: Any, a: Any, offset: Any, axis1: int, axis2: int) -> Any:
    if (axis1, axis2) == (0, 1):
        return _shifted(with_diagonal, g, np.shape(a), offset)
    return with_diagonal(g, np.shape(a), offset, axis1, axis2)


_view(np.diag, lambda g, y, v, k=0: _diag_bar(g, v, k), _diag_kind)
_view(
    np.diagonal,
    lambda g, y, a, offset=0, axis1=0, axis2=1: _diagonal_bar(g, a, offset, axis1, axis2),
    _diagonal_kind,
)
_of_array(np.diagflat, lambda g, y, v, k=0: _reshaped(_shifted(np.diag, g, k), v, "C"), _diagflat_kind)
_of_array(
    with_diagonal,
    lambda g, y, x, shape, offset=0, axis1=0, axis2=1: np.diagonal(g, offset, axis1, axis2),
    lambda x, shape, offset=0, axis1=0, axis2=1: array_kind(x.dtype, lengths(shape)),
)


def _triangle_kind(m: Any, k: Any = 0) -> Kind:
    dims = nested_dims(m)
    return array_kind(nested_dtype(m), dims if len(dims) > 1 else dims * 2)


def _declare_triangle(fn: Callable[..., Any]) -> None:
    def bar(g: Any, y: Any, m: Any, k: Any = 0) -> Any:
        """A row becomes a matrix first, each row of which is that one."""
        return _shifted(fn, g, k) if np.ndim(m) > 1 else np.sum(_shifted(fn, g, k), axis=0)

    _of_array(fn, bar, _triangle_kind)


_declare_triangle(np.tril)
_declare_triangle(np.triu)

# Arrays from arrays, numbers, and lists of them.


def _array_kind(
    object: Any, dtype: Any = None, *, copy: Any = True, order: Any = "K", subok: bool = False, ndmin: int = 0
) -> Kind:
    if copy is not True and copy != 1:
        raise TypeError("whether the result shares memory is not known: write `np.asarray(...)`, or leave `copy` out")
    return _made_kind(object, dtype, ndmin=ndmin)


def _made_kind(a: Any, dtype: Any = None, order: Any = None, *, copy: Any = None, ndmin: int = 0) -> Kind:
    dims = nested_dims(a)
    return array_kind(dtype_or(dtype, nested_dtype(a)), (*(1,) * (ndmin - len(dims)), *dims))


def _array_bars(g: Any, y: Any, x: Any) -> tuple[Any, Any, Any]:
    """Each item has its own place; new axes come before."""
    return _items_of(g, x, (0,) * (np.ndim(y) - _rank(x))), None, None


vjp(
    np.array,
    lambda g, y, object, dtype=None, *, copy=True, order="K", subok=False, ndmin=0: _array_bars(g, y, object),
    when=always,
    kind=knowing(_array_kind),
)
jvp(
    np.array,
    lambda dot, y, object, dtype=None, *, copy=True, order="K", subok=False, ndmin=0: (
        np.array(dot, dtype, ndmin=ndmin) if ndmin else np.array(dot) if dtype is None else np.array(dot, dtype)
    ),
    when=always,
    wrt=(0,),
)


def _declare_conversion(fn: Callable[..., Any], kind: Callable[..., Kind], views: bool) -> None:
    vjp(
        fn,
        lambda g, y, a, dtype=None, order=None, *, copy=None: _array_bars(g, y, a),
        when=always,
        kind=knowing(kind),
        cheap=views,
        views=views,
    )
    jvp(fn, lambda dot, y, a, *args, **kwargs: fn(dot, *args, **kwargs), when=always, wrt=(0,))


for _fn in (np.asarray, np.asanyarray, np.asarray_chkfinite):
    _declare_conversion(_fn, _made_kind, views=True)
for _fn in (np.ascontiguousarray, np.asfortranarray):
    _declare_conversion(_fn, lambda a, dtype=None: _made_kind(a, dtype, ndmin=1), views=True)
_declare_conversion(np.copy, lambda a, order="K", subok=False: _made_kind(a), views=False)


def _astype_kind(
    x: Any, dtype: Any, order: str = "K", casting: str = "unsafe", subok: bool = True, copy: bool = True
) -> Kind:
    if copy is not True:
        raise TypeError("whether the result shares memory is not known: leave `copy` out")
    return array_kind(dtype_or(dtype, None), nested_dims(x))


for _fn in (primitives.astype, *present(np, "astype")):
    _of_array(_fn, lambda g, y, x, dtype, order="K", casting="unsafe", subok=True, copy=True: g, _astype_kind)
