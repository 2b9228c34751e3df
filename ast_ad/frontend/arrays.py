"""Lowering of what is done with arrays: calls of NumPy's functions, attributes and methods, indices, iteration."""

from __future__ import annotations

import functools
import operator
import types
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

import gast
import numpy as np

from ast_ad.frontend import containers, grown, memory, views
from ast_ad.frontend.frame import Frame
from ast_ad.frontend.values import Grown, Known, Method, Range, Value, is_operand
from ast_ad.frontend.wording import describe
from ast_ad.ir import primitives
from ast_ad.ir.kinds import Array, Opaque, Scalar, dims_of, is_real, is_stretched
from ast_ad.ir.nodes import Form, Lit, Operand, Var
from ast_ad.runtime import eig, fitted, stride, trip_count
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
    value = containers.seen(frame, value)
    if isinstance(value, Grown):
        return grown.as_array(frame, node, value)
    if is_operand(value):
        return value
    if isinstance(value, Known) and isinstance(value.value, _OPTIONS):
        return value.value
    if isinstance(value, Range):
        if all(isinstance(limit, Lit) for limit in value):
            return [Lit(i) for i in range(*(limit.value for limit in value))]  # type: ignore[union-attr]
        return frame.op(node, np.arange, *value)
    if type(value) in (tuple, list):
        return type(value)(plain(frame, node, item) for item in value)
    if isinstance(value, tuple) and hasattr(value, "_fields") and not isinstance(value, (Range, Method)):
        return tuple(plain(frame, node, item) for item in value)
    if isinstance(value, slice):
        return slice(*(plain(frame, node, limit) for limit in (value.start, value.stop, value.step)))
    frame.misfit(node, f"a number or an array is needed here, and this is {describe(value)}")


def plain_index(frame: Frame, node: Any, index: Value) -> Any:
    """Return an index as `plain` does; a tuple of integers in it is as good as a list, one of arrays is an array."""

    def one(item: Any) -> Any:
        listed = _listed(item)
        of_arrays = type(listed) is list and any(map(is_array, listed))
        return formed(frame, node, np.array, [listed], {}) if of_arrays else listed

    given = plain(frame, node, index)
    return tuple(map(one, given)) if isinstance(given, tuple) else one(given)


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
    items = index if isinstance(index, tuple) else (index,)
    if not all(isinstance(each, Known) and each.value in (None, Ellipsis) for each in items):
        frame.misfit(node, f"{describe(owner)} has no items", "index an array, a tuple or a list")
    rank = sum(each.value is None for each in items)
    return owner if not items else frame.op(node, np.full, Lit((1,) * rank), owner)


def limits_of(frame: Frame, node: gast.Slice, expression: Callable[[Frame, Any], Value]) -> slice:
    """Return a slice of abstract values."""
    parts = (node.lower, node.upper, node.step)
    return slice(*(Known(None) if part is None else expression(frame, part) for part in parts))


# Attributes and methods.


def _shape(frame: Frame, node: Any, owner: Value) -> Value:
    return shape_of(frame, node, owner)


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


def _flat(frame: Frame, node: Any, owner: Value) -> Value:
    """Return ``owner.flat``: a view in which the elements stand row by row, wherever they lie."""
    if not is_array(owner):
        frame.misfit(node, f"{describe(owner)} has no `flat`")
    return memory.flat(frame, node, owner)


def set_attribute(frame: Frame, node: gast.Attribute, owner: Value, value: Value) -> None:
    """Lower ``owner.real = value``, and the same of other attributes that change an array."""
    if node.attr not in ("real", "imag", "flat"):
        frame.refuse(node, f"the attribute `{node.attr}` of an array cannot be assigned", "write to its elements")
    part = attribute(frame, node, owner)
    if not is_array(part) or (node.attr == "imag" and is_real(owner.kind)):
        frame.misfit(node, f"{describe(owner)} has no `{node.attr}` that can be changed", "make the array complex")
    given = plain(frame, node, value)
    if not is_operand(given):
        given = formed(frame, node, np.array, [value], {})
    assert isinstance(part, Var)
    memory.store(frame, node, part, ..., given)


def _size(frame: Frame, node: Any, owner: Value) -> Value:
    dims = dims_of(owner.kind)
    return frame.op(node, np.size, owner) if dims else Lit(1)


