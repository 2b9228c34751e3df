"""Times of calls, measured so that the ratio of two of them means something.

Candidates take turns, so that a slow moment of the machine hits all of them; of several rounds the median counts.
Time is that of the processor, which other programs disturb less than the clock.
"""

from __future__ import annotations

import gc
import statistics
import time
import timeit
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Effort:
    """How long to measure.

    Attributes
    ----------
    seconds : float
        The least time of one round of one candidate; a round of a fast one is many calls.
    rounds : int
        How often the candidates take turns.
    """

    seconds: float = 0.1
    rounds: int = 7


Candidate = tuple[Callable[..., Any], tuple[Any, ...]]


def seconds_per_call(candidates: Mapping[str, Candidate], effort: Effort) -> dict[str, float]:
    """Return the time of one call of each candidate, a function and its arguments."""
    timers = {name: _timer(fun, args) for name, (fun, args) in candidates.items()}
    counts = {name: _calls(timer, effort.seconds) for name, timer in timers.items()}
    times: dict[str, list[float]] = {name: [] for name in timers}
    for _ in range(effort.rounds):
        gc.collect()
        for name, timer in timers.items():
            times[name].append(timer.timeit(counts[name]) / counts[name])
    return {name: statistics.median(each) for name, each in times.items()}


def seconds_once(prepare: Callable[[], Callable[[], Any]], rounds: int) -> float:
    """Return the time of a call that is only slow the first time: `prepare` makes a fresh one for each round."""
    times = []
    for _ in range(rounds):
        call = prepare()
        gc.collect()
        gc.disable()
        try:
            start = time.process_time()
            call()
            times.append(time.process_time() - start)
        finally:
            gc.enable()
    return statistics.median(times)


def _timer(fun: Callable[..., Any], args: tuple[Any, ...]) -> timeit.Timer:
    """Return a timer of the bare call; timeit keeps the garbage collector out of it."""
    names = {f"x{i}": value for i, value in enumerate(args)}
    return timeit.Timer(f"fun({', '.join(names)})", timer=time.process_time, globals={"fun": fun, **names})


def _calls(timer: timeit.Timer, seconds: float) -> int:
    """Return how many calls take the given time."""
    count = 1
    while (spent := timer.timeit(count)) < seconds:
        # Ten times at most, because the first calls are slow and say little.
        count = min(10 * count, int(1.2 * count * seconds / spent) + 1)
    return count
