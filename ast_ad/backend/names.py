"""Leaving SSA: which variables share a name, and what that name is.

Variables are gathered into classes.  Two classes become one where they may: their lives do not meet, and their
kinds are of one family (a variable of the printed function keeps one kind).  First come the two ends of a copy,
which then disappears, an array before and after an update in place, and the versions of one user variable; last, copies
between variables that the user calls differently.
"""

from __future__ import annotations

import bisect
import builtins
import keyword
import operator
import re
from collections.abc import Collection

import numpy as np

from ast_ad.backend.describe import described
from ast_ad.backend.lives import Interval, Lives
from ast_ad.backend.tree import (
    Apply,
    Copies,
    Expr,
    For,
    Let,
    Node,
    Restore,
    Routine,
    Save,
    Update,
    While,
    bodies,
    leaves,
    read_by,
)
from ast_ad.ir.kinds import Array, Kind, List, Scalar, Unknown, code, is_number
from ast_ad.ir.nodes import UNDEF, Var
from ast_ad.runtime import zeros_of

UNUSED = "_"

_ZEROS = (np.zeros, np.zeros_like, zeros_of)
"""What makes arrays and lists that are filled in place."""

_NEIGHBOURS = 8
"""How many classes of one name are tried at either end: a long function has thousands that never join."""


def named(routine: Routine, lives: Lives, fixed: dict[Var, str], reserved: Collection[str]) -> dict[Var, str]:
    """Return the name of every variable of a routine.

    Parameters
    ----------
    fixed
        The names that parameters must have.
    reserved
        Names that no other variable may have.
    """
    return _Naming(routine, lives, fixed).names(reserved)


class _Class:
    """Variables that share a name."""

    def __init__(self, var: Var, intervals: list[Interval], fixed: bool) -> None:
        self.members = [var]
        self.intervals = list(intervals)
        self.kinds = [var.kind]
        self.fixed = fixed

    def may_join(self, other: _Class) -> bool:
        if self.fixed and other.fixed:
            return False
        return all(_alike(a, b) for a in self.kinds for b in other.kinds) and not _meet(self.intervals, other.intervals)

    def join(self, other: _Class) -> None:
        self.members += other.members
        for interval in other.intervals:
            bisect.insort(self.intervals, interval)
        self.kinds = list(dict.fromkeys(self.kinds + other.kinds))
        self.fixed = self.fixed or other.fixed


