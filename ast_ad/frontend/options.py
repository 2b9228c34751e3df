"""Calls with options of which a rule knows nothing: they are lowered as what they come to (see `ast_ad.models`)."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from ast_ad.frontend.calls import call_known
from ast_ad.frontend.frame import Frame
from ast_ad.frontend.handlers import HANDLERS, Arguments, Handler, Keywords
from ast_ad.frontend.library import operation
from ast_ad.frontend.paths import Held
from ast_ad.frontend.values import Known, Value, is_none
from ast_ad.ir.kinds import dims_of, is_complex, is_inexact
from ast_ad.ir.nodes import Lit, Var
from ast_ad.models import OPTIONS, differences, in_place, matrices, statistics

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


def _lowered_as(fn: Callable[..., Any], model: Callable[..., Any], test: Test) -> Handler:
    """Make the handler of a function that is lowered as another one where a test of the call says so."""
    plain, stands_in = HANDLERS.get(fn), Known(model, Held(model))

    def handler(frame: Frame, node: Any, args: Arguments, kwargs: Keywords) -> Value:
        if test(args, kwargs):
            return call_known(frame, node, stands_in, args, kwargs)
        return operation(frame, node, fn, args, kwargs) if plain is None else plain(frame, node, args, kwargs)

    return handler


def _without(fn: Callable[..., Any], name: str, refused: str, message: str, remedy: str) -> Handler:
    """Make the handler of a function of which one option is refused."""
    plain, names = HANDLERS[fn], _names(fn)

    def handler(frame: Frame, node: Any, args: Arguments, kwargs: Keywords) -> Value:
        given = {**dict(zip(names, args)), **kwargs}
        if name in given and _is_among(given[name], (refused,)):
            frame.refuse(node, message, remedy)
        return plain(frame, node, args, kwargs)

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


def _masked(ufunc: np.ufunc) -> Handler:
    """Make the handler of a ufunc: with ``where=`` beside ``out=`` it changes a part of an array."""
    stands_in = Known(in_place.written_where, Held(in_place.written_where))
    plain = HANDLERS.get(ufunc)

    def handler(frame: Frame, node: Any, args: Arguments, kwargs: Keywords) -> Value:
        if kwargs.keys() >= {"out", "where"} and not is_none(kwargs["out"]) and len(kwargs) == 2:
            given = [Known(ufunc, Held(ufunc)), kwargs["out"], kwargs["where"], *args]
            return call_known(frame, node, stands_in, given, {})
        return operation(frame, node, ufunc, args, kwargs) if plain is None else plain(frame, node, args, kwargs)

    return handler


HANDLERS.update({fn: _lowered_as(fn, model, _beyond(fn, known)) for fn, (known, model) in OPTIONS.items()})
HANDLERS[np.gradient] = _lowered_as(np.gradient, differences.gradient, _at_places)
HANDLERS[np.cross] = _lowered_as(np.cross, matrices.planar_cross, _in_the_plane)
HANDLERS[np.cov] = _lowered_as(np.cov, statistics.cov, _of_complex)
HANDLERS[np.pad] = _without(
    np.pad, "mode", "empty", "the elements that `np.pad` adds with mode='empty' are not known", "pad with constants"
)
HANDLERS.update({fn: _masked(fn) for fn in vars(np).values() if isinstance(fn, np.ufunc) and fn.nout == 1})
