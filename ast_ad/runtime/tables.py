"""Dicts whose keys are known only when the code runs: a list of keys beside a list of values."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any


def place_or_end(keys: Sequence[Sequence[Any]], key: tuple[Any, ...]) -> int:
    """Return where a key stands among keys, or how many there are; keys of several parts stand in several lists.

    >>> place_or_end((["a", "b"],), ("b",)), place_or_end(([0, 0], [1, 2]), (0, 3))
    (1, 2)
    """
    first = keys[0]
    if len(keys) == 1:
        return first.index(key[0]) if key[0] in first else len(first)
    return next((i for i, each in enumerate(zip(*keys)) if each == key), len(first))


def place_of(keys: Sequence[Sequence[Any]], key: tuple[Any, ...]) -> int:
    """Return where a key stands among keys.

    >>> place_of((["a", "b"],), ("b",))
    1

    Raises
    ------
    KeyError
        Where it is not among them.
    """
    place = place_or_end(keys, key)
    if place == len(keys[0]):
        raise KeyError(key[0] if len(keys) == 1 else key)
    return place
