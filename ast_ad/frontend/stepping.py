"""Generators that are run item by item: `next`, several in one `zip`, a loop that goes on where another one stopped.

A generator function becomes a function that runs from one `yield` to the next.  What its names hold is kept in
attributes of the generator, and where it stands is a number, ``at``: 0 while it runs, k at the k-th `yield`, -1 at the
end.  A statement that is passed on the way to a `yield` runs only if ``at`` is 0:

    while True:                 while at == 1 or (at == 0 and True):
        yield a        ->           if at == 1: at = 0
        a *= x                      elif at == 0: at = 1; return True, a
                                    a *= x

Where it stands is known, as in a sequence of `next(g)`, all tests of it are decided when lowering.
"""

from __future__ import annotations

import copy
from collections.abc import Sequence
from typing import Any

import gast

from ast_ad.frontend import calls, invoke, members
from ast_ad.frontend.frame import Frame
from ast_ad.frontend.generators import AT, HELD, HOME, NEW, SPENT, STATE
from ast_ad.frontend.guards import Held
from ast_ad.frontend.handlers import HANDLERS, LAZY, Arguments, Keywords
from ast_ad.frontend.heap import is_generator
from ast_ad.frontend.scope import own_nodes, scope_of
from ast_ad.frontend.values import ABSENT, Known, Range, Ref, Value
from ast_ad.ir.nodes import Lit
from ast_ad.models import stepping as models

_SELF = "generator"


def advance(frame: Frame, node: Any, generator: Ref) -> tuple[Value, Value]:
    """Run a generator to its next item; return whether there is one, and the item."""
    state = generator.attribute(frame.env, STATE)
    if isinstance(state, Known) and state.same(SPENT):
        return Lit(False), ABSENT
    if not isinstance(state, Known) or not state.same(NEW):
        frame.refuse(node, "a generator is used again that a loop may have left before its end", "make a new one")
    home = _stepper(frame, generator.attribute(frame.env, HOME).value)

    def make() -> Frame:
        return _like(home, home.node)

    held = generator.attribute(frame.env, HELD)
    there, item = invoke.invoke(frame, node, ("step", id(home.node)), make, {_SELF: held})
    return there, item


def _stepper(frame: Frame, home: Frame) -> Frame:
    """Return the frame of the function that runs a generator to its next item."""
    table = frame.context.steps
    if home.node not in table:
        table[home.node] = _Steps(home).function()
    return _like(home, table[home.node])


def _like(home: Frame, node: Any) -> Frame:
    """Return a new frame of a function that stands where another one does."""
    return Frame(
        home.context, home.source, node, home.namespace, parent=home.parent, function=home.function, path=home.path
    )


