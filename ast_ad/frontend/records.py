"""Dataclasses: the methods that `@dataclass` writes have no text, and are lowered from the class's fields."""

from __future__ import annotations

import dataclasses
import inspect
import operator
import types
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from ast_ad.frontend import attributes, dispatch, equality, function_calls, heap, members, names, objects, paths
from ast_ad.frontend.choices import choice
from ast_ad.frontend.frame import Frame
from ast_ad.frontend.frozen import has_no_text, is_frozen
from ast_ad.frontend.paths import Item, Member
from ast_ad.frontend.values import Known, Pooled, Ref, Value
from ast_ad.frontend.wording import describe
from ast_ad.ir.nodes import Lit

_ORDER = {"__lt__": operator.lt, "__le__": operator.le, "__gt__": operator.gt, "__ge__": operator.ge}
_STRICT = {operator.le: operator.lt, operator.ge: operator.gt}
_GENERATED = ("__init__", "__eq__", "__repr__", *_ORDER)


def is_generated(function: Any) -> bool:
    """Tell whether a function is a method that `@dataclass` has written: it puts a guard around its `__repr__`."""
    if getattr(function, "__globals__", {}).get("__name__") in ("dataclasses", "reprlib"):
        function = getattr(function, "__wrapped__", function)
    return (has_no_text(function) or _is_of_named_tuple(function)) and function.__name__ in _GENERATED


def _is_of_named_tuple(function: Any) -> bool:
    """Tell whether a function is one that `collections.namedtuple` gives to all its classes."""
    return getattr(function, "__module__", None) == "collections" and function.__name__ == "__repr__"


def shown_fields(frame: Frame, node: Any, value: Value) -> list[tuple[str, Value]] | None:
    """Return the fields that the text of a dataclass or a named tuple shows; None for anything else."""
    cls = members.class_of(value)
    if cls is None:
        return None
    if isinstance(value, tuple):
        return [*zip(value._fields, value)]  # type: ignore[attr-defined]
    if not dataclasses.is_dataclass(cls) or members.special(value, "__repr__") is None:
        return None
    names = [field.name for field in dataclasses.fields(cls) if field.repr]
    return [(name, attributes.attribute(frame, node, value, name)) for name in names]


def call_generated(
    frame: Frame, node: Any, function: types.FunctionType, args: Sequence[Value], kwargs: Mapping[str, Value]
) -> Value:
    """Lower the call of a method that `@dataclass` has written."""
    owner = args[0] if args else None
    cls = members.class_of(owner)
    home = _home(cls, function) if cls is not None else None
    if home is None:
        frame.misfit(node, f"`{function.__qualname__}` is called without an object of its class")
    if function.__name__ == "__eq__":
        return _equal(frame, node, home, args)
    if function.__name__ in _ORDER:
        sides = _compared(frame, node, home, args)
        return Known(NotImplemented) if sides is None else _ordered(frame, node, _ORDER[function.__name__], *sides)
    assert isinstance(owner, Ref)
    _initialise(frame, node, home, function, owner, args[1:], kwargs)
    return Known(None)


def _home(cls: type, function: types.FunctionType) -> type | None:
    """Return the dataclass of which a method is, which may have been given another one in its place since."""
    found = [each for each in cls.__mro__ if "__dataclass_fields__" in vars(each)]
    own = [each for each in found if vars(each).get(function.__name__) is function]
    named = own or [each for each in found if function.__qualname__ == f"{each.__qualname__}.{function.__name__}"]
    return named[0] if len(named) == 1 else None


def _initialise(
    frame: Frame,
    node: Any,
    cls: type,
    init: types.FunctionType,
    ref: Ref,
    args: Sequence[Value],
    kwargs: Mapping[str, Value],
) -> None:
    try:
        given = inspect.signature(init).bind(ref, *args, **kwargs).arguments
    except TypeError as error:
        frame.misfit(node, f"`{cls.__name__}`: {error}", "pass each field once")
    path = ref.cls.path if ref.cls.path is not None else paths.Held(cls)
    every: Mapping[str, Any] = vars(cls)["__dataclass_fields__"]
    further = []
    for name, field in every.items():
        kind = field._field_type
        if kind is dataclasses._FIELD_CLASSVAR:  # type: ignore[attr-defined]
            continue
        if name in given:
            value = given[name]
        elif field.default is not dataclasses.MISSING:
            if not field.init:
                continue
            value = function_calls.abstract_default(frame, field.default)
        elif field.default_factory is not dataclasses.MISSING:
            place = Member(Item(Member(path, "__dataclass_fields__"), name), "default_factory")
            value = dispatch.call_known(frame, node, Known(field.default_factory, place), [], {})
        else:
            continue
        if kind is dataclasses._FIELD_INITVAR:  # type: ignore[attr-defined]
            further.append(value)
        else:
            names.named(frame, value, name)
            if is_frozen(cls, name):
                heap.write(frame, node, ref, name, value)
            else:
                attributes.assign(frame, node, ref, name, value)
    after = members.special(ref, "__post_init__")
    if after is not None:
        dispatch.call_known(frame, node, after, [ref, *further], {})


def _equal(frame: Frame, node: Any, cls: type, args: Sequence[Value]) -> Value:
    sides = _compared(frame, node, cls, args)
    return Known(NotImplemented) if sides is None else equality.equal(frame, node, *sides)


def _compared(frame: Frame, node: Any, cls: type, args: Sequence[Value]) -> list[tuple[Value, ...]] | None:
    """Return the fields of two objects that are compared; None where they are not of one class."""
    left, right = args
    if members.class_of(left) is not members.class_of(right):
        return None
    fields = [name for name, field in vars(cls)["__dataclass_fields__"].items() if field.compare]
    return [tuple(attributes.attribute(frame, node, side, name) for name in fields) for side in (left, right)]


def _ordered(
    frame: Frame, node: Any, fn: Callable[..., Any], left: tuple[Value, ...], right: tuple[Value, ...]
) -> Value:
    """Return whether tuples are in an order: the first fields that differ decide."""
    if not left:
        return Lit(fn in _STRICT)
    return choice(
        frame,
        node,
        frame.operand(node, equality.equal(frame, node, left[0], right[0])),
        lambda: _ordered(frame, node, fn, left[1:], right[1:]),
        lambda: frame.op(node, _STRICT.get(fn, fn), *(frame.operand(node, side[0]) for side in (left, right))),
    )


def replace(frame: Frame, node: Any, args: Sequence[Value], kwargs: Mapping[str, Value]) -> Value:
    """Lower `dataclasses.replace`."""
    value = args[0]
    cls = members.class_of(value)
    if cls is None or not dataclasses.is_dataclass(cls):
        frame.misfit(node, f"`replace` takes a dataclass, and this is {describe(value)}")
    old = {
        field.name: attributes.attribute(frame, node, value, field.name)
        for field in dataclasses.fields(cls)
        if field.init and field.name not in kwargs
    }
    known = (
        value.cls
        if isinstance(value, (Ref, Pooled))
        else Known(cls, Member(value.path or paths.Held(value.value), "__class__"))
    )
    return objects.create(frame, node, known, [], {**old, **kwargs})


def is_dataclass(frame: Frame, node: Any, args: Sequence[Value], kwargs: Mapping[str, Value]) -> Value:
    """Lower `dataclasses.is_dataclass`."""
    cls = members.class_of(args[0])
    return Lit(cls is not None and dataclasses.is_dataclass(cls))
