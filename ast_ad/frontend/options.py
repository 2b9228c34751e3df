"""Calls with options of which a rule knows nothing: they are lowered as what they come to (see `ast_ad.models`)."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import Any

import numpy as np

from ast_ad.frontend.arrays import formed
from ast_ad.frontend.dispatch import call_known
from ast_ad.frontend.frame import Frame
from ast_ad.frontend.handlers import HANDLERS, Arguments, Handler, Keywords
from ast_ad.frontend.library import operation
from ast_ad.frontend.paths import Held
from ast_ad.frontend.values import Known, Value, is_none, is_operand, parts
from ast_ad.ir.kinds import dims_of, is_complex, is_inexact
from ast_ad.ir.nodes import Lit, Var
from ast_ad.models import OPTIONS, arrays, differences, in_place, matrices, padding, statistics, ufuncs

Test = Callable[[Arguments, Keywords], bool]


def _beyond(fn: Callable[..., Any], known: Mapping[str, Sequence[Any]]) -> Test:
    """Return a test for a call with an option that has another value than those that are known."""
    names = _names(fn)

    def test(args: Arguments, kwargs: Keywords) -> bool:
        given = {**dict(zip(names, args)), **kwargs}
        return any(name in given and not _is_among(given[name], values) for name, values in known.items())

    return test


def _names(fn: Callable[..., Any]) -> tuple[str, ...]:
    try:
        return tuple(inspect.signature(fn).parameters)
    except ValueError:
        return ()


def _is_among(value: Value, values: Sequence[Any]) -> bool:
    return isinstance(value, (Known, Lit)) and any(value.value is each or value.value == each for each in values)


def _lowered_as(
    fn: Callable[..., Any],
    model: Callable[..., Any],
    test: Test,
    known: Mapping[str, Sequence[Any]] = MappingProxyType({}),
) -> Handler:
    """Make the handler of a function that is lowered as another one where a test of the call says so.

    Elsewhere an option of which one value is known is left out: that is its default.
    """
    plain, stands_in = HANDLERS.get(fn), Known(model, Held(model))

    def handler(frame: Frame, node: Any, args: Arguments, kwargs: Keywords) -> Value:
        if test(args, kwargs):
            return call_known(frame, node, stands_in, args, _counting(frame, node, args, kwargs))
        kwargs = {
            name: each
            for name, each in kwargs.items()
            if len(known.get(name, ())) != 1 or not _is_among(each, known[name])
        }
        return operation(frame, node, fn, args, kwargs) if plain is None else plain(frame, node, args, kwargs)

    return handler


def _counting(frame: Frame, node: Any, args: Arguments, kwargs: Keywords) -> Keywords:
    """Let ``where=``, which elements count, have the shape of the array: it may be smaller, but not larger."""
    where = kwargs.get("where")
    if not args or not is_operand(args[0]) or where is None or isinstance(where, (Known, Lit)):
        return kwargs
    if not is_operand(where):
        where = formed(frame, node, np.array, [where], {})
    if dims_of(where.kind) != dims_of(args[0].kind):
        where = frame.op(node, np.broadcast_to, where, frame.op(node, np.shape, args[0]))
    return {**kwargs, "where": where}


def _without(fn: Callable[..., Any], name: str, refused: Any, message: str, remedy: str) -> Handler:
    """Make the handler of a function of which one option is refused."""
    plain, names = HANDLERS.get(fn), _names(fn)

    def handler(frame: Frame, node: Any, args: Arguments, kwargs: Keywords) -> Value:
        given = {**dict(zip(names, args)), **kwargs}
        if name in given and _is_among(given[name], (refused,)):
            frame.refuse(node, message, remedy)
        return operation(frame, node, fn, args, kwargs) if plain is None else plain(frame, node, args, kwargs)

    return handler


def _at_places(args: Arguments, kwargs: Keywords) -> bool:
    """Tell whether `np.gradient` is called with the places of the elements, which may be differentiated."""
    return any(isinstance(each, Var) and dims_of(each.kind) and is_inexact(each.kind) for each in args[1:])


def _of_complex(args: Arguments, kwargs: Keywords) -> bool:
    return any(isinstance(each, Var) and is_complex(each.kind) for each in (*args, *kwargs.values()))


def _in_the_plane(args: Arguments, kwargs: Keywords) -> bool:
    """Tell whether `np.cross` is called with vectors that are known to have length 2."""
    known = [dims_of(each.kind) for each in args if isinstance(each, Var)]
    return not kwargs and len(known) == len(args) == 2 and all(dims[-1:] == (2,) for dims in known)


def _computed(fn: Callable[..., Any], name: str) -> Test:
    """Return a test for a call in which an option is computed, so that it may be differentiated."""
    names = _names(fn)

    def test(args: Arguments, kwargs: Keywords) -> bool:
        given = {**dict(zip(names, args)), **kwargs}.get(name)
        return given is not None and any(is_inexact(leaf.kind) for leaf in parts(given)[0] if isinstance(leaf, Var))

    return test


def _with_options(ufunc: np.ufunc) -> Handler:
    """Make the handler of a ufunc.

    With ``where=`` beside ``out=`` it changes a part of an array; with a ``dtype=`` it computes in that. Options that
    ask for what it does without them are left out.
    """
    written, computed = (Known(fn, Held(fn)) for fn in (in_place.written_where, ufuncs.computed_in))
    itself, plain = Known(ufunc, Held(ufunc)), HANDLERS.get(ufunc)

    def handler(frame: Frame, node: Any, args: Arguments, kwargs: Keywords) -> Value:
        kwargs = {name: each for name, each in kwargs.items() if not _is_among(each, _NO_OPTION.get(name, ()))}
        if kwargs.keys() == {"out", "where"} and not is_none(kwargs["out"]):
            return call_known(frame, node, written, [itself, kwargs["out"], kwargs["where"], *args], {})
        if kwargs.keys() == {"dtype"} and len(args) == ufunc.nin and _computes_in(ufunc, kwargs["dtype"], args):
            return call_known(frame, node, computed, [itself, kwargs["dtype"], *args], {})
        return operation(frame, node, ufunc, args, kwargs) if plain is None else plain(frame, node, args, kwargs)

    return handler


_NO_OPTION = {
    "casting": ("same_kind", "unsafe"),
    "order": ("K",),
    "subok": (True, False),
    "dtype": (None,),
    "where": (True,),
}


def _computes_in(ufunc: np.ufunc, dtype: Value, args: Arguments) -> bool:
    """Tell whether a ufunc takes and returns numbers of that dtype, to which the arguments may be converted."""
    try:
        code = np.dtype(dtype.value).char if isinstance(dtype, Known) else ""
    except TypeError:
        return False
    kept = code in "FDG" or not any(is_operand(each) and is_complex(each.kind) for each in args)
    return kept and f"{code * ufunc.nin}->{code}" in ufunc.types and code in "fdgFDG"


HANDLERS.update({fn: _lowered_as(fn, model, _beyond(fn, known), known) for fn, (known, model) in OPTIONS.items()})
HANDLERS[np.gradient] = _lowered_as(np.gradient, differences.gradient, _at_places)
HANDLERS[np.cross] = _lowered_as(np.cross, matrices.planar_cross, _in_the_plane)
HANDLERS[np.cov] = _lowered_as(np.cov, statistics.cov, _of_complex)
HANDLERS[np.pad] = _without(
    np.pad, "mode", "empty", "the elements that `np.pad` adds with mode='empty' are not known", "pad with constants"
)
HANDLERS[np.pad] = _lowered_as(np.pad, padding.pad, _computed(np.pad, "constant_values"))
HANDLERS[np.logspace] = _lowered_as(np.logspace, arrays.logspace, _computed(np.logspace, "base"))
for _fn in (np.median, np.quantile, np.percentile, np.nanmedian, np.nanquantile, np.nanpercentile):
    HANDLERS[_fn] = _without(
        _fn,
        "overwrite_input",
        True,
        "with overwrite_input=True, nobody knows what the array contains afterwards",
        "leave the option out: the result is the same",
    )
HANDLERS.update({fn: _with_options(fn) for fn in vars(np).values() if isinstance(fn, np.ufunc) and fn.nout == 1})
