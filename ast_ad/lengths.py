"""Lengths of arrays that a call gives to a derivative, and which of them have to be equal."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Union

from ast_ad.analysis.agreement import agreeing
from ast_ad.frontend.arguments import Argument
from ast_ad.frontend.paths import FreeInput
from ast_ad.ir.nodes import Function
from ast_ad.trees import DictTree, Leaf, ListTree, Static, Tree, TupleTree, leaf_count, leaf_paths


@dataclass(frozen=True)
class Length:
    """The length of an axis of an array: of an argument, of an item of one, or of what is read from outside."""

    home: str | FreeInput
    keys: tuple[Any, ...]
    axis: int

    def of(self, values: Mapping[str, Any], root: Any) -> int:
        """Return the length in a call of the function `root`, by the values of the parameters."""
        value = values[self.home] if isinstance(self.home, str) else self.home.read(root)
        for key in self.keys:
            value = value[key]
        return int(value.shape[self.axis])

    def expression(self, given: Mapping[str, str], bind: Callable[[Any], str]) -> str:
        """Return the length as an expression of those for the values of the parameters."""
        home = given[self.home] if isinstance(self.home, str) else self.home.path.expression(bind)
        return f"{home}{''.join(f'[{bind(key)}]' for key in self.keys)}.shape[{self.axis}]"


_Home = tuple[Union[str, FreeInput], tuple[Any, ...]]

Agreement = tuple[Length, Union[Length, int]]
"""A length, and what it has to be."""


def agreements(function: Function, arguments: Sequence[Argument], hidden: Sequence[FreeInput]) -> tuple[Agreement, ...]:
    """Return the lengths that have to be equal, or as large as is known, for a lowered function to succeed.

    Arrays in objects are left out: how an object holds them is its own business.
    """
    places: list[_Home | None] = [
        *(place for each in arguments for place in _places(each)),
        *((each, ()) for each in hidden),
    ]

    def length(param: int, axis: int) -> Length | None:
        place = places[param]
        return None if place is None else Length(*place, axis)

    pairs = [(length(*one), other if isinstance(other, int) else length(*other)) for one, other in agreeing(function)]
    return tuple((one, other) for one, other in pairs if one is not None and other is not None)


def _places(argument: Argument) -> Iterator[_Home | None]:
    """Yield where each leaf of an argument stands; None for those in objects."""
    if _is_plain(argument.tree):
        yield from ((argument.name, keys) for keys in leaf_paths(argument.tree))
    else:
        yield from (None for _ in range(leaf_count(argument.tree)))


def _is_plain(tree: Tree) -> bool:
    """Tell whether there are but tuples, lists and dicts."""
    return isinstance(tree, (Leaf, Static)) or (
        isinstance(tree, (TupleTree, ListTree, DictTree)) and all(map(_is_plain, tree.items))
    )