ATTRIBUTES: dict[str, Callable[[Frame, Any, Value], Value]] = {
    "shape": _shape,
    "size": _size,
    "ndim": lambda frame, node, owner: Lit(len(dims_of(owner.kind))),
    "dtype": lambda frame, node, owner: Known(np.dtype(owner.kind.dtype)),
    "T": lambda frame, node, owner: owner if len(dims_of(owner.kind)) < 2 else frame.op(node, np.transpose, owner),
    "real": lambda frame, node, owner: owner if is_real(owner.kind) else frame.op(node, primitives.real, owner),
    "imag": lambda frame, node, owner: frame.op(node, primitives.imag, owner),
    "flat": _flat,
    "mT": lambda frame, node, owner: frame.op(node, np.swapaxes, owner, Lit(-1), Lit(-2)),
    "strides": lambda frame, node, owner: tuple(
        frame.op(node, stride, owner, Lit(axis)) for axis in range(len(dims_of(owner.kind)))
    ),
    "nbytes": lambda frame, node, owner: frame.op(
        node, operator.mul, _size(frame, node, owner), Lit(np.dtype(owner.kind.dtype).itemsize)
    ),
    "itemsize": lambda frame, node, owner: Lit(np.dtype(owner.kind.dtype).itemsize),
}

FUNCTIONS = (
    *("all", "any", "argmax", "argmin", "argsort", "clip", "compress", "copy", "cumprod", "cumsum", "diagonal", "dot"),
    *("max", "mean", "min", "nonzero", "prod", "ptp", "ravel", "repeat", "searchsorted", "squeeze", "std", "sum"),
    *("swapaxes", "take", "trace", "var", "choose", "argpartition"),
)
"""Methods that do what the function of NumPy with the same name does."""

_OPERATORS = (
    *("__add__", "__sub__", "__mul__", "__truediv__", "__floordiv__", "__mod__", "__pow__", "__matmul__"),
    *("__neg__", "__pos__", "__abs__", "__lt__", "__le__", "__eq__", "__ne__", "__gt__", "__ge__"),
)

_METHODS: dict[str, Callable[..., Any]] = {
    **{name: getattr(np, name) for name in FUNCTIONS},
    "copy": primitives.copy,
    "astype": primitives.astype,
    "conj": primitives.conjugate,
    "conjugate": primitives.conjugate,
    "flatten": primitives.flatten,
    "round": np.round,
    **{name: getattr(operator, name) for name in _OPERATORS},
    "item": float,
    "view": primitives.same,
}

_SPREAD: dict[str, Callable[..., Any]] = {"reshape": np.reshape, "transpose": np.transpose}
"""Methods that take a tuple, or its items one by one."""

IN_PLACE = ("fill", "sort", "put", "partition", "resize")
"""Methods that change the array."""

METHODS = frozenset([*_METHODS, *_SPREAD, *IN_PLACE, "tolist"])
"""The names of all methods."""

_LAYOUT = ("base", "ctypes", "data", "flags", "getfield", "tobytes", "tofile")
_REFUSED = ("itemset", "byteswap", "setfield", "setflags")


def attribute(frame: Frame, node: gast.Attribute, owner: Value) -> Value | None:
    """Return an attribute or a method of an array; None where there is none."""
    if node.attr in ATTRIBUTES:
        return ATTRIBUTES[node.attr](frame, node, owner)
    if node.attr in _METHODS or node.attr in _SPREAD:
        return Method(owner, node.attr)
    if node.attr in (*IN_PLACE, "tolist") and is_array(owner):
        return Method(owner, node.attr)
    if node.attr in _LAYOUT:
        frame.refuse(node, f"`{node.attr}` tells how an array lies in memory", "keep it out of the function")
    if node.attr in _REFUSED:
        frame.refuse(node, f"`{node.attr}` changes an array in place", "make a new array")
    return None


