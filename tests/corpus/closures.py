"""Inner functions, lambdas and the variables that they see."""

import math

from tests.corpus.registry import program

RATES = (0.5, -0.25, 2.0)


@program((0.8, 1.5), wrt=(0, 1), order=3)
def closure_over_parameters(x, y):
    def f(t):
        return t * x + y

    return f(x) * f(y)


@program((0.8,))
def closure_sees_the_cell(x):
    """The inner function reads the variable when it is called, not when it is defined."""
    scale = 1.0

    def f(t):
        return t * scale

    a = f(x)
    scale = x * 3
    b = f(x)
    scale += 1
    return a * b + f(x)


@program((0.8,))
def lambda_in_a_variable(x):
    double = lambda t: 2 * t  # noqa: E731
    mixed = lambda t, u=x * 2: t * u + double(t)  # noqa: E731
    x = x + 10
    return mixed(3.0) + double(x) * mixed(x, u=1.0)


@program((0.8, 3))
def closure_over_a_loop_variable(x, n):
    total = 0.0

    def term(t):
        return t**i * total + x

    for i in range(n):
        total = term(x)
    return total


def polynomial(*coefficients):
    def evaluate(x):
        y = 0.0
        for c in coefficients:
            y = y * x + c
        return y

    return evaluate


cubic = polynomial(1.0, -2.0, 0.5, 3.0)


@program((0.8,), (-1.1,))
def function_made_by_another(x):
    return cubic(x) * cubic(x + 1)


def make_scaled(factor):
    @program((0.7,))
    def scaled_by_closure(x):
        return math.sin(factor * x) * factor

    return scaled_by_closure


make_scaled(1.75)


@program((0.7,))
def tuple_of_a_global(x):
    total = 0.0
    for rate in RATES:
        total = total * x + rate * math.exp(rate * x)
    return total


@program((0.7, 1.1), wrt=(0, 1))
def compose(x, y):
    def after(f, g):
        return lambda t: f(g(t))

    def add_y(t):
        return t + y

    h = after(math.sin, add_y)
    k = after(h, h)
    return k(x) + after(add_y, math.exp)(x)


@program((0.6,), (1.6,))
def function_chosen_statically(x):
    f = math.sin
    g = f
    f = math.cos
    return f(x) * g(x)


@program((0.9,))
def inner_function_with_a_loop(x):
    def power_sum(base, n):
        total = 0.0
        for k in range(n):
            if k == 3:
                return total * x
            total += base**k
        return total

    return power_sum(x, 2) + power_sum(x + 1, 6)


@program((1.4,), (0.3,))
def inner_function_updates_an_outer_variable(x):
    count = 0
    total = x

    def visit(t):
        nonlocal count, total
        count += 1
        total = total + t * count
        return total

    visit(x * x)
    y = visit(x)
    return y * total + count


def account(balance):
    def deposit(amount):
        nonlocal balance
        balance = balance + amount

    def get():
        return balance

    return deposit, get


@program((0.7, 3))
def variable_shared_by_functions_that_were_returned(x, n):
    deposit, get = account(x)
    for i in range(n):
        deposit(x * i)
        if get() > 2:
            deposit(-1.0)
    return get() * get()


def differences(scale):
    last = None

    def record(value):
        nonlocal last
        before, last = last, value * scale
        return value if before is None else value - before

    return record


@program((0.7,))
def generators_by_hand(x):
    """Each call of the maker has a variable of its own."""
    f, g = differences(x), differences(2.0)
    return f(x) * g(x) + f(x * x) * g(3.0) + f(2.0)


def squaring(x):
    value = x

    def outer():
        def inner():
            nonlocal value
            value = value * x
            return value

        inner()
        return inner()

    return outer


@program((0.7,))
def variable_assigned_two_functions_deeper(x):
    f = squaring(x)
    return f() + f()
