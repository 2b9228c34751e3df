"""NumPy's functions on Python and NumPy scalars."""

import math

import numpy as np

from tests.corpus.registry import program


@program((1000.0,), (0.3,), (np.float64(0.3),), order=3, tags=("rough",))
def wave(x):
    return 10 * np.exp(np.sin(x)) + np.cos(x) ** 2


@program((0.4,), (np.float64(0.8),))
def elementary(x):
    y = np.sin(x) * np.cosh(x) + np.tanh(x) / np.sqrt(x)
    return y + np.log1p(x) * np.arctan(x) - np.exp2(x) + np.log10(x) * np.square(x) + np.cbrt(x) + np.reciprocal(x)


@program((0.4, 1.3), (np.float64(0.4), np.float64(-1.3)), wrt=(0, 1))
def of_two_arguments(x, y):
    a = np.multiply(x, y) + np.add(x, 2.0) - np.subtract(y, x)
    return a * np.hypot(x, y) + np.arctan2(y, x) + np.logaddexp(x, y) + np.true_divide(x, y)


@program((0.4, 1.3), wrt=(0, 1))
def extremes_and_choices(x, y):
    a = np.maximum(x, y) + np.minimum(x * y, 0.1)
    return a * np.where(x > y, x, y**2) + np.abs(-x) * np.sign(y)


@program((np.float64(0.6), 4), (0.6, 4))
def mixed_with_python_floats(x, n):
    total = 0.0
    for i in range(n):
        total = total + math.sin(total) * np.cos(x + i)
        if total > 0.5:
            total = total * 0.5
    return total


@program((np.float32(0.5), 3))
def single_precision(x, n):
    y = x
    for _ in range(n):
        y = y * np.sin(y) + x
    return y


@program((np.float64(0.3),), (np.float64(2.5),))
def numpy_conversion_and_constants(x):
    y = np.float64(2.0) * x + np.pi
    return float(y) * np.e + np.deg2rad(y) * np.float64(x)


@program((0.7,), (-1.4,))
def expit_and_softplus(x):
    s = 1 / (1 + np.exp(-x))
    return np.logaddexp(0.0, x) * s + np.expm1(-np.abs(x))


@program((np.float64(0.0), 2.0), (np.float64(1.5), 2.0), wrt=(0, 1))
def numpy_booleans(x, y):
    small = x < 1
    if not small:
        y = y * x
    return small * y + (x > 1) * x * y + np.logical_not(small) * x


@program((np.float64(0.7), np.float64(0.2)), wrt=(0, 1))
def payoff_by_a_test(price, strike):
    """The derivative of what a test switches on is the test; NumPy's has no negative."""
    return 1.2 - (price > strike) * price + (price > strike) * strike - (strike < price) * price * strike


@program((0.7,), (np.float64(-0.4),))
def axes_for_a_number(x):
    """NumPy's numbers take the indices that add axes, as arrays without dimensions do."""
    return np.sum(np.asarray(x)[None] * np.float64(x)[..., np.newaxis] * np.sum(np.array([x, 2 * x]))[None, None])
