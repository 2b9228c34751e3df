"""The operators on everything that can be called, and what they return."""

from __future__ import annotations

import functools
import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import ast_ad
from ast_ad import grad, jvp, value_and_grad


@grad
def square_slope(x):
    return x * x


@grad(argnums=1)
def second_slope(x, y):
    return x * x * y * y


@value_and_grad
def square_both(x):
    return x * x


@value_and_grad(argnums=("y", "x"))
def product_both(x, y):
    return x * y


@grad
@grad
def cube_curvature(x):
    return x**3


class Spring:
    """An object with a number that its methods read."""

    rate = 3.0

    def __init__(self, k):
        self.k = k

    def __call__(self, x):
        return self.k * x**3

    def energy(self, x):
        return self.k * x * x / 2

    @grad
    def force(self, x):
        return self.k * x * x / 2

    @grad(argnums=1)
    def second(self, x, y):
        return self.k * x * y

    @grad(argnums=-1)
    def last(self, x, y):
        return self.k * x * y

    @grad(argnums=("x", "y"))
    def both(self, x, *, y):
        return self.k * x * y

    @value_and_grad
    def work(self, x):
        return self.k * x * x / 2

    @grad
    @grad
    def stiffness(self, x):
        return self.k * x * x / 2

    @staticmethod
    @grad
    def static(x):
        return x * x

    def doubled(self, x):
        return 2 * self.energy(x)

    def through_class(self, x):
        return Spring.force(self, x)

    def through_self(self, x):
        return self.force(x)


class StiffSpring(Spring):
    def force(self, x):
        return 10 * super().force(x)


@pytest.mark.parametrize(
    ("derivative", "args", "expected"),
    [
        (square_slope, (3.0,), 6.0),
        (second_slope, (3.0, 2.0), 36.0),
        (square_both, (3.0,), (9.0, 6.0)),
        (product_both, (2.0, 3.0), (6.0, (2.0, 3.0))),
        (cube_curvature, (2.0,), 12.0),
    ],
)
def test_decorators(derivative: Any, args: tuple[float, ...], expected: Any):
    assert derivative(*args) == expected


def test_a_decorator_without_a_function_waits_for_it():
    by_second = grad(argnums=1)
    assert by_second(lambda x, y: x * y)(2.0, 3.0) == 2.0
    assert value_and_grad()(lambda x: x * x)(2.0) == (4.0, 4.0)


def test_a_decorated_inner_function():
    def make(k):
        @grad
        def slope(x):
            return k * x * x

        return slope

    assert [make(k)(1.0) for k in (2.0, 5.0)] == [4.0, 10.0]


def test_methods_do_not_count_self():
    spring = Spring(2.0)
    assert spring.force(3.0) == 6.0
    assert Spring.force(spring, 3.0) == 6.0
    assert spring.force(x=3.0) == 6.0
    assert spring.second(3.0, 4.0) == 6.0
    assert spring.last(3.0, 4.0) == 6.0
    assert spring.both(3.0, y=4.0) == (8.0, 6.0)
    assert spring.work(3.0) == (9.0, 6.0)
    assert spring.stiffness(3.0) == 2.0


def test_a_method_reads_its_object_at_each_call():
    spring, other = Spring(2.0), Spring(7.0)
    assert (spring.force(1.0), other.force(1.0), spring.force(1.0)) == (2.0, 7.0, 2.0)
    spring.k = 3.0
    assert spring.force(1.0) == 3.0
    assert spring.force(2.0) == 6.0


def test_methods_are_inherited():
    assert type("Inherited", (Spring,), {})(2.0).force(3.0) == 6.0
    assert StiffSpring(2.0).force(3.0) == 60.0


