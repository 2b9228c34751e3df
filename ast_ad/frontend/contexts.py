"""Lowering of `with`: what the context does around its block becomes statements before and after it.

A context manager of the user's is entered and left by its methods; one that `contextlib.contextmanager` makes of a
generator is the statements before its `yield`, and those after.  What NumPy and `warnings` change for the time of the
block (`np.errstate`) holds for the whole of the derivative, since both sweeps may warn.

An exception that leaves the block ends the derivative: nothing that stands after the block runs then.
"""

from __future__ import annotations

import contextlib
import warnings
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

import gast
import numpy as np

from ast_ad.frontend import heap, members
from ast_ad.frontend.arguments import bind
from ast_ad.frontend.expressions import evaluated, expression
from ast_ad.frontend.frame import Frame
from ast_ad.frontend.function_calls import closure_defaults, defaults_of
from ast_ad.frontend.guards import Held
from ast_ad.frontend.handlers import HANDLERS
from ast_ad.frontend.jumps import BROKE, FALSE, GO, NO_JUMP, RESULT, RETURNED, SKIP
from ast_ad.frontend.names import guard_identity
from ast_ad.frontend.scope import NONE, Names
from ast_ad.frontend.source import find_source
from ast_ad.frontend.statements import COMPOUND, assign, run_statements
from ast_ad.frontend.syntax import check_syntax
from ast_ad.frontend.values import ABSENT, Closure, Known, Partial, Value
from ast_ad.frontend.wording import describe
from ast_ad.ir.nodes import Lit


class Manager(NamedTuple):
    """A context manager that does nothing here: `value` is what it gives."""

    value: Value

    def run(self, frame: Frame, node: Any, block: Callable[[Value], None], after: Names) -> None:
        """Lower the block, which takes the value."""
        block(self.value)


def _with(frame: Frame, node: gast.With, after: Names, rest: tuple[Callable[[], None], Names]) -> bool:
    """Lower a `with`; what follows it is never lowered here."""
    _items(frame, node, list(node.items), frame.scope.live_after[id(node.body[-1])] | {SKIP})
    return False


def _items(frame: Frame, node: gast.With, items: list[Any], live: Names) -> None:
    if not items:
        run_statements(frame, node.body, live)
        return
    first, *others = items
    manager = expression(frame, first.context_expr)

    def body(value: Value) -> None:
        if first.optional_vars is not None:
            assign(frame, first.optional_vars, value)
        _items(frame, node, others, live)

    if isinstance(manager, Manager):
        manager.run(frame, node, body, live)
    elif isinstance(manager, Partial) and manager.function == _GENERATOR:
        _generator(frame, first.context_expr, manager, body)
    elif members.class_of(manager) is None:
        frame.refuse(
            first.context_expr,
            f"`with` enters {describe(manager)}, of which nothing is known",
            "enter it before the call",
        )
    else:
        body(evaluated(frame, first.context_expr, "manager.__enter__()", manager=manager))
        text = "manager.__exit__(None, None, None)"
        finally_(frame, node, lambda: evaluated(frame, first.context_expr, text, manager=manager))


def finally_(frame: Frame, node: Any, steps: Callable[[], Any]) -> None:
    """Run steps that are run whatever jump was made before; one that they make themselves takes its place."""
    jump = {key: frame.env[key] for key in (SKIP, GO, BROKE, RETURNED, RESULT)}
    frame.env.update({**NO_JUMP, RESULT: ABSENT})
    steps()
    if frame.env[SKIP] == FALSE:
        frame.env.update(jump)
    elif not isinstance(frame.env[SKIP], Lit):
        frame.refuse(node, "whether what runs last jumps is known only when it runs", "jump before, or after it")


# Generators that are context managers.

_GENERATOR = Known(contextlib.contextmanager)


def _generator(frame: Frame, node: Any, manager: Partial, body: Callable[[Value], None]) -> None:
    """Lower a block between the two parts of the generator that is its context."""
    generator, *args = manager.args
    inner = _entered(frame, node, generator, args, dict(manager.kwargs))
    before, end, after = _parts(inner, node, inner.node.body)
    with _running(frame, inner):
        run_statements(inner, before, inner.scope.live_after[id(end)] | {SKIP} | _names(end))
        if inner.env[SKIP] != FALSE:
            frame.refuse(node, f"`{inner.name}` may end before its `yield`", "let every path reach the `yield`")
        given = end.value.value
        value = Known(None) if given is None else expression(inner, given)
    if isinstance(end, gast.Assign):
        inner.env[end.targets[0].id] = Known(None)
    body(value)

    def leave() -> None:
        with _running(frame, inner):
            run_statements(inner, after, NONE)

    finally_(frame, node, leave)


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


def _parts(inner: Frame, node: Any, body: Sequence[Any]) -> tuple[list[Any], Any, list[Any]]:
    """Return the statements of a generator before its `yield`, that one, and those after it."""
    for i, each in enumerate(body):
        value = getattr(each, "value", None)
        simple = isinstance(each, gast.Expr) or (
            isinstance(each, gast.Assign) and len(each.targets) == 1 and isinstance(each.targets[0], gast.Name)
        )
        if simple and isinstance(value, gast.Yield):
            return list(body[:i]), each, list(body[i + 1 :])
        if isinstance(each, gast.Try) and any(isinstance(inside, gast.Yield) for inside in gast.walk(each)):
            before, end, after = _parts(inner, node, each.body)
            return [*body[:i], *before], end, [*after, *each.orelse, *each.finalbody, *body[i + 1 :]]
    inner.refuse(
        inner.node,
        f"`{inner.name}` has no `yield` of its own: one in a loop or a branch is not supported",
        "yield once, at the top of the function",
    )


@contextlib.contextmanager
def _running(frame: Frame, inner: Frame) -> Any:
    """Let a frame see, and pass on, what the objects of the frame around it contain."""
    inner.env.update(heap.contents(frame.context, frame.env))
    inner.loop = None
    yield
    frame.env.update(heap.contents(frame.context, inner.env))


# Contexts of libraries.


def _whole(factory: Callable[..., Any]) -> Any:
    """Make the handler of a context that holds for the whole of the derivative."""

    def handler(frame: Frame, node: Any, args: Sequence[Value], kwargs: Mapping[str, Value]) -> Value:
        if args or not all(isinstance(value, (Known, Lit)) for value in kwargs.values()) or "record" in kwargs:
            frame.refuse(node, f"`{factory.__name__}` takes constants by name here", "enter it around the call")
        options = tuple((name, value.value) for name, value in kwargs.items())
        frame.context.around.setdefault((factory, options))
        return Manager(Known(None))

    return handler


def _nullcontext(frame: Frame, node: Any, args: Sequence[Value], kwargs: Mapping[str, Value]) -> Value:
    return Manager(next(iter((*args, *kwargs.values())), Known(None)))


def _contextmanager(frame: Frame, node: Any, args: Sequence[Value], kwargs: Mapping[str, Value]) -> Value:
    return Partial(_GENERATOR, tuple(args), ())


HANDLERS.update(
    {
        contextlib.contextmanager: _contextmanager,
        contextlib.nullcontext: _nullcontext,
        np.errstate: _whole(np.errstate),
        warnings.catch_warnings: _whole(warnings.catch_warnings),
    }
)
COMPOUND[gast.With] = _with
