"""Functions of numbers that are applied to arrays, element by element: `np.vectorize`, `np.frompyfunc`."""

from __future__ import annotations

from typing import Any

import numpy as np


def of_one(function: Any, x: Any) -> Any:
    """Apply a function to each element of an array."""
    return np.reshape(np.array([function(v) for v in np.ravel(x)]), np.shape(x))


def of_several(function: Any, *arrays: Any) -> Any:
    """Apply a function to the elements of arrays that are broadcast to one shape."""
    stretched = np.broadcast_arrays(*arrays)
    columns = [np.ravel(each) for each in stretched]
    return np.reshape(np.array([function(*row) for row in zip(*columns)]), np.shape(stretched[0]))


def of_rows(function: Any, x: Any) -> Any:
    """Apply a function to each vector along the last axis."""
    rows = np.reshape(x, (-1, np.shape(x)[-1]))
    results = np.array([function(row) for row in rows])
    return np.reshape(results, np.shape(x)[:-1] + np.shape(results)[1:])
