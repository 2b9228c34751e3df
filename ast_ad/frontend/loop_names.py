"""The names of one loop: what they hold before it, at the head and at the end of an iteration, and after it."""

from __future__ import annotations

from typing import Any

import gast

from ast_ad.frontend import memory, passing
from ast_ad.frontend.frame import Frame
from ast_ad.frontend.jumps import RESULT
from ast_ad.frontend.loop_choices import LoopChoices
from ast_ad.frontend.scope import bound_in
from ast_ad.frontend.values import ABSENT, UNBOUND, Value


class LoopNames:
    """The names of one loop, sorted by what becomes of them.

    Attributes
    ----------
    tokens
        What names hold before the loop, with its arrays and containers as objects.
    entry
        The same, with what they contain.
    head_tokens, end_tokens
        What names hold at the head of an iteration, and at its end.
    leaving
        What names have to hold before the loop for objects that its last iteration leaves behind.
    live
        The names that an iteration, or what follows, reads.
    has_test
        Whether the loop is a `while` with a test that can be a block of its own.
    states
        The contents of objects from before the loop that it changes.
    by_value
        The names whose containers the loop carries by what they contain.
    kept
        The containers that lead to objects of classes: they are not carried by what they contain.
    threaded
        The names that an iteration receives from the one before.
    fixed
        Those that always hold the array that they hold before the loop.
    produced
        The names that come out of the last iteration only.
    dropped
        The names that nobody reads afterwards.
    choices
        Those of which the loop tracks which arrays they hold.
    settled
        The names whose objects have in `entry` what they contain before the loop.
    """

    def __init__(self, frame: Frame, node: Any, *, endless: bool) -> None:
        self.frame = frame
        self.node = node
        self.endless = endless
        self.tokens = dict(frame.env)
        self.entry = dict(frame.env)
        self.head_tokens: dict[str, Value] = {}
        self.end_tokens: dict[str, Value] = {}
        self.leaving: dict[str, Value] = {}
        self.live = frame.scope.live_at_head[id(node)] | frame.scope.live_at_exit[id(node)]
        self.has_test = isinstance(node, gast.While) and not endless and not bound_in([node.test])
        self.states: list[str] = []
        self.by_value: set[str] = set()
        self.kept: set[str] = set()
        self.rebound: set[str] = set()
        self.settled: set[str] = set()
        self.choices = LoopChoices(frame, node)
        self.sort()

    def sort(self) -> None:
        """Tell the names that an iteration receives from those that only come out of the last one."""
        frame, node = self.frame, self.node
        ends_at_head = isinstance(node, gast.For) or self.endless or self.has_test
        received = frame.scope.live_at_head[id(node)] if ends_at_head else self.live
        first = [node.target if isinstance(node, gast.For) else node.test]
        assigned = sorted(bound_in([*first, *node.body]) | frame.scope.rebound)
        carried = [name for name in assigned if frame.is_live(name, received)]
        # `x += y` assigns the name of an array, but it stays the same array, until the contrary is found out.
        tracked = {name for name in carried if self.choices.tracks(name, self.tokens.get(name))}
        self.fixed = [name for name in carried if name not in self.rebound and memory.is_array(self.tokens.get(name))]
        self.fixed = [name for name in self.fixed if name not in tracked]
        flags = self.choices.carried()
        self.tokens.update(flags)
        self.entry.update(flags)
        self.threaded = [name for name in carried if name not in self.fixed and name not in tracked]
        self.threaded += flags
        self.produced = [name for name in assigned if name not in carried and frame.is_live(name, self.live)]
        self.dropped = [name for name in assigned if not frame.is_live(name, self.live)]

    def label(self, name: str) -> str:
        """Return how the variable of a name, an attribute, or what an array contains is to be called."""
        context = self.frame.context
        if name in context.heap.slots:
            return context.heap.label(name)
        if name in self.choices.labels():
            return self.choices.labels()[name]
        if name in context.objects.containers:
            return context.objects.containers[name].name
        if name[0] == ".":
            return ""
        return context.objects.tokens[name].name if name in context.objects.tokens else name

    def before(self, name: str) -> Value:
        """Return the value of a name or an attribute, or what an array contains, before the loop."""
        context = self.frame.context
        missing = context.objects.tokens.get(name) or context.heap.missing(name, self.entry)
        return self.entry.get(name, missing)

    def held(self, env: dict[str, Value], value: Value) -> Value:
        """Return a value with the contents of the containers that the loop carries by value."""
        return passing.held_in(self.frame, env, value, self.kept)

    def objects(self) -> list[str]:
        """Return the names that an iteration receives objects in, and what it changes of others."""
        context = self.frame.context
        inside = context.objects.containers.keys(), context.heap.slots.keys()
        return [*self.threaded, *(name for name in self.states if any(name in each for each in inside))]

    def settle(self) -> None:
        """Let the names that are carried start with what their objects contain before the loop."""
        frame = self.frame
        frame.env = self.tokens
        for name in self.objects():
            if name in self.tokens and name not in self.settled:
                value = memory.settle(frame, self.tokens[name], lambda leaf: memory.now(frame, leaf))
                by_value = name in self.by_value
                self.entry = {
                    **self.entry,
                    name: self.held(self.tokens, value) if by_value else value,
                }
                self.settled.add(name)
        frame.env = self.entry

    def before_produced(self, name: str) -> Value:
        """Return what a name that the loop assigns anew holds if it does not run."""
        if name == RESULT or (self.endless and name in self.produced):
            return ABSENT
        return self.leaving.get(name, self.tokens.get(name, UNBOUND))
