"""Where an adjoint is assigned, and where it has to be added to what is there."""

from __future__ import annotations

import re

import numpy as np
import pytest

import ast_ad
from ast_ad import testing

X = np.random.default_rng(0).normal(size=6)
M = np.random.default_rng(1).normal(size=(4, 4))


def updates(fun, *args):
    """The operators of the updates of adjoints, in order."""
    derivative = ast_ad.grad(fun)
    derivative(*args)
    return re.findall(r"\w+_bar\[.*?\] (=|\+=|-=) ", derivative.source)


def each_element(x):
    s = 0.0
    for i in range(len(x)):
        s += x[i] ** 3
    return s


def each_of_a_matrix(x):
    s = 0.0
    for i in range(len(x)):
        for j in range(i, len(x)):
            s += x[i, j] ** 3
    return s


def neighbours(x):
    s = 0.0
    for i in range(len(x) - 1):
        s += x[i + 1] ** 2 * x[i]
    return s


def some_slices(x):
    s = 0.0
    for i in range(1, len(x)):
        s += np.sum(x[i, 1:] ** 3)
    return s


def on_a_path(x):
    s = 0.0
    for i in range(len(x)):
        if x[i] > 0:
            s += x[i] ** 3
    return s


def distinct_rows(x):
    return np.sum(x[0] ** 3) * np.sum(x[2] ** 2)


@pytest.mark.parametrize(
    ("fun", "at", "expected"),
    [
        (each_element, X, ["="]),
        (each_of_a_matrix, M, ["="]),
        (neighbours, X, ["=", "+="]),
        (some_slices, M, ["="]),
        (on_a_path, X, ["="]),
        (distinct_rows, M, ["=", "="]),
    ],
)
def test_what_is_reached_first_is_assigned(fun, at, expected):
    assert sorted(updates(fun, at), reverse=True) == sorted(expected, reverse=True)
    testing.check_grads(fun)(at)


def counted_from_the_end(x):
    s = 0.0
    for i in range(-len(x), len(x)):
        s += x[i] ** 3
    return s


def each_twice(x):
    s = 0.0
    for _ in range(2):
        for i in range(len(x)):
            s += x[i] ** 3
    return s


def rows_for_each_column(x):
    s = 0.0
    for i in range(len(x)):
        for j in range(len(x)):
            s += x[i, j] * x[j, i] ** 2 + np.sum(x[i]) ** 2
    return s


def computed_indices(x):
    s = 0.0
    for i in range(len(x)):
        s += x[i // 2] ** 3
    return s


def one_after_the_other(x):
    s = np.sum(x[1:] ** 3)
    for i in range(len(x)):
        s += x[i] ** 3
    return s


@pytest.mark.parametrize(
    ("fun", "at"),
    [
        (counted_from_the_end, X),
        (each_twice, X),
        (rows_for_each_column, M),
        (computed_indices, X),
        (one_after_the_other, X),
    ],
)
def test_what_may_have_been_reached_is_added_to(fun, at):
    found = updates(fun, at)
    assert "+=" in found or "-=" in found
    testing.check_grads(fun)(at)


def test_one_term_of_a_place_is_assigned_the_other_added():
    def backwards(x):
        s = 0.0
        for i in range(len(x) - 1, 0, -1):
            s += x[i] ** 2 * x[i - 1]
        return s

    assert sorted(updates(backwards, X)) == ["+=", "="]
    testing.check_grads(backwards)(X)


def test_an_adjoint_without_a_name_is_one_array():
    def turned(k, y):
        for _ in range(3):
            y = y + k * np.array([(y + k)[1], -k * (y + k)[0]])
        return np.sum(np.sin(y))

    derivative = ast_ad.grad(turned, argnums=(0, 1))
    derivative(0.3, X[:2])
    assert "buffer[0] = " in derivative.source
    assert "buffer[1] = " in derivative.source
    testing.check_grads(turned, (0, 1))(0.3, X[:2])
