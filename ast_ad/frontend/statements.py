"""Lowering of statements: assignments, branches and jumps.

A jump sets flags (see `ast_ad.frontend.frame`); the statements after it go to the branch that does not jump, or,
where either branch may, under a test of the flag.  No statement is lowered twice for that.
"""

from __future__ import annotations

import functools
import importlib
import operator
import types
from collections.abc import Callable, Sequence
from typing import Any, NoReturn

import gast

from ast_ad.errors import UnsupportedSyntaxError
from ast_ad.frontend import (
    arrays,
    attributes,
    containers,
    exceptions,
    grown,
    guards,
    listing,
    members,
    memory,
    overloads,
    raised,
    reshaping,
    tables,
    writes,
)
from ast_ad.frontend.arithmetic import BINARY, binary
from ast_ad.frontend.calls import call
from ast_ad.frontend.choices import present
from ast_ad.frontend.expressions import (
    attribute,
    closure,
    expression,
    index_of,
    item,
    optional,
    test,
)
from ast_ad.frontend.frame import Frame
from ast_ad.frontend.jumps import BROKE, FALSE, GO, NO_JUMP, RESULT, RETURNED, SKIP, TRUE
from ast_ad.frontend.listing import items_of
from ast_ad.frontend.names import bind_name, lookup, mangled, resolved
from ast_ad.frontend.scope import NONE, Names
from ast_ad.frontend.values import UNBOUND, Container, Grown, Known, Raised, Table, Value
from ast_ad.frontend.wording import describe
from ast_ad.ir.kinds import STRING
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

        frame.live_now = _live_within(statement, frame.scope.live_after.get(id(statement)))
        after = frame.scope.live_after.get(id(statement), NONE) | (_SKIPPED if rest else live & _SKIPPED)

        def lower(statement: Any = statement, after: Names = after, onward: Callable[[], None] = onward) -> bool:
            if isinstance(statement, gast.If):
                return branch(frame, statement, after, (onward, live))
            if isinstance(statement, (gast.For, gast.While)):
                return frame.context.run_loop(frame, statement, onward, live)
            if type(statement) in COMPOUND:
                return COMPOUND[type(statement)](frame, statement, after, (onward, live))
            SIMPLE[type(statement)](frame, statement)
            return False

        if frame.attempts[-1].lowered(statement, rest, live, lower) if frame.attempts else lower():
            return
        if frame.env[SKIP] != FALSE:
            onward()
            return


def _live_within(statement: Any, after: Names | None) -> Names | None:
    """Return the names that may be read when a call in a statement has returned: by the statement itself, too."""
    own = None if after is None else _read_after_calls(statement)
    return after if after is None or own is None else after | own


@functools.lru_cache(maxsize=4096)
def _read_after_calls(statement: Any) -> Names | None:
    """Return the names that a statement reads after its first call has returned; None where it calls nothing."""
    nodes = list(gast.walk(statement))
    calls = [node for node in nodes if isinstance(node, gast.Call)]
    if not calls:
        return None
    ends = [(node.end_lineno, node.end_col_offset) for node in calls if getattr(node, "end_lineno", None) is not None]
    first = min(ends) if type(statement) in SIMPLE and len(ends) == len(calls) else (0, 0)
    return frozenset(
        node.id
        for node in nodes
        if isinstance(node, gast.Name)
        and isinstance(node.ctx, gast.Load)
        and (getattr(node, "lineno", first[0]), getattr(node, "col_offset", first[1])) >= first
    )


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


def _assign(frame: Frame, node: gast.Assign) -> None:
    if _swaps(node) and _swapped(frame, node):
        return
    value = optional(frame, node.value)
    for target in node.targets:
        assign(frame, target, value)


