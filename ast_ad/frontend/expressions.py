"""Lowering of expressions: from syntax to abstract values, in Python's order of evaluation."""

from __future__ import annotations

import functools
import itertools
import operator
from collections.abc import Callable, Hashable, Sequence
from typing import Any

import gast

from ast_ad.errors import UnsupportedSyntaxError
from ast_ad.frontend import (
    accesses,
    arrays,
    containers,
    enumerations,
    foreign,
    members,
    names,
    overloads,
    table_sites,
    tables,
    text,
)
from ast_ad.frontend.arithmetic import BINARY, binary
from ast_ad.frontend.asking import Asks
from ast_ad.frontend.choices import choice, either, truth
from ast_ad.frontend.comparisons import compare
from ast_ad.frontend.dispatch import call
from ast_ad.frontend.facts import present
from ast_ad.frontend.frame import Frame
from ast_ad.frontend.handlers import asked_by, makes_iterator
from ast_ad.frontend.heap import is_generator
from ast_ad.frontend.jumps import FALSE, TRUE
from ast_ad.frontend.keys import has_known_key, key_of
from ast_ad.frontend.listing import items_of
from ast_ad.frontend.run_time_tuples import UNCOUNTED, is_tuple
from ast_ad.frontend.scope import scope_of
from ast_ad.frontend.truths import tested
from ast_ad.frontend.values import Closure, Container, Either, Grown, Known, Optional, Value, as_number, is_operand
from ast_ad.frontend.wording import describe
from ast_ad.ir.kinds import BOOL, STRING
from ast_ad.ir.nodes import Lit, Operand

_UNARY: dict[type, Callable[..., Any]] = {
    gast.USub: operator.neg,
    gast.UAdd: operator.pos,
    gast.Invert: operator.invert,
}


def expression(frame: Frame, node: Any) -> Value:
    """Lower an expression and return its abstract value; one that may be None fails where it is."""
    return present(frame, node, optional(frame, node))


def optional(frame: Frame, node: Any) -> Value:
    """Lower an expression where None is as good as any value."""
    lower = EXPRESSIONS.get(type(node))
    if lower is None:
        raise UnsupportedSyntaxError(
            f"`{type(node).__name__}` is not supported", help="write it in simpler terms", where=frame.where(node)
        )
    if type(node) not in (gast.Call, gast.GeneratorExp):
        frame.asks = Asks.MAYBE
    value = lower(frame, node)
    return frame.facts.narrowed(value) if isinstance(value, Either) else value


def gone_through(frame: Frame, node: Any, asks: Asks = Asks.BY_LOOP) -> Value:
    """Lower an expression whose items are asked for here, and nowhere else."""
    frame.asks = asks
    try:
        return expression(frame, node)
    finally:
        frame.asks = Asks.MAYBE


def test(frame: Frame, node: Any) -> Operand:
    """Lower an expression of which only the truth matters; a constant if that is known."""
    if isinstance(node, gast.BoolOp):
        decision: Operand = _boolean(frame, node, node.values, wants_test=True)
        return decision
    return tested(frame, node, optional(frame, node))


def _constant(frame: Frame, node: gast.Constant) -> Value:
    value = node.value
    return Lit(value) if isinstance(value, (bool, int, float, complex)) else Known(value)


def _name(frame: Frame, node: gast.Name) -> Value:
    return names.lookup(frame, node, node.id)


def _binary(frame: Frame, node: gast.BinOp) -> Value:
    left = expression(frame, node.left)
    with frame.holding(left):
        right = expression(frame, node.right)
    return binary(frame, node, BINARY[type(node.op)], left, right)


def _unary(frame: Frame, node: gast.UnaryOp) -> Value:
    if isinstance(node.op, gast.Not):
        value = test(frame, node.operand)
        if isinstance(value, Lit):
            return Lit(not value.value)
        negated = frame.op(node, operator.not_, value, kind=BOOL)
        for holds in (True, False):
            frame.facts.note(negated, holds, (value, not holds))
        return negated
    fn = _UNARY[type(node.op)]
    return either(frame, node, expression(frame, node.operand), lambda value: _of_one(frame, node, fn, value))


