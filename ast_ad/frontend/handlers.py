"""The table of the functions whose calls are lowered as more than an operation."""

from __future__ import annotations

import math
from collections.abc import Callable, Hashable, Mapping, Sequence
from typing import Any

from ast_ad.frontend import containers
from ast_ad.frontend.asking import Asks
from ast_ad.frontend.frame import Frame
from ast_ad.frontend.values import Known, Method, Value
from ast_ad.rules.registry import find

Arguments = Sequence[Value]
Keywords = Mapping[str, Value]
Handler = Callable[[Frame, Any, Arguments, Keywords], Value]

LAZY: list[Any] = [isinstance, type]
"""Functions that do not use up a generator that they are given."""

TAKES_DICT: list[Any] = [isinstance, type, dict, bool, iter]
"""Functions that are given a dict; others go through it, and are given its keys."""

HANDLERS: dict[Any, Handler] = {}
"""What lowers the call of a function, where it is more than an operation; the modules that a topic is in fill it."""

TAKES_NONE = (print, isinstance, str, repr, bool, callable, getattr, hasattr, type)
"""Functions to which None is as good as any value."""


def of_contents(handlers: Mapping[Any, Handler]) -> dict[Any, Handler]:
    """Make handlers that get what containers contain, instead of the containers."""

    def seeing(handler: Handler) -> Handler:
        def with_contents(frame: Frame, node: Any, args: Arguments, kwargs: Keywords) -> Value:
            named = {name: containers.seen(frame, value) for name, value in kwargs.items()}
            return handler(frame, node, [containers.seen(frame, arg) for arg in args], named)

        return with_contents

    return {fn: seeing(handler) for fn, handler in handlers.items()}


_AT_ONCE = (sum, max, min, list, tuple, sorted, dict, math.prod, math.fsum)
_ITERATORS = (enumerate, filter, map, reversed, zip)
_METHODS = ("extend", "join", "update")

GO_THROUGH = (*_AT_ONCE, *_ITERATORS)
"""Functions that ask for the items of an argument."""


def goes_through(fn: Any, position: int, count: int) -> bool:
    """Tell whether one of these, called with so many arguments, asks for the items of the one at a position."""
    if fn in (max, min):
        return count == 1
    return fn is zip or (position > 0 if fn in (filter, map) else position == 0)


def makes_iterator(fn: Any) -> bool:
    """Tell whether a function of Python's returns an iterator."""
    return any(fn is each for each in _ITERATORS) or getattr(fn, "__module__", None) == "itertools"


def asked_by(fn: Value, asked: Asks) -> Asks:
    """Return what a call does with the items of its arguments, if `asked` is done with those of its result."""
    if isinstance(fn, Method):
        return Asks.AT_ONCE if fn.name in _METHODS else Asks.MAYBE
    if not isinstance(fn, Known) or not isinstance(fn.value, Hashable) or fn.value in (iter, next):
        return Asks.MAYBE
    if any(fn.value is each for each in _AT_ONCE):
        return Asks.AT_ONCE
    if asked is Asks.BY_LOOP and makes_iterator(fn.value):
        return asked
    return Asks.IN_TURN if fn.value in HANDLERS or (callable(fn.value) and find(fn.value) is not None) else Asks.MAYBE
