"""Lists whose length is known only when it runs: those that grow in a loop, or are read at an index that is computed.

Such a list is `Grown`: a list of the IR for each leaf of an item, so that a list of pairs is two lists.  The lists in
it have grown too; a list that is read from it is a `Part`: changes of it are changes of the whole, in one step.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ast_ad.frontend import containers, heap, listed, memory
from ast_ad.frontend.listed import Place
from ast_ad.frontend.meeting import promoted
from ast_ad.frontend.recursion import general_kind
from ast_ad.frontend.values import (
    Conflict,
    Container,
    Grown,
    GrownParts,
    Held,
    Known,
    Optional,
    Part,
    Ref,
    Value,
    is_operand,
    parts,
)
from ast_ad.frontend.wording import describe
from ast_ad.ir import primitives
from ast_ad.ir.kinds import Kind, List, Undefined, join
from ast_ad.ir.nodes import Form, Lit, Operand, Var
from ast_ad.runtime import repeat_lists, sorting_order, taken
from ast_ad.trees import LEAF, DictTree, ListTree, Tree, leaf_count, unflatten

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
        The structure of its items, where there are none.

    Raises
    ------
    Unlike
        Where the items are not of one structure.
    """
    shapes = [parts(_item(_with_text(item), look, make)) for item in items]
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


def _item(value: Value, look: Look, make: Make) -> Value:
    """Return an item with its lists grown, and its dicts taken apart."""
    if isinstance(value, Container):
        return _item(look(value), look, make)
    if isinstance(value, Held):
        return _item(value.contents, look, make)
    if isinstance(value, list):
        try:
            return of_items(value, look, make)
        except Unlike:
            return [_item(item, look, make) for item in value]  # a record: ``[point, score]``
    if isinstance(value, dict):
        return {key: _item(item, look, make) for key, item in value.items()}
    if isinstance(value, (Conflict, Optional, Ref)):
        raise Unlike
    if isinstance(value, tuple) and not is_operand(value):
        items = [_item(item, look, make) for item in value]
        return type(value)(*items) if hasattr(value, "_fields") else tuple(items)
    if isinstance(value, Known) and isinstance(value.value, str):
        return Lit(value.value)  # another item may have another text in this place
    return value


def made_in(frame: Frame) -> Make:
    """Return what makes lists of the IR in the code that is being written."""

    def make(column: Sequence[Any], kind: Kind) -> Any:
        assert isinstance(kind, List)
        given = [promoted(_stored(frame, leaf), kind.item) for leaf in column]
        return frame.builder.op(primitives.list_of, given, kind=kind)

    return make


def _stored(frame: Frame, leaf: Any) -> Any:
    """Return an operand that is put into a list; an array there may not be written to any more."""
    if memory.is_array(leaf):
        listed.put(frame, leaf)
        memory.share_with_lists(frame, leaf)
    return memory.now(frame, leaf)


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
    try:
        found = [_grown(each, *side) if each != [] else None for each, side in zip((a, b), sides)]
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
        leaves.append(combine(x, y, kind))
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


def _grown(contents: Value, look: Look, make: Make) -> Grown:
    return contents if isinstance(contents, Grown) else of_items(contents, look, make)


# Items.


def length(frame: Frame, node: Any, grown: Grown) -> Operand:
    """Return how many items there are."""
    return frame.op(node, len, grown.leaves[0])


def item(frame: Frame, node: Any, container: Container, grown: Grown, index: Operand) -> Value:
    """Return an item of a list: lists in it are parts of the whole."""
    base, path = containers.path_of(frame, container)
    whole = containers.seen(frame, base)
    nonnegative = isinstance(index, Lit) and index.value >= 0
    leaves = (
        [_read(frame, node, leaf, (*path, index)) for leaf in whole.leaves]
        if path
        else [frame.op(node, operator.getitem, leaf, index) for leaf in grown.leaves]
    )
    tree = grown.own.item
    value = unflatten(tree, leaves)
    tail = None if nonnegative else grown.tail
    for i, leaf in enumerate(leaves):
        if memory.is_array(leaf):
            memory.share_with_lists(frame, leaf)
            frame.context.objects.places[leaf] = Place(Part(container, index, grown.order, tail), i)
    if isinstance(value, (Grown, dict, list)):
        part = containers.made(frame, {} if isinstance(value, dict) else [])
        containers.become_part(frame, part, Part(container, index, grown.order, tail))
        return part
    return containers.with_copies(frame, value)