class _Naming:
    def __init__(self, routine: Routine, lives: Lives, fixed: dict[Var, str]) -> None:
        self.routine = routine
        self.fixed = fixed
        self.wishes = {**routine.wishes, **fixed}
        self.classes: dict[Var, _Class] = {}
        self.unused: dict[Var, None] = {}
        self.values: dict[Var, Expr] = {}
        self.copies: list[tuple[int, Var, Var]] = []
        self.carried: dict[Var, None] = {}
        self.updated: dict[Var, None] = {}
        self.saved: dict[Var, tuple[Expr, ...]] = {}
        self.restored: dict[Var, tuple[Var, int]] = {}
        self.uses: dict[Var, int] = {}
        self.indices: dict[Var, int] = {}
        self.survey(routine.body, 0, lives)
        self.partial_sums(routine.body)
        order = sorted(lives.intervals, key=lambda var: lives.intervals[var][0])
        for var in order:
            if var not in self.unused:
                self.classes[var] = _Class(var, lives.intervals[var], var in fixed)
        self.coalesce()

    def wish(self, var: Var) -> str:
        return self.wishes.get(var, var.name)

    def survey(self, body: list[Node], depth: int, lives: Lives) -> None:
        for node in body:
            for var in leaves(*read_by(node)):
                self.uses[var] = self.uses.get(var, 0) + 1
            if isinstance(node, Let):
                for target in node.targets:
                    if target not in lives.read:
                        self.unused[target] = None
                    elif len(node.targets) == 1:
                        self.values[target] = node.value
            elif isinstance(node, Copies):
                for target, value in node.pairs:
                    if isinstance(value, Var):
                        self.copies.append((-depth, target, value))
                    elif value is not UNDEF:
                        self.values.setdefault(target, value)
            elif isinstance(node, Update):
                self.updated[node.target] = None
                if isinstance(node.args[0], Var):
                    self.copies.append((-depth, node.target, node.args[0]))
            elif isinstance(node, Save):
                self.saved[node.stack] = node.values
            elif isinstance(node, Restore):
                self.unused.update((target, None) for target in node.targets if target not in lives.read)
                self.restored.update((target, (node.stack, i)) for i, target in enumerate(node.targets))
            elif isinstance(node, (For, While)):
                self.carried |= dict.fromkeys(node.carried)
                if isinstance(node, For):
                    self.indices[node.index] = depth
                    if node.index not in lives.read:
                        self.unused[node.index] = None
            for inner in bodies(node):
                self.survey(inner, depth + isinstance(node, (For, While)), lives)

    def partial_sums(self, body: list[Node]) -> None:
        """Give what only starts a longer sum the name of that sum."""
        for node in reversed(body):
            for inner in reversed(bodies(node)):
                self.partial_sums(inner)
            pairs = node.pairs if isinstance(node, Copies) else ()
            if isinstance(node, Let) and len(node.targets) == 1:
                pairs = [(node.targets[0], node.value)]
            for target, value in pairs:
                while isinstance(value, Apply) and value.fn in (operator.add, operator.sub):
                    value = value.args[0]
                    if isinstance(value, Var) and self.uses[value] == 1 and not self.wish(value):
                        self.wishes[value] = self.wish(target)

    def coalesce(self) -> None:
        copies = [copy for copy in sorted(self.copies, key=operator.itemgetter(0)) if copy[1] in self.classes]
        for _, target, value in copies:
            names = {self.wish(target), self.wish(value)}
            if len(names) == 1 or "" in names:
                self.join(target, value)
        groups: dict[str, list[_Class]] = {}
        for var in list(self.classes):
            if self.wish(var):
                self.gather(var, groups.setdefault(self.wish(var), []))
        for _, target, value in copies:
            if value not in self.fixed:
                self.join(target, value)

    def gather(self, var: Var, group: list[_Class]) -> None:
        """Join a variable's class with one of its name's that it may join: of many, with the first or the last."""
        own = self.classes[var]
        if any(own is other for other in group):
            return
        candidates = group if len(group) <= 2 * _NEIGHBOURS else [*group[:_NEIGHBOURS], *group[-_NEIGHBOURS:]]
        for other in candidates:
            if self.join(other.members[0], var):
                return
        group.append(own)

    def join(self, a: Var, b: Var) -> bool:
        one, two = self.classes[a], self.classes[b]
        if one is two:
            return True
        if not one.may_join(two):
            return False
        if len(one.intervals) < len(two.intervals):
            one, two = two, one
        one.join(two)
        self.classes.update((member, one) for member in two.members)
        return True

    def names(self, reserved: Collection[str]) -> dict[Var, str]:
        taken: dict[str, _Class] = {}
        chosen: dict[_Class, str] = {}
        used = set(reserved) | set(keyword.kwlist) | {UNUSED, "None", "True", "False"}
        distinct = list(dict.fromkeys(self.classes.values()))
        for own in distinct:
            for member in own.members:
                if member in self.fixed:
                    chosen[own] = self.fixed[member]
                    taken[chosen[own]] = own
        for own in distinct:
            wish = self.preferred(own)
            if own not in chosen and wish:
                chosen[own] = _free(wish, used, taken)
                taken[chosen[own]] = own
        shadowed = used | set(dir(builtins))
        for own in distinct:
            if own not in chosen:
                self.invent(own, chosen, taken, shadowed)
        names = {var: chosen[own] for var, own in self.classes.items()}
        meant = UNUSED in taken or UNUSED in reserved
        return names | dict.fromkeys(self.unused, _free("unused", used, taken) if meant else UNUSED)

    def preferred(self, own: _Class) -> str:
        """Return the name that most of a class is known by: that of what a loop carries, or the first."""
        wishes = [self.wish(member) for member in own.members if member in self.carried and self.wish(member)]
        wishes += [self.wish(member) for member in own.members if self.wish(member)]
        return re.sub(r"\W", "_", wishes[0]) if wishes else ""

    def invent(self, own: _Class, chosen: dict[_Class, str], taken: dict[str, _Class], used: Collection[str]) -> None:
        """Name a class of temporaries, or let it join an earlier one that has the name and is free."""
        var = min(own.members, key=self.tells_nothing)

        def known(other: Var) -> str:
            return chosen.get(self.classes[other], "") if other in self.classes else ""

        def short(other: Var) -> str:
            name = known(other)
            return name if name and (len(name) < 3 or name == self.preferred(self.classes[other])) else ""

        wish = ""
        made = holds = self.values.get(var)
        if var in self.indices:
            wish = "ijk"[min(self.indices[var], 2)]
        elif var in self.restored:
            stack, i = self.restored[var]
            saved = self.saved.get(stack, ())
            holds = saved[i] if i < len(saved) else None
            wish = known(holds) if isinstance(holds, Var) else ""
        if isinstance(made, Apply) and made.fn in _ZEROS and any(member in self.updated for member in own.members):
            wish = wish or "buffer"
        wish = wish or described(holds, var.kind, short)
        if not wish.isidentifier():
            wish = "value"
        same = taken.get(wish)
        if same is not None and self.may_share(same, own, made):
            same.join(own)
            self.classes.update((member, same) for member in own.members)
            return
        chosen[own] = _free(wish, used, taken)
        taken[chosen[own]] = own

    def tells_nothing(self, var: Var) -> int:
        """Return how little is known of what a variable holds: least of what only takes over another one."""
        value = self.values.get(var)
        return 2 if value is None else int(isinstance(value, Var))

    def may_share(self, earlier: _Class, own: _Class, made: Expr | None) -> bool:
        """Tell whether a class of temporaries may have the name of an earlier one, of which it is not computed."""
        if any(map(self.wish, earlier.members)) or (
            made is not None and any(v in earlier.members for v in leaves(made))
        ):
            return False
        return earlier.may_join(own)


def _free(wish: str, used: Collection[str], taken: dict[str, _Class]) -> str:
    name, number = wish, 1
    while name in used or name in taken:
        number += 1
        name = f"{wish}_{number}"
    return name


def _alike(a: Kind, b: Kind) -> bool:
    """Tell whether two kinds are of one family: a `float` and a `np.float64`, but not an `int` and a `float`."""
    if a == b:
        return True
    if isinstance(a, Unknown) or isinstance(b, Unknown):
        return is_number(a) and is_number(b)
    if isinstance(a, List) and isinstance(b, List):
        return _alike(a.item, b.item)
    if isinstance(a, Array) and isinstance(b, Array):
        return a.ndim == b.ndim and code(a) == code(b)
    return isinstance(a, Scalar) and isinstance(b, Scalar) and code(a) == code(b)


def _meet(a: list[Interval], b: list[Interval]) -> bool:
    """Tell whether two ascending lists of disjoint intervals have a position in common."""
    few, many = (a, b) if len(a) < len(b) else (b, a)
    for start, end in few:
        following = bisect.bisect_right(many, end, key=operator.itemgetter(0))
        if following and many[following - 1][1] >= start:
            return True
    return False
