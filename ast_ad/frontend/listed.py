"""Arrays in lists that have grown, which are changed in place: ``p.velocity += a * dt``, ``rows[i][j] = v``.

Such an array is read as a new one each time; that it is an item of a list, and of which, is noted with it.  A write to
it is a write to the list.  That is right as long as each of these arrays stands in one place alone: those that are put
into a list are new ones that nothing else leads to, and no list is copied.  Where that is not so, or where another name
may hold the array, a write is refused.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NoReturn

from ast_ad.errors import UnsupportedSyntaxError
from ast_ad.frontend import containers, reach
from ast_ad.frontend.values import IN_LISTS, Container, Grown, Part, Place, same_operand
from ast_ad.ir.nodes import Operand, Var, Where

if TYPE_CHECKING:
    from ast_ad.frontend.frame import Frame
    from ast_ad.frontend.tokens import Objects

_MESSAGE = "an array in a list is changed in place, and "
_HELP = "put copies into lists (`xs.append(x.copy())`), or make a new array: `xs[i] = xs[i] + v`"


def is_at(frame: Frame, value: Any, container: Container, index: Operand) -> bool:
    """Tell whether an array is the one that stands in a list at an index already."""
    return _place_of(frame, value, container, index) is not None


def is_leaf_of(frame: Frame, value: Any, part: Part, leaf: int) -> bool:
    """Tell whether an array stands in an item of a list already, as the leaf with this number."""
    place = _place_of(frame, value, part.base, part.index)
    return place is not None and place.leaf == leaf


def _place_of(frame: Frame, value: Any, container: Container, index: Operand) -> Place | None:
    """Return where an array stands in the item of a list at an index; None if it does not."""
    place = frame.context.objects.places.get(value) if isinstance(value, Var) else None
    if place is None or place.part.base is not container or not same_operand(place.part.index, index):
        return None
    return None if containers.is_moved(frame, place.part) else place


def put(frame: Frame, token: Var) -> None:
    """Note that an array is put into a list: unless nothing else leads to it, it may stand in two of them."""
    objects = frame.context.objects
    alone = objects.origins(token) == {token} and token not in objects.views and token not in objects.choices
    if not alone or token not in objects.born or objects.born[token] is not turn(frame):
        stand_twice(objects)


def stand_twice(objects: Objects) -> None:
    """Note that an array may stand in two lists, or twice in one: then none is changed."""
    objects.twice = True
    if objects.changed_in_list is not None:
        _refuse("it may stand in two lists, or twice in one", objects.changed_in_list)


def turn(frame: Frame) -> object:
    """Return what stands for one turn of the innermost loop around a statement."""
    each: Frame | None = frame
    while each is not None and not each.outer:
        each = each.host
    return None if each is None else each.outer


def write(frame: Frame, node: Any, token: Var, place: Place, new: Operand) -> None:
    """Let an array that was read from a list contain `new` from here on, and so the list."""
    objects, part = frame.context.objects, place.part
    where = frame.where(node)
    if objects.twice:
        _refuse("it may stand in two lists, or twice in one", where)
    if containers.is_moved(frame, part):
        _refuse("the items of the list have moved since it was read", where)
    for name, other in reach.reachable(frame):
        if isinstance(other, Var) and _may_be(objects, other, token, part):
            _refuse(f"`{name}` may be the same one" if name else "another one may be the same", where)
    base, path = containers.path_of(frame, part.base)
    whole = containers.whole_of(frame, node, base) if path else containers.seen(frame, base)
    leaves = list(whole.leaves)
    leaves[place.leaf] = containers.written(frame, node, leaves[place.leaf], (*path, part.index), new)
    containers.change(frame, node, base, Grown(whole.own, leaves, whole.order, whole.tail))
    objects.changed_in_list = objects.changed_in_list or where


def _may_be(objects: Objects, other: Var, token: Var, part: Part) -> bool:
    """Tell whether another name may hold the array that was read from a list: those of other lists are others."""
    root = objects.root(other)
    own = objects.origins(token) | objects.origins(IN_LISTS)
    if root is token or own.isdisjoint(objects.origins(root)):
        return False
    place = objects.places.get(root) if isinstance(root, Var) else None
    return place is None or place.part.base is part.base


def _refuse(why: str, where: Where) -> NoReturn:
    raise UnsupportedSyntaxError(_MESSAGE + why, help=_HELP, where=where)
