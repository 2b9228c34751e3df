"""`heapq` and `bisect`: lists that are kept in an order, step by step as Python's own functions do it."""

from __future__ import annotations

import bisect
import heapq
from collections.abc import Callable, Iterable
from typing import Any

# heapq


def heappush(heap: list[Any], item: Any) -> None:
    """As `heapq.heappush`."""
    heap.append(item)
    sift_down(heap, 0, len(heap) - 1)


def heappop(heap: list[Any]) -> Any:
    """As `heapq.heappop`."""
    last = heap.pop()
    if len(heap) == 0:
        return last
    result = heap[0]
    heap[0] = last
    sift_up(heap, 0)
    return result


def heapreplace(heap: list[Any], item: Any) -> Any:
    """As `heapq.heapreplace`."""
    result = heap[0]
    heap[0] = item
    sift_up(heap, 0)
    return result


def heappushpop(heap: list[Any], item: Any) -> Any:
    """As `heapq.heappushpop`."""
    if len(heap) > 0 and heap[0] < item:
        result = heap[0]
        heap[0] = item
        sift_up(heap, 0)
        return result
    return item


def heapify(heap: list[Any]) -> None:
    """As `heapq.heapify`."""
    for i in range(len(heap) // 2 - 1, -1, -1):
        sift_up(heap, i)


def sift_down(heap: list[Any], start: int, pos: int) -> None:
    """Let the item at `pos` go towards the root, until its parent is not larger."""
    item = heap[pos]
    while pos > start:
        parent = (pos - 1) // 2
        above = heap[parent]
        if item < above:
            heap[pos] = above
            pos = parent
        else:
            break
    heap[pos] = item


def sift_up(heap: list[Any], pos: int) -> None:
    """Let the smaller child move up until a leaf is reached, and the item sift down from there."""
    end = len(heap)
    start = pos
    item = heap[pos]
    child = 2 * pos + 1
    while child < end:
        right = child + 1
        if right < end and not heap[child] < heap[right]:
            child = right
        heap[pos] = heap[child]
        pos = child
        child = 2 * pos + 1
    heap[pos] = item
    sift_down(heap, start, pos)


def nlargest(n: int, iterable: Iterable[Any], key: Callable[[Any], Any] | None = None) -> list[Any]:
    """As `heapq.nlargest`."""
    return sorted(iterable, key=key, reverse=True)[:n]


def nsmallest(n: int, iterable: Iterable[Any], key: Callable[[Any], Any] | None = None) -> list[Any]:
    """As `heapq.nsmallest`."""
    return sorted(iterable, key=key)[:n]


# bisect


def bisect_left(a: Any, x: Any, lo: int = 0, hi: int | None = None, *, key: Callable[[Any], Any] | None = None) -> int:
    """As `bisect.bisect_left`."""
    high = len(a) if hi is None else hi
    while lo < high:
        mid = (lo + high) // 2
        value = a[mid] if key is None else key(a[mid])
        if value < x:
            lo = mid + 1
        else:
            high = mid
    return lo


def bisect_right(a: Any, x: Any, lo: int = 0, hi: int | None = None, *, key: Callable[[Any], Any] | None = None) -> int:
    """As `bisect.bisect_right`."""
    high = len(a) if hi is None else hi
    while lo < high:
        mid = (lo + high) // 2
        value = a[mid] if key is None else key(a[mid])
        if x < value:
            high = mid
        else:
            lo = mid + 1
    return lo


def insort_left(a: list[Any], x: Any) -> None:
    """As `bisect.insort_left`."""
    i = bisect_left(a, x)
    a[i:i] = [x]


def insort_right(a: list[Any], x: Any) -> None:
    """As `bisect.insort_right`."""
    i = bisect_right(a, x)
    a[i:i] = [x]


MODELS: dict[Callable[..., Any], Callable[..., Any]] = {
    bisect.bisect_left: bisect_left,
    bisect.bisect_right: bisect_right,
    bisect.insort_left: insort_left,
    bisect.insort_right: insort_right,
    heapq.heapify: heapify,
    heapq.heappop: heappop,
    heapq.heappush: heappush,
    heapq.heappushpop: heappushpop,
    heapq.heapreplace: heapreplace,
    heapq.nlargest: nlargest,
    heapq.nsmallest: nsmallest,
}
