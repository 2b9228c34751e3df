"""Parts of a statement that may fail, where that is caught: what they come to, and how the statement goes on.

An operation, or a call, that may fail unwinds lowering to its statement.  That is lowered again on the path where
nothing has failed; then what the part has come to is known.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, NoReturn

import gast

from ast_ad.frontend import memory
from ast_ad.frontend.frame import Frame
from ast_ad.frontend.jumps import FALSE, TRUE
from ast_ad.frontend.values import ABSENT, Value, is_operand
from ast_ad.ir.build import Region
from ast_ad.ir.nodes import If, Op, Operand, Raise, Statement
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

    @property
    def place(self) -> tuple[tuple[Value, ...], int]:
        """How far lowering has come."""
        return self.results, self.passed

    @place.setter
    def place(self, place: tuple[tuple[Value, ...], int]) -> None:
        self.results, self.passed = place

    def note(self, result: Value) -> None:
        """Remember what the part that is lowered now has come to."""
        self.results = (*self.results, result)
        self.passed += 1


AGAIN: Value = object()
"""Of a call that does not fail: it is lowered again, where the statement is."""


@dataclass(eq=False)
class InTheMiddle(Exception):
    """Unwinds lowering to the beginning of a statement that cannot go on where a part of it may fail.

    `test` is what decides whether it does, if that is the choice between several values.
    """

    frame: Frame
    statement: Any
    test: Operand | None = None


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
    ) -> tuple[dict[str, Value], dict[str, Value]] | None:
        """Return the environments of the jumps, and of the statement lowered again.

        What the first part, which has been `lowered`, has changed, a handler sees; the statement changes it again.
        None where that would do twice what is done once.
        """
        if not all(map(_repeatable, lowered)):
            return None
        after = frame.env
        if self.before is None:
            return after, before
        if not _differ(self.before, after):
            new = {key: value for key, value in after.items() if key not in self.before}
            return after, {**before, **new}
        if _differ(before, self.before) or not _is_first(frame, statement, self.node):
            return None
        return after, after


def _differ(before: dict[str, Value], after: dict[str, Value]) -> bool:
    """Tell whether what names hold, or arrays and objects contain, has changed from one environment to another."""
    return any(after.get(key) is not value for key, value in before.items())


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


def _repeatable(statement: Statement) -> bool:
    """Tell whether a statement may be run twice: it computes, or makes sure that something is so."""
    if isinstance(statement, If):
        inside = (*statement.then.statements, *statement.orelse.statements)
        return all(isinstance(each, Raise) or _repeatable(each) for each in inside)
    return isinstance(statement, Op) and not effects(statement.fn) - {"allocates"}
