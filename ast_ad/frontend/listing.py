"""Items and slices of lists and dicts, and their changes."""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NoReturn

from ast_ad.errors import RunTimeIndexError
from ast_ad.frontend import (
    arrays,
    awaited,
    computed_keys,
    containers,
    dispatch,
    enumerations,
    grown,
    grown_items,
    iterables,
    members,
    mistakes,
    streams,
    text,
)
from ast_ad.frontend.dict_views import View
from ast_ad.frontend.frame import Frame
from ast_ad.frontend.handlers import HANDLERS
from ast_ad.frontend.heap import is_generator
from ast_ad.frontend.keys import has_known_key, key_of
from ast_ad.frontend.paths import Held
from ast_ad.frontend.run_time_tuples import is_tuple
from ast_ad.frontend.values import (
    UNBOUND,
    Container,
    Grown,
    Known,
    Range,
    Table,
    Value,
    as_number,
    is_operand,
    is_string,
    value_of,
)
from ast_ad.frontend.wording import describe
from ast_ad.ir.nodes import Lit
from ast_ad.models import iteration
from ast_ad.runtime import range_item

Arguments = Sequence[Value]
Keywords = Mapping[str, Value]


MOST = 1_000_000
"""The most items of a range that are looked at one by one; `itertools.count` has no end."""

# Items.


def items_of(frame: Frame, node: Any, value: Value) -> list[Value]:
    """Return the items of an argument whose structure is known."""
    return [awaited.at_last(frame, item) for item in _items_of(frame, node, value)]


def _items_of(frame: Frame, node: Any, value: Value) -> list[Value]:
    """Return the items of an argument whose structure is known."""
    value = iterables.plain(frame, value)
    if iterables.is_iterable(value):
        return items_of(frame, node, HANDLERS[iter](frame, node, [value], {}))
    if is_generator(value):
        value = frame.context.collected(frame, node, value, static=True)
    value = containers.seen(frame, value.keys if isinstance(value, Table) else value)
    if type(value) in (tuple, list):
        return list(value)
    if isinstance(value, dict):
        return [value_of(key) for key in value]
    if isinstance(value, Known) and isinstance(value.value, str):
        return [Known(letter) for letter in value.value]
    listed = enumerations.members_of(frame, value)
    if listed is not None:
        return listed
    if isinstance(value, Range) and (numbers := value.known()) is not None:
        if len(numbers) > MOST:
            frame.refuse(node, "a range of more than a million items is taken apart", "loop over it")
        return list(map(Lit, numbers))
    if isinstance(value, tuple) and hasattr(value, "_fields") and not isinstance(value, (Range, streams.Stream)):
        return list(value)
    if arrays.is_array(value) and value.kind.ndim and isinstance(value.kind.dims[0], int):
        return [arrays.item(frame, node, value, Lit(i)) for i in range(value.kind.dims[0])]
    if isinstance(value, streams.Stream) and isinstance(count := value.length(frame, node), Lit):
        return [value.get(frame, node, Lit(i)) for i in range(count.value)]
    frame.misfit(
        node,
        f"the items of {describe(value)} are not known when lowering",
        "use a tuple or list whose length is known",
        mistakes.not_iterable(value),
    )


