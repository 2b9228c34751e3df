"""Lowering of the attributes and methods of arrays, and of NumPy's scalars."""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import gast
import numpy as np

from ast_ad.frontend import dispatch, late, memory, mistakes
from ast_ad.frontend.arrays import formed, is_array, item, plain, shape_of, size_of
from ast_ad.frontend.frame import Frame
from ast_ad.frontend.mixed_results import dtype_of
from ast_ad.frontend.paths import Held
from ast_ad.frontend.values import Bound, Known, Method, Value, is_operand
from ast_ad.frontend.wording import describe
from ast_ad.ir import primitives
from ast_ad.ir.kinds import dims_of, is_real
from ast_ad.ir.nodes import Lit, Var
from ast_ad.models.operators import SPECIAL
from ast_ad.runtime import stride


def _shape(frame: Frame, node: Any, owner: Value) -> Value:
    return shape_of(frame, node, owner)


def _flat(frame: Frame, node: Any, owner: Value) -> Value:
    """Return ``owner.flat``: a view in which the elements stand row by row, wherever they lie."""
    if not is_array(owner):
        frame.misfit(node, f"{describe(owner)} has no `flat`")
    return memory.flat(frame, node, owner)


def set_attribute(frame: Frame, node: gast.Attribute, owner: Value, value: Value) -> None:
    """Lower ``owner.real = value``, and the same of other attributes that change an array."""
    if node.attr not in ("real", "imag", "flat"):
        frame.let_catch(node, mistakes.no_new_attribute(owner, node.attr))
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
    return size_of(frame, node, owner) if dims else Lit(1)


def _rank(frame: Frame, node: Any, owner: Value) -> Value:
    late.check_known(frame, node, owner)
    return Lit(len(dims_of(owner.kind)))


ATTRIBUTES: dict[str, Callable[[Frame, Any, Value], Value]] = {
    "shape": _shape,
    "size": _size,
    "ndim": _rank,
    "__class__": lambda frame, node, owner: dispatch.call_known(frame, node, Known(type, Held(type)), [owner], {}),
    "dtype": lambda frame, node, owner: Known(dtype_of(frame, node, owner)),
    "T": lambda frame, node, owner: owner if len(dims_of(owner.kind)) < 2 else frame.op(node, np.transpose, owner),
    "real": lambda frame, node, owner: owner if is_real(owner.kind) else frame.op(node, primitives.real, owner),
    "imag": lambda frame, node, owner: frame.op(node, primitives.imag, owner),
    "flat": _flat,
    "mT": lambda frame, node, owner: frame.op(node, np.swapaxes, owner, Lit(-1), Lit(-2)),
    "strides": lambda frame, node, owner: tuple(
        frame.op(node, stride, owner, Lit(axis)) for axis in range(len(dims_of(owner.kind)))
    ),
    "nbytes": lambda frame, node, owner: frame.op(
        node, operator.mul, _size(frame, node, owner), Lit(dtype_of(frame, node, owner).itemsize)
    ),
    "itemsize": lambda frame, node, owner: Lit(dtype_of(frame, node, owner).itemsize),
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
    if node.attr in SPECIAL and hasattr(np.ndarray, node.attr):
        return Bound(owner, Known(SPECIAL[node.attr], Held(SPECIAL[node.attr])))
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
    if name == "clip":
        limits: dict[str, Value] = {"min": Known(None), "max": Known(None), **dict(zip(("min", "max"), args)), **kwargs}
        args, kwargs = [limits.pop("min"), limits.pop("max"), *args[2:]], limits
    return formed(frame, node, function, [owner, *args], kwargs)


def _item(frame: Frame, node: Any, owner: Value) -> Value:
    """Return the only element of an array, as a number of Python's."""
    if dims_of(owner.kind):
        # A shape without dimensions is refused by NumPy where there is more than one element, as `item` is.
        owner = formed(frame, node, np.reshape, [owner, ()], {})
    family = dtype_of(frame, node, owner).kind
    convert = {"f": float, "c": complex, "b": bool}.get(family, int)
    return frame.op(node, convert, owner)
