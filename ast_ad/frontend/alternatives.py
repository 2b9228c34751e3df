"""Arrays that are one or another, depending on the path: ``y = a if test else b``.

Where two paths meet, a name may hold one array on the one, and another on the other.  What stands for it remembers the
test: it contains what the array contains that it is, and a write to it is a branch, in which that array is written to.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from ast_ad.ir.build import Region
from ast_ad.ir.kinds import BOOL, Array, Scalar, fresh
from ast_ad.ir.nodes import UNDEF, Lit, Operand, Var
from ast_ad.rules.operands import constructor, kind_of_operand

if TYPE_CHECKING:
    from ast_ad.frontend.frame import Frame
    from ast_ad.frontend.tokens import Objects, Token

Combine = Callable[[Operand, Operand, Any], Operand]


@dataclass(frozen=True, eq=False)
class Choice:
    """The array `first` where `which` is true, `second` elsewhere; `seen` are the versions that they had then."""

    which: Operand
    first: Var
    second: Var
    seen: tuple[int, ...]


def content(frame: Frame, token: Var, choice: Choice, now: Callable[[Frame, Var], Operand]) -> Operand:
    """Return what an array contains that is one or another; `now` tells it of each of these."""
    if versions(frame.context.objects, choice.first) + versions(frame.context.objects, choice.second) == choice.seen:
        return token
    return either(frame, token, choice, now)


def either(frame: Frame, like: Var, choice: Choice, now: Callable[[Frame, Var], Operand]) -> Var:
    """Return a variable like another one for what the array contains that is chosen."""
    sides = []
    for each in (choice.first, choice.second):
        # What one branch has made is there on that path alone.
        with frame.builder.region(Region()) as region:
            sides.append((region, [now(frame, each)]))
    out = Var(fresh(like.kind), like.name)
    then, orelse = sides
    frame.builder.branch([out], choice.which, then, orelse)
    return out


def versions(objects: Objects, token: Token) -> tuple[int, ...]:
    """Return how often each array was written to so far that a token may stand for."""
    root = objects.root(token)
    choice = objects.choices.get(root) if isinstance(root, Var) else None
    if choice is not None:
        return versions(objects, choice.first) + versions(objects, choice.second)
    return (objects.writes[root],) if isinstance(root, Var) else ()


def depth(objects: Objects, token: Token) -> int:
    """Return how many choices lead to an array."""
    root = objects.root(token)
    choice = objects.choices.get(root) if isinstance(root, Var) else None
    return 0 if choice is None else 1 + max(depth(objects, choice.first), depth(objects, choice.second))


def written(frame: Frame, node: Any, choice: Choice, write: Callable[[Var], None]) -> None:
    """Write to the array that it is."""
    frame.branch(node, choice.which, lambda: write(choice.first), lambda: write(choice.second), None)


def sees(objects: Objects, other: Token, token: Var) -> bool:
    """Tell whether a name may hold an array that is written to, and nothing tells on which paths it does."""
    root = objects.root(other)
    choice = objects.choices.get(root) if isinstance(root, Var) else None
    if choice is not None:
        return sees(objects, choice.first, token) or sees(objects, choice.second, token)
    return root is not token and not objects.origins(token).isdisjoint(objects.origins(other))


_NESTED = 4
"""Of choices between choices, so many levels are followed: a write to one branches twice as often with each."""

_TESTS = 6
"""Of what depends on more tests than these, the cases are not gone through."""


def apart(
    objects: Objects,
    x: Token,
    y: Token,
    differ: Callable[[Token, Token], bool],
    known: Mapping[Operand, bool] = MappingProxyType({}),
) -> bool:
    """Tell whether two tokens stand for two arrays on every path: ``p, q = (a, b) if test else (b, a)``.

    Parameters
    ----------
    differ
        Tells it of two arrays that are no choices.
    known
        How the tests have come out on this path.
    """
    x, y = _chosen(objects, x, known), _chosen(objects, y, known)
    for each in (x, y):
        choice = objects.choices.get(each) if isinstance(each, Var) else None
        if choice is not None:
            return len(known) < _TESTS and all(
                apart(objects, x, y, differ, {**known, choice.which: outcome}) for outcome in (True, False)
            )
    return differ(x, y)


def _chosen(objects: Objects, token: Token, known: Mapping[Operand, bool]) -> Token:
    root = objects.root(token)
    choice = objects.choices.get(root) if isinstance(root, Var) else None
    if choice is None or choice.which not in known:
        return root
    return _chosen(objects, choice.first if known[choice.which] else choice.second, known)


class Meeting:
    """Makes choices where two branches meet.

    Parameters
    ----------
    test
        Which branch has run.
    regions
        What the branches consist of.
    combine
        Makes a variable that is one operand after the first branch, and another one after the second.
    """

    def __init__(self, frame: Frame, test: Operand, regions: tuple[Region, Region], combine: Combine) -> None:
        self.frame = frame
        self.objects = frame.context.objects
        self.test = test
        self.regions = regions
        self.combine = combine
        self.lifted: dict[tuple[int, Var], Var | None] = {}
        self.tests: dict[tuple[int, Operand], Operand] = {}

    def choice(self, x: Var, y: Var) -> Choice | None:
        """Return the choice of two arrays; None where they cannot be told apart afterwards."""
        if not (isinstance(x.kind, Array) and isinstance(y.kind, Array) and x.kind.dtype == y.kind.dtype):
            return None
        if any(region.defines(each) for region, each in zip(self.regions, (x, y))):
            first, second = self._after(0, x), self._after(1, y)
            if first is None or second is None:
                return None
            x, y = first, second
        if max(depth(self.objects, x), depth(self.objects, y)) >= _NESTED:
            return None
        return self._choice(self.test, x, y)

    def _choice(self, which: Operand, first: Var, second: Var) -> Choice:
        return Choice(which, first, second, versions(self.objects, first) + versions(self.objects, second))

    def _after(self, side: int, token: Var) -> Var | None:
        """Return what stands for an array of one branch after it."""
        if not self.regions[side].defines(token):
            return token
        if (side, token) not in self.lifted:
            self.lifted[side, token] = self._made_after(side, token)
        return self.lifted[side, token]

    def _made_after(self, side: int, token: Var) -> Var | None:
        objects, region = self.objects, self.regions[side]
        view, choice = objects.views.get(token), objects.choices.get(token)
        if view is not None:
            base = self._after(side, view.base)
            if base is None:
                return None
            out = self._one_sided(side, token)
            computed = [isinstance(each, Var) and region.defines(each) for each in view.rest]
            rest = tuple(self._one_sided(side, each) if inside else each for each, inside in zip(view.rest, computed))
            objects.views[out] = replace(view, base=base, rest=rest, seen=UNDEF)
            return out
        if choice is not None:
            first, second = self._after(side, choice.first), self._after(side, choice.second)
            if first is None or second is None:
                return None
            out = self._one_sided(side, token)
            objects.choices[out] = self._choice(self._test_after(side, choice.which), first, second)
            return out
        return self._one_sided(side, token)

    def _test_after(self, side: int, which: Operand) -> Operand:
        """Return how a test came out that one branch has made; it is one for all choices by it."""
        assert isinstance(which, (Var, Lit))
        if (side, which) not in self.tests:
            no = Lit(False)
            if isinstance(which.kind, Scalar) and which.kind != BOOL:  # A number, of which the truth is asked.
                no = Lit(constructor(which.kind)(0))
            one, other = (which, no) if side == 0 else (no, which)
            self.tests[side, which] = self.combine(one, other, which.kind)
        return self.tests[side, which]

    def _one_sided(self, side: int, token: Operand) -> Var:
        one, other = (token, UNDEF) if side == 0 else (UNDEF, token)
        out = self.combine(one, other, kind_of_operand(token))
        assert isinstance(out, Var)
        return out
