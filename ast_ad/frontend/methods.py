"""The methods of lists and dicts, and their operators that change them."""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from ast_ad.frontend import (
    arithmetic,
    arrays,
    computed_keys,
    containers,
    dispatch,
    grown_items,
    heap,
    listing,
    streams,
)
from ast_ad.frontend.choices import choice
from ast_ad.frontend.dict_views import Items, Keys, Values
from ast_ad.frontend.equality import equal_items, is_one_object
from ast_ad.frontend.frame import Frame
from ast_ad.frontend.keys import has_known_key, key_of
from ast_ad.frontend.paths import Held
from ast_ad.frontend.run_time_tuples import is_tuple
from ast_ad.frontend.values import Container, Grown, Known, Method, Table, Value, is_operand
from ast_ad.ir.kinds import Scalar
from ast_ad.ir.nodes import Lit
from ast_ad.models import iteration

Arguments = Sequence[Value]
Keywords = Mapping[str, Value]


def augmented(frame: Frame, node: Any, owner: Container, fn: Callable[..., Any], value: Value) -> bool:
    """Lower ``owner += value``, ``owner *= count`` or ``owner |= value``; tell whether the container has changed.

    It does not where the value is an array: Python asks arrays for a sum before it lets lists extend themselves.
    """
    inside = containers.seen(frame, owner)
    if is_tuple(owner) or arrays.are_arrays(inside, containers.seen(frame, value), fn):
        return False
    if arithmetic.is_counter(owner) and arithmetic.is_counter(value):
        made = arithmetic.binary(frame, node, fn, owner, value)
        if isinstance(made, Table):
            frame.refuse(node, "a counter becomes one whose keys are known only when it runs", "write `c = c + other`")
        containers.change(frame, node, owner, containers.seen(frame, made))
        return True
    if isinstance(inside, dict) and fn is operator.or_:
        containers.change(frame, node, owner, {**inside, **listing.pairs_of(frame, node, value)})
        return True
    if isinstance(inside, (list, Grown)) and fn is operator.add:
        methods_of(owner)["extend"](frame, node, owner, [value], {})
        return True
    if isinstance(inside, (list, Grown)) and fn is operator.mul:
        containers.change(frame, node, owner, containers.seen(frame, arithmetic.binary(frame, node, fn, owner, value)))
        return True
    return False


def call_method(frame: Frame, node: Any, method: Method, args: Arguments, kwargs: Keywords) -> Value:
    """Lower the call of a method of a list or dict."""
    return methods_of(method.owner)[method.name](frame, node, method.owner, args, kwargs)


def methods_of(owner: Container) -> dict[str, _Method]:
    """Return the methods of a container."""
    cls = listing.table_of(owner, METHODS)
    assert cls is not None
    return METHODS[cls]


def _given(frame: Frame, node: Any, args: Arguments, least: int, most: int) -> list[Value]:
    """Return the arguments of a method, after checking how many they are."""
    if not least <= len(args) <= most:
        frame.misfit(node, f"the method takes {least} to {most} arguments, and {len(args)} are given")
    return list(args)


def _list(frame: Frame, owner: Container) -> list[Value]:
    inside: list[Value] = containers.seen(frame, owner)
    if isinstance(inside, Grown):
        frame.refuse(
            frame.node,
            "this method of a list needs its items to be known when lowering, and the list grows in a loop",
            "build a new list in a loop",
        )
    return inside


def _append(frame: Frame, node: Any, owner: Container, args: Arguments, kwargs: Keywords) -> Value:
    (value,) = map(frame.facts.narrowed, _given(frame, node, args, 1, 1))
    inside = containers.seen(frame, owner)
    if isinstance(inside, Grown):
        grown_items.append(frame, node, owner, inside, value)
    else:
        containers.change(frame, node, owner, [*inside, value])
    return Known(None)


def _extend(frame: Frame, node: Any, owner: Container, args: Arguments, kwargs: Keywords) -> Value:
    (more,) = _given(frame, node, args, 1, 1)
    if heap.is_generator(more) or streams.has_run_time_length(frame, node, more):
        more = dispatch.call_known(frame, node, Known(list), [more], {})
    inside, added = containers.seen(frame, owner), containers.seen(frame, more)
    if isinstance(inside, Grown) and not isinstance(added, Grown):
        for each in listing.items_of(frame, node, more):
            _append(frame, node, owner, [each], {})
        return Known(None)
    if isinstance(added, Grown):
        pair = grown_items.alike(frame, node, inside, added)
        grown_items.lend(frame, added.home)
        containers.change(frame, node, owner, grown_items.joined(frame, node, *pair))
        return Known(None)
    containers.change(frame, node, owner, [*_list(frame, owner), *listing.items_of(frame, node, more)])
    return Known(None)


