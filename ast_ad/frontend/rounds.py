"""Lowering of one `Loop` of the IR: in rounds, until the kinds of what it carries settle.

A name is carried from one iteration to the next only if it is assigned in the loop and read later.  Its kind is what
the value before the loop and the value at the end of an iteration have in common: the body is lowered again until
that settles.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import gast

from ast_ad.errors import InternalError
from ast_ad.frontend import containers, grown, late, memory, mixed, passing, reach, streams
from ast_ad.frontend.assignments import assign
from ast_ad.frontend.choices import reordered
from ast_ad.frontend.expressions import test
from ast_ad.frontend.frame import Frame
from ast_ad.frontend.heap import want_pools
from ast_ad.frontend.jumps import BROKE, FALSE, GO, NO_JUMP, RESULT, RETURNED, TRUE, Unreachable
from ast_ad.frontend.loop_aliases import LoopAliases
from ast_ad.frontend.loop_kinds import Shaped, bound_where, conformed, fresh_value, lasting, leaving, shape_of, unnamed
from ast_ad.frontend.loop_lists import LoopLists
from ast_ad.frontend.loop_names import LoopNames
from ast_ad.frontend.loop_objects import LoopObjects
from ast_ad.frontend.meeting import Joining, meet
from ast_ad.frontend.statements import run_statements
from ast_ad.frontend.values import ABSENT, UNBOUND, Container, Either, Ref, Value, parts, same_operand
from ast_ad.ir.build import Region
from ast_ad.ir.kinds import INT, Kind, fresh, symbols
from ast_ad.ir.nodes import UNDEF, Block, If, Lit, Op, Operand, Statement, Var, blocks, defined, walk
from ast_ad.rules.registry import effects
from ast_ad.trees import unflatten

_ROUNDS = 20
_RENEWALS = 6
"""In how many rounds there may be new objects that go round: where one hangs on the other, there is no end to it."""

Node = Any


@dataclass
class _Slot:
    """One carried variable."""

    param: Var
    init: Operand
    end: Operand
    out: Var


@dataclass
class _Test:
    """The test of a `while` as a block of its own; `heads` are what the names hold in it."""

    region: Region
    heads: dict[str, Value]
    condition: Operand


@dataclass
class _Turn:
    """An iteration, as it was lowered: what names hold at its head and at its end, which a `dead` one never reaches."""

    region: Region
    heads: dict[str, Value]
    end: dict[str, Value]
    dead: bool

    def ended(self, name: str) -> Value:
        """Return what a name holds at the end."""
        return ABSENT if self.dead else self.end.get(name, UNBOUND)


class Rounds:
    """The lowering of one `Loop` of the IR; a `short` one could be written out instead."""

    def __init__(
        self,
        frame: Frame,
        node: Node,
        *,
        endless: bool = False,
        limits: tuple[Operand, Operand, Operand] | None = None,
        stream: streams.Stream | None = None,
        short: bool = False,
    ) -> None:
        self.frame = frame
        self.node = node
        self.endless = endless
        self.limits = limits
        self.stream = stream
        self.short = short
        self.names = LoopNames(frame, node, endless=endless)
        self.aliases = LoopAliases(frame, self.names)
        self.lists = LoopLists(frame, self.names, self.aliases)
        self.objects = LoopObjects(frame, self.names)
        self.where = frame.where(node)
        self.index: Var | None = None
        self.unsettled = ""
        self.classes: dict[str, list[mixed.Kinds]] = {}
        self.new_choices = False
        self.after_test: dict[str, Value] = {}

    def lower(self) -> None:
        """Lower the loop in rounds, until no kind changes any more."""
        shapes: dict[str, Shaped] = {}
        budget = self.frame.context.budget
        renewals = 0
        for _ in range(_ROUNDS):
            self.names.settle()
            for name in (*self.names.threaded, *self.names.states):
                shapes.setdefault(name, shape_of(self.names.before(name)))
            if self._round(shapes):
                return
            renewals += self.objects.news
            if renewals > _RENEWALS:
                break
            self.frame.context.budget = budget
        if self.objects.news or len(self.objects.carriers.made) > _ROUNDS // 4:
            want_pools(self.frame, *self.objects.carriers.made)
            self.frame.misfit(
                self.node,
                "an object that goes round in this loop holds one object more in each iteration",
                "keep the objects in a list, or use a loop whose number of iterations is a constant",
            )
        if self.unsettled:
            self.frame.misfit(
                self.node,
                f"`{self.unsettled}` is of another structure in each iteration of this loop",
                "keep what is added in a list, or use a loop whose number of iterations is a constant",
            )
        raise InternalError("the kinds of a loop do not settle", stage="lowering", where=self.where)

    def _round(self, shapes: dict[str, Shaped]) -> bool:
        """Lower the body once, with these kinds; emit the loop if they are what comes out, else widen them."""
        frame = self.frame
        names = (*self.names.threaded, *self.names.states)
        heads = {name: self.lists.in_order(name, fresh_value(self.names.label(name), shapes[name])) for name in names}
        before = {name: self.names.before(name) for name in names}
        late.note(frame, before, heads)
        self._note_classes(heads, before)
        tests: _Test | None = None
        if self.names.has_test:
            copies = {name: fresh_value(self.names.label(name), shapes[name]) for name in names}
            late.note(frame, before, copies)
            self._note_classes(copies, before)
            tests = self._test(copies)
            if tests.condition == FALSE:
                frame.env = self.names.tokens
                return True
            if not _only_reads(tests.region.statements) or self._test_writes():
                self.names.has_test = False
                self.names.sort()
                return False
        turn = self._turn(heads)
        if self._carries_others(turn, shapes):
            return False
        changed = self.objects.new_states(_defined_in(turn.region), heads, turn.end)
        changed = changed or (not turn.dead and self.aliases.news())
        changed = self.lists.moves(heads, turn.end) or changed
        changed = self._widen(turn, shapes) or changed
        if not changed:
            late.check_uses(frame, (*(tests.region.statements if tests else ()), *turn.region.statements))
            self._emit(turn, tests)
        return not changed

    def _carries_others(self, turn: _Turn, shapes: dict[str, Shaped]) -> bool:
        """Tell whether the loop carries others than it was lowered for: objects, arrays, lists; note which."""
        for key, contents in self.frame.base.firsts.items():
            self.names.entry.setdefault(key, contents)
            self.names.tokens.setdefault(key, contents)
        if self.objects.news:
            for name in self.objects.renewed:
                shapes.pop(name, None)
            return True
        if self.new_choices:
            self.names.sort()
            return True
        if turn.dead:
            return False
        rebound = [name for name in self.names.fixed if turn.end.get(name) is not self.names.tokens[name]]
        if rebound:
            self.names.rebound.update(rebound)
            self.names.sort()
            return True
        return self.lists.grow_before(turn.end)

    def _widen(self, turn: _Turn, shapes: dict[str, Shaped]) -> bool:
        """Let what the loop carries be of kinds that hold what an iteration ends with; tell whether some are new."""
        changed = False
        for name, head in turn.heads.items():
            value = turn.ended(name)
            if name not in self.names.by_value and containers.differ(head, value):
                self.names.by_value.add(name)
                self.names.settled.discard(name)
                shapes.pop(name)
                changed = True
                continue
            met = meet(head, value, lambda x, y, kind: Var(kind), self.where, self._joining(turn.end))
            met = self.lists.met(name, met)
            self.aliases.note_listed(name, met)
            changed = self._more_classes(name, head, met) or changed
            shape = lasting(unnamed(shape_of(met), head, shapes[name]), self._symbols())
            if shape != shapes[name]:
                shapes[name] = shape
                self.unsettled = self.names.label(name)
                changed = True
        return changed

    def _note_classes(self, heads: dict[str, Value], before: dict[str, Value]) -> None:
        """Note which numbers at the head of an iteration may be of several classes."""
        for name, head in heads.items():
            leaves, others = parts(head)[0], parts(before[name])[0]
            known = self.classes.get(name, [])
            alike = len(leaves) == len(others)
            for i, leaf in enumerate(leaves):
                kinds = known[i] if i < len(known) else mixed.own_kinds(leaf)
                mixed.note(leaf, kinds | mixed.kinds_within(others[i], leaf) if alike else kinds)

    def _more_classes(self, name: str, head: Value, met: Value) -> bool:
        """Tell whether numbers are of more classes at the end of an iteration than at its head."""
        found, leaves = parts(met)[0], parts(head)[0]
        several = [mixed.kinds_of(leaf) for leaf in found]
        if not any(map(mixed.are_several, found)) or len(found) != len(leaves):
            return False
        if all(kinds <= mixed.kinds_of(leaf) for kinds, leaf in zip(several, leaves)):
            return False
        self.classes[name] = several
        return True

    def _joining(self, end: dict[str, Value]) -> Joining:
        """Return how the head of an iteration and its end become the head of the next one."""

        def make(column: Sequence[Any], kind: Kind) -> Var:
            return Var(kind)

        def lists(a: Value, b: Value) -> Value:
            first: grown.Side = (lambda container: self.names.head_tokens.get(container.key), make)
            same = (lambda container: end.get(container.key), make)
            pair = grown.common(a, b, first, same) if self.frame.context.grows else None
            if pair is None:
                want_pools(self.frame, a, b)
            return None if pair is None else grown.met(*pair, lambda x, y, kind: Var(kind))

        return Joining(lambda a, b: a, lists, self.objects.are_from_before, goes_round=True)

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
            frame.env[name] = passing.installed(frame, heads[name], {}, self.names.label(name))
        self.names.head_tokens = dict(frame.env)
        self.aliases.note(frame.env)

    def _track(self) -> None:
        """At the head of an iteration, let names hold one of several arrays, as flags tell."""
        self.names.choices.install()
        self.names.head_tokens.update(self.frame.env)

    def _test(self, heads: dict[str, Value]) -> _Test:
        self._start(heads)
        condition: list[Operand] = []
        with self.frame.builder.region(
            Region([leaf for value in heads.values() for leaf in parts(value)[0]])
        ) as region:
            self._track()
            self.frame.completes(lambda: condition.append(test(self.frame, self.node.test)))
        self.after_test = self.frame.env
        return _Test(region, heads, condition[0] if condition else TRUE)

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

    def _turn(self, heads: dict[str, Value]) -> _Turn:
        """Lower one iteration."""
        frame, node = self.frame, self.node
        region = Region([leaf for value in heads.values() for leaf in parts(value)[0]])
        self._start(heads)
        live = self.names.live

        def statements() -> None:
            run_statements(frame, node.body, live)

        def steps() -> None:
            if self.limits is not None:
                name = node.target.id if isinstance(node.target, gast.Name) and self.stream is None else ""
                self.index = Var(INT, name)
                region.defined.add(self.index)
                if self.short and frame.loop is not None:
                    frame.loop = replace(frame.loop, index=self.index)
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
            self._track()
            try:
                completes = frame.completes(steps)
            finally:
                frame.outer = outer
            self.new_choices = completes and self.names.choices.news(_defined_in(region))
            if completes and not self.new_choices:
                self.names.choices.settle()
            self.names.end_tokens = dict(frame.env)
            self.objects.news, self.objects.made, self.names.leaving = False, [], {}
            if completes:
                self.objects.at_end()
                for name, head in heads.items():
                    if isinstance(frame.env.get(name), Either):
                        ordered = reordered(frame, node, frame.env[name], head)
                        frame.env[name] = ordered
                self._settle_ends(_defined_in(region))
        end, frame.env = frame.env, self.names.entry
        return _Turn(region, heads, end, dead=not completes)

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
        inside = reach.objects_in(env, env[name])
        new = [each for each in inside if isinstance(each, Container) and each.key not in self.names.entry]
        return any(each.key not in self.names.kept for each in new)

    def _emit(self, turn: _Turn, test: _Test | None) -> None:
        """Write the loop, and let names hold what comes out of it."""
        frame = self.frame
        env = dict(self.names.entry)
        carried = self._carried(turn, env)
        slots = [*carried, *self._produced(turn, env)]
        if not turn.dead:
            self.aliases.note_produced(_defined_in(turn.region), turn.heads, env)
        for name in self.names.dropped:
            env.pop(name, None)
        go = TRUE if turn.dead else turn.end[GO]
        body = Block(
            ((self.index,) if self.index is not None else ()) + tuple(slot.param for slot in slots),
            tuple(turn.region.statements),
            (go, *(slot.end for slot in slots)),
        )
        frame.builder.loop(
            [slot.out for slot in slots],
            [slot.init for slot in slots],
            body,
            limits=self.limits,
            test=self._test_block(test, carried, slots),
            where=self.where,
        )
        frame.env = env
        self._install()
        if test is None and self.limits is None and go == TRUE:
            raise Unreachable

    def _carried(self, turn: _Turn, env: dict[str, Value]) -> list[_Slot]:
        """Return the variables of what names receive from the iteration before, with what they hold in `env` after."""
        slots: list[_Slot] = []
        for name, head in turn.heads.items():
            params, tree = parts(head)
            inits = conformed(self.names.before(name), head, self._side(self.names.tokens))
            value = turn.ended(name)
            with self.frame.builder.region(turn.region):
                ends = conformed(value, head, self._side(turn.end))
            kinds = [leaving(param.kind, init) for param, init in zip(params, inits)]
            outs = [Var(kind, param.name) for kind, param in zip(kinds, params)]
            mixed.note_same(outs, params)
            slots += [_Slot(*slot) for slot in zip(params, inits, ends, outs)]
            env[name] = self.lists.in_order(name, unflatten(tree, outs))
            if self.endless and not turn.dead:
                env[name] = bound_where(env[name], value)
        return slots

    def _produced(self, turn: _Turn, env: dict[str, Value]) -> list[_Slot]:
        """Return the variables of what comes out of the last iteration only, with what names hold in `env` after."""
        frame, slots = self.frame, list[_Slot]()
        caught = [key for attempt in frame.attempts for key in attempt.names]
        flags = [RETURNED, RESULT, BROKE, *caught]
        made = [
            key for key in turn.end if key.startswith("%defaults") and turn.end[key] is not self.names.entry.get(key)
        ]
        env.update((cell.marker, cell) for cell in self.objects.made if isinstance(cell, Ref))
        for name in dict.fromkeys([*self.names.produced, *flags, *made, *self.names.leaving]):
            before = self.names.before_produced(name)
            if name in made and before is UNBOUND:
                before = ABSENT
            value = turn.ended(name)
            if before is not value:
                before = memory.settle(frame, before, lambda leaf: memory.now(frame, leaf))
                before = self.names.held(self.names.tokens, before)
            env[name] = meet(before, value, self._combine(name, turn.region, slots), self.where)
        return slots

    def _test_block(self, test: _Test | None, carried: list[_Slot], slots: list[_Slot]) -> Block | None:
        """Return the test of the loop as a block: of one that has none there, that it goes on."""
        if test is not None:
            params = [leaf for value in test.heads.values() for leaf in parts(value)[0]]
            params += [Var(slot.param.kind, slot.param.name) for slot in slots[len(carried) :]]
            return Block(tuple(params), tuple(test.region.statements), (test.condition,))
        if self.limits is None:
            return Block(tuple(Var(slot.param.kind, slot.param.name) for slot in slots), (), (TRUE,))
        return None

    def _install(self) -> None:
        """Let names hold containers, after the loop, for what it carried of their contents."""
        frame = self.frame
        ended: dict[str, list[Container]] = {}
        carried = dict.fromkeys([*self.names.by_value, *self.names.produced, RESULT, *self.names.leaving])
        for name in [name for name in carried if name in frame.env]:
            value = passing.installed(frame, frame.env[name], {}, self.names.label(name))
            if value is not frame.env[name]:
                frame.env[name] = value
                found = reach.objects_in(self.names.end_tokens, self.names.end_tokens.get(name, UNBOUND))
                ended[name] = [each for each in found if isinstance(each, Container)]
        self.aliases.note(frame.env)
        self.aliases.note_behind(frame.env)
        self.aliases.note_installed(ended)
        self.names.choices.install()
        for key in self.names.choices.carried():
            frame.env.pop(key, None)

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
