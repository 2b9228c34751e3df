"""The statements of a generator function with those of its consumer at each `yield`, as syntax."""

from __future__ import annotations

import copy
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import gast

from ast_ad.errors import AutodiffError
from ast_ad.frontend import names, reach
from ast_ad.frontend.attempts import ANYTHING, Attempt
from ast_ad.frontend.frame import Frame
from ast_ad.frontend.scope import Names, jumps_in, own_nodes, scope_of
from ast_ad.frontend.statements import COMPOUND, run_statements
from ast_ad.frontend.values import UNBOUND, Container, Ref, Value
from ast_ad.models import stepping


def free_name(frame: Frame, wish: str) -> str:
    """Return a name that the function does not use."""
    used = {*frame.env, *frame.scope.local, *frame.scope.free}
    name, number = wish, 1
    while name in used:
        number += 1
        name = f"{wish}_{number}"
    return name


def placed(frame: Frame, node: Any, statements: list[Any]) -> list[Any]:
    """Let what is new in statements stand where a node does."""
    for statement in statements:
        for each in gast.walk(statement):
            if getattr(each, "lineno", None) is None:
                gast.copy_location(each, node)
                frame.place(each, frame.where(node))
    return statements


class Apart(gast.If):  # type: ignore[misc]
    """Statements of a consumer inside of a `try` of the generator's.

    `depth` is how many blocks, whose exceptions are caught, are around the consumer.
    """

    depth: int


def _apart(frame: Frame, node: Apart, after: Names, rest: tuple[Callable[[], None], Names]) -> bool:
    """Lower a consumer's statements: of the generator's blocks, only those count that are left by any exception."""
    around = frame.attempts
    frame.attempts = [
        each if i < node.depth or each.handlers == [ANYTHING] else Attempt(each.frame, each.loop, [], [])
        for i, each in enumerate(around)
    ]
    try:
        run_statements(frame, node.body, after)
    finally:
        frame.attempts = around
    return False


COMPOUND[Apart] = _apart


def refuse_bare(frame: Frame, handler: gast.ExceptHandler) -> None:
    """Refuse a handler around a `yield` that would run as well when the generator is dropped."""
    name = handler.type.id if isinstance(handler.type, gast.Name) else None
    if handler.type is None or name in ("BaseException", "GeneratorExit"):
        frame.refuse(
            handler, "a handler around a `yield` catches everything", "name the exceptions: `except Exception:`"
        )


