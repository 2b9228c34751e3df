"""Numbers that anyone can look up or work out by hand."""

from __future__ import annotations

import math

import numpy as np
import pytest

import ast_ad


def product(x, y, z):
    return (2 * x + y) * z


def wave(x):
    return 10 * np.exp(np.sin(x)) + np.cos(x) ** 2


def textbook(x, y):
    return x * x * y + y + 2


def test_product():
    assert ast_ad.value_and_grad(product, (0, 1, 2))(1.0, 2.0, 3.0) == (12.0, (6.0, 3.0, 4.0))


def test_product_of_one_list():
    assert ast_ad.value_and_grad(lambda v: (2 * v[0] + v[1]) * v[2])([1.0, 2.0, 3.0]) == (12.0, [6.0, 3.0, 4.0])
    value, slope = ast_ad.value_and_grad(lambda v: (2 * v[0] + v[1]) * v[2])(np.array([1.0, 2.0, 3.0]))
    assert value == 12.0
    assert slope.tolist() == [6.0, 3.0, 4.0]


def test_wave_times_a_cube():
    def wave_times_cube(v):
        x, y = v
        return y**3 * 10 * np.exp(np.sin(x)) + np.cos(x) ** 2

    expected = [-278.18475186, 670.29598656]
    for v in ([2.0, 3.0], np.array([2.0, 3.0])):
        value, slope = ast_ad.value_and_grad(wave_times_cube)(v)
        assert value == pytest.approx(670.4691647536183, rel=1e-14)
        assert type(slope) is type(v)
        assert list(slope) == pytest.approx(expected, abs=5e-9)
        tangents = [ast_ad.jvp(wave_times_cube, (v,), (type(v)(e) if type(v) is list else e,))[1] for e in np.eye(2)]
        assert tangents == pytest.approx(expected, abs=5e-9)


def test_a_layer_of_relus():
    def layer(w, x):
        return np.sum(np.maximum(0, w @ x))

    w, x = np.array([[-0.5, 0.2], [-0.3, 0.8]]), np.array([[0.2], [0.4]])
    value, (w_bar, x_bar) = ast_ad.value_and_grad(layer, (0, 1))(w, x)
    assert value == pytest.approx(0.26)
    assert w_bar.tolist() == [[0, 0], [0.2, 0.4]]
    assert x_bar.tolist() == [[-0.3], [0.8]]


def test_wave_far_from_zero():
    value, slope = ast_ad.value_and_grad(wave)(1000.0)
    assert value == pytest.approx(23.1780070835713, rel=1e-14)
    assert slope == pytest.approx(11.92692295225547, rel=1e-13)


def test_gradient_and_hessian_of_a_polynomial():
    assert ast_ad.grad(textbook, (0, 1))(3.0, 4.0) == (24.0, 10.0)
    hessian = [ast_ad.grad(ast_ad.grad(textbook, i), (0, 1))(3.0, 4.0) for i in (0, 1)]
    assert hessian == [(8.0, 6.0), (6.0, 0.0)]


def test_columns_of_the_hessian_by_forward_over_reverse():
    columns = [ast_ad.jvp(ast_ad.grad(textbook, (0, 1)), (3.0, 4.0), v)[1] for v in ((1.0, 0.0), (0.0, 1.0))]
    assert columns == [(8.0, 6.0), (6.0, 0.0)]


@pytest.mark.parametrize(
    ("fun", "args", "expected"),
    [
        (lambda a, b: (a + b) * (b + 1), (2.0, 1.0), (2.0, 5.0)),
        (lambda x, y, z: (x + y) * z, (1.0, 2.0, -4.0), (-4.0, -4.0, 3.0)),
    ],
    ids=["sum times sum", "sum times factor"],
)
def test_gradients_of_small_graphs(fun, args, expected):
    assert ast_ad.grad(fun, tuple(range(len(args))))(*args) == expected


def test_square_of_a_line():
    assert ast_ad.value_and_grad(lambda w: (2 + 3 * w) ** 2)(3.0) == (121.0, 66.0)


@pytest.mark.parametrize(
    ("fun", "at", "slope"),
    [
        (lambda x: math.sin(x**2), 3.0, -5.466782),
        (lambda x: (1 - math.exp(-x)) / (1 + math.exp(-x)), 1.0, 0.393224),
        (lambda x: 1 / (1 + math.exp(-x)), 2.0, 0.104994),
    ],
    ids=["sine of a square", "tanh by exponentials", "sigmoid"],
)
def test_slopes_to_six_digits(fun, at, slope):
    assert ast_ad.grad(fun)(at) == pytest.approx(slope, abs=5e-7)
    assert ast_ad.jvp(fun, (at,), (1.0,))[1] == pytest.approx(slope, abs=5e-7)


def neuron(x, w, b, y):
    return (w * x + b - y) ** 2 / 2


def test_neuron():
    value, (w_bar, b_bar) = ast_ad.value_and_grad(neuron, ("w", "b"))(2.0, -2.0, 8.0, 1.0)
    assert (value, w_bar, b_bar) == (4.5, 6.0, 3.0)


def tanh_derivative(n: int, x: float) -> float:
    """Return the n-th derivative of tanh: each is a polynomial in t = tanh(x), and dt/dx = 1 - t * t."""
    polynomial = np.polynomial.Polynomial([0.0, 1.0])
    for _ in range(n):
        polynomial = polynomial.deriv() * np.polynomial.Polynomial([1.0, 0.0, -1.0])
    return float(polynomial(math.tanh(x)))


@pytest.mark.parametrize("tanh", [math.tanh, np.tanh], ids=["math", "numpy"])
def test_six_derivatives_of_tanh(tanh):
    derivative = lambda x: tanh(x)  # noqa: E731
    for order in range(1, 7):
        derivative = ast_ad.grad(derivative)
        assert derivative(0.6) == pytest.approx(tanh_derivative(order, 0.6), rel=1e-11), order
