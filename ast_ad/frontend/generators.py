"""Generators: what a `yield` gives is used where it stands, as if the consumer's statements were written there.

    for item in items(x):               n = ...                  the generator's statements, its names made distinct
        total += item          ->       for i in range(n):
                                            item = x * i         yield x * i
                                            total += item

So the two run in turn, as Python runs them.  A generator that is made is an object: what its function was called with,
and whether it has been used up.  What takes all items at once (`sum`, `list`) is a loop that appends them to a list.
"""

from __future__ import annotations

import copy
import types
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import gast

from ast_ad.errors import AutodiffError
from ast_ad.frontend import (
    calls,
    containers,
    functional,  # noqa: F401  (what it and `sequences` put into the table is wrapped here)
    heap,
    names,
    objects,
    sequences,  # noqa: F401
)
from ast_ad.frontend.frame import SKIP, Frame
from ast_ad.frontend.handlers import HANDLERS, Arguments, Handler, Keywords
from ast_ad.frontend.heap import is_generator
from ast_ad.frontend.scope import Liveness, Names, bound_in, own_nodes, scope_of
from ast_ad.frontend.statements import run_statements
from ast_ad.frontend.values import UNBOUND, Known, Ref, Value, describe

_MADE, _STATE = "%made", "%state"
_NEW, _SPENT, _LEFT = Known("new"), Known("spent"), Known("left")


@dataclass(frozen=True, eq=False)
class Made:
    """A call of a generator function: its frame, in which only the names around it are looked up, and its arguments."""

    frame: Frame
    values: tuple[tuple[str, Value], ...]

    def __tree_parts__(self) -> tuple[Callable[..., Made], tuple[Any, ...]]:
        keys = tuple(key for key, _ in self.values)
        return _MadeParts(self.frame, keys), tuple(value for _, value in self.values)


@dataclass(frozen=True)
class _MadeParts:
    frame: Frame
    keys: tuple[str, ...]

    def __call__(self, *items: Any) -> Made:
        return Made(self.frame, tuple(zip(self.keys, items)))


def make(frame: Frame, callee: Frame, values: dict[str, Value]) -> Ref:
    """Return the generator that a call of a generator function makes."""
    attributes = {_MADE: Made(callee, tuple(values.items())), _STATE: _NEW}
    return heap.make(frame, Known(types.GeneratorType), attributes)


def run(frame: Frame, node: gast.For, generator: Ref) -> None:
    """Lower a loop over a generator."""
    after = frame.scope.live_after[id(node)]
    _consume(frame, node, generator, node.target, node.body, node.orelse, after)


def collected(frame: Frame, node: Any, generator: Ref, *, static: bool = False) -> Value:
    """Return a list of all that a generator yields; with `static`, one whose length is known."""
    name, item = _free(frame, "items"), _free(frame, "item")
    frame.env[name] = containers.made(frame, [])
    append = gast.parse(f"{name}.append({item})").body
    target = gast.Name(item, gast.Store(), None, None)
    for each in [target, *(inner for statement in append for inner in gast.walk(statement))]:
        gast.copy_location(each, node)
    around = frozenset(key for key in frame.env if key[0] != "%")
    frame.scope = replace(frame.scope, local=frame.scope.local | {name, item})
    live, frame.always_live = frame.always_live, frame.always_live | around
    grows, frame.context.grows = frame.context.grows, not static
    try:
        _consume(frame, node, generator, target, append, [], around)
    finally:
        frame.context.grows = grows
        frame.always_live = live
    return frame.env.pop(name)


