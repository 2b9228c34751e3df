"""Faults to plant in what the engine does with arrays that are changed in place; array programs that write find them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from typing import Any

from ast_ad.analysis.memory import Memory
from ast_ad.frontend.memory import Objects
from ast_ad.ir.nodes import Function, Op, Push, Statement
from ast_ad.rules.arrays import is_update
from ast_ad.runtime import set_at
from ast_ad.transform import ownership
from tests.fuzz.array_faults import attribute, in_rules, of_function
from tests.fuzz.faults import Fault, in_reverse, instead, with_statements
from tests.fuzz.faults import changed_everywhere as changed


@contextmanager
def _aliases_missed() -> Iterator[None]:
    """No view is known to look at another array."""
    with ExitStack() as planted:
        planted.enter_context(instead("ast_ad.frontend.memory", "_is_view", lambda original, op: False))
        planted.enter_context(attribute(Objects, "may_be", lambda self, token, others: None))
        yield


@contextmanager
def _references_pushed() -> Iterator[None]:
    """Stacks hold references to arrays that are written later, and nobody minds."""
    with ExitStack() as planted:
        planted.enter_context(attribute(ownership._AtPushes, "statement", ownership._Rewriter.statement))
        planted.enter_context(attribute(Memory, "kept", property(lambda self: set(), lambda self, value: None)))
        yield


def _saved_after_the_write(function: Function) -> Function:
    """What a loop saves of an array is what it is after it was written to."""

    def late(statements: Sequence[Statement]) -> Sequence[Statement]:
        last = {}
        for s in reversed(statements):
            if isinstance(s, Op) and is_update(s.fn):
                last[s.args[0]] = last.get(s.outs[0], s.outs[0])
        pushes = [s for s in statements if isinstance(s, Push)]
        others = [s for s in statements if not isinstance(s, Push)]
        return [*others, *(replace(s, values=tuple(last.get(value, value) for value in s.values)) for s in pushes)]

    return function


def _not_zeroed(bars: Callable[..., Any], g: Any, *args: Any, **options: Any) -> Any:
    _, *others = bars(g, *args, **options)
    return (g, *others)


WRITE_FAULTS = (
    Fault("an alias missed", _aliases_missed),
    Fault("a reference saved, not a copy", _references_pushed),
    in_rules("adjoint of the overwritten part not zeroed", (set_at,), _not_zeroed),
)
