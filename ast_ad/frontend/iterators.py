"""What Python's iterators do with generators: `next`, `iter`, `zip`, `enumerate`, `map` and `filter`.

Importing this module adds them to the functions that lowering knows.
"""

from __future__ import annotations

import itertools
import operator
from collections.abc import Sequence
from typing import Any

from ast_ad.frontend import (
    calls,
    functional,  # noqa: F401  (what it and `sequences` put into the table is wrapped here)
    members,
    sequences,  # noqa: F401
    stepping,
)
from ast_ad.frontend.choices import choice
from ast_ad.frontend.frame import Frame
from ast_ad.frontend.handlers import HANDLERS, LAZY, Arguments, Handler, Keywords
from ast_ad.frontend.heap import is_generator
from ast_ad.frontend.values import Known, Ref, Value, is_none
from ast_ad.frontend.wording import describe
from ast_ad.ir.nodes import Lit
from ast_ad.models import stepping as models

__all__ = ["HANDLERS"]


def next_item(frame: Frame, node: Any, args: Sequence[Value]) -> Value:
    """Lower `next(generator)`."""
    generator = args[0]
    if members.special(generator, "__next__") is not None and len(args) == 1:
        return members.call_special(frame, node, generator, "__next__")
    if not is_generator(generator):
        frame.refuse(node, f"`next` of {describe(generator)} is not supported", "use an index")
    assert isinstance(generator, Ref)
    there, item = stepping.advance(frame, node, generator)
    if len(args) > 1:
        return choice(frame, node, frame.operand(node, there), lambda: item, lambda: args[1])
    frame.branch(node, frame.operand(node, there), lambda: None, lambda: frame.fail(node, StopIteration), None)
    return item


def enumerated(items: Any, start: int = 0) -> Any:
    """`enumerate` of a generator."""
    i = start
    for item in items:
        yield i, item
        i += 1


def iterated(items: Any) -> Any:
    """`iter` of a sequence."""
    yield from items


def mapped(function: Any, items: Any) -> Any:
    """`map` of a generator."""
    for item in items:
        yield function(item)


def filtered(function: Any, items: Any) -> Any:
    """`filter` of a generator."""
    for item in items:
        if function(item):
            yield item


_MODELS = {
    itertools.dropwhile: models.dropped_while,
    itertools.takewhile: models.taken_while,
}


def lazily(frame: Frame, node: Any, fn: Any, args: Sequence[Value]) -> Value | None:
    """Return the generator that `zip`, `enumerate`, `map` or `filter` makes of one; None where there is none."""
    args = [_iter(frame, node, [arg], {}) if members.special(arg, "__iter__") is not None else arg for arg in args]
    found = [is_generator(arg) for arg in args]
    if not any(found):
        return None
    if fn is enumerate:
        return calls.call_known(frame, node, Known(enumerated), args, {})
    if fn in (map, filter) and found[1:] == [True]:
        return calls.call_known(frame, node, Known(mapped if fn is map else filtered), args, {})
    if fn is zip:
        if len(args) == 1:
            return calls.call_known(frame, node, Known(models.single), args, {})
        return calls.call_known(frame, node, Known(models.zipped if len(args) == 2 else models.zipped_with), args, {})
    if fn is itertools.islice:
        start, stop, step = [Lit(0), args[1], Lit(1)] if len(args) == 2 else [*args[1:], Lit(1)][:3]
        start, step = (Lit(number) if is_none(each) else each for each, number in ((start, 0), (step, 1)))
        return calls.call_known(frame, node, Known(models.sliced), [args[0], start, stop, step], {})
    if fn is itertools.accumulate:
        function = args[1] if len(args) > 1 else Known(operator.add)
        return calls.call_known(frame, node, Known(models.accumulated), [args[0], function], {})
    if fn is itertools.chain:
        *before, last = args
        for each in reversed(before):
            last = calls.call_known(frame, node, Known(models.joined), [each, last], {})
        return last
    if fn in _MODELS:
        return calls.call_known(frame, node, Known(_MODELS[fn]), args, {})
    frame.refuse(node, "several iterators run in turn here", "take all of one: `list(generator)`")


def _next(frame: Frame, node: Any, args: Arguments, kwargs: Keywords) -> Value:
    return next_item(frame, node, args)


def _lazy(fn: Any, otherwise: Handler) -> Handler:
    """Make the handler of a function that returns an iterator."""

    def handler(frame: Frame, node: Any, args: Arguments, kwargs: Keywords) -> Value:
        found = lazily(frame, node, fn, [*args, *kwargs.values()])
        return otherwise(frame, node, args, kwargs) if found is None else found

    return handler


def _iter(frame: Frame, node: Any, args: Arguments, kwargs: Keywords) -> Value:
    value = members.iterated(frame, node, args[0])
    if is_generator(value):
        return value
    if members.special(value, "__next__") is not None:
        return calls.call_known(frame, node, Known(models.by_next), [value], {})
    return calls.call_known(frame, node, Known(iterated), [value], {})


def _model(fn: Any) -> Handler:
    """Make the handler of an iterator that a generator function is a model of."""

    def handler(frame: Frame, node: Any, args: Arguments, kwargs: Keywords) -> Value:
        return calls.call_known(frame, node, Known(fn), args, kwargs)

    return handler


_LAZY = (enumerate, filter, itertools.accumulate, itertools.chain, itertools.islice, map, zip)

LAZY.extend((*_LAZY, iter, itertools.dropwhile, itertools.takewhile, next))
HANDLERS[iter] = _iter
HANDLERS[next] = _next
HANDLERS.update({fn: _lazy(fn, HANDLERS[fn]) for fn in _LAZY})
HANDLERS[itertools.dropwhile] = _model(models.dropped_while)
HANDLERS[itertools.takewhile] = _model(models.taken_while)