class Inline:
    """The statements of a generator function with those of its consumer at each `yield`."""

    def __init__(self, frame: Frame, node: Any, home: Frame, target: Any, body: Sequence[Any]) -> None:
        self.frame = frame
        self.node = node
        self.home = home
        self.target = target
        self.body = body
        self.leaves = has_jump(body, gast.Break)
        self.names: dict[str, str] = {}
        self.done = self.fresh("done")
        self.stopped = self.fresh("stopped")
        self.returned = self.fresh("returned")
        home.host = home.caller = frame
        self.first = True
        self.uses_done = False
        self.depth = len(frame.attempts)
        self.guards = 0
        self.gives_result = returns_a_value(home.node.body)

    def named(self, name: str) -> str:
        """Return what a name of the generator is called in the consumer."""
        if name not in self.names:
            self.names[name] = self.fresh(name.removeprefix("cell:"))
        return self.names[name]

    def fresh(self, wish: str) -> str:
        """Return a new name of the consumer, like the one that is wished for."""
        name = free_name(self.frame, wish)
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
        if self.gives_result:
            flags.append(_assign(self.returned, gast.Constant(None, None)))
        end = list(orelse)
        if self.leaves and end:
            end = [gast.If(gast.UnaryOp(gast.Not(), _load(self.stopped)), end, [])]
        return placed(self.frame, self.node, [*flags, *inside, *end])

    def _outer(self, name: str) -> None:
        """Let a name that the generator reads from outside mean the same in the consumer."""
        if name in self.names:
            return  # the generator has taken it along
        if name in self.home.around:
            self._bring(name, names.lookup(self.home, self.home.node, name))
            return
        home = self.home.parent
        while home is not None and name not in home.scope.local:
            home = home.parent
        if home is self.frame:
            return
        names.check_stays(self.home, self.home.node, name)
        try:
            value = names.lookup(self.home, self.home.node, name)
        except AutodiffError:
            return
        if value is not UNBOUND:
            self._bring(name, value)

    def _bring(self, name: str, value: Value) -> None:
        """Bind a name of the generator in the consumer; what a list or dict from outside contains comes along."""
        self.frame.env[self.named(name)] = value
        for each in reach.objects_in(self.home.env, value):
            keys = [each.key] if isinstance(each, Container) else each.keys.values() if isinstance(each, Ref) else ()
            for key in keys:
                if key in self.home.env:
                    self.frame.env.setdefault(key, self.home.env[key])

    def converted(self, statements: Sequence[Any]) -> list[Any]:
        """Return statements of the generator as statements of the consumer."""
        out: list[Any] = []
        for statement in statements:
            out += self._statement(statement)
        return out

    def _statement(self, node: Any) -> list[Any]:
        value = getattr(node, "value", None)
        if isinstance(node, gast.Return):
            self.uses_done = True
            result = [_assign(self.returned, self.own(node.value))] if node.value is not None else []
            return [*result, *self._leave()]
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
        if isinstance(node, gast.Assign) and isinstance(value, gast.YieldFrom):
            return self._delegated(node, value)
        if not any(isinstance(each, (gast.Yield, gast.YieldFrom, gast.Return)) for each in own_nodes([node])):
            return [self.own(node)]
        if isinstance(node, gast.If):
            return [
                self._again(node, gast.If(self.own(node.test), self.converted(node.body), self.converted(node.orelse)))
            ]
        if isinstance(node, gast.With):
            items = [self.own(item) for item in node.items]
            return [self._again(node, gast.With(items, self.converted(node.body), None))]
        if isinstance(node, gast.Try):
            # What ends the consumer's loop ends the generator, and runs what is to be run last.
            self.guards += bool(node.handlers)
            body = self.converted(node.body)
            self.guards -= bool(node.handlers)
            handlers = [self._handler(each) for each in node.handlers]
            made = gast.Try(body, handlers, self.converted(node.orelse), self.converted(node.finalbody))
            leaving = [gast.If(_load(self.done), [gast.Break()], [])] if self.uses_done or self.leaves else []
            return [self._again(node, made), *leaving]
        if isinstance(node, (gast.For, gast.While)):
            body, orelse = self.converted(node.body), self.converted(node.orelse)
            if isinstance(node, gast.For):
                loop: Any = gast.For(self.own(node.target), self.own(node.iter), body, orelse, None)
            else:
                loop = gast.While(self.own(node.test), body, orelse)
            leaving = [gast.If(_load(self.done), [gast.Break()], [])] if self.uses_done or self.leaves else []
            return [self._again(node, loop), *leaving]
        self.home.refuse(node, "a `yield` stands where it is not supported", "yield in a statement of its own")

    def _delegated(self, node: gast.Assign, value: gast.YieldFrom) -> list[Any]:
        """Return what ``x = yield from items`` becomes: a loop, after which the result of a generator is asked for."""
        source = self.fresh("source")
        self.names[source] = source
        start = _assign(source, _call(stepping.delegated, value.value))
        # The loop ends the generator, or what follows is not run: so it does not count as one that goes on later.
        items = gast.YieldFrom(_call(stepping.delegated, _load(source)))
        result = gast.Assign(node.targets, _call(stepping.returned, _load(source)), None)
        parts = [start, gast.Expr(items), result]
        return [each for part in parts for each in self._statement(gast.copy_location(part, node))]

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
        if not has_jump(body, (gast.Break, gast.Continue)):
            return [assigned, *self._apart(body)]
        inside = [each for statement in body for each in self._jumps(statement)]
        stop = [gast.If(_load(self.stopped), self._leave(), [])] if self.leaves else []
        return [assigned, *self._apart([_once(self.fresh("once"), inside)]), *stop]

    def _apart(self, body: list[Any]) -> list[Any]:
        """Return the consumer's statements: what they raise is not for the generator's handlers."""
        if not self.guards:
            return body
        made = Apart(gast.Constant(True, None), body, [])
        made.depth = self.depth
        return [made]

    def _handler(self, node: gast.ExceptHandler) -> Any:
        refuse_bare(self.home, node)
        made = gast.ExceptHandler(self.own(node.type), None if node.name is None else self.own(node.name), [])
        made.body = self.converted(node.body)
        return self._again(node, made)

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
        for part in (*getattr(node, "handlers", ()), *getattr(node, "cases", ())):
            self._jumps(part)
        return [node]

    def own(self, node: Any) -> Any:
        """Return a copy of a part of the generator, with the consumer's names."""
        made = copy.deepcopy(node)
        for each, original in zip(gast.walk(made), gast.walk(node)):
            if getattr(original, "lineno", None) is not None:
                self.frame.place(each, self.home.where(original))
        return _Renamed(self.names).visit(apart_from_class(self.home, made))


