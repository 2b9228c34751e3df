"""Arrays that are made and cut with the length of another one: no adjoint is fitted to a shape that it has already."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from ast_ad import grad
from ast_ad.testing import check_grads


def cut_with_its_length(u):
    n = len(u)
    return np.sum((u[1:] - u[: n - 1]) ** 2 * u[: n + 2][1:])


def weighted_by_places(u):
    n = u.shape[0]
    return np.sum(np.arange(n) * u) + np.sum(np.arange(1, n + 1) * u**2)


def filled_with_as_many(u):
    n = u.size
    total = np.zeros(n - 1)
    total += u[1:]
    return np.sum(total * u[:-1])


def matrix_of_both_lengths(A):
    rows, columns = A.shape
    return np.sum(np.ones((rows, columns)) * A) + np.sum(A[0] * np.linspace(0.0, 1.0, columns))


def in_another_shape(A):
    rows = A.shape[0]
    return np.sum(np.reshape(A, (rows, -1)) * A)


VECTOR, MATRIX = np.linspace(0.2, 1.1, 5), np.linspace(-1.0, 0.9, 12).reshape(3, 4)
KNOWN = [
    (cut_with_its_length, VECTOR),
    (weighted_by_places, VECTOR),
    (filled_with_as_many, VECTOR),
    (matrix_of_both_lengths, MATRIX),
    (in_another_shape, MATRIX),
]
each_known = pytest.mark.parametrize(("fun", "x"), KNOWN)


@each_known
def test_nothing_is_fitted(fun: Callable[..., Any], x: Any) -> None:
    derivative = grad(fun)
    derivative(x)
    assert not any(word in derivative.source for word in ("unbroadcast", "fitted", "full_like"))


@each_known
def test_derivatives(fun: Callable[..., Any], x: Any) -> None:
    check_grads(fun, order=2)(x)


def cut_from_the_end(u, v, k):
    # With an array that is shorter than 3, the stop is negative, and cuts from the end.
    n = len(u)
    return np.sum(u[: n - 3] * v) * k


@pytest.mark.parametrize(("n", "m"), [(5, 2), (5, 1), (2, 1), (4, 3)])
def test_a_stop_that_may_be_negative_is_fitted_as_it_comes(n: int, m: int) -> None:
    check_grads(cut_from_the_end, argnums=(0, 1))(np.linspace(0.2, 1.1, n), np.linspace(0.5, 0.9, m), 2.0)


def made_with_another_length(u, v):
    n = len(v)
    return np.sum(np.ones(n) * u) + np.sum(np.zeros(n + 1)[1:] + u)


@pytest.mark.parametrize(("n", "m"), [(3, 3), (1, 3), (3, 1)])
def test_the_length_of_another_array_is_another_length(n: int, m: int) -> None:
    check_grads(made_with_another_length)(np.linspace(0.2, 1.1, n), np.linspace(0.2, 1.1, m))
