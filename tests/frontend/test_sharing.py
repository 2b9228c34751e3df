"""What is passed twice to a derivative that is called in a differentiated function."""

from __future__ import annotations

import numpy as np
import pytest

from ast_ad import ArgumentError, UnsupportedSyntaxError, grad, jvp, value_and_grad, vjp


def scaled(xs, ys):
    xs[0] = xs[0] * ys[1]
    return xs[0] * ys[0] + ys[1]


def added(a, b):
    a += b
    return np.sum(a * b)


class Point:
    def __init__(self, x):
        self.x = x


def moved(p, q):
    p.x = p.x * 2.0
    return p.x * q.x


gradient_of_scaled = value_and_grad(scaled)


def two_lists(x):
    xs = [x, x * x]
    return value_and_grad(scaled)(xs, xs)[0]


def two_lists_outside(x):
    xs = [x, x * x]
    return gradient_of_scaled(xs, xs)[0]


def two_lists_of_a_pullback(x):
    xs = [x, x * x]
    return vjp(scaled, xs, xs)[0]


def two_lists_forward(x):
    xs = [x, x * x]
    return jvp(scaled, (xs, xs), ([1.0, 0.0], [0.0, 1.0]))[0]


def two_in_one(x):
    xs = [x, x * x]
    return value_and_grad(lambda d: scaled(d["p"], d["q"]))({"p": xs, "q": xs})[0]


def a_list_that_it_sees(x):
    xs = [x, x * x]
    return value_and_grad(lambda ys: scaled(ys, xs))(xs)[0]


def two_arrays(x):
    a = np.array([x, 2.0 * x])
    return value_and_grad(added)(a, a)[0]


def an_array_and_its_view(x):
    a = np.array([x, 2.0 * x])
    return value_and_grad(added)(a, a[:])[0]


def an_array_that_it_sees(x):
    a = np.array([x, 2.0 * x])
    return value_and_grad(lambda b: added(b, a))(a)[0]


def two_objects(x):
    p = Point(x)
    return value_and_grad(moved)(p, p)[0]


@pytest.mark.parametrize(
    "fun",
    [
        two_lists,
        two_lists_outside,
        two_lists_of_a_pullback,
        two_lists_forward,
        two_in_one,
        a_list_that_it_sees,
        two_arrays,
        an_array_and_its_view,
        an_array_that_it_sees,
        two_objects,
    ],
)
def test_what_is_changed_is_not_passed_twice(fun):
    with pytest.raises(UnsupportedSyntaxError, match="may be"):
        grad(fun)(0.7)


def read_twice(x):
    xs = [x, x * x]
    a = np.array([x, 2.0 * x])
    value, (p, q) = value_and_grad(lambda a, b: a[0] * b[1] ** 2, (0, 1))(xs, xs)
    other, g = value_and_grad(lambda a, b: np.sum(a * b))(a, a)
    return value + p[0] * q[1] + other * g[1]


def changed_alone(x):
    xs = [x, x * x]
    value, g = value_and_grad(scaled)(xs, [x, 3.0])
    return value * g[0] + xs[0]


@pytest.mark.parametrize("fun", [read_twice, changed_alone])
def test_what_is_read_may_be_passed_twice(fun):
    up, down = fun(0.7 + 1e-6), fun(0.7 - 1e-6)
    assert value_and_grad(fun)(0.7) == pytest.approx((fun(0.7), (up - down) / 2e-6))


def test_a_list_that_the_function_sees_from_outside_is_no_argument_that_it_changes():
    xs = [0.7, 0.49]
    gradient = value_and_grad(lambda ys: scaled(ys, xs))
    for _ in range(2):
        assert gradient(list(xs))[0] == pytest.approx(scaled(list(xs), xs))
        with pytest.raises(ArgumentError, match="reads a list among them from outside") as caught:
            gradient(xs)
        assert "list(...)" in caught.value.help
    assert xs == [0.7, 0.49]
