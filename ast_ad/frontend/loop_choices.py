"""Names that hold an array from before a loop in some of its iterations, and another one in others.

``best = u`` before the loop, and ``best = u.copy()`` on some path in it; two halves of an array whose names change
places.  Mostly a loop carries what such a name contains.  Where that does not do, because one of the arrays is written
to while the name is still read, the name is *tracked*: at the head of an iteration it is a choice
(`ast_ad.frontend.alternatives`) of all arrays that it may be, by flags that the loop carries.  Those from before the
loop are known one by one.  Those that its iterations make come last, and are one array that goes round.

Where a name holds parts of one array, and moves (``cur = rows[0]``, later ``cur = rows[i + 1]``), the loop carries the
index instead.
"""

from __future__ import annotations

import operator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ast_ad.frontend import memory
from ast_ad.frontend.alternatives import Choice, either, versions
from ast_ad.frontend.values import ABSENT, Value
from ast_ad.frontend.views import View
from ast_ad.ir.kinds import Array, join
from ast_ad.ir.nodes import Lit, Var
from ast_ad.rules.operands import kind_of_operand

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
    path
        How it looks at an array, if it holds views of one that differ in their indices.
    fails
        Whether it turned out that the name cannot be tracked.
    head
        What the name holds at the head of an iteration.
    """

    name: str
    outer: list[Var]
    site: object
    makes: bool = False
    path: View | None = None
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
    def indices(self) -> list[str]:
        """The keys of what stands in the index of a name that moves."""
        return [] if self.path is None else [f"%at:{i}:{self.name}:{self.site}" for i in range(len(self.path.rest))]

    @property
    def before(self) -> dict[str, Value]:
        """What the loop carries for the name, by keys, as it is before the loop."""
        if self.fails:
            return {}
        if self.path is not None:
            return dict(zip(self.indices, self.path.rest))
        made: dict[str, Value] = {self.made: ABSENT} if self.makes else {}
        return {**{flag: Lit(i == 0) for i, flag in enumerate(self.flags)}, **made}


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
        return {key: value for tracked in self.names.values() for key, value in tracked.before.items()}

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
            found |= dict.fromkeys(tracked.indices, f"{tracked.name}_at")
        return found

    def install(self) -> None:
        """Let each name hold the array that the flags tell, which the environment has."""
        env = self.frame.env
        for tracked in self.names.values():
            if tracked.fails:
                continue
            if tracked.path is not None:
                env[tracked.name] = tracked.head = self._moved(tracked, tracked.path)
                continue
            made = env.get(tracked.made, ABSENT)
            *arrays, held = [*tracked.outer, *([made] if memory.is_array(made) else [])]
            for array, flag in reversed([*zip(arrays, tracked.flags)]):
                held = self._choice(tracked.name, env[flag], array, held)
            env[tracked.name] = tracked.head = held

    def _moved(self, tracked: Tracked, path: View) -> Var:
        rest = tuple(self.frame.env[key] for key in tracked.indices)
        token: Var = self.frame.ops(self.node, path.fn, (path.base, *rest), path.form)
        token.name = tracked.name
        return token

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
        before = self._found()
        for tracked in self.names.values():
            if not tracked.fails:
                self._note(tracked, self.frame.env.get(tracked.name, ABSENT), inside)
        return before != self._found()

    def _found(self) -> list[tuple[int, bool, bool, bool]]:
        return [(len(each.outer), each.makes, each.path is not None, each.fails) for each in self.names.values()]

    def _note(self, tracked: Tracked, token: Value, inside: set[Var]) -> None:
        if token is tracked.head or any(token is each for each in tracked.outer):
            return
        choice = self.objects.choices.get(token) if memory.is_array(token) else None
        if choice is not None:
            self._note(tracked, choice.first, inside)
            self._note(tracked, choice.second, inside)
        elif not memory.is_array(token) or not self._is_like(token, tracked.outer[0]):
            tracked.fails = True
        elif tracked.path is not None or (token in inside and token in self.objects.views):
            views = [self.objects.views.get(each) for each in (*tracked.outer, token)]
            moves = not tracked.makes and all(_differ_in_index(views[0], view) for view in views[1:])
            tracked.path = views[0] if moves else None
            tracked.fails = not moves
        elif token not in inside and len(tracked.outer) < _MOST:
            tracked.outer.append(token)
        elif token in inside:
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
        if tracked.path is not None and token in self.objects.views:
            self.frame.env.update(zip(tracked.indices, self.objects.views[token].rest))
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


def _differ_in_index(one: View | None, other: View | None) -> bool:
    """Tell whether two views look at the same array, in the same way but for what stands in the index."""
    return (
        one is not None
        and other is not None
        and one.base is other.base
        and one.fn is other.fn is operator.getitem
        and one.form == other.form
        and list(map(kind_of_operand, one.rest)) == list(map(kind_of_operand, other.rest))
    )
