"""Helpers of the rules of functions that rearrange arrays: what brings the elements back to where they came from."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np


def with_diagonal(g: Any, shape: Sequence[int], offset: int = 0, axis1: int = 0, axis2: int = 1) -> Any:
    """Return zeros of the given shape with `g` on a diagonal: the transpose of `np.diagonal`.

    >>> with_diagonal(np.array([1.0, 2.0]), (2, 3), 1).tolist()
    [[0.0, 1.0, 0.0], [0.0, 0.0, 2.0]]
    """
    result = np.zeros(shape, g.dtype)
    rows = np.arange(g.shape[-1]) + max(-offset, 0)
    np.moveaxis(result, (axis1, axis2), (-2, -1))[..., rows, rows + offset] = g
    return result


def sum_runs(g: Any, repeats: Any, length: int, axis: int = 0) -> Any:
    """Sum runs of elements along an axis: the transpose of ``np.repeat(x, repeats, axis)``.

    Parameters
    ----------
    g : array
        The runs, one after the other.
    repeats : int or array of int
        How long the runs are.
    length : int
        How many there are.
    axis : int
        The axis along which they follow each other.

    Examples
    --------
    >>> sum_runs(np.array([1.0, 2.0, 3.0]), np.array([2, 0, 1]), 3).tolist()
    [3.0, 0.0, 3.0]
    """
    shape = list(g.shape)
    shape[axis] = length
    result = np.zeros(shape, g.dtype)
    np.add.at(np.moveaxis(result, axis, 0), np.repeat(np.arange(length), repeats), np.moveaxis(g, axis, 0))
    return result


def unpad(g: Any, pad_width: Any, mode: str) -> Any:
    """Add what is in the margins to the elements it was copied from: the transpose of ``np.pad(x, pad_width, mode)``.

    >>> unpad(np.array([1.0, 2.0, 3.0, 4.0]), 1, "edge").tolist()
    [3.0, 7.0]
    """
    widths = np.broadcast_to(pad_width, (g.ndim, 2)).tolist()
    for axis, (before, after) in enumerate(widths):
        if before or after:
            rows = np.moveaxis(g, axis, 0)
            end = len(rows) - after
            source = np.pad(np.arange(end - before), (before, after), mode)  # type: ignore[call-overload]
            result = rows[before:end].copy()
            for margin in (slice(before), slice(end, None)):
                np.add.at(result, source[margin], rows[margin])
            g = np.moveaxis(result, 0, axis)
    return g


def undelete(g: Any, obj: Any, shape: Sequence[int], axis: int | None = None) -> Any:
    """Return zeros of the given shape with `g` where `np.delete` keeps the elements: its transpose.

    >>> undelete(np.array([1.0, 2.0]), 1, (3,)).tolist()
    [1.0, 0.0, 2.0]
    """
    result = np.zeros(shape, g.dtype)
    rows = result.reshape(-1) if axis is None else np.moveaxis(result, axis, 0)
    rows[np.delete(np.arange(len(rows)), obj)] = g if axis is None else np.moveaxis(g, axis, 0)
    return result


def vander_derivative(x: Any, columns: int, increasing: bool, order: int = 1) -> Any:
    """Return the derivative of each element of ``np.vander(x, columns, increasing)`` by the number in its row.

    >>> vander_derivative(np.array([2.0, 3.0]), 3, True).tolist()
    [[0.0, 1.0, 4.0], [0.0, 1.0, 6.0]]
    """
    x = np.asarray(x)
    factors = np.array([math.perm(power, order) for power in range(columns)], x.real.dtype)
    powers = np.vander(x, max(columns - order, 0), increasing=True)
    result = np.zeros((len(x), columns), x.dtype)
    result[:, order:] = factors[order:] * powers
    return result if increasing else result[:, ::-1]


def stride(x: Any, axis: int) -> int:
    """Return how many bytes lie between neighbours along an axis of an array that lies row by row.

    >>> stride(np.zeros((2, 3)), 0)
    24
    """
    _check_rows(x)
    return int(x.strides[axis])


def _check_rows(x: Any) -> None:
    if not x.flags.c_contiguous:
        raise ValueError("strides are supported for arrays that lie row by row: take those of `np.ascontiguousarray`")


def strided(x: Any, shape: Any, strides: Any) -> Any:
    """Return ``as_strided(x, shape, strides)`` of an array that lies row by row.

    >>> strided(np.arange(4.0), (3, 2), (8, 8)).tolist()
    [[0.0, 1.0], [1.0, 2.0], [2.0, 3.0]]
    """
    _check_rows(x)
    return np.lib.stride_tricks.as_strided(x, shape, strides, writeable=False)


def unstride(g: Any, shape: Any, strides: Any) -> Any:
    """Add what is in a strided view to the elements that it shows: the transpose of `strided`.

    >>> unstride(np.ones((3, 2)), (4,), (8, 8)).tolist()
    [1.0, 2.0, 2.0, 1.0]
    """
    result = np.zeros(shape, g.dtype)
    steps = [each * np.dtype(np.intp).itemsize // g.itemsize for each in strides]
    places = np.lib.stride_tricks.as_strided(np.arange(result.size), g.shape, steps)
    np.add.at(result.reshape(-1), places, g)
    return result


def unslide(g: Any, shape: Sequence[int], window_shape: Any, axis: Any = None) -> Any:
    """Add what is in windows to the elements it was taken from: the transpose of ``sliding_window_view``.

    >>> unslide(np.ones((3, 2)), (4,), 2).tolist()
    [1.0, 2.0, 2.0, 1.0]
    """
    windows = (window_shape,) if np.ndim(window_shape) == 0 else tuple(window_shape)
    axes = range(len(windows)) if axis is None else (axis,) if np.ndim(axis) == 0 else axis
    result = np.zeros(shape, g.dtype)
    for offsets in np.ndindex(windows):
        where = [slice(None)] * len(shape)
        for along, offset in zip(axes, offsets):
            first = offset + (where[along].start or 0)
            where[along] = slice(first, first + g.shape[along % len(shape)])
        result[tuple(where)] += g[(..., *offsets)]
    return result
