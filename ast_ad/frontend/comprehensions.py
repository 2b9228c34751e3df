"""Lowering of comprehensions: the names that they bind are theirs alone.

One over sequences of known length is written out.  One whose length is known only when it runs is lowered as the
function that it is short for: a loop that appends to a list, or adds up.
"""

from __future__ import annotations

import copy
import functools
from collections.abc import Callable, Sequence, Set
from typing import Any

import gast

from ast_ad.frontend import arrays, awaited, containers, foreign, generators, streams, table_sites, tables
from ast_ad.frontend.asking import Asks
from ast_ad.frontend.dict_views import is_dict
from ast_ad.frontend.dispatch import call
from ast_ad.frontend.expressions import EXPRESSIONS, REDUCED, closure, expression, gone_through, optional, test
from ast_ad.frontend.frame import Frame
from ast_ad.frontend.handlers import HANDLERS
from ast_ad.frontend.heap import is_generator
from ast_ad.frontend.jumps import Thrown, Unreachable
from ast_ad.frontend.keys import has_known_key, key_of
from ast_ad.frontend.listing import items_of
from ast_ad.frontend.trials import Halted
from ast_ad.frontend.values import Conflict, Grown, Range, Ref, Value
from ast_ad.frontend.wording import describe
from ast_ad.ir.nodes import Block, If, Lit, Loop, Op, Statement, walk
from ast_ad.models.sets import MODELS
from ast_ad.rules.registry import effects

SHORT = 64
"""The most items of a `range` that are written out one by one."""


class _RunTime(Exception):
    """How many items there are is known only when it runs."""


def _comprehension(frame: Frame, node: gast.ListComp | gast.GeneratorExp) -> Value:
    """Lower a list comprehension, or a generator that is gone through at once."""
    asked, frame.asks = frame.asks, Asks.MAYBE
    if isinstance(node, gast.GeneratorExp) and asked is not Asks.AT_ONCE:
        first = gone_through(frame, node.generators[0].iter)
        if asked is Asks.MAYBE and is_dict(first):
            first = HANDLERS[iter](frame, node.generators[0].iter, [first], {})
        return generators.of_expression(frame, node, first)
    return listed(frame, node)


def listed(frame: Frame, node: gast.ListComp | gast.GeneratorExp | gast.SetComp) -> Value:
    """Return all that a comprehension makes, in order."""
    results: list[Value] = []
    if not _written_out(frame, node, lambda: results.append(_element(frame, node.elt))):
        return _called(frame, node, _listing(node))
    return results if isinstance(node, gast.GeneratorExp) else containers.made(frame, results)


def _element(frame: Frame, node: Any) -> Value:
    """Return an item of what a comprehension makes: it may be None."""
    return frame.facts.narrowed(optional(frame, node))


def _dict_comprehension(frame: Frame, node: gast.DictComp) -> Value:
    result: dict[Any, Value] = {}

    def add() -> None:
        index = expression(frame, node.key)
        if not has_known_key(index) and table_sites.can_be_table(frame):
            raise _RunTime
        key = key_of(frame, node.key, index)
        result[key] = _element(frame, node.value)

    if _written_out(frame, node, add):
        return tables.made(frame, node, containers.made(frame, result))
    if not table_sites.can_be_table(frame):
        frame.refuse(
            node,
            "the keys of this dict are known only when it runs",
            "use a list, or loop over keys that are written there",
        )
    table_sites.need_table(frame, node)
    return _called(frame, node, _filling(node))


def reduced(frame: Frame, node: gast.GeneratorExp, function: Callable[..., Any]) -> Value:
    """Return ``sum(...)``, ``any(...)`` or ``all(...)`` of a generator whose length is known only when it runs.

    Where it is known the items are returned, unless `any` or `all` may end before them, and that would be noticed.
    """
    results: list[Value] = []
    statements, before = frame.builder.open_region.statements, dict(frame.env)
    start = len(statements)

    def complete() -> bool:
        return function is sum or not (_acts(statements[start:]) or _changed(before, frame.env))

    ends_early = function is not sum
    read = _element if ends_early else expression
    if _written_out(frame, node, lambda: results.append(read(frame, node.elt)), complete, ends_early=ends_early):
        return results
    return _called(frame, node, _REDUCTIONS[function](node))


