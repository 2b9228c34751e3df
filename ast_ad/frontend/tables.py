"""Dicts whose keys are known only when it runs: a list of keys, beside a list of values.

Every dict is taken to be one of known keys first.  Where one is changed at a key that is computed, lowering starts
again (`TableNeeded`), and what makes that dict makes a `Table`.
"""

from __future__ import annotations

import collections
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from ast_ad.frontend import containers, dispatch, grown, listing, methods, streams
from ast_ad.frontend.asking import Asks
from ast_ad.frontend.choices import choice
from ast_ad.frontend.dict_views import Items, Keys, Values
from ast_ad.frontend.frame import Frame
from ast_ad.frontend.handlers import HANDLERS
from ast_ad.frontend.heap import is_generator
from ast_ad.frontend.paths import Held
from ast_ad.frontend.table_keys import as_key, contains, place_in, sought
from ast_ad.frontend.table_sites import can_be_table
from ast_ad.frontend.values import Container, Grown, Known, Method, Table, Value, is_none, parts, value_of
from ast_ad.ir.nodes import Lit, Operand
from ast_ad.models import iteration
from ast_ad.runtime import KeyIndex, place_of

Arguments = Sequence[Value]
Keywords = Mapping[str, Value]


_NOTHING = Known(None)


def made(frame: Frame, node: Any, container: Container, missing: Value = _NOTHING) -> Value:
    """Return a new dict, as a table where lowering has found that it has to be one."""
    context = frame.context
    container.site = frame.where(node)
    if context.tables is None or container.site not in context.tables:
        return container
    return table_of(frame, node, containers.seen(frame, container), missing)


def made_of_argument(frame: Frame, name: str, container: Container) -> Value:
    """Return a dict that is an argument, as a table where lowering has found that it has to be one."""
    container.site = f"argument {name}"
    if frame.context.tables is None or container.site not in frame.context.tables:
        return container
    return table_of(frame, frame.node, containers.seen(frame, container))


def table_of(frame: Frame, node: Any, contents: dict[Any, Value], missing: Value = _NOTHING) -> Table:
    """Return a table with what a dict contains."""
    keys = [as_key(frame, node, value_of(key)) for key in contents]
    values = list(contents.values())
    return Table(containers.made(frame, keys), containers.made(frame, values), _new_index(frame, node), missing)


def _new_index(frame: Frame, node: Any) -> Container:
    return containers.made(frame, [frame.op(node, KeyIndex)])


def item(frame: Frame, node: Any, table: Table, index: Value) -> Value:
    """Return ``table[index]``."""
    key = as_key(frame, node, index)
    if not is_none(table.missing) and table.missing != _COUNTER:
        return _item_or_new(frame, node, table, key)
    if table.missing == _COUNTER:
        return _get(frame, node, table, [index, Lit(0)], {})
    if containers.seen(frame, table.keys) == []:
        frame.fail(node, KeyError, *parts(key)[0][:1])
    return _value_at(frame, node, table, place_in(frame, node, table, key, place_of))


def _item_or_new(frame: Frame, node: Any, table: Table, key: Value) -> Value:
    """Return an item of a table that makes those which are missing."""

    def make() -> Value:
        return dispatch.call(frame, node, table.missing, [], {})

    return _value_at(frame, node, table, _put_new(frame, node, table, key, make))


def _value_at(frame: Frame, node: Any, table: Table, place: Operand) -> Value:
    """Return the value at a place."""
    return listing.item(frame, node, _values(frame, table), place)


def _values(frame: Frame, table: Table) -> Container:
    """Return the values as a list whose length is not known: lists and dicts in it are parts of it then."""
    values: Container = table.values
    if isinstance(containers.seen(frame, values), list):
        grown.grow_in_place(frame, values)
    return values


def _put_new(frame: Frame, node: Any, table: Table, key: Value, make: Callable[[], Value]) -> Operand:
    """Return where a key stands, after adding it with what `make` returns where it is missing."""
    there, place = sought(frame, node, table, key)

    def add() -> None:
        _append(frame, node, table.values, make())
        _append(frame, node, table.keys, key)

    if isinstance(there, Lit):
        if not there.value:
            add()
    else:
        frame.branch(node, there, lambda: None, add, None)
    return place


def set_item(frame: Frame, node: Any, table: Table, index: Value, value: Value) -> None:
    """Lower ``table[index] = value``."""
    key = as_key(frame, node, index)
    there, place = sought(frame, node, table, key)

    def add() -> None:
        _append(frame, node, table.keys, key)
        _append(frame, node, table.values, value)
        if containers.holds_any(value):
            _values(frame, table)

    def replace() -> None:
        if not grown.is_empty(containers.seen(frame, table.values)):
            listing.set_item(frame, node, table.values, place, value)

    if isinstance(there, Lit):
        (replace if there.value else add)()
    else:
        frame.branch(node, there, replace, add, None)


