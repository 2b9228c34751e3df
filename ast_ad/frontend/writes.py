"""Functions and methods of NumPy that change an array in place."""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from ast_ad.frontend import arrays, memory
from ast_ad.frontend.frame import Frame
from ast_ad.frontend.values import Known, Method, Value, is_operand
from ast_ad.frontend.wording import describe
from ast_ad.ir.kinds import Array, List, Scalar, code, dims_of
from ast_ad.ir.nodes import Lit, Var
from ast_ad.models import in_place
from ast_ad.runtime import add_at

Arguments = Sequence[Value]
Keywords = Mapping[str, Value]
Writer = Callable[[Frame, Any, Value, Arguments, Keywords], None]


def write_item(frame: Frame, node: Any, owner: Value, index: Value, value: Value) -> None:
    """Lower ``owner[index] = value`` for an array."""
    given = arrays.plain(frame, node, value)
    if not is_operand(given):
        given = arrays.formed(frame, node, np.array, [value], {})
    if code(given.kind) == "c" and code(owner.kind) != "c":
        frame.misfit(node, f"complex numbers are written to {describe(owner)}", "make the array complex")
    if not owner.kind.ndim:
        _write_all(frame, node, owner, index, given)
        return
    memory.store(frame, node, owner, arrays.plain_index(frame, node, index), given)


def _write_all(frame: Frame, node: Any, owner: Value, index: Value, value: Value) -> None:
    """Lower ``owner[()] = value``, or ``owner[flag] = value``, for an array without dimensions."""
    if arrays.is_flag(index):
        memory.store(frame, node, *arrays.row(frame, node, owner, index), value)
        return
    if index != () and not (isinstance(index, Known) and index.value is Ellipsis):
        frame.misfit(node, "an array without dimensions has no items", "write `x[()] = value`")
    if dims_of(value.kind):
        frame.misfit(node, f"an array without dimensions cannot hold {describe(value)}", "write a number")
    memory.replace(frame, node, owner, frame.op(node, np.dtype(owner.kind.dtype).type, value))


def names_once(index: Value) -> bool:
    """Tell whether an index names no element twice: one without lists and arrays of integers."""
    items = index if isinstance(index, tuple) else (index,)
    places = [item for item in items if not (arrays.is_array(item) and code(item.kind) == "b")]
    return not any(isinstance(item, (list, tuple)) or _is_listed(item) for item in places)


def _is_listed(item: Value) -> bool:
    return is_operand(item) and isinstance(item.kind, (Array, List))


def add_to_item(frame: Frame, node: Any, owner: Value, index: Value, value: Value, *, negative: bool) -> None:
    """Lower ``owner[index] += value``, or ``-= value``, for an index that names no element twice."""
    given = arrays.plain(frame, node, value)
    if not is_operand(given):
        given = arrays.formed(frame, node, np.array, [value], {})
    if not np.can_cast(_dtype(given), _dtype(owner), "same_kind"):
        frame.misfit(
            node,
            f"{describe(owner)} cannot hold the result",
            "make the array with the dtype of what is added, or write `x[i] = x[i] + v`",
        )
    if negative:
        given = frame.op(node, operator.neg, given)
    memory.update(frame, node, owner, add_at, arrays.plain_index(frame, node, index), given)


def _dtype(value: Var | Lit) -> np.dtype[Any]:
    """Return the dtype of a number or array; Python's numbers are as narrow as NumPy lets them be."""
    kind = value.kind
    assert isinstance(kind, (Scalar, Array))
    narrow: dict[str, str] = {"float": "float16", "complex": "complex64", "int": "int8", "bool": "bool"}
    return np.dtype(narrow.get(kind.dtype, kind.dtype))


def _taken(args: Arguments, kwargs: Keywords, *names: str) -> list[Value]:
    """Return arguments in the order of their names; None for those that are missing."""
    given = {**dict(zip(names, args)), **kwargs}
    return [given.get(name) for name in names]


