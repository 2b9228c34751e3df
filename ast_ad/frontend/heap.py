"""Objects as Python sees them: what has attributes that change, and is known under several names.

As for arrays (`ast_ad.frontend.memory`), the IR knows values only.  An object of a class that is known is a `Ref`:
names, containers and other objects hold it.  What its attributes are now stands in the environment, a key for each
(``%object:3.x``), so that they meet at joins and go round in loops like names do, each by itself.

Where a name holds one object on one path and another one on the other, both become a new one there, with the
attributes of the one or the other; it *may be* either (`Objects.origins`).  So it can be read; writing to it, or to
one that it may be, while the other is still needed, is refused.  Lists and dicts that hold objects go the same way.
"""

from __future__ import annotations

import functools
import types
from collections.abc import Callable, Iterable, Mapping
from operator import is_
from typing import TYPE_CHECKING, Any, TypeGuard, Union

from ast_ad.frontend.reach import objects_in, reachable
from ast_ad.frontend.samples import is_foreign_class
from ast_ad.frontend.values import ABSENT, UNBOUND, Container, Either, Known, Maybe, Optional, Ref, Value, is_none
from ast_ad.ir.nodes import Lit, Var
from ast_ad.trees import Leaf, Static, flatten, unflatten

if TYPE_CHECKING:
    from ast_ad.frontend.context import Context
    from ast_ad.frontend.frame import Frame

HEAP_TYPE = 1 << 9
"""CPython's flag of classes that a `class` statement makes."""

Environment = dict[str, Value]
Cell = Union[Ref, Container]
"""What has contents in the environment."""


class Heap:
    """The objects of one lowering.

    Attributes
    ----------
    slots
        For each key of an attribute, the object and the attribute's name.
    proxies
        What stands for objects of the user's, by the frame and the `id` of the object.
    adopted
        Those that the function changes, by `id`: it changes a copy.
    arguments
        The objects that are arguments, or parts of them.
    changed
        The classes of those that the function changes.
    shared
        Whether two of them may be one.
    """

    def __init__(self) -> None:
        self.slots: dict[str, tuple[Ref, str]] = {}
        self.proxies: dict[tuple[int, int], Ref] = {}
        self.adopted: dict[int, Ref] = {}
        self.arguments: set[Ref] = set()
        self.changed: set[type] = set()
        self.shared = False
        self._count = 0

    def new(self, cls: Known, name: str = "") -> Ref:
        """Return a new object of a class, without attributes."""
        self._count += 1
        return Ref(cls, self._count, name)

    def key(self, ref: Ref, name: str) -> str:
        """Return the key under which an environment has an attribute."""
        if name not in ref.keys:
            ref.keys[name] = f"{ref.marker}.{name}"
            self.slots[ref.keys[name]] = ref, name
        return ref.keys[name]

    def label(self, key: str) -> str:
        """Return how the variable that holds an attribute is to be called."""
        ref, name = self.slots[key]
        name = name.lstrip("%")
        return f"{ref.name}_{name}" if ref.name and ref.name != "self" else name

    def missing(self, key: str, env: Environment) -> Value:
        """Return what an attribute is in an environment that has no value for it; UNBOUND for other names."""
        if key not in self.slots:
            return ABSENT if key.startswith("%object:") else UNBOUND
        ref, name = self.slots[key]
        if name in ref.initial:
            return ref.initial[name]
        return UNBOUND if ref.marker in env or ref.initial else ABSENT


@functools.lru_cache(maxsize=1024)
def is_users_class(cls: type) -> bool:
    """Tell whether a class is written in Python, outside of this package (or is its model of one that is not)."""
    if not cls.__flags__ & HEAP_TYPE or issubclass(cls, (type, types.ModuleType)) or is_foreign_class(cls):
        return False
    return "__ast_ad_model__" in vars(cls) or (
        not cls.__module__.startswith("ast_ad.") and not hasattr(cls, "__ast_ad_lower__")
    )


def is_ref(value: Any) -> TypeGuard[Ref]:
    """Tell whether an abstract value is an object with attributes."""
    return isinstance(value, Ref)


MADE = "%made"
"""The attribute of a generator that says what call of which function made it."""


def is_generator(value: Any) -> TypeGuard[Ref]:
    """Tell whether an abstract value is a generator."""
    return isinstance(value, Ref) and value.cls.value is types.GeneratorType


def is_cell(value: Any) -> TypeGuard[Cell]:
    """Tell whether an abstract value has contents in the environment."""
    return isinstance(value, (Ref, Container))


