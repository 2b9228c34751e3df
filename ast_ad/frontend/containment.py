"""What `in` finds: in containers whose items are known it is a chain of comparisons, else a loop or an operation."""

from __future__ import annotations

import operator
from typing import Any

import numpy as np

from ast_ad.frontend import (
    arrays,
    awaited,
    containers,
    dispatch,
    enumerations,
    foreign,
    iterables,
    members,
    table_keys,
    truths,
)
from ast_ad.frontend.choices import choice
from ast_ad.frontend.equality import equal_items
from ast_ad.frontend.frame import Frame
from ast_ad.frontend.heap import is_generator
from ast_ad.frontend.jumps import FALSE, TRUE
from ast_ad.frontend.paths import Held
from ast_ad.frontend.resolution import guard_identity
from ast_ad.frontend.values import Grown, Known, Range, Table, Value, is_operand, is_string, value_of
from ast_ad.frontend.wording import describe
from ast_ad.ir.kinds import STRING, Scalar
from ast_ad.ir.nodes import Lit
from ast_ad.models import iteration


def contained(frame: Frame, node: Any, item: Value, container: Value) -> Value:
    """Return ``item in container``."""
    among = enumerations.contains(frame, container, item)
    if among is not None:
        return among
    if members.special(container, "__contains__") is not None:
        return truths.tested(frame, node, members.call_special(frame, node, container, "__contains__", [item]))
    if iterables.is_iterable(container) or is_generator(container):
        return dispatch.call_known(frame, node, _CONTAINED, [container, item], {})
    if isinstance(container, Range):
        return dispatch.call_known(frame, node, _IN_RANGE, [*container, item], {})
    if arrays.is_array(container) and is_operand(item):
        return frame.op(node, np.any, frame.op(node, operator.eq, container, item))
    if isinstance(container, Table):
        return table_keys.contains(frame, node, container, item)
    if foreign.is_foreign(container) or is_string(container):
        return foreign.decide(frame, node, operator.contains, container, item)
    container = members.without_names(containers.seen(frame, container))
    if isinstance(item, Known) and isinstance(container, Known) and is_string(item) and is_string(container):
        return Lit(item.value in container.value)
    if isinstance(container, Grown):
        return _in_grown(frame, node, item, container)
    if isinstance(container, dict):
        container = tuple(map(value_of, container))
    if isinstance(container, Known) and isinstance(container.value, frozenset):
        guard_identity(frame, container)
        container = tuple(map(value_of, container.value))
    if type(container) is list:
        container = [awaited.at_last(frame, each) for each in container]
    if type(container) not in (tuple, list):
        frame.misfit(node, f"`in` needs a tuple, a list or a dict, and this is {describe(container)}")
    return _among(frame, node, item, tuple(container))


_CONTAINED = Known(iteration.contained, Held(iteration.contained))
_IN_RANGE = Known(iteration.in_range, Held(iteration.in_range))


def _in_grown(frame: Frame, node: Any, item: Value, container: Grown) -> Value:
    """Return whether an item is in a list that has grown: of numbers and texts, Python tells."""
    leaf = containers.single(container)
    sought = Lit(item.value) if isinstance(item, Known) and is_string(item) else item
    if leaf is not None and is_operand(sought):
        kinds = (sought.kind, leaf.kind.item)
        if all(isinstance(kind, Scalar) or kind == STRING for kind in kinds):
            return frame.op(node, operator.contains, leaf, sought)
    return dispatch.call_known(frame, node, _CONTAINED, [container.home, item], {})


def _among(frame: Frame, node: Any, item: Value, items: tuple[Value, ...]) -> Value:
    """Return whether an item is equal to one of several."""
    if not items:
        return FALSE
    first = equal_items(frame, node, item, items[0])
    return choice(
        frame,
        node,
        frame.operand(node, first),
        lambda: TRUE,
        lambda: _among(frame, node, item, items[1:]),
    )
