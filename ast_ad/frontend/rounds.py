"""Lowering of one `Loop` of the IR: in rounds, until the kinds of what it carries settle.

A name is carried from one iteration to the next only if it is assigned in the loop and read later.  Its kind is what
the value before the loop and the value at the end of an iteration have in common: the body is lowered again until
that settles.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from typing import Any

import gast

from ast_ad.errors import InternalError
from ast_ad.frontend import arrays, containers, grown, memory
from ast_ad.frontend.carried import Carriers, cells_from
from ast_ad.frontend.expressions import test
from ast_ad.frontend.frame import BROKE, FALSE, GO, NO_JUMP, RESULT, RETURNED, TRUE, Frame, Unreachable
from ast_ad.frontend.heap import Cell, Unifier, leads_to_objects, marker
from ast_ad.frontend.memory import Token
from ast_ad.frontend.scope import bound_in
from ast_ad.frontend.statements import assign, run_statements
from ast_ad.frontend.values import (
    ABSENT,
    UNBOUND,
    Container,
    Grown,
    GrownParts,
    Held,
    Joining,
    Maybe,
    Ref,
    Value,
    meet,
    parts,
    same_operand,
    same_value,
)
from ast_ad.ir.build import Region
from ast_ad.ir.kinds import INT, Array, Dim, Kind, List, Shape, dims_of, fresh, may_be_one, symbols
from ast_ad.ir.nodes import UNDEF, Block, If, Lit, Op, Operand, Statement, Var, blocks, defined, walk
from ast_ad.rules.registry import effects
from ast_ad.trees import Tree, unflatten

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
        stream: arrays.Items | None = None,
    ) -> None:
        self.frame = frame
        self.node = node
        self.endless = endless
        self.limits = limits
        self.stream = stream
        self.states: list[str] = []
        self.by_value: set[str] = set()
        self.grown: dict[str, bool] = {}
        self.maybe: dict[tuple[str, int], set[Token]] = {}
        self.markers: dict[frozenset[tuple[str, int]], Var] = {}
        self.rebound: set[str] = set()
        self.settled: set[str] = set()
        self.end_tokens: dict[str, Value] = {}
        self.head_tokens: dict[str, Value] = {}
        self.after_test: dict[str, Value] = {}
        self.tokens = dict(frame.env)
        self.entry = dict(frame.env)
        self.carriers = Carriers(frame, self.tokens)
        self.renewed: set[str] = set()
        self.news = False
        self.made: list[Cell] = []
        self.leaving: dict[str, Value] = {}
        self.kept: set[str] = set()
        self.where = frame.where(node)
        self.live = frame.scope.live_at_head[id(node)] | frame.scope.live_at_exit[id(node)]
        self.index: Var | None = None
        self.has_test = isinstance(node, gast.While) and not endless and not bound_in([node.test])
        self._sort_names()

    def _sort_names(self) -> None:
        """Tell the names that an iteration receives from those that only come out of the last one."""
        frame, node = self.frame, self.node
        ends_at_head = isinstance(node, gast.For) or self.endless or self.has_test
        received = frame.scope.live_at_head[id(node)] if ends_at_head else self.live
        first = [node.target if isinstance(node, gast.For) else node.test]
        assigned = sorted(bound_in([*first, *node.body]) | frame.scope.rebound)
        carried = [name for name in assigned if frame.is_live(name, received)]
        # `x += y` assigns the name of an array, but it stays the same array, until the contrary is found out.
        self.fixed = [name for name in carried if name not in self.rebound and memory.is_array(self.tokens.get(name))]
        self.threaded = [name for name in carried if name not in self.fixed]
        self.produced = [name for name in assigned if name not in carried and frame.is_live(name, self.live)]
        self.dropped = [name for name in assigned if not frame.is_live(name, self.live)]

    def lower(self) -> None:
        """Lower the loop in rounds, until no kind changes any more."""
        shapes: dict[str, tuple[Tree, tuple[Kind, ...]]] = {}
        budget = self.frame.context.budget
        for _ in range(_ROUNDS):
            self._settle()
            for name in (*self.threaded, *self.states):
                shapes.setdefault(name, _shape(self._before(name)))
            if self._round(shapes):
                return
            self.frame.context.budget = budget
        if self.news or len(self.carriers.made) > _ROUNDS // 4:
            self.frame.misfit(
                self.node,
                "an object that goes round in this loop holds one object more in each iteration",
                "keep the objects in a list, or use a loop whose number of iterations is a constant",
            )
        raise InternalError("the kinds of a loop do not settle", stage="lowering", statement=self.where)

    def _settle(self) -> None:
        """Let the names that are carried start with what their objects contain before the loop."""
        frame = self.frame
        frame.env = self.tokens
        for name in self._objects():
            if name in self.tokens and name not in self.settled:
                value = memory.settle(frame, self.tokens[name], lambda leaf: memory.now(frame, leaf))
                by_value = name in self.by_value
                self.entry = {**self.entry, name: self._held(self.tokens, value) if by_value else value}
                self.settled.add(name)
        frame.env = self.entry

    def _label(self, name: str) -> str:
        """Return how the variable of a name, an attribute, or what an array contains is to be called."""
        context = self.frame.context
        if name in context.heap.slots:
            return context.heap.label(name)
        if name in context.objects.containers:
            return context.objects.containers[name].name
        if name[0] == ".":
            return ""
        return context.objects.tokens[name].name if name in context.objects.tokens else name

    def _before(self, name: str) -> Value:
        """Return the value of a name or an attribute, or what an array contains, before the loop."""
        context = self.frame.context
        missing = context.objects.tokens.get(name) or context.heap.missing(name, self.entry)
        return self.entry.get(name, missing)

    def _held(self, env: dict[str, Value], value: Value) -> Value:
        """Return a value with the contents of the containers that the loop carries by value."""
        return containers.held_in(self.frame, env, value, self.kept)

    def _round(self, shapes: dict[str, tuple[Tree, tuple[Kind, ...]]]) -> bool:
        """Lower the body once, with these kinds; emit the loop if they are what comes out, else widen them."""
        frame = self.frame
        names = (*self.threaded, *self.states)
        heads = {name: _fresh(self._label(name), shapes[name]) for name in names}
        tests: tuple[Region, dict[str, Value], Operand] | None = None
        if self.has_test:
            copies = {name: _fresh(self._label(name), shapes[name]) for name in names}
            region, condition = self._test(copies)
            if condition == FALSE:
                frame.env = self.tokens
                return True
            if _only_reads(region.statements) and not self._test_writes():
                tests = region, copies, condition
            else:
                self.has_test = False
                self._sort_names()
                return False
        region = Region([leaf for value in heads.values() for leaf in parts(value)[0]])
        dead = self._body(region, heads)
        end = frame.env
        frame.env = self.entry
        for key, contents in frame.base.firsts.items():
            self.entry.setdefault(key, contents)
            self.tokens.setdefault(key, contents)
        if self.news:
            for name in self.renewed:
                shapes.pop(name, None)
            return False
        rebound = [name for name in self.fixed if not dead and end.get(name) is not self.tokens[name]]
        if rebound:
            self.rebound.update(rebound)
            self._sort_names()
            return False
        changed = self._new_states(region, heads, end) or (not dead and self._new_aliases())
        for name, head in heads.items():
            value = ABSENT if dead else end.get(name, UNBOUND)
            if name not in self.by_value and containers.differ(head, value):
                self.by_value.add(name)
                self.settled.discard(name)
                shapes.pop(name)
                changed = True
                continue
            met = meet(head, value, lambda x, y, kind: Var(kind), self.where, self._joining(end))
            if name not in self.grown and _has_grown(met) and not _has_grown(self._before(name)):
                self.grown[name] = self._is_entangled(name)
            if self.grown.get(name):
                met = _shared(met)
            shape = _lasting(_unnamed(_shape(met), head, shapes[name]), self._symbols())
            if shape != shapes[name]:
                shapes[name] = shape
                changed = True
        if not changed:
            self._emit(region, heads, end, dead, tests)
        return not changed

    def _new_states(self, region: Region, heads: dict[str, Value], end: dict[str, Value]) -> bool:
        """Carry the contents of objects from before the loop that its body changes; tell whether some are new."""
        frame, tokens = self.frame, self.frame.context.objects.tokens
        inside = _defined_in(region)
        before = {**self.entry, **heads}
        new = [
            name
            for name, value in end.items()
            if name not in self.states
            and (
                (name in tokens and tokens[name] not in inside and value is not before.get(name, tokens[name]))
                or (name in frame.context.objects.containers and name in self.entry and value is not before[name])
            )
        ]
        new += self._new_attributes(end)
        self.states += new
        return bool(new)

    def _new_attributes(self, end: dict[str, Value]) -> list[str]:
        """Return the attributes of objects from before the loop that an iteration changes, and are not carried yet."""
        slots = self.frame.context.heap.slots
        new = [
            name
            for name, value in self.end_tokens.items()
            if name in slots
            and name in end
            and name not in self.states
            and (slots[name][0].marker in self.entry or slots[name][0].initial)
            and not same_value(value, self._before(name))
        ]
        for name in new:
            self.tokens.setdefault(name, self._before(name))
        return new

    def _objects(self) -> list[str]:
        """Return the names that an iteration receives objects in, and what it changes of others."""
        context = self.frame.context
        inside = context.objects.containers.keys(), context.heap.slots.keys()
        return [*self.threaded, *(name for name in self.states if any(name in each for each in inside))]

    def _carry_objects(self) -> None:
        """At the end of an iteration, let names that hold another object in each of them hold the one for all."""
        env, end = self.frame.env, self.end_tokens
        names = [name for name in (*self.produced, RESULT) if name in env]
        self.renewed, self.news = self.carriers.at_end(self._objects(), names, env)
        for carrier in self.carriers.made:
            self.entry[marker(carrier)] = self.tokens.get(marker(carrier), ABSENT)
            for key in self.carriers.keys(carrier):
                if key not in self.states:
                    self.states.append(key)
        self.settled -= {*self.renewed, *(key for each in self.carriers.made for key in self.carriers.keys(each))}
        before = dict(self.tokens)
        unifier = Unifier(self.frame, before, env)
        self.leaving = {}
        for name in names:
            before[name], env[name] = unifier.pair(before.get(name, UNBOUND), env[name])
            if before[name] is not self.tokens.get(name, UNBOUND):
                self.leaving[name] = before[name]
        self.made = cells_from(env, [env[name] for name in names], self.entry)
        keys = [key for cell in self.made for key in self.carriers.keys(cell) if key in env]
        self.leaving |= {key: before.get(key, ABSENT) for key in keys}
        table = self.frame.context.objects.containers
        self.kept = {key for key in table if key in env and leads_to_objects(env, table[key])}
        end.update(env)

    def _new_aliases(self) -> bool:
        """Note which objects that the loop carries may be one, or one from outside; tell whether there is news.

        That two of them are not one is shown by induction: it is so before the loop, and after an iteration if it was
        so before it.
        """
        objects = self.frame.context.objects
        held = self._held_outside()
        places: dict[tuple[str, int], tuple[frozenset[Token], frozenset[Token]]] = {}
        for name in self._objects():
            started, ended, heads = (
                list(containers.objects_in(env, env.get(name, UNBOUND), attributes=False))
                for env in (self.tokens, self.end_tokens, self.head_tokens)
            )
            for i, head in enumerate(heads):
                if isinstance(head, (Container, Ref)) and {*started[i : i + 1], *ended[i : i + 1]} == {head}:
                    continue  # the same object all the time: who else holds it, holds the same
                before = objects.origins(started[i]) if i < len(started) else frozenset()
                places[name, i] = before, self._at_end(ended[i]) if i < len(ended) else frozenset()
        news = False
        for place, (before, after) in places.items():
            shared = (before | after) & held
            for other, (others_before, others_after) in places.items():
                if other != place and not (before.isdisjoint(others_before) and after.isdisjoint(others_after)):
                    shared |= {self.markers.setdefault(frozenset((place, other)), Var(INT, "shared"))}
            known = self.maybe.setdefault(place, set())
            news = news or not shared <= known
            known |= shared
        return news

    def _note_produced(self, region: Region, heads: dict[str, Value], env: dict[str, Value]) -> None:
        """Note which arrays the names may hold after the loop that its last iteration leaves behind."""
        objects = self.frame.context.objects
        inside = _defined_in(region)
        carried = self._objects()
        names = [*carried, *self.produced, RESULT, *(name for name in self.leaving if name not in self.produced)]
        ended = {name: set(memory.arrays_in(self.end_tokens.get(name, UNBOUND))) for name in names}
        before = {name: self._started(name) for name in names}
        after = {name: frozenset().union(*map(objects.origins, tokens)) for name, tokens in ended.items()}
        made = {name: set(memory.arrays_in(env.get(name, UNBOUND))) - ended[name] for name in names}
        for name in names[len(carried) :]:
            shared = before[name].union(*(self._outside(root, heads, inside) for root in after[name]))
            for other in names:
                if other != name and not (
                    before[name].isdisjoint(before[other]) and after[name].isdisjoint(after[other])
                ):
                    marker = Var(INT, "shared")
                    shared |= {marker}
                    for token in made[other]:
                        objects.may_be(token, [marker])
            for token in made[name]:
                objects.may_be(token, shared)

    def _started(self, name: str) -> frozenset[Token]:
        value = self._before_produced(name) if name not in self._objects() else self.tokens.get(name, UNBOUND)
        return frozenset().union(*map(self.frame.context.objects.origins, memory.arrays_in(value)))

    def _outside(self, root: Token, heads: dict[str, Value], inside: set[Var]) -> frozenset[Token]:
        """Return the arrays from before the loop that one of its arrays may be."""
        found: set[Token] = set()
        pending, seen = [root], set()
        while pending:
            root = pending.pop()
            if root in seen:
                continue
            seen.add(root)
            name = next((name for name in self._objects() if root in set(memory.arrays_in(heads[name]))), None)
            if name is not None:
                found |= self._started(name)
                for token in memory.arrays_in(self.end_tokens.get(name, UNBOUND)):
                    pending += self.frame.context.objects.origins(token)
            elif root not in inside:
                found.add(root)
        return frozenset(found)

    def _held_outside(self) -> frozenset[Token]:
        """Return the objects that names hold which the loop does not carry."""
        frame, objects = self.frame, self.frame.context.objects
        carried = set(self._objects())
        tokens: list[Token] = [
            token
            for name, value in self.tokens.items()
            if name[0] != "%" and name not in self.threaded and frame.is_live(name, self.live)
            for token in containers.objects_in(self.tokens, value, carried)
        ]
        around = [value for _, value in containers.named(frame.host)] if frame.host is not None else []
        around += [own for own, _ in frame.base.arrived]
        tokens += [token for value in around for token in containers.objects_in(self.tokens, value, carried)]
        tokens += [] if frame.is_outermost else frame.base.params
        return frozenset().union(*map(objects.origins, tokens))

    def _at_end(self, token: Token) -> frozenset[Token]:
        """Return the objects that a token may be at the end of an iteration, whose heads are taken to be apart."""
        objects = self.frame.context.objects
        root = objects.root(token)
        for name in self._objects():
            held = self.head_tokens.get(name, UNBOUND)
            for i, leaf in enumerate(containers.objects_in(self.head_tokens, held, attributes=False)):
                if leaf is root:
                    return frozenset({leaf, *self.maybe.get((name, i), ())})
        return objects.origins(token)

    def _joining(self, end: dict[str, Value]) -> Joining:
        """Return how the head of an iteration and its end become the head of the next one."""

        def make(column: Sequence[Any], kind: Kind) -> Var:
            return Var(kind)

        def lists(a: Value, b: Value) -> Value:
            first: grown.Side = (lambda container: self.head_tokens.get(container.key), make)
            same = (lambda container: end.get(container.key), make)
            pair = grown.common(a, b, first, same) if self.frame.context.grows else None
            return None if pair is None else grown.met(*pair, lambda x, y, kind: Var(kind))

        return Joining(lambda a, b: a, lists)

    def _is_entangled(self, name: str) -> bool:
        """Tell whether what a list contains that grows in the loop is known by other names too.

        Arrays in it are not written to any more.
        """
        outside = self._held_outside()
        top = self.tokens.get(name), self.frame.context.objects.containers.get(name)
        shared = False
        for each in containers.objects_in(self.tokens, self.tokens.get(name, UNBOUND)):
            if memory.is_array(each):
                memory.share_with_lists(self.frame, each)
            elif isinstance(each, Container) and not any(each is one for one in top) and each in outside:
                each.outside = each.outside or "a list that has grown"
                shared = True
        return shared

    def _side(self, env: dict[str, Value]) -> grown.Side:
        """Return how lists are looked at, and made, before the loop or at the end of an iteration."""
        return (lambda container: env.get(container.key)), grown.made_in(self.frame)

    def _symbols(self) -> set[str]:
        """Return the symbols of lengths that are known before the loop."""
        leaves = [leaf for value in self.tokens.values() for leaf in parts(value)[0]]
        return {name for leaf in leaves for name in symbols(leaf.kind)}

    def _start(self, heads: dict[str, Value]) -> None:
        unread = dict.fromkeys([*self.produced, *self.dropped], UNBOUND)
        frame = self.frame
        frame.env = {**self.entry, **NO_JUMP, RESULT: ABSENT, **unread, **heads}
        for name in self.by_value & heads.keys():
            frame.env[name] = containers.installed(frame, heads[name], {}, self._label(name))
        self.head_tokens = dict(frame.env)
        self._may_be(frame.env)

    def _may_be(self, env: dict[str, Value]) -> None:
        """Note what the objects that the loop carries may be beside themselves."""
        for name in self._objects():
            for i, token in enumerate(containers.objects_in(env, env.get(name, UNBOUND), attributes=False)):
                self.frame.context.objects.may_be(token, self.maybe.get((name, i), ()))

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
            outer = ref is not None and (ref.marker in self.entry or bool(ref.initial))
            outer = outer or key in context.objects.tokens or key in context.objects.containers
            if outer and key in self.head_tokens and value is not self.head_tokens[key]:
                return True
            if outer and key not in self.head_tokens and key in context.heap.slots:
                return True
        return False

    def _body(self, region: Region, heads: dict[str, Value]) -> bool:
        """Lower one iteration; tell whether its end is never reached."""
        frame, node = self.frame, self.node
        self._start(heads)
        live = self.live

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
            if isinstance(node, gast.For) or self.endless or self.has_test:
                statements()
                return
            condition = test(frame, node.test)
            if isinstance(condition, Lit):
                statements() if condition.value else frame.env.update({GO: FALSE})
            else:
                frame.branch(node, condition, statements, lambda: frame.env.update({GO: FALSE}), live)

        outer, frame.outer = frame.outer, self.tokens.keys()
        with frame.builder.region(region):
            try:
                completes = frame.completes(steps)
            finally:
                frame.outer = outer
            self.end_tokens = dict(frame.env)
            self.news, self.made, self.leaving = False, [], {}
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
        received_names = self._objects()
        for name in dict.fromkeys([*received_names, *self.produced, RESULT, *self.leaving]):
            if name not in frame.env:
                continue
            received = name in received_names
            before = None if received else self._before_produced(name)
            stays = before is UNBOUND or before is ABSENT or before is frame.env[name]
            if (name in self.by_value) if received else not stays or self._makes_containers(ended, name):
                frame.env[name] = self._held(ended, frame.env[name])

            def settled(leaf: Var, stays: bool = stays) -> Operand:
                return leaf if stays and leaf not in inside else memory.now(frame, leaf)

            frame.env[name] = memory.settle(frame, frame.env[name], settled)

    def _makes_containers(self, env: dict[str, Value], name: str) -> bool:
        """Tell whether a name holds containers that the loop made."""
        inside = containers.objects_in(env, env[name])
        new = [each for each in inside if isinstance(each, Container) and each.key not in self.entry]
        return any(each.key not in self.kept for each in new)

    def _before_produced(self, name: str) -> Value:
        """Return what a name that the loop assigns anew holds if it does not run."""
        if name == RESULT or (self.endless and name in self.produced):
            return ABSENT
        return self.leaving.get(name, self.tokens.get(name, UNBOUND))

    def _emit(
        self,
        region: Region,
        heads: dict[str, Value],
        end: dict[str, Value],
        dead: bool,
        tests: tuple[Region, dict[str, Value], Operand] | None,
    ) -> None:
        frame, builder = self.frame, self.frame.builder
        env = dict(self.entry)
        slots: list[_Slot] = []
        for name, head in heads.items():
            params, tree = parts(head)
            inits = conformed(self._before(name), head, self._side(self.tokens))
            value = ABSENT if dead else end.get(name, UNBOUND)
            with builder.region(region):
                ends = conformed(value, head, self._side(end))
            kinds = [_leaving(param.kind, init) for param, init in zip(params, inits)]
            outs = [Var(kind, param.name) for kind, param in zip(kinds, params)]
            slots += [_Slot(*slot) for slot in zip(params, inits, ends, outs)]
            env[name] = unflatten(tree, outs)
            if self.endless and not dead:
                env[name] = _bound_where(env[name], value)
        threaded = len(slots)
        flags = [RETURNED, RESULT, BROKE]
        made = [key for key in end if key.startswith("%defaults") and end[key] is not self.entry.get(key)]
        env.update((cell.marker, cell) for cell in self.made if isinstance(cell, Ref))
        for name in dict.fromkeys([*self.produced, *flags, *made, *self.leaving]):
            before = self._before_produced(name)
            if name in made and before is UNBOUND:
                before = ABSENT
            value = ABSENT if dead else end.get(name, UNBOUND)
            if before is not value:
                before = memory.settle(frame, before, lambda leaf: memory.now(frame, leaf))
                before = self._held(self.tokens, before)
            env[name] = meet(before, value, self._combine(name, region, slots), self.where)
        if not dead:
            self._note_produced(region, heads, env)
        for name in self.dropped:
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
        frame, objects = self.frame, self.frame.context.objects
        ended: dict[str, list[Container]] = {}
        for name in [name for name in (*self.by_value, *self.produced, RESULT) if name in frame.env]:
            value = containers.installed(frame, frame.env[name], {}, self._label(name))
            if value is not frame.env[name]:
                frame.env[name] = value
                found = containers.objects_in(self.end_tokens, self.end_tokens.get(name, UNBOUND))
                ended[name] = [each for each in found if isinstance(each, Container)]
        self._may_be(frame.env)
        origins = {name: frozenset().union(*map(objects.origins, each)) for name, each in ended.items()}
        for name, own in origins.items():
            shared: set[Token] = {each for each in own if isinstance(each, Container) and each.key in self.entry}
            for other, others in origins.items():
                if other != name and not own.isdisjoint(others):
                    shared.add(self.markers.setdefault(frozenset(((name, -1), (other, -1))), Var(INT, "shared")))
            for token in containers.objects_in(frame.env, frame.env[name]):
                if isinstance(token, Container):
                    objects.may_be(token, shared)

    def _combine(self, name: str, region: Region, slots: list[_Slot]) -> Callable[[Operand, Operand, Kind], Operand]:
        label = self._label(name)
        label = "" if label[:1] in ("%", ".") else label

        def combine(before: Operand, value: Operand, kind: Kind) -> Operand:
            if same_operand(before, value) or (before is UNDEF and not region.owns(value)):
                return value
            if value is UNDEF:
                return before
            slot = _Slot(Var(fresh(kind), label), before, value, Var(_leaving(fresh(kind), before), label))
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


def _shape(value: Value) -> tuple[Tree, tuple[Kind, ...]]:
    leaves, tree = parts(value)
    return tree, tuple(leaf.kind for leaf in leaves)


def _fresh(name: str, shape: tuple[Tree, tuple[Kind, ...]]) -> Value:
    tree, kinds = shape
    value = unflatten(tree, [Var(fresh(kind), name) for kind in kinds])
    if isinstance(value, Maybe) and isinstance(value.bound, Var):
        value.bound.name = f"{name}_bound"
    return value


_Shaped = tuple[Tree, tuple[Kind, ...]]


def _unnamed(shape: _Shaped, head: Value, known: _Shaped) -> _Shaped:
    """Return a shape with "?" and "*" again where the head of a loop has symbols that were made for it."""
    made = {
        symbol: dim
        for leaf, kind in zip(parts(head)[0], known[1])
        for symbol, dim in zip(dims_of(leaf.kind), dims_of(kind))
        if dim in ("*", "?")
    }
    kinds = tuple(
        replace(kind, dims=tuple(made.get(dim, dim) for dim in kind.dims)) if isinstance(kind, (Array, Shape)) else kind
        for kind in shape[1]
    )
    return shape[0], kinds


def _leaving(kind: Kind, init: Operand) -> Kind:
    """Return the kind of what leaves a loop: lengths that change from turn to turn have other symbols outside."""
    if not isinstance(kind, (Array, Shape)):
        return kind
    before = dims_of(init.kind) if isinstance(init, (Var, Lit)) else ()
    same = before if len(before) == len(kind.dims) else (None,) * len(kind.dims)
    dims = tuple(
        dim if dim == own or isinstance(dim, int) else "?" if may_be_one(dim) else "*"
        for dim, own in zip(kind.dims, same)
    )
    return fresh(replace(kind, dims=dims))


def conformed(value: Value, template: Value, side: grown.Side) -> list[Operand]:
    """Return the operands of `value` in the places of the template's variables.

    With `side`, lists in containers are seen, and lists that grow are made.
    """
    found: dict[Operand, Operand] = {}

    def combine(x: Operand, y: Operand, kind: Kind) -> Operand:
        found[y] = x
        return y

    def lists(a: Value, b: Value) -> Value:
        pair = grown.common(a, b, side, side)
        return None if pair is None else grown.met(*pair, combine)

    meet(value, template, combine, None, Joining(lambda a, b: a, lists))
    return [found.get(leaf, leaf) for leaf in parts(template)[0]]


def _lasting(shape: _Shaped, symbols: Collection[str]) -> _Shaped:
    """Return a shape whose lists claim no more of the lengths of their items than what holds in every turn."""
    return shape[0], tuple(_with_lasting(kind, symbols) if isinstance(kind, List) else kind for kind in shape[1])


def _with_lasting(kind: Kind, known: Collection[str]) -> Kind:
    if isinstance(kind, List):
        return List(_with_lasting(kind.item, known))
    if not isinstance(kind, Array):
        return kind
    dims = tuple(
        dim if isinstance(dim, int) or all(name in known for name in symbols(Array(kind.dtype, (dim,)))) else _open(dim)
        for dim in kind.dims
    )
    return Array(kind.dtype, dims)


def _open(dim: Dim) -> Dim:
    return "?" if may_be_one(dim) else "*"


def _has_grown(value: Value) -> bool:
    value = value.contents if isinstance(value, Held) else value
    return isinstance(value, Grown)


def _shared(value: Value) -> Value:
    """Return a list of lists that may stand in other lists too."""
    if isinstance(value, Held):
        return Held(value.own, _shared(value.contents))
    if isinstance(value, Grown):
        return Grown(GrownParts(value.own.item, True), value.leaves)
    return value


def _bound_where(value: Value, at_end: Value) -> Value:
    """Drop the doubt about a name that every iteration binds, after a loop that runs at least once."""
    return value.value if isinstance(value, Maybe) and not isinstance(at_end, Maybe) else value


def _only_reads(statements: Sequence[Statement]) -> bool:
    """Tell whether a test can be a block of its own: it decides, and does nothing else."""
    return all(
        (isinstance(statement, Op) and "draws" not in effects(statement.fn))
        or (isinstance(statement, If) and all(_only_reads(block.statements) for block in blocks(statement)))
        for statement in statements
    )
