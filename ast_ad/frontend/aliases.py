"""Functions of NumPy that return the array that they get, or parts of it that only their arguments tell.

`np.asarray(x)` is `x`; `np.atleast_2d(x)` is `x[None, :]` of a vector; `np.split(x, 3)` are three slices of x.
"""

from __future__ import annotations

import itertools
import operator
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from ast_ad.frontend import arrays, containers, memory, outs, views
from ast_ad.frontend.frame import Frame
from ast_ad.frontend.values import Known, Value, is_operand
from ast_ad.ir import primitives
from ast_ad.ir.kinds import List, is_real
from ast_ad.ir.nodes import Form, Lit, Operand, Var

Arguments = Sequence[Value]
Keywords = Mapping[str, Value]
Handler = Callable[[Frame, Any, Arguments, Keywords], Value]
"""Returns None where the function makes a new array, as others do."""


def _taken(args: Arguments, kwargs: Keywords, *names: str) -> list[Value] | None:
    """Return arguments in the order of their names, None for those that are missing; None if there are others."""
    given = {**dict(zip(names, args)), **kwargs}
    return [given.get(name) for name in names] if len(args) <= len(names) and given.keys() <= set(names) else None


def _is_none(value: Value) -> bool:
    return value is None or (isinstance(value, Known) and value.value is None)


def _has_dtype(x: Value, dtype: Value) -> bool:
    """Tell whether an array has a dtype that a call asks for, if it does."""
    if _is_none(dtype):
        return True
    try:
        return isinstance(dtype, Known) and np.dtype(dtype.value) == np.dtype(x.kind.dtype)
    except TypeError:
        return False


def _as_array(frame: Frame, node: Any, args: Arguments, kwargs: Keywords) -> Value:
    found = _taken(args, kwargs, "a", "dtype")
    if found is None or not arrays.is_array(found[0]):
        return None
    return found[0] if _has_dtype(*found) else None


def _array(frame: Frame, node: Any, args: Arguments, kwargs: Keywords) -> Value:
    """`np.array(x, copy=False)` and `copy=None`: an array is what it is, of anything else a new one is made."""
    copy = kwargs.get("copy", Lit(True))
    if not (_is_none(copy) or copy == Lit(False)):
        return None
    rest = {name: value for name, value in kwargs.items() if name != "copy"}
    if not arrays.is_array(args[0]):
        return arrays.formed(frame, node, np.array, args, rest)
    least = rest.get("ndmin")
    if isinstance(least, Lit) and least.value <= args[0].kind.ndim:
        del rest["ndmin"]
    order = rest.pop("order", Known(None))
    if order == Known("C") and args[0].kind.ndim > 1:
        return _in_rows(frame, node, args, rest)
    return _as_array(frame, node, args, rest) if order in map(Known, (None, "K", "A", "C")) else None


def as_type(frame: Frame, node: Any, x: Value, args: Arguments, kwargs: Keywords) -> Value:
    """``x.astype(dtype, copy=...)``: with ``copy=False``, an array that has the dtype is what it is."""
    rest = {name: value for name, value in kwargs.items() if name != "copy"}
    dtype = args[0] if args else rest.get("dtype")
    if kwargs["copy"] == Lit(False) and len(args) + len(rest) == 1 and _has_dtype(x, dtype):
        return x
    if kwargs["copy"] in (Lit(False), Lit(True)):
        return arrays.formed(frame, node, primitives.astype, [x, *args], rest)
    return arrays.formed(frame, node, primitives.astype, [x, *args], kwargs)


def _in_rows(frame: Frame, node: Any, args: Arguments, kwargs: Keywords) -> Value:
    """`np.ascontiguousarray`: the array itself, if its elements lie row by row."""
    x = _as_array(frame, node, args, kwargs)
    if x is None or not x.kind.ndim:
        return None
    rows = views.in_rows(frame, x)
    if rows is None:
        return None
    whole = [slice(Known(None), Known(None), Known(None))]
    found = arrays.item(frame, node, x, tuple(whole))
    view = frame.context.objects.views[found]
    memory.look(frame, found, views.View(view.base, view.seen, view.fn, view.rest, view.form, rows))
    return found


def _at_least(rank: int) -> Handler:
    def handler(frame: Frame, node: Any, args: Arguments, kwargs: Keywords) -> Value:
        if len(args) != 1 or kwargs or not arrays.is_array(args[0]):
            return None
        (x,) = args
        if x.kind.ndim >= rank:
            return x
        every, new = slice(Known(None), Known(None), Known(None)), Known(None)
        index = {
            (1, 2): (new, every),
            (1, 3): (new, every, new),
            (2, 3): (every, every, new),
        }.get((x.kind.ndim, rank))
        return None if index is None else arrays.item(frame, node, x, index)

    return handler


def _real(frame: Frame, node: Any, args: Arguments, kwargs: Keywords) -> Value:
    same = len(args) == 1 and not kwargs and arrays.is_array(args[0]) and is_real(args[0].kind)
    return args[0] if same else None


def _size(frame: Frame, node: Any, args: Arguments, kwargs: Keywords) -> Value:
    """`np.size`: a constant, where the shape is known."""
    counted = len(args) == 1 and not kwargs and arrays.is_array(args[0])
    return arrays.size_of(frame, node, args[0]) if counted else None


