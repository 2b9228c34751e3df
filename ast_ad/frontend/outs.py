"""``out=``: results of NumPy's functions that are written to an array."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from ast_ad.frontend import arrays, memory
from ast_ad.frontend.frame import Frame
from ast_ad.frontend.values import Known, Value, is_operand
from ast_ad.frontend.wording import describe
from ast_ad.ir.broadcasting import is_stretched
from ast_ad.ir.kinds import dims_of, is_inexact
from ast_ad.ir.nodes import Lit
from ast_ad.runtime import fitted

Arguments = Sequence[Value]
Keywords = Mapping[str, Value]


def into(frame: Frame, node: Any, fn: Callable[..., Any], target: Value, result: Value) -> Value:
    """Write the result of a call to the array that it was given as ``out=``, and return that array."""
    if isinstance(target, tuple) and isinstance(result, tuple) and len(target) == len(result):
        pairs = zip(target, result)
        return tuple(value if _is_none(out) else into(frame, node, fn, out, value) for out, value in pairs)
    if isinstance(target, tuple) and len(target) == 1:
        (target,) = target
    if not arrays.is_array(target) or not is_operand(result):
        frame.misfit(node, f"`out` is {describe(target)}", "pass the array that the result is written to")
    if (isinstance(fn, np.ufunc) or fn is np.clip) and is_stretched(result.kind, target.kind):
        result = frame.op(node, np.broadcast_to, result, frame.op(node, np.shape, target))
    result = arrays.kept(frame, node, target, result)
    if dims_of(result.kind) != dims_of(target.kind):
        result = frame.op(node, fitted, result, target)
    memory.replace(frame, node, target, result)
    return target


def without_positional_out(
    fn: Callable[..., Any], args: Arguments, out: Value | None
) -> tuple[Arguments, Value | None]:
    """Return the positional arguments of a call without the array for its result, and that array, if there is one."""
    place = fn.nin if isinstance(fn, np.ufunc) else _place_of_out(fn)
    if isinstance(fn, np.ufunc) and fn.nout > 1 and len(args) > fn.nin:
        return args[: fn.nin], (*args[fn.nin :], *[None] * (fn.nin + fn.nout - len(args)))
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


def without_out(kwargs: Keywords) -> tuple[Keywords, Value | None]:
    """Return the keywords of a call without ``out=``, and what that was, if it was an array."""
    out = kwargs.get("out")
    rest = {name: value for name, value in kwargs.items() if name != "out"}
    return rest, None if _is_none(out) else out


def _is_none(value: Value) -> bool:
    return value is None or (isinstance(value, Known) and value.value is None)


def computed_in_out(
    fn: Callable[..., Any], args: Arguments, kwargs: Keywords, out: Value | None
) -> tuple[Arguments, Keywords]:
    """Return the arguments of a sum or a product with the dtype that it computes in: by default, that of `out`."""
    target: Any = out[0] if isinstance(out, tuple) and len(out) == 1 else out
    dtype = args[2] if len(args) > 2 else kwargs.get("dtype")
    if fn not in _COMPUTED_IN_OUT or not arrays.is_array(target) or not _is_none(dtype):
        return args, kwargs
    return args[:2], {**kwargs, "dtype": Known(np.dtype(target.kind.dtype).type)}


_COMPUTED_IN_OUT = frozenset((np.sum, np.prod, np.mean, np.cumsum, np.cumprod, np.add.reduce, np.multiply.reduce))


def where_true(frame: Frame, node: Any, fn: Callable[..., Any], args: Arguments, kwargs: Keywords, out: Value) -> Value:
    """Lower a call with ``where=`` and ``out=``: elsewhere, the array stays as it is.

    The function is called everywhere; where its result is not wanted, with numbers that do no harm.
    """
    where = kwargs["where"]
    rest = {name: value for name, value in kwargs.items() if name != "where"}
    if not isinstance(fn, np.ufunc) or fn.nout > 1 or not arrays.is_array(out):
        frame.refuse(node, "`where=` beside `out=` is not supported here", "use `np.where`")
    harmless = _harmless(fn)
    safe = [_chosen(frame, node, where, arg, harmless) for arg in args]
    result = arrays.formed(frame, node, fn, safe, rest)
    return into(frame, node, fn, out, arrays.formed(frame, node, np.where, [where, result, out], {}))


def _chosen(frame: Frame, node: Any, where: Value, arg: Value, harmless: float) -> Value:
    if not is_operand(arg) or isinstance(arg, Lit):
        return arg
    number = Lit(harmless if is_inexact(arg.kind) else 1)
    return arrays.formed(frame, node, np.where, [where, arg, number], {})


@functools.cache
def _harmless(fn: np.ufunc) -> float:
    """Return a number at which a function, and its slope, is finite."""
    with np.errstate(all="ignore"):
        return next((x for x in (0.5, 2.0) if np.all(np.isfinite(fn(*[x] * fn.nin)))), 0.5)
