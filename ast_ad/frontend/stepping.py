"""Generators that are run item by item: `next`, several in one `zip`, a loop that goes on where another one stopped.

Each item is a call of the function that `ast_ad.frontend.steps` makes of the generator function.
"""

from __future__ import annotations

from typing import Any, NoReturn

import gast

from ast_ad.frontend import containers, dispatch, heap, invoke, iterables, members
from ast_ad.frontend.dict_views import View
from ast_ad.frontend.frame import Frame
from ast_ad.frontend.generators import (
    HELD,
    HOME,
    NEW,
    RUNNING,
    SENT,
    SPENT,
    STATE,
    WHILE_RUNNING,
    result_of,
)
from ast_ad.frontend.handlers import HANDLERS, LAZY, Arguments, Keywords
from ast_ad.frontend.heap import is_generator
from ast_ad.frontend.listing import items_of
from ast_ad.frontend.paths import Held
from ast_ad.frontend.scope import own_nodes
from ast_ad.frontend.steps import SELF, steps_of
from ast_ad.frontend.values import ABSENT, Container, Grown, Known, Optional, Range, Ref, Value, is_none
from ast_ad.ir.nodes import Lit
from ast_ad.models import stepping as models

_NOTHING = Known(None)


def _home_of(frame: Frame, node: Any, generator: Ref) -> Frame:
    """Return the frame of the function that a generator runs."""
    home = generator.attribute(frame.env, HOME)
    if not isinstance(home, Known):
        frame.refuse(node, "it is one generator or another, depending on the path", "take its items on each path")
    found: Frame = home.value
    return found


def advance(frame: Frame, node: Any, generator: Ref, sent: Value = _NOTHING) -> tuple[Value, Value]:
    """Run a generator to its next item, with what it is sent; return whether there is one, and the item."""
    if generator.cls.value in _NEXT:
        there, item = dispatch.call_known(frame, node, _known(_NEXT[generator.cls.value]), [generator], {})
        return there, item
    state = generator.attribute(frame.env, STATE)
    if isinstance(state, Known) and state.same(SPENT):
        return Lit(False), ABSENT
    if isinstance(state, Known) and state.same(RUNNING):
        frame.refuse(node, *WHILE_RUNNING)
    if not isinstance(state, Known) or not state.same(NEW):
        frame.refuse(node, "a generator is used again that a loop may have left before its end", "make a new one")
    home = _stepper(frame, _home_of(frame, node, generator))

    def make() -> Frame:
        return _like(home, home.node)

    held = generator.attribute(frame.env, HELD)
    if SENT in held.keys:
        frame.env[frame.context.heap.key(held, SENT)] = sent
    there, item = invoke.invoke(frame, node, ("step", id(home.node)), make, {SELF: held})
    return there, item


def _stepper(frame: Frame, home: Frame) -> Frame:
    """Return the frame of the function that runs a generator to its next item."""
    table = frame.context.steps
    if home.node not in table:
        table[home.node] = steps_of(home)
    return _like(home, table[home.node])


def _like(home: Frame, node: Any) -> Frame:
    """Return a new frame of a function that stands where another one does."""
    return Frame(
        home.context, home.source, node, home.namespace, parent=home.parent, function=home.function, path=home.path
    )


# The functions that the statements call.


def _advance(frame: Frame, node: Any, args: Arguments, kwargs: Keywords) -> Value:
    generator, *value = args
    assert isinstance(generator, Ref)
    return advance(frame, node, generator, *value)


_NEXT: dict[Any, Any] = {
    models.Walk: models.next_of_walk,
    models.ListWalk: models.next_of_list,
    models.Count: models.next_of_count,
}
"""How what stands in a sequence goes on."""


def iterator(frame: Frame, node: Any, value: Value) -> Ref:
    """Return what gives the items of a value one by one."""
    value = iterables.iterated(frame, node, value)
    if isinstance(value, Ref) and is_generator(value):
        return value
    if members.special(value, "__next__") is not None:
        made: Ref = dispatch.call_known(frame, node, _known(models.by_next), [value], {})
        return made
    if isinstance(value, Range):
        return heap.make(frame, _known(models.Count), {"i": value.start, "stop": value.stop, "step": value.step})
    if isinstance(value, View):
        inside = containers.seen(frame, value)
        value = inside.home if isinstance(inside, Grown) else inside
    walk = models.ListWalk if isinstance(value, Container) else models.Walk
    if isinstance(containers.seen(frame, value), dict):
        value, walk = tuple(items_of(frame, node, value)), models.Walk
    return heap.make(frame, _known(walk), {"items": value, "i": Lit(0)})


def _known(function: Any) -> Known:
    return Known(function, Held(function))


def _iterator(frame: Frame, node: Any, args: Arguments, kwargs: Keywords) -> Value:
    return iterator(frame, node, args[0])


def _delegated(frame: Frame, node: Any, args: Arguments, kwargs: Keywords) -> Value:
    return iterables.iterated(frame, node, args[0])


def _returned(frame: Frame, node: Any, args: Arguments, kwargs: Keywords) -> Value:
    return result_of(frame, args[0])


def _send(frame: Frame, node: Any, args: Arguments, kwargs: Keywords) -> Value:
    """Lower ``generator.send(value)``."""
    generator, value = args
    assert isinstance(generator, Ref)
    return item_of(frame, node, generator, value)


def item_of(frame: Frame, node: Any, generator: Ref, value: Value = _NOTHING) -> Value:
    """Return the next item of a generator that is sent a value; that there is none may be caught, as in a function."""
    if frame.attempts:
        return dispatch.call_known(frame, node, _known(models.item_of), [generator, value], {})
    there, item = advance(frame, node, generator, value)
    frame.branch(node, frame.operand(node, there), lambda: None, lambda: _stop(frame, node, [generator], {}), None)
    return item


def _close(frame: Frame, node: Any, args: Arguments, kwargs: Keywords) -> Value:
    """Lower ``generator.close()``."""
    (generator,) = args
    assert isinstance(generator, Ref)
    home = _home_of(frame, node, generator)
    if any(isinstance(each, (gast.Try, gast.With)) for each in own_nodes(home.node.body)):
        frame.refuse(node, "a generator with `try` or `with` is closed", "let it end by itself")
    frame.env[frame.context.heap.key(generator, STATE)] = SPENT
    return Known(None)


def _stop(frame: Frame, node: Any, args: Arguments, kwargs: Keywords) -> NoReturn:
    """Raise what tells that a generator has ended, with what it returned."""
    result = result_of(frame, args[0])
    caught = any(each.catches(StopIteration) is not None for each in frame.attempts)
    given = not is_none(result) and (caught or not isinstance(result, Optional))
    frame.fail(node, StopIteration, *([result] if given else []))


def _nothing(frame: Frame, node: Any, args: Arguments, kwargs: Keywords) -> Value:
    return ABSENT


LAZY.extend((models.advance, models.close, models.delegated, models.iterator))
LAZY.extend((models.returned, models.send, models.stop))
HANDLERS.update(
    {
        models.advance: _advance,
        models.close: _close,
        models.delegated: _delegated,
        models.iterator: _iterator,
        models.nothing: _nothing,
        models.returned: _returned,
        models.send: _send,
        models.stop: _stop,
    }
)
