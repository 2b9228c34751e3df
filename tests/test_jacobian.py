"""`jacobian`, `hessian`, `hvp`, `elementwise_grad`, `stop_gradient`: against differences, and against each other."""

from __future__ import annotations

import collections
import functools
import math
import pickle
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import ast_ad
from ast_ad import (
    ArgumentError,
    KindError,
    elementwise_grad,
    grad,
    hessian,
    hvp,
    jacobian,
    jvp,
    stop_gradient,
    value_and_grad,
)

Pair = collections.namedtuple("Pair", "left right")
RNG = np.random.default_rng(0)
MATRIX, VECTOR = RNG.random((2, 3)), RNG.random(3)


def differences(fun: Callable[[Any], Any], x: Any, step: float = 1e-5) -> Any:
    """Return the derivatives of an array (or a number) by an array: of the shape of the result, then the argument's."""
    x = np.asarray(x, float)
    columns = []
    for index in np.ndindex(x.shape):
        move = np.zeros_like(x)
        move[index] = step
        columns.append((np.asarray(fun(x + move)) - np.asarray(fun(x - move))) / (2 * step))
    shape = np.shape(fun(x))
    return np.stack(columns, -1).reshape(shape + x.shape) if columns else np.zeros(shape + x.shape)


def loop(x):
    y = x
    for i in range(3):
        y = np.sin(y) * x + i
    return y[1:]


FUNCTIONS: dict[str, tuple[Callable[..., Any], Any]] = {
    "vector to vector": (lambda x: x[:2] * np.sin(x[2]), VECTOR),
    "vector to matrix": (lambda x: np.outer(x, x[:2]), VECTOR),
    "matrix to vector": (lambda x: x @ x[0] * 2, MATRIX),
    "matrix to matrix": (lambda x: np.tanh(x.T @ x), MATRIX),
    "vector to number": (lambda x: np.prod(x), VECTOR),
    "loop": (loop, VECTOR),
    "constant": (lambda x: np.ones(2) + 0 * np.sum(x), VECTOR),
    "independent": (lambda x: np.ones(2), VECTOR),
    "itself": (lambda x: x, VECTOR),
    "no rows": (lambda x: x[:0], VECTOR),
    "no columns": (lambda x: np.sum(x) + np.ones(2), np.zeros(0)),
    "length one": (lambda x: x[:, :1] * x, np.ones((2, 1))),
    "no dimensions": (lambda x: x * VECTOR, np.array(2.0)),
}


@pytest.mark.parametrize("case", FUNCTIONS)
def test_jacobians_against_differences(case: str):
    fun, x = FUNCTIONS[case]
    found = jacobian(fun)(x)
    expected = differences(fun, x)
    assert (found.shape, found.dtype) == (expected.shape, np.dtype(float))
    np.testing.assert_allclose(found, expected, rtol=1e-8, atol=1e-8)


@pytest.mark.parametrize("case", [case for case in FUNCTIONS if case not in ("no rows", "no columns", "independent")])
def test_jacobians_inside_a_differentiated_function(case: str):
    fun, x = FUNCTIONS[case]
    made = jacobian(fun)
    for total in (lambda x: np.sum(jacobian(fun)(x) ** 2), lambda x: np.sum(made(x) ** 2)):
        expected = differences(total, x)
        np.testing.assert_allclose(grad(total)(x), expected, rtol=1e-7, atol=1e-7)
        dot = jvp(total, (x,), (np.ones_like(x),))[1]
        assert dot == pytest.approx(np.sum(expected), rel=1e-7, abs=1e-7)


def test_numbers():
    assert jacobian(lambda x: x * x)(3.0) == 6.0
    np.testing.assert_equal(jacobian(lambda x: x * VECTOR)(3.0), VECTOR)
    np.testing.assert_equal(jacobian(lambda x: (x * x, [x * VECTOR]))(3.0), (6.0, [VECTOR]))
    assert grad(lambda x: np.sum(jacobian(lambda x: x * x * VECTOR)(x)))(3.0) == pytest.approx(2 * np.sum(VECTOR))


def test_dtypes():
    found = jacobian(lambda x, y: x * y, (0, 1))(np.ones(2, "f"), 2.0 * np.ones(2, "f"))
    assert [each.dtype for each in found] == [np.dtype("f")] * 2


