"""`for` loops over ranges, tuples and lists."""

import math

from tests.corpus.registry import program


@program((0.7, 5), (1.3, 1), (1.3, 0), order=3)
def truncated_exponential(x, n):
    total = 1.0
    term = 1.0
    for k in range(1, n + 1):
        term = term * x / k
        total += term
    return total


@program((0.7, 9), (1.2, 4), order=3)
def series_with_branch(x, n):
    total = 0.0
    term = 1.0
    for i in range(n):
        if term > 0.5:
            term = term * math.sin(x)
        else:
            term = term + x
        total = total + term
    return total


@program((1.7,), (-0.3,), order=3)
def horner(x):
    y = 0.0
    for c in (3.0, -2.0, 0.5, 1.0, -4.0):
        y = y * x + c
    return y


@program((0.3, 2.9, 12), (0.6, 3.4, 20), wrt=(0, 1), order=3)
def logistic_map(x, r, steps):
    for _ in range(steps):
        x = r * x * (1 - x)
    return x


@program((0.05, 1000.0, 10), (0.0, 500.0, 3), wrt=(0, 1))
def compound_interest(rate, balance, years):
    paid = 0
    for year in range(years):
        interest = balance * rate
        if year % 3 == 2:
            balance += interest - 50
        else:
            balance += interest
        paid += interest
    return balance + 0.1 * paid


@program((0.2, 1.9, 8), (1.0, 3.0, 1), wrt=(0, 1))
def trapezoid_rule(a, b, n):
    h = (b - a) / n
    area = 0.5 * (math.exp(-a * a) + math.exp(-b * b))
    for i in range(1, n):
        x = a + i * h
        area += math.exp(-x * x)
    return area * h


@program((0.2, 1.9, 8), (-1.0, 2.0, 2), wrt=(0, 1), order=3)
def simpson_rule(a, b, n):
    def f(x):
        return math.sin(x) / (1 + x * x)

    h = (b - a) / n
    odd = sum_even = 0.0
    for k in range(1, n, 2):
        odd += f(a + k * h)
    for k in range(2, n, 2):
        sum_even += f(a + k * h)
    return h / 3 * (f(a) + 4 * odd + 2 * sum_even + f(b))


@program((1.3, 6), (0.4, 2))
def countdown(x, n):
    y = x
    for i in range(n, 0, -1):
        y = y / i + x
    for j in range(10, n, -3):
        y += j * math.sin(y)
    return y


@program((0.7, 4), (0.7, 0), (1.1, 1))
def triangle_of_products(x, n):
    total = 0.0
    for i in range(n):
        row = 1.0
        for j in range(i):
            row = row * x + j
        total += row * (i + 1)
    return total


@program((0.4, 3), (0.9, 2))
def three_deep(x, n):
    s = 0.0
    for i in range(n):
        a = math.sin(s + x)
        for j in range(i, n):
            b = a * x + j
            for k in range(0, j + 1, 2):
                b = math.cos(b) + 0.1 * k * x
            a = a + b * 0.5
        s = s + a * a
    return s


@program((0.5,))
def loop_that_never_runs(x):
    y = x * 2
    for i in range(0):
        y = y * x + i
    for i in range(5, 2):
        y = math.exp(y)
    return y * y


@program((0.5, 4))
def loop_with_unused_work(x, n):
    y = x
    junk = 0.0
    for i in range(n):
        junk += math.exp(x * i)
        y = y + x
    return y * y


@program((1.4, 5), (1.4, 1))
def target_after_the_loop(x, n):
    last = -1
    for i in range(n):
        last = i
    for k in range(2, n + 2):
        x = x + 0.1 * k
    return x * k + last * i


@program((0.8, 5), (0.8, 0))
def target_reassigned_in_the_body(x, n):
    total = 0.0
    for i in range(n):
        i = i * 2 + 1
        total += x**i
    return total


@program((1.1, 0.3, -0.8), wrt=(0, 1, 2))
def sum_over_a_tuple(a, b, c):
    total = 0.0
    for v in (a, b * c, c):
        total += v * v * a
    return total


@program((1.1, 0.3), wrt=(0, 1))
def enumerate_and_zip(x, y):
    total = 0.0
    for i, v in enumerate([x, y, x * y]):
        total += (i + 1) * v**2
    for u, w in zip((x, y), (2.0, -3.0)):
        total += u * w * total
    for k, (u, w) in enumerate(zip((x, y), (y, x)), start=2):
        total += k * u / (w + 3)
    return total


@program((0.6, 7), (1.6, 4))
def fibonacci_weights(x, n):
    a, b = 0, 1
    total = 0.0
    for _ in range(n):
        a, b = b, a + b
        total += a * x**2 + math.sqrt(b) * x
    return total


@program((2.0, 6), (0.5, 3))
def continued_fraction(x, depth):
    value = x
    for k in range(depth, 0, -1):
        value = k + x / value
    return value


@program((0.35, 6), (0.8, 1), order=3)
def chebyshev(x, n):
    before, now = 1.0, x
    for _ in range(n - 1):
        before, now = now, 2 * x * now - before
    return now


@program((0.3, 5))
def continue_skips(x, n):
    total = 0.0
    for i in range(2 * n):
        if i % 2 == 0:
            continue
        if i == 7:
            continue
        total = total * x + math.sin(i * x)
    return total


@program((0.9, 3, 4), (0.9, 0, 4), (0.9, 4, 0))
def loops_one_after_the_other(x, n, m):
    y = x
    for _ in range(n):
        y = y * math.sin(y)
    z = y
    for _ in range(m):
        z = z + math.sin(z) * y
    for _ in range(n):
        y = y + z * 0.1
    return y * z


@program((0.9, 5), (0.9, -1))
def loop_in_a_branch(x, n):
    if n > 0:
        y = x
        for _ in range(n):
            y = math.sin(y) + x
    else:
        y = x * x
        for _ in range(-n + 2):
            y = y * y + x
    return y


@program((1.2, 0.1, 30))
def loop_invariant_work(x, h, n):
    t = 0.0
    for _ in range(n):
        k = math.exp(-x * x) * math.cos(x)
        t = t + h * k
    return t * x


@program((0.4,))
def constant_trip_count(x):
    p = 1.0
    for k in range(3, 9, 2):
        p *= x + k
    return p


@program((1.65, 4), (1.65, 1))
def an_integer_becomes_a_float_that_nothing_reads_afterwards(x, n):
    y, z = x, n
    for _ in range(1, n):
        y = z - (2 + x)
        z = y
    return y