def _consume(
    frame: Frame, node: Any, generator: Ref, target: Any, body: Sequence[Any], orelse: Sequence[Any], after: Names
) -> None:
    state = generator.attribute(frame.env, _STATE)
    if not isinstance(state, Known) or state.same(_LEFT):
        frame.refuse(
            node,
            "a generator is used again that another loop may have left before its end",
            "make a new one, or take all of it at once: `items = list(generator)`",
        )
    if state.same(_SPENT):
        run_statements(frame, orelse, after | {SKIP})
        return
    made = generator.attribute(frame.env, _MADE)
    inline = _Inline(frame, node, made.frame, target, body)
    for key, value in made.values:
        frame.env[inline.named(key)] = value
    frame.env[frame.context.heap.key(generator, _STATE)] = _LEFT if inline.leaves else _SPENT
    statements = inline.statements(orelse)
    frame.context.inlined.append(statements)
    facts = Liveness()
    facts.sequence(statements, after)
    scope = frame.scope
    inner = _functions(statements)
    captured = frozenset(name for each in inner for name in scope_of(each).free)
    frame.scope = replace(
        scope,
        local=scope.local | bound_in(statements) | frozenset(inline.names.values()),
        captured=scope.captured | captured,
        live_after={**scope.live_after, **facts.after},
        live_at_head={**scope.live_at_head, **facts.head},
        live_at_exit={**scope.live_at_exit, **facts.exit},
    )
    frame.always_live = frame.always_live | captured
    run_statements(frame, statements, after | {SKIP})


def _functions(statements: Sequence[Any]) -> list[Any]:
    return [
        each
        for statement in statements
        for each in gast.walk(statement)
        if isinstance(each, (gast.FunctionDef, gast.Lambda))
    ]


def _free(frame: Frame, wish: str) -> str:
    """Return a name that the function does not use."""
    used = {*frame.env, *frame.scope.local, *frame.scope.free}
    name, number = wish, 1
    while name in used:
        number += 1
        name = f"{wish}_{number}"
    return name


