"""Lowering of `try`: an exception that is caught becomes a jump to its handler.

What the block raises itself (`raise`, `assert`, a missing key) is known when lowering.  Of an operation that may fail
when it runs (`1 / x`, `math.log`, `np.linalg.cholesky`), it is tested first whether it would (`runtime.fails`): the
statement is lowered again on the path where it does not.  A function that is called in the block catches the same
exceptions, and returns an `Outcome`: which it was, or the value; the statement is lowered again with that value.  What
stands after a block that an exception leaves for good (`finally`) is not run, unless it may end in another way: the
derivative ends with that exception.
"""

from __future__ import annotations

import functools
import operator
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, NoReturn

import gast

from ast_ad.frontend import raised
from ast_ad.frontend.choices import choice
from ast_ad.frontend.expressions import expression
from ast_ad.frontend.failing import Classes
from ast_ad.frontend.frame import Frame
from ast_ad.frontend.jumps import BROKE, FALSE, GO, NO_JUMP, RESULT, RETURNED, SKIP, TRUE, Thrown
from ast_ad.frontend.names import bind_name
from ast_ad.frontend.opening import opened
from ast_ad.frontend.scope import NONE, Names, jumps_in, own_nodes
from ast_ad.frontend.statements import COMPOUND, leave, resume, run_statements
from ast_ad.frontend.trials import (
    AGAIN,
    Halted,
    InTheMiddle,
    Jump,
    Outcome,
    Trial,
)
from ast_ad.frontend.values import ABSENT, UNBOUND, Known, Optional, Raised, Value, parts
from ast_ad.ir.nodes import Form, Function, Lit, Operand, Raise, walk
from ast_ad.runtime import fails, failure, failure_name
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

    def jump(self, node: Any, handler: int, error: Raised) -> NoReturn:
        """Record a jump to a handler, and leave what is being lowered."""
        self.frame.env[self.keys[handler]] = TRUE
        self.frame.env[f"{self.keys[handler]}:error"] = error
        self.go_on()
        raise Thrown

    def go_on(self) -> None:
        """Go on with a jump, which ends the loops between."""
        self.frame.env[SKIP] = TRUE
        if self.frame.loop is not self.loop:
            self.frame.env[GO] = FALSE

    def watch(
        self, node: Any, fn: Callable[..., Any], args: Sequence[Operand], form: Form | None, possible: Classes
    ) -> Classes:
        """Test whether an operation that is about to be written would fail, if that is caught here.

        `possible` is what it may raise; what of that is not caught here is returned.
        """
        frame = self.frame
        caught: dict[int, list[type[BaseException]]] = {}
        for each in possible:
            if (handler := self.catches(each)) is not None:
                caught.setdefault(handler, []).append(each)
        if not caught:
            return possible
        trial = frame.trial
        if trial.has_next:
            trial.next()
            return tuple(each for each in possible if self.catches(each) is None)
        jumps = [self._failing(node, i, caught[i], fn, args, form) for i in sorted(caught)]
        raise Halted(trial, frame.builder.open_region, len(frame.builder.open_region.statements), jumps)

    def _failing(
        self,
        node: Any,
        handler: int,
        caught: Sequence[type[BaseException]],
        fn: Callable[..., Any],
        args: Sequence[Operand],
        form: Form | None,
    ) -> Jump:
        """Return the jump to a handler that an operation makes where it raises what that catches."""
        frame, where = self.frame, self.frame.where(node)
        everything = self.handlers[handler] == (BaseException,)
        classes = [Lit(each) for each in (caught if everything else self.handlers[handler])]
        trees = (LEAF,) * len(args) if form is None else form.args
        whole = Form((TupleTree((LEAF,) * len(classes)), LEAF, *trees), () if form is None else form.kwargs)
        operands = (*classes, Lit(fn), *args)
        (test,) = frame.builder.ops(fails, operands, form=whole, where=where)

        def jump() -> NoReturn:
            names = [frame.context.name_of_exception(each) for each in caught]
            name: Value = Known(names[0])
            if len(names) > 1:
                (name,) = frame.builder.ops(failure_name, operands, form=whole, where=where)
            (message,) = frame.builder.ops(failure, operands, form=whole, where=where)
            self.jump(node, handler, Raised(name, (message,), message))

        return test, jump

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
            (flag, functools.partial(attempt.jump, node, i, error))
            for flag, error, (attempt, i) in zip(outcome.caught, outcome.raised, places)
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
        tested = frame.tested.pop(id(statement), ())
        try:
            return self._tried(statement, rest, live, lower, tested)
        except InTheMiddle as found:
            if tested or found.frame is not frame or found.statement is not statement:
                raise
            test = found.test
        del region.statements[length:]
        region.defined = defined
        frame.env = before
        if test is not None and any(leaf is test for value in before.values() for leaf in parts(value)[0]):
            return self._of_each(statement, test, rest, live)
        run_statements(frame, [*opened(frame, statement), *rest], live)
        return True

    def _of_each(self, statement: Any, test: Operand, rest: Sequence[Any], live: Names) -> bool:
        """Lower a statement for each of two values, of which one makes it fail; tell whether `rest` has been, too."""
        frame = self.frame
        after = frame.scope.live_after.get(id(statement), NONE) | {SKIP}

        def steps() -> None:
            run_statements(frame, [statement], after)

        return frame.branch(statement, test, steps, steps, after, (lambda: run_statements(frame, rest, live), live))

    def _tried(
        self,
        statement: Any,
        rest: Sequence[Any],
        live: Names,
        lower: Callable[[], bool],
        tested: tuple[Value, ...],
    ) -> bool:
        """Lower a statement whose parts that may fail have come to `tested` so far; again, if one more may."""
        frame = self.frame
        region, before, start = frame.builder.open_region, dict(frame.env), len(frame.builder.open_region.statements)
        around, frame.trial = frame.trial, Trial(tested)
        trial = frame.trial
        try:
            done = lower()
        except Thrown:
            return False
        except Halted as halted:
            found = halted
        else:
            skip = frame.env[SKIP]
            if isinstance(skip, Lit) or skip is before[SKIP] or isinstance(statement, _MAY_JUMP):
                return done
            raise InTheMiddle(frame, statement)
        finally:
            frame.trial = around
        if found.trial is not trial:
            raise found
        environments = None
        if found.region is region:
            environments = found.restarted(frame, statement, before, region.statements[start : found.start])
        if environments is None:
            raise InTheMiddle(frame, statement)
        frame.env, afresh = environments

        def again() -> None:
            frame.env = dict(afresh)
            frame.tested[id(statement)] = (*trial.results, found.value)
            run_statements(frame, [statement, *rest], live)

        self._branched(statement, found.jumps, again, live)
        return True

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