def _of_one(frame: Frame, node: gast.UnaryOp, fn: Callable[..., Any], value: Value) -> Value:
    """Return ``fn(value)`` for an operator of one operand."""
    flags = enumerations.inverted(frame, fn, value)
    if flags is not None:
        return flags
    if not overloads.defined(fn, value):
        value = as_number(value)
    if not is_operand(value):
        result = overloads.unary(frame, node, fn, value)
        if result is not NotImplemented:
            return result
    if foreign.is_foreign(value):
        return foreign.operate(frame, node, fn, value)
    return frame.op(node, fn, frame.operand(node, value))


def _bool_op(frame: Frame, node: gast.BoolOp) -> Value:
    return _boolean(frame, node, node.values, wants_test=False)


def _boolean(frame: Frame, node: gast.BoolOp, values: Sequence[Any], wants_test: bool) -> Any:
    """Lower ``a and b and c``: the first that decides is the value (only its truth counts in a test)."""
    read = test if wants_test else optional
    first = read(frame, values[0])
    if len(values) == 1:
        return first
    is_and = isinstance(node.op, gast.And)
    decides = overloads.truth_of(frame, values[0], first)
    known = truth(frame, decides)
    if known is not None:
        return _boolean(frame, node, values[1:], wants_test) if known is is_and else first

    others: list[Any] = []

    def rest() -> Value:
        others.append(_boolean(frame, node, values[1:], wants_test))
        return others[0]

    def decided() -> Value:
        return (FALSE if is_and else TRUE) if wants_test else first

    if isinstance(first, Optional):
        condition = tested(frame, node, first)
        if not is_and and not wants_test:
            first = first.value
    else:
        condition = frame.operand(values[0], decides)
    sides = (rest, decided) if is_and else (decided, rest)
    result = choice(frame, node, condition, *sides)
    frame.facts.note(result, is_and, (condition, is_and), *((each, is_and) for each in others if is_operand(each)))
    return result


def _compare(frame: Frame, node: gast.Compare) -> Value:
    return _comparison(frame, node, optional(frame, node.left), list(zip(node.ops, node.comparators)))


def _comparison(frame: Frame, node: gast.Compare, left: Value, links: list[tuple[Any, Any]]) -> Value:
    """Lower ``left < a < b``: each operand is evaluated once, and only if the links before it hold."""
    op, comparator = links[0]
    with frame.holding(left):
        is_set = isinstance(op, (gast.In, gast.NotIn)) and isinstance(comparator, gast.Set)
    frame.asks = Asks.IN_TURN if isinstance(op, (gast.In, gast.NotIn)) else Asks.MAYBE
    right = tuple(elements(frame, comparator.elts)) if is_set else optional(frame, comparator)
    frame.asks = Asks.MAYBE
    result = compare(frame, node, op, left, right)
    if len(links) == 1:
        return result
    decides = overloads.truth_of(frame, node, result)
    known = truth(frame, decides)
    if known is not None:
        return _comparison(frame, node, right, links[1:]) if known else result
    return choice(
        frame,
        node,
        frame.operand(node, decides),
        lambda: _comparison(frame, node, right, links[1:]),
        lambda: FALSE if result.kind == BOOL else result,
    )


def _conditional(frame: Frame, node: gast.IfExp) -> Value:
    condition = test(frame, node.test)
    return choice(frame, node, condition, lambda: optional(frame, node.body), lambda: optional(frame, node.orelse))


def _walrus(frame: Frame, node: gast.NamedExpr) -> Value:
    value = optional(frame, node.value)
    names.bind_name(frame, node.target.id, value)
    return value


def _tuple(frame: Frame, node: gast.Tuple) -> Value:
    return tuple(elements(frame, node.elts))


def elements(frame: Frame, nodes: Sequence[Any], asks: Asks = Asks.MAYBE) -> list[Value]:
    """Lower the items of a display or the arguments of a call, with starred ones spread out.

    `asks` tells what a call does with the items of its arguments.
    """
    values: list[Value] = []
    with frame.holding(values):
        for node in nodes:
            if isinstance(node, gast.Starred):
                values += items_of(frame, node.value, gone_through(frame, node.value, Asks.AT_ONCE))
            else:
                frame.asks = asks
                values.append(optional(frame, node))
    frame.asks = Asks.MAYBE
    return values


