"""Lists and dicts as Python sees them: objects that several names may hold, and that are changed in place.

A `Container` is the object; what it contains now, a list or dict of abstract values, stands in the environment of the
frame under a key of its own (``%list:3``), so that it meets at joins and goes round in loops like every name.  A change
puts new contents there: contents are never changed themselves, because environments share them.

A frame has containers of its own.  On the way into a callee and back, and round a loop that binds a name to another
container, a container is `Held` (`ast_ad.frontend.passing`): with its contents, and a number that tells it from others.
"""

from __future__ import annotations

import contextlib
import operator
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from ast_ad.errors import KindError, UnsupportedSyntaxError
from ast_ad.frontend import borrowed, reach, table_sites
from ast_ad.frontend.dict_views import View
from ast_ad.frontend.parcels import Record
from ast_ad.frontend.run_time_tuples import is_tuple
from ast_ad.frontend.tokens import InPlace
from ast_ad.frontend.values import (
    ABSENT,
    IN_LISTS,
    Conflict,
    Container,
    Either,
    Grown,
    GrownParts,
    Part,
    Place,
    Table,
    Value,
    is_operand,
)
from ast_ad.ir import primitives
from ast_ad.ir.kinds import Array, Kind, List
from ast_ad.ir.nodes import Form, Lit, Operand, Var, Where
from ast_ad.runtime import set_at
from ast_ad.trees import LEAF, flatten, unflatten

if TYPE_CHECKING:
    from ast_ad.frontend.frame import Frame


class Resized(UnsupportedSyntaxError):
    """A list or dict grows, or shrinks, while a loop goes over it: the loop has to be lowered step by step.

    Attributes
    ----------
    container
        The list or dict.
    node
        What changes it.
    loop
        The statement of the innermost loop that goes over it.
    """

    def __init__(self, container: Container, node: Any, where: Where) -> None:
        message = "a list or dict grows, or shrinks, while a loop goes over it"
        super().__init__(message, help="loop over a copy: `list(xs)`", where=where)
        self.container = container
        self.node = node
        self.loop: Any = None


def made(frame: Frame, contents: Value, *, outside: str | borrowed.Theirs = "", cls: type | None = None) -> Container:
    """Return a new list or dict with these contents; `cls` is a subclass for one that can do more."""
    objects = frame.context.objects
    own = cls or (list if isinstance(contents, Grown) else type(contents))
    container = Container(f"%{own.__name__}:{len(objects.containers)}", own, outside=outside)
    objects.containers[container.key] = container
    frame.env[container.key] = contents
    return container


def seen(frame: Frame, value: Value) -> Value:
    """Return what a container contains now, or a view of one shows; any other value as it is."""
    if isinstance(value, View):
        of_table = isinstance(value.owner, Table)
        return seen(frame, value.column(frame, value.owner)) if of_table else value.shown(seen(frame, value.owner))
    if not isinstance(value, Container):
        return value
    contents = _contents(frame, value)
    if isinstance(contents, Part):
        contents = _contents_of_part(frame, contents)
    if isinstance(contents, Grown):
        contents.home = value
    return contents


def entry(frame: Frame, container: Container) -> Value:
    """Return what the environment has for a container; a callee's own may be younger than the environment."""
    return frame.env.get(container.key, frame.base.firsts.get(container.key, ABSENT))


def _contents(frame: Frame, container: Container) -> Value:
    contents = entry(frame, container)
    if isinstance(contents, Conflict):
        table_sites.try_as_table(frame, container)
        name = f"`{container.name}`" if container.name else f"a {container.type.__name__}"
        raise KindError(
            f"{name} has no single structure here: {contents.message}",
            help="let it contain the same on every path, or use another name",
            where=contents.where,
        )
    assert contents is not ABSENT, f"{container} is not in this frame"
    return contents


def change(frame: Frame, node: Any, container: Container, contents: Value) -> None:
    """Let a container contain something else from here on."""
    if is_tuple(container):
        frame.fail(node, TypeError, Lit("'tuple' object does not support item assignment"))
    _check(frame, node, container)
    if container in frame.base.iterated and is_resized(entry(frame, container), contents):
        raise Resized(container, node, frame.where(node))
    part = entry(frame, container)
    if isinstance(part, Part):
        _put_part(frame, node, part, contents)
    else:
        frame.env[container.key] = contents


@contextlib.contextmanager
def iterating(frame: Frame, node: Any, over: Sequence[Container]) -> Iterator[None]:
    """Note that a loop goes over containers, within the ``with`` statement."""
    before = len(frame.base.iterated)
    frame.base.iterated += over
    try:
        yield
    except Resized as change:
        if change.loop is None and change.container in over:
            change.loop = node
        raise
    finally:
        del frame.base.iterated[before:]


def is_resized(before: Value, after: Value) -> bool:
    """Tell whether the contents of a list or a dict have become more, or fewer, or have other keys."""
    if isinstance(before, Grown) and isinstance(after, Grown):
        return before.tail is not after.tail
    if isinstance(before, dict) and isinstance(after, dict):
        return before.keys() != after.keys()
    return not (isinstance(before, list) and isinstance(after, list)) or len(before) != len(after)


