"""Lowering of `try`: an exception that is caught becomes a jump to its handler.

What the block raises itself (`raise`, `assert`, a missing key) is known when lowering.  Of an operation that may fail
when it runs (`1 / x`, `math.log`, `np.linalg.cholesky`), it is tested first whether it would (`runtime.fails`): the
statement is lowered again on the path where it does not.  A function that is called in the block catches the same
exceptions, and returns an `Outcome`: which it was, or the value; the statement is lowered again with that value.  What
stands after a block that an exception leaves for good (`finally`) is not run: the derivative ends with that exception.
"""

from __future__ import annotations

import contextlib
import functools
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, NoReturn

import gast

from ast_ad.frontend.contexts import Manager, finally_
from ast_ad.frontend.expressions import expression
from ast_ad.frontend.frame import Frame
from ast_ad.frontend.handlers import HANDLERS
from ast_ad.frontend.jumps import FALSE, GO, NO_JUMP, RESULT, SKIP, TRUE, Thrown
from ast_ad.frontend.names import bind_name
from ast_ad.frontend.scope import NONE, Names
from ast_ad.frontend.statements import COMPOUND, leave, resume, run_statements
from ast_ad.frontend.trials import (
    AGAIN,
    Classes,
    Halted,
    Jump,
    Outcome,
    Trial,
    failures,
    note_names,
    opened,
    refuse_middle,
)
from ast_ad.frontend.values import ABSENT, UNBOUND, Known, Raised, Value
from ast_ad.ir.nodes import Form, Function, Lit, Operand, Raise, walk
from ast_ad.runtime import fails, failure
from ast_ad.trees import LEAF, TupleTree


