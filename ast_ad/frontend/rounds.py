"""Lowering of one `Loop` of the IR: in rounds, until the kinds of what it carries settle.

A name is carried from one iteration to the next only if it is assigned in the loop and read later.  Its kind is what
the value before the loop and the value at the end of an iteration have in common: the body is lowered again until
that settles.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import gast

from ast_ad.errors import InternalError
from ast_ad.frontend import containers, grown, memory, streams
from ast_ad.frontend.assignments import assign
from ast_ad.frontend.carried import Carriers, cells_from
from ast_ad.frontend.expressions import test
from ast_ad.frontend.frame import Frame
from ast_ad.frontend.heap import Cell, Unifier, leads_to_objects, marker
from ast_ad.frontend.jumps import BROKE, FALSE, GO, NO_JUMP, RESULT, RETURNED, TRUE, Unreachable
from ast_ad.frontend.loop_aliases import LoopAliases
from ast_ad.frontend.loop_kinds import (
    Shaped,
    bound_where,
    conformed,
    fresh_value,
    has_grown,
    lasting,
    leaving,
    shape_of,
    shared,
    unnamed,
)
from ast_ad.frontend.loop_names import LoopNames
from ast_ad.frontend.meeting import Joining, meet
from ast_ad.frontend.statements import run_statements
from ast_ad.frontend.values import ABSENT, UNBOUND, Container, Grown, Ref, Value, parts, same_operand, same_value
from ast_ad.ir.build import Region
from ast_ad.ir.kinds import INT, Kind, fresh, symbols
from ast_ad.ir.nodes import UNDEF, Block, If, Lit, Op, Operand, Statement, Var, blocks, defined, walk
from ast_ad.rules.registry import effects
from ast_ad.trees import unflatten

_ROUNDS = 20
Node = Any


@dataclass
class _Slot:
    """One carried variable."""

    param: Var
    init: Operand
    end: Operand
    out: Var


class Rounds:
    """The lowering of one `Loop` of the IR."""

    def __init__(
        self,
        frame: Frame,
        node: Node,
        *,
        endless: bool = False,
        limits: tuple[Operand, Operand, Operand] | None = None,
        stream: streams.Stream | None = None,
    ) -> None:
        self.frame = frame
        self.node = node
        self.endless = endless
        self.limits = limits
        self.stream = stream
        self.names = LoopNames(frame, node, endless=endless)
        self.aliases = LoopAliases(frame, self.names)
        self.carriers = Carriers(frame, self.names.tokens)
        self.where = frame.where(node)
        self.index: Var | None = None
        self.grown: dict[str, bool] = {}
        self.moved: set[str] = set()
        self.resized: set[str] = set()
        self.settled: set[str] = set()
        self.after_test: dict[str, Value] = {}
        self.renewed: set[str] = set()
        self.news = False
        self.made: list[Cell] = []

    def lower(self) -> None:
        """Lower the loop in rounds, until no kind changes any more."""
        shapes: dict[str, Shaped] = {}
        budget = self.frame.context.budget
        for _ in range(_ROUNDS):
            self._settle()
            for name in (*self.names.threaded, *self.names.states):
                shapes.setdefault(name, shape_of(self.names.before(name)))
            if self._round(shapes):
                return
            self.frame.context.budget = budget
        if self.news or len(self.carriers.made) > _ROUNDS // 4:
            self.frame.misfit(
                self.node,
                "an object that goes round in this loop holds one object more in each iteration",
                "keep the objects in a list, or use a loop whose number of iterations is a constant",
            )
        raise InternalError("the kinds of a loop do not settle", stage="lowering", where=self.where)

    def _settle(self) -> None:
        """Let the names that are carried start with what their objects contain before the loop."""
        frame = self.frame
        frame.env = self.names.tokens
        for name in self.names.objects():
            if name in self.names.tokens and name not in self.settled:
                value = memory.settle(frame, self.names.tokens[name], lambda leaf: memory.now(frame, leaf))
                by_value = name in self.names.by_value
                self.names.entry = {
                    **self.names.entry,
                    name: self.names.held(self.names.tokens, value) if by_value else value,
                }
                self.settled.add(name)
        frame.env = self.names.entry

    def _round(self, shapes: dict[str, Shaped]) -> bool:
        """Lower the body once, with these kinds; emit the loop if they are what comes out, else widen them."""
        frame = self.frame
        names = (*self.names.threaded, *self.names.states)
        heads = {name: self._in_order(name, fresh_value(self.names.label(name), shapes[name])) for name in names}
        tests: tuple[Region, dict[str, Value], Operand] | None = None
        if self.names.has_test:
            copies = {name: fresh_value(self.names.label(name), shapes[name]) for name in names}
            region, condition = self._test(copies)
            if condition == FALSE:
                frame.env = self.names.tokens
                return True
            if _only_reads(region.statements) and not self._test_writes():
                tests = region, copies, condition
            else:
                self.names.has_test = False
                self.names.sort()
                return False
        region = Region([leaf for value in heads.values() for leaf in parts(value)[0]])
        dead = self._body(region, heads)
        end = frame.env
        frame.env = self.names.entry
        for key, contents in frame.base.firsts.items():
            self.names.entry.setdefault(key, contents)
            self.names.tokens.setdefault(key, contents)
        if self.news:
            for name in self.renewed:
                shapes.pop(name, None)
            return False
        rebound = [name for name in self.names.fixed if not dead and end.get(name) is not self.names.tokens[name]]
        if rebound:
            self.names.rebound.update(rebound)
            self.names.sort()
            return False
        if not dead and self._grown_before(end):
            return False
        changed = self._new_states(region, heads, end) or (not dead and self.aliases.news())
        changed = self._moves(heads, end) or changed
        for name, head in heads.items():
            value = ABSENT if dead else end.get(name, UNBOUND)
            if name not in self.names.by_value and containers.differ(head, value):
                self.names.by_value.add(name)
                self.settled.discard(name)
                shapes.pop(name)
                changed = True
                continue
            met = meet(head, value, lambda x, y, kind: Var(kind), self.where, self._joining(end))
            if name not in self.grown and has_grown(met) and not has_grown(self.names.before(name)):
                self.grown[name] = self.aliases.is_entangled(name)
            if self.grown.get(name):
                met = shared(met)
            self.aliases.note_listed(name, met)
            shape = lasting(unnamed(shape_of(met), head, shapes[name]), self._symbols())
            if shape != shapes[name]:
                shapes[name] = shape
                changed = True
        if not changed:
            self._emit(region, heads, end, dead, tests)
        return not changed

    def _in_order(self, name: str, value: Value) -> Value:
        """Let a list that the loop carries be in the order of the one before it, if no iteration moves its items."""
        before = self.names.before(name)
        if isinstance(value, Grown) and isinstance(before, Grown):
            value.order = value.order if name in self.moved else before.order
            value.tail = value.tail if name in self.resized else before.tail
        return value

    def _moves(self, heads: dict[str, Value], end: dict[str, Value]) -> bool:
        """Note the lists whose items an iteration moves, or whose lengths it changes; tell whether some are new."""
        count = len(self.moved) + len(self.resized)
        for name, head in heads.items():
            value = end.get(name)
            if isinstance(head, Grown) and isinstance(value, Grown):
                self.moved |= {name} if value.order is not head.order else set()
                self.resized |= {name} if value.tail is not head.tail else set()
        return len(self.moved) + len(self.resized) > count

    def _grown_before(self, end: dict[str, Value]) -> bool:
        """Let lists that grow in an iteration be grown before the loop; tell whether some are new."""
        frame, tokens = self.frame, self.names.tokens
        table = frame.context.objects.containers
        new = []
        for name, value in end.items():
            before = tokens.get(name)
            if name in table and type(before) is list and before and _grows(before, value):
                new.append(table[name])
        frame.env = tokens
        made = {container.key: grown.grow_in_place(frame, container) for container in new}
        frame.env = self.names.entry
        for key in made:
            self.settled.discard(key)
        self.names.entry = {**self.names.entry, **{key: value for key, value in tokens.items() if key in table}}
        return any(each is not None for each in made.values())

    def _new_states(self, region: Region, heads: dict[str, Value], end: dict[str, Value]) -> bool:
        """Carry the contents of objects from before the loop that its body changes; tell whether some are new."""
        frame, tokens = self.frame, self.frame.context.objects.tokens
        inside = _defined_in(region)
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

    def _carry_objects(self) -> None:
        """At the end of an iteration, let names that hold another object in each of them hold the one for all."""
        env, end = self.frame.env, self.names.end_tokens
        names = [name for name in (*self.names.produced, RESULT) if name in env]
        self.renewed, self.news = self.carriers.at_end(self.names.objects(), names, env)
        for carrier in self.carriers.made:
            self.names.entry[marker(carrier)] = self.names.tokens.get(marker(carrier), ABSENT)
            for key in self.carriers.keys(carrier):
                if key not in self.names.states:
                    self.names.states.append(key)
        self.settled -= {*self.renewed, *(key for each in self.carriers.made for key in self.carriers.keys(each))}
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

    def _joining(self, end: dict[str, Value]) -> Joining:
        """Return how the head of an iteration and its end become the head of the next one."""

        def make(column: Sequence[Any], kind: Kind) -> Var:
            return Var(kind)

        def lists(a: Value, b: Value) -> Value:
            first: grown.Side = (lambda container: self.names.head_tokens.get(container.key), make)
            same = (lambda container: end.get(container.key), make)
            pair = grown.common(a, b, first, same) if self.frame.context.grows else None
            return None if pair is None else grown.met(*pair, lambda x, y, kind: Var(kind))

        return Joining(lambda a, b: a, lists)

    def _side(self, env: dict[str, Value]) -> grown.Side:
        """Return how lists are looked at, and made, before the loop or at the end of an iteration."""
        return (lambda container: env.get(container.key)), grown.made_in(self.frame)

    def _symbols(self) -> set[str]:
        """Return the symbols of lengths that are known before the loop."""
        leaves = [leaf for value in self.names.tokens.values() for leaf in parts(value)[0]]
        return {name for leaf in leaves for name in symbols(leaf.kind)}

    def _start(self, heads: dict[str, Value]) -> None:
        unread = dict.fromkeys([*self.names.produced, *self.names.dropped], UNBOUND)
        frame = self.frame
        frame.env = {**self.names.entry, **NO_JUMP, RESULT: ABSENT, **unread, **heads}
        for name in self.names.by_value & heads.keys():
            frame.env[name] = containers.installed(frame, heads[name], {}, self.names.label(name))
        self.names.head_tokens = dict(frame.env)
        self.aliases.note(frame.env)

    def _test(self, heads: dict[str, Value]) -> tuple[Region, Operand]:
        self._start(heads)
        condition: list[Operand] = []
        with self.frame.builder.region(
            Region([leaf for value in heads.values() for leaf in parts(value)[0]])
        ) as region:
            self.frame.completes(lambda: condition.append(test(self.frame, self.node.test)))
        self.after_test = self.frame.env
        return region, condition[0] if condition else TRUE

    def _test_writes(self) -> bool:
        """Tell whether the test changes arrays, containers or objects from before."""
        context = self.frame.context
        for key, value in self.after_test.items():
            ref, _ = context.heap.slots.get(key, (None, ""))
            outer = ref is not None and (ref.marker in self.names.entry or bool(ref.initial))
            outer = outer or key in context.objects.tokens or key in context.objects.containers
            if outer and key in self.names.head_tokens and value is not self.names.head_tokens[key]:
                return True
            if outer and key not in self.names.head_tokens and key in context.heap.slots:
                return True
        return False

    def _body(self, region: Region, heads: dict[str, Value]) -> bool:
        """Lower one iteration; tell whether its end is never reached."""
        frame, node = self.frame, self.node
        self._start(heads)
        live = self.names.live

        def statements() -> None:
            run_statements(frame, node.body, live)

        def steps() -> None:
            if self.limits is not None:
                name = node.target.id if isinstance(node.target, gast.Name) and self.stream is None else ""
                self.index = Var(INT, name)
                region.defined.add(self.index)
                stream = self.stream
                item = self.index if stream is None else stream.get(frame, node.iter, self.index)
                assign(frame, node.target, item)
            if isinstance(node, gast.For) or self.endless or self.names.has_test:
                statements()
                return
            condition = test(frame, node.test)
            if isinstance(condition, Lit):
                statements() if condition.value else frame.env.update({GO: FALSE})
            else:
                frame.branch(node, condition, statements, lambda: frame.env.update({GO: FALSE}), live)

        outer, frame.outer = frame.outer, self.names.tokens.keys()
        with frame.builder.region(region):
            try:
                completes = frame.completes(steps)
            finally:
                frame.outer = outer
            self.names.end_tokens = dict(frame.env)
            self.news, self.made, self.names.leaving = False, [], {}
            if completes:
                self._carry_objects()
                self._settle_ends(_defined_in(region))
            return not completes

    def _settle_ends(self, inside: set[Var]) -> None:
        """Let names have, at the end of an iteration, what their arrays contain.

        A name that can only hold an array from outside, after the loop, goes on holding it.
        """
        frame = self.frame
        ended = dict(frame.env)
        received_names = self.names.objects()
        for name in dict.fromkeys([*received_names, *self.names.produced, RESULT, *self.names.leaving]):
            if name not in frame.env:
                continue
            received = name in received_names
            before = None if received else self.names.before_produced(name)
            stays = before is UNBOUND or before is ABSENT or before is frame.env[name]
            if (name in self.names.by_value) if received else not stays or self._makes_containers(ended, name):
                frame.env[name] = self.names.held(ended, frame.env[name])

            def settled(leaf: Var, stays: bool = stays) -> Operand:
                return leaf if stays and leaf not in inside else memory.now(frame, leaf)

            frame.env[name] = memory.settle(frame, frame.env[name], settled)

    def _makes_containers(self, env: dict[str, Value], name: str) -> bool:
        """Tell whether a name holds containers that the loop made."""
        inside = containers.objects_in(env, env[name])
        new = [each for each in inside if isinstance(each, Container) and each.key not in self.names.entry]
        return any(each.key not in self.names.kept for each in new)

    def _emit(
        self,
        region: Region,
        heads: dict[str, Value],
        end: dict[str, Value],
        dead: bool,
        tests: tuple[Region, dict[str, Value], Operand] | None,
    ) -> None:
        frame, builder = self.frame, self.frame.builder
        env = dict(self.names.entry)
        slots: list[_Slot] = []
        for name, head in heads.items():
            params, tree = parts(head)
            inits = conformed(self.names.before(name), head, self._side(self.names.tokens))
            value = ABSENT if dead else end.get(name, UNBOUND)
            with builder.region(region):
                ends = conformed(value, head, self._side(end))
            kinds = [leaving(param.kind, init) for param, init in zip(params, inits)]
            outs = [Var(kind, param.name) for kind, param in zip(kinds, params)]
            slots += [_Slot(*slot) for slot in zip(params, inits, ends, outs)]
            env[name] = self._in_order(name, unflatten(tree, outs))
            if self.endless and not dead:
                env[name] = bound_where(env[name], value)
        threaded = len(slots)
        caught = [key for attempt in frame.attempts for key in attempt.names]
        flags = [RETURNED, RESULT, BROKE, *caught]
        made = [key for key in end if key.startswith("%defaults") and end[key] is not self.names.entry.get(key)]
        env.update((cell.marker, cell) for cell in self.made if isinstance(cell, Ref))
        for name in dict.fromkeys([*self.names.produced, *flags, *made, *self.names.leaving]):
            before = self.names.before_produced(name)
            if name in made and before is UNBOUND:
                before = ABSENT
            value = ABSENT if dead else end.get(name, UNBOUND)
            if before is not value:
                before = memory.settle(frame, before, lambda leaf: memory.now(frame, leaf))
                before = self.names.held(self.names.tokens, before)
            env[name] = meet(before, value, self._combine(name, region, slots), self.where)
        if not dead:
            self.aliases.note_produced(_defined_in(region), heads, env)
        for name in self.names.dropped:
            env.pop(name, None)
        go = TRUE if dead else end[GO]
        body = Block(
            ((self.index,) if self.index is not None else ()) + tuple(slot.param for slot in slots),
            tuple(region.statements),
            (go, *(slot.end for slot in slots)),
        )
        block = None
        if tests is not None:
            test_region, copies, condition = tests
            params = [leaf for value in copies.values() for leaf in parts(value)[0]]
            params += [Var(slot.param.kind, slot.param.name) for slot in slots[threaded:]]
            block = Block(tuple(params), tuple(test_region.statements), (condition,))
        elif self.limits is None:
            block = Block(tuple(Var(slot.param.kind, slot.param.name) for slot in slots), (), (TRUE,))
        builder.loop(
            [slot.out for slot in slots],
            [slot.init for slot in slots],
            body,
            limits=self.limits,
            test=block,
            where=self.where,
        )
        frame.env = env
        self._install()
        if tests is None and self.limits is None and go == TRUE:
            raise Unreachable

    def _install(self) -> None:
        """Let names hold containers, after the loop, for what it carried of their contents."""
        frame = self.frame
        ended: dict[str, list[Container]] = {}
        for name in [name for name in (*self.names.by_value, *self.names.produced, RESULT) if name in frame.env]:
            value = containers.installed(frame, frame.env[name], {}, self.names.label(name))
            if value is not frame.env[name]:
                frame.env[name] = value
                found = containers.objects_in(self.names.end_tokens, self.names.end_tokens.get(name, UNBOUND))
                ended[name] = [each for each in found if isinstance(each, Container)]
        self.aliases.note(frame.env)
        self.aliases.note_behind(frame.env)
        self.aliases.note_installed(ended)

    def _combine(self, name: str, region: Region, slots: list[_Slot]) -> Callable[[Operand, Operand, Kind], Operand]:
        label = self.names.label(name)
        label = "" if label[:1] in ("%", ".") else label

        def combine(before: Operand, value: Operand, kind: Kind) -> Operand:
            if same_operand(before, value) or (before is UNDEF and not region.owns(value)):
                return value
            if value is UNDEF:
                return before
            slot = _Slot(Var(fresh(kind), label), before, value, Var(leaving(fresh(kind), before), label))
            slots.append(slot)
            return slot.out

        return combine


def _grows(before: list[Value], after: Value) -> bool:
    """Tell whether a list has grown, or is of another length."""
    return isinstance(after, Grown) or (type(after) is list and len(after) != len(before))


def _defined_in(region: Region) -> set[Var]:
    """Return the variables that the statements of a region, and its blocks, define."""
    inside = set(region.params) | region.defined
    for s in region.statements:
        inside.update(defined(s))
        for block in blocks(s):
            inside.update(block.params)
            for inner in walk(block):
                inside.update(defined(inner))
    return inside


def _only_reads(statements: Sequence[Statement]) -> bool:
    """Tell whether a test can be a block of its own: it decides, and does nothing else."""
    return all(
        (isinstance(statement, Op) and "draws" not in effects(statement.fn))
        or (isinstance(statement, If) and all(_only_reads(block.statements) for block in blocks(statement)))
        for statement in statements
    )
