"""Functions of `np.linalg` that are made of others."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np


def cond(x: Any, p: Any = None) -> Any:
    """As `np.linalg.cond` of a matrix that has an inverse."""
    if p is None or p == 2:
        s = np.linalg.svd(x, compute_uv=False)
        return s[..., 0] / s[..., -1]
    return np.linalg.norm(x, p) * np.linalg.norm(np.linalg.inv(x), p)


MODELS: dict[Callable[..., Any], Callable[..., Any]] = {
    np.linalg.cond: cond,
}
