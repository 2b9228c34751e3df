"""Branches by one test, one right behind the other in the reverse sweep, are one."""

import numpy as np
import pytest

import ast_ad
from ast_ad.testing import check_grads


def early_returns(x):
    if x < 0:
        return 0.5 * x
    if x < 1:
        return x**2
    return 2 * x - 1


RETURNS = """\
    if x < 0:
        return out_bar * 0.5
    if x < 1:
        return out_bar * 2 * x
    return out_bar * 2
"""


def with_one_that_needs_both(x):
    y = x
    w = np.cos(x)
    if x > 0:
        y = y * w
    w = w * y
    if x > 0:
        w = w * y
    return w * y


def in_a_loop(x):
    total = 0.0
    for i in range(4):
        y = x * i
        if y > 1.5:
            y = y * y
        total = total + y
        if y > 1.5:
            total = total * y
    return total


@pytest.mark.parametrize("fun", [early_returns, with_one_that_needs_both, in_a_loop])
@pytest.mark.parametrize("x", [-0.7, 0.6, 1.7])
def test_derivatives(fun, x):
    check_grads(fun, order=2)(x)


def test_early_returns_read_as_they_do_in_the_function():
    gradient = ast_ad.grad(early_returns)
    gradient(0.5)
    assert gradient.source.split("# reverse sweep\n")[1] == RETURNS