class _Inline:
    """The statements of a generator function with those of its consumer at each `yield`."""

    def __init__(self, frame: Frame, node: Any, home: Frame, target: Any, body: Sequence[Any]) -> None:
        self.frame = frame
        self.node = node
        self.home = home
        self.target = target
        self.body = body
        self.leaves = _has_jump(body, gast.Break)
        self.names: dict[str, str] = {}
        self.done = self.fresh("done")
        self.stopped = self.fresh("stopped")
        home.host = home.caller = frame
        self.first = True
        self.uses_done = False

    def named(self, name: str) -> str:
        """Return what a name of the generator is called in the consumer."""
        if name not in self.names:
            self.names[name] = self.fresh(name.removeprefix("cell:"))
        return self.names[name]

    def fresh(self, wish: str) -> str:
        name = _free(self.frame, wish)
        self.frame.scope = replace(self.frame.scope, local=self.frame.scope.local | {name})
        return name

    def statements(self, orelse: Sequence[Any]) -> list[Any]:
        """Return the whole as statements of the consumer."""
        scope = scope_of(self.home.node)
        for name in sorted(scope.local):
            self.named(name)
        for name in sorted(scope.free):
            self._outer(name)
        inside = self.converted(self.home.node.body)
        flags = [_assign(self.done, gast.Constant(False, None))] if self.uses_done or self.leaves else []
        if flags:
            inside = [_once(self.fresh("once"), inside)]
        if self.leaves:
            flags.append(_assign(self.stopped, gast.Constant(False, None)))
        end = list(orelse)
        if self.leaves and end:
            end = [gast.If(gast.UnaryOp(gast.Not(), _load(self.stopped)), end, [])]
        return self.placed([*flags, *inside, *end])

    def placed(self, statements: list[Any]) -> list[Any]:
        for statement in statements:
            for each in gast.walk(statement):
                if getattr(each, "lineno", None) is None:
                    gast.copy_location(each, self.node)
                    self.frame.place(each, self.frame.where(self.node))
        return statements

    def _outer(self, name: str) -> None:
        """Let a name that the generator reads from outside mean the same in the consumer."""
        home = self.home.parent
        while home is not None and name not in home.scope.local:
            home = home.parent
        if home is self.frame:
            return
        try:
            value = names.lookup(self.home, self.home.node, name)
        except AutodiffError:
            return
        if value is not UNBOUND:
            self.frame.env[self.named(name)] = value

    def converted(self, statements: Sequence[Any]) -> list[Any]:
        """Return statements of the generator as statements of the consumer."""
        out: list[Any] = []
        for statement in statements:
            out += self._statement(statement)
        return out

    def _statement(self, node: Any) -> list[Any]:
        value = getattr(node, "value", None)
        if isinstance(node, gast.Return):
            if node.value is not None and not isinstance(node.value, gast.Constant):
                self.home.refuse(node, "a generator returns a value", "yield it")
            self.uses_done = True
            return self._leave()
        if isinstance(node, gast.Expr) and isinstance(value, gast.Yield):
            return self._yielded(value)
        if isinstance(node, gast.Assign) and isinstance(value, gast.Yield):
            nothing = gast.Assign([self.own(each) for each in node.targets], gast.Constant(None, None), None)
            return [*self._yielded(value), nothing]
        if isinstance(node, gast.Expr) and isinstance(value, gast.YieldFrom):
            each = self.fresh("each")
            self.names[each] = each
            inner = gast.Expr(gast.Yield(_load(each)))
            items = gast.For(gast.Name(each, gast.Store(), None, None), value.value, [inner], [], None)
            return self._statement(gast.copy_location(items, node))
        if not any(isinstance(each, (gast.Yield, gast.YieldFrom, gast.Return)) for each in own_nodes([node])):
            return [self.own(node)]
        if isinstance(node, gast.If):
            return [
                self._again(node, gast.If(self.own(node.test), self.converted(node.body), self.converted(node.orelse)))
            ]
        if isinstance(node, gast.With):
            items = [self.own(item) for item in node.items]
            return [self._again(node, gast.With(items, self.converted(node.body), None))]
        if isinstance(node, (gast.For, gast.While)):
            body, orelse = self.converted(node.body), self.converted(node.orelse)
            if isinstance(node, gast.For):
                loop: Any = gast.For(self.own(node.target), self.own(node.iter), body, orelse, None)
            else:
                loop = gast.While(self.own(node.test), body, orelse)
            leaving = [gast.If(_load(self.done), [gast.Break()], [])] if self.uses_done or self.leaves else []
            return [self._again(node, loop), *leaving]
        self.home.refuse(node, "a `yield` stands where it is not supported", "yield in a statement of its own")

    def _again(self, node: Any, made: Any) -> Any:
        gast.copy_location(made, node)
        self.frame.place(made, self.home.where(node))
        return made

    def _leave(self) -> list[Any]:
        return [_assign(self.done, gast.Constant(True, None)), gast.Break()]

    def _yielded(self, node: Any) -> list[Any]:
        """Return what a `yield` becomes: the target is assigned, and the consumer's statements run."""
        value = gast.Constant(None, None) if node.value is None else self.own(node.value)
        assigned = gast.copy_location(gast.Assign([self._copied(self.target)], value, None), node)
        self.frame.place(assigned, self.frame.where(self.target))
        body = [self._copied(statement) for statement in self.body]
        if not _has_jump(body, (gast.Break, gast.Continue)):
            return [assigned, *body]
        inside = [each for statement in body for each in self._jumps(statement)]
        stop = [gast.If(_load(self.stopped), self._leave(), [])] if self.leaves else []
        return [assigned, _once(self.fresh("once"), inside), *stop]

    def _copied(self, statement: Any) -> Any:
        made = copy.deepcopy(statement)
        for each, original in zip(gast.walk(made), gast.walk(statement)):
            if getattr(original, "lineno", None) is not None:
                self.frame.place(each, self.frame.where(original))
        return made

    def _jumps(self, node: Any) -> list[Any]:
        """Let a `break` of the consumer stop the loop around it, and say so."""
        if isinstance(node, gast.Break):
            return [_assign(self.stopped, gast.Constant(True, None)), node]
        for name in ("body", "orelse", "finalbody"):
            block = getattr(node, name, None)
            if isinstance(block, list) and not (isinstance(node, (gast.For, gast.While)) and name == "body"):
                setattr(node, name, [each for inner in block for each in self._jumps(inner)])
        return [node]

    def own(self, node: Any) -> Any:
        """Return a copy of a part of the generator, with the consumer's names."""
        made = copy.deepcopy(node)
        for each, original in zip(gast.walk(made), gast.walk(node)):
            if getattr(original, "lineno", None) is not None:
                self.frame.place(each, self.home.where(original))
        return _Renamed(self.names).visit(made)


