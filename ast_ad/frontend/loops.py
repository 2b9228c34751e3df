"""Lowering of loops.

A loop over a `range` counts; one over a tuple or list of known structure is unrolled; a `while` has a test, if that can
be written as a block that only reads, and is otherwise a loop without end that stops in its body.

`ast_ad.frontend.rounds` lowers the loops that stay loops.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from typing import Any

import gast

from ast_ad.errors import RunTimeIndexError
from ast_ad.frontend import arrays
from ast_ad.frontend.context import LoopState
from ast_ad.frontend.expressions import expression
from ast_ad.frontend.frame import BROKE, FALSE, GO, NO_JUMP, RESULT, RETURNED, SKIP, TRUE, Frame
from ast_ad.frontend.library import integers
from ast_ad.frontend.listing import items_of
from ast_ad.frontend.rounds import Rounds
from ast_ad.frontend.scope import Names, is_endless
from ast_ad.frontend.statements import assign, leave, run_statements
from ast_ad.frontend.values import Range, Value
from ast_ad.ir.nodes import Lit

UNROLLED = 1000
"""The most iterations that are written out one by one."""

_ROUNDS = 20
Node = Any


def run_loop(frame: Frame, node: Node, rest: Callable[[], None], live: Names) -> bool:
    """Lower a loop; tell whether `rest`, the statements after it, have been lowered as well."""
    iterated = expression(frame, node.iter) if isinstance(node, gast.For) else None
    endless = is_endless(node)
    only_returns = endless and not _breaks(node.body)
    outer, frame.loop = frame.loop, LoopState(bool(node.orelse), not only_returns)
    try:
        if isinstance(node, gast.While):
            Rounds(frame, node, endless=endless).lower()
        elif isinstance(iterated, Range):
            _count(frame, node, iterated)
        elif arrays.is_array(iterated) or isinstance(iterated, arrays.Items):
            stream = arrays.items(iterated)
            if stream is None:
                frame.misfit(node.iter, "an array without dimensions has no items")
            limits = (Lit(0), stream.length(frame, node.iter), Lit(1))
            Rounds(frame, node, limits=limits, stream=stream).lower()
        else:
            _unroll(frame, node, items_of(frame, node.iter, iterated))
    finally:
        frame.loop = outer
    returned = TRUE if only_returns else frame.env[RETURNED]
    broke, result = frame.env[BROKE], frame.env[RESULT]
    frame.env.update(NO_JUMP)
    after = frame.scope.live_after[id(node)] | {SKIP}
    if returned == TRUE:
        leave(frame, result)
        return False

    def ended() -> None:
        if node.orelse and broke != TRUE:
            if broke == FALSE:
                run_statements(frame, node.orelse, after)
            else:
                frame.branch(node, broke, lambda: None, lambda: run_statements(frame, node.orelse, after), after)

    if returned == FALSE:
        ended()
        return False
    return frame.branch(node, returned, lambda: leave(frame, result), ended, after, (rest, live))


def _count(frame: Frame, node: gast.For, limits: Range) -> None:
    """Lower a loop over a range; one that has to know its index, to find an item in a container, is written out."""
    region, entry, spent = frame.builder.open_region, dict(frame.env), frame.context.spent
    length, defined = len(region.statements), set(region.defined)
    try:
        Rounds(frame, node, limits=integers(frame, node.iter, limits)).lower()
    except RunTimeIndexError:
        if not all(isinstance(limit, Lit) for limit in limits):
            raise
        del region.statements[length:]
        region.defined = defined
        frame.env, frame.context.spent = entry, spent
        _unroll(frame, node, items_of(frame, node.iter, limits))


def _blocks(node: Node) -> list[Sequence[Node]]:
    """Return the blocks of a statement that is no loop."""
    if isinstance(node, (gast.FunctionDef, gast.ClassDef)):
        return []
    parts = [getattr(node, name, ()) for name in ("body", "orelse", "finalbody")]
    return [*parts, *(each.body for name in ("cases", "handlers") for each in getattr(node, name, ()))]


def _breaks(body: Sequence[Node]) -> bool:
    """Tell whether a loop with this body has a `break` of its own."""
    for node in body:
        if isinstance(node, gast.Break):
            return True
        blocks = [node.orelse] if isinstance(node, (gast.For, gast.While)) else _blocks(node)
        if any(map(_breaks, blocks)):
            return True
    return False


def _unroll(frame: Frame, node: gast.For, items: list[Value]) -> None:
    if len(items) > UNROLLED:
        frame.refuse(
            node,
            f"a loop over {len(items)} items would be written out {len(items)} times",
            f"loop over a `range`, or over at most {UNROLLED} items",
        )
    live = frame.scope.live_at_head[id(node)] | frame.scope.live_at_exit[id(node)]

    def iteration(item: Value) -> None:
        frame.env.update(NO_JUMP)
        assign(frame, node.target, item)
        run_statements(frame, node.body, live)
        frame.env[SKIP] = FALSE

    for item in items:
        go = frame.env[GO]
        if go == FALSE:
            return
        if go == TRUE:
            iteration(item)
        else:
            frame.branch(node, go, functools.partial(iteration, item), lambda: None, live)
