"""Lowering of what is done with arrays: calls of NumPy's functions, indices, lengths, updates by `+=`."""

from __future__ import annotations

import functools
import math
import operator
import types
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import gast
import numpy as np

from ast_ad.frontend import containers, facts, grown_items, memory, mistakes, views
from ast_ad.frontend.frame import Frame
from ast_ad.frontend.values import Grown, Known, Method, Range, Value, is_operand
from ast_ad.frontend.wording import describe
from ast_ad.ir import primitives
from ast_ad.ir.broadcasting import is_stretched
from ast_ad.ir.kinds import Array, List, Opaque, Scalar, code, dims_of
from ast_ad.ir.nodes import Form, Lit, Operand, Var
from ast_ad.runtime import eig, fitted
from ast_ad.trees import GENERATORS

_OPTIONS = (str, types.NoneType, types.EllipsisType, type, np.dtype)
"""What an argument of a function of NumPy may be beside numbers, arrays, and sequences of these."""


def is_array(value: Value) -> bool:
    """Tell whether an abstract value is an array."""
    return isinstance(value, Var) and isinstance(value.kind, Array)


def is_numpy(value: Value) -> bool:
    """Tell whether an abstract value is an array or a scalar of NumPy: both have the same attributes and methods."""
    return is_array(value) or (is_operand(value) and isinstance(value.kind, Scalar) and value.kind.numpy)


_SOURCES = {each.__name__: each for each in GENERATORS}


def is_generator(value: Value) -> bool:
    """Tell whether an abstract value is a source of random numbers."""
    return is_operand(value) and isinstance(value.kind, Opaque) and value.kind.type in _SOURCES


def generator_method(frame: Frame, node: Any, method: Method) -> Callable[..., Any]:
    """Return a method of a source of random numbers as a function of the source."""
    cls = _SOURCES[method.owner.kind.type]
    found = getattr(cls, method.name, None)
    if found is None:
        frame.misfit(node, f"a {cls.__name__} has no method `{method.name}`")
    return found  # type: ignore[no-any-return]


def plain(frame: Frame, node: Any, value: Value) -> Any:
    """Return an argument of an operation with its options as the objects that they are, and operands as they are."""
    value = containers.seen(frame, facts.present(frame, node, value))
    if isinstance(value, Grown):
        return grown_items.as_array(frame, node, value)
    if is_operand(value):
        return value
    if isinstance(value, Known) and isinstance(value.value, _OPTIONS):
        return value.value
    if isinstance(value, Range):
        numbers = value.known()
        return frame.op(node, np.arange, *value) if numbers is None else list(map(Lit, numbers))
    if type(value) in (tuple, list):
        return type(value)(plain(frame, node, item) for item in value)
    if isinstance(value, tuple) and hasattr(value, "_fields") and not isinstance(value, (Range, Method)):
        return tuple(plain(frame, node, item) for item in value)
    if isinstance(value, slice):
        return slice(*(plain(frame, node, limit) for limit in (value.start, value.stop, value.step)))
    frame.misfit(node, f"a number or an array is needed here, and this is {describe(value)}")


def plain_index(frame: Frame, node: Any, index: Value) -> Any:
    """Return an index as `plain` does; a tuple of integers in it is as good as a list, one of arrays is an array."""

    def one(item: Value) -> Any:
        grown = containers.seen(frame, item)
        leaf = containers.single(grown) if isinstance(grown, Grown) else item
        if is_operand(leaf) and isinstance(leaf.kind, List):
            return grown_items.as_index(frame, node, leaf)
        return _index_part(frame, node, plain(frame, node, item))

    if type(index) is tuple:
        return tuple(map(one, index))
    given = one(index)
    return tuple(_index_part(frame, node, each) for each in given) if isinstance(given, tuple) else given


def _index_part(frame: Frame, node: Any, item: Any) -> Any:
    listed = _listed(item)
    of_arrays = type(listed) is list and any(map(is_array, listed))
    return formed(frame, node, np.array, [listed], {}) if of_arrays else listed


