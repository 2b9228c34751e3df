"""Room for a derivation on Python's stack, however deep the call that asks for it."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Iterator

ROOM = 1000
"""Calls that a derivation may nest: as many as Python's default limit gives a program that has just begun."""


@contextlib.contextmanager
def headroom() -> Iterator[None]:
    """Let calls nest `ROOM` deep from here on, within the ``with`` statement.

    What is understood of a function would else depend on who calls: a test runner or a server leaves less room.  It is
    entered by one thread at a time, and leaves the limit as it was.
    """
    before = sys.getrecursionlimit()
    wanted = _depth() + ROOM
    if wanted <= before:
        yield
        return
    sys.setrecursionlimit(wanted)
    try:
        yield
    finally:
        if sys.getrecursionlimit() == wanted:
            sys.setrecursionlimit(before)


def _depth() -> int:
    frame, depth = sys._getframe(), 0
    while (outer := frame.f_back) is not None:
        frame, depth = outer, depth + 1
    return depth
