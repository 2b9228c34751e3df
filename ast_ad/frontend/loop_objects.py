"""The objects of classes that a loop carries, and the contents of objects from before it that it changes."""

from __future__ import annotations

from ast_ad.frontend.carried import Carriers, cells_from
from ast_ad.frontend.frame import Frame
from ast_ad.frontend.heap import Cell, Unifier, leads_to_objects, marker
from ast_ad.frontend.jumps import RESULT
from ast_ad.frontend.loop_names import LoopNames
from ast_ad.frontend.values import ABSENT, UNBOUND, Known, Pooled, Ref, Value, same_value
from ast_ad.ir.nodes import Var


class LoopObjects:
    """The objects of one loop.

    Attributes
    ----------
    carriers
        The objects that stand for others, one in each iteration.
    renewed
        The names that hold a carrier since the last round, and held something else before.
    news
        Whether there is a new carrier, or a new object that one may be.
    made
        The objects that the last iteration leaves behind.
    """

    def __init__(self, frame: Frame, names: LoopNames) -> None:
        self.frame = frame
        self.names = names
        self.carriers = Carriers(frame, names.tokens)
        self.renewed: set[str] = set()
        self.news = False
        self.made: list[Cell] = []

    def are_from_before(self, value: Value) -> bool:
        """Tell whether a value is an object that was there before the loop, and is one in all its iterations."""
        if isinstance(value, Ref) and value not in self.carriers.made:
            return value.marker in self.names.entry or bool(value.initial)
        return isinstance(value, (Known, Pooled))

    def at_end(self) -> None:
        """At the end of an iteration, let names that hold another object in each of them hold the one for all."""
        env, end = self.frame.env, self.names.end_tokens
        names = [name for name in (*self.names.produced, RESULT) if name in env]
        self.renewed, self.news = self.carriers.at_end(self.names.objects(), names, env)
        for carrier in self.carriers.made:
            self.names.entry[marker(carrier)] = self.names.tokens.get(marker(carrier), ABSENT)
            for key in self.carriers.keys(carrier):
                if key not in self.names.states:
                    self.names.states.append(key)
        self.names.settled -= {*self.renewed, *(key for each in self.carriers.made for key in self.carriers.keys(each))}
        before = dict(self.names.tokens)
        unifier = Unifier(self.frame, before, env)
        self.names.leaving = {}
        for name in names:
            before[name], env[name] = unifier.pair(before.get(name, UNBOUND), env[name])
            if before[name] is not self.names.tokens.get(name, UNBOUND):
                self.names.leaving[name] = before[name]
        self.made = cells_from(env, [env[name] for name in names], self.names.entry)
        keys = [key for cell in self.made for key in self.carriers.keys(cell) if key in env]
        self.names.leaving |= {key: before.get(key, ABSENT) for key in keys}
        table = self.frame.context.objects.containers
        self.names.kept = {key for key in table if key in env and leads_to_objects(env, table[key])}
        end.update(env)

    def new_states(self, inside: set[Var], heads: dict[str, Value], end: dict[str, Value]) -> bool:
        """Carry the contents of objects from before the loop that its body changes; tell whether some are new."""
        frame, tokens = self.frame, self.frame.context.objects.tokens
        before = {**self.names.entry, **heads}
        new = [
            name
            for name, value in end.items()
            if name not in self.names.states
            and (
                (name in tokens and tokens[name] not in inside and value is not before.get(name, tokens[name]))
                or (name in frame.context.objects.containers and name in self.names.entry and value is not before[name])
            )
        ]
        new += self._new_attributes(end)
        self.names.states += new
        return bool(new)

    def _new_attributes(self, end: dict[str, Value]) -> list[str]:
        """Return the attributes of objects from before the loop that an iteration changes, and are not carried yet."""
        slots = self.frame.context.heap.slots
        new = [
            name
            for name, value in self.names.end_tokens.items()
            if name in slots
            and name in end
            and name not in self.names.states
            and (slots[name][0].marker in self.names.entry or slots[name][0].initial)
            and not same_value(value, self.names.before(name))
        ]
        for name in new:
            self.names.tokens.setdefault(name, self.names.before(name))
        return new
