"""What gradients cost when Numba has compiled them, beside compiled ones that were written by hand."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable, Iterator
from typing import Any

import ast_ad
from benchmarks.answers import refuse_wrong_answers
from benchmarks.in_place import HEAT
from benchmarks.markdown import head, micro, row, short
from benchmarks.pairs import ITERATE, PAIRS, Pair
from benchmarks.timing import Candidate, Effort, seconds_per_call


def gradient(pair: Pair) -> Callable[..., Any]:
    """Return our gradient of a function, compiled; the text is made for the arguments of the pair."""
    import numba

    derivative = ast_ad.grad(pair.primal, pair.argnums)
    derivative(*pair.args)
    namespace: dict[str, Any] = {}
    exec(derivative.jit_source, namespace)
    return numba.njit(namespace[f"{pair.name}_grad"])


def table(effort: Effort) -> Iterator[str]:
    """Yield the lines of the table, or that Numba is not installed."""
    if importlib.util.find_spec("numba") is None:
        yield "Compiled gradients: Numba is not installed."
        return
    import numba

    yield f"Compiled by Numba {numba.__version__}; time of the gradient, as a multiple of the compiled primal's:"
    yield ""
    yield from head(["program", "primal in Python, µs", "primal, µs", "ours", "by hand", "faster than ours in Python"])
    for pair in [each for each in (*PAIRS, ITERATE, HEAT) if each.compiles]:
        gradients: dict[str, Candidate] = {
            "ours": (gradient(pair), pair.args),
            "by hand": (numba.njit(pair.derivative), pair.args),
            "in Python": (ast_ad.grad(pair.primal, pair.argnums), pair.args),
        }
        refuse_wrong_answers(pair.name, gradients, expected="by hand")
        primal = numba.njit(pair.primal)
        # Numba compiles when a function is called first.
        primal(*pair.args)
        primals: dict[str, Candidate] = {"slow primal": (pair.primal, pair.args), "primal": (primal, pair.args)}
        times = seconds_per_call({**primals, **gradients}, effort)
        multiples = [short(times[name] / times["primal"]) for name in ("ours", "by hand")]
        yield row(
            f"`{pair.name}`",
            micro(times["slow primal"]),
            micro(times["primal"]),
            *multiples,
            f"{times['in Python'] / times['ours']:.1f} times",
        )
