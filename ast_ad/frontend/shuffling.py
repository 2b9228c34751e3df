"""What sources of random numbers do with sequences: they shuffle them, and the standard library's choose items.

What is drawn is places; which items stand there is followed.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

import numpy as np

from ast_ad.frontend import arrays, containers, external, grown, memory
from ast_ad.frontend.dispatch import call_known
from ast_ad.frontend.frame import Frame
from ast_ad.frontend.handlers import HANDLERS, Arguments, Handler, Keywords
from ast_ad.frontend.paths import Held
from ast_ad.frontend.resolution import guard_identity
from ast_ad.frontend.values import Container, Grown, GrownParts, Known, Range, Value, is_operand
from ast_ad.ir.nodes import Lit
from ast_ad.models import in_place, iteration
from ast_ad.runtime import drawn_place, drawn_places, shuffled, shuffled_places
from ast_ad.trees import LEAF


def shuffle(frame: Frame, node: Any, source: Value, args: Arguments, kwargs: Keywords) -> Value:
    """Lower ``source.shuffle(x, axis)`` of one of NumPy's; the source None is the one that its module hides."""
    given = {**dict(zip(("x", "axis"), args)), **kwargs}
    x, axis = given.get("x"), given.get("axis", Lit(0))
    if isinstance(x, Container) and axis == Lit(0):
        return _list(frame, node, source, x)
    if not arrays.is_array(x) or not isinstance(axis, Lit):
        frame.refuse(
            node,
            "only lists, and arrays along a constant axis, are shuffled here",
            "shuffle an index array, and use it",
        )
    _array(frame, node, source, x, axis)
    return Known(None)


def _array(frame: Frame, node: Any, source: Value, x: Any, axis: Lit) -> None:
    order = frame.op(node, shuffled, source, frame.op(node, np.shape, x), axis)
    memory.replace(frame, node, x, frame.op(node, np.take, x, order, axis))


def _list(frame: Frame, node: Any, source: Value, x: Container) -> Value:
    order = frame.op(node, shuffled_places, source, call_known(frame, node, Known(len), [x], {}))
    places = containers.made(frame, Grown(GrownParts(LEAF), [order]))
    return call_known(frame, node, Known(in_place.rearrange, Held(in_place.rearrange)), [x, places], {})


def _of_python(frame: Frame, node: Any, args: Arguments, kwargs: Keywords) -> Value:
    """Lower ``random.Random.shuffle(source, x)``: it exchanges the items of lists, and of arrays without rows."""
    source, *rest = args
    given = [*rest, *kwargs.values()]
    source = _operand(frame, source)
    if is_operand(source) and len(given) == 1:
        if isinstance(given[0], Container):
            return _list(frame, node, source, given[0])
        if arrays.is_array(given[0]) and given[0].kind.ndim == 1:
            _array(frame, node, source, given[0], Lit(0))
            return Known(None)
    frame.refuse(
        node, "this is shuffled neither as a list nor as a vector", "shuffle a list of indices, and take the rows by it"
    )


def _items(frame: Frame, node: Any, value: Value) -> Value | None:
    """Return what an item is chosen from; None for a text, and for functions and other things that are known."""
    if arrays.is_array(value) or isinstance(value, Range):
        return value
    inside = containers.seen(frame, value)
    if type(inside) in (tuple, list) and inside:
        if all(isinstance(each, (Known, Lit)) for each in inside) and grown.grow(frame, list(inside)) is None:
            return None
        return containers.made(frame, list(inside)) if type(inside) is tuple else value
    return value if isinstance(inside, Grown) else None


def _choice(frame: Frame, node: Any, args: Arguments, kwargs: Keywords) -> Value:
    """Lower ``random.Random.choice(source, items)``."""
    items = _items(frame, node, args[1]) if len(args) == 2 and not kwargs else None
    if items is None:
        return external.call(frame, node, random.Random.choice, args, kwargs)
    place = frame.op(node, drawn_place, _operand(frame, args[0]), call_known(frame, node, Known(len), [items], {}))
    return call_known(frame, node, Known(iteration.at_place, Held(iteration.at_place)), [items, place], {})


def _sample(frame: Frame, node: Any, args: Arguments, kwargs: Keywords) -> Value:
    """Lower ``random.Random.sample(source, items, k)``."""
    return _several(frame, node, random.Random.sample, args, kwargs)


def _choices(frame: Frame, node: Any, args: Arguments, kwargs: Keywords) -> Value:
    """Lower ``random.Random.choices(source, items, k=k)``; with weights it is called as it is."""
    if kwargs.keys() <= {"k"} and len(args) == 2:
        return _several(frame, node, random.Random.choices, [*args, kwargs.get("k", Lit(1))], {})
    return external.call(frame, node, random.Random.choices, args, kwargs)


def _several(frame: Frame, node: Any, fn: Callable[..., Any], args: Arguments, kwargs: Keywords) -> Value:
    source, *given = [*args, *kwargs.values()]
    items = _items(frame, node, given[0]) if len(given) == 2 and kwargs.keys() <= {"k"} else None
    if items is None:
        return external.call(frame, node, fn, args, kwargs)
    count = call_known(frame, node, Known(len), [items], {})
    again = [Lit(True)] if fn is random.Random.choices else []
    places = frame.op(node, drawn_places, _operand(frame, source), count, frame.operand(node, given[1]), *again)
    listed = containers.made(frame, Grown(GrownParts(LEAF), [places]))
    return call_known(frame, node, Known(iteration.at_places, Held(iteration.at_places)), [items, listed], {})


def _operand(frame: Frame, source: Value) -> Value:
    """Return a source of random numbers as an operand."""
    if not isinstance(source, Known):
        return source
    guard_identity(frame, source)
    return Lit(source.value)


def _of_the_module(handler: Handler) -> Handler:
    """Make the handler of a function of the module, which is a method of the source that it hides."""
    return lambda frame, node, args, kwargs: handler(frame, node, [Lit(random), *args], kwargs)


for _name, _handler in {"shuffle": _of_python, "choice": _choice, "sample": _sample, "choices": _choices}.items():
    HANDLERS[getattr(random.Random, _name)] = _handler
    HANDLERS[getattr(random, _name)] = _of_the_module(_handler)
HANDLERS[np.random.shuffle] = lambda frame, node, args, kwargs: shuffle(frame, node, Lit(None), args, kwargs)