def _swaps(node: gast.Assign) -> bool:
    """Tell whether an assignment lets two items of a list change places: ``rows[i], rows[j] = rows[j], rows[i]``.

    Of more than two it would not be known whether each goes to one place, and only one.
    """
    target = node.targets[0]
    sides = target, node.value
    if len(node.targets) != 1 or not all(isinstance(side, gast.Tuple) for side in sides):
        return False
    items = [*target.elts, *node.value.elts]
    if len(items) != 4:
        return False
    if not all(isinstance(item, gast.Subscript) and isinstance(item.value, gast.Name) for item in items):
        return False
    if any(isinstance(item.slice, (gast.Slice, gast.Tuple)) for item in items):
        return False
    places = [sorted(gast.dump(item.slice) for item in side.elts) for side in sides]
    return len({item.value.id for item in items}) == 1 and places[0] == places[1] and len(set(places[0])) > 1


def _swapped(frame: Frame, node: gast.Assign) -> bool:
    """Let two items of a list change places; tell whether it is one that has grown, or is indexed as such."""
    targets = node.targets[0].elts
    owner = lookup(frame, node, targets[0].value.id)
    inside = containers.seen(frame, owner)
    if not isinstance(inside, (list, Grown)):
        return False
    places = [frame.operand(each, expression(frame, each.slice)) for each in targets]
    for place in places:
        inside = listing.grown_for(frame, owner, inside, place)
    if not isinstance(inside, Grown):
        return False
    grown.swap(frame, node, owner, inside, *places)
    return True


def assign(frame: Frame, target: Any, value: Value) -> None:
    """Bind what is on the left of an assignment."""
    if isinstance(target, gast.Name):
        bind_name(frame, target.id, value)
        return
    if isinstance(target, gast.Attribute):
        owner = expression(frame, target.value)
        if arrays.is_array(owner):
            reshaping.set_attribute(frame, target, owner, containers.plain(frame, value))
        else:
            attributes.assign(frame, target, owner, mangled(frame, target.attr), value)
        return
    value = present(frame, target, value)
    if isinstance(target, gast.Subscript):
        owner = expression(frame, target.value)
        if members.special(owner, "__setitem__") is not None:
            members.call_special(frame, target, owner, "__setitem__", [index_of(frame, target.slice), value])
            return
        if isinstance(owner, (Container, Table)):
            _set_item(frame, target, owner, index_of(frame, target.slice), value)
            return
        if not arrays.is_array(owner):
            _refuse_item(frame, target, owner)
        index = containers.plain(frame, index_of(frame, target.slice))
        writes.write_item(frame, target, owner, index, value)
        return
    if not isinstance(target, (gast.Tuple, gast.List)):
        raise UnsupportedSyntaxError("this cannot be assigned", help="assign a local name", where=frame.where(target))
    targets = target.elts
    starred = next((i for i, each in enumerate(targets) if isinstance(each, gast.Starred)), None)
    if isinstance(containers.seen(frame, value), Grown):
        _assign_grown(frame, target, value, starred)
        return
    items = _unpacked(frame, target, value, len(targets)) if starred is None else items_of(frame, target, value)
    if starred is None:
        if len(items) != len(targets):
            frame.misfit(target, f"{describe(value)} cannot be unpacked into {len(targets)} targets")
        for each, item in zip(targets, items):
            assign(frame, each, item)
        return
    tail = len(targets) - starred - 1
    if len(items) < len(targets) - 1:
        frame.misfit(target, f"{describe(value)} cannot be unpacked into at least {len(targets) - 1} targets")
    for each, item in zip(targets[:starred], items):
        assign(frame, each, item)
    assign(frame, targets[starred].value, containers.made(frame, items[starred : len(items) - tail]))
    for each, item in zip(targets[starred + 1 :], items[len(items) - tail :]):
        assign(frame, each, item)


