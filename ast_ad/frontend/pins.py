"""What lowering takes at its value: an integer such as an `axis`, a flag that decides what is returned, a shape.

An integer is an input like any other number until lowering needs its value, and the shape of an array is known when
the code runs until lowering needs it.  Then it is *pinned*: a constant of the derivative, and part of its signature.
An argument says so itself (`Argument.known`, or dims that are numbers); of what the function reads from outside,
`Outside` says which paths are pinned, and collects those that could be.
"""

from __future__ import annotations

import contextlib
import contextvars
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from ast_ad.frontend.paths import Path
from ast_ad.ir.kinds import Array, Kind


def is_integer(value: Any) -> bool:
    """Tell whether a number may decide about structure: an integer or a boolean."""
    return type(value) in (int, bool) or isinstance(value, np.integer)


def has_shape(value: Any) -> bool:
    """Tell whether a value is an array whose lengths may decide about structure."""
    return isinstance(value, np.ndarray) and value.ndim > 0


def shaped(kind: Kind, value: Any) -> Kind:
    """Return the kind of an array with its lengths."""
    assert isinstance(kind, Array)
    return Array(kind.dtype, value.shape)


@dataclass
class Outside:
    """What functions read from outside: the paths that are pinned, and what was met at those that could be."""

    pinned: frozenset[Path] = frozenset()
    met: dict[Path, Any] = field(default_factory=dict)


_OUTSIDE: contextvars.ContextVar[Outside | None] = contextvars.ContextVar("pins outside", default=None)


@contextlib.contextmanager
def pinning(outside: Outside) -> Iterator[None]:
    """Let lowering pin what `outside` says, within the ``with`` statement."""
    token = _OUTSIDE.set(outside)
    try:
        yield
    finally:
        _OUTSIDE.reset(token)


def is_pinned(path: Path, value: Any) -> bool:
    """Tell whether the value that lies at a path is pinned, and note that it was met."""
    outside = _OUTSIDE.get()
    if outside is None or not (is_integer(value) or has_shape(value)):
        return False
    outside.met[path] = value
    return path in outside.pinned


def pinned_outside() -> frozenset[Path]:
    """Return the paths that are pinned."""
    outside = _OUTSIDE.get()
    return frozenset() if outside is None else outside.pinned


def met_outside() -> dict[Path, Any]:
    """Return what was met so far at the paths that could be pinned, to be added to."""
    outside = _OUTSIDE.get()
    return {} if outside is None else outside.met
