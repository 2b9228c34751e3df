"""Lengths that are known to be equal: of slices between the same limits, of new arrays of the same size."""

from __future__ import annotations

import numpy as np
import pytest

import ast_ad
from ast_ad import testing

X = np.linspace(0.2, 1.1, 6)


def dots(x):
    y = np.sin(x)
    total = 0.0
    for j in range(1, 5):
        total = total + np.sum(x[:j] * y[:j]) * np.sum(x[j - 1 :] * x[j - 1 :])
    return total


def sized(x, n):
    a = np.ones(n) * x[0]
    b = np.zeros(n) + x[1]
    return np.sum(np.sin(a * b))


@pytest.mark.parametrize(("fun", "args"), [(dots, (X,)), (sized, (X, 4))])
def test_what_is_equal_is_not_unbroadcast(fun, args):
    derivative = ast_ad.grad(fun)
    derivative(*args)
    assert "unbroadcast" not in derivative.source
    testing.check_grads(lambda x: fun(x, *args[1:]))(X)


def of_the_step_before(x):
    total = 0.0
    before = x[:1]
    for j in range(1, 3):
        part = x[:j] * 2
        total = total + np.sum(before * part)
        before = part
    return total


def changing_limits(x):
    j, total = 1, 0.0
    part = x[:j]
    while j < 5:
        total = total + np.sum(part * x[:1]) + np.sum(x[:j] * x[1 : j + 1])
        j += 1
        part = x[:j]
    return total


def limits_by_path(x):
    j = 1 if x[0] > 0 else 3
    k = 4
    return np.sum(x[:j] * x[1:k])


def in_lists(x):
    parts = []
    for j in range(1, 6):
        parts.append(x[:j])
    total = 0.0
    for j in range(1, 6):
        total = total + np.sum(parts[j - 1] * x[:1]) * np.sum(parts[0] * parts[j - 1])
    return total


def negative(x):
    total = 0.0
    for j in range(-3, 4):
        total = total + np.sum(x[j:] * x[j:]) + np.sum(x[:j] * x[5])
    return total


def any_size(x, n=1):
    return np.sum(np.ones(n) * x[0] * x)


@pytest.mark.parametrize("fun", [of_the_step_before, changing_limits, limits_by_path, in_lists, negative, any_size])
def test_what_may_differ_is_not_taken_for_equal(fun):
    testing.check_grads(lambda x: fun(x))(X)


def layer(weights, x, bias):
    z = np.dot(weights, x) + bias
    assert z.shape == (weights.shape[0], x.shape[1])
    return np.sum(np.tanh(z))


def same_length(x, y):
    assert x.shape == y.shape
    return np.sum(x) * np.sum(y)


def same_length_in_each_turn(x, n):
    part = x
    for _ in range(n):
        before = len(part)
        part = part[:-1] * 1.0
        assert len(part) != before
    return np.sum(part)


def test_an_assertion_that_lengths_are_what_they_have_to_be_leaves_nothing_behind():
    derivative = ast_ad.grad(layer)
    derivative(np.ones((2, 3)), np.ones((3, 4)), np.ones((2, 1)))
    assert "AssertionError" not in derivative.source
    with pytest.raises(ValueError):
        derivative(np.ones((2, 3)), np.ones((3, 4)), np.ones((3, 1)))


def test_lengths_of_two_arguments_are_compared_when_it_runs():
    derivative = ast_ad.grad(same_length)
    assert derivative(X, X + 1.0).shape == X.shape
    with pytest.raises(AssertionError):
        derivative(X, X[1:])


def test_lengths_of_two_turns_are_not_taken_for_one():
    assert ast_ad.grad(same_length_in_each_turn)(X, 3).tolist() == [1.0, 1.0, 1.0, 0.0, 0.0, 0.0]
