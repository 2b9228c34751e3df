"""Lowering of assignments: names, attributes, items, unpacking, and what is combined with what is there."""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any, NoReturn

import gast

from ast_ad.errors import UnsupportedSyntaxError
from ast_ad.frontend import (
    arrays,
    attributes,
    containers,
    foreign,
    grown_items,
    iterables,
    listing,
    members,
    memory,
    methods,
    mistakes,
    overloads,
    reshaping,
    tables,
    writes,
)
from ast_ad.frontend.accesses import attribute, item
from ast_ad.frontend.arithmetic import BINARY, binary
from ast_ad.frontend.choices import in_each_case
from ast_ad.frontend.expressions import expression, index_of, optional
from ast_ad.frontend.facts import present
from ast_ad.frontend.frame import Frame
from ast_ad.frontend.listing import items_of
from ast_ad.frontend.names import bind_name, lookup, mangled
from ast_ad.frontend.run_time_tuples import is_tuple
from ast_ad.frontend.values import Container, Grown, Known, Table, Value
from ast_ad.frontend.wording import describe
from ast_ad.ir.kinds import STRING
from ast_ad.ir.nodes import Lit


def assigned(frame: Frame, node: gast.Assign) -> None:
    """Lower ``a = b = value``."""
    if _swaps(node) and _swapped(frame, node):
        return
    value = optional(frame, node.value)
    for target in node.targets:
        assign(frame, target, value)


def _swaps(node: gast.Assign) -> bool:
    """Tell whether an assignment lets two items of a list change places: ``rows[i], rows[j] = rows[j], rows[i]``.

    Of more than two it would not be known whether each goes to one place, and only one.
    """
    target = node.targets[0]
    sides = target, node.value
    if len(node.targets) != 1 or not all(isinstance(side, gast.Tuple) for side in sides):
        return False
    items = [*target.elts, *node.value.elts]
    if len(items) != 4:
        return False
    if not all(isinstance(item, gast.Subscript) and isinstance(item.value, gast.Name) for item in items):
        return False
    if any(isinstance(item.slice, (gast.Slice, gast.Tuple)) for item in items):
        return False
    places = [sorted(gast.dump(item.slice) for item in side.elts) for side in sides]
    return len({item.value.id for item in items}) == 1 and places[0] == places[1] and len(set(places[0])) > 1


def _swapped(frame: Frame, node: gast.Assign) -> bool:
    """Let two items of a list change places; tell whether it is one that has grown, or is indexed as such."""
    targets = node.targets[0].elts
    owner = lookup(frame, node, targets[0].value.id)
    inside = containers.seen(frame, owner)
    if not isinstance(inside, (list, Grown)):
        return False
    places = [frame.operand(each, expression(frame, each.slice)) for each in targets]
    for place in places:
        inside = listing.grown_for(frame, owner, inside, place)
    if not isinstance(inside, Grown):
        return False
    grown_items.swap(frame, node, owner, inside, *places)
    return True


def assign(frame: Frame, target: Any, value: Value) -> None:
    """Bind what is on the left of an assignment."""
    if isinstance(target, gast.Name):
        bind_name(frame, target.id, value)
        return
    if isinstance(target, gast.Attribute):
        owner = expression(frame, target.value)
        in_each_case(frame, target, owner, lambda each: _assign_attribute(frame, target, each, value))
        return
    if isinstance(target, gast.Subscript):
        owner = expression(frame, target.value)
        in_each_case(frame, target, owner, lambda each: _assign_item(frame, target, each, value))
        return
    if not isinstance(target, (gast.Tuple, gast.List)):
        raise UnsupportedSyntaxError("this cannot be assigned", help="assign a local name", where=frame.where(target))
    in_each_case(frame, target, present(frame, target, value), lambda each: _unpack(frame, target, each))


def _assign_attribute(frame: Frame, target: gast.Attribute, owner: Value, value: Value) -> None:
    """Lower ``owner.name = value``."""
    if arrays.is_array(owner):
        reshaping.set_attribute(frame, target, owner, containers.plain(frame, value))
    else:
        attributes.assign(frame, target, owner, mangled(frame, target.attr), value)


