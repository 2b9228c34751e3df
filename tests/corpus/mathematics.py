"""The functions of `math` and the numeric built-ins."""

import math
from math import cos, exp, log, pi, sin
from math import sqrt as root

from tests.corpus.registry import program


@program((0.4,), (0.9,))
def trigonometric(x):
    return math.sin(x) + math.cos(2 * x) * math.tan(x / 2) + math.asin(x) * math.acos(x) - math.atan(3 * x)


@program((0.4,), (0.9,))
def hyperbolic(x):
    return math.sinh(x) * math.cosh(x) + math.tanh(x) - math.asinh(x) + math.acosh(1 + x) * math.atanh(x * x)


@program((0.4,), (2.5,))
def exponentials_and_logarithms(x):
    y = math.exp(x) + math.expm1(x) * math.log(x) + math.log1p(x)
    return y + math.log2(x) * math.log10(x + 1) + math.log(x + 2, 3)


@program((0.4, 1.2), (-0.4, -1.2), wrt=(0, 1))
def functions_of_two(x, y):
    return math.atan2(x, y) + math.hypot(x, y) + math.pow(x * x, y) + math.fmod(7 * x, y) + math.copysign(x, y)


@program((0.4,), (1.8,))
def special_functions(x):
    return math.erf(x) * math.erfc(x / 2) + math.gamma(x + 1)


@program((0.4,), (3.3,))
def log_gamma(x):
    return math.lgamma(x) * x


@program((2.3,), (-2.3,))
def rounding_functions(x):
    return math.floor(x) * x + math.ceil(x) * x**2 + math.trunc(x) * x + round(x) * x + int(x) * x


@program((1.3,), (-1.3,))
def absolute_values(x):
    return abs(x) * x + math.fabs(x) ** 3


@program((30.0,), (200.0,))
def degrees_and_radians(angle):
    return math.sin(math.radians(angle)) + math.degrees(angle) * 0.01 + math.tau


@program((0.7,), (-0.4,), order=3)
def names_imported_directly(x):
    return sin(pi * x) * cos(x) + exp(-x) * root(x * x + 1) - log(2 + x)


@program((100.0, 105.0, 0.05, 0.2, 1.0), wrt=(0, 1, 2, 3, 4))
def black_scholes(spot, strike, rate, vol, years):
    def normal_cdf(x):
        return 0.5 * (1 + math.erf(x / math.sqrt(2)))

    total_vol = vol * math.sqrt(years)
    d1 = (math.log(spot / strike) + (rate + vol**2 / 2) * years) / total_vol
    d2 = d1 - total_vol
    return spot * normal_cdf(d1) - strike * math.exp(-rate * years) * normal_cdf(d2)


@program((48.85, 2.35, 40.71, -74.0), wrt=(0, 1, 2, 3))
def haversine(lat1, lon1, lat2, lon2):
    radius = 6371.0
    lat1, lon1, lat2, lon2 = math.radians(lat1), math.radians(lon1), math.radians(lat2), math.radians(lon2)
    h = math.sin((lat2 - lat1) / 2) ** 2 + math.cos(lat1) * math.cos(lat2) * math.sin((lon2 - lon1) / 2) ** 2
    return 2 * radius * math.asin(math.sqrt(h)) / 1000


@program((0.5, 3), (0.5, 0))
def float_and_int_conversions(x, n):
    a = float(n) * x
    b = float(x) + int(n > 1) + bool(n) * x
    return a * b + pow(x, n) + abs(-n) * x


@program((0.45,), order=3)
def sigmoid_by_tanh(x):
    return 0.5 * (1 + math.tanh(x / 2))
