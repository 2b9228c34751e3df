"""Calls of functions that are not inlined: their forward sweep and their reverse sweep are functions of their own.

The reverse sweep of one that is run again (`ast_ad.transform.rerun`) starts with its forward sweep: nothing is saved.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from ast_ad.analysis.activity import Activity, Mask, nothing, some, varied_results
from ast_ad.ir.kinds import Record
from ast_ad.ir.nodes import Block, Call, Function, If, Lit, Loop, Operand, Statement, Var, with_parts
from ast_ad.transform.rerun import Drawn


@dataclass(frozen=True)
class Split:
    """A function's forward sweep and its reverse sweep as two functions.

    Attributes
    ----------
    forward
        Returns the primal's results, then what is saved.
    backward
        Takes the primal's parameters at `passed`, what is saved, and the seeds of the results at `seeded`; returns the
        adjoints of the parameters at `answered`.
    """

    forward: Function
    backward: Function
    passed: tuple[int, ...]
    seeded: tuple[int, ...]
    answered: tuple[int, ...]


@dataclass(frozen=True)
class Again:
    """Both sweeps of a function that is run again, as one function.

    It takes the parameters and what was drawn at `passed`, the seeds, and the adjoints so far of some parameters; it
    returns the adjoints of the parameters at `answered`.
    """

    function: Function
    passed: tuple[int, ...]
    answered: tuple[int, ...]


SplitOf = Callable[[Function, tuple[Mask, ...], tuple[Mask, ...]], Split]
"""Gives the sweeps of a function, for active parameters and results."""

AgainOf = Callable[[Drawn, tuple[Mask, ...], tuple[Mask, ...], tuple[int, ...]], Again]
"""Gives both sweeps of a function, for active parameters and results, and the parameters with an adjoint so far."""


class ForwardCalls:
    """Replaces the calls whose results are active by calls of the forward sweeps."""

    def __init__(self, facts: Activity, split_of: SplitOf, drawn_of: Callable[[Function], Drawn]) -> None:
        self.facts = facts
        self.split_of = split_of
        self.drawn_of = drawn_of
        self.made: dict[Call, tuple[Split | Drawn, tuple[Var, ...]]] = {}

    def block(self, block: Block) -> Block:
        """Return a block with calls of forward sweeps."""
        return with_parts(block, statements=tuple(map(self.statement, block.statements)))

    def statement(self, s: Statement) -> Statement:
        """Return a statement with calls of forward sweeps."""
        if isinstance(s, If):
            return with_parts(s, then=self.block(s.then), orelse=self.block(s.orelse))
        if isinstance(s, Loop):
            return with_parts(s, body=self.block(s.body))
        if not isinstance(s, Call) or not any(map(self.facts, s.outs)):
            return s
        if s.function.rerun:
            return self.called(s, self.drawn_of(s.function))
        wrt = tuple(map(self.facts.mask, s.args))
        reached = varied_results(s.function, wrt)
        of = tuple(self.facts.mask(out) if some(mask) else nothing(out.kind) for out, mask in zip(s.outs, reached))
        return self.called(s, self.split_of(s.function, wrt, of))

    def called(self, s: Call, made: Split | Drawn) -> Call:
        """Return the call of a forward sweep in the place of one of the function."""
        saved = tuple(_like(value) for value in made.forward.results[len(s.outs) :])
        call = Call((*s.outs, *saved), made.forward, s.args, s.where)
        self.made[call] = (made, saved)
        return call


def _like(operand: Operand) -> Var:
    assert isinstance(operand, (Var, Lit))
    name = "saved" if isinstance(operand.kind, Record) else operand.name if isinstance(operand, Var) else ""
    return Var(operand.kind, name)
