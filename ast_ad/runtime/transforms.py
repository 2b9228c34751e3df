"""Helpers for Fourier transforms, convolution and interpolation."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np


def resized(x: Any, shape: Sequence[int]) -> Any:
    """Return `x` in a shape of the same rank: cut off, or filled with zeros, at the end of each axis.

    >>> resized(np.array([1.0, 2.0, 3.0]), (2,)).tolist(), resized(np.array([1.0, 2.0]), (3,)).tolist()
    ([1.0, 2.0], [1.0, 2.0, 0.0])
    """
    shape = tuple(shape)
    if x.shape == shape:
        return x
    result = np.zeros(shape, x.dtype)
    part = tuple([slice(min(own, wanted)) for own, wanted in zip(x.shape, shape)])
    result[part] = x[part]
    return result


def doubled(z: Any, n: int, axis: int = -1) -> Any:
    """Return a half spectrum with the frequencies doubled that stand for two of the `n` of the whole one.

    All do but the first and, where `n` is even, that in the middle.

    >>> doubled(np.ones(3), 4).tolist(), doubled(np.ones(3), 5).tolist()
    ([1.0, 2.0, 1.0], [1.0, 2.0, 2.0])
    """
    result = np.array(z)
    moved = np.moveaxis(result, axis, 0)
    moved[1 : (n + 1) // 2] *= 2
    return result


def cut(z: Any, m: int, n: int, mode: str, correlation: bool = False) -> Any:
    """Return what a convolution of `m` by `n` elements in a mode of `np.convolve` has of the full one, which is `z`.

    Parameters
    ----------
    correlation : bool
        Whether it is one of `np.correlate`, which rounds to the other side where `n` is larger.

    Examples
    --------
    >>> z = np.convolve([1.0, 2.0, 4.0], [1.0, 1.0])
    >>> z.tolist(), cut(z, 3, 2, "same").tolist(), cut(z, 3, 2, "valid").tolist()
    ([1.0, 3.0, 6.0, 4.0], [1.0, 3.0, 6.0], [3.0, 6.0])
    """
    return z[_part(m, n, mode, correlation)]


def uncut(z: Any, m: int, n: int, mode: str, correlation: bool = False) -> Any:
    """Return the full convolution of which `cut` makes `z`, with zeros where it leaves off.

    >>> uncut(np.array([3.0, 6.0]), 3, 2, "valid").tolist()
    [0.0, 3.0, 6.0, 0.0]
    """
    result = np.zeros(m + n - 1, z.dtype)
    result[_part(m, n, mode, correlation)] = z
    return result


def _part(m: int, n: int, mode: str, correlation: bool) -> slice:
    """Return where the result stands in the full one; the shorter operand is the one that is moved along."""
    less, more = min(m, n), max(m, n)
    if mode == "valid":
        return slice(less - 1, more)
    if mode == "same":
        start = less // 2 if correlation and m < n else (less - 1) // 2
        return slice(start, start + more)
    if mode == "full":
        return slice(None)
    raise ValueError(f"mode must be 'full', 'same' or 'valid', not {mode!r}")


def interp_adjoint(g: Any, x: Any, xp: Any) -> Any:
    """Return the adjoint of `fp` in ``np.interp(x, xp, fp)``: each `g` goes to the points around its `x`.

    Parameters
    ----------
    g : array or number
        The adjoint of the result, of the shape of `x`.
    xp : array
        Where the points are, in rising order.

    Examples
    --------
    >>> interp_adjoint(1.0, 0.25, np.array([0.0, 1.0, 2.0])).tolist()
    [0.75, 0.25, 0.0]
    """
    x, xp = np.asarray(x), np.asarray(xp)
    left = np.clip(np.searchsorted(xp, x, side="right") - 1, 0, len(xp) - 1)
    right = np.minimum(left + 1, len(xp) - 1)
    width = xp[right] - xp[left]
    share = np.clip((x - xp[left]) / np.where(width == 0, 1, width), 0, 1)
    result = np.zeros(len(xp), np.result_type(g, float))
    np.add.at(result, left, g * (1 - share))
    np.add.at(result, right, g * share)
    return result


def steps(x: Any, xp: Any, values: Any) -> Any:
    """Return at `x` what holds between the points around it: one of `values`, of which there is one less than points.

    Outside it is 0; at a point, it is the mean of what holds on its two sides.

    >>> steps(np.array([-1.0, 0.0, 0.5, 1.0]), np.array([0.0, 1.0, 2.0]), np.array([2.0, 4.0])).tolist()
    [0.0, 1.0, 2.0, 3.0]
    """
    around = np.zeros(len(xp) + 1, np.result_type(values, float))
    around[1:-1] = values
    return 0.5 * (around[np.searchsorted(xp, x, side="left")] + around[np.searchsorted(xp, x, side="right")])


def steps_adjoint(g: Any, x: Any, xp: Any) -> Any:
    """Return the adjoint of the `values` of ``steps(x, xp, values)``, for the adjoint `g` of its result.

    >>> steps_adjoint(np.array([1.0, 1.0]), np.array([0.5, 1.0]), np.array([0.0, 1.0, 2.0])).tolist()
    [1.5, 0.5]
    """
    around = np.zeros(len(xp) + 1, np.result_type(g, float))
    half = 0.5 * np.asarray(g)
    np.add.at(around, np.searchsorted(xp, x, side="left"), half)
    np.add.at(around, np.searchsorted(xp, x, side="right"), half)
    return around[1:-1]
