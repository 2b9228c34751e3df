"""Tangents and cotangents that users pass: of the structure, the shapes and the dtypes of what they belong to."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, NoReturn

import numpy as np

from ast_ad.errors import ArgumentError, KindError
from ast_ad.trees import (
    ALL,
    DECLARED,
    GENERATORS,
    LEAF,
    Collected,
    DictTree,
    Leaf,
    ListTree,
    NodeTree,
    Rebuilt,
    Registered,
    Rows,
    Static,
    Tree,
    TupleTree,
    flatten,
    is_number,
    unflatten,
)


@dataclass(frozen=True)
class Slot:
    """What is asked of a tangent of one number or array."""

    type: type
    dtype: np.dtype[Any] | None
    shape: tuple[int, ...]
    integer: int | None = None

    @classmethod
    def of(cls, leaf: Any) -> Slot:
        """Return the slot for tangents of a leaf.

        >>> Slot.of(np.zeros((2, 3), "f")).shape
        (2, 3)
        """
        if isinstance(leaf, (np.ndarray, np.generic)):
            return cls(type(leaf), leaf.dtype, leaf.shape)
        dtype = None if isinstance(leaf, GENERATORS) else np.asarray(leaf).dtype
        return cls(type(leaf), dtype, (), leaf if isinstance(leaf, int) else None)

    @property
    def family(self) -> str:
        """NumPy's letter for the numbers that it is among; "" for a source of random numbers."""
        return self.dtype.kind if self.dtype is not None else ""

    def takes(self, dot: Any) -> bool:
        """Tell, quickly, that a tangent is as it has to be; False says nothing."""
        if type(dot) is float:
            return self.type is float or self.type is np.float64
        same = type(dot) is self.type is np.ndarray
        return same and dot.dtype is self.dtype and dot.shape == self.shape

    def fitted(self, dot: Any, what: str) -> Any:
        """Return a tangent in the type and precision of its leaf, or refuse it."""
        if self.family not in ("f", "c"):
            return self._nothing(dot, what)
        if not is_number(dot) or isinstance(dot, GENERATORS):
            raise ArgumentError(f"{what} is {dot!r}: a number is needed", help="give a number or an array of numbers")
        if np.shape(dot) != self.shape:
            raise ArgumentError(
                f"{what} has the shape {np.shape(dot)}, and what it belongs to has {self.shape}",
                help="give one of the same shape: nothing is broadcast",
            )
        if np.iscomplexobj(dot) and self.family == "f":
            raise KindError(f"{what} is complex, and what it belongs to is real", help="give its real part")
        if self.type is np.ndarray:
            return np.asarray(dot, self.dtype)
        return dot if type(dot) is self.type else self.type(dot)

    def _nothing(self, dot: Any, what: str) -> Any:
        """Return the tangent of a leaf that can have none: zero, for which a gradient has the integer itself."""
        if self.integer is not None and type(dot) is self.type and dot == self.integer:
            return self.type(0)
        if isinstance(dot, GENERATORS) or (is_number(dot) and not np.any(dot)):
            return dot
        if dot is None:
            return 0
        raise KindError(
            f"{what} is {dot!r}, and belongs to {_NAMES.get(self.family, 'a source of random numbers')}: only "
            "floating-point numbers have a tangent",
            help="pass a float (3.0, not 3), or a tangent of 0",
        )


_NAMES = {"i": "an integer", "u": "an integer", "b": "a boolean"}


def fitted(value: Any, dot: Any, what: str) -> Any:
    """Return a tangent in the structure of its value, in the types and precision of its leaves.

    Raises
    ------
    ArgumentError, KindError
        Where it does not fit.

    Examples
    --------
    >>> fitted({"w": np.float32(1.0), "b": 2.0}, {"b": 1.0, "w": 0.5}, "p")
    {'w': np.float32(0.5), 'b': 1.0}
    """
    leaves, tree = flatten(value, objects=ALL)
    if not leaves:
        return dot
    dots = matched(tree, [*map(Slot.of, leaves)], dot, what)
    return unflatten(tree, dots)


