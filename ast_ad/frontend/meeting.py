"""How two abstract values become one where paths meet."""

from __future__ import annotations

import contextlib
import contextvars
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from ast_ad.frontend.values import (
    ABSENT,
    UNBOUND,
    Bound,
    Closure,
    Conflict,
    Container,
    Derived,
    Either,
    Escaped,
    Grown,
    Held,
    Known,
    Maybe,
    OneOf,
    Optional,
    Part,
    Partial,
    Pooled,
    Raised,
    Table,
    Value,
    is_none,
    is_operand,
    is_string,
    member,
    parts,
)
from ast_ad.frontend.wording import describe
from ast_ad.ir.kinds import Kind, is_inexact, join
from ast_ad.ir.nodes import UNDEF, Lit, Operand, Var, Where
from ast_ad.trees import unflatten

Meet = Callable[[Operand, Operand, Kind], Operand]


class Joining(NamedTuple):
    """How containers and their contents become one: a container for one of two, and lists of which one has grown."""

    containers: Callable[[Container, Container], Any]
    lists: Callable[[Any, Any], Any]


_PROMOTIONS: contextvars.ContextVar[list[Kind] | None] = contextvars.ContextVar("promotions", default=None)


@contextlib.contextmanager
def noting_promotions() -> Iterator[list[Kind]]:
    """Note the kinds of integers that become floats where paths meet, within the ``with`` statement."""
    found: list[Kind] = []
    token = _PROMOTIONS.set(found)
    try:
        yield found
    finally:
        _PROMOTIONS.reset(token)


def promoted(operand: Operand, kind: Kind) -> Operand:
    """Return a constant as one of `kind`: 0 where a float is expected becomes 0.0."""
    noted = _PROMOTIONS.get()
    if noted is not None and isinstance(operand, (Var, Lit)) and is_inexact(kind) and not is_inexact(operand.kind):
        noted.append(operand.kind)
    if not isinstance(operand, Lit) or operand.kind == kind or kind not in _PROMOTE:
        return operand
    try:
        value = _PROMOTE[kind](operand.value)
    except (TypeError, ValueError, OverflowError):
        return operand
    return Lit(value) if value == operand.value else operand


_PROMOTE: dict[Kind, Callable[[Any], Any]] = {}
for _type in (int, float, complex):
    _PROMOTE[Lit(_type()).kind] = _type


