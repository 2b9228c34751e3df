"""Lowering of `sorted` and `list.sort`: the order is found when it runs, unless all is known."""

from __future__ import annotations

import functools
import operator
from collections.abc import Mapping, Sequence
from typing import Any

from ast_ad.frontend import containers, grown, grown_items, members, methods, overloads, pools, streams
from ast_ad.frontend.choices import choice
from ast_ad.frontend.dispatch import call, call_known
from ast_ad.frontend.frame import Frame
from ast_ad.frontend.handlers import HANDLERS
from ast_ad.frontend.listing import items_of
from ast_ad.frontend.paths import Held
from ast_ad.frontend.values import Container, Grown, Known, Value, is_none, is_string
from ast_ad.frontend.wording import describe
from ast_ad.ir import primitives
from ast_ad.ir.kinds import STRING, Scalar
from ast_ad.ir.nodes import Lit, Operand
from ast_ad.models import iteration
from ast_ad.runtime import taken

Arguments = Sequence[Value]
Keywords = Mapping[str, Value]


def _sorted(frame: Frame, node: Any, args: Arguments, kwargs: Keywords) -> Value:
    (given,) = args
    inside = containers.seen(frame, given)
    if isinstance(inside, streams.Stream):
        inside = containers.seen(frame, HANDLERS[list](frame, node, [given], {}))
    items = inside if isinstance(inside, Grown) else items_of(frame, node, given)
    result = _in_order(frame, node, items, kwargs)
    if isinstance(result, Grown):
        grown_items.absorb(frame, items)
        result = grown_items.copied(frame, result)
    return containers.made(frame, result)


def _sort(frame: Frame, node: Any, owner: Container, args: Arguments, kwargs: Keywords) -> Value:
    containers.change(frame, node, owner, _in_order(frame, node, containers.seen(frame, owner), kwargs))
    return Known(None)


def _in_order(frame: Frame, node: Any, items: Any, options: Keywords) -> Value:
    """Return the items of a list, sorted: as many as there were, where that is known."""
    key = options.get("key", Known(None))
    reverse = frame.operand(node, options.get("reverse", Lit(False)))
    if isinstance(items, Grown):
        keys = items if is_none(key) else _keys_of_grown(frame, node, items, key)
        return _grown_in_order(frame, node, items, keys, reverse)
    values = items if is_none(key) else [call(frame, node, key, [item], {}) for item in items]
    known = [
        value.value for value in values if isinstance(value, Lit) or (is_string(value) and isinstance(value, Known))
    ]
    if len(known) == len(values) and isinstance(reverse, Lit):
        order = sorted(range(len(items)), key=known.__getitem__, reverse=bool(reverse.value))
        return [items[i] for i in order]
    if len(values) <= _EXCHANGED and any(members.class_of(value) is not None for value in values):
        return _exchanged(frame, node, list(zip(values, items)), reverse)
    tuples = [value for value in values if type(value) is tuple and value]
    firsts = [value[0].value for value in tuples if isinstance(value[0], (Lit, Known))]
    if len(set(firsts)) == len(values) and isinstance(reverse, Lit):
        # Nothing but what the tuples begin with is looked at.
        order = sorted(range(len(items)), key=firsts.__getitem__, reverse=bool(reverse.value))
        return [items[i] for i in order]
    whole, ranks = grown.grow(frame, items), grown.grow(frame, values)
    if whole is None or ranks is None:
        frame.misfit(node, "items of several structures are sorted by numbers", "let all items have one structure")
    ordered = _grown_in_order(frame, node, whole, ranks, reverse)
    home = containers.made(frame, ordered)
    # Which of the lists among the items went where, is not known: while another name leads to one, none is changed.
    frame.context.objects.may_be(home, containers.within(tuple(items)))
    return [grown_items.item(frame, node, home, ordered, Lit(i)) for i in range(len(items))]


def _grown_in_order(frame: Frame, node: Any, items: Grown, keys: Grown, reverse: Operand) -> Grown:
    """Return the items of a list in the order of their keys; where there are objects in these, their class says it."""
    if not pools.is_in(keys.own.item):
        return grown_items.in_order(frame, node, items, _ranks(frame, node, keys), reverse)
    known = containers.made(frame, Grown(keys.own, keys.leaves))
    model = Known(iteration.places_in_order, Held(iteration.places_in_order))
    order = containers.seen(frame, call_known(frame, node, model, [known, reverse], {}))
    return Grown(items.own, [frame.op(node, taken, leaf, order.leaves[0]) for leaf in items.leaves])


_EXCHANGED = 8
"""The most objects that are brought in order by comparing neighbours, with one comparison for each pair of them."""


def _exchanged(frame: Frame, node: Any, pairs: list[tuple[Value, Value]], reverse: Operand) -> list[Value]:
    """Return items in the order that a class of the user's gives to their keys: neighbours are exchanged."""
    if not isinstance(reverse, Lit):
        frame.refuse(node, "the direction in which objects are sorted has to be constant", "write `reverse=True`")
    before = operator.gt if reverse.value else operator.lt
    for end in range(len(pairs) - 1, 0, -1):
        for i in range(end):
            left, right = pairs[i], pairs[i + 1]
            test = overloads.compared(frame, node, before, right[0], left[0])
            if test is NotImplemented:
                frame.misfit(node, f"{describe(right[0])} and {describe(left[0])} cannot be ordered", "give a `key=`")
            ordered = choice(
                frame,
                node,
                frame.operand(node, test),
                functools.partial(tuple, (right, left)),
                functools.partial(tuple, (left, right)),
            )
            pairs[i : i + 2] = ordered
    return [item for _, item in pairs]


def _keys_of_grown(frame: Frame, node: Any, items: Grown, key: Value) -> Grown:
    keys = call_known(frame, node, Known(iteration.mapped, Held(iteration.mapped)), [key, items.home], {})
    found: Grown = containers.seen(frame, keys)
    return found


def _ranks(frame: Frame, node: Any, keys: Grown) -> tuple[Any, ...]:
    """Return what a list is sorted by: lists of numbers or texts, the first of which counts most."""
    keys = grown_items.all_there(frame, node, keys)
    if not all(isinstance(leaf.kind.item, Scalar) or leaf.kind.item == STRING for leaf in keys.leaves):
        frame.misfit(
            node, "a list is sorted by something else than numbers or texts", "sort by one: `key=lambda p: p[0]`"
        )
    return keys.leaves


def _single(frame: Frame, node: Any, keys: Grown) -> Any:
    leaf = containers.single(grown_items.all_there(frame, node, keys))
    if leaf is None or not isinstance(leaf.kind.item, Scalar):
        frame.misfit(node, "this needs a list of numbers", "make a list of one of their parts")
    return leaf


def _position(frame: Frame, node: Any, owner: Container, args: Arguments, kwargs: Keywords) -> Value:
    """`xs.index(value)` of a list that has grown."""
    inside = containers.seen(frame, owner)
    if not isinstance(inside, Grown) or len(args) != 1:
        return _KNOWN_INDEX(frame, node, owner, args, kwargs)
    if containers.single(inside) is None:
        return call_known(frame, node, Known(iteration.position, Held(iteration.position)), [owner, args[0]], {})
    return frame.op(node, primitives.index_of, _single(frame, node, inside), frame.operand(node, args[0]))


_KNOWN_INDEX = methods.METHODS[list]["index"]
methods.METHODS[list].update({"index": _position, "sort": _sort})
HANDLERS[sorted] = _sorted