def test_containers():
    def fun(p, x):
        return {"u": p["w"] * p["b"] * x, "v": (np.sum(p["w"]), [p["b"]])}

    p = {"w": np.arange(2.0), "b": 3.0, "n": 4, "s": "a"}
    found = jacobian(fun)(p, 2.0)
    rest = {"n": 4, "s": "a"}
    expected = {
        "u": {"w": 6.0 * np.eye(2), "b": np.array([0.0, 2.0]), **rest},
        "v": ({"w": np.ones(2), "b": 0.0, **rest}, [{"w": np.zeros(2), "b": 1.0, **rest}]),
    }
    np.testing.assert_equal(found, expected)
    found = jacobian(fun, (1, 0))(p, 2.0)
    np.testing.assert_equal(found["u"][0], 3 * p["w"])
    np.testing.assert_equal(found["v"][0][1], expected["v"][0])
    made = jacobian(lambda p: Pair(p.right, p.left * p.right))(Pair(2.0, VECTOR))
    assert type(made) is type(made.left) is Pair
    np.testing.assert_equal(made.right, Pair(VECTOR, 2 * np.eye(3)))


def test_rows_share_nothing():
    x = VECTOR.copy()
    found = jacobian(lambda p: {"a": p[0], "b": p[0], "c": (p[1], p[1])})([x, x])
    arrays = [each for row in (found["a"], found["b"], *found["c"]) for each in row]
    assert all(each.flags.writeable and not np.shares_memory(each, x) for each in arrays)
    assert not any(np.shares_memory(a, b) for i, a in enumerate(arrays) for b in arrays[:i])


def quadratic(x):
    return x[0] ** 2 * x[1] + np.sin(x[2]) * x[0]


def chained(x):
    total = 0.0
    for value in x:
        total = np.sin(total + value * value)
    return total


@pytest.mark.parametrize("fun", [quadratic, chained, lambda x: np.sum(np.tanh(np.outer(x, x)))])
def test_hessians(fun: Any):
    expected = differences(grad(fun), VECTOR)
    found = hessian(fun)(VECTOR)
    np.testing.assert_allclose(found, expected, rtol=1e-7, atol=1e-8)
    np.testing.assert_allclose(found, found.T, rtol=1e-12)
    vector = RNG.random(3)
    product = hvp(fun)(VECTOR, vector)
    np.testing.assert_allclose(product, found @ vector, rtol=1e-10)
    np.testing.assert_allclose(product, jvp(grad(fun), (VECTOR,), (vector,))[1], rtol=1e-14)


def test_hessians_of_arrays_and_containers():
    def waves(x, scale=1.0):
        return {"sum": np.sum(x**3), "parts": np.sin(x[:2] * x[2]) * scale}

    for fun in (waves, functools.partial(waves, scale=2.0)):
        found, expected = hessian(fun)(VECTOR), jacobian(jacobian(fun))(VECTOR)
        assert found["parts"].shape == (2, 3, 3)
        for key in found:
            np.testing.assert_allclose(found[key], expected[key], rtol=1e-12)
        np.testing.assert_allclose(found["parts"], differences(lambda x: jacobian(fun)(x)["parts"], VECTOR), atol=1e-8)  # noqa: B023
    again = pickle.loads(pickle.dumps(hessian(np.sin)))
    assert again(VECTOR).shape == (3, 3, 3)
    with pytest.raises(KindError, match="a gradient needs one real number"):
        jacobian(grad(waves))(VECTOR)
    total = grad(lambda x: np.sum(hessian(lambda z: z**3)(x)))(VECTOR)
    np.testing.assert_allclose(total, np.full(3, 6.0))


def test_hessians_of_several_arguments():
    def fun(x, p):
        return x**2 * np.sum(p["w"] ** 2) * p["b"]

    p = {"w": np.arange(1.0, 3.0), "b": 3.0}
    found = hessian(fun, (0, "p"))(2.0, p)
    square = np.sum(p["w"] ** 2)
    by_x = 6 * square
    across = {"w": 24 * p["w"], "b": 4 * square}
    down = {
        "w": (24 * p["w"], {"w": 24.0 * np.eye(2), "b": 8.0 * p["w"]}),
        "b": (4 * square, {"w": 8.0 * p["w"], "b": 0.0}),
    }
    assert_close(found, ((by_x, across), down))
    v = (0.5, {"b": -1.0, "w": np.array([2.0, 1.0])})
    product = hvp(fun, (0, "p"))(2.0, p, v)
    assert_close(product[0], by_x * 0.5 + across["w"] @ v[1]["w"] - across["b"])
    assert_close(product[1]["w"], 12 * p["w"] + 24 * v[1]["w"] - 8 * p["w"])
    assert_close(product[1]["b"], 2 * square + 8 * p["w"] @ v[1]["w"])


def assert_close(found: Any, expected: Any) -> None:
    if isinstance(expected, dict):
        assert found.keys() == expected.keys()
        for key in expected:
            assert_close(found[key], expected[key])
    elif isinstance(expected, tuple):
        assert len(found) == len(expected)
        for a, b in zip(found, expected):
            assert_close(a, b)
    else:
        np.testing.assert_allclose(found, expected)


