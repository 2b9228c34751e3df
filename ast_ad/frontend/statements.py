"""Lowering of statements: branches, jumps, and what is no assignment.

A jump sets flags (see `ast_ad.frontend.jumps`); the statements after it go to the branch that does not jump, or,
where either branch may, under a test of the flag.  No statement is lowered twice for that.
"""

from __future__ import annotations

import importlib
import importlib.util
import types
from collections.abc import Callable, Sequence
from typing import Any

import gast

from ast_ad.frontend import assignments, attributes, exceptions, listing, members, paths, raised, rereads, tables
from ast_ad.frontend.dispatch import call
from ast_ad.frontend.expressions import closure, expression, index_of, optional, test
from ast_ad.frontend.frame import Frame
from ast_ad.frontend.jumps import BROKE, FALSE, GO, NO_JUMP, RESULT, RETURNED, SKIP, TRUE
from ast_ad.frontend.names import lookup, mangled
from ast_ad.frontend.resolution import resolved
from ast_ad.frontend.scope import NONE, Names
from ast_ad.frontend.values import UNBOUND, Container, Known, Raised, Table, Value
from ast_ad.frontend.wording import describe
from ast_ad.ir.nodes import Lit

_SKIPPED = frozenset({SKIP})

COMPOUND: dict[type, Callable[[Frame, Any, Names, tuple[Callable[[], None], Names]], bool]] = {}
"""How statements with blocks are lowered: ``lower(frame, node, after, (rest, live))`` tells whether it lowered `rest`.

The modules that know how fill the table.
"""


def run_statements(frame: Frame, statements: Sequence[Any], live: Names) -> None:
    """Lower statements in order; `live` are the names that are read after them.

    Leaves by `Unreachable` where what follows can never run.
    """
    for i, statement in enumerate(statements):
        rest = statements[i + 1 :]

        def onward(statement: Any = statement, rest: Sequence[Any] = rest) -> None:
            skip = frame.env[SKIP]
            if skip == FALSE:
                run_statements(frame, rest, live)
            elif skip != TRUE and rest:
                resume(frame, statement, lambda: run_statements(frame, rest, live), live)

        rereads.begin(frame, statement)
        after = frame.scope.live_after.get(id(statement), NONE) | (_SKIPPED if rest else live & _SKIPPED)

        def lower(statement: Any = statement, after: Names = after, onward: Callable[[], None] = onward) -> bool:
            if type(statement) in COMPOUND:
                return COMPOUND[type(statement)](frame, statement, after, (onward, live))
            if isinstance(statement, gast.If):
                return branch(frame, statement, after, (onward, live))
            if isinstance(statement, (gast.For, gast.While)):
                return frame.context.run_loop(frame, statement, onward, live)
            SIMPLE[type(statement)](frame, statement)
            return False

        if frame.attempts[-1].lowered(statement, rest, live, lower) if frame.attempts else lower():
            return
        if frame.env[SKIP] != FALSE:
            onward()
            return


def resume(frame: Frame, node: Any, rest: Callable[[], None], live: Names) -> None:
    """Lower `rest` for the paths that have not jumped."""

    def skipped() -> None:
        frame.env[SKIP] = TRUE

    def goes_on() -> None:
        frame.env.update(NO_JUMP)
        rest()

    frame.branch(node, frame.env[SKIP], skipped, goes_on, live)


def branch(frame: Frame, node: gast.If, after: Names, rest: tuple[Callable[[], None], Names]) -> bool:
    """Lower an `if`; tell whether `rest` has been lowered as well."""
    condition = test(frame, node.test)
    sides = [lambda: run_statements(frame, node.body, after), lambda: run_statements(frame, node.orelse, after)]
    if condition in (TRUE, FALSE):
        sides[0 if condition.value else 1]()
        return False
    return frame.branch(node, condition, sides[0], sides[1], after, rest)


def jump(frame: Frame, *, broke: bool = False, stop: bool = False) -> None:
    """Record a jump: `break` and `return` stop the loop, `continue` does not."""
    frame.env[SKIP] = TRUE
    if stop and frame.loop is not None:
        frame.env[GO] = FALSE
    if broke and frame.loop is not None and frame.loop.tracks_break:
        frame.env[BROKE] = TRUE


def leave(frame: Frame, value: Value) -> None:
    """Record that the function returns `value`."""
    frame.env[RESULT] = value
    if frame.loop is not None and frame.loop.tracks_return:
        frame.env[RETURNED] = TRUE
    jump(frame, stop=True)


def _return(frame: Frame, node: gast.Return) -> None:
    leave(frame, Known(None) if node.value is None else optional(frame, node.value))


def _expression(frame: Frame, node: gast.Expr) -> None:
    optional(frame, node.value)


def _assert(frame: Frame, node: gast.Assert) -> None:
    condition = test(frame, node.test)

    def fail() -> None:
        message = [] if node.msg is None else [frame.operand(node.msg, expression(frame, node.msg))]
        frame.fail(node, AssertionError, *message)

    if condition == TRUE:
        return
    if condition == FALSE:
        fail()
    frame.branch(node, condition, lambda: None, fail, None)


