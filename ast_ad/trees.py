"""Containers taken apart into their leaves, and put together again.

A *tree* is the structure of a value without its numbers: hashable and comparable, so that it can be part of a
signature.  Numbers, and arrays of numbers, are leaves; tuples, lists, dicts and named tuples are taken apart;
everything else (functions, strings, None, objects) is static: a part of the structure itself.

    flatten((1.5, {"w": 2.0}))      [1.5, 2.0], TupleTree((LEAF, DictTree(("w",), (LEAF,))))

A class can be taken apart as well: it has a method ``__tree_parts__() -> (make, items)``, where ``make(*items)``
builds it again and `make` is hashable.
"""

from __future__ import annotations

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


GENERATORS = (np.random.Generator, np.random.RandomState)
"""Sources of random numbers: leaves too, because one of them can take the place of another."""


def is_number(value: Any) -> bool:
    """Tell whether a run-time value is a leaf: a number, an array of numbers, or a source of random ones."""
    if type(value) is np.ndarray:
        return value.dtype.kind in "biufc"
    return isinstance(value, (int, float, complex, np.number, np.bool_, *GENERATORS))


def flatten(value: Any, is_leaf: Callable[[Any], bool] = is_number) -> tuple[list[Any], Tree]:
    """Return the leaves of a value, in a fixed order, and its tree.

    >>> flatten((1.5, [2, None]))
    ([1.5, 2], TupleTree(items=(Leaf(), ListTree(items=(Leaf(), Static(None))))))
    """
    leaves: list[Any] = []

    def visit(value: Any) -> Tree:
        if is_leaf(value):
            leaves.append(value)
            return LEAF
        if type(value) is tuple:
            return TupleTree(tuple(visit(item) for item in value))
        if type(value) is list:
            return ListTree(tuple(visit(item) for item in value))
        if type(value) is dict:
            return DictTree(tuple(value), tuple(map(visit, value.values())))
        if isinstance(value, tuple) and hasattr(value, "_fields"):
            return NodeTree(type(value), tuple(visit(item) for item in value))
        if type(value) is slice:
            return NodeTree(slice, (visit(value.start), visit(value.stop), visit(value.step)))
        parts = getattr(type(value), "__tree_parts__", None)
        if parts is not None:
            make, items = parts(value)
            return NodeTree(make, tuple(visit(item) for item in items))
        return Static(value)

    tree = visit(value)
    return leaves, tree


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
            steps = getattr(tree.make, "_fields", steps)
        for step, item in zip(steps, tree.items):
            yield from ((step, *rest) for rest in named_leaf_paths(item))
