"""`try`: exceptions that are caught, what is done where there are none, and what is done at the end."""

import contextlib
import math

import numpy as np

from tests.corpus.registry import program


@program((0.7,), (-0.7,))
def raised_and_caught(x):
    try:
        if x < 0:
            raise ValueError("negative")
        y = math.sqrt(x)
    except ValueError as error:
        print(f"no root: {error}")
        y = -(x**3)
    return y * x


@program((0.7,), (-0.7,))
def logarithm_or_not(x):
    try:
        y = math.log(x) * math.log(x + 1.5)
    except ValueError:
        y = x * x
    else:
        y = y + 1
    return y * x


@program((0.7, 2), (0.7, 0))
def division_by_zero(x, n):
    """Which handler runs depends on which operation fails."""
    try:
        a = x / n
        b = math.sqrt(n - 1)
        y = a * b
    except ZeroDivisionError:
        return x**2
    except (ValueError, ArithmeticError):
        y = 2.0
    return y * x


@program((0.7, 4))
def in_a_loop(x, n):
    total = 0.0
    for i in range(n):
        try:
            if i == 1:
                continue
            term = x / (i - 2)
        except ZeroDivisionError:
            total *= 1.5
            continue
        finally:
            total += x
        total += term * term
    return total


@program((0.7,), (2.0,), (-1.0,))
def at_the_end_whatever_happens(x):
    y = x
    try:
        y = y * x
        if x > 1:
            return y * 3
        try:
            y = y + math.log(x)
        finally:
            y = y * 2
    except ValueError:
        y = y + 1
    finally:
        x = x + 10
    return y * x


@program((np.array([[2.0, 0.5], [0.5, 1.0]]),), (np.array([[1.0, 0.5], [0.5, -1.0]]),))
def factorization_with_a_fallback(a):
    try:
        root = np.linalg.cholesky(a)
    except np.linalg.LinAlgError:
        root = a @ a
    return np.sum(root * root[0])


@program((0.7,))
def known_when_lowering(x):
    parameters = {"scale": x}
    try:
        shift = parameters["shift"]
    except KeyError:
        shift = 2.0
    try:
        power = int("three")
    except ValueError:
        power = 3
    try:
        from nowhere_at_all import missing
    except ImportError:
        missing = None
    return x**power * shift if missing is None else x


@program((0.7,), (-0.7,))
def raised_again(x):
    y = 1.0
    try:
        try:
            y = math.sqrt(x)
        except ValueError as error:
            y = x * x
            raise ArithmeticError("no root") from error
    except ArithmeticError:
        y = y * 2
    with contextlib.suppress(ValueError):
        y = y * math.log(x)
        y = y + 1
    return y


@program((0.7,), (-0.7,))
def helper_that_catches(x):
    def root(t):
        try:
            return math.sqrt(t)
        except ValueError:
            return 0.5 * t

    return root(x) * root(x + 1) + root(-x) ** 2


def three_times(x):
    return 3.0 * x


def square_of_positive(x):
    if x < 0:
        raise ValueError("negative")
    return x * x


@program((0.7,), (-0.7,))
def calls_beside_one_that_raises(x):
    try:
        y = three_times(x) * square_of_positive(x) + three_times(x * x)
    except ValueError:
        y = 2.0 * x
    return y


class Till:
    """Takes positive amounts."""

    def __init__(self, balance):
        self.balance = balance

    def take(self, amount):
        if amount <= 0.0:
            raise ValueError("nothing")
        self.balance += amount
        return self.balance


@program((0.7,), (-0.7,))
def methods_of_what_a_call_returns(x):
    tills = {"first": Till(1.0)}

    def first():
        return tills["first"]

    try:
        y = first().take(x) * x
    except ValueError:
        y = first().balance * 0.5 * x
    return y * first().balance


@program((np.array([[1.0, 2.0], [2.0, 1.0]]),))
def again_until_it_succeeds(a):
    jitter = 0.0
    while True:
        try:
            factor = np.linalg.cholesky(a + jitter * np.eye(2))
            break
        except np.linalg.LinAlgError:
            jitter = jitter * 2 + 0.6
    return np.sum(factor**3)


@program((0.7,), (-0.7,))
def read_only_in_else(x):
    try:
        y = math.log(x)
    except ValueError:
        return x**2
    else:
        return y * x
    finally:
        x = 3.0