@dataclass
class Attempt:
    """A block whose exceptions are caught.

    Attributes
    ----------
    loop
        The loop around it.
    handlers
        What each handler catches.
    keys
        The names under which the environment says whether a handler is jumped to.
    """

    frame: Frame
    loop: Any
    handlers: list[Classes]
    keys: list[str]

    @property
    def names(self) -> list[str]:
        """All that the environment has of it."""
        return [*self.keys, *(f"{key}:error" for key in self.keys)]

    def catches(self, exception: Any) -> int | None:
        """Return the handler that catches exceptions of a class."""
        if not isinstance(exception, type):
            return None
        return next((i for i, classes in enumerate(self.handlers) if issubclass(exception, classes)), None)

    def jump(self, node: Any, handler: int, raised: Raised) -> NoReturn:
        """Record a jump to a handler, and leave what is being lowered."""
        self.frame.env[self.keys[handler]] = TRUE
        self.frame.env[f"{self.keys[handler]}:error"] = raised
        self.go_on()
        raise Thrown

    def go_on(self) -> None:
        """Go on with a jump, which ends the loops between."""
        self.frame.env[SKIP] = TRUE
        if self.frame.loop is not self.loop:
            self.frame.env[GO] = FALSE

    def watch(self, node: Any, fn: Callable[..., Any], args: Sequence[Operand], form: Form | None) -> None:
        """Test whether an operation that is about to be written would fail, if that is caught here."""
        frame = self.frame
        handlers = [i for each in failures(fn, args) if (i := self.catches(each)) is not None]
        if not handlers:
            return
        trial = frame.trial
        if trial.has_next:
            trial.next()
            return
        handler = min(handlers)
        classes = [Lit(each) for each in self.handlers[handler]]
        trees = (LEAF,) * len(args) if form is None else form.args
        whole = Form((TupleTree((LEAF,) * len(classes)), LEAF, *trees), () if form is None else form.kwargs)
        operands = (*classes, Lit(fn), *args)
        (test,) = frame.builder.ops(fails, operands, form=whole, where=frame.where(node))

        def jump() -> NoReturn:
            (message,) = frame.builder.ops(failure, operands, form=whole, where=frame.where(node))
            self.jump(node, handler, Raised(self.handlers[handler][0], (message,), message))

        start = len(frame.builder.open_region.statements)
        raise Halted(trial, frame.builder.open_region, start, [(test, jump)])

    def called(self, node: Any, call: Callable[[], Value]) -> Value:
        """Lower a call whose exceptions are caught here, or by an attempt around this one."""
        frame, trial = self.frame, self.frame.trial
        if trial.has_next:
            known = trial.next()
            return call().value if known is AGAIN else known
        region = frame.builder.open_region
        start, before = len(region.statements), dict(frame.env)
        outcome = call()
        places = [(each, i) for each in reversed(frame.attempts) for i in range(len(each.handlers))]
        jumps: list[tuple[Operand, Callable[[], NoReturn]]] = [
            (flag, functools.partial(attempt.jump, node, i, raised))
            for flag, raised, (attempt, i) in zip(outcome.caught, outcome.raised, places)
            if flag != FALSE
        ]
        if not jumps:
            trial.note(AGAIN)
            return outcome.value
        if jumps[0][0] == TRUE:
            jumps[0][1]()
        raise Halted(trial, region, start, jumps, node, before, outcome.value)

    def lowered(self, statement: Any, rest: Sequence[Any], live: Names, lower: Callable[[], bool]) -> bool:
        """Lower a statement of the block; tell whether `rest`, what follows it there, has been lowered as well."""
        frame = self.frame
        region, before = frame.builder.open_region, dict(frame.env)
        length, defined = len(region.statements), set(region.defined)
        around = frame.trial
        trial = frame.trial = Trial(frame.tested.pop(id(statement), ()))
        try:
            done = lower()
        except Thrown:
            return False
        except Halted as found:
            if found.trial is not trial:
                raise
            if found.region is not region:
                branched = opened(statement)
                if branched is None:
                    refuse_middle(frame, statement)
                note_names(frame, statement, branched)
                del region.statements[length:]
                region.defined = defined
                frame.env = before
                run_statements(frame, [branched, *rest], live)
                return True
            frame.env = found.restarted(frame, statement, before, region.statements[length : found.start])

            results = (*trial.results, found.value)

            def again() -> None:
                frame.tested[id(statement)] = results
                run_statements(frame, [statement, *rest], live)

            self._branched(statement, found.jumps, again, live)
            return True
        finally:
            frame.trial = around
        skip = frame.env[SKIP]
        if not isinstance(skip, Lit) and skip is not before[SKIP] and not isinstance(statement, _MAY_JUMP):
            refuse_middle(frame, statement)
        return done

    def _branched(self, statement: Any, jumps: Sequence[Jump], rest: Callable[[], None], live: Names) -> None:
        """Lower jumps, each with the operand that says whether it is made, and `rest` where none is."""
        if not jumps:
            rest()
            return
        (test, jump), *others = jumps
        onward = functools.partial(self._branched, statement, others, rest, live)
        self.frame.branch(statement, test, jump, onward, live)

    def refuse_raised(self, node: Any, function: Function) -> None:
        """Refuse a call of a function that raises what is caught here."""
        for each in walk(function.body):
            if isinstance(each, Raise) and self.catches(each.fn) is not None:
                self.frame.refuse(
                    node,
                    f"an exception that `{function.name}` raises is caught here",
                    f"let `{function.name}` return what says so, such as None, or catch it there",
                )


_MAY_JUMP = (gast.If, gast.For, gast.While, gast.Match, gast.With, gast.Try, gast.Assert)


def _try(frame: Frame, node: gast.Try, after: Names, rest: tuple[Callable[[], None], Names]) -> bool:
    """Lower a `try`; what follows it is never lowered here."""
    live = after | frame.scope.kept | {SKIP}
    handlers = [_handler(frame, each) for each in node.handlers]

    def otherwise() -> None:
        if frame.env[SKIP] == FALSE:
            run_statements(frame, node.orelse, live)
        elif frame.env[SKIP] != TRUE and node.orelse:
            resume(frame, node, lambda: run_statements(frame, node.orelse, live), live)

    inside = live | frame.scope.live_after[id(node.body[-1])]
    attempt(frame, node, lambda: run_statements(frame, node.body, inside), handlers, otherwise, live)
    if node.finalbody:
        finally_(frame, node, lambda: run_statements(frame, node.finalbody, after))
    return False


