"""Containers taken apart into their leaves, and put together again.

A *tree* is the structure of a value without its numbers: hashable and comparable, so that it can be part of a
signature.  Numbers, and arrays of numbers, are leaves; tuples, lists, dicts and named tuples are taken apart;
everything else (functions, strings, None, objects) is static: a part of the structure itself.

    flatten((1.5, {"w": 2.0}))      [1.5, 2.0], TupleTree((LEAF, DictTree(("w",), (LEAF,))))

A class can be taken apart as well: it has a method ``__tree_parts__() -> (make, items)``, where ``make(*items)``
builds it again and `make` is hashable.  Objects of the user's are taken apart where that is asked for: those whose
class is declared to be a container (a dataclass, or one given to `register_container`), or all that hold numbers.
"""

from __future__ import annotations

import enum
import types
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, Union

import numpy as np


@dataclass(frozen=True)
class Leaf:
    """A number, an array of numbers, or a source of random ones: what a variable of the IR holds."""


@dataclass(frozen=True)
class TupleTree:
    """A tuple."""

    items: tuple[Tree, ...]


@dataclass(frozen=True)
class ListTree:
    """A list."""

    items: tuple[Tree, ...]


@dataclass(frozen=True)
class DictTree:
    """A dict; its keys are in the order in which they were inserted, which is that of its iteration."""

    keys: tuple[Any, ...]
    items: tuple[Tree, ...]


@dataclass(frozen=True)
class NodeTree:
    """A value that ``make(*items)`` builds: a named tuple, a slice, or an object with `__tree_parts__`."""

    make: Callable[..., Any]
    items: tuple[Tree, ...]


@dataclass(frozen=True)
class Rebuilt:
    """Makes an object of a class from the values of its attributes, without calling `__init__`."""

    cls: type
    fields: tuple[str, ...]

    @property
    def __name__(self) -> str:
        """How generated code calls it."""
        return f"new_{self.cls.__name__}"

    def __call__(self, *items: Any) -> Any:
        made: Any = object.__new__(self.cls)
        for name, item in zip(self.fields, items):
            object.__setattr__(made, name, item)
        return made


@dataclass(frozen=True)
class Registered:
    """Makes an object of a registered class from its children."""

    cls: type
    fields: tuple[str, ...]
    aux: Static
    unflatten: Callable[[Any, tuple[Any, ...]], Any]

    @property
    def __name__(self) -> str:
        """How generated code calls it."""
        return f"new_{self.cls.__name__}"

    def __call__(self, *items: Any) -> Any:
        return self.unflatten(self.aux.value, items)


@dataclass(frozen=True)
class Rows:
    """Makes a list, of a length known only when it runs, from a list for each leaf of an item.

    >>> Rows(TupleTree((LEAF, LEAF)))([1, 2], [3.0, 4.0])
    [(1, 3.0), (2, 4.0)]
    """

    item: Tree

    def __call__(self, *columns: Any) -> list[Any]:
        return [unflatten(self.item, row) for row in zip(*columns)]


class Collected:
    """Makes a set of items that are part of the structure: in this order, a loop over it goes through them.

    >>> Collected(set, (1, 2))() == {1, 2}, Collected(set, (1,)) == Collected(set, (True,))
    (True, False)
    """

    __slots__ = ("cls", "items")

    def __init__(self, cls: type, items: tuple[Any, ...]) -> None:
        self.cls, self.items = cls, items

    @property
    def __name__(self) -> str:
        """How generated code calls it."""
        return f"new_{self.cls.__name__}"

    def __call__(self) -> Any:
        return self.cls(self.items)

    def __eq__(self, other: object) -> bool:
        # Equality takes 1 for True.
        return isinstance(other, Collected) and self.cls is other.cls and repr(self.items) == repr(other.items)

    def __hash__(self) -> int:
        return hash((self.cls, self.items))


_PLAIN = (str, bytes, int, float, complex, range, types.NoneType, types.EllipsisType, np.dtype)


class Static:
    """A value that is part of the structure: compared by equality where it is plain, else by identity.

    >>> Static("a") == Static("a"), Static([]) == Static([])
    (True, False)
    """

    __slots__ = ("value",)

    def __init__(self, value: Any) -> None:
        self.value = value

    def _by_value(self) -> bool:
        return isinstance(self.value, _PLAIN) or getattr(type(self.value), "compares_by_value", False)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Static):
            return NotImplemented
        a, b = self.value, other.value
        return a is b or (type(a) is type(b) and self._by_value() and bool(a == b))

    def __hash__(self) -> int:
        return hash(self.value) if self._by_value() else id(self.value)

    def __repr__(self) -> str:
        return f"Static({self.value!r})"


Tree = Union[Leaf, TupleTree, ListTree, DictTree, NodeTree, Static]
LEAF = Leaf()


NONE, DECLARED, ALL = range(3)
"""Which objects are taken apart: none, those of classes that are declared to be containers, all."""

