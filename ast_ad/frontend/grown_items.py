"""What is done with lists that have grown: items are read, written, added and taken out; whole lists are made."""

from __future__ import annotations

import operator
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from ast_ad.frontend import absent_items, containers, heap, listed, memory, reach
from ast_ad.frontend.grown import Unlike, _with_text, common, item_of, made_in, stored, template_of
from ast_ad.frontend.meeting import promoted
from ast_ad.frontend.values import Container, Grown, GrownParts, Known, Part, Place, Value, is_operand, parts
from ast_ad.frontend.wording import describe
from ast_ad.ir import primitives
from ast_ad.ir.kinds import Kind, List, Scalar, code, join
from ast_ad.ir.nodes import Form, Lit, Operand, Var
from ast_ad.runtime import repeat_lists, sorting_order, taken
from ast_ad.trees import DictTree, ListTree, Tree, TupleTree, leaf_count, unflatten

if TYPE_CHECKING:
    from ast_ad.frontend.frame import Frame


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
        made = item_of(_with_text(value), lambda container: containers.seen(frame, container), made_in(frame))
    except Unlike:
        made = value
    heap.want_pools(frame, value)
    if absent_items.is_optional(grown.own.item):
        made = absent_items.as_optional(made, template_of(grown).value)
    leaves, tree = parts(made)
    if tree != grown.own.item or any(
        join(List(leaf.kind), old.kind) is None for leaf, old in zip(leaves, grown.leaves)
    ):
        frame.misfit(
            node,
            f"{describe(value)} is put into a list whose items have another structure",
            "let all items of a list that grows in a loop have one structure",
        )
    return [promoted(stored(frame, leaf), old.kind.item) for leaf, old in zip(leaves, grown.leaves)]


def as_item(frame: Frame, value: Value, kinds: Sequence[Kind], part: Part) -> tuple[list[Any], Tree] | None:
    """Return the operands of an item of a list whose leaves have these kinds, and its structure; None if it is none.

    An array that stands in this `part` of the list, at the same place, stays there.
    """
    try:
        item = item_of(_with_text(value), lambda container: containers.seen(frame, container), made_in(frame))
        leaves, tree = parts(item)
    except Unlike:
        return None
    if len(leaves) != len(kinds) or any(join(leaf.kind, kind) is None for leaf, kind in zip(leaves, kinds)):
        return None
    new = [
        memory.now(frame, leaf) if listed.is_leaf_of(frame, leaf, part, i) else stored(frame, leaf)
        for i, leaf in enumerate(leaves)
    ]
    return [promoted(leaf, kind) for leaf, kind in zip(new, kinds)], tree


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


def all_there(frame: Frame, node: Any, grown: Grown) -> Grown:
    """Return a list of which no item may be None, where all are needed: where one is, that fails as in Python."""
    if not absent_items.is_optional(grown.own.item):
        return grown
    present, *leaves = grown.leaves
    message = Lit("None is among the items of a list of which each is needed")
    absent = frame.op(node, operator.contains, present, Lit(False))
    frame.branch(node, absent, lambda: frame.fail(node, TypeError, message), lambda: None, None)
    own = GrownParts(grown.own.item.items[1], grown.own.shared)
    found = Grown(own, leaves, grown.order, grown.tail)
    found.home = containers.made(frame, found)
    return found


def as_array(frame: Frame, node: Any, grown: Grown) -> Operand:
    """Return a list of numbers, of arrays, or of tuples of such as an array."""
    present = all_there(frame, node, grown)
    leaf = containers.single(present)
    return _columns(frame, node, present) if leaf is None else frame.op(node, primitives.array_of, leaf)


def _columns(frame: Frame, node: Any, grown: Grown) -> Operand:
    """Return a list of tuples as an array: one of each of their parts, side by side."""
    tree = grown.own.item
    numeric = all(isinstance(leaf.kind, List) and code(leaf.kind) for leaf in grown.leaves)
    if not isinstance(tree, TupleTree) or not tree.items or not numeric:
        frame.misfit(node, "a list of such items that has grown is no array", "make a list for each of their parts")
    columns, first = [], 0
    for item in tree.items:
        behind = first + leaf_count(item)
        columns.append(as_array(frame, node, Grown(GrownParts(item), grown.leaves[first:behind])))
        first = behind
    operands, form = Form.of((columns,), {"axis": Lit(1)}, is_operand)
    table: Operand = frame.ops(node, np.stack, operands, form)
    return table


def as_index(frame: Frame, node: Any, leaf: Var | Lit) -> Operand:
    """Return a list of the IR as an array that indexes another one; one of integers is, without items, too."""
    assert isinstance(leaf.kind, List)
    dtype = (Lit(int),) if isinstance(leaf.kind.item, Scalar) and code(leaf.kind.item) in "iu" else ()
    return frame.op(node, primitives.array_of, leaf, *dtype)


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
    if any(reach.has_arrays(leaf.kind) for leaf in grown.leaves):
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
        inside = item_of(items[0], lambda container: containers.seen(frame, container), made_in(frame))
    except Unlike:
        return None
    leaves, tree = parts(inside)
    new: list[Any] = []
    for leaf in leaves:
        if isinstance(leaf.kind, List):
            new.append(frame.op(node, repeat_lists, leaf, count))
        else:
            new.append(frame.op(node, primitives.repeated, stored(frame, leaf), count))
        if reach.has_arrays(leaf.kind):
            listed.stand_twice(frame.context.objects)
    shared = any(isinstance(leaf.kind, List) for leaf in leaves)
    return Grown(GrownParts(tree, shared), new) if new else None
