"""Our derivatives of the golden functions against those that a person wrote, in what can be counted."""

from __future__ import annotations

from typing import Any

import pytest

from benchmarks.facts import code_lines, pushes, transcendental_calls
from benchmarks.generated_code import MOST_LINES, PAGE, Comparison, agree, comparisons, page

each_comparison = pytest.mark.parametrize("comparison", comparisons(), ids=lambda comparison: comparison.name)


@each_comparison
def test_result(comparison: Comparison):
    assert agree(comparison.ours(*comparison.args), comparison.hand_written(*comparison.args))


@each_comparison
def test_number_of_lines(comparison: Comparison):
    assert code_lines(comparison.our_text) <= MOST_LINES * code_lines(comparison.hand_written_text), comparison.our_text


@each_comparison
def test_transcendental_calls(comparison: Comparison):
    assert transcendental_calls(comparison.our_text) == transcendental_calls(comparison.hand_written_text)


@each_comparison
def test_stack_contents(comparison: Comparison):
    ours, by_hand = pushes(comparison.our_text), pushes(comparison.hand_written_text)
    assert ours == by_hand if comparison.same_stack else list(map(len, ours)) == list(map(len, by_hand))


@each_comparison
def test_nothing_is_unbroadcast_where_shapes_are_known_to_be_equal(comparison: Comparison):
    assert "unbroadcast" not in comparison.our_text


@pytest.mark.jit
@pytest.mark.parametrize(
    "comparison", [each for each in comparisons() if each.compiles], ids=lambda comparison: comparison.name
)
def test_text_compiles_with_numba(comparison: Comparison):
    numba = pytest.importorskip("numba")
    namespace: dict[str, Any] = {}
    comparison.ours(*comparison.args)
    exec(compile(comparison.ours.jit_source, "<generated>", "exec"), namespace)
    (name,) = [name for name, value in namespace.items() if hasattr(value, "__code__")]
    compiled = numba.njit(namespace[name])
    assert agree(compiled(*comparison.args), comparison.hand_written(*comparison.args))


def test_the_page_is_up_to_date():
    assert PAGE.read_text(encoding="utf-8") == page(), "run `python -m benchmarks.generated_code`"
