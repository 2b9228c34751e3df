"""Faults to plant in what the engine does with arrays that are changed in place: programs that write must find them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from typing import Any

from ast_ad.analysis.memory import Memory
from ast_ad.frontend.tokens import Objects
from ast_ad.ir.nodes import Function, If, Loop, Op, Push, Statement
from ast_ad.rules.arrays import is_update
from ast_ad.runtime import set_at
from ast_ad.transform import ownership
from tests.fuzz.array_faults import attribute, in_rules, no_copies, of_function
from tests.fuzz.faults import Fault, in_reverse, instead, split, with_statements


@contextmanager
def _aliases_missed() -> Iterator[None]:
    """No view is known to look at another array."""
    with ExitStack() as planted:
        planted.enter_context(instead("ast_ad.frontend.memory", "look", lambda original, *given: None))
        planted.enter_context(attribute(Objects, "may_be", lambda self, token, others: None))
        yield


@contextmanager
def _references_saved() -> Iterator[None]:
    """Stacks hold references to arrays that are written later, and nobody minds."""
    with ExitStack() as planted:
        planted.enter_context(attribute(ownership._AtPushes, "statement", ownership._Rewriter.statement))
        planted.enter_context(attribute(ownership._Rewriter, "may_be_seen", _is_live_elsewhere))
        yield


def _is_live_elsewhere(self: Any, var: Any, s: Statement) -> bool:
    own = self.memory(var)
    live = self.facts.live[s]
    return any(other in live and not own.isdisjoint(self.memory(other)) for other in self.visible)


def _saved_after_the_write(function: Function) -> Function:
    """What is saved of an array is what it is after it was written to."""

    def late(statements: Sequence[Statement]) -> tuple[Statement, ...]:
        updates = [s for s in statements if isinstance(s, Op) and is_update(s.fn)]
        last = {}
        for s in reversed(updates):
            last[s.args[0]] = last.get(s.outs[0], s.outs[0])
        pushes = [s for s in statements if isinstance(s, Push)]
        others = [inside(s) for s in statements if not isinstance(s, Push)]
        return (*others, *(replace(s, values=tuple(last.get(value, value) for value in s.values)) for s in pushes))

    def inside(s: Statement) -> Statement:
        if isinstance(s, Loop):
            return replace(s, body=replace(s.body, statements=late(s.body.statements)))
        if isinstance(s, If):
            sides = (replace(block, statements=late(block.statements)) for block in (s.then, s.orelse))
            return replace(s, then=next(sides), orelse=next(sides))
        return s

    forward, sweep = split(function)
    return with_statements(function, (*late(forward), *sweep))


def _not_zeroed(bars: Callable[..., Any], g: Any, *args: Any, **options: Any) -> Any:
    _, *others = bars(g, *args, **options)
    return (g, *others)


def _twice(bars: Callable[..., Any], g: Any, *args: Any, **options: Any) -> Any:
    kept, _, part = bars(g, *args, **options)
    return kept, None, part + part


def _of_another_dtype(original: Callable[..., Any], frame: Any, node: Any, old: Any, result: Any) -> Any:
    """``x += y`` returns what ``x + y`` does, where that has another dtype."""
    alike = old.kind.dtype == result.kind.dtype
    return original(frame, node, old, result) if alike else result


WRITE_FAULTS = (
    Fault("an alias missed", _aliases_missed),
    Fault("a reference saved, not a copy", _references_saved),
    Fault("arguments written to", lambda: attribute(Memory, "is_own", lambda self, operand: True)),
    in_reverse("saved after the write", _saved_after_the_write),
    in_rules("overwritten part not zeroed", (set_at,), _not_zeroed),
    in_rules("written value counted twice", (set_at,), _twice),
    of_function("repeats all written", "ast_ad.rules.arrays", "_names_elements", lambda original, index: False),
    of_function("stretched value not added up", "ast_ad.rules.arrays", "_of_value", lambda original, part, value: part),
    of_function("dtype of `+=` forgotten", "ast_ad.frontend.arrays", "kept", _of_another_dtype),
    Fault("no copy before an update", no_copies),
)  # fmt: skip