def item(frame: Frame, node: Any, owner: Value, index: Value) -> Value:
    """Return ``owner[index]`` of a tuple, a list or a dict."""
    inside = containers.seen(frame, owner) if not isinstance(owner, View) else None
    if isinstance(inside, dict):
        missing = MISSING.get(table_of(owner, MISSING) or dict, fail_missing)
        if not has_known_key(index) and isinstance(owner, Container):
            return computed_keys.read(frame, node, owner, index, lambda: missing(frame, node, owner, index))
        key = key_of(frame, node, index)
        return inside[key] if key in inside else missing(frame, node, owner, index)
    index = as_number(index)
    if isinstance(inside, Range):
        return _item_of_range(frame, node, inside, index)
    if is_string(inside):
        return text.item(frame, node, inside, index)
    member = enumerations.member(frame, owner, index)
    if member is not None:
        return member
    if not isinstance(inside, (tuple, list, Grown)):
        frame.misfit(node, f"{describe(owner)} has no items", "index a tuple or a list", mistakes.no_items(owner))
    if isinstance(inside, list) and awaited.waiting_for(inside):
        inside = [awaited.at_last(frame, each) for each in inside]
    inside = grown_for(frame, owner, inside, index)
    cls = owner.type if is_tuple(owner) else None
    if isinstance(inside, Grown):
        if isinstance(index, slice):
            grown_items.lend(frame, inside.home)
            return containers.made(frame, grown_items.sliced(frame, node, inside, index), cls=cls)
        return grown_items.item(frame, node, inside.home, inside, frame.operand(node, index))
    if isinstance(index, slice):
        part = inside[_constant_slice(frame, node, owner, index)]
        return containers.made(frame, part, cls=cls) if isinstance(part, list) else part
    try:
        return inside[constant_index(frame, node, owner, index)]
    except IndexError as error:
        frame.fail(node, IndexError, Lit(str(error)))


def _item_of_range(frame: Frame, node: Any, limits: Range, index: Value) -> Value:
    """Return ``range(start, stop, step)[index]``."""
    known = limits.known()
    if not isinstance(index, slice):
        if known is not None and isinstance(index, Lit):
            return _item_now(frame, node, known, index)
        return frame.op(node, range_item, *limits, frame.operand(node, index))
    if known is not None and _is_known(index):
        made = known[_constant_slice(frame, node, limits, index)]
        return Range(Lit(made.start), Lit(made.stop), Lit(made.step))
    first, last, by = index.start, index.stop, index.step
    if not isinstance(first, Lit) or first.value < 0 or (last, by) != (Known(None), Known(None)):
        frame.refuse(node, "a part of a range whose limits are computed", "write the limits of the part")
    skipped = frame.op(node, operator.mul, first, limits.step)
    return Range(frame.op(node, operator.add, limits.start, skipped), limits.stop, limits.step)


def _item_now(frame: Frame, node: Any, numbers: range, index: Lit) -> Lit:
    try:
        return Lit(numbers[index.value])
    except IndexError as error:
        frame.fail(node, IndexError, Lit(str(error)))


def fail_missing(frame: Frame, node: Any, owner: Value, index: Value) -> NoReturn:
    """Lower what a dict does that has no such key."""
    known = index if is_operand(index) or isinstance(index, Known) else Lit(0)
    frame.fail(node, KeyError, frame.operand(node, known))


def table_of(owner: Value, table: Mapping[type, Any]) -> type | None:
    """Return the class of a container, or that above it, which a table has an entry for."""
    if not isinstance(owner, Container):
        return None
    return next((cls for cls in owner.type.__mro__ if cls in table), None)


MISSING: dict[type, Callable[[Frame, Any, Any, Value], Value]] = {}
"""What dicts of further classes do where they have no such key."""


def grown_for(frame: Frame, owner: Value, inside: Value, index: Value) -> Value:
    """Return what a list contains, as one of a length that is not known if it is indexed by what is not known.

    A short loop is rather written out.
    """
    if isinstance(inside, Grown) or _is_known(index) or frame.unrolls:
        return inside
    if isinstance(owner, Container):
        return grown.grow_in_place(frame, owner) or inside
    made = grown.grow(frame, inside)
    if made is None:
        return inside
    made.home = containers.made(frame, made)
    return made


def _is_known(index: Value) -> bool:
    limits = (index.start, index.stop, index.step) if isinstance(index, slice) else (index,)
    return all(isinstance(limit, (Lit, Known)) for limit in limits)


def constant_index(frame: Frame, node: Any, owner: Value, index: Value) -> int:
    """Return an index that lowering has to know."""
    if isinstance(index, Lit) and isinstance(index.value, int):
        return index.value
    raise RunTimeIndexError(
        f"{describe(owner)} is indexed by a number that is known only when it runs",
        help="loop over the items (`for item in items`), or write the index as a constant",
        where=frame.where(node),
    )


