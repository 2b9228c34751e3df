"""Where in the user's text an exception comes from that generated code raises.

The generated code has a traceback of its own.  Beside it belongs the line that it was made from: the function is run
once more, operation by operation, until the one that fails.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ast_ad.analysis.effects import DRAWS, own_effects
from ast_ad.backend.load import is_generated
from ast_ad.errors import AutodiffError
from ast_ad.interpreter import Runner, Watch
from ast_ad.ir.nodes import Function, Op, Operand, Statement, Where, operands
from ast_ad.nans import has_nan


class NanRunner(Runner):
    """Runs statements up to the first one that makes a nan of operands that hold none."""

    def statement(self, s: Statement) -> None:
        """Run a statement."""
        super().statement(s)
        if isinstance(s, Op) and self.hold_nan(s.outs) and not self.hold_nan(operands(s)):
            raise FloatingPointError("a nan is made")

    def hold_nan(self, values: Sequence[Operand]) -> bool:
        """Tell whether one of some operands holds a nan."""
        return any(has_nan(self.peek(each)) for each in values)


def wants_place(error: BaseException) -> bool:
    """Tell whether an exception comes from generated code, and has no note that says from where."""
    if isinstance(error, AutodiffError) or not hasattr(error, "add_note") or getattr(error, "__notes__", None):
        return False
    if isinstance(error, FloatingPointError):
        # That of `debug_nans` is raised when a frame returns, which its traceback does not have then.
        return True
    trace = error.__traceback__
    while trace is not None:
        if is_generated(trace.tb_frame.f_code):
            return True
        trace = trace.tb_next
    return False


def add_place(error: BaseException, function: Function, args: Sequence[Any], what: str = "") -> bool:
    """Add a note with the user's line to an exception, if running the function again raises one like it; tell that."""
    place = _place(error, function, args)
    if place is None:
        return False
    name = f", in {place.function}" if place.function else ""
    text = f"\n    {place.text.strip()}" if place.text else ""
    told = f"{what}:" if what else "The line that was differentiated:"
    error.add_note(f'{told}\n  File "{place.file}", line {place.line}{name}{text}')
    return True


def raise_if_it_fails(function: Function, args: Sequence[Any]) -> None:
    """Run a function, but for its output, and tell the user's line in what it raises."""
    try:
        Runner(_watch([])).function(function, tuple(args))
    except Exception as error:
        if hasattr(error, "add_note"):
            add_place(error, function, args)
        raise


def _watch(last: list[Where]) -> Watch:
    """Return what notes in `last` where the statement stands that runs."""

    def watch(statement: Statement) -> bool:
        where = getattr(statement, "where", None)
        if where is not None:
            last[:] = [where]
        # What is printed once is not printed again.
        return DRAWS not in own_effects(statement) or bool(getattr(statement, "outs", ()))

    return watch


def _place(error: BaseException, function: Function, args: Sequence[Any]) -> Where | None:
    last: list[Where] = []
    watch = _watch(last)
    runner = NanRunner(watch) if isinstance(error, FloatingPointError) else Runner(watch)
    try:
        runner.function(function, tuple(args))
    except Exception as again:
        return last[0] if last and type(again) is type(error) else None
    return None
