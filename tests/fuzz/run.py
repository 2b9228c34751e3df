"""Runs many random programs, and counts how they went."""

from __future__ import annotations

import collections
import concurrent.futures
import dataclasses
import sys
import time
from typing import Any

from tests.fuzz.constructs import constructs
from tests.fuzz.decisions import MAIN, Program
from tests.fuzz.judge import EVERYTHING, Depth, Verdict, judge, load, shared
from tests.fuzz.programs import SCALARS, seeded
from tests.fuzz.reduce import reduce


@dataclasses.dataclass
class Tally:
    """What came of the programs of one seed."""

    seed: int
    kind: str = SCALARS
    programs: int = 0
    seconds: float = 0.0
    outcomes: collections.Counter[str] = dataclasses.field(default_factory=collections.Counter)
    refused: collections.Counter[str] = dataclasses.field(default_factory=collections.Counter)
    wrong: collections.Counter[str] = dataclasses.field(default_factory=collections.Counter)
    found: collections.Counter[str] = dataclasses.field(default_factory=collections.Counter)
    writes: collections.Counter[tuple[str, str]] = dataclasses.field(default_factory=collections.Counter)
    smallest: dict[str, tuple[int, Program, Verdict]] = dataclasses.field(default_factory=dict)

    def add(self, number: int, program: Program, verdict: Verdict) -> None:
        """Count one program."""
        self.programs += 1
        self.outcomes[verdict.outcome] += 1
        if verdict.outcome != "discarded":
            self.found.update(constructs(program.text) | set(program.uses))
            self.found.update({f"write {kind}" for kind, _ in program.writes})
            self.found.update({f"write to {alias}" for _, alias in program.writes})
            self.writes.update(set(program.writes))
        if verdict.outcome == "refused":
            self.refused[verdict.reason] += 1
        if verdict.outcome == "wrong":
            self.wrong[verdict.reason] += 1
            self._keep(number, program, verdict)

    def _keep(self, number: int, program: Program, verdict: Verdict) -> None:
        """Remember a wrong program if it is the shortest of those that are wrong for the same reason."""
        known = self.smallest.get(verdict.reason)
        if known is None or len(program.text) < len(known[1].text):
            self.smallest[verdict.reason] = (number, program, verdict)

    def merge(self, other: Tally) -> None:
        """Add the counts of other programs of the same seed."""
        self.programs += other.programs
        for name in ("outcomes", "refused", "wrong", "found", "writes"):
            getattr(self, name).update(getattr(other, name))
        for number, program, verdict in other.smallest.values():
            self._keep(number, program, verdict)

    def report(self) -> str:
        """Return the counts, the reasons, and the constructs, as lines of text."""
        lines = [f"seed {self.seed}: {self.programs} programs of {self.kind} in {self.seconds:.0f} s"]
        lines += [f"{self.outcomes[outcome]:7} {outcome}" for outcome in ("right", "refused", "wrong", "discarded")]
        for title, counter in (("refused", self.refused), ("wrong", self.wrong)):
            lines += [f"{title}:", *(f"{count:7} {name}" for name, count in counter.most_common())] if counter else []
        lines += ["programs with:", *(self._counted(count, name) for name, count in self.found.most_common())]
        return "\n".join([*lines, *self._table()])

    def _counted(self, count: int, name: str) -> str:
        """Return a line of a count, with a mark where it is low."""
        return f"{count:7} {name}" + (f"  (below one in {_ONE_IN})" if count * _ONE_IN < self.programs else "")

    def _table(self) -> list[str]:
        """Return how many programs write in which way through which alias."""
        if not self.writes:
            return []
        kinds, aliases = (sorted({pair[i] for pair in self.writes}) for i in range(2))
        numbered = [f"  ({i}) {alias}" for i, alias in enumerate(aliases, 1)]
        head = " " * 18 + "".join(f"{f'({i})':>6}" for i in range(1, len(aliases) + 1))
        rows = [f"{kind:18}" + "".join(f"{self.writes[kind, alias]:6}" for alias in aliases) for kind in kinds]
        return ["writes by kind and alias:", *numbered, head, *rows]


_ONE_IN = 40
"""A construct in fewer programs than one in so many is hardly tested."""


def run(
    seed: int,
    kind: str = SCALARS,
    *,
    minutes: float | None = None,
    programs: int | None = None,
    jobs: int = 1,
    depth: Depth | None = None,
) -> Tally:
    """Judge the programs of a seed, for so many minutes or so many programs, in several processes if asked for.

    Each wrong one is named on the standard error output as soon as it is found. Without a `depth`, the looks at them
    take turns.
    """
    start = time.monotonic()
    tally = Tally(seed, kind)
    if jobs == 1:
        tally.merge(_part(seed, kind, minutes, programs, range(1), depth))
    else:
        with concurrent.futures.ProcessPoolExecutor(jobs) as pool:
            parts = [pool.submit(_part, seed, kind, minutes, programs, range(i, jobs), depth) for i in range(jobs)]
            for part in parts:
                tally.merge(part.result())
    tally.seconds = time.monotonic() - start
    return tally


def _part(
    seed: int, kind: str, minutes: float | None, programs: int | None, turns: range, depth: Depth | None
) -> Tally:
    """Judge every so-many-th program: the one in `turns.stop` whose turn is `turns.start`."""
    tally = Tally(seed, kind)
    start = time.monotonic()
    number = turns.start
    while (programs is None or number < programs) and (minutes is None or time.monotonic() - start < 60 * minutes):
        program = seeded(seed, number, kind)
        verdict = judge(program, depth or shared(number))
        tally.add(number, program, verdict)
        if verdict.outcome == "wrong":
            print(f"wrong: program {number}: {verdict.reason}", file=sys.stderr, flush=True)
        number += turns.stop
    return tally


def minimal(program: Program, verdict: Verdict, *, most: int = 400, depth: Depth = EVERYTHING) -> Program:
    """Return a small program that fails in the same way."""

    def fails(text: str) -> bool:
        again = judge(dataclasses.replace(program, text=text), depth)
        alike = (again.outcome, again.reason) == (verdict.outcome, verdict.reason)
        return alike and (verdict.outcome != "refused" or _runs(text, program.args))

    return dataclasses.replace(program, text=reduce(program.text, fails, most))


def _runs(text: str, args: tuple[Any, ...]) -> bool:
    """Tell whether a program has a value; what has none may well be refused."""
    try:
        load(text)[MAIN](*args)
    except Exception:
        return False
    return True
