"""Helpers that take numbers.

Each takes Python numbers, NumPy scalars and, unless it says otherwise, arrays.
"""

from __future__ import annotations

import cmath
import fractions
import math
from typing import Any

import numpy as np

_BERNOULLI = (1 / 6, -1 / 30, 1 / 42, -1 / 30, 5 / 66, -691 / 2730, 7 / 6)
"""B2, B4, ..., B14."""


def _is_python(*values: Any) -> bool:
    return not any(isinstance(value, (np.generic, np.ndarray)) for value in values)


def _inexact_dtype(x: Any) -> np.dtype[Any]:
    dtype = np.asarray(x).dtype
    return dtype if dtype.kind in "fc" else np.dtype(float)


def sign(x: Any) -> Any:
    """Return 1 where x is positive, -1 where it is negative, and x itself where it is 0 or NaN.

    >>> sign(-3.0), sign(0.0)
    (-1.0, 0.0)
    """
    if not _is_python(x):
        return np.sign(x)
    return 1.0 if x > 0 else -1.0 if x < 0 else x


def ratio(x: Any, y: Any) -> Any:
    """Return ``x / y``, and 0 where y is 0: the slope of a norm, which has a kink there.

    >>> ratio(3.0, 5.0), ratio(0.0, 0.0)
    (0.6, 0.0)
    """
    if isinstance(y, np.ndarray):
        zero = y == 0
        return np.where(zero, 0, x / np.where(zero, 1, y))
    return x * y if y == 0 else x / y


def safe_log(x: Any) -> Any:
    """Return the logarithm of x; 0 where x is 0, NaN where x is a negative real number, and no error or warning.

    It is the factor in the derivative of ``x ** n`` by n.

    >>> safe_log(1.0), safe_log(0.0), safe_log(-1.0)
    (0.0, 0.0, nan)
    """
    if not _is_python(x):
        with np.errstate(invalid="ignore"):
            return np.log(np.where(x == 0, 1, x)) if isinstance(x, np.ndarray) else np.log(x if x != 0 else type(x)(1))
    if x == 0:
        return x * 0.0
    if isinstance(x, complex):
        return cmath.log(x)
    return math.log(x) if x > 0 else math.nan


def portion(x: Any, z: Any) -> Any:
    """Return ``exp(x - z)``, the part of exp(z) that exp(x) is; 0 where both are 0.

    >>> portion(np.array([0.0, -np.inf]), np.array([0.0, -np.inf])).tolist()
    [1.0, 0.0]
    """
    with np.errstate(invalid="ignore"):
        return np.where(z == -np.inf, 0.0, np.exp(x - z))[()]


def power_derivative(x: Any, n: Any, order: int = 1) -> Any:
    """Return the derivative by x of ``x ** n``: ``n * (n - 1) * ... * x ** (n - order)``.

    It is 0 where the product of the factors is, so the derivative of ``x ** 0`` at 0 is 0, not ``0 * 0 ** -1``.

    >>> power_derivative(3.0, 2.0), power_derivative(0.0, 0.0)
    (6.0, 0.0)
    """
    factor = n
    for k in range(1, order):
        factor = factor * (n - k)
    exponent = n - order
    if isinstance(factor, np.ndarray):
        exponent = np.where(factor == 0, 1, exponent)
    elif factor == 0:
        exponent = type(exponent)(1)
    return factor * x**exponent


def share(z: Any, x: Any, y: Any) -> Any:
    """Return how much of the derivative of z, which is x or y, belongs to x: 1, 0, or 0.5 where x equals y.

    >>> share(2.0, 2.0, 1.0), share(2.0, 2.0, 2.0), share(2.0, 1.0, 2.0)
    (1.0, 0.5, 0.0)
    """
    return (x == z) * (1.0 - 0.5 * (y == z))


def chosen(g: Any, z: Any, x: Any, y: Any) -> Any:
    """Return what of g, which arrives at z, goes on to x; z is x or y: all of it, or half where x equals y, or nothing.

    Nothing is 0, though g is infinite: the square root of `np.maximum(x, 0)` has no slope where x is negative.

    >>> chosen(np.array([1.0, 1.0, np.inf]), np.zeros(3), np.array([0.0, 0.0, -1.0]), np.array([-1.0, 0.0, 0.0]))
    array([1. , 0.5, 0. ])
    """
    taken, tied = x == z, x == y
    if isinstance(taken, np.ndarray) or isinstance(g, np.ndarray):
        passed = np.where(taken, g, 0.0)
        return np.where(tied, 0.5 * g, passed) if np.any(tied) else passed
    return 0.5 * g if tied else g if taken else type(g)(0)


