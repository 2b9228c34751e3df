"""Where the keys of a `Table` stand, which are known only when it runs."""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any

from ast_ad.frontend import containers, grown, grown_items
from ast_ad.frontend.frame import Frame
from ast_ad.frontend.names import named
from ast_ad.frontend.values import Grown, Known, Table, Value, is_operand, parts
from ast_ad.frontend.wording import describe
from ast_ad.ir.kinds import BOOL, FLOAT, INT, STRING, Scalar
from ast_ad.ir.nodes import Form, Lit, Operand
from ast_ad.runtime import place_or_end
from ast_ad.trees import LEAF, TupleTree


def as_key(frame: Frame, node: Any, value: Value) -> Value:
    """Return a key as operands: numbers and texts, or tuples of these."""
    if type(value) is tuple:
        return tuple(as_key(frame, node, each) for each in value)
    if isinstance(value, Known) and isinstance(value.value, str):
        return Lit(value.value)
    if is_operand(value) and value.kind in (FLOAT, INT, STRING):
        return value
    if is_operand(value) and isinstance(value.kind, Scalar) and (value.kind == BOOL or "int" in value.kind.dtype):
        return frame.op(node, int, value)
    if is_operand(value) and value.kind == Scalar("float64", numpy=True):
        return frame.op(node, float, value)
    frame.misfit(
        node, f"{describe(value)} is the key of a dict whose keys are known only when it runs", "use numbers or texts"
    )


def place_in(frame: Frame, node: Any, table: Table, key: Value, fn: Callable[..., Any]) -> Operand:
    """Return where a key stands in a table, as `fn` tells."""
    inside = containers.seen(frame, table.keys)
    if not isinstance(inside, Grown):
        inside = grown.grow_in_place(frame, table.keys)
        if inside is None:
            frame.misfit(node, "the keys of this dict have several structures", "use keys of one structure")
    leaves = parts(key)[0]
    if len(leaves) != len(inside.leaves):
        frame.misfit(node, "the keys of this dict have several structures", "use keys of one structure")
    columns = TupleTree((LEAF,) * len(leaves))
    (index,) = containers.seen(frame, table.index)
    place: Operand = frame.ops(node, fn, [index, *inside.leaves, *leaves], Form((LEAF, columns, columns)))
    named(frame, place, "place")
    return place


def sought(frame: Frame, node: Any, table: Table, key: Value) -> tuple[Operand, Operand]:
    """Return whether a table has a key, and where; the number of its keys where it has not."""
    if containers.seen(frame, table.keys) == []:
        return Lit(False), Lit(0)
    place = place_in(frame, node, table, key, place_or_end)
    return frame.op(node, operator.lt, place, length(frame, node, table)), place


def length(frame: Frame, node: Any, table: Table) -> Operand:
    """Return how many keys there are."""
    inside = containers.seen(frame, table.keys)
    return grown_items.length(frame, node, inside) if isinstance(inside, Grown) else Lit(len(inside))


def contains(frame: Frame, node: Any, table: Table, index: Value) -> Operand:
    """Return ``index in table``."""
    return sought(frame, node, table, as_key(frame, node, index))[0]
