"""Comparisons: of numbers they are operations; of all else they are decided when lowering."""

from __future__ import annotations

import functools
import operator
from collections import abc
from collections.abc import Callable, Sequence
from typing import Any

import gast
import numpy as np

from ast_ad.frontend import (
    arrays,
    awaited,
    containers,
    dispatch,
    enumerations,
    external,
    foreign,
    grown_items,
    iterables,
    members,
    mistakes,
    overloads,
    raised,
    table_keys,
    truths,
    view_operators,
)
from ast_ad.frontend.choices import choice, present, whichever
from ast_ad.frontend.frame import Frame
from ast_ad.frontend.heap import is_generator
from ast_ad.frontend.jumps import FALSE, TRUE
from ast_ad.frontend.paths import Held
from ast_ad.frontend.resolution import guard_identity
from ast_ad.frontend.values import (
    Closure,
    Container,
    Either,
    Grown,
    Known,
    OneOf,
    Optional,
    Pooled,
    RaisedClass,
    Range,
    Table,
    Value,
    as_number,
    is_none,
    is_operand,
    is_string,
    member,
    value_of,
)
from ast_ad.frontend.wording import describe
from ast_ad.ir.kinds import BOOL, STRING, Opaque, Scalar
from ast_ad.ir.nodes import Lit, Operand
from ast_ad.models import iteration

COMPARISONS: dict[type, Callable[..., Any]] = {
    gast.Lt: operator.lt,
    gast.LtE: operator.le,
    gast.Gt: operator.gt,
    gast.GtE: operator.ge,
    gast.Eq: operator.eq,
    gast.NotEq: operator.ne,
}
_SIGNS = {operator.lt: "<", operator.le: "<=", operator.gt: ">", operator.ge: ">="}


def compare(frame: Frame, node: Any, op: Any, left: Value, right: Value) -> Value:
    """Return one comparison, decided at once where no number is involved."""
    if isinstance(op, (gast.Is, gast.IsNot)):
        return _is(frame, node, left, right, wanted=isinstance(op, gast.Is))
    if isinstance(op, (gast.In, gast.NotIn)):
        container = present(frame, node, right)
        found = whichever(frame, node, left, lambda item: _contained(frame, node, item, container))
        if isinstance(op, gast.In):
            return found
        return Lit(not found.value) if isinstance(found, Lit) else frame.op(node, operator.not_, found, kind=BOOL)
    left, right = as_number(left), as_number(right)
    classes = isinstance(left, RaisedClass) or isinstance(right, RaisedClass)
    unknown = foreign.is_unknown(left) or foreign.is_unknown(right)
    decides = any(members.special(side, name) for side in (left, right) for name in ("__eq__", "__ne__"))
    nothing = (is_none(left) or is_none(right)) and not decides
    if isinstance(op, (gast.Eq, gast.NotEq)) and (nothing or classes) and not unknown:
        return _is(frame, node, left, right, wanted=isinstance(op, gast.Eq))
    if isinstance(op, (gast.Eq, gast.NotEq)) and (isinstance(left, Optional) or isinstance(right, Optional)):
        return _none_or_equal(frame, node, op, left, right)
    left, right = present(frame, node, left), present(frame, node, right)
    left, right = (_opened(frame, node, each) for each in (left, right))
    fn = COMPARISONS[type(op)]
    if foreign.is_foreign(left) or foreign.is_foreign(right):
        return foreign.operate(frame, node, fn, left, right)
    if view_operators.is_view(left, right):
        return _with_view(frame, node, op, left, right)
    left, right = containers.seen(frame, left), containers.seen(frame, right)
    if is_operand(left) and is_operand(right):
        return frame.op(node, fn, left, right)
    result = overloads.compared(frame, node, fn, left, right)
    if result is not NotImplemented:
        return result
    left, right = members.without_names(left), members.without_names(right)
    if arrays.are_arrays(left, right, fn):
        return frame.op(node, fn, *arrays.operands(frame, node, left, right))
    if isinstance(op, (gast.Eq, gast.NotEq)):
        same = equal(frame, node, left, right)
        if isinstance(op, gast.Eq):
            return same
        return Lit(not same.value) if isinstance(same, Lit) else frame.op(node, operator.not_, same, kind=BOOL)
    if isinstance(left, Known) and isinstance(right, Known) and is_string(left) and is_string(right):
        return Lit(fn(left.value, right.value))
    if is_string(left) and is_string(right):
        return frame.op(node, fn, frame.operand(node, left), frame.operand(node, right), kind=BOOL)
    if isinstance(left, tuple) and isinstance(right, tuple) and all(map(_has_value, (*left, *right))):
        return Lit(fn(*(tuple(each.value for each in side) for side in (left, right))))
    if isinstance(left, (tuple, list)) and isinstance(right, (tuple, list)):
        return _ordered(frame, node, fn, left, right)
    mistakes.fail_for_none(frame, node, fn, left, right)
    if isinstance(left, Pooled) and isinstance(right, Pooled):
        # They may come after what tells one item from all others: ``(cost, count, node)``.
        names = [side.cls.value.__name__ for side in (left, right)]
        message = "'{}' not supported between instances of '{}' and '{}'".format(_SIGNS[fn], *names)
        frame.fail(node, TypeError, Lit(message))
    frame.misfit(node, f"{describe(left)} and {describe(right)} cannot be ordered", "compare the numbers inside")


