"""Where a routine reads and writes what, in program order: the facts on which folding decides."""

from __future__ import annotations

import bisect
import operator
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import zip_longest
from typing import NamedTuple

import numpy as np

from ast_ad.backend.tree import (
    Apply,
    Branch,
    Copies,
    Expr,
    For,
    Let,
    Node,
    Return,
    Routine,
    Update,
    While,
    is_literal,
    leaves,
    read_by,
    written_by,
)
from ast_ad.ir.kinds import is_truth
from ast_ad.ir.nodes import Lit, Var
from ast_ad.rules import registry


class Site(NamedTuple):
    """A use: its position, the loops around it, and what becomes of it.

    Attributes
    ----------
    tests : bool
        It decides a branch or a loop.
    returns : bool
        It is all that the function returns there.
    total : Var or None
        The sum or difference of which it is a term, or the array that it fills.
    """

    position: int
    loop: tuple[int, ...]
    tests: bool
    returns: bool = False
    total: Var | None = None


class Mention(NamedTuple):
    """A read or an assignment of a variable: its position and, where a variable is copied to it, that variable."""

    position: int
    var: Var
    source: Var | None = None


@dataclass(frozen=True)
class Pattern:
    """A branch that is an `and` or an `or`: its short side repeats the value of the test, which may be negated."""

    word: str
    negated: bool
    long: list[Node]
    short: list[Node]


class Survey:
    """The positions of all that a routine reads and writes.

    Attributes
    ----------
    position : dict
        Of each statement; for a `While`, that of its head.
    tests : dict
        The position of the test of a `While`.
    end : dict
        The last position inside a list of statements, by its identity.
    sites : dict
        Each use of each variable.  The side of an `and` or `or` that only repeats the test is none.
    patterns : dict
        The branches that are an `and` or an `or`.
    steady : set
        The variables that hold an array of their own, which is computed with and nothing else: nobody changes it.
    """

    def __init__(self, routine: Routine) -> None:
        self.routine = routine
        self.position: dict[Node, int] = {}
        self.tests: dict[Node, int] = {}
        self.end: dict[int, int] = {}
        self.sites: dict[Var, list[Site]] = {}
        self.patterns: dict[Node, Pattern] = {}
        self._reads: dict[str, list[Mention]] = {}
        self._writes: dict[str, list[Mention]] = {}
        self._count = 0
        self._fresh: set[Var] = set()
        self._shared: set[Var] = set()
        self._body(routine.body, ())
        self.steady = self._fresh - self._shared

    def written(self, name: str, after: int, before: int) -> list[Mention]:
        """Return the assignments of variables called `name` strictly between two positions."""
        return _between(self._writes.get(name, []), after + 1, before)

    def read(self, name: str, after: int, until: int) -> list[Mention]:
        """Return the reads of variables called `name` after one position, up to another and with it."""
        return _between(self._reads.get(name, []), after + 1, until + 1)

    def is_read(self, var: Var, after: int, elsewhere: Sequence[tuple[int, int]]) -> bool:
        """Tell whether a variable is read after a position, not counting the positions that lie on another path.

        `elsewhere` has pairs ``(after, until)``.
        """
        for site in reversed(self.sites.get(var, [])):
            if site.position <= after:
                return False
            if not any(low < site.position <= high for low, high in elsewhere):
                return True
        return False

    def _next(self) -> int:
        self._count += 1
        return self._count

    def _body(self, nodes: list[Node], loop: tuple[int, ...]) -> None:
        for node in nodes:
            self.position[node] = self._next()
            if isinstance(node, Branch):
                self._read((node.test,), loop, tests=True)
                pattern = pattern_of(node)
                if pattern is not None:
                    self.patterns[node] = pattern
                for side in (node.then, node.orelse):
                    repeats = pattern is not None and side is pattern.short
                    self._body([], loop) if repeats else self._body(side, loop)
            elif isinstance(node, For):
                self._read(node.limits, loop)
                self._written(node)
                self._body(node.body, inside(loop, self._count))
            elif isinstance(node, While):
                start = self._count
                self._body(node.head, inside(loop, -start))
                self.tests[node] = self._next()
                self._read((node.test,), inside(loop, -start), tests=True)
                self._body(node.body, inside(loop, start))
            else:
                returns = isinstance(node, Return) and len(node.values) == 1
                self._read(read_by(node), loop, returns=returns, total=_total(node))
                self._written(node)
                self._followed(node)
        self.end[id(nodes)] = self._count

    def _followed(self, node: Node) -> None:
        """Note who has an array of its own after a statement, and whose array may have another name, or changes."""
        if isinstance(node, Let) and isinstance(node.value, Apply) and _makes_its_own(node.value):
            self._fresh.update(node.targets)
        else:
            self._shared.update(leaves(*(node.args[:1] if isinstance(node, Update) else read_by(node))))

    def _read(
        self,
        exprs: Sequence[Expr],
        loop: tuple[int, ...],
        *,
        tests: bool = False,
        returns: bool = False,
        total: Var | None = None,
    ) -> None:
        for var in leaves(*exprs):
            self.sites.setdefault(var, []).append(Site(self._count, loop, tests, returns, total))
            name = self.routine.wish(var)
            if name:
                self._reads.setdefault(name, []).append(Mention(self._count, var))

    def _written(self, node: Node) -> None:
        values = read_by(node) if isinstance(node, Copies) else ()
        for var, value in zip_longest(written_by(node), values):
            name = self.routine.wish(var)
            if name:
                mention = Mention(self._count, var, value if isinstance(value, Var) else None)
                self._writes.setdefault(name, []).append(mention)


def inside(loop: tuple[int, ...], number: int) -> tuple[int, ...]:
    """Return the loops around what is inside the loop `number`; `-number` is the head of a `while`, on its own."""
    return (*loop, number)


def _between(mentions: list[Mention], first: int, beyond: int) -> list[Mention]:
    position = operator.attrgetter("position")
    low = bisect.bisect_left(mentions, first, key=position)
    return mentions[low : bisect.bisect_left(mentions, beyond, low, key=position)]


def _makes_its_own(value: Apply) -> bool:
    rule = registry.find(value.fn)
    return rule is not None and not rule.views


def _total(node: Node) -> Var | None:
    """Return the variable that a statement makes as a sum or a difference, or fills with a number, if it does."""
    if isinstance(node, Let) and isinstance(node.value, Apply) and node.value.fn in _TOTALS:
        return node.targets[0]
    return None


_TOTALS = (operator.add, operator.sub, np.full_like)


def copied(nodes: list[Node]) -> tuple[Var, Expr] | None:
    """Return the one copy in which a list of statements ends, or None."""
    last = nodes[-1] if nodes else None
    return last.pairs[0] if isinstance(last, Copies) and len(last.pairs) == 1 else None


def pattern_of(node: Branch) -> Pattern | None:
    """Return how a branch reads as `and` or `or`, if it does."""
    then, orelse = copied(node.then), copied(node.orelse)
    if then is None or orelse is None or then[0] is not orelse[0] or not isinstance(node.test, Var):
        return None
    if isinstance(then[1], Lit) and isinstance(orelse[1], Lit):
        return None
    for short, long, value, kept, other in (
        (node.orelse, node.then, orelse[1], "and", "or"),
        (node.then, node.orelse, then[1], "or", "and"),
    ):
        if len(short) > 1:
            continue
        if value is node.test or (is_truth(node.test.kind) and is_literal(value, kept == "or")):
            return Pattern(kept, False, long, short)
        if is_truth(node.test.kind) and is_literal(value, kept == "and"):
            return Pattern(other, True, long, short)
    return None