_registered: dict[type, tuple[Callable[[Any], tuple[Sequence[Any], Any]], Callable[[Any, tuple[Any, ...]], Any]]] = {}


class Child:
    """Stands for a child of an object while it is found out which attribute holds it."""


def register_container(
    cls: type,
    flatten: Callable[[Any], tuple[Sequence[Any], Any]],
    unflatten: Callable[[Any, tuple[Any, ...]], Any],
) -> None:
    """Declare that objects of a class can be differentiated by.

    Parameters
    ----------
    cls
        The class; its subclasses have to be registered by themselves.
    flatten
        ``flatten(object) -> (children, aux)``: what is differentiated (numbers, arrays, containers of these), and
        all the rest, which is compared with ``==``.  Each child is the value of an attribute.
    unflatten
        ``unflatten(aux, children) -> object``: takes children of any kind, and does not compute with them.

    Examples
    --------
    >>> class Line:
    ...     def __init__(self, slope, offset, name):
    ...         self.slope, self.offset, self.name = slope, offset, name
    >>> register_container(
    ...     Line, lambda line: ((line.slope, line.offset), line.name), lambda name, children: Line(*children, name)
    ... )
    >>> flatten(Line(2.0, 1.0, "a"), objects=DECLARED)[0]
    [2.0, 1.0]
    """
    _registered[cls] = flatten, unflatten


def attribute_names(value: Any) -> tuple[str, ...]:
    """Return the names of the attributes that an object itself has."""
    found = dict.fromkeys(getattr(value, "__dict__", ()))
    for cls in type(value).__mro__:
        found.update((name, None) for name, each in vars(cls).items() if type(each) is _SLOT)
    return tuple(name for name in found if hasattr(value, name))


def has_empty_slots(value: Any) -> bool:
    """Tell whether an object has a slot that holds nothing."""
    found = set(attribute_names(value))
    slots = (n for cls in type(value).__mro__ for n, each in vars(cls).items() if type(each) is _SLOT)
    return any(name not in found for name in slots)


_SLOT = types.MemberDescriptorType


def is_registered(cls: type) -> bool:
    """Tell whether it was declared how objects of a class are taken apart."""
    return cls in _registered


def _object_parts(value: Any, objects: int) -> tuple[Callable[..., Any], Sequence[Any]] | None:
    """Return how an object is made, and of what; None where it is not taken apart."""
    cls = type(value)
    if objects == NONE or not cls.__flags__ & _HEAP_TYPE or hasattr(cls, "__ast_ad_lower__"):
        return None
    if cls in _registered:
        take_apart, make = _registered[cls]
        children, aux = take_apart(value)
        whole = make(aux, tuple(Child() for _ in children))
        places = {id(getattr(whole, name)): name for name in attribute_names(whole)}
        again = take_apart(whole)[0]
        if len(again) != len(children) or any(id(child) not in places for child in again):
            raise TypeError(f"each child of a registered `{cls.__name__}` has to be the value of an attribute")
        return Registered(cls, tuple(places[id(child)] for child in again), Static(aux), make), children
    if not _is_declared(value) and (objects != ALL or isinstance(value, _WHOLE)):
        return None
    names = attribute_names(value)
    return Rebuilt(cls, names), [getattr(value, name) for name in names]


def _is_declared(value: Any) -> bool:
    return type(value) in _registered or "__dataclass_fields__" in vars(type(value))


_HEAP_TYPE = 1 << 9
"""CPython's flag of classes that a `class` statement makes."""

_WHOLE = (type, types.ModuleType, enum.Enum, BaseException)


GENERATORS = (np.random.Generator, np.random.RandomState)
"""Sources of random numbers: leaves too, because one of them can take the place of another."""


def is_number(value: Any) -> bool:
    """Tell whether a run-time value is a leaf: a number, an array of numbers, or a source of random ones."""
    if type(value) is np.ndarray:
        return value.dtype.kind in "biufc"
    return isinstance(value, (int, float, complex, np.number, np.bool_, *GENERATORS))