class _Renamed(gast.NodeTransformer):  # type: ignore[misc]
    """Renames variables, but for those that functions inside bind."""

    def __init__(self, names: dict[str, str]) -> None:
        self.names = names

    def visit_Name(self, node: gast.Name) -> Any:
        node.id = self.names.get(node.id, node.id)
        return node

    def visit_Lambda(self, node: gast.Lambda) -> Any:
        return self._function(node)

    def visit_FunctionDef(self, node: gast.FunctionDef) -> Any:
        node.name = self.names.get(node.name, node.name)
        return self._function(node)

    def _function(self, node: Any) -> Any:
        outer, own = self.names, scope_of(node).local
        self.names = {name: new for name, new in outer.items() if name not in own}
        self.generic_visit(node)
        self.names = outer
        return node


def _has_jump(body: Sequence[Any], kind: Any) -> bool:
    """Tell whether statements have a `break` or `continue` of the loop around them."""
    for node in body:
        if isinstance(node, kind):
            return True
        blocks = [getattr(node, name, None) for name in ("body", "orelse", "finalbody")]
        if isinstance(node, (gast.FunctionDef, gast.ClassDef)):
            continue
        if isinstance(node, (gast.For, gast.While)):
            blocks = [node.orelse]
        if any(isinstance(block, list) and _has_jump(block, kind) for block in blocks):
            return True
    return False


def _load(name: str) -> Any:
    return gast.Name(name, gast.Load(), None, None)


def _assign(name: str, value: Any) -> Any:
    return gast.Assign([gast.Name(name, gast.Store(), None, None)], value, None)


def _once(name: str, body: list[Any]) -> Any:
    """Return a loop of one turn, which `break` leaves."""
    items = gast.Tuple([gast.Constant(0, None)], gast.Load())
    return gast.For(gast.Name(name, gast.Store(), None, None), items, body, [], None)


# `next`, and what Python's iterators do with generators.

_REST, _SEEN = "%rest", "%seen"


def next_item(frame: Frame, node: Any, args: Sequence[Value]) -> Value:
    """Lower `next(generator)`: which item that is has to be known."""
    generator = args[0]
    if not is_generator(generator):
        frame.refuse(node, f"`next` of {describe(generator)} is not supported", "use an index")
    assert isinstance(generator, Ref)
    table = frame.context.heap
    rest = generator.attribute(frame.env, _REST)
    seen = {key: value for key, value in heap.contents(frame.context, frame.env).items() if not _is_own(key, generator)}
    if rest is UNBOUND:
        everything = collected(frame, node, generator, static=True)
        rest = containers.seen(frame, everything)
        if not isinstance(rest, list):
            frame.refuse(node, "how many items the generator has is known only when it runs", "use a loop")
        after = heap.contents(frame.context, frame.env)
        if any(after.get(key) is not value for key, value in seen.items()):
            frame.refuse(node, "the generator changes what others see, and is run by `next`", "use a loop")
    else:
        before = generator.attribute(frame.env, _SEEN).value
        if any(seen.get(key) is not value for key, value in before.items()):
            frame.refuse(node, "something has changed since the last `next` of the generator", "use a loop")
    frame.env[table.key(generator, _SEEN)] = Known(dict(seen))
    frame.env[table.key(generator, _REST)] = list(rest[1:])
    frame.env[table.key(generator, _STATE)] = _LEFT
    if rest:
        return rest[0]
    if len(args) > 1:
        return args[1]
    frame.fail(node, StopIteration)