def _check(frame: Frame, node: Any, container: Container) -> None:
    """Refuse to change what a name may see, or not, depending on the path, and what is not this function's."""
    what = f"`{container.name}`" if container.name else f"a {container.type.__name__}"
    if container.outside:
        borrowed.change(frame, container)
        frame.refuse(
            node,
            f"{what} belongs to {container.outside}, and a derivative must not change it",
            f"change a copy: `{container.type.__name__}(...)`",
        )
    if isinstance(entry(frame, container), Part):
        return  # what it is a part of is changed
    objects = frame.context.objects
    own = objects.origins(container)
    if isinstance(entry(frame, container), Grown):
        own = own.union(*map(objects.origins, _parts_of(frame, container)))
    for name, other in reach.reachable(frame) if objects.has_alike(own, container) else ():
        if isinstance(other, Container) and other is not container and not own.isdisjoint(objects.origins(other)):
            if isinstance(entry(frame, other), Part):
                continue  # it changes with what it is a part of
            if not frame.is_outermost:
                raise InPlace  # whether it is read again, the caller knows
            _try_tables(frame, own)
            holder = f"`{name}`" if name else "what this line has made"
            frame.refuse(
                node,
                f"{what} is changed, and {holder} may be the same {container.type.__name__}, or another one",
                "change a copy: `xs = xs.copy()`",
            )


def _try_tables(frame: Frame, origins: Collection[Any]) -> None:
    """See to it that a dict with one of these lists or dicts in it is a table, which has places for what it holds."""
    for _, holder in reach.reachable(frame):
        if not isinstance(holder, Container):
            continue
        contents = entry(frame, holder)
        if isinstance(contents, dict) and any(each in origins for each in contents.values()):
            table_sites.try_as_table(frame, holder)


def _parts_of(frame: Frame, container: Container) -> list[Container]:
    """Return the lists and dicts that are parts of a list."""
    table = frame.context.objects.containers
    found = [table[key] for key, value in frame.env.items() if isinstance(value, Part) and key in table]
    return [each for each in found if path_of(frame, each)[0] is container]


def _is_leaf(value: Any) -> bool:
    return isinstance(value, (Var, Lit, Container))


def mapped(value: Value, change: Callable[[Container], Value]) -> Value:
    """Return a value with `change` applied to the containers that it holds at the top."""
    leaves, tree = flatten(value, _is_leaf)
    if not any(isinstance(leaf, Container) for leaf in leaves):
        return value
    return unflatten(tree, [change(leaf) if isinstance(leaf, Container) else leaf for leaf in leaves])


def within(value: Value) -> list[Container]:
    """Return the containers that a value holds at the top."""
    return [leaf for leaf in flatten(value, _is_leaf)[0] if isinstance(leaf, Container)]


def holds_any(value: Value) -> bool:
    """Tell whether a value holds a container."""
    return bool(within(value))


def become_part(frame: Frame, container: Container, part: Part) -> None:
    """Let a list or dict be a part of a list from here on."""
    frame.env[container.key] = part
    frame.context.objects.may_be(container, [path_of(frame, container)[0]])


def differ(head: Value, value: Value) -> bool:
    """Tell whether a value holds containers that another one does not hold in the same places."""
    return bool(within(value)) and within(head) != within(value)


def plain(frame: Frame, value: Value) -> Value:
    """Return a value with lists and dicts of what its containers contain, all the way down."""
    if isinstance(value, View):
        frame.refuse(
            frame.node, "a view of a dict is given where an array is needed", "make a list of it: `list(d.values())`"
        )
    if isinstance(value, Grown):
        return single(value) or value
    return mapped(value, lambda container: plain(frame, seen(frame, container)))


def all_plain(frame: Frame, args: Sequence[Value], kwargs: Mapping[str, Value]) -> tuple[list[Value], dict[str, Value]]:
    """Return the arguments of a call as `plain` does."""
    return [plain(frame, arg) for arg in args], {name: plain(frame, value) for name, value in kwargs.items()}


def boxed(frame: Frame, value: Value, *, outside: str = "") -> Value:
    """Return a value with new containers for its lists and dicts, all the way down."""
    if type(value) in (list, dict):
        items = value.values() if isinstance(value, dict) else value
        inner = [boxed(frame, item, outside=outside) for item in items]
        return made(frame, dict(zip(value, inner)) if isinstance(value, dict) else inner, outside=outside)
    if isinstance(value, Record):
        items = tuple(boxed(frame, item, outside=outside) for item in value.items)
        return frame.context.object_of(frame, Record(value.make, items))
    if isinstance(value, tuple):
        parts = [boxed(frame, item, outside=outside) for item in value]
        if all(part is item for part, item in zip(parts, value)):
            return value
        return type(value)(*parts) if hasattr(value, "_fields") else tuple(parts)
    return value


# Lists in lists that have grown.


def path_of(frame: Frame, container: Container) -> tuple[Container, tuple[Operand, ...]]:
    """Return the list that a part is a part of, in the end, and the indices that lead to it."""
    part = entry(frame, container)
    if not isinstance(part, Part):
        return container, ()
    base, path = path_of(frame, part.base)
    return base, (*path, part.index)


