"""Builtins that compute with numbers: `min`, `sum`, `pow`, `divmod`, `float`, ..."""

from __future__ import annotations

import builtins
import cmath
import functools
import operator
from collections.abc import Callable
from typing import Any

import gast
import numpy as np

from ast_ad.frontend import arrays, containers, foreign, grown_items, members, overloads, truths
from ast_ad.frontend.choices import choice
from ast_ad.frontend.comparisons import compare
from ast_ad.frontend.frame import Frame
from ast_ad.frontend.handlers import HANDLERS, LAZY, Arguments, Handler, Keywords, of_contents
from ast_ad.frontend.jumps import FALSE
from ast_ad.frontend.library import operation
from ast_ad.frontend.listing import items_of
from ast_ad.frontend.values import (
    Container,
    Grown,
    Known,
    Range,
    Value,
    as_number,
    is_operand,
)
from ast_ad.ir import primitives
from ast_ad.ir.kinds import INT, STRING, Opaque
from ast_ad.ir.nodes import Lit


def _no_keywords(frame: Frame, node: Any, name: str, kwargs: Keywords) -> None:
    if kwargs:
        frame.refuse(node, f"`{name}` takes no keyword arguments here", "leave them out")


def _extreme(fn: Callable[..., Any]) -> Handler:
    """Make the handler of `min` or `max`: a chain of calls with two arguments (the first of equals wins)."""

    def handler(frame: Frame, node: Any, args: Arguments, kwargs: Keywords) -> Value:
        if kwargs:
            return EXTREMES[fn](frame, node, args, kwargs)
        if len(args) == 1 and isinstance(args[0], Grown):
            return _extreme_of_list(frame, node, fn, args[0])
        if len(args) == 1 and isinstance(args[0], Range):
            return EXTREMES[fn](frame, node, args, {})
        if len(args) == 1 and arrays.is_array(args[0]):
            return arrays.formed(frame, node, {max: np.max, min: np.min}[fn], args, {})
        items = list(args) if len(args) > 1 else items_of(frame, node, args[0])
        if not items:
            frame.fail(node, ValueError, Lit(f"{fn.__name__}() arg is an empty sequence"))
        if any(_is_object(item) or isinstance(item, (tuple, Container)) for item in items):
            return functools.reduce(functools.partial(_preferred, frame, node, _BEFORE[fn]), items)
        result = frame.operand(node, items[0])
        for item in items[1:]:
            result = frame.op(node, fn, result, frame.operand(node, item))
        return result

    return handler


def _is_object(value: Value) -> bool:
    """Tell whether the class of a value says how it is added and compared."""
    return foreign.is_foreign(value) or members.class_of(value) is not None


_BEFORE = {max: gast.Gt(), min: gast.Lt()}


def _preferred(frame: Frame, node: Any, before: Any, best: Value, item: Value) -> Value:
    """Return the one of two objects, or tuples, that their order puts first, or the first of equals."""
    found = compare(frame, node, before, item, best)
    return choice(frame, node, frame.operand(node, found), lambda: item, lambda: best)


EXTREMES: dict[Callable[..., Any], Handler] = {}
"""What lowers `max` and `min` with keywords; `ast_ad.frontend.numerical` fills it."""


def _added(frame: Frame, node: Any, left: Value, right: Value) -> Value:
    """Return ``left + right``, where one of them may be an object."""
    if foreign.is_foreign(left) or foreign.is_foreign(right):
        return foreign.operate(frame, node, operator.add, left, right)
    result = overloads.binary(frame, node, operator.add, left, right)
    if result is not NotImplemented:
        return result
    return frame.op(node, operator.add, frame.operand(node, left), frame.operand(node, right))


def _extreme_of_list(frame: Frame, node: Any, fn: Callable[..., Any], items: Grown) -> Value:
    items = grown_items.all_there(frame, node, items)
    leaf = containers.single(items)
    if leaf is None:
        return EXTREMES[fn](frame, node, [items], {})
    return frame.op(node, {max: primitives.largest, min: primitives.smallest}[fn], leaf)


