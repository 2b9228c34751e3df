"""The operators of `collections.Counter`, which keep counts that are positive."""

from __future__ import annotations

import operator
from collections import Counter
from collections.abc import Callable
from typing import Any


def _combined(combine: Callable[[Any, Any], Any], first: Counter[Any], second: Counter[Any]) -> Counter[Any]:
    """Return the counts that `combine` makes of both, where they are positive."""
    result: Counter[Any] = Counter()
    for key, count in first.items():
        both = combine(count, second[key])
        if both > 0:
            result[key] = both
    for key, count in second.items():
        if key not in first:
            alone = combine(0, count)
            if alone > 0:
                result[key] = alone
    return result


def added(first: Counter[Any], second: Counter[Any]) -> Counter[Any]:
    """As ``first + second``."""
    return _combined(operator.add, first, second)


def subtracted(first: Counter[Any], second: Counter[Any]) -> Counter[Any]:
    """As ``first - second``."""
    return _combined(operator.sub, first, second)


def united(first: Counter[Any], second: Counter[Any]) -> Counter[Any]:
    """As ``first | second``: the larger counts."""
    return _combined(lambda one, other: other if one < other else one, first, second)


def common(first: Counter[Any], second: Counter[Any]) -> Counter[Any]:
    """As ``first & second``: the smaller counts."""
    return _combined(lambda one, other: one if one < other else other, first, second)


OPERATORS: dict[Callable[..., Any], Callable[..., Any]] = {
    operator.add: added,
    operator.and_: common,
    operator.or_: united,
    operator.sub: subtracted,
}
"""The model of each operator."""
