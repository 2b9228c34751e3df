"""Items that are asked for later: a loop over a list, or a view of a dict, sees what is changed in it meanwhile."""

from __future__ import annotations

import operator
from collections.abc import Iterable
from typing import TYPE_CHECKING

from ast_ad.frontend.containers import seen
from ast_ad.frontend.dict_views import Keys, View
from ast_ad.frontend.values import Container, Grown, Later, LaterKey, Value, value_of
from ast_ad.ir.nodes import Lit
from ast_ad.trees import unflatten

if TYPE_CHECKING:
    from ast_ad.frontend.frame import Frame


def later(frame: Frame, value: Value) -> list[Value] | None:
    """Return the items of a list, or the keys of a dict, for a loop over them; None for anything else."""
    inside = seen(frame, value)
    owner = value.owner if isinstance(value, Keys) else value
    keys = seen(frame, owner) if isinstance(owner, Container) else None
    if isinstance(keys, dict):
        return [LaterKey(owner, key) for key in keys]
    if isinstance(value, View) and isinstance(inside, list):
        return inside
    if not isinstance(value, Container) or not isinstance(inside, list):
        return None
    return [Later(value, i) for i in range(len(inside))]


def at_last(frame: Frame, item: Value) -> Value:
    """Return an item of a container as it is now."""
    if isinstance(item, LaterKey):
        return value_of(item.key)
    if isinstance(item, Later):
        inside = seen(frame, item.container)
        if isinstance(inside, dict) and item.key not in inside:
            frame.refuse(
                frame.node,
                f"the item {item.key!r} of a dict is asked for, which is no longer there",
                "go over a copy: `list(d.items())`",
            )
        if not isinstance(inside, Grown):
            return at_last(frame, inside[item.key])
        value = unflatten(
            inside.own.item, [frame.builder.op(operator.getitem, (leaf, Lit(item.key))) for leaf in inside.leaves]
        )
        if isinstance(value, (Grown, dict, list)):
            frame.refuse(
                frame.node,
                "a loop over a list of lists of known length indexes it by what is computed",
                "loop over the indices: `for i in range(len(rows))`",
            )
        return value
    if type(item) is tuple and any(isinstance(each, (Later, tuple)) for each in item):
        return tuple([at_last(frame, each) for each in item])
    return item


def looked_at(frame: Frame, view: View) -> Value:
    """Return what a view shows now, whatever its dict becomes: a list, or what a grown one contains."""
    shown = seen(frame, view)
    return [at_last(frame, item) for item in shown] if isinstance(shown, list) else shown


def is_view(frame: Frame, value: Value) -> bool:
    """Tell whether a value is a view of a dict, such as `d.values()`, which sees what is changed in it later."""
    inside = seen(frame, value)
    return type(inside) is list and bool(waiting_for(inside))


def gone_over(value: Value) -> list[Container]:
    """Return the containers that a loop over a value goes over."""
    return value.over if isinstance(value, View) else [value] if isinstance(value, Container) else []


def waiting_for(items: Iterable[Value]) -> list[Container]:
    """Return the containers whose items are asked for later."""
    found: dict[Container, None] = {}
    pending = list(items)
    while pending:
        item = pending.pop()
        if isinstance(item, Later):
            found[item.container] = None
        elif type(item) is tuple:
            pending += item
    return list(found)
