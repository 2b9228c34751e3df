"""Lowering of `with` around what `contextlib.contextmanager` makes of a generator.

The block stands in the place of the generator's `yield`: an exception that leaves it is raised there.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import gast

from ast_ad.frontend import heap, raised
from ast_ad.frontend.arguments import bind
from ast_ad.frontend.attempts import Attempt, Handler, attempt, classes_of, ends, finally_, left_by
from ast_ad.frontend.expressions import expression
from ast_ad.frontend.frame import Frame
from ast_ad.frontend.function_calls import closure_defaults, defaults_of
from ast_ad.frontend.jumps import BROKE, FALSE, GO, NO_JUMP, RESULT, RETURNED, SKIP, TRUE, Thrown
from ast_ad.frontend.names import bind_name
from ast_ad.frontend.paths import Held
from ast_ad.frontend.resolution import guard_identity
from ast_ad.frontend.scope import NONE, Names, own_nodes
from ast_ad.frontend.source import find_source
from ast_ad.frontend.statements import resume, run_statements
from ast_ad.frontend.syntax import check_syntax
from ast_ad.frontend.values import ABSENT, UNBOUND, Closure, Known, Optional, Partial, Raised, Value, is_none
from ast_ad.frontend.wording import describe
from ast_ad.ir.nodes import Operand

GENERATOR = Known(contextlib.contextmanager)


def run(frame: Frame, node: Any, manager: Partial, block: Callable[[Value], None], live: Names) -> None:
    """Lower a block in the context that a generator is."""
    generator, *args = manager.args
    inner = _entered(frame, node, generator, args, dict(manager.kwargs))
    before, end, after, handles = _parts(inner, inner.node.body)
    if handles or (frame.attempts and after):
        _Around(frame, inner, node, block, live).whole()
        return
    with _running(frame, inner):
        run_statements(inner, before, inner.scope.live_after[id(end)] | {SKIP} | _names(end))
        value = _yielded(inner, end)
    block_of = block

    def last(error: Value) -> Operand:
        with _running(frame, inner):
            run_statements(inner, after, NONE)
        return FALSE

    finally_(frame, node, lambda: block_of(value), last, live, ends=False)


def _entered(frame: Frame, node: Any, generator: Value, args: Sequence[Value], kwargs: Mapping[str, Value]) -> Frame:
    """Return a frame for the function of a generator, which writes into the code of the frame around."""
    if isinstance(generator, Closure):
        home = generator.frame
        inner = Frame(frame.context, home.source, generator.node, home.namespace, parent=home)
        defaults, named = closure_defaults(frame, generator)
    elif isinstance(generator, Known) and hasattr(generator.value, "__code__"):
        source = find_source(generator.value)
        check_syntax(source, generator=True)
        guard_identity(frame, generator)
        function, path = generator.value, generator.path or Held(generator.value)
        inner = Frame(frame.context, source, source.tree, function.__globals__, function=function, path=path)
        defaults, named = defaults_of(frame, function, path)
    else:
        frame.misfit(node, f"{describe(generator)} is no generator")
    inner.env.update(bind(frame, node, inner.node, args, kwargs, defaults, named))
    inner.builder, inner.host = frame.builder, frame
    return inner


def _names(end: Any) -> Names:
    return frozenset(each.id for each in gast.walk(end) if isinstance(each, gast.Name))


def _yielded(inner: Frame, end: Any) -> Value:
    """Return what a generator yields, in a statement of its own."""
    if inner.env[SKIP] != FALSE:
        inner.refuse(inner.node, f"`{inner.name}` may end before its `yield`", "let every path reach the `yield`")
    given = end.value.value
    value = Known(None) if given is None else expression(inner, given)
    if isinstance(end, gast.Assign):
        inner.env[end.targets[0].id] = Known(None)
    return value


def _is_yield(node: Any) -> bool:
    """Tell whether a statement is a `yield`, or assigns what it is sent to a name."""
    simple = isinstance(node, gast.Expr) or (
        isinstance(node, gast.Assign) and len(node.targets) == 1 and isinstance(node.targets[0], gast.Name)
    )
    return simple and isinstance(node.value, gast.Yield)


def _has_yield(node: Any) -> bool:
    return any(isinstance(inside, gast.Yield) for inside in own_nodes([node]))


def _parts(inner: Frame, body: Sequence[Any]) -> tuple[list[Any], Any, list[Any], bool]:
    """Return the statements of a generator before its `yield`, that one, those after it, and whether some handle
    exceptions that are raised there.
    """
    for i, each in enumerate(body):
        if _is_yield(each):
            return list(body[:i]), each, list(body[i + 1 :]), False
        if isinstance(each, gast.Try) and _has_yield(each):
            before, end, after, handles = _parts(inner, each.body)
            handles = handles or bool(each.handlers) or ends(each.finalbody)
            return [*body[:i], *before], end, [*after, *each.orelse, *each.finalbody, *body[i + 1 :]], handles
    inner.refuse(
        inner.node,
        f"`{inner.name}` has no `yield` of its own: one in a loop or a branch is not supported",
        "yield once, at the top of the function",
    )


@contextlib.contextmanager
def _running(frame: Frame, inner: Frame) -> Iterator[None]:
    """Let a frame see, and pass on, what the objects of the frame around it contain."""
    inner.env.update(heap.contents(frame.context, frame.env))
    inner.loop = None
    yield
    frame.env.update(heap.contents(frame.context, inner.env))


@dataclass
class _Around:
    """A generator that handles what the block raises, or goes on after it only where that raises nothing.

    Its statements are lowered in a frame of their own, `inner`; between them, what its names hold stands in the
    environment of the frame around, where paths meet.
    """

    frame: Frame
    inner: Frame
    node: Any
    block: Callable[[Value], None]
    live: Names
    jump: dict[str, Value] = field(default_factory=dict)

    def whole(self) -> None:
        """Lower all of it; jumps out of the block are made at the end."""
        frame = self.frame
        self._store(self.inner.env)
        self._lower(self.inner.node.body)
        for key in [key for key in frame.env if key.startswith(self._prefix)]:
            del frame.env[key]
        skip = frame.env[SKIP]
        if skip == FALSE:
            frame.env.update(self.jump)
        elif skip != TRUE:
            frame.branch(self.node, skip, lambda: None, lambda: frame.env.update(self.jump), None)

    def _lower(self, statements: Sequence[Any]) -> None:
        """Lower statements of which one is the `yield`, or has it inside."""
        i = next(i for i, each in enumerate(statements) if _has_yield(each))
        around = statements[i]
        self._run(statements[:i], self.inner.scope.live_after[id(around)] | _names(around))
        if isinstance(around, gast.Try):
            self._try(around)
        else:
            self._yield(around)
        self._onward(statements[i + 1 :])

    def _yield(self, end: Any) -> None:
        frame, found = self.frame, []
        with self._inside():
            found.append(_yielded(self.inner, end))
        left, error = left_by(frame, self.node, lambda: self.block(found[0]), self.live)
        self.jump = {key: frame.env[key] for key in (SKIP, GO, BROKE, RETURNED, RESULT)}
        frame.env.update({**NO_JUMP, RESULT: ABSENT})
        if is_none(error):
            return
        thrown = error.value if isinstance(error, Optional) else error
        if left == TRUE:
            with contextlib.suppress(Thrown):
                raised.again(frame, self.node, thrown)
        else:
            frame.branch(self.node, left, lambda: raised.again(frame, self.node, thrown), lambda: None, None)

    def _try(self, node: Any) -> None:
        frame = self.frame
        handlers = [self._handler(each) for each in node.handlers]

        def block() -> None:
            attempt(frame, node, lambda: self._lower(node.body), handlers, lambda: self._onward(node.orelse), self.live)

        def last(error: Value) -> Operand:
            self._run(node.finalbody, None)
            return FALSE

        if node.finalbody:
            finally_(frame, node, block, last, self.live, ends=ends(node.finalbody))
        else:
            block()

    def _handler(self, node: Any) -> Handler:
        def run(error: Raised) -> None:
            with self._inside():
                inner = self.inner
                if node.name is not None:
                    bind_name(inner, node.name.id, error)
                inner.handling.append((error, classes))
                run_statements(inner, node.body, self._live_at(node.body))
                inner.handling.pop()
                if node.name is not None:
                    inner.env[node.name.id] = UNBOUND

        classes = classes_of(self.inner, node)
        return classes, run

    def _onward(self, statements: Sequence[Any]) -> None:
        """Lower statements for the paths on which nothing was raised."""
        frame = self.frame
        if not statements or frame.env[SKIP] == TRUE:
            return
        if frame.env[SKIP] == FALSE:
            self._run(statements, None)
        else:
            resume(frame, self.node, lambda: self._run(statements, None), self.live)

    def _run(self, statements: Sequence[Any], live: Names | None) -> None:
        with self._inside():
            run_statements(self.inner, statements, self._live_at(statements) if live is None else live | {SKIP})

    def _live_at(self, statements: Sequence[Any]) -> Names:
        after = self.inner.scope.live_after[id(statements[-1])] if statements else NONE
        return after | self.inner.scope.kept | {SKIP}

    @contextlib.contextmanager
    def _inside(self) -> Iterator[None]:
        """Lower statements of the generator: with its names, and what it raises caught around the block."""
        frame, inner = self.frame, self.inner
        n = len(self._prefix)
        inner.env.update({key[n:]: value for key, value in frame.env.items() if key.startswith(self._prefix)})
        keys = [key for each in frame.attempts for key in each.names]
        inner.env.update({key: frame.env[key] for key in keys if key in frame.env})
        inner.env.update({**NO_JUMP, RESULT: ABSENT})
        inner.attempts = [Attempt(inner, None, each.handlers, each.keys) for each in frame.attempts]
        with contextlib.suppress(Thrown), _running(frame, inner):
            yield
        frame.env.update(heap.contents(frame.context, inner.env))
        thrown = any(inner.env.get(key) is not frame.env.get(key) for key in keys)
        skip = inner.env[SKIP]
        if skip != FALSE and (not thrown or any(each.loop is not frame.loop for each in frame.attempts)):
            frame.refuse(
                self.node, f"`{inner.name}` ends early, or raises what a loop around it ends with", "write it out"
            )
        self._store(inner.env)
        frame.env.update({key: inner.env[key] for key in keys if key in inner.env})
        if skip != FALSE:
            frame.env[SKIP] = skip

    def _store(self, env: Mapping[str, Value]) -> None:
        """Let the frame around have what the names of the generator hold."""
        names = self.inner.scope.local
        self.frame.env.update({self._prefix + name: value for name, value in env.items() if name in names})

    @property
    def _prefix(self) -> str:
        return f"%generator:{id(self.inner)}:"