def _append(frame: Frame, node: Any, owner: Container, value: Value) -> None:
    methods.METHODS[list]["append"](frame, node, owner, [value], {})


def delete_item(frame: Frame, node: Any, table: Table, index: Value) -> None:
    """Lower ``del table[index]``."""
    place = place_in(frame, node, table, as_key(frame, node, index), place_of)
    for each in (table.keys, table.values):
        listing.delete_item(frame, node, each, place)
    _forget(frame, node, table)


def _forget(frame: Frame, node: Any, table: Table) -> None:
    """Let a table whose keys have moved remember nothing of them."""
    containers.change(frame, node, table.index, [frame.op(node, KeyIndex)])


# Methods.


def _get(frame: Frame, node: Any, table: Table, args: Arguments, kwargs: Keywords) -> Value:
    index, default = (*args, Known(None))[:2]
    there, place = sought(frame, node, table, as_key(frame, node, index))
    return choice(frame, node, there, lambda: _value_at(frame, node, table, place), lambda: default)


def _pop(frame: Frame, node: Any, table: Table, args: Arguments, kwargs: Keywords) -> Value:
    index, *default = args

    def pop() -> Value:
        value = item(frame, node, table, index)
        delete_item(frame, node, table, index)
        return value

    if not default:
        return pop()
    there = contains(frame, node, table, index)
    return choice(frame, node, there, pop, lambda: default[0])


def _set_default(frame: Frame, node: Any, table: Table, args: Arguments, kwargs: Keywords) -> Value:
    index, default = (*args, Known(None))[:2]
    place = _put_new(frame, node, table, as_key(frame, node, index), lambda: default)
    return _value_at(frame, node, table, place)


def _update(frame: Frame, node: Any, table: Table, args: Arguments, kwargs: Keywords) -> Value:
    if args and is_computed(frame, args[0]):
        fill(frame, node, table, args[0])
        args = []
    given = listing.pairs_of(frame, node, args[0]) if args else {}
    for key, value in {**given, **kwargs}.items():
        set_item(frame, node, table, value_of(key), value)
    return Known(None)


def is_computed(frame: Frame, given: Value) -> bool:
    """Tell whether what a dict is made of is known only when it runs."""
    inside = containers.seen(frame, given)
    return can_be_table(frame) and (isinstance(inside, (Table, Grown, streams.Stream)) or is_generator(inside))


def fill(frame: Frame, node: Any, table: Table, given: Value) -> None:
    """Put the items of another table, or pairs, into a table."""
    if isinstance(given, Grown):
        given = containers.made(frame, given)  # what a comprehension has made
    pairs = _Items(given) if isinstance(given, Table) else given
    dispatch.call_known(frame, node, Known(iteration.put_all, Held(iteration.put_all)), [table, pairs], {})


def _copy(frame: Frame, node: Any, table: Table, args: Arguments, kwargs: Keywords) -> Value:
    keys, values = (methods.METHODS[list]["copy"](frame, node, each, [], {}) for each in (table.keys, table.values))
    return Table(keys, values, _new_index(frame, node), table.missing)


def _clear(frame: Frame, node: Any, table: Table, args: Arguments, kwargs: Keywords) -> Value:
    for each in (table.keys, table.values):
        methods.METHODS[list]["clear"](frame, node, each, [], {})
    _forget(frame, node, table)
    return Known(None)


class _Items(Items):
    """What ``d.items()`` returns of a table: each time that it is looked at, what `zip` makes of its lists."""

    __slots__ = ()

    def column(self, frame: Frame, table: Table) -> Value:
        asked, frame.asks = frame.asks, Asks.BY_LOOP
        try:
            return HANDLERS[zip](frame, frame.node, [table.keys, table.values], {})
        finally:
            frame.asks = asked


METHODS: dict[str, Callable[[Frame, Any, Table, Arguments, Keywords], Value]] = {
    "clear": _clear,
    "copy": _copy,
    "get": _get,
    "items": lambda frame, node, table, args, kwargs: _Items(table),
    "keys": lambda frame, node, table, args, kwargs: Keys(table),
    "pop": _pop,
    "setdefault": _set_default,
    "update": _update,
    "values": lambda frame, node, table, args, kwargs: Values(table),
}


def call_method(frame: Frame, node: Any, method: Method, args: Arguments, kwargs: Keywords) -> Value:
    """Lower the call of a method of a table."""
    return METHODS[method.name](frame, node, method.owner, args, kwargs)


_COUNTER = Known(collections.Counter)
"""What is missing in a counter is zero."""
