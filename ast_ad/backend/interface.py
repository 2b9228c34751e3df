"""What a generated function looks like from outside: its signature, and how its flat results are grouped.

A function of the IR takes and returns flat sequences of variables.  A `Tree` says how they make up the tuples,
lists and dicts that the user passes and gets back.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Union

from ast_ad.errors import InternalError
from ast_ad.ir.nodes import Function


@dataclass(frozen=True)
class Leaf:
    """One variable of the IR."""


@dataclass(frozen=True)
class Constant:
    """A static part of the structure, such as the None of `return None`; it takes no variable."""

    value: Any


@dataclass(frozen=True)
class Tuple:
    """A tuple of trees."""

    items: tuple[Tree, ...]


@dataclass(frozen=True)
class List:
    """A list of trees."""

    items: tuple[Tree, ...]


@dataclass(frozen=True)
class Dict:
    """A dict with constant keys."""

    keys: tuple[Any, ...]
    items: tuple[Tree, ...]


@dataclass(frozen=True)
class Made:
    """What ``make(*items)`` returns: a named tuple, or an object with the attributes `fields`."""

    make: Callable[..., Any]
    items: tuple[Tree, ...]
    fields: tuple[str, ...] = ()


@dataclass(frozen=True)
class Rows:
    """A list whose items have the structure `item`, from a list for each of its leaves; only in results."""

    item: Tree
    count: int


@dataclass(frozen=True)
class Field:
    """A step of a path that leads to an attribute."""

    name: str

    def __str__(self) -> str:
        return self.name


Tree = Union[Leaf, Constant, Tuple, List, Dict, Made, Rows]

LEAF = Leaf()


def leaf_count(tree: Tree) -> int:
    """Return how many variables of the IR a tree takes.

    >>> leaf_count(Tuple((LEAF, Dict(("a", "b"), (LEAF, Constant(None))))))
    2
    """
    return sum(1 for _ in paths(tree))


def paths(tree: Tree, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Yield the indices and keys that lead to each leaf, in order.

    >>> list(paths(Tuple((LEAF, Dict(("a",), (LEAF,))))))
    [(0,), (1, 'a')]
    """
    if isinstance(tree, Leaf):
        yield path
    elif isinstance(tree, Rows):
        yield from ((*path, column) for column in range(tree.count))
    elif not isinstance(tree, Constant):
        steps: Iterable[Any] = tree.keys if isinstance(tree, Dict) else range(len(tree.items))
        if isinstance(tree, Made) and tree.fields:
            steps = map(Field, tree.fields)
        for step, item in zip(steps, tree.items):
            yield from paths(item, (*path, step))


@dataclass(frozen=True)
class Param:
    """A parameter of the printed function; its leaves are the IR function's next params."""

    name: str
    tree: Tree = LEAF


@dataclass(frozen=True)
class Interface:
    """The signature of the printed function.

    Attributes
    ----------
    name : str
        The name in the `def` line.
    params : tuple of Param
        Their leaves, in order, are the params of the IR function.
    returns : Tree
        Its leaves, in order, are the results of the IR function.
    docstring : str
        The text of the docstring; none where it is empty.
    comments : tuple of str
        Lines of comment above the `def`.
    """

    name: str
    params: tuple[Param, ...]
    returns: Tree
    docstring: str = ""
    comments: tuple[str, ...] = ()


def flat(function: Function, name: str = "") -> Interface:
    """Return the interface of a function whose params and results stay as flat as they are in the IR."""
    names: dict[str, None] = {}
    for i, param in enumerate(function.params):
        wish = param.name or f"x{i}"
        while wish in names:
            wish += "_"
        names[wish] = None
    count = len(function.results)
    returns: Tree = LEAF if count == 1 else Tuple((LEAF,) * count) if count else Constant(None)
    return Interface(name or function.name, tuple(map(Param, names)), returns)


def check(function: Function, interface: Interface) -> None:
    """Raise `InternalError` unless the interface takes as many variables as the function has."""
    for what, trees, variables in (
        ("parameters", tuple(param.tree for param in interface.params), function.params),
        ("results", (interface.returns,), function.results),
    ):
        count = sum(map(leaf_count, trees))
        if count != len(variables):
            raise InternalError(f"{interface.name}: {count} {what} for {len(variables)} of the IR", stage="emission")
