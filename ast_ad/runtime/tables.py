"""Dicts whose keys are known only when the code runs: a list of keys beside a list of values."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

Columns = Sequence[Sequence[Any]]
"""The keys of a table; keys of several parts stand in several lists."""


class KeyIndex:
    """Remembers where keys stand, so that they are not searched for.

    It knows nothing that the lists of keys do not say: what it remembers is looked up there.
    """

    __slots__ = ("count", "places")

    def __init__(self) -> None:
        self.places: dict[tuple[Any, ...], int] = {}
        self.count = 0

    def find(self, keys: Columns, key: tuple[Any, ...]) -> int | None:
        """Return where a key stands among keys, None if it is not there."""
        place = self.places.get(key)
        if place is not None and _is_at(keys, key, place):
            return place
        length = len(keys[0])
        if place is not None or self.count > length:
            self.places, self.count = {}, 0
        for i in range(self.count, length):
            self.places[tuple([column[i] for column in keys])] = i
        self.count = length
        place = self.places.get(key)
        return place if place is None or _is_at(keys, key, place) else None


def _is_at(keys: Columns, key: tuple[Any, ...], place: int) -> bool:
    return place < len(keys[0]) and all(column[place] == part for column, part in zip(keys, key))


def place_or_end(index: KeyIndex, keys: Columns, key: tuple[Any, ...]) -> int:
    """Return where a key stands among keys, or how many there are.

    >>> place_or_end(KeyIndex(), (["a", "b"],), ("b",)), place_or_end(KeyIndex(), ([0, 0], [1, 2]), (0, 3))
    (1, 2)
    """
    place = index.find(keys, key)
    return len(keys[0]) if place is None else place


def place_of(index: KeyIndex, keys: Columns, key: tuple[Any, ...]) -> int:
    """Return where a key stands among keys.

    >>> place_of(KeyIndex(), (["a", "b"],), ("b",))
    1

    Raises
    ------
    KeyError
        Where it is not among them.
    """
    place = index.find(keys, key)
    if place is None:
        raise KeyError(key[0] if len(keys) == 1 else key)
    return place
