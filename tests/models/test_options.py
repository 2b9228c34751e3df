"""Calls with options that no rule knows, which are lowered as what they come to: values and derivatives."""

from __future__ import annotations

import numpy as np
import pytest

import ast_ad
from ast_ad.errors import AutodiffError
from ast_ad.testing import check_grads

V = np.array([0.5, -1.2, 0.8, 1.5])
M = np.array([[0.5, -1.2, 0.8], [1.5, 0.3, -0.4], [0.9, -0.6, 2.1]])
GAPS = np.array([[0.5, np.nan, 0.8], [1.5, 0.3, np.nan], [0.9, -0.6, 2.1]])
Z = M + 1j * M[::-1]
PART = np.array([[True, False, True], [True, True, True], [True, True, False]])
WEIGHTS = np.array([0.5, 2.0, 1.5])
NEWER = pytest.mark.skipif(not hasattr(np, "cumulative_sum"), reason="since NumPy 2.1")

REDUCTIONS = [
    (lambda x: np.sum(x, where=PART), M),
    (lambda x: np.sum(x, axis=0, initial=3.0), M),
    (lambda x: np.prod(x, axis=1, where=PART), M),
    (lambda x: np.mean(x, axis=0, where=PART, keepdims=True), M),
    (lambda x: np.max(x, axis=1, where=PART, initial=-9.0), M),
    (lambda x: x.min(where=PART, initial=0.4), M),
    (lambda x: x.sum(where=PART) * x.mean(axis=1, where=PART), M),
    (lambda x: x.prod(initial=2.0), V),
    (lambda x: np.std(x, where=PART), M),
    (lambda x: x.var(axis=0, where=PART, ddof=1), M),
    (lambda x: np.var(x, axis=1, where=PART), Z),
    (lambda x: np.nansum(x, where=PART, axis=0), GAPS),
    (lambda x: np.nanprod(x, where=PART), GAPS),
    (lambda x: np.nanmean(x, where=PART, axis=1), GAPS),
    (lambda x: np.nanmax(x, where=PART, initial=-9.0, axis=0), GAPS),
    (lambda x: np.nanmin(x, where=PART, initial=9.0), GAPS),
    (lambda x: np.nanvar(x, where=PART), GAPS),
    (lambda x: np.nanstd(x, where=PART, ddof=1), GAPS),
    (lambda x: np.average(x, axis=0, weights=WEIGHTS, returned=True), M),
    (lambda x: np.average(x, returned=True), M),
    (lambda x: np.average(M, axis=1, weights=x, returned=True), WEIGHTS),
]

OTHERS = [
    (lambda x: np.linspace(x[0], x[1], 5, retstep=True), V),
    (lambda x: np.linspace(x[0], x[1], 5, endpoint=False, retstep=True)[1], V),
    (lambda x: np.take(x, [5, -9, 0], mode="wrap"), V),
    (lambda x: x.take([[5, -9], [1, 1]], axis=1, mode="clip"), M),
    (lambda x: np.diff(x, prepend=0.0), V),
    (lambda x: np.diff(x, 2, axis=0, prepend=x[:1], append=1.0), M),
    (lambda x: np.ediff1d(x, to_begin=x[0], to_end=[1.0, x[1]]), V),
    (lambda x: np.gradient(V, np.cumsum(x**2)), V),
    (lambda x: np.gradient(M, 0.3, np.cumsum(x), edge_order=2), WEIGHTS),
    (lambda x: np.gradient(M, np.cumsum(x), axis=0), WEIGHTS),
    (lambda x: (lambda c: c * (2 if isinstance(c, np.ndarray) else 3))(np.cov(x, fweights=[1, 2, 1])), WEIGHTS),
    (lambda x: np.cov(x, fweights=[1, 2, 1]), M),
    (lambda x: np.cov(M, aweights=x), WEIGHTS),
    (lambda x: np.cov(x, rowvar=False, bias=True, fweights=[1, 2, 1], aweights=WEIGHTS), M),
    (lambda x: np.cov(x), Z),
    (lambda x: np.pad(x, 2, "mean"), V),
    (lambda x: np.pad(x, ((1, 2), (0, 1)), "maximum"), M),
    (lambda x: np.pad(x, (1, 2), mode="minimum", stat_length=2), M),
    (lambda x: np.pad(x, 2, mode="median", stat_length=((3, 2),)), V),
    (lambda x: np.pad(x, (2, 3), mode="linear_ramp", end_values=(1.0, x[0])), V),
    (lambda x: np.pad(x, 2, mode="reflect", reflect_type="odd"), V),
    (lambda x: np.pad(x, ((1, 0), (2, 1)), mode="symmetric", reflect_type="odd"), M),
    (lambda x: np.linalg.pinv(x @ x.T, hermitian=True), M),
    (lambda x: np.linalg.cond([[x[0], 1.0], [2.0, x[1]]], 1) * np.linalg.cond([[x[0], 1.0], [2.0, x[1]]]), V),
    (lambda x: np.max(x[:0], axis=0, initial=x[0, 0]) * x[1], M),
    (lambda x: np.min(x[:, :0], axis=1, initial=2.0, keepdims=True) * x, M),
    (lambda x: x[x > 9].max(initial=0.5) * x, V),
    (lambda x: np.linalg.svd(x @ x.T - 2 * np.eye(3), hermitian=True)[1], M),
    (lambda x: np.linalg.svd(x + x.T, compute_uv=False, hermitian=True), M),
    (lambda x: np.choose([5, -9, 0, 1], [x, x**2, 2.0], mode="wrap"), V),
    (lambda x: np.choose([[5], [-9]], (x, x**2), mode="clip"), V),
    (lambda x: np.interp(x, [2.6, 0.4, 1.0], x[:3], period=2.0), V),
    (lambda x: np.pad(x, ((1, 0), (0, 2)), constant_values=((x[0, 0], 2.0), (3.0, x[1, 1]))), M),
    (lambda x: np.logspace(x[0], 1.0, 3, base=x[3]), V),
    (lambda x: np.polyder(x, 2), V),
    (lambda x: np.polyint(x, 2, k=[1.0, x[0]]), V),
    (lambda x: np.polyint(x, k=2.0), V),
    (lambda x: np.polyfit(np.arange(4.0), x, 1, w=np.exp(x)), V),
    (lambda x: np.polyfit(np.arange(3.0), x, 1, w=WEIGHTS), M),
    pytest.param(lambda x: np.cumulative_sum(x, axis=1, dtype=complex, include_initial=True), M, marks=NEWER),
]


