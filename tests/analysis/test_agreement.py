"""Which lengths of arguments have to agree, and what a gradient says that computes no value."""

from __future__ import annotations

import sys

import numpy as np
import pytest

import ast_ad

A, B = np.arange(3.0), np.arange(4.0)


def added(a, b):
    return np.sum(a + b)


def multiplied(a, b):
    return np.mean(2.0 * a * b)


def chosen(a, b):
    return np.sum(np.where(a > 1, a, b))


def product(a, b):
    return a @ b


def contracted(a, b):
    return np.einsum("i, i ->", a, b)


def matrix_and_vector(a, b):
    return np.sum(np.dot(np.outer(a, a), b))


@pytest.mark.parametrize("fun", [added, multiplied, chosen, product, contracted, matrix_and_vector])
def test_arrays_that_do_not_fit_are_told(fun):
    gradient = ast_ad.grad(fun)
    for a, b in ((A, B), (A, A), (A, B)):  # The first call is the long way in, the last one the quick one.
        if len(a) == len(b):
            np.testing.assert_allclose(gradient(a, b), ast_ad.value_and_grad(fun)(a, b)[1])
            continue
        with pytest.raises(ValueError) as found:
            gradient(a, b)
        if sys.version_info >= (3, 11):
            assert f"in {fun.__name__}" in found.value.__notes__[0]


def with_ones(a):
    return np.sum(a + np.ones(4))


def scaled_by_ones(a):
    return np.sum(a * np.ones(4))


def with_what_is_known_to_be_long(a):
    return np.sum(np.linspace(0.0, 1.0, 4) @ np.outer(a, a))


WEIGHTS = np.linspace(0.0, 1.0, 4)
PARAMS = {"w": np.ones(4)}


def with_a_global(a):
    return np.sum(a + WEIGHTS)


def with_a_matrix_outside(a):
    return np.sum(a * PARAMS["w"])


def enclosed(weights):
    return lambda a: np.sum(2.0 * (a - weights))


@pytest.mark.parametrize(
    "fun",
    [
        *(with_ones, scaled_by_ones, with_what_is_known_to_be_long),
        *(with_a_global, with_a_matrix_outside, enclosed(np.ones(4))),
    ],
)
def test_an_array_that_does_not_fit_a_known_length_is_told(fun):
    gradient = ast_ad.grad(fun)
    for a in (A, B, A, B):
        if len(a) == 4:
            np.testing.assert_allclose(gradient(a), ast_ad.value_and_grad(fun)(a)[1])
            continue
        with pytest.raises(ValueError, match="4"):
            gradient(a)


def test_an_array_of_length_1_is_stretched_to_a_known_length():
    np.testing.assert_array_equal(ast_ad.grad(with_ones)(np.ones(1)), [4.0])


def test_arrays_that_one_path_alone_lets_meet_may_differ():
    def fun(a, b, together):
        if together:
            return np.sum(a + b)
        return np.sum(a)

    np.testing.assert_array_equal(ast_ad.grad(fun)(A, B, False), np.ones(3))


def test_nothing_is_printed_twice(capsys: pytest.CaptureFixture[str]):
    def fun(a, b):
        print("once")
        return a @ b

    with pytest.raises(ValueError, match="mismatch"):
        ast_ad.grad(fun)(A, B)
    assert capsys.readouterr().out.count("once") <= 1


def test_lengths_that_are_stretched_fit():
    np.testing.assert_array_equal(ast_ad.grad(added)(A, np.ones(1)), np.ones(3))
    np.testing.assert_array_equal(ast_ad.grad(added)(A, np.ones((2, 1))), 2 * np.ones(3))


def test_an_array_outside_that_is_exchanged_is_told():
    weights = np.ones(3)

    def fun(a):
        return np.sum(a + weights)

    gradient = ast_ad.grad(fun)
    np.testing.assert_array_equal(gradient(A), np.ones(3))
    weights = np.ones(4)
    with pytest.raises(ValueError, match="4"):
        gradient(A)


def in_a_dict(p):
    return np.sum(p["x"] + p["y"])


def in_a_list(p):
    return np.sum(np.sum(p[0] + p[1]))


@pytest.mark.parametrize("fun, pack", [(in_a_dict, lambda *xs: dict(zip("xy", xs))), (in_a_list, lambda *xs: [*xs])])
def test_arrays_in_containers_that_do_not_fit_are_told(fun, pack):
    gradient = ast_ad.grad(fun)
    for a, b in ((A, B), (A, A), (A, B)):
        if len(a) == len(b):
            gradient(pack(a, b))
            continue
        with pytest.raises(ValueError):
            gradient(pack(a, b))
