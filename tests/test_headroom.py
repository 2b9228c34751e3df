"""What is understood of a function does not depend on how deep the call is that asks for its derivative."""

from __future__ import annotations

import math
import sys

import ast_ad
from ast_ad.headroom import ROOM, headroom


def collatz(x, n, steps):
    if n == 1:
        return x * steps
    if n % 2 == 0:
        return collatz(x * 0.9, n // 2, steps + 1)
    return collatz(math.sqrt(x), 3 * n + 1, steps + 1)


def climb(x, n):
    return collatz(x, n, 0)


def text_from(depth: int) -> str:
    if depth:
        return text_from(depth - 1)
    derivative = ast_ad.grad(climb)
    derivative.cache_clear()
    derivative(0.7, 6)
    return derivative.source


def test_the_text_is_the_same_from_any_depth() -> None:
    assert text_from(400) == text_from(0)
    assert "collatz_reverse" in text_from(400)


def test_the_limit_is_as_it_was() -> None:
    before = sys.getrecursionlimit()

    def calls(count: int) -> int:
        return count if count == 0 else calls(count - 1)

    def down(count: int) -> int:
        if count:
            return down(count - 1)
        with headroom():
            return calls(ROOM - 50)

    assert down(before - 200) == 0
    assert sys.getrecursionlimit() == before
