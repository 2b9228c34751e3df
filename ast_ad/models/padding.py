"""The modes of `np.pad` in which new elements are computed from old ones."""

from __future__ import annotations

from typing import Any

import numpy as np

from ast_ad.models.common import Options


def pad(array: Any, pad_width: Any, mode: Any = "constant", **options: Any) -> Any:
    """As `np.pad`, one axis after the other."""
    result = np.asarray(array)
    widths = _pairs(pad_width, result.ndim)
    lengths = _pairs(options.get("stat_length"), result.ndim)
    ends = _pairs(options.get("end_values", 0), result.ndim)
    values = _pairs(options.get("constant_values", 0), result.ndim)
    for axis in range(result.ndim):
        (before, after), (first, last) = widths[axis], lengths[axis]
        rows = np.moveaxis(result, axis, 0)
        if mode == "linear_ramp":
            left = np.linspace(ends[axis][0], rows[0], before, endpoint=False)
            right = np.linspace(ends[axis][1], rows[-1], after, endpoint=False)[::-1]
        elif mode == "constant":
            left = np.broadcast_to(values[axis][0], (before, *rows.shape[1:]))
            right = np.broadcast_to(values[axis][1], (after, *rows.shape[1:]))
        elif mode == "reflect" or mode == "symmetric":
            skipped = 1 if mode == "reflect" else 0
            if max(before, after) > len(rows) - skipped:
                raise ValueError("`np.pad` with reflect_type='odd' is not supported beyond the length of an array")
            left = 2 * rows[0] - rows[skipped : before + skipped][::-1]
            right = 2 * rows[-1] - rows[::-1][skipped : after + skipped]
        else:
            left = np.broadcast_to(_statistic(rows[:first], mode), (before, *rows.shape[1:]))
            right = np.broadcast_to(_statistic(rows[::-1][:last], mode), (after, *rows.shape[1:]))
        result = np.moveaxis(np.concatenate([left, rows, right]), 0, axis)
    return result


def _pairs(value: Any, rank: Any) -> Any:
    """Return a pair for each axis: all may be one number, or one pair."""
    if not isinstance(value, (tuple, list)):
        return [(value, value) for _ in range(rank)]
    if not isinstance(value[0], (tuple, list)):
        pair = (value[0], value[-1])
        return [pair for _ in range(rank)]
    return [value[axis if len(value) > 1 else 0] for axis in range(rank)]


def _statistic(rows: Any, mode: Any) -> Any:
    if mode == "mean":
        return np.mean(rows, axis=0)
    if mode == "median":
        return np.median(rows, axis=0)
    if mode == "maximum":
        return np.max(rows, axis=0)
    if mode == "minimum":
        return np.min(rows, axis=0)
    raise ValueError("the elements that `np.pad` adds are not known in this mode")


OPTIONS: Options = {
    np.pad: ({"mode": ("constant", "edge", "reflect", "symmetric", "wrap"), "reflect_type": ("even",)}, pad)
}
