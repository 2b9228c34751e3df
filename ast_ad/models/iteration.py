"""Functions that go through sequences, with a function for each item: `map`, `functools.reduce`, `max` with a key."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any


def mapped(function: Callable[..., Any], first: Iterable[Any], *others: Iterable[Any]) -> list[Any]:
    """As `map`, all at once."""
    if others:
        return [function(*each) for each in zip(first, *others)]
    return [function(each) for each in first]


def filtered(function: Callable[[Any], Any] | None, iterable: Iterable[Any]) -> list[Any]:
    """As `filter`, all at once."""
    if function is None:
        return [each for each in iterable if each]
    return [each for each in iterable if function(each)]


def starmapped(function: Callable[..., Any], iterable: Iterable[Any]) -> list[Any]:
    """As `itertools.starmap`, all at once."""
    return [function(*each) for each in iterable]


def taken_while(predicate: Callable[[Any], Any], iterable: Iterable[Any]) -> list[Any]:
    """As `itertools.takewhile`, all at once."""
    result = []
    for each in iterable:
        if not predicate(each):
            break
        result.append(each)
    return result


def dropped_while(predicate: Callable[[Any], Any], iterable: Iterable[Any]) -> list[Any]:
    """As `itertools.dropwhile`, all at once."""
    result = []
    dropping = True
    for each in iterable:
        dropping = dropping and bool(predicate(each))
        if not dropping:
            result.append(each)
    return result


def filtered_out(predicate: Callable[[Any], Any] | None, iterable: Iterable[Any]) -> list[Any]:
    """As `itertools.filterfalse`, all at once."""
    if predicate is None:
        return [each for each in iterable if not each]
    return [each for each in iterable if not predicate(each)]


def compressed(data: Iterable[Any], selectors: Iterable[Any]) -> list[Any]:
    """As `itertools.compress`, all at once."""
    return [each for each, selected in zip(data, selectors) if selected]


def grouped(iterable: Iterable[Any], key: Callable[[Any], Any] | None = None) -> list[Any]:
    """As `itertools.groupby`, all at once."""
    keys: list[Any] = []
    groups: list[Any] = []
    group: list[Any] = []
    for each in iterable:
        own = each if key is None else key(each)
        if group and own != keys[-1]:
            groups.append((keys[-1], list(group)))
            group = []
        keys.append(own)
        group.append(each)
    if group:
        groups.append((keys[-1], list(group)))
    return groups


def reduced(function: Callable[[Any, Any], Any], iterable: Iterable[Any], initial: Any) -> Any:
    """As `functools.reduce` with a start."""
    result = initial
    for each in iterable:
        result = function(result, each)
    return result


def reduced_from_first(function: Callable[[Any, Any], Any], iterable: Any) -> Any:
    """As `functools.reduce` of an array, or of a list."""
    if len(iterable) == 0:
        raise TypeError("reduce() of empty iterable with no initial value")
    result = iterable[0]
    for each in iterable[1:]:
        result = function(result, each)
    return result


def any_true(iterable: Iterable[Any]) -> bool:
    """As `any`."""
    for each in iterable:  # noqa: SIM110
        if each:
            return True
    return False


def all_true(iterable: Iterable[Any]) -> bool:
    """As `all`."""
    for each in iterable:  # noqa: SIM110
        if not each:
            return False
    return True


# The largest and the smallest by a key.


def largest(items: Any, key: Any) -> Any:
    """As ``max(items, key=key)``, of an array or a list that is not empty."""
    best = items[0]
    best_key = key(best)
    for each in items[1:]:
        its_key = key(each)
        if its_key > best_key:
            best = each
            best_key = its_key
    return best


def smallest(items: Any, key: Any) -> Any:
    """As ``min(items, key=key)``, of an array or a list that is not empty."""
    best = items[0]
    best_key = key(best)
    for each in items[1:]:
        its_key = key(each)
        if its_key < best_key:
            best = each
            best_key = its_key
    return best


def largest_of_range(start: int, stop: int, step: int, key: Any) -> Any:
    """As ``max(range(start, stop, step), key=key)``."""
    if len(range(start, stop, step)) == 0:
        raise ValueError("max() arg is an empty sequence")
    best = start
    best_key = key(start)
    for each in range(start + step, stop, step):
        its_key = key(each)
        if its_key > best_key:
            best = each
            best_key = its_key
    return best


def smallest_of_range(start: int, stop: int, step: int, key: Any) -> Any:
    """As ``min(range(start, stop, step), key=key)``."""
    if len(range(start, stop, step)) == 0:
        raise ValueError("min() arg is an empty sequence")
    best = start
    best_key = key(start)
    for each in range(start + step, stop, step):
        its_key = key(each)
        if its_key < best_key:
            best = each
            best_key = its_key
    return best


def largest_or(items: Any, key: Any, default: Any) -> Any:
    """As ``max(items, key=key, default=default)``."""
    return largest(items, key) if len(items) else default


def smallest_or(items: Any, key: Any, default: Any) -> Any:
    """As ``min(items, key=key, default=default)``."""
    return smallest(items, key) if len(items) else default


def itself(value: Any) -> Any:
    """The key of what is its own key."""
    return value


def listed(iterable: Iterable[Any]) -> list[Any]:
    """As `list`."""
    result = []
    for each in iterable:
        result.append(each)
    return result


def text_of(items: Iterable[Any]) -> str:
    """As `repr`, of a list."""
    texts = []
    for each in items:
        texts.append(repr(each))
    return "[" + ", ".join(texts) + "]"


def chained(*iterables: Iterable[Any]) -> list[Any]:
    """As `itertools.chain`, all at once."""
    result = []
    for iterable in iterables:
        for each in iterable:
            result.append(each)
    return result


def paired(iterable: Iterable[Any]) -> list[tuple[Any, Any]]:
    """As `itertools.pairwise`, all at once."""
    items = list(iterable)
    return list(zip(items, items[1:]))  # noqa: RUF007 (this is what it is lowered as)


def limits_within(part: slice, length: int) -> tuple[int, int, int]:
    """As the method `indices` of a slice."""
    step = 1 if part.step is None else part.step
    first, last = (0, length) if step > 0 else (-1, length - 1)
    start = (first if step > 0 else last) if part.start is None else _within(part.start, length, first, last)
    stop = (last if step > 0 else first) if part.stop is None else _within(part.stop, length, first, last)
    return start, stop, step


def _within(limit: int, length: int, first: int, last: int) -> int:
    """Return a limit of a slice, counted from the start, and no further out than `first` and `last`."""
    place = limit + length if limit < 0 else limit
    if place < first:
        return first
    return last if place > last else place


def in_range(start: int, stop: int, step: int, item: int) -> bool:
    """As ``item in range(start, stop, step)``."""
    if step > 0:
        return start <= item < stop and (item - start) % step == 0
    return stop < item <= start and (start - item) % -step == 0


def equal_lists(left: list[Any], right: list[Any]) -> bool:
    """As ``left == right``, of lists."""
    if len(left) != len(right):
        return False
    for i in range(len(left)):  # noqa: SIM110 (the loop is what is to be lowered)
        if left[i] != right[i]:
            return False
    return True


def contained(items: list[Any], item: Any) -> bool:
    """As ``item in items``."""
    for each in items:  # noqa: SIM110 (the loop is what is to be lowered)
        if each == item:
            return True
    return False


def counted(items: list[Any], item: Any) -> int:
    """As ``items.count(item)``."""
    count = 0
    for each in items:
        if each == item:
            count += 1
    return count


def index_of(items: list[Any], item: Any) -> int:
    """As ``items.index(item)``."""
    for i, each in enumerate(items):
        if each == item:
            return i
    raise ValueError("list.index(x): x not in list")


def repeated(items: list[Any], count: int) -> list[Any]:
    """As ``items * count``."""
    result: list[Any] = []
    for _ in range(count):
        result.extend(items)
    return result


def at_place(items: Any, place: int) -> Any:
    """Return the item at a place."""
    return items[place]


def at_places(items: Any, places: list[int]) -> list[Any]:
    """Return the items at some places."""
    return [items[i] for i in places]


def transposed(rows: list[list[Any]]) -> list[list[Any]]:
    """As ``list(zip(*rows))``, but of lists."""
    columns: list[list[Any]] = []
    if rows:
        for column in range(min([len(row) for row in rows])):
            columns.append([row[column] for row in rows])
    return columns


def spliced(items: list[Any], start: int | None, stop: int | None, new: list[Any]) -> list[Any]:
    """Return what a list holds after ``items[start:stop] = new``."""
    count = len(items)
    first = 0 if start is None else start
    last = count if stop is None else stop
    first = max(first + count, 0) if first < 0 else min(first, count)
    last = max(last + count, 0) if last < 0 else min(last, count)
    return items[:first] + new + items[max(first, last) :]


def put_all(table: dict[Any, Any], pairs: Iterable[tuple[Any, Any]]) -> None:
    """As `dict.update` of pairs."""
    for key, value in pairs:
        table[key] = value


def rotated(items: Any, by: Any) -> Any:
    """Return what a deque holds after `rotate(by)`, as a list."""
    if not len(items):
        return list(items)
    start = -by % len(items)
    return items[start:] + items[:start]


def places_in_order(keys: list[Any], reverse: bool) -> list[int]:
    """Where the items of a sorted list stood before; equal ones stay in their order."""
    places: list[int] = []
    for i in range(len(keys)):
        places.append(i)
        at = i
        while at > 0:
            one, other = keys[places[at]], keys[places[at - 1]]
            if not (other < one if reverse else one < other):
                break
            places[at], places[at - 1] = places[at - 1], places[at]
            at -= 1
    return places


def position(items: list[Any], item: Any) -> int:
    """As `list.index`."""
    for i in range(len(items)):
        if items[i] == item:
            return i
    raise ValueError("list.index(x): x not in list")


def removed(items: list[Any], item: Any) -> None:
    """As `list.remove`."""
    for i in range(len(items)):
        if items[i] == item:
            del items[i]
            return
    raise ValueError("list.remove(x): x not in list")
