"""Dicts of known keys, read at a key that is computed: each of them is compared, if they are few.

Where such a dict has to be a table instead, lowering starts again (`TableNeeded`).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ast_ad.errors import RunTimeIndexError
from ast_ad.frontend import containers
from ast_ad.frontend.choices import choice
from ast_ad.frontend.equality import equal
from ast_ad.frontend.frame import Frame
from ast_ad.frontend.keys import key_of
from ast_ad.frontend.table_sites import TableNeeded, can_be_table
from ast_ad.frontend.values import Container, Value, parts, value_of
from ast_ad.ir.nodes import Lit, Op

FEW = 8
"""The most keys of a dict that is read at a computed key by comparing it with each of them."""


def known_key(frame: Frame, node: Any, owner: Container, index: Value) -> Any:
    """Return the key of a dict of known keys."""
    try:
        return key_of(frame, node, index)
    except RunTimeIndexError:
        if owner.site is not None and can_be_table(frame):
            raise TableNeeded(owner.site) from None
        raise


def read(frame: Frame, node: Any, owner: Container, index: Value, missing: Callable[[], Value]) -> Value:
    """Return ``owner[index]`` of a dict of known keys at a key that is computed."""
    inside = containers.seen(frame, owner)
    if len(inside) > FEW or not inside or _turns_with_the_loop(frame, index):
        known_key(frame, node, owner, index)
    items = list(inside.items())

    def at(i: int) -> Value:
        if i == len(items):
            return missing()
        key, value = items[i]
        same = equal(frame, node, index, value_of(key))
        return choice(frame, node, frame.operand(node, same), lambda: value, lambda: at(i + 1))

    return at(0)


def _turns_with_the_loop(frame: Frame, index: Value) -> bool:
    """Tell whether a key is made of the index of a loop that can be written out: ``parameters["W" + str(layer)]``."""
    turning = None if frame.loop is None else frame.loop.index
    if turning is None:
        return False
    made = {out: s for s in frame.builder.open_region.statements if isinstance(s, Op) for out in s.outs}
    pending, found = parts(index)[0], False
    while pending:
        operand = pending.pop()
        if operand in made:
            pending += [*made[operand].args, *(value for _, value in made[operand].kwargs)]
        elif operand is turning:
            found = True
        elif not isinstance(operand, Lit):
            return False
    return found