def meet(a: Value, b: Value, combine: Meet, where: Where | None, joining: Joining | None = None) -> Value:
    """Return the value of a name where two paths meet, with `a` on the one and `b` on the other.

    Parameters
    ----------
    combine
        ``(operand of a, operand of b, their joined kind) -> operand``: makes the variable that receives both.
        One of the operands is UNDEF where that path has no value.
    joining
        Makes containers that are one of two, and lists that have grown.
    """
    if a is b:
        return a

    def inner(x: Value, y: Value) -> Value:
        return meet(x, y, combine, where, joining)

    if isinstance(a, Conflict) or isinstance(b, Conflict):
        return a if isinstance(a, Conflict) else b
    if a is ABSENT:
        return _where_only(b, lambda leaf: combine(UNDEF, leaf, leaf.kind))
    if b is ABSENT:
        return _where_only(a, lambda leaf: combine(leaf, UNDEF, leaf.kind))
    if _partial(a) or _partial(b):
        bound = _combined(_bound(a), _bound(b), combine)
        value = inner(_value(a), _value(b))
        if isinstance(bound, Lit):
            return value if bound.value else UNBOUND
        if isinstance(bound, Var) and bound.name and bound is not _bound(a) and bound is not _bound(b):
            bound.name += "_bound"
        return value if isinstance(value, Conflict) else Maybe(bound, value)
    if _may_be_none(a) or _may_be_none(b):
        return _optional(a, b, combine, where, joining)
    if isinstance(a, OneOf) or isinstance(b, OneOf) or (member(a) and member(b)):
        return _one_of(a, b, combine, where)
    if _is_function(a) and _is_function(b):
        return _either(a, b, combine, where)
    if _grows(a, b):
        made = None if joining is None else joining.lists(a, b)
        return _conflict(a, b, where) if made is None else made
    a, b = _as_operands(a, b)
    if is_operand(a) and is_operand(b):
        kind = join(a.kind, b.kind)
        if kind is None:
            return _conflict(a, b, where)
        return _combined(a, b, combine)
    if type(a) is not type(b):
        return _conflict(a, b, where)
    if isinstance(a, Bound):
        owner, function = (meet(x, y, combine, where) for x, y in ((a.owner, b.owner), (a.function, b.function)))
        return next((each for each in (owner, function) if isinstance(each, Conflict)), Bound(owner, function))
    if isinstance(a, (Known, Closure)):
        return a if a.same(b) else _conflict(a, b, where)
    if isinstance(a, Pooled):
        return Pooled(a.pool, _combined(a.index, b.index, combine)) if a.pool is b.pool else _conflict(a, b, where)
    if isinstance(a, Container):
        return _conflict(a, b, where) if joining is None or a.type is not b.type else joining.containers(a, b)
    if isinstance(a, Part):
        same = a.base is b.base and a.index == b.index and a.order is b.order and a.tail is b.tail
        return a if same else _conflict(a, b, where)
    if isinstance(a, Held):
        contents = inner(a.contents, b.contents) if a.own == b.own else _conflict(a.contents, b.contents, where)
        return contents if isinstance(contents, Conflict) else Held(a.own, contents)
    if isinstance(a, Table):
        if a.missing != b.missing:
            return _conflict(a, b, where)
        keys, values, index = inner(a.keys, b.keys), inner(a.values, b.values), inner(a.index, b.index)
        conflict = next((each for each in (keys, values, index) if isinstance(each, Conflict)), None)
        return Table(keys, values, index, a.missing) if conflict is None else conflict
    if isinstance(a, dict):
        if list(a) != list(b):
            return _conflict(a, b, where)
        return _first_conflict({key: inner(a[key], b[key]) for key in a})
    if isinstance(a, Raised):
        args = None if a.args is None or b.args is None else inner(a.args, b.args)
        text = inner(a.text, b.text)
        if isinstance(text, Conflict):
            return text
        own = inner(a.object, b.object) if a.object and b.object else a.object or b.object
        kept = [None if isinstance(each, Conflict) else each for each in (args, own)]
        return Raised(inner(a.name, b.name), kept[0], text, kept[1])
    if isinstance(a, (tuple, list)):
        if len(a) != len(b):
            return _conflict(a, b, where)
        items = [inner(x, y) for x, y in zip(a, b)]
        return _first_conflict(type(a)(*items) if hasattr(a, "_fields") else type(a)(items))
    return _conflict(a, b, where)


def _may_be_none(value: Value) -> bool:
    return is_none(value) or isinstance(value, Optional)


def _optional(a: Value, b: Value, combine: Meet, where: Where | None, joining: Joining | None) -> Value:
    if is_none(a) and is_none(b):
        return a
    there = [v.present if isinstance(v, Optional) else Lit(not is_none(v)) for v in (a, b)]
    present = _combined(there[0], there[1], combine)
    inside = [v.value if isinstance(v, Optional) else ABSENT if is_none(v) else v for v in (a, b)]
    value = meet(inside[0], inside[1], combine, where, joining)
    if isinstance(present, Var) and present.name and present not in there:
        present.name = f"has_{present.name}"
    return value if isinstance(value, Conflict) else Optional(present, value)


def _is_function(value: Value) -> bool:
    return isinstance(value, (Closure, Escaped, Partial, Derived, Either)) or (
        isinstance(value, Known) and callable(value.value)
    )


def _one_of(a: Value, b: Value, combine: Meet, where: Where | None) -> Value:
    """Let two members of enumerations meet."""
    first, second = member(a), member(b)
    if first is None or second is None or first.cls is not second.cls:
        return _conflict(a, b, where)
    if isinstance(a, Known) and isinstance(b, Known) and a.same(b):
        return a
    return OneOf(_combined(first.place, second.place, combine), first.cls)