@pytest.mark.parametrize(("fun", "x"), [*REDUCTIONS, *OTHERS])
def test_values_and_derivatives(fun, x, order: int):
    try:
        expected = fun(x)
    except (TypeError, ValueError) as error:
        pytest.skip(f"an option of a newer NumPy: {error}")
    value, _ = ast_ad.jvp(fun, (x,), (np.ones_like(x),))
    if isinstance(expected, list):
        pytest.skip("NumPy 1.22 returns a list here, and lists are not results of derivatives of several arrays")
    for found, wanted in zip(value, expected) if isinstance(expected, tuple) else [(value, expected)]:
        np.testing.assert_allclose(found, wanted, rtol=1e-13)
    if not np.any(np.isnan(x)):
        check_grads(fun, order=order)(x)


@pytest.mark.parametrize(("fun", "x"), [(fun, x) for fun, x in REDUCTIONS if np.any(np.isnan(x))])
def test_elements_that_are_nan_have_no_derivative(fun, x):
    _, pullback = ast_ad.vjp(fun, x)
    (x_bar,) = pullback(np.ones_like(fun(x)))
    assert not np.any(x_bar[np.isnan(x)])
    number = ~np.isnan(x)

    def of_numbers(values):
        whole = np.full(x.shape, np.nan)
        whole[number] = values
        return fun(whole)

    step = 1e-6
    for k, slope in enumerate(x_bar[number]):
        shift = step * (np.arange(number.sum()) == k)
        ahead, behind = (np.sum(of_numbers(x[number] + sign * shift)) for sign in (1, -1))
        assert slope == pytest.approx((ahead - behind) / (2 * step), rel=1e-6, abs=1e-8)


def test_a_mode_that_leaves_elements_open_is_refused():
    with pytest.raises((AutodiffError, ValueError), match="are not known"):
        ast_ad.grad(lambda x: np.sum(np.pad(x, 1, "empty")))(V)


@pytest.mark.parametrize("spread", [np.std, np.nanstd])
def test_the_spread_of_one_element_has_slope_zero(spread):
    one = np.array([[True], [False], [False]])
    slope = ast_ad.grad(lambda x: np.sum(spread(x, axis=0, where=one)))(M)
    np.testing.assert_array_equal(slope, np.zeros((3, 3)))


@pytest.mark.parametrize("median", [np.median, np.nanmedian])
def test_overwritten_arguments_are_refused(median):
    with pytest.raises(AutodiffError, match="nobody knows what the array contains") as failure:
        ast_ad.grad(lambda x: median(x, overwrite_input=True))(V)
    assert failure.value.help is not None
    assert "leave the option out" in failure.value.help


def test_a_dtype_that_loses_the_imaginary_part_is_refused():
    with pytest.raises(AutodiffError):
        ast_ad.grad(lambda x: np.sum(np.add(x * 1j, 1.0, dtype=float)))(V)
    value = ast_ad.value_and_grad(lambda x: np.sum(np.multiply(x, x, dtype=np.float32)))(V)
    assert (value[0].dtype, value[1].dtype) == (np.float32, np.float64)
