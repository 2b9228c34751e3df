"""Derivatives of the functions of `math`, written with functions of `math`: they are fast on Python's numbers.

`math.frexp` returns a pair, and has no rule; `math.modf` does so, too, and `math.prod`, `math.dist` and `math.sumprod`
take sequences: these are lowered as what they come to (`ast_ad.frontend.numerical`).  `math.fsum` is a reduction.
Functions that this version of Python lacks are passed over.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from ast_ad.rules.registry import elementwise, inactive
from ast_ad.runtime import digamma, ratio, sign


def present(module: Any, *names: str) -> list[Callable[..., Any]]:
    """Return the functions of a module that are there: newer versions have more, and some are gone."""
    return [getattr(module, name) for name in names if hasattr(module, name)]


# powers and logarithms
elementwise(math.exp, lambda y, x: y)
elementwise(math.expm1, lambda y, x: y + 1)
elementwise(math.log, lambda y, x, *base: _by_logarithm(y, x, *base))
elementwise(math.log1p, lambda y, x: 1 / (1 + x))
elementwise(math.log2, lambda y, x: 1 / (x * math.log(2)))
elementwise(math.log10, lambda y, x: 1 / (x * math.log(10)))
elementwise(math.sqrt, lambda y, x: 1 / (2 * y))
for _fn in present(math, "exp2"):
    elementwise(_fn, lambda y, x: y * math.log(2))
for _fn in present(math, "cbrt"):
    elementwise(_fn, lambda y, x: 1 / (3 * y * y))


def _by_logarithm(y: Any, x: Any, *base: Any) -> Any:
    if not base:
        return 1 / x
    (b,) = base
    return 1 / (x * math.log(b)), -y / (b * math.log(b))


# trigonometry
elementwise(math.sin, lambda y, x: math.cos(x))
elementwise(math.cos, lambda y, x: -math.sin(x))
elementwise(math.tan, lambda y, x: 1 + y * y)
elementwise(math.asin, lambda y, x: 1 / math.sqrt(1 - x * x))
elementwise(math.acos, lambda y, x: -1 / math.sqrt(1 - x * x))
elementwise(math.atan, lambda y, x: 1 / (1 + x * x))
elementwise(math.atan2, lambda z, y, x: (x / (x * x + y * y), -y / (x * x + y * y)))
elementwise(math.degrees, lambda y, x: 180 / math.pi)
elementwise(math.radians, lambda y, x: math.pi / 180)

# hyperbolic functions
elementwise(math.sinh, lambda y, x: math.cosh(x))
elementwise(math.cosh, lambda y, x: math.sinh(x))
elementwise(math.tanh, lambda y, x: 1 - y * y)
elementwise(math.asinh, lambda y, x: 1 / math.sqrt(x * x + 1))
elementwise(math.acosh, lambda y, x: 1 / math.sqrt(x * x - 1))
elementwise(math.atanh, lambda y, x: 1 / (1 - x * x))

# special functions
elementwise(math.erf, lambda y, x: 2 / math.sqrt(math.pi) * math.exp(-x * x))
elementwise(math.erfc, lambda y, x: -2 / math.sqrt(math.pi) * math.exp(-x * x))
elementwise(math.gamma, lambda y, x: y * digamma(x))
elementwise(math.lgamma, lambda y, x: digamma(x))

# magnitudes, signs and remainders: between jumps, a remainder is x minus a whole multiple of y
elementwise(math.fabs, lambda y, x: sign(x), cheap=True)
elementwise(math.hypot, lambda y, *xs: tuple(ratio(x, y) for x in xs))
elementwise(math.copysign, lambda z, x, y: (sign(x) * math.copysign(1.0, y), None), cheap=True)
elementwise(math.fmod, lambda z, x, y: (1, -round((x - z) / y)), cheap=True)
elementwise(math.remainder, lambda z, x, y: (1, -round((x - z) / y)), cheap=True)
elementwise(math.ldexp, lambda y, x, i: (math.ldexp(1.0, i), None), cheap=True)
for _fn in present(math, "fma"):
    elementwise(_fn, lambda w, x, y, z: (y, x, 1), cheap=True)
for _fn in present(math, "nextafter"):
    elementwise(_fn, lambda z, x, y, **steps: (1, None), cheap=True)

# steps, tests and integers
inactive(math.floor, math.ceil, math.trunc, math.isnan, math.isinf, math.isfinite, math.isclose, cheap=True)
inactive(math.factorial, math.comb, math.perm, math.gcd, math.lcm, math.isqrt)
inactive(*present(math, "ulp"), cheap=True)