def sinc_derivative(x: Any, order: int = 1) -> Any:
    """Return a derivative of the normalised `np.sinc`, accurate also near 0.

    Away from 0 it follows from differentiating ``x * sinc(x) = sin(pi * x) / pi``; near 0 it is the Taylor series.

    >>> float(sinc_derivative(0.0))
    0.0
    """
    dtype = _inexact_dtype(x)
    t = np.pi * np.asarray(x, dtype)
    near = np.abs(t) < 3.0 + order
    far = np.where(near, 1.0, t)
    outside = np.sin(far) / far
    for k in range(1, order + 1):
        outside = (np.sin(far + k * np.pi / 2) - k * outside) / far
    inside = np.zeros_like(t)
    small = np.where(near, t, 0.0)
    # the terms of the integral of cos(s * t) for s from 0 to 1, differentiated: t ** m / ((m + order + 1) * m!)
    for m in range(order % 2, 48 + 2 * order, 2):
        weight = (-1) ** ((m + order) // 2) / (m + order + 1) / math.factorial(m)
        inside = inside + weight * small**m
    return (np.pi**order * np.where(near, inside, outside))[()].astype(dtype)


def digamma(x: float) -> float:
    """Return the logarithmic derivative of the gamma function (a number, not an array).

    >>> round(digamma(1.0), 12)
    -0.577215664902
    """
    return polygamma(0, x)


def polygamma(n: int, x: float) -> float:
    """Return the n-th derivative of `digamma` (a number, not an array); NaN at its poles, the integers up to 0.

    Reflection (DLMF 5.15.6) for negative numbers, recurrence (5.15.5) up to where the asymptotic series (5.11.2,
    5.15.8-9) is accurate to the last digits.

    >>> abs(polygamma(1, 1.0) - math.pi**2 / 6) < 1e-14
    True
    """
    x = float(x)
    if x <= 0:
        if x == math.floor(x):
            return math.nan
        return float((-1) ** n * polygamma(n, 1 - x) - math.pi ** (n + 1) * _cotangent_derivative(n, x - round(x)))
    total = 0.0
    while x < 16 + n:
        total += x ** -(n + 1)
        x += 1
    # With f = n! * (-1) ** (n + 1) taken out, and the logarithm of order 0 apart.
    tail = 0.5 * x ** -(n + 1)
    for k, bernoulli in enumerate(_BERNOULLI, 1):
        tail += bernoulli * math.comb(2 * k + n - 1, n) / (2 * k) * x ** -(2 * k + n)
    if n == 0:
        return math.log(x) - tail - total
    return float((-1) ** (n + 1) * math.factorial(n) * (total + tail + x**-n / n))


def _cotangent_derivative(n: int, x: float) -> float:
    """The n-th derivative by ``t = pi * x`` of the cotangent of t, a polynomial in the cotangent."""
    coefficients = [0.0, 1.0]
    for _ in range(n):
        slopes = [k * c for k, c in enumerate(coefficients)][1:]
        coefficients = [0.0] * (len(slopes) + 2)
        for k, slope in enumerate(slopes):
            coefficients[k] -= slope
            coefficients[k + 2] -= slope
    c = 1 / math.tan(math.pi * x)
    return sum(coefficient * c**k for k, coefficient in enumerate(coefficients))


def bessel_i(n: int, x: Any) -> Any:
    """Return the modified Bessel function of the first kind of integer order n (`np.i0` is that of order 0).

    Its integral over a period (DLMF 10.32.3) by the trapezoidal rule, which converges geometrically.

    >>> round(float(bessel_i(1, 1.0)), 12)
    0.565159103992
    """
    x = np.asarray(x, _inexact_dtype(x))
    points = 48 + 2 * n + int(10 * np.sqrt(np.max(np.abs(x), initial=0.0)))
    angles = 2 * np.pi * np.arange(points) / points
    return np.mean(np.exp(x[..., None] * np.cos(angles)) * np.cos(n * angles), axis=-1).astype(x.dtype)[()]


def range_item(start: int, stop: int, step: int, index: int) -> int:
    """Return ``range(start, stop, step)[index]``.

    >>> range_item(0, 10, 3, -1)
    9
    """
    return range(start, stop, step)[index]


def trip_count(start: int, stop: int, step: int) -> int:
    """Return how many iterations ``range(start, stop, step)`` has.

    >>> trip_count(0, 10, 3)
    4
    """
    return len(range(start, stop, step))


def real_number(value: Any) -> float:
    """Return a number that a library's object or call gave, as a float.

    >>> real_number(3)
    3.0

    Raises
    ------
    TypeError
        If it is no real number of Python's, or a `Fraction`.
    """
    if not isinstance(value, (int, float, fractions.Fraction)):
        raise TypeError(
            f"a number is needed here, and a {type(value).__name__} was returned by a call that is not differentiated: "
            "convert it, `float(...)`, or pass it in as an argument"
        )
    return float(value)