def _assign_grown(frame: Frame, node: Any, value: Value, starred: int | None) -> None:
    """Bind targets to the items of a list whose length is known only when it runs."""
    targets, inside = node.elts, containers.seen(frame, value)
    whole = value if isinstance(value, Container) else inside.home
    length = grown.length(frame, node, inside)
    least, fits = (len(targets), operator.eq) if starred is None else (len(targets) - 1, operator.ge)

    def fail() -> None:
        many = frame.op(node, operator.gt, length, Lit(least))
        template = Lit(
            f"not enough values to unpack (expected {'' if starred is None else 'at least '}{least}, got {{}})"
        )
        text = frame.op(node, str.format, template, length, kind=STRING)
        too_many = Lit(f"too many values to unpack (expected {least})")
        frame.branch(
            node,
            many,
            lambda: frame.fail(node, ValueError, too_many),
            lambda: frame.fail(node, ValueError, text),
            None,
        )

    frame.branch(node, frame.op(node, fits, length, Lit(least)), lambda: None, fail, None)
    after = 0 if starred is None else len(targets) - starred - 1
    end = Lit(-after) if after else Known(None)
    places: list[Any] = [Lit(i) for i in range(len(targets))]
    if starred is not None:
        places[starred:] = [slice(Lit(starred), end, Known(None)), *(Lit(i - after) for i in range(after))]
    items = [listing.item(frame, node, whole, place) for place in places]
    for each, value in zip(targets, items):
        assign(frame, each.value if isinstance(each, gast.Starred) else each, value)


def _unpacked(frame: Frame, node: Any, value: Value, count: int) -> list[Value]:
    """Return the items of what is unpacked into so many targets; an array shows when it runs whether it has them."""
    if not arrays.is_array(value) or not value.kind.ndim or isinstance(value.kind.dims[0], int):
        return items_of(frame, node, value)
    length = arrays.length(frame, node, value)

    def fail() -> None:
        message = f"an array is unpacked into {count} targets, and its length is another"
        frame.fail(node, ValueError, Lit(message))

    same = frame.op(node, operator.eq, length, Lit(count))
    frame.branch(node, same, lambda: None, fail, None)
    return [arrays.item(frame, node, value, Lit(i)) for i in range(count)]


def _augmented(frame: Frame, node: gast.AugAssign) -> None:
    if isinstance(node.target, gast.Subscript):
        _augmented_item(frame, node)
        return
    if isinstance(node.target, gast.Attribute):
        owner = expression(frame, node.target.value)
        name = mangled(frame, node.target.attr)
        old = present(frame, node.target, attribute(frame, node.target, owner, name))

        def store(value: Value) -> None:
            if not arrays.is_array(owner):
                attributes.assign(frame, node.target, owner, name, value)

    else:
        old = present(frame, node.target, lookup(frame, node.target, node.target.id))

        def store(value: Value) -> None:
            bind_name(frame, node.target.id, value)

    with frame.holding(old):
        value = expression(frame, node.value)
    store(_combined(frame, node, old, value, getattr(node.target, "id", "")))


def _combined(frame: Frame, node: gast.AugAssign, old: Value, value: Value, name: str = "") -> Value:
    """Return what ``old += value`` binds: the same object again, where that can be changed."""
    made = overloads.binary(frame, node, BINARY[type(node.op)], old, value, in_place=True)
    if made is not NotImplemented:
        return made
    if isinstance(old, Container) and listing.augmented(frame, node, old, BINARY[type(node.op)], value):
        return old
    result = binary(frame, node, BINARY[type(node.op)], old, value)
    number = old in frame.context.objects.unsure and not memory.is_held(frame, node, old, name)
    if arrays.is_array(old) and not number:
        memory.replace(frame, node, old, arrays.kept(frame, node, old, result))
        return old
    return result


def _augmented_item(frame: Frame, node: gast.AugAssign) -> None:
    """Lower ``x[i] += v``."""
    owner = expression(frame, node.target.value)
    if isinstance(owner, (Container, Table)) or members.special(owner, "__setitem__") is not None:
        _augmented_part(frame, node, owner)
        return
    if not arrays.is_array(owner):
        _refuse_item(frame, node.target, owner)
    index = containers.plain(frame, index_of(frame, node.target.slice))
    old, before = arrays.item(frame, node.target, owner, index), memory.now(frame, owner)
    value = expression(frame, node.value)
    unchanged = memory.now(frame, owner) is before
    if unchanged and owner.kind.ndim and isinstance(node.op, (gast.Add, gast.Sub)) and writes.names_once(index):
        negative = isinstance(node.op, gast.Sub)
        writes.add_to_item(frame, node, owner, index, value, negative=negative)
        return
    # Only an element is read before the right-hand side is evaluated; of a part, a view sees what that has written.
    result = binary(frame, node, BINARY[type(node.op)], old, value)
    writes.write_item(frame, node.target, owner, index, result)


