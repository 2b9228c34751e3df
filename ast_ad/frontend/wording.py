"""What an abstract value is, in the words of error messages."""

from __future__ import annotations

import inspect

import numpy as np

from ast_ad.frontend.dict_views import View
from ast_ad.frontend.parcels import Parcel
from ast_ad.frontend.values import (
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
    if isinstance(value, Range):
        return "a range"
    if isinstance(value, Maybe):
        return describe(value.value)
    if isinstance(value, Optional):
        return f"{describe(value.value)}, or None"
    if isinstance(value, OneOf):
        return f"a member of `{value.cls.__name__}`"
    if isinstance(value, Either):
        return "one of several functions"
    if isinstance(value, Table):
        return "a dict whose keys are known only when it runs"
    if isinstance(value, View):
        return f"a `{value.of.__name__}`"
    if isinstance(value, Raised):
        return "an exception"
    if isinstance(value, RaisedClass):
        return "the class of an exception"
    if isinstance(value, Partial):
        return f"a call of {describe(value.function)} with some of its arguments"
    if isinstance(value, (Container, Parcel)):
        return _article((value if isinstance(value, Container) else value.own).type.__name__)
    if isinstance(value, (Grown, Part)):
        return "a list"
    if isinstance(value, (tuple, list)):
        return f"a {type(value).__name__} of {len(value)} item{'s' * (len(value) != 1)}"
    if isinstance(value, dict):
        return f"a dict with the keys {', '.join(map(repr, value))}" if value else "an empty dict"
    if isinstance(value, (Ref, Pooled)):
        cls = value.cls.value
        return _article(vars(cls).get("__ast_ad_model__", cls).__name__)
    if isinstance(value, Bound):
        return f"the method `{value.function.value.__name__}`"
    if isinstance(value, Closure):
        return f"the function `{getattr(value.node, 'name', '<lambda>')}`"
    if isinstance(value, slice):
        return "a slice"
    if isinstance(value, Known):
        if value.value is None:
            return "None"
        if isinstance(value.value, str):
            return "a string"
        if isinstance(value.value, np.ndarray):
            return f"an array of {value.value.dtype}"
        named = inspect.getattr_static(value.value, "__name__", None) is not None  # `__getattr__` is not asked
        name = value.value.__name__ if named else None
        return f"`{name}`" if name else _article(type(value.value).__name__)
    return "no value"


def _article(noun: str) -> str:
    return f"{'an' if noun[0] in 'aeiou' else 'a'} {noun}"
