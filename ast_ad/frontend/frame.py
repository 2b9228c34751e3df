"""The state of lowering: a `Context` for the whole, a `Frame` for each function that is being lowered.

`Frame.env` maps names to abstract values (`ast_ad.frontend.values`).  Beside the user's names it holds a few of its
own, which start with ``%`` and meet at joins like all others: so early exits become ordinary booleans.

    %skip       a jump was made: what follows, up to the end of the loop's body (or of the function), does not run
    %go         false after `break` or `return`: the loop ends
    %broke      a `break` was made
    %returned   a `return` was made inside a loop
    %result     what the function returns
"""

from __future__ import annotations

import contextlib
import operator
from collections.abc import Callable, Iterator, Sequence, Set
from dataclasses import dataclass
from typing import Any, NoReturn

import gast

from ast_ad.errors import KindError, UnsupportedSyntaxError
from ast_ad.frontend import alternatives, grown, heap, memory
from ast_ad.frontend.containers import seen
from ast_ad.frontend.context import Cellar, Context, Import, LoopState
from ast_ad.frontend.guards import FreeInput, Path
from ast_ad.frontend.meeting import Joining, meet
from ast_ad.frontend.scope import FunctionNode, Names, scope_of
from ast_ad.frontend.source import Source
from ast_ad.frontend.values import ABSENT, Box, Container, Known, Raised, Value, is_operand, same_operand
from ast_ad.frontend.wording import describe
from ast_ad.ir.build import Builder, Region
from ast_ad.ir.kinds import BOOL, FLOAT, INT, Kind, Scalar, dims_of, fresh
from ast_ad.ir.nodes import UNDEF, Form, Lit, Op, Operand, Var, Where
from ast_ad.rules.lengths import length_of
from ast_ad.rules.registry import infer

SKIP, GO, BROKE, RETURNED, RESULT = "%skip", "%go", "%broke", "%returned", "%result"
TRUE, FALSE = Lit(True), Lit(False)
NO_JUMP: dict[str, Value] = {SKIP: FALSE, GO: TRUE, BROKE: FALSE, RETURNED: FALSE}
_FLAG_NAMES = {SKIP: "done", GO: "go", BROKE: "broke", RETURNED: "returned", RESULT: "result"}


class Thrown(Exception):
    """Unwinds lowering to the end of a block, after a jump to the handler of an exception."""


class Unreachable(Exception):
    """Unwinds lowering to the end of a block, where what follows in it can never run."""