def _constant_slice(frame: Frame, node: Any, owner: Value, index: slice) -> slice:
    limits = (index.start, index.stop, index.step)
    if all(isinstance(limit, (Lit, Known)) and isinstance(limit.value, (int, type(None))) for limit in limits):
        return slice(*(limit.value for limit in limits))
    raise RunTimeIndexError(
        f"a slice of {describe(owner)} needs constant limits",
        help="write the limits as numbers",
        where=frame.where(node),
    )


def set_item(frame: Frame, node: Any, owner: Container, index: Value, value: Value) -> None:
    """Lower ``owner[index] = value``.

    Where that is the object that stands there, as after ``owner[index] += 1.0`` of an array, nothing changes.
    """
    inside = containers.seen(frame, owner)
    if isinstance(inside, dict):
        key = computed_keys.known_key(frame, node, owner, index)
        if inside.get(key, UNBOUND) is not value:
            containers.change(frame, node, owner, {**inside, key: value})
        return
    inside = grown_for(frame, owner, inside, index)
    if isinstance(index, slice) and type(inside) is list:
        value = _counted(frame, node, value)
        if isinstance(containers.seen(frame, value), Grown):
            inside = grown.grow_in_place(frame, owner) or inside
    if isinstance(inside, Grown):
        if isinstance(index, slice):
            splice(frame, node, owner, index, value)
            return
        grown_items.set_item(frame, node, owner, frame.operand(node, index), value)
        return
    new = list(inside)
    if isinstance(index, slice):
        limits = _constant_slice(frame, node, owner, index)
        try:
            new[limits] = items_of(frame, node, value)
        except ValueError as error:
            frame.fail(node, ValueError, Lit(str(error)))
    else:
        try:
            place = constant_index(frame, node, owner, index)
            if inside[place] is value:
                return
            new[place] = value
        except IndexError as error:
            frame.fail(node, IndexError, Lit(str(error)))
    containers.change(frame, node, owner, new)


def _counted(frame: Frame, node: Any, value: Value) -> Value:
    """Return a list of what has a length that may be known only when it runs; any other value as it is."""
    if not (is_generator(value) or streams.has_run_time_length(frame, node, value)):
        return value
    return dispatch.call_known(frame, node, Known(list), [value], {})


def splice(frame: Frame, node: Any, owner: Container, limits: slice, value: Value) -> None:
    """Lower ``owner[start:stop] = value`` of a list that has grown."""
    if limits.step not in (Known(None), Lit(1)):
        frame.refuse(node, "every second item (or so) of a list that has grown is changed", "use a loop over them")
    new = dispatch.call_known(frame, node, Known(list), [value], {})
    model = Known(iteration.spliced, Held(iteration.spliced))
    made = dispatch.call_known(frame, node, model, [owner, limits.start, limits.stop, new], {})
    containers.change(frame, node, owner, containers.seen(frame, made))


def delete_item(frame: Frame, node: Any, owner: Container, index: Value) -> None:
    """Lower ``del owner[index]``."""
    inside = containers.seen(frame, owner)
    new: Any
    if isinstance(inside, Grown):
        if isinstance(index, slice):
            splice(frame, node, owner, index, containers.made(frame, []))
            return
        grown_items.delete(frame, node, owner, inside, frame.operand(node, index))
        return
    if isinstance(inside, dict):
        key = computed_keys.known_key(frame, node, owner, index)
        item(frame, node, owner, index)
        new = {each: value for each, value in inside.items() if each != key}
    else:
        new = list(inside)
        if isinstance(index, slice):
            del new[_constant_slice(frame, node, owner, index)]
        else:
            item(frame, node, owner, index)
            del new[constant_index(frame, node, owner, index)]
    containers.change(frame, node, owner, new)


def pairs_of(frame: Frame, node: Any, value: Value) -> dict[Any, Value]:
    """Return what `dict` makes of a dict, or of pairs."""
    inside = containers.seen(frame, members.without_class(frame, value))
    if isinstance(inside, dict):
        return dict(inside)
    pairs = [items_of(frame, node, pair) for pair in items_of(frame, node, inside)]
    if any(len(pair) != 2 for pair in pairs):
        frame.misfit(node, "`dict` takes a dict or pairs", "write `{key: value, ...}`")
    return {key_of(frame, node, key): each for key, each in pairs}