def _is_own(key: str, generator: Ref) -> bool:
    return key.startswith(generator.marker)


def enumerated(items: Any, start: int = 0) -> Any:
    """`enumerate` of a generator."""
    i = start
    for item in items:
        yield i, item
        i += 1


def zipped_before(generator: Any, items: Any) -> Any:
    """`zip` of a generator and a sequence."""
    for i, item in enumerated(generator):
        if i >= len(items):
            return
        yield item, items[i]


def zipped_after(items: Any, generator: Any) -> Any:
    """`zip` of a sequence and a generator, which is not asked for more than there is."""
    if len(items) == 0:
        return
    for i, item in enumerated(generator):
        yield items[i], item
        if i + 1 >= len(items):
            return


def iterated(items: Any) -> Any:
    """`iter` of a sequence."""
    yield from items


def mapped(function: Any, items: Any) -> Any:
    """`map` of a generator."""
    for item in items:
        yield function(item)


def filtered(function: Any, items: Any) -> Any:
    """`filter` of a generator."""
    for item in items:
        if function(item):
            yield item


def lazily(frame: Frame, node: Any, fn: Any, args: Sequence[Value]) -> Value | None:
    """Return the generator that `zip`, `enumerate`, `map` or `filter` makes of one; None where there is none."""
    found = [is_generator(arg) for arg in args]
    if not any(found):
        return None
    if fn is enumerate:
        return calls.call_known(frame, node, Known(enumerated), args, {})
    if fn in (map, filter) and found[1:] == [True]:
        return calls.call_known(frame, node, Known(mapped if fn is map else filtered), args, {})
    if fn is zip and len(args) == 2 and sum(found) == 1:
        return calls.call_known(frame, node, Known(zipped_before if found[0] else zipped_after), args, {})
    frame.refuse(node, "several iterators run in turn here", "take all of one: `list(generator)`")


def of_expression(frame: Frame, node: gast.GeneratorExp, first: Value) -> Ref:
    """Return the generator that a generator expression makes; its first iterable is evaluated already."""
    body: list[Any] = [gast.Expr(gast.Yield(node.elt))]
    for i, each in reversed(list(enumerate(node.generators))):
        for condition in reversed(each.ifs):
            body = [gast.If(condition, body, [])]
        iterated = each.iter if i else gast.Name("items", gast.Load(), None, None)
        body = [gast.For(each.target, iterated, body, [], None)]
    parameter = gast.Name("items", gast.Param(), None, None)
    arguments = gast.arguments([parameter], [], None, [], [], None, [])
    function = gast.FunctionDef("genexpr", arguments, body, [], None, None, [])
    for inner in gast.walk(function):
        if getattr(inner, "lineno", None) is None:
            gast.copy_location(inner, node)
    callee = Frame(frame.context, frame.source, function, frame.namespace, parent=frame)
    return make(frame, callee, {"items": first})


def _next(frame: Frame, node: Any, args: Arguments, kwargs: Keywords) -> Value:
    return next_item(frame, node, args)


def _lazy(fn: Any, otherwise: Handler) -> Handler:
    """Make the handler of a function that returns an iterator."""

    def handler(frame: Frame, node: Any, args: Arguments, kwargs: Keywords) -> Value:
        found = lazily(frame, node, fn, [*args, *kwargs.values()])
        return otherwise(frame, node, args, kwargs) if found is None else found

    return handler


def _iter(frame: Frame, node: Any, args: Arguments, kwargs: Keywords) -> Value:
    (value,) = args
    if is_generator(value):
        return value
    if objects.special(value, "__iter__") is not None:
        return objects.call_special(frame, node, value, "__iter__")
    return calls.call_known(frame, node, Known(iterated), args, {})


HANDLERS[iter] = _iter
HANDLERS[next] = _next
HANDLERS.update({fn: _lazy(fn, HANDLERS[fn]) for fn in (enumerate, filter, map, zip)})
