"""Densities and distribution functions of `scipy.stats`, by their formulas."""

from __future__ import annotations

import math
import types
from collections.abc import Callable
from typing import Any, cast

import numpy as np
from scipy import linalg, special, stats


def _standard(x: Any, loc: Any, scale: Any) -> Any:
    """Return x by the location and the scale; NaN where that is not positive."""
    return (np.asarray(x) - loc) / _positive(scale)


def _positive(value: Any) -> Any:
    """Return a parameter; NaN where it is not positive."""
    return np.where(np.asarray(value) > 0, value, np.nan)


def _share(p: Any) -> Any:
    """Return a probability; NaN where it is none."""
    p = np.asarray(p)
    return np.where((p >= 0) & (p <= 1), p, np.nan)


def _inside(where: Any, value: Any) -> Any:
    """Return the logarithm of a density that is 0 elsewhere."""
    return np.where(where | np.isnan(value), value, -np.inf)


# normal


def norm_logpdf(x: Any, loc: Any = 0, scale: Any = 1) -> Any:
    """As `scipy.stats.norm.logpdf`."""
    z = _standard(x, loc, scale)
    return -(z**2 + math.log(2 * math.pi)) / 2 - np.log(scale)


def norm_pdf(x: Any, loc: Any = 0, scale: Any = 1) -> Any:
    """As `scipy.stats.norm.pdf`."""
    z = _standard(x, loc, scale)
    return np.exp(-(z**2) / 2) / math.sqrt(2 * math.pi) / scale


def norm_cdf(x: Any, loc: Any = 0, scale: Any = 1) -> Any:
    """As `scipy.stats.norm.cdf`."""
    return special.ndtr(_standard(x, loc, scale))


def norm_sf(x: Any, loc: Any = 0, scale: Any = 1) -> Any:
    """As `scipy.stats.norm.sf`."""
    return special.ndtr(-_standard(x, loc, scale))


def norm_logcdf(x: Any, loc: Any = 0, scale: Any = 1) -> Any:
    """As `scipy.stats.norm.logcdf`."""
    return special.log_ndtr(_standard(x, loc, scale))


def norm_logsf(x: Any, loc: Any = 0, scale: Any = 1) -> Any:
    """As `scipy.stats.norm.logsf`."""
    return special.log_ndtr(-_standard(x, loc, scale))


def norm_ppf(q: Any, loc: Any = 0, scale: Any = 1) -> Any:
    """As `scipy.stats.norm.ppf`."""
    return special.ndtri(np.asarray(q)) * scale + loc


# other continuous distributions


def expon_logpdf(x: Any, loc: Any = 0, scale: Any = 1) -> Any:
    """As `scipy.stats.expon.logpdf`."""
    z = _standard(x, loc, scale)
    return _inside(z >= 0, -z - np.log(scale))


def laplace_logpdf(x: Any, loc: Any = 0, scale: Any = 1) -> Any:
    """As `scipy.stats.laplace.logpdf`."""
    return -np.abs(_standard(x, loc, scale)) - np.log(2 * np.asarray(scale))


def logistic_logpdf(x: Any, loc: Any = 0, scale: Any = 1) -> Any:
    """As `scipy.stats.logistic.logpdf`."""
    z = np.abs(_standard(x, loc, scale))
    return -z - 2 * np.log1p(np.exp(-z)) - np.log(scale)


def cauchy_logpdf(x: Any, loc: Any = 0, scale: Any = 1) -> Any:
    """As `scipy.stats.cauchy.logpdf`."""
    z = _standard(x, loc, scale)
    return -np.log1p(z * z) - np.log(math.pi * np.asarray(scale))


def t_logpdf(x: Any, df: Any, loc: Any = 0, scale: Any = 1) -> Any:
    """As `scipy.stats.t.logpdf`."""
    z, df = _standard(x, loc, scale), _positive(df)
    whole = special.gammaln((df + 1) / 2) - special.gammaln(df / 2) - np.log(df * math.pi) / 2
    return whole - (df + 1) / 2 * np.log1p(z * z / df) - np.log(scale)


def t_cdf(x: Any, df: Any, loc: Any = 0, scale: Any = 1) -> Any:
    """As `scipy.stats.t.cdf`."""
    return special.stdtr(_positive(df), _standard(x, loc, scale))


def t_logcdf(x: Any, df: Any, loc: Any = 0, scale: Any = 1) -> Any:
    """As `scipy.stats.t.logcdf`."""
    return np.log(t_cdf(x, df, loc, scale))


def gamma_logpdf(x: Any, a: Any, loc: Any = 0, scale: Any = 1) -> Any:
    """As `scipy.stats.gamma.logpdf`."""
    z, a = _standard(x, loc, scale), _positive(a)
    inside = np.where(z < 0, 1.0, z)
    return _inside(z >= 0, special.xlogy(a - 1, inside) - inside - special.gammaln(a) - np.log(scale))


