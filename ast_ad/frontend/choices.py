"""Choosing between two values: what the truth of a value is, and expressions of which one side is evaluated."""

from __future__ import annotations

import enum
import operator
from collections.abc import Callable
from typing import Any

import numpy as np

from ast_ad.frontend import containers
from ast_ad.frontend.frame import Frame
from ast_ad.frontend.names import settled
from ast_ad.frontend.paths import Held
from ast_ad.frontend.resolution import guard_identity
from ast_ad.frontend.samples import FIXED
from ast_ad.frontend.values import Either, Grown, Known, OneOf, Optional, Range, Table, Value, is_operand
from ast_ad.ir.nodes import Lit, Operand


def truth(frame: Frame, value: Value) -> bool | None:
    """Return the truth of an abstract value, or None where it is not known."""
    value = containers.seen(frame, value)
    if isinstance(value, Lit):
        return bool(value.value)
    if is_operand(value) or isinstance(value, (Grown, Range, Optional, Table)):
        return None
    if isinstance(value, Known):
        guard_identity(frame, value)
        return _truth_of_known(value.value)
    return bool(value) if isinstance(value, (tuple, list, dict)) else True


_NEVER_CHANGE = (str, bytes, type(None), bool, tuple, range, frozenset, enum.Enum, *FIXED)


def _truth_of_known(value: Any) -> bool | None:
    """Return the truth of an object that is known; None where the object itself decides it, and may change its mind."""
    if isinstance(value, _NEVER_CHANGE):
        return bool(value)
    is_class = isinstance(value, (type, np.dtype))
    return True if is_class or not any(hasattr(type(value), name) for name in ("__bool__", "__len__")) else None


def whichever(frame: Frame, node: Any, value: Value, use: Callable[[Value], Value]) -> Value:
    """Return ``use(value)``; of what may be None, and of one of several functions, of that which it is."""
    if isinstance(value, Either):
        return choice(frame, node, value.which, lambda: use(value.first), lambda: use(value.second))
    if not isinstance(value, Optional):
        return use(value)
    return choice(frame, node, value.present, lambda: use(value.value), lambda: use(Known(None)))


def for_each(frame: Frame, node: Any, value: Value, use: Callable[[Value], Value]) -> Value:
    """Return ``use(value)``; of one of several members of an enumeration, for that which it is."""
    if not isinstance(value, OneOf):
        return use(value)
    *others, last = [Known(each, Held(each)) for each in value.cls]

    def decided(i: int) -> Value:
        if i == len(others):
            return use(last)
        test = frame.op(node, operator.eq, value.place, Lit(i))
        return choice(frame, node, test, lambda: use(others[i]), lambda: decided(i + 1))

    return decided(0)


def choice(
    frame: Frame, node: Any, condition: Operand, then: Callable[[], Value], orelse: Callable[[], Value]
) -> Value:
    """Return ``then() if condition else orelse()``: only one of them is evaluated."""
    if isinstance(condition, Lit):
        return then() if condition.value else orelse()
    key = f"%value{len(frame.env)}"

    def store(side: Callable[[], Value]) -> Callable[[], None]:
        def steps() -> None:
            frame.env[key] = side()

        return steps

    frame.branch(node, condition, store(then), store(orelse), None)
    value = frame.env.pop(key)
    return settled(frame, node, value)
