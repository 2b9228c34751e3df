"""Every program of the corpus with checkpoints: the same derivatives, to the last bit.

One setting a program, in rotation, and to second order one of two modes; some of the programs by default, all of them
in the tests marked `deep`, and each with every setting in both modes where `CHECKPOINTS=all` is in the environment.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest

import ast_ad
from ast_ad import testing
from tests.corpus.registry import Program, one_in, programs
from tests.corpus.test_corpus import largest, precision_of

SETTINGS: tuple[int | str, ...] = ("every_other", 1, 3, "sqrt")
PROGRAMS = programs()
EVERY = os.environ.get("CHECKPOINTS") == "all"


def cases(some: Sequence[Program], share: int) -> list[Any]:
    """Return programs, each with the settings that it is tried with; one out of so many by default."""
    found = [
        pytest.param(program, setting, id=f"{program.name}-{setting}")
        for i, program in enumerate(PROGRAMS if EVERY else some)
        for k, setting in enumerate(SETTINGS)
        if EVERY or k == (i // share) % len(SETTINGS)
    ]
    return found if EVERY else one_in(share, found)


def assert_same(a: Any, b: Any) -> None:
    """Assert that two values are equal to the last bit; which zero a zero is does not matter."""
    assert testing.structure(a) == testing.structure(b)
    for x, y in zip(testing.leaves(a), testing.leaves(b)):
        if isinstance(x, (float, complex, np.ndarray, np.number)):
            assert type(x) is type(y)
            assert np.asarray(x).dtype == np.asarray(y).dtype
            np.testing.assert_array_equal(x, y)


@pytest.mark.parametrize(("program", "setting"), cases(PROGRAMS, 8))
def test_first_order(program: Program, setting: int | str):
    args = program.samples[0]
    expected = ast_ad.value_and_grad(program.fun, program.wrt)(*testing.fresh(args))
    given = testing.fresh(args)
    found = ast_ad.value_and_grad(program.fun, program.wrt, checkpoint=setting)(*given)
    assert_same(found, expected)
    for leaf, original in zip(testing.leaves(given), testing.leaves(args)):
        if isinstance(leaf, np.ndarray):
            np.testing.assert_array_equal(leaf, original)


@pytest.mark.parametrize(("program", "setting"), cases(PROGRAMS[::2], 12))
def test_forward_over_reverse(program: Program, setting: int | str):
    args, i = program.samples[0], program.wrt[0]
    direction = testing.tangents(args, i, testing.random_like(args[i], np.random.default_rng(0)))
    expected = ast_ad.jvp(ast_ad.grad(program.fun, i), testing.fresh(args), direction)
    found = ast_ad.jvp(ast_ad.grad(program.fun, i, checkpoint=setting), testing.fresh(args), direction)
    assert_same(found[0], expected[0])
    scale = largest(expected)
    for a, b in zip(testing.leaves(found[1]), testing.leaves(expected[1])):
        testing.assert_close(a, b, 1e-10 * precision_of(args), 1e-12 * scale * precision_of(args), "tangent")


@pytest.mark.parametrize(("program", "setting"), cases(PROGRAMS[1::2], 12))
def test_reverse_over_reverse(program: Program, setting: int | str):
    """A pullback of a gradient, both with checkpoints."""
    args, i = program.samples[0], program.wrt[0]
    before, after = args[:i], args[i + 1 :]

    def pulled(gradient: Any, checkpoint: Any) -> Any:
        copies = testing.fresh(before), testing.fresh(after)
        value, pullback = ast_ad.vjp(lambda x: gradient(*copies[0], x, *copies[1]), args[i], checkpoint=checkpoint)
        seed = testing.seed_of(value, np.random.default_rng(1))
        return value, pullback(seed)[0], pullback(seed)[0]

    try:
        value, expected, _ = pulled(ast_ad.grad(program.fun, i), None)
    except ast_ad.AutodiffError as error:
        pytest.skip(f"refused without checkpoints, too: {error.message}")
    again, bar, twice = pulled(ast_ad.grad(program.fun, i, checkpoint=setting), setting)
    assert_same(again, value)
    assert_same(bar, twice)
    scale = largest((value, expected))
    testing.assert_close(bar, expected, 1e-10 * precision_of(args), 1e-12 * scale * precision_of(args), "adjoint")