def _fill(frame: Frame, node: Any, x: Value, args: Arguments, kwargs: Keywords) -> None:
    (value,) = _taken(args, kwargs, "value")
    write_item(frame, node, x, Known(...), value)


def _sort(frame: Frame, node: Any, x: Value, args: Arguments, kwargs: Keywords) -> None:
    memory.replace(frame, node, x, arrays.formed(frame, node, np.sort, [x, *args], kwargs))


def _partition(frame: Frame, node: Any, x: Value, args: Arguments, kwargs: Keywords) -> None:
    memory.replace(frame, node, x, arrays.formed(frame, node, np.partition, [x, *args], kwargs))


def _copyto(frame: Frame, node: Any, x: Value, args: Arguments, kwargs: Keywords) -> None:
    value, casting, where = _taken(args, kwargs, "src", "casting", "where")
    given = arrays.plain(frame, node, value)
    if not is_operand(given):
        given = arrays.formed(frame, node, np.array, [value], {})
    rule: Any = casting.value if isinstance(casting, Known) else "same_kind"
    if not np.can_cast(_dtype(given), _dtype(x), rule):
        frame.misfit(node, f"{describe(given)} is not copied to {describe(x)}", f"cast it before, from {rule!r}")
    if where is not None:
        given = arrays.formed(frame, node, np.where, [where, given, x], {})
    write_item(frame, node, x, Known(...), given)


def _add_at(frame: Frame, node: Any, x: Value, args: Arguments, kwargs: Keywords) -> None:
    index, value = args
    if not is_operand(value):
        value = arrays.formed(frame, node, np.array, [value], {})
    memory.update(frame, node, x, add_at, arrays.plain_index(frame, node, index), value)


def _subtract_at(frame: Frame, node: Any, x: Value, args: Arguments, kwargs: Keywords) -> None:
    index, value = args
    if not is_operand(value):
        value = arrays.formed(frame, node, np.array, [value], {})
    _add_at(frame, node, x, [index, frame.op(node, operator.neg, value)], kwargs)


METHODS: dict[str, Writer] = {"fill": _fill, "sort": _sort, "partition": _partition}
FUNCTIONS: dict[Callable[..., Any], Writer] = {
    np.copyto: _copyto,
    np.add.at: _add_at,
    np.subtract.at: _subtract_at,
}


def _is_places(index: Value) -> bool:
    return arrays.is_array(index) or isinstance(index, list)


def ufunc_at(frame: Frame, node: Any, ufunc: np.ufunc, args: Arguments) -> Callable[..., Any] | None:
    """Lower ``ufunc.at(x, index, ...)``; return the function in Python that does it where an element may repeat."""
    if not args or not arrays.is_array(args[0]) or len(args) != ufunc.nin + 1:
        frame.misfit(node, f"`{ufunc.__name__}.at` changes an array, and there is none", "pass the array first")
    x, index, *others = args
    if names_once(index):
        old = arrays.item(frame, node, x, index)
        write_item(frame, node, x, index, arrays.formed(frame, node, ufunc, [old, *others], {}))
        return None
    if isinstance(index, tuple):
        if len(others) != 1 or not all(map(_is_places, index)) or len(index) != x.kind.ndim:
            frame.refuse(node, f"`{ufunc.__name__}.at` with such an index", "write a loop over the places")
        return in_place.at_pairs
    return in_place.at if others else in_place.at_alone


def call_function(frame: Frame, node: Any, fn: Callable[..., Any], args: Arguments, kwargs: Keywords) -> Value:
    """Lower a call of a function that changes its first argument in place."""
    if not args or not arrays.is_array(args[0]):
        frame.misfit(node, f"`{fn.__name__}` changes an array, and there is none", "pass the array first, by position")
    FUNCTIONS[fn](frame, node, args[0], args[1:], kwargs)
    return Known(None)


def call_method(frame: Frame, node: Any, method: Method, args: Arguments, kwargs: Keywords) -> Value:
    """Lower a call of a method that changes its array in place."""
    METHODS[method.name](frame, node, method.owner, args, kwargs)
    return Known(None)
