"""Memory and time of checkpoints: writes docs/checkpointing.md and its plot, in a minute or two.

python -m benchmarks.checkpointing
"""

from __future__ import annotations

import argparse
import linecache
import os
import statistics
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

import ast_ad
from ast_ad.analysis.schedule import Setting, peak, schedule
from benchmarks import in_place
from benchmarks.markdown import head, row, short, yes
from benchmarks.pairs import Pair
from benchmarks.plot import Curve, plot

PAGE = Path(__file__).resolve().parent.parent / "docs" / "checkpointing.md"
PLOT = PAGE.with_suffix(".svg")
START = "<!-- measured by `python -m benchmarks.checkpointing` -->"

CELLS = 12_500
"""A state of 100 kB."""
TRIPS = (10, 100, 1000, 10_000)
SETTINGS: tuple[Setting, ...] = (None, "every_other", 10, "sqrt")
ELEMENTS = 125_000
"""An intermediate of 1 MB."""
LENGTHS = (8, 32, 128)

MOST_MEMORY, MOST_TIME, ROOT_MEMORY = 0.6, 1.6, 0.03
"""The targets: of `every_other`, and of `sqrt` at 10,000 steps, beside no checkpoint."""


# Golden pairs 8 and 9, with the derivatives that a person would write.


def chain(x):
    s1 = np.sin(x)
    s2 = np.exp(s1)
    s3 = np.tanh(s2)
    s4 = np.sqrt(s3)
    return np.sum(s4 * s4 * s4)


def chain_grad(x, out_bar=1.0):
    # forward sweep: every other intermediate is kept
    s1 = np.sin(x)
    s3 = np.tanh(np.exp(s1))
    # reverse sweep
    s4 = np.sqrt(s3)  # computed again from s3
    s4_bar = out_bar * 3 * s4 * s4
    s3_bar = s4_bar / (2 * s4)
    s2 = np.exp(s1)  # computed again from s1
    s2_bar = s3_bar * (1 - s3 * s3)
    s1_bar = s2_bar * s2
    return s1_bar * np.cos(x)


def march(x, steps):
    for _ in range(steps):
        x = x + 0.1 * np.sin(x)
    return np.sum(x)


