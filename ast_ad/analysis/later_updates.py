"""Later updates: whether an array that goes onto a stack may be written to while it is there.

    turn:  a = zeros(n)          made in this turn
           a[0] = x              updated
           push a                nothing writes to it any more: the next turn makes another one

An update writes to what was pushed only if it runs after the push, and on memory of the same run of the operation that
made it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ast_ad.analysis.memory import Memory
from ast_ad.ir.nodes import Block, Function, Loop, Op, Operand, Push, Statement, blocks, defined
from ast_ad.rules.arrays import is_update


@dataclass(frozen=True)
class _Place:
    """Where a statement stands: its number in the order of the text, and the loops around it, from outside in."""

    number: int
    loops: tuple[Loop, ...]


class LaterUpdates:
    """The updates of a function, by the memory that they write to."""

    def __init__(self, function: Function, memory: Memory) -> None:
        self._memory = memory
        self._places: dict[Statement, _Place] = {}
        self._loops_around: dict[object, tuple[Loop, ...]] = dict.fromkeys(function.params, ())
        self._updates: dict[object, list[tuple[bool, _Place]]] = {}
        self._visit(function.body, ())

    def _visit(self, block: Block, loops: tuple[Loop, ...]) -> None:
        for s in block.statements:
            place = self._places[s] = _Place(len(self._places), loops)
            self._loops_around.update(dict.fromkeys(defined(s), loops))
            if isinstance(s, Op) and is_update(s.fn):
                for origin, earlier in self._memory(s.args[0]):
                    self._updates.setdefault(origin, []).append((earlier, place))
            for inner in blocks(s):
                self._visit(inner, (*loops, s) if isinstance(s, Loop) else loops)

    def may_reach(self, value: Operand, push: Push) -> bool:
        """Tell whether an update may write to the memory of `value` after `push` has put it onto its stack."""
        place = self._places[push]
        return any(
            self._may_follow(origin, earlier, place, updates)
            for origin, earlier in self._memory(value)
            if (updates := self._updates.get(origin))
        )

    def _may_follow(self, origin: object, earlier: bool, push: _Place, updates: Sequence[tuple[bool, _Place]]) -> bool:
        around = self._loops_around.get(origin)
        if around is None:
            return True  # from outside: nothing is known of when it was made
        for updates_earlier, update in updates:
            if updates_earlier:
                return True
            if earlier:
                continue  # what was made in this turn is not what is pushed, or is made after the push
            common = [loop for loop in push.loops if loop in update.loops]
            if update.number > push.number or any(loop not in around for loop in common):
                return True
        return False