def _with_view(frame: Frame, node: Any, op: Any, left: Value, right: Value) -> Value:
    """Return how two values compare of which one is a view of a dict."""
    sets = view_operators.sets_of(frame, node, left, right)
    if sets is not None:
        return compare(frame, node, op, *sets)
    if isinstance(op, (gast.Eq, gast.NotEq)):
        same = view_operators.equal_to_no_set(frame, node, left, right)
        return Lit(same.value is isinstance(op, gast.Eq))
    view_operators.fail_to_order(frame, node, _SIGNS[COMPARISONS[type(op)]], left, right)


def _none_or_equal(frame: Frame, node: Any, op: Any, left: Value, right: Value) -> Value:
    """Return whether two values are equal, or are not, of which one at least may be None."""
    there, value, other = next(
        (a.present, a.value, b) for a, b in ((left, right), (right, left)) if isinstance(a, Optional)
    )
    return choice(
        frame,
        node,
        there,
        lambda: compare(frame, node, op, value, other),
        lambda: compare(frame, node, op, Known(None), other),
    )


def _ordered(frame: Frame, node: Any, fn: Callable[..., Any], left: Sequence[Value], right: Sequence[Value]) -> Value:
    """Return how two tuples, or lists, are ordered: by the first of their items that differ."""
    if not left or not right:
        return Lit(fn(len(left), len(right)))
    (a, *more), (b, *others) = left, right
    same = equal(frame, node, a, b)

    def differ() -> Value:
        op = next(op for op, each in COMPARISONS.items() if each is fn)
        return compare(frame, node, op(), a, b)

    def agree() -> Value:
        return _ordered(frame, node, fn, more, others)

    if isinstance(same, Lit):
        return agree() if same.value else differ()
    return choice(frame, node, same, agree, differ)


def _has_value(value: Value) -> bool:
    return isinstance(value, Lit) or (isinstance(value, Known) and isinstance(value.value, str))


def _opened(frame: Frame, node: Any, value: Value) -> Value:
    """Return a tuple from outside, such as `sys.version_info`, as one of constants."""
    if isinstance(value, Known) and isinstance(value.value, tuple):
        guard_identity(frame, value)
        return external.constant(frame, node, tuple(value.value))
    return value


def _is(frame: Frame, node: Any, left: Value, right: Value, *, wanted: bool) -> Value:
    """Return whether ``left is right`` is what is wanted."""
    if foreign.is_unknown(left) or foreign.is_unknown(right):
        return foreign.decide(frame, node, operator.is_ if wanted else operator.is_not, left, right)
    for value, other in ((left, right), (right, left)):
        if isinstance(value, Optional) and is_none(other):
            return frame.op(node, operator.not_, value.present, kind=BOOL) if wanted else value.present
    for value, other in ((left, right), (right, left)):
        if isinstance(value, Optional):
            inside = functools.partial(_is, frame, node, value.value, other, wanted=wanted)
            return choice(frame, node, value.present, inside, lambda: Lit(not wanted))
    for value, other in ((left, right), (right, left)):
        if isinstance(value, Either):
            compared = functools.partial(_is, frame, node, other, wanted=wanted)
            return whichever(frame, node, value, compared)
    same: Value
    for value, other in ((left, right), (right, left)):
        if isinstance(value, RaisedClass):
            same = raised.is_class(frame, node, value, other)
            return same if wanted else frame.op(node, operator.not_, same, kind=BOOL)
    if isinstance(left, OneOf) or isinstance(right, OneOf):
        same = _same_member(frame, node, left, right)
        return same if wanted else frame.op(node, operator.not_, same, kind=BOOL)
    if isinstance(left, Pooled) and isinstance(right, Pooled):
        same = _one_pooled(frame, node, left, right)
        return same if wanted else frame.op(node, operator.not_, same, kind=BOOL)
    if is_operand(left) and is_operand(right) and BOOL in (left.kind, right.kind):
        # True and False are one object each, and no number is one of them.
        fn = operator.eq if wanted else operator.ne
        return frame.op(node, fn, left, right, kind=BOOL) if left.kind == right.kind else Lit(not wanted)
    return Lit(_identical(frame, node, left, right) is wanted)


def _one_pooled(frame: Frame, node: Any, left: Pooled, right: Pooled) -> Operand:
    """Tell whether two objects that stand in pools are one."""
    return frame.op(node, operator.eq, left.index, right.index) if left.pool is right.pool else FALSE


