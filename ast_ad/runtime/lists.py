"""Lists of numbers, of arrays, or of such lists: what derivatives do with them that Python has no word for."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np


def zeros_of(items: Sequence[Any]) -> list[Any]:
    """Return a list of zeros, as long and as deep as `items`.

    >>> zeros_of([1.0, 2.0]), zeros_of([[1.0], []])
    ([0.0, 0.0], [[0.0], []])
    """
    return [zero_of(item) for item in items]


def zero_of(item: Any) -> Any:
    """Return zero, of the shape of an item of a list.

    >>> zero_of(2.0), zero_of(np.ones(2)).tolist()
    (0.0, [0.0, 0.0])
    """
    if isinstance(item, list):
        return zeros_of(item)
    return np.zeros_like(item) if isinstance(item, np.ndarray) else 0.0


def add_lists(a: Sequence[Any], b: Sequence[Any]) -> list[Any]:
    """Return the sums of the items of two lists of one length.

    >>> add_lists([1.0, 2.0], [0.5, 0.5])
    [1.5, 2.5]
    """
    return [add_lists(x, y) if isinstance(x, list) else x + y for x, y in zip(a, b, strict=True)]


def repeat_lists(row: Sequence[Any], count: int) -> list[Any]:
    """Return a list of so many lists, which are not one list.

    >>> rows = repeat_lists([0.0], 2)
    >>> rows[0] is rows[1]
    False
    """
    return [list(row) for _ in range(count)]


def nested_rows(x: Any, depth: int) -> list[Any]:
    """Return an array as lists in lists, so deep, of what is left of its rows.

    >>> nested_rows(np.array([[[1.0, 2.0]], [[3.0, 4.0]]]), 2)
    [[array([1., 2.])], [array([3., 4.])]]
    """
    return [nested_rows(row, depth - 1) if depth > 1 else row for row in x]


def copied_lists(items: Sequence[Any]) -> list[Any]:
    """Return a copy of a list of lists, all the way down.

    >>> copied_lists([[1.0], [2.0]])
    [[1.0], [2.0]]
    """
    return [copied_lists(item) if isinstance(item, list) else item for item in items]


def real_lists(items: Sequence[Any]) -> list[Any]:
    """Return the real parts of the items of a list, all the way down.

    >>> real_lists([[1 + 2j], [3j]])
    [[1.0], [0.0]]
    """
    return [real_lists(item) if isinstance(item, list) else _real_part(item) for item in items]


def _real_part(item: Any) -> Any:
    return item.real.copy() if isinstance(item, np.ndarray) else item.real


def sorting_order(items: Sequence[Any], reverse: bool = False) -> list[int]:
    """Return the places of the items in the order in which `sorted` has them.

    >>> sorting_order([3.0, 1.0, 2.0]), sorting_order([1.0, 1.0, 2.0], True)
    ([1, 2, 0], [2, 0, 1])
    """
    return sorted(range(len(items)), key=items.__getitem__, reverse=reverse)


def shuffled_places(source: Any, count: int) -> list[int]:
    """Return the places of so many items in the order in which `source` (None: NumPy's own) leaves a list of them.

    >>> import random
    >>> shuffled_places(random.Random(3), 4)
    [3, 0, 2, 1]
    """
    places = list(range(count))
    (np.random if source is None else source).shuffle(places)
    return places


def drawn_place(source: Any, count: int) -> int:
    """Return the place among so many items of the one that `source`, of the standard library, chooses.

    >>> import random
    >>> drawn_place(random.Random(3), 4)
    1
    """
    place: int = source.choice(range(count))
    return place


def drawn_places(source: Any, count: int, k: int, again: bool = False) -> list[int]:
    """Return the places of `k` items that `source` chooses among so many; it may choose one `again`.

    >>> import random
    >>> drawn_places(random.Random(3), 4, 2), drawn_places(random.Random(3), 2, 3, True)
    ([1, 2], [0, 1, 0])
    """
    places: list[int] = source.choices(range(count), k=k) if again else source.sample(range(count), k)
    return places


def taken(items: Sequence[Any], order: Sequence[int]) -> list[Any]:
    """Return the items at the places `order`.

    >>> taken([3.0, 1.0, 2.0], [1, 2, 0])
    [1.0, 2.0, 3.0]
    """
    return [items[i] for i in order]


def put_back(items: Sequence[Any], order: Sequence[int]) -> list[Any]:
    """Return the items in the order from which `taken` took them.

    >>> put_back([1.0, 2.0, 3.0], [1, 2, 0])
    [3.0, 1.0, 2.0]
    """
    result = list(items)
    for item, i in zip(items, order):
        result[i] = item
    return result


def split_like(g: Any, arrays: Sequence[Any], axis: int = 0) -> list[Any]:
    """Return the parts of `g` that come from arrays which were joined.

    >>> [part.tolist() for part in split_like(np.arange(3.0), [np.ones(1), np.ones(2)])]
    [[0.0], [1.0, 2.0]]
    """
    ends = np.cumsum([np.shape(array)[axis] for array in arrays])
    return np.split(g, ends[:-1], axis) if len(arrays) else []


def with_item(items: Sequence[Any], index: Any, value: Any, *, add: bool) -> list[Any]:
    """Return a list with another item, or with something added to it; a tuple is an index in lists of lists.

    >>> with_item([1.0, 2.0], 1, 5.0, add=True), with_item([[1.0], [2.0]], (1, 0), 5.0, add=False)
    ([1.0, 7.0], [[1.0], [5.0]])
    """
    result = list(items)
    if isinstance(index, tuple) and len(index) > 1:
        first, *rest = index
        result[first] = with_item(result[first], tuple(rest), value, add=add)
        return result
    if isinstance(index, tuple):
        (index,) = index
    if isinstance(index, slice):
        value = add_lists(result[index], value) if add else value
    elif add:
        value = result[index] + value
    result[index] = value
    return result
