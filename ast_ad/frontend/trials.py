"""Parts of a statement that may fail, where that is caught: what they come to, and how the statement goes on.

An operation, or a call, that may fail unwinds lowering to its statement.  That is lowered again on the path where
nothing has failed; then what the part has come to is known.
"""

from __future__ import annotations

import copy
import functools
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, NoReturn

import gast

from ast_ad.frontend import memory
from ast_ad.frontend.frame import Frame
from ast_ad.frontend.jumps import FALSE, TRUE
from ast_ad.frontend.values import ABSENT, Value, is_operand
from ast_ad.ir.build import Region
from ast_ad.ir.nodes import Op, Operand, Statement
from ast_ad.rules.registry import effects

Jump = tuple[Operand, Callable[[], NoReturn]]
"""A jump to a handler, and the operand that says whether it is made."""


class Outcome(NamedTuple):
    """What a call comes to whose exceptions are caught: for each handler, whether that is to run, and the exception."""

    caught: tuple[Operand, ...]
    raised: tuple[Value, ...]
    value: Value

    @classmethod
    def of(cls, count: int, value: Value, handler: int | None = None, raised: Value = ABSENT) -> Outcome:
        """Return the outcome that is a value, or an exception for a handler."""
        caught = tuple(TRUE if i == handler else FALSE for i in range(count))
        return cls(caught, tuple(raised if i == handler else ABSENT for i in range(count)), value)


@dataclass(eq=False)
class Trial:
    """One lowering of a statement that may fail: what its parts that may have come to so far, in their order.

    Of an operation it is known that it does not fail, of a call the value, or `AGAIN`.
    """

    results: tuple[Value, ...]
    passed: int = 0

    @property
    def has_next(self) -> bool:
        """Whether the next part that may fail has been lowered before."""
        return self.passed < len(self.results)

    def next(self) -> Value:
        """Return what that has come to."""
        self.passed += 1
        return self.results[self.passed - 1]

    def note(self, result: Value) -> None:
        """Remember what the part that is lowered now has come to."""
        self.results = (*self.results, result)
        self.passed += 1


AGAIN: Value = object()
"""Of a call that does not fail: it is lowered again, where the statement is."""


@dataclass(eq=False)
class Halted(Exception):
    """Unwinds lowering to the statement that a part of may fail.

    Attributes
    ----------
    trial
        That lowering of the statement.
    region, start
        Where the code of this part begins.
    jumps
        The jumps to handlers, each with the operand that says whether it is made.
    node
        For a call: its syntax.
    before
        The environment before the call.
    value
        What it comes to where no jump is made.
    """

    trial: Trial
    region: Region
    start: int
    jumps: list[Jump]
    node: Any = None
    before: dict[str, Value] | None = None
    value: Value = None

    def restarted(
        self, frame: Frame, statement: Any, before: dict[str, Value], lowered: Sequence[Statement]
    ) -> dict[str, Value]:
        """Return the environment in which the statement is lowered again, whose first part has been `lowered`."""
        if not all(map(_repeatable, lowered)):
            frame.refuse(statement, "a statement with effects may fail, and that is caught", "split the statement")
        if self.before is None:
            return before
        after = frame.env
        changed = any(after.get(key) is not value for key, value in self.before.items())
        if not changed:
            new = {key: value for key, value in after.items() if key not in self.before}
            return {**before, **new}
        if not _is_first(frame, statement, self.node):
            frame.refuse(
                statement,
                "an exception is caught here, and the function that may raise it changes what it gets",
                "make a statement of its own of the call",
            )
        return after


def _is_first(frame: Frame, statement: Any, node: Any) -> bool:
    """Tell whether what a statement evaluates before a call is the same after it: numbers that names hold."""
    if isinstance(statement, gast.AugAssign) and not isinstance(statement.target, gast.Name):
        return False
    part = next((getattr(statement, name) for name in ("value", "test", "iter") if hasattr(statement, name)), None)
    pending = [part]
    while pending:
        each = pending.pop()
        if isinstance(each, gast.Name):
            value = frame.env.get(each.id)
            if each.id in frame.scope.rebound or not is_operand(value) or memory.is_array(value):
                return False
        elif isinstance(each, (gast.BinOp, gast.UnaryOp, gast.Compare)):
            pending += [child for child in gast.iter_child_nodes(each) if isinstance(child, gast.expr)]
        elif each is not node and not isinstance(each, gast.Constant):
            return False
    return True


@functools.lru_cache(maxsize=4096)
def opened(statement: Any) -> Any:
    """Return a statement that does the same, and has a branch in the place of a condition; None if there is none."""
    made: Any = None
    if isinstance(getattr(statement, "value", None), gast.IfExp):
        sides = [copy.copy(statement), copy.copy(statement)]
        sides[0].value, sides[1].value = statement.value.body, statement.value.orelse
        made = gast.If(statement.value.test, sides[:1], sides[1:])
    elif isinstance(statement, gast.While) and not statement.orelse:
        onward, leave = gast.Pass(), gast.Break()
        check = gast.If(statement.test, [onward], [leave])
        made = gast.While(gast.Constant(True, None), [check, *statement.body], [])
        for each in (onward, leave, check):
            gast.copy_location(each, statement.test)
        gast.copy_location(made.test, statement.test)
    return None if made is None else gast.copy_location(made, statement)


def note_names(frame: Frame, statement: Any, opened: Any) -> None:
    """Say which names are read after the parts of a statement that was opened."""
    scope = frame.scope
    scope.live_after[id(opened)] = after = scope.live_after[id(statement)]
    parts = [*opened.body, *opened.orelse]
    if isinstance(opened, gast.While):
        scope.live_at_head[id(opened)] = head = scope.live_at_head[id(statement)]
        scope.live_at_exit[id(opened)] = scope.live_at_exit[id(statement)]
        after |= head
        parts = [opened.body[0], *opened.body[0].body, *opened.body[0].orelse]
    for each in parts:
        scope.live_after[id(each)] = after


def _repeatable(statement: Statement) -> bool:
    return isinstance(statement, Op) and not effects(statement.fn) - {"allocates"}


def refuse_middle(frame: Frame, statement: Any) -> NoReturn:
    frame.refuse(
        statement,
        "an exception in the middle of a statement is caught",
        "make a statement of its own of what may fail",
    )
