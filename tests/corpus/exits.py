"""Early exits: `return`, `break` and `continue`, also out of several loops; `else` of loops; `raise` and `assert`."""

import math

from tests.corpus.registry import program


@program((0.5, 2.0), (-1.0, 2.0), (0.5, 9.0), wrt=(0, 1))
def guard_clauses(x, y):
    if x < 0:
        return x * y
    if y > 5:
        return y - x
    z = x + y
    if z > 100:
        return z
    return z * z


@program((1.7,), (0.9,), order=3)
def root_with_early_return(a):
    """Newton's iteration for x * exp(x) = a."""
    x = 0.5
    for _ in range(50):
        f = x * math.exp(x) - a
        if abs(f) < 1e-13:
            return x
        x = x - f / (math.exp(x) * (1 + x))
    return math.nan


@program((2.0, 0.0, 2.0), wrt=(0,), tags=("piecewise constant",))
def bisection(target, low, high):
    """The bisection itself is piecewise constant; the last secant step is not."""
    for _ in range(20):
        mid = (low + high) / 2
        if mid * mid < target:
            low = mid
        else:
            high = mid
        if high - low < 1e-3:
            break
    f_low, f_high = low * low - target, high * high - target
    return low - f_low * (high - low) / (f_high - f_low)


@program((0.4, 6), (1.5, 6))
def return_from_two_loops(x, n):
    s = 0.0
    for i in range(n):
        for j in range(i + 1):
            s = s + x**j
            if s > 8:
                return s * x
            if j == 3:
                break
        s += 0.1 * x
    return s


@program((0.3,), (0.6,), (5.0,))
def search_with_for_else(x):
    y = x
    for k in range(2, 7):
        y = y + math.sin(k * x)
        if y > 2:
            found = k
            break
    else:
        found = 0
        y = y * y
    return y * found + x


@program((0.3,), (1.4,))
def while_else_with_break(x):
    i = 0
    while i < 5:
        x = x * 1.3
        if x > 2:
            break
        i += 1
    else:
        x = -x
    return x * x * (i + 1)


@program((0.2, 4), (0.9, 4), (2.0, 4))
def break_out_of_several_loops(x, n):
    done = False
    y = x
    for i in range(n):
        for j in range(n):
            y = y + x * (i + j) * 0.3
            if y > 6:
                done = True
                break
        if done:
            break
        y = y * 0.9
    return y + done


@program((0.5, 8), (1.5, 8))
def continue_and_break(x, n):
    s = 0.0
    for i in range(n):
        if i == 2:
            continue
        s += x / (i + 1)
        if s > 2.5:
            break
        s = s * 1.1
    return s * s


@program((0.55,), (2.0,))
def for_else_in_a_loop(x):
    total = 0.0
    for i in range(1, 4):
        for j in range(3):
            if i * j * x > 3:
                break
            total += x**2 / (i + j)
        else:
            total += 1 / x
            continue
        total -= x
    return total


@program((2.0,), (0.5,))
def raise_not_reached(x):
    if x <= 0:
        raise ValueError("x must be positive, got " + str(x))
    y = math.log(x)
    if y > 50:
        raise OverflowError
    return y * x


@program((0.3, 5))
def assert_passes(x, n):
    assert n > 0, "nothing to do"
    y = x
    for i in range(n):
        y = y * 0.5 + x
        assert y < 100, f"diverged at step {i}"
    return y * y


@program((0.2,), (0.6,))
def return_in_while_true(x):
    n = 0
    while True:
        x = 3.7 * x * (1 - x)
        n += 1
        if x > 0.9:
            return x * n
        elif n >= 6:
            return x + n


@program((0.4, 3), (0.4, 0))
def return_on_the_first_turn(x, n):
    for i in range(n):
        return x * (i + 2)
    return x**2


@program((0.4,), (1.3,), (2.6,))
def returns_in_every_branch_of_a_loop(x):
    for k in range(5):
        if x < 0.5:
            x = x + 0.2
        elif x < 2:
            return x * k
        else:
            return math.log(x) + k
    return x


@program((0.8,))
def code_after_return(x):
    return x * x
    x = x + 1
    return x


@program((0.6, 12), (3.0, 12))
def fixed_point_with_limit(x, most):
    y = 1.0
    converged = False
    for k in range(most):
        new = math.cos(y) * 0.5 + x
        if abs(new - y) < 1e-3:
            converged = True
            break
        y = new
    if not converged:
        y = y + 10
    return y * (k + 1)


@program((0.7,), (1.9,))
def pass_and_docstring_and_ellipsis(x):
    """Does little.

    In two paragraphs.
    """
    if x > 1:
        pass
    else:
        ...
    for _ in range(3):
        pass
    return x**2


@program((0.7, 3))
def print_in_a_loop(x, n):
    y = x
    for i in range(n):
        y = y * x
        print("step", i, "of", n)
    print(f"y = {y:.3f}", end="\n")
    return y


@program((0.7,))
def left_from_a_branch_in_a_branch(x):
    """What a `break` leaves with is not read after the branch that it stands in."""
    i = 0
    while True:
        if x > 0:
            if i > 2:
                found = x * i
                break
            i += 1
        i += 1
    return found * x


@program((0.7,))
def goes_on_from_a_branch_in_a_branch(x):
    scale = 1.0
    for i in range(6):
        term = scale * x
        if i > 1:
            if i == 3:
                scale = term * 2
                continue
            x = x * 1.1
        scale = 0.3
        x = x * scale + term
    return scale * x


@program((0.3, 0.9), wrt=(0, 1), order=1)
def many_ways_out_of_a_loop(x, y):
    """Each stands one level deeper in the text than the one before."""
    v = x
    for k in range(4):
        if v > 20:
            break
        v = v * y + 0.1
        if v > 21:
            break
        v = v * y + 0.2
        if v > 22:
            break
        v = v * y + 0.3
        if v > 23:
            break
        v = v * y + 0.4
        if v > 24:
            break
        v = v * y + 0.5
        if v > 25:
            break
        v = v * y + 0.6
        if v > 26:
            break
        v = v * y + 0.7
        if v > 27:
            break
        v = v * y + 0.8
        if v > 28:
            break
        v = v * y + 0.9
        if v > 29:
            break
        v = v * y + k
        if v > 30:
            break
        v = v * y - 0.1
        if v > 31:
            break
        v = v * y - 0.2
        if v > 32:
            break
        v = v * y - 0.3
        if v > 33:
            break
        v = v * y - 0.4
        if v > 34:
            break
        v = v * y - 0.5
        if v > 35:
            break
        v = v * y - 0.6
        if v > 36:
            break
        v = v * y - 0.7
        if v > 37:
            break
        v = v * y - 0.8
        if v > 38:
            break
        v = v * y - 0.9
        if v > 39:
            break
        v = v * y - k
    return v
