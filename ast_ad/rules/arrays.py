"""Derivatives of indexing and of the engine's helpers."""

from __future__ import annotations

import operator
from collections.abc import Sequence
from typing import Any

import numpy as np

from ast_ad.ir import primitives
from ast_ad.ir.broadcasting import broadcast
from ast_ad.ir.kinds import (
    INT,
    NONE,
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
    dims_of,
    item_of,
    join,
)
from ast_ad.ir.nodes import Form, Lit, Op, Var
from ast_ad.rules.dims import less
from ast_ad.rules.registry import inactive, infer, linear
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
