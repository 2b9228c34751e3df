"""Derivatives of functions that join arrays, and of those that split them: each is the transpose of the other."""

from __future__ import annotations

import functools
import itertools
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from ast_ad.ir.kinds import Array, Dim, Kind, List, dims_of
from ast_ad.rules.common import as_array, as_long_as, at, items_of, length_along, of_array, rank_of, shaped
from ast_ad.rules.dims import (
    array_kind,
    dtype_or,
    is_kind,
    knowing,
    leaves,
    nested_dims,
    nested_dtype,
    part_of,
    product,
    same,
    several,
    total,
)
from ast_ad.rules.indexing import item_kind
from ast_ad.rules.mathematics import present
from ast_ad.rules.registry import linear
from ast_ad.rules.shapes import as_planes, as_row, plane
from ast_ad.rules.trial import Result

_fn: Callable[..., Any]
_view = functools.partial(of_array, cheap=True, views=True)

# Arrays that are joined.


def _is_known(sizes: Sequence[Any]) -> bool:
    return all(isinstance(size, int) for size in sizes)


def _edge(before: Sequence[Any], after: Sequence[Any]) -> Any:
    """Return the index where one piece ends and the next begins: from the end, where only what follows is known."""
    from_the_end = not _is_known(before) and _is_known(after) and sum(after) > 0
    return -sum(after) if from_the_end else sum(before)


def pieces(sizes: Sequence[Any]) -> list[tuple[Any, slice]]:
    """Return where each of several pieces begins, and the slice that it is."""
    found = []
    for i in range(len(sizes)):
        start, rest = _edge(sizes[:i], sizes[i:]), sizes[i + 1 :]
        stop = None if _is_known(rest) and sum(rest) == 0 else _edge(sizes[: i + 1], rest)
        found.append((start, slice(None if isinstance(start, int) and start == 0 else start, stop)))
    return found


def _cut(g: Any, items: Any, axis: int, least: int, index: Callable[[int, Any, slice], tuple[Any, ...]]) -> Any:
    """Cut `g` into the bars of the arrays, or of the rows of one, that were joined along an axis.

    Those of a rank under `least` took one place each. `index` makes the index of one that has this rank, begins there
    and takes this slice.
    """
    if not isinstance(items, (list, tuple)):
        return _rows(g, items, axis, least)
    sizes = [length_along(item, axis) if rank_of(item) >= least else 1 for item in items]
    parts = [at(g, index(rank_of(item), start, piece)) for item, (start, piece) in zip(items, pieces(sizes))]
    return [items_of(as_long_as(part, item), item) for part, item in zip(parts, items)]


def _rows(g: Any, x: Any, axis: int, least: int) -> Any:
    """Return the bar of one array whose rows were joined: the inverse of a transposition and a reshape."""
    if np.ndim(x) - 1 < least:
        apart = np.moveaxis(g, axis, 0) if axis else g
        return apart if np.ndim(g) == np.ndim(x) else np.reshape(apart, np.shape(x))
    if axis == 0:
        return np.reshape(g, np.shape(x))
    order = [*range(1, axis + 1), 0, *range(axis + 1, np.ndim(x))]
    return np.moveaxis(np.reshape(g, tuple(np.shape(x)[k] for k in order)), axis, 0)


def _concatenated(g: Any, arrays: Any, axis: int | None) -> Any:
    if axis is not None:
        before = (slice(None),) * (axis % np.ndim(g))
        return _cut(g, arrays, len(before), 0, lambda rank, start, piece: (*before, piece))
    if not isinstance(arrays, (list, tuple)):
        return np.reshape(g, np.shape(arrays))
    wholes = [as_array(item) for item in arrays]
    places = pieces([np.size(whole) for whole in wholes])
    parts = [g[piece] if np.ndim(whole) else g[start] for whole, (start, piece) in zip(wholes, places)]
    return [items_of(as_long_as(shaped(part, whole), whole), item) for part, whole, item in zip(parts, wholes, arrays)]


def _stacked(g: Any, arrays: Any, axis: int) -> Any:
    axis %= np.ndim(g)
    return _cut(g, arrays, axis, np.ndim(g), lambda rank, start, piece: (*(slice(None),) * axis, start))


def _hstacked(g: Any, tup: Any) -> Any:
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
    if not all(rows):
        raise TypeError("arrays without dimensions have nothing to join")
    joined = (axis or 0) % len(rows[0])
    made = [same(column) for column in zip(*rows)]
    made[joined] = product((total([row[joined] for row in rows]), number))
    return array_kind(dtype_or(dtype, nested_dtype(arrays)), made)


