"""What the writers of random programs share: decisions, names, and lines of text.

Every decision is one call of `choose(n)`, a number below n, so a program can come from a seeded generator or from
Hypothesis; 0 is always the simplest choice, which is what Hypothesis shrinks towards.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

Choose = Callable[[int], int]

MAIN = "f"
RAISED = "left"
"""What a program says when it raises an exception itself."""


@dataclass(frozen=True)
class Program:
    """The source of a module, and arguments for its function `f`; those that hold floats are differentiated.

    Attributes
    ----------
    writes : tuple of (str, str)
        What it does to arrays in place: a kind of write, and what the array that is written to is to the writer.
    uses : tuple of str
        Constructs that its text does not show at once.
    """

    text: str
    args: tuple[Any, ...]
    writes: tuple[tuple[str, str], ...] = ()
    uses: tuple[str, ...] = ()


class Writer:
    """Makes decisions and writes lines."""

    def __init__(self, choose: Choose) -> None:
        self.choose = choose
        self.lines: list[str] = []
        self.uses: list[str] = []
        self.depth = 0
        self.names = 0
        self.left = 0

    def pick(self, options: Sequence[Any]) -> Any:
        return options[self.choose(len(options))]

    def chance(self, percent: int) -> bool:
        """True in so many cases of a hundred; the simplest choice is False."""
        return self.choose(100) >= 100 - percent

    def weighted(self, options: Sequence[tuple[int, Any]]) -> Any:
        """One of the options, which come with their weights; the first is the simplest."""
        at = self.choose(sum(weight for weight, _ in options))
        for weight, option in options:
            if at < weight:
                return option
            at -= weight
        raise AssertionError("unreachable")

    def name(self, stem: str) -> str:
        self.names += 1
        return f"{stem}{self.names}"

    def write(self, line: str) -> None:
        self.lines.append("    " * self.depth + line)

    @contextmanager
    def indented(self, line: str) -> Iterator[None]:
        self.write(line)
        self.depth += 1
        before = len(self.lines)
        yield
        if len(self.lines) == before:
            self.write("pass")
        self.depth -= 1
