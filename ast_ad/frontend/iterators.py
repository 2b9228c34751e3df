"""What Python's iterators do with generators: `next`, `iter`, `zip`, `enumerate`, `map` and `filter`.

Importing this module adds them to the functions that lowering knows.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ast_ad.frontend import (
    calls,
    containers,
    functional,  # noqa: F401  (what it and `sequences` put into the table is wrapped here)
    heap,
    members,
    sequences,  # noqa: F401
)
from ast_ad.frontend.frame import Frame
from ast_ad.frontend.generators import LEFT, STATE, collected
from ast_ad.frontend.handlers import HANDLERS, Arguments, Handler, Keywords
from ast_ad.frontend.heap import is_generator
from ast_ad.frontend.values import UNBOUND, Known, Ref, Value
from ast_ad.frontend.wording import describe

__all__ = ["HANDLERS"]

_REST, _SEEN = "%rest", "%seen"


def next_item(frame: Frame, node: Any, args: Sequence[Value]) -> Value:
    """Lower `next(generator)`: which item that is has to be known."""
    generator = args[0]
    if not is_generator(generator):
        frame.refuse(node, f"`next` of {describe(generator)} is not supported", "use an index")
    assert isinstance(generator, Ref)
    table = frame.context.heap
    rest = generator.attribute(frame.env, _REST)
    seen = {key: value for key, value in heap.contents(frame.context, frame.env).items() if not _is_own(key, generator)}
    if rest is UNBOUND:
        everything = collected(frame, node, generator, static=True)
        rest = containers.seen(frame, everything)
        if not isinstance(rest, list):
            frame.refuse(node, "how many items the generator has is known only when it runs", "use a loop")
        after = heap.contents(frame.context, frame.env)
        if any(after.get(key) is not value for key, value in seen.items()):
            frame.refuse(node, "the generator changes what others see, and is run by `next`", "use a loop")
    else:
        before = generator.attribute(frame.env, _SEEN).value
        if any(seen.get(key) is not value for key, value in before.items()):
            frame.refuse(node, "something has changed since the last `next` of the generator", "use a loop")
    frame.env[table.key(generator, _SEEN)] = Known(dict(seen))
    frame.env[table.key(generator, _REST)] = list(rest[1:])
    frame.env[table.key(generator, STATE)] = LEFT
    if rest:
        return rest[0]
    if len(args) > 1:
        return args[1]
    frame.fail(node, StopIteration)


def _is_own(key: str, generator: Ref) -> bool:
    return key.startswith(generator.marker)


def enumerated(items: Any, start: int = 0) -> Any:
    """`enumerate` of a generator."""
    i = start
    for item in items:
        yield i, item
        i += 1


def zipped_before(generator: Any, items: Any) -> Any:
    """`zip` of a generator and a sequence."""
    for i, item in enumerated(generator):
        if i >= len(items):
            return
        yield item, items[i]


def zipped_after(items: Any, generator: Any) -> Any:
    """`zip` of a sequence and a generator, which is not asked for more than there is."""
    if len(items) == 0:
        return
    for i, item in enumerated(generator):
        yield items[i], item
        if i + 1 >= len(items):
            return


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


def lazily(frame: Frame, node: Any, fn: Any, args: Sequence[Value]) -> Value | None:
    """Return the generator that `zip`, `enumerate`, `map` or `filter` makes of one; None where there is none."""
    found = [is_generator(arg) for arg in args]
    if not any(found):
        return None
    if fn is enumerate:
        return calls.call_known(frame, node, Known(enumerated), args, {})
    if fn in (map, filter) and found[1:] == [True]:
        return calls.call_known(frame, node, Known(mapped if fn is map else filtered), args, {})
    if fn is zip and len(args) == 2 and sum(found) == 1:
        return calls.call_known(frame, node, Known(zipped_before if found[0] else zipped_after), args, {})
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
    (value,) = args
    if is_generator(value):
        return value
    if members.special(value, "__iter__") is not None:
        return members.call_special(frame, node, value, "__iter__")
    return calls.call_known(frame, node, Known(iterated), args, {})


HANDLERS[iter] = _iter
HANDLERS[next] = _next
HANDLERS.update({fn: _lazy(fn, HANDLERS[fn]) for fn in (enumerate, filter, map, zip)})
