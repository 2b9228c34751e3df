"""How two abstract values become one where paths meet."""

from __future__ import annotations

import contextlib
import contextvars
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from ast_ad.frontend import mixed
from ast_ad.frontend.dict_views import View
from ast_ad.frontend.parcels import Parcel
from ast_ad.frontend.run_time_tuples import is_tuple
from ast_ad.frontend.samples import FIXED, SAMPLES
from ast_ad.frontend.several import MOST, aligned, alternatives, is_function, is_plain_function, is_same, name_test
from ast_ad.frontend.values import (
    ABSENT,
    UNBOUND,
    Bound,
    Closure,
    Conflict,
    Container,
    Derived,
    Either,
    Grown,
    Known,
    Maybe,
    Method,
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
from ast_ad.ir.kinds import Kind, Opaque, is_inexact, join
from ast_ad.ir.nodes import UNDEF, Lit, Operand, Var, Where
from ast_ad.trees import unflatten

Meet = Callable[[Operand, Operand, Kind], Operand]


def _never(value: Value) -> bool:
    return False


class Joining(NamedTuple):
    """How containers and their contents become one: a container for one of two, and lists of which one has grown.

    `splits` says of which values two of different structure may become an `Either`.  Where a loop begins (`goes_round`)
    one of several values may become one of more only of these: of others it would not be known which are one.
    """

    containers: Callable[[Container, Container], Any]
    lists: Callable[[Any, Any], Any]
    splits: Callable[[Value], bool] = _never
    goes_round: bool = False


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
    if not isinstance(operand, Lit) or operand.kind == kind or kind not in _PROMOTE or mixed.is_exact():
        return operand
    try:
        value = _PROMOTE[kind](operand.value)
    except (TypeError, ValueError, OverflowError):
        return operand
    if value != operand.value:
        return operand
    made = Lit(value)
    mixed.note_constant(made, mixed.kinds_of(operand))
    return made


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
    return _Meeting(combine, where, joining).of(a, b)


class _Meeting(NamedTuple):
    """How the values of names meet at one place; see `meet`."""

    combine: Meet
    where: Where | None
    joining: Joining | None

    def of(self, a: Value, b: Value) -> Value:
        """Return what two values become."""
        if a is b:
            return a
        if isinstance(a, Conflict) or isinstance(b, Conflict):
            return a if isinstance(a, Conflict) else b
        if a is ABSENT:
            return _where_only(b, lambda leaf: self.combine(UNDEF, leaf, leaf.kind))
        if b is ABSENT:
            return _where_only(a, lambda leaf: self.combine(leaf, UNDEF, leaf.kind))
        if _partial(a) or _partial(b):
            return self._maybe(a, b)
        if _may_be_none(a) or _may_be_none(b):
            return self._optional(a, b)
        if isinstance(a, Either) or isinstance(b, Either) or (is_plain_function(a) and is_plain_function(b)):
            return self._either(a, b)
        if isinstance(a, OneOf) or isinstance(b, OneOf) or (member(a) and member(b)):
            return self._one_of(a, b)
        if _grows(a, b):
            made = None if self.joining is None else self.joining.lists(a, b)
            return self.conflict(a, b) if made is None else made
        a, b = _as_operands(a, b)
        if is_operand(a) and is_operand(b):
            return self.conflict(a, b) if join(a.kind, b.kind) is None else self.combined(a, b)
        alike = next((_ALIKE[cls] for cls in type(a).__mro__ if cls in _ALIKE), None)
        return self.conflict(a, b) if alike is None or type(a) is not type(b) else alike(self, a, b)

    def combined(self, a: Any, b: Any) -> Operand:
        """Return the operand that two become, whose kinds join."""
        kind = join(a.kind, b.kind)
        assert kind is not None
        out = self.combine(promoted(a, kind), promoted(b, kind), kind)
        if isinstance(out, Lit) and a.kind != b.kind:
            out = self.combine(a, b, kind)  # equal constants, of two classes
        mixed.note_met(out, a, b)
        return out

    def conflict(self, a: Value, b: Value) -> Value:
        """Return what values become that are not of one structure: one or the other, where a test says which."""
        if self.joining is not None and self.joining.splits(a) and self.joining.splits(b):
            return self._apart(a, b)
        return self.refused(a, b)

    def _apart(self, a: Value, b: Value) -> Value:
        """Return what is one value or the other, which stay what they are."""
        several = [*alternatives(a), *alternatives(b)]
        if len(several) > MOST or sum(type(each) is tuple for each in several) > 2:
            return self.refused(a, b)  # tuples of more than two lengths are rather of one that is not known
        which = self.combined(Lit(True), Lit(False))
        return Either(which, self.of(a, ABSENT), self.of(ABSENT, b))

    def refused(self, a: Value, b: Value) -> Conflict:
        """Return the error that it is to read what two values become."""
        first, second = describe(a), describe(b)
        if first == second:
            first, second = f"one {first.split(' ', 1)[-1]}", "another"
        tuples = all(type(each) is tuple or is_tuple(each) for each in (*alternatives(a), *alternatives(b)))
        return Conflict(f"it is {first} on one path and {second} on the other", self.where, tuples)

    def as_one(self) -> _Meeting:
        """Return the same for a part of what is one thing: it is no choice of two things itself."""
        return self if self.joining is None else self._replace(joining=self.joining._replace(splits=_never))

    def by_value(self) -> _Meeting:
        """Return the same without the containers that are one of two: containers meet only themselves."""
        return self._replace(joining=None)

    def _maybe(self, a: Value, b: Value) -> Value:
        """Let two values meet of which one is not bound on some paths."""
        bound = self.combined(_bound(a), _bound(b))
        value = self.of(_value(a), _value(b))
        if isinstance(bound, Lit):
            return value if bound.value else UNBOUND
        if isinstance(bound, Var) and bound.name and bound is not _bound(a) and bound is not _bound(b):
            bound.name += "_bound"
        return value if isinstance(value, Conflict) else Maybe(bound, value)

    def _optional(self, a: Value, b: Value) -> Value:
        """Let two values meet of which one is None on some paths."""
        if is_none(a) and is_none(b):
            return a
        there = [v.present if isinstance(v, Optional) else Lit(not is_none(v)) for v in (a, b)]
        present = self.combined(there[0], there[1])
        inside = [v.value if isinstance(v, Optional) else ABSENT if is_none(v) else v for v in (a, b)]
        value = self.of(inside[0], inside[1])
        if isinstance(present, Var) and present.name and present not in there:
            present.name = f"has_{present.name}"
        return value if isinstance(value, Conflict) else Optional(present, value)

    def _one_of(self, a: Value, b: Value) -> Value:
        """Let two members of enumerations meet."""
        first, second = member(a), member(b)
        if first is None or second is None or first.cls is not second.cls:
            return self.conflict(a, b)
        if isinstance(a, Known) and isinstance(b, Known) and a.same(b):
            return a
        return OneOf(self.combined(first.place, second.place), first.cls)

    def _either(self, a: Value, b: Value) -> Value:
        """Let two values meet of which one is one of several, or which are two functions.

        The alternatives stand in a chain: what a loop carries has them in one order in all rounds.
        """
        if is_same(a, b):
            return a
        by_value = self.by_value()
        if type(a) is type(b) and isinstance(a, (Partial, Derived)):
            made = _first_conflict(type(a)(*map(by_value.of, a, b)))
            return self.conflict(a, b) if isinstance(made, Conflict) else made
        sides = aligned(a, b)
        if sides is None or not self._may_grow(a, b):
            return self.conflict(a, b)
        first, second = sides
        which = self.combined(first.which, second.which)
        met = [by_value.of(first.first, second.first), by_value.of(first.second, second.second)]
        if any(isinstance(each, Conflict) for each in met) or isinstance(met[0], Either):
            return self.conflict(a, b)
        name_test(which, first, second)
        return Either(which, *met)

    def _may_grow(self, a: Value, b: Value) -> bool:
        """Tell whether one of several values may become one of more here."""
        known, found = alternatives(a), alternatives(b)
        joining = self.joining
        if joining is None or not joining.goes_round or len(known) == len(found):
            return True
        return all(is_function(each) or joining.splits(each) for each in (*known, *found))


# Two values of one class.


def _same(meeting: _Meeting, a: Any, b: Any) -> Value:
    return a if a.same(b) else meeting.conflict(a, b)


def _bound_methods(meeting: _Meeting, a: Bound, b: Bound) -> Value:
    by_value = meeting.by_value()
    owner = by_value.of(a.owner, b.owner)
    is_one = a.function.same(b.function) and not isinstance(owner, Conflict)
    return Bound(owner, a.function) if is_one else meeting.conflict(a, b)


def _methods(meeting: _Meeting, a: Method, b: Method) -> Value:
    owner = meeting.by_value().of(a.owner, b.owner) if a.name == b.name else meeting.conflict(a, b)
    return meeting.conflict(a, b) if isinstance(owner, Conflict) else Method(owner, a.name)


def _pooled(meeting: _Meeting, a: Pooled, b: Pooled) -> Value:
    return Pooled(a.pool, meeting.combined(a.index, b.index)) if a.pool is b.pool else meeting.conflict(a, b)


def _containers(meeting: _Meeting, a: Container, b: Container) -> Value:
    if meeting.joining is None or a.type is not b.type:
        return meeting.conflict(a, b)
    made = meeting.joining.containers(a, b)
    return meeting.conflict(a, b) if isinstance(made, Conflict) else made


def _parts(meeting: _Meeting, a: Part, b: Part) -> Value:
    same = a.base is b.base and a.index == b.index and a.order is b.order and a.tail is b.tail
    return a if same else meeting.conflict(a, b)


def _held(meeting: _Meeting, a: Parcel, b: Parcel) -> Value:
    contents = meeting.of(a.contents, b.contents) if a.own == b.own else meeting.conflict(a.contents, b.contents)
    return contents if isinstance(contents, Conflict) else Parcel(a.own, contents)


def _tables(meeting: _Meeting, a: Table, b: Table) -> Value:
    if a.missing != b.missing:
        return meeting.conflict(a, b)
    keys, values, index = meeting.of(a.keys, b.keys), meeting.of(a.values, b.values), meeting.of(a.index, b.index)
    conflict = next((each for each in (keys, values, index) if isinstance(each, Conflict)), None)
    return Table(keys, values, index, a.missing) if conflict is None else conflict


def _views(meeting: _Meeting, a: View, b: View) -> Value:
    owner = meeting.as_one().of(a.owner, b.owner)
    return meeting.conflict(a, b) if isinstance(owner, Conflict) else type(a)(owner)


def _dicts(meeting: _Meeting, a: dict[Any, Value], b: dict[Any, Value]) -> Value:
    return _first_conflict({key: meeting.of(a[key], b[key]) for key in a}) if [*a] == [*b] else meeting.conflict(a, b)


def _raised(meeting: _Meeting, a: Raised, b: Raised) -> Value:
    args = None if a.args is None or b.args is None else meeting.of(a.args, b.args)
    text = meeting.of(a.text, b.text)
    if isinstance(text, Conflict):
        return text
    own = meeting.of(a.object, b.object) if a.object and b.object else a.object or b.object
    kept = [None if isinstance(each, Conflict) else each for each in (args, own)]
    return Raised(meeting.of(a.name, b.name), kept[0], text, kept[1])


def _sequences(meeting: _Meeting, a: Any, b: Any) -> Value:
    if len(a) != len(b):
        return meeting.conflict(a, b)
    is_ours = type(a).__module__.startswith(f"{__package__}.")
    within = meeting.as_one() if is_ours else meeting
    items = [within.of(x, y) for x, y in zip(a, b)]
    made = _first_conflict(type(a)(*items) if hasattr(a, "_fields") else type(a)(items))
    return meeting.conflict(a, b) if is_ours and isinstance(made, Conflict) else made


_ALIKE: dict[type, Callable[[_Meeting, Any, Any], Value]] = {
    Bound: _bound_methods,
    Closure: _same,
    Container: _containers,
    Parcel: _held,
    Known: _same,
    Method: _methods,
    Part: _parts,
    Pooled: _pooled,
    Raised: _raised,
    Table: _tables,
    View: _views,
    dict: _dicts,
    list: _sequences,
    tuple: _sequences,
}
"""How two values of a class meet, by the class."""


# What values are.


def _may_be_none(value: Value) -> bool:
    return is_none(value) or isinstance(value, Optional)


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
    made = unflatten(tree, [one_sided(leaf) for leaf in leaves])
    if isinstance(value, Either):
        name_test(made.which, value)
    return made


def _as_operands(a: Value, b: Value) -> tuple[Value, Value]:
    """Let two different strings, or dates, meet as variables that hold such."""
    alike = (is_string(a) and is_string(b)) or (_is_fixed(a) and _is_fixed(b))
    if alike and not (isinstance(a, Known) and isinstance(b, Known) and a.same(b)):
        return (Lit(a.value) if isinstance(a, Known) else a), (Lit(b.value) if isinstance(b, Known) else b)
    return a, b


def _is_fixed(value: Value) -> bool:
    """Tell whether a value is an object that never changes: one is as good as another that is equal to it."""
    if isinstance(value, Known):
        return isinstance(value.value, FIXED)
    return is_operand(value) and isinstance(value.kind, Opaque) and value.kind.type in SAMPLES


def _first_conflict(value: Any) -> Value:
    items = value.values() if isinstance(value, dict) else value
    return next((item for item in items if isinstance(item, Conflict)), value)