def _either(a: Value, b: Value, combine: Meet, where: Where | None) -> Value:
    """Let two functions meet; of several, the alternatives stand in a chain, in the order in which they were met."""
    if _same_function(a, b):
        return a
    if not isinstance(a, Either) and not isinstance(b, Either):
        if type(a) is type(b) and isinstance(a, (Partial, Derived)):
            items = [meet(x, y, combine, where) for x, y in zip(a, b)]
            return _first_conflict(type(a)(*items))
        return Either(_combined(Lit(True), Lit(False), combine), a, b)
    first = a.first if isinstance(a, Either) else b.first
    sides = [v if isinstance(v, Either) else _alone(v, first) for v in (a, b)]
    which = _combined(sides[0].which, sides[1].which, combine)
    second = meet(sides[0].second, sides[1].second, combine, where)
    same = meet(sides[0].first, sides[1].first, combine, where)
    if isinstance(same, (Conflict, Either)):
        return _conflict(a, b, where)
    return second if isinstance(second, Conflict) else Either(which, same, second)


def _same_function(a: Value, b: Value) -> bool:
    return (isinstance(a, Known) and isinstance(b, Known) and a.same(b)) or (
        isinstance(a, Closure) and isinstance(b, Closure) and a.same(b)
    )


def _alone(value: Value, first: Value) -> Either:
    """Return one function as a choice that is made already."""
    if _same_function(value, first):
        return Either(Lit(True), value, ABSENT)
    return Either(Lit(False), ABSENT, value)


def _grows(a: Value, b: Value) -> bool:
    """Tell whether two lists meet, of different lengths, or of lengths of which one is not known."""
    lists = all(isinstance(each, (list, Grown)) for each in (a, b))
    return lists and (isinstance(a, Grown) or isinstance(b, Grown) or len(a) != len(b))


def _partial(value: Value) -> bool:
    return value is UNBOUND or isinstance(value, Maybe)


def _bound(value: Value) -> Operand:
    return Lit(False) if value is UNBOUND else value.bound if isinstance(value, Maybe) else Lit(True)


def _value(value: Value) -> Value:
    return ABSENT if value is UNBOUND else value.value if isinstance(value, Maybe) else value


def _where_only(value: Value, one_sided: Callable[[Any], Operand]) -> Value:
    if not isinstance(value, (Var, Lit, tuple, list, dict)) and not hasattr(type(value), "__tree_parts__"):
        return value
    if isinstance(value, Grown):
        # Its items have not moved: what was read from it is still a part of it.
        made = Grown(value.own, map(one_sided, value.leaves), value.order, value.tail)
        made.before = value.before
        return made
    leaves, tree = parts(value)
    return unflatten(tree, [one_sided(leaf) for leaf in leaves])


def _combined(a: Any, b: Any, combine: Meet) -> Operand:
    kind = join(a.kind, b.kind)
    assert kind is not None
    return combine(promoted(a, kind), promoted(b, kind), kind)


def _as_operands(a: Value, b: Value) -> tuple[Value, Value]:
    """Let two different strings meet as variables that hold strings."""
    if is_string(a) and is_string(b) and not (isinstance(a, Known) and isinstance(b, Known) and a.same(b)):
        return (Lit(a.value) if isinstance(a, Known) else a), (Lit(b.value) if isinstance(b, Known) else b)
    return a, b


def _first_conflict(value: Any) -> Value:
    items = value.values() if isinstance(value, dict) else value
    return next((item for item in items if isinstance(item, Conflict)), value)


def _conflict(a: Value, b: Value, where: Where | None) -> Conflict:
    first, second = describe(a), describe(b)
    if first == second:
        first, second = f"one {first.split(' ', 1)[-1]}", "another"
    return Conflict(f"it is {first} on one path and {second} on the other", where)
