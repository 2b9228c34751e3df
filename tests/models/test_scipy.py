"""Functions of SciPy that are lowered as others, where SciPy is there: values and derivatives."""

from __future__ import annotations

import numpy as np
import pytest

import ast_ad
from ast_ad.errors import AutodiffError, MissingRuleError
from ast_ad.testing import check_grads

linalg = pytest.importorskip("scipy.linalg")
signal = pytest.importorskip("scipy.signal")
stats = pytest.importorskip("scipy.stats")

M = np.array([[2.5, -0.2, 0.8], [0.5, 1.3, -0.4], [0.9, -0.6, 2.1]])
S = M @ M.T
V = np.array([0.4, -1.2, 0.9])
P = np.array([0.6, 1.3, 2.4])
U = np.array([0.3, 0.55, 0.8])
B = np.array([[0.3, 1.0], [-0.7, 0.2], [0.4, 0.9]])

LINEAR_ALGEBRA = [
    (lambda a: linalg.inv(a), [M]),
    (lambda a: linalg.det(a), [M]),
    (lambda a: linalg.pinv(a), [B]),
    (lambda a: linalg.norm(a) + linalg.norm(a[0], 1), [M]),
    (lambda a, b: linalg.solve(a, b), [M, V]),
    (lambda a: linalg.cholesky(a), [S]),
    (lambda a: linalg.cholesky(a, lower=True), [S]),
    (lambda a, b: linalg.cho_solve(linalg.cho_factor(a), b), [S, V]),
    (lambda a, b: linalg.cho_solve((linalg.cholesky(a, True), True), b), [S, B]),
    (lambda a: linalg.eigvalsh(a), [S]),
    (lambda a: linalg.eigh(a)[0] * linalg.eigh(a, eigvals_only=True, lower=False), [S]),
    (lambda a: linalg.svd(a, compute_uv=False) + linalg.svdvals(a) ** 2, [B]),
    (lambda a: linalg.svd(a, full_matrices=False)[0] ** 2, [B]),
    (lambda a, b: linalg.block_diag(a, b), [M, V]),
    (lambda a: linalg.toeplitz(a) @ linalg.toeplitz(a, [0.0, 1.0]), [V]),
    (lambda a: linalg.circulant(a), [V]),
    (lambda a: linalg.expm(a / 3), [M]),
    (lambda a, b, q: linalg.solve_sylvester(a, b, q), [M, S, B @ B.T]),
    (lambda a, b: linalg.solve_triangular(a, b), [M, V]),
    (lambda a, b: linalg.solve_triangular(a, b, lower=True), [M, B]),
    (lambda a, b: linalg.solve_triangular(a, b, trans="T"), [M, B]),
    (lambda a, b: linalg.solve_triangular(a, b, trans=2, lower=True, unit_diagonal=True), [M, V]),
]
CONVOLUTIONS = [
    *[
        (lambda x, y, mode=mode: signal.convolve(x, y, mode), [x, y])
        for mode in ("full", "same", "valid")
        for x, y in [(np.append(V, P), V), (V, np.append(V, P)), (M, B[:2]), (M[np.newaxis], M[np.newaxis, :2, :1])]
    ],
    (lambda x, y: signal.fftconvolve(x, y, mode="same"), [M, B]),
    (lambda x, y: signal.correlate(x, y, "valid") + signal.correlate2d(x, y, "valid"), [M, B[:2]]),
    (lambda x, y: signal.convolve2d(x, y), [M, B]),
]
DISTRIBUTIONS = [
    *[(fn, [V, 0.3, 1.7]) for fn in (stats.norm.logpdf, stats.norm.pdf, stats.norm.cdf, stats.norm.sf)],
    *[(fn, [V, 0.3, 1.7]) for fn in (stats.norm.logcdf, stats.norm.logsf, stats.laplace.logpdf, stats.logistic.logpdf)],
    *[(fn, [V]) for fn in (stats.norm.logpdf, stats.cauchy.logpdf, stats.laplace.pdf, stats.cauchy.pdf)],
    (stats.norm.ppf, [U, 0.3, 1.7]),
    (stats.expon.logpdf, [P, 0.3, 1.7]),
    (lambda x, scale: stats.expon.pdf(x, scale=scale), [np.append(P, -1.0), 0.8]),
    (stats.t.logpdf, [V, 2.7, 0.3, 1.7]),
    (lambda x: stats.t.cdf(x, 3.5, loc=0.2) * stats.t.logcdf(x, 3.5) + stats.t.pdf(x, 3), [V]),
    (stats.gamma.logpdf, [P, 1.7, 0.2, 1.3]),
    (lambda x: stats.gamma.pdf(x, 2.2) + stats.gamma.cdf(x, 2.2, scale=0.7), [np.append(P, -1.0)]),
    (stats.chi2.logpdf, [P, 3.3]),
    (lambda x: stats.chi2.cdf(x, 3) * stats.chi2.pdf(x, 3), [P]),
    (stats.beta.logpdf, [U, 1.7, 2.3]),
    (lambda x: stats.beta.cdf(x, 1.7, 2.3) + stats.beta.pdf(x, 1.7, 2.3), [np.append(U, 1.5)]),
    (lambda mu: stats.poisson.logpmf(np.array([0, 2, 5]), mu) + stats.poisson.pmf(3, mu), [P]),
    (lambda mu: stats.poisson.cdf([-1.0, 0.0, 2.5], mu), [P]),
    (lambda p: stats.bernoulli.logpmf([0, 1, 1], p) + stats.binom.pmf(2, 5, p), [U]),
    (stats.multivariate_normal.logpdf, [V, P, S]),
    (stats.multivariate_normal.pdf, [M / 3, P, S]),
    (lambda c: stats.multivariate_normal.pdf(V, P, c, allow_singular=False), [S]),
    (lambda x, c: stats.multivariate_normal.logpdf(x, P, c, allow_singular=True), [V, S]),
    (lambda x, m: stats.multivariate_normal.logpdf(x, m, 2.0), [M, V]),
    (lambda x, c: stats.multivariate_normal.logpdf(x, cov=c), [V, 1.3]),
    (lambda x, m, s: stats.norm(m, s).logpdf(x) * stats.norm(m, scale=s).cdf(x), [V, 0.3, 1.4]),
    (lambda x: stats.gamma(2.0, scale=1.5).pdf(x) * stats.norm().sf(x), [P]),
    (lambda x: x * stats.norm(0.5, 2.0).ppf(0.9), [P]),
    (lambda m, c: stats.multivariate_normal(m, c).logpdf(V), [P, S]),
    (lambda c: stats.multivariate_normal.entropy(V, c), [S]),
    (lambda a: stats.dirichlet.logpdf([0.2, 0.3, 0.5], a) * stats.dirichlet.pdf([0.2, 0.3, 0.5], a), [P]),
]


