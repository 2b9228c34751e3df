"""Both sweeps of one function: what computes and saves, and the statements backwards, adding up adjoints.

The reverse sweep is written first (`transform.sweep`), and mentions variables of the forward sweep wherever a rule
does. `analysis.recording` then decides what of that is saved, and `transform.record` writes the pushes, the pops and
what is computed again.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

import numpy as np

from ast_ad.analysis.activity import Activity, Mask, activity, some
from ast_ad.analysis.intermediates import alternating
from ast_ad.analysis.recording import recording
from ast_ad.ir.kinds import Array, Kind, Scalar, is_complex
from ast_ad.ir.nodes import Block, Function, Lit, Operand, Statement, Var, free_variables
from ast_ad.ir.rebuild import copied
from ast_ad.rules.expand import Code
from ast_ad.rules.operands import constructor, kind_of_operand
from ast_ad.transform.adjoints import Adjoints, adjoint_kind, bar_name, constant
from ast_ad.transform.calls import Again, ForwardCalls, Split
from ast_ad.transform.fill import filled
from ast_ad.transform.likes import with_shapes_at_hand
from ast_ad.transform.numbers import Makers
from ast_ad.transform.prepare import count_trips
from ast_ad.transform.record import Recorded, record
from ast_ad.transform.rerun import Drawn
from ast_ad.transform.sweep import Sweep


class SweepsOf(Protocol):
    """The sweeps of the functions that are called."""

    def get(self, function: Function, wrt: tuple[Mask, ...], of: tuple[Mask, ...]) -> Split:
        """Return those of a function that saves."""

    def drawn(self, function: Function) -> Drawn:
        """Return a function that is run again as one that is run first, and one that is run later."""

    def again(self, made: Drawn, wrt: tuple[Mask, ...], of: tuple[Mask, ...], reached: tuple[int, ...]) -> Again:
        """Return both sweeps of a function that is run again."""


def kind_of_result(operand: Operand) -> Kind:
    """Return the kind of what a function returns."""
    assert isinstance(operand, (Var, Lit))
    return operand.kind


def seeds_of(function: Function, of: Sequence[Mask]) -> tuple[Var | None, ...]:
    """Return the seed of each result that can have an adjoint: `out_bar`, or one named after each result."""
    wanted = [some(mask) for mask in of]
    several = sum(wanted) > 1
    seeds: list[Var | None] = []
    for result, mask, wants in zip(function.results, of, wanted):
        own = bar_name(result) if isinstance(result, Var) else ""
        seed = Var(adjoint_kind(kind_of_result(result), mask), own if several and own else "out_bar")
        seeds.append(seed if wants else None)
    return tuple(seeds)


@dataclass(frozen=True)
class BothSweeps:
    """A function's forward sweep, before it records, and its reverse sweep, which mentions it."""

    forward: Function
    sweep: tuple[Statement, ...]
    written: Sweep
    facts: Activity
    adjoints: dict[Var, Operand]

    def joined(
        self, adjoints: Sequence[Operand], *, keep_top: bool, alternates: bool = False
    ) -> tuple[Recorded, tuple[Operand, ...]]:
        """Return both sweeps with what is saved between them, and the adjoints that they return.

        With `alternates`, every other intermediate of straight-line code is computed again.
        """
        plan = recording(self.forward, self.sweep, adjoints, keep_top=keep_top)
        if alternates:
            plan = alternating(self.forward, plan, keep_top=keep_top)
        recorded = record(self.forward, self.sweep, self.written.mirror, self.written.indices, self.written.plain, plan)
        return recorded, recorded.substitute.all(adjoints)


def both_sweeps(
    function: Function,
    wrt: Sequence[Mask],
    of: Sequence[Mask],
    seeds: Sequence[Var | Lit | None],
    splits: SweepsOf,
    so_far: Mapping[Var, Operand] | None = None,
) -> BothSweeps:
    """Reverse a function.

    Parameters
    ----------
    so_far
        The adjoints of parameters that the reverse sweep adds to.
    """
    facts = activity(function, wrt, of)
    counted, counts = count_trips(function)
    calls = ForwardCalls(facts, splits.get, splits.drawn)
    forward = replace(counted, body=calls.block(counted.body))
    sweep = Sweep(forward, facts, counts, calls.made, splits.again)
    code = Code(primal=sweep.made)
    adjoints = Adjoints(facts, sweep.filled)
    adjoints.own.update(so_far or {})
    for param in function.params:
        sweep.open_stack(param, adjoints, code)
    for result, seed in zip(function.results, seeds):
        if seed is not None and facts(result):
            adjoints.add(code, result, seed)
    sweep.block(forward.body, adjoints, code)
    asked = [param for param, mask in zip(function.params, wrt) if some(mask)]
    bars = {param: sweep.so_far(code, adjoints, param) for param in asked}
    makers = Makers(code.statements)
    final = {param: _finished(code, bar, param, makers) for param, bar in bars.items()}
    statements = with_shapes_at_hand(forward, code.statements, sweep.undefined, sweep.mirror)
    return BothSweeps(forward, statements, sweep, facts, final)


def _finished(code: Code, bar: Operand, param: Var, makers: Makers) -> Operand:
    """Return an adjoint as it leaves: of a complex number it is complex, though only its real part may count.

    That of an array without dimensions is one, of which NumPy makes a number wherever it can; that of a number is none.
    """
    if isinstance(bar, Lit) and isinstance(bar.value, int) and isinstance(param.kind, Scalar):
        return Lit(constant(param.kind, float(bar.value)))
    if isinstance(param.kind, Scalar) and is_complex(param.kind) and not is_complex(kind_of_operand(bar)):
        return Lit(complex(bar.value)) if isinstance(bar, Lit) else code.derived(constructor(param.kind), bar)
    if isinstance(param.kind, Scalar) and makers.may_be_array(bar):
        return code.derived(constructor(param.kind), bar)
    no_dims = isinstance(param.kind, Array) and not param.kind.ndim
    return code.op(np.full_like, param, bar) if no_dims else bar


def cut(
    function: Function,
    recorded: Recorded,
    adjoints: tuple[Operand, ...],
    seeds: Sequence[Var | None],
    answered: tuple[int, ...],
) -> Split:
    """Return the two sweeps as functions: what the reverse sweep reads of the forward sweep is passed on."""
    sweep = filled(Block((), recorded.sweep, adjoints), adjoints, function.params)
    given = [seed for seed in seeds if seed is not None]
    seeded = tuple(i for i, seed in enumerate(seeds) if seed is not None)
    outside = free_variables(sweep)
    passed = tuple(i for i, param in enumerate(function.params) if param in outside)
    saved = [var for var in outside if var not in given and var not in function.params]
    params = (*(function.params[i] for i in passed), *saved, *given)
    backward = Function(f"{function.name}_reverse", params, sweep)
    body = filled(replace(recorded.forward, yields=(*function.results, *saved)), saved, function.params)
    ahead = Function(f"{function.name}_forward", function.params, body)
    return Split(copied(ahead), copied(backward), passed, seeded, answered)
