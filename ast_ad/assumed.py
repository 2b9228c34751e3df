"""What is assumed of a function's arguments before it is called."""

from __future__ import annotations

import typing
from collections.abc import Callable
from typing import Any

from ast_ad.arguments import Callee
from ast_ad.errors import ArgumentError
from ast_ad.frontend.lower import Argument
from ast_ad.ir.kinds import UNKNOWN, kind_of
from ast_ad.trees import LEAF, flatten


def general_arguments(callee: Callee) -> tuple[Argument, ...]:
    """Return what annotations and defaults say of a function's arguments; of the others, that they are numbers."""
    if callee.skipped > len(callee.prefix):
        raise ArgumentError(
            f"{callee.name}() is a method: what its object holds is not known before it is called",
            help="call it once, or differentiate the bound method: grad(obj.method)",
        )
    arguments = []
    hints = _annotations(callee.function)
    given = callee.signature.bind_partial(*callee.prefix, **callee.keywords).arguments
    for name, parameter in callee.signature.parameters.items():
        default = given.get(name, parameter.default)
        if parameter.kind is parameter.VAR_POSITIONAL:
            default = given.get(name, ())
        elif parameter.kind is parameter.VAR_KEYWORD:
            default = given.get(name, {})
        if hints.get(name) in _ANNOTATED:
            arguments.append(Argument(name, LEAF, (kind_of(hints[name](1)),)))
        elif default is parameter.empty:
            arguments.append(Argument(name, LEAF, (UNKNOWN,)))
        else:
            leaves, tree = flatten(default)
            arguments.append(Argument(name, tree, tuple(map(kind_of, leaves))))
    return tuple(arguments)


_ANNOTATED = (bool, int, float, complex)


def _annotations(function: Callable[..., Any]) -> dict[str, Any]:
    try:
        return typing.get_type_hints(function)
    except (NameError, TypeError, AttributeError):
        return {}
