"""What Python raises for a value that does not fit, such as the length of a number, where that may be caught.

    try:
        n = len(x)
    except TypeError:
        n = 1

The functions return the exception, or None where it is not known that there is one.
"""

from __future__ import annotations

import builtins
import operator
from collections.abc import Callable
from types import NoneType
from typing import Any

import numpy as np

from ast_ad.frontend import heap, members
from ast_ad.frontend.dict_views import View
from ast_ad.frontend.frame import Frame
from ast_ad.frontend.values import Container, Value, is_none, is_operand
from ast_ad.ir.kinds import Array, Scalar
from ast_ad.ir.nodes import Lit

SYMBOLS: dict[Callable[..., Any], str] = {
    operator.add: "+",
    operator.sub: "-",
    operator.mul: "*",
    operator.truediv: "/",
    operator.floordiv: "//",
    operator.mod: "%",
    operator.pow: "**",
    operator.matmul: "@",
    operator.lshift: "<<",
    operator.rshift: ">>",
    operator.and_: "&",
    operator.or_: "|",
    operator.xor: "^",
    operator.lt: "<",
    operator.le: "<=",
    operator.gt: ">",
    operator.ge: ">=",
}


def no_length(value: Value) -> Exception | None:
    """Return what ``len(value)`` raises."""
    cls = _class(value)
    return None if cls is None else TypeError(f"object of type '{_shown(cls)}' has no len()")


def not_iterable(value: Value) -> Exception | None:
    """Return what ``iter(value)`` raises."""
    cls = _class(value)
    return None if cls is None else TypeError(f"'{_shown(cls)}' object is not iterable")


def no_items(value: Value) -> Exception | None:
    """Return what ``value[0]`` raises."""
    cls = value.of if isinstance(value, View) else _class(value)
    if cls is None:
        return None
    if issubclass(cls, np.generic):
        return IndexError("invalid index to scalar variable.")
    return TypeError(f"'{_shown(cls)}' object is not subscriptable")


def not_assignable(value: Value) -> Exception | None:
    """Return what ``value[0] = 1`` raises."""
    cls = _class(value) or (tuple if type(value) is tuple else None)
    return None if cls is None else TypeError(f"'{_shown(cls)}' object does not support item assignment")


def not_callable(value: Value) -> Exception | None:
    """Return what ``value()`` raises."""
    cls = _class(value)
    return None if cls is None else TypeError(f"'{_shown(cls)}' object is not callable")


def no_attribute(value: Value, name: str) -> Exception | None:
    """Return what ``value.name`` raises."""
    cls = _sequence(value) or _number(value)
    if cls is None or hasattr(cls, name):
        return None
    return AttributeError(f"'{_shown(cls)}' object has no attribute '{name}'")


def no_new_attribute(value: Value, name: str) -> Exception | None:
    """Return what ``value.name = 1`` raises where objects of that class have no such attribute."""
    is_array = is_operand(value) and isinstance(value.kind, Array)
    sample = np.empty(0) if is_array else _sample(_sequence(value) or _number(value))
    if sample is None or hasattr(sample, name):
        return None
    try:
        setattr(sample, name, 0)
    except AttributeError as error:
        return AttributeError(*error.args)
    return None


def _sample(cls: type | None) -> Any:
    return None if cls in (None, NoneType) else cls()


def fail_for_none(frame: Frame, node: Any, fn: Callable[..., Any], left: Value, right: Value) -> None:
    """Raise what an operator raises for None, where that is caught, or may stand on a path that is never taken."""
    raises = no_operand(fn, left, right)
    if is_none(left) or is_none(right):
        fail_where_possible(frame, node, raises)
    frame.let_catch(node, raises)


def fail_where_possible(frame: Frame, node: Any, raises: Exception | None) -> None:
    """Raise what Python raises at a node, where that is caught, or may stand on a path that is never taken."""
    if raises is not None and (frame.is_conditional or frame.is_caught(type(raises))):
        frame.fail(node, type(raises), *map(Lit, raises.args))


def no_operand(fn: Callable[..., Any], left: Value, right: Value) -> Exception | None:
    """Return what an operator raises for None, or for an object whose class does not define it."""
    first, second = _class(left), _class(right)
    if fn not in SYMBOLS or first is None or second is None:
        return None
    if NoneType not in (first, second) and _number(left) and _number(right):
        return None
    symbol = SYMBOLS[fn]
    names = f"'{_shown(first)}' and '{_shown(second)}'"
    if symbol in ("<", "<=", ">", ">="):
        return TypeError(f"'{symbol}' not supported between instances of {names}")
    shown = "** or pow()" if symbol == "**" else symbol
    return TypeError(f"unsupported operand type(s) for {shown}: {names}")


def _number(value: Value) -> type | None:
    """Return the class of a number, or of None."""
    if is_none(value):
        return NoneType
    if not is_operand(value) or not isinstance(value.kind, Scalar):
        return None
    name = value.kind.dtype
    return np.dtype(name).type if value.kind.numpy else getattr(builtins, name)


def _class(value: Value) -> type | None:
    """Return the class of a number, of None, or of an object of a class that is written in Python."""
    return _number(value) or (None if isinstance(value, tuple) else members.class_of(value))


def _sequence(value: Value) -> type | None:
    """Return the class of a list, a dict or a tuple."""
    cls = value.type if isinstance(value, Container) else type(value)
    return cls if cls in (list, dict, tuple) else None


def _shown(cls: type) -> str:
    is_plain = cls.__module__ == "builtins" or heap.is_users_class(cls)
    return cls.__name__ if is_plain else f"{cls.__module__}.{cls.__name__}"