@pytest.mark.parametrize(
    ("make", "args", "expected"),
    [
        (lambda: Spring(2.0).energy, (3.0,), 6.0),
        (lambda: Spring(2.0).doubled, (3.0,), 12.0),
        (lambda: Spring(2.0).force, (3.0,), 2.0),
        (lambda: Spring(2.0).through_class, (3.0,), 2.0),
        (lambda: Spring(2.0), (3.0,), 54.0),
        (lambda: Spring.static, (3.0,), 2.0),
        (lambda: functools.partial(lambda a, b, c: a * b * c, 2.0), (3.0, 4.0), 8.0),
        (lambda: functools.partial(lambda a, b, c: a * b * c, b=5.0), (3.0,), None),
        (lambda: functools.partial(functools.partial(lambda a, b, c: a * b * c, 2.0), 3.0), (4.0,), 6.0),
        (lambda: functools.partial(Spring(2.0).energy), (3.0,), 6.0),
        (lambda: functools.partial(grad(lambda a, b: a * a * b), 3.0), (2.0,), 6.0),
    ],
    ids=[
        "bound method",
        "method that calls a method",
        "derivative method",
        "derivative method through the class",
        "callable object",
        "static derivative method",
        "partial",
        "partial by name",
        "partial of a partial",
        "partial of a method",
        "partial of a derivative",
    ],
)
def test_what_can_be_differentiated(make: Callable[[], Any], args: tuple[float, ...], expected: float | None):
    if expected is None:
        assert grad(make())(*args, c=2.0) == 10.0
    else:
        assert grad(make())(*args) == expected


def test_a_method_that_calls_a_derivative_method():
    assert grad(Spring(2.0).through_self)(3.0) == 2.0


def test_a_class_method():
    class Box:
        rate = 3.0

        @classmethod
        @grad
        def slope(cls, x):
            return cls.rate * x * x

    assert Box.slope(1.0) == 6.0


def test_grad_of_a_static_method():
    class Box:
        @grad
        @staticmethod
        def slope(x):
            return x * x

    assert Box.slope(1.0) == Box().slope(1.0) == 2.0


@pytest.mark.parametrize(
    ("fun", "at", "slope"),
    [
        (math.sin, 1.5, math.cos(1.5)),
        (np.sin, 1.5, math.cos(1.5)),
        (math.sqrt, 4.0, 0.25),
        (np.exp, 0.0, 1.0),
        (abs, -2.0, -1.0),
        (float, 2.0, 1.0),
    ],
)
def test_library_functions(fun: Any, at: float, slope: float):
    assert grad(fun)(at) == pytest.approx(slope, rel=1e-15)
    assert jvp(fun, (at,), (2.0,)) == (fun(at), pytest.approx(2 * slope, rel=1e-15))


@pytest.mark.parametrize(
    ("fun", "expected"),
    [(np.multiply, (0.5, 1.5)), (np.add, (1.0, 1.0)), (np.maximum, (1.0, 0.0)), (math.pow, (0.5 * 1.5**-0.5, None))],
)
def test_library_functions_of_two_arguments(fun: Any, expected: tuple[float, float | None]):
    first, second = grad(fun, (0, 1))(1.5, 0.5)
    assert first == pytest.approx(expected[0])
    assert second == pytest.approx(1.5**0.5 * math.log(1.5) if expected[1] is None else expected[1])


def test_pow_without_a_modulus():
    assert grad(pow)(3.0, 2.0) == 6.0


def test_two_lambdas_on_one_line():
    first, second = grad(lambda x: x * x), grad(lambda x: x * x * x)
    assert (first(2.0), second(2.0)) == (4.0, 12.0)


def test_a_function_that_wraps_another():
    def doubling(fun):
        @functools.wraps(fun)
        def wrapper(*args, **kwargs):
            return 2 * fun(*args, **kwargs)

        return wrapper

    @doubling
    def f(x, y):
        """The inner one."""
        return x * y * y

    assert grad(f)(2.0, 3.0) == 18.0
    assert grad(f, 1)(2.0, 3.0) == 24.0
    assert grad(f, ("y", "x"))(2.0, 3.0) == (24.0, 18.0)
    assert grad(f).__doc__ == "The inner one."


