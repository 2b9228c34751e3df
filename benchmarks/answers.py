"""What is compared before anything is timed: the time of a wrong answer would say nothing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from benchmarks.timing import Candidate

ITERATIONS = 10


def leaves(value: Any) -> Iterator[np.ndarray]:
    """Yield the numbers and arrays in a container, whatever its structure.

    >>> list(map(float, leaves((1.0, {"w": [2.0, 3.0]}))))
    [1.0, 2.0, 3.0]
    """
    if isinstance(value, (tuple, list, dict)):
        for item in value.values() if isinstance(value, dict) else value:
            yield from leaves(item)
    else:
        yield np.asarray(value)


def refuse_wrong_answers(name: str, candidates: Mapping[str, Candidate], expected: str) -> None:
    """Raise where the answer of a candidate is not the one of the candidate `expected`.

    Loops are cut short for it: the derivative of a thousand contractions is 0.0, and any two of these agree.
    """

    def answer(candidate: str) -> list[np.ndarray]:
        fun, args = candidates[candidate]
        return list(leaves(fun(*(min(each, ITERATIONS) if isinstance(each, int) else each for each in args))))

    right = answer(expected)
    for candidate in candidates:
        found = answer(candidate)
        if len(found) != len(right) or not all(map(_close, found, right)):
            raise ArithmeticError(f"{name}: the gradient of {candidate} is {found}, not {right}")


def _close(a: np.ndarray, b: np.ndarray) -> bool:
    return a.shape == b.shape and bool(np.all(np.abs(a - b) <= 1e-9 * np.max(np.abs(b))))
