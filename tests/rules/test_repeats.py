"""Which indices may name an element twice: there it has to be `np.add.at`."""

from __future__ import annotations

import numpy as np
import pytest

import ast_ad
from ast_ad import testing

X = np.random.default_rng(0).normal(size=(6, 4))
LABELS = np.array([0, 1, 1, 3, 2, 0])


def of_each_row(x):
    return np.sum(x[np.arange(len(LABELS)), LABELS] ** 2)


def largest(x):
    return np.sum(x[np.argsort(x[:, 0])[::-1][:2]] ** 3)


def of_the_sorted(x):
    order = np.argsort(x[:, 0])[:3]
    return np.sum(x[order, 1] ** 2 * x[order, 0])


def of_one_row(x):
    return np.sum(x[np.arange(1), LABELS % 4] ** 2)


def named_twice(x):
    return np.sum(x[LABELS, LABELS % 4] ** 2)


def from_both_ends(x):
    return np.sum(x[np.arange(-6, 6)] ** 2)


def of_a_table(x):
    return np.sum(x[np.arange(6)[:, None], np.array([[0, 0]])] ** 2)


def sorted_tables(x):
    return np.sum(x[np.argsort(x, axis=1)] ** 2)


@pytest.mark.parametrize("fun", [of_each_row, largest, of_the_sorted])
def test_an_index_without_repetitions(fun):
    derivative = ast_ad.grad(fun)
    derivative(X)
    assert "add.at" not in derivative.source
    testing.check_grads(fun)(X)


@pytest.mark.parametrize("fun", [of_one_row, named_twice, from_both_ends, of_a_table, sorted_tables])
def test_an_index_that_may_repeat(fun):
    derivative = ast_ad.grad(fun)
    derivative(X)
    assert "add.at" in derivative.source
    testing.check_grads(fun)(X)
