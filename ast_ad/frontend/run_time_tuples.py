"""Whether tuples may have a length that is known only when it runs.

The length of a tuple may decide about structure: how many indices it is, how many results.  So lowering takes it for
known at first.  Where that fails, because the items were collected in a loop, it is tried once more with tuples that
are lists which nothing changes; where they are asked for more than a list is good for, what they came from is pinned
(`ast_ad.pinned`).
"""

from __future__ import annotations

import contextlib
import contextvars
import operator
from collections.abc import Hashable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from ast_ad.frontend.values import Container, Value


class RunTimeTuple(list[Any]):
    """The class of containers that are such tuples."""

    __ast_ad_model__: type = tuple


UNCOUNTED = (
    "how many indices this tuple has, is known only when it runs",
    "write them one by one, or use a list for the elements along one axis",
)
"""Why such a tuple is no index: NumPy takes a list for something else."""


Name = tuple[Hashable, str]
"""A variable: where its function stands, and its name."""


@dataclass
class _State:
    allowed: bool
    names: set[Name]
    wanted: bool = False


_STATE: contextvars.ContextVar[_State | None] = contextvars.ContextVar("tuples of run-time length", default=None)


@contextlib.contextmanager
def trying(names: set[Name], *, allowed: bool) -> Iterator[_State]:
    """Allow such tuples or not, within the ``with`` statement.

    `wanted` tells afterwards whether there are some.  To `names` is added which variables hold tuples of several
    lengths: where such are allowed, what these are bound to is one.
    """
    state = _State(allowed, names)
    token = _STATE.set(state)
    try:
        yield state
    finally:
        _STATE.reset(token)


def may_be() -> bool:
    """Tell whether a tuple may have a length that is known only when it runs, and note that one is wanted."""
    state = _STATE.get()
    if state is not None:
        state.wanted = True
    return state is not None and state.allowed


def want(place: Hashable, name: str) -> None:
    """Note that a variable holds tuples of several lengths."""
    state = _STATE.get()
    if state is not None:
        state.wanted = True
        state.names.add((place, name))


def is_wanted(place: Hashable, name: str) -> bool:
    """Tell whether the tuples that a variable is bound to may get another length."""
    state = _STATE.get()
    return state is not None and state.allowed and (place, name) in state.names


def is_tuple(value: Value) -> bool:
    """Tell whether a value is such a tuple."""
    return isinstance(value, Container) and value.type is RunTimeTuple


def is_indexing(fn: Any) -> bool:
    """Tell whether a function takes an index, of which a tuple means something else than a list."""
    if fn in (operator.getitem, operator.setitem, operator.delitem):
        return True
    return isinstance(getattr(fn, "__self__", None), np.ufunc) and fn.__name__ == "at"