def _read(frame: Frame, node: Any, leaf: Operand, path: Sequence[Operand]) -> Operand:
    return frame.op(node, primitives.item_at, leaf, *path)


def set_item(frame: Frame, node: Any, container: Container, index: Operand, value: Value) -> None:
    """Lower ``xs[index] = value``, of a list that has grown."""
    if listed.is_at(frame, value, container, index):
        return  # ``xs[index] += v`` has changed it in place
    grown = containers.seen(frame, container)
    leaves = _leaves_of(frame, node, grown, value)
    base, path = containers.path_of(frame, container)
    whole = containers.whole_of(frame, node, base) if path else grown
    new = [containers.written(frame, node, old, (*path, index), leaf) for old, leaf in zip(whole.leaves, leaves)]
    moves = any(isinstance(leaf.kind, List) for leaf in leaves)
    own = GrownParts(whole.own.item, whole.own.shared or _twice(frame, value))
    containers.change(frame, node, base, Grown(own, new, None if moves else whole.order, whole.tail))
    absorb(frame, value)


def _leaves_of(frame: Frame, node: Any, grown: Grown, value: Value) -> list[Any]:
    """Return the operands of an item that is put into a list, after checking that it is structured as the others."""
    try:
        made = _item(_with_text(value), lambda container: containers.seen(frame, container), made_in(frame))
    except Unlike:
        made = value
    heap.want_pools(frame, value)
    leaves, tree = parts(made)
    if tree != grown.own.item or any(
        join(List(leaf.kind), old.kind) is None for leaf, old in zip(leaves, grown.leaves)
    ):
        frame.misfit(
            node,
            f"{describe(value)} is put into a list whose items have another structure",
            "let all items of a list that grows in a loop have one structure",
        )
    return [promoted(_stored(frame, leaf), old.kind.item) for leaf, old in zip(leaves, grown.leaves)]


def as_item(frame: Frame, value: Value, kinds: Sequence[Kind]) -> tuple[list[Any], Tree] | None:
    """Return the operands of an item of a list whose leaves have these kinds, and its structure; None if it is none."""
    try:
        item = _item(_with_text(value), lambda container: containers.seen(frame, container), made_in(frame))
        leaves, tree = parts(item)
    except Unlike:
        return None
    if len(leaves) != len(kinds) or any(join(leaf.kind, kind) is None for leaf, kind in zip(leaves, kinds)):
        return None
    return [promoted(_stored(frame, leaf), kind) for leaf, kind in zip(leaves, kinds)], tree


def _twice(frame: Frame, value: Value) -> bool:
    """Tell whether a list that is put into another one may stand there twice, or in a third one too."""
    return any(
        isinstance(containers.entry(frame, each), Part) or each.key in frame.outer for each in containers.within(value)
    )


def absorb(frame: Frame, value: Value, part: Container | None = None) -> None:
    """Let what is put into a list that has grown not be changed any more by its own names, but for a `part`."""
    if isinstance(value, Grown):
        lend(frame, value.home)
        return
    pending = containers.within(value)
    while pending:
        each = pending.pop()
        contents = containers.entry(frame, each)
        if isinstance(contents, Part):
            lend(frame, each)
        elif each is not part:
            each.outside = each.outside or "a list that has grown"
            pending += containers.within(contents)


def lend(frame: Frame, container: Container | None) -> None:
    """Note that the lists and dicts in a list come to stand in another one, too."""
    if container is None:
        return
    base, _ = containers.path_of(frame, container)
    whole = containers.seen(frame, base)
    if isinstance(whole, Grown) and _has_lists(whole) and not whole.own.shared:
        frame.env[base.key] = Grown(GrownParts(whole.own.item, True), whole.leaves, whole.order, whole.tail)


