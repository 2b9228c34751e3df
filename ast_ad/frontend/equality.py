"""Whether two values are equal: of numbers it is an operation; of all else it is decided when lowering."""

from __future__ import annotations

import functools
import operator
from collections import abc
from collections.abc import Sequence
from typing import Any

import numpy as np

from ast_ad.frontend import containers, dispatch, foreign, grown_items, identity, members, overloads, view_operators
from ast_ad.frontend.choices import choice, either, whichever
from ast_ad.frontend.frame import Frame
from ast_ad.frontend.jumps import FALSE, TRUE
from ast_ad.frontend.paths import Held
from ast_ad.frontend.resolution import guard_identity
from ast_ad.frontend.run_time_tuples import is_tuple
from ast_ad.frontend.values import (
    Either,
    Grown,
    Known,
    OneOf,
    Optional,
    Pooled,
    Table,
    Value,
    as_number,
    is_none,
    is_operand,
    is_string,
)
from ast_ad.frontend.wording import describe
from ast_ad.ir.kinds import BOOL, Opaque
from ast_ad.ir.nodes import Lit
from ast_ad.models import iteration


def equal(frame: Frame, node: Any, left: Value, right: Value) -> Value:
    """Return ``left == right``, decided at once where no number is involved."""
    for side, other in ((left, right), (right, left)):
        if isinstance(side, (Either, Optional)):
            return whichever(frame, node, side, functools.partial(equal, frame, node, other))
    if foreign.is_foreign(left) or foreign.is_foreign(right):
        return foreign.operate(frame, node, operator.eq, left, right)
    if view_operators.is_view(left, right):
        return _with_view(frame, node, left, right)
    if is_tuple(left) or is_tuple(right):
        if not all(is_tuple(each) or type(each) is tuple for each in (left, right)):
            return FALSE
        left, right = (list(each) if type(each) is tuple else each for each in (left, right))
    left, right = _as_number(frame, containers.seen(frame, left)), _as_number(frame, containers.seen(frame, right))
    if {type(left), type(right)} in ({Grown}, {Grown, list}):
        return _equal_lists(frame, node, left, right)
    if isinstance(left, OneOf) or isinstance(right, OneOf):
        return identity.same_member(frame, node, left, right)
    if is_string(left) and is_string(right):
        if isinstance(left, Known) and isinstance(right, Known):
            return Lit(left.value == right.value)
        return frame.op(node, operator.eq, frame.operand(node, left), frame.operand(node, right), kind=BOOL)
    if is_operand(left) and is_operand(right):
        return frame.op(node, operator.eq, left, right)
    if type(left) not in (tuple, list) or type(left) is not type(right):
        result = overloads.compared(frame, node, operator.eq, left, right)
        if result is not NotImplemented:
            return result
    if is_none(left) or is_none(right):
        return Lit(is_none(left) and is_none(right))
    left, right = members.without_names(left), members.without_names(right)
    if type(left) in (tuple, list) and type(left) is type(right):
        return _all_equal(frame, node, left, right) if len(left) == len(right) else FALSE
    if isinstance(left, Known) and isinstance(right, Known):
        return Lit(_known_equal(frame, node, left, right))
    if isinstance(left, Pooled) and isinstance(right, Pooled):
        return identity.one_pooled(frame, node, left, right)
    if members.class_of(left) is not None:
        return Lit(identity.identical(frame, node, left, right))
    if isinstance(left, dict) and isinstance(right, dict):
        if left.keys() != right.keys():
            return FALSE
        return _all_equal(frame, node, list(left.values()), [right[key] for key in left])
    for operand, other in ((left, right), (right, left)):
        if is_operand(operand) and isinstance(operand.kind, Opaque) and isinstance(other, Known):
            guard_identity(frame, other)
            return frame.op(node, operator.eq, operand, Lit(other.value), kind=BOOL)
    decides = any(isinstance(each, Table) for each in (left, right)) or any(
        isinstance(each, Known) and _is_like_container(each.value) for each in (left, right)
    )
    if not decides and (is_operand(left) or is_operand(right) or type(left) is not type(right)):
        return FALSE
    frame.misfit(node, f"{describe(left)} cannot be compared here", "compare the numbers inside")


def equal_items(frame: Frame, node: Any, left: Value, right: Value) -> Value:
    """Return whether two items of containers are equal: one object is, whatever it says itself, as NaN does."""
    if is_one_object(left, right):
        return TRUE
    for side, other in ((left, right), (right, left)):
        if isinstance(side, Either):
            return either(frame, node, side, functools.partial(equal_items, frame, node, other))
    return equal(frame, node, left, right)


def is_one_object(left: Value, right: Value) -> bool:
    """Tell whether two items are known to be one object, of which containers ask before they compare."""
    return left is right or (isinstance(left, Lit) and isinstance(right, Lit) and left.value is right.value)


def _as_number(frame: Frame, value: Value) -> Value:
    """Return the number that a member of an `IntEnum` is equal to; other values as they are."""
    number = as_number(value)
    if number is not value and isinstance(value, Known):
        guard_identity(frame, value)
    return number


def _with_view(frame: Frame, node: Any, left: Value, right: Value) -> Value:
    """Return whether two values are equal of which one is a view of a dict."""
    sets = view_operators.sets_of(frame, node, left, right)
    return view_operators.equal_to_no_set(frame, node, left, right) if sets is None else equal(frame, node, *sets)


_BY_VALUE = (type, np.dtype, bytes, range, frozenset)
"""Classes of objects that never change and tell themselves what they are equal to: a dtype is equal to its type."""


def _known_equal(frame: Frame, node: Any, left: Known, right: Known) -> bool:
    """Tell whether two objects are equal: by value where they have one, else if they are one object."""
    values = left.value, right.value
    if any(isinstance(each, _BY_VALUE) for each in values):
        for side in (left, right):
            guard_identity(frame, side)
        return bool(left.value == right.value)
    if left.value is right.value or not any(_has_equality(each) and type(each) is not str for each in values):
        return identity.identical(frame, node, left, right)
    frame.misfit(node, f"{describe(left)} and {describe(right)} cannot be compared here", "compare what is in them")


def _has_equality(value: Any) -> bool:
    """Tell whether the class of an object says what it is equal to: by default an object is equal to itself alone."""
    return any("__eq__" in vars(base) for base in type(value).__mro__ if base is not object)


def _equal_lists(frame: Frame, node: Any, left: Value, right: Value) -> Value:
    """Return whether two lists are equal, of which one at least has grown."""
    for known, other in ((left, right), (right, left)):
        if known == []:
            return frame.op(node, operator.eq, grown_items.length(frame, node, other), Lit(0))
    sides = [side.home if isinstance(side, Grown) else containers.made(frame, side) for side in (left, right)]
    return dispatch.call_known(frame, node, _EQUAL_LISTS, sides, {})


_EQUAL_LISTS = Known(iteration.equal_lists, Held(iteration.equal_lists))


def _is_like_container(value: Any) -> bool:
    """Tell whether an object may be equal to a list, a dict or a set: its class says so."""
    return isinstance(value, (abc.Mapping, abc.Sequence, abc.Set)) and not isinstance(value, (*_BY_VALUE, str, tuple))


def _all_equal(frame: Frame, node: Any, left: Sequence[Value], right: Sequence[Value]) -> Value:
    if not left:
        return TRUE
    first = equal_items(frame, node, left[0], right[0])
    return choice(
        frame,
        node,
        frame.operand(node, first),
        lambda: _all_equal(frame, node, left[1:], right[1:]),
        lambda: FALSE,
    )
