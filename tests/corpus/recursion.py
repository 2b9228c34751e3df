"""Functions that call themselves: directly, through others, on parts of arrays and of nested tuples."""

import math

import numpy as np

from tests.corpus.registry import program


def power(x, n):
    if n == 0:
        return 1.0
    return x * power(x, n - 1)


def even(x, n):
    return x if n == 0 else odd(x * 1.1, n - 1)


def odd(x, n):
    return -x * x if n == 0 else even(x + 0.5, n - 1)


def pairwise_product(v):
    if len(v) == 1:
        return v[0] ** 2
    m = len(v) // 2
    return pairwise_product(v[:m]) + pairwise_product(v[m:]) * v[0]


def tree_sum(tree):
    if isinstance(tree, tuple):
        return math.sin(sum(tree_sum(branch) for branch in tree))
    return tree * tree


def horner(coefficients, x, i):
    if i == len(coefficients):
        return 0.0
    return coefficients[i] + x * horner(coefficients, x, i + 1)


def simpson(f, a, b, whole, tolerance):
    m = (a + b) / 2
    left = (f(a) + 4 * f((a + m) / 2) + f(m)) * (m - a) / 6
    right = (f(m) + 4 * f((m + b) / 2) + f(b)) * (b - m) / 6
    if abs(left + right - whole) < tolerance:
        return left + right
    return simpson(f, a, m, left, tolerance / 2) + simpson(f, m, b, right, tolerance / 2)


@program((0.7, 0), (0.7, 1), (0.7, 5), order=3)
def powers(x, n):
    return power(x, n) * power(x + 1, n // 2)


@program((0.7, 5))
def calls_itself(x, n):
    if n <= 0:
        return math.cos(x)
    return x * calls_itself(x * 0.9, n - 1) + x


@program((0.7, 4), (0.7, 5))
def mutual(x, n):
    return even(x, n) * odd(x, n)


@program((np.array([1.0, 2.0, 0.5, 0.3, 1.2]),))
def halves(v):
    return pairwise_product(v)


@program((((1.0, 2.0), (3.0, (0.5,))),))
def nested_tuples(tree):
    return tree_sum(tree)


@program((np.array([1.0, 2.0, 0.5]), 0.7), wrt=(0, 1))
def polynomial(coefficients, x):
    return horner(coefficients, x, 0)


@program((0.7, 6))
def two_calls_of_a_closure(x, n):
    def fibonacci(k):
        if k < 2:
            return x
        return fibonacci(k - 1) * 0.5 + fibonacci(k - 2) * x

    return fibonacci(n)


@program((0.5, 1.5), wrt=(0, 1))
def adaptive_quadrature(a, b):
    def f(t):
        return math.exp(-a * t) * math.sin(3 * t)

    return simpson(f, a, b, (b - a) / 6 * (f(a) + 4 * f((a + b) / 2) + f(b)), 1e-3)


def accumulate(x, n, total=0):
    """The accumulator becomes a float; the recursion is the last thing that is done."""
    if n == 0:
        return total
    return accumulate(x * 1.1, n - 1, total + x * n)


@program((0.7, 4))
def accumulator(x, n):
    return accumulate(x, n) * x


def in_a_loop(x, depth):
    total = x
    for i in range(depth):
        total = total + math.sin(x * i) * in_a_loop(x * 0.5, depth - 1 - i)
    return total


@program((0.7, 3))
def recursion_inside_of_a_loop(x, n):
    return in_a_loop(x, n)


def pair(x, n):
    if n == 0:
        return x, 1.0
    a, b = pair(x * 0.9, n - 1)
    return a * b + x, b * x


@program((0.7, 3))
def several_results(x, n):
    a, b = pair(x, n)
    return a * b


def smoothed(u, n):
    if n == 0:
        return u
    return smoothed(0.5 * (u + u[::-1] ** 2), n - 1) * u


@program((np.array([1.0, 0.5, 0.3]), 3))
def arrays_of_one_length(u, n):
    return np.sum(smoothed(u, n))


def collatz(x, n, steps):
    if n == 1:
        return x * steps
    if n % 2 == 0:
        return collatz(x * 0.9, n // 2, steps + 1)
    return collatz(math.sqrt(x), 3 * n + 1, steps + 1)


@program((0.7, 6))
def several_calls_on_different_paths(x, n):
    return collatz(x, n, 0)


def deep(x, n):
    return x if n == 0 else deep(x * 0.99 + 0.01, n - 1)


@program((0.7,))
def deeper_than_constants_are_followed(x):
    return deep(x, 100)


def spectrum(x):
    """A number is real where the recursion ends, and complex above."""
    n = len(x)
    if n == 1:
        return x
    even, odd = spectrum(x[::2]), spectrum(x[1::2])
    turned = np.exp(-2j * np.pi * np.arange(n // 2) / n) * odd
    return np.concatenate([even + turned, even - turned])


@program((np.array([0.3, 1.2, 0.7, 2.1]),))
def fourier_of_real_numbers(x):
    return np.sum(np.abs(spectrum(x)) ** 2 * np.arange(4))


@program((0.7, 3), (0.7, 0))
def real_or_complex_by_depth(x, n):
    def turned(k):
        return x if k == 0 else turned(k - 1) * (x + 1j)

    return abs(turned(n)) ** 2


@program((np.array([0.5, 1.5, 2.5, 3.5]),))
def halves_until_nothing_is_left(x):
    """The length of the second half is that of a slice from where the first one ends."""
    first = x[: len(x) // 2]
    if len(first) == len(x) or len(first) == 0:
        return np.sum(x**2)
    return halves_until_nothing_is_left(first) + 2 * halves_until_nothing_is_left(x[len(first) :])
