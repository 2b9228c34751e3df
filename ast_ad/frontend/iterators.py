"""What Python's iterators do with generators: `next`, `iter`, `zip`, `enumerate`, `map` and `filter`.

Importing this module adds them to the functions that lowering knows.
"""

from __future__ import annotations

import itertools
import operator
import types
from collections.abc import Sequence
from typing import Any

import numpy as np

from ast_ad.frontend import (
    dispatch,
    functional,  # noqa: F401  (what it and `sequences` put into the table is wrapped here)
    iterables,
    members,
    mistakes,
    sequences,  # noqa: F401
    stepping,
)
from ast_ad.frontend.asking import Asks
from ast_ad.frontend.choices import choice
from ast_ad.frontend.dict_views import Items, Values, View, is_dict
from ast_ad.frontend.frame import Frame
from ast_ad.frontend.functional import is_endless
from ast_ad.frontend.handlers import HANDLERS, LAZY, TAKES_DICT, Arguments, Handler, Keywords
from ast_ad.frontend.heap import is_generator
from ast_ad.frontend.values import Container, Known, Partial, Range, Ref, Table, Value, is_none
from ast_ad.frontend.wording import describe
from ast_ad.ir.nodes import Lit
from ast_ad.models import stepping as models
from ast_ad.rules.registry import find

__all__ = ["HANDLERS"]


def next_item(frame: Frame, node: Any, args: Sequence[Value]) -> Value:
    """Lower `next(generator)`."""
    generator = args[0]
    if members.special(generator, "__next__") is not None and len(args) == 1:
        return members.call_special(frame, node, generator, "__next__")
    if not is_generator(generator):
        frame.refuse(node, f"`next` of {describe(generator)} is not supported", "use an index")
    assert isinstance(generator, Ref)
    if len(args) == 1:
        return stepping.item_of(frame, node, generator)
    there, item = stepping.advance(frame, node, generator)
    return choice(frame, node, frame.operand(node, there), lambda: item, lambda: args[1])


def enumerated(items: Any, start: int = 0) -> Any:
    """`enumerate` of a generator."""
    i = start
    for item in items:
        yield i, item
        i += 1


def iterated(items: Any) -> Any:
    """`iter` of a sequence."""
    yield from items


def iterated_dict(keys: Any, length: int) -> Any:
    """`iter` of a dict, which has a length that must not change, or of its keys."""
    listed = list(keys)
    for key in listed:
        if len(keys) != length:
            raise RuntimeError("dictionary changed size during iteration")
        yield key
    if len(keys) != length:
        raise RuntimeError("dictionary changed size during iteration")
    if list(keys) != listed:
        raise RuntimeError("dictionary keys changed during iteration")


def iterated_values(owner: Any, length: int) -> Any:
    """`iter` of the values of a dict."""
    for key in iterated_dict(owner, length):
        yield owner[key]


def iterated_items(owner: Any, length: int) -> Any:
    """`iter` of the items of a dict."""
    for key in iterated_dict(owner, length):
        yield key, owner[key]


def backwards(items: Any, length: int) -> Any:
    """`reversed` of an object, which begins where it ended when it was asked for."""
    for i in range(length - 1, -1, -1):
        yield items[i]


def mapped(function: Any, items: Any) -> Any:
    """`map`."""
    for item in items:
        yield function(item)


def filtered(function: Any, items: Any) -> Any:
    """`filter`."""
    for item in items:
        if function(item):
            yield item


def mapped_together(function: Any, items: Any) -> Any:
    """`map` of several, which are zipped, and `itertools.starmap`."""
    for each in items:
        yield function(*each)


def filtered_out(function: Any, items: Any) -> Any:
    """`itertools.filterfalse`."""
    for item in items:
        if not function(item):
            yield item


def itself(item: Any) -> Any:
    """Stand for the None that `filter` is given to leave out what is false."""
    return item


_ITEM_BY_ITEM = {
    filter: filtered,
    itertools.filterfalse: filtered_out,
    itertools.starmap: mapped_together,
    map: mapped,
}
_MODELS = {
    itertools.dropwhile: models.dropped_while,
    itertools.takewhile: models.taken_while,
}


