"""Whether two values are one object: `is`."""

from __future__ import annotations

import functools
import operator
from typing import Any

from ast_ad.frontend import foreign, overloads, raised
from ast_ad.frontend.choices import choice, whichever
from ast_ad.frontend.frame import Frame
from ast_ad.frontend.jumps import FALSE
from ast_ad.frontend.resolution import guard_identity
from ast_ad.frontend.values import (
    Closure,
    Container,
    Either,
    Known,
    OneOf,
    Optional,
    Pooled,
    RaisedClass,
    Value,
    is_none,
    is_operand,
    member,
)
from ast_ad.ir.kinds import BOOL
from ast_ad.ir.nodes import Lit, Operand


def is_one(frame: Frame, node: Any, left: Value, right: Value, *, wanted: bool) -> Value:
    """Return whether ``left is right`` is what is wanted."""
    if foreign.is_unknown(left) or foreign.is_unknown(right):
        return foreign.decide(frame, node, operator.is_ if wanted else operator.is_not, left, right)
    for value, other in ((left, right), (right, left)):
        if isinstance(value, Optional) and is_none(other):
            if not wanted:
                return value.present
            absent = frame.op(node, operator.not_, value.present, kind=BOOL)
            for holds in (True, False):
                frame.facts.note(absent, holds, (value.present, not holds))
            return absent
    for value, other in ((left, right), (right, left)):
        if isinstance(value, Optional):
            inside = functools.partial(is_one, frame, node, value.value, other, wanted=wanted)
            return choice(frame, node, value.present, inside, lambda: Lit(not wanted))
    for value, other in ((left, right), (right, left)):
        if isinstance(value, Either):
            compared = functools.partial(is_one, frame, node, other, wanted=wanted)
            return whichever(frame, node, value, compared)
    same: Value
    for value, other in ((left, right), (right, left)):
        if isinstance(value, RaisedClass):
            same = raised.is_class(frame, node, value, other)
            return same if wanted else frame.op(node, operator.not_, same, kind=BOOL)
    if isinstance(left, OneOf) or isinstance(right, OneOf):
        same = same_member(frame, node, left, right)
        return same if wanted else frame.op(node, operator.not_, same, kind=BOOL)
    if isinstance(left, Pooled) and isinstance(right, Pooled):
        same = one_pooled(frame, node, left, right)
        return same if wanted else frame.op(node, operator.not_, same, kind=BOOL)
    if is_operand(left) and is_operand(right) and BOOL in (left.kind, right.kind):
        # True and False are one object each, and no number is one of them.
        fn = operator.eq if wanted else operator.ne
        return frame.op(node, fn, left, right, kind=BOOL) if left.kind == right.kind else Lit(not wanted)
    return Lit(identical(frame, node, left, right) is wanted)


def one_pooled(frame: Frame, node: Any, left: Pooled, right: Pooled) -> Operand:
    """Tell whether two objects that stand in pools are one."""
    return frame.op(node, operator.eq, left.index, right.index) if left.pool is right.pool else FALSE


def same_member(frame: Frame, node: Any, left: Value, right: Value) -> Operand:
    """Tell whether two members of enumerations are one, of which one at least depends on the path."""
    for side in (left, right):
        if isinstance(side, Known):
            guard_identity(frame, side)
    first, second = member(left), member(right)
    if first is None or second is None or first.cls is not second.cls:
        return FALSE
    return frame.op(node, operator.eq, first.place, second.place)


def identical(frame: Frame, node: Any, left: Value, right: Value) -> bool:
    """Tell whether two values are one object, where that is known when lowering."""
    same = overloads.identical(frame, node, left, right)
    if same is not None:
        return same
    for value in (left, right):
        if isinstance(value, Known):
            guard_identity(frame, value)
    if isinstance(left, Known) and isinstance(right, Known):
        return left.same(right)
    if isinstance(left, Closure) and isinstance(right, Closure):
        return left.same(right)
    if isinstance(left, Container) and isinstance(right, Container):
        table = frame.context.objects
        if left is not right and not table.origins(left).isdisjoint(table.origins(right)):
            frame.refuse(node, "whether these are one object depends on the path", "compare with `==`")
        return left is right
    if is_operand(left) and is_operand(right):
        frame.refuse(node, "`is` compares the identity of numbers, which means nothing", "use `==`")
    if left is right:
        return True
    if isinstance(left, tuple) and type(left) is type(right):
        frame.refuse(node, "whether these two are one object is not known when lowering", "use `==`")
    return False