def _augmented_part(frame: Frame, node: gast.AugAssign, owner: Value) -> None:
    """Lower ``xs[i] += v`` of a list or dict: an array there is changed in place, as one with a name is."""
    index = index_of(frame, node.target.slice)
    old = item(frame, node.target, owner, index)
    new = _combined(frame, node, old, expression(frame, node.value))
    if isinstance(owner, (Container, Table)):
        _set_item(frame, node.target, owner, index, new)
    else:
        members.call_special(frame, node.target, owner, "__setitem__", [index, new])


def _set_item(frame: Frame, node: Any, owner: Container | Table, index: Value, value: Value) -> None:
    """Lower ``owner[index] = value`` of a list or dict."""
    if isinstance(owner, Table):
        tables.set_item(frame, node, owner, index, value)
    else:
        listing.set_item(frame, node, owner, index, value)


def _refuse_item(frame: Frame, node: Any, owner: Value) -> NoReturn:
    frame.refuse(node, f"an item of {describe(owner)} cannot be assigned", "use local names, or build a new one")


def _annotated(frame: Frame, node: gast.AnnAssign) -> None:
    if node.value is not None:
        assign(frame, node.target, optional(frame, node.value))


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
        exception = Known(type(known), guards.Held(type(known)))
        given = [resolved(frame, each, guards.Held(each), "") for each in known.args]
        raised.again(frame, node, exceptions.made(frame, made, exception, given, {}))
    if known is None and isinstance(exception, Known):
        frame.fail(node, TypeError, Lit("exceptions must derive from BaseException"))
    if not (isinstance(known, type) and issubclass(known, BaseException)):
        frame.refuse(made, "this is not an exception class", "write `raise SomeError(...)`")
    raised.again(frame, node, exceptions.made(frame, made, exception, [], {}))


def _leaves(frame: Frame, node: gast.Raise, made: Any) -> bool:
    """Raise an exception that is made there, if nothing catches it: then nobody asks what its class does."""
    if not isinstance(made, gast.Call) or made.keywords or any(isinstance(arg, gast.Starred) for arg in made.args):
        return False
    exception = expression(frame, made.func)
    cls = exception.value if isinstance(exception, Known) else None
    if not (isinstance(cls, type) and issubclass(cls, BaseException)):
        return False
    if any(attempt.catches(cls) is not None for attempt in frame.attempts):
        return False
    frame.fail(node, cls, *(frame.operand(arg, expression(frame, arg)) for arg in made.args))


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
            if not isinstance(owner, Container):
                frame.misfit(target, f"the items of {describe(owner)} cannot be deleted")
            listing.delete_item(frame, target, owner, index_of(frame, target.slice))
            continue
        if not isinstance(target, gast.Name):
            frame.refuse(target, "only names and items can be deleted", "build a new object without it")
        lookup(frame, target, target.id)
        frame.env[target.id] = UNBOUND


def _import(frame: Frame, node: gast.Import) -> None:
    for alias in node.names:
        full = _module(frame, node, alias.name).__name__
        name = full if alias.asname else full.split(".")[0]
        frame.env[alias.asname or name] = Known(importlib.import_module(name), guards.Imported(name))


def _module(frame: Frame, node: Any, name: str) -> types.ModuleType:
    """Import a module; where there is none, that fails when it runs."""
    try:
        return importlib.import_module(name)
    except ImportError as error:
        frame.fail(node, type(error), Lit(str(error)))


def _import_from(frame: Frame, node: gast.ImportFrom) -> None:
    module = _module(frame, node, node.module)
    for alias in node.names:
        path = guards.Member(guards.Imported(node.module), alias.name)
        name = alias.asname or alias.name
        frame.env[name] = resolved(frame, getattr(module, alias.name), path, name)


def _nothing(frame: Frame, node: Any) -> None:
    """`pass`, `global` and `nonlocal` compute nothing."""


SIMPLE: dict[type, Callable[[Frame, Any], None]] = {
    gast.AnnAssign: _annotated,
    gast.Assert: _assert,
    gast.Assign: _assign,
    gast.AugAssign: _augmented,
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