def _dict(frame: Frame, node: gast.Dict) -> Value:
    result: dict[Any, Value] = {}
    computed: list[tuple[Value, Value]] = []
    for key, item in zip(node.keys, node.values):
        if key is None:
            inner = containers.seen(frame, members.without_class(frame, expression(frame, item)))
            if not isinstance(inner, dict):
                frame.misfit(item, f"`**` needs a dict, and this is {describe(inner)}")
            result.update(inner)
        else:
            index = expression(frame, key)
            if not has_known_key(index) and table_sites.can_be_table(frame):
                computed.append((index, optional(frame, item)))
                continue
            constant = key_of(frame, key, index)
            with frame.holding(result):
                result[constant] = optional(frame, item)
    if not computed:
        return tables.made(frame, node, containers.made(frame, result))
    if result:
        frame.refuse(node, "some keys of this dict are known only when it runs", "add them one by one")
    table = tables.table_of(frame, node, {})
    for index, value in computed:
        tables.set_item(frame, node, table, index, value)
    return table


def _subscript(frame: Frame, node: gast.Subscript) -> Value:
    owner = expression(frame, node.value)
    with frame.holding(owner):
        index = index_of(frame, node.slice)
    return accesses.item(frame, node, owner, index)


def index_of(frame: Frame, node: Any) -> Value:
    """Lower what stands in the brackets after an array."""
    if isinstance(node, gast.Slice):
        return arrays.limits_of(frame, node, expression)
    if isinstance(node, gast.Tuple):
        items: list[Value] = []
        for each in node.elts:
            if isinstance(each, gast.Starred):
                items += items_of(frame, each, expression(frame, each.value))
            else:
                limits = isinstance(each, gast.Slice)
                items.append(index_of(frame, each) if limits else expression(frame, each))
        return tuple(items)
    value = expression(frame, node)
    if is_tuple(value):
        inside = containers.seen(frame, value)
        return tuple(inside) if isinstance(inside, list) else frame.misfit(node, *UNCOUNTED)
    return value


def _attribute(frame: Frame, node: gast.Attribute) -> Value:
    owner = expression(frame, node.value)
    return accesses.attribute(frame, node, owner, names.mangled(frame, node.attr))


def _joined_string(frame: Frame, node: gast.JoinedStr) -> Value:
    """Lower an f-string as a call of `str.format`."""
    return _of_template(frame, node, *_template(frame, node))


def _template(frame: Frame, node: gast.JoinedStr) -> tuple[str, list[Operand]]:
    template, values = "", []
    for part in node.values:
        if isinstance(part, gast.Constant):
            template += part.value.replace("{", "{{").replace("}", "}}")
            continue
        value: Value = optional(frame, part.value)
        conversion = "" if part.conversion < 0 else chr(part.conversion)
        if conversion:
            value, conversion = text.converted(frame, part.value, value, conversion)
        spec, inner = ("", []) if part.format_spec is None else _template(frame, part.format_spec)
        if part.conversion < 0:
            made = None if part.format_spec is None else functools.partial(_of_template, frame, node, spec, inner)
            value, is_left = text.formatted(frame, part.value, value, made)
            spec, inner = (spec, inner) if is_left else ("", [])
        values += [frame.operand(part.value, value), *inner]
        template += "{" + (conversion and f"!{conversion}") + (spec and f":{spec}") + "}"
    return template, values


def _of_template(frame: Frame, node: Any, template: str, values: Sequence[Operand]) -> Value:
    """Return the text that a template becomes with its values."""
    if all(isinstance(value, Lit) for value in values):
        return Known(template.format(*(value.value for value in values)))  # type: ignore[union-attr]
    return frame.op(node, str.format, Lit(template), *values, kind=STRING)


def _lambda(frame: Frame, node: gast.Lambda) -> Value:
    return closure(frame, node)


