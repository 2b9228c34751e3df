"""Functions and methods of NumPy that change an array in place."""

from __future__ import annotations

import functools
import inspect
import operator
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from ast_ad.frontend import arrays, memory
from ast_ad.frontend.frame import Frame
from ast_ad.frontend.values import Known, Method, Value, describe, is_operand
from ast_ad.ir.kinds import Array, Scalar, code, dims_of
from ast_ad.ir.nodes import Lit, Var
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
    memory.store(frame, node, owner, arrays.plain(frame, node, index), given)


def _write_all(frame: Frame, node: Any, owner: Value, index: Value, value: Value) -> None:
    """Lower ``owner[()] = value`` for an array without dimensions."""
    if index != () and not (isinstance(index, Known) and index.value is Ellipsis):
        frame.misfit(node, "an array without dimensions has no items", "write `x[()] = value`")
    if dims_of(value.kind):
        frame.misfit(node, f"an array without dimensions cannot hold {describe(value)}", "write a number")
    memory.replace(frame, node, owner, frame.op(node, np.dtype(owner.kind.dtype).type, value))


def names_once(index: Value) -> bool:
    """Tell whether an index names no element twice: one without lists and arrays of integers."""
    items = index if isinstance(index, tuple) else (index,)
    return not any(isinstance(item, list) or (arrays.is_array(item) and code(item.kind) != "b") for item in items)


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
    memory.update(frame, node, owner, add_at, arrays.plain(frame, node, index), given)


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


def _put(frame: Frame, node: Any, x: Value, args: Arguments, kwargs: Keywords) -> None:
    index, value, mode = _taken(args, kwargs, "ind", "v", "mode")
    flat = is_operand(index) or (isinstance(index, list) and all(is_operand(each) for each in index))
    if x.kind.ndim != 1 or mode is not None or not flat or (arrays.is_array(index) and index.kind.ndim != 1):
        frame.refuse(node, "`put` into several dimensions, or with a mode", "write `x[i, j] = v`")
    if not is_operand(value) or arrays.is_array(value):
        frame.refuse(node, "`put` repeats several values as it needs them", "write `x[indices] = values`")
    write_item(frame, node, x, index, value)


def _copyto(frame: Frame, node: Any, x: Value, args: Arguments, kwargs: Keywords) -> None:
    value, _casting, where = _taken(args, kwargs, "src", "casting", "where")
    if where is not None:
        value = arrays.formed(frame, node, np.where, [where, value, x], {})
    write_item(frame, node, x, Known(...), value)


def _fill_diagonal(frame: Frame, node: Any, x: Value, args: Arguments, kwargs: Keywords) -> None:
    value, wrap = _taken(args, kwargs, "val", "wrap")
    if x.kind.ndim != 2 or wrap is not None:
        frame.refuse(node, "`fill_diagonal` of an array that is no matrix, or with `wrap`", "write to the elements")
    rows, columns = arrays.shape_of(frame, node, x)
    count = rows if x.kind.dims[0] == x.kind.dims[1] else frame.op(node, min, rows, columns)
    index = frame.op(node, np.arange, count)
    write_item(frame, node, x, (index, index), value)


def _masked(frame: Frame, node: Any, x: Value, args: Arguments, kwargs: Keywords) -> None:
    """`np.putmask` takes the values at the same places; one number is the same everywhere."""
    mask, value = _taken(args, kwargs, "mask", "values")
    if not is_operand(value) or (arrays.is_array(value) and dims_of(value.kind) != dims_of(x.kind)):
        frame.refuse(node, "`np.putmask` repeats values of another shape", "write `x[mask] = values[mask]`")
    write_item(frame, node, x, Known(...), arrays.formed(frame, node, np.where, [mask, value, x], {}))


def _place(frame: Frame, node: Any, x: Value, args: Arguments, kwargs: Keywords) -> None:
    mask, value = _taken(args, kwargs, "mask", "vals")
    if isinstance(value, (list, tuple)) and len(value) == 1:
        (value,) = value
    if arrays.is_array(value) or not is_operand(value):
        frame.refuse(node, "`np.place` with several values repeats them", "write `x[mask] = values`")
    write_item(frame, node, x, mask, value)


def _add_at(frame: Frame, node: Any, x: Value, args: Arguments, kwargs: Keywords) -> None:
    index, value = args
    if not is_operand(value):
        value = arrays.formed(frame, node, np.array, [value], {})
    memory.update(frame, node, x, add_at, arrays.plain(frame, node, index), value)


def _subtract_at(frame: Frame, node: Any, x: Value, args: Arguments, kwargs: Keywords) -> None:
    index, value = args
    if not is_operand(value):
        value = arrays.formed(frame, node, np.array, [value], {})
    _add_at(frame, node, x, [index, frame.op(node, operator.neg, value)], kwargs)


METHODS: dict[str, Writer] = {"fill": _fill, "sort": _sort, "put": _put}
FUNCTIONS: dict[Callable[..., Any], Writer] = {
    np.copyto: _copyto,
    np.fill_diagonal: _fill_diagonal,
    np.put: _put,
    np.putmask: _masked,
    np.place: _place,
    np.add.at: _add_at,
    np.subtract.at: _subtract_at,
}


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


def into(frame: Frame, node: Any, target: Value, result: Value) -> Value:
    """Write the result of a call to the array that it was given as ``out=``, and return that array."""
    if isinstance(target, tuple) and len(target) == 1:
        (target,) = target
    if not arrays.is_array(target) or not is_operand(result):
        frame.misfit(node, f"`out` is {describe(target)}", "pass the array that the result is written to")
    memory.replace(frame, node, target, arrays.kept(frame, node, target, result))
    return target


def without_positional_out(
    fn: Callable[..., Any], args: Arguments, out: Value | None
) -> tuple[Arguments, Value | None]:
    """Return the positional arguments of a call without the array for its result, and that array, if there is one."""
    place = fn.nin if isinstance(fn, np.ufunc) else _place_of_out(fn)
    if out is not None or place is None or len(args) <= place:
        return args, out
    given = args[place]
    none = isinstance(given, Known) and given.value is None
    return (
        (args, None)
        if none
        else ([*args[:place], *([Known(None)] if args[place + 1 :] else []), *args[place + 1 :]], given)
    )


@functools.lru_cache(maxsize=1024)
def _place_of_out(fn: Callable[..., Any]) -> int | None:
    try:
        parameters = list(inspect.signature(fn).parameters.values())
    except (TypeError, ValueError):
        return None
    found = [i for i, p in enumerate(parameters) if p.name == "out" and p.kind is not p.KEYWORD_ONLY]
    return found[0] if found else None


def without_out(frame: Frame, node: Any, kwargs: Keywords) -> tuple[Keywords, Value | None]:
    """Return the keywords of a call without ``out=``, and what that was, if it was an array."""
    out = kwargs.get("out")
    rest = {name: value for name, value in kwargs.items() if name != "out"}
    if out is None or (isinstance(out, Known) and out.value is None):
        return rest, None
    if "where" in kwargs:
        frame.refuse(node, "`where=` beside `out=` is not supported", "use `np.where`")
    return rest, out
