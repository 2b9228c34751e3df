"""Functions of NumPy that ask for shapes and places, or make one array of a list that may have grown."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from ast_ad.frontend import arrays, containers, grown_items, late
from ast_ad.frontend.frame import Frame
from ast_ad.frontend.handlers import HANDLERS, Arguments, Handler, Keywords, of_contents
from ast_ad.frontend.library import operation
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
        if leaf is not None and isinstance(leaf.kind.item, List) and fn in (np.array, np.asarray):
            return _as_array(frame, node, fn, items, kwargs)
        if leaf is None or isinstance(leaf.kind.item, List):
            return operation(frame, node, fn, args, kwargs)
        rank = len(dims_of(leaf.kind.item))
        axis = args[1] if len(args) > 1 else kwargs.get("axis", Lit(0))
        options = {**kwargs, **({"axis": axis} if len(args) > 1 else {})}
        if fn in (np.array, np.asarray, np.vstack, np.stack) and rank == 0 and fn is not np.vstack:
            return _as_array(frame, node, fn, items, options)
        if fn in (np.array, np.asarray) or (fn is np.vstack and rank == 1) or (fn is np.stack and axis == Lit(0)):
            return _as_array(frame, node, fn, items, {} if fn is np.stack else options)
        if fn is np.stack:
            whole = grown_items.as_array(frame, node, items)
            return arrays.formed(frame, node, np.moveaxis, [whole, Lit(0), axis], {})
        if rank and fn in (np.concatenate, np.hstack, np.vstack):
            along = axis if fn is np.concatenate else Lit(0 if fn is np.vstack or rank == 1 else 1)
            return frame.op(node, primitives.concatenation_of, leaf, *([] if along == Lit(0) else [along]))
        return operation(frame, node, fn, args, kwargs)

    return handler


def _as_array(frame: Frame, node: Any, fn: Any, items: Grown, options: Keywords) -> Value:
    whole = grown_items.as_array(frame, node, items)
    return arrays.formed(frame, node, fn, [whole], options) if options else whole


def _new_array(frame: Frame, node: Any, args: Arguments, kwargs: Keywords) -> Value:
    """``np.ndarray(shape, dtype)``: an array as `np.empty` makes it."""
    given = {**dict(zip(("shape", "dtype"), args)), **kwargs}
    if len(args) > 2 or "shape" not in given or not given.keys() <= {"shape", "dtype", "order"}:
        frame.refuse(node, "an array is made in memory that is there already", "write `np.empty`, and fill it")
    return operation(frame, node, np.empty, [given.pop("shape")], given)


HANDLERS.update(
    of_contents(
        {
            **{fn: _joined(fn) for fn in (np.array, np.asarray, np.concatenate, np.hstack, np.stack, np.vstack)},
            np.isscalar: _is_scalar,
            np.ndarray: _new_array,
            np.ndim: _rank,
            np.nonzero: _nonzero,
            np.shape: _shape,
            np.where: _where,
        }
    )
)
