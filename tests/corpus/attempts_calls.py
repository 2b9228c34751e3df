"""`try`: exceptions that other functions raise, and that leave loops."""

import math

import numpy as np

from tests.corpus.registry import program


def root(t):
    return math.sqrt(t)


def checked(t):
    if t < 0:
        raise ValueError(f"negative {t}")
    return t * t


@program((0.7,))
def a_function_that_raises(x):
    total = 0.0
    for v in (x, -x, 2 * x):
        try:
            total = total + checked(v)
        except ValueError as e:
            print(e)
            total = total + 3 * v
    return total


@program((0.7, 5), (0.7, 2))
def out_of_a_loop(x, n):
    try:
        for i in range(n):
            if x * i > 2.0:
                raise ValueError("big")
            x = x * 1.1
    except ValueError:
        x = x * x
    return x


@program((0.7, 3))
def out_of_the_inner_loop(x, n):
    total = 0.0
    for k in range(n):
        try:
            for i in range(n):
                z = x / (k - i)
                total = total + z
        except ZeroDivisionError:
            total = total * 1.5
        else:
            total = total + 1
    return total


def fact(x, n):
    if n < 0:
        raise ValueError("negative")
    if n == 0:
        return x
    return fact(x, n - 2) * x


@program((0.7, 4), (0.7, 5))
def a_recursion_that_raises(x, n):
    try:
        y = fact(x, n)
    except ValueError:
        y = x**3
    return y


def push(xs, v):
    if v > 1.0:
        raise OverflowError("too big")
    xs.append(v)


@program((0.7, 5), (0.7, 2))
def a_function_that_changes_a_list(x, n):
    xs = []
    try:
        for i in range(n):
            push(xs, x * i)
    except OverflowError:
        xs.append(x * 10)
    return sum(xs)


class Stack:
    def __init__(self):
        self.items = []

    def push(self, v):
        self.items.append(v)

    def pop(self):
        if not self.items:
            raise IndexError("empty")
        return self.items.pop()


@program((0.7, 4))
def an_empty_stack(x, n):
    s = Stack()
    for i in range(n):
        s.push(x * i)
    total = 0.0
    try:
        while True:
            total = total * 0.5 + s.pop()
    except IndexError:
        total = total + x
    return total


def newton(f, x0, n):
    x = x0
    for _ in range(n):
        fx = f(x)
        if abs(fx) < 1e-12:
            return x
        d = (f(x + 1e-3) - f(x - 1e-3)) / 2e-3
        if d == 0:
            raise ZeroDivisionError("flat")
        x = x - fx / d
    raise RuntimeError("no convergence")


@program((0.7,))
def no_convergence(x):
    try:
        r = newton(lambda t: t * t - x, 1.0, 40)
    except RuntimeError:
        r = x
    try:
        q = newton(lambda t: t * t + x, 1.0, 5)
    except (RuntimeError, ZeroDivisionError):
        q = x * x
    return r + q


@program((0.7, 4))
def past_the_end_of_a_list(x, n):
    xs = [x * i for i in range(n)]
    total, i = 0.0, 0
    while True:
        try:
            total += xs[i]
        except IndexError:
            break
        i += 1
    return total * x


@program((0.7,), (-0.7,))
def in_a_conditional_expression(x):
    try:
        y = root(x) if x > 0 else x
    except ValueError:
        y = 1.0
    return y * x


def outer(t):
    try:
        return inner(t) * 2
    except KeyError:
        return t


def inner(t):
    if t > 1:
        raise KeyError("k")
    if t < 0:
        raise ValueError("v")
    return t * t


@program((0.7,), (1.7,), (-0.7,))
def some_caught_below(x):
    try:
        return outer(x)
    except ValueError:
        return x**3


@program((0.7, 3))
def in_the_test_of_a_loop(x, n):
    try:
        while 1 / (x - n) < 5 and n > 0:
            n = n - 1
            x = x * 1.2
    except ZeroDivisionError:
        x = x * x
    return x


@program((0.7, 3), (0.7, 4), (0.7, 2))
def out_of_two_loops(x, n):
    try:
        for i in range(n):
            for j in range(n):
                if i * j > 3:
                    raise StopIteration
                x = x * 1.01 + j
    except StopIteration:
        return x * i + j
    return x


@program((0.7,))
def a_singular_system(x):
    a = np.array([x, 2 * x])

    def solve(m):
        return np.linalg.solve(m, a)

    try:
        s = solve(np.zeros((2, 2)) * x)
    except np.linalg.LinAlgError:
        s = a * 2
    return np.sum(s * s)


