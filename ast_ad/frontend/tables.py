"""Dicts whose keys are known only when it runs: a list of keys, beside a list of values.

Every dict is taken to be one of known keys first.  Where one is changed at a key that is computed, lowering starts
again (`Needed`), and what makes that dict makes a `Table`.
"""

from __future__ import annotations

import collections
import operator
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from ast_ad.errors import RunTimeIndexError
from ast_ad.frontend import calls, containers, grown, listing, methods, streams
from ast_ad.frontend.choices import choice
from ast_ad.frontend.comparisons import equal
from ast_ad.frontend.frame import Frame
from ast_ad.frontend.handlers import HANDLERS
from ast_ad.frontend.heap import is_generator
from ast_ad.frontend.keys import key_of, value_of
from ast_ad.frontend.names import named
from ast_ad.frontend.paths import Held
from ast_ad.frontend.values import Container, Grown, Known, Method, Table, Value, is_none, is_operand, parts
from ast_ad.frontend.wording import describe
from ast_ad.ir.kinds import BOOL, INT, STRING, Scalar
from ast_ad.ir.nodes import Form, Lit, Operand
from ast_ad.models import iteration
from ast_ad.runtime import KeyIndex, place_of, place_or_end
from ast_ad.trees import LEAF, TupleTree

Arguments = Sequence[Value]
Keywords = Mapping[str, Value]

FEW = 8
"""The most keys of a dict that is read at a computed key by comparing it with each of them."""


_NOTHING = Known(None)


class Needed(Exception):
    """Unwinds all of lowering: the dicts that are made at a site have to be tables."""

    def __init__(self, site: Any) -> None:
        super().__init__()
        self.site = site


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
    keys = [_key(frame, node, value_of(key)) for key in contents]
    values = list(contents.values())
    return Table(containers.made(frame, keys), containers.made(frame, values), _new_index(frame, node), missing)


def _new_index(frame: Frame, node: Any) -> Container:
    return containers.made(frame, [frame.op(node, KeyIndex)])


def can_be(frame: Frame) -> bool:
    """Tell whether dicts may become tables here: in a short loop, which can be written out, they rather stay dicts."""
    return frame.context.tables is not None and not frame.unrolls


def need(frame: Frame, node: Any) -> None:
    """See to it that the dicts that are made at a node are tables."""
    site = frame.where(node)
    if site not in (frame.context.tables or ()):
        raise Needed(site)


def known_key(frame: Frame, node: Any, owner: Container, index: Value) -> Any:
    """Return the key of a dict of known keys."""
    try:
        return key_of(frame, node, index)
    except RunTimeIndexError:
        if owner.site is not None and can_be(frame):
            raise Needed(owner.site) from None
        raise


def read(frame: Frame, node: Any, owner: Container, index: Value, missing: Callable[[], Value]) -> Value:
    """Return ``owner[index]`` of a dict of known keys at a key that is computed."""
    inside = containers.seen(frame, owner)
    if len(inside) > FEW or not inside:
        known_key(frame, node, owner, index)
    items = list(inside.items())

    def at(i: int) -> Value:
        if i == len(items):
            return missing()
        key, value = items[i]
        same = equal(frame, node, index, value_of(key))
        return choice(frame, node, frame.operand(node, same), lambda: value, lambda: at(i + 1))

    return at(0)


def _key(frame: Frame, node: Any, value: Value) -> Value:
    """Return a key as operands: integers and texts, or tuples of these."""
    if type(value) is tuple:
        return tuple(_key(frame, node, each) for each in value)
    if isinstance(value, Known) and isinstance(value.value, str):
        return Lit(value.value)
    if is_operand(value) and value.kind in (INT, STRING):
        return value
    if is_operand(value) and isinstance(value.kind, Scalar) and (value.kind == BOOL or "int" in value.kind.dtype):
        return frame.op(node, int, value)
    frame.misfit(
        node, f"{describe(value)} is the key of a dict whose keys are known only when it runs", "use integers or texts"
    )


def _place(frame: Frame, node: Any, table: Table, key: Value, fn: Callable[..., Any]) -> Operand:
    """Return where a key stands in a table, as `fn` tells."""
    inside = containers.seen(frame, table.keys)
    if not isinstance(inside, Grown):
        inside = grown.grow_in_place(frame, table.keys)
        if inside is None:
            frame.misfit(node, "the keys of this dict have several structures", "use keys of one structure")
    leaves = parts(key)[0]
    if len(leaves) != len(inside.leaves):
        frame.misfit(node, "the keys of this dict have several structures", "use keys of one structure")
    columns = TupleTree((LEAF,) * len(leaves))
    (index,) = containers.seen(frame, table.index)
    place: Operand = frame.ops(node, fn, [index, *inside.leaves, *leaves], Form((LEAF, columns, columns)))
    named(frame, place, "place")
    return place


def _sought(frame: Frame, node: Any, table: Table, key: Value) -> tuple[Operand, Operand]:
    """Return whether a table has a key, and where; the number of its keys where it has not."""
    if containers.seen(frame, table.keys) == []:
        return Lit(False), Lit(0)
    place = _place(frame, node, table, key, place_or_end)
    return frame.op(node, operator.lt, place, length(frame, node, table)), place