def test_third_derivatives():
    x = VECTOR
    third = jacobian(hessian(lambda x: np.sum(x**4)))(x)
    expected = np.zeros((3, 3, 3))
    expected[range(3), range(3), range(3)] = 24 * x
    np.testing.assert_allclose(third, expected, atol=1e-12)
    inside = grad(lambda x: np.sum(hessian(lambda z: np.sum(z**4))(x)))
    np.testing.assert_allclose(inside(x), 24 * x)
    along = grad(lambda x: np.sum(hvp(lambda z: np.sum(z**4))(x, np.ones(3))))
    np.testing.assert_allclose(along(x), 24 * x)


def test_products_that_are_made_outside_and_used_inside():
    product, matrix = hvp(quadratic), hessian(quadratic)
    fun = lambda x, v: np.sum(product(x, v) * np.arange(3.0)) + np.sum(matrix(x) @ v)  # noqa: E731
    v = np.array([1.0, -2.0, 0.5])
    by_x, by_v = grad(fun, (0, 1))(VECTOR, v)
    np.testing.assert_allclose(by_x, differences(lambda x: fun(x, v), VECTOR), rtol=1e-7, atol=1e-8)
    np.testing.assert_allclose(by_v, differences(lambda v: fun(VECTOR, v), v), rtol=1e-7)


class TestOperatorsAsDecorators:
    """With options, on methods, on derivatives."""

    @jacobian
    def scaled(self, x):
        return x * self.k

    @hessian(argnums=1)
    def cubed(self, n, x):
        return np.sum(x**3) * self.k * n

    @hvp(argnums="x")
    def along(self, x):
        return np.sum(x**3) * self.k

    k = 2.0

    def test_methods(self):
        np.testing.assert_allclose(self.along(VECTOR, np.ones(3)), 12 * VECTOR)
        np.testing.assert_equal(self.scaled(VECTOR), 2 * np.eye(3))
        np.testing.assert_allclose(self.cubed(5, VECTOR), 60 * np.diag(VECTOR))
        inside = grad(lambda x: np.sum(self.scaled(x * x)) + np.sum(x))
        np.testing.assert_equal(inside(VECTOR), np.ones(3))

    def test_names(self):
        assert repr(jacobian(quadratic)) == "<jacobian of quadratic by x>"
        assert repr(hvp(quadratic)) == "<hvp of quadratic by x>"
        assert jacobian(quadratic).__wrapped__ is quadratic
        np.testing.assert_equal(pickle.loads(pickle.dumps(jacobian(loop)))(VECTOR), jacobian(loop)(VECTOR))

    def test_source(self):
        made = jacobian(chained)
        made(VECTOR)
        assert "def chained_forward(x):" in made.source
        assert "def chained_pullback(" in made.source
        assert "def function_pullback(k, out_bar):" in jacobian(lambda x, k: x * k).source


@pytest.mark.parametrize(
    ("operation", "message"),
    [
        (lambda: jacobian(lambda x: (x, 3))(VECTOR), "returns a value of type int: a Jacobian needs real"),
        (lambda: jacobian(lambda x: x * 1j)(VECTOR), "a Jacobian needs real"),
        (lambda: jacobian(lambda x: None)(VECTOR), "returns nothing: a Jacobian needs real"),
        (lambda: jacobian(lambda x: x)(3), "only floating-point numbers can be differentiated"),
        (lambda: jacobian(3), "jacobian differentiates a function, not 3"),
        (lambda: hessian(lambda x: x * 1j)(VECTOR), "returns a complex number: a gradient needs one real"),
        (lambda: hvp(lambda x: x * x)(), "the vector is missing"),
        (lambda: hvp(quadratic)(VECTOR, np.ones(2)), r"the vector has the shape \(2,\)"),
        (lambda: hvp(lambda x, y: x * y, (0, 1))(1.0, 2.0, 3.0), "argnums names 2 arguments"),
        (lambda: grad(lambda x: np.sum(jacobian(lambda z: (z, 3))(x)[0]))(VECTOR), "a Jacobian needs real"),
        (lambda: grad(lambda x: np.sum(hvp(quadratic)(x, x[:2])))(VECTOR), "the derivative given is|has the shape"),
        (lambda: grad(lambda x: hvp(quadratic)())(VECTOR), "the vector is missing"),
    ],
)
def test_refusals(operation: Any, message: str):
    with pytest.raises((ArgumentError, KindError, ValueError), match=message):
        operation()


