"""Lowering of loops.

A loop over a `range` counts; one over a tuple or list of known structure is unrolled; a `while` has a test, if that can
be written as a block that only reads, and is otherwise a loop without end that stops in its body.

Where what a loop carries has another structure in each turn, there is no loop of the IR for it.  If how often it turns
is known, it is unrolled as well.

`ast_ad.frontend.rounds` lowers the loops that stay loops.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from typing import Any

import gast

from ast_ad.errors import AutodiffError, KindError, RunTimeIndexError
from ast_ad.frontend import arrays, awaited, containers, foreign, generators, iterables, streams
from ast_ad.frontend.asking import Asks
from ast_ad.frontend.assignments import assign
from ast_ad.frontend.choices import in_each_case
from ast_ad.frontend.containers import seen
from ast_ad.frontend.context import LoopState
from ast_ad.frontend.dict_views import Keys, is_dict
from ast_ad.frontend.expressions import gone_through, test
from ast_ad.frontend.frame import Frame
from ast_ad.frontend.handlers import HANDLERS
from ast_ad.frontend.heap import is_generator
from ast_ad.frontend.jumps import BROKE, FALSE, GO, NO_JUMP, RESULT, RETURNED, SKIP, TRUE
from ast_ad.frontend.listing import items_of
from ast_ad.frontend.peeling import peeled
from ast_ad.frontend.rounds import Rounds
from ast_ad.frontend.scope import Names, is_endless
from ast_ad.frontend.sequences import integers
from ast_ad.frontend.statements import leave, run_statements
from ast_ad.frontend.values import Container, Either, Grown, Range, Ref, Table, Value, value_of
from ast_ad.frontend.wording import describe
from ast_ad.ir.nodes import Lit, Operand
from ast_ad.models import stepping

UNROLLED = 1000
"""The most turns of one loop that are written out one by one."""

_TURNS = 4 * UNROLLED
"""The most turns of all loops of a derivative: of loops in loops there can be many."""

SHORT = 64
"""The most iterations of a loop that is written out for the sake of an index into a list of known length."""

Node = Any


def run_loop(frame: Frame, node: Node, rest: Callable[[], None], live: Names) -> bool:
    """Lower a loop; tell whether `rest`, the statements after it, have been lowered as well."""
    before = _Before(frame)
    iterated = gone_through(frame, node.iter, _asks(node)) if isinstance(node, gast.For) else None
    iterated = iterated if isinstance(iterated, Either) or iterated is None else _gone_through(frame, node, iterated)
    if isinstance(iterated, Ref) and is_generator(iterated):
        generators.run(frame, node, iterated)
        return False
    only_returns = is_endless(node) and not _breaks(node.body)
    thrown = {key: frame.env[key] for attempt in frame.attempts for key in attempt.keys}
    outer, frame.loop = frame.loop, LoopState(bool(node.orelse), not only_returns)
    resized = False
    try:
        if isinstance(node, gast.While):
            rounds = Rounds(frame, node, endless=is_endless(node))
            _looped(frame, rounds, lambda failure: _unroll_while(frame, node, failure))
        else:
            in_each_case(frame, node.iter, iterated, lambda each: _take_items(frame, node, each))
    except containers.Resized as change:
        if change.loop is not node:
            raise
        if change.container.type is not list and not is_dict(change.container):
            frame.refuse(change.node, "a deque changes while a loop goes over it", "loop over a copy: `list(queue)`")
        resized = True
    finally:
        frame.loop = outer
    if resized:
        before.restore(frame)
        generators.run(frame, node, _in_turn(frame, node.iter))
        return False
    returned = TRUE if only_returns else frame.env[RETURNED]
    broke, result = frame.env[BROKE], frame.env[RESULT]
    frame.env.update(NO_JUMP)
    after = frame.scope.live_after[id(node)] | {SKIP}

    def ended() -> None:
        if node.orelse and broke != TRUE:
            if broke == FALSE:
                run_statements(frame, node.orelse, after)
            else:
                frame.branch(node, broke, lambda: None, lambda: run_statements(frame, node.orelse, after), after)

    jumps: list[tuple[Operand, Callable[[], None]]] = [
        (frame.env[key], attempt.go_on)
        for attempt in frame.attempts
        for key in attempt.keys
        if frame.env[key] is not thrown[key]
    ]
    jumps.append((returned, lambda: leave(frame, result)))
    return _onward(frame, node, jumps, ended, after, (rest, live))


class _Before:
    """What a frame was like before a loop was lowered, to lower it in another way."""

    def __init__(self, frame: Frame) -> None:
        self.region = frame.builder.open_region
        self.length = len(self.region.statements)
        self.defined = set(self.region.defined)
        self.env = dict(frame.env)
        self.budget = frame.context.budget

    def restore(self, frame: Frame) -> None:
        """Take back what has been lowered since."""
        del self.region.statements[self.length :]
        self.region.defined = self.defined
        frame.env, frame.context.budget = self.env, self.budget


def _in_turn(frame: Frame, node: Node) -> Ref:
    """Return the iterator of a loop that changes how many items there are in what it goes over."""
    value = gone_through(frame, node, Asks.IN_TURN)
    if isinstance(value, Either):
        frame.refuse(node, f"{describe(value)} changes while a loop goes through it", "loop over a copy: `list(items)`")
    if is_generator(value):
        return value
    made: Ref = HANDLERS[stepping.changing](frame, node, [value], {})
    return made


def _take_items(frame: Frame, node: gast.For, value: Value) -> None:
    """Lower a loop through the items of a value."""
    iterated = _gone_through(frame, node, value)
    if isinstance(iterated, Range):
        _count(frame, node, Range(*integers(frame, node.iter, iterated)))
    elif arrays.is_array(iterated) or isinstance(seen(frame, iterated), (streams.Stream, Grown)):
        _go_through(frame, node, iterated)
    else:
        _take_each(frame, node, iterated)


def _gone_through(frame: Frame, node: gast.For, value: Value) -> Value:
    """Return what a loop goes through for the items of a value."""
    iterated = iterables.plain(frame, value)
    if iterables.is_iterable(iterated):
        iterated = HANDLERS[iter](frame, node.iter, [iterated], {})
    if foreign.has_items(iterated):
        return foreign.items(frame, node, iterated)
    return iterated.keys if isinstance(iterated, Table) else iterated


def _count(frame: Frame, node: gast.For, limits: Range) -> None:
    """Lower a loop over a range."""
    known = limits.known()
    short = known is not None and len(known) <= SHORT
    rounds = Rounds(frame, node, limits=(limits.start, limits.stop, limits.step), short=short)
    _looped(frame, rounds, lambda failure: _unroll(frame, node, _counted(frame, node, limits, failure)))


def _go_through(frame: Frame, node: gast.For, iterated: Value) -> None:
    """Lower a loop through an array, or another sequence of a length that is known only when it runs."""
    stream = streams.stream_of(seen(frame, iterated))
    if stream is None:
        frame.misfit(node.iter, "an array without dimensions has no items")
    limits = Range(Lit(0), stream.length(frame, node.iter), Lit(1))
    get = functools.partial(stream.get, frame, node.iter)
    rounds = Rounds(frame, node, limits=(limits.start, limits.stop, limits.step), stream=stream)
    over = awaited.gone_over(iterated) or stream.lists
    with containers.iterating(frame, node, over), frame.holding(stream.over):
        _looped(frame, rounds, lambda failure: _unroll(frame, node, _counted(frame, node, limits, failure), get))


def _take_each(frame: Frame, node: gast.For, iterated: Value) -> None:
    """Lower a loop over a sequence of known structure: its body for each item."""
    if isinstance(iterated, Keys) and not isinstance(iterated.owner, Table):
        _take_each_key(frame, node, iterated.owner)
        return
    items = awaited.later(frame, iterated)
    if items is None:
        items = iterated if type(iterated) is list else items_of(frame, node.iter, iterated)
    over = awaited.gone_over(iterated) or awaited.waiting_for(items)
    with containers.iterating(frame, node, over):
        _unroll(frame, node, items, functools.partial(awaited.at_last, frame))


def _take_each_key(frame: Frame, node: gast.For, owner: Container) -> None:
    """Lower a loop over ``d.keys()``: it may change which keys there are, if it ends with that."""
    keys = [value_of(key) for key in seen(frame, owner)]

    def get(key: Value = FALSE) -> Value:
        contents = containers.entry(frame, owner)
        if isinstance(contents, dict) and len(contents) != len(keys):
            frame.fail(node, RuntimeError, Lit("dictionary changed size during iteration"))
        return key

    _unroll(frame, node, keys, get)
    if frame.env[GO] == TRUE:
        get()  # Python looks for one more


def _onward(
    frame: Frame,
    node: Node,
    jumps: Sequence[tuple[Operand, Callable[[], None]]],
    ended: Callable[[], None],
    after: Names,
    rest: tuple[Callable[[], None], Names],
) -> bool:
    """Lower what comes after a loop: jumps that lead further, each where its operand is true, or the loop's own end."""
    made = [each for each in jumps if each[0] != FALSE]
    if not made:
        ended()
        return False
    (test, jump), *others = made
    if test == TRUE:
        jump()
        return False

    def orelse() -> None:
        _onward(frame, node, others, ended, after, rest)

    return frame.branch(node, test, jump, orelse if others else ended, after, rest)


