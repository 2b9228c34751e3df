"""Random programs: every way to a derivative gives the same number, to third order."""

from __future__ import annotations

import contextlib
import random
from collections import Counter
from typing import Any

import pytest

import ast_ad.rules  # noqa: F401 - fills the table
from ast_ad.ir.kinds import Stack
from ast_ad.ir.nodes import Call, Function, Lit, Loop, Push, Statement, functions, walk
from tests.agreement import Derivatives, reversed_
from tests.corpus.registry import one_in
from tests.random_programs import program


def point(seed: int) -> tuple[float, float, int]:
    rng = random.Random(seed)
    return rng.uniform(-1.2, 1.2), rng.uniform(-1.2, 1.2), rng.randrange(6)


def compare(seed: int, size: int, helpers: int, order: int) -> None:
    """Compare; a program whose numbers grow too large is passed over, one in a few hundred."""
    with contextlib.suppress(ArithmeticError):
        derivatives = Derivatives(program(seed, size, helpers), point(seed), seed)
        derivatives.first()
        derivatives.differences()
        if order > 1:
            derivatives.second()
        if order > 2:
            derivatives.third()


def starts(*every: int) -> list[Any]:
    """Return where runs of programs start, of which only the first runs by default."""
    return one_in(len(every), [pytest.param(start, id=str(start)) for start in every])


@pytest.mark.parametrize("start", starts(*range(0, 150, 30)))
def test_first_order(start):
    for seed in range(start, start + 30):
        compare(seed, 18, 2, 1)


@pytest.mark.parametrize("start", starts(*range(1000, 1060, 15)))
def test_second_order(start):
    for seed in range(start, start + 15):
        compare(seed, 14, 3, 2)


@pytest.mark.parametrize("start", starts(*range(2000, 2030, 10)))
def test_third_order(start):
    for seed in range(start, start + 10):
        compare(seed, 10, 3, 3)


def everything(function: Function) -> list[Statement]:
    """Return the statements of a function and of those that it calls."""
    return [statement for each in functions(function) for statement in walk(each.body)]


def has_inner(loop: Statement) -> bool:
    return isinstance(loop, Loop) and any(isinstance(inner, Loop) for inner in walk(loop.body))


def test_the_random_programs_have_what_the_comparison_is_about():
    """Else the tests above pass for nothing."""
    found: Counter[str] = Counter()
    for seed in range(3000, 3025):
        function = program(seed, 18, 3)
        derivatives = Derivatives(function, point(seed), seed)
        primal, over = everything(function), everything(reversed_(derivatives.adjoint, derivatives.wrt))
        pushed = [kind for s in over if isinstance(s, Push) for kind in s.stack.kind.items]
        found["gradient"] += any(derivatives.first())
        found["second derivative"] += any(derivatives.second())
        found["call"] += any(isinstance(s, Call) for s in over)
        found["saved"] += bool(pushed)
        found["stack of stacks"] += any(isinstance(kind, Stack) for kind in pushed)
        found["nested loops"] += any(map(has_inner, primal))
        found["early end"] += any(isinstance(s, Loop) and s.body.yields[0] != Lit(True) for s in primal)
        found["while"] += any(isinstance(s, Loop) and s.test is not None for s in primal)
    assert found["gradient"] > 20 and found["second derivative"] > 10
    assert all(found.values()), found