def _listed(item: Any) -> Any:
    return list(map(_listed, item)) if type(item) in (tuple, list) else item


def formed(
    frame: Frame, node: Any, fn: Callable[..., Any], args: Sequence[Value], kwargs: Mapping[str, Value]
) -> Value:
    """Return ``fn(*args, **kwargs)`` as an operation of the IR; a tuple where it returns several values."""
    given = [plain(frame, node, arg) for arg in args]
    named = {name: plain(frame, node, value) for name, value in kwargs.items()}
    operands, form = Form.of(given, named, is_operand)
    result = frame.ops(node, fn, operands, form)
    if fn not in _SEQUENCES or not isinstance(result, tuple):
        return result
    made = _sequence(fn)
    if made is list:
        return containers.made(frame, list(result))
    return made(*result) if hasattr(made, "_fields") else result


_SEQUENCES: dict[Callable[..., Any], tuple[Any, ...]] = {
    **dict.fromkeys([eig, np.linalg.eig, np.linalg.eigh, np.linalg.qr, np.linalg.slogdet, np.linalg.svd], (np.eye(1),)),
    **dict.fromkeys([np.array_split, np.dsplit, np.hsplit, np.split, np.vsplit], (np.ones((2, 2, 2)), 2)),
    **dict.fromkeys([np.atleast_1d, np.atleast_2d, np.atleast_3d, np.broadcast_arrays, np.meshgrid], (1.0, 2.0)),
    np.gradient: (np.ones((2, 2)),),
}
"""Functions that return a list or, since NumPy 1.25, a named tuple; which, some arguments tell."""


@functools.cache
def _sequence(fn: Callable[..., Any]) -> type:
    """Return the class of the sequence that a function returns, which depends on the version of NumPy."""
    return type(fn(*_SEQUENCES[fn]))


def as_array(frame: Frame, node: Any, value: Value) -> Value:
    """Return an array as it is, anything else as what `np.array` makes of it."""
    return value if is_array(value) else formed(frame, node, np.array, [value], {})


def are_arrays(left: Value, right: Value, fn: Callable[..., Any]) -> bool:
    """Tell whether an operator works on arrays: one side is an array, or a scalar of NumPy beside a sequence."""
    if is_array(left) or is_array(right):
        return True
    if fn in (operator.mul, operator.matmul):  # A sequence is repeated, and has no product of matrices.
        return False
    return any(
        is_numpy(a) and (type(b) in (tuple, list) or isinstance(b, Grown)) for a, b in ((left, right), (right, left))
    )


def operands(frame: Frame, node: Any, *sides: Value) -> list[Operand]:
    """Return the operands of an operator with sequences as the arrays that NumPy makes of them."""
    return [side if is_operand(side) else formed(frame, node, np.array, [side], {}) for side in sides]


# Indices.


def item(frame: Frame, node: Any, owner: Value, index: Value) -> Value:
    """Return ``owner[index]`` of an array."""
    rank = len(dims_of(owner.kind))
    items = index if isinstance(index, tuple) else (index,)
    others = [each for each in items if not (isinstance(each, Known) and each.value is Ellipsis)]
    if not rank and not others:
        # `x[...]` is the array, `x[()]` the number in it.
        return owner if items else frame.op(node, np.dtype(owner.kind.dtype).type, owner)
    if not rank and is_flag(index):
        return item(frame, node, *row(frame, node, owner, index))
    if len(others) == rank < len(items) and all(is_operand(each) and not dims_of(each.kind) for each in others):
        return memory.element(frame, node, owner, others)
    given = plain_index(frame, node, index)
    # A part of a view without a name, or of what it looks at now, is taken from there: the rest of it is not needed.
    through = not owner.name or memory.is_stale(frame, owner) or owner in frame.context.objects.flat
    base, steps = memory.led(frame, owner, given) if through else (owner, [])
    whole = views.joined([*steps, given])
    operands, form = Form.of((base, whole), {}, is_operand)
    part = frame.ops(node, operator.getitem, operands, form)
    if owner in frame.context.objects.flat and is_array(part):
        return frame.op(node, primitives.copy, part)
    return part