@program((0.7, 5), (0.7, 1))
def out_of_a_loop_written_out(x, n):
    out = []
    try:
        for i in range(n):
            for v in (1.0, 2.0, x):
                if v * i > 3:
                    raise KeyError(i)
                out.append(v * i * x)
        else:
            out.append(x)
    except KeyError:
        out.append(x * x)
    return sum(out)


@program((0.7, 5), (0.7, 2))
def a_function_that_changes_an_array(x, n):
    a = np.zeros(n)

    def fill(a, i, v):
        a[i] = v
        if v > 2:
            raise ValueError("too big")
        a[i] = v * v

    try:
        for i in range(n):
            fill(a, i, x * i)
    except ValueError:
        a[0] = 5 * x
    return np.sum(a * a)


@program((0.7, 6), (0.7, 2))
def out_of_a_while(x, n):
    total = 0.0
    for k in range(n):
        try:
            i = 0
            while True:
                i += 1
                if i > k:
                    break
                if i * x > 2:
                    raise OverflowError
                total = total + i * x
        except OverflowError:
            total = total * x
            if k > 3:
                return total
    return total


def divide(a, b):
    return a / b


@program((0.7, 3))
def two_calls_in_a_statement(x, n):
    total = 0.0
    for i in range(n):
        for j in range(n):
            try:
                total += divide(x, i - j) * divide(1.0, j - 1)
            except ZeroDivisionError:
                total += x**2
    return total


@program((0.7,))
def functions_in_a_list(x):
    vals = []
    for f in (lambda t: math.log(t), lambda t: 1 / (t - t), lambda t: [t][3], lambda t: {"a": t}["b"], lambda t: t * t):
        try:
            vals.append(f(x))
        except ValueError:
            vals.append(x)
        except ZeroDivisionError:
            vals.append(2 * x)
        except LookupError:
            vals.append(x**3)
    return sum(v * (i + 1) for i, v in enumerate(vals))


@program((0.7,))
def mapped(x):
    try:
        s = sum(map(root, [x, x + 1, -x]))
    except ValueError:
        s = x**2
    try:
        t = sum(map(root, [x, x + 1, x * x]))
    except ValueError:
        t = 0.0
    return s + t


def bisect(f, a, b, tol):
    fa, fb = f(a), f(b)
    if fa * fb > 0:
        raise ValueError("no sign change")
    while b - a > tol:
        m = 0.5 * (a + b)
        fm = f(m)
        if fa * fm <= 0:
            b, fb = m, fm
        else:
            a, fa = m, fm
    return a - fa * (b - a) / (fb - fa)


@program((0.7,))
def a_root_finder(x):
    try:
        r = bisect(lambda t: t * t - x, 0.0, 2.0, 1e-3)
    except ValueError:
        r = 0.0
    try:
        r2 = bisect(lambda t: t * t + x, 0.0, 2.0, 1e-3)
    except ValueError:
        r2 = x * x
    return r + r2


def deep(x, n):
    if n == 0:
        if x > 1:
            raise RuntimeError("deep")
        return x
    return deep(x * 1.1, n - 1) * 2


@program((0.7, 3), (0.7, 6))
def out_of_a_recursion(x, n):
    try:
        return deep(x, n)
    except RuntimeError:
        return x * x


@program((0.5, 3), (0.5, 7))
def ends_a_loop(x, n):
    best = 0.0
    for i in range(n):
        try:
            v = deep(x + 0.1 * i, 3)
        except RuntimeError:
            break
        best = best + v
    else:
        best = best * 10
    return best


@program((0.7,))
def a_counter_outside(x):
    def inner(v):
        nonlocal count
        count += 1
        if v > 0.5:
            raise ValueError
        return v * count

    count = 0
    y = 0.0
    for v in (0.1 * x, x, 0.2 * x):
        try:
            y += inner(v)
        except ValueError:
            y += x * x
    return y * count


@program((0.7, 4))
def popped_until_empty(x, n):
    xs = [x * i for i in range(n)]
    total = 0.0
    try:
        while True:
            total += xs.pop() * x
    except IndexError:
        pass
    return total


@program((0.7, 3), (0.7, 6))
def with_finally(x, n):
    total = 0.0
    try:
        for i in range(n):
            total += math.sqrt(x - 0.2 * i)
    except (ValueError, OverflowError):
        pass
    finally:
        total *= 2
    return total