class TestElementwise:
    """`elementwise_grad`, and gradients of arrays of one element."""

    def test_each_element(self):
        np.testing.assert_allclose(elementwise_grad(np.tanh)(MATRIX), 1 - np.tanh(MATRIX) ** 2)
        found = elementwise_grad(lambda x, y: x * y, (0, 1))(MATRIX, VECTOR)
        np.testing.assert_allclose(found[0], np.broadcast_to(VECTOR, (2, 3)))
        np.testing.assert_allclose(found[1], MATRIX.sum(0))
        assert elementwise_grad(math.sin)(0.0) == 1.0

    def test_derivatives_of_derivatives(self):
        derivative: Any = np.sin
        for expected in (np.cos, lambda x: -np.sin(x), lambda x: -np.cos(x), np.sin):
            derivative = elementwise_grad(derivative)
            np.testing.assert_allclose(derivative(MATRIX), expected(MATRIX))
        inside = grad(lambda x: np.sum(elementwise_grad(lambda z: z**3)(x)))
        np.testing.assert_allclose(inside(VECTOR), 6 * VECTOR)

    def test_containers_are_refused(self):
        with pytest.raises(KindError, match="returns a tuple of 2 numbers"):
            elementwise_grad(lambda x: (x, x))(VECTOR)

    @pytest.mark.parametrize("shape", [(), (1,), (1, 1), (1, 1, 1)])
    def test_one_element(self, shape: tuple[int, ...]):
        x = np.full(shape, 3.0)
        value, slope = value_and_grad(lambda x: x * x)(x)
        np.testing.assert_equal(np.asarray(value), 9 * np.ones(shape))
        assert (type(slope), slope.shape) == (np.ndarray, shape)
        np.testing.assert_equal(slope, 2 * x)
        np.testing.assert_equal(grad(lambda x, y: np.sum(x * y, keepdims=True))(x, VECTOR), x * 0 + np.sum(VECTOR))
        inside = grad(lambda x: np.sum(grad(lambda z: z * z * z)(x)))
        np.testing.assert_equal(inside(x), 6 * x)

    def test_other_arrays_are_refused(self):
        with pytest.raises(KindError, match="returns an array of float64 with 1 dimension") as failure:
            grad(lambda x: x * 2)(VECTOR)
        for name in ("elementwise_grad", "jacobian", "vjp"):
            assert f"ast_ad.{name}" in failure.value.help


class TestStopGradient:
    """The identity, and a constant to every derivative."""

    def test_values(self):
        p = {"w": VECTOR, "s": "a", "n": [3, None]}
        assert stop_gradient(p) is p
        assert stop_gradient(2.0) == 2.0

    @pytest.mark.parametrize("x", [3.0, VECTOR])
    def test_first_derivatives(self, x: Any):
        fun = lambda x: np.sum(x * stop_gradient(x * x))  # noqa: E731
        np.testing.assert_allclose(grad(fun)(x), x * x)
        assert jvp(fun, (x,), (x,))[1] == pytest.approx(np.sum(x**3))
        np.testing.assert_allclose(grad(lambda x: np.sum(stop_gradient(x)))(x), 0 * x)

    def test_containers(self):
        found = grad(lambda p: np.sum(stop_gradient(p)["w"] * p["w"]) * stop_gradient(p)["b"][0])(
            {"w": VECTOR, "b": (2.0, "a")}
        )
        np.testing.assert_equal(found, {"w": 2 * VECTOR, "b": (0.0, "a")})

    def test_derivatives_of_derivatives(self):
        def fun(x):
            return np.sum(stop_gradient(x) * x * x)

        slope = grad(fun)
        np.testing.assert_allclose(slope(VECTOR), 2 * VECTOR**2)
        curvature = 2 * VECTOR
        np.testing.assert_allclose(grad(lambda x: np.sum(slope(x)))(VECTOR), curvature)
        np.testing.assert_allclose(grad(lambda x: np.sum(grad(fun)(x)))(VECTOR), curvature)
        np.testing.assert_allclose(hessian(fun)(VECTOR), np.diag(curvature))
        np.testing.assert_allclose(hvp(fun)(VECTOR, np.ones(3)), curvature)
        np.testing.assert_allclose(grad(lambda x: np.sum(hessian(fun)(x)))(VECTOR), 0 * VECTOR)

    def test_it_stands_in_the_source(self):
        slope = grad(lambda x: x * stop_gradient(x))
        slope(1.0)
        assert "from ast_ad.runtime import stop_gradient" in slope.source

    def test_in_loops_and_branches(self):
        def fun(x):
            y = x
            for _ in range(3):
                y = y * stop_gradient(y) if y > 0 else stop_gradient(x)
            return y

        # y = y * c, three times, with the constants x, x**2 and x**4
        assert grad(fun)(1.5) == pytest.approx(1.5**7)
        assert grad(fun)(-1.5) == 0.0

    def test_refusals(self):
        with pytest.raises(ast_ad.UnsupportedSyntaxError, match="stop_gradient takes one value"):
            grad(lambda x: stop_gradient(x, x))(1.0)  # type: ignore[call-arg]
