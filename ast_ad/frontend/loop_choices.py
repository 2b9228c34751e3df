"""Names that hold an array from before a loop in some of its iterations, and another one in others.

``best = u`` before the loop, and ``best = u.copy()`` on some path in it; two halves of an array whose names change
places.  Mostly a loop carries what such a name contains.  Where that does not do, because one of the arrays is written
to while the name is still read, the name is *tracked*: at the head of an iteration it is a choice
(`ast_ad.frontend.alternatives`) of all arrays that it may be, by flags that the loop carries.  Those from before the
loop are known one by one.  Those that its iterations make come last, and are one array that goes round.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ast_ad.frontend import memory
from ast_ad.frontend.alternatives import Choice, either, versions
from ast_ad.frontend.values import ABSENT, Value
from ast_ad.ir.kinds import Array, join
from ast_ad.ir.nodes import Lit, Var

if TYPE_CHECKING:
    from ast_ad.frontend.frame import Frame

_MOST = 4
"""Of so many arrays from before a loop, those that a name may be are told apart."""


@dataclass
class Tracked:
    """A name that holds one of several arrays.

    Attributes
    ----------
    name
        The name.
    outer
        The arrays from before the loop that it may hold, in the order in which they were found.
    site
        The loop.
    makes
        Whether it may hold an array that the loop makes, too.
    fails
        Whether it turned out that the name cannot be tracked.
    head
        What the name holds at the head of an iteration.
    """

    name: str
    outer: list[Var]
    site: object
    makes: bool = False
    fails: bool = False
    head: Value = ABSENT

    @property
    def made(self) -> str:
        """The key, in an environment, of the array that the loop made; it is absent until there is one."""
        return f"%made:{self.name}:{self.site}"

    @property
    def flags(self) -> list[str]:
        """For each array but the last one, the key of whether it is that one, if it is none before."""
        return [f"%is:{i}:{self.name}:{self.site}" for i in range(len(self.outer) + self.makes - 1)]

    @property
    def keys(self) -> list[str]:
        """What the loop carries for the name."""
        return [] if self.fails else [*self.flags, *([self.made] if self.makes else [])]


class LoopChoices:
    """The names that one loop tracks."""

    def __init__(self, frame: Frame, node: Any) -> None:
        self.frame = frame
        self.node = node
        self.objects = frame.context.objects
        self.site = frame.where(node)
        self.names: dict[str, Tracked] = {}

    def tracks(self, name: str, value: Value) -> bool:
        """Tell whether a name is tracked: whether that is wanted, and can be done; `value` is what it holds before."""
        if not memory.is_array(value) or (self.site, name) not in self.frame.context.tracked:
            return False
        return not self.names.setdefault(name, Tracked(name, [value], self.site)).fails

    def carried(self) -> dict[str, Value]:
        """Return what the loop carries for the names, by keys, as it is before the loop."""
        before: dict[str, Value] = {}
        for tracked in self.names.values():
            for key in tracked.keys:
                before[key] = ABSENT if key == tracked.made else Lit(key == tracked.flags[0])
        return before

    def arrays(self) -> list[Var]:
        """Return the arrays from before the loop that the names may hold."""
        return [array for tracked in self.names.values() for array in tracked.outer]

    def labels(self) -> dict[str, str]:
        """Return how the variables are to be called that the loop carries, by keys."""
        found: dict[str, str] = {}
        for tracked in self.names.values():
            arrays = zip(tracked.flags, tracked.outer)
            for flag, array in arrays:
                same = array.name in ("", tracked.name)
                found[flag] = f"{tracked.name}_as_before" if same else f"{tracked.name}_is_{array.name}"
            found[tracked.made] = tracked.name
        return found

    def install(self) -> None:
        """Let each name hold the array that the flags tell, which the environment has."""
        env = self.frame.env
        for tracked in self.names.values():
            if tracked.fails:
                continue
            made = env.get(tracked.made, ABSENT)
            *arrays, held = [*tracked.outer, *([made] if memory.is_array(made) else [])]
            for array, flag in reversed([*zip(arrays, tracked.flags)]):
                held = self._choice(tracked.name, env[flag], array, held)
            env[tracked.name] = tracked.head = held

    def _choice(self, name: str, which: Any, first: Var, second: Var) -> Var:
        kind = join(first.kind, second.kind)
        assert kind is not None
        seen = versions(self.objects, first) + versions(self.objects, second)
        choice = Choice(which, first, second, seen)
        token = either(self.frame, Var(kind, name), choice, memory.now)
        self.objects.may_be(token, [first, second])
        self.objects.choices[token] = choice
        return token

    def news(self, inside: set[Var]) -> bool:
        """At the end of an iteration, note which arrays the names hold; tell whether some are new.

        `inside` is what the iteration has made.
        """
        before = [(len(each.outer), each.makes, each.fails) for each in self.names.values()]
        for tracked in self.names.values():
            if not tracked.fails:
                self._note(tracked, self.frame.env.get(tracked.name, ABSENT), inside)
        return before != [(len(each.outer), each.makes, each.fails) for each in self.names.values()]

    def _note(self, tracked: Tracked, token: Value, inside: set[Var]) -> None:
        if token is tracked.head or any(token is each for each in tracked.outer):
            return
        choice = self.objects.choices.get(token) if memory.is_array(token) else None
        if choice is not None:
            self._note(tracked, choice.first, inside)
            self._note(tracked, choice.second, inside)
        elif not memory.is_array(token) or not self._is_like(token, tracked.outer[0]):
            tracked.fails = True
        elif token not in inside and len(tracked.outer) < _MOST:
            tracked.outer.append(token)
        elif token in inside and token not in self.objects.views:
            tracked.makes = True
        else:
            tracked.fails = True

    def _is_like(self, token: Var, other: Var) -> bool:
        """Tell whether an array may stand in the place of another one."""
        odd = self.objects.flat, self.objects.unsure, self.objects.places, self.objects.read_only
        if any(each in special for special in odd for each in (token, other)):
            return False
        assert isinstance(token.kind, Array) and isinstance(other.kind, Array)
        return (token.kind.dtype, token.kind.ndim) == (other.kind.dtype, other.kind.ndim)

    def settle(self) -> None:
        """At the end of an iteration, let the flags tell which arrays the names hold."""
        for tracked in self.names.values():
            if not tracked.fails:
                self._settle(tracked, self.frame.env[tracked.name])

    def _settle(self, tracked: Tracked, token: Any) -> None:
        if token is tracked.head:
            return
        place = next((i for i, each in enumerate(tracked.outer) if each is token), None)
        choice = self.objects.choices.get(token) if place is None else None
        if choice is not None:
            first, second = choice.first, choice.second
            self.frame.branch(
                self.node,
                choice.which,
                lambda: self._settle(tracked, first),
                lambda: self._settle(tracked, second),
                None,
            )
            return
        self.frame.env.update({flag: Lit(i == place) for i, flag in enumerate(tracked.flags)})
        if place is None:
            self.frame.env[tracked.made] = token
