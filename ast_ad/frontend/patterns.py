"""Lowering of `match`: a chain of branches, of which most are decided by the structure of the subject.

What a pattern asks of structure (a length, a key, a class) is known when lowering; what it asks of values becomes a
test.  The names that a pattern captures are bound once all of it has matched.
"""

from __future__ import annotations

import functools
import operator
from collections import abc
from collections.abc import Callable, Sequence
from typing import Any

import gast

from ast_ad.frontend import arrays, containers, foreign
from ast_ad.frontend.choices import choice
from ast_ad.frontend.classes import isinstance_of
from ast_ad.frontend.comparisons import compare
from ast_ad.frontend.expressions import evaluated, expression, optional, test
from ast_ad.frontend.frame import Frame
from ast_ad.frontend.jumps import FALSE, TRUE
from ast_ad.frontend.names import bind_name
from ast_ad.frontend.scope import Names
from ast_ad.frontend.statements import COMPOUND, run_statements
from ast_ad.frontend.values import Either, Grown, Known, Table, Value, is_operand, is_string
from ast_ad.frontend.wording import describe
from ast_ad.ir.nodes import Lit, Operand

Captures = dict[str, Value]
_ITSELF = (bool, bytearray, bytes, dict, float, frozenset, int, list, set, str, tuple)
"""Classes whose patterns capture the subject by position."""


def _match(frame: Frame, node: gast.Match, after: Names, rest: tuple[Callable[[], None], Names]) -> bool:
    return _of_subject(frame, node, optional(frame, node.subject), after, rest)


def _of_subject(
    frame: Frame, node: gast.Match, subject: Value, after: Names, rest: tuple[Callable[[], None], Names]
) -> bool:
    """Lower the cases for a subject; of one of several values, for each of them."""
    if not isinstance(subject, Either):
        return _cases(frame, node, subject, node.cases, after, rest)

    def matched(side: Value) -> Callable[[], None]:
        def steps() -> None:
            _of_subject(frame, node, side, after, (lambda: None, after))

        return steps

    return frame.branch(node, subject.which, matched(subject.first), matched(subject.second), after, rest)


def _cases(
    frame: Frame,
    node: gast.Match,
    subject: Value,
    cases: Sequence[Any],
    after: Names,
    rest: tuple[Callable[[], None], Names],
) -> bool:
    """Lower the cases from one on; tell whether `rest` has been lowered as well."""
    for i, case in enumerate(cases):
        captures: Captures = {}
        matches = _pattern(frame, case.pattern, subject, captures)
        if matches == FALSE:
            continue

        def bind(captures: Captures = captures) -> None:
            for name, value in captures.items():
                bind_name(frame, name, value)

        def guarded(guard: Any = case.guard, bind: Callable[[], None] = bind) -> Operand:
            bind()
            return test(frame, guard)

        if case.guard is not None:
            matches = frame.operand(case.pattern, choice(frame, case.pattern, matches, guarded, lambda: FALSE))
        if matches == FALSE:
            continue

        def body(case: Any = case, bind: Callable[[], None] = bind) -> None:
            if case.guard is None:
                bind()
            run_statements(frame, case.body, after)

        if matches == TRUE:
            body()
            return False
        others = cases[i + 1 :]

        def orelse(others: Sequence[Any] = others) -> None:
            _cases(frame, node, subject, others, after, (lambda: None, after))

        return frame.branch(node, matches, body, orelse, after, rest)
    return False


def _pattern(frame: Frame, node: Any, value: Value, captures: Captures) -> Operand:
    """Return whether a value matches a pattern: a constant where that is known."""
    return _PATTERNS[type(node)](frame, node, value, captures)


def _all(frame: Frame, node: Any, tests: Sequence[Callable[[], Operand]]) -> Operand:
    """Return whether all of the tests hold; each is made only if those before it can hold."""
    result: Operand = TRUE
    for each in tests:
        found = each()
        if found == FALSE:
            return FALSE
        result = found if result == TRUE else result if found == TRUE else frame.op(node, operator.and_, result, found)
    return result


def _value(frame: Frame, node: gast.MatchValue, value: Value, captures: Captures) -> Operand:
    wanted = expression(frame, node.value)
    if arrays.is_array(value):
        frame.misfit(node, "an array is compared with one value", "match a number of it")
    if foreign.is_foreign(value):
        return frame.operand(node, compare(frame, node, gast.Eq(), value, wanted))
    if (is_operand(value) and not is_string(value)) != (is_operand(wanted) and not is_string(wanted)):
        return FALSE
    return frame.operand(node, compare(frame, node, gast.Eq(), value, wanted))


def _singleton(frame: Frame, node: gast.MatchSingleton, value: Value, captures: Captures) -> Operand:
    if node.value is None:
        return frame.operand(node, compare(frame, node, gast.Is(), value, Known(None)))
    if foreign.is_foreign(value):
        return frame.operand(node, compare(frame, node, gast.Is(), value, Lit(node.value)))
    if isinstance(value, Lit):
        return Lit(value.value is node.value)
    if is_operand(value) and isinstance_of(frame, node, value, (bool,)):
        return value if node.value else frame.op(node, operator.not_, value)
    return FALSE


