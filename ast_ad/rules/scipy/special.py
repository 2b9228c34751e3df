"""Derivatives of SciPy's special functions.

By some parameters (the order of a Bessel function, say) there is no derivative in closed form: that is `MISSING`.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from scipy import special

from ast_ad.rules.common import aligned, as_array, given, of_array, structured, tangent_of, total
from ast_ad.rules.registry import MISSING, always, elementwise, inactive, jvp, vjp

_ROOT_2_PI = math.sqrt(2 * math.pi)
_UNIT_ERROR = 2 / math.sqrt(math.pi)

# the gamma function and its relatives
elementwise(special.gamma, lambda y, x: y * special.digamma(x))
elementwise(special.rgamma, lambda y, x: -y * special.digamma(x))
elementwise(special.gammaln, lambda y, x: special.digamma(x))
elementwise(special.loggamma, lambda y, x: special.digamma(x))
elementwise(special.digamma, lambda y, x: special.polygamma(1, x))
elementwise(special.polygamma, lambda y, n, x: (MISSING, special.polygamma(n + 1, x)))
elementwise(special.multigammaln, lambda y, a, d: (_multi_digamma(a, d), MISSING))
elementwise(special.zeta, lambda y, x, q=None: (MISSING, -x * special.zeta(x + 1, q)))
elementwise(
    special.beta,
    lambda z, a, b: (
        z * (special.digamma(a) - special.digamma(a + b)),
        z * (special.digamma(b) - special.digamma(a + b)),
    ),
)
elementwise(
    special.betaln,
    lambda z, a, b: (special.digamma(a) - special.digamma(a + b), special.digamma(b) - special.digamma(a + b)),
)
elementwise(
    special.poch,
    lambda y, z, m: (y * (special.digamma(z + m) - special.digamma(z)), y * special.digamma(z + m)),
)
elementwise(
    special.binom,
    lambda z, n, k: (
        z * (special.digamma(n + 1) - special.digamma(n - k + 1)),
        z * (special.digamma(n - k + 1) - special.digamma(k + 1)),
    ),
)
inactive(special.gammasgn, broadcasts=True)


def _multi_digamma(a: Any, d: Any) -> Any:
    return np.sum(special.digamma(np.expand_dims(a, -1) - np.arange(d) / 2), axis=-1)


# distributions
elementwise(special.gammainc, lambda y, a, x: (MISSING, _gamma_density(a, x)))
elementwise(special.gammaincc, lambda y, a, x: (MISSING, -_gamma_density(a, x)))
elementwise(special.gammaincinv, lambda x, a, y: (MISSING, 1 / _gamma_density(a, x)))
elementwise(special.gammainccinv, lambda x, a, y: (MISSING, -1 / _gamma_density(a, x)))
elementwise(special.betainc, lambda y, a, b, x: (MISSING, MISSING, _beta_density(a, b, x)))
elementwise(special.betaincinv, lambda x, a, b, y: (MISSING, MISSING, 1 / _beta_density(a, b, x)))
elementwise(special.stdtr, lambda y, df, t: (MISSING, _t_density(df, t)))
elementwise(special.stdtrit, lambda t, df, y: (MISSING, 1 / _t_density(df, t)))
elementwise(special.pdtr, lambda y, k, m: (MISSING, -np.exp(special.xlogy(k, m) - m - special.gammaln(k + 1))))
elementwise(special.ndtr, lambda y, x: np.exp(-(x * x) / 2) / _ROOT_2_PI)
elementwise(special.log_ndtr, lambda y, x: np.exp(-(x * x) / 2 - y) / _ROOT_2_PI)
elementwise(special.ndtri, lambda x, y: _ROOT_2_PI * np.exp(x * x / 2))


def _gamma_density(a: Any, x: Any) -> Any:
    return np.exp(special.xlogy(a - 1, x) - x - special.gammaln(a))


def _beta_density(a: Any, b: Any, x: Any) -> Any:
    return np.exp(special.xlogy(a - 1, x) + special.xlog1py(b - 1, -x) - special.betaln(a, b))


def _t_density(df: Any, t: Any) -> Any:
    return np.exp(-(df + 1) / 2 * np.log1p(t * t / df) - special.betaln(df / 2, 0.5)) / np.sqrt(df)


# error functions
elementwise(special.erf, lambda y, x: _UNIT_ERROR * np.exp(-x * x))
elementwise(special.erfc, lambda y, x: -_UNIT_ERROR * np.exp(-x * x))
elementwise(special.erfcx, lambda y, x: 2 * x * y - _UNIT_ERROR)
elementwise(special.erfi, lambda y, x: _UNIT_ERROR * np.exp(x * x))
elementwise(special.erfinv, lambda x, y: np.exp(x * x) / _UNIT_ERROR)
elementwise(special.erfcinv, lambda x, y: -np.exp(x * x) / _UNIT_ERROR)
elementwise(special.dawsn, lambda y, x: 1 - 2 * x * y)
elementwise(special.wofz, lambda y, z: 1j * _UNIT_ERROR - 2 * z * y)

# exponentials and logarithms
elementwise(special.expit, lambda y, x: y * (1 - y))
elementwise(special.log_expit, lambda y, x: special.expit(-x))
elementwise(special.logit, lambda y, x: 1 / (x * (1 - x)))
elementwise(special.exp2, lambda y, x: y * math.log(2))
elementwise(special.exp10, lambda y, x: y * math.log(10))
elementwise(special.expm1, lambda y, x: y + 1)
elementwise(special.exprel, lambda y, x: special.hyp1f1(2.0, 3.0, x) / 2)
elementwise(special.log1p, lambda y, x: 1 / (1 + x))
elementwise(special.cosm1, lambda y, x: -np.sin(x))
elementwise(special.cbrt, lambda y, x: 1 / (3 * y * y))
elementwise(special.xlogy, lambda z, x, y: (np.log(y), x / y))
elementwise(special.xlog1py, lambda z, x, y: (np.log1p(y), x / (1 + y)))
elementwise(special.entr, lambda y, x: -np.log(x) - 1)
elementwise(special.rel_entr, lambda z, x, y: (np.log(x / y) + 1, -x / y))
elementwise(special.kl_div, lambda z, x, y: (np.log(x / y), 1 - x / y))
elementwise(special.expi, lambda y, x: np.exp(x) / x)
elementwise(special.exp1, lambda y, x: -np.exp(-x) / x)
elementwise(special.expn, lambda y, n, x: (MISSING, -_expn_before(n, x)))
elementwise(special.spence, lambda y, x: -special.hyp2f1(1.0, 1.0, 2.0, 1 - x))
elementwise(special.lambertw, lambda w, z, k=0, tol=1e-8: 1 / (z + np.exp(w)))


def _expn_before(n: Any, x: Any) -> Any:
    """Return ``expn(n - 1, x)``, which SciPy has for positive orders only."""
    if isinstance(n, int) and n > 0:
        return special.expn(n - 1, x)
    first = np.exp(-x) * (x + 1) / (x * x)
    return first if isinstance(n, int) else np.where(n > 0, special.expn(np.maximum(n - 1, 0), x), first)


# losses and transforms of data
elementwise(
    special.huber,
    lambda y, delta, r: (np.maximum(np.abs(r) - delta, 0.0), np.clip(r, -delta, delta)),
)
elementwise(special.pseudo_huber, lambda y, delta, r: _pseudo_huber(y, delta, r, np.hypot(1.0, r / delta)))
elementwise(special.boxcox, lambda y, x, lmbda: (x ** (lmbda - 1), MISSING))
elementwise(special.boxcox1p, lambda y, x, lmbda: ((1 + x) ** (lmbda - 1), MISSING))
elementwise(special.inv_boxcox, lambda x, y, lmbda: (x ** (1 - lmbda), MISSING))
elementwise(special.inv_boxcox1p, lambda x, y, lmbda: ((1 + x) ** (1 - lmbda), MISSING))


def _pseudo_huber(y: Any, delta: Any, r: Any, root: Any) -> Any:
    return 2 * y / delta - r * r / (delta * root), r / root


# Bessel functions
elementwise(special.j0, lambda y, x: -special.j1(x))
elementwise(special.j1, lambda y, x: (special.j0(x) - special.jv(2, x)) / 2)
elementwise(special.y0, lambda y, x: -special.y1(x))
elementwise(special.y1, lambda y, x: (special.y0(x) - special.yn(2, x)) / 2)
elementwise(special.jv, lambda y, v, x: (MISSING, (special.jv(v - 1, x) - special.jv(v + 1, x)) / 2))
elementwise(special.yn, lambda y, n, x: (MISSING, (special.yn(n - 1, x) - special.yn(n + 1, x)) / 2))
elementwise(special.yv, lambda y, v, x: (MISSING, (special.yv(v - 1, x) - special.yv(v + 1, x)) / 2))
elementwise(special.i0, lambda y, x: special.i1(x))
elementwise(special.i1, lambda y, x: (special.i0(x) + special.iv(2, x)) / 2)
elementwise(special.iv, lambda y, v, x: (MISSING, (special.iv(v - 1, x) + special.iv(v + 1, x)) / 2))
elementwise(special.i0e, lambda y, x: special.i1e(x) - np.sign(x) * y)
elementwise(special.i1e, lambda y, x: (special.i0e(x) + special.ive(2, x)) / 2 - np.sign(x) * y)
elementwise(
    special.ive,
    lambda y, v, x: (MISSING, (special.ive(v - 1, x) + special.ive(v + 1, x)) / 2 - np.sign(x.real) * y),
)
elementwise(special.k0, lambda y, x: -special.k1(x))
elementwise(special.k1, lambda y, x: -(special.k0(x) + special.kn(2, x)) / 2)
elementwise(special.kn, lambda y, n, x: (MISSING, -(special.kn(n - 1, x) + special.kn(n + 1, x)) / 2))
elementwise(special.kv, lambda y, v, x: (MISSING, -(special.kv(v - 1, x) + special.kv(v + 1, x)) / 2))
elementwise(special.k0e, lambda y, x: y - special.k1e(x))
elementwise(special.k1e, lambda y, x: y - (special.k0e(x) + special.kve(2, x)) / 2)
elementwise(special.kve, lambda y, v, x: (MISSING, y - (special.kve(v - 1, x) + special.kve(v + 1, x)) / 2))

# hypergeometric functions, and elliptic integrals, whose derivatives at 0 are limits of others
elementwise(special.hyp1f1, lambda y, a, b, x: (MISSING, MISSING, a / b * special.hyp1f1(a + 1, b + 1, x)))
elementwise(
    special.hyp2f1,
    lambda y, a, b, c, z: (MISSING, MISSING, MISSING, a * b / c * special.hyp2f1(a + 1, b + 1, c + 1, z)),
)
elementwise(special.ellipk, lambda y, m: math.pi / 8 * special.hyp2f1(1.5, 1.5, 2.0, m))
elementwise(special.ellipe, lambda y, m: -math.pi / 8 * special.hyp2f1(0.5, 1.5, 2.0, m))


# Sums of exponentials.


def _parts(y: Any, x: Any, axis: Any, keepdims: bool) -> Any:
    """Return what each term is of a sum whose logarithm is y."""
    return np.exp(x - aligned(y, x, axis, keepdims))


def _logsumexp_bars(g: Any, y: Any, a: Any, axis: Any = None, b: Any = None, keepdims: bool = False) -> Any:
    x = as_array(a)
    if b is None:
        return structured(aligned(g, x, axis, keepdims) * _parts(y, x, axis, keepdims), a), None, None
    by_b = aligned(g, x, axis, keepdims) * _parts(y, x, axis, keepdims)
    return structured(as_array(b) * by_b, a), None, MISSING


def _logsumexp_dot(a_dot: Any, y: Any, a: Any, axis: Any = None, b: Any = None, keepdims: bool = False) -> Any:
    x = as_array(a)
    terms = tangent_of(a_dot) * _parts(y, x, axis, keepdims)
    return total(terms if b is None else as_array(b) * terms, axis, keepdims)


vjp(special.logsumexp, _logsumexp_bars, when=always)
jvp(special.logsumexp, _logsumexp_dot, when=always, wrt=(0,))


def _around(y: Any, g: Any, axis: Any) -> Any:
    """Return what is left of `g` without its mean, weighted with the parts y of a whole."""
    return g - np.sum(y * g, **given(axis, keepdims=True))


of_array(
    special.softmax,
    lambda g, y, x, axis=None: y * _around(y, g, axis),
    lambda dot, y, x, axis=None: y * _around(y, dot, axis),
)
of_array(
    special.log_softmax,
    lambda g, y, x, axis=None: g - np.exp(y) * np.sum(g, **given(axis, keepdims=True)),
    lambda dot, y, x, axis=None: _around(np.exp(y), dot, axis),
)