def _assign_item(frame: Frame, target: gast.Subscript, owner: Value, value: Value) -> None:
    """Lower ``owner[index] = value``."""
    if members.special(owner, "__setitem__") is not None:
        members.call_special(frame, target, owner, "__setitem__", [index_of(frame, target.slice), value])
        return
    if isinstance(owner, (Container, Table)):
        _set_item(frame, target, owner, index_of(frame, target.slice), frame.facts.narrowed(value))
        return
    value = present(frame, target, value)
    index = index_of(frame, target.slice)
    if not arrays.is_array(owner):
        _refuse_item(frame, target, owner)
    index = containers.plain(frame, index)
    writes.write_item(frame, target, owner, index, value)


def _unpack(frame: Frame, target: Any, value: Value) -> None:
    """Bind the targets in a tuple or a list to the items of a value."""
    targets = target.elts
    starred = next((i for i, each in enumerate(targets) if isinstance(each, gast.Starred)), None)
    value = iterables.plain(frame, value)
    if foreign.has_items(value):
        value = foreign.items(frame, target, value)
    if isinstance(containers.seen(frame, value), Grown):
        _assign_grown(frame, target, value, starred)
        return
    items = _unpacked(frame, target, value, len(targets)) if starred is None else items_of(frame, target, value)
    if starred is None:
        if len(items) != len(targets):
            frame.misfit(target, f"{describe(value)} cannot be unpacked into {len(targets)} targets")
        for each, item in zip(targets, items):
            assign(frame, each, item)
        return
    tail = len(targets) - starred - 1
    if len(items) < len(targets) - 1:
        frame.misfit(target, f"{describe(value)} cannot be unpacked into at least {len(targets) - 1} targets")
    for each, item in zip(targets[:starred], items):
        assign(frame, each, item)
    assign(frame, targets[starred].value, containers.made(frame, items[starred : len(items) - tail]))
    for each, item in zip(targets[starred + 1 :], items[len(items) - tail :]):
        assign(frame, each, item)


def _assign_grown(frame: Frame, node: Any, value: Value, starred: int | None) -> None:
    """Bind targets to the items of a list whose length is known only when it runs."""
    targets, inside = node.elts, containers.seen(frame, value)
    whole = value if isinstance(value, Container) else inside.home
    if is_tuple(whole):
        whole = containers.made(frame, inside)
    length = grown_items.length(frame, node, inside)
    least, fits = (len(targets), operator.eq) if starred is None else (len(targets) - 1, operator.ge)

    def fail() -> None:
        many = frame.op(node, operator.gt, length, Lit(least))
        template = Lit(
            f"not enough values to unpack (expected {'' if starred is None else 'at least '}{least}, got {{}})"
        )
        text = frame.op(node, str.format, template, length, kind=STRING)
        too_many = Lit(f"too many values to unpack (expected {least})")
        frame.branch(
            node,
            many,
            lambda: frame.fail(node, ValueError, too_many),
            lambda: frame.fail(node, ValueError, text),
            None,
        )

    frame.branch(node, frame.op(node, fits, length, Lit(least)), lambda: None, fail, None)
    after = 0 if starred is None else len(targets) - starred - 1
    end = Lit(-after) if after else Known(None)
    places: list[Any] = [Lit(i) for i in range(len(targets))]
    if starred is not None:
        places[starred:] = [slice(Lit(starred), end, Known(None)), *(Lit(i - after) for i in range(after))]
    items = [listing.item(frame, node, whole, place) for place in places]
    for each, value in zip(targets, items):
        assign(frame, each.value if isinstance(each, gast.Starred) else each, value)


def _unpacked(frame: Frame, node: Any, value: Value, count: int) -> list[Value]:
    """Return the items of what is unpacked into so many targets; an array shows when it runs whether it has them."""
    if not arrays.is_array(value) or not value.kind.ndim or isinstance(value.kind.dims[0], int):
        return items_of(frame, node, value)
    length = arrays.length(frame, node, value)

    def fail() -> None:
        message = f"an array is unpacked into {count} targets, and its length is another"
        frame.fail(node, ValueError, Lit(message))

    same = frame.op(node, operator.eq, length, Lit(count))
    frame.branch(node, same, lambda: None, fail, None)
    return [arrays.item(frame, node, value, Lit(i)) for i in range(count)]


def augmented(frame: Frame, node: gast.AugAssign) -> None:
    """Lower ``target op= value``."""
    target = node.target
    if isinstance(target, gast.Name):
        old = present(frame, target, lookup(frame, target, target.id))
        _augment(frame, node, old, lambda value: bind_name(frame, target.id, value))
        return
    change = _augmented_item if isinstance(target, gast.Subscript) else _augmented_attribute
    in_each_case(frame, target, expression(frame, target.value), lambda owner: change(frame, node, owner))


