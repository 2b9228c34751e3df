"""Derivatives of indexing and of the engine's helpers."""

from __future__ import annotations

import operator
from typing import Any

import numpy as np

from ast_ad.ir import primitives
from ast_ad.ir.kinds import (
    NONE,
    UNKNOWN,
    Array,
    Kind,
    List,
    Scalar,
    Unknown,
    as_kind,
    code,
    dims_of,
    join,
)
from ast_ad.ir.nodes import Lit, Op, Var
from ast_ad.rules.indexing import item_kind
from ast_ad.rules.registry import inactive, linear
from ast_ad.rules.tracing import Tracer
from ast_ad.runtime import (
    Chain,
    Turn,
    add_at,
    check_apart,
    check_inexact,
    check_order,
    check_rows,
    check_same,
    copied_lists,
    fitted,
    or_zeros,
    refitted,
    set_at,
    strided,
    unbroadcast,
    with_imag,
    written_at,
    zero_of,
    zeros_of,
)
from ast_ad.trees import LEAF, TupleTree, holds_list

_READ_ONLY = (
    *(np.broadcast_to, np.diagonal, np.diag, np.broadcast_arrays),
    *(strided, np.lib.stride_tricks.sliding_window_view),
)


def is_read_only(op: Op) -> bool:
    """Tell whether what an operation returns is a view that NumPy does not let anyone write to."""
    if op.fn is np.diag and len(dims_of(op.outs[0].kind)) == 2:
        return False  # a new matrix
    return any(op.fn is fn for fn in _READ_ONLY)


def is_update(fn: Any) -> bool:
    """Tell whether the (first) result of a function is its first argument, changed.

    The emitter writes such an operation in place.
    """
    return id(fn) in _UPDATES


_OF_LISTS = (primitives.append, primitives.popped, primitives.inserted, primitives.deleted, primitives.swapped)
_UPDATES = frozenset(map(id, (add_at, set_at, *_OF_LISTS)))


def takes_copy(op: Op) -> bool:
    """Tell whether an index takes a copy: one with an integer for each axis, with an array, or with a list."""
    if op.fn is not operator.getitem:
        return False
    if isinstance(op.args[0].kind, Array) and _names_element(op, op.args[0].kind.ndim):  # type: ignore[union-attr]
        return True
    listed = op.form is not None and any(map(holds_list, op.form.args[1:]))
    return listed or any(isinstance(operand, Var) and isinstance(operand.kind, Array) for operand in op.args[1:])


def _names_element(op: Op, ndim: int) -> bool:
    """Tell whether an index has an integer for each axis."""
    tree = LEAF if op.form is None else op.form.args[1]
    places = tree.items if isinstance(tree, TupleTree) else (tree,)
    kinds = [each.kind for each in op.args[1:] if isinstance(each, (Var, Lit))]
    integers = all(isinstance(kind, Scalar) and code(kind) in "iu" for kind in kinds)
    return integers and len(places) == ndim == len(kinds) and all(place == LEAF for place in places)


linear(
    operator.getitem,
    # Whatever the index, the items of an array without dimensions are the number in it.
    lambda g, y, x, index: add_at(_zeros(x), index, g) if _is_list(x) or np.ndim(x) else np.sum(g),
    kind=item_kind,
    smaller=True,
    cheap=True,
    views=True,
)


def _zeros(x: Any) -> Any:
    return zeros_of(x) if _is_list(x) else np.zeros_like(x)


def _item(items: Any, index: Any) -> Any:
    """Return an item of a list, or of a list in it."""
    return primitives.item_at(items, *index) if isinstance(index, tuple) else items[index]


def _is_list(x: Any) -> bool:
    return isinstance(getattr(x, "kind", None), List) or isinstance(x, list)


def _updated_kind(x: Any, index: Any, value: Any) -> Kind:
    kind = as_kind(x)
    if not isinstance(kind, List) or isinstance(index, slice):
        return kind
    others = index[1:] if isinstance(index, tuple) else ()
    item = _updated_kind(kind.item, others, value) if others else join(kind.item, as_kind(value))
    if item is None:
        raise TypeError(f"{kind} takes no {as_kind(value)}")
    return List(item)


def _set_at_bars(g: Any, y: Any, x: Any, index: Any, value: Any) -> tuple[Any, ...]:
    """The part that was written belongs to the value; it is read first, so that `g` may then be updated in place."""
    if _is_list(x):
        part = _item(g, index)
        if not _is_list(part) and not np.ndim(part):
            return set_at(g, index, 0.0), None, part
        # What was there before may have had another length.
        if _is_list(part):
            part = copied_lists(part) if isinstance(part.kind.item, List) else part.copy()
            return set_at(g, index, zero_of(_item(x, index))), None, part
        # A number may stand in a list of arrays.
        if not np.ndim(value):
            return set_at(g, index, zero_of(_item(x, index))), None, _of_value(part, value)
        same = part.dims == value.dims == _item(x, index).dims
        return set_at(g, index, zero_of(part if same else _item(x, index))), None, part
    if _is_number(g):
        return np.zeros_like(x), None, _of_value(g, value)
    part = _of_value(_arriving(g, index), value)
    return set_at(g, index, 0.0), None, part


