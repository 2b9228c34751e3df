"""Every program of the corpus: value, gradient, both modes, second and third order, memory, text.

What is marked `deep` says little new of most programs, and takes as long as all the rest.
"""

from __future__ import annotations

import hashlib
import subprocess
import sys
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest

import ast_ad
from ast_ad import testing
from ast_ad.trees import GENERATORS
from tests.corpus.registry import Program, one_in, programs


def arrays(value: Any) -> list[np.ndarray]:
    return [leaf for leaf in testing.leaves(value) if isinstance(leaf, np.ndarray)]


PROGRAMS = programs()
CASES = [
    pytest.param(program, args, id=f"{program.name}-{k}")
    for program in PROGRAMS
    for k, args in enumerate(program.samples)
]
FIRST = [case for case in CASES if case.values[1] is case.values[0].samples[0]]
OF_ARRAYS = [case for case in CASES if any(arrays(case.values[1][i]) for i in case.values[0].wrt)]
THIRD = [case for case in CASES if case.values[0].order >= 3]


def same(a: Any, b: Any) -> bool:
    """Tell whether two values are the same: structure and types, numbers bit for bit, states of random generators."""
    if testing.structure(a) != testing.structure(b):
        return False
    return all(_same_leaf(x, y) for x, y in zip(testing.leaves(a), testing.leaves(b)))


def _same_leaf(a: Any, b: Any) -> bool:
    if isinstance(a, np.random.Generator):
        return bool(a.bit_generator.state == b.bit_generator.state)
    if not isinstance(a, (int, float, complex, np.generic, np.ndarray)):
        return bool(a == b)
    x, y = np.asarray(a), np.asarray(b)
    return type(a) is type(b) and x.dtype == y.dtype and x.tobytes() == y.tobytes()


def assert_value(program: Program, found: Any, expected: Any, what: str) -> None:
    """Assert that a value is that of the program itself, to the last bit unless it is a compensated sum."""
    if "sums" in program.tags:
        testing.assert_close(found, expected, 1e-14, 0.0, what)
    else:
        assert same(found, expected), what


def tolerances(program: Program, args: tuple[Any, ...]) -> tuple[float, float]:
    """Return how far from the differences a derivative may be: relatively, and in units of their rounding error."""
    rough = 100 if "rough" in program.tags else 1
    return rough * float(np.cbrt(testing.precision(args))), rough


def precision_of(args: tuple[Any, ...]) -> float:
    """Return how much coarser than double precision the arguments are."""
    return testing.precision(args) / testing.precision(1.0)


def largest(value: Any) -> float:
    """Return the size of the largest number in a value, at least 1."""
    numbers = [np.max(np.abs(leaf), initial=1.0) for leaf in testing.leaves(value) if testing.is_inexact(leaf)]
    return float(max(numbers, default=1.0))


def outside(fun: Callable[..., Any]) -> Iterator[np.ndarray]:
    """Yield the arrays that a function can see without being given them."""
    for value in fun.__globals__.values():
        yield from arrays(value)
    for cell in fun.__closure__ or ():
        yield from arrays(cell.cell_contents)


def compare(program: Program, fun: Any, args: tuple[Any, ...], seed: Any, bars: tuple[Any, ...], what: str) -> None:
    """Compare the adjoints of arguments with differences and with forward mode, along random directions."""
    rng = np.random.default_rng(0)
    rtol, units = tolerances(program, args)
    value = fun(*testing.fresh(args))
    testing.assert_is(len(bars), len(program.wrt), what)
    for i, bar in zip(program.wrt, bars):
        named = f"{what}, argument {i}"
        direction = testing.random_like(args[i], rng)
        numeric, noise = testing.difference(fun, args, i, direction, what=named)
        testing.assert_cotangent(bar, args[i], named)
        testing.assert_adjoint(bar, direction, seed, numeric, rtol, units * noise, f"reverse mode, {named}")
        primal, dot = ast_ad.jvp(fun, testing.fresh(args), testing.tangents(args, i, direction))
        if fun is program.fun:
            assert_value(program, primal, value, named)
        else:  # The terms of a derivative may be put together otherwise where its seed is 1.
            testing.assert_close(primal, value, 1e-12 * precision_of(args), 1e-13 * precision_of(args), named)
        testing.assert_close(dot, numeric, rtol, units * noise, f"forward mode, {named}")
        testing.assert_identity(bar, direction, dot, f"reverse against forward mode, {named}", seed=seed)


def further(program: Program, fun: Any, args: tuple[Any, ...], what: str) -> Any:
    """Compare the derivatives of a derivative, and return the cotangent of its result that was used."""
    value = fun(*testing.fresh(args))
    seed = testing.seed_of(value, np.random.default_rng(1))
    again, bars = testing.value_and_adjoints(fun, args, program.wrt, seed)
    testing.assert_close(again, value, 1e-12 * precision_of(args), 1e-13 * precision_of(args), f"value, {what}")
    compare(program, fun, args, seed, bars, what)
    return seed


@pytest.mark.parametrize(("program", "args"), CASES)
def test_value_and_gradient(program: Program, args: tuple[Any, ...]):
    derivative = ast_ad.value_and_grad(program.fun, program.wrt)
    given, before = testing.fresh(args), testing.fresh(args)
    expected = program.fun(*before)
    value, bars = derivative(*given)
    assert_value(program, value, expected, "value")
    # Arrays and lists are never changed; what is drawn from a generator is drawn.
    assert testing.structure(given) == testing.structure(args), "arguments"
    drawn = iter([leaf for leaf in testing.leaves(before) if isinstance(leaf, GENERATORS)])
    for leaf, original in zip(testing.leaves(given), testing.leaves(args)):
        assert same(leaf, next(drawn) if isinstance(original, GENERATORS) else original), "arguments"
    compare(program, program.fun, args, 1.0, bars, "gradient")


