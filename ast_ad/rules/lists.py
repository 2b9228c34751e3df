"""Derivatives of lists that grow: the adjoint of a list is a list of adjoints, as long as it."""

from __future__ import annotations

import builtins
import operator
from dataclasses import replace
from typing import Any

import numpy as np

from ast_ad.ir import primitives
from ast_ad.ir.kinds import BOOL, INT, Array, Dim, Kind, List, Scalar, Undefined, as_kind, dims_of, item_of, join
from ast_ad.rules.indexing import item_kind
from ast_ad.rules.registry import inactive, jvp, linear, vjp
from ast_ad.runtime import (
    add_at,
    add_lists,
    copied_lists,
    nested_rows,
    put_back,
    real_lists,
    repeat_lists,
    sorting_order,
    split_like,
    taken,
    zero_of,
    zeros_of,
)


def list_kind(*items: Any) -> Kind:
    """Return the kind of a list of items of these kinds.

    Raises
    ------
    TypeError
        Where no kind holds all of them.
    """
    kind: Kind | None = Undefined()
    for item in items:
        kind = None if kind is None else join(kind, as_kind(item))
    if kind is None:
        raise TypeError(f"a list of {', '.join(str(as_kind(item)) for item in items)} has no single kind")
    return List(kind)


def _appended_kind(items: Any, item: Any) -> Kind:
    return list_kind(items.item, item)


def _list_of_dots(*given: Any) -> Any:
    """The tangents of the items; one that is missing is a zero of the shape of its item."""
    count = len(given) // 2
    pairs = zip(given[:count], given[count + 1 :])
    return primitives.list_of(*[zero_of(item) if _is_missing(dot) else dot for dot, item in pairs])


def _is_missing(dot: Any) -> bool:
    return isinstance(dot, float) and dot == 0.0


def _inserted_bars(g: Any, y: Any, items: Any, index: Any, item: Any) -> Any:
    """What belongs to the item is read before it is deleted."""
    bar = g[index]
    return primitives.deleted(g, index), None, bar


def _zero_at(items: Any, index: Any) -> Any:
    """Zero, of the shape of an item."""
    return 0.0 if isinstance(items.kind.item, Scalar) else zero_of(items[index])


vjp(
    primitives.list_of,
    lambda g, y, *items: tuple(g[i] for i in range(len(items))),
    kind=list_kind,
    effects=("allocates",),
)
jvp(primitives.list_of, _list_of_dots)
linear(
    primitives.append,
    lambda g, y, items, item: primitives.popped(g),
    kind=_appended_kind,
    wrt=(0, 1),
    views=True,
)
linear(
    primitives.popped,
    lambda g, y, items: primitives.append(g[0], g[1]),
    kind=lambda items: (items, item_of(items)),
    views=True,
)
linear(
    primitives.inserted,
    _inserted_bars,
    kind=lambda items, index, item: list_kind(items.item, item),
    wrt=(0, 2),
    views=True,
)
linear(
    primitives.deleted,
    lambda g, y, items, index: primitives.inserted(g, index, _zero_at(items, index)),
    kind=lambda items, index: items,
    views=True,
)
linear(
    primitives.swapped,
    lambda g, y, items, i, j: primitives.swapped(g, i, j),
    kind=lambda items, i, j: items,
    views=True,
)
linear(
    primitives.item_at,
    lambda g, y, items, *path: add_at(zeros_of(items), path, g),
    kind=lambda items, *path: item_kind(items, path),
    cheap=True,
)
linear(
    primitives.repeated,
    lambda g, y, item, count: builtins.sum(g),
    kind=lambda item, count: List(as_kind(item)),
    effects=("allocates",),
)
linear(
    primitives.joined,
    lambda g, y, a, b: (g[: builtins.len(a)], g[builtins.len(a) :]),
    kind=lambda a, b: list_kind(a.item, b.item),
    wrt=(0, 1),
)
linear(add_lists, lambda g, y, a, b: (g, g), kind=lambda a, b: list_kind(a.item, b.item), wrt=(0, 1))


def _summed_kind(items: Any, start: Any = 0) -> Kind:
    kind = join(item_of(items), as_kind(start))
    if kind is None:
        raise TypeError(f"the sum of {items} is of no single kind")
    return kind


