"""Operators of two operands: of numbers and arrays, of strings, of lists and dicts, of the user's objects."""

from __future__ import annotations

import collections
import operator
import types
from collections.abc import Callable
from typing import Any

import gast

from ast_ad.frontend import (
    arrays,
    containers,
    dispatch,
    enumerations,
    foreign,
    grown_items,
    members,
    mistakes,
    overloads,
    remedies,
    text,
    view_operators,
)
from ast_ad.frontend.choices import either
from ast_ad.frontend.frame import Frame
from ast_ad.frontend.paths import Held
from ast_ad.frontend.run_time_tuples import RunTimeTuple, is_tuple
from ast_ad.frontend.values import Container, Either, Grown, Known, Table, Value, as_number, is_operand, is_string
from ast_ad.frontend.wording import describe
from ast_ad.ir.kinds import STRING, Scalar, code
from ast_ad.ir.nodes import Lit, Var
from ast_ad.models import counters, iteration

BINARY: dict[type, Callable[..., Any]] = {
    gast.Add: operator.add,
    gast.Sub: operator.sub,
    gast.Mult: operator.mul,
    gast.Div: operator.truediv,
    gast.FloorDiv: operator.floordiv,
    gast.Mod: operator.mod,
    gast.Pow: operator.pow,
    gast.MatMult: operator.matmul,
    gast.LShift: operator.lshift,
    gast.RShift: operator.rshift,
    gast.BitAnd: operator.and_,
    gast.BitOr: operator.or_,
    gast.BitXor: operator.xor,
}

_TYPES = (type, type(None), getattr(types, "UnionType", type))


def binary(frame: Frame, node: Any, fn: Callable[..., Any], left: Value, right: Value) -> Value:
    """Return ``fn(left, right)`` for an operator of two operands."""
    if isinstance(left, Either) or isinstance(right, Either):
        return either(
            frame, node, left, lambda one: either(frame, node, right, lambda other: binary(frame, node, fn, one, other))
        )
    if not overloads.defined(fn, left, right):
        left, right = as_number(left), as_number(right)
    if foreign.is_foreign(left) or foreign.is_foreign(right):
        return foreign.operate(frame, node, fn, left, right)
    if not (is_operand(left) and is_operand(right)):
        if view_operators.is_view(left, right):
            left, right = view_operators.operands(frame, node, fn, left, right)
        flags = enumerations.joined(frame, fn, left, right)
        if flags is not None:
            return flags
        result = overloads.binary(frame, node, fn, left, right)
        if result is not NotImplemented:
            return result
    if fn in counters.OPERATORS and is_counter(left) and is_counter(right):
        model = counters.OPERATORS[fn]
        return dispatch.call_known(frame, node, Known(model, Held(model)), [left, right], {})
    if (is_tuple(left) or is_tuple(right)) and not (arrays.is_array(left) or arrays.is_array(right)):
        return _of_tuples(frame, node, fn, left, right)
    left, right = (members.without_names(containers.seen(frame, side)) for side in (left, right))
    if is_operand(left) and is_operand(right):
        kind = STRING if is_string(left) or is_string(right) else None
        return frame.op(node, fn, left, right, kind=kind)
    if (
        isinstance(left, Known)
        and isinstance(right, Known)
        and is_string(left)
        and is_string(right)
        and fn is operator.add
    ):
        return Known(left.value + right.value)
    if is_string(left) and fn is operator.mod:
        return text.filled_in(frame, node, left, right)
    if is_string(left) and fn in (operator.add, operator.mul):
        return frame.op(node, fn, frame.operand(node, left), frame.operand(node, right), kind=STRING)
    if arrays.are_arrays(left, right, fn):
        return frame.op(node, fn, *arrays.operands(frame, node, left, right))
    if isinstance(left, Grown) or isinstance(right, Grown) or _is_repeated(left, right, fn):
        return _of_grown(frame, node, fn, left, right)
    if type(left) in (tuple, list) and type(left) is type(right) and fn is operator.add:
        return left + right if type(left) is tuple else containers.made(frame, left + right)
    for sequence, count in ((left, right), (right, left)):
        if type(sequence) in (tuple, list) and isinstance(count, Lit) and fn is operator.mul:
            repeated = sequence * count.value
            return repeated if type(sequence) is tuple else containers.made(frame, repeated)
    if isinstance(left, dict) and isinstance(right, dict) and fn is operator.or_:
        return containers.made(frame, {**left, **right})
    if fn is operator.or_ and all(isinstance(side, Known) and isinstance(side.value, _TYPES) for side in (left, right)):
        return Known(left.value | right.value)  # `float | int`, as `isinstance` takes it
    symbol = mistakes.SYMBOLS.get(fn) or fn.__name__
    mistakes.fail_for_none(frame, node, fn, left, right)
    frame.misfit(
        node,
        f"`{symbol}` of {describe(left)} and {describe(right)} is not a number",
        remedies.for_numbers(left, right),
    )


def is_counter(value: Value) -> bool:
    """Tell whether a value is a `collections.Counter`."""
    if isinstance(value, Table):
        return isinstance(value.missing, Known) and value.missing.value is collections.Counter
    model = getattr(value.type, "__ast_ad_model__", None) if isinstance(value, Container) else None
    return model is collections.Counter


def _is_repeated(left: Value, right: Value, fn: Callable[..., Any]) -> bool:
    """Tell whether a list is repeated as often as is known only when it runs."""
    return fn is operator.mul and any(
        isinstance(a, (list, Grown)) and isinstance(b, Var) and isinstance(b.kind, Scalar) and code(b.kind) in "biu"
        for a, b in ((left, right), (right, left))
    )


def _of_tuples(frame: Frame, node: Any, fn: Callable[..., Any], left: Value, right: Value) -> Value:
    """Lower an operator of which one side at least is a tuple whose length is known only when it runs."""
    tuples = [is_tuple(each) or type(each) is tuple for each in (left, right)]
    if not ((fn is operator.add and all(tuples)) or (fn is operator.mul and sum(tuples) == 1)):
        frame.misfit(node, "this operator does not take such a tuple", "make it an array: `np.array(items)`")
    lists = [
        containers.made(frame, list(each) if type(each) is tuple else containers.seen(frame, each)) if given else each
        for each, given in zip((left, right), tuples)
    ]
    made = binary(frame, node, fn, *lists)
    return containers.made(frame, containers.seen(frame, made), cls=RunTimeTuple)


def _of_grown(frame: Frame, node: Any, fn: Callable[..., Any], left: Value, right: Value) -> Value:
    """Lower an operator of a list of which the length is known only when it runs."""
    if fn is operator.add and all(isinstance(side, (list, Grown)) for side in (left, right)):
        for side in (left, right):
            grown_items.lend(frame, side.home if isinstance(side, Grown) else None)
        return containers.made(frame, grown_items.joined(frame, node, *grown_items.alike(frame, node, left, right)))
    for items, count in ((left, right), (right, left)):
        if fn is operator.mul and isinstance(items, list):
            made = grown_items.repeated(frame, node, items, frame.operand(node, count))
            if made is not None:
                return containers.made(frame, made)
        if fn is operator.mul and isinstance(items, (list, Grown)) and is_operand(count) and code(count.kind) in "biu":
            whole = items.home if isinstance(items, Grown) else containers.made(frame, items)
            model = Known(iteration.repeated, Held(iteration.repeated))
            return dispatch.call_known(frame, node, model, [whole, count], {})
    frame.refuse(node, f"`{fn.__name__}` of a list that has grown", "compute with its items, or make it an array")
