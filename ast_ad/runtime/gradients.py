"""What says something about gradients alone."""

from __future__ import annotations

from typing import Any

import numpy as np


def stop_gradient(x: Any) -> Any:
    """Return `x`, a number, an array or a container of them, as something that is never differentiated.

    Derivatives take it for a constant, derivatives of derivatives too.

    >>> stop_gradient({"w": 2.0})
    {'w': 2.0}
    """
    return x


def shaped(value: Any, like: Any) -> Any:
    """Return `value`, the derivative that a custom rule or a caller gave, if it has the shape of `like`.

    Raises
    ------
    ValueError
        Where it has another shape.

    Examples
    --------
    >>> shaped(np.ones(2), np.zeros(2)).tolist()
    [1.0, 1.0]
    """
    if np.shape(value) != np.shape(like):
        raise ValueError(f"a derivative has the shape {np.shape(value)}, and what it belongs to has {np.shape(like)}")
    return value