def _is_number(g: Any) -> bool:
    """Tell whether an adjoint is a number: that of an array without dimensions, whose parts are all of it."""
    return isinstance(getattr(g, "kind", None), Scalar) or isinstance(g, (int, float, complex))


def _of_value(part: Any, value: Any) -> Any:
    """What reaches a value that was broadcast to a part; it may have leading axes of length 1."""
    extra = np.ndim(value) - np.ndim(part)
    if extra <= 0:
        return unbroadcast(part, value)
    return np.reshape(unbroadcast(part, value[(0,) * extra]), np.shape(value))


def _arriving(g: Any, index: Any) -> Any:
    """What reaches the value that is written: a part of `g`, which is about to be overwritten."""
    if isinstance(index, Chain) and _names_elements(index.steps[-1]):
        *steps, index = index.steps
        g = g[Chain(*steps)]
    if _names_elements(index):
        return written_at(g, index)
    return g[index].copy() if np.ndim(g[index]) else g[index]


def _names_elements(index: Any) -> bool:
    """Tell whether an index may name an element twice: one with lists or arrays of integers may."""
    items = index if isinstance(index, tuple) else () if isinstance(index, (Chain, Turn)) else (index,)
    return any(
        isinstance(item, list) or (np.ndim(item) > 0 and item.dtype != bool) for item in items if _has_rank(item)
    )


def _has_rank(item: Any) -> bool:
    return item is not None and item is not Ellipsis and not isinstance(item, slice)


linear(
    add_at,
    lambda g, y, x, index, value: (
        g,
        None,
        _of_value(_item(g, index) if _is_list(x) else g if _is_number(g) else g[index], value),
    ),
    kind=_updated_kind,
    views=True,
    wrt=(0, 2),
)
linear(
    set_at,
    _set_at_bars,
    kind=_updated_kind,
    views=True,
    wrt=(0, 2),
)


def _unbroadcast_kind(g: Any, like: Any) -> Kind:
    g, like = as_kind(g), as_kind(like)
    if isinstance(g, Unknown) or isinstance(like, Unknown):
        return UNKNOWN
    dtype = g.dtype if isinstance(g, Array) else np.dtype(g.dtype).name
    return Array(dtype, like.dims) if isinstance(like, Array) else Scalar(dtype, numpy=True)


linear(
    written_at,
    lambda g, y, x, index: set_at(np.zeros_like(x), index, g),
    kind=item_kind,
)


linear(primitives.same, lambda g, y, x: g, kind=lambda x: x, smaller=True, cheap=True, views=True)
linear(primitives.kept, lambda g, y, x: g, kind=lambda x: x, smaller=True, cheap=True, views=True)
linear(primitives.copy, lambda g, y, x: g, kind=as_kind, smaller=True, cheap=True)


linear(
    unbroadcast,
    lambda g, y, x, like: (
        refitted(g, x) if isinstance(x, Tracer) and x.may_be_smaller(like) else np.broadcast_to(g, x.shape),
        None,
    ),
    shaped_by=(1,),
    kind=_unbroadcast_kind,
    views=True,
)

linear(
    refitted,
    lambda g, y, x, like: (refitted(g, x), None),
    shaped_by=(1,),
    kind=_unbroadcast_kind,
    views=True,
)


def _or_zeros_bars(g: Any, y: Any, x: Any, like: Any) -> tuple[Any, None]:
    """Where the shapes are known to be equal, what is replaced is a number, the same for each element."""
    equal = not _is_list(x) and x.kind == like.kind
    return g if equal else or_zeros(g, x), None


linear(
    or_zeros,
    _or_zeros_bars,
    shaped_by=(1,),
    kind=lambda g, like: as_kind(g) if isinstance(as_kind(like), List) else _unbroadcast_kind(g, like),
    views=True,
)

linear(
    fitted,
    lambda g, y, x, like: (g, None),
    shaped_by=(1,),
    kind=lambda value, like: Array(value.dtype, like.dims),
    smaller=True,
    cheap=True,
    views=True,
)

linear(with_imag, lambda g, w, z, part: (g.real, -g.imag), kind=lambda z, part: as_kind(z), wrt=(0, 1))

inactive(check_rows, kind=lambda *arrays: NONE, effects=("raises",))
inactive(check_apart, kind=lambda *arrays: NONE, effects=("raises",))
inactive(check_same, kind=lambda *arrays: NONE, effects=("raises",))
inactive(check_inexact, kind=lambda array, where: NONE, effects=("raises",))
inactive(check_order, kind=lambda array, axes: NONE, effects=("raises",))
