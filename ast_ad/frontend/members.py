"""What the classes of objects define.

An object is a `Ref` or `Pooled` (made by the lowered function, or an argument), a `Known` object of the user's, or a
named tuple.  Its class is known, so what an attribute or an operator stands for is decided when lowering, as Python
would; the function behind it is then called like any other.
"""

from __future__ import annotations

import types
from collections.abc import Mapping, Sequence
from typing import Any

from ast_ad.frontend import dispatch, heap, paths
from ast_ad.frontend.frame import Frame
from ast_ad.frontend.paths import Member, Path
from ast_ad.frontend.values import Known, Pooled, Ref, Value

MISSING = object()


def class_of(value: Value) -> type | None:
    """Return the class of an object of a class that is written in Python; None for anything else."""
    cls: type | None = None
    if isinstance(value, (Ref, Pooled)):
        cls = value.cls.value
    elif isinstance(value, Known):
        cls = type(value.value)
    elif isinstance(value, tuple) and hasattr(value, "_fields"):
        cls = type(value)
    return cls if cls is not None and heap.is_users_class(cls) else None


def path_of(value: Value) -> Path:
    """Return the path to an object's class."""
    if isinstance(value, (Ref, Pooled)) and value.cls.path is not None:
        return value.cls.path
    if isinstance(value, Known) and value.path is not None:
        return Member(value.path, "__class__")
    return paths.Held(class_of(value))


def lookup(classes: Sequence[type], name: str) -> Any:
    """Return what the first of some classes that defines a name has for it."""
    for cls in classes:
        namespace = vars(cls)
        if name in namespace:
            return namespace[name]
    return MISSING


def is_descriptor(found: Any) -> bool:
    """Tell whether what a class has for a name is an object of a user's class that computes the attribute."""
    own: type = type(found)
    written = any(isinstance(lookup(own.__mro__, name), types.FunctionType) for name in ("__get__", "__set__"))
    return written and heap.is_users_class(own)


def special(value: Value, name: str) -> Known | None:
    """Return a method such as `__add__` of an object, if its class defines it in Python."""
    cls = class_of(value)
    found = lookup(cls.__mro__, name) if cls is not None else None
    if not isinstance(found, types.FunctionType) and not hasattr(found, "__ast_ad_rerun__"):
        return None
    return Known(found, Member(path_of(value), name))


def call_special(
    frame: Frame, node: Any, owner: Value, name: str, args: Sequence[Value] = (), kwargs: Mapping[str, Value] = {}
) -> Value:
    """Lower the call of a method that an object's class is known to define."""
    function = special(owner, name)
    assert function is not None
    return dispatch.call_known(frame, node, function, [owner, *args], kwargs)
