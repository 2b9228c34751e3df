"""Integers that lowering needs the values of."""

import numpy as np
import pytest

import ast_ad
from ast_ad import pipeline, stages
from ast_ad.errors import KindError
from ast_ad.testing import check_grads

AXIS = 0
WEIGHTS = np.array([1.0, -2.0, 0.5])
x = np.array([[0.3, -1.2, 0.8], [1.1, 0.4, -0.7]])


def peaks(x, axis, n):
    for _ in range(n):
        x = x * 1.1
    return np.sum(np.max(x, axis=axis) ** 2)


@pytest.fixture
def count(monkeypatch: pytest.MonkeyPatch) -> list[None]:
    """Count how often something is derived."""
    derived, derive = [], pipeline.derive

    def counted(*args):
        derived.append(None)
        return derive(*args)

    monkeypatch.setattr(pipeline, "derive", counted)
    return derived


@pytest.mark.parametrize("axis", [0, 1, -1])
def test_an_axis_is_an_argument(axis):
    check_grads(lambda x: peaks(x, axis, 2), order=2)(x)
    direct = ast_ad.grad(lambda x: np.sum(np.max(1.1 * (1.1 * x), axis=axis) ** 2))(x)
    np.testing.assert_allclose(ast_ad.grad(peaks)(x, axis, 2), direct, rtol=1e-14)


def test_each_value_has_a_derivative_of_its_own_and_is_remembered(count: list[None]):
    gradient = ast_ad.grad(lambda x, axis, n: peaks(x, axis, n))
    expected = [gradient(x, axis, 1) for axis in (0, 1)]
    count.clear()
    for _ in range(2):
        for axis in (0, 1):
            np.testing.assert_array_equal(gradient(x, axis, 1), expected[axis])
    assert not count


def test_only_what_is_needed_is_pinned(count: list[None]):
    gradient = ast_ad.grad(lambda x, axis, n: peaks(x, axis, n))
    gradient(x, 0, 1)
    count.clear()
    gradient(x, 0, 3)
    assert not count
    assert "range(n)" in gradient.source


def test_a_global_is_read_at_each_call(monkeypatch: pytest.MonkeyPatch):
    gradient = ast_ad.grad(lambda x: np.sum(np.max(x, axis=AXIS) ** 2))
    for axis in (0, 1, 0):
        monkeypatch.setitem(globals(), "AXIS", axis)
        np.testing.assert_array_equal(gradient(x) != 0, x == np.max(x, axis=axis, keepdims=True))


def test_a_flag_decides_what_is_returned():
    def scaled(x, both=False):
        pair = (x, 3.0 * x) if both else x
        return pair[1] if both else pair

    gradient = ast_ad.grad(scaled)
    assert [gradient(1.0), gradient(1.0, True), gradient(1.0, both=True), gradient(1.0)] == [1.0, 3.0, 3.0, 1.0]


def test_integers_in_containers_and_keywords():
    def total(options, x, **more):
        return np.sum(np.cumsum(x, options["axis"]) * np.mean(x, axis=more["over"], keepdims=True))

    check_grads(lambda x: total({"axis": 1, "scale": 2.0}, x, over=0))(x)
    by_hand = ast_ad.grad(lambda x: np.sum(np.cumsum(x, 1) * np.mean(x, axis=0, keepdims=True)))(x)
    for _ in range(2):
        np.testing.assert_allclose(ast_ad.grad(total, 1)({"axis": 1, "scale": 2.0}, x, over=0), by_hand, rtol=1e-14)


def test_every_operator():
    def running(x, axis):
        return np.cumsum(x, axis) ** 2

    assert ast_ad.jacobian(running)(x, 1).shape == (2, 3, 2, 3)
    value, dot = ast_ad.jvp(lambda x: running(x, 0), (x,), (x,))
    np.testing.assert_allclose(dot, 2 * value)
    value, pullback = ast_ad.vjp(running, x, 1)
    np.testing.assert_allclose(pullback(np.ones_like(value))[0], ast_ad.grad(lambda x: np.sum(running(x, 1)))(x))
    second = ast_ad.hvp(lambda x, axis: np.sum(running(x, axis)))(x, 1, x)
    np.testing.assert_allclose(second, ast_ad.grad(lambda x: np.sum(running(x, 1)))(x))


def weighed(x):
    total = 0.0
    for value, weight in zip(list(x), list(WEIGHTS)):
        total = total + value**2 * weight
    return total


def test_a_shape_decides_how_long_a_list_is(count: list[None]):
    gradient = ast_ad.grad(weighed)
    check_grads(weighed, order=2)(np.array([1.0, 2.0, 3.0]))
    assert gradient(np.array([1.0, 2.0])).shape == (2,)
    count.clear()
    np.testing.assert_array_equal(gradient(np.array([2.0, 1.0, 1.0])), [4.0, -4.0, 1.0])
    assert not count


def test_the_shape_of_a_global_is_checked_at_each_call(monkeypatch: pytest.MonkeyPatch):
    gradient = ast_ad.grad(weighed)
    gradient(np.ones(3))
    monkeypatch.setitem(globals(), "WEIGHTS", np.array([3.0]))
    np.testing.assert_array_equal(gradient(np.ones(3)), [6.0, 0.0, 0.0])


def test_shown_for_an_example():
    text = stages.derivative_text(peaks, at={"x": x, "axis": 1, "n": 2})
    assert "axis=-1" in text or "axis=1" in text


def test_the_error_is_that_of_known_integers():
    def wrong(x, axis):
        return np.sum(x, axis=axis).nothing

    with pytest.raises(KindError, match="nothing"):
        ast_ad.grad(wrong)(x, 0)


def test_an_axis_that_a_derivative_inside_is_given():
    def squares(x, axis):
        return np.sum(np.sum(x**2, axis=axis) ** 2)

    slope = ast_ad.grad(squares)

    def along(x, axis):
        return np.sum(slope(x, axis) * np.arange(6.0).reshape(2, 3))

    x = np.arange(1.0, 7.0).reshape(2, 3)
    for axis in (0, 1):
        ast_ad.testing.check_grads(along)(x, axis)


def summed(x, n):
    total = 0.0
    for i in range(n):
        total = total + x * i
    return total


def of_that_axis(x, n):
    return np.sum(np.sum(x * np.ones((3, 3)), axis=n % 2))


def within(fun, n):
    return lambda x: fun(x, n)


def test_what_one_function_needs_as_a_constant_another_with_the_same_code_does_not():
    assert ast_ad.grad(within(of_that_axis, 1))(2.0) == 9.0
    derivative = ast_ad.grad(within(summed, 5))
    assert derivative(2.0) == 10.0
    assert "in range(n - 1, -1, -1)" in derivative.source


@pytest.mark.parametrize("axis", [np.int64(0), np.int32(1)])
def test_an_integer_of_numpys_decides_about_structure(axis):
    def f(x, axis):
        return np.sum(np.sum(x, axis=axis) ** 2)

    x = np.arange(6.0).reshape(2, 3)
    assert np.array_equal(ast_ad.grad(f)(x, axis), ast_ad.grad(f)(x, int(axis)))