def append(frame: Frame, node: Any, container: Container, grown: Grown, value: Value) -> None:
    """Lower ``xs.append(value)``."""
    leaves = _leaves_of(frame, node, grown, value)
    new = []
    for old, leaf in zip(grown.leaves, leaves):
        longer: Any = frame.op(node, primitives.append, old, leaf)
        longer.name = old.name
        new.append(longer)
    own = GrownParts(grown.own.item, grown.own.shared or _twice(frame, value))
    containers.change(frame, node, container, Grown(own, new, grown.order))
    is_part = isinstance(value, Container) and not own.shared and value.type in (list, dict)
    absorb(frame, value, value if is_part else None)
    if isinstance(value, Container) and is_part:
        count = frame.op(node, operator.sub, length(frame, node, containers.seen(frame, container)), Lit(1))
        containers.become_part(frame, value, Part(container, count, grown.order, None))


def pop(frame: Frame, node: Any, container: Container, grown: Grown) -> Value:
    """Lower ``xs.pop()``."""
    new, items = [], []
    for old in grown.leaves:
        rest, last = frame.ops(node, primitives.popped, [old], None)
        rest.name = old.name
        new.append(rest)
        items.append(last)
    containers.change(frame, node, container, Grown(grown.own, new))
    return _taken_out(frame, grown, items)


def _taken_out(frame: Frame, grown: Grown, items: Sequence[Any]) -> Value:
    """Return an item that has been taken out of a list."""
    for leaf in items:
        if memory.is_array(leaf):
            memory.share_with_lists(frame, leaf)
    value = unflatten(grown.own.item, items)
    if isinstance(value, Grown):
        own = containers.made(frame, [])
        frame.env[own.key] = GrownParts(value.own.item, value.own.shared or grown.own.shared)(*value.leaves)
        if grown.own.shared:
            own.outside = "another list too"
        return own
    if isinstance(value, (dict, list)):
        taken = containers.opened_up(frame, value)
        return containers.made(frame, taken, outside="another list too" if grown.own.shared else "")
    return containers.with_copies(frame, value)


def as_array(frame: Frame, node: Any, grown: Grown) -> Operand:
    """Return a list of numbers, or of arrays, as an array."""
    leaf = containers.single(grown)
    if leaf is None:
        frame.misfit(node, "a list of tuples that has grown is no array", "make a list for each of their parts")
    return frame.op(node, primitives.array_of, leaf)


def place(frame: Frame, node: Any, grown: Grown, index: Operand) -> Operand:
    """Return an index of a list that is not negative."""
    if isinstance(index, Lit):
        return index if index.value >= 0 else frame.op(node, operator.add, length(frame, node, grown), index)
    return frame.op(node, operator.mod, index, length(frame, node, grown))


def insert(frame: Frame, node: Any, container: Container, grown: Grown, index: Operand, value: Value) -> None:
    """Lower ``xs.insert(index, value)``, for an index that is not negative."""
    leaves = _leaves_of(frame, node, grown, value)
    new = []
    for old, leaf in zip(grown.leaves, leaves):
        longer: Any = frame.op(node, primitives.inserted, old, index, leaf)
        longer.name = old.name
        new.append(longer)
    own = GrownParts(grown.own.item, grown.own.shared or _twice(frame, value))
    containers.change(frame, node, container, Grown(own, new))
    absorb(frame, value)


def delete(frame: Frame, node: Any, container: Container, grown: Grown, index: Operand) -> Value:
    """Lower ``xs.pop(index)``."""
    where = place(frame, node, grown, index)
    items = [frame.op(node, operator.getitem, leaf, where) for leaf in grown.leaves]
    new = []
    for old in grown.leaves:
        shorter: Any = frame.op(node, primitives.deleted, old, where)
        shorter.name = old.name
        new.append(shorter)
    containers.change(frame, node, container, Grown(grown.own, new))
    return _taken_out(frame, grown, items)