def _same_member(frame: Frame, node: Any, left: Value, right: Value) -> Operand:
    """Tell whether two members of enumerations are one, of which one at least depends on the path."""
    for side in (left, right):
        if isinstance(side, Known):
            guard_identity(frame, side)
    first, second = member(left), member(right)
    if first is None or second is None or first.cls is not second.cls:
        return FALSE
    return frame.op(node, operator.eq, first.place, second.place)


def _identical(frame: Frame, node: Any, left: Value, right: Value) -> bool:
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


def equal(frame: Frame, node: Any, left: Value, right: Value) -> Value:
    """Return ``left == right``, decided at once where no number is involved."""
    for side, other in ((left, right), (right, left)):
        if isinstance(side, (Either, Optional)):
            return whichever(frame, node, side, functools.partial(equal, frame, node, other))
    if foreign.is_foreign(left) or foreign.is_foreign(right):
        return foreign.operate(frame, node, operator.eq, left, right)
    if view_operators.is_view(left, right):
        return _with_view(frame, node, gast.Eq(), left, right)
    left, right = containers.seen(frame, left), containers.seen(frame, right)
    if {type(left), type(right)} in ({Grown}, {Grown, list}):
        return _equal_lists(frame, node, left, right)
    if isinstance(left, OneOf) or isinstance(right, OneOf):
        return _same_member(frame, node, left, right)
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
        return _one_pooled(frame, node, left, right)
    if members.class_of(left) is not None:
        return Lit(_identical(frame, node, left, right))
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
        return _identical(frame, node, left, right)
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


_IN_RANGE = Known(iteration.in_range, Held(iteration.in_range))
_EQUAL_LISTS = Known(iteration.equal_lists, Held(iteration.equal_lists))


def _is_like_container(value: Any) -> bool:
    """Tell whether an object may be equal to a list, a dict or a set: its class says so."""
    return isinstance(value, (abc.Mapping, abc.Sequence, abc.Set)) and not isinstance(value, (*_BY_VALUE, str, tuple))


def _all_equal(frame: Frame, node: Any, left: Sequence[Value], right: Sequence[Value]) -> Value:
    if not left:
        return TRUE
    first = equal(frame, node, left[0], right[0])
    return choice(
        frame,
        node,
        frame.operand(node, first),
        lambda: _all_equal(frame, node, left[1:], right[1:]),
        lambda: FALSE,
    )


def _contained(frame: Frame, node: Any, item: Value, container: Value) -> Value:
    among = enumerations.contains(frame, container, item)
    if among is not None:
        return among
    if members.special(container, "__contains__") is not None:
        return truths.tested(frame, node, members.call_special(frame, node, container, "__contains__", [item]))
    if iterables.is_iterable(container) or is_generator(container):
        model = Known(iteration.contained, Held(iteration.contained))
        return dispatch.call_known(frame, node, model, [container, item], {})
    if isinstance(container, Range):
        return dispatch.call_known(frame, node, _IN_RANGE, [*container, item], {})
    if arrays.is_array(container) and is_operand(item):
        return frame.op(node, np.any, frame.op(node, operator.eq, container, item))
    if isinstance(container, Table):
        return table_keys.contains(frame, node, container, item)
    if foreign.is_foreign(container) or is_string(container):
        return foreign.decide(frame, node, operator.contains, container, item)
    container = members.without_names(containers.seen(frame, container))
    if isinstance(item, Known) and isinstance(container, Known) and is_string(item) and is_string(container):
        return Lit(item.value in container.value)
    if isinstance(container, dict):
        container = tuple(map(value_of, container))
    if isinstance(container, Known) and isinstance(container.value, frozenset):
        guard_identity(frame, container)
        container = tuple(map(value_of, container.value))
    leaf = containers.single(container) if isinstance(container, Grown) else None
    if leaf is not None:
        sought = Lit(item.value) if isinstance(item, Known) and is_string(item) else item
        if is_operand(sought) and all(
            isinstance(each, Scalar) or each == STRING for each in (sought.kind, leaf.kind.item)
        ):
            return frame.op(node, operator.contains, leaf, sought)
    if isinstance(container, Grown):
        return dispatch.call_known(
            frame, node, Known(iteration.contained, Held(iteration.contained)), [container.home, item], {}
        )
    container = container if type(container) is not list else [awaited.at_last(frame, each) for each in container]
    if type(container) not in (tuple, list):
        frame.misfit(node, f"`in` needs a tuple, a list or a dict, and this is {describe(container)}")
    if not container:
        return FALSE
    first = equal(frame, node, item, container[0])
    return choice(
        frame,
        node,
        frame.operand(node, first),
        lambda: TRUE,
        lambda: _contained(frame, node, item, container[1:]),
    )