def lazily(frame: Frame, node: Any, fn: Any, args: Sequence[Value]) -> Value | None:
    """Return the generator that `zip`, `enumerate`, `map` or `filter` makes; None where it may be a list as well.

    A list will do where all items are asked for at once, or where nothing can happen in between that changes them.
    """
    if fn is reversed and members.class_of(args[0]) is not None and not is_generator(args[0]):
        return _reversed(frame, node, args[0])
    args = [_iter(frame, node, [arg], {}) if iterables.is_iterable(arg) else arg for arg in args]
    if fn is itertools.islice and is_endless(args[0]):
        return _part_of_count(frame, node, args)
    by_function = fn in _ITEM_BY_ITEM and len(args) > 1
    if not any(map(is_generator, args)) and not _needs_turns(frame, fn, args, by_function):
        return None
    if fn is not reversed:
        args = [_iter(frame, node, [arg], {}) if is_dict(arg) else arg for arg in args]
    if fn is enumerate:
        return dispatch.call_known(frame, node, Known(enumerated), args, {})
    if fn is reversed:
        length = dispatch.call_known(frame, node, Known(len), args, {})
        return dispatch.call_known(frame, node, Known(models.backwards_meanwhile), [args[0], length], {})
    if fn is map and len(args) > 2:
        pairs = dispatch.call_known(frame, node, Known(zip), args[1:], {})
        return dispatch.call_known(frame, node, Known(mapped_together), [args[0], pairs], {})
    if by_function:
        function = Known(itself) if is_none(args[0]) else args[0]
        return dispatch.call_known(frame, node, Known(_ITEM_BY_ITEM[fn]), [function, *args[1:]], {})
    if fn is zip:
        if len(args) == 1:
            return dispatch.call_known(frame, node, Known(models.single), args, {})
        return dispatch.call_known(
            frame, node, Known(models.zipped if len(args) == 2 else models.zipped_with), args, {}
        )
    if fn is itertools.islice:
        start, stop, step = [Lit(0), args[1], Lit(1)] if len(args) == 2 else [*args[1:], Lit(1)][:3]
        start, step = (Lit(number) if is_none(each) else each for each, number in ((start, 0), (step, 1)))
        return dispatch.call_known(frame, node, Known(models.sliced), [args[0], start, stop, step], {})
    if fn is itertools.accumulate:
        function = args[1] if len(args) > 1 else Known(operator.add)
        return dispatch.call_known(frame, node, Known(models.accumulated), [args[0], function], {})
    if fn is itertools.chain:
        *before, last = args
        for each in reversed(before):
            last = dispatch.call_known(frame, node, Known(models.joined), [each, last], {})
        return last
    if fn in _MODELS:
        return dispatch.call_known(frame, node, Known(_MODELS[fn]), args, {})
    frame.refuse(node, "several iterators run in turn here", "take all of one: `list(generator)`")


def _reversed(frame: Frame, node: Any, value: Value) -> Value | None:
    """Return what `reversed` of an object gives; None for a named tuple."""
    if members.special(value, "__reversed__") is not None:
        return members.call_special(frame, node, value, "__reversed__")
    if members.special(value, "__getitem__") is not None and members.special(value, "__len__") is not None:
        length = members.call_special(frame, node, value, "__len__")
        return dispatch.call_known(frame, node, Known(backwards), [value, length], {})
    if isinstance(value, tuple):
        return None
    frame.misfit(node, f"`reversed` of {describe(value)}, whose class has no `__reversed__`", "use a list of its items")


def _needs_turns(frame: Frame, fn: Any, args: Sequence[Value], by_function: bool) -> bool:
    """Tell whether what is made when an item is asked for may be another than what is made now.

    A function of the user's may do more than compute, and what it reads may change; lists may change, too.  (A loop
    over one knows what becomes of it, and over `enumerate`, `reversed` and `zip` of one.)
    """
    if frame.asks is Asks.AT_ONCE:
        return False
    if by_function and _is_of_the_user(args[0]):
        return True
    known = fn in (enumerate, reversed, zip) and frame.asks is Asks.BY_LOOP
    if known:
        return False
    return any(
        (is_dict(arg) and fn is not reversed) or (isinstance(arg, Container) and arg.type is list) for arg in args
    )