class Frame:
    """One function while it is lowered.

    Parameters
    ----------
    namespace
        The module's globals.
    path
        How the function is found at run time, for its closure cells; None for a function that another one defines.
    parent
        For a function that another one defines: that one's frame.
    host
        For a call that is lowered where it stands: the frame of the caller, whose code it becomes a part of.

    Attributes
    ----------
    caller
        The frame whose call is being lowered.
    received
        The caller's containers that the function gets, each with its number.
    arrived
        By number, what they are here, each with what it contained at first.
    firsts
        The same by the keys of the containers: what they contain in environments from before they arrived.
    catches
        What each handler around its call catches: the function returns an `Outcome` then.
    outer
        The names that were there before the innermost loop.
    iterated
        The containers that loops go over.
    unrolls
        How many of the loops that are being lowered could be written out.
    """

    def __init__(
        self,
        context: Context,
        source: Source,
        node: FunctionNode,
        namespace: dict[str, Any],
        *,
        function: Any = None,
        path: Path | None = None,
        parent: Frame | None = None,
        cells: dict[str, Value] | None = None,
        host: Frame | None = None,
    ) -> None:
        self.context = context
        self.source = source
        self.node = node
        self.namespace = namespace
        self.function = function
        self.path = path
        self.parent = parent
        self.cells = cells or {}
        self.host = host
        self.scope = scope_of(node)
        self.always_live = self.scope.captured | self.scope.written | self.scope.kept
        self.builder = Builder(infer, length_of)
        self.env: dict[str, Value] = {**NO_JUMP, RESULT: ABSENT}
        self.loop: LoopState | None = None
        self.imports: dict[Cellar | FreeInput, Import] = {}
        self.renamable: set[Var] = set()
        self.params: list[Var] = []
        self.caller: Frame | None = None
        self.outer: Set[str] = frozenset()
        self.iterated: list[Container] = []
        self.unrolls = 0
        self.received: dict[Container, int] = {}
        self.arrived: list[tuple[Container, Value]] = []
        self.firsts: dict[str, Value] = {}
        self.live_now: Names | None = None
        self.inner: dict[str, Value] = {}
        self.unnamed: list[Value] = []
        self.consumes = False
        self.boxes: dict[str, Box] = {}
        self.attempts: list[Any] = []
        self.handling: list[Raised] = []
        self.catches: tuple[tuple[type[BaseException], ...], ...] = ()
        self.tested: dict[int, tuple[Value, ...]] = {}
        self.trial: Any = None
        self.general = False
        self.around: Names = frozenset()
        self._places: dict[int, Where] = {} if parent is None else parent._places

    def holds(self, cellar: Cellar) -> bool:
        """Tell whether `env` has the value of a variable now: one of this frame, or one that this function assigns."""
        return cellar.frame is self or (cellar.name in self.scope.written and self.home(cellar.name) is cellar.frame)

    def home(self, name: str) -> Frame | None:
        """Return the enclosing frame that a name belongs to."""
        outer = self.parent
        while outer is not None and name not in outer.scope.local:
            outer = outer.parent
        return outer

    @property
    def name(self) -> str:
        """The name of the function."""
        return getattr(self.node, "name", "<lambda>")

    @contextlib.contextmanager
    def holding(self, value: Value) -> Iterator[None]:
        """Remember, within the ``with`` statement, that a value without a name is needed later."""
        self.unnamed.append(value)
        try:
            yield
        finally:
            self.unnamed.pop()

    def place(self, node: gast.AST, where: Where) -> None:
        """Say where a node stands that was copied from somewhere else."""
        self._places[id(node)] = where

    def where(self, node: gast.AST) -> Where:
        """Return the place of a node."""
        place = self._places.get(id(node))
        if place is None:
            place = self._places[id(node)] = self.source.where(node)
        return place

    def refuse(self, node: gast.AST, message: str, help: str) -> NoReturn:
        """Raise an `UnsupportedSyntaxError` at a node."""
        raise UnsupportedSyntaxError(message, help=help, where=self.where(node))

    def misfit(self, node: gast.AST, message: str, help: str = "") -> NoReturn:
        """Raise a `KindError` at a node."""
        raise KindError(message, help=help, where=self.where(node))

    def op(
        self,
        node: gast.AST,
        fn: Callable[..., Any],
        *args: Operand,
        kwargs: Sequence[tuple[str, Operand]] = (),
        kind: Kind | None = None,
    ) -> Operand:
        """Append ``fn(*args)``; integers that are known are computed at once."""
        if not kwargs and kind is None:
            folded = _folded(fn, args)
            if folded is not None:
                return folded
        self._watch(node, fn, args, None)
        if fn is operator.pow and _is_negative(args[1]) and args[0].kind == INT:  # type: ignore[union-attr]
            kind = FLOAT
        try:
            given = [memory.now(self, each) for each in args]
            out = self.builder.op(fn, given, kwargs, kind=kind, where=self.where(node))
        except TypeError as error:
            raise KindError(str(error), where=self.where(node)) from error
        self._note(args)
        return out

    def ops(self, node: gast.AST, fn: Callable[..., Any], operands: Sequence[Operand], form: Form | None) -> Value:
        """Append the call that `form` makes of operands; return its result, or a tuple where there are several."""
        if form is None and len(operands) < 3:
            folded = _folded(fn, operands)
            if folded is not None:
                return folded
        self._watch(node, fn, operands, form)
        try:
            outs = self.builder.ops(
                fn, [memory.now(self, each) for each in operands], form=form, where=self.where(node)
            )
        except TypeError as error:
            raise KindError(str(error), where=self.where(node)) from error
        self._note(operands)
        return outs[0] if len(outs) == 1 else outs

    def _watch(self, node: gast.AST, fn: Callable[..., Any], args: Sequence[Operand], form: Form | None) -> None:
        for attempt in reversed(self.attempts):
            attempt.watch(node, fn, [memory.now(self, arg) for arg in args], form)

    def _note(self, tokens: Sequence[Operand]) -> None:
        """Remember which array the operation that was written last looks at."""
        made = self.builder.open_region.statements[-1]
        assert isinstance(made, Op)
        memory.note(self, made, tokens)

    @property
    def base(self) -> Frame:
        """The frame of the function of the IR that is being made."""
        return self if self.host is None else self.host.base

    @property
    def is_outermost(self) -> bool:
        """Whether what is lowered here becomes a part of the outermost function."""
        return self.base is self.context.frames[0]

    def operand(self, node: gast.AST, value: Value) -> Operand:
        """Return an abstract value as an operand, or refuse it."""
        if is_operand(value):
            return value
        if isinstance(value, Known) and isinstance(value.value, (str, type(None))):
            return Lit(value.value)
        if isinstance(value, Raised):
            return self.operand(node, value.text)
        self.misfit(node, f"a number is needed here, and this is {describe(value)}")

    def fail(self, node: gast.AST, exception: Callable[..., Any], *args: Operand) -> NoReturn:
        """Append a `Raise`, and leave the block; an exception that is caught is a jump to its handler."""
        for attempt in reversed(self.attempts):
            handler = attempt.catches(exception)
            if handler is not None:
                attempt.jump(node, handler, Raised(exception, args, _text_of(exception, args)))
        self.builder.fail(exception, [memory.now(self, arg) for arg in args], self.where(node))
        raise Unreachable

    def completes(self, steps: Callable[[], None]) -> bool:
        """Run lowering steps, and tell whether what follows them can run."""
        try:
            steps()
        except Unreachable:
            return False
        except Thrown:
            return True
        return True

    def is_live(self, name: str, live: Names | None) -> bool:
        """Tell whether the value of a name is needed later."""
        return live is None or name in live or (name[0] == "%" and name != SKIP) or name in self.always_live

    def branch(
        self,
        node: gast.AST,
        test: Operand,
        then: Callable[[], None],
        orelse: Callable[[], None],
        live: Names | None,
        rest: tuple[Callable[[], None], Names | None] | None = None,
    ) -> bool:
        """Append an `If`, and let the names meet after it.

        Parameters
        ----------
        live
            The names that are read after the branches; None for all.
        rest
            What follows, and the names that are read after that.  It is lowered into one branch if the other ends in a
            jump.

        Returns
        -------
        Whether `rest` has been lowered (or can never run).
        """
        before = self.env
        sides: list[Side] = []
        for steps in (then, orelse):
            self.env = dict(before)
            with self.builder.region(Region()) as region:
                dead = not self.completes(steps)
            sides.append(Side(region, self.env, dead))
        consumed = False
        if rest is not None and not any(side.dead for side in sides):
            jumped = [side.jumped for side in sides]
            if any(jumped):
                consumed = True
                if not all(jumped):
                    live = rest[1]
                    side = sides[jumped.index(False)]
                    self.env = side.env
                    with self.builder.region(side.region):
                        side.dead = not self.completes(rest[0])
                    side.env = self.env
        self.env = before
        self._join(node, test, sides, live)
        return consumed

    def _join(self, node: gast.AST, test: Operand, sides: list[Side], live: Names | None) -> None:
        a, b = sides
        where = self.where(node)
        if not a.dead and not b.dead:
            self._unify(a.env, b.env, live)
        outs: list[Var] = []
        yields: tuple[list[Operand], list[Operand]] = ([], [])

        def combine(x: Operand, y: Operand, kind: Kind) -> Operand:
            if same_operand(x, y):
                return x
            tokens: list[Var] = [each for each in (x, y) if memory.is_array(each)]
            if x is UNDEF and not b.region.owns(y):
                return y
            if y is UNDEF and not a.region.owns(x):
                return x
            x, y = self._inside(a, x), self._inside(b, y)
            if x == TRUE and y == FALSE and isinstance(test, Var) and test.kind == kind == BOOL:
                return test
            for i, out in enumerate(outs):
                if yields[0][i] is x and yields[1][i] is y:
                    return out
            out = Var(fresh(kind), name)
            outs.append(out)
            yields[0].append(x)
            yields[1].append(y)
            if memory.is_array(out):
                self.context.objects.may_be(out, tokens)
                # What one array contains on two paths are no two arrays.
                choice = meeting.choice(*tokens) if len(tokens) == 2 and token is None else None
                if choice is not None:
                    self.context.objects.choices[out] = choice
                if len(tokens) == 1 and not dims_of(kind):
                    self.context.objects.unsure.add(out)
            return out

        meeting = alternatives.Meeting(self, test, (a.region, b.region), combine)
        token: Var | None = None
        env: dict[str, Value] = {}

        def containers(x: Container, y: Container) -> Value:
            """Make a container for one of two, with what they contain on their sides."""
            if (x, y) not in joined:
                joined[x, y] = joined_one = Container(f"{x.key}|{len(self.context.objects.containers)}", x.type, name)
                joined_one.outside = x.outside or y.outside
                self.context.objects.containers[joined_one.key] = joined_one
                self.context.objects.may_be(joined_one, (x, y))
                contents = a.env.get(x.key, ABSENT), b.env.get(y.key, ABSENT)
                env[joined_one.key] = meet(*contents, combine, where, joining)
            return joined[x, y]

        def lists(x: Value, y: Value) -> Value:
            """Make a list of which only the kind of its items is known, of two that have other lengths."""
            looked: list[Container] = []
            sides = self._side(a, looked), self._side(b, looked)
            pair = grown.common(x, y, *sides) if self.context.grows else None
            return None if pair is None else grown.met(*pair, combine, shared=bool(looked))

        joining = Joining(containers, lists)
        joined: dict[tuple[Container, Container], Container] = {}
        for key in {**a.env, **b.env}:
            if not self.is_live(key, live):
                # Nothing reads it; should it meet another value later, that one is the name's.
                env[key] = self._unread_skip(sides) if key == SKIP else ABSENT
                continue
            name = _FLAG_NAMES.get(key, "") if key[0] in "%." else key
            missing: list[Value] = [self.context.heap.missing(key, side.env) for side in sides]
            if key.startswith("%defaults"):
                # The defaults of a function that was made in one branch are there wherever the function is.
                missing = [self.base.firsts.get(key, ABSENT)] * 2
            if key in self.context.objects.containers:
                missing = [self.base.firsts.get(key, ABSENT)] * 2
            token = self.context.objects.tokens.get(key)
            if token is not None:
                # An array that was made in one branch contains nothing in the other.
                missing = [ABSENT if other.region.defines(token) else token for other in (b, a)]
                name = token.name
            elif key in self.context.heap.slots:
                name = self.context.heap.label(key)
            x = ABSENT if a.dead else a.env.get(key, missing[0])
            y = ABSENT if b.dead else b.env.get(key, missing[1])
            env[key] = meet(x, y, combine, where, joining)
        self.env = env
        self.builder.branch(outs, test, (a.region, yields[0]), (b.region, yields[1]), where)
        if a.dead and b.dead:
            raise Unreachable

    def _unify(self, left: dict[str, Value], right: dict[str, Value], live: Names | None) -> None:
        """Let the two sides hold the same objects, and drop those that nothing leads to."""
        unifier = heap.Unifier(self, left, right)
        for key in [*left, *right]:
            x, y = (env.get(key, self.context.heap.missing(key, env)) for env in (left, right))
            if x is not y and self.is_live(key, live):
                one, other = unifier.pair(x, y)
                if one is not x or other is not y:
                    left[key], right[key] = one, other
        for env in (left, right):
            heap.drop_unreachable(self, env, [key for key in env if self.is_live(key, live)])

    def _side(self, side: Side, looked: list[Container]) -> grown.Side:
        """Return how lists are looked at, and made, at the end of a branch."""

        def at_end(steps: Callable[..., Any]) -> Callable[..., Any]:
            def run(*args: Any) -> Any:
                around, self.env = self.env, side.env
                try:
                    with self.builder.region(side.region):
                        return steps(*args)
                finally:
                    self.env = around

            return run

        def look(container: Container) -> Value:
            container.outside = container.outside or "a list that has grown"
            looked.append(container)
            return seen(self, container)

        return at_end(look), at_end(grown.made_in(self))

    def _inside(self, side: Side, operand: Operand) -> Operand:
        """Return what an array contains at the end of a branch."""
        if side.dead or not memory.is_array(operand):
            return operand
        around, self.env = self.env, side.env
        with self.builder.region(side.region):
            value: Operand = memory.now(self, operand)
        self.env = around
        return value

    @staticmethod
    def _unread_skip(sides: Sequence[Side]) -> Value:
        """Return the flag where no statement follows that it could skip: only its constant values mean something."""
        flags = [side.env[SKIP] for side in sides if not side.dead]
        return flags[0] if flags and all(flag == flags[0] for flag in flags) else ABSENT


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


