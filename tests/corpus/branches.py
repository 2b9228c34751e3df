"""Branches: `if` in all forms, conditional expressions, `and` and `or` with their values, chained comparisons."""

import functools
import math

import numpy as np

from tests.corpus.registry import program


@program((0.4,), (-0.4,), order=3)
def leaky_relu(x):
    if x > 0:
        return x * x
    return 0.1 * x**3


@program((5000.0,), (20000.0,), (70000.0,))
def income_tax(income):
    if income <= 10000:
        tax = 0.1 * income
    elif income <= 40000:
        tax = 1000 + 0.2 * (income - 10000) + 1e-7 * (income - 10000) ** 2
    else:
        tax = 7000 + 0.35 * (income - 40000)
    return tax


@program((2.0,), (-2.0,))
def branch_without_else(x):
    y = x * x
    if y > 3 and x < 0:
        y = y * x
    return y + x


@program((1.0, 2.0), (3.0, 0.5), wrt=(0, 1))
def conditional_expression(a, b):
    big = a if a > b else b
    small = b if a > b else a
    return big**2 - small * (1 if small < 0 else 3)


@program((0.3,), (0.7,), (1.5,), (-1.0,))
def chained_comparison(x):
    if 0 <= x < 0.5:
        return 2 * x * x
    if 0.5 <= x <= 1 != 2:
        return 1 - 2 * (1 - x) ** 2
    return x * 0.25


@program((0.0, 2.5), (1.5, 2.5), wrt=(1,))
def or_gives_a_value(x, default):
    scale = x or default
    return scale * scale * default


@program((1.5, 2.5), (0.0, 2.5), wrt=(0, 1), tags=("zero",))
def and_gives_a_value(x, y):
    both = x > 1 and y
    if both:
        return both * x * y
    return x + y


@program((0.5, 1.0), (2.0, 1.0), wrt=(0, 1))
def old_conditional_idiom(x, y):
    z = x > 1 and x * y or x + y
    return z * z


@program((0.5, 0), (3.0, 2), (3.0, 8))
def short_circuit_guards_a_division(x, n):
    if n != 0 and x / n > 1:
        return x / n
    return x * x


@program((0.2,), (1.2,), (2.2,))
def walrus_in_a_test(x):
    if (y := x * x) > 4:
        return y + x
    elif (z := y + 1) > 2:
        return z * y
    return z - y


@program((0.5,), (-0.5,))
def defined_on_one_path(x):
    known = x > 0
    if known:
        root = math.sqrt(x)
    if known:
        return root + x
    return x * x


@program((0.5, True), (0.5, False))
def flag_argument(x, squared):
    if not squared:
        x = math.exp(x)
    else:
        x = x**2
    return x + squared


@program((0.5,), (1.5,), (2.5,), (3.5,))
def nested_branches(x):
    if x < 2:
        if x < 1:
            y = x**3
        else:
            y = math.log(x)
            if y > 10:
                y = 0.0
    else:
        y = x
        if x > 3:
            y = y * y
        y = y / 2
    return y * x


@program((1.0, 2.0, 3.0), (3.0, 1.0, 2.0), (2.0, 3.0, 1.0), wrt=(0, 1, 2))
def median_of_three(a, b, c):
    if a > b:
        a, b = b, a
    if b > c:
        b, c = c, b
    if a > b:
        a, b = b, a
    return b * b + 0.1 * a * c


@program((0.3,), (-0.3,))
def both_branches_return(x):
    if x >= 0:
        return math.sin(x)
    else:
        return -math.cos(x)


@program((0.3,), (3.0,), (-3.0,))
def clamp_with_min_and_max(x):
    inside = max(-1.0, min(x, 1.0))
    return inside * inside + 0.5 * x


@program((0.25,), (-4.0,))
def branch_changes_nothing_active(x):
    if x > 0:
        label = "positive"
    else:
        label = "negative"
    scale = 2.0 if label == "positive" else 3.0
    return scale * x * x


@program((1.5,), (-1.5,))
def constant_on_one_branch(x):
    if x < 0:
        y = 0
    else:
        y = x**2
    return y + x


@program((0.3,), (0.8,), (2.0,))
def saturating_spline(t):
    return (0.0 if t < 0.5 else t**3) if t < 1 else 3 * t - 2 if t < 1.5 else 2.5 + 0.1 * t


@program((0.7, 6), (0.7, 0))
def integers_in_ranges_and_arrays(x, n):
    total, places = x, np.array([0, 2])
    for i in range(n):
        if i in range(1, n - 1):
            total += x**2 * i
        if i in range(n, 0, -2) and i not in range(0, n, 3):
            total *= x
        if i in places:
            total += 1 / x
    return total * (2 if callable(functools.partial(math.sin)) else x)


@program((-0.7,), (0.7,), (1.7,))
def slopes_of_what_was_cut_off(x):
    low = x if x > 0 else 0.0
    between = min(max(x, 0.0), 1.0)
    return math.sqrt(max(0.0, x)) * 2 + low**0.5 + math.sqrt(3 * between) * x


@program((-0.7, 3), (1.7, 3))
def slopes_of_what_is_cut_off_in_a_loop(x, n):
    total = x
    for i in range(n):
        total += math.sqrt(max(0.0, x - i)) / (i + 1)
    return total