ANYTHING: Classes = (BaseException,)
"""What is caught where something is to be done whatever happens."""


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

    def block() -> None:
        attempt(frame, node, lambda: run_statements(frame, node.body, inside), handlers, otherwise, live)

    def last(error: Value) -> Operand:
        run_statements(frame, node.finalbody, after | {SKIP})
        return FALSE

    if node.finalbody:
        finally_(frame, node, block, last, live, ends=ends(node.finalbody))
    else:
        block()
    return False


def ends(statements: Sequence[Any]) -> bool:
    """Tell whether statements of a `finally` may put something in the place of an exception."""
    jumps = (gast.Return, gast.Raise, gast.Assert)
    return any(jumps_in(statements)) or any(isinstance(each, jumps) for each in own_nodes(statements))


def finally_(
    frame: Frame,
    node: Any,
    block: Callable[[], None],
    last: Callable[[Value], Operand],
    live: Names,
    *,
    ends: bool,
) -> None:
    """Lower a block, and what is run last whatever jump or exception ends it; a jump that this makes takes its place.

    `last` gets the exception that leaves the block, None where there is none, and tells whether it ends there.  If it
    never does (`ends` is false), one that leaves the function for good may be passed over.
    """
    error: Value = Known(None)
    left: Operand = FALSE
    if ends:
        left, error = left_by(frame, node, block, live)
    else:
        block()
    jump = {key: frame.env[key] for key in (SKIP, GO, BROKE, RETURNED, RESULT)}
    frame.env.update({**NO_JUMP, RESULT: ABSENT})
    ended = last(error)

    def onward() -> None:
        frame.env.update(jump)
        going_on = left
        if ended != FALSE:
            going_on = choice(frame, node, left, lambda: frame.op(node, operator.not_, ended), lambda: FALSE)
        if going_on == FALSE:
            return
        thrown = error.value if isinstance(error, Optional) else error
        if going_on == TRUE:
            raised.again(frame, node, thrown)
        frame.branch(node, going_on, lambda: raised.again(frame, node, thrown), lambda: None, None)

    skip = frame.env[SKIP]
    if skip == FALSE:
        onward()
    elif skip != TRUE:
        frame.branch(node, skip, lambda: None, onward, None)


def left_by(frame: Frame, node: Any, block: Callable[[], None], live: Names) -> tuple[Operand, Value]:
    """Lower a block; return whether an exception leaves it, and that exception, or None."""
    key = f"%left:{len(frame.attempts)}:{node.lineno}:{node.col_offset}"
    frame.env[key] = Known(None)

    def store(error: Raised) -> None:
        frame.env[key] = error

    attempt(frame, node, block, [(ANYTHING, store)], lambda: None, live)
    error = frame.env.pop(key)
    if isinstance(error, Optional):
        return error.present, error
    return (FALSE if error == Known(None) else TRUE), error


Handler = tuple[Classes, Callable[[Raised], None]]


def _handler(frame: Frame, node: Any) -> Handler:
    classes = classes_of(frame, node)

    def run(error: Raised) -> None:
        if node.name is not None:
            bind_name(frame, node.name.id, error)
        frame.handling.append((error, classes))
        run_statements(frame, node.body, frame.scope.kept | frame.scope.live_after[id(node.body[-1])] | {SKIP})
        frame.handling.pop()
        if node.name is not None:
            frame.env[node.name.id] = UNBOUND

    return classes, run


def classes_of(frame: Frame, node: Any) -> Classes:
    """Return the classes of exceptions that a handler catches."""
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
        return lambda error: leave(frame, Outcome.of(count, ABSENT, handler, error))

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
    place = f"{len(frame.attempts)}:{node.lineno}:{node.col_offset}"
    keys = [f"%caught:{place}:{i}" for i in range(len(handlers))]
    frame.env.update(dict.fromkeys(keys, FALSE))
    frame.env.update(dict.fromkeys([f"{key}:error" for key in keys], ABSENT))
    frame.attempts.append(Attempt(frame, frame.loop, [classes for classes, _ in handlers], keys))
    try:
        block()
    finally:
        frame.attempts.pop()
    caught = [frame.env.pop(key) for key in keys]
    errors = [frame.env.pop(f"{key}:error", ABSENT) for key in keys]

    def chain(i: int) -> None:
        if i == len(handlers):
            otherwise()
            return
        flag = caught[i]

        def run() -> None:
            frame.env.update({**NO_JUMP, RESULT: ABSENT})
            handlers[i][1](errors[i])

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


COMPOUND[gast.Try] = _try