@pytest.mark.parametrize("operator", [grad, value_and_grad])
@pytest.mark.parametrize("fun", [3, "x", 1.5, [abs]])
def test_only_callables_are_differentiated(operator: Any, fun: Any):
    with pytest.raises(ast_ad.ArgumentError, match="differentiates a function, not") as failure:
        operator(fun)
    assert failure.value.help == f"write {operator.__name__}(fun, argnums=...) or @{operator.__name__}(argnums=...)"


def test_jvp_of_what_is_no_function():
    with pytest.raises(ast_ad.ArgumentError, match="differentiates a function"):
        jvp(3, (1.0,), (1.0,))  # type: ignore[arg-type]


def test_value_and_grad_gives_both():
    assert value_and_grad(lambda x, y: x * x * y, (0, 1))(3.0, 2.0) == (18.0, (12.0, 9.0))
    assert value_and_grad(lambda x, y: x * x * y, [1])(3.0, 2.0) == (18.0, (9.0,))
    assert value_and_grad(lambda x: 3.0)(2.0) == (3.0, 0.0)


def test_jvp_is_linear_in_the_tangents():
    def f(x, y):
        return x * x * y

    assert jvp(f, (3.0, 2.0), (1.0, 0.0)) == (18.0, 12.0)
    assert jvp(f, (3.0, 2.0), (0.0, 1.0)) == (18.0, 9.0)
    assert jvp(f, [3.0, 2.0], [2.0, 10.0]) == (18.0, 114.0)


def test_jvp_of_several_results_keeps_their_structure():
    assert jvp(lambda x, y: (x * y, {"a": [x]}), (2.0, 3.0), (1.0, 0.0)) == ((6.0, {"a": [2.0]}), (3.0, {"a": [1.0]}))
    assert jvp(lambda p: p[0] * p[1], ((2.0, 3.0),), ((1.0, 0.0),)) == (6.0, 3.0)
    assert jvp(lambda x: None, (1.0,), (1.0,)) == (None, None)


def test_jvp_passes_integers_on():
    assert jvp(lambda x, n: x**n, (2.0, 3), (1.0, 0)) == (8.0, 12.0)


def test_jvp_counts_the_tangents():
    with pytest.raises(ast_ad.ArgumentError, match="2 primals and 1 tangents") as failure:
        jvp(lambda x, y: x * y, (1.0, 2.0), (1.0,))
    assert failure.value.help == "give one tangent for each argument"


def test_jvp_leaves_defaults_alone():
    assert jvp(lambda x, k=2.0: x * k, (3.0,), (1.0,)) == (6.0, 2.0)


@pytest.mark.parametrize("tangent", [None, "square"])
def test_jvp_with_an_argument_that_is_no_number(tangent: Any):
    assert jvp(lambda x, how: x * x if how == "square" else x, (3.0, "square"), (1.0, tangent)) == (9.0, 6.0)


@pytest.mark.parametrize(
    ("primal", "tangent"), [((1.0, 2.0), 1.0), ((1.0, 2.0), (1.0, 2.0, 3.0)), ([1.0, 2.0], ["a", 1.0])]
)
def test_jvp_refuses_tangents_of_another_structure(primal: Any, tangent: Any):
    with pytest.raises(ast_ad.AutodiffError, match="tangent"):
        jvp(lambda p: p[0] * p[1], (primal,), (tangent,))


def test_jvp_of_bare_numbers_says_to_write_tuples():
    with pytest.raises(ast_ad.ArgumentError, match="tuple"):
        jvp(lambda x: x * x, 1.0, 1.0)  # type: ignore[arg-type]


def same(actual: Any, expected: Any) -> bool:
    """Tell whether two results are equal, their types included."""
    if isinstance(expected, (tuple, list)):
        return type(actual) is type(expected) and len(actual) == len(expected) and all(map(same, actual, expected))
    if isinstance(expected, dict):
        return actual.keys() == expected.keys() and all(same(actual[key], expected[key]) for key in expected)
    return type(actual) is type(expected) and bool(actual == expected)