def march_grad(x, steps, out_bar=1.0):
    # forward sweep: the state at every 2nd iteration is kept
    saved = []
    for i in range(steps):
        if i % 2 == 0:
            saved.append(x)
        x = x + 0.1 * np.sin(x)
    # reverse sweep
    x_bar = np.full_like(x, out_bar)
    for start in range((steps - 1) // 2 * 2, -1, -2):
        stack = []
        x = saved.pop()
        for _ in range(start, min(start + 2, steps)):
            stack.append(x)
            x = x + 0.1 * np.sin(x)
        for _ in range(start, min(start + 2, steps)):
            x = stack.pop()
            x_bar = x_bar + x_bar * 0.1 * np.cos(x)
    return x_bar


def simulate(x, steps):
    for _ in range(steps):
        x = x + 0.001 * np.sin(x)
    return np.sum(x)


CHAIN = Pair("Every other intermediate", chain, chain_grad, (np.array([0.3, 1.2, 2.0]),))
MARCH = Pair("The state at every other iteration", march, march_grad, (np.array([0.3, 1.2, 2.0]), 7), same_stack=False)


@dataclass(frozen=True)
class Measured:
    """What one gradient costs.

    Attributes
    ----------
    memory : float
        The peak, in bytes.
    seconds : float
        Processor time of one call.
    """

    memory: float
    seconds: float


def measure(gradients: Sequence[Callable[..., Any]], args: tuple[Any, ...], rounds: int) -> list[Measured]:
    """Measure gradients, which take turns."""
    times: list[list[float]] = [[] for _ in gradients]
    memory = [in_place.peak(gradient, args) for gradient in gradients]
    for _ in range(rounds):
        for gradient, own in zip(gradients, times):
            start = time.process_time()
            gradient(*args)
            own.append(time.process_time() - start)
    return [Measured(bytes_, statistics.median(own)) for bytes_, own in zip(memory, times)]


def steps_run(setting: Setting, args: tuple[Any, ...]) -> int:
    """Count the steps of `simulate` that its gradient runs forwards: calls of `np.sin`.

    >>> steps_run(None, (np.ones(2), 10)), steps_run("sqrt", (np.ones(2), 10))
    (10, 20)
    """
    derivative = ast_ad.grad(simulate, checkpoint=setting)
    derivative(*args)
    namespace: dict[str, Any] = {}
    exec(compile(derivative.source, "<counted>", "exec"), namespace)
    counted = _Counted()
    namespace["np"] = counted
    namespace["simulate_grad"](*args)
    return counted.calls


class _Counted:
    """NumPy, where `sin` is counted."""

    def __init__(self) -> None:
        self.calls = 0

    def __getattr__(self, name: str) -> Any:
        self.calls += name == "sin"
        return getattr(np, name)


def straight_line(length: int) -> Callable[..., Any]:
    """Return a chain of so many intermediates."""
    lines = ["def chain(x):", "    s1 = np.sin(x)"]
    lines += [f"    s{k + 1} = np.{'tanh' if k % 2 else 'sin'}(s{k})" for k in range(1, length)]
    lines += [f"    return np.sum(s{length})", ""]
    name = f"<chain of {length}>"
    text = "\n".join(lines)
    linecache.cache[name] = len(text), None, text.splitlines(keepends=True), name
    namespace: dict[str, Any] = {"np": np}
    exec(compile(text, name, "exec"), namespace)
    return namespace["chain"]  # type: ignore[no-any-return]


def name_of(setting: Setting) -> str:
    return f'`"{setting}"`' if isinstance(setting, str) else f"`{setting}`"


def theory(setting: Setting, steps: int) -> int:
    """Return the most states that are there at once."""
    plan = schedule(setting)
    return steps if plan is None else peak(plan.counted, steps)


def loops(trips: Sequence[int], rounds: int) -> dict[tuple[Setting, int], Measured]:
    """Measure the gradient of `simulate` for each setting and trip count."""
    x = np.linspace(0.0, 1.0, CELLS)
    found = {}
    for steps in trips:
        gradients = [ast_ad.grad(simulate, checkpoint=setting) for setting in SETTINGS]
        few = max(1, rounds * 100 // max(steps, 100))
        for setting, each in zip(SETTINGS, measure(gradients, (x, steps), few)):
            found[setting, steps] = each
    return found


def loop_table(found: dict[tuple[Setting, int], Measured]) -> Iterator[str]:
    """Yield the table of loops: memory beside the states that theory says are there, time beside the steps run."""
    state = 8 * CELLS
    yield from head(
        [
            "`checkpoint=`",
            "steps",
            "peak, MB",
            "peak, states",
            "states in theory",
            "of no checkpoint",
            "steps run",
            "time",
        ]
    )
    for (setting, steps), each in found.items():
        plain = found[None, steps]
        count = steps_run(setting, (np.ones(2), steps))
        yield row(
            name_of(setting),
            steps,
            short(each.memory / 1e6),
            short(each.memory / state),
            theory(setting, steps),
            f"{short(100 * each.memory / plain.memory)} %",
            count,
            f"{short(each.seconds / plain.seconds)} x",
        )


def chain_table(lengths: Sequence[int], rounds: int) -> Iterator[str]:
    """Yield the table of straight-line code."""
    x = np.linspace(0.0, 1.0, ELEMENTS)
    yield from head(["intermediates of 1 MB", "peak, MB", '`"every_other"`, MB', "of no checkpoint", "time", "reached"])
    for length in lengths:
        fun = straight_line(length)
        gradients = [ast_ad.grad(fun), ast_ad.grad(fun, checkpoint="every_other")]
        plain, other = measure(gradients, (x,), rounds)
        memory, seconds = other.memory / plain.memory, other.seconds / plain.seconds
        yield row(
            length,
            short(plain.memory / 1e6),
            short(other.memory / 1e6),
            f"{short(100 * memory)} %",
            f"{short(seconds)} x",
            yes(memory <= MOST_MEMORY and seconds <= MOST_TIME),
        )


def curves(found: dict[tuple[Setting, int], Measured]) -> list[Curve]:
    """Return the peaks of memory as curves over the trip count, measured and in theory."""
    state = 8 * CELLS
    trips = sorted({steps for _, steps in found})
    names = {None: "no checkpoint", "every_other": "every_other", 10: "10", "sqrt": "sqrt"}
    return [
        Curve(
            names[setting],
            [(steps, found[setting, steps].memory / 1e6) for steps in trips],
            [(steps, theory(setting, steps) * state / 1e6) for steps in trips],
        )
        for setting in SETTINGS
    ]


def measured(trips: Sequence[int] = TRIPS, lengths: Sequence[int] = LENGTHS, rounds: int = 9) -> tuple[str, str]:
    """Return the measured part of the page, and the plot."""
    found = loops(trips, rounds)
    last = max(trips)
    root = found["sqrt", last].memory / found[None, last].memory
    lines = [
        START,
        "",
        "## Measured: loops",
        "",
        f"The gradient of a simulation: `x = x + 0.001 * np.sin(x)` at each step, a state of {8 * CELLS // 1000} kB.",
        "A state in theory is one that is saved at the start of a segment, or at a further step of the longest one.",
        "What is measured has three or four arrays more: the state that is computed, its adjoint, temporaries. Of few",
        "steps these are a large part: `every_other` comes below 60 % from 17 steps on, and of 10 steps no length of",
        "segments keeps fewer than 6 states. The steps that run forwards are counted: calls of `np.sin`.",
        "",
        *loop_table(found),
        "",
        f'Target: `"sqrt"` below {100 * ROOT_MEMORY:g} % of no checkpoint at 10,000 steps: {yes(root < ROOT_MEMORY)}.',
        "",
        "![Peak memory against the number of steps](checkpointing.svg)",
        "",
        "## Measured: straight-line code",
        "",
        "A chain of `np.sin` and `np.tanh` in turn. Of these the reverse sweep reads every other intermediate, so",
        "every fourth is kept. What is not read any more is deleted, so the adjoints go too; without checkpoints they",
        "stay until the function returns.",
        "",
        *chain_table(lengths, rounds),
        "",
        f"Target: at most {MOST_MEMORY:g} of the peak of no checkpoint, and {MOST_TIME:g} times its time.",
        "",
    ]
    picture = plot(curves(found), "steps", "peak memory, MB", f"gradient of a simulation, state {8 * CELLS // 1000} kB")
    return "\n".join(lines), picture


def main() -> None:
    parser = argparse.ArgumentParser(description="Measure checkpoints, and write docs/checkpointing.md.")
    parser.add_argument("--quick", action="store_true", help="print a small table, and write nothing")
    options = parser.parse_args()
    if options.quick:
        print(measured((10, 100), (8,), 3)[0])
        return
    text, picture = measured()
    before, _, _ = PAGE.read_text(encoding="utf-8").partition(START)
    PAGE.write_text(before + text, encoding="utf-8")
    PLOT.write_text(picture, encoding="utf-8")


if __name__ == "__main__":
    os.environ |= dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")
    main()
