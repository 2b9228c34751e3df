"""Sets, written in Python: lowered in place of Python's own, as objects of the function's.

The items stand in a list.  Where `listed` says so, Python's set goes through them in this order; else nothing is known
of it, because it depends on all that was done to the set.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any


class FrozenSet:
    """As `frozenset`."""

    __ast_ad_model__: type = frozenset

    def __init__(self, iterable: Iterable[Any] = ()) -> None:
        self.items: list[Any] = []
        self.listed = False
        for each in members(iterable):
            if each not in self.items:
                self.items.append(each)

    def __contains__(self, item: Any) -> bool:
        return item in self.items

    def __len__(self) -> int:
        return len(self.items)

    def __iter__(self) -> Iterator[Any]:
        return iter(in_order(self.items, self.listed))

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, (set, frozenset)):
            return NotImplemented
        return len(self.items) == len(other) and self.issubset(other)

    def __le__(self, other: FrozenSet) -> bool:
        return self.issubset(other)

    def __ge__(self, other: FrozenSet) -> bool:
        return other.issubset(self)

    def __lt__(self, other: FrozenSet) -> bool:
        return len(self.items) < len(other.items) and self.issubset(other)

    def __gt__(self, other: FrozenSet) -> bool:
        return other < self

    def __or__(self, other: FrozenSet) -> FrozenSet:
        return self.union(other)

    def __and__(self, other: FrozenSet) -> FrozenSet:
        return self.intersection(other)

    def __sub__(self, other: FrozenSet) -> FrozenSet:
        return self.difference(other)

    def __xor__(self, other: FrozenSet) -> FrozenSet:
        return self.symmetric_difference(other)

    def made(self, items: list[Any]) -> FrozenSet:
        """Return a set of the same class with other items."""
        result = type(self)()
        result.items = items
        return result

    def copy(self) -> FrozenSet:
        """As Python's."""
        return self.made(list(self.items))

    def issubset(self, other: Iterable[Any]) -> bool:
        """As Python's."""
        inside = members(other)
        for each in self.items:  # noqa: SIM110
            if each not in inside:
                return False
        return True

    def issuperset(self, other: Iterable[Any]) -> bool:
        """As Python's."""
        for each in members(other):  # noqa: SIM110
            if each not in self.items:
                return False
        return True

    def isdisjoint(self, other: Iterable[Any]) -> bool:
        """As Python's."""
        for each in members(other):  # noqa: SIM110
            if each in self.items:
                return False
        return True

    def union(self, *others: Iterable[Any]) -> FrozenSet:
        """As Python's."""
        items = list(self.items)
        for other in others:
            for each in members(other):
                if each not in items:
                    items.append(each)
        return self.made(items)

    def intersection(self, *others: Iterable[Any]) -> FrozenSet:
        """As Python's."""
        items = list(self.items)
        for other in others:
            inside = members(other)
            items = [each for each in items if each in inside]
        return self.made(items)

    def difference(self, *others: Iterable[Any]) -> FrozenSet:
        """As Python's."""
        items = list(self.items)
        for other in others:
            inside = members(other)
            items = [each for each in items if each not in inside]
        return self.made(items)

    def symmetric_difference(self, other: Iterable[Any]) -> FrozenSet:
        """As Python's."""
        mine = list(self.items)
        theirs = type(self)(members(other)).items
        return self.made([a for a in mine if a not in theirs] + [b for b in theirs if b not in mine])


def gone_through(owner: Set, items: tuple[Any, ...]) -> Iterator[Any]:
    """Yield the items of a set, of which there must be as many each time that one is asked for."""
    count = len(owner.items)
    for each in items:
        yield each
        if len(owner.items) != count:
            raise RuntimeError("Set changed size during iteration")


class Set(FrozenSet):
    """As `set`."""

    __ast_ad_model__ = set

    def __iter__(self) -> Iterator[Any]:
        return gone_through(self, in_order(self.items, self.listed))

    def add(self, item: Any) -> None:
        """As Python's."""
        if item not in self.items:
            self.items.append(item)
            self.listed = False

    def update(self, *others: Iterable[Any]) -> None:
        """As Python's."""
        for other in others:
            for each in members(other):
                if each not in self.items:
                    self.items.append(each)
        self.listed = False

    def discard(self, item: Any) -> None:
        """As Python's."""
        if item in self.items:
            self.items.remove(item)
        self.listed = False

    def remove(self, item: Any) -> None:
        """As Python's."""
        if item not in self.items:
            raise KeyError(item)
        self.items.remove(item)
        self.listed = False

    def pop(self) -> Any:
        """As Python's, of a set with one item: of more it takes one that nobody knows before."""
        item = only(self.items)
        self.clear()
        return item

    def clear(self) -> None:
        """As Python's."""
        self.items.clear()
        self.listed = False

    def become(self, items: list[Any]) -> None:
        """Have these items from now on."""
        self.items.clear()
        self.items.extend(items)
        self.listed = False

    def intersection_update(self, *others: Iterable[Any]) -> None:
        """As Python's."""
        self.become(self.intersection(*others).items)

    def difference_update(self, *others: Iterable[Any]) -> None:
        """As Python's."""
        self.become(self.difference(*others).items)

    def symmetric_difference_update(self, other: Iterable[Any]) -> None:
        """As Python's."""
        self.become(self.symmetric_difference(other).items)

    def __ior__(self, other: FrozenSet) -> Set:
        self.update(other)
        return self

    def __iand__(self, other: FrozenSet) -> Set:
        self.intersection_update(other)
        return self

    def __isub__(self, other: FrozenSet) -> Set:
        self.difference_update(other)
        return self

    def __ixor__(self, other: FrozenSet) -> Set:
        self.symmetric_difference_update(other)
        return self


MODELS: dict[type, type] = {set: Set, frozenset: FrozenSet}
"""What is lowered in the place of Python's classes."""


def in_order(items: list[Any], listed: bool) -> tuple[Any, ...]:
    """Return the items of a set as a loop over it meets them (see `ast_ad.frontend.sets`)."""
    raise NotImplementedError


def only(items: list[Any]) -> Any:
    """Return the item of a set that has one (see `ast_ad.frontend.sets`)."""
    raise NotImplementedError


def members(iterable: Iterable[Any]) -> Iterable[Any]:
    """Return what is in something, in any order (see `ast_ad.frontend.sets`)."""
    raise NotImplementedError
