"""Differences and slopes of neighbours."""

from __future__ import annotations

from typing import Any

import numpy as np

from ast_ad.models.common import Options


def _piece(value: Any, like: Any, axis: Any) -> Any:
    """Return what is put before or behind an array along an axis: a number stands for one layer."""
    if np.ndim(value):
        return value
    shape = list(like.shape)
    shape[axis] = 1
    return np.broadcast_to(value, tuple(shape))


def diff(a: Any, n: Any = 1, axis: Any = -1, prepend: Any = None, append: Any = None) -> Any:
    """As `np.diff` with ``prepend=`` or ``append=``."""
    pieces = [np.asarray(a)]
    if prepend is not None:
        pieces = [_piece(prepend, pieces[0], axis), *pieces]
    if append is not None:
        pieces = [*pieces, _piece(append, pieces[-1], axis)]
    return np.diff(np.concatenate(pieces, axis), n, axis)


def ediff1d(ary: Any, to_end: Any = None, to_begin: Any = None) -> Any:
    """As `np.ediff1d` with ``to_begin=`` or ``to_end=``."""
    ary = np.asarray(ary)
    pieces = [np.diff(np.ravel(ary))]
    if to_begin is not None:
        pieces = [np.ravel(np.asarray(to_begin, ary.dtype)), *pieces]
    if to_end is not None:
        pieces = [*pieces, np.ravel(np.asarray(to_end, ary.dtype))]
    return np.concatenate(pieces)


def gradient(f: Any, *varargs: Any, axis: Any = None, edge_order: Any = 1) -> Any:
    """As `np.gradient`."""
    f = np.asarray(f)
    axes = tuple(range(f.ndim)) if axis is None else axis if isinstance(axis, tuple) else (axis,)
    spacing = varargs if len(varargs) == len(axes) else [varargs[0] for _ in axes]
    found = tuple([_slopes(f, step, along, edge_order) for step, along in zip(spacing, axes)])
    return found[0] if len(found) == 1 else found


def _slopes(f: Any, x: Any, axis: Any, edge_order: Any) -> Any:
    """Return the slopes along an axis, where the elements stand at the places x."""
    if np.ndim(x) == 0:
        return np.gradient(f, x, axis=axis, edge_order=edge_order)
    y, steps = np.moveaxis(f, axis, -1), np.diff(x)
    left, right = steps[:-1], steps[1:]
    inside = (
        -right / (left * (left + right)) * y[..., :-2]
        + (right - left) / (left * right) * y[..., 1:-1]
        + left / (right * (left + right)) * y[..., 2:]
    )
    if edge_order == 1:
        first = (y[..., 1] - y[..., 0]) / steps[0]
        last = (y[..., -1] - y[..., -2]) / steps[-1]
    else:
        first = _end(steps[0], steps[1], y[..., 0], y[..., 1], y[..., 2])
        last = -_end(steps[-1], steps[-2], y[..., -1], y[..., -2], y[..., -3])
    whole = np.concatenate([first[..., np.newaxis], inside, last[..., np.newaxis]], axis=-1)
    return np.moveaxis(whole, -1, axis)


def _end(near: Any, far: Any, y0: Any, y1: Any, y2: Any) -> Any:
    """Return the slope of a parabola through three neighbours at the first of them."""
    return (
        -(2.0 * near + far) / (near * (near + far)) * y0
        + (near + far) / (near * far) * y1
        - near / (far * (near + far)) * y2
    )


OPTIONS: Options = {
    np.diff: ({"prepend": (), "append": ()}, diff),
    np.ediff1d: ({"to_end": (None,), "to_begin": (None,)}, ediff1d),
}