def refs_in(value: Value) -> list[Ref]:
    """Return the objects that an abstract value holds, without those in containers and attributes."""
    return flatten(value, is_ref)[0]


def cells_in(value: Value) -> list[Cell]:
    """Return the objects and containers that an abstract value holds, without those inside of them."""
    return flatten(value, is_cell)[0]


def marker(cell: Cell) -> str:
    """Return the key that an environment has where an object or container exists."""
    return cell.marker if isinstance(cell, Ref) else cell.key


def inside(env: Environment, cell: Cell) -> dict[str, Value]:
    """Return what an object or container holds, by the names of the attributes; a container has one, without name."""
    if isinstance(cell, Ref):
        return cell.attributes(env)
    return {"": env[cell.key]} if cell.key in env else {}


def want_pools(frame: Frame, *values: Value) -> None:
    """Note that the objects in values do not do as objects that are each known: their classes need pools."""
    for ref in objects_in(frame.env, values):
        if isinstance(ref, Ref) and "__ast_ad_model__" not in vars(ref.cls.value) and is_users_class(ref.cls.value):
            frame.context.want_pool(pool_key(ref.cls.value))


def pool_key(cls: type) -> tuple[str, str]:
    """Return what a class is known by from one lowering to the next, also one that a function defines."""
    return cls.__module__, cls.__qualname__


def leads_to_objects(env: Mapping[str, Value], value: Value) -> bool:
    """Tell whether there are objects in a value, or in the containers that it holds."""
    return any(isinstance(each, Ref) for each in objects_in(env, value))


def make(frame: Frame, cls: Known, attributes: dict[str, Value]) -> Ref:
    """Return a new object with these attributes."""
    heap = frame.context.heap
    ref = heap.new(cls)
    frame.env[ref.marker] = ref
    for name, value in attributes.items():
        frame.env[heap.key(ref, name)] = value
    return ref


def write(frame: Frame, node: Any, ref: Ref, name: str, value: Value) -> None:
    """Let an attribute of an object have a value from here on."""
    objects = frame.context.objects
    own = objects.origins(ref)
    for holder, other in reachable(frame) if objects.has_alike(own, ref) else ():
        if isinstance(other, Ref) and other is not ref and not own.isdisjoint(objects.origins(other)):
            what = f"`{holder}`" if holder else "another one"
            if not any(isinstance(each, Var) for each in own & objects.origins(other)):
                want_pools(frame, ref)  # which of them it is, is known when it runs
            frame.refuse(
                node,
                f"an object is changed that may be the same as {what}, or not, depending on the path",
                "make the object anew on each path, or change it before the paths part",
            )
    heap = frame.context.heap
    if not own.isdisjoint(heap.arguments):
        heap.changed.add(ref.cls.value)
    frame.env[heap.key(ref, name)] = value


def drop_unreachable(frame: Frame, env: Environment, live: Iterable[str]) -> None:
    """Forget the objects in the environment of a branch that were made there, and that no name leads to."""
    around = frame.env
    new = {ref for ref in env.values() if is_ref(ref) and ref.marker in env and ref.marker not in around}
    if not new:
        return
    pending = [ref for key in live if not key.startswith("%object:") for ref in refs_in(env[key])]
    for key, (owner, _) in frame.context.heap.slots.items():
        if key in env and owner not in new:
            pending += refs_in(env[key])
    while pending:
        ref = pending.pop()
        if ref in new:
            new.discard(ref)
            for cell in objects_in(env, tuple(ref.attributes(env).values())):
                pending += [cell] if is_ref(cell) else []
    for ref in new:
        for key in (ref.marker, *ref.keys.values()):
            env.pop(key, None)


def contents(context: Context, env: Environment) -> Environment:
    """Return the part of an environment that says what arrays, containers and objects contain."""
    tokens, containers = context.objects.tokens, context.objects.containers
    return {
        key: value for key, value in env.items() if key in containers or key in tokens or key.startswith("%object:")
    }


def replaced(value: Value, change: Callable[[Cell], Any]) -> Value:
    """Return a value with its objects and containers changed."""
    cells, tree = flatten(value, is_cell)
    return unflatten(tree, list(map(change, cells))) if cells else value


