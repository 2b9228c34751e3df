"""What goes from one frame to another, with all that belongs to it.

In its frame, a container is a key of the environment, a closure a reference to the frame, an object a key for each
attribute.  Where the frame is left, or another one entered, each is taken apart into what it holds (`__tree_parts__`),
and made again on the other side.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import gast

from ast_ad.trees import Collected, Rebuilt, Registered

if TYPE_CHECKING:
    from ast_ad.frontend.frame import Frame


@dataclass(frozen=True)
class ParcelParts:
    """Which container a `Parcel` is: the same number, the same one."""

    number: int
    type: type
    outside: Any
    site: Any = field(default=None, compare=False)

    def __call__(self, contents: Any) -> Parcel:
        return Parcel(self, contents)


@dataclass(frozen=True, eq=False)
class Parcel:
    """A container with its contents, None where they stand beside the same number before."""

    own: ParcelParts
    contents: Any

    def __tree_parts__(self) -> tuple[Callable[..., Parcel], tuple[Any, ...]]:
        return self.own, (self.contents,)


@dataclass(frozen=True)
class EscapedParts:
    """What makes an `Escaped` again."""

    node: gast.FunctionDef | gast.Lambda
    frame: Frame

    def __call__(self, defaults: Any, cells: dict[str, Any]) -> Escaped:
        return Escaped(self.node, self.frame, defaults, cells)


@dataclass(frozen=True, eq=False)
class Escaped:
    """A closure whose frame has returned: it carries the variables that it sees."""

    node: gast.FunctionDef | gast.Lambda
    frame: Frame
    defaults: Any
    cells: dict[str, Any]

    def __tree_parts__(self) -> tuple[Callable[..., Escaped], tuple[Any, ...]]:
        return EscapedParts(self.node, self.frame), (self.defaults, self.cells)


@dataclass(frozen=True, eq=False)
class Record:
    """An object with its attributes, on its way into the function that is lowered, or out of it."""

    make: Collected | Rebuilt | Registered
    items: tuple[Any, ...]

    def __tree_parts__(self) -> tuple[Callable[..., Record], tuple[Any, ...]]:
        return RecordParts(self.make), self.items


@dataclass(frozen=True)
class RecordParts:
    """What makes a `Record` again."""

    make: Collected | Rebuilt | Registered

    def __call__(self, *items: Any) -> Record:
        return Record(self.make, items)


@dataclass(frozen=True, eq=False)
class Made:
    """A call of a generator function: its frame, in which only the names around it are looked up, and its arguments."""

    frame: Frame
    values: tuple[tuple[str, Any], ...]

    def __tree_parts__(self) -> tuple[Callable[..., Made], tuple[Any, ...]]:
        keys = tuple(key for key, _ in self.values)
        return _MadeParts(self.frame, keys), tuple(value for _, value in self.values)


@dataclass(frozen=True)
class _MadeParts:
    frame: Frame
    keys: tuple[str, ...]

    def __call__(self, *items: Any) -> Made:
        return Made(self.frame, tuple(zip(self.keys, items)))
