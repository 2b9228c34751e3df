"""Methods of ufuncs, and functions of `operator`, that are lowered as loops and statements."""

from __future__ import annotations

import operator

import numpy as np
import pytest

import ast_ad
from ast_ad.testing import check_grads

V = np.array([0.5, -1.2, 0.8, 1.5])
M = np.array([[0.5, -1.2, 0.8], [1.5, 0.3, -0.4]])
PART = np.array([[True, False, True], [True, True, False]])


@pytest.mark.parametrize(
    ("fun", "x"),
    [
        (lambda x: np.subtract.reduce(x), M),
        (lambda x: np.true_divide.reduce(x, axis=1, keepdims=True), M),
        (lambda x: np.hypot.reduce(x, axis=None), M),
        (lambda x: np.hypot.reduce(x, axis=(0, 1), keepdims=True), M),
        (lambda x: np.fmax.reduce(x, axis=1, initial=0.4, where=x < 1), M),
        (lambda x: np.hypot.reduce(x, where=PART), M),
        (lambda x: np.add.reduce(x, initial=2.0, where=PART), M),
        (lambda x: np.multiply.reduce(x, axis=(0, 1), initial=2.0), M),
        (lambda x: np.maximum.reduce(x, axis=1, initial=0.4, where=PART), M),
        (lambda x: np.minimum.reduce(x, axis=None, initial=0.4), M),
        (lambda x: np.logaddexp.reduce(x, axis=1, initial=0.5), M),
        (lambda x: np.maximum.reduce(x, axis=1, dtype=complex).real * x[:, 0], M),
        (lambda x: np.minimum.reduce(x[:0], initial=x[0]) * x, V),
        (lambda x: np.add(x, 1, dtype=np.float64), V),
        (lambda x: np.multiply(x, [1, 2, 3], dtype=complex, casting="same_kind", subok=False), M),
        (lambda x: np.sqrt(x * x, casting="same_kind", order="K", dtype=None), V),
        (lambda x: np.logaddexp.accumulate(x), V),
        (lambda x: np.arctan2.accumulate(x, axis=1), M),
        (lambda x: np.multiply.reduceat(x, [0, 3, 1, 2]), V),
        (lambda x: np.logaddexp.reduceat(x, np.array([0, 2]), axis=1), M),
        (lambda x: np.subtract.outer(x, x), M),
        (lambda x: np.power.outer(x**2, [1, 2]), V),
        (lambda x: operator.iadd(x * 1.0, x) * operator.imul(x * 1.0, 2.0), V),
        (lambda x: operator.concat([x[0]], [x[1], 2.0])[1] * x, V),
        (lambda x: (operator.setitem(x, 0, 3.0), x * x)[1], V),
        (lambda x: operator.contains([1, 2], 1) * operator.countOf([1, 1], 1) * x, V),
    ],
)
def test_values_and_derivatives(fun, x, order: int):
    value, _ = ast_ad.jvp(fun, (x.copy(),), (np.ones_like(x),))
    np.testing.assert_allclose(value, fun(x.copy()), rtol=1e-14)
    check_grads(fun, order=order)(x)


@pytest.mark.parametrize("extremum", [np.maximum, np.minimum])
def test_the_place_of_an_extremum_is_found_in_the_dtype_that_is_compared_in(extremum):
    x = np.array([[0.1, 0.7], [0.3, -1.3]])
    slopes = ast_ad.grad(lambda x: np.sum(extremum.reduce(x, dtype=np.float32)))(x)
    np.testing.assert_array_equal(slopes, x == extremum.reduce(x))


@pytest.mark.parametrize("options", [{}, {"dtype": float}])
def test_an_extremum_of_a_part_needs_an_initial_value(options):
    with pytest.raises(ValueError, match="initial"):
        np.maximum.reduce(V, where=V > 0, **options)
    with pytest.raises(ast_ad.KindError, match="initial"):
        ast_ad.grad(lambda x: np.maximum.reduce(x, where=V > 0, **options))(V)