def _asks(node: gast.For) -> Asks:
    """Return how a loop asks for items: one that may write to what an iterator of iterators goes over is no help."""
    nested = isinstance(node.iter, gast.Call) and any(isinstance(arg, gast.Call) for arg in node.iter.args)
    if not nested:
        return Asks.BY_LOOP
    names = {each.id for each in gast.walk(node.iter) if isinstance(each, gast.Name)}
    written = {
        each.value.id
        for statement in node.body
        for each in gast.walk(statement)
        if isinstance(each, (gast.Subscript, gast.Attribute)) and isinstance(each.value, gast.Name)
        if isinstance(each, gast.Attribute) or not isinstance(each.ctx, gast.Load)
    }
    return Asks.BY_LOOP if names.isdisjoint(written) else Asks.IN_TURN


def _looped(frame: Frame, rounds: Rounds, unroll: Callable[[AutodiffError], None]) -> None:
    """Lower a loop as one; where that fails, because its structure changes from turn to turn, unroll it.

    A short one is unrolled, too, where it would have to look for items at an index that is not known.
    """
    before = _Before(frame)
    frame.unrolls += rounds.short
    try:
        rounds.lower()
        return
    except (RunTimeIndexError, KindError) as error:
        failure = error
    finally:
        frame.unrolls -= rounds.short
    before.restore(frame)
    unroll(failure)