def flatten(
    value: Any, is_leaf: Callable[[Any], bool] = is_number, *, objects: int = NONE, met: list[int] | None = None
) -> tuple[list[Any], Tree]:
    """Return the leaves of a value, in a fixed order, and its tree.

    `objects` says which objects are taken apart; `met` gets the `id` of each list, dict and object.

    >>> flatten((1.5, [2, None]))
    ([1.5, 2], TupleTree(items=(Leaf(), ListTree(items=(Leaf(), Static(None))))))
    """
    if is_leaf(value):  # as most are: no closure is made for them
        return [value], LEAF
    leaves: list[Any] = []

    def visit(value: Any) -> Tree:
        if is_leaf(value):
            leaves.append(value)
            return LEAF
        if type(value) is tuple:
            return TupleTree(tuple(visit(item) for item in value))
        if met is not None and type(value) in (list, dict):
            met.append(id(value))
        if type(value) is list:
            return ListTree(tuple(visit(item) for item in value))
        if type(value) is dict:
            return DictTree(tuple(value), tuple(map(visit, value.values())))
        if isinstance(value, tuple) and hasattr(value, "_fields"):
            return NodeTree(type(value), tuple(visit(item) for item in value))
        if type(value) is slice:
            return NodeTree(slice, (visit(value.start), visit(value.stop), visit(value.step)))
        if type(value) in (set, frozenset) and all(map(_is_key, value)):
            return NodeTree(Collected(type(value), tuple(value)), ())
        parts = getattr(type(value), "__tree_parts__", None)
        found = parts(value) if parts is not None else _object_parts(value, objects)
        if found is not None and id(value) not in around:
            around.add(id(value))
            if met is not None and parts is None:
                met.append(id(value))
            before = len(leaves)
            tree = NodeTree(found[0], tuple(visit(item) for item in found[1]))
            around.discard(id(value))
            return tree if parts is not None or len(leaves) > before or _is_declared(value) else Static(value)
        if met is not None and type(value).__flags__ & _HEAP_TYPE:
            met.append(id(value))
        return Static(value)

    around: set[int] = set()
    tree = visit(value)
    return leaves, tree


def _is_key(value: Any) -> bool:
    """Tell whether an item of a set is plain: an integer, a text, None, or a tuple of such."""
    return type(value) in (bool, int, str, types.NoneType) or (type(value) is tuple and all(map(_is_key, value)))


def takes_objects_apart(tree: Tree) -> bool:
    """Tell whether objects of the user's are taken apart in a tree."""
    if isinstance(tree, (Leaf, Static)):
        return False
    own = isinstance(tree, NodeTree) and isinstance(tree.make, (Rebuilt, Registered))
    return own or any(map(takes_objects_apart, tree.items))


def unflatten(tree: Tree, leaves: Sequence[Any]) -> Any:
    """Return the value with this tree and these leaves: the inverse of `flatten`.

    >>> unflatten(flatten({"a": (1, 2)})[1], [3, 4])
    {'a': (3, 4)}
    """
    remaining = iter(leaves)

    def build(tree: Tree) -> Any:
        if isinstance(tree, Leaf):
            return next(remaining)
        if isinstance(tree, TupleTree):
            return tuple([build(item) for item in tree.items])
        if isinstance(tree, ListTree):
            return [build(item) for item in tree.items]
        if isinstance(tree, DictTree):
            return {key: build(item) for key, item in zip(tree.keys, tree.items)}
        if isinstance(tree, NodeTree):
            return tree.make(*[build(item) for item in tree.items])
        return tree.value

    return build(tree)


def mapped(tree: Tree, change: Callable[[Static], Any]) -> Tree:
    """Return a tree with its static parts changed."""
    if isinstance(tree, Leaf):
        return tree
    if isinstance(tree, Static):
        return Static(change(tree))
    return replace(tree, items=tuple(mapped(item, change) for item in tree.items))


def leaf_count(tree: Tree) -> int:
    """Return how many leaves a tree has.

    >>> leaf_count(flatten((1, [2, None]))[1])
    2
    """
    if isinstance(tree, Leaf):
        return 1
    return 0 if isinstance(tree, Static) else sum(map(leaf_count, tree.items))


def holds_list(tree: Tree) -> bool:
    """Tell whether a list stands in a tree, as in an index that takes a copy: ``x[[0, 2]]``."""
    return isinstance(tree, ListTree) or (isinstance(tree, (TupleTree, NodeTree)) and any(map(holds_list, tree.items)))


def leaf_paths(tree: Tree) -> Iterator[tuple[Any, ...]]:
    """Yield, for each leaf, the indices and keys that lead to it.

    >>> list(leaf_paths(flatten((1, {"w": 2}))[1]))
    [(0,), (1, 'w')]
    """
    if isinstance(tree, Leaf):
        yield ()
    elif isinstance(tree, DictTree):
        for key, item in zip(tree.keys, tree.items):
            yield from ((key, *rest) for rest in leaf_paths(item))
    elif not isinstance(tree, Static):
        for index, item in enumerate(tree.items):
            yield from ((index, *rest) for rest in leaf_paths(item))


def named_leaf_paths(tree: Tree) -> Iterator[tuple[Any, ...]]:
    """Yield, for each leaf, the indices, keys and field names that lead to it."""
    if isinstance(tree, Leaf):
        yield ()
    elif not isinstance(tree, Static):
        steps: Any = tree.keys if isinstance(tree, DictTree) else range(len(tree.items))
        if isinstance(tree, NodeTree):
            steps = getattr(tree.make, "fields", getattr(tree.make, "_fields", steps))
        for step, item in zip(steps, tree.items):
            yield from ((step, *rest) for rest in named_leaf_paths(item))
