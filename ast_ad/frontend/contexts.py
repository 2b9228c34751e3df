"""Lowering of `with`: what the context does around its block becomes statements before and after it.

A context manager of the user's is entered and left by its methods; one that `contextlib.contextmanager` makes of a
generator is the statements before its `yield`, and those after.  What NumPy and `warnings` change for the time of the
block (`np.errstate`) holds for the whole of the derivative, since both sweeps may warn.

An exception that leaves the block is passed on to what stands after it, where that may end it, or where it is caught
outside.  Else it ends the derivative, and nothing that stands after the block runs.
"""

from __future__ import annotations

import contextlib
import types
import warnings
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

import gast
import numpy as np

from ast_ad.frontend import foreign, generator_contexts, members
from ast_ad.frontend.assignments import assign
from ast_ad.frontend.attempts import Handler, attempt, finally_
from ast_ad.frontend.expressions import evaluated, expression
from ast_ad.frontend.frame import Frame
from ast_ad.frontend.generator_contexts import GENERATOR
from ast_ad.frontend.handlers import HANDLERS
from ast_ad.frontend.jumps import FALSE, SKIP
from ast_ad.frontend.raised import class_of
from ast_ad.frontend.scope import Names, nodes_of, parameters, scope_of
from ast_ad.frontend.source import find_source
from ast_ad.frontend.statements import COMPOUND, run_statements
from ast_ad.frontend.truths import tested
from ast_ad.frontend.values import Known, Optional, Partial, Value, is_none, is_operand
from ast_ad.frontend.wording import describe
from ast_ad.ir.nodes import Lit, Operand


class Manager(NamedTuple):
    """A context manager that does nothing here: `value` is what it gives."""

    value: Value

    def run(self, frame: Frame, node: Any, block: Callable[[Value], None], after: Names) -> None:
        """Lower the block, which takes the value."""
        block(self.value)


def _with(frame: Frame, node: gast.With, after: Names, rest: tuple[Callable[[], None], Names]) -> bool:
    """Lower a `with`, which enters one context; what follows it is never lowered here."""
    (item,) = node.items
    live = frame.scope.live_after[id(node.body[-1])] | {SKIP}
    manager = expression(frame, item.context_expr)

    def body(value: Value) -> None:
        if item.optional_vars is not None:
            if value is _RECORD:
                frame.refuse(item.context_expr, "the warnings that were recorded are not known", "record them outside")
            assign(frame, item.optional_vars, value)
        run_statements(frame, node.body, live)

    if isinstance(manager, Manager):
        manager.run(frame, node, body, live)
    elif isinstance(manager, Partial) and manager.function == GENERATOR:
        generator_contexts.run(frame, item.context_expr, manager, body, live)
    elif is_operand(manager) and foreign.is_foreign(manager):
        _foreign(frame, item.context_expr, manager, body, live)
    elif members.special(manager, "__exit__") is None:
        frame.refuse(
            item.context_expr,
            f"`with` enters {describe(manager)}, of which nothing is known",
            "enter it before the call",
        )
    else:
        _managed(frame, item.context_expr, manager, body, live)

    return False


def _foreign(frame: Frame, node: Any, manager: Value, body: Callable[[Value], None], live: Names) -> None:
    """Lower a block in a context that is an object of a library's, such as a file; what it raises is not told to it."""
    value = foreign.entered(frame, node, manager)

    def leave(error: Value) -> Operand:
        foreign.left(frame, node, manager)
        return FALSE

    finally_(frame, node, lambda: body(value), leave, live, ends=False)


def _managed(frame: Frame, node: Any, manager: Value, body: Callable[[Value], None], live: Names) -> None:
    """Lower a block in a context that is an object of the user's."""
    value = evaluated(frame, node, "manager.__enter__()", manager=manager)

    def leave(error: Value) -> Operand:
        given = _described(frame, error)
        result = members.call_special(frame, node, manager, "__exit__", given)
        return FALSE if is_none(error) else tested(frame, node, result)

    finally_(frame, node, lambda: body(value), leave, live, ends=_asks(frame, manager))


def _described(frame: Frame, error: Value) -> tuple[Value, Value, Value]:
    """Return what `__exit__` gets: the class of an exception, the exception, and where it was raised, or None."""
    if is_none(error):
        return error, error, error
    found = error.value if isinstance(error, Optional) else error
    described = class_of(frame, found), found, _TRACE
    if not isinstance(error, Optional):
        return described
    cls, inside, trace = (Optional(error.present, each) for each in described)
    return cls, inside, trace


_TRACE = Known(types.TracebackType)
"""Stands for where an exception was raised, of which nothing is known."""


def _asks(frame: Frame, manager: Value) -> bool:
    """Tell whether the `__exit__` of an object may end an exception, or asks for one that is caught outside."""
    method = members.special(manager, "__exit__")
    assert method is not None
    function = find_source(method.value).tree
    nodes = nodes_of(function)
    returned = [each.value for each in nodes if isinstance(each, gast.Return) and each.value is not None]
    if any(not isinstance(each, gast.Constant) or each.value for each in returned):
        return True
    if any(isinstance(each, (gast.Raise, gast.Assert)) for each in nodes):
        return True
    given = frozenset(parameters(function.args)[1:])
    reads = {each.id for each in nodes if isinstance(each, gast.Name)} | scope_of(function).captured
    return bool(frame.attempts) and not given.isdisjoint(reads)


# Contexts of libraries.


def _whole(factory: Callable[..., Any]) -> Any:
    """Make the handler of a context that holds for the whole of the derivative."""

    def handler(frame: Frame, node: Any, args: Sequence[Value], kwargs: Mapping[str, Value]) -> Value:
        if args or not all(isinstance(value, (Known, Lit)) for value in kwargs.values()):
            frame.refuse(node, f"`{factory.__name__}` takes constants by name here", "enter it around the call")
        options = tuple((name, value.value) for name, value in kwargs.items())
        frame.context.around.setdefault((factory, options))
        return Manager(_RECORD if kwargs.get("record") == Lit(True) else Known(None))

    return handler


_RECORD = Known(warnings.WarningMessage)
"""Stands for the list of warnings that a context records, of which nothing is known."""


def _nullcontext(frame: Frame, node: Any, args: Sequence[Value], kwargs: Mapping[str, Value]) -> Value:
    return Manager(next(iter((*args, *kwargs.values())), Known(None)))


class Suppressing(Manager):
    """What `contextlib.suppress` makes; its value are the classes."""

    def run(self, frame: Frame, node: Any, block: Callable[[Value], None], after: Names) -> None:
        """Lower the block; an exception of these classes ends it."""
        handler: Handler = tuple(each.value for each in self.value), lambda error: None
        attempt(frame, node, lambda: block(Known(None)), [handler], lambda: None, after)


def _suppress(frame: Frame, node: Any, args: Sequence[Value], kwargs: Any) -> Value:
    return Suppressing(tuple(args))


def _contextmanager(frame: Frame, node: Any, args: Sequence[Value], kwargs: Mapping[str, Value]) -> Value:
    return Partial(GENERATOR, tuple(args), ())


HANDLERS.update(
    {
        contextlib.contextmanager: _contextmanager,
        contextlib.nullcontext: _nullcontext,
        contextlib.suppress: _suppress,
        np.errstate: _whole(np.errstate),
        warnings.catch_warnings: _whole(warnings.catch_warnings),
    }
)
COMPOUND[gast.With] = _with