def _counted(frame: Frame, node: gast.For, limits: Range, failure: AutodiffError) -> list[Value]:
    """Return the indices of a loop, or fail where it is not known how often it turns."""
    if limits.known() is None:
        raise failure
    return items_of(frame, node.iter, limits)


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


def _unroll(
    frame: Frame, node: gast.For, items: Sequence[Value], get: Callable[[Any], Value] = lambda item: item
) -> None:
    """Lower the body of a loop for each item; `get` lowers the item first."""
    _write_out(frame, node, len(items))
    live = frame.scope.live_at_head[id(node)] | frame.scope.live_at_exit[id(node)]

    def iteration(item: Value) -> None:
        frame.env.update(NO_JUMP)
        assign(frame, node.target, get(item))
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


def _unroll_while(frame: Frame, node: gast.While, failure: AutodiffError) -> None:
    """Lower the body of a `while` as often as it runs; where a test is not known, its first turn before the loop."""
    live = frame.scope.live_at_head[id(node)] | frame.scope.live_at_exit[id(node)]
    turns = 0
    while True:
        decision = frame.env[GO] if frame.env[GO] != TRUE else test(frame, node.test)
        if decision == FALSE:
            return
        if decision != TRUE:
            peeled(frame, node, failure, live, turned=turns > 0)
            return
        turns += 1
        _write_out(frame, node, 1)
        frame.env.update(NO_JUMP)
        run_statements(frame, node.body, live)
        frame.env[SKIP] = FALSE


def _write_out(frame: Frame, node: Node, turns: int) -> None:
    """Refuse to write out more turns than are affordable."""
    frame.context.turns += turns
    if turns > UNROLLED or frame.context.turns > _TURNS:
        frame.refuse(
            node,
            f"{max(turns, frame.context.turns)} turns of loops would be written out one by one",
            f"keep the structure of what the loop changes, and loop over a `range`; or turn at most {UNROLLED} times",
        )
