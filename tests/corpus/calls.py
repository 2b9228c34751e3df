"""Calls of user functions: keywords, defaults, helpers with loops and early returns, functions as arguments."""

import math

from tests.corpus.registry import program

GRAVITY = 9.81


def square(x):
    return x * x


def scaled(x, by=2.0, *, shift=0.5):
    return x * by + shift


def soft(x):
    if x > 20:
        return x
    return math.log(1 + math.exp(x))


def first_power_above(x, limit, most=20):
    """Return early from inside a loop."""
    p = x
    for k in range(most):
        if p > limit:
            return p, k
        p = p * x
    return p, most


def swap(a, b):
    return b, a


@program((1.3,), (-0.2,), order=3)
def square_of_square(x):
    return square(square(x) + 1) * square(x)


@program((0.7, 1.1), wrt=(0, 1))
def keywords_and_defaults(x, y):
    a = scaled(x)
    b = scaled(x, y)
    c = scaled(by=x, x=y, shift=a)
    return a * b + c * scaled(c, shift=x)


@program((0.7, 4), (0.7, 0))
def helper_in_a_loop(x, n):
    total = 0.0
    for i in range(n):
        x = soft(x - i)
        total = scaled(total, shift=x * i)
    return total + x


@program((1.5,), (3.2,))
def helper_with_early_return(x):
    p, k = first_power_above(x, 10.0)
    q, _ = first_power_above(x + 0.1, 50.0, most=2)
    return p * k + q


@program((0.4, 2.0), wrt=(0, 1))
def helper_returns_a_tuple(x, y):
    a, b = swap(x, y * y)
    pair = swap(a, b)
    return pair[0] * a - pair[1] ** 2 * b


@program((12.0, 0.6), wrt=(0, 1))
def projectile_range(speed, angle):
    return speed**2 * math.sin(2 * angle) / GRAVITY


def apply(f, x, times):
    for _ in range(times):
        x = f(x)
    return x


@program((0.5, 3))
def functions_as_arguments(x, n):
    y = apply(math.sin, x, n)
    z = apply(square, y + 1, 2)
    return apply(lambda t: t * 0.5 + x, z, n) + y


def derivative_by_differences(f, x, h=0.25):
    return (f(x + h) - f(x - h)) / (2 * h)


@program((0.9,))
def numerical_derivative_of_a_helper(x):
    return derivative_by_differences(soft, x) * derivative_by_differences(square, x, h=x)


def integrate(f, a, b, n=6):
    h = (b - a) / n
    total = 0.0
    for k in range(n):
        total += f(a + (k + 0.5) * h)
    return total * h


@program((0.2, 1.4), wrt=(0, 1))
def double_integral(a, b):
    def inner(x):
        return integrate(lambda y: math.exp(-x * y), a, x, n=3)

    return integrate(inner, a, b, 4)


@program((2.0,))
def many_small_calls(x):
    g = square
    y = g(x) * g(x) + g(x + g(x))
    y = g(y * 0.01) - g(x) * g(g(x))
    return y + g(g(g(x * 0.3)))


def no_result(x):
    x = x + 1


@program((0.4,))
def call_for_nothing(x):
    no_result(x)
    square(x)
    return x * x


@program((0.3, 0.8), (2.0, 0.8), wrt=(0, 1))
def same_names_inside_and_outside(x, y):
    def f(y, x):
        total = x * y
        x = total + y
        return x

    total = f(x, y)
    return f(total, x) * y
