"""Which intermediates are kept: seen in the forward sweep, and in what stands again in the reverse sweep."""

from __future__ import annotations

import numpy as np
import pytest

import ast_ad
from ast_ad.frontend import emission
from ast_ad.storage import storage


def chain(x):
    s1 = np.sin(x)
    s2 = np.exp(s1)
    s3 = np.tanh(s2)
    s4 = np.sqrt(s3)
    return np.sum(s4 * s4 * s4)


def text_of(fun, *args):
    derivative = ast_ad.grad(fun, checkpoint="every_other")
    derivative(*args)
    forward, _, reverse = derivative.source.partition("# reverse sweep")
    return forward, reverse


X = np.array([0.3, 1.2])


def test_every_other_of_a_chain():
    forward, reverse = text_of(chain, X)
    assert "s1 = np.sin(x)" in forward
    assert "s3 = np.tanh(np.exp(s1))" in forward
    assert "np.sqrt" not in forward
    assert "s4 = np.sqrt(s3)" in reverse
    assert "s2 = np.exp(s1)" in reverse
    assert "np.tanh" not in reverse


def test_scalars_too():
    forward, reverse = text_of(chain, 0.3)
    assert "s3 = np.tanh(np.exp(s1))" in forward
    assert "s2 = np.exp(s1)" in reverse


def long_chain(x):
    x = np.sin(np.tanh(x))
    x = np.sin(np.tanh(x))
    x = np.sin(np.tanh(x))
    x = np.sin(np.tanh(x))
    x = np.sin(np.tanh(x))
    x = np.sin(np.tanh(x))
    x = np.sin(np.tanh(x))
    return np.sum(np.sin(np.tanh(x)))


def test_what_the_reverse_sweep_does_not_read_is_not_kept_for_nothing():
    # It reads the `np.tanh` alone; keeping every other name would keep as much as keeping what is read.
    forward, reverse = text_of(long_chain, X)
    assert forward.count("np.tanh") == 7
    assert reverse.count("np.tanh") == 4
    assert reverse.count("np.sin") == 4


def diamond(x):
    a = np.exp(x)
    b = np.sin(a)
    c = np.cos(a)
    d = b * c
    e = np.exp(d)
    return np.sum(e * np.sin(d))


def test_recomputation_is_one_step_deep():
    # `b` and `c` are computed again from `a`; so `d`, which comes from both, is kept.
    forward, reverse = text_of(diamond, X)
    assert "d = " in forward
    assert "d = " not in reverse.replace("_d = ", "")
    assert reverse.count("= np.sin(a)") == reverse.count("= np.cos(a)") == 1


def reduced(x):
    a = np.exp(x)
    s = np.sum(a * a)
    b = np.sin(s)
    return b * np.exp(b)


def test_numbers_are_not_computed_again_from_arrays():
    _, reverse = text_of(reduced, X)
    assert "np.sum" not in reverse


def drawn(x, rng):
    a = np.sin(x)
    b = a * rng.normal(size=2)
    c = np.exp(b)
    d = np.sin(c)
    return np.sum(d * d)


def test_draws_are_kept():
    _, reverse = text_of(drawn, X, np.random.default_rng(0))
    assert "normal(" not in reverse


@pytest.mark.parametrize("fun", [chain, long_chain, diamond, reduced])
def test_the_same_to_the_last_bit(fun):
    np.testing.assert_array_equal(ast_ad.grad(fun, checkpoint="every_other")(X), ast_ad.grad(fun)(X))


def long_step(x):
    a = np.sin(x)
    b = np.exp(-a)
    c = np.tanh(b)
    d = np.sqrt(c)
    e = np.cos(d)
    f = np.exp(-e)
    return np.tanh(f)


def twice(x):
    return np.sum(long_step(long_step(x)))


def descent(x, n):
    if n == 0:
        return x
    a = np.sin(x)
    b = np.exp(-a)
    c = np.tanh(b)
    d = np.sqrt(c)
    e = np.cos(d)
    return descent(np.exp(-e), n - 1)


def to_the_ground(x, n):
    return np.sum(descent(x, n))


def in_a_branch(x):
    y = x
    if x[0] > 0:
        a = np.sin(x)
        b = np.exp(-a)
        c = np.tanh(b)
        d = np.sqrt(c)
        e = np.cos(d)
        y = np.exp(-e)
    return np.sum(y * y)


@pytest.mark.parametrize(("fun", "kept", "of"), [(twice, 6, 10), (to_the_ground, 6, 12), (in_a_branch, 3, 4)])
def test_in_functions_of_their_own_and_in_branches(fun, kept, of, monkeypatch):
    monkeypatch.setattr(emission, "BUDGET", 0)
    monkeypatch.setattr(emission, "SMALL", 0)
    x = np.linspace(0.1, 1.0, 1000)
    args = (x, 3) if fun is to_the_ground else (x,)
    plain, derivative = ast_ad.grad(fun), ast_ad.grad(fun, checkpoint="every_other")
    np.testing.assert_array_equal(derivative(*args), plain(*args))
    arrays = [storage(each, *args).size // x.nbytes for each in (derivative, plain)]
    assert arrays == [kept, of]


def test_in_what_is_run_again_as_a_whole():
    derivative = ast_ad.grad(lambda x: np.sum(ast_ad.checkpoint(long_step)(x)), checkpoint="every_other")
    derivative(X)
    first = derivative.source.index("c = np.tanh(b)")
    assert derivative.source.index("d = np.sqrt(np.tanh(b))") < derivative.source.index("e = np.cos(d)") < first
