"""The tables that `python -m benchmarks` prints."""

from __future__ import annotations

import platform
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

import ast_ad
from benchmarks import compiled, in_place, ratios, reading
from benchmarks.answers import refuse_wrong_answers
from benchmarks.generation import generation
from benchmarks.markdown import head, micro, row, short, yes
from benchmarks.pairs import ITERATE, PAIRS, Pair
from benchmarks.peers import PEERS, Peer
from benchmarks.programs import Program
from benchmarks.timing import Candidate, Effort, seconds_per_call

LENGTHS = (20, 40, 80, 160, 320)
LOOP_TARGET = 3.6
PAIR_FACTOR = 1.15
CACHED_TARGET = 2.0
GENERATION_TARGET = 30.0


@dataclass(frozen=True)
class Comparison:
    """Seconds for one call; those of a peer are None where it is not installed."""

    pair: Pair
    primal: float
    ours: float
    hand_written: float
    peers: tuple[float | None, ...]

    @property
    def target(self) -> str:
        if self.pair is ITERATE:
            return f"{LOOP_TARGET} x primal = {micro(LOOP_TARGET * self.primal)}"
        return f"{PAIR_FACTOR} x hand-written + {self.pair.microseconds:g} = {micro(self._allowed)}"

    @property
    def reached(self) -> bool:
        return self.ours <= (LOOP_TARGET * self.primal if self.pair is ITERATE else self._allowed)

    @property
    def _allowed(self) -> float:
        return PAIR_FACTOR * self.hand_written + self.pair.microseconds * 1e-6


def compare(pair: Pair, peers: Sequence[Peer], effort: Effort) -> Comparison:
    """Time a function, its gradient by us and by hand, and by the peers that are installed."""
    candidates: dict[str, Candidate] = {
        "primal": (pair.primal, pair.args),
        "ours": (ast_ad.grad(pair.primal, pair.argnums), pair.args),
        "hand-written": (pair.derivative, pair.args),
    }
    candidates |= {peer.name: peer.prepare(pair) for peer in peers if peer.installed}
    gradients = {name: candidate for name, candidate in candidates.items() if name != "primal"}
    refuse_wrong_answers(pair.name, gradients, expected="hand-written")
    times = seconds_per_call(candidates, effort)
    others = tuple(times.get(peer.name) for peer in peers)
    return Comparison(pair, times["primal"], times["ours"], times["hand-written"], others)


def report(
    peers: Sequence[Peer] = PEERS,
    lengths: Sequence[int] = LENGTHS,
    sizes: Sequence[int] = reading.SIZES,
    programs: Sequence[Program] | None = None,
    steps: int = in_place.STEPS,
    effort: Effort | None = None,
) -> Iterator[str]:
    """Yield the lines of the report, in Markdown, as they are measured."""
    effort = effort or Effort()
    yield from _header(peers)
    yield ""
    yield from _pairs(peers, effort)
    yield ""
    yield from ratios.table(effort, programs)
    yield ""
    yield from in_place.table(effort, steps)
    yield ""
    yield from reading.table(effort, sizes)
    yield ""
    yield from compiled.table(effort)
    yield ""
    yield from _cached(effort)
    yield ""
    yield from _generation(lengths, effort.rounds)


def _header(peers: Sequence[Peer]) -> Iterator[str]:
    versions = [f"{platform.python_implementation()} {platform.python_version()}", f"NumPy {np.__version__}"]
    versions += [f"{peer.name} {peer.version}" for peer in peers]
    yield f"{', '.join(versions)}; one thread, all in one process."


def _pairs(peers: Sequence[Peer], effort: Effort) -> Iterator[str]:
    titles = ["program", "primal, µs", "ours", "by hand", *(peer.name for peer in peers)]
    titles += ["ours - by hand, µs", "target, µs", "reached"]
    yield "Time of the gradient, as a multiple of the primal's:"
    yield ""
    yield from head(titles)
    for pair in (*PAIRS, ITERATE):
        measured = compare(pair, peers, effort)

        def times(seconds: float | None, primal: float = measured.primal) -> str:
            return "not installed" if seconds is None else short(seconds / primal)

        yield row(
            f"`{pair.name}({pair.values})`",
            micro(measured.primal),
            times(measured.ours),
            times(measured.hand_written),
            *map(times, measured.peers),
            f"{(measured.ours - measured.hand_written) * 1e6:+.2f}",
            measured.target,
            yes(measured.reached),
        )


def _cached(effort: Effort) -> Iterator[str]:
    def square(x):
        return x * x

    gradient = ast_ad.grad(square)
    gradient(3.0)
    seconds = seconds_per_call({"square": (gradient, (3.0,))}, effort)["square"]
    yield from head(["a gradient that was generated before", "µs", "target, µs", "reached"])
    yield row("`grad(square)(3.0)`", micro(seconds), f"{CACHED_TARGET:g}", yes(seconds <= CACHED_TARGET * 1e-6))


def _generation(lengths: Sequence[int], rounds: int) -> Iterator[str]:
    # The first derivative of a process is slower: it imports, and builds the tables of rules.
    generation(lengths[0], rounds=1)
    yield from head(["lines of the function", "generation, ms", "ms a line", "generated lines", "target, ms"])
    for lines in lengths:
        made = generation(lines, rounds)
        milliseconds = made.seconds * 1e3
        target = f"{GENERATION_TARGET:g}: {yes(milliseconds < GENERATION_TARGET)}" if lines == 20 else ""
        yield row(lines, f"{milliseconds:.1f}", f"{milliseconds / lines:.2f}", made.generated_lines, target)
