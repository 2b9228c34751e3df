"""The state of lowering: a `Context` for the whole, a `Frame` for each function that is being lowered.

`Frame.env` maps names to abstract values (`ast_ad.frontend.values`).  Beside the user's names it holds a few of its
own (`ast_ad.frontend.jumps`), which start with ``%`` and meet at joins like all others.
"""

from __future__ import annotations

import contextlib
import operator
from collections.abc import Callable, Iterator, Sequence, Set
from typing import Any, NoReturn

import gast

from ast_ad.errors import KindError, UnsupportedSyntaxError
from ast_ad.frontend import memory, mixed_results, remedies
from ast_ad.frontend.asking import Asks
from ast_ad.frontend.context import Cellar, Context, Import, LoopState
from ast_ad.frontend.facts import Facts, present
from ast_ad.frontend.failing import Classes, failures
from ast_ad.frontend.folding import folded, is_negative
from ast_ad.frontend.joins import Join, Side
from ast_ad.frontend.jumps import NO_JUMP, RESULT, SKIP, Thrown, Unreachable
from ast_ad.frontend.paths import FreeInput, Path
from ast_ad.frontend.scope import FunctionNode, Names, scope_of
from ast_ad.frontend.source import Source
from ast_ad.frontend.values import ABSENT, Box, Container, Known, Raised, Value, as_number, is_operand
from ast_ad.frontend.wording import describe
from ast_ad.ir.build import Builder, Region
from ast_ad.ir.kinds import FLOAT, INT, STRING, Kind, Undefined
from ast_ad.ir.nodes import Form, Lit, Op, Operand, Var, Where
from ast_ad.rules.lengths import length_of
from ast_ad.rules.registry import infer
from ast_ad.trees import LEAF


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
    renamable
        The variables that get the name that the function first binds them to.
    leaves
        Those that its arguments, where they are containers or objects, are taken apart into.
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
    statement
        The statement that is lowered now.
    asks
        What is done with the items of the expression that is lowered next.
    is_on_a_path
        Whether what is lowered now is for one of several values that a name may hold.
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
        self.builder = Builder(infer, length_of, mixed_results.note)
        self.env: dict[str, Value] = {**NO_JUMP, RESULT: ABSENT}
        self.loop: LoopState | None = None
        self.imports: dict[Cellar | FreeInput, Import] = {}
        self.renamable: set[Var] = set()
        self.leaves: list[Var] = []
        self.params: list[Var] = []
        self.caller: Frame | None = None
        self.outer: Set[str] = frozenset()
        self.iterated: list[Container] = []
        self.unrolls = 0
        self.received: dict[Container, int] = {}
        self.arrived: list[tuple[Container, Value]] = []
        self.firsts: dict[str, Value] = {}
        self.statement: Any = None
        self.live_now: Names | None = None
        self.inner: dict[str, Value] = {}
        self.unnamed: list[Value] = []
        self.asks = Asks.MAYBE
        self.boxes: dict[str, Box] = {}
        self.attempts: list[Any] = []
        self.handling: list[tuple[Raised, Classes]] = []
        self.catches: tuple[tuple[type[BaseException], ...], ...] = ()
        self.tested: dict[int, tuple[Value, ...]] = {}
        self.trial: Any = None
        self.facts = Facts()
        self.general = False
        self.is_on_a_path = False
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

    @contextlib.contextmanager
    def on_a_path(self) -> Iterator[None]:
        """Know, within the ``with`` statement, that what is lowered is for one of several values alone."""
        before, self.is_on_a_path = self.is_on_a_path, True
        try:
            yield
        finally:
            self.is_on_a_path = before

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

    def misfit(self, node: gast.AST, message: str, help: str = "", raises: Exception | None = None) -> NoReturn:
        """Raise a `KindError` at a node; what Python `raises` there, where that is known, may be caught."""
        self.let_catch(node, raises)
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
            known = folded(fn, args)
            if known is not None:
                return known
            if fn in (operator.eq, operator.ne) and self.builder.is_one_number(*args):
                return Lit(fn is operator.eq)
        self._watch(node, fn, args, None)
        if kind is None and any(isinstance(each.kind, Undefined) for each in args):  # type: ignore[union-attr]
            kind = Undefined()  # of an item of a list that is empty so far: the next round knows more
        if fn is operator.pow and is_negative(args[1]) and args[0].kind == INT:  # type: ignore[union-attr]
            kind = FLOAT
        try:
            given = [memory.now(self, each) for each in args]
            out = self.builder.op(fn, given, kwargs, kind=kind, where=self.where(node))
        except TypeError as error:
            help = remedies.for_call(fn)
            raise KindError(str(error), help=help, where=self.where(node)) from error.__cause__
        self._note(args)
        mixed_results.check(self, node, out, args)
        return out

    def ops(self, node: gast.AST, fn: Callable[..., Any], operands: Sequence[Operand], form: Form | None) -> Value:
        """Append the call that `form` makes of operands; return its result, or a tuple where there are several."""
        if form is None and len(operands) < 3:
            known = folded(fn, operands)
            if known is not None:
                return known
        self._watch(node, fn, operands, form)
        try:
            outs = self.builder.ops(
                fn, [memory.now(self, each) for each in operands], form=form, where=self.where(node)
            )
        except TypeError as error:
            help = remedies.for_call(fn)
            raise KindError(str(error), help=help, where=self.where(node)) from error.__cause__
        self._note(operands)
        for out in outs:
            mixed_results.check(self, node, out, operands)
        return outs[0] if len(outs) == 1 else outs

    def _watch(self, node: gast.AST, fn: Callable[..., Any], args: Sequence[Operand], form: Form | None) -> None:
        if not self.attempts:
            return
        operands = [memory.now(self, arg) for arg in args]
        possible = failures(fn, operands)
        for attempt in reversed(self.attempts):
            possible = attempt.watch(node, fn, operands, form, possible)

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

    @property
    def is_conditional(self) -> bool:
        """Whether what is lowered here may not run: it stands in a branch or a loop, or is called in one."""
        return self.builder.is_inside or (self.caller is not None and self.caller.is_conditional)

    def let_catch(self, node: gast.AST, raises: Exception | None) -> None:
        """Raise what Python raises at a node, if that is caught, or is so for one of several values alone."""
        if raises is not None and (self.is_on_a_path or self.is_caught(type(raises))):
            self.fail(node, type(raises), *map(Lit, raises.args))

    def is_caught(self, exception: type[BaseException]) -> bool:
        """Tell whether an exception that is raised here is caught."""
        return any(attempt.catches(exception) is not None for attempt in self.attempts)

    def operand(self, node: gast.AST, value: Value) -> Operand:
        """Return an abstract value as an operand, or refuse it."""
        value = as_number(present(self, node, value))
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
                name = Known(self.context.name_of_exception(exception))
                attempt.jump(node, handler, Raised(name, args, self._text_of(node, exception, args)))
        self.leave_by(node, exception, args)

    def leave_by(
        self, node: gast.AST, exception: Callable[..., Any], args: Sequence[Operand], names: Sequence[str] = ()
    ) -> NoReturn:
        """Append a `Raise` that nothing catches, and leave the block; the last of its arguments have `names`."""
        own = len(args) - len(names)
        form = Form((LEAF,) * own, tuple([(name, LEAF) for name in names])) if names else None
        self.builder.fail(exception, [memory.now(self, arg) for arg in args], self.where(node), form)
        raise Unreachable

    def _text_of(self, node: gast.AST, exception: Callable[..., Any], args: Sequence[Operand]) -> Operand:
        """Return the text of an exception: that of its argument, which a `KeyError` quotes."""
        if len(args) == 1 and isinstance(args[0], Var):
            quoted = exception is KeyError
            if args[0].kind == STRING and not quoted:
                return args[0]
            return self.op(node, str.format, Lit("{!r}" if quoted else "{}"), args[0], kind=STRING)
        if getattr(exception, "__module__", "") != "builtins" and len(args) == 1 and isinstance(args[0], Lit):
            return Lit(str(args[0].value))  # one of a library's may be made of more than its text
        return Lit(str(exception(*(getattr(arg, "value", "...") for arg in args))))

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
        for steps, holds in ((then, True), (orelse, False)):
            self.env = dict(before)
            with self.builder.region(Region()) as region, self.facts.within(test, holds):
                dead = not self.completes(steps)
            sides.append(Side(region, self.env, dead))
        consumed = False
        if rest is not None and not any(side.dead for side in sides):
            jumped = [side.jumped for side in sides]
            if any(jumped):
                consumed = True
                if not all(jumped):
                    live = rest[1]
                    stays = jumped.index(False)
                    side = sides[stays]
                    self.env = side.env
                    with self.builder.region(side.region), self.facts.within(test, stays == 0):
                        side.dead = not self.completes(rest[0])
                    side.env = self.env
        self.env = before
        Join(self, node, test, (sides[0], sides[1]), live).run()
        return consumed