def _insert(frame: Frame, node: Any, owner: Container, args: Arguments, kwargs: Keywords) -> Value:
    index, value = _given(frame, node, args, 2, 2)
    inside = containers.seen(frame, owner)
    if isinstance(inside, Grown):
        if not isinstance(index, Lit) or index.value < 0:
            frame.refuse(node, "a new item is put where it is known only when it runs", "write `xs[:i] + [v] + xs[i:]`")
        grown_items.insert(frame, node, owner, inside, index, value)
        return Known(None)
    new = list(_list(frame, owner))
    new.insert(listing.constant_index(frame, node, owner, index), value)
    containers.change(frame, node, owner, new)
    return Known(None)


def _pop(frame: Frame, node: Any, owner: Container, args: Arguments, kwargs: Keywords) -> Value:
    index = (_given(frame, node, args, 0, 1) or [Lit(-1)])[0]
    inside = containers.seen(frame, owner)
    if isinstance(inside, Grown):
        if index != Lit(-1):
            return grown_items.delete(frame, node, owner, inside, frame.operand(node, index))
        return grown_items.pop(frame, node, owner, inside)
    new = list(_list(frame, owner))
    try:
        value = new.pop(listing.constant_index(frame, node, owner, index))
    except IndexError as error:
        frame.fail(node, IndexError, Lit(str(error)))
    containers.change(frame, node, owner, new)
    return value


def _reverse(frame: Frame, node: Any, owner: Container, args: Arguments, kwargs: Keywords) -> Value:
    inside = containers.seen(frame, owner)
    if isinstance(inside, Grown):
        backwards = grown_items.sliced(frame, node, inside, slice(Known(None), Known(None), Lit(-1)))
        containers.change(frame, node, owner, Grown(inside.own, backwards.leaves))
    else:
        containers.change(frame, node, owner, inside[::-1])
    return Known(None)


def _clear(frame: Frame, node: Any, owner: Container, args: Arguments, kwargs: Keywords) -> Value:
    containers.change(frame, node, owner, owner.type())
    return Known(None)


def _copy(frame: Frame, node: Any, owner: Container, args: Arguments, kwargs: Keywords) -> Value:
    inside = containers.seen(frame, owner)
    return containers.made(frame, _copied(frame, owner, inside) if isinstance(inside, Grown) else inside)


def _copied(frame: Frame, owner: Container, inside: Grown) -> Grown:
    """Return the items for a second list; lists among them then stand in both."""
    grown_items.lend(frame, owner)
    return grown_items.copied(frame, inside)


def _index(frame: Frame, node: Any, owner: Container, args: Arguments, kwargs: Keywords) -> Value:
    (value,) = _given(frame, node, args, 1, 1)
    if is_operand(value):
        inside = containers.seen(frame, owner)
        place = next((i for i, each in enumerate(_known_items(inside)) if is_one_object(each, value)), None)
        if place is not None:
            return _first_of(frame, node, value, inside[: place + 1])
        return dispatch.call_known(frame, node, Known(iteration.index_of, Held(iteration.index_of)), [owner, value], {})
    for i, each in enumerate(_list(frame, owner)):
        if _known_equal(frame, node, each, value):
            return Lit(i)
    frame.fail(node, ValueError, Lit("list.index(x): x not in list"))


def _count(frame: Frame, node: Any, owner: Container, args: Arguments, kwargs: Keywords) -> Value:
    (value,) = _given(frame, node, args, 1, 1)
    inside = containers.seen(frame, owner)
    counted = _counted_at_once(frame, node, inside, value)
    if counted is not None:
        return counted
    others = [each for each in _known_items(inside) if not is_one_object(each, value)]
    same = len(_known_items(inside)) - len(others)
    items = containers.made(frame, others) if same else owner
    counted = dispatch.call_known(frame, node, Known(iteration.counted, Held(iteration.counted)), [items, value], {})
    return arithmetic.binary(frame, node, operator.add, counted, Lit(same)) if same else counted


def _counted_at_once(frame: Frame, node: Any, inside: Value, value: Value) -> Value | None:
    """Return how often a number is in a list that has grown: Python itself finds a NaN that is the very object."""
    leaf = containers.single(inside) if isinstance(inside, Grown) else None
    if leaf is None or not is_operand(value):
        return None
    if not all(isinstance(kind, Scalar) for kind in (value.kind, leaf.kind.item)):
        return None
    return frame.op(node, operator.countOf, leaf, value)


