"""The lists that a loop carries: those that grow in it, and those whose items or lengths an iteration changes."""

from __future__ import annotations

from ast_ad.frontend import grown
from ast_ad.frontend.frame import Frame
from ast_ad.frontend.loop_aliases import LoopAliases
from ast_ad.frontend.loop_kinds import has_grown, shared
from ast_ad.frontend.loop_names import LoopNames
from ast_ad.frontend.values import Grown, Value


class LoopLists:
    """The lists of one loop.

    Attributes
    ----------
    entangled
        The names of lists that start to grow in the loop; whether what such a list contains has other names too.
    moved, resized
        The names of lists whose items an iteration moves, and of those whose lengths it changes.
    """

    def __init__(self, frame: Frame, names: LoopNames, aliases: LoopAliases) -> None:
        self.frame = frame
        self.names = names
        self.aliases = aliases
        self.entangled: dict[str, bool] = {}
        self.moved: set[str] = set()
        self.resized: set[str] = set()

    def met(self, name: str, value: Value) -> Value:
        """Return what the head and the end of an iteration have in common, noting a list that starts to grow."""
        if name not in self.entangled and has_grown(value) and not has_grown(self.names.before(name)):
            self.entangled[name] = self.aliases.is_entangled(name)
        return shared(value) if self.entangled.get(name) else value

    def in_order(self, name: str, value: Value) -> Value:
        """Let a list that the loop carries be in the order of the one before it, if no iteration moves its items."""
        before = self.names.before(name)
        if isinstance(value, Grown) and isinstance(before, Grown):
            value.order = value.order if name in self.moved else before.order
            value.tail = value.tail if name in self.resized else before.tail
        return value

    def moves(self, heads: dict[str, Value], end: dict[str, Value]) -> bool:
        """Note the lists whose items an iteration moves, or whose lengths it changes; tell whether some are new."""
        count = len(self.moved) + len(self.resized)
        for name, head in heads.items():
            value = end.get(name)
            if isinstance(head, Grown) and isinstance(value, Grown):
                self.moved |= {name} if value.order is not head.order else set()
                self.resized |= {name} if value.tail is not head.tail else set()
        return len(self.moved) + len(self.resized) > count

    def grow_before(self, end: dict[str, Value]) -> bool:
        """Let lists that grow in an iteration be grown before the loop; tell whether some are new."""
        frame, tokens = self.frame, self.names.tokens
        table = frame.context.objects.containers
        new = []
        for name, value in end.items():
            before = tokens.get(name)
            if name in table and type(before) is list and before and _grows(before, value):
                new.append(table[name])
        if not new:
            return False
        old = dict(tokens)
        frame.env = tokens
        made = {container.key: grown.grow_in_place(frame, container) for container in new}
        frame.env = self.names.entry
        changed = {key: tokens[key] for key in table if key in tokens and tokens[key] is not old.get(key)}
        # What is carried by value has its contents in `entry`, and is looked at again.
        self.names.settled -= {*made, *changed}
        self.names.entry = {**self.names.entry, **changed}
        return any(each is not None for each in made.values())


def _grows(before: list[Value], after: Value) -> bool:
    """Tell whether a list has grown, or is of another length."""
    return isinstance(after, Grown) or (type(after) is list and len(after) != len(before))
