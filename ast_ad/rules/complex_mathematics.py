"""Derivatives of the functions of `cmath`, which take real numbers, too, and return complex ones.

`cmath.polar` returns a pair, and is lowered to `abs` and `cmath.phase`.
"""

from __future__ import annotations

import cmath
import math
from typing import Any

from ast_ad.ir.kinds import is_complex
from ast_ad.rules.registry import elementwise, inactive, jvp, vjp

# powers and logarithms
elementwise(cmath.exp, lambda y, z: y)
elementwise(cmath.log, lambda y, z, *base: _by_logarithm(y, z, *base))
elementwise(cmath.log10, lambda y, z: 1 / (z * math.log(10)))
elementwise(cmath.sqrt, lambda y, z: 1 / (2 * y))


def _by_logarithm(y: Any, z: Any, *base: Any) -> Any:
    if not base:
        return 1 / z
    (b,) = base
    return 1 / (z * cmath.log(b)), -y / (b * cmath.log(b))


# trigonometric and hyperbolic functions; the two roots have the branch cuts of the functions
elementwise(cmath.sin, lambda y, z: cmath.cos(z))
elementwise(cmath.cos, lambda y, z: -cmath.sin(z))
elementwise(cmath.tan, lambda y, z: 1 + y * y)
elementwise(cmath.asin, lambda y, z: 1 / (cmath.sqrt(1 - z) * cmath.sqrt(1 + z)))
elementwise(cmath.acos, lambda y, z: -1 / (cmath.sqrt(1 - z) * cmath.sqrt(1 + z)))
elementwise(cmath.atan, lambda y, z: 1 / (1 + z * z))
elementwise(cmath.sinh, lambda y, z: cmath.cosh(z))
elementwise(cmath.cosh, lambda y, z: cmath.sinh(z))
elementwise(cmath.tanh, lambda y, z: 1 - y * y)
elementwise(cmath.asinh, lambda y, z: 1 / (cmath.sqrt(1 + 1j * z) * cmath.sqrt(1 - 1j * z)))
elementwise(cmath.acosh, lambda y, z: 1 / (cmath.sqrt(z - 1) * cmath.sqrt(z + 1)))
elementwise(cmath.atanh, lambda y, z: 1 / (1 - z * z))

# polar coordinates; the phase of a real number is constant
elementwise(cmath.phase, lambda y, x: None)
vjp(cmath.phase, lambda g, y, z: -1j * g / z, when=is_complex, broadcasts=True)
jvp(cmath.phase, lambda z_dot, y, z: (z_dot / z).imag, when=is_complex)
elementwise(cmath.rect, lambda z, r, phi: (cmath.rect(1.0, phi), 1j * z))

inactive(cmath.isnan, cmath.isinf, cmath.isfinite, cmath.isclose, cheap=True)
