"""What the gradient of array code that changes an array in place costs, in time and memory, beside one by hand."""

from __future__ import annotations

import gc
import tracemalloc
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

import ast_ad
from benchmarks.answers import refuse_wrong_answers
from benchmarks.markdown import head, micro, row, short, yes
from benchmarks.pairs import Pair
from benchmarks.timing import Candidate, Effort, seconds_per_call

TIME_TARGET = 1.1
MEMORY_TARGET = 1.2
CELLS, STEPS = 200, 500


def heat(u0, a, steps):
    u = u0.copy()
    for _ in range(steps):
        u[1:-1] += a * (u[2:] - 2 * u[1:-1] + u[:-2])
    return np.sum(u * u)


def heat_grad(u0, a, steps, out_bar=1.0):
    # forward sweep
    stack = []
    u = u0.copy()
    for _ in range(steps):
        stack.append(u[1:-1].copy())
        u[1:-1] += a * (u[2:] - 2 * u[1:-1] + u[:-2])
    # reverse sweep
    a_bar = 0.0
    u_bar = out_bar * 2 * u
    for _ in range(steps):
        u[1:-1] = stack.pop()
        lap = u[2:] - 2 * u[1:-1] + u[:-2]
        a_bar = a_bar + np.sum(u_bar[1:-1] * lap)
        lap_bar = u_bar[1:-1] * a
        u_bar[2:] += lap_bar
        u_bar[1:-1] -= 2 * lap_bar
        u_bar[:-2] += lap_bar
    return u_bar, a_bar


HEAT = Pair(
    "A stencil, changed in place",
    heat,
    heat_grad,
    (np.random.default_rng(0).standard_normal(CELLS), 0.2, STEPS),
    (0, 1),
    same_stack=False,
)


def peak(fun: Callable[..., Any], args: tuple[Any, ...]) -> int:
    """Return how many bytes are allocated at most while a function runs.

    Examples
    --------
    >>> 8000 <= peak(np.zeros, (1000,)) < 9000
    True
    """
    fun(*args)
    gc.collect()
    tracemalloc.start()
    try:
        fun(*args)
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def saved(steps: int = STEPS) -> int:
    """Return the bytes of what the hand-written gradient of `heat` saves: the inner cells, at each step."""
    return 8 * (CELLS - 2) * steps


def table(effort: Effort, steps: int = STEPS) -> Iterator[str]:
    """Yield the lines of the table."""
    args = (*HEAT.args[:2], steps)
    gradients: dict[str, Candidate] = {
        "ours": (ast_ad.grad(HEAT.primal, HEAT.argnums), args),
        "by hand": (HEAT.derivative, args),
    }
    refuse_wrong_answers(HEAT.name, gradients, expected="by hand")
    times = seconds_per_call({"primal": (HEAT.primal, args), **gradients}, effort)
    peaks = {name: peak(*candidate) / saved(steps) for name, candidate in gradients.items()}
    yield f"`{HEAT.name}(u0, a, {steps})` for {CELLS} cells, of which the gradient is by `u0` and `a`:"
    yield ""
    yield from head(["gradient of a stencil in place", "µs", "x primal", "x by hand", "peak memory, x saved slices"])
    for name in gradients:
        own = times[name]
        multiples = short(own / times["primal"]), short(own / times["by hand"]), short(peaks[name])
        yield row(name, micro(own), *multiples)
    fast = times["ours"] <= TIME_TARGET * times["by hand"]
    small = peaks["ours"] <= MEMORY_TARGET
    yield ""
    yield f"Targets: {TIME_TARGET:g} x by hand: {yes(fast)}; {MEMORY_TARGET:g} x saved slices: {yes(small)}."
