"""Comparisons: of numbers they are operations; of all else they are decided when lowering."""

from __future__ import annotations

import operator
from collections.abc import Callable, Sequence
from typing import Any

import gast

from ast_ad.frontend import (
    arrays,
    containers,
    external,
    foreign,
    members,
    mistakes,
    overloads,
    view_operators,
)
from ast_ad.frontend.choices import choice, either, whichever
from ast_ad.frontend.containment import contained
from ast_ad.frontend.equality import equal
from ast_ad.frontend.facts import present
from ast_ad.frontend.frame import Frame
from ast_ad.frontend.identity import is_one
from ast_ad.frontend.resolution import guard_identity
from ast_ad.frontend.run_time_tuples import is_tuple
from ast_ad.frontend.values import (
    Either,
    Known,
    Optional,
    Pooled,
    RaisedClass,
    Value,
    as_number,
    is_none,
    is_operand,
    is_string,
)
from ast_ad.frontend.wording import describe
from ast_ad.ir.kinds import BOOL
from ast_ad.ir.nodes import Lit

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
        return is_one(frame, node, left, right, wanted=isinstance(op, gast.Is))
    if isinstance(op, (gast.In, gast.NotIn)):
        container = present(frame, node, right)
        found = whichever(
            frame,
            node,
            left,
            lambda item: either(frame, node, container, lambda each: contained(frame, node, item, each)),
        )
        return found if isinstance(op, gast.In) else _negated(frame, node, found)
    if isinstance(left, Either) or isinstance(right, Either):
        return either(
            frame,
            node,
            left,
            lambda one: either(frame, node, right, lambda other: compare(frame, node, op, one, other)),
        )
    fn = COMPARISONS[type(op)]
    if not overloads.defined(fn, left, right):
        left, right = as_number(left), as_number(right)
    classes = isinstance(left, RaisedClass) or isinstance(right, RaisedClass)
    unknown = foreign.is_unknown(left) or foreign.is_unknown(right)
    decides = any(members.special(side, name) for side in (left, right) for name in ("__eq__", "__ne__"))
    nothing = (is_none(left) or is_none(right)) and not decides
    if isinstance(op, (gast.Eq, gast.NotEq)) and (nothing or classes) and not unknown:
        return is_one(frame, node, left, right, wanted=isinstance(op, gast.Eq))
    if isinstance(op, (gast.Eq, gast.NotEq)) and (isinstance(left, Optional) or isinstance(right, Optional)):
        return _none_or_equal(frame, node, op, left, right)
    left, right = present(frame, node, left), present(frame, node, right)
    left, right = (_opened(frame, node, each) for each in (left, right))
    if foreign.is_foreign(left) or foreign.is_foreign(right):
        return foreign.operate(frame, node, fn, left, right)
    if view_operators.is_view(left, right):
        return _with_view(frame, node, op, left, right)
    if (
        isinstance(op, (gast.Eq, gast.NotEq))
        and (is_tuple(left) or is_tuple(right))
        and not (arrays.is_array(left) or arrays.is_array(right))
    ):
        same = equal(frame, node, left, right)
        return same if isinstance(op, gast.Eq) else _negated(frame, node, same)
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
        return same if isinstance(op, gast.Eq) else _negated(frame, node, same)
    return _ordered(frame, node, fn, left, right)


def _negated(frame: Frame, node: Any, test: Value) -> Value:
    return Lit(not test.value) if isinstance(test, Lit) else frame.op(node, operator.not_, test, kind=BOOL)


def _ordered(frame: Frame, node: Any, fn: Callable[..., Any], left: Value, right: Value) -> Value:
    """Return how two values are ordered that are no numbers."""
    if isinstance(left, Known) and isinstance(right, Known) and is_string(left) and is_string(right):
        return Lit(fn(left.value, right.value))
    if is_string(left) and is_string(right):
        return frame.op(node, fn, frame.operand(node, left), frame.operand(node, right), kind=BOOL)
    if isinstance(left, tuple) and isinstance(right, tuple) and all(map(_has_value, (*left, *right))):
        return Lit(fn(*(tuple(each.value for each in side) for side in (left, right))))
    if isinstance(left, (tuple, list)) and isinstance(right, (tuple, list)):
        return _by_items(frame, node, fn, left, right)
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


def _by_items(frame: Frame, node: Any, fn: Callable[..., Any], left: Sequence[Value], right: Sequence[Value]) -> Value:
    """Return how two tuples, or lists, are ordered: by the first of their items that differ."""
    if not left or not right:
        return Lit(fn(len(left), len(right)))
    (a, *more), (b, *others) = left, right
    same = equal(frame, node, a, b)

    def differ() -> Value:
        op = next(op for op, each in COMPARISONS.items() if each is fn)
        return compare(frame, node, op(), a, b)

    def agree() -> Value:
        return _by_items(frame, node, fn, more, others)

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