def _sum(frame: Frame, node: Any, args: Arguments, kwargs: Keywords) -> Value:
    start = args[1] if len(args) > 1 else kwargs.get("start")
    if isinstance(args[0], Grown):
        leaf = containers.single(grown_items.all_there(frame, node, args[0]))
        if leaf is None:
            frame.misfit(node, "`sum` of a list of tuples that has grown", "add up the numbers in a loop")
        return frame.op(node, sum, leaf, *([] if start is None else [frame.operand(node, start)]))
    if arrays.is_array(args[0]):
        total = frame.op(node, np.sum, args[0], Lit(0)) if args[0].kind.ndim > 1 else frame.op(node, np.sum, args[0])
        return total if start is None else frame.op(node, operator.add, frame.operand(node, start), total)
    items = items_of(frame, node, args[0])
    if start is not None:
        items = [start, *items]
    if not items:
        return Lit(0)
    if any(map(_is_object, items)):
        return functools.reduce(
            functools.partial(_added, frame, node), items if start is not None else [Lit(0), *items]
        )
    result = frame.operand(node, items[0])
    if len(items) == 1:
        return result if start is not None else frame.op(node, operator.add, Lit(0), result)
    for item in items[1:]:
        result = frame.op(node, operator.add, result, frame.operand(node, item))
    return result


def _pow(frame: Frame, node: Any, args: Arguments, kwargs: Keywords) -> Value:
    args = [*args, *(kwargs[name] for name in ("base", "exp", "mod") if name in kwargs)]
    if len(args) != 2:
        frame.refuse(node, "`pow` with a modulus has no derivative", "write `pow(x, y) % m`")
    return frame.op(node, operator.pow, frame.operand(node, args[0]), frame.operand(node, args[1]))


def _divmod(quotient: Callable[..., Any], remainder: Callable[..., Any]) -> Handler:
    """Make the handler of `divmod`, of Python's or of NumPy's."""

    def handler(frame: Frame, node: Any, args: Arguments, kwargs: Keywords) -> Value:
        _no_keywords(frame, node, "divmod", kwargs)
        x, y = (frame.operand(node, arg) for arg in args)
        return frame.op(node, quotient, x, y), frame.op(node, remainder, x, y)

    return handler


def _conversion(fn: Callable[..., Any]) -> Handler:
    """Make the handler of `float`, `int` or `complex`; text that is known is converted at once."""

    def handler(frame: Frame, node: Any, args: Arguments, kwargs: Keywords) -> Value:
        if not args and not kwargs:
            return Lit(fn())
        args = [as_number(arg) for arg in args]
        if len(args) == 1 and isinstance(args[0], Known) and isinstance(args[0].value, str):
            try:
                return Lit(fn(args[0].value))
            except ValueError as error:
                frame.fail(node, ValueError, Lit(str(error)))
        if len(args) == 1 and (foreign.is_foreign(args[0]) or _is_opaque(args[0])):
            return foreign.as_number(frame, node, fn, args[0])
        if fn is int and len(args) == 2 and is_operand(args[0]) and args[0].kind == STRING:
            return frame.op(node, int, args[0], frame.operand(node, args[1]), kind=INT)
        return operation(frame, node, fn, args, kwargs)

    return handler


def _is_opaque(value: Value) -> bool:
    return is_operand(value) and isinstance(value.kind, Opaque)


def _bool(frame: Frame, node: Any, args: Arguments, kwargs: Keywords) -> Value:
    if not args:
        return FALSE
    return frame.op(node, bool, truths.tested(frame, node, args[0]))


def _polar(frame: Frame, node: Any, args: Arguments, kwargs: Keywords) -> Value:
    z = frame.operand(node, *args)
    return frame.op(node, builtins.abs, z), frame.op(node, cmath.phase, z)


HANDLERS.update(
    of_contents(
        {
            cmath.polar: _polar,
            complex: _conversion(complex),
            divmod: _divmod(operator.floordiv, operator.mod),
            np.divmod: _divmod(np.floor_divide, np.remainder),
            float: _conversion(float),
            int: _conversion(int),
            max: _extreme(max),
            min: _extreme(min),
            pow: _pow,
            sum: _sum,
        }
    )
)
HANDLERS[bool] = _bool
LAZY.append(bool)
