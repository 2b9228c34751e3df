"""Operators of views of dicts: those of keys and items are sets, those of values are equal to nothing else."""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any, NoReturn

from ast_ad.frontend import dispatch, members
from ast_ad.frontend.arrays import is_array
from ast_ad.frontend.classes import type_of
from ast_ad.frontend.dict_views import View
from ast_ad.frontend.frame import Frame
from ast_ad.frontend.mistakes import SYMBOLS
from ast_ad.frontend.values import Known, Value
from ast_ad.frontend.wording import describe
from ast_ad.ir.nodes import Lit

_OF_SETS = (operator.and_, operator.or_, operator.sub, operator.xor)


def is_view(*values: Value) -> bool:
    """Tell whether one of these values is a view."""
    return any(isinstance(value, View) for value in values)


def operands(frame: Frame, node: Any, fn: Callable[..., Any], *sides: Value) -> list[Value]:
    """Return what an operator takes where one side is a view: sets."""
    if fn in _OF_SETS and any(isinstance(side, View) and side.like_set for side in sides):
        return [_as_set(frame, node, side) for side in sides]
    symbol = SYMBOLS.get(fn) or fn.__name__
    frame.misfit(
        node,
        f"`{symbol}` of {describe(sides[0])} and {describe(sides[1])} is not defined",
        "make a list of a view: `list(d.values())`",
        _mistake(frame, node, f"unsupported operand type(s) for {symbol}: '{{}}' and '{{}}'", *sides),
    )


def fail_to_order(frame: Frame, node: Any, symbol: str, left: Value, right: Value) -> NoReturn:
    """Refuse to order two values of which one is a view, or raise what Python does where that is caught."""
    frame.misfit(
        node,
        f"{describe(left)} and {describe(right)} cannot be ordered",
        "compare the numbers inside",
        _mistake(frame, node, f"'{symbol}' not supported between instances of '{{}}' and '{{}}'", left, right),
    )


def _mistake(frame: Frame, node: Any, message: str, left: Value, right: Value) -> TypeError | None:
    """Return what Python raises where the view stands first; what comes first may have a message of its own."""
    classes = [type_of(frame, node, side) for side in (left, right)] if isinstance(left, View) else []
    known = bool(classes) and all(cls.__module__ == "builtins" for cls in classes)
    return TypeError(message.format(*(cls.__name__ for cls in classes))) if known else None


def sets_of(frame: Frame, node: Any, left: Value, right: Value) -> tuple[Value, Value] | None:
    """Return the sets that are compared where a view is; None where it is compared with what is no set."""
    if not all(map(_is_like_set, (left, right))):
        return None
    return _as_set(frame, node, left), _as_set(frame, node, right)


def equal_to_no_set(frame: Frame, node: Any, left: Value, right: Value) -> Lit:
    """Return whether two values are equal, of which one is a view, and not both are like sets."""
    if left is right:
        return Lit(True)
    if isinstance(left, View) and isinstance(right, View) and type(left) is type(right):
        frame.refuse(node, "whether these two views are one object is not known", "compare lists of what they show")
    if any(is_array(side) or (members.class_of(side) is not None and not _is_like_set(side)) for side in (left, right)):
        frame.refuse(node, f"{describe(left)} and {describe(right)} cannot be compared here", "compare what is in them")
    return Lit(False)


def _is_like_set(value: Value) -> bool:
    if isinstance(value, View):
        return value.like_set
    own = members.class_of(value)
    cls = value.value.__class__ if isinstance(value, Known) else None if own is None else _modelled(own)
    return cls is not None and issubclass(cls, (set, frozenset))


def _modelled(own: type) -> type:
    model: type = vars(own).get("__ast_ad_model__", own)
    return model


def _as_set(frame: Frame, node: Any, value: Value) -> Value:
    return dispatch.call_known(frame, node, Known(set), [value], {})
