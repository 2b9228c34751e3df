"""Calls of abstract values: who lowers the call of what.

A method calls a function, a function makes an object, whose class calls a method: so whatever has a call to lower asks
here, and the modules that know how fill the table.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from ast_ad.frontend.frame import Frame
from ast_ad.frontend.values import Known, Value

Arguments = Sequence[Value]
Keywords = Mapping[str, Value]

CALLS: dict[type, Callable[[Frame, Any, Any, Arguments, Keywords], Value]] = {}
"""How the call of a value is lowered, by its class or one above that."""


def call(frame: Frame, node: Any, fn: Value, args: Arguments, kwargs: Keywords) -> Value:
    """Lower the call of an abstract value."""
    lower = next(CALLS[cls] for cls in type(fn).__mro__ if cls in CALLS)
    return lower(frame, node, fn, args, kwargs)


def call_known(frame: Frame, node: Any, known: Known, args: Arguments, kwargs: Keywords) -> Value:
    """Lower the call of an object that is known."""
    return CALLS[Known](frame, node, known, args, kwargs)
