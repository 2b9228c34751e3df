"""Tuples whose length is known only when it runs: lists of the class `RunTimeTuple`, which nothing changes.

Importing this module adds them to the functions and methods that lowering knows.
"""

from __future__ import annotations

from typing import Any

from ast_ad.frontend import (
    containers,
    iterators,  # noqa: F401  (what it puts into the table is wrapped here)
    methods,
    streams,
)
from ast_ad.frontend.dispatch import call_known
from ast_ad.frontend.frame import Frame
from ast_ad.frontend.handlers import HANDLERS, Arguments, Handler, Keywords
from ast_ad.frontend.run_time_tuples import RunTimeTuple, is_tuple, may_be
from ast_ad.frontend.values import Grown, Known, Value


def _tuple(otherwise: Handler) -> Handler:
    """Make the handler of `tuple`."""

    def handler(frame: Frame, node: Any, args: Arguments, kwargs: Keywords) -> Value:
        inside = containers.seen(frame, args[0]) if args else None
        if not isinstance(inside, (Grown, streams.Stream)) or not may_be():
            return otherwise(frame, node, args, kwargs)
        if is_tuple(args[0]):
            return args[0]
        items = call_known(frame, node, Known(list), args, {})
        return containers.made(frame, containers.seen(frame, items), cls=RunTimeTuple)

    return handler


HANDLERS[tuple] = _tuple(HANDLERS[tuple])
methods.METHODS[RunTimeTuple] = {name: methods.METHODS[list][name] for name in ("__getitem__", "count", "index")}