def _without_nan(frame: Frame, node: Any, args: Arguments, kwargs: Keywords) -> Value:
    """`np.nan_to_num(x, copy=False)`."""
    copy = kwargs.get("copy", args[1] if len(args) > 1 else None)
    if copy != Lit(False) or not arrays.is_array(args[0]):
        return None
    rest = {name: value for name, value in kwargs.items() if name != "copy"}
    memory.replace(frame, node, args[0], arrays.formed(frame, node, np.nan_to_num, [args[0]], rest))
    return args[0]


def _divmod(frame: Frame, node: Any, args: Arguments, kwargs: Keywords) -> Value:
    """`np.divmod`: the quotient and the remainder."""
    if len(args) < 2 or not kwargs.keys() <= {"out"} or not all(map(is_operand, args[:2])):
        return None
    pair = tuple(arrays.formed(frame, node, fn, args[:2], {}) for fn in (np.floor_divide, np.remainder))
    _, out = outs.without_out(kwargs)
    _, out = outs.without_positional_out(np.divmod, args, out)
    return pair if out is None else outs.into(frame, node, np.divmod, out, pair)


def _split(axis: int | None, *, uneven: bool = False) -> Handler:
    def handler(frame: Frame, node: Any, args: Arguments, kwargs: Keywords) -> Value:
        if args and is_operand(args[0]) and isinstance(args[0].kind, List):
            args = [frame.op(node, primitives.array_of, args[0]), *args[1:]]
        found = _taken(args, kwargs, "ary", "indices_or_sections", *(() if axis is not None else ("axis",)))
        along = None if found is None else _axis_of_split(axis, *found)
        if found is None or along is None:
            return arrays.formed(frame, node, _BY_AXIS[axis, uneven], args, kwargs)
        x, sections, *_ = found
        if sections in (Lit(1), [], ()) and -x.kind.ndim <= along < x.kind.ndim:
            # One part is all of the array, in a list: the IR has no calls that return a sequence of one.
            return [arrays.item(frame, node, x, slice(Known(None), Known(None), Known(None)))]
        result = arrays.formed(frame, node, _BY_AXIS[axis, uneven], args, kwargs)
        parts = containers.seen(frame, result)
        outs = list(parts) if isinstance(parts, (tuple, list)) else [parts]
        limits = _limits(frame, node, x, sections, along, len(outs))
        if limits is not None:
            for out, (start, stop) in zip(outs, limits):
                _look_at_part(frame, x, out, along % x.kind.ndim, start, stop)
        return result

    return handler


def _axis_of_split(axis: int | None, x: Value, sections: Value, given: Value = None) -> int | None:
    """Return the axis along which an array is split, by a function for one axis or as it is given; None if unknown."""
    if not arrays.is_array(x):
        return None
    if axis is not None:
        return axis if axis != 1 or x.kind.ndim > 1 else 0
    found = Lit(0) if given is None else given
    return found.value if isinstance(found, Lit) else None


def _limits(
    frame: Frame, node: Any, x: Value, sections: Value, axis: int, count: int
) -> list[tuple[Operand, Operand]] | None:
    """Return where each part starts and stops."""
    if isinstance(sections, (list, tuple)) and all(map(is_operand, sections)):
        ends = [Lit(0), *sections, Lit(None)]
        return list(itertools.pairwise(ends))
    if not isinstance(sections, Lit) or sections.value != count:
        return None
    length = arrays.shape_of(frame, node, x)[axis]
    if isinstance(length, Lit):
        each, more = divmod(length.value, count)
        places = [Lit(k * each + min(k, more)) for k in range(count + 1)]
        return list(itertools.pairwise(places))
    each_of = frame.op(node, operator.floordiv, length, Lit(count))
    more_of = frame.op(node, operator.mod, length, Lit(count))
    starts: list[Operand] = [Lit(0)]
    for k in range(1, count + 1):
        even = frame.op(node, operator.mul, each_of, Lit(k))
        starts.append(frame.op(node, operator.add, even, frame.op(node, min, Lit(k), more_of)))
    return list(itertools.pairwise(starts))


def _look_at_part(frame: Frame, x: Var, out: Var, axis: int, start: Operand, stop: Operand) -> None:
    part = slice(start, None if stop == Lit(None) else stop)
    index = (*(slice(None) for _ in range(axis)), part)
    operands, form = Form.of((x, index), {}, is_operand)
    memory.look(frame, out, views.View(x, memory.now(frame, x), operator.getitem, tuple(operands[1:]), form))


_BY_AXIS: dict[tuple[int | None, bool], Callable[..., Any]] = {
    (None, False): np.split,
    (None, True): np.array_split,
    (0, False): np.vsplit,
    (1, False): np.hsplit,
    (2, False): np.dsplit,
}

HANDLERS: dict[Any, Handler] = {
    np.array: _array,
    np.asarray: _as_array,
    np.asanyarray: _as_array,
    np.asarray_chkfinite: _as_array,
    np.ascontiguousarray: _in_rows,
    np.atleast_1d: _at_least(1),
    np.atleast_2d: _at_least(2),
    np.atleast_3d: _at_least(3),
    np.divmod: _divmod,
    np.nan_to_num: _without_nan,
    np.real: _real,
    np.size: _size,
    np.split: _split(None),
    np.array_split: _split(None, uneven=True),
    np.vsplit: _split(0),
    np.hsplit: _split(1),
    np.dsplit: _split(2),
}
