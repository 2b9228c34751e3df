"""Where two branches meet: each name gets one value, which the `If` hands out where it depends on the branch."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import gast

from ast_ad.frontend import alternatives, exchanges, grown, heap, memory
from ast_ad.frontend.containers import is_moved, seen
from ast_ad.frontend.jumps import FALSE, FLAG_NAMES, SKIP, TRUE, Unreachable
from ast_ad.frontend.meeting import Joining, meet
from ast_ad.frontend.scope import Names
from ast_ad.frontend.several import is_whole
from ast_ad.frontend.values import ABSENT, Conflict, Container, Either, Grown, Part, Value, same_operand
from ast_ad.ir.build import Region
from ast_ad.ir.kinds import BOOL, Kind, dims_of, fresh
from ast_ad.ir.nodes import UNDEF, Operand, Var

if TYPE_CHECKING:
    from ast_ad.frontend.frame import Frame


@dataclass
class Side:
    """One branch of an `If` that is being lowered."""

    region: Region
    env: dict[str, Value]
    dead: bool

    @property
    def jumped(self) -> bool:
        """Whether the branch always ends in a jump."""
        return not self.dead and self.env[SKIP] == TRUE


class Join:
    """The end of an `If`.

    Parameters
    ----------
    test
        Which branch has run.
    sides
        The branches, lowered.
    live
        The names that are read afterwards; None for all.

    Attributes
    ----------
    outs
        The variables that the `If` hands out.
    yields
        What they are at the end of each branch.
    joined
        For two containers of which a name may hold either: the one that stands for both.
    token
        For what an array contains that meets: the array.
    name
        What the variable is called that is made next.
    exchanged
        The pairs of arrays that nobody can tell from a new one.
    """

    def __init__(
        self, frame: Frame, node: gast.AST, test: Operand, sides: tuple[Side, Side], live: Names | None
    ) -> None:
        self.frame = frame
        self.context = frame.context
        self.test = test
        self.sides = sides
        self.live = live
        self.where = frame.where(node)
        self.outs: list[Var] = []
        self.yields: tuple[list[Operand], list[Operand]] = ([], [])
        self.joined: dict[tuple[Container, Container], Container | Conflict] = {}
        self.env: dict[str, Value] = {}
        self.token: Var | None = None
        self.name = ""
        self.joining = Joining(self._container, self._list, splits=is_whole)
        self.meeting = alternatives.Meeting(frame, test, (sides[0].region, sides[1].region), self._combine)
        self.exchanged: set[tuple[Operand, ...]] = set()
        self.is_statement = isinstance(node, gast.If)

    def run(self) -> None:
        """Append the `If`, and let the frame go on with what the names are after it."""
        a, b = self.sides
        if not a.dead and not b.dead:
            self._unify()
            self._grow()
            if self.is_statement:
                read = [key for key in {**a.env, **b.env} if self.frame.is_live(key, self.live)]
                self.exchanged = exchanges.exchanged(self.frame, (a.env, b.env), read)
        before = self.frame.env
        ends = [side.env for side in self.sides if not side.dead]
        same = _unchanged(before, ends) if ends else ()
        for key in {**a.env, **b.env}:
            unchanged = key in same and self.frame.is_live(key, self.live)
            self.env[key] = before[key] if unchanged else self._meet(key)
        self.frame.env = self.env
        then, orelse = zip((a.region, b.region), self.yields)
        self.frame.builder.branch(self.outs, self.test, then, orelse, self.where)
        if a.dead and b.dead:
            raise Unreachable

    def _meet(self, key: str) -> Value:
        """Return what a name holds after the branches."""
        if not self.frame.is_live(key, self.live):
            # Nothing reads it; should it meet another value later, that one is the name's.
            return self._unread_skip() if key == SKIP else ABSENT
        self.token = self.context.objects.tokens.get(key)
        self.name = FLAG_NAMES.get(key, "") if key[0] in "%." else key
        if self.token is not None:
            self.name = self.token.name
        elif key in self.context.heap.slots:
            self.name = self.context.heap.label(key)
        x, y = (
            ABSENT if side.dead else side.env.get(key, missing) for side, missing in zip(self.sides, self._missing(key))
        )
        if isinstance(x, Either) or isinstance(y, Either):
            x, y = self._narrowed(x, True), self._narrowed(y, False)
        return meet(x, y, self._combine, self.where, self.joining)

    def _narrowed(self, value: Value, holds: bool) -> Value:
        """Return one of several values as that which the test has decided it is."""
        with self.frame.facts.within(self.test, holds):
            return self.frame.facts.narrowed(value)

    def _missing(self, key: str) -> tuple[Value, Value]:
        """Return what stands on each side for a name that is not there."""
        a, b = self.sides
        if self.token is not None:
            # An array that was made in one branch contains nothing in the other.
            token = self.token
            return ABSENT if b.region.defines(token) else token, ABSENT if a.region.defines(token) else token
        if key.startswith("%defaults") or key in self.context.objects.containers:
            # The defaults of a function that was made in one branch are there wherever the function is.
            return (self.frame.base.firsts.get(key, ABSENT),) * 2
        return self.context.heap.missing(key, a.env), self.context.heap.missing(key, b.env)

    def _combine(self, x: Operand, y: Operand, kind: Kind) -> Operand:
        """Return what stands for `x` after the first branch, and for `y` after the second."""
        a, b = self.sides
        if same_operand(x, y):
            return x
        tokens: list[Var] = [each for each in (x, y) if memory.is_array(each)]
        if x is UNDEF and not b.region.owns(y):
            return y
        if y is UNDEF and not a.region.owns(x):
            return x
        x, y = self._inside(a, x), self._inside(b, y)
        if x == TRUE and y == FALSE and isinstance(self.test, Var) and self.test.kind == kind == BOOL:
            return self.test
        for out, one, other in zip(self.outs, *self.yields):
            if one is x and other is y:
                return out
        out = Var(fresh(kind), self.name)
        self.outs.append(out)
        self.yields[0].append(x)
        self.yields[1].append(y)
        if memory.is_array(out):
            self._remember(out, tokens)
        return out

    def _remember(self, out: Var, tokens: list[Var]) -> None:
        """Note which arrays `out` may be."""
        objects = self.context.objects
        if self.token is None and (*tokens,) in self.exchanged:
            objects.behind[out] = {*tokens}
            return
        objects.may_be(out, tokens)
        # What one array contains on two paths are no two arrays.
        choice = self.meeting.choice(*tokens) if len(tokens) == 2 and self.token is None else None
        if choice is not None:
            objects.choices[out] = choice
        if len(tokens) == 1 and not dims_of(out.kind):
            objects.unsure.add(out)

    def _container(self, x: Container, y: Container) -> Value:
        """Make a container for one of two, with what they contain on their sides."""
        if (x, y) not in self.joined:
            objects = self.context.objects
            both = self.joined[x, y] = Container(f"{x.key}|{len(objects.containers)}", x.type, self.name)
            both.outside = x.outside or y.outside
            both.site = x.site or y.site
            objects.containers[both.key] = both
            objects.either[both] = x, y
            objects.may_be(both, (x, y))
            first, second = (self._contents(side, each) for side, each in zip(self.sides, (x, y)))
            contents = meet(first, second, self._combine, self.where, self.joining)
            if isinstance(contents, Conflict):
                self.joined[x, y] = contents
            else:
                self.env[both.key] = contents
        return self.joined[x, y]

    def _contents(self, side: Side, container: Container) -> Value:
        """Return what a container contains at the end of a branch; of a part, what that contains where it is."""
        contents = side.env.get(container.key, ABSENT)
        if not isinstance(contents, Part):
            return contents
        with self._at_end(side):
            if is_moved(self.frame, contents):
                return contents
            return seen(self.frame, container)

    def _list(self, x: Value, y: Value) -> Value:
        """Make a list of which only the kind of its items is known, of two that have other lengths."""
        looked: list[Container] = []
        first, second = (self._ends(side, looked) for side in self.sides)
        pair = grown.common(x, y, first, second) if self.context.grows else None
        if pair is None:
            heap.want_pools(self.frame, x, y)
        return None if pair is None else grown.met(*pair, self._combine, shared=bool(looked))

    def _unify(self) -> None:
        """Let the two sides hold the same objects, and drop those that nothing leads to."""
        frame, (left, right) = self.frame, [side.env for side in self.sides]
        unifier = heap.Unifier(frame, left, right)
        same = _unchanged(left, [right])
        for key in [key for key in {**left, **right} if key not in same]:
            x, y = (env[key] if key in env else self.context.heap.missing(key, env) for env in (left, right))
            if x is not y and frame.is_live(key, self.live):
                one, other = unifier.pair(x, y)
                if one is not x or other is not y:
                    left[key], right[key] = one, other
        for env in (left, right):
            heap.drop_unreachable(frame, env, [key for key in env if frame.is_live(key, self.live)])

    def _grow(self) -> None:
        """Let a list that has grown on one side alone grow on the other one too: the lists in it are parts of it.

        So does a list in which lists have changed places: which is which is no longer known.
        """
        one, other = self.sides
        for known, side in ((one, other), (other, one)):
            for key, contents in list(known.env.items()):
                container = self.context.objects.containers.get(key)
                there = side.env.get(key)
                if container is None or type(contents) is not list or not contents:
                    continue
                if isinstance(there, Grown) or _is_moved(contents, there):
                    with self._at_end(known):
                        grown.grow_in_place(self.frame, container, there.order if isinstance(there, Grown) else None)

    @contextlib.contextmanager
    def _at_end(self, side: Side) -> Iterator[None]:
        """Lower, within the ``with`` statement, at the end of a branch."""
        around, self.frame.env = self.frame.env, side.env
        try:
            with self.frame.builder.region(side.region):
                yield
        finally:
            self.frame.env = around

    def _ends(self, side: Side, looked: list[Container]) -> grown.Side:
        """Return how lists are looked at, and made, at the end of a branch."""

        def look(container: Container) -> Value:
            container.outside = container.outside or "a list that has grown"
            looked.append(container)
            return seen(self.frame, container)

        def at_end(steps: Callable[..., Any]) -> Callable[..., Any]:
            def run(*args: Any) -> Any:
                with self._at_end(side):
                    return steps(*args)

            return run

        return at_end(look), at_end(grown.made_in(self.frame))

    def _inside(self, side: Side, operand: Operand) -> Operand:
        """Return what an array contains at the end of a branch."""
        if side.dead or not memory.is_array(operand):
            return operand
        with self._at_end(side):
            value: Operand = memory.now(self.frame, operand)
        return value

    def _unread_skip(self) -> Value:
        """Return the flag where no statement follows that it could skip: only its constant values mean something."""
        flags = [side.env[SKIP] for side in self.sides if not side.dead]
        return flags[0] if flags and all(flag == flags[0] for flag in flags) else ABSENT


def _unchanged(before: dict[str, Value], envs: Sequence[dict[str, Value]]) -> set[str]:
    """Return the names that have in other environments the very value that they have in one."""
    return {key for key, value in before.items() if all(key in env and env[key] is value for env in envs)}


def _is_moved(one: list[Value], other: Value) -> bool:
    """Tell whether two lists hold the same lists at different places."""
    if type(other) is not list or one is other or len(one) != len(other):
        return False
    rows, others = ([each for each in side if isinstance(each, Container)] for side in (one, other))
    return len(rows) == len(one) and rows != others and set(rows) == set(others)