class ListSlot:
    """What is asked of a tangent of a list whose length is known only when it runs: the structure of this one."""

    def __init__(self, value: list[Any]) -> None:
        leaves, self.tree = flatten(value, objects=ALL)
        self.slots = [*map(Slot.of, leaves)]

    def takes(self, dot: Any) -> bool:
        """Tell, quickly, that a tangent is as it has to be; False says nothing."""
        return False

    def fitted(self, dot: Any, what: str) -> Any:
        """Return a tangent in the type and precision of its items, or refuse it."""
        return unflatten(self.tree, matched(self.tree, self.slots, dot, what))


def slots_of(tree: Tree, value: Any) -> list[Slot | ListSlot]:
    """Return what is asked of the tangents of the leaves of a value."""
    if tree == LEAF and type(value) is not list:
        return [Slot.of(value)]
    slots: list[Slot | ListSlot] = []

    def note(part: Any, what: str) -> Any:
        slots.append(ListSlot(part) if type(part) is list else Slot.of(part))
        return part

    for _ in _walk(tree, value, "the result", note):
        pass
    return slots


def leaves_of(tree: Tree, value: Any) -> list[Any]:
    """Return what stands at the leaves of a value's tree: numbers, arrays, lists whose length it does not tell."""
    return list(_walk(tree, value, "the result", lambda leaf, what: leaf))


def matched(tree: Tree, slots: Sequence[Slot | ListSlot], dot: Any, what: str) -> list[Any]:
    """Return the leaves of a tangent in the order of those that it belongs to, each as its slot asks."""
    remaining = iter(slots)
    return list(_walk(tree, dot, what, lambda leaf, name: next(remaining).fitted(leaf, name)))


def _walk(tree: Tree, dot: Any, what: str, fit: Callable[[Any, str], Any]) -> Iterator[Any]:
    if isinstance(tree, Leaf):
        yield fit(dot, what)
        return
    if isinstance(tree, Static):
        if dot is not None and Static(dot) != tree:
            raise ArgumentError(f"{what} is {dot!r}, where {tree.value!r} stands", help="repeat it, or write None")
        return
    if isinstance(tree, NodeTree) and isinstance(tree.make, Rows):
        rows = [leaves_of(tree.make.item, row) for row in fit(dot, what)]
        yield from ([row[column] for row in rows] for column in range(len(tree.items)))
        return
    if isinstance(tree, NodeTree) and isinstance(tree.make, Collected):
        if dot is not None and dot != tree.make():
            raise ArgumentError(f"{what} is {dot!r}, where {tree.make()!r} stands", help="repeat it, or write None")
        return
    if isinstance(tree, DictTree):
        if type(dot) is not dict or dot.keys() != set(tree.keys):
            _refuse(what, dot, f"a dict with the keys {', '.join(map(repr, tree.keys))}")
        for key, item in zip(tree.keys, tree.items):
            yield from _walk(item, dot[key], f"{what}[{key!r}]", fit)
        return
    items = _items(tree, dot)
    if items is None or len(items) != len(tree.items):
        _refuse(what, dot, f"{_article(tree)} of {len(tree.items)} items")
    for i, (item, part) in enumerate(zip(tree.items, items)):
        yield from _walk(item, part, f"{what}[{i}]", fit)


def _items(tree: TupleTree | ListTree | NodeTree, dot: Any) -> Sequence[Any] | None:
    """Return the items of a container, if it is one of the same type as the tree."""
    if isinstance(tree, NodeTree):
        if isinstance(tree.make, Rebuilt):
            same = type(dot) is tree.make.cls and all(hasattr(dot, name) for name in tree.make.fields)
            return [getattr(dot, name) for name in tree.make.fields] if same else None
        if isinstance(tree.make, Registered):
            found = flatten(dot, lambda part: part is not dot, objects=DECLARED)
            return found[0] if isinstance(found[1], NodeTree) and found[1].make == tree.make else None
        if type(dot) is slice:
            made, items = slice, (dot.start, dot.stop, dot.step)
        elif hasattr(type(dot), "__tree_parts__"):
            made, items = dot.__tree_parts__()
        else:
            made, items = type(dot), dot
        return items if made == tree.make else None
    return dot if type(dot) is (tuple if isinstance(tree, TupleTree) else list) else None


def _refuse(what: str, dot: Any, wanted: str) -> NoReturn:
    raise ArgumentError(f"{what} is {dot!r}, and {wanted} is needed", help="give it the same structure")


def _article(tree: Tree) -> str:
    return {"TupleTree": "a tuple", "ListTree": "a list"}.get(type(tree).__name__, "an object")