def _acts(statements: Sequence[Statement]) -> bool:
    """Tell whether statements do more than compute."""
    inside = Block((), tuple(statements), ())
    return any(not isinstance(s, (If, Loop)) and (not isinstance(s, Op) or effects(s.fn)) for s in walk(inside))


def _changed(before: dict[str, Value], after: dict[str, Value]) -> bool:
    return any(value is not before.get(name) for name, value in after.items() if name in before or name.isidentifier())


def _written_out(
    frame: Frame,
    node: Any,
    body: Callable[[], None],
    complete: Callable[[], bool] = lambda: True,
    *,
    ends_early: bool = False,
) -> bool:
    """Lower a comprehension item by item; tell whether that can be done, and whether it is `complete` then.

    Where a part of it may fail, and that is caught, it is not: only some paths come to what follows.
    """
    if id(node) in frame.context.called:
        return False
    region, entry, inner, trial = frame.builder.open_region, dict(frame.env), dict(frame.inner), frame.trial
    length, defined = len(region.statements), set(region.defined)
    tried = trial and trial.place
    try:
        _each(frame, node.generators, body)
        if complete():
            return True
    except Halted as found:
        if found.trial is not trial:
            raise
    except (Thrown, Unreachable):
        if not ends_early:
            raise
    except _RunTime:
        pass
    del region.statements[length:]
    region.defined = defined
    frame.env, frame.inner = entry, inner
    if trial:
        trial.place = tried
        frame.context.called.add(id(node))
    return False


def _each(frame: Frame, generators: Sequence[gast.comprehension], body: Callable[[], None]) -> None:
    """Run `body` for each item of the first of `generators`, and inside of that for those of the others."""
    if not generators:
        body()
        return
    first, *others = generators
    outer = dict(frame.inner)
    iterated = gone_through(frame, first.iter)
    if foreign.has_items(iterated):
        raise _RunTime
    sequence = containers.seen(frame, iterated)
    if _is_run_time(sequence):
        raise _RunTime
    items = awaited.later(frame, iterated) or (
        sequence if type(sequence) is list else items_of(frame, first.iter, sequence)
    )
    over = awaited.gone_over(iterated) or awaited.waiting_for(items)
    if isinstance(iterated, Ref) and iterated.cls.value in MODELS.values():
        over = [iterated.attribute(frame.env, "items")]
    try:
        with containers.iterating(frame, first, over):
            for value in items:
                _bind_inner(frame, first.target, awaited.at_last(frame, value))
                tests = [test(frame, condition) for condition in first.ifs]
                if not all(isinstance(each, Lit) for each in tests):
                    raise _RunTime
                if all(each.value for each in tests):  # type: ignore[union-attr]
                    _each(frame, others, body)
    except containers.Resized as change:
        if change.loop is not first:
            raise
        raise _RunTime from change
    finally:
        # What is refused in here may be lowered again in another way, outside of the comprehension.
        frame.inner = outer


def _is_run_time(sequence: Value) -> bool:
    """Tell whether the length of a sequence is known only when it runs, or is too long to be written out."""
    if isinstance(sequence, Range):
        known = sequence.known()
        return known is None or len(known) > SHORT
    if arrays.is_array(sequence) and sequence.kind.ndim:
        dim = sequence.kind.dims[0]
        return not isinstance(dim, int) or dim > SHORT
    return isinstance(sequence, (Grown, streams.Stream)) or is_generator(sequence)


def _bind_inner(frame: Frame, target: Any, value: Value) -> None:
    """Bind the target of a comprehension, which only the comprehension sees."""
    if isinstance(target, gast.Name):
        frame.inner[target.id] = value
        return
    items = items_of(frame, target, value)
    if len(items) != len(target.elts) or any(isinstance(each, gast.Starred) for each in target.elts):
        frame.misfit(target, f"{describe(value)} cannot be unpacked into {len(target.elts)} targets")
    for each, item in zip(target.elts, items):
        _bind_inner(frame, each, item)


# Comprehensions as functions.


