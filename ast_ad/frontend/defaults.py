"""Dicts that know what they hold where nothing was put: `defaultdict`, `Counter`; and `OrderedDict`.

Such a dict is a container whose class says what a missing key stands for.  Importing this module adds them to the
functions and methods that lowering knows.
"""

from __future__ import annotations

import collections
import functools
import operator
from typing import Any

from ast_ad.frontend import containers, listing, tables
from ast_ad.frontend.dispatch import call
from ast_ad.frontend.frame import Frame
from ast_ad.frontend.handlers import HANDLERS, Arguments, Keywords
from ast_ad.frontend.keys import key_of
from ast_ad.frontend.listing import items_of, pairs_of
from ast_ad.frontend.methods import METHODS
from ast_ad.frontend.values import Closure, Container, Known, Value, is_none, value_of
from ast_ad.ir.nodes import Lit, Operand


class OrderedDict(dict[Any, Any]):
    """The class of containers that are an `OrderedDict`."""

    __ast_ad_model__: type = collections.OrderedDict


class DefaultDict(dict[Any, Any]):
    """The class of containers that are a `defaultdict`; each factory has a subclass."""

    __ast_ad_model__: type = collections.defaultdict
    factory: Value = Known(None)


class Counter(dict[Any, Any]):
    """The class of containers that are a `Counter`."""

    __ast_ad_model__: type = collections.Counter


# OrderedDict.


def _ordered(frame: Frame, node: Any, args: Arguments, kwargs: Keywords) -> Value:
    given = pairs_of(frame, node, args[0]) if args else {}
    return tables.made(frame, node, containers.made(frame, {**given, **kwargs}, cls=OrderedDict))


def _move_to_end(frame: Frame, node: Any, owner: Container, args: Arguments, kwargs: Keywords) -> Value:
    given = {**dict(zip(("key", "last"), args)), **kwargs}
    key, inside = key_of(frame, node, given["key"]), containers.seen(frame, owner)
    listing.item(frame, node, owner, given["key"])
    rest = {each: value for each, value in inside.items() if each != key}
    last = given.get("last", Lit(True)) == Lit(True)
    moved = {key: inside[key]}
    containers.change(frame, node, owner, {**rest, **moved} if last else {**moved, **rest})
    return Known(None)


def _pop_item(frame: Frame, node: Any, owner: Container, args: Arguments, kwargs: Keywords) -> Value:
    inside = containers.seen(frame, owner)
    given = {**dict(zip(("last",), args)), **kwargs}
    if not inside:
        frame.fail(node, KeyError, Lit("popitem(): dictionary is empty"))
    key = list(inside)[-1 if given.get("last", Lit(True)) == Lit(True) else 0]
    value = inside[key]
    containers.change(frame, node, owner, {each: item for each, item in inside.items() if each != key})
    return value_of(key), value


# defaultdict.


@functools.lru_cache(maxsize=256)
def _made_by(factory: Value) -> type:
    return type("defaultdict", (DefaultDict,), {"factory": factory})


def _default_dict(frame: Frame, node: Any, args: Arguments, kwargs: Keywords) -> Value:
    factory, *rest = args or [Known(None)]
    given = pairs_of(frame, node, rest[0]) if rest else {}
    missing = _lasting(frame, factory)
    return tables.made(frame, node, containers.made(frame, {**given, **kwargs}, cls=_made_by(missing)), missing)


def _lasting(frame: Frame, factory: Value) -> Value:
    """Return one value for a function that is defined anew in each round of lowering a loop."""
    if not isinstance(factory, Closure) or factory.defaults:
        return factory
    known: Value = frame.context.factories.setdefault((factory.node, factory.frame), factory)
    return known


def _missing(frame: Frame, node: Any, owner: Container, key: Value) -> Value:
    factory = owner.type.factory  # type: ignore[attr-defined]
    if is_none(factory):
        listing.fail_missing(frame, node, owner, key)
    value = call(frame, node, factory, [], {})
    listing.set_item(frame, node, owner, key, value)
    return value


# Counter.


def _counter(frame: Frame, node: Any, args: Arguments, kwargs: Keywords) -> Value:
    owner = containers.made(frame, {}, cls=Counter)
    _update(frame, node, owner, args, kwargs)
    return tables.made(frame, node, owner, Known(collections.Counter))


def _changed(frame: Frame, node: Any, owner: Container, args: Arguments, kwargs: Keywords, fn: Any) -> Value:
    """Add counts to those of a counter, or subtract them."""
    counts: dict[Any, Value] = dict(containers.seen(frame, owner))
    given = containers.seen(frame, args[0]) if args else {}
    if isinstance(given, dict):
        added = list(given.items())
    else:
        added = [(key_of(frame, node, each), Lit(1)) for each in items_of(frame, node, given)]
    for key, count in [*added, *kwargs.items()]:
        counts[key] = frame.op(node, fn, frame.operand(node, counts.get(key, Lit(0))), frame.operand(node, count))
    containers.change(frame, node, owner, counts)
    return Known(None)


def _update(frame: Frame, node: Any, owner: Container, args: Arguments, kwargs: Keywords) -> Value:
    return _changed(frame, node, owner, args, kwargs, operator.add)


def _subtract(frame: Frame, node: Any, owner: Container, args: Arguments, kwargs: Keywords) -> Value:
    return _changed(frame, node, owner, args, kwargs, operator.sub)


def _most_common(frame: Frame, node: Any, owner: Container, args: Arguments, kwargs: Keywords) -> Value:
    inside = containers.seen(frame, owner)
    if not all(isinstance(count, Lit) for count in inside.values()):
        frame.refuse(node, "which counts are the largest is known only when it runs", "sort the items by their counts")
    count = None if not args or is_none(args[0]) else args[0].value
    found = collections.Counter({key: each.value for key, each in inside.items()}).most_common(count)
    return containers.made(frame, [(value_of(key), inside[key]) for key, _ in found])


def _elements(frame: Frame, node: Any, owner: Container, args: Arguments, kwargs: Keywords) -> Value:
    inside = containers.seen(frame, owner)
    if not all(isinstance(count, Lit) for count in inside.values()):
        frame.refuse(node, "how many elements there are is known only when it runs", "loop over the counts")
    return containers.made(frame, [value_of(key) for key, count in inside.items() for _ in range(count.value)])


def _total(frame: Frame, node: Any, owner: Container, args: Arguments, kwargs: Keywords) -> Value:
    total: Operand = Lit(0)
    for count in containers.seen(frame, owner).values():
        total = frame.op(node, operator.add, total, count)
    return total


METHODS[dict]["popitem"] = _pop_item
METHODS[OrderedDict] = {**METHODS[dict], "move_to_end": _move_to_end}
METHODS[DefaultDict] = METHODS[dict]
METHODS[Counter] = {
    **METHODS[dict],
    "elements": _elements,
    "most_common": _most_common,
    "subtract": _subtract,
    "total": _total,
    "update": _update,
}
listing.MISSING.update({Counter: lambda frame, node, owner, key: Lit(0), DefaultDict: _missing})
HANDLERS.update(
    {collections.Counter: _counter, collections.OrderedDict: _ordered, collections.defaultdict: _default_dict}
)
