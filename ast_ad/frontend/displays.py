"""Lists that are written out with starred items: ``[first, *rest, last]``."""

from __future__ import annotations

import operator
from typing import Any

import gast

from ast_ad.frontend import containers
from ast_ad.frontend.arithmetic import binary
from ast_ad.frontend.asking import Asks
from ast_ad.frontend.expressions import EXPRESSIONS, elements, gone_through, optional
from ast_ad.frontend.frame import Frame
from ast_ad.frontend.handlers import HANDLERS
from ast_ad.frontend.listing import items_of
from ast_ad.frontend.values import Grown, Range, Value


def _list(frame: Frame, node: gast.List) -> Value:
    if not any(isinstance(each, gast.Starred) for each in node.elts):
        return containers.made(frame, elements(frame, node.elts))
    parts: list[Value] = [containers.made(frame, [])]
    items: list[Value] = []
    with frame.holding(parts), frame.holding(items):
        for each in node.elts:
            if not isinstance(each, gast.Starred):
                items.append(optional(frame, each))
                continue
            value = gone_through(frame, each.value, Asks.AT_ONCE)
            if _is_counted(frame, value):
                items += items_of(frame, each.value, value)
                continue
            parts += [containers.made(frame, list(items)), HANDLERS[list](frame, each.value, [value], {})]
            items.clear()
    return _joined(frame, node, [*parts, containers.made(frame, items)])


def _is_counted(frame: Frame, value: Value) -> bool:
    """Tell whether it is known how many items there are; of a list that has grown and of a range, it may not be."""
    if isinstance(value, Range):
        return value.known() is not None
    return not isinstance(containers.seen(frame, value), Grown)


def _joined(frame: Frame, node: Any, parts: list[Value]) -> Value:
    """Return lists one after the other, as a new one."""
    first, *others = [part for part in parts if containers.seen(frame, part) != []] or parts[:1]
    for each in others:
        first = binary(frame, node, operator.add, first, each)
    return first


EXPRESSIONS[gast.List] = _list
