"""Derivatives of NumPy's functions that work element by element.

Names that are not in the installed NumPy are passed over: the oldest that is supported lacks some, the newest others.
`np.divmod` is lowered as the two functions that it consists of.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Callable
from typing import Any

import numpy as np

from ast_ad.ir.kinds import as_kind, is_complex
from ast_ad.rules.mathematics import present
from ast_ad.rules.registry import always, elementwise, inactive, jvp, vjp
from ast_ad.rules.trial import trial
from ast_ad.runtime import bessel_i, portion, ratio, share, sinc_derivative

_fn: Callable[..., Any]

# arithmetic
elementwise(np.add, lambda z, x, y: (1, 1), cheap=True)
elementwise(np.subtract, lambda z, x, y: (1, -1), cheap=True)
elementwise(np.multiply, lambda z, x, y: (y, x), cheap=True)
vjp(np.divide, lambda g, z, x, y: (g / y, -(g / y) * z), when=always, broadcasts=True, cheap=True)
jvp(np.divide, lambda x_dot, y_dot, z, x, y: (x_dot - z * y_dot) / y, when=always)
elementwise(np.reciprocal, lambda y, x: -y * y, cheap=True)
elementwise(np.negative, lambda y, x: -1, cheap=True)
elementwise(np.positive, lambda y, x: 1, cheap=True)
elementwise(np.mod, lambda z, x, y: (1, -(x // y)), cheap=True)
elementwise(np.fmod, lambda z, x, y: (1, -np.rint((x - z) / y)), cheap=True)
inactive(np.floor_divide, broadcasts=True, cheap=True)

# powers and logarithms (`x ** n` is in `ast_ad.rules.powers`)
elementwise(np.exp, lambda y, x: y)
elementwise(np.exp2, lambda y, x: y * math.log(2))
elementwise(np.expm1, lambda y, x: y + 1)
elementwise(np.log, lambda y, x: 1 / x)
elementwise(np.log2, lambda y, x: 1 / (x * math.log(2)))
elementwise(np.log10, lambda y, x: 1 / (x * math.log(10)))
elementwise(np.log1p, lambda y, x: 1 / (1 + x))
elementwise(np.logaddexp, lambda z, x, y: (portion(x, z), portion(y, z)))
elementwise(np.logaddexp2, lambda z, x, y: (np.exp2(x - z), np.exp2(y - z)))
elementwise(np.sqrt, lambda y, x: 1 / (2 * y))
elementwise(np.cbrt, lambda y, x: 1 / (3 * y * y))

# trigonometry
elementwise(np.sin, lambda y, x: np.cos(x))
elementwise(np.cos, lambda y, x: -np.sin(x))
elementwise(np.tan, lambda y, x: 1 + y * y)
elementwise(np.arcsin, lambda y, x: 1 / np.sqrt(1 - x * x))
elementwise(np.arccos, lambda y, x: -1 / np.sqrt(1 - x * x))
elementwise(np.arctan, lambda y, x: 1 / (1 + x * x))
elementwise(np.arctan2, lambda z, y, x: (x / (x * x + y * y), -y / (x * x + y * y)))
elementwise(np.hypot, lambda z, x, y: (ratio(x, z), ratio(y, z)))
for _fn in (np.degrees, np.rad2deg):
    elementwise(_fn, lambda y, x: 180 / math.pi)
for _fn in (np.radians, np.deg2rad):
    elementwise(_fn, lambda y, x: math.pi / 180)

# hyperbolic functions
elementwise(np.sinh, lambda y, x: np.cosh(x))
elementwise(np.cosh, lambda y, x: np.sinh(x))
elementwise(np.tanh, lambda y, x: 1 - y * y)
elementwise(np.arcsinh, lambda y, x: 1 / np.sqrt(x * x + 1))
elementwise(np.arccosh, lambda y, x: 1 / (np.sqrt(x - 1) * np.sqrt(x + 1)))
elementwise(np.arctanh, lambda y, x: 1 / (1 - x * x))

# special functions
elementwise(np.sinc, lambda y, x: sinc_derivative(x, 1))
elementwise(np.i0, lambda y, x: bessel_i(1, x))

# neighbours: as far from x as its rounding goes
elementwise(np.nextafter, lambda z, x, y: (1, None), cheap=True)

# choices: equal arguments share the derivative
elementwise(np.maximum, lambda z, x, y: (share(z, x, y), share(z, y, x)), cheap=True)
elementwise(np.minimum, lambda z, x, y: (share(z, x, y), share(z, y, x)), cheap=True)
elementwise(np.fmax, lambda z, x, y: (share(z, x, y), share(z, y, x)), cheap=True)
elementwise(np.fmin, lambda z, x, y: (share(z, x, y), share(z, y, x)), cheap=True)
vjp(
    np.where,
    lambda g, z, test, x, y: (None, np.where(test, g, 0.0), np.where(test, 0.0, g)),
    when=always,
    broadcasts=True,
    cheap=True,
)
jvp(np.where, lambda x_dot, y_dot, z, test, x, y: np.where(test, x_dot, y_dot), when=always, wrt=(1, 2))


def _clip(z: Any, a: Any, a_min: Any = None, a_max: Any = None, *, min: Any = None, max: Any = None) -> tuple[Any, ...]:
    """As ``np.minimum(np.maximum(a, low), high)``, either of which may be missing."""
    low, high = min if a_min is None else a_min, max if a_max is None else a_max
    raised = a if low is None else np.maximum(a, low)
    passed = 1 if high is None else share(z, raised, high)
    by_a = passed if low is None else passed * share(raised, a, low)
    by_low = None if low is None else passed * share(raised, low, a)
    by_high = None if high is None else share(z, high, raised)
    return by_a, by_low, by_high, by_low, by_high


elementwise(np.clip, _clip, cheap=True)

# magnitudes, signs and steps
elementwise(np.absolute, lambda y, x: np.sign(x), cheap=True)
vjp(np.absolute, lambda g, y, z: g * ratio(z.conjugate(), y), when=is_complex, broadcasts=True)
jvp(np.absolute, lambda z_dot, y, z: (z_dot * ratio(z.conjugate(), y)).real, when=is_complex)
elementwise(np.fabs, lambda y, x: np.sign(x), cheap=True)
elementwise(np.copysign, lambda z, x, y: (np.sign(x) * np.copysign(1.0, y), None), cheap=True)
elementwise(np.heaviside, lambda z, x, at_zero: (None, np.where(x == 0, 1.0, 0.0)), cheap=True)
elementwise(np.ldexp, lambda y, x, i: (np.ldexp(1.0, i), None), cheap=True)
elementwise(
    np.nan_to_num,
    lambda y, x, copy=True, nan=0.0, posinf=None, neginf=None: np.where(np.isfinite(x), 1.0, 0.0),
    cheap=True,
)

# numbers taken apart


def _parts_kind(fn: Callable[..., Any]) -> Callable[..., Any]:
    """Return the kinds of the two results of a function, each of which works element by element."""

    def kind(x: Any) -> tuple[Any, ...]:
        return tuple(trial(functools.partial(_part, fn, i), [as_kind(x)], broadcasts=True) for i in (0, 1))

    return kind


def _part(fn: Callable[..., Any], i: int, x: Any) -> Any:
    return fn(x)[i]


vjp(np.modf, lambda g, y, x: g[0], when=always, kind=_parts_kind(np.modf))
jvp(np.modf, lambda x_dot, y, x: (x_dot, None), when=always)
vjp(np.frexp, lambda g, y, x: g[0] * np.ldexp(1.0, -y[1]), when=always, kind=_parts_kind(np.frexp))
jvp(np.frexp, lambda x_dot, y, x: (x_dot * np.ldexp(1.0, -y[1]), None), when=always)

# parts of complex numbers; a real number is its own real part and conjugate, and the angle of its sign is constant
elementwise(np.real, lambda y, x: 1, cheap=True, views=True)
jvp(np.real, lambda z_dot, y, z: z_dot.real, when=is_complex)
elementwise(np.imag, lambda y, x: None, cheap=True, views=True)
vjp(np.imag, lambda g, y, z: -1j * g, when=is_complex, broadcasts=True)
jvp(np.imag, lambda z_dot, y, z: z_dot.imag, when=is_complex)
elementwise(np.conjugate, lambda y, x: 1, cheap=True)
vjp(np.conjugate, lambda g, y, z: g.conjugate(), when=is_complex, broadcasts=True)
jvp(np.conjugate, lambda z_dot, y, z: z_dot.conjugate(), when=is_complex)


def _angle_unit(deg: bool) -> float:
    return 180 / math.pi if deg else 1


elementwise(np.angle, lambda y, x, deg=False: None)
vjp(np.angle, lambda g, y, z, deg=False: -1j * _angle_unit(deg) * g / z, when=is_complex, broadcasts=True)
jvp(np.angle, lambda z_dot, y, z, deg=False: _angle_unit(deg) * (z_dot / z).imag, when=is_complex, wrt=(0,))
elementwise(np.sign, lambda y, x: None, cheap=True)
if np.sign(2j) == 1j:  # since NumPy 2; before, it was the sign of the real part
    vjp(np.sign, lambda g, y, z: 1j * (g * y).imag * ratio(y.conjugate(), np.abs(z)), when=is_complex, broadcasts=True)
    jvp(np.sign, lambda z_dot, y, z: 1j * y * ratio((y.conjugate() * z_dot).imag, np.abs(z)), when=is_complex)

# conversions: the engine brings the adjoint back to the argument's kind
INEXACT_TYPES = dict.fromkeys(
    (np.float16, np.float32, np.float64, np.longdouble, np.complex64, np.complex128, np.clongdouble)
)
INTEGER_TYPES = dict.fromkeys(np.dtype(letter).type for letter in np.typecodes["AllInteger"] + "?")
for _fn in INEXACT_TYPES:
    elementwise(_fn, lambda y, x: 1, cheap=True)
inactive(*INTEGER_TYPES, broadcasts=True, cheap=True)

# steps, tests and integers
inactive(
    *present(np, "floor", "ceil", "trunc", "rint", "round", "around", "round_", "fix", "spacing"),
    *(np.equal, np.not_equal, np.less, np.less_equal, np.greater, np.greater_equal),
    *(np.logical_and, np.logical_or, np.logical_xor, np.logical_not),
    *(np.isnan, np.isinf, np.isfinite, np.signbit, np.isclose, np.isreal, np.iscomplex, np.isposinf, np.isneginf),
    *(np.bitwise_and, np.bitwise_or, np.bitwise_xor, np.invert, np.left_shift, np.right_shift, np.gcd, np.lcm),
    *present(np, "bitwise_count"),
    broadcasts=True,
    cheap=True,
)
