"""A call of an object that is known, and the tables of those who lower some of these calls."""

from __future__ import annotations

import types
from collections.abc import Callable, Hashable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from ast_ad.frontend import foreign, handlers, heap, iterables, members
from ast_ad.frontend.dispatch import Arguments, Keywords, call_known
from ast_ad.frontend.facts import present
from ast_ad.frontend.frame import Frame
from ast_ad.frontend.handlers import LAZY
from ast_ad.frontend.paths import Member, Path
from ast_ad.frontend.run_time_tuples import UNCOUNTED, is_indexing, is_tuple
from ast_ad.frontend.values import Known, Table, Value
from ast_ad.rules import registry


@dataclass(frozen=True)
class Site:
    """The call of an object that is known, found at `path`."""

    frame: Frame
    node: Any
    known: Known
    path: Path
    args: Arguments
    kwargs: Keywords

    @property
    def fn(self) -> Any:
        """The object that is called."""
        return self.known.value

    @property
    def is_written(self) -> bool:
        """Whether it is a function, or a class, that is written in Python, and is lowered from that."""
        fn = self.fn
        written = isinstance(fn, types.FunctionType) or (isinstance(fn, type) and heap.is_users_class(fn))
        return written and handler_of(self) is None and registry.find(fn) is None

    def call(self, fn: Any, path: Path | None = None, first: Arguments = ()) -> Value:
        """Lower the call of another object instead, with `first` before the arguments."""
        return call_known(self.frame, self.node, Known(fn, path), [*first, *self.args], self.kwargs)

    def member(self, name: str) -> Path:
        """Return the path of an attribute of the object."""
        return Member(self.path, name)

    def settled(self) -> Site:
        """Return the call with values that are there in place of those that may be None, and lists of generators."""
        frame, node, fn, args, kwargs = self.frame, self.node, self.fn, self.args, self.kwargs
        if self.is_written:
            return self
        if isinstance(fn, np.ufunc) or (getattr(fn, "__module__", None) or "").startswith("numpy"):
            args = [_as_array(frame, node, arg) for arg in args]
        if any(map(is_tuple, args)) and is_indexing(fn):
            frame.misfit(node, *UNCOUNTED)
        if not any(fn is each for each in handlers.TAKES_DICT):
            # Whoever goes through a dict gets its keys.
            args = [arg.keys if isinstance(arg, Table) else arg for arg in args]
        if not any(fn is each for each in handlers.TAKES_NONE):
            args = [present(frame, node, arg) for arg in args]
            if fn is not dict:
                kwargs = {name: present(frame, node, value) for name, value in kwargs.items()}
        uses_up = not any(fn is each for each in LAZY) and (
            handler_of(self) is not None or registry.find(fn) is not None
        )
        if uses_up and any(map(heap.is_generator, args)):
            args = [frame.context.collected(frame, node, arg) if heap.is_generator(arg) else arg for arg in args]
        if any(fn is each for each in handlers.GO_THROUGH):
            args = [iterables.plain(frame, arg) for arg in args]
            args = [
                foreign.items(frame, node, arg)
                if foreign.has_items(arg) and handlers.goes_through(fn, i, len(args))
                else arg
                for i, arg in enumerate(args)
            ]
        return replace(self, args=args, kwargs=kwargs)


def _as_array(frame: Frame, node: Any, value: Value) -> Value:
    """Return the array that NumPy makes of an object whose class says how; any other value as it is."""
    own = any(hasattr(members.class_of(value), name) for name in ("__array_function__", "__array_ufunc__"))
    if own or members.special(value, "__array__") is None:
        return value
    return members.call_special(frame, node, value, "__array__")


Step = Callable[[Site], "Value | None"]
"""Lowers the calls of one kind of objects; of others, it returns None."""


def handler_of(site: Site) -> handlers.Handler | None:
    """Return what lowers the calls of an object that has a handler; None for others."""
    return handlers.HANDLERS.get(site.fn) if isinstance(site.fn, Hashable) else None


INSTANCES: dict[type, Callable[[Site], Value]] = {}
"""How calls of objects of libraries are lowered, by their class; the modules that know how fill the table."""


CLASSES: dict[type, Callable[[Site], Value]] = {}
"""How objects of further classes are made, by a class above theirs."""