def _raise(frame: Frame, node: gast.Raise) -> None:
    made = node.exc
    if made is None:
        if not frame.handling:
            frame.fail(node, RuntimeError, Lit("No active exception to reraise"))
        raised.again(frame, node, *frame.handling[-1])
    if _leaves(frame, node, made):
        return
    exception = optional(frame, made)
    if isinstance(exception, Raised):
        within = [classes for error, classes in frame.handling if error is exception]
        raised.again(frame, node, exception, *within)
    known = exception.value if isinstance(exception, Known) else None
    if isinstance(known, BaseException):
        exception = Known(type(known), paths.Held(type(known)))
        given = [resolved(frame, each, paths.Held(each), "") for each in known.args]
        raised.again(frame, node, exceptions.made(frame, made, exception, given, {}))
    if known is None and isinstance(exception, Known):
        frame.fail(node, TypeError, Lit("exceptions must derive from BaseException"))
    if not (isinstance(known, type) and issubclass(known, BaseException)):
        frame.refuse(made, "this is not an exception class", "write `raise SomeError(...)`")
    raised.again(frame, node, exceptions.made(frame, made, exception, [], {}))


def _leaves(frame: Frame, node: gast.Raise, made: Any) -> bool:
    """Raise an exception that is made there, if nothing catches it: then nobody asks what its class does."""
    if not isinstance(made, gast.Call) or any(isinstance(arg, gast.Starred) for arg in made.args):
        return False
    if any(keyword.arg is None for keyword in made.keywords):
        return False
    exception = expression(frame, made.func)
    cls = exception.value if isinstance(exception, Known) else None
    if not (isinstance(cls, type) and issubclass(cls, BaseException)):
        return False
    if frame.is_caught(cls):
        return False
    given = [*made.args, *(keyword.value for keyword in made.keywords)]
    names = [keyword.arg for keyword in made.keywords]
    frame.leave_by(node, cls, [frame.operand(arg, expression(frame, arg)) for arg in given], names)


def _define(frame: Frame, node: gast.FunctionDef) -> None:
    decorators = [expression(frame, decorator) for decorator in node.decorator_list]
    value: Value = closure(frame, node)
    for decorator in reversed(decorators):
        value = call(frame, node, decorator, [value], {})
    frame.env[node.name] = value


def _delete(frame: Frame, node: gast.Delete) -> None:
    for target in node.targets:
        if isinstance(target, gast.Subscript):
            owner = expression(frame, target.value)
            if isinstance(owner, Table):
                tables.delete_item(frame, target, owner, index_of(frame, target.slice))
                continue
            if members.special(owner, "__delitem__") is not None:
                members.call_special(frame, target, owner, "__delitem__", [index_of(frame, target.slice)])
                continue
            if not isinstance(owner, Container):
                frame.misfit(target, f"the items of {describe(owner)} cannot be deleted")
            listing.delete_item(frame, target, owner, index_of(frame, target.slice))
            continue
        if isinstance(target, gast.Attribute):
            attributes.delete(frame, target, expression(frame, target.value), mangled(frame, target.attr))
            continue
        if not isinstance(target, gast.Name):
            frame.refuse(target, "only names, items and attributes can be deleted", "delete these one by one")
        lookup(frame, target, target.id)
        frame.env[target.id] = UNBOUND


def _import(frame: Frame, node: gast.Import) -> None:
    for alias in node.names:
        full = _module(frame, node, alias.name).__name__
        name = full if alias.asname else full.split(".")[0]
        frame.env[alias.asname or name] = Known(importlib.import_module(name), paths.Imported(name))


def _module(frame: Frame, node: Any, name: str) -> types.ModuleType:
    """Import a module; where there is none, that fails when it runs."""
    try:
        return importlib.import_module(name)
    except ImportError as error:
        frame.fail(node, type(error), Lit(str(error)))


def _import_from(frame: Frame, node: gast.ImportFrom) -> None:
    source = "." * node.level + (node.module or "")
    if node.level:
        source = importlib.util.resolve_name(source, frame.namespace["__package__"])
    module = _module(frame, node, source)
    for alias in node.names:
        if not hasattr(module, alias.name):
            _module(frame, node, f"{source}.{alias.name}")
        path = paths.Member(paths.Imported(source), alias.name)
        name = alias.asname or alias.name
        frame.env[name] = resolved(frame, getattr(module, alias.name), path, name)


def _nothing(frame: Frame, node: Any) -> None:
    """`pass`, `global` and `nonlocal` compute nothing."""


SIMPLE: dict[type, Callable[[Frame, Any], None]] = {
    gast.AnnAssign: assignments.annotated,
    gast.Assert: _assert,
    gast.Assign: assignments.assigned,
    gast.AugAssign: assignments.augmented,
    gast.Break: lambda frame, node: jump(frame, broke=True, stop=True),
    gast.Delete: _delete,
    gast.Continue: lambda frame, node: jump(frame),
    gast.Expr: _expression,
    gast.FunctionDef: _define,
    gast.Global: _nothing,
    gast.Import: _import,
    gast.ImportFrom: _import_from,
    gast.Nonlocal: _nothing,
    gast.Pass: _nothing,
    gast.Raise: _raise,
    gast.Return: _return,
}
