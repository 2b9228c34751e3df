"""`while` loops: convergence, counters, and tests that depend on data."""

import math

from tests.corpus.registry import program


@program((3.0, 1e-9), (0.2, 1e-9), order=3)
def newton_sqrt(a, tol):
    x = a
    while True:
        step = (x * x - a) / (2 * x)
        x = x - step
        if abs(step) < tol:
            break
    return x


@program((2.7,), (31.0,), order=3)
def cube_root(a):
    x = a / 3
    while abs(x * x * x - a) > 1e-12 * a:
        x -= (x**3 - a) / (3 * x**2)
    return x


@program((1.0, 2.5), (24.0, 6.0), wrt=(0, 1), order=3)
def arithmetic_geometric_mean(a, b):
    while abs(a - b) > 1e-13 * a:
        a, b = (a + b) / 2, math.sqrt(a * b)
    return a


@program((0.9, 0.3), (2.4, 0.6), wrt=(0, 1))
def kepler(mean, ecc):
    """The eccentric anomaly: E - ecc * sin(E) = mean."""
    e = mean
    delta = 1.0
    while abs(delta) > 1e-14:
        delta = (e - ecc * math.sin(e) - mean) / (1 - ecc * math.cos(e))
        e -= delta
    return e


@program((10.0,), (1.5,), (0.5,))
def halve_until_small(x):
    n = 0
    while x > 1:
        x /= 2
        n += 1
    return x * x + n


@program((7.3,), (12.9,), (1.3,))
def collatz_with_floats(x):
    steps = 0
    while x >= 2 and steps < 30:
        if int(x) % 2 == 0:
            x = x / 2
        else:
            x = 3 * x + 1 - 2 * x * 0.9
        steps = steps + 1
    return x + 0.01 * steps * x


@program((0.8, 30, 12), (0.8, 7, 21), (0.3, 5, 0))
def gcd_controls_the_flow(x, a, b):
    y = 1.0
    while b:
        a, b = b, a % b
        y = y * x + a
    return y


@program((0.1,), (0.8,))
def nested_while_loops(x):
    total = 0.0
    i = 0
    while i < 4:
        y = x + i
        while y > 0.3:
            y = y * y / (y + 1.5)
            total += math.sin(y)
        total = total * x
        i += 1
    return total


@program((0.3, 6), (0.3, 0))
def while_inside_for(x, n):
    s = x
    for i in range(n):
        t = s
        k = i
        while k > 0:
            t = t * 0.9 + math.sin(t)
            k -= 2
        s = s + t * 0.1
    return s


@program((1.0,))
def while_never_runs(x):
    while x < 0:
        x = x * x
    return x * 3


@program((0.4,), (2.5,))
def while_with_walrus(x):
    total = 0.0
    while (y := x * x + total) < 5:
        total += y * 0.5 + 0.2
    return total * y


@program((1.5,), (4.2,))
def gamma_by_recurrence(x):
    """Stirling's series after moving the argument up."""
    log_product = 0.0
    while x < 8:
        log_product += math.log(x)
        x += 1
    series = 1 / (12 * x) - 1 / (360 * x**3)
    return (x - 0.5) * math.log(x) - x + 0.9189385332046727 + series - log_product


@program((0.5, 1.0), (0.1, 2.0), wrt=(0, 1))
def population_until_full(rate, capacity):
    p = 0.05 * capacity
    years = 0
    while p < 0.9 * capacity and years < 25:
        p = p + rate * p * (1 - p / capacity)
        years += 1
    else:
        p = p * 1.01
    return p


@program((1.3,), (0.2,))
def two_conditions(x):
    y, n = 1.0, 0
    while n < 10 and not y > 20 or n == 0:
        y = y + x * y
        n += 1
    return y


@program((0.8, 0.3))
def power_by_squaring(a, b):
    """The test is an integer, which is known at first."""
    n = 5
    result, base = 1.0 + b, a
    while n:
        if n & 1:
            result = result * base
        base = base * base + b
        n >>= 1
    return result
