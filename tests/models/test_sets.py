"""Sets whose items are computed, as lists of these."""

from __future__ import annotations

import pytest

import ast_ad


def grows_while_it_is_looped_over(x):
    items = {1, 2, 3}
    total = 0.0
    for each in items:
        total += each * x
        items.add(10 + each)
    return total


def grows_after_the_loop(x):
    items = {1, 2, 3}
    total = 0.0
    for each in items:
        total += each * x
    items.add(4)
    return total * len(items)


def test_a_set_that_changes_size_in_a_loop_over_it():
    for operator in (ast_ad.grad, ast_ad.value_and_grad):
        with pytest.raises(RuntimeError, match="Set changed size during iteration"):
            operator(grows_while_it_is_looped_over)(1.5)


def test_a_set_that_changes_after_the_loop():
    assert ast_ad.value_and_grad(grows_after_the_loop)(1.5) == (36.0, 24.0)
