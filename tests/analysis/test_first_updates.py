"""First updates through slices: `=` where no other one has been there, whatever the sign of what limits them."""

from __future__ import annotations

import re

import numpy as np
import pytest

import ast_ad


def gates(z, h):
    n = h.size
    return np.sum(z[:n] ** 2) * np.sum(z[n : 2 * n] ** 3) + np.sum(np.sin(z[2 * n :]))


def at_a_number(x, n):
    return np.sum(x[:n] ** 2) * np.sum(x[n : 2 * n] ** 3) + np.sum(np.sin(x[2 * n :]))


def overlapping(x, n):
    return np.sum(x[:n] ** 2) * np.sum(x[n - 1 :] ** 3)


def from_the_end(x):
    return np.sum(x[:-2] ** 2) * np.sum(x[-2:] ** 3) + np.sum(np.sin(x[-1:]))


def columns(x, n):
    w = np.outer(x, x)
    return np.sum(w[:n, 0] ** 2) * np.sum(w[n:, 0] ** 3) * np.sum(w[n:, 1])


X = np.linspace(0.2, 1.1, 7)


@pytest.mark.parametrize(
    ("fun", "args", "signs"),
    [
        (gates, (X, np.ones(2)), ["=", "=", "="]),
        (at_a_number, (X, 2), ["=", "=", "+="]),
        (at_a_number, (X, -1), ["=", "=", "+="]),
        (overlapping, (X, 3), ["=", "+="]),
        (overlapping, (X, -3), ["=", "+="]),
        (from_the_end, (X,), ["=", "+=", "="]),
        (columns, (X, 3), ["=", "=", "="]),
    ],
)
def test_slices(fun, args, signs):
    derivative = ast_ad.grad(fun)
    found = derivative(*args)
    assert re.findall(r"_bar\[.*\] (\+?=)", derivative.source) == signs
    steps = [ast_ad.jvp(lambda x: fun(x, *args[1:]), (args[0],), (e,))[1] for e in np.eye(len(X))]
    np.testing.assert_allclose(found, steps, rtol=1e-12, atol=1e-14)