def _augmented_attribute(frame: Frame, node: gast.AugAssign, owner: Value) -> None:
    """Lower ``owner.name op= value``."""
    name = mangled(frame, node.target.attr)

    def store(value: Value) -> None:
        if not arrays.is_array(owner):
            attributes.assign(frame, node.target, owner, name, value)

    _augment(frame, node, present(frame, node.target, attribute(frame, node.target, owner, name)), store)


def _augment(frame: Frame, node: gast.AugAssign, old: Value, store: Callable[[Value], None]) -> None:
    """Store what an old value is combined with."""
    with frame.holding(old):
        value = expression(frame, node.value)
    name = getattr(node.target, "id", "")

    def combine(one: Value) -> None:
        in_each_case(frame, node, value, lambda each: store(_combined(frame, node, one, each, name)))

    in_each_case(frame, node, old, combine)


def _combined(frame: Frame, node: gast.AugAssign, old: Value, value: Value, name: str = "") -> Value:
    """Return what ``old += value`` binds: the same object again, where that can be changed."""
    made = overloads.binary(frame, node, BINARY[type(node.op)], old, value, in_place=True)
    if made is not NotImplemented:
        return made
    if isinstance(old, Container) and methods.augmented(frame, node, old, BINARY[type(node.op)], value):
        return old
    result = binary(frame, node, BINARY[type(node.op)], old, value)
    number = old in frame.context.objects.unsure and not memory.is_held(frame, node, old, name)
    if arrays.is_array(old) and not number:
        memory.replace(frame, node, old, arrays.kept(frame, node, old, result))
        return old
    return result


def _augmented_item(frame: Frame, node: gast.AugAssign, owner: Value) -> None:
    """Lower ``x[i] += v``."""
    if isinstance(owner, (Container, Table)) or members.special(owner, "__setitem__") is not None:
        _augmented_part(frame, node, owner)
        return
    index = index_of(frame, node.target.slice)
    if type(owner) is tuple:
        # A list that stands there has changed by the time that Python finds that it cannot be put back.
        _combined(frame, node, item(frame, node.target, owner, index), expression(frame, node.value))
    if not arrays.is_array(owner):
        _refuse_item(frame, node.target, owner)
    index = containers.plain(frame, index)
    old, before = arrays.item(frame, node.target, owner, index), memory.now(frame, owner)
    value = expression(frame, node.value)
    unchanged = memory.now(frame, owner) is before
    if unchanged and owner.kind.ndim and isinstance(node.op, (gast.Add, gast.Sub)) and writes.names_once(index):
        negative = isinstance(node.op, gast.Sub)
        writes.add_to_item(frame, node, owner, index, value, negative=negative)
        return
    # Only an element is read before the right-hand side is evaluated; of a part, a view sees what that has written.
    result = binary(frame, node, BINARY[type(node.op)], old, value)
    writes.write_item(frame, node.target, owner, index, result)


def _augmented_part(frame: Frame, node: gast.AugAssign, owner: Value) -> None:
    """Lower ``xs[i] += v`` of a list or dict: an array there is changed in place, as one with a name is."""
    index = index_of(frame, node.target.slice)
    old = item(frame, node.target, owner, index)
    new = _combined(frame, node, old, expression(frame, node.value))
    if isinstance(owner, (Container, Table)):
        _set_item(frame, node.target, owner, index, new)
    else:
        members.call_special(frame, node.target, owner, "__setitem__", [index, new])


def _set_item(frame: Frame, node: Any, owner: Container | Table, index: Value, value: Value) -> None:
    """Lower ``owner[index] = value`` of a list or dict."""
    if isinstance(owner, Table):
        tables.set_item(frame, node, owner, index, value)
    else:
        listing.set_item(frame, node, owner, index, value)


def _refuse_item(frame: Frame, node: Any, owner: Value) -> NoReturn:
    frame.let_catch(node, mistakes.not_assignable(owner))
    frame.refuse(node, f"an item of {describe(owner)} cannot be assigned", "use local names, or build a new one")


def annotated(frame: Frame, node: gast.AnnAssign) -> None:
    """Lower ``name: annotation = value``; the annotation means nothing."""
    if node.value is not None:
        assign(frame, node.target, optional(frame, node.value))