def item_of_number(frame: Frame, node: Any, owner: Value, index: Value) -> Value:
    """Return ``owner[index]`` of a scalar of NumPy: it can get dimensions of length 1."""
    if is_flag(index):
        return item(frame, node, *row(frame, node, owner, index))
    items = index if isinstance(index, tuple) else (index,)
    if not all(isinstance(each, Known) and each.value in (None, Ellipsis) for each in items):
        remedy = "index an array, a tuple or a list"
        frame.misfit(node, f"{describe(owner)} has no items", remedy, mistakes.no_items(owner))
    rank = sum(each.value is None for each in items)
    return owner if not items else frame.op(node, np.full, Lit((1,) * rank), owner)


def is_flag(index: Value) -> bool:
    """Tell whether an index is a boolean: it takes all, or nothing, of what has no dimensions."""
    return is_operand(index) and not dims_of(index.kind) and code(index.kind) == "b"


def row(frame: Frame, node: Any, owner: Value, flag: Value) -> tuple[Var, Var]:
    """Return what has no dimensions as an array of one element (of an array, a view), and a flag as a mask for that."""
    one = frame.op(node, np.reshape, owner, Lit(1)) if is_array(owner) else frame.op(node, np.full, Lit((1,)), owner)
    mask = frame.op(node, np.full, Lit((1,)), flag)
    assert isinstance(one, Var) and isinstance(mask, Var)
    return one, mask


def limits_of(frame: Frame, node: gast.Slice, expression: Callable[[Frame, Any], Value]) -> slice:
    """Return a slice of abstract values."""
    parts = (node.lower, node.upper, node.step)
    return slice(*(Known(None) if part is None else expression(frame, part) for part in parts))


# Augmented assignment to a name: NumPy changes the array in place.


def kept(frame: Frame, node: Any, old: Value, result: Value) -> Value:
    """Return the result of ``x += y`` with the dtype and the shape of `x`, or refuse it, as NumPy does."""
    have, want = result.kind, old.kind
    if not np.can_cast(have.dtype, want.dtype, "same_kind"):
        frame.misfit(
            node,
            f"an array of {want.dtype} cannot hold the result, which is {have.dtype}",
            "make the array with that dtype, or write `x = x + y`",
        )
    if have.dtype != want.dtype:
        result = frame.op(node, primitives.astype, result, Lit(np.dtype(want.dtype).type))
    if not want.dims and dims_of(have):
        frame.misfit(node, f"an array without dimensions cannot hold {describe(result)}", "write `x = x + y`")
    if is_stretched(want, result.kind):
        result = frame.op(node, fitted, result, old)
    return result


def length(frame: Frame, node: Any, value: Value) -> Operand:
    """Return the length of an array."""
    dim = value.kind.dims[0]
    return Lit(dim) if isinstance(dim, int) else frame.op(node, len, value)


def shape_of(frame: Frame, node: Any, owner: Value) -> tuple[Operand, ...]:
    """Return the lengths of an array's dimensions."""
    dims = dims_of(owner.kind)
    if all(isinstance(dim, int) for dim in dims):
        return tuple(map(Lit, dims))
    shape = frame.op(node, np.shape, owner)
    return tuple(
        Lit(dim) if isinstance(dim, int) else frame.op(node, operator.getitem, shape, Lit(axis))
        for axis, dim in enumerate(dims)
    )


def size_of(frame: Frame, node: Any, owner: Value) -> Operand:
    """Return how many elements an array has."""
    lengths = [dim for dim in dims_of(owner.kind) if isinstance(dim, int)]
    known = len(lengths) == len(dims_of(owner.kind))
    return Lit(math.prod(lengths)) if known else frame.op(node, np.size, owner)
