"""Functions of NumPy that ask for shapes and places, or make one array of a list that may have grown."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from ast_ad.frontend import arrays, containers, grown_items, late
from ast_ad.frontend.dispatch import call_known
from ast_ad.frontend.frame import Frame
from ast_ad.frontend.handlers import HANDLERS, Arguments, Handler, Keywords, of_contents
from ast_ad.frontend.library import operation
from ast_ad.frontend.paths import Held
from ast_ad.frontend.values import (
    Grown,
    Known,
    Value,
    is_none,
    is_operand,
    is_string,
)
from ast_ad.ir import primitives
from ast_ad.ir.kinds import List, Scalar, Unknown, dims_of
from ast_ad.ir.nodes import Lit
from ast_ad.models.arrays import block, flat_concatenation, made_arrays
from ast_ad.trees import flatten, unflatten


def _shape(frame: Frame, node: Any, args: Arguments, kwargs: Keywords) -> Value:
    (value,) = args or kwargs.values()
    if arrays.is_array(value):
        return arrays.shape_of(frame, node, value)
    return () if is_operand(value) else arrays.formed(frame, node, np.shape, [value], {})


def _rank(frame: Frame, node: Any, args: Arguments, kwargs: Keywords) -> Value:
    (value,) = args or kwargs.values()
    late.check_known(frame, node, value)
    known = is_operand(value) and not isinstance(value.kind, Unknown)
    return Lit(len(dims_of(value.kind))) if known else arrays.formed(frame, node, np.ndim, [value], {})


def _is_scalar(frame: Frame, node: Any, args: Arguments, kwargs: Keywords) -> Value:
    """`np.isscalar`: of a number or a text, and not of an array, a list or an object."""
    (value,) = args or kwargs.values()
    if is_operand(value) and isinstance(value.kind, Unknown):
        return operation(frame, node, np.isscalar, args, kwargs)
    return Lit(is_string(value) or (is_operand(value) and isinstance(value.kind, Scalar)))


def _nonzero(frame: Frame, node: Any, args: Arguments, kwargs: Keywords) -> Value:
    """The places where an array is not zero: one array of them for each dimension, in a tuple."""
    (value,) = args or kwargs.values()
    if arrays.is_array(value) and value.kind.ndim == 1:
        return (frame.op(node, np.flatnonzero, value),)
    return arrays.formed(frame, node, np.nonzero, [value], {})


def _where(frame: Frame, node: Any, args: Arguments, kwargs: Keywords) -> Value:
    if len(args) == 1 and not kwargs:
        return _nonzero(frame, node, args, kwargs)
    return operation(frame, node, np.where, args, kwargs)


def _of_objects(frame: Frame, args: Arguments) -> Value | None:
    """Return the array that a list of None makes, as people prepare for numbers that come later: a known object."""
    inside = containers.plain(frame, args[0]) if len(args) == 1 else None
    if type(inside) not in (tuple, list):
        return None
    leaves, tree = flatten(inside, lambda value: is_operand(value) or isinstance(value, Known))
    if not leaves or not all(map(is_none, leaves)):
        return None
    return Known(np.array(unflatten(tree, [None] * len(leaves))))


_ALONG: dict[Any, int] = {
    np.vstack: 0,
    np.hstack: 1,
    (np.hstack, 1): 0,
    (np.column_stack, 2): 1,
    (np.column_stack, 3): 1,
    (np.dstack, 3): 2,
}
"""The axis along which functions join arrays, of every rank or of one (3: or more)."""


def _joined(fn: Callable[..., Any]) -> Handler:
    """Make the handler of a function that makes one array of a list of arrays, also of one that has grown."""

    def handler(frame: Frame, node: Any, args: Arguments, kwargs: Keywords) -> Value:
        objects = _of_objects(frame, args) if fn is np.array and not kwargs else None
        if objects is not None:
            return objects
        if not args or not isinstance(args[0], Grown):
            return operation(frame, node, fn, args, kwargs)
        items = grown_items.all_there(frame, node, args[0])
        leaf = containers.single(items)
        if leaf is None or fn in (np.array, np.asarray):
            return _as_array(frame, node, fn, items, args[1:], kwargs)
        if isinstance(leaf.kind.item, List):
            made = call_known(frame, node, Known(made_arrays, Held(made_arrays)), [items.home], {})
            return handler(frame, node, [containers.seen(frame, made), *args[1:]], kwargs)
        if kwargs.keys() - {"axis"}:
            return _with_options(frame, node, handler, args, kwargs)
        rank = len(dims_of(leaf.kind.item))
        axis = args[1] if len(args) > 1 else kwargs.get("axis", Lit(0))
        if is_none(axis):
            return call_known(frame, node, Known(flat_concatenation, Held(flat_concatenation)), [items.home], {})
        if (fn is np.stack and (rank == 0 or axis == Lit(0))) or (fn is np.vstack and rank == 1):
            return grown_items.as_array(frame, node, items)
        if fn is np.stack:
            whole = grown_items.as_array(frame, node, items)
            return arrays.formed(frame, node, np.moveaxis, [whole, Lit(0), axis], {})
        along = axis if fn is np.concatenate else Lit(_ALONG.get((fn, min(rank, 3)), _ALONG.get(fn)))
        if rank and along != Lit(None):
            return frame.op(node, primitives.concatenation_of, leaf, *([] if along == Lit(0) else [along]))
        return operation(frame, node, fn, args, kwargs)

    return handler


def _with_options(frame: Frame, node: Any, handler: Handler, args: Arguments, kwargs: Keywords) -> Value:
    """Return what `np.concatenate` and others make of a list that has grown, in the dtype that they are told."""
    if kwargs.keys() - {"axis", "dtype"}:
        frame.refuse(node, "a list that has grown is joined with options", "leave out all but `axis` and `dtype`")
    joined = handler(frame, node, args, {name: value for name, value in kwargs.items() if name == "axis"})
    return arrays.formed(frame, node, np.asarray, [joined], {"dtype": kwargs["dtype"]})


def _as_array(frame: Frame, node: Any, fn: Any, items: Grown, further: Arguments, options: Keywords) -> Value:
    whole = grown_items.as_array(frame, node, items)
    plain = fn in (np.array, np.asarray) and not further and not options
    return whole if plain else arrays.formed(frame, node, fn, [whole, *further], options)


def _blocks(frame: Frame, node: Any, args: Arguments, kwargs: Keywords) -> Value:
    """`np.block`, which joins what is in a list and not in an array: of lists that have grown, row by row."""
    given = list(args or kwargs.values())
    if len(given) != 1 or not _has_grown(frame, given[0]):
        return operation(frame, node, np.block, args, kwargs)
    if _depth(frame, given[0]) > 2:
        frame.refuse(node, "`np.block` of lists three deep, of which one has grown", "join them by `np.concatenate`")
    return call_known(frame, node, Known(block, Held(block)), given, {})


def _has_grown(frame: Frame, value: Value) -> bool:
    value = containers.seen(frame, value)
    return isinstance(value, Grown) or (type(value) is list and any(_has_grown(frame, item) for item in value))


def _depth(frame: Frame, value: Value) -> int:
    """Return how deep the lists are."""
    value = containers.seen(frame, value)
    if type(value) is list:
        return 1 + max((_depth(frame, item) for item in value), default=0)
    kind = value.kind if is_operand(value) else None
    if isinstance(value, Grown):
        leaf = containers.single(value)
        kind = None if leaf is None else leaf.kind
    depth = 0
    while isinstance(kind, List):
        depth, kind = depth + 1, kind.item
    return depth


def _new_array(frame: Frame, node: Any, args: Arguments, kwargs: Keywords) -> Value:
    """``np.ndarray(shape, dtype)``: an array as `np.empty` makes it."""
    given = {**dict(zip(("shape", "dtype"), args)), **kwargs}
    if len(args) > 2 or "shape" not in given or not given.keys() <= {"shape", "dtype", "order"}:
        frame.refuse(node, "an array is made in memory that is there already", "write `np.empty`, and fill it")
    return operation(frame, node, np.empty, [given.pop("shape")], given)


_JOIN = (np.array, np.asarray, np.column_stack, np.concatenate, np.dstack, np.hstack, np.stack, np.vstack)

HANDLERS.update(
    of_contents(
        {
            **{fn: _joined(fn) for fn in _JOIN},
            np.isscalar: _is_scalar,
            np.ndarray: _new_array,
            np.ndim: _rank,
            np.nonzero: _nonzero,
            np.shape: _shape,
            np.where: _where,
        }
    )
)
HANDLERS[np.block] = _blocks
