"""Derivatives of the functions of `ast_ad.runtime`, so that generated code can be differentiated again."""

from __future__ import annotations

from ast_ad.ir.kinds import BOOL, STRING
from ast_ad.rules.registry import elementwise, inactive
from ast_ad.runtime import bessel_i, digamma, fails, failure, polygamma, ratio, share, sign, sinc_derivative, trip_count

inactive(sign, share, broadcasts=True, cheap=True)
inactive(fails, kind=lambda *args, **kwargs: BOOL)
inactive(failure, kind=lambda *args, **kwargs: STRING)
inactive(trip_count, cheap=True)
elementwise(ratio, lambda z, x, y: (ratio(1.0, y), -ratio(z, y)), cheap=True)
elementwise(sinc_derivative, lambda y, x, order=1: (sinc_derivative(x, order + 1), None))
elementwise(digamma, lambda y, x: polygamma(1, x))
elementwise(polygamma, lambda y, n, x: (None, polygamma(n + 1, x)))
elementwise(
    bessel_i,
    lambda y, n, x: (None, bessel_i(1, x) if n == 0 else 0.5 * (bessel_i(n - 1, x) + bessel_i(n + 1, x))),
)