def call_method(frame: Frame, node: Any, method: Method, args: Sequence[Value], kwargs: Mapping[str, Value]) -> Value:
    """Return the result of a method of an array."""
    owner, name = method.owner, method.name
    if name in _SPREAD:
        axes: Value = tuple(args)
        if len(args) == 1:
            (axes,) = args
        rest = [] if name == "transpose" and not args else [axes]
        return formed(frame, node, _SPREAD[name], [owner, *rest], kwargs)
    if name in ("conj", "conjugate") and is_real(owner.kind):
        return owner
    if name == "item":
        if len(args) == 1 and isinstance(args[0], tuple):
            (args,) = args
        if args:
            flat = frame.op(node, np.ravel, owner) if len(args) == 1 and len(dims_of(owner.kind)) > 1 else owner
            found = formed(frame, node, operator.getitem, [flat, tuple(args) if len(args) > 1 else args[0]], {})
            return _item(frame, node, found)
        return _item(frame, node, owner)
    function: Callable[..., Any] = _METHODS[name]
    if name == "view":
        if any(not (isinstance(each, Known) and each.value is np.ndarray) for each in (*args, *kwargs.values())):
            frame.refuse(node, "the bytes of an array are taken for another dtype", "convert it: `x.astype(...)`")
        return item(frame, node, owner, Known(...))
    if name == "compress":
        condition, *axis = args
        return formed(frame, node, np.compress, [condition, owner, *axis], kwargs)
    if name == "nonzero" and len(dims_of(owner.kind)) == 1:
        return (frame.op(node, np.flatnonzero, owner),)
    return formed(frame, node, function, [owner, *args], kwargs)


def _item(frame: Frame, node: Any, owner: Value) -> Value:
    """Return the only element of an array, as a number of Python's."""
    if dims_of(owner.kind):
        # A shape without dimensions is refused by NumPy where there is more than one element, as `item` is.
        owner = formed(frame, node, np.reshape, [owner, ()], {})
    family = np.dtype(owner.kind.dtype).kind
    convert = {"f": float, "c": complex, "b": bool}.get(family, int)
    return frame.op(node, convert, owner)


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


# Iteration.


class Items(NamedTuple):
    """A sequence of a length that is known only when it runs: `get` lowers an item; `over` are the arrays it reads."""

    length: Callable[[Frame, Any], Operand]
    get: Callable[[Frame, Any, Operand], Value]
    over: tuple[Value, ...] = ()


def items(value: Value) -> Items | None:
    """Return an abstract value as something to iterate over, where its length is known only when it runs."""
    if isinstance(value, Items):
        return value
    if isinstance(value, Grown):
        return _of_list(value)
    if is_array(value) and value.kind.ndim:
        return Items(
            lambda frame, node: length(frame, node, value), lambda frame, node, i: item(frame, node, value, i), (value,)
        )
    if isinstance(value, Range):
        return Items(lambda frame, node: _trips(frame, node, value), lambda frame, node, i: _nth(frame, node, value, i))
    if type(value) in (tuple, list):
        return None
    return None


def _of_list(value: Grown) -> Items:
    """Return the items of a list that has grown."""

    def get(frame: Frame, node: Any, index: Operand) -> Value:
        now = containers.seen(frame, value.home)
        return grown.item(frame, node, value.home, now, index)

    return Items(lambda frame, node: grown.length(frame, node, value), get)


def length(frame: Frame, node: Any, value: Value) -> Operand:
    """Return the length of an array."""
    dim = value.kind.dims[0]
    return Lit(dim) if isinstance(dim, int) else frame.op(node, len, value)


def _trips(frame: Frame, node: Any, value: Range) -> Operand:
    if value.start == Lit(0) and value.step == Lit(1):
        return value.stop
    return frame.op(node, trip_count, *value)


def _nth(frame: Frame, node: Any, value: Range, i: Operand) -> Operand:
    if value.start == Lit(0) and value.step == Lit(1):
        return i
    scaled = i if value.step == Lit(1) else frame.op(node, operator.mul, i, value.step)
    return frame.op(node, operator.add, value.start, scaled)


def zipped(columns: Sequence[Items]) -> Items:
    """Return the rows of several sequences, as many as the shortest has."""

    def shortest(frame: Frame, node: Any) -> Operand:
        first, *others = [column.length(frame, node) for column in columns]
        for other in others:
            first = frame.op(node, min, first, other)
        return first

    return Items(
        shortest,
        lambda frame, node, i: tuple(column.get(frame, node, i) for column in columns),
        tuple(each for column in columns for each in column.over),
    )


def enumerated(value: Items, start: Operand) -> Items:
    """Return the items with their numbers."""

    def numbered(frame: Frame, node: Any, i: Operand) -> Value:
        number = i if start == Lit(0) else frame.op(node, operator.add, i, start)
        return number, value.get(frame, node, i)

    return Items(value.length, numbered, value.over)


def backwards(value: Items) -> Items:
    """Return the items in reverse order."""

    def mirrored(frame: Frame, node: Any, i: Operand) -> Value:
        last = frame.op(node, operator.sub, value.length(frame, node), Lit(1))
        return value.get(frame, node, frame.op(node, operator.sub, last, i))

    return Items(value.length, mirrored, value.over)
