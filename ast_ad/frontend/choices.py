"""Choosing between two values: what the truth of a value is, and expressions of which one side is evaluated."""

from __future__ import annotations

import enum
import operator
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from ast_ad.frontend import containers
from ast_ad.frontend.frame import Frame
from ast_ad.frontend.jumps import Unreachable
from ast_ad.frontend.names import settled
from ast_ad.frontend.paths import Held
from ast_ad.frontend.resolution import guard_identity
from ast_ad.frontend.samples import FIXED
from ast_ad.frontend.several import ALONE, fit
from ast_ad.frontend.trials import InTheMiddle
from ast_ad.frontend.values import (
    ABSENT,
    Either,
    Grown,
    Known,
    Maybe,
    OneOf,
    Optional,
    Range,
    Table,
    Value,
    is_operand,
)
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
    if isinstance(value, Either):
        found = {truth(frame, each) for each in value.alternatives()}
        return found.pop() if len(found) == 1 else None
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
        return either(frame, node, value, lambda each: whichever(frame, node, each, use))
    if not isinstance(value, Optional):
        return use(value)
    return choice(frame, node, value.present, lambda: either(frame, node, value.value, use), lambda: use(Known(None)))


def either(frame: Frame, node: Any, value: Value, use: Callable[[Value], Value]) -> Value:
    """Return ``use(value)``; of one of several values, of that which it is.

    What fails for one of them fails when it runs, if it is that.
    """
    if not isinstance(value, Either):
        return use(value)

    def used(side: Value) -> Callable[[], Value]:
        def steps() -> Value:
            if side is ABSENT:
                raise Unreachable
            with frame.on_a_path():
                return either(frame, node, side, use)

        return steps

    return choice(frame, node, value.which, used(value.first), used(value.second))


def reordered(frame: Frame, node: Any, value: Value, like: Value) -> Value:
    """Return one of several values with these in the order that they have in another value: a chain of tests."""
    if not isinstance(value, Either):
        return value
    known, order = value.alternatives(), list[Value]()
    for each in (*(like.alternatives() if isinstance(like, Either) else ()), *known):
        if not any(fit(each, other) for other in order):
            order.append(each)
    if value.is_chain and len(known) == len(order) and all(map(fit, known, order)):
        return value

    def is_it(one: Value) -> Operand:
        return frame.operand(node, either(frame, node, value, lambda each: Lit(fit(each, one))))

    def then(one: Value) -> Value:
        is_one = isinstance(one, ALONE)
        return one if is_one else either(frame, node, value, lambda each: each if fit(each, one) else ABSENT)

    made = then(order[-1])
    for one in reversed(order[:-1]):
        made = Either(is_it(one), then(one), made)
    return made


def in_each_case(frame: Frame, node: Any, value: Value, steps: Callable[[Value], None]) -> None:
    """Run lowering steps; for one of several values, in a branch for each."""

    def use(each: Value) -> Value:
        steps(each)
        return Known(None)

    either(frame, node, value, use)


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
    known = condition.value if isinstance(condition, Lit) else frame.facts.outcome(condition)
    if known is not None:
        return then() if known else orelse()
    key = f"%value{len(frame.env)}"

    sides: dict[bool, Value] = {}

    def store(holds: bool, side: Callable[[], Value]) -> Callable[[], None]:
        def steps() -> None:
            frame.env[key] = sides[holds] = side()

        return steps

    frame.branch(node, condition, store(True, then), store(False, orelse), None)
    value = frame.env.pop(key)
    if isinstance(value, Maybe) and frame.attempts:
        raise InTheMiddle(frame, frame.statement, condition)  # one side ends with an exception that is caught
    value = settled(frame, node, value)
    _note(frame, condition, value, sides)
    return value


def _note(frame: Frame, condition: Operand, value: Value, sides: Mapping[bool, Value]) -> None:
    """Note which side a truth comes from, where the other side is a constant that says otherwise."""
    for holds, own in sides.items():
        other = sides.get(not holds)
        if isinstance(other, Lit) and isinstance(other.value, bool) and is_operand(own) and value is not own:
            frame.facts.note(value, not other.value, (condition, holds), (own, not other.value))