def _of_list(fn: Callable[..., Any], bars: Callable[..., Any], kind: Callable[..., Result]) -> None:
    """Declare a function that is linear in a list of arrays, or in the rows of one."""

    @functools.wraps(bars)
    def rule(g: Any, y: Any, arrays: Any, *args: Any, **kwargs: Any) -> Any:
        return (bars(g, y, arrays, *args, **kwargs),)

    linear(fn, rule, kind=knowing(kind))


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
    lambda g, y, arrays, axis=0, *, dtype=None, casting="same_kind": _concatenated(g, arrays, axis),
    lambda arrays, axis=0, *, dtype=None, casting="same_kind": _joined_kind(arrays, axis, lambda *dims: dims, dtype),
)
_of_list(
    np.stack,
    lambda g, y, arrays, axis=0, *, dtype=None, casting="same_kind": _stacked(g, arrays, axis),
    _stack_kind,
)
for _fn in dict.fromkeys(present(np, "vstack", "row_stack")):
    _of_list(
        _fn,
        lambda g, y, tup, *, dtype=None, casting="same_kind": _cut(
            g, tup, 0, 2, lambda rank, start, piece: ((start, 0), (start,), (piece,))[min(rank, 2)]
        ),
        lambda tup, *, dtype=None, casting="same_kind": _joined_kind(tup, 0, as_row, dtype),
    )
_of_list(np.hstack, lambda g, y, tup, *, dtype=None, casting="same_kind": _hstacked(g, tup), _hstack_kind)
_of_list(
    np.dstack,
    lambda g, y, tup: _cut(g, tup, 2, 3, lambda rank, k, piece: plane(rank, k) or (slice(None), slice(None), piece)),
    lambda tup: _joined_kind(tup, 2, as_planes, None),
)
_of_list(
    np.column_stack,
    lambda g, y, tup: _cut(
        g, tup, 1, 2, lambda rank, k, piece: ((0, k), (slice(None), k), (slice(None), piece))[min(rank, 2)]
    ),
    lambda tup: _joined_kind(tup, 1, lambda *dims: dims if len(dims) > 1 else (*(dims or (1,)), 1)[:2], None),
)


linear(
    np.append,
    lambda g, y, arr, values, axis=None: tuple(_concatenated(g, (arr, values), axis)),
    kind=knowing(lambda arr, values, axis=None: _joined_kind([arr, values], axis, lambda *dims: dims, None)),
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
        return at(g, tuple(start if axis < missing else piece for axis, (start, piece) in enumerate(places)))
    firsts = [_first_leaf(item) for item in arrays]
    sizes = [np.shape(first)[-depth] if np.ndim(first) >= depth else 1 for first in firsts]
    return [_block_bars(g, item, depth - 1, (*places, place)) for item, place in zip(arrays, pieces(sizes))]


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
    lambda g, y, arrays: _block_bars(g, arrays, _depth(arrays), ((0, slice(None)),) * (np.ndim(g) - _depth(arrays))),
    _block_kind,
)


# Arrays that are split.


def _parts(fn: Callable[..., Any], dim: Dim, sections: Any) -> list[Dim]:
    """Return the lengths of the parts that an axis is split into."""
    if isinstance(sections, Array) and isinstance(sections.dims[0], int):
        return ["?"] * (sections.dims[0] + 1)
    if is_kind(sections):
        raise TypeError("the number of parts has to be known before the call runs")
    if isinstance(sections, (list, tuple)):
        limits = itertools.pairwise([None, *sections, None])
        return [dims_of(item_kind(Array("float64", (dim,)), slice(*pair)))[0] for pair in limits]
    if isinstance(dim, int):
        return [len(part) for part in np.array_split(np.empty(dim), sections)]
    return ["?" if fn is np.array_split else part_of(dim, sections)] * sections


def _declare_split(fn: Callable[..., Any], along: Callable[[int, int], int]) -> None:
    def kind(ary: Any, indices_or_sections: Any, axis: int = 0) -> Result:
        dims = nested_dims(ary)
        axis = along(len(dims), axis)
        parts = _parts(fn, dims[axis], indices_or_sections)
        return several([array_kind(nested_dtype(ary), (*dims[:axis], part, *dims[axis + 1 :])) for part in parts])

    _view(
        fn,
        lambda g, y, ary, indices_or_sections, axis=0: np.concatenate(g, along(np.ndim(ary), axis)),
        kind=kind,
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
    _view(_fn, lambda g, y, x, *, axis=0: np.stack(g, axis), kind=_unstack_kind)
