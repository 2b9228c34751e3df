"""`copy.copy` and `copy.deepcopy`."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import numpy as np


def copied(x: Any) -> Any:
    """As `copy.copy`, of numbers, texts, arrays, lists and dicts."""
    if isinstance(x, np.ndarray):
        return x.copy()
    if isinstance(x, list):
        return list(x)
    if isinstance(x, dict):
        return dict(x)
    if x is None or isinstance(x, (bool, int, float, complex, str, tuple, np.generic)):
        return x
    raise TypeError("only numbers, texts, arrays, tuples, lists and dicts are copied in a differentiated function")


def deeply_copied(x: Any) -> Any:
    """As `copy.deepcopy`, of containers with these."""
    if isinstance(x, tuple):
        return tuple([deeply_copied(each) for each in x])
    if isinstance(x, list):
        return [deeply_copied(each) for each in x]
    if isinstance(x, dict):
        return {key: deeply_copied(each) for key, each in x.items()}
    return copied(x)


MODELS: dict[Callable[..., Any], Callable[..., Any]] = {
    copy.copy: copied,
    copy.deepcopy: deeply_copied,
}
