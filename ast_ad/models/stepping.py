"""Iterators that are run item by item; `advance`, `iterator` and `nothing` are known to lowering."""

from __future__ import annotations

import types
from collections.abc import Iterable, Iterator, Sequence
from typing import Any


class State:
    """What a generator that is run item by item holds: its variables, and where it stands."""

    __ast_ad_model__ = types.GeneratorType


def advance(iterator: Iterator[Any], value: Any = None) -> tuple[bool, Any]:
    """Return whether there is a next item, and the item; a generator is sent a value for it."""
    for item in iterator:
        return True, item
    return False, None


def item_of(iterator: Iterator[Any], value: Any) -> Any:
    """Return the next item of a generator that is sent a value."""
    there, item = advance(iterator, value)
    if not there:
        stop(iterator)
    return item


def stop(iterator: Iterator[Any]) -> None:
    """Raise the `StopIteration` of an iterator that has ended."""


class Walk:
    """Where an iterator stands in a sequence that does not change: `i` is the index of its next item."""

    items: Sequence[Any]
    i: int

    __ast_ad_model__ = types.GeneratorType


class ListWalk(Walk):
    """Where an iterator stands in a list, which may change: once it has ended, it stays so."""

    __ast_ad_model__ = types.GeneratorType


class Count:
    """Where an iterator stands in a range."""

    i: int
    stop: int
    step: int

    __ast_ad_model__ = types.GeneratorType


def next_of_walk(walk: Walk) -> tuple[bool, Any]:
    """Return whether there is a next item, and the item."""
    if walk.i < len(walk.items):
        walk.i += 1
        return True, walk.items[walk.i - 1]
    return False, nothing()


def next_of_list(walk: ListWalk) -> tuple[bool, Any]:
    """Return whether there is a next item, and the item."""
    if 0 <= walk.i < len(walk.items):
        walk.i += 1
        return True, walk.items[walk.i - 1]
    walk.i = -1
    return False, nothing()


def next_of_count(count: Count) -> tuple[bool, Any]:
    """Return whether there is a next item, and the item."""
    if (count.step > 0 and count.i < count.stop) or (count.step < 0 and count.i > count.stop):
        count.i += count.step
        return True, count.i - count.step
    return False, nothing()


def iterator(items: Iterable[Any]) -> Iterator[Any]:
    """As `iter`."""
    return iter(items)


def delegated(items: Iterable[Any]) -> Iterable[Any]:
    """Return what ``yield from items`` goes through: what `__iter__` gives, which alone knows what it returns."""
    return items


def returned(iterator: Iterable[Any]) -> Any:
    """Return what a generator that has ended returned; None for other iterators."""


def send(generator: Any, value: Any) -> Any:
    """As the method `send` of a generator."""


def close(generator: Any) -> None:
    """As the method `close` of a generator."""


def nothing() -> Any:
    """Stand for an item that is not there."""


def by_next(owner: Iterator[Any]) -> Iterator[Any]:
    """Yield what the `__next__` of an object of the user's returns."""
    going = True
    while going:
        try:
            item = next(owner)
        except StopIteration:
            going = False
        if going:
            yield item


def by_index(owner: Any, first: int) -> Iterator[Any]:
    """Yield what the `__getitem__` of an object of the user's returns, from an index on."""
    i, going = first, True
    try:
        item = owner[i]
    except IndexError:
        going = False
    while going:
        yield item
        i += 1
        try:
            item = owner[i]
        except IndexError:
            going = False


def changing(items: Iterable[Any]) -> Iterator[Any]:
    """As `iter` of a list or a dict that grows or shrinks while it is gone through."""
    return iter(items)


def listed_meanwhile(items: Sequence[Any]) -> Iterator[Any]:
    """As `iter` of a list that grows or shrinks meanwhile."""
    i = 0
    while i < len(items):
        item = items[i]
        i += 1
        yield item


def backwards_meanwhile(items: Sequence[Any], length: int) -> Iterator[Any]:
    """As `reversed` of a list, which begins where that ended when it was asked for, and ends if that place is gone."""
    for i in range(length - 1, -1, -1):
        if i >= len(items):
            return
        yield items[i]


def counted_on(start: Any, step: Any) -> Iterator[Any]:
    """As `itertools.count`."""
    i = start
    while True:
        yield i
        i = i + step


def repeated(value: Any) -> Iterator[Any]:
    """As `itertools.repeat` without an end."""
    while True:
        yield value


def cycled(items: Sequence[Any]) -> Iterator[Any]:
    """As `itertools.cycle` of a list."""
    i = 0
    while len(items) > 0:
        yield items[i]
        i = i + 1 if i + 1 < len(items) else 0


def single(items: Iterable[Any]) -> Iterator[tuple[Any]]:
    """As `zip` of one."""
    for item in items:
        yield (item,)


def zipped(first: Iterable[Any], second: Iterable[Any]) -> Iterator[tuple[Any, Any]]:
    """As `zip` of two: the first is asked first."""
    others = iterator(second)
    for item in first:
        there, other = advance(others)
        if not there:
            return
        yield item, other


def zipped_with(first: Iterable[Any], *others: Iterable[Any]) -> Iterator[tuple[Any, ...]]:
    """As `zip` of several."""
    for item, rest in zipped(first, zip(*others)):
        yield item, *rest


def sliced(items: Iterable[Any], start: int, stop: int | None, step: int) -> Iterator[Any]:
    """As `itertools.islice`, which takes no more than it needs."""
    if stop is not None and stop <= 0:
        return
    for i, item in enumerate(items):
        if i >= start and (i - start) % step == 0:
            yield item
        if stop is not None and i + 1 >= stop:
            return


def taken_while(predicate: Any, items: Iterable[Any]) -> Iterator[Any]:
    """As `itertools.takewhile`."""
    for item in items:
        if not predicate(item):
            return
        yield item


def dropped_while(predicate: Any, items: Iterable[Any]) -> Iterator[Any]:
    """As `itertools.dropwhile`."""
    dropping = True
    for item in items:
        if dropping:
            dropping = predicate(item)
        if not dropping:
            yield item


def joined(first: Iterable[Any], second: Iterable[Any]) -> Iterator[Any]:
    """As `itertools.chain` of two."""
    yield from first
    yield from second


def accumulated(items: Iterable[Any], function: Any) -> Iterator[Any]:
    """As `itertools.accumulate` with a function."""
    started = False
    total: Any = 0.0
    for item in items:
        total = function(total, item) if started else item
        started = True
        yield total
