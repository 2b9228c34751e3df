"""Integers whose values lowering takes: an `axis`, a rank, a flag that decides what is returned.

An integer is an input like any other number until lowering needs its value.  Then it is *pinned*: a constant of the
derivative, and part of its signature.  An argument says so itself (`Argument.known`); of what the function reads from
outside, `Outside` says which paths are pinned, and collects those that could be.
"""

from __future__ import annotations

import contextlib
import contextvars
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from ast_ad.frontend.guards import Path


def can_be_pinned(value: Any) -> bool:
    """Tell whether a number may decide about structure: one of Python's integers or booleans."""
    return type(value) in (int, bool)


@dataclass
class Outside:
    """The integers that functions read from outside: which are pinned, and which were met while lowering."""

    pinned: frozenset[Path] = frozenset()
    met: dict[Path, None] = field(default_factory=dict)


_OUTSIDE: contextvars.ContextVar[Outside | None] = contextvars.ContextVar("integers from outside", default=None)


@contextlib.contextmanager
def pinning(outside: Outside) -> Iterator[None]:
    """Let lowering pin what `outside` says, within the ``with`` statement."""
    token = _OUTSIDE.set(outside)
    try:
        yield
    finally:
        _OUTSIDE.reset(token)


def is_pinned(path: Path) -> bool:
    """Tell whether the integer that lies at a path is pinned, and note that it was met."""
    outside = _OUTSIDE.get()
    if outside is None:
        return False
    outside.met[path] = None
    return path in outside.pinned
