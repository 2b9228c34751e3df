from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from ast_ad import AutodiffError, grad

OUTSIDE = {1, 2}


def texts_in_a_loop(x):
    total = 0.0
    for each in {"a", "bc"}:
        total += x * len(each)
    return total


def added_outside(x):
    OUTSIDE.add(7)
    return x * len(OUTSIDE)


def any_of_several(x):
    left = {1, 2}
    return x * left.pop()


@pytest.mark.parametrize(
    ("fun", "line", "reason", "help"),
    [
        (texts_in_a_loop, "for each in", "in which order a loop goes through this set is not known", "sorted"),
        (added_outside, "OUTSIDE.add(7)", "belongs to the scope outside of this function", "change a copy"),
        (any_of_several, "left.pop()", "which item `pop` takes", "min"),
    ],
)
def test_what_depends_on_a_table_nobody_sees_is_refused_at_the_users_line(
    fun: Callable[..., Any], line: str, reason: str, help: str
) -> None:
    with pytest.raises(AutodiffError) as caught:
        grad(fun)(1.0)
    assert line in caught.value.where.text
    assert caught.value.where.file == __file__
    assert reason in caught.value.message
    assert help in caught.value.help


def weight_of_those(x, chosen):
    return sum(v * k for k, v in enumerate(x) if k in chosen)


def test_a_set_that_changes_between_calls_is_seen() -> None:
    chosen = {1}
    derivative = grad(weight_of_those)
    assert derivative([1.0, 1.0, 1.0], chosen) == [0.0, 1.0, 0.0]
    chosen.add(2)
    assert derivative([1.0, 1.0, 1.0], chosen) == [0.0, 1.0, 2.0]
    assert chosen == {1, 2}


def counted(x):
    return x * len(OUTSIDE)


def test_a_set_outside_that_changes_between_calls_is_seen() -> None:
    derivative = grad(counted)
    assert derivative(1.0) == 2.0
    OUTSIDE.add(5)
    try:
        assert derivative(1.0) == 3.0
    finally:
        OUTSIDE.discard(5)


def with_what_was_chosen(x):
    chosen = {1, 2}
    chosen.add(3)
    return x * x, chosen


def test_a_set_leaves_the_function_as_a_set() -> None:
    assert grad(with_what_was_chosen, has_aux=True)(2.0) == (4.0, {1, 2, 3})


def fewest(x, items):
    return x * len(set(items) - {0})


def in_turn(x, items):
    total = x * 0.0
    for k in items:
        total = total * 0.5 + x * k
    return total


@pytest.mark.parametrize("items", [{3, 9, 27, 1}, {64, 3}, frozenset([5, 100, 7])])
def test_a_loop_goes_through_a_given_set_as_python_does(items: Any) -> None:
    expected = 0.0
    for k in items:
        expected = expected * 0.5 + k
    assert grad(in_turn)(1.0, items) == pytest.approx(expected)
    assert grad(fewest)(1.0, items) == len(items)
