"""The benchmarks run; how fast anything is, is never a test."""

from __future__ import annotations

import inspect
import sys
from typing import Any

import numpy as np
import pytest

import ast_ad
from benchmarks.facts import code_lines
from benchmarks.generation import ARGS, program
from benchmarks.in_place import HEAT, MEMORY_TARGET, peak, saved
from benchmarks.pairs import MLP, NEWTON, PAIRS, PRODUCT, Pair
from benchmarks.peers import AUTOGRAD, PEERS
from benchmarks.programs import Program, lstm, programs, rosenbrock_vectorised
from benchmarks.ratios import measure
from benchmarks.reading import sum_of_squares
from benchmarks.report import compare, report
from benchmarks.timing import Effort
from tests.examples.slopes import check_slopes

BRIEF = Effort(seconds=1e-5, rounds=1)
SMALL = Program("Rosenbrock", "5", rosenbrock_vectorised, (np.linspace(0.5, 2.0, 5),))


def test_the_report_is_markdown_with_a_row_for_each_program(monkeypatch: pytest.MonkeyPatch):
    for peer in PEERS:
        monkeypatch.setitem(sys.modules, peer.package, None)
    lines = list(report(lengths=(20,), sizes=(3, 30), programs=[SMALL], steps=5, effort=BRIEF))
    for pair in PAIRS:
        (row,) = [line for line in lines if line.startswith(f"| `{pair.name}(")]
        assert row.count("not installed") == len(PEERS)
    for start in ("| Rosenbrock | 5 |", "| 3 |", "| 30 |"):
        (row,) = [line for line in lines if line.startswith(start)]
        assert row.count("not installed") == 1
    tables = "\n".join(lines).split("\n\n")
    for table in (each.splitlines() for each in tables if each.startswith("|")):
        assert len({line.count("|") for line in table}) == 1


def test_a_wrong_derivative_is_not_timed():
    wrong = Pair("Wrong", PRODUCT.primal, lambda x, y, z: (x, y, z), (1.0, 2.0, 3.0), (0, 1, 2))
    with pytest.raises(ArithmeticError, match="product: the gradient of ours is"):
        compare(wrong, (), BRIEF)


def test_a_peer_differentiates_the_same_functions():
    pytest.importorskip(AUTOGRAD.package)
    for pair in (PRODUCT, NEWTON, MLP):
        measured = compare(pair, (AUTOGRAD,), BRIEF)
        assert measured.peers[0] > 0
    assert measure(SMALL, BRIEF).autograd > 0


@pytest.mark.parametrize("program", programs(), ids=lambda program: f"{program.title}, {program.size}")
def test_gradients_of_the_programs_against_central_differences(program: Program):
    wrt = (program.argnums,) if isinstance(program.argnums, int) else program.argnums
    gradient = ast_ad.grad(program.fun, wrt)(*program.args)

    def value(active: tuple[Any, ...]) -> float:
        args = list(program.args)
        for i, arg in zip(wrt, active):
            args[i] = arg
        return program.fun(*args)

    check_slopes(value, tuple(program.args[i] for i in wrt), gradient)


@pytest.mark.parametrize(
    "program",
    [each for each in programs() if each.fun is not lstm],
    ids=lambda program: f"{program.title}, {program.size}",
)
def test_shapes_are_known_without_asking_at_run_time(program: Program):
    gradient = ast_ad.value_and_grad(program.fun, program.argnums)
    gradient(*program.args)
    assert "unbroadcast" not in gradient.source


def test_the_gradient_of_a_stencil_in_place_needs_little_more_than_the_saved_slices():
    assert peak(ast_ad.grad(HEAT.primal, HEAT.argnums), HEAT.args) <= MEMORY_TARGET * saved()


def test_elements_are_written_to_one_buffer():
    gradient = ast_ad.grad(sum_of_squares)
    gradient(np.ones(3))
    before, loop = gradient.source.split("for ")
    assert "x_bar = np.zeros_like(x)" in before
    assert "x_bar[i] = " in loop
    assert "np." not in loop


@pytest.mark.parametrize("lines", [20, 25, 80])
def test_programs_to_generate_for_are_as_long_as_asked_for(lines: int):
    fun = program(lines)
    assert code_lines(inspect.getsource(fun)) == lines + 1
    assert fun(*ARGS) == fun(*ARGS)
