"""Objects from outside of the function as abstract values.

Numbers are read at each call: they become inputs of the function.  All else is known when lowering, and guarded.
"""

from __future__ import annotations

import enum
import inspect
import re
import sys
import types
from typing import Any

import gast
import numpy as np

from ast_ad.errors import KindError
from ast_ad.frontend import borrowed, containers, guards, paths, rebound, remedies
from ast_ad.frontend.arguments import with_records
from ast_ad.frontend.borrowed import Theirs
from ast_ad.frontend.frame import Frame
from ast_ad.frontend.heap import is_users_class
from ast_ad.frontend.paths import FreeInput, Item, Member, Path
from ast_ad.frontend.pins import is_integer, is_pinned, shaped
from ast_ad.frontend.received import imported
from ast_ad.frontend.samples import SAMPLES
from ast_ad.frontend.values import Container, Known, Value
from ast_ad.ir.kinds import kind_of, kind_of_class
from ast_ad.ir.nodes import Lit
from ast_ad.trees import NodeTree, flatten, is_number, unflatten


def first_path(frame: Frame, value: Any, path: Path) -> Path:
    """Return the path on which a function with cells was found first: one that calls itself finds itself in a cell."""
    if not (isinstance(value, types.FunctionType) and value.__closure__):
        return path
    first = frame.context.paths.setdefault(id(value), path)
    if first != path:
        frame.context.guard(guards.SameObject(path, first))
    return first


def resolved(frame: Frame, value: Any, path: Path, name: str) -> Value:
    """Return an object from outside as an abstract value: numbers are read at each call, what else it is is guarded."""
    if isinstance(value, enum.Enum) and is_number(value):
        guard_identity(frame, Known(value, path))
        return Known(value, path)
    if is_number(value):
        return number(frame, value, path, name)
    if type(value) in (tuple, list, dict) and _holds_numbers(value):
        frame.context.guard(guards.SameTree(path, flatten(value)[1]))
        if not isinstance(value, tuple):
            frame.context.outside[path] = value
            known = borrowed.met(frame, value)
            if known is not None:
                return known
        if isinstance(value, dict):
            mapping = {key: resolved(frame, value[key], Item(path, key), f"{name}_{_spelled(key)}") for key in value}
            return _container(frame, value, mapping)
        items = [resolved(frame, item, Item(path, i), f"{name}_{i}") for i, item in enumerate(value)]
        return _container(frame, value, items) if type(value) is list else tuple(items)
    if isinstance(value, tuple) and hasattr(type(value), "_fields") and _holds_numbers(value):
        frame.context.guard(guards.SameTree(path, flatten(value)[1]))
        fields: Any = zip(value._fields, value)  # type: ignore[attr-defined]
        return type(value)(*[resolved(frame, item, Member(path, field), f"{name}_{field}") for field, item in fields])
    if type(value) in (set, frozenset) and isinstance(tree := flatten(value)[1], NodeTree):
        frame.context.guard(guards.SameTree(path, tree))
        ref = frame.context.object_of(frame, unflatten(with_records(tree), []))
        ref.attribute(frame.env, "items").outside = _OUTSIDE
        return ref
    sampled = kind_of_class(type(value)).type in SAMPLES
    if sampled or (not isinstance(value, types.ModuleType) and not is_instance(value)):
        guard_identity(frame, Known(value, path))
    return Known(value, path)


def _container(frame: Frame, value: list[Any] | dict[Any, Any], contents: Value) -> Container:
    """Return a container for a list or dict that is read from outside; one that is changed is there from the start."""
    if id(value) not in frame.context.copied:
        return containers.made(frame, contents, outside=Theirs(id(value)))
    own = containers.made(frame, contents)
    borrowed.let_be_first(frame, own)
    frame.context.borrowed[id(value)] = own
    return own


def _spelled(key: Any) -> str:
    """Return how the key of a dict is spelled in a variable's name."""
    text = str(getattr(key, "name", None) or getattr(key, "__name__", None) or key)
    return re.sub(r"\W+", "_", text)


_OUTSIDE = "the scope outside of this function"
"""Whom lists and dicts belong to that are read by a name."""


def _holds_numbers(value: Any) -> bool:
    return all(
        is_number(item)
        or item is None
        or isinstance(item, str)
        or callable(item)
        or type(item) in (set, frozenset)
        or kind_of_class(type(item)).type in SAMPLES
        or is_users_class(type(item))  # type: ignore[arg-type]  # (classes are hashable)
        or ((type(item) in (tuple, list, dict) or hasattr(type(item), "_fields")) and _holds_numbers(item))
        for item in (value.values() if isinstance(value, dict) else value)
    )


def number(frame: Frame, value: Any, path: Path, name: str) -> Value:
    """Return a number from outside: an input that is read at each call, or a constant where its value is needed."""
    kind = kind_of(value)
    if is_pinned(path, value):
        if is_integer(value):
            frame.context.guard(guards.SameValue(path, value))
            return Lit(value)
        frame.context.guard(guards.SameShape(path, value.shape))
        kind = shaped(kind, value)
    frame.context.guard(guards.SameKind(path, kind_of(value)))
    return imported(frame, FreeInput(path, kind, name))