def is_moved(frame: Frame, part: Part) -> bool:
    """Tell whether a part is no longer where it was in the list that it is a part of."""
    base = seen(frame, part.base)
    return (
        not isinstance(base, Grown)
        or base.order is not part.order
        or (part.tail is not None and base.tail is not part.tail)
    )


def _contents_of_part(frame: Frame, part: Part) -> Grown | dict[Any, Value] | list[Value]:
    """Return what a list contains that is a part of another one."""
    if is_moved(frame, part):
        frame.refuse(
            frame.node,
            "a list is used that was an item of another one, whose items have moved since",
            "read the item again before it is used",
        )
    base, (root, path) = seen(frame, part.base), path_of(frame, part.base)
    whole = seen(frame, root)
    read = primitives.item_at if path else operator.getitem
    leaves = [frame.builder.op(read, (leaf, *path, part.index)) for leaf in whole.leaves]
    _note_places(frame, part, leaves)
    inner: Grown | dict[Any, Value] | list[Value] = unflatten(base.own.item, leaves)
    return inner if isinstance(inner, Grown) else opened_up(frame, inner)


def _note_places(frame: Frame, part: Part, leaves: Sequence[Operand]) -> None:
    """Note of the arrays in an item of a list that they stand there: a write to one is a write to the list."""
    objects = frame.context.objects
    for i, leaf in enumerate(leaves):
        if isinstance(leaf, Var) and isinstance(leaf.kind, Array):
            objects.may_be(leaf, [IN_LISTS])
            objects.places[leaf] = Place(part, i)


def opened_up(frame: Frame, contents: dict[Any, Value] | list[Value]) -> dict[Any, Value] | list[Value]:
    """Return what a list or dict contains that was read from a list that has grown: what is in it, is only read."""
    if isinstance(contents, dict):
        return {key: with_copies(frame, each) for key, each in contents.items()}
    return [with_copies(frame, each) for each in contents]


def with_copies(frame: Frame, value: Value) -> Value:
    """Return what was read from a list that has grown: the lists and dicts in it are read, and not changed."""
    if isinstance(value, (Grown, dict, list)):
        contents = value if isinstance(value, Grown) else opened_up(frame, value)
        return made(frame, contents, outside="an item of another list")
    if isinstance(value, tuple):
        items = [with_copies(frame, each) for each in value]
        return type(value)(*items) if hasattr(value, "_fields") else tuple(items)
    if isinstance(value, Either):
        return Either(value.which, with_copies(frame, value.first), with_copies(frame, value.second))
    return boxed(frame, value)


def _put_part(frame: Frame, node: Any, part: Part, contents: Value) -> None:
    """Let a part of a list contain something else."""
    base, path = path_of(frame, part.base)
    whole: Grown = whole_of(frame, node, base)
    tree = seen(frame, part.base).own.item
    make = getattr(tree, "make", None)
    if isinstance(contents, Grown) and isinstance(make, GrownParts) and contents.own.item == make.item:
        leaves = list(contents.leaves)
    else:
        depth = len(path) + 1
        found = frame.context.as_item(frame, contents, [_item_kind(leaf.kind, depth) for leaf in whole.leaves], part)
        leaves, same = found if found is not None else ([], None)
        if same != tree or isinstance(contents, Grown):
            frame.misfit(
                node,
                f"a {'dict' if isinstance(contents, dict) else 'list'} in a list that has grown changes its structure",
                "let all items of a list that grows in a loop have one structure",
            )
    new = [written(frame, node, old, (*path, part.index), leaf) for old, leaf in zip(whole.leaves, leaves)]
    change(frame, node, base, Grown(whole.own, new, whole.order, whole.tail))


def _item_kind(kind: Kind, depth: int) -> Kind:
    return kind if depth == 0 or not isinstance(kind, List) else _item_kind(kind.item, depth - 1)


def whole_of(frame: Frame, node: Any, base: Container) -> Grown:
    """Return what a list contains of which a part is to be changed."""
    whole: Grown = seen(frame, base)
    if whole.own.shared:
        frame.refuse(
            node,
            "a list in a list is changed, which may stand in another list too, or twice in one",
            "put copies into lists: `rows.append(row.copy())`",
        )
    return whole


def written(frame: Frame, node: Any, old: Any, path: Sequence[Operand], value: Any) -> Any:
    """Return a list with a value in the place of the item at the end of a path."""
    given: Any = tuple(path) if len(path) > 1 else path[0]
    operands, form = Form.of((old, given, value), {}, is_operand)
    new = frame.ops(node, set_at, operands, form)
    new.name = old.name
    return new


def single(grown: Grown) -> Any:
    """Return the one list of the IR that a list of numbers, of arrays, or of such lists is; None for one of tuples."""
    tree = grown.own.item
    while not isinstance(tree, type(LEAF)):
        make = getattr(tree, "make", None)
        if not isinstance(make, GrownParts):
            return None
        tree = make.item
    return grown.leaves[0]
