"""`np.linalg.lstsq`: each of its results, for matrices of full rank, of a lower one, and wide ones."""

from __future__ import annotations

import numpy as np
import pytest

import ast_ad
from ast_ad.errors import KindError
from ast_ad.testing import check_grads

RNG = np.random.default_rng(3)
TALL, WIDE, SQUARE = (RNG.standard_normal(shape) for shape in ((5, 2), (2, 4), (3, 3)))


@pytest.mark.parametrize("a", [TALL, WIDE, SQUARE], ids=["tall", "wide", "square"])
@pytest.mark.parametrize("columns", [(), (2,)])
def test_solution_and_singular_values(a, columns):
    b = RNG.standard_normal((len(a), *columns))

    def solution(a, b):
        found, _, _, sizes = np.linalg.lstsq(a, b, rcond=None)
        return found, sizes

    check_grads(solution, order=2)(a, b)


@pytest.mark.parametrize("columns", [(), (2,)])
def test_residuals(columns):
    b = RNG.standard_normal((5, *columns))
    check_grads(lambda a, b: np.linalg.lstsq(a, b, rcond=None)[1], order=2)(TALL, b)
    assert not np.any(ast_ad.grad(lambda b: np.sum(np.linalg.lstsq(WIDE, b, rcond=None)[1]))(b[:2]))


def test_a_lower_rank_has_the_derivative_along_matrices_of_that_rank():
    def solution(u, v, b):
        return np.linalg.lstsq(np.outer(u, v), b, rcond=1e-10)[0]

    check_grads(solution)(RNG.standard_normal(4), RNG.standard_normal(3), RNG.standard_normal(4))


def test_complex_numbers_are_refused():
    with pytest.raises(KindError, match=r"np\.linalg\.pinv"):
        ast_ad.grad(lambda a: np.linalg.lstsq(a + 0j, np.ones(3), rcond=None)[0].real.sum())(SQUARE)