def length(frame: Frame, node: Any, table: Table) -> Operand:
    """Return how many keys there are."""
    inside = containers.seen(frame, table.keys)
    return grown.length(frame, node, inside) if isinstance(inside, Grown) else Lit(len(inside))


def contains(frame: Frame, node: Any, table: Table, index: Value) -> Operand:
    """Return ``index in table``."""
    return _sought(frame, node, table, _key(frame, node, index))[0]


def item(frame: Frame, node: Any, table: Table, index: Value) -> Value:
    """Return ``table[index]``."""
    key = _key(frame, node, index)
    if not is_none(table.missing) and table.missing != _COUNTER:
        return _item_or_new(frame, node, table, key)
    if table.missing == _COUNTER:
        return _get(frame, node, table, [index, Lit(0)], {})
    if containers.seen(frame, table.keys) == []:
        frame.fail(node, KeyError, *parts(key)[0][:1])
    return _value_at(frame, node, table, _place(frame, node, table, key, place_of))


def _item_or_new(frame: Frame, node: Any, table: Table, key: Value) -> Value:
    """Return an item of a table that makes those which are missing."""

    def make() -> Value:
        return calls.call(frame, node, table.missing, [], {})

    return _value_at(frame, node, table, _put_new(frame, node, table, key, make))


def _value_at(frame: Frame, node: Any, table: Table, place: Operand) -> Value:
    """Return the value at a place: the values are a list whose length is not known, as soon as one is asked for."""
    inside = containers.seen(frame, table.values)
    if isinstance(inside, list):
        grown.grow_in_place(frame, table.values)
    return listing.item(frame, node, table.values, place)


def _put_new(frame: Frame, node: Any, table: Table, key: Value, make: Callable[[], Value]) -> Operand:
    """Return where a key stands, after adding it with what `make` returns where it is missing."""
    there, place = _sought(frame, node, table, key)

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
    key = _key(frame, node, index)
    there, place = _sought(frame, node, table, key)

    def add() -> None:
        _append(frame, node, table.keys, key)
        _append(frame, node, table.values, value)

    def replace() -> None:
        listing.set_item(frame, node, table.values, place, value)

    if isinstance(there, Lit):
        (replace if there.value else add)()
    else:
        frame.branch(node, there, replace, add, None)


def _append(frame: Frame, node: Any, owner: Container, value: Value) -> None:
    methods.METHODS[list]["append"](frame, node, owner, [value], {})


def delete_item(frame: Frame, node: Any, table: Table, index: Value) -> None:
    """Lower ``del table[index]``."""
    place = _place(frame, node, table, _key(frame, node, index), place_of)
    for each in (table.keys, table.values):
        listing.delete_item(frame, node, each, place)
    _forget(frame, node, table)


def _forget(frame: Frame, node: Any, table: Table) -> None:
    """Let a table whose keys have moved remember nothing of them."""
    containers.change(frame, node, table.index, [frame.op(node, KeyIndex)])


# Methods.


def _get(frame: Frame, node: Any, table: Table, args: Arguments, kwargs: Keywords) -> Value:
    index, default = (*args, Known(None))[:2]
    there, place = _sought(frame, node, table, _key(frame, node, index))
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
    place = _put_new(frame, node, table, _key(frame, node, index), lambda: default)
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
    return can_be(frame) and (isinstance(inside, (Table, Grown, streams.Stream)) or is_generator(inside))


def fill(frame: Frame, node: Any, table: Table, given: Value) -> None:
    """Put the items of another table, or pairs, into a table."""
    pairs = _items(frame, node, given, [], {}) if isinstance(given, Table) else given
    calls.call_known(frame, node, Known(iteration.put_all, Held(iteration.put_all)), [table, pairs], {})


def _copy(frame: Frame, node: Any, table: Table, args: Arguments, kwargs: Keywords) -> Value:
    keys, values = (methods.METHODS[list]["copy"](frame, node, each, [], {}) for each in (table.keys, table.values))
    return Table(keys, values, _new_index(frame, node), table.missing)


def _clear(frame: Frame, node: Any, table: Table, args: Arguments, kwargs: Keywords) -> Value:
    for each in (table.keys, table.values):
        methods.METHODS[list]["clear"](frame, node, each, [], {})
    _forget(frame, node, table)
    return Known(None)


def _items(frame: Frame, node: Any, table: Table, args: Arguments, kwargs: Keywords) -> Value:
    return HANDLERS[zip](frame, node, [table.keys, table.values], {})


METHODS: dict[str, Callable[[Frame, Any, Table, Arguments, Keywords], Value]] = {
    "clear": _clear,
    "copy": _copy,
    "get": _get,
    "items": _items,
    "keys": lambda frame, node, table, args, kwargs: table.keys,
    "pop": _pop,
    "setdefault": _set_default,
    "update": _update,
    "values": lambda frame, node, table, args, kwargs: table.values,
}


def call_method(frame: Frame, node: Any, method: Method, args: Arguments, kwargs: Keywords) -> Value:
    """Lower the call of a method of a table."""
    return METHODS[method.name](frame, node, method.owner, args, kwargs)


_COUNTER = Known(collections.Counter)
"""What is missing in a counter is zero."""
