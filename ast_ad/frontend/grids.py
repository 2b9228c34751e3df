"""What NumPy makes of an index: `np.r_[...]`, `np.c_[...]`, `np.s_[...]`, `np.mgrid[...]` and `np.ogrid[...]`."""

from __future__ import annotations

import math
import operator
from typing import Any

import numpy as np

from ast_ad.frontend import arrays, containers
from ast_ad.frontend.accesses import INDEXED
from ast_ad.frontend.frame import Frame
from ast_ad.frontend.values import Grown, Known, Value, is_operand
from ast_ad.ir.kinds import code, dims_of
from ast_ad.ir.nodes import Lit

_ALL = slice(Known(None), Known(None), Known(None))
_NEW = Known(None)
_DEFAULT = ("float64", "int64", "complex128", "bool")
"""The dtypes that numbers of Python have as well: others would change what `np.r_` makes of the numbers beside them."""


def _items(index: Value) -> tuple[Value, ...]:
    return index if isinstance(index, tuple) else (index,)


def _row(frame: Frame, node: Any, index: Value) -> Value:
    return arrays.formed(frame, node, np.concatenate, [[_piece(frame, node, each) for each in _items(index)]], {})


def _columns(frame: Frame, node: Any, index: Value) -> Value:
    pieces = [_piece(frame, node, each) for each in _items(index)]
    columns = [
        arrays.item(frame, node, piece, (_ALL, _NEW)) if len(dims_of(piece.kind)) == 1 else piece for piece in pieces
    ]
    return arrays.formed(frame, node, np.concatenate, [columns], {"axis": Lit(-1)})


def _piece(frame: Frame, node: Any, each: Value) -> Value:
    """Return one of the arrays that are joined."""
    if isinstance(containers.seen(frame, each), Grown):
        each = arrays.formed(frame, node, np.array, [each], {})
    each = containers.plain(frame, each)
    if isinstance(each, slice):
        return _axis(frame, node, each)
    if arrays.is_array(each):
        if each.kind.dtype not in _DEFAULT:
            frame.refuse(node, f"`{each.kind.dtype}` is joined with an index", "use `np.concatenate`")
        return each
    if isinstance(each, Known):
        frame.refuse(node, "how to join is told by a text", "use `np.concatenate` or `np.stack`")
    return arrays.formed(frame, node, np.array, [[each] if is_operand(each) else each], {})


def _axis(frame: Frame, node: Any, limits: slice) -> Value:
    """Return the numbers of a slice; an imaginary step says how many there are, both ends included."""
    start, stop, step = (None if each == Known(None) else each for each in (limits.start, limits.stop, limits.step))
    start, step = Lit(0) if start is None else start, Lit(1) if step is None else step
    if stop is None:
        frame.misfit(node, "a slice without an end is no sequence of numbers", "write where it ends")
    if isinstance(step, Lit) and isinstance(step.value, complex):
        count = int(abs(step.value))
        width = frame.op(node, operator.sub, stop, start)
        step = frame.op(node, operator.truediv, width, Lit(max(count - 1, 1)))
        return _steps(frame, node, start, step, count)
    if all(code(each.kind) in ("b", "i", "u") for each in (start, stop, step)):
        return arrays.formed(frame, node, np.arange, [start, stop, step], {})
    if not all(isinstance(each, Lit) for each in (start, stop, step)):
        frame.refuse(node, "how many numbers a slice has is known only when it runs", "use `np.arange`")
    return _steps(frame, node, start, step, math.ceil((stop.value - start.value) / step.value))


def _steps(frame: Frame, node: Any, start: Value, step: Value, count: int) -> Value:
    """Return ``np.arange(count) * step + start``, as NumPy computes it."""
    numbers = arrays.formed(frame, node, np.arange, [Lit(count)], {})
    return frame.op(node, operator.add, frame.op(node, operator.mul, numbers, step), start)


def _grid(frame: Frame, node: Any, index: Value) -> Value:
    axes = [_axis(frame, node, each) for each in _slices(frame, node, index)]
    if len(axes) == 1 and not isinstance(index, tuple):
        return axes[0]
    grids = arrays.formed(frame, node, np.meshgrid, axes, {"indexing": Known("ij")}) if len(axes) > 1 else axes
    return arrays.formed(frame, node, np.array, [list(containers.seen(frame, grids))], {})


def _open_grid(frame: Frame, node: Any, index: Value) -> Value:
    axes = [_axis(frame, node, each) for each in _slices(frame, node, index)]
    if len(axes) == 1 and not isinstance(index, tuple):
        return axes[0]
    return tuple(
        arrays.item(frame, node, axis, tuple(_ALL if i == k else _NEW for i in range(len(axes))))
        for k, axis in enumerate(axes)
    )


def _slices(frame: Frame, node: Any, index: Value) -> tuple[slice, ...]:
    if not all(isinstance(each, slice) for each in _items(index)):
        frame.misfit(node, "a grid is made of slices", "write `start:stop` for each dimension")
    return _items(index)


def _index_expression(frame: Frame, node: Any, index: Value) -> Value:
    return index


INDEXED.update(
    {
        type(np.r_): _row,
        type(np.c_): _columns,
        type(np.s_): _index_expression,
        type(np.mgrid): _grid,
        type(np.ogrid): _open_grid,
    }
)
