"""Signatures of functions, to which wrappers that check arguments bind what they are given, and the types in them.

Importing this module adds `inspect.signature`, the methods of what it returns, and `typing.get_args` and
`typing.get_origin` to the functions that lowering knows.
"""

from __future__ import annotations

import inspect
import typing
from collections.abc import Callable
from typing import Any

from ast_ad.frontend import containers, objects
from ast_ad.frontend.frame import Frame
from ast_ad.frontend.function_calls import abstract_default
from ast_ad.frontend.handlers import HANDLERS, Arguments, Handler, Keywords
from ast_ad.frontend.paths import Held
from ast_ad.frontend.resolution import guard_identity
from ast_ad.frontend.values import Known, Value
from ast_ad.models.signatures import BoundArguments

_PACKED: dict[Any, Any] = {inspect.Parameter.VAR_POSITIONAL: (), inspect.Parameter.VAR_KEYWORD: {}}


def _signature(frame: Frame, node: Any, args: Arguments, kwargs: Keywords) -> Value:
    function, *others = args
    if not isinstance(function, Known) or others or kwargs:
        frame.refuse(node, "the signature of this function is not known when lowering", "take it outside")
    guard_identity(frame, function)
    found = inspect.signature(function.value)
    return Known(found, Held(found))


def _binding(name: str) -> Handler:
    def bind(frame: Frame, node: Any, args: Arguments, kwargs: Keywords) -> Value:
        known, *given = args
        assert isinstance(known, Known)
        guard_identity(frame, known)
        signature = known.value
        try:
            arguments = getattr(signature, name)(*given, **kwargs).arguments
        except TypeError as error:
            frame.misfit(node, str(error), "pass what the signature asks for", error)
        return _bound(frame, node, known, arguments)

    return bind


def _bound(frame: Frame, node: Any, signature: Known, arguments: dict[str, Value]) -> Value:
    every: dict[str, inspect.Parameter] = dict(signature.value.parameters)
    given: dict[str, Value] = {name: containers.boxed(frame, value) for name, value in arguments.items()}
    defaults: dict[str, Value] = {}
    for name, parameter in every.items():
        if name in given:
            defaults[name] = given[name]
        elif parameter.kind in _PACKED:
            defaults[name] = containers.boxed(frame, _PACKED[parameter.kind])
        elif parameter.default is not parameter.empty:
            defaults[name] = abstract_default(frame, parameter.default)
    by_name = (inspect.Parameter.KEYWORD_ONLY, inspect.Parameter.VAR_KEYWORD)
    packed = {parameter.kind: Known(name) for name, parameter in every.items() if parameter.kind in _PACKED}
    made = (
        signature,
        containers.made(frame, given),
        containers.made(frame, defaults),
        tuple([Known(name) for name, parameter in every.items() if parameter.kind not in by_name]),
        *[packed.get(kind, Known("")) for kind in _PACKED],
    )
    return objects.create(frame, node, Known(BoundArguments, Held(BoundArguments)), made, {})


def _of_type(fn: Callable[[Any], Any]) -> Handler:
    def of_type(frame: Frame, node: Any, args: Arguments, kwargs: Keywords) -> Value:
        (known,) = args
        if not isinstance(known, Known):
            frame.refuse(node, "this type is not known when lowering", "name it")
        found = fn(known.value)
        return tuple([Known(each, Held(each)) for each in found]) if isinstance(found, tuple) else Known(found)

    return of_type


HANDLERS.update({inspect.signature: _signature})
HANDLERS.update({fn: _of_type(fn) for fn in (typing.get_args, typing.get_origin)})
HANDLERS.update({getattr(inspect.Signature, name): _binding(name) for name in ("bind", "bind_partial")})
