"""What a value and its gradient cost, as a multiple of the value alone, beside autograd."""

from __future__ import annotations

import statistics
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import ast_ad
from benchmarks.answers import refuse_wrong_answers
from benchmarks.markdown import head, micro, row, short, yes
from benchmarks.peers import AUTOGRAD, autograd_value_and_grad
from benchmarks.programs import Program, programs
from benchmarks.timing import Candidate, Effort, seconds_per_call

MEAN_TARGET = 3.0


@dataclass(frozen=True)
class Ratio:
    """Times of a program and of its derivatives, in seconds; autograd's is None where it is not installed."""

    program: Program
    primal: float
    ours: float
    autograd: float | None

    @property
    def ratio(self) -> float:
        return self.ours / self.primal


def measure(program: Program, effort: Effort) -> Ratio:
    """Time a program, and its value with its gradient by us and by autograd."""
    candidates: dict[str, Candidate] = {"ours": (ast_ad.value_and_grad(program.fun, program.argnums), program.args)}
    if AUTOGRAD.installed:
        candidates["autograd"] = (autograd_value_and_grad(program.fun, program.argnums), program.args)
    refuse_wrong_answers(program.title, candidates, expected="ours")
    times = seconds_per_call({"primal": (program.fun, program.args), **candidates}, effort)
    return Ratio(program, times["primal"], times["ours"], times.get("autograd"))


def table(effort: Effort, measured: Sequence[Program] | None = None) -> Iterator[str]:
    """Yield the lines of the table, and of what it comes to."""
    yield "Time of `value_and_grad`, as a multiple of the primal's:"
    yield ""
    yield from head(["program", "size", "primal, µs", "ours", "autograd", "faster than autograd"])
    ratios = []
    for program in programs() if measured is None else measured:
        found = measure(program, effort)
        ratios.append(found)
        theirs = found.autograd
        yield row(
            program.title,
            program.size,
            micro(found.primal),
            short(found.ratio),
            "not installed" if theirs is None else short(theirs / found.primal),
            "" if theirs is None else f"{theirs / found.ours:.1f} times: {yes(found.ours < theirs)}",
        )
    mean = statistics.geometric_mean(each.ratio for each in ratios)
    yield ""
    yield f"Geometric mean of ours: {mean:.2f} (target {MEAN_TARGET:g}: {yes(mean <= MEAN_TARGET)})."
