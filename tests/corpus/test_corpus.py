"""Every program of the corpus: value, gradient, both modes, second and third order, text."""

from __future__ import annotations

import copy
import hashlib
import subprocess
import sys
from typing import Any

import numpy as np
import pytest

import ast_ad
from ast_ad import testing
from tests.corpus.registry import Program, programs

PROGRAMS = programs()
CASES = [
    pytest.param(program, args, id=f"{program.name}-{k}")
    for program in PROGRAMS
    for k, args in enumerate(program.samples)
]
SCALAR = [case for case in CASES if not isinstance(case.values[1][case.values[0].wrt[0]], tuple)]
FIRST = [case for case in SCALAR if case.values[1] is case.values[0].samples[0]]
THIRD = [case for case in CASES if case.values[0].order >= 3]


def same(a: Any, b: Any) -> bool:
    """Tell whether two numbers are the same, bit for bit, and of the same type."""
    return type(a) is type(b) and np.asarray(a).tobytes() == np.asarray(b).tobytes()


def tolerances(program: Program, args: tuple[Any, ...]) -> tuple[float, float]:
    """Return how far from the differences a derivative may be: relatively, and in units of their rounding error."""
    rough = 100 if "rough" in program.tags else 1
    return rough * float(np.cbrt(testing.precision(args))), rough


def precision_of(args: tuple[Any, ...]) -> float:
    """Return how much coarser than double precision the arguments are."""
    return testing.precision(args) / testing.precision(1.0)


def compare(program: Program, fun: Any, args: tuple[Any, ...], bars: tuple[Any, ...], what: str) -> None:
    """Compare the adjoints of arguments with differences and with forward mode, along random directions."""
    rng = np.random.default_rng(0)
    rtol, units = tolerances(program, args)
    value = fun(*args)
    testing.assert_is(len(bars), len(program.wrt), what)
    for i, bar in zip(program.wrt, bars):
        named = f"{what}, argument {i}"
        direction = testing.random_like(args[i], rng)
        numeric, noise = testing.difference(fun, args, i, direction, what=named)
        testing.assert_cotangent(bar, args[i], named)
        testing.assert_close(testing.pairing(bar, direction), numeric, rtol, units * noise, f"reverse mode, {named}")
        primal, dot = ast_ad.jvp(fun, args, testing.tangents(args, i, direction))
        assert same(primal, value), named
        testing.assert_close(dot, numeric, rtol, units * noise, f"forward mode, {named}")
        testing.assert_identity(bar, direction, dot, f"reverse against forward mode, {named}")


@pytest.mark.parametrize(("program", "args"), CASES)
def test_value_and_gradient(program: Program, args: tuple[Any, ...]):
    before = copy.deepcopy(args)
    value, bars = ast_ad.value_and_grad(program.fun, program.wrt)(*args)
    assert same(value, program.fun(*args))
    compare(program, program.fun, args, bars, "gradient")
    alone = ast_ad.grad(program.fun, program.wrt[0])(*args)
    testing.assert_close(alone, bars[0], 1e-13, 0.0, "gradient by one argument")
    assert args == before


@pytest.mark.parametrize(("program", "args"), CASES)
def test_second_order(program: Program, args: tuple[Any, ...]):
    """Reverse over reverse, forward over reverse and the differences of the gradient."""
    for i in program.wrt[:2]:
        if not isinstance(args[i], (tuple, dict)):
            gradient = ast_ad.grad(program.fun, i)
            compare(program, gradient, args, ast_ad.grad(gradient, program.wrt)(*args), f"second order by {i}")


@pytest.mark.parametrize(("program", "args"), FIRST)
def test_reverse_over_forward(program: Program, args: tuple[Any, ...]):
    """The gradient of a function that calls `jvp` is the second derivative, too."""
    fun, i = program.fun, program.wrt[0]
    before, after = args[:i], args[i + 1 :]

    def along(x):
        return fun(*before, x, *after)

    def tangent(x):
        return ast_ad.jvp(along, (x,), (1.0,))[1]

    second = ast_ad.grad(tangent)(args[i])
    direct = ast_ad.grad(ast_ad.grad(fun, i), i)(*args)
    scale = max(1.0, abs(program.fun(*args)), abs(second))
    testing.assert_close(second, direct, 0.0, 1e-10 * scale * precision_of(args), "reverse over forward")


@pytest.mark.parametrize(("program", "args"), THIRD)
def test_third_order(program: Program, args: tuple[Any, ...]):
    i = program.wrt[0]
    second = ast_ad.grad(ast_ad.grad(program.fun, i), i)
    compare(program, second, args, ast_ad.grad(second, program.wrt)(*args), "third order")


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


def test_tuple_arguments_to_second_order():
    """The gradient by a tuple is a tuple; its derivatives are compared in forward mode."""
    found = [program for program in PROGRAMS if isinstance(program.samples[0][program.wrt[0]], tuple)]
    assert found
    for program in found:
        for args in program.samples:
            gradient = ast_ad.grad(program.fun, program.wrt[0])
            direction = testing.random_like(args[program.wrt[0]], np.random.default_rng(0))
            numeric, noise = testing.difference(gradient, args, program.wrt[0], direction, what=program.name)
            _, dot = ast_ad.jvp(gradient, args, testing.tangents(args, program.wrt[0], direction))
            testing.assert_close(dot, numeric, 1e-5, noise, program.name)


def digest() -> str:
    """Return a hash of the generated text of the whole corpus, first and second order."""
    texts = hashlib.sha256()
    for program in PROGRAMS:
        for derivative in (ast_ad.value_and_grad(program.fun, program.wrt), ast_ad.grad(program.fun, program.wrt[0])):
            derivative(*program.samples[0])
            texts.update(derivative.source.encode())
    return texts.hexdigest()


def test_text_is_the_same_in_each_process(child_environment: dict[str, str]):
    command = "from tests.corpus.test_corpus import digest; print(digest())"
    found = set()
    for seed in ("1", "2"):
        environment = {**child_environment, "PYTHONHASHSEED": seed}
        run = subprocess.run([sys.executable, "-c", command], env=environment, capture_output=True, text=True)
        assert run.returncode == 0, run.stderr
        found.add(run.stdout.splitlines()[-1])
    assert len(found) == 1


def test_the_corpus_is_large():
    assert len(PROGRAMS) >= 80
