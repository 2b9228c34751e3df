"""What the classes of objects define.

An object is a `Ref` or `Pooled` (made by the lowered function, or an argument), a `Known` object of the user's, or a
named tuple.  Its class is known, so what an attribute or an operator stands for is decided when lowering, as Python
would; the function behind it is then called like any other.
"""

from __future__ import annotations

import functools
import inspect
import types
from collections.abc import Mapping, Sequence
from typing import Any

from ast_ad.frontend import dispatch, heap, paths
from ast_ad.frontend.frame import Frame
from ast_ad.frontend.paths import Member, Path
from ast_ad.frontend.values import Known, Pooled, Ref, Value
from ast_ad.models import bases
from ast_ad.models.bases import BASES, BUILTIN

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
    named = any(hasattr(cls, "_fields") for cls in classes)  # Named tuples are known as they are.
    for cls in classes:
        if cls in BASES and not named:
            found = _of_model(cls, name)
            if found is not MISSING:
                return found
        elif name in vars(cls):
            found = vars(cls)[name]
            model = None if named else method_of_base(found)  # As in ``__getattr__ = dict.__getitem__``.
            return found if model is None else model
    return MISSING


def method_of_base(found: Any) -> Any:
    """Return what stands for a method of `list`, `dict` or `tuple`; None for anything else."""
    base = getattr(found, "__objclass__", None)
    if isinstance(found, types.BuiltinFunctionType) and found.__name__ == "__new__":
        base = found.__self__
    if not isinstance(base, type) or base not in BASES:
        return None
    model = _of_model(base, found.__name__)
    return None if model is MISSING else getattr(model, "__func__", model)


def _of_model(base: type, name: str) -> Any:
    """Return what stands for a method of a list, dict or tuple."""
    found: Any = inspect.getattr_static(BASES[base], name, MISSING)
    return found if is_of_model(getattr(found, "__func__", found)) else MISSING


def is_of_model(found: Any) -> bool:
    """Tell whether a function stands for a method of a list, dict or tuple."""
    return getattr(found, "__module__", None) == bases.__name__


def base_of(cls: type) -> type | None:
    """Return what a class inherits from: a list, a dict or a tuple that is no named one."""
    return None if hasattr(cls, "_fields") else next((each for each in cls.__mro__ if each in BASES), None)


def without_names(value: Value) -> Value:
    """Return a named tuple as the tuple that it is for operators that its class does not define itself."""
    return tuple(value) if isinstance(value, tuple) and class_of(value) is not None else value


def without_class(frame: Frame, value: Value) -> Value:
    """Return the list, dict or tuple that an object is by what its class inherits from; any other value as it is."""
    base = base_of(value.cls.value) if isinstance(value, Ref) else None
    return value if base is None else value.attribute(frame.env, BUILTIN)


def path_to(found: Any, path: Path) -> Path:
    """Return where a guard finds what a class has for a name: what stands for a base class is always the same."""
    return paths.Held(found) if is_of_model(found) else path


def is_descriptor(found: Any) -> bool:
    """Tell whether what a class has for a name is an object of a user's class that computes the attribute."""
    own: type = type(found)
    written = any(isinstance(lookup(own.__mro__, name), types.FunctionType) for name in ("__get__", "__set__"))
    return written and own is not functools.singledispatchmethod and heap.is_users_class(own)


def special(value: Value, name: str) -> Known | None:
    """Return a method such as `__add__` of an object, if its class defines it in Python."""
    cls = class_of(value)
    found = lookup(cls.__mro__, name) if cls is not None else None
    if not isinstance(found, types.FunctionType) and not hasattr(found, "__ast_ad_rerun__"):
        return None
    return Known(found, path_to(found, Member(path_of(value), name)))


def call_special(
    frame: Frame, node: Any, owner: Value, name: str, args: Sequence[Value] = (), kwargs: Mapping[str, Value] = {}
) -> Value:
    """Lower the call of a method that an object's class is known to define."""
    function = special(owner, name)
    assert function is not None
    return dispatch.call_known(frame, node, function, [owner, *args], kwargs)