@pytest.mark.parametrize(("fun", "args"), [*LINEAR_ALGEBRA, *CONVOLUTIONS, *DISTRIBUTIONS])
def test_values_and_derivatives(fun, args):
    def called(*given):
        return fun(*given)

    value, _ = ast_ad.jvp(called, tuple(args), tuple(np.zeros_like(arg) for arg in args))
    np.testing.assert_allclose(value, fun(*args), rtol=1e-10)
    check_grads(called, tuple(range(len(args))))(*args)


@pytest.mark.parametrize("fun", [stats.norm.logpdf, stats.laplace.logpdf])
def test_a_method_of_a_distribution_by_itself(fun):
    check_grads(fun, (0, 1, 2))(V, P, 1.7)
    np.testing.assert_allclose(ast_ad.value_and_grad(fun)(0.4, loc=0.3)[0], fun(0.4, loc=0.3))


@pytest.mark.parametrize(
    "fun",
    [
        lambda x: stats.norm.logpdf(x, 0.0, -1.0),
        lambda x: stats.gamma.logpdf(x, -2.0),
        lambda x: stats.gamma.logpdf(-x, 2.0),
        lambda x: stats.gamma.logpdf(0 * x, 1.0),
        lambda x: stats.beta.pdf(x, 2.0, 0.0),
        lambda x: stats.beta.logpdf(0 * x, 1.0, 2.0),
        lambda x: stats.poisson.logpmf(1.5, x),
        lambda x: stats.poisson.pmf(2, -x),
        lambda x: stats.binom.pmf(7, 5, x / 3),
        lambda x: stats.bernoulli.pmf(1, x + 1),
    ],
)
def test_what_is_outside_of_the_support(fun):
    with np.errstate(all="ignore"):
        value, _ = ast_ad.jvp(fun, (P,), (np.zeros(3),))
    np.testing.assert_allclose(value, fun(P))


@pytest.mark.parametrize(
    "fun",
    [
        lambda a: linalg.solve(a, V, assume_a="pos"),
        lambda a: linalg.eigh(a, S),
        lambda a: linalg.sqrtm(a),
    ],
)
def test_options_without_a_model_are_refused(fun):
    with pytest.raises(AutodiffError) as failure:
        ast_ad.grad(lambda a: np.sum(fun(a)))(S)
    assert failure.value.where is not None


@pytest.mark.parametrize("name", ["fft", "rfft", "dct"])
def test_transforms_are_not_taken_for_the_source_that_they_wrap(name):
    # What they wrap returns the arguments by which SciPy chooses who computes the transform.
    transform = getattr(pytest.importorskip("scipy.fft"), name)
    with pytest.raises(MissingRuleError) as failure:
        ast_ad.grad(lambda x: float(transform(x).real.sum()))(V)
    assert failure.value.where is not None


def test_constant_calls_with_options_without_a_model_run_as_they_are():
    lowest = float(linalg.eigh(S, M @ M.T + np.eye(3), eigvals_only=True)[0])
    slope = ast_ad.grad(lambda x: np.sum(x) * float(linalg.eigh(S, M @ M.T + np.eye(3), eigvals_only=True)[0]))(V)
    np.testing.assert_allclose(slope, np.full(3, lowest))