Handler = tuple[Classes, Callable[[Raised], None]]


def _handler(frame: Frame, node: Any) -> Handler:
    def run(raised: Raised) -> None:
        if node.name is not None:
            bind_name(frame, node.name.id, raised)
        frame.handling.append(raised)
        run_statements(frame, node.body, frame.scope.kept | frame.scope.live_after[id(node.body[-1])] | {SKIP})
        frame.handling.pop()
        if node.name is not None:
            frame.env[node.name.id] = UNBOUND

    return _classes(frame, node), run


def _classes(frame: Frame, node: Any) -> Classes:
    if node.type is None:
        return (BaseException,)
    value = expression(frame, node.type)
    found = tuple(each.value for each in (value if isinstance(value, tuple) else (value,)) if isinstance(each, Known))
    if not found or not all(isinstance(each, type) and issubclass(each, BaseException) for each in found):
        frame.refuse(node.type, "what is caught has to be an exception class", "name the class")
    return found


def outcome(frame: Frame, statements: Sequence[Any]) -> Value:
    """Lower the body of a function whose caller catches what it raises; return its `Outcome`."""
    count = len(frame.catches)

    def leave_by(handler: int) -> Callable[[Raised], None]:
        return lambda raised: leave(frame, Outcome.of(count, ABSENT, handler, raised))

    def otherwise() -> None:
        frame.env[RESULT] = Outcome.of(count, frame.env[RESULT])

    handlers = [(classes, leave_by(i)) for i, classes in enumerate(frame.catches)]
    attempt(frame, frame.node, lambda: run_statements(frame, statements, NONE), handlers, otherwise, NONE)
    return frame.env[RESULT]


def attempt(
    frame: Frame,
    node: Any,
    block: Callable[[], None],
    handlers: list[Handler],
    otherwise: Callable[[], None],
    after: Names,
) -> None:
    """Lower a block, the handlers of what it raises, and what is done where it raises nothing."""
    if not handlers:
        block()
        otherwise()
        return
    keys = [f"%caught:{node.lineno}:{node.col_offset}:{i}" for i in range(len(handlers))]
    frame.env.update(dict.fromkeys(keys, FALSE))
    frame.env.update(dict.fromkeys([f"{key}:error" for key in keys], ABSENT))
    frame.attempts.append(Attempt(frame, frame.loop, [classes for classes, _ in handlers], keys))
    try:
        block()
    finally:
        frame.attempts.pop()
    caught = [frame.env.pop(key) for key in keys]
    raised = [frame.env.pop(f"{key}:error", ABSENT) for key in keys]

    def chain(i: int) -> None:
        if i == len(handlers):
            otherwise()
            return
        flag = caught[i]

        def run() -> None:
            frame.env.update({**NO_JUMP, RESULT: ABSENT})
            handlers[i][1](raised[i])

        def onward() -> None:
            if frame.env[SKIP] is flag:
                frame.env.update({SKIP: FALSE, GO: TRUE})
            chain(i + 1)

        if flag == TRUE:
            run()
        elif flag == FALSE:
            onward()
        else:
            frame.branch(node, flag, run, onward, after)

    chain(0)


# Contexts that catch.


class Suppressing(Manager):
    """What `contextlib.suppress` makes; its value are the classes."""

    def run(self, frame: Frame, node: Any, block: Callable[[Value], None], after: Names) -> None:
        """Lower the block; an exception of these classes ends it."""
        handler: Handler = tuple(each.value for each in self.value), lambda raised: None
        attempt(frame, node, lambda: block(Known(None)), [handler], lambda: None, after)


def _suppress(frame: Frame, node: Any, args: Sequence[Value], kwargs: Any) -> Value:
    return Suppressing(tuple(args))


HANDLERS[contextlib.suppress] = _suppress
COMPOUND[gast.Try] = _try
