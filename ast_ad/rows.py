"""Jacobians, row by row, of functions inside a function that is differentiated: written in Python, and lowered.

`pull` takes a cotangent of `out` back to `x`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from ast_ad.runtime.arrays import set_at


def by_array(pull: Callable[[Any], Any], out: Any, x: Any) -> Any:
    """Return the derivatives of the array `out` by the array `x`, of the shape of `out` followed by that of `x`.

    >>> by_array(lambda g: 2 * g, np.zeros(2), np.ones(2)).tolist()
    [[2.0, 0.0], [0.0, 2.0]]
    """
    rows = np.zeros((out.size, *x.shape), x.dtype)
    for i in range(out.size):
        seed = set_at(np.zeros(out.size, out.dtype), i, 1.0)
        rows = set_at(rows, i, pull(np.reshape(seed, out.shape)))
    return np.reshape(rows, (*out.shape, *x.shape))


def by_number(pull: Callable[[Any], Any], out: Any, x: Any) -> Any:
    """Return the derivatives of the array `out` by the number `x`, of the shape of `out`.

    >>> by_number(lambda g: 3 * np.sum(g), np.zeros(2), 1.0).tolist()
    [3.0, 3.0]
    """
    rows = np.zeros(out.size, out.dtype)
    for i in range(out.size):
        seed = set_at(np.zeros(out.size, out.dtype), i, 1.0)
        rows = set_at(rows, i, pull(np.reshape(seed, out.shape)))
    return np.reshape(rows, out.shape)
