"""Lowering of `try`: an exception that is caught becomes a jump to its handler.

What the block raises itself (`raise`, `assert`, a missing key) is known when lowering.  Of an operation that may fail
when it runs (`1 / x`, `math.log`, `np.linalg.cholesky`), it is tested first whether it would (`runtime.fails`): the
statement is lowered again on the path where it does not.  What stands after a block that an exception leaves for good
(`finally`) is not run: the derivative ends with that exception.
"""

from __future__ import annotations

import contextlib
import functools
import operator
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, NoReturn

import gast
import numpy as np

from ast_ad.frontend.contexts import Manager, finally_
from ast_ad.frontend.expressions import expression
from ast_ad.frontend.frame import FALSE, GO, NO_JUMP, RESULT, SKIP, TRUE, Frame, Thrown
from ast_ad.frontend.handlers import HANDLERS
from ast_ad.frontend.names import bind_name
from ast_ad.frontend.scope import Names
from ast_ad.frontend.statements import COMPOUND, resume, run_statements
from ast_ad.frontend.values import ABSENT, UNBOUND, Known, Raised, Value
from ast_ad.ir.kinds import Array, Scalar
from ast_ad.ir.nodes import Form, Function, Lit, Op, Operand, Raise, Statement, Var, walk
from ast_ad.rules.registry import effects
from ast_ad.runtime import fails, failure
from ast_ad.trees import LEAF, TupleTree

Classes = tuple[type[BaseException], ...]


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

    def catches(self, exception: Any) -> int | None:
        """Return the handler that catches exceptions of a class."""
        if not isinstance(exception, type):
            return None
        return next((i for i, classes in enumerate(self.handlers) if issubclass(exception, classes)), None)

    def jump(self, node: Any, handler: int, raised: Raised) -> NoReturn:
        """Record a jump to a handler, and leave what is being lowered."""
        frame = self.frame
        if frame.loop is not self.loop:
            frame.refuse(
                node,
                "an exception leaves a loop, and is caught outside of it",
                "put the `try` into the loop, or leave the loop with `break`",
            )
        frame.env[self.keys[handler]] = TRUE
        frame.env[f"{self.keys[handler]}:error"] = raised
        frame.env[SKIP] = TRUE
        raise Thrown

    def watch(self, node: Any, fn: Callable[..., Any], args: Sequence[Operand], form: Form | None) -> None:
        """Test whether an operation that is about to be written would fail, if that is caught here."""
        frame = self.frame
        handlers = [i for each in _failures(fn, args) if (i := self.catches(each)) is not None]
        if not handlers:
            return
        trial = frame.trial
        if trial.passed < trial.tested:
            trial.passed += 1
            return
        handler = min(handlers)
        classes = [Lit(each) for each in self.handlers[handler]]
        trees = (LEAF,) * len(args) if form is None else form.args
        whole = Form((TupleTree((LEAF,) * len(classes)), LEAF, *trees), () if form is None else form.kwargs)
        operands = (*classes, Lit(fn), *args)
        (test,) = frame.builder.ops(fails, operands, form=whole, where=frame.where(node))
        raise Fails(self, handler, test, operands, whole, trial)

    def lowered(self, statement: Any, rest: Sequence[Any], live: Names, lower: Callable[[], bool]) -> bool:
        """Lower a statement of the block; tell whether `rest`, what follows it there, has been lowered as well."""
        frame = self.frame
        region, before = frame.builder.open_region, dict(frame.env)
        length = len(region.statements)
        around = frame.trial
        trial = frame.trial = Trial(frame.tested.pop(id(statement), 0))
        try:
            done = lower()
        except Thrown:
            return False
        except Fails as found:
            if found.trial is not trial:
                raise
            if not all(map(_repeatable, region.statements[length:])):
                frame.refuse(statement, "a statement with effects may fail, and that is caught", "split the statement")
            frame.env = before

            def again() -> None:
                frame.tested[id(statement)] = trial.tested + 1
                run_statements(frame, [statement, *rest], live)

            jump = functools.partial(found.jump, frame, statement)
            frame.branch(statement, found.test, jump, lambda: None, live, (again, live))
            return True
        finally:
            frame.trial = around
        skip = frame.env[SKIP]
        if not isinstance(skip, Lit) and skip is not before[SKIP] and not isinstance(statement, _MAY_JUMP):
            frame.refuse(
                statement,
                "an exception in the middle of a statement is caught",
                "make a statement of its own of what may fail",
            )
        return done

    def refuse_raised(self, node: Any, function: Function) -> None:
        """Refuse a call of a function that raises what is caught here."""
        for each in walk(function.body):
            if isinstance(each, Raise) and self.catches(each.fn) is not None:
                self.frame.refuse(
                    node,
                    f"an exception that `{function.name}` raises is caught here",
                    f"let `{function.name}` return what says so, such as None, or catch it there",
                )


@dataclass(eq=False)
class Trial:
    """One lowering of a statement that may fail: of how many operations it is tested that they do not."""

    tested: int
    passed: int = 0


@dataclass
class Fails(Exception):
    """Unwinds lowering to the statement in which an operation may fail."""

    attempt: Attempt
    handler: int
    test: Operand
    operands: tuple[Operand, ...]
    form: Form
    trial: Trial

    def jump(self, frame: Frame, node: Any) -> None:
        """Jump to the handler, with the exception."""
        (message,) = frame.builder.ops(failure, self.operands, form=self.form, where=frame.where(node))
        self.attempt.jump(node, self.handler, Raised(self.attempt.handlers[self.handler][0], (message,), message))


def _failures(fn: Callable[..., Any], args: Sequence[Operand]) -> Classes:
    """Return what an operation may raise."""
    kinds = [arg.kind for arg in args if isinstance(arg, (Var, Lit))]
    if fn in _DIVISIONS or fn is operator.pow:
        python = not any(isinstance(kind, Array) or (isinstance(kind, Scalar) and kind.numpy) for kind in kinds)
        known = fn in _DIVISIONS and isinstance(args[1], Lit) and args[1].value != 0
        return (ZeroDivisionError, OverflowError) if python and not known else ()
    if fn in (int, float, complex):
        return ValueError, OverflowError
    if fn is operator.getitem and any(isinstance(kind, Array) for kind in kinds):
        return (IndexError,)
    module = getattr(fn, "__module__", None) or ""
    if module in ("math", "cmath"):
        return ValueError, OverflowError
    if module.startswith("numpy.linalg"):
        return (np.linalg.LinAlgError,)
    return ()


_DIVISIONS = (operator.truediv, operator.floordiv, operator.mod)


_MAY_JUMP = (gast.If, gast.For, gast.While, gast.Match, gast.With, gast.Try, gast.Assert)


def _repeatable(statement: Statement) -> bool:
    return isinstance(statement, Op) and not effects(statement.fn) - {"allocates"}


def _try(frame: Frame, node: gast.Try, after: Names, rest: tuple[Callable[[], None], Names]) -> bool:
    """Lower a `try`; what follows it is never lowered here."""
    live = after | frame.scope.kept | {SKIP}
    handlers = [_handler(frame, each) for each in node.handlers]

    def otherwise() -> None:
        if frame.env[SKIP] == FALSE:
            run_statements(frame, node.orelse, live)
        elif frame.env[SKIP] != TRUE and node.orelse:
            resume(frame, node, lambda: run_statements(frame, node.orelse, live), live)

    attempt(frame, node, lambda: run_statements(frame, node.body, live), handlers, otherwise, live)
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