@pytest.mark.parametrize(
    ("fun", "x", "expected"),
    [
        (lambda x: x * x, 3.0, 6.0),
        (lambda x: math.sqrt(x), 4.0, 0.25),
        (lambda x: x * x, np.float64(3), np.float64(6)),
        (lambda x: np.sqrt(x), 4.0, np.float64(0.25)),
        (lambda x: np.sqrt(x), np.float32(4), np.float32(0.25)),
        (lambda x: x**3 + 2.0 * x, np.float32(1), np.float32(5)),
        (lambda x: math.sqrt(x), np.float32(4), np.float32(0.25)),
        (lambda x: x * np.float64(2), np.float32(1), np.float32(2)),
        (lambda x: x * x, np.float16(2), np.float16(4)),
        (lambda x: x * x, np.longdouble(2), np.longdouble(4)),
        (lambda z: (z * z).real, 1 + 2j, 2 + 4j),
        (lambda z: (z * z).real, np.complex64(1 + 2j), np.complex64(2 + 4j)),
        (lambda z: (z * z).real, np.complex128(1 + 2j), np.complex128(2 + 4j)),
        (lambda x: abs(x * 1j), 2.0, 1.0),
    ],
)
def test_the_type_of_a_derivative_is_that_of_the_argument(fun: Any, x: Any, expected: Any):
    if isinstance(expected, complex):
        # Which of the two conjugates it is, `docs/conventions.md` says; here it is the type that counts.
        assert same(abs(grad(fun)(x)), abs(expected)) and type(grad(fun)(x)) is type(expected)
    else:
        assert same(grad(fun)(x), expected)


def test_a_float_beside_a_small_float():
    small, double = grad(lambda x, y: x * y, (0, 1))(np.float32(3), 2.0)
    assert same(small, np.float32(2))
    assert isinstance(double, float) and double == 3.0


@pytest.mark.parametrize(
    ("unused", "zero"),
    [
        (np.float32(2), np.float32(0)),
        (2j, 0j),
    ],
)
def test_the_zero_of_an_unused_argument_has_its_type(unused: Any, zero: Any):
    assert same(grad(lambda x, y: x, 1)(1.0, unused), zero)


@pytest.mark.parametrize(
    ("fun", "argument", "expected"),
    [
        (lambda p: p[0] * p[1], (2.0, 3.0), (3.0, 2.0)),
        (lambda p: p[0] * p[1], [2.0, 3.0], [3.0, 2.0]),
        (lambda p: p["b"] * p["a"], {"b": 2.0, "a": 3.0}, {"a": 2.0, "b": 3.0}),
        (lambda p: p[0] * p[1][0] * p[1][1]["a"], (2.0, [3.0, {"a": 4.0}]), (12.0, [8.0, {"a": 6.0}])),
        (lambda p: p[0] * 2, (1.0, [], {}, None, "a"), (2.0, [], {}, None, "a")),
        (lambda p: p[0] * p[1], (2.0, 3), (3.0, 3)),
        (lambda p: 1.0, (2.0, [3.0]), (0.0, [0.0])),
    ],
    ids=["tuple", "list", "dict", "nested", "without numbers", "with an integer", "unused"],
)
def test_a_structured_argument_gives_the_same_structure(fun: Any, argument: Any, expected: Any):
    before = repr(argument)
    assert same(grad(fun)(argument), expected)
    value, gradient = value_and_grad(fun)(argument)
    assert value == fun(argument) and same(gradient, expected)
    assert repr(argument) == before, "arguments are not changed"


def test_arguments_that_are_no_numbers_are_passed_on():
    def f(x, n, label, nothing, call):
        return call(x) ** n if label and nothing is None else x

    assert grad(f)(2.0, 2, "a", None, lambda y: 3 * y) == 36.0
    assert grad(f)(2.0, 2, "", None, math.sin) == 1.0


def test_a_function_as_argument_is_never_stale():
    slope = grad(lambda x, f: f(x))

    def scaled(k):
        return lambda y: k * y

    assert [slope(2.0, f) for f in (scaled(3.0), scaled(4.0), lambda y: y * y, math.sqrt, scaled(3))] == [
        3.0,
        4.0,
        4.0,
        0.5 / math.sqrt(2.0),
        3.0,
    ]
