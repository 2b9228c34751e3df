"""Pools: where objects are of which it is known only when it runs how many there are, or which one is meant.

    for i in range(n):
        particles.append(Particle(x * i, v))

The objects of a class that go into such a list stand in its `Pool`: a list for each attribute.  An object is a
`Pooled` then, a number that says where its attributes stand in these lists.  So a list of objects is a list of numbers;
objects meet where paths meet, and go round in loops, as numbers do; which of them are one is known when it runs.

Objects are taken to be a `Ref` each first (`ast_ad.frontend.heap`).  Where that does not do, their classes are noted
(`heap.want_pools`), and lowering starts again with a pool for each.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, NoReturn

import numpy as np

from ast_ad.frontend import containers, grown, grown_items, heap, passing, reach
from ast_ad.frontend.choices import choice
from ast_ad.frontend.context import Wish
from ast_ad.frontend.recursion import general_kind
from ast_ad.frontend.scope import nodes_of
from ast_ad.frontend.tokens import InPlace
from ast_ad.frontend.values import (
    UNBOUND,
    Container,
    Grown,
    Known,
    Maybe,
    Optional,
    Pool,
    Pooled,
    Ref,
    Value,
    is_none,
    is_operand,
    is_string,
    parts,
)
from ast_ad.frontend.wording import describe
from ast_ad.ir import primitives
from ast_ad.ir.kinds import BOOL, STRING, Array, Kind, Scalar
from ast_ad.ir.nodes import Lit, Operand
from ast_ad.trees import Leaf, NodeTree, Static, Tree

if TYPE_CHECKING:
    from ast_ad.frontend.frame import Frame


class Needed(Exception):
    """Unwinds all of lowering: more is known now of the attributes of objects in pools."""


def start(frame: Frame) -> None:
    """Make the pools that lowering has found to be needed, empty ones."""
    context = frame.context
    stems: list[str] = []
    for key in context.wanted:
        context.pools[key] = Pool()
    for key, wish in context.wanted.items():
        pool = context.pools[key]
        stem = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", key[1].rpartition(".")[2]).lower()
        stems.append(stem)
        stem += str(stems.count(stem)) if stems.count(stem) > 1 else ""
        for name, like in wish.likes.items():
            typed = wish.typed and like is not None
            column = [_filler(frame, frame.node, like)] if typed else []
            pool.columns[name] = _column(frame, f"{stem}_{name.lstrip('_')}", column)
            if name in wish.optional:
                pool.present[name] = _column(frame, f"has_{stem}_{name.lstrip('_')}", [Lit(False)] if typed else [])


def _column(frame: Frame, name: str, like: list[Value]) -> Container:
    """Return an empty list for an attribute, of which it is known what is put into it if there is an item in `like`."""
    inside = grown.grow(frame, like) if like else None
    contents: Value = []
    if inside is not None:
        leaves = [frame.builder.op(primitives.list_of, (), kind=leaf.kind) for leaf in inside.leaves]
        contents = Grown(inside.own, leaves)
    column = containers.made(frame, contents)
    column.name = name
    return column


def recurses(node: Any) -> bool:
    """Tell whether a function calls one of its own name, so that it cannot be lowered where it is called."""
    name = getattr(node, "name", None)
    return name is not None and any(
        name in (getattr(each, "id", None), getattr(each, "attr", None)) for each in nodes_of(node)
    )


def passed(frame: Frame) -> dict[str, Value] | None:
    """Return the lists of all pools as arguments of a function that is lowered by itself; None where that cannot be."""
    found: dict[str, Value] = {}
    for key, pool in frame.context.pools.items():
        for column in (*pool.columns.values(), *pool.present.values()):
            here = _here(frame, column)
            inside = containers.seen(frame, here)
            if inside == []:
                frame.context.wanted[key].typed = True
                return None
            if grown.grow_in_place(frame, here) is None:
                return None
            found[f"cell:{_name(column)}"] = here
    return found


def _name(column: Container) -> str:
    return f"%pool:{column.name}"


def _here(frame: Frame, column: Container) -> Container:
    """Return a list of a pool as the function has it that is lowered."""
    if frame.is_outermost:
        return column
    found = frame.base.cells.get(_name(column))
    if found is None:
        raise InPlace  # lowered as a part of its caller, it has what that has
    assert isinstance(found, Container)
    return found


def columns(frame: Frame) -> list[Container]:
    """Return the lists of all pools."""
    pools = frame.context.pools.values()
    return [column for pool in pools for column in (*pool.columns.values(), *pool.present.values())]


def without_objects(frame: Frame) -> set[str]:
    """Return the keys of the lists of pools in which there is no object yet."""
    return {column.key for column in columns(frame) if frame.env.get(column.key) == []}


def holds_pooled(frame: Frame, value: Value) -> bool:
    """Tell whether there is an object in a value, or in what it holds, that stands in a pool."""
    return bool(frame.context.pools) and is_in(parts(passing.held(frame, value, {}))[1])


def is_in(tree: Tree) -> bool:
    """Tell whether there are objects in what has this structure that stand in pools."""
    if isinstance(tree, (Leaf, Static)):
        return False
    make = getattr(tree, "make", None)
    if isinstance(make, Pool) or (isinstance(tree, NodeTree) and is_in(getattr(make, "item", Static(None)))):
        return True
    return any(map(is_in, tree.items))


# Objects come in.


def entered(frame: Frame, node: Any, ref: Ref) -> Value:
    """Return a new object, which goes into the pool of its class if there is one."""
    context = frame.context
    pool = context.pools.get(heap.pool_key(ref.cls.value)) if context.pools else None
    if pool is None:
        return ref
    if is_none(pool.cls):
        pool.cls = ref.cls
    if pool.cls.value is not ref.cls.value:
        frame.misfit(node, f"two classes are called `{ref.cls.value.__qualname__}`", "give them different names")
    attributes = ref.attributes(frame.env)
    _check_new(frame, node, ref, pool, attributes)
    index = _length(frame, node, pool)
    for name, value in attributes.items():
        if name in pool.columns:
            for column, item in _stored(frame, node, pool, name, value):
                _append(frame, node, column, item)
        else:
            _keep_fixed(frame, node, pool, name, value)
    for key in (ref.marker, *ref.keys.values()):
        frame.env.pop(key, None)
    return Pooled(pool, index)


def _check_new(frame: Frame, node: Any, ref: Ref, pool: Pool, attributes: Mapping[str, Value]) -> None:
    """Refuse an object that has other attributes than the others of its class, or that is known elsewhere already."""
    for name, value in attributes.items():
        if isinstance(value, Maybe):
            _refuse_attribute(frame, node, ref, name)
    known = {*pool.columns, *pool.fixed}
    if known != attributes.keys() and (_length(frame, node, pool) != Lit(0) or known - attributes.keys()):
        _refuse_attribute(frame, node, ref, min(known ^ attributes.keys()))
    for holder, other in reach.reachable(frame):
        if other is ref:
            frame.refuse(
                node,
                f"{describe(ref)} is put into {f'`{holder}`' if holder else 'another object'} before it is made",
                "do so where the object is made, not in its `__init__`",
            )


def _refuse_attribute(frame: Frame, node: Any, owner: Ref | Pooled, name: str) -> NoReturn:
    frame.misfit(
        node,
        f"not every {owner.cls.value.__name__} has the attribute `{name}`, and how many there are, or which one is "
        "meant, is known only when it runs",
        "set all attributes in `__init__`",
    )


def _length(frame: Frame, node: Any, pool: Pool) -> Operand:
    """Return how many objects there are."""
    inside = containers.seen(frame, _here(frame, next(iter(pool.columns.values())))) if pool.columns else []
    return grown_items.length(frame, node, inside) if isinstance(inside, Grown) else Lit(len(inside))


def _keep_fixed(frame: Frame, node: Any, pool: Pool, name: str, value: Value) -> None:
    """Let an attribute have the value that it has in all objects, if it is no number."""
    before = pool.fixed.get(name)
    if isinstance(value, Known) and not is_string(value) and (before is None or value.same(before)):
        pool.fixed[name] = value
    elif before is None:
        _wish(frame, pool).likes[name] = None
        raise Needed
    else:
        _no_longer_fixed(frame, node, pool, name, value)


def _no_longer_fixed(frame: Frame, node: Any, pool: Pool, name: str, value: Value) -> NoReturn:
    """Refuse two values of one attribute, unless one of them is None."""
    if not is_none(pool.fixed[name]):
        _refuse_kinds(frame, node, pool, name, pool.fixed[name], value)
    _need_optional(frame, pool, name, _template(frame, node, value))


def _refuse_kinds(frame: Frame, node: Any, pool: Pool, name: str, one: Value, other: Value) -> NoReturn:
    frame.misfit(
        node,
        f"the attribute `{name}` is {describe(one)} in one {pool.cls.value.__name__} and {describe(other)} in another",
        "let an attribute have one structure in all objects of a class",
    )


def _wish(frame: Frame, pool: Pool) -> Wish:
    return frame.context.wanted[heap.pool_key(pool.cls.value)]


def _need_optional(frame: Frame, pool: Pool, name: str, like: Any) -> NoReturn:
    _wish(frame, pool).likes[name] = like
    _wish(frame, pool).optional.add(name)
    raise Needed


# Attributes.


def attribute(frame: Frame, node: Any, owner: Pooled, name: str, default: Any = UNBOUND) -> Any:
    """Return an attribute of an object; `default` where it has none of that name."""
    pool = owner.pool
    if name in pool.fixed:
        return pool.fixed[name]
    if name not in pool.columns:
        return default
    value = _item(frame, node, pool.columns[name], owner.index)
    if name not in pool.present:
        return value
    present = _item(frame, node, pool.present[name], owner.index)
    if isinstance(present, Lit):
        return value if present.value else Known(None)
    return Optional(present, value)


def attributes_of(frame: Frame, node: Any, owner: Pooled) -> dict[str, Value]:
    """Return all attributes of an object."""
    pool = owner.pool
    return {name: attribute(frame, node, owner, name) for name in (*pool.fixed, *pool.columns)}


def set_attribute(frame: Frame, node: Any, owner: Pooled, name: str, value: Value) -> None:
    """Lower ``owner.name = value``."""
    pool = owner.pool
    if name in pool.fixed:
        if not (isinstance(value, Known) and value.same(pool.fixed[name])):
            _no_longer_fixed(frame, node, pool, name, value)
        return
    if name not in pool.columns:
        _refuse_attribute(frame, node, owner, name)
    if pool.from_outside:
        frame.context.heap.changed.add(pool.cls.value)
    for column, item in _stored(frame, node, pool, name, value):
        _set_item(frame, node, column, owner.index, item)


def _item(frame: Frame, node: Any, column: Container, index: Operand) -> Value:
    column = _here(frame, column)
    inside = containers.seen(frame, column)
    if isinstance(inside, list) and isinstance(index, Lit):
        return inside[index.value]
    return grown_items.item(frame, node, column, _grown(frame, node, column), index)


def _set_item(frame: Frame, node: Any, column: Container, index: Operand, value: Value) -> None:
    column = _here(frame, column)
    inside = containers.seen(frame, column)
    if isinstance(inside, list) and isinstance(index, Lit):
        new = list(inside)
        new[index.value] = value
        containers.change(frame, node, column, new)
    else:
        _grown(frame, node, column)
        grown_items.set_item(frame, node, column, index, value)


def _append(frame: Frame, node: Any, column: Container, value: Value) -> None:
    column = _here(frame, column)
    inside = containers.seen(frame, column)
    if isinstance(inside, Grown):
        grown_items.append(frame, node, column, inside, value)
    else:
        containers.change(frame, node, column, [*inside, value])


def _grown(frame: Frame, node: Any, column: Container) -> Grown:
    inside = grown.grow_in_place(frame, column)
    if inside is None:
        frame.misfit(
            node,
            f"an attribute (`{column.name}`) has several structures in the objects of one class",
            "let an attribute have one structure in all objects of a class",
        )
    return inside


# What is put into the lists.


def _stored(frame: Frame, node: Any, pool: Pool, name: str, value: Value) -> list[tuple[Container, Value]]:
    """Return what is put into which lists for an attribute."""
    column = pool.columns[name]
    wish = _wish(frame, pool)
    if name not in pool.present:
        if is_none(value) or isinstance(value, Optional):
            given = value.value if isinstance(value, Optional) else _any_of(frame, column)
            like = wish.likes[name] if is_none(given) else _template(frame, node, given)
            _need_optional(frame, pool, name, like)
        if wish.likes[name] is None and not isinstance(value, Container):
            wish.likes[name] = _template(frame, node, value)
        return [(column, _as_item(value))]
    if wish.likes[name] is None and not is_none(value):
        # What stands for None is to be like this, also where it was met before, on another path.
        _need_optional(frame, pool, name, _template(frame, node, value))
    present: Operand = value.present if isinstance(value, Optional) else Lit(not is_none(value))
    if isinstance(value, Optional):
        # In a list stands something for None, too.
        inside = value.value
        value = choice(frame, node, value.present, lambda: inside, lambda: _filler(frame, node, wish.likes[name]))
    elif is_none(value):
        value = _filler(frame, node, wish.likes[name])
    return [(column, _as_item(value)), (pool.present[name], present)]


def _any_of(frame: Frame, column: Container) -> Value:
    """Return an item of a list, for what it is."""
    inside = containers.seen(frame, _here(frame, column))
    if isinstance(inside, Grown):
        return grown.template_of(inside)
    return next((each for each in inside if not is_none(each)), Known(None))


def _as_item(value: Value) -> Value:
    return Lit(value.value) if isinstance(value, Known) and is_string(value) else value


def _template(frame: Frame, node: Any, value: Value) -> Any:
    """Return what a value is like, from one lowering to the next: its kind, or the class of an object."""
    if isinstance(value, Optional):
        return _template(frame, node, value.value)
    if isinstance(value, Known) and is_string(value):
        return STRING
    if is_operand(value):
        return general_kind(value.kind)
    if isinstance(value, Pooled):
        return value.pool.cls.value and heap.pool_key(value.pool.cls.value)
    if isinstance(value, Ref):
        heap.want_pools(frame, value)
        return heap.pool_key(value.cls.value)
    frame.misfit(
        node,
        f"an attribute is None in one object and {describe(value)} in another, of objects whose number is not known",
        "let the attribute be a number, an array or an object",
    )


def _filler(frame: Frame, node: Any, template: Any) -> Value:
    """Return what stands in a list for None: it is never looked at."""
    if isinstance(template, tuple):
        return Pooled(frame.context.pools[template], Lit(-1))
    return _zero(frame, node, template)


def _zero(frame: Frame, node: Any, kind: Kind) -> Operand:
    if kind == STRING:
        return Lit("")
    if isinstance(kind, Array):
        shape = Lit(0) if kind.ndim == 1 else Lit((0,) * kind.ndim)
        dtype = [] if kind.dtype == "float64" else [Lit(np.dtype(kind.dtype).type)]
        return frame.op(node, np.zeros, shape, *dtype)
    if isinstance(kind, Scalar) and kind != BOOL:
        return Lit({"float": 0.0, "complex": 0j}.get(kind.dtype.rstrip("0123456789"), 0))
    return Lit(False)


def note_arguments(frame: Frame) -> None:
    """Note which pools have objects of the arguments; one that is there twice would be two."""
    for pool in frame.context.pools.values():
        pool.from_outside = not is_none(pool.cls)
        if pool.from_outside and frame.context.heap.shared:
            frame.refuse(
                frame.node,
                f"there is one {pool.cls.value.__name__} twice among the arguments, and it is known only when it runs "
                "which of them is meant",
                "pass a copy",
            )
