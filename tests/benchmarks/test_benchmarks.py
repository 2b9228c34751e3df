"""The benchmarks run; how fast anything is, is never a test."""

from __future__ import annotations

import inspect
import sys

import pytest

from benchmarks.facts import code_lines
from benchmarks.generation import ARGS, program
from benchmarks.pairs import NEWTON, PAIRS, PRODUCT, Pair
from benchmarks.peers import AUTOGRAD, PEERS
from benchmarks.report import compare, report
from benchmarks.timing import Effort

BRIEF = Effort(seconds=1e-5, rounds=1)


def test_the_report_is_markdown_with_a_row_for_each_program(monkeypatch: pytest.MonkeyPatch):
    for peer in PEERS:
        monkeypatch.setitem(sys.modules, peer.package, None)
    lines = list(report(lengths=(20,), effort=BRIEF))
    for pair in PAIRS:
        (row,) = [line for line in lines if line.startswith(f"| `{pair.name}(")]
        assert row.count("not installed") == len(PEERS)
    head = next(line for line in lines if line.startswith("| program"))
    assert head.count("|") == row.count("|")


def test_a_wrong_derivative_is_not_timed():
    wrong = Pair("Wrong", PRODUCT.primal, lambda x, y, z: (x, y, z), (1.0, 2.0, 3.0), (0, 1, 2))
    with pytest.raises(ArithmeticError, match="product: the gradient of ours is"):
        compare(wrong, (), BRIEF)


def test_a_peer_differentiates_the_same_functions():
    pytest.importorskip(AUTOGRAD.package)
    for pair in (PRODUCT, NEWTON):
        measured = compare(pair, (AUTOGRAD,), BRIEF)
        assert measured.peers[0] > 0


@pytest.mark.parametrize("lines", [20, 25, 80])
def test_programs_to_generate_for_are_as_long_as_asked_for(lines: int):
    fun = program(lines)
    assert code_lines(inspect.getsource(fun)) == lines + 1
    assert fun(*ARGS) == fun(*ARGS)
