"""Straight-line code: every arithmetic operator, on floats, integers, booleans and complex numbers."""

from tests.corpus.registry import program


@program((1.0, 2.0, 3.0), (-0.5, 0.25, 7.0), wrt=(0, 1, 2), order=3)
def product(x, y, z):
    return (2 * x + y) * z


@program((2.5,), (-1.25,))
def every_operator(x):
    a = +x - -x
    b = a * x / 3 + x**2
    c = b**3 / (x * x + 1)
    return c - 2**x + (x * x) ** 0.3


@program((7.3, 2.1), (-7.3, 2.1), wrt=(0, 1))
def remainder_and_floor(x, y):
    whole = x // y
    rest = x % y
    q, r = divmod(x, y)
    return whole * y + 3 * rest + q * r


@program((1.7, 3), (0.4, -2), (2.0, 0), order=3)
def integer_power(x, n):
    return x**n + n * x


@program((0.8, 1.9), (1.3, -0.6), wrt=(0, 1), order=3)
def power_of_both(x, y):
    return x**y + pow(x, 2 * y)


@program((3, 0.5), (-4, 1.5), wrt=(1,))
def integers_and_floats(n, x):
    half = n // 2
    bits = (n << 2) ^ (n & 3) | 1
    return half * x + bits * x**2 + (n / 4) * x + ~n


@program((0.3,), (-2.0,))
def booleans_as_numbers(x):
    positive = x > 0
    return positive * x**2 + (1 - positive) * x + True * x


@program((0.6, 1.1), (-0.4, 2.0), wrt=(0, 1))
def complex_impedance(r, w):
    z = complex(r, w) + 1 / (1j * w + 0.5)
    s = z * z.conjugate()
    return s.real + z.imag * 2.0


@program((0.7,), (-1.1,))
def complex_modulus(t):
    z = (1 + 2j * t) ** 2 / (3 - t * 1j)
    return abs(z) + z.real


@program((4.0,), (-3.0,))
def parameter_unchanged(x):
    return x


@program((4.0,))
def constant_result(x):
    return 3.5


@program((2.0, 5.0), wrt=(0, 1))
def one_argument_unused(x, y):
    ignored = y * 10  # noqa: F841
    return x * x


@program((1.2,), (-0.7,))
def reassigned_parameter(x):
    x = x * x
    x = x + 1 / x
    x *= x
    return x


@program((1.1, 0.4), wrt=(0, 1))
def same_value_many_names(x, y):
    a = x
    b = a
    c = d = b * y
    return a * b + c - d * d + a


@program((0.9,), (0.0,), order=3)
def polynomial_with_fractions(x):
    """A ratio of polynomials that a person would not expand."""
    num = 1 + x * (2 + x * (3 - x))
    den = 2 + x**2
    return num / den - den / (1 + num * num)


@program((12.0,), (-40.0,))
def fahrenheit_and_back(celsius):
    f: float = celsius * 9 / 5 + 32
    k: float
    k = (f - 32) * 5 / 9 + 273.15
    return k * k / 1000


@program((2.0, 3.0, 4.5), wrt=(0, 1, 2))
def heron(a, b, c):
    s = (a + b + c) / 2
    return (s * (s - a) * (s - b) * (s - c)) ** 0.5


@program((1.5, 2.5), wrt=(0, 1))
def names_of_generated_code(x, y):
    x_bar = x * y
    out_bar = x_bar + 1
    stack = out_bar * x
    y_dot = stack - y
    np = y_dot * x_bar
    seed = np + out_bar
    return seed * stack


@program((0.5,))
def names_of_builtins(x):
    abs = x + 1
    range = abs * x
    len = range - abs
    return len * range
