"""Sequences whose items are known by a number: their length, and how to lower the item of each index.

Loops and comprehensions go through them where a length is known only when it runs: of arrays, ranges, lists that have
grown, and what `zip`, `enumerate` and `reversed` make of these.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from ast_ad.frontend import containers, grown_items
from ast_ad.frontend.arrays import is_array, item, length
from ast_ad.frontend.frame import Frame
from ast_ad.frontend.values import Container, Grown, Range, Value
from ast_ad.ir.nodes import Lit, Operand
from ast_ad.runtime import trip_count


class Stream(NamedTuple):
    """A sequence of a length that is known only when it runs.

    `get` lowers an item; `over` are the arrays that it reads, and `lists` the lists.
    """

    length: Callable[[Frame, Any], Operand]
    get: Callable[[Frame, Any, Operand], Value]
    over: tuple[Value, ...] = ()
    lists: tuple[Container, ...] = ()


def stream_of(value: Value) -> Stream | None:
    """Return an abstract value as something to iterate over, where its length is known only when it runs."""
    if isinstance(value, Stream):
        return value
    if isinstance(value, Grown):
        return _of_list(value)
    if is_array(value) and value.kind.ndim:
        return Stream(
            lambda frame, node: length(frame, node, value), lambda frame, node, i: item(frame, node, value, i), (value,)
        )
    if isinstance(value, Range):
        return Stream(
            lambda frame, node: _trips(frame, node, value), lambda frame, node, i: _nth(frame, node, value, i)
        )
    return None


def has_run_time_length(frame: Frame, node: Any, value: Value) -> bool:
    """Tell whether an array, a range or a stream has a length that is known only when it runs."""
    if is_array(value):
        return value.kind.ndim > 0 and not isinstance(value.kind.dims[0], int)
    if isinstance(value, Range):
        return value.known() is None
    return isinstance(value, Stream) and not isinstance(value.length(frame, node), Lit)


def _of_list(value: Grown) -> Stream:
    """Return the items of a list that has grown."""

    def get(frame: Frame, node: Any, index: Operand) -> Value:
        now = containers.seen(frame, value.home)
        return grown_items.item(frame, node, value.home, now, index)

    lists = () if value.home is None else (value.home,)
    return Stream(lambda frame, node: grown_items.length(frame, node, value), get, lists=lists)


def _trips(frame: Frame, node: Any, value: Range) -> Operand:
    if value.start == Lit(0) and value.step == Lit(1):
        return value.stop
    return frame.op(node, trip_count, *value)


def _nth(frame: Frame, node: Any, value: Range, i: Operand) -> Operand:
    if value.start == Lit(0) and value.step == Lit(1):
        return i
    scaled = i if value.step == Lit(1) else frame.op(node, operator.mul, i, value.step)
    return frame.op(node, operator.add, value.start, scaled)


def zipped(columns: Sequence[Stream]) -> Stream:
    """Return the rows of several sequences, as many as the shortest has."""

    def shortest(frame: Frame, node: Any) -> Operand:
        first, *others = [column.length(frame, node) for column in columns]
        for other in others:
            first = frame.op(node, min, first, other)
        return first

    return Stream(
        shortest,
        lambda frame, node, i: tuple(column.get(frame, node, i) for column in columns),
        tuple(each for column in columns for each in column.over),
        tuple(each for column in columns for each in column.lists),
    )


def enumerated(value: Stream, start: Operand) -> Stream:
    """Return the items with their numbers."""

    def numbered(frame: Frame, node: Any, i: Operand) -> Value:
        number = i if start == Lit(0) else frame.op(node, operator.add, i, start)
        return number, value.get(frame, node, i)

    return Stream(value.length, numbered, value.over, value.lists)


def backwards(value: Stream) -> Stream:
    """Return the items in reverse order."""

    def mirrored(frame: Frame, node: Any, i: Operand) -> Value:
        last = frame.op(node, operator.sub, value.length(frame, node), Lit(1))
        return value.get(frame, node, frame.op(node, operator.sub, last, i))

    return Stream(value.length, mirrored, value.over, value.lists)
