"""The steps of a generator function: another function, which runs it to its next item.

That one runs from one `yield` to the next.  What the names hold is kept in attributes of the generator, and where it
stands is a number, ``at``: 0 while it runs, k at the k-th `yield`, -1 at the end.  A statement that is passed on the
way to a `yield` runs only if ``at`` is 0:

    while True:                 while at == 1 or (at == 0 and True):
        yield a        ->           if at == 1: at = 0
        a *= x                      elif at == 0: at = 1; return True, a
                                    a *= x

A loop of which each turn comes to each `yield` is turned, so that no loop is left: a step starts in its middle.

    if at == 0: i = 0           (before the first turn)
    if at == 1: at = 0; i += 1  (what follows the `yield`)
    if at == 0:
        if i < n: at = 1; return True, i

Where it stands is known, as in a sequence of `next(g)`, all tests of it are decided when lowering.
"""

from __future__ import annotations

import copy
from collections.abc import Sequence
from typing import Any

import gast

from ast_ad.frontend.frame import Frame
from ast_ad.frontend.generators import AT, RETURNED, SENT
from ast_ad.frontend.interleave import apart_from_class, has_jump, refuse_bare
from ast_ad.frontend.scope import own_nodes, scope_of
from ast_ad.models import stepping as models

SELF = "generator"
"""The parameter of the function: the generator."""


def steps_of(home: Frame) -> Any:
    """Return the function that runs a generator of `home`'s function to its next item."""
    return _Steps(home).function()