@pytest.mark.parametrize(("program", "args"), one_in(6, CASES))
def test_gradient_by_one_argument(program: Program, args: tuple[Any, ...]):
    _, bars = ast_ad.value_and_grad(program.fun, program.wrt)(*testing.fresh(args))
    alone = ast_ad.grad(program.fun, program.wrt[0])(*testing.fresh(args))
    testing.assert_close(alone, bars[0], 1e-13, 1e-15 * largest(bars), "gradient by one argument")


@pytest.mark.parametrize(("program", "args"), OF_ARRAYS)
def test_the_gradient_is_ones_own(program: Program, args: tuple[Any, ...]):
    """Its arrays are writable, new at each call, and share memory with nothing: not among each other either."""
    derivative = ast_ad.value_and_grad(program.fun, program.wrt)
    given = testing.fresh(args)
    _, bars = derivative(*given)
    known = testing.fresh(bars)
    found = arrays(bars)
    for k, bar in enumerate(found):
        assert bar.flags.writeable
        for other in (*arrays(given), *outside(program.fun), *found[:k]):
            assert not np.shares_memory(bar, other)
    for bar in found:
        bar.fill(1)
    assert same(derivative(*testing.fresh(args))[1], known)


@pytest.mark.parametrize(("program", "args"), one_in(8, FIRST))
def test_second_order(program: Program, args: tuple[Any, ...]):
    """Reverse over reverse, forward over reverse and the differences of the gradient."""
    i = program.wrt[0]
    further(program, ast_ad.grad(program.fun, i), args, f"second order by {i}")


@pytest.mark.deep
@pytest.mark.parametrize(("program", "args"), CASES)
def test_second_order_by_further_arguments(program: Program, args: tuple[Any, ...]):
    for i in program.wrt[:2] if args is not program.samples[0] else program.wrt[1:2]:
        further(program, ast_ad.grad(program.fun, i), args, f"second order by {i}")


@pytest.mark.deep
@pytest.mark.parametrize(("program", "args"), FIRST)
def test_reverse_over_forward(program: Program, args: tuple[Any, ...]):
    """The gradient of a function that calls `jvp` is the second derivative, too."""
    fun, i = program.fun, program.wrt[0]
    before, after = args[:i], args[i + 1 :]
    direction = testing.random_like(args[i], np.random.default_rng(2))

    def along(x):
        return fun(*before, x, *after)

    def tangent(x):
        return ast_ad.jvp(along, (x,), (direction,))[1]

    if any(isinstance(arg, np.random.Generator) for arg in args):
        pytest.skip("a generator in a closure draws anew at each call")
    if "outermost" in program.tags:
        with pytest.raises(ast_ad.AutodiffError):
            ast_ad.grad(tangent)(args[i])
        return
    second = ast_ad.grad(tangent)(args[i])
    _, direct = ast_ad.jvp(ast_ad.grad(fun, i), args, testing.tangents(args, i, direction))
    scale = max(largest(fun(*testing.fresh(args))), largest(second)) * precision_of(args)
    for leaf, a, b in zip(*map(testing.leaves, (args[i], second, direct))):
        if testing.is_inexact(leaf):
            testing.assert_close(a, b, 0.0, 1e-10 * scale, "reverse over forward")


@pytest.mark.deep
@pytest.mark.parametrize(("program", "args"), THIRD)
def test_third_order(program: Program, args: tuple[Any, ...]):
    i = program.wrt[0]
    gradient = ast_ad.grad(program.fun, i)
    seed = testing.seed_of(gradient(*testing.fresh(args)), np.random.default_rng(3))
    further(program, testing.adjoint(gradient, i, seed), args, "third order")


@pytest.mark.deep
@pytest.mark.parametrize("program", PROGRAMS, ids=lambda program: program.name)
def test_both_modes_agree_to_third_order(program: Program):
    args, i = program.samples[0], program.wrt[0]
    if not isinstance(args[i], (float, np.floating)):
        return
    second = ast_ad.grad(ast_ad.grad(program.fun, i), i)
    third = ast_ad.grad(second, i)(*args)
    value, dot = ast_ad.jvp(second, args, testing.tangents(args, i, type(args[i])(1.0)))
    assert same(value, second(*args))
    scale = max(1.0, abs(third)) * precision_of(args)
    testing.assert_close(third, dot, 0.0, 1e-9 * scale, "third order, reverse against forward mode")


def digest(step: int) -> str:
    """Return a hash of the generated text of the corpus, or of one program out of so many."""
    texts = hashlib.sha256()
    for program in (each for each in PROGRAMS[::step] if "keeps" not in each.tags):
        for derivative in (ast_ad.value_and_grad(program.fun, program.wrt), ast_ad.grad(program.fun, program.wrt[0])):
            derivative(*testing.fresh(program.samples[0]))
            texts.update(derivative.source.encode())
    return texts.hexdigest()


@pytest.mark.parametrize("step", [16, pytest.param(3, marks=pytest.mark.deep)])
def test_text_is_the_same_in_each_process(step: int, child_environment: dict[str, str]):
    command = f"from tests.corpus.test_corpus import digest; print(digest({step}))"
    environment = {**child_environment, "PYTHONHASHSEED": "1"}
    run = subprocess.run([sys.executable, "-c", command], env=environment, capture_output=True, text=True)
    assert run.returncode == 0, run.stderr
    assert run.stdout.splitlines()[-1] == digest(step)


def test_the_corpus_is_large():
    assert len(PROGRAMS) >= 240
