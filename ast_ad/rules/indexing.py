"""Kinds of what indices take: items of lists, parts of shapes, elements and slices of arrays."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from ast_ad.ir import primitives
from ast_ad.ir.broadcasting import broadcast
from ast_ad.ir.kinds import (
    INT,
    UNKNOWN,
    Array,
    Dim,
    Kind,
    Length,
    List,
    Numbered,
    Scalar,
    Shape,
    Unknown,
    as_kind,
    code,
    item_of,
)
from ast_ad.ir.nodes import Form
from ast_ad.rules.dims import less
from ast_ad.rules.registry import infer
from ast_ad.runtime import Chain, Turn


def item_kind(x: Any, index: Any) -> Kind:
    """Return the kind of ``x[index]``."""
    if isinstance(index, Chain):
        for step in index.steps:
            x = _turned_kind(x, step) if isinstance(step, Turn) else item_kind(x, step)
        return as_kind(x)
    items = index if isinstance(index, tuple) else (index,)
    if isinstance(x, Unknown) or any(isinstance(item, Unknown) for item in items):
        return UNKNOWN
    x = as_kind(x)
    if isinstance(x, List):
        return _part_of_list(x, items)
    if isinstance(x, Shape):
        return _part_of_shape(x, index)
    if isinstance(x, Scalar) and x.numpy:
        x = Array(x.dtype, ())  # that is how NumPy indexes its numbers
    if not isinstance(x, Array):
        raise TypeError(f"{x} has no items")
    dims = _indexed(x.dims, [_as_array(item) for item in items])
    return Array(x.dtype, dims) if dims else Scalar(x.dtype, numpy=True)


def _turned_kind(x: Any, turn: Turn) -> Kind:
    """Return the kind of what a step of a chain leads to."""
    fn = np.ravel if turn.fn is primitives.flat else turn.fn
    operands, form = Form.of((x, *turn.args), {}, lambda value: value is x or isinstance(value, (int, Scalar)))
    literals = [(n,) if isinstance(n, int) else None for n in operands[1:]]
    kind = infer(fn, [as_kind(x), *map(as_kind, operands[1:])], [None, *literals], form)
    assert not isinstance(kind, tuple)
    return kind


def _part_of_list(x: List, items: tuple[Any, ...]) -> Kind:
    """Return the kind of an item, of a slice, or of an item in lists in lists."""
    first, *others = items
    if isinstance(first, slice):
        return x
    item = item_of(x)
    return item_kind(item, tuple(others)) if others else item


def _part_of_shape(x: Shape, index: Any) -> Kind:
    if isinstance(index, slice) and all(
        isinstance(k, (int, type(None))) for k in (index.start, index.stop, index.step)
    ):
        return Shape(x.dims[index])
    return INT


def _as_array(item: Any) -> Any:
    """Return an index with lists of numbers as kinds of arrays."""
    if not isinstance(item, (list, np.ndarray)):
        return item
    length, inner = len(item), item
    dims: list[Dim] = [length]
    while len(inner) and isinstance(inner[0], list):
        inner = inner[0]
        dims.append(len(inner))
    family = code(as_kind(inner[0])) if len(inner) else "i"
    return Array("bool" if family == "b" else "int64", tuple(dims))


def _indexed(dims: Sequence[Dim], items: list[Any]) -> tuple[Dim, ...]:
    """Return the dims of what basic and advanced indices leave (NumPy's user guide, "Indexing on ndarrays")."""
    taken = sum(_consumed(item) for item in items)
    if taken > len(dims):
        raise TypeError(f"too many indices: {taken} for an array of {len(dims)} dimensions")
    if not any(item is Ellipsis for item in items):
        items = [*items, Ellipsis]
    advanced = [i for i, item in enumerate(items) if isinstance(item, Array)]
    if advanced:
        advanced = [i for i, item in enumerate(items) if isinstance(item, Array) or _is_integer(item)]
    apart = bool(advanced) and advanced[-1] - advanced[0] >= len(advanced)
    shared: list[Sequence[Dim]] = []
    result: list[Dim] = []
    place = 0
    axis = 0
    for i, item in enumerate(items):
        if item is None:
            result.append(1)
        elif item is Ellipsis:
            rest = len(dims) - taken
            result += dims[axis : axis + rest]
            axis += rest
        elif isinstance(item, slice):
            result.append(_sliced(dims[axis], item))
            axis += 1
        elif isinstance(item, Array):
            place = len(result) if i == advanced[0] else place
            shared.append(("?",) if code(item) == "b" else item.dims)
            axis += _consumed(item)
        elif _is_integer(item):
            place = len(result) if advanced and i == advanced[0] else place
            axis += 1
        else:
            raise TypeError(f"an array is indexed by integers, slices, masks and None, not by {item!r}")
    if not advanced:
        return tuple(result)
    made = broadcast(*shared)
    return (*made, *result) if apart else (*result[:place], *made, *result[place:])


def _is_integer(item: Any) -> bool:
    if isinstance(item, (bool, np.bool_)):
        return False
    return isinstance(item, (int, np.integer)) or (isinstance(item, Scalar) and code(item) in "iu")


def _consumed(item: Any) -> int:
    if item is None or item is Ellipsis:
        return 0
    return item.ndim if isinstance(item, Array) and code(item) == "b" else 1


def _sliced(dim: Dim, item: slice) -> Dim:
    """Return the length of a slice: as a symbol that is the same for slices of the same length.

    >>> _sliced("n1", slice(1, -1)), _sliced("n1", slice(2, None)), _sliced(5, slice(1, None, 2))
    ('?n1-2', '?n1-2', 2)
    """
    if isinstance(item.stop, Length) and item.stop.dim == dim and item.stop.more >= -2:
        # With `x[:n - 3]`, a shorter `x` could be cut from its end.
        item = slice(item.start, item.stop.more if item.stop.more < 0 else None, item.step)
    limits = (item.start, item.stop, item.step)
    if not all(limit is None or isinstance(limit, (int, np.integer)) for limit in limits):
        return _sliced_at_run_time(dim, limits)
    if isinstance(dim, int):
        return len(range(*item.indices(dim)))
    start, stop, step = item.start or 0, item.stop or 0, 1 if item.step is None else item.step
    if abs(step) == 1 and item.start is None and item.stop is None:
        return dim
    if item.stop == 0 or step < 0 or not (start >= 0 and stop <= 0):
        return f"?{dim}[{item.start}:{item.stop}:{item.step}]"
    if "[" in dim or "|" in dim:
        return f"?{dim}[{item.start}:{item.stop}:{item.step}]"
    length = less(dim, start - stop)
    return length if step == 1 else f"{length}[::{step}]"


def _sliced_at_run_time(dim: Dim, limits: Sequence[Any]) -> Dim:
    """Return the length of a slice between computed limits: a symbol that is the same for the same limits."""
    names = []
    for limit in limits:
        if isinstance(limit, Length):
            names.append(f"{limit.dim}{limit.more:+}")
        elif isinstance(limit, Scalar) and not isinstance(limit, Numbered):
            return "?"
        else:
            names.append(limit.symbol if isinstance(limit, Numbered) else str(limit))
    label = f"?({dim})[{':'.join(names)}]"
    return label if len(label) <= _LONGEST else "?"


_LONGEST = 60