class _Steps:
    """The statements of a generator function, so that they can be entered after each `yield`."""

    def __init__(self, home: Frame) -> None:
        self.home = home
        self.names = scope_of(home.node).local
        if {_SELF, AT} & self.names:
            home.refuse(home.node, f"a generator that is run by `next` has a variable `{_SELF}` or `{AT}`", "rename it")
        self.count = 0
        self.loops = 0

    def function(self) -> Any:
        body, _ = self.block(self.home.node.body)
        ended = gast.If(_at(-1), [_return(False)], [])
        statements = [ended, *body, _set_at(-1), _return(False)]
        arguments = gast.arguments([gast.Name(_SELF, gast.Param(), None, None)], [], None, [], [], None, [])
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
            return [_set_at(-1), _return(False)], set()
        if isinstance(node, (gast.Expr, gast.Assign)) and isinstance(value, gast.Yield):
            targets = [self.own(each) for each in getattr(node, "targets", ())]
            nothing = [gast.Assign(targets, _constant(None), None)] if targets else []
            return self.yielded(_constant(None) if value.value is None else self.own(value.value), nothing)
        if isinstance(node, gast.Expr) and isinstance(value, gast.YieldFrom):
            return self.loop(None, self.own(value.value), [], [])
        if not any(isinstance(each, (gast.Yield, gast.YieldFrom, gast.Return)) for each in own_nodes([node])):
            return [self.own(node)], set()
        if isinstance(node, gast.If):
            body, places = self.block(node.body)
            orelse, others = self.block(node.orelse)
            test = _any(places, gast.BoolOp(gast.And(), [_at(0), self.own(node.test)]))
            other = [gast.If(_any(others, _at(0)), orelse, [])] if orelse else []
            return [gast.copy_location(gast.If(test, body, other), node)], places | others
        if isinstance(node, gast.While):
            body, places = self.block(node.body)
            orelse, others = self.block(node.orelse)
            test = _any(places, gast.BoolOp(gast.And(), [_at(0), self.own(node.test)]))
            guarded = [gast.If(_any(others, _at(0)), orelse, [])] if orelse else []
            return [gast.copy_location(gast.While(test, body, guarded), node)], places | others
        if isinstance(node, gast.For):
            return self.loop(node.target, self.own(node.iter), node.body, node.orelse)
        self.home.refuse(
            node,
            "a generator that is run item by item has a `yield` in a statement where that is not supported",
            "take all of one: `list(generator)`",
        )

    def yielded(self, value: Any, after: list[Any]) -> tuple[list[Any], set[int]]:
        self.count += 1
        give = gast.If(_at(0), [_set_at(self.count), _return(True, value)], [])
        return [gast.If(_at(self.count), [_set_at(0), *after], [give])], {self.count}

    def loop(self, target: Any, items: Any, body: Sequence[Any], orelse: Sequence[Any]) -> tuple[list[Any], set[int]]:
        """Return a loop over an iterable as one that takes its items one by one; without a target, each is yielded."""
        self.loops += 1
        iterator, pair = _attribute(f"items_{self.loops}"), _attribute(f"item_{self.loops}")
        got = gast.Subscript(pair(gast.Load()), _constant(1), gast.Load())
        if target is None:
            inside, places = self.yielded(got, [])
        else:
            inside, places = self.block(body)
        others, later = self.block(orelse)
        take = [
            gast.Assign([pair(gast.Store())], _call(models.advance, iterator(gast.Load())), None),
            gast.If(
                gast.UnaryOp(gast.Not(), gast.Subscript(pair(gast.Load()), _constant(0), gast.Load())),
                [gast.Assign([_attribute(f"ended_{self.loops}")(gast.Store())], _constant(True), None), gast.Break()],
                [],
            ),
        ]
        if target is not None:
            take.append(gast.Assign([self.own(target)], got, None))
        ended = _attribute(f"ended_{self.loops}")
        start = [
            gast.Assign([iterator(gast.Store())], _call(models.iterator, items), None),
            gast.Assign([ended(gast.Store())], _constant(False), None),
        ]
        out = [
            gast.If(_at(0), start, []),
            gast.While(_any(places, _at(0)), [gast.If(_at(0), take, []), *inside], []),
        ]
        if others:
            done = gast.BoolOp(gast.And(), [_at(0), ended(gast.Load())])
            out.append(gast.If(_any(later, done), others, []))
        return out, places | later

    def own(self, node: Any) -> Any:
        """Return a copy of a part of the generator, whose names are attributes."""
        return _Kept(self.names).visit(copy.deepcopy(node))


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


def _attribute(name: str) -> Any:
    return lambda context: gast.Attribute(gast.Name(_SELF, gast.Load(), None, None), name, context)


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


# The functions that the statements call.


def _advance(frame: Frame, node: Any, args: Arguments, kwargs: Keywords) -> Value:
    generator = args[0]
    assert isinstance(generator, Ref)
    return advance(frame, node, generator)


def iterator(frame: Frame, node: Any, value: Value) -> Ref:
    """Return a generator that gives the items of a value."""
    if isinstance(value, Ref) and is_generator(value):
        return value
    if members.special(value, "__next__") is not None:
        made: Ref = calls.call_known(frame, node, _known(models.by_next), [value], {})
        return made
    if members.special(value, "__iter__") is not None:
        return iterator(frame, node, members.call_special(frame, node, value, "__iter__"))
    if isinstance(value, Range):
        counted: Ref = calls.call_known(frame, node, _known(models.counted), list(value), {})
        return counted
    items: Ref = calls.call_known(frame, node, _known(models.indexed), [value], {})
    return items


def _known(function: Any) -> Known:
    return Known(function, Held(function))


def _iterator(frame: Frame, node: Any, args: Arguments, kwargs: Keywords) -> Value:
    return iterator(frame, node, args[0])


def _nothing(frame: Frame, node: Any, args: Arguments, kwargs: Keywords) -> Value:
    return ABSENT


LAZY.extend((models.advance, models.iterator))
HANDLERS.update({models.advance: _advance, models.iterator: _iterator, models.nothing: _nothing})
