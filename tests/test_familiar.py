"""Names that other tools use: the error names what stands for them here, which does what they do."""

from __future__ import annotations

import numpy as np
import pytest

import ast_ad
from ast_ad import familiar

X, V = np.array([1.0, 2.0]), np.array([0.5, -1.0])


def test_the_error_names_ours():
    with pytest.raises(AttributeError, match=r"no attribute 'make_vjp': use `value, pullback = ast_ad\.vjp\(f, x\)`"):
        ast_ad.make_vjp  # noqa: B018
    with pytest.raises(AttributeError, match=r"no attribute 'nonsense'$"):
        ast_ad.nonsense  # noqa: B018


def test_no_name_is_ours_already():
    assert not familiar._OURS.keys() & set(ast_ad.__all__)


def test_a_holomorphic_derivative():
    assert ast_ad.vjp(lambda z: z**3, 1 + 2j)[1](1.0 + 0j)[0] == pytest.approx(3 * (1 + 2j) ** 2)


def test_a_generalised_gauss_newton_product():
    def f(x):
        return np.array([x[0] * x[1], np.sin(x[0]), x[1] ** 2])

    jacobian = ast_ad.jacobian(f)(X)
    _, dot = ast_ad.jvp(f, (X,), (V,))
    np.testing.assert_allclose(ast_ad.vjp(f, X)[1](dot)[0], jacobian.T @ jacobian @ V)


def test_gradients_by_names():
    assert ast_ad.grad(lambda x, y: x * x * y, argnums=("y", "x"))(2.0, 3.0) == (4.0, 12.0)