def swap(frame: Frame, node: Any, container: Container, grown: Grown, i: Operand, j: Operand) -> None:
    """Let two items of a list change places."""
    new: list[Any] = []
    for leaf in grown.leaves:
        moved: Any = frame.op(node, primitives.swapped, leaf, i, j)
        moved.name = leaf.name
        new.append(moved)
    base, path = containers.path_of(frame, container)
    if path:
        containers.change(frame, node, container, Grown(grown.own, new))
    else:
        containers.change(frame, node, base, Grown(grown.own, new, None, grown.tail))


# Whole lists.


def in_order(frame: Frame, node: Any, grown: Grown, keys: Sequence[Any], reverse: Operand) -> Grown:
    """Return the items in the order of their keys: lists of the IR, the first of which counts most.

    Sorting is stable, so what counts least is sorted by first.
    """
    new, ranks = list(grown.leaves), list(keys)
    while ranks:
        order = frame.op(node, sorting_order, ranks.pop(), *([] if reverse == Lit(False) else [reverse]))
        new = [frame.op(node, taken, leaf, order) for leaf in new]
        ranks = [frame.op(node, taken, leaf, order) for leaf in ranks]
    return Grown(grown.own, new)


def copied(frame: Frame, grown: Grown) -> Grown:
    """Return the same items as another list: the lists and arrays among them stand in both then."""
    if any(containers.has_arrays(leaf.kind) for leaf in grown.leaves):
        listed.stand_twice(frame.context.objects)
    return Grown(GrownParts(grown.own.item, grown.own.shared or _has_lists(grown)), grown.leaves)


def _has_lists(grown: Grown) -> bool:
    """Tell whether there are lists or dicts in a list."""
    nested = any(isinstance(leaf.kind, List) and isinstance(leaf.kind.item, List) for leaf in grown.leaves)
    return nested or _has_dicts(grown.own.item)


def _has_dicts(tree: Tree) -> bool:
    return isinstance(tree, (DictTree, ListTree)) or any(map(_has_dicts, getattr(tree, "items", ())))


def sliced(frame: Frame, node: Any, grown: Grown, limits: slice) -> Grown:
    """Return ``xs[start:stop:step]``."""
    new = []
    for leaf in grown.leaves:
        given = [None if isinstance(each, Known) else each for each in (limits.start, limits.stop, limits.step)]
        operands, form = Form.of((leaf, slice(*given)), {}, is_operand)
        new.append(frame.ops(node, operator.getitem, operands, form))
    return copied(frame, Grown(grown.own, new))


def joined(frame: Frame, node: Any, a: Grown, b: Grown) -> Grown:
    """Return ``a + b``."""
    new = [frame.op(node, primitives.joined, x, y) for x, y in zip(a.leaves, b.leaves)]
    return copied(frame, Grown(GrownParts(a.own.item, a.own.shared or b.own.shared), new))


def alike(frame: Frame, node: Any, a: Value, b: Value) -> tuple[Grown, Grown]:
    """Return two lists as ones that have grown, of one structure."""
    side = (lambda container: containers.seen(frame, container)), made_in(frame)
    pair = common(a, b, side, side)
    if pair is None:
        heap.want_pools(frame, a, b)
        frame.misfit(node, "the items of two lists differ in structure", "let all items have one structure")
    return pair


def repeated(frame: Frame, node: Any, items: Sequence[Value], count: Operand) -> Grown | None:
    """Return ``[item] * count``; None where there is not one item."""
    if len(items) != 1:
        return None
    try:
        inside = _item(items[0], lambda container: containers.seen(frame, container), made_in(frame))
    except Unlike:
        return None
    leaves, tree = parts(inside)
    new: list[Any] = []
    for leaf in leaves:
        if isinstance(leaf.kind, List):
            new.append(frame.op(node, repeat_lists, leaf, count))
        else:
            new.append(frame.op(node, primitives.repeated, _stored(frame, leaf), count))
        if containers.has_arrays(leaf.kind):
            listed.stand_twice(frame.context.objects)
    shared = any(isinstance(leaf.kind, List) for leaf in leaves)
    return Grown(GrownParts(tree, shared), new) if new else None