def gamma_cdf(x: Any, a: Any, loc: Any = 0, scale: Any = 1) -> Any:
    """As `scipy.stats.gamma.cdf`."""
    return special.gammainc(_positive(a), np.maximum(_standard(x, loc, scale), 0.0))


def chi2_logpdf(x: Any, df: Any, loc: Any = 0, scale: Any = 1) -> Any:
    """As `scipy.stats.chi2.logpdf`."""
    return gamma_logpdf(x, np.asarray(df) / 2, loc, 2 * np.asarray(scale))


def chi2_cdf(x: Any, df: Any, loc: Any = 0, scale: Any = 1) -> Any:
    """As `scipy.stats.chi2.cdf`."""
    return gamma_cdf(x, np.asarray(df) / 2, loc, 2 * np.asarray(scale))


def beta_logpdf(x: Any, a: Any, b: Any, loc: Any = 0, scale: Any = 1) -> Any:
    """As `scipy.stats.beta.logpdf`."""
    z, a, b = _standard(x, loc, scale), _positive(a), _positive(b)
    outside = (z < 0) | (z > 1)
    inside = np.where(outside, 0.5, z)
    density = special.xlog1py(b - 1, -inside) + special.xlogy(a - 1, inside)
    return _inside(~outside, density - special.betaln(a, b) - np.log(scale))


def beta_cdf(x: Any, a: Any, b: Any, loc: Any = 0, scale: Any = 1) -> Any:
    """As `scipy.stats.beta.cdf`."""
    return special.betainc(_positive(a), _positive(b), np.clip(_standard(x, loc, scale), 0.0, 1.0))


# discrete distributions


def poisson_logpmf(k: Any, mu: Any, loc: Any = 0) -> Any:
    """As `scipy.stats.poisson.logpmf`."""
    count = np.asarray(k) - loc
    mu = np.where(np.asarray(mu) >= 0, mu, np.nan)
    whole = (count >= 0) & (count == np.floor(count))
    return _inside(whole, special.xlogy(count, mu) - special.gammaln(count + 1) - mu)


def poisson_cdf(k: Any, mu: Any, loc: Any = 0) -> Any:
    """As `scipy.stats.poisson.cdf`."""
    count, mu = np.floor(np.asarray(k) - loc), np.where(np.asarray(mu) >= 0, mu, np.nan)
    return special.pdtr(np.maximum(count, 0.0), mu) * (count >= 0)


def bernoulli_logpmf(k: Any, p: Any, loc: Any = 0) -> Any:
    """As `scipy.stats.bernoulli.logpmf`."""
    return binom_logpmf(k, 1, p, loc)


def binom_logpmf(k: Any, n: Any, p: Any, loc: Any = 0) -> Any:
    """As `scipy.stats.binom.logpmf`."""
    hits, p = np.asarray(k) - loc, _share(p)
    whole = (hits >= 0) & (hits <= n) & (hits == np.floor(hits))
    ways = special.gammaln(n + 1) - special.gammaln(hits + 1) - special.gammaln(n - hits + 1)
    return _inside(whole, ways + special.xlogy(hits, p) + special.xlog1py(n - hits, -p))


# of several variables


_SINGULAR = 1e6 * np.finfo(np.float64).eps
"""SciPy takes a covariance to be singular whose least eigenvalue is so small a part of its largest."""


def multivariate_normal_logpdf(x: Any, mean: Any = None, cov: Any = 1, allow_singular: Any = False) -> Any:
    """As `scipy.stats.multivariate_normal.logpdf` of a covariance that has an inverse."""
    apart = np.asarray(x) if mean is None else np.asarray(x) - mean
    if np.ndim(cov) == 0:
        spread = np.asarray(cov) * np.eye(1 if mean is None else np.size(mean))
    else:
        spread = np.diag(cov) if np.ndim(cov) == 1 else np.asarray(cov)
    if allow_singular:
        eigenvalues = np.linalg.eigvalsh(spread)
        if eigenvalues[0] <= _SINGULAR * np.max(np.abs(eigenvalues)):
            raise ValueError("the density for a singular covariance is not differentiated: add to its diagonal")
    size = len(spread)
    points = np.reshape(apart, (-1, size))
    root = np.linalg.cholesky(spread)
    scaled = linalg.solve_triangular(root, points.T, lower=True)
    density = -(size * math.log(2 * math.pi) + np.sum(scaled * scaled, axis=0)) / 2 - np.sum(np.log(np.diag(root)))
    shape = np.shape(apart) if size == 1 and np.ndim(apart) < 2 else np.shape(apart)[:-1]
    return np.squeeze(np.reshape(density, shape))


def multivariate_normal_pdf(x: Any, mean: Any = None, cov: Any = 1, allow_singular: Any = False) -> Any:
    """As `scipy.stats.multivariate_normal.pdf` of a covariance that has an inverse."""
    return np.exp(multivariate_normal_logpdf(x, mean, cov, allow_singular))