def _called(frame: Frame, node: Any, function: gast.FunctionDef) -> Value:
    """Call the function; what ``:=`` binds in it, which Python binds around it, is known in there alone."""
    result = call(frame, node, closure(frame, function), [], {})
    for each in gast.walk(node):
        if isinstance(each, gast.NamedExpr):
            message = "it is bound in a comprehension, of which it shows when it runs how far it comes"
            frame.env[each.target.id] = Conflict(message, frame.where(each))
    return result


def _function(node: Any, start: str, step: str, end: str) -> gast.FunctionDef:
    """Return the function that a comprehension is short for; `step` is a statement with the item as `ITEM`."""
    node = _own_targets(node)
    function = gast.parse(f"def comprehension():\n    {start}\n    {step}\n    {end}").body[0]
    pair = isinstance(node, gast.DictComp)
    named = _Named({"ITEM": node.value, "KEY": node.key} if pair else {"ITEM": node.elt})
    head, each, tail = (named.visit(statement) for statement in function.body)
    body = [each]
    for generator in reversed(node.generators):
        for condition in reversed(generator.ifs):
            body = [gast.If(condition, body, [])]
        body = [gast.For(generator.target, generator.iter, body, [], None)]
    function.body = [head, *body, tail]
    for inside in gast.walk(function):
        if not hasattr(inside, "lineno") or inside in (*gast.walk(head), *gast.walk(each), *gast.walk(tail)):
            gast.copy_location(inside, node)
    gast.copy_location(function, node)
    return gast.fix_missing_locations(function)


def _own_targets(node: Any) -> Any:
    """Return a comprehension without targets that are named as what the first of its loops goes through.

    That is evaluated outside, where the name stands for something else: ``[x * 2 for x in x]``.
    """
    first = node.generators[0].iter
    outside = {each.id for each in gast.walk(first) if isinstance(each, gast.Name)}
    targets = {each.id for loop in node.generators for each in gast.walk(loop.target) if isinstance(each, gast.Name)}
    if not outside & targets:
        return node
    return _Renamed(outside & targets, first).visit(copy.deepcopy(node, {id(first): first}))


class _Renamed(gast.NodeTransformer):  # type: ignore[misc]
    """Gives names that nobody else has to `names`, but not in `outside`."""

    def __init__(self, names: Set[str], outside: Any) -> None:
        self.names = names
        self.outside = outside

    def visit(self, node: Any) -> Any:
        return node if node is self.outside else super().visit(node)

    def visit_Name(self, node: Any) -> Any:
        if node.id in self.names:
            node.id = f".{node.id}"
        return node


class _Named(gast.NodeTransformer):  # type: ignore[misc]
    """Puts the item of a comprehension into a statement, and a name that is nobody's for the result."""

    def __init__(self, items: dict[str, Any]) -> None:
        self.items = items

    def visit_Name(self, node: Any) -> Any:
        if node.id in self.items:
            return self.items[node.id]
        return gast.Name(f".{node.id}", node.ctx, None, None) if node.id == "result" else node


@functools.lru_cache(maxsize=4096)
def _listing(node: Any) -> gast.FunctionDef:
    return _function(node, "result = []", "result.append(ITEM)", "return result")


@functools.lru_cache(maxsize=4096)
def _filling(node: Any) -> gast.FunctionDef:
    return _function(node, "result = {}", "result[KEY] = ITEM", "return result")


@functools.lru_cache(maxsize=4096)
def _sum(node: Any) -> gast.FunctionDef:
    return _function(node, "result = 0", "result = result + ITEM", "return result")


@functools.lru_cache(maxsize=4096)
def _any(node: Any) -> gast.FunctionDef:
    return _function(node, "pass", "if ITEM:\n        return True", "return False")


@functools.lru_cache(maxsize=4096)
def _all(node: Any) -> gast.FunctionDef:
    return _function(node, "pass", "if not ITEM:\n        return False", "return True")


_REDUCTIONS: dict[Callable[..., Any], Callable[[Any], gast.FunctionDef]] = {sum: _sum, any: _any, all: _all}

REDUCED.update(dict.fromkeys(_REDUCTIONS, reduced))
EXPRESSIONS.update(
    {
        gast.DictComp: _dict_comprehension,
        gast.GeneratorExp: _comprehension,
        gast.ListComp: _comprehension,
    }
)