_FOLDED = (int, bool)
_FOLDABLE: frozenset[Callable[..., Any]] = frozenset(
    [
        *(operator.add, operator.sub, operator.mul, operator.floordiv, operator.mod, operator.pow),
        *(operator.neg, operator.pos, operator.invert, operator.not_),
        *(operator.and_, operator.or_, operator.xor),
        *(operator.lt, operator.le, operator.eq, operator.ne, operator.gt, operator.ge),
        *(abs, min, max, int, bool),
    ]
)


def _folded(fn: Callable[..., Any], args: Sequence[Operand]) -> Lit | None:
    """Return the result for integer constants, or None where it is to be computed at run time."""
    if not all(isinstance(arg, Lit) for arg in args) or fn not in _FOLDABLE:
        return None
    values = [arg.value for arg in args]  # type: ignore[union-attr]
    if fn in (operator.neg, operator.pos) and type(values[0]) in (int, float, complex):
        return Lit(fn(*values))
    if not all(type(value) in _FOLDED and -_BIG < value < _BIG for value in values):
        return None
    if fn is operator.pow and not 0 <= values[1] < 64:
        return None
    try:
        result = fn(*values)
    except ArithmeticError:
        return None
    return Lit(result) if type(result) in _FOLDED else None


_BIG = 1 << 64


def _is_negative(operand: Operand) -> bool:
    return isinstance(operand, Lit) and isinstance(operand.kind, Scalar) and operand.kind == INT and operand.value < 0


def _text_of(exception: Callable[..., Any], args: Sequence[Operand]) -> Operand:
    """Return the text of an exception: that of its argument, which a `KeyError` quotes."""
    if len(args) == 1 and not (exception is KeyError and isinstance(args[0], Var)):
        value = args[0]
        return Lit(repr(value.value)) if exception is KeyError and isinstance(value, Lit) else value
    return Lit("" if not args else str(exception(*(getattr(arg, "value", "...") for arg in args))))