class Unifier:
    """Makes one object of two where paths meet."""

    def __init__(self, frame: Frame, left: Environment, right: Environment) -> None:
        self.frame = frame
        self.heap = frame.context.heap
        self.objects = frame.context.objects
        self.left = left
        self.right = right
        self.made: dict[tuple[Cell, Cell], Cell] = {}

    def pair(self, x: Value, y: Value) -> tuple[Value, Value]:
        """Return two values with the same objects in the same places, where that can be."""
        if x is y or _is_plain(x) or _is_plain(y) or isinstance(x, Either) or isinstance(y, Either):
            return x, y  # one of several objects stays itself
        if isinstance(x, (Maybe, Optional)) or isinstance(y, (Maybe, Optional)):
            a, b = self.pair(_stripped(x), _stripped(y))
            return _as_before(x, a), _as_before(y, b)
        if isinstance(x, Known) and isinstance(y, Known):
            if x.same(y) or type(x.value) is not type(y.value):
                return x, y
            a, b = self._proxy(x), self._proxy(y)
            return (x, y) if a is None or b is None else self.pair(a, b)
        if is_ref(x) and isinstance(y, Known):
            y = (type(y.value) is x.cls.value and self._proxy(y)) or y
        elif is_ref(y) and isinstance(x, Known):
            x = (type(x.value) is y.cls.value and self._proxy(x)) or x
        if is_cell(x) and is_cell(y):
            if not self._are_alike(x, y):
                return x, y
            one = self._one(x, y)
            return one, one
        return self._items(x, y)

    def _are_alike(self, x: Cell, y: Cell) -> bool:
        """Tell whether two objects can become one: they have one class, or hold objects in the same places."""
        if isinstance(x, Ref) and isinstance(y, Ref):
            return x.cls.value is y.cls.value
        if not (isinstance(x, Container) and isinstance(y, Container)) or x.type is not y.type:
            return False
        a, b = self.left.get(x.key), self.right.get(y.key)
        same = isinstance(a, dict) and isinstance(b, dict) and a.keys() == b.keys()
        same = same or (isinstance(a, list) and isinstance(b, list) and len(a) == len(b))
        return same and (leads_to_objects(self.left, a) or leads_to_objects(self.right, b))

    def _proxy(self, known: Known) -> Ref | None:
        return self.frame.context.proxy(self.frame, known)

    def _items(self, x: Value, y: Value) -> tuple[Value, Value]:
        leaves, tree = flatten(x, _is_item)
        others, other_tree = flatten(y, _is_item)
        if tree != other_tree or isinstance(tree, (Leaf, Static)):
            return x, y
        both = [self.pair(a, b) for a, b in zip(leaves, others)]
        one = x if all(map(is_, leaves, (a for a, _ in both))) else unflatten(tree, [a for a, _ in both])
        other = y if all(map(is_, others, (b for _, b in both))) else unflatten(tree, [b for _, b in both])
        return one, other

    def new(self, like: Cell, other: Cell) -> Cell:
        """Return a new object, or container, for one of two."""
        if isinstance(like, Ref):
            made = self.heap.new(like.cls, like.name or other.name)
            self.left[made.marker] = self.right[made.marker] = made
            return made
        assert isinstance(other, Container)
        known = self.objects.containers
        container = Container(f"%{like.type.__name__}:{len(known)}", like.type, like.name or other.name)
        container.outside = like.outside or other.outside
        container.site = like.site or other.site
        known[container.key] = container
        return container

    def key(self, cell: Cell, name: str) -> str:
        """Return the key under which an environment has a part of an object or container."""
        return self.heap.key(cell, name) if isinstance(cell, Ref) else cell.key

    def _one(self, x: Cell, y: Cell) -> Cell:
        found = self.made.get((x, y))
        if found is None:
            found = self.made[x, y] = self.new(x, y)
            self.objects.may_be(found, (x, y))
            before, after = inside(self.left, x), inside(self.right, y)
            for name in {**before, **after}:
                pair = self.pair(before.get(name, UNBOUND), after.get(name, UNBOUND))
                key = self.key(found, name)
                self.left[key], self.right[key] = pair
        return found


def _is_item(value: Any) -> bool:
    """Tell whether a part of a value may be an object, or meet one."""
    return isinstance(value, (Var, Lit, Ref, Container, Known, Maybe, Optional)) or _is_plain(value)


def _is_plain(value: Value) -> bool:
    return value is UNBOUND or value is ABSENT or is_none(value)


def _stripped(value: Value) -> Value:
    return value.value if isinstance(value, (Maybe, Optional)) else value


def _as_before(value: Value, inner: Value) -> Value:
    return value._replace(value=inner) if isinstance(value, (Maybe, Optional)) else inner
