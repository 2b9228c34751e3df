"""Containers of numbers and arrays: what they are made of, and where in them a leaf is."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np


class Pair(NamedTuple):
    """A named tuple, for programs to take apart and to build."""

    left: Any
    right: Any


@dataclasses.dataclass
class Body:
    """An object, for programs to read."""

    mass: float
    place: list[float]
    name: str

    def scaled(self, factor: float) -> Body:
        return Body(self.mass * factor, [factor * each for each in self.place], self.name)

    def energy(self) -> float:
        return self.mass * sum(math.sin(each) for each in self.place)


def leaves(value: Any, path: str = "") -> list[tuple[str, Any]]:
    """Return the leaves of a value, each with the text that reads it: ``[0]["w"].left``.

    >>> leaves(Pair(1.0, [{"w": 2.0}]), "p")
    [('p.left', 1.0), ('p.right[0]["w"]', 2.0)]
    """
    if isinstance(value, dict):
        items = [(f'{path}["{key}"]', item) for key, item in value.items()]
    elif isinstance(value, tuple) and hasattr(value, "_fields"):
        items = [(f"{path}.{name}", item) for name, item in zip(value._fields, value)]
    elif isinstance(value, Body):
        items = [(f"{path}.{name}", item) for name, item in vars(value).items()]
    elif isinstance(value, (tuple, list)):
        items = [(f"{path}[{i}]", item) for i, item in enumerate(value)]
    else:
        return [(path, value)]
    return [leaf for inner, item in items for leaf in leaves(item, inner)]


def mapped(change: Callable[..., Any], *values: Any) -> Any:
    """Return a value of the structure that the values share, with what `change` makes of their leaves.

    >>> mapped(lambda x, y: x + y, Pair(1, [2]), Pair(10, [20]))
    Pair(left=11, right=[22])
    """
    first = values[0]
    if isinstance(first, dict):
        return {key: mapped(change, *(value[key] for value in values)) for key in first}
    if isinstance(first, Body):
        return Body(*(mapped(change, *each) for each in zip(*(vars(value).values() for value in values))))
    if isinstance(first, (tuple, list)):
        items = [mapped(change, *each) for each in zip(*values, strict=True)]
        return type(first)(*items) if hasattr(first, "_fields") else type(first)(items)
    return change(*values)


def is_inexact(leaf: Any) -> bool:
    """Tell whether a leaf holds floating-point numbers: those have derivatives."""
    return isinstance(leaf, (float, np.ndarray, np.number)) and np.asarray(leaf).dtype.kind == "f"


def is_container(value: Any) -> bool:
    return isinstance(value, (dict, list, tuple))


Type = tuple[Any, ...]


def type_of(value: Any) -> Type:
    """Return what two values have in common that can take each other's place; np.float64 and float are one.

    >>> type_of(np.float64(1.0)) == type_of(2.0), type_of(np.zeros(2)) == type_of(np.zeros(3))
    (True, False)
    """
    if is_container(value):
        keys = tuple(value) if isinstance(value, dict) else len(value)
        return (
            type(value).__name__,
            keys,
            *(type_of(item) for item in (value.values() if isinstance(value, dict) else value)),
        )
    if isinstance(value, Body):
        return "Body", *(type_of(item) for item in vars(value).values())
    if isinstance(value, np.ndarray):
        return "array", value.dtype.name, value.shape
    if isinstance(value, (bool, str)) or value is None or callable(value):
        return (type(value).__name__,)
    return "number", np.asarray(value).dtype.name
