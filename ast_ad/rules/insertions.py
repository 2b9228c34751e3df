"""Derivatives of functions that put elements into arrays, or take them out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from ast_ad.ir.kinds import Array, Dim, Kind
from ast_ad.rules.common import as_array, at, items_of, length_along, of_array, rank_of, shaped
from ast_ad.rules.dims import array_kind, is_kind, knowing, length, lengths, nested_dims, nested_dtype, product, total
from ast_ad.rules.joining import pieces
from ast_ad.rules.registry import always, jvp, linear, vjp
from ast_ad.runtime import unbroadcast, undelete, unpad

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
        _, (_, inside), _ = pieces([before, np.shape(array)[axis], after])
        kept.append(inside)
    while kept and kept[-1].start is None and kept[-1].stop is None:
        kept.pop()
    return at(g, tuple(kept))


vjp(
    np.pad,
    lambda g, y, array, pad_width, mode="constant", *, constant_values=0, reflect_type="even": (
        items_of(_pad_bar(g, as_array(array), pad_width, _even(mode, reflect_type)), array),
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
of_array(unpad, lambda g, y, x, pad_width, mode: np.pad(g, pad_width, mode))


def _delete_kind(arr: Any, obj: Any, axis: int | None = None) -> Kind:
    dims = list(nested_dims(arr)) if axis is not None else [product(nested_dims(arr))]
    place = (axis or 0) % len(dims)
    one = isinstance(obj, (int, np.integer)) and isinstance(dims[place], int)
    dims[place] = dims[place] - 1 if one else "?"  # type: ignore[operator]
    return array_kind(nested_dtype(arr), dims)


of_array(np.delete, lambda g, y, arr, obj, axis=None: undelete(g, obj, np.shape(arr), axis), kind=_delete_kind)
of_array(
    undelete,
    lambda g, y, x, obj, shape, axis=None: np.delete(g, obj, axis),
    kind=lambda x, obj, shape, axis=None: array_kind(x.dtype, lengths(shape)),
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
    if rank_of(values) == 0:
        return obj if obj >= 0 else obj - 1
    count = length_along(values, 0)
    return slice(obj, obj + count) if obj >= 0 else slice(obj - count, obj)


def _insert_bars(g: Any, y: Any, arr: Any, obj: Any, values: Any, axis: int | None = None) -> tuple[Any, ...]:
    """Take out what was inserted: the rest is the bar of the array."""
    in_line = axis is None or rank_of(arr) == 1
    places = _places(obj, values if in_line else 0.0)
    if in_line:
        rest, taken = shaped(np.delete(g, places), as_array(arr)), g[places]
    else:
        before = (slice(None),) * (axis % np.ndim(g))  # type: ignore[operator]
        rest, taken = np.delete(g, places, axis), at(g, (*before, places))
    return items_of(rest, arr), None, items_of(unbroadcast(taken, as_array(values)), values)


linear(np.insert, _insert_bars, kind=knowing(_insert_kind), wrt=(0, 2))