def closure(frame: Frame, node: gast.FunctionDef | gast.Lambda) -> Closure:
    """Return the function that a `def` or a `lambda` makes; its defaults are evaluated now."""
    arguments = node.args
    defaults = [optional(frame, default) for default in arguments.defaults]
    named = {
        param.id: optional(frame, default)
        for param, default in zip(arguments.kwonlyargs, arguments.kw_defaults)
        if default is not None
    }
    key = ""
    if defaults or named:
        # Where a loop or a comprehension is written out, each turn makes a function of its own.
        place = f"%defaults:{node.lineno}:{node.col_offset}"
        key = next(key for i in itertools.count() if (key := f"{place}:{i}") not in frame.env)
        frame.env[key] = (tuple(defaults), named)
    return Closure(node, frame, key, frozenset(scope_of(node).free & frame.inner.keys()))


def evaluated(frame: Frame, node: Any, text: str, **values: Value) -> Value:
    """Lower an expression of Python's in which names stand for abstract values."""
    tree = gast.parse(text, mode="eval").body
    for each in gast.walk(tree):
        gast.copy_location(each, node)
    around, frame.inner = frame.inner, {**frame.inner, **values}
    try:
        return expression(frame, tree)
    finally:
        frame.inner = around


def _call(frame: Frame, node: gast.Call) -> Value:
    asked, frame.asks = frame.asks, Asks.MAYBE
    fn = expression(frame, node.func)
    if len(node.args) == 1 and not node.keywords and isinstance(node.args[0], gast.GeneratorExp):
        reduction = REDUCED.get(fn.value) if isinstance(fn, Known) and isinstance(fn.value, Hashable) else None
        if reduction is not None:
            found = reduction(frame, node.args[0], fn.value)
            return call(frame, node, fn, [found], {}) if isinstance(found, list) else found
    if len(node.args) == 1 and not node.keywords and isinstance(node.args[0], gast.Starred):
        spread = STARRED.get(fn.value) if isinstance(fn, Known) and isinstance(fn.value, Hashable) else None
        if spread is not None:
            given = gone_through(frame, node.args[0].value, Asks.AT_ONCE)
            grown = isinstance(given, Container) and isinstance(containers.seen(frame, given), Grown)
            found = spread(frame, node, given) if grown else None
            return call(frame, node, fn, items_of(frame, node.args[0], given), {}) if found is None else found
    with frame.holding(fn):
        args = elements(frame, node.args, asked_by(fn, asked))
    kwargs: dict[str, Value] = {}
    for keyword in node.keywords:
        with frame.holding((fn, args, kwargs)):
            value = optional(frame, keyword.value)
        if keyword.arg is not None:
            kwargs[keyword.arg] = value
            continue
        value = containers.seen(frame, members.without_class(frame, value))
        if isinstance(value, dict) and all(isinstance(key, str) for key in value):
            kwargs.update(value)
        else:
            frame.misfit(keyword.value, f"`**` needs a dict with strings as keys, and this is {describe(value)}")
    frame.asks = asked
    try:
        made = call(frame, node, fn, args, kwargs)
    finally:
        frame.asks = Asks.MAYBE
    if asked is Asks.MAYBE and isinstance(fn, Known) and makes_iterator(fn.value) and not is_generator(made):
        return call(frame, node, Known(iter), [made], {})
    return made


REDUCED: dict[Any, Callable[..., Value]] = {}
"""How `sum` and others are lowered of a generator; the module that knows how fills the table.

Where its items are known they are returned in a list, and the function is called with that.
"""

STARRED: dict[Any, Callable[[Frame, Any, Any], Value | None]] = {}
"""What calls of functions come to whose only argument is a starred list of a length that is known only when it runs."""

EXPRESSIONS: dict[type, Callable[[Frame, Any], Value]] = {
    gast.Attribute: _attribute,
    gast.BinOp: _binary,
    gast.BoolOp: _bool_op,
    gast.Call: _call,
    gast.Compare: _compare,
    gast.Constant: _constant,
    gast.Dict: _dict,
    gast.IfExp: _conditional,
    gast.JoinedStr: _joined_string,
    gast.Lambda: _lambda,
    gast.Name: _name,
    gast.NamedExpr: _walrus,
    gast.Subscript: _subscript,
    gast.Tuple: _tuple,
    gast.UnaryOp: _unary,
}
"""How each expression is lowered; `ast_ad.frontend.comprehensions` adds its own."""
