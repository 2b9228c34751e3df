"""What NumPy makes of an index: `np.r_` and its like."""

from __future__ import annotations

import numpy as np
import pytest

import ast_ad
from ast_ad.errors import AutodiffError
from ast_ad.testing import check_grads

V = np.array([0.5, -1.2, 0.8])


@pytest.mark.parametrize(
    "fun",
    [
        lambda x: np.r_[x, 1.0, x * x],
        lambda x: np.r_[0:3, x, 0.5:2:0.5],
        lambda x: np.r_[x[0], x[1] * x[2], 0:1:5j, [x[2], 2.0]],
        lambda x: np.c_[x, x * x],
        lambda x: np.c_[np.outer(x, x), x] * 2,
        lambda x: x[np.s_[1:]] * x[np.s_[0]],
        lambda x: np.outer(x, x)[np.index_exp[1, ::2]],
        lambda x: np.mgrid[0:3] * x,
        lambda x: np.mgrid[0:2, 0:3] * x,
        lambda x: np.mgrid[0:1:3j, -1:1:3j] * x,
        lambda x: np.mgrid[0:1:0.5, 0:3] * x,
        lambda x: np.ogrid[0:2, 0:3][0] * x + np.ogrid[0:2, 0:3][1],
        lambda x: np.ogrid[0:1:3j] * x,
    ],
)
def test_values_and_derivatives(fun):
    value, _ = ast_ad.jvp(fun, (V,), (V,))
    np.testing.assert_array_equal(value, fun(V))
    assert value.dtype == fun(V).dtype
    check_grads(fun, order=2)(V)


def test_limits_may_be_computed():
    def fun(x, n):
        rows, columns = np.mgrid[0:n, 1 : n + 1]
        return np.sum(np.sin(x[0] * rows + x[1] * columns))

    check_grads(lambda x: fun(x, 3))(V)


@pytest.mark.parametrize(
    ("fun", "message"),
    [
        (lambda x: np.r_["0,2", x, x], "how to join is told by a text"),
        (lambda x: np.r_[x.astype(np.float32), 1.0], "`float32` is joined with an index"),
        (lambda x: np.mgrid[0 : x[0] : 0.1] * x[0], "known only when it runs"),
        (lambda x: np.mgrid[1] * x, "a grid is made of slices"),
    ],
)
def test_refusals(fun, message):
    with pytest.raises(AutodiffError, match=message):
        ast_ad.jvp(fun, (V,), (V,))
