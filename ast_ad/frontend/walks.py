"""Walks through all elements of an array: `np.ndindex` and `np.ndenumerate`."""

from __future__ import annotations

import operator
from collections.abc import Mapping, Sequence
from typing import Any

from ast_ad.frontend import arrays, containers
from ast_ad.frontend.frame import Frame
from ast_ad.frontend.streams import Stream
from ast_ad.frontend.values import Value, is_operand
from ast_ad.frontend.wording import describe
from ast_ad.ir.nodes import Lit, Operand


def indices(frame: Frame, node: Any, args: Sequence[Value], kwargs: Mapping[str, Value]) -> Value:
    """Return the indices of all elements of arrays of a shape, the last fastest."""
    shape = containers.plain(frame, args[0]) if len(args) == 1 else tuple(args)
    shape = (shape,) if is_operand(shape) else shape
    if not isinstance(shape, (tuple, list)) or not all(is_operand(each) for each in shape):
        frame.misfit(node, f"a shape is needed here, and this is {describe(shape)}")
    return Stream(
        lambda frame, node: _product(frame, node, shape), lambda frame, node, i: _index(frame, node, shape, i)
    )


def enumerated(frame: Frame, node: Any, args: Sequence[Value], kwargs: Mapping[str, Value]) -> Value:
    """Return the indices of all elements of an array, each with the element."""
    (array,) = args
    if not arrays.is_array(array):
        frame.misfit(node, f"an array is needed here, and this is {describe(array)}")
    shape = arrays.shape_of(frame, node, array)

    def get(frame: Frame, node: Any, i: Operand) -> Value:
        index = _index(frame, node, shape, i)
        return index, arrays.item(frame, node, array, index)

    return Stream(lambda frame, node: _product(frame, node, shape), get, (array,))


def _product(frame: Frame, node: Any, lengths: Sequence[Operand]) -> Operand:
    result: Operand = Lit(1)
    for length in lengths:
        result = length if result == Lit(1) else frame.op(node, operator.mul, result, length)
    return result


def _index(frame: Frame, node: Any, shape: Sequence[Operand], number: Operand) -> tuple[Operand, ...]:
    """Return the index of the element that a walk comes to after so many."""
    index: list[Operand] = []
    for axis in range(len(shape) - 1, 0, -1):
        index.append(frame.op(node, operator.mod, number, shape[axis]))
        number = frame.op(node, operator.floordiv, number, shape[axis])
    return tuple([*index, number][::-1])
