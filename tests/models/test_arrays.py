"""Functions of NumPy that are lowered as others: their values to the last bit, and their derivatives."""

from __future__ import annotations

import numpy as np
import pytest

import ast_ad
from ast_ad.errors import UnsupportedSyntaxError
from ast_ad.testing import check_grads

V = np.array([0.5, -1.2, 0.8, 1.5])
M = np.array([[0.5, -1.2, 0.8], [1.5, 0.3, -0.4]])
TIMES = np.linspace(0.0, 1.0, 4)


@pytest.mark.parametrize(
    ("fun", "x"),
    [
        (lambda x: np.apply_along_axis(lambda row: row * np.sum(row), 1, x), M),
        (lambda x: np.apply_along_axis(lambda row: np.outer(row, row[:2]), 0, x), M),
        (lambda x: np.apply_along_axis(lambda row: np.outer(row[:2], row), -1, x), M),
        (lambda x: np.apply_along_axis(lambda row, scale: scale * np.prod(row), 0, x, 2.0), M),
        (lambda x: np.fromiter([x[0] * i for i in range(3)], dtype=float), V),
        (lambda x: np.fromiter((v * x[0] for v in x), float, count=len(x) // 2), V),
        (lambda x: np.nanmedian(np.append(x, np.nan)), V),
        (lambda x: np.nanquantile(np.append(x, np.nan), 0.3), V),
        (lambda x: np.nanpercentile(np.append(x, np.nan), 30.0), V),
        (lambda x: np.poly(x), V),
        (lambda x: np.polyfit(TIMES, x, 2), V),
        (lambda x: np.polyfit(x, TIMES, 1), V),
        (lambda x: sum(x.tolist()) * x[0], V),
        (lambda x: x.tolist()[1][2] * x.tolist()[0][0], M),
        (lambda x: np.modf(3 * x)[0] * np.modf(3 * x)[1], V),
        (lambda x: np.frexp(3 * x)[0] * x, V),
        (lambda x: np.divmod(x, 0.7)[1] * np.divmod(x, 0.7)[0], V),
        (lambda x: np.polysub(np.polyadd(x, x[1:]), x), V),
        (lambda x: np.polymul(x, x), V),
        (lambda x: np.linalg.tensorinv(np.outer(x, x).reshape(4, 2, 2) + np.eye(4).reshape(4, 2, 2), 1), V),
        (lambda x: np.polynomial.legendre.legval(0.3, x), V),
        (lambda x: np.polynomial.chebyshev.chebval(x, np.arange(3.0)), V),
        (lambda x: np.polynomial.polynomial.polyder(x), V),
        (lambda x: np.polynomial.polynomial.polyfromroots(x), V),
        (lambda x: np.polynomial.Polynomial([1.0, 2.0, 3.0])(x) * np.polynomial.Polynomial(x).deriv()(0.5), V),
        (lambda x: x.clip(0) * x.clip(min=0.6), V),
        (lambda x: x * np.finfo(x.dtype).eps * 1e16, V),
        (lambda x: x * np.ones(4, np.result_type(x, np.float32)), V),
    ],
)
def test_values_and_derivatives(fun, x, order: int):
    value, _ = ast_ad.jvp(fun, (x,), (np.ones_like(x),))
    np.testing.assert_array_equal(value, fun(x))
    check_grads(fun, order=order)(x)


def test_fromiter_asks_for_as_many_items_as_it_counts():
    def two_of_each(x):
        items = (v * v for v in x)
        first = np.fromiter(items, float, count=2)
        return np.sum(first) * next(items)

    np.testing.assert_allclose(ast_ad.grad(two_of_each)(V), [0.64, -1.536, 2.704, 0.0], rtol=1e-12)
    with pytest.raises(ValueError, match="Expected 5 but iterator had only 4 items"):
        ast_ad.grad(lambda x: np.sum(np.fromiter((v for v in x), float, count=5)))(V)


def test_vectorized_functions_whose_first_result_decides_are_refused():
    with pytest.raises(UnsupportedSyntaxError, match="type of the first one") as failure:
        ast_ad.grad(lambda x: np.sum(np.vectorize(lambda t: 0 if t < 0 else t)(x)))(V)
    assert "otypes=[float]" in failure.value.help