class _Steps:
    """The statements of a generator function, so that they can be entered after each `yield`."""

    def __init__(self, home: Frame) -> None:
        self.home = home
        self.names = scope_of(home.node).local
        if {SELF, AT} & self.names:
            home.refuse(home.node, f"a generator that is run by `next` has a variable `{SELF}` or `{AT}`", "rename it")
        self.used = self.names | scope_of(home.node).free
        self.count = 0
        self.loops = 0

    def function(self) -> Any:
        body, _ = self.block(self.home.node.body)
        ended = gast.If(_at(-1), [_return(False)], [])
        statements = [ended, *body, _set_at(-1), _return(False)]
        arguments = gast.arguments([gast.Name(SELF, gast.Param(), None, None)], [], None, [], [], None, [])
        made = gast.FunctionDef(f"{self.home.node.name}_next", arguments, statements, [], None, None, [])
        for each in gast.walk(made):
            if getattr(each, "lineno", None) is None:
                gast.copy_location(each, self.home.node)
        return made

    def block(self, statements: Sequence[Any]) -> tuple[list[Any], set[int]]:
        """Return statements that run from where the generator stands, and the places in them where it may."""
        made = [self.statement(each) for each in statements]
        out: list[Any] = []
        places: set[int] = set()
        for i, (each, own) in enumerate(made):
            passed = not own and any(later for _, later in made[i + 1 :])
            out += [gast.If(_at(0), each, [])] if passed else each
            places |= own
        return out, places

    def statement(self, node: Any) -> tuple[list[Any], set[int]]:
        value = getattr(node, "value", None)
        if isinstance(node, gast.Return):
            result = [] if node.value is None else [gast.Assign([_RESULT(gast.Store())], self.own(node.value), None)]
            return [*result, _set_at(-1), _return(False)], set()
        if isinstance(node, (gast.Expr, gast.Assign)) and isinstance(value, gast.Yield):
            targets = [self.own(each) for each in getattr(node, "targets", ())]
            given = [gast.Assign(targets, _SENT(gast.Load()), None)] if targets else []
            return self.yielded(_constant(None) if value.value is None else self.own(value.value), given)
        if isinstance(node, gast.Expr) and isinstance(value, gast.YieldFrom):
            return self.loop(None, self.own(value.value), [], [])
        if isinstance(node, gast.Assign) and isinstance(value, gast.YieldFrom):
            iterator = _attribute(f"items_{self.loops + 1}")(gast.Load())
            result = gast.Assign(node.targets, _call(models.returned, iterator), None)
            return self.loop(None, self.own(value.value), [], [result])
        if not any(isinstance(each, (gast.Yield, gast.YieldFrom, gast.Return)) for each in own_nodes([node])):
            return [self.own(node)], set()
        if isinstance(node, gast.If):
            body, places = self.block(node.body)
            orelse, others = self.block(node.orelse)
            test = _any(places, gast.BoolOp(gast.And(), [_at(0), self.own(node.test)]))
            other = [gast.If(_any(others, _at(0)), orelse, [])] if orelse else []
            return [gast.copy_location(gast.If(test, body, other), node)], places | others
        if isinstance(node, gast.While):
            steps = _steps(node.body)
            if steps is not None:
                return self.turned([], [], self.own(node.test), [], self.own_steps(steps), node.orelse)
            body, places = self.block(node.body)
            orelse, others = self.block(node.orelse)
            test = _any(places, gast.BoolOp(gast.And(), [_at(0), self.own(node.test)]))
            guarded = [gast.If(_any(others, _at(0)), orelse, [])] if orelse else []
            return [gast.copy_location(gast.While(test, body, guarded), node)], places | others
        if isinstance(node, gast.For):
            return self.loop(node.target, self.own(node.iter), node.body, node.orelse)
        if isinstance(node, gast.Try) and not node.finalbody:
            return self.attempt(node)
        self.home.refuse(
            node,
            "a generator that is run item by item has a `yield` in a statement where that is not supported",
            "take all of one: `list(generator)`",
        )

    def attempt(self, node: gast.Try) -> tuple[list[Any], set[int]]:
        """Return a `try`, whose handlers say which of them is to run: it may yield, and be entered again, after it."""
        self.loops += 1
        caught = _attribute(f"caught_{self.loops}")
        body, places = self.block(node.body)
        handlers, out = [], []
        parts: list[tuple[int, Sequence[Any]]] = [(-1, node.orelse)]
        for i, each in enumerate(node.handlers):
            refuse_bare(self.home, each)
            if each.name is not None and _has_yield(each.body):
                self.home.refuse(each, "a handler yields that names its exception", "leave the name out")
            says = gast.Assign([caught(gast.Store())], _constant(i), None)
            inside = [] if _has_yield(each.body) else self.block(each.body)[0]
            handlers.append(gast.ExceptHandler(self.own(each.type), each.name, [says, *inside]))
            parts.append((i, each.body if _has_yield(each.body) else []))
        start = gast.Assign([caught(gast.Store())], _constant(-1), None)
        made = gast.copy_location(gast.Try(body, handlers, [], []), node)
        inside = [gast.If(_at(0), [start], []), made]
        reached = set(places)
        for i, statements in parts:
            if statements:
                more, later = self.block(statements)
                is_this = gast.Compare(caught(gast.Load()), [gast.Eq()], [_constant(i)])
                out.append(gast.If(_any(later, gast.BoolOp(gast.And(), [_at(0), is_this])), more, []))
                reached |= later
        return [gast.If(_any(places, _at(0)), inside, []), *out], reached

    def yielded(self, value: Any, after: list[Any]) -> tuple[list[Any], set[int]]:
        place, give = self.given(value)
        return [gast.If(_at(place), [_set_at(0), *after], [gast.If(_at(0), give, [])])], {place}

    def given(self, value: Any) -> tuple[int, list[Any]]:
        """Return the number of a `yield`, and the statements that give its value."""
        self.count += 1
        return self.count, [_set_at(self.count), _return(True, value)]

    def loop(self, target: Any, items: Any, body: Sequence[Any], orelse: Sequence[Any]) -> tuple[list[Any], set[int]]:
        """Return a loop over an iterable as one that takes its items one by one; without a target, each is yielded."""
        self.loops += 1
        iterator, pair = _attribute(f"items_{self.loops}"), self.fresh(f"item_{self.loops}")
        there, got = (gast.Subscript(_load(pair), _constant(i), gast.Load()) for i in range(2))
        start = gast.Assign([iterator(gast.Store())], _call(models.iterator, items), None)
        advanced = _call(models.advance, iterator(gast.Load()))
        take = gast.Assign([gast.Name(pair, gast.Store(), None, None)], advanced, None)
        if target is None:
            return self.turned([start], [take], there, [], [([], got, [])], orelse)
        take_item = gast.Assign([self.own(target)], got, None)
        steps = _steps(body)
        if steps is not None:
            return self.turned([start], [take], there, [take_item], self.own_steps(steps), orelse)
        inside, places = self.block(body)
        others, later = self.block(orelse)
        ended = _attribute(f"ended_{self.loops}")
        stop = [gast.Assign([ended(gast.Store())], _constant(True), None), gast.Break()]
        take_next = [take, gast.If(gast.UnaryOp(gast.Not(), there), stop, []), take_item]
        out = [
            gast.If(_at(0), [start, gast.Assign([ended(gast.Store())], _constant(False), None)], []),
            gast.While(_any(places, _at(0)), [gast.If(_at(0), take_next, []), *inside], []),
        ]
        if others:
            done = gast.BoolOp(gast.And(), [_at(0), ended(gast.Load())])
            out.append(gast.If(_any(later, done), others, []))
        return out, places | later

    def turned(
        self,
        start: list[Any],
        head: list[Any],
        test: Any,
        first: list[Any],
        steps: Sequence[tuple[list[Any], Any, list[Any]]],
        orelse: Sequence[Any],
    ) -> tuple[list[Any], set[int]]:
        """Return a loop of which each turn comes to each `yield`: from one to the next, no statement runs twice.

        Parameters
        ----------
        start, head, test, first
            What runs before the loop, and at the head of each turn; whether there is a turn; how it begins.
        steps
            For each `yield`, the statements before it, its value, and what happens to the value of the `yield` itself.
            After the last one, there are statements without.
        """
        out = [gast.If(_at(0), start, [])] if start else []
        *yields, (last, _, _) = steps if steps[-1][1] is None else [*steps, ([], None, [])]
        given = [self.given(value) for _, value, _ in yields]
        places = {place for place, _ in given}
        for i, (place, _) in enumerate(given):
            after = [_set_at(0), *yields[i][2]]
            rest = [*yields[i + 1][0], *given[i + 1][1]] if i + 1 < len(yields) else last
            out.append(gast.If(_at(place), [*after, *rest], []))
        turn = gast.If(test, [*first, *yields[0][0], *given[0][1]], [])
        out.append(gast.If(_at(0), [*head, turn], []))
        others, later = self.block(orelse)
        if others:
            out.append(gast.If(_any(later, _at(0)), others, []))
        return out, places | later

    def own_steps(self, steps: Sequence[tuple[list[Any], Any, list[Any]]]) -> list[tuple[list[Any], Any, list[Any]]]:
        """Return the steps of a loop with the generator's own names."""
        out = []
        for before, given, targets in steps:
            sent = [gast.Assign([self.own(each) for each in targets], _SENT(gast.Load()), None)] if targets else []
            out.append((self.block(before)[0], None if given is None else self.own(given), sent))
        return out

    def fresh(self, wish: str) -> str:
        """Return a name for a variable that is not kept, and that the generator does not use."""
        while wish in self.used:
            wish += "_"
        return wish

    def own(self, node: Any) -> Any:
        """Return a copy of a part of the generator, whose names are attributes."""
        return _Kept(self.names).visit(apart_from_class(self.home, copy.deepcopy(node)))