def returns_a_value(body: Sequence[Any]) -> bool:
    """Tell whether a generator function returns something."""
    return any(isinstance(each, gast.Return) and each.value is not None for each in own_nodes(body))


def apart_from_class(home: Frame, node: Any) -> Any:
    """Let a part of a method, which is to stand elsewhere, say what ``super()`` and private names mean in its class."""
    free = home.function.__code__.co_freevars if home.function is not None else ()
    cls = home.function.__closure__[free.index("__class__")].cell_contents if "__class__" in free else None
    for each in gast.walk(node):
        if isinstance(each, gast.Attribute):
            each.attr = names.mangled(home, each.attr)
        elif isinstance(each, gast.Call) and isinstance(each.func, gast.Name) and each.func.id == "super" and cls:
            each.args = each.args or [gast.Constant(cls, None), _load(home.scope.params[0])]
    return node


def leaves(body: Sequence[Any]) -> bool:
    """Tell whether statements leave the loop around them by `break`, or the function."""
    returns = any(isinstance(each, gast.Return) for each in own_nodes(body))
    return returns or has_jump(body, gast.Break)


class Stepped:
    """A loop over a generator that is run item by item, as syntax."""

    def __init__(self, frame: Frame, node: Any, generator: Ref, target: Any, body: Sequence[Any]) -> None:
        self.frame = frame
        self.node = node
        self.target = target
        self.body = body
        made = []
        for wish in ("generator", "item", "ended"):
            made.append(free_name(frame, wish))
            frame.scope = replace(frame.scope, local=frame.scope.local | {made[-1]})
        self.generator, self.item, self.ended = made
        self.names = frozenset(made)
        frame.env[self.generator] = generator

    def statements(self, orelse: Sequence[Any]) -> list[Any]:
        """Return the loop as statements of the consumer."""
        advance = _call(stepping.advance, _load(self.generator))
        end = [_assign(self.ended, gast.Constant(True, None)), gast.Break()]
        loop = gast.While(
            gast.Constant(True, None),
            [
                _assign(self.item, advance),
                gast.If(gast.UnaryOp(gast.Not(), self._part(0)), end, []),
                gast.Assign([self.target], self._part(1), None),
                *self.body,
            ],
            [],
        )
        made = [_assign(self.ended, gast.Constant(False, None)), loop]
        if orelse:
            made.append(gast.If(_load(self.ended), list(orelse), []))
        return placed(self.frame, self.node, made)

    def _part(self, i: int) -> Any:
        return gast.Subscript(_load(self.item), gast.Constant(i, None), gast.Load())


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


def has_jump(body: Sequence[Any], kind: Any) -> bool:
    """Tell whether statements have a `break` or `continue` of the loop around them."""
    return any(isinstance(each, kind) for each in jumps_in(body))


def _load(name: str) -> Any:
    return gast.Name(name, gast.Load(), None, None)


def _call(function: Any, *args: Any) -> Any:
    return gast.Call(gast.Constant(function, None), list(args), [])


def _assign(name: str, value: Any) -> Any:
    return gast.Assign([gast.Name(name, gast.Store(), None, None)], value, None)


def _once(name: str, body: list[Any]) -> Any:
    """Return a loop of one turn, which `break` leaves."""
    items = gast.Tuple([gast.Constant(0, None)], gast.Load())
    return gast.For(gast.Name(name, gast.Store(), None, None), items, body, [], None)