def is_instance(value: Any) -> bool:
    """Tell whether an object is neither callable nor plain: one whose attributes may be read."""
    return not callable(value) and not isinstance(value, (str, bytes, type(None), type(...)))


def guard_identity(frame: Frame, known: Known) -> None:
    """Record that lowering relies on which object this is."""
    value = known.value
    if known.path is None or (isinstance(known.path, paths.Held) and not inspect.isroutine(value)):
        return
    if isinstance(value, types.MethodType):
        # A bound method is made anew each time it is read.
        guard_identity(frame, Known(value.__func__, Member(known.path, "__func__")))
    elif isinstance(value, types.FunctionType) and not hasattr(value, "__ast_ad_lower__"):
        frame.context.guard(guards.SameCode(known.path, value))
    elif isinstance(value, (str, bytes)):
        frame.context.guard(guards.SameValue(known.path, value))
    else:
        frame.context.guard(guards.Identity(known.path, value))


def attribute(frame: Frame, node: gast.AST, owner: Known, name: str) -> Value:
    """Return an attribute of a known object."""
    holder = rebound.home_of(owner.value, name) if isinstance(owner.value, type) else owner.value
    return rebound.value(frame, holder, name, lambda: attribute_outside(frame, node, owner, name))


def attribute_outside(frame: Frame, node: gast.AST, owner: Known, name: str) -> Value:
    """Return what an attribute of a known object is before the function changes any."""
    value, path = owner.value, owner.path
    if type(value) is np.ndarray and path is None and hasattr(value, name):  # One of objects, made when lowering.
        return Known(getattr(value, name))
    place: Path = Member(path, name) if path is not None else Member(paths.Held(value), name)
    try:
        found = getattr(value, name) if isinstance(value, (types.ModuleType, type)) else _field(value, name)
    except AttributeError:
        owns = (
            f"the module `{value.__name__}`"
            if isinstance(value, types.ModuleType)
            else f"{type(value).__name__!r} object"
        )
        help = remedies.near(name, dir(value))
        raise KindError(f"{owns} has no attribute {name!r}", help=help, where=frame.where(node)) from None
    if found is _COMPUTED:
        frame.refuse(
            node,
            f"the attribute `{name}` of a `{type(value).__name__}` is computed by a property",
            "call a plain function or method instead",
        )
    if is_number(found) and isinstance(value, (np.finfo, np.iinfo)):
        return Lit(found)
    if is_number(found) and isinstance(value, types.ModuleType) and is_library(value):
        frame.context.guard(guards.SameValue(place, found))
        return Lit(found)
    if name == "__annotations__" and isinstance(value, types.FunctionType):
        return containers.made(frame, {key: Known(each, paths.Held(each)) for key, each in found.items()})
    return resolved(frame, found, place, name)


def constant_attribute(frame: Frame, owner: Value, name: str) -> Value | None:
    """Return an attribute of an object that never changes; None for other objects."""
    if not (isinstance(owner, Known) and isinstance(owner.value, _NEVER_CHANGE) and hasattr(owner.value, name)):
        return None
    found = getattr(owner.value, name)
    describes = isinstance(owner.value, _DESCRIPTIONS)
    if callable(found) and not (describes and isinstance(found, type)):
        return None
    guard_identity(frame, owner)
    if isinstance(found, types.MappingProxyType):
        return containers.made(frame, {key: Known(each, paths.Held(each)) for key, each in found.items()})
    if is_number(found) and not isinstance(found, enum.Enum):
        return Lit(found)
    return resolved(frame, found, paths.Held(found), name) if describes else Known(found)


_DESCRIPTIONS = (inspect.Signature, inspect.Parameter, types.CodeType)
"""Classes of objects that tell how a function is written."""


_NEVER_CHANGE = (np.dtype, np.finfo, np.iinfo, *_DESCRIPTIONS)
"""Classes of objects all of whose attributes are constants."""


_COMPUTED = object()


_OF_FUNCTIONS = ("__name__", "__qualname__", "__module__", "__doc__", "__code__", "__annotations__")
"""Attributes that a function itself has, though its class computes them."""


def _field(value: Any, name: str) -> Any:
    """Return an attribute of an object, without running the code of a property."""
    if isinstance(value, types.FunctionType) and name in _OF_FUNCTIONS:
        return getattr(value, name)
    found = inspect.getattr_static(value, name)
    if isinstance(found, (types.FunctionType, classmethod, staticmethod, types.BuiltinFunctionType)):
        return getattr(value, name)
    if isinstance(found, (property, types.GetSetDescriptorType)) or (
        hasattr(type(found), "__get__") and not isinstance(found, types.MemberDescriptorType) and not callable(found)
    ):
        return _COMPUTED
    return getattr(value, name)


def is_library(module: types.ModuleType) -> bool:
    """Tell whether a module's numbers are constants of nature rather than the user's data."""
    root = module.__name__.split(".")[0]
    return root in ("numpy", "scipy") or root in sys.stdlib_module_names