def _steps(body: Sequence[Any]) -> list[tuple[list[Any], Any, list[Any]]] | None:
    """Return the statements of a loop from `yield` to `yield`, each with its value and its targets; then the rest.

    None where a turn may go around a `yield`.
    """
    steps: list[tuple[list[Any], Any, list[Any]]] = []
    before: list[Any] = []
    for node in body:
        value = getattr(node, "value", None)
        if isinstance(node, (gast.Expr, gast.Assign)) and isinstance(value, gast.Yield):
            given = _constant(None) if value.value is None else value.value
            steps.append((before, given, list(getattr(node, "targets", ()))))
            before = []
        elif any(isinstance(each, (gast.Yield, gast.YieldFrom)) for each in own_nodes([node])):
            return None
        else:
            before.append(node)
    if not steps or has_jump(body, (gast.Break, gast.Continue)):
        return None
    return [*steps, (before, None, [])]


class _Kept(gast.NodeTransformer):  # type: ignore[misc]
    """Makes attributes of the generator of its variables, but for those that are bound further inside."""

    def __init__(self, names: frozenset[str]) -> None:
        self.names = names

    def visit_Name(self, node: gast.Name) -> Any:
        if node.id not in self.names:
            return node
        return gast.copy_location(_attribute(node.id)(node.ctx), node)

    def visit_Lambda(self, node: gast.Lambda) -> Any:
        return self._inside(node, scope_of(node).local)

    def visit_ListComp(self, node: Any) -> Any:
        targets = [inner for each in node.generators for inner in gast.walk(each.target)]
        return self._inside(node, frozenset(each.id for each in targets if isinstance(each, gast.Name)))

    visit_GeneratorExp = visit_SetComp = visit_DictComp = visit_ListComp

    def _inside(self, node: Any, own: frozenset[str]) -> Any:
        outer, self.names = self.names, self.names - own
        self.generic_visit(node)
        self.names = outer
        return node


def _has_yield(statements: Sequence[Any]) -> bool:
    return any(isinstance(each, (gast.Yield, gast.YieldFrom)) for each in own_nodes(statements))


def _attribute(name: str) -> Any:
    return lambda context: gast.Attribute(gast.Name(SELF, gast.Load(), None, None), name, context)


_RESULT, _SENT = _attribute(RETURNED), _attribute(SENT)


def _load(name: str) -> Any:
    return gast.Name(name, gast.Load(), None, None)


def _constant(value: Any) -> Any:
    return gast.Constant(value, None)


def _at(place: int) -> Any:
    return gast.Compare(_attribute(AT)(gast.Load()), [gast.Eq()], [_constant(place)])


def _set_at(place: int) -> Any:
    return gast.Assign([_attribute(AT)(gast.Store())], _constant(place), None)


def _any(places: set[int], otherwise: Any) -> Any:
    return gast.BoolOp(gast.Or(), [*map(_at, sorted(places)), otherwise]) if places else otherwise


def _return(there: bool, value: Any = None) -> Any:
    value = _call(models.nothing) if value is None else value
    return gast.Return(gast.Tuple([_constant(there), value], gast.Load()))


def _call(function: Any, *args: Any) -> Any:
    return gast.Call(gast.Constant(function, None), list(args), [])