def multivariate_normal_entropy(mean: Any = None, cov: Any = 1) -> Any:
    """As `scipy.stats.multivariate_normal.entropy` of a matrix."""
    root = np.linalg.cholesky(cov)
    return len(root) / 2 * math.log(2 * math.pi * math.e) + np.sum(np.log(np.diag(root)))


def dirichlet_logpdf(x: Any, alpha: Any) -> Any:
    """As `scipy.stats.dirichlet.logpdf` of one point."""
    x, alpha = np.asarray(x), np.asarray(alpha)
    if len(x) != len(alpha) or abs(np.sum(x) - 1) > 1e-9 or np.any(x < 0):
        raise ValueError("the point has to be one of the simplex")
    whole = special.gammaln(np.sum(alpha)) - np.sum(special.gammaln(alpha))
    return whole + np.sum(special.xlogy(alpha - 1, x))


def _density(logarithm: Callable[..., Any]) -> Callable[..., Any]:
    """Return the density whose logarithm a function is."""

    def density(*args: Any, **kwargs: Any) -> Any:
        return np.exp(logarithm(*args, **kwargs))

    return density


MODELS: dict[Callable[..., Any], Callable[..., Any]] = {
    stats.norm.logpdf: norm_logpdf,
    stats.norm.pdf: norm_pdf,
    stats.norm.cdf: norm_cdf,
    stats.norm.sf: norm_sf,
    stats.norm.logcdf: norm_logcdf,
    stats.norm.logsf: norm_logsf,
    stats.norm.ppf: norm_ppf,
    stats.expon.logpdf: expon_logpdf,
    stats.laplace.logpdf: laplace_logpdf,
    stats.logistic.logpdf: logistic_logpdf,
    stats.cauchy.logpdf: cauchy_logpdf,
    stats.t.logpdf: t_logpdf,
    stats.t.cdf: t_cdf,
    stats.t.logcdf: t_logcdf,
    stats.gamma.logpdf: gamma_logpdf,
    stats.gamma.cdf: gamma_cdf,
    stats.chi2.logpdf: chi2_logpdf,
    stats.chi2.cdf: chi2_cdf,
    stats.beta.logpdf: beta_logpdf,
    stats.beta.cdf: beta_cdf,
    stats.poisson.logpmf: poisson_logpmf,
    stats.poisson.cdf: poisson_cdf,
    stats.bernoulli.logpmf: bernoulli_logpmf,
    stats.binom.logpmf: binom_logpmf,
    stats.multivariate_normal.logpdf: multivariate_normal_logpdf,
    stats.multivariate_normal.pdf: multivariate_normal_pdf,
    stats.multivariate_normal.entropy: multivariate_normal_entropy,
    stats.dirichlet.logpdf: dirichlet_logpdf,
}
_OF_DENSITIES = (stats.expon, stats.laplace, stats.logistic, stats.cauchy, stats.t, stats.gamma, stats.chi2, stats.beta)
MODELS.update({each.pdf: _density(MODELS[each.logpdf]) for each in (*_OF_DENSITIES, stats.dirichlet)})
MODELS.update({each.pmf: _density(MODELS[each.logpmf]) for each in (stats.poisson, stats.bernoulli, stats.binom)})


class Frozen:
    """A distribution with its parameters, as ``scipy.stats.norm(loc, scale)`` makes it."""

    __ast_ad_model__: type = type(stats.norm())

    def __init__(self, distribution: Any, *args: Any, **kwds: Any) -> None:
        self.dist = distribution
        self.args = args
        self.kwds = kwds

    def pdf(self, x: Any) -> Any:
        """Return the density."""
        return self.dist.pdf(x, *self.args, **self.kwds)

    def logpdf(self, x: Any) -> Any:
        """Return the logarithm of the density."""
        return self.dist.logpdf(x, *self.args, **self.kwds)

    def pmf(self, k: Any) -> Any:
        """Return the probability."""
        return self.dist.pmf(k, *self.args, **self.kwds)

    def logpmf(self, k: Any) -> Any:
        """Return the logarithm of the probability."""
        return self.dist.logpmf(k, *self.args, **self.kwds)

    def cdf(self, x: Any) -> Any:
        """Return the probability of what is less, or equal."""
        return self.dist.cdf(x, *self.args, **self.kwds)

    def logcdf(self, x: Any) -> Any:
        """Return the logarithm of the probability of what is less, or equal."""
        return self.dist.logcdf(x, *self.args, **self.kwds)

    def sf(self, x: Any) -> Any:
        """Return the probability of what is greater."""
        return self.dist.sf(x, *self.args, **self.kwds)

    def logsf(self, x: Any) -> Any:
        """Return the logarithm of the probability of what is greater."""
        return self.dist.logsf(x, *self.args, **self.kwds)

    def ppf(self, q: Any) -> Any:
        """Return the quantile."""
        return self.dist.ppf(q, *self.args, **self.kwds)


INSTANCES: dict[type, Callable[..., Any]] = {
    type(cast("types.MethodType", method).__self__): Frozen for method in MODELS
}
"""What is called instead of an object, with that as the first argument."""
