"""Values that may be None: what the tests around a statement have decided, and where they must not be."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from ast_ad.frontend.values import Either, Optional, Value
from ast_ad.ir.nodes import Lit, Operand, Var

if TYPE_CHECKING:
    from ast_ad.frontend.frame import Frame

Fact = tuple[Operand, bool]


class Facts:
    """The tests whose outcome is known where lowering stands, and what follows from the outcomes of others."""

    def __init__(self) -> None:
        self._held: dict[Operand, bool] = {}
        self._implied: dict[Fact, tuple[Fact, ...]] = {}

    def note(self, test: Any, holds: bool, *facts: Fact) -> None:
        """Note what follows where a test has this outcome."""
        if isinstance(test, Var):
            self._implied[test, holds] = facts

    @contextmanager
    def within(self, test: Operand, holds: bool) -> Iterator[None]:
        """Know that a test has this outcome, and what follows from that, within the ``with`` statement."""
        before, pending = self._held, [(test, holds)]
        self._held = dict(before)
        while pending:
            known, outcome = fact = pending.pop()
            if self._held.get(known) is not outcome:
                self._held[known] = outcome
                pending += self._implied.get(fact, ())
        try:
            yield
        finally:
            self._held = before

    def outcome(self, test: Operand) -> bool | None:
        """Return the outcome of a test; None if it is not known."""
        return self._held.get(test)

    def narrowed(self, value: Value) -> Value:
        """Return a value that a test has decided not to be None without saying that it may be."""
        while isinstance(value, Either) and (first := self._held.get(value.which)) is not None:
            value = value.first if first else value.second
        return value.value if isinstance(value, Optional) and self._held.get(value.present) else value


def present(frame: Frame, node: Any, value: Value, message: str = "None is used where a value is needed") -> Value:
    """Return a value that is there: where it may be None, that fails as it does in Python."""
    if not isinstance(value, Optional):
        return value

    def fail() -> None:
        frame.fail(node, TypeError, Lit(message))

    frame.branch(node, value.present, lambda: None, fail, None)
    return value.value
