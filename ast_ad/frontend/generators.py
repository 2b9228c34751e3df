"""Generators: what a `yield` gives is used where it stands, as if the consumer's statements were written there.

    for item in items(x):               n = ...                  the generator's statements, its names made distinct
        total += item          ->       for i in range(n):
                                            item = x * i         yield x * i
                                            total += item

So the two run in turn, as Python runs them.  A generator that is made is an object: what its function was called with,
and whether it has been used up.  What takes all items at once (`sum`, `list`) is a loop that appends them to a list.
"""

from __future__ import annotations

import types
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import gast

from ast_ad.frontend import containers, heap
from ast_ad.frontend.frame import Frame
from ast_ad.frontend.heap import MADE, is_generator
from ast_ad.frontend.interleave import Inline, Stepped, free_name, leaves, returns_a_value
from ast_ad.frontend.jumps import SKIP
from ast_ad.frontend.parcels import Made
from ast_ad.frontend.paths import Held
from ast_ad.frontend.scope import Liveness, Names, bound_in, kept_by, own_nodes, scope_of
from ast_ad.frontend.statements import run_statements
from ast_ad.frontend.values import Conflict, Known, Ref, Value
from ast_ad.ir.nodes import Lit
from ast_ad.models import stepping

HOME, STATE, HELD, AT = "%home", "%state", "%held", "at"
RETURNED, SENT = "%returned", "%sent"
NEW, RUNNING, SPENT, LEFT = (Known(state) for state in ("new", "running", "spent", "left"))


WHILE_RUNNING = (
    "a generator is asked for an item while a loop runs it",
    "use it by the name that the loop has, or take its items before: `items = list(generator)`",
)


def make(frame: Frame, callee: Frame, values: dict[str, Value]) -> Ref:
    """Return the generator that a call of a generator function makes."""
    variables = {key.removeprefix("cell:"): value for key, value in values.items()}
    own = {AT: Lit(0), **{name: Known(None) for name in _passed(callee.node)}}
    held = heap.make(frame, Known(stepping.State, Held(stepping.State)), {**variables, **own})
    # Two generators that one function makes may meet: for both, one frame says which function that is.
    home = frame.context.generators.setdefault((callee.node, id(callee.parent)), callee)
    attributes = {MADE: Made(callee, tuple(values.items())), HOME: Known(home), STATE: NEW, HELD: held}
    return heap.make(frame, Known(types.GeneratorType), attributes)


def is_stepped(frame: Frame, generator: Ref) -> bool:
    """Tell whether a generator has been run item by item."""
    held = generator.attribute(frame.env, HELD)
    return not isinstance(held, Ref) or held.attribute(frame.env, AT) != Lit(0)


def result_of(frame: Frame, generator: Value) -> Value:
    """Return what a generator returned that has ended: at the end of a loop over it, or item by item."""
    held = generator.attribute(frame.env, HELD) if is_generator(generator) else None
    return held.attribute(frame.env, RETURNED) if isinstance(held, Ref) and RETURNED in held.keys else Known(None)


def _passed(function: Any) -> list[str]:
    """Return the names of what a generator passes beside its items: what it is sent, and what it returns."""
    sent = any(
        isinstance(each, gast.Assign) and isinstance(each.value, gast.Yield) for each in own_nodes(function.body)
    )
    return [SENT] * sent + [RETURNED] * returns_a_value(function.body)


def run(frame: Frame, node: gast.For, generator: Ref) -> None:
    """Lower a loop over a generator."""
    after = frame.scope.live_after[id(node)]
    _consume(frame, node, generator, node.target, node.body, node.orelse, after)


def collected(frame: Frame, node: Any, generator: Ref, *, static: bool = False) -> Value:
    """Return a list of all that a generator yields; with `static`, one whose length is known."""
    name, item = free_name(frame, "items"), free_name(frame, "item")
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
    state = generator.attribute(frame.env, STATE)
    if isinstance(state, Known) and state.same(SPENT):
        run_statements(frame, orelse, after | {SKIP})
        return
    if isinstance(state, Known) and state.same(RUNNING):
        frame.refuse(node, *WHILE_RUNNING)
    if is_stepped(frame, generator) or _goes_on(frame, node, body, after) or _is_used(frame, generator, body):
        stepped = Stepped(frame, node, generator, target, body)
        _run(frame, stepped.statements(orelse), stepped.names, after)
        return
    if not isinstance(state, Known) or state.same(LEFT):
        frame.refuse(
            node,
            "a generator is used again that another loop may have left before its end",
            "make a new one, or take all of it at once: `items = list(generator)`",
        )
    made = generator.attribute(frame.env, MADE)
    if isinstance(made, Conflict):
        frame.refuse(node, "a name holds one iterator or another here", "go through each on its own path")
    inline = Inline(frame, node, made.frame, target, body)
    for key, value in made.values:
        frame.env[inline.named(key)] = value
    key = frame.context.heap.key(generator, STATE)
    statements = inline.statements(orelse)
    frame.env[key] = RUNNING
    _run(frame, statements, frozenset(inline.names.values()), after | {inline.returned})
    frame.env[key] = LEFT if inline.leaves else SPENT
    if inline.gives_result:
        held = generator.attribute(frame.env, HELD)
        frame.env[frame.context.heap.key(held, RETURNED)] = frame.env.pop(inline.returned)


def _goes_on(frame: Frame, node: Any, body: Sequence[Any], after: Names) -> bool:
    """Tell whether a loop may leave a generator that is used afterwards."""
    return isinstance(node, gast.For) and isinstance(node.iter, gast.Name) and node.iter.id in after and leaves(body)


def _is_used(frame: Frame, generator: Ref, body: Sequence[Any]) -> bool:
    """Tell whether the statements of a loop over a generator take items of it as well."""
    names = {each.id for statement in body for each in gast.walk(statement) if isinstance(each, gast.Name)}
    return any(frame.env.get(name) is generator for name in names)


def _run(frame: Frame, statements: list[Any], names: frozenset[str], after: Names) -> None:
    """Lower statements that were made for a consumer, as some of its own."""
    frame.context.inlined.append(statements)
    facts = Liveness()
    facts.sequence(statements, after)
    scope = frame.scope
    inner = _functions(statements)
    captured = frozenset(name for each in inner for name in scope_of(each).free)
    frame.scope = replace(
        scope,
        local=scope.local | bound_in(statements) | names,
        captured=scope.captured | captured,
        live_after={**scope.live_after, **facts.after},
        live_at_head={**scope.live_at_head, **facts.head},
        live_at_exit={**scope.live_at_exit, **facts.exit},
    )
    frame.always_live = frame.always_live | captured | kept_by([*own_nodes(statements)])
    run_statements(frame, statements, after | {SKIP})


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
    callee.around = frozenset(scope_of(function).free & frame.inner.keys())
    return make(frame, callee, {"items": first})


def _functions(statements: Sequence[Any]) -> list[Any]:
    return [
        each
        for statement in statements
        for each in gast.walk(statement)
        if isinstance(each, (gast.FunctionDef, gast.Lambda))
    ]
