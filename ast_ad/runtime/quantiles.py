"""Helpers of the rules of order statistics."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from ast_ad.runtime.reductions import Axis

_THIRD, _EIGHTHS = 1 / 3, 3 / 8
_CONTINUOUS = {
    "linear": (1.0, 1.0),
    "interpolated_inverted_cdf": (0.0, 1.0),
    "hazen": (0.5, 0.5),
    "weibull": (0.0, 0.0),
    "median_unbiased": (_THIRD, _THIRD),
    "normal_unbiased": (_EIGHTHS, _EIGHTHS),
}
"""The methods that are continuous in q, with the alpha and beta of Hyndman and Fan (1996)."""


def quantile_weights(
    x: Any, q: Any, axis: Axis = None, slope: bool = False, method: str = "linear", skip_nan: bool = False
) -> Any:
    """Return the weight that each element of x has in its quantile q, or the derivative of the weight by q.

    A quantile is an element of x, or lies between two: it is the sum of these weights times x.

    Parameters
    ----------
    x : array or number
        The elements.
    q : number or array
        Between 0 and 1.
    axis : int, tuple of int or None
        The axes along which the quantile is taken.
    slope : bool
        Whether to return the derivative by q.
    method : str
        As for `np.quantile`.
    skip_nan : bool
        Whether elements that are NaN do not count.

    Returns
    -------
    array
        Of the shape ``q.shape + x.shape``.

    Examples
    --------
    >>> quantile_weights(np.array([4.0, 1.0, 3.0, 2.0]), 0.5).tolist()
    [0.0, 0.0, 0.5, 0.5]
    >>> quantile_weights(np.array([4.0, 1.0, 3.0, 2.0]), 0.5, method="lower").tolist()
    [0.0, 0.0, 0.0, 1.0]
    """
    x, q = np.asarray(x), np.asarray(q, float)
    ranks = _ranks(x, axis)
    if skip_nan:
        counts = np.sum(~np.isnan(x), axis=axis, keepdims=True)
    else:
        counts = np.full((1,) * x.ndim, x.size if axis is None else np.prod(np.take(x.shape, axis), dtype=int))
    position, speed = _positions(q.reshape(q.shape + (1,) * x.ndim), counts, method)
    lower = np.clip(np.floor(position), 0, np.maximum(counts - 2, 0))
    if slope:
        weights = speed * ((ranks == lower + 1) * 1.0 - (ranks == lower))
    else:
        weights = np.maximum(1 - np.abs(ranks - position), 0)
    return np.asarray(weights, x.dtype)


def _ranks(x: Any, axis: Axis) -> Any:
    """Return the place of each element in the order of all along some axes."""
    if not isinstance(axis, tuple):
        ranks = np.argsort(np.argsort(x, axis=axis), axis=-1 if axis is None else axis)
        return ranks.reshape(x.shape)
    last = tuple(range(-len(axis), 0))
    moved = np.moveaxis(x, axis, last)
    kept = moved.shape[: x.ndim - len(axis)]
    rows = moved.reshape(*kept, math.prod(moved.shape[len(kept) :]))
    return np.moveaxis(_ranks(rows, -1).reshape(moved.shape), last, axis)


def _positions(q: Any, counts: Any, method: Any) -> tuple[Any, Any]:
    """Return where quantiles lie among so many sorted elements, and how fast they move there with q."""
    if method in _CONTINUOUS:
        alpha, beta = _CONTINUOUS[method]
        speed = counts + 1 - alpha - beta
        position = speed * q + (alpha - 1)
        inside = (position >= 0) & (position <= counts - 1)
        return np.clip(position, 0, counts - 1), np.where(inside, speed, 0.0)
    position = np.zeros(np.broadcast_shapes(q.shape, counts.shape))
    for count in np.unique(counts[counts > 0]):
        # Of the numbers 0, 1, 2, ... a quantile is where it lies.
        found = np.quantile(np.arange(float(count)), q.reshape(-1), method=method).reshape(q.shape)
        position = np.where(counts == count, found, position)
    return position, 0.0
