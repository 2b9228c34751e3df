"""Lists whose length is known only when it runs: those that grow in a loop, or are read at an index that is computed.

Such a list is `Grown`: a list of the IR for each leaf of an item, so that a list of pairs is two lists.  The lists in
it have grown too; a list that is read from it is a `Part`: changes of it are changes of the whole, in one step.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ast_ad.frontend import absent_items, containers, heap, listed, memory, mixed
from ast_ad.frontend.meeting import promoted
from ast_ad.frontend.parcels import Parcel
from ast_ad.frontend.recursion import general_kind
from ast_ad.frontend.run_time_tuples import is_tuple
from ast_ad.frontend.values import (
    Conflict,
    Container,
    Either,
    Grown,
    GrownParts,
    Known,
    Optional,
    Part,
    Ref,
    Value,
    is_operand,
    parts,
)
from ast_ad.ir import primitives
from ast_ad.ir.kinds import Kind, List, Undefined, join
from ast_ad.ir.nodes import Lit, Var
from ast_ad.trees import LEAF, leaf_count, unflatten

if TYPE_CHECKING:
    from ast_ad.frontend.frame import Frame

Look = Callable[[Container], Value]
Make = Callable[[Sequence[Any], Kind], Any]


class Unlike(Exception):
    """The items of a list are not of one structure."""


def of_items(items: Sequence[Value], look: Look, make: Make, like: GrownParts | None = None) -> Grown:
    """Return a list that has grown, with these items.

    Parameters
    ----------
    look
        Gives what a container among the items contains.
    make
        Makes a list of the IR, of a kind, from operands.
    like
        The structure of its items, where there are none, or where they may be None.

    Raises
    ------
    Unlike
        Where the items are not of one structure.
    """
    given = [item_of(_with_text(item), look, make) for item in items]
    if any(map(absent_items.may_be_none, given)) or (like is not None and absent_items.is_optional(like.item)):
        given = absent_items.all_optional(given)
    shapes = [parts(item) for item in given]
    trees = list(dict.fromkeys(tree for _, tree in shapes))
    if len(trees) > 1:
        raise Unlike
    own = GrownParts(trees[0]) if trees else like or GrownParts(LEAF)
    count = leaf_count(own.item)
    if not count:
        raise Unlike
    columns = [[leaves[i] for leaves, _ in shapes] for i in range(count)]
    return Grown(own, [make(column, List(_kind_of_all(column))) for column in columns])


def _kind_of_all(column: Sequence[Any]) -> Kind:
    kind: Kind = Undefined()
    for leaf in column:
        joined = join(kind, leaf.kind)
        if joined is None:
            raise Unlike
        kind = joined
    return kind


def _with_text(item: Value) -> Value:
    """Return an item of a list; a text that is known is an operand there, for other items may be other texts."""
    return Lit(item.value) if isinstance(item, Known) and isinstance(item.value, str) else item


def item_of(value: Value, look: Look, make: Make) -> Value:
    """Return an item with its lists grown, and its dicts taken apart."""
    if is_tuple(value):
        raise Unlike  # what is read from a list would be a list
    if isinstance(value, Container):
        return item_of(look(value), look, make)
    if isinstance(value, Parcel):
        return item_of(value.contents, look, make)
    if isinstance(value, list):
        try:
            return of_items(value, look, make)
        except Unlike:
            return [item_of(item, look, make) for item in value]  # a record: ``[point, score]``
    if isinstance(value, dict):
        return {key: item_of(item, look, make) for key, item in value.items()}
    if isinstance(value, Optional) and absent_items.is_plain(inside := item_of(value.value, look, make)):
        return Optional(value.present, inside)
    if isinstance(value, Either):
        # An object that stands there stays itself; a list would have to grow on one path alone.
        if any(isinstance(each, Container) for each in value.alternatives()):
            raise Unlike
        sides = (each if isinstance(each, Ref) else item_of(each, look, make) for each in (value.first, value.second))
        return Either(value.which, *sides)
    if isinstance(value, (Conflict, Optional, Ref)):
        raise Unlike
    if isinstance(value, tuple) and not is_operand(value):
        items = [item_of(item, look, make) for item in value]
        return type(value)(*items) if hasattr(value, "_fields") else tuple(items)
    if isinstance(value, Known) and isinstance(value.value, str):
        return Lit(value.value)  # another item may have another text in this place
    return value


def made_in(frame: Frame) -> Make:
    """Return what makes lists of the IR in the code that is being written."""

    def make(column: Sequence[Any], kind: Kind) -> Any:
        assert isinstance(kind, List)
        given = [promoted(stored(frame, leaf), kind.item) for leaf in column]
        return frame.builder.op(primitives.list_of, given, kind=kind)

    return make


def stored(frame: Frame, leaf: Any) -> Any:
    """Return an operand that is put into a list; an array there may not be written to any more."""
    if memory.is_array(leaf):
        listed.put(frame, leaf)
        memory.share_with_lists(frame, leaf)
    return memory.now(frame, leaf)


def is_empty(contents: Value) -> bool:
    """Tell whether nothing has been put into a list on any path that leads here."""
    leaves = contents.leaves if isinstance(contents, Grown) else ()
    return contents == [] or any(leaf.kind == List(Undefined()) for leaf in leaves)


def grow(frame: Frame, contents: Value) -> Grown | None:
    """Return the contents of a list as those of one that has grown; None where its items are not of one structure."""
    if isinstance(contents, Grown):
        return contents
    if not frame.context.grows:
        return None
    try:
        return of_items(contents, lambda container: containers.seen(frame, container), made_in(frame))
    except Unlike:
        heap.want_pools(frame, *contents)
        return None


def grow_in_place(frame: Frame, container: Container, order: object = None) -> Grown | None:
    """Let a list be one that has grown from here on, if it can be; the lists in it are parts of it then."""
    inside = containers.seen(frame, container)
    made = grow(frame, inside)
    if made is None or isinstance(inside, Grown):
        return made
    rows = [each for each in inside if isinstance(each, Container)]
    made = Grown(GrownParts(made.own.item, len(set(rows)) < len(rows)), made.leaves, order)
    made.before = inside, {row.key: containers.entry(frame, row) for row in rows}
    for i, each in enumerate(inside):
        if isinstance(each, Container):
            containers.become_part(frame, each, Part(container, Lit(i), made.order, None))
    frame.env[container.key] = made
    made.home = container
    return made


def only_read(env: Mapping[str, Value], container: Container, before: Value) -> bool:
    """Tell whether a list still contains what it did, though it may have grown for being read at a computed index."""
    now = env.get(container.key, before)
    if isinstance(now, Part):
        whole = env.get(now.base.key)
        return isinstance(whole, Grown) and whole.before is not None and whole.before[1].get(container.key) is before
    return now is before or (isinstance(now, Grown) and now.before is not None and now.before[0] is before)


@dataclass(frozen=True)
class Mould:
    """What a list becomes: the structure of its items, and a kind for each of its leaves."""

    own: GrownParts
    kinds: tuple[Kind, ...]

    @classmethod
    def of(cls, frame: Frame, contents: Value) -> Mould | None:
        """Return the mould of a list that has grown, or can; None for any other."""
        grown = grow(frame, contents) if contents else None
        return None if grown is None else cls(grown.own, tuple(general_kind(leaf.kind) for leaf in grown.leaves))

    def cast(self, frame: Frame, contents: Sequence[Value]) -> Grown | None:
        """Return a list of known structure as one that has grown; None where it has another structure."""
        kinds = iter(self.kinds)

        def make(column: Sequence[Any], kind: Kind) -> Any:
            joined = join(kind, next(kinds))
            if joined is None:
                raise Unlike
            return made_in(frame)(column, joined)

        try:
            found = of_items(contents, lambda container: containers.seen(frame, container), make, self.own)
        except Unlike:
            return None
        return found if found.own.item == self.own.item else None


def template_of(grown: Grown) -> Value:
    """Return an item of a list, for what it is: with operands of which only the kinds mean something."""
    return unflatten(grown.own.item, [Var(leaf.kind.item) for leaf in grown.leaves])


# What two lists have in common.

Side = tuple[Look, Make]


def common(a: Value, b: Value, first: Side, second: Side) -> tuple[Grown, Grown] | None:
    """Return two lists as ones that have grown, of one structure; None where they have none in common."""
    sides = (first, second)
    given = [each.own for each in (a, b) if isinstance(each, Grown)]
    like = given[0] if given and absent_items.is_optional(given[0].item) else None
    try:
        found = [_grown(each, *side, like) if each != [] else None for each, side in zip((a, b), sides)]
        owns = [each.own for each in found if each is not None] or [GrownParts(LEAF)]
        one, two = (of_items([], *side, owns[0]) if each is None else each for each, side in zip(found, sides))
    except Unlike:
        return None
    if one.own.item != two.own.item or any(join(x.kind, y.kind) is None for x, y in zip(one.leaves, two.leaves)):
        return None
    return one, two


def met(one: Grown, two: Grown, combine: Callable[[Any, Any, Kind], Any], *, shared: bool = False) -> Grown:
    """Return the list that is one of two."""
    leaves = []
    for x, y in zip(one.leaves, two.leaves):
        kind = join(x.kind, y.kind)
        assert kind is not None
        leaf = combine(x, y, kind)
        mixed.note_met(leaf, x, y)
        leaves.append(leaf)
    own = GrownParts(one.own.item, shared or one.own.shared or two.own.shared)
    order = one.order if one.order is two.order else None
    made = Grown(own, leaves, order, one.tail if one.tail is two.tail else None)
    made.before = one.before if _same_before(one, two) else None
    return made


def _same_before(one: Grown, two: Grown) -> bool:
    """Tell whether two lists have been made of one, and nothing has changed it."""
    if one.before is None or two.before is None:
        return False
    (contents, rows), (others, other_rows) = one.before, two.before
    return contents is others and rows.keys() == other_rows.keys() and all(rows[key] is other_rows[key] for key in rows)


def _grown(contents: Value, look: Look, make: Make, like: GrownParts | None) -> Grown:
    return contents if isinstance(contents, Grown) else of_items(contents, look, make, like)
