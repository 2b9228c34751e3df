"""What a random program of numbers may use at a place."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any


@dataclass
class Helper:
    """A function that can be called: how many floats it takes and returns, and the keywords that it knows.

    Attributes
    ----------
    special : str
        What it is, if it takes or returns more than that.
    last : str
        An integer that comes after the floats.
    """

    name: str
    required: int
    keywords: tuple[str, ...] = ()
    results: int = 1
    special: str = ""
    last: str = ""


@dataclass
class Scope:
    """What a statement may use at its place.

    Attributes
    ----------
    floats, ints, tests : list of str
        Variables that are bound here on every path.
    frozen : tuple of str
        Variables that only the loop which counts with them may change.
    lists, tables, rows, stacks : list of str
        Lists that grow: of floats, of pairs of floats, of lists of floats, of arrays of three floats.
    dicts : list of str
        Dicts of floats with the keys "u" and "v", at least.
    objects : list
        Names of objects, each with its class.
    results : int
        How many values the function returns.
    loops : int
        How many loops are around, in this function.
    depth : int
        How many more loops may be nested here, so that programs end soon.
    """

    floats: list[str]
    ints: list[str] = field(default_factory=list)
    tests: list[str] = field(default_factory=list)
    frozen: tuple[str, ...] = ()
    helpers: list[Helper] = field(default_factory=list)
    lists: list[str] = field(default_factory=list)
    tables: list[str] = field(default_factory=list)
    rows: list[str] = field(default_factory=list)
    stacks: list[str] = field(default_factory=list)
    dicts: list[str] = field(default_factory=list)
    objects: list[Any] = field(default_factory=list)
    results: int = 1
    loops: int = 0
    depth: int = 3

    def inside(self, *frozen: str, loop: bool = False) -> Scope:
        """Return a copy for a block nested here."""
        own = {name: list(value) for name, value in vars(self).items() if isinstance(value, list)}
        return replace(self, **own, frozen=self.frozen + frozen, loops=self.loops + loop, depth=self.depth - loop)

    def beside_loop(self) -> Scope:
        """Return a copy for the `else` of a loop."""
        return self.inside()

    def merge(self, branches: list[Scope]) -> None:
        """Take in what every branch binds."""
        for kind in ("floats", "ints", "tests"):
            own = getattr(self, kind)
            first, *others = (getattr(branch, kind) for branch in branches)
            own += [name for name in first if name not in own and all(name in other for other in others)]
