"""Which subtracted maxima have no derivative, and which have one."""

from __future__ import annotations

import math

import numpy as np
import pytest

import ast_ad
from ast_ad import testing

X = np.random.default_rng(0).normal(size=(4, 3))
V = np.random.default_rng(1).normal(size=3)


def log_sum_exp(x):
    m = np.max(x)
    return m + np.log(np.sum(np.exp(x - m)))


def of_rows(x):
    m = x.max(axis=1)
    return np.sum(V[0] * (m + np.log(np.exp(x - m[:, None]).sum(axis=-1))) ** 2)


def of_columns(x):
    m = np.max(x, axis=0)
    return np.sum(np.log(np.sum(np.exp(x - m), axis=0)) * np.arange(3) + m * np.arange(3) + 0 * x)


def softmax(x):
    e = np.exp(x - np.max(x, axis=-1, keepdims=True))
    return np.sum((e / np.sum(e, axis=-1, keepdims=True)) ** 2 @ V)


def normalised_by_a_product(x):
    e = np.exp(2.0 * (x - np.max(x)))
    return np.sum(np.sin(e[1:] * (1.0 / np.sum(e))))


def log_probabilities(x):
    z = x - np.max(x, axis=1, keepdims=True)
    return np.mean((z - np.log(np.sum(np.exp(z), axis=1, keepdims=True)))[np.arange(4), [0, 2, 1, 1]])


def attention(x):
    scores = x @ x.T
    weights = np.exp(scores - scores.max())
    return np.sum(np.sin((weights @ x) / weights.sum()))


def of_two_numbers(x):
    m = max(x[0, 0], x[0, 1])
    return m + math.log(math.exp(x[0, 0] - m) + math.exp(x[0, 1] - m))


@pytest.mark.parametrize(
    "fun", [log_sum_exp, of_rows, softmax, normalised_by_a_product, log_probabilities, attention, of_two_numbers]
)
def test_a_shift_that_is_made_up_for(fun):
    derivative = ast_ad.grad(fun)
    derivative(X)
    assert "share" not in derivative.source
    testing.check_grads(fun, order=2)(X)


def not_added_again(x):
    return np.log(np.sum(np.exp(x - np.max(x))))


def added_twice(x):
    m = np.max(x)
    return 2.0 * m + np.log(np.sum(np.exp(x - m)))


def also_returned(x):
    m = np.max(x)
    e = np.exp(x - m)
    return np.sum(np.sin(e / np.sum(e))) + m


def normalised_along_the_other_axis(x):
    e = np.exp(x - np.max(x, axis=1, keepdims=True))
    return np.sum((e / np.sum(e, axis=0)) ** 2)


def of_another_row(x):
    m = np.max(x[:3], axis=1)
    e = np.exp(x[:3] - m)
    return np.sum((e / np.sum(e, axis=1, keepdims=True)) ** 2)


def one_is_added(x):
    e = np.exp(x - np.max(x))
    return np.sum((e / (1.0 + np.sum(e))) ** 2)


def of_a_square(x):
    e = np.exp(-((x - np.max(x)) ** 2))
    return np.sum((e / np.sum(e)) ** 2)


def with_other_powers(x):
    e = np.exp(x - np.max(x))
    return np.sum(e * e / np.sum(e))


def in_a_branch(x):
    m = np.max(x)
    e = np.exp(x - m)
    total = 0.0
    if x[0, 0] > 0:
        total = np.sum(e)
    return np.sum((e / np.sum(e)) ** 2) + total


def joined_with_another(x):
    e = np.exp(x - np.max(x))
    return np.sum((np.concatenate([e, x]) / np.sum(e)) ** 2)


@pytest.mark.parametrize(
    "fun",
    [
        of_columns,
        not_added_again,
        added_twice,
        also_returned,
        normalised_along_the_other_axis,
        of_another_row,
        one_is_added,
        of_a_square,
        with_other_powers,
        in_a_branch,
        joined_with_another,
    ],
)
def test_a_shift_that_is_not(fun):
    derivative = ast_ad.grad(fun)
    derivative(X)
    assert "share" in derivative.source
    testing.check_grads(fun)(X)


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_a_difference_that_is_divided_by_zero():
    gradient = ast_ad.grad(lambda x: np.sum(np.exp((x - np.max(x)) / 0.0)))(X)
    assert not np.any(np.isfinite(gradient))
