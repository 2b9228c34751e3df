"""The operators of `collections.Counter`, which keep counts that are positive."""

from __future__ import annotations

import operator
from collections import Counter
from collections.abc import Callable
from typing import Any


def added(first: Counter[Any], second: Counter[Any]) -> Counter[Any]:
    """As ``first + second``."""
    result: Counter[Any] = Counter()
    for key, count in first.items():
        both = count + second[key]
        if both > 0:
            result[key] = both
    for key, count in second.items():
        if key not in first and count > 0:
            result[key] = count
    return result


def subtracted(first: Counter[Any], second: Counter[Any]) -> Counter[Any]:
    """As ``first - second``."""
    result: Counter[Any] = Counter()
    for key, count in first.items():
        rest = count - second[key]
        if rest > 0:
            result[key] = rest
    for key, count in second.items():
        if key not in first and count < 0:
            result[key] = 0 - count
    return result


def united(first: Counter[Any], second: Counter[Any]) -> Counter[Any]:
    """As ``first | second``: the larger counts."""
    result: Counter[Any] = Counter()
    for key, count in first.items():
        other = second[key]
        larger = other if count < other else count
        if larger > 0:
            result[key] = larger
    for key, count in second.items():
        if key not in first and count > 0:
            result[key] = count
    return result


def common(first: Counter[Any], second: Counter[Any]) -> Counter[Any]:
    """As ``first & second``: the smaller counts."""
    result: Counter[Any] = Counter()
    for key, count in first.items():
        other = second[key]
        smaller = count if count < other else other
        if smaller > 0:
            result[key] = smaller
    return result


OPERATORS: dict[Callable[..., Any], Callable[..., Any]] = {
    operator.add: added,
    operator.and_: common,
    operator.or_: united,
    operator.sub: subtracted,
}
"""The model of each operator."""