def _sequence(frame: Frame, node: gast.MatchSequence, value: Value, captures: Captures) -> Operand:
    value = containers.seen(frame, value)
    _check_structure(frame, node, value)
    if not isinstance(value, (tuple, list)):
        return FALSE
    starred = next((i for i, each in enumerate(node.patterns) if isinstance(each, gast.MatchStar)), None)
    items, patterns = list(value), node.patterns
    if starred is not None:
        tail = len(patterns) - starred - 1
        if len(items) < len(patterns) - 1:
            return FALSE
        name = patterns[starred].name
        if name is not None:
            captures[name] = containers.made(frame, items[starred : len(items) - tail])
        patterns = [*patterns[:starred], *patterns[starred + 1 :]]
        items = [*items[:starred], *items[len(items) - tail :]]
    if len(items) != len(patterns):
        return FALSE
    return _each(frame, node, patterns, items, captures)


def _check_structure(frame: Frame, node: Any, value: Value) -> None:
    """Refuse to match what may have any structure: lists and dicts of which it shows when it runs, and objects."""
    outside = isinstance(value, Known) and isinstance(value.value, (abc.Sequence, abc.Mapping))
    if isinstance(value, (Grown, Table)) or foreign.is_foreign(value) or (outside and not is_string(value)):
        frame.refuse(
            node,
            f"whether {describe(value)} matches this pattern is known only when it runs",
            "test its length, or its items, with `if`",
        )


def _each(frame: Frame, node: Any, patterns: Sequence[Any], items: Sequence[Value], captures: Captures) -> Operand:
    pairs = zip(patterns, items)
    return _all(frame, node, [functools.partial(_pattern, frame, p, item, captures) for p, item in pairs])


def _mapping(frame: Frame, node: gast.MatchMapping, value: Value, captures: Captures) -> Operand:
    value = containers.seen(frame, value)
    _check_structure(frame, node, value)
    if type(value) is not dict:
        return FALSE
    keys = [frame.operand(key, expression(frame, key)) for key in node.keys]
    constants = [key.value for key in keys if isinstance(key, Lit)]
    if not value.keys() >= set(constants):
        return FALSE
    if node.rest is not None:
        rest = {key: item for key, item in value.items() if key not in constants}
        captures[node.rest] = containers.made(frame, rest)
    return _each(frame, node, node.patterns, [value[key] for key in constants], captures)


def _class(frame: Frame, node: gast.MatchClass, value: Value, captures: Captures) -> Operand:
    cls = expression(frame, node.cls)
    known = cls.value if isinstance(cls, Known) else None
    if not isinstance(known, type):
        frame.refuse(node, "the class of a pattern has to be known when lowering", "name the class")
    if not isinstance_of(frame, node, value, (known,)):
        return FALSE
    names = list(node.kwd_attrs)
    if node.patterns and known in _ITSELF:
        items: list[Value] = [value]
    else:
        places = getattr(known, "__match_args__", ())
        if len(node.patterns) > len(places):
            frame.misfit(node, f"`{known.__name__}` has {len(places)} positional patterns, not {len(node.patterns)}")
        names = [*places[: len(node.patterns)], *names]
        items = []
    items += [evaluated(frame, node, f"subject.{name}", subject=value) for name in names]
    return _each(frame, node, [*node.patterns, *node.kwd_patterns], items, captures)


def _as(frame: Frame, node: gast.MatchAs, value: Value, captures: Captures) -> Operand:
    found = TRUE if node.pattern is None else _pattern(frame, node.pattern, value, captures)
    if node.name is not None:
        captures[node.name] = value
    return found


def _or(frame: Frame, node: gast.MatchOr, value: Value, captures: Captures) -> Operand:
    result: Operand = FALSE
    for alternative in node.patterns:
        inner: Captures = {}
        found = _pattern(frame, alternative, value, inner)
        if found == FALSE:
            continue
        if inner and not (found == TRUE and result == FALSE):
            frame.refuse(
                node,
                "which alternative of a pattern captures a name is known only when it runs",
                "write a case for each alternative",
            )
        captures.update(inner)
        if found == TRUE:
            return TRUE
        result = found if result == FALSE else frame.op(node, operator.or_, result, found)
    return result


_PATTERNS: dict[type, Callable[[Frame, Any, Value, Captures], Operand]] = {
    gast.MatchAs: _as,
    gast.MatchClass: _class,
    gast.MatchMapping: _mapping,
    gast.MatchOr: _or,
    gast.MatchSequence: _sequence,
    gast.MatchSingleton: _singleton,
    gast.MatchValue: _value,
}

COMPOUND[gast.Match] = _match
