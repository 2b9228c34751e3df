"""How the cost of reading each element of an array, in a loop, grows with its length."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np

import ast_ad
from benchmarks.answers import refuse_wrong_answers
from benchmarks.markdown import head, row, short
from benchmarks.peers import AUTOGRAD, autograd_value_and_grad
from benchmarks.timing import Candidate, Effort, seconds_per_call

SIZES = (10, 100, 1000, 10_000, 100_000)
# autograd takes seconds for the longest.
ROUNDS = 3


def sum_of_squares(x):
    total = 0.0
    for i in range(len(x)):
        total = total + x[i] * x[i]
    return total


def table(effort: Effort, sizes: Sequence[int] = SIZES) -> Iterator[str]:
    """Yield the lines of the table: microseconds for an element, which stay the same where the cost is O(n)."""
    yield "Time of `value_and_grad` of a loop that reads `x[i]` for all n elements, in µs for an element:"
    yield ""
    yield from head(["n", "primal", "ours", "autograd", "ours / primal"])
    fewer = replace(effort, rounds=min(effort.rounds, ROUNDS))
    for n in sizes:
        args = (np.random.default_rng(0).standard_normal(n),)
        candidates: dict[str, Candidate] = {"ours": (ast_ad.value_and_grad(sum_of_squares), args)}
        if AUTOGRAD.installed:
            candidates["autograd"] = (autograd_value_and_grad(sum_of_squares, 0), args)
        if n == min(sizes):
            refuse_wrong_answers(sum_of_squares.__name__, candidates, expected="ours")
        times = seconds_per_call({"primal": (sum_of_squares, args), **candidates}, fewer)
        each = {name: short(seconds / n * 1e6) for name, seconds in times.items()}
        ratio = short(times["ours"] / times["primal"])
        yield row(f"{n:,}", each["primal"], each["ours"], each.get("autograd", "not installed"), ratio)
