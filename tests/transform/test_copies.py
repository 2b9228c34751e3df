"""Copies are made where somebody else may see an array, and nowhere else: counted in the text of whole programs."""

from __future__ import annotations

import numpy as np

from ast_ad import grad, vjp
from ast_ad.testing import check_grads

X = np.array([0.5, 1.0, -0.3, 0.8])


def smoothed(x, steps):
    u, new = x.copy(), np.zeros(4)
    for _ in range(steps):
        for i in range(1, 3):
            new[i] = 0.5 * u[i] * (u[i - 1] + u[i + 1])
        u, new = new, u
    return np.sum(u * new)


def test_arrays_that_change_places_are_not_copied_in_the_loop():
    gradient = grad(smoothed)
    gradient(X, 3)
    loops = gradient.source.split("for _ in", 1)[1]
    assert "copy" not in loops
    check_grads(smoothed, order=2)(X, 3)


def swept(x):
    y = x.copy()
    for i in range(1, 4):
        y[i] -= 0.5 * y[i - 1] ** 2
    for i in range(2, -1, -1):
        y[i] -= 0.3 * y[i + 1] ** 2
    return y


def test_what_leaves_one_loop_goes_on_to_the_next_without_a_copy():
    _, pullback = vjp(swept, X)
    assert pullback.source.count("out_bar.copy()") == 1
    check_grads(swept, order=2)(X)


def twice_the_same(x, n):
    a = x * x
    b = a
    total = 0.0
    for i in range(n):
        a = a * 1.0
        a[i] = a[i] * b[0]
        total += np.sum(a * b)
    return total


def test_an_array_that_is_read_under_another_name_is_copied():
    check_grads(twice_the_same, order=2)(X, 3)


def scaled(x, n):
    y = x.copy()
    for i in range(n):
        y[i] = np.sin(y[i])
        y[i + 1] = y[i] * y[i + 1]
    return np.sum(y)


def test_what_is_written_is_not_read_back_and_zeros_are_not_added_to():
    gradient = grad(scaled)
    gradient(X, 3)
    forward, reverse = gradient.source.split("# reverse sweep")
    assert "= y[i]" not in forward.split("    y[i] =", 1)[1]
    assert "= 0.0" not in reverse
    check_grads(scaled, order=2)(X, 3)


def diffused(u, steps):
    for _ in range(steps):
        u[1:-1] += 0.2 * (u[2:] - 2 * u[1:-1] * u[1:-1] + u[:-2])
    return np.sum(u * u)


def test_what_is_read_of_an_adjoint_is_read_before_it_is_updated():
    gradient = grad(diffused)
    gradient(np.linspace(0.0, 1.0, 6), 3)
    reverse = gradient.source.split("# reverse sweep", 1)[1]
    assert "u_bar.copy()" not in reverse
    check_grads(diffused, order=2)(np.linspace(0.0, 1.0, 6), 3)


def leaping(e, h, steps):
    for _ in range(steps):
        h[:-1] += 0.5 * (e[1:] - e[:-1])
        e[1:-1] += 0.5 * (h[1:-1] - h[:-2])
    return np.sum(e * h)


def test_nothing_is_saved_of_which_only_the_shape_is_needed():
    gradient = grad(leaping, (0, 1))
    args = np.linspace(0.0, 1.0, 6), np.linspace(1.0, -1.0, 6) ** 2
    gradient(*args, 3)
    assert "stack" not in gradient.source
    check_grads(leaping, order=2)(*args, 3)


def relaxed(x, x0, n, steps):
    for _ in range(steps):
        x[1:-1] = (x0[1:-1] + 0.3 * (x[:n] + x[2:])) / 1.6
        x[0] = 0.5 * x[n]
    return np.sum(x * x)


def test_the_limits_of_such_a_part_may_be_arguments():
    gradient = grad(relaxed, (0, 1))
    args = np.linspace(0.0, 1.0, 6), np.linspace(1.0, -1.0, 6) ** 2
    gradient(*args, 4, 3)
    assert "stack" not in gradient.source
    check_grads(relaxed, (0, 1), order=2)(*args, 4, 3)
