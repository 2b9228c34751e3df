"""The table of the functions whose calls are lowered as more than an operation."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from ast_ad.frontend import containers
from ast_ad.frontend.frame import Frame
from ast_ad.frontend.values import Value

Arguments = Sequence[Value]
Keywords = Mapping[str, Value]
Handler = Callable[[Frame, Any, Arguments, Keywords], Value]

LAZY: list[Any] = [isinstance, type]
"""Functions that do not use up a generator that they are given."""

HANDLERS: dict[Any, Handler] = {}
"""What lowers the call of a function, where it is more than an operation; the modules that a topic is in fill it."""

TAKES_NONE = (print, isinstance, str)
"""Functions to which None is as good as any value."""


def of_contents(handlers: Mapping[Any, Handler]) -> dict[Any, Handler]:
    """Make handlers that get what containers contain, instead of the containers."""

    def seeing(handler: Handler) -> Handler:
        def with_contents(frame: Frame, node: Any, args: Arguments, kwargs: Keywords) -> Value:
            named = {name: containers.seen(frame, value) for name, value in kwargs.items()}
            return handler(frame, node, [containers.seen(frame, arg) for arg in args], named)

        return with_contents

    return {fn: seeing(handler) for fn, handler in handlers.items()}