def _known_items(inside: Value) -> list[Value]:
    """Return the items of a list of which it is known whether one of them is the one that is looked for, as NaN is."""
    return [] if isinstance(inside, Grown) else inside


def _first_of(frame: Frame, node: Any, value: Value, items: list[Value], place: int = 0) -> Value:
    """Return at which place the first item stands that is equal to a value: the last one is the value itself."""
    if is_one_object(items[0], value):
        return Lit(place)
    same = frame.operand(node, equal_items(frame, node, items[0], value))
    return choice(frame, node, same, lambda: Lit(place), lambda: _first_of(frame, node, value, items[1:], place + 1))


def _remove(frame: Frame, node: Any, owner: Container, args: Arguments, kwargs: Keywords) -> Value:
    (value,) = _given(frame, node, args, 1, 1)
    if isinstance(containers.seen(frame, owner), Grown):
        return dispatch.call_known(frame, node, Known(iteration.removed, Held(iteration.removed)), [owner, value], {})
    items = _list(frame, owner)
    for i, each in enumerate(items):
        if _known_equal(frame, node, each, value):
            containers.change(frame, node, owner, [*items[:i], *items[i + 1 :]])
            return Known(None)
    frame.fail(node, ValueError, Lit("list.remove(x): x not in list"))


def _known_equal(frame: Frame, node: Any, a: Value, b: Value) -> bool:
    """Tell whether two items are equal, where lowering has to know."""
    found = equal_items(frame, node, a, b)
    if not isinstance(found, Lit):
        frame.refuse(
            node,
            "the structure of a list depends here on whether two numbers are equal",
            "loop over the items, and compare them with `if`",
        )
    return bool(found.value)


_Method = Callable[[Frame, Any, Container, Arguments, Keywords], Value]


def _keys(frame: Frame, node: Any, owner: Container, args: Arguments, kwargs: Keywords) -> Value:
    return Keys(owner)


def _values(frame: Frame, node: Any, owner: Container, args: Arguments, kwargs: Keywords) -> Value:
    return Values(owner)


def _items(frame: Frame, node: Any, owner: Container, args: Arguments, kwargs: Keywords) -> Value:
    return Items(owner)


def _get(frame: Frame, node: Any, owner: Container, args: Arguments, kwargs: Keywords) -> Value:
    key, default = (*_given(frame, node, args, 1, 2), Known(None))[:2]
    if not has_known_key(key):
        return computed_keys.read(frame, node, owner, key, lambda: default)
    return containers.seen(frame, owner).get(key_of(frame, node, key), default)


def _pop_key(frame: Frame, node: Any, owner: Container, args: Arguments, kwargs: Keywords) -> Value:
    key, *default = _given(frame, node, args, 1, 2)
    if computed_keys.known_key(frame, node, owner, key) not in containers.seen(frame, owner) and default:
        return default[0]
    value = listing.item(frame, node, owner, key)
    listing.delete_item(frame, node, owner, key)
    return value


def _set_default(frame: Frame, node: Any, owner: Container, args: Arguments, kwargs: Keywords) -> Value:
    key, default = (*_given(frame, node, args, 1, 2), Known(None))[:2]
    if computed_keys.known_key(frame, node, owner, key) not in containers.seen(frame, owner):
        listing.set_item(frame, node, owner, key, default)
    return listing.item(frame, node, owner, key)


def _update(frame: Frame, node: Any, owner: Container, args: Arguments, kwargs: Keywords) -> Value:
    given = listing.pairs_of(frame, node, args[0]) if _given(frame, node, args, 0, 1) else {}
    containers.change(frame, node, owner, {**containers.seen(frame, owner), **given, **kwargs})
    return Known(None)


def _get_item(frame: Frame, node: Any, owner: Container, args: Arguments, kwargs: Keywords) -> Value:
    (index,) = _given(frame, node, args, 1, 1)
    return listing.item(frame, node, owner, index)


METHODS: dict[type, dict[str, _Method]] = {
    list: {
        "__getitem__": _get_item,
        "append": _append,
        "clear": _clear,
        "copy": _copy,
        "count": _count,
        "extend": _extend,
        "index": _index,
        "insert": _insert,
        "pop": _pop,
        "remove": _remove,
        "reverse": _reverse,
    },
    dict: {
        "__getitem__": _get_item,
        "clear": _clear,
        "copy": _copy,
        "get": _get,
        "items": _items,
        "keys": _keys,
        "pop": _pop_key,
        "setdefault": _set_default,
        "update": _update,
        "values": _values,
    },
}