linear(
    sum,
    lambda g, y, items, start=0: (primitives.repeated(g, builtins.len(items)), g),
    kind=_summed_kind,
    wrt=(0, 1),
)


def _array_kind(items: Any, dtype: Any = None) -> Kind:
    dims: tuple[Dim, ...] = ()
    kind = items
    while isinstance(kind, List):
        dims, kind = (*dims, "?"), kind.item
    if not isinstance(kind, (Scalar, Array)):
        raise TypeError(f"{items} makes no array")
    return Array(_DTYPES.get(kind.dtype, kind.dtype), (*dims, *dims_of(kind)))


_DTYPES = {"bool": "bool", "int": "int64", "float": "float64", "complex": "complex128"}


def _items_back(g: Any, y: Any, items: Any, dtype: Any = None) -> Any:
    """The parts of an array's adjoint, in lists as `items` are: numbers as Python's, arrays as rows."""
    depth, item = 1, items.kind.item
    while isinstance(item, List):
        depth, item = depth + 1, item.item
    if not isinstance(item, Array):
        return primitives.tolist(g)
    return primitives.rows_of(g) if depth == 1 else nested_rows(g, depth)


def _rows_kind(x: Any, depth: Any = 1) -> Kind:
    kind: Kind = Array(x.dtype, x.dims[depth:])
    for _ in range(depth):
        kind = List(kind)
    return kind


def _nested_kind(x: Any) -> Kind:
    kind: Kind = Scalar({"f": "float", "c": "complex", "b": "bool"}.get(np.dtype(x.dtype).kind, "int"))
    for _ in x.dims:
        kind = List(kind)
    return kind


linear(primitives.array_of, _items_back, kind=_array_kind)
linear(primitives.rows_of, lambda g, y, x: primitives.array_of(g), kind=_rows_kind, views=True)
linear(nested_rows, lambda g, y, x, depth: primitives.array_of(g), kind=_rows_kind, views=True)
linear(primitives.tolist, lambda g, y, x: primitives.array_of(g), kind=_nested_kind)


def _concatenated_kind(items: Any, axis: Any = 0) -> Kind:
    dims = items.item.dims
    return Array(items.item.dtype, tuple("?" if i == axis % len(dims) else dim for i, dim in enumerate(dims)))


linear(
    primitives.concatenation_of,
    lambda g, y, items, axis=0: split_like(g, items, axis),
    kind=_concatenated_kind,
)
linear(
    split_like,
    lambda g, y, x, items, axis=0: (primitives.concatenation_of(g, axis), None),
    kind=lambda x, items, axis=0: items,
    shaped_by=(1,),
)
linear(
    repeat_lists,
    lambda g, y, row, count: primitives.tolist(np.sum(primitives.array_of(g), axis=0)),
    kind=lambda row, count: List(row),
)
linear(
    taken,
    lambda g, y, items, order: put_back(g, order),
    kind=lambda items, order: items,
)
linear(
    put_back,
    lambda g, y, items, order: taken(g, order),
    kind=lambda items, order: items,
)
inactive(sorting_order, kind=lambda items, reverse=False: List(INT))
inactive(operator.contains, kind=lambda items, item: BOOL, cheap=True)
inactive(operator.countOf, kind=lambda items, item: INT)
inactive(zeros_of, kind=lambda items: items, effects=("allocates",))
inactive(zero_of, kind=as_kind, cheap=True)
inactive(primitives.index_of, kind=lambda items, item: INT)
linear(copied_lists, lambda g, y, items: g, kind=lambda items: items, cheap=True)


def _real_kind(kind: List | Array | Scalar) -> List | Array | Scalar:
    """Return the kind of the real parts of numbers, in lists or arrays."""
    if isinstance(kind, List):
        return List(_real_kind(kind.item))  # type: ignore[arg-type]
    dtype = "float" if kind.dtype == "complex" else np.zeros((), kind.dtype).real.dtype.name
    return replace(kind, dtype=dtype)


linear(real_lists, lambda g, y, items: g, kind=_real_kind)
for _extreme in (primitives.largest, primitives.smallest):
    vjp(
        _extreme,
        lambda g, y, items: add_at(zeros_of(items), primitives.index_of(items, y), g),
        kind=item_of,
    )
    jvp(_extreme, lambda dot, y, items: dot[primitives.index_of(items, y)])
