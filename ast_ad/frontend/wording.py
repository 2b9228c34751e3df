"""What an abstract value is, in the words of error messages."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

import numpy as np

from ast_ad.frontend.dict_views import View
from ast_ad.frontend.parcels import Parcel
from ast_ad.frontend.values import (
    ABSENT,
    Bound,
    Closure,
    Container,
    Either,
    Grown,
    Known,
    Maybe,
    OneOf,
    Optional,
    Part,
    Partial,
    Pooled,
    Raised,
    RaisedClass,
    Range,
    Ref,
    Table,
    Value,
    is_operand,
)
from ast_ad.ir.kinds import in_words


def describe(value: Value) -> str:
    """Return, for an error message, what a value is: "a float", "a tuple of 2 items", "None"."""
    if is_operand(value):
        return in_words(value.kind)
    found = next((_WORDS[cls] for cls in type(value).__mro__ if cls in _WORDS), None)
    return found(value) if found is not None else "no value"


def _either(value: Either) -> str:
    """Return what one of several values is: "a Circle or a Square"."""
    words = dict.fromkeys(describe(each) for each in value.alternatives() if each is not ABSENT)
    return (
        "one of several functions"
        if all(each.startswith("`") or "function" in each for each in words)
        else " or ".join(words)
    )


def _known(known: Known) -> str:
    value = known.value
    if value is None:
        return "None"
    if isinstance(value, str):
        return "a string"
    if isinstance(value, np.ndarray):
        return f"an array of {value.dtype}"
    named = inspect.getattr_static(value, "__name__", None) is not None  # `__getattr__` is not asked
    name = value.__name__ if named else None
    return f"`{name}`" if name else _article(type(value).__name__)


def _object(value: Ref | Pooled) -> str:
    cls = value.cls.value
    return _article(vars(cls).get("__ast_ad_model__", cls).__name__)


def _items(value: tuple[Any, ...] | list[Any]) -> str:
    return f"a {type(value).__name__} of {len(value)} item{'s' * (len(value) != 1)}"


def _dict(value: dict[Any, Any]) -> str:
    return f"a dict with the keys {', '.join(map(repr, value))}" if value else "an empty dict"


_WORDS: dict[type, Callable[[Any], str]] = {
    Bound: lambda value: f"the method `{value.function.value.__name__}`",
    Closure: lambda value: f"the function `{getattr(value.node, 'name', '<lambda>')}`",
    Container: lambda value: _article(getattr(value.type, "__ast_ad_model__", value.type).__name__),
    Either: _either,
    Grown: lambda value: "a list",
    Known: _known,
    Maybe: lambda value: describe(value.value),
    OneOf: lambda value: f"a member of `{value.cls.__name__}`",
    Optional: lambda value: f"{describe(value.value)}, or None",
    Parcel: lambda value: _article(getattr(value.own.type, "__ast_ad_model__", value.own.type).__name__),
    Part: lambda value: "a list",
    Partial: lambda value: f"a call of {describe(value.function)} with some of its arguments",
    Pooled: _object,
    Raised: lambda value: "an exception",
    RaisedClass: lambda value: "the class of an exception",
    Range: lambda value: "a range",
    Ref: _object,
    Table: lambda value: "a dict whose keys are known only when it runs",
    View: lambda value: f"a `{value.of.__name__}`",
    dict: _dict,
    list: _items,
    slice: lambda value: "a slice",
    tuple: _items,
}
"""How each class of values is described.  Some are tuples themselves: their own entry comes first."""


def _article(noun: str) -> str:
    return f"{'an' if noun[0] in 'aeioAEIOu' else 'a'} {noun}"
