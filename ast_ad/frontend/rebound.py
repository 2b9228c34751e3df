"""Variables outside that the function assigns: globals, cells, and attributes of classes, functions and modules.

They are first taken to stay what they are.  Where one is assigned, the function is lowered again (`borrowed.Changed`),
and a list of one item holds the variable, which all who read or assign it share.  The variable itself is never written
to: each call starts from what it is.
"""

from __future__ import annotations

import enum
import types
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from ast_ad.frontend import borrowed, containers, heap
from ast_ad.frontend.tokens import InPlace
from ast_ad.frontend.values import Known, Value

if TYPE_CHECKING:
    from ast_ad.frontend.frame import Frame

Resolve = Callable[[], Value]
"""Tells what a variable is outside."""


def is_assigned(frame: Frame, holder: Any, name: str) -> bool:
    """Tell whether the function is known to assign a variable of a namespace, a cell or an object outside."""
    return _place(holder, name) in frame.context.copied


def value(frame: Frame, holder: Any, name: str, resolve: Resolve) -> Value:
    """Return what a variable outside is now."""
    if not is_assigned(frame, holder, name):
        return resolve()
    return containers.seen(frame, _box(frame, holder, name, resolve))[0]


def assign(frame: Frame, node: Any, holder: Any, name: str, new: Value, resolve: Resolve) -> None:
    """Assign a variable outside, as this call of the function sees it."""
    if not frame.is_outermost:
        raise InPlace
    if not is_assigned(frame, holder, name):
        borrowed.start_again(frame, node, _place(holder, name))
    containers.change(frame, node, _box(frame, holder, name, resolve), [new])


def holds(owner: Value, name: str) -> bool:
    """Tell whether a class, a function or a module of the user's has an attribute that is data, and may be assigned."""
    if not isinstance(owner, Known):
        return False
    holder = owner.value
    if isinstance(holder, type):
        if not heap.is_users_class(holder) or issubclass(holder, enum.Enum):
            return False
    elif not isinstance(holder, (types.FunctionType, types.ModuleType)):
        return False
    found = vars(holder).get(name, _MISSING)
    return found is not _MISSING and not callable(found) and not hasattr(type(found), "__get__")


_MISSING = object()


def home_of(cls: type, name: str) -> type:
    """Return the class that an attribute of a class is found in: itself, or one of its bases."""
    return next((each for each in cls.__mro__ if name in vars(each)), cls)


def _place(holder: Any, name: str) -> tuple[int, str]:
    return id(vars(holder) if isinstance(holder, types.ModuleType) else holder), name


def _box(frame: Frame, holder: Any, name: str, resolve: Resolve) -> Any:
    """Return the list that holds a variable, which is there from the start."""
    if not frame.is_outermost:
        raise InPlace
    place, known = _place(holder, name), frame.context.borrowed
    if place not in known:
        known[place] = box = containers.made(frame, [resolve()])
        box.name = name
        borrowed.let_be_first(frame, box)
    return known[place]
