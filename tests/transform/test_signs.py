"""Where the sign of a product stands in the reverse sweep."""

from __future__ import annotations

import numpy as np
import pytest

import ast_ad
from ast_ad import testing

X = np.array([0.5, 1.5, -0.7])


def of_a_product(x):
    return np.sum(np.cos(x))


def of_a_quotient(x):
    return -np.sum(np.log(x * x))


def in_a_loop(x):
    s = 0.0
    for i in range(3):
        s += np.cos(x[i]) * s
        s += np.cos(s)
    return s


def subtracted(x):
    return np.sum(np.cos(x[1:])) + np.sum(np.cos(x[:-1]))


@pytest.mark.parametrize("fun", [of_a_product, of_a_quotient, in_a_loop, subtracted])
def test_a_product_is_negated_by_its_first_factor(fun):
    derivative = ast_ad.grad(fun)
    derivative(X)
    assert "-(" not in derivative.source
    testing.check_grads(fun, order=2)(X)


def test_what_the_user_wrote_stays():
    def negated(x):
        return np.exp(-(x * x / 2.0))

    derivative = ast_ad.grad(negated)
    derivative(0.7)
    assert "np.exp(-(x * x / 2.0))" in derivative.source