def _is_of_the_user(function: Value) -> bool:
    """Tell whether a function is lowered by its text."""
    if isinstance(function, Partial):
        return _is_of_the_user(function.function)
    if isinstance(function, Known):
        value = function.value
        return isinstance(value, (types.FunctionType, types.MethodType)) and find(value) is None
    return True


def _part_of_count(frame: Frame, node: Any, args: Sequence[Value]) -> Value:
    """Return what `itertools.islice` takes of `itertools.count`."""
    first, last, by = (Known(None), args[1], Known(None)) if len(args) == 2 else (*args[1:], Known(None))[:3]
    start, step = (Lit(number) if is_none(each) else each for each, number in ((first, 0), (by, 1)))
    counted = args[0]

    def at(place: Value) -> Any:
        return frame.op(node, operator.add, counted.start, frame.op(node, operator.mul, place, counted.step))

    stop = counted.stop if is_none(last) else at(last)
    return Range(at(start), stop, frame.op(node, operator.mul, counted.step, step))


def _next(frame: Frame, node: Any, args: Arguments, kwargs: Keywords) -> Value:
    return next_item(frame, node, args)


def _lazy(fn: Any, otherwise: Handler) -> Handler:
    """Make the handler of a function that returns an iterator."""

    def handler(frame: Frame, node: Any, args: Arguments, kwargs: Keywords) -> Value:
        found = lazily(frame, node, fn, [*args, *kwargs.values()])
        if found is not None:
            return found
        return otherwise(frame, node, [arg.keys if isinstance(arg, Table) else arg for arg in args], kwargs)

    return handler


def _iter(frame: Frame, node: Any, args: Arguments, kwargs: Keywords) -> Value:
    value = iterables.iterated(frame, node, args[0])
    if is_generator(value):
        return value
    if members.special(value, "__next__") is not None:
        return dispatch.call_known(frame, node, Known(models.by_next), [value], {})
    raises = mistakes.not_iterable(value)
    if raises is not None:
        frame.misfit(node, f"{describe(value)} has no items", "go through an array, a tuple or a list", raises)
    if is_dict(value):
        owner = value.owner if isinstance(value, View) else value
        length = dispatch.call_known(frame, node, Known(len), [owner], {})
        by_class = {Items: iterated_items, Values: iterated_values}
        model = next((model for cls, model in by_class.items() if isinstance(value, cls)), iterated_dict)
        return dispatch.call_known(frame, node, Known(model), [owner, length], {})
    return dispatch.call_known(frame, node, Known(iterated), [value], {})


def _changing(frame: Frame, node: Any, args: Arguments, kwargs: Keywords) -> Value:
    """Return the iterator of a list or a dict that may change meanwhile."""
    (value,) = args
    if not isinstance(value, Container) or is_dict(value):
        return _iter(frame, node, args, kwargs)
    return dispatch.call_known(frame, node, Known(models.listed_meanwhile), args, {})


def _model(fn: Any) -> Handler:
    """Make the handler of an iterator that a generator function is a model of."""

    def handler(frame: Frame, node: Any, args: Arguments, kwargs: Keywords) -> Value:
        return dispatch.call_known(frame, node, Known(fn), args, kwargs)

    return handler


_LAZY = (*_ITEM_BY_ITEM, enumerate, itertools.accumulate, itertools.chain, itertools.islice, reversed, zip)

LAZY.extend((*_LAZY, all, any, iter, itertools.dropwhile, itertools.takewhile, next, np.fromiter))
TAKES_DICT.extend(_LAZY)
HANDLERS[iter] = _iter
HANDLERS[next] = _next
HANDLERS[models.changing] = _changing
HANDLERS.update({fn: _lazy(fn, HANDLERS[fn]) for fn in _LAZY})
HANDLERS[itertools.dropwhile] = _model(models.dropped_while)
HANDLERS[itertools.takewhile] = _model(models.taken_while)
