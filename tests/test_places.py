"""Arguments that are one array, share memory, or do not lie row by row in memory."""

from __future__ import annotations

import numpy as np
import pytest

import ast_ad
from ast_ad.errors import UnsupportedSyntaxError

VECTOR = np.array([1.0, 2.0, 3.0, 4.0])
MATRIX = np.arange(1.0, 7.0).reshape(2, 3)


def second_by_rows(x):
    x.reshape(-1)[1] = 10.0
    return np.sum(x * x)


@pytest.mark.parametrize("operator", [ast_ad.value_and_grad, lambda f: lambda x: ast_ad.jvp(f, (x,), (x,))])
def test_whether_an_argument_is_reshaped_to_a_view_or_a_copy_is_decided_as_numpy_does(operator):
    derivative = operator(second_by_rows)
    for x in (MATRIX, MATRIX.T, np.asfortranarray(MATRIX), MATRIX.copy(), MATRIX.T):
        before = x.copy()
        value, found = derivative(x)
        copied = not x.flags.c_contiguous
        expected = 2 * x
        if not copied:
            expected[0, 1] = 0.0
        assert value == second_by_rows(x.copy(order="K"))
        assert np.array_equal(x, before)
        assert np.allclose(found, expected if np.ndim(found) else np.sum(expected * x))


def test_three_axes_in_any_order():
    def f(x):
        x.ravel()[1] = 10.0
        return np.sum(x * x)

    for axes in ((0, 1, 2), (1, 0, 2), (2, 1, 0)):
        x = np.arange(24.0).reshape(2, 3, 4).transpose(axes)
        assert ast_ad.value_and_grad(f)(x)[0] == f(x.copy(order="K"))


def test_a_reshaped_argument_with_gaps_is_refused_with_its_line():
    with pytest.raises(UnsupportedSyntaxError, match="may be the same array") as caught:
        ast_ad.grad(second_by_rows)(np.arange(12.0).reshape(4, 3)[:, :2])
    assert caught.value.text.strip() == "x.reshape(-1)[1] = 10.0"


def test_a_callee_reshapes_what_does_not_lie_row_by_row():
    def double_second(z):
        z.reshape(-1)[1] *= 2.0

    def f(x):
        rows, columns = x * 1.0, (x * 1.0).T
        double_second(rows)
        double_second(columns)
        double_second(x)
        return np.sum(rows * x) + np.sum(columns * x.T)

    for x in (MATRIX, MATRIX.T):
        assert ast_ad.value_and_grad(f)(x)[0] == f(x.copy(order="K"))


def test_only_reading_a_reshaped_argument_asks_nothing_of_it():
    def f(x):
        return x.reshape(-1)[1] ** 2

    assert ast_ad.grad(f)(MATRIX.T[:2]).tolist() == [[0.0, 8.0], [0.0, 0.0]]


def linked(x, y):
    x[0] = y[1] * x[2]
    y[2] *= 2.0
    return np.sum(x**2) + np.sum(y * np.arange(1.0, 5.0))


def slopes(fun, x):
    """The derivatives of `fun` by the elements of x."""
    step = 1e-5
    return [(fun(x + step * e) - fun(x - step * e)) / (2 * step) for e in np.eye(x.size)]


def test_one_array_that_is_passed_twice_is_one():
    expected = slopes(lambda x: linked(x, x), VECTOR)
    derivative = ast_ad.grad(linked, (0, 1))
    apart = derivative(VECTOR, VECTOR.copy())
    assert not np.allclose(apart[0] + apart[1], expected)
    x = VECTOR.copy()
    for _ in range(2):
        first, second = derivative(x, x)
        assert np.allclose(first, expected)
        assert not np.any(second) and second.shape == x.shape
    assert all(map(np.array_equal, derivative(VECTOR, VECTOR.copy()), apart))
    assert np.array_equal(x, VECTOR)


def test_one_array_that_is_passed_twice_in_every_mode():
    expected = slopes(lambda x: linked(x, x), VECTOR)
    x = VECTOR.copy()
    assert np.allclose(ast_ad.grad(linked, 1)(x, x[:]), expected)
    assert np.allclose(ast_ad.vjp(linked, x, x)[1](1.0)[0], expected)
    assert np.isclose(ast_ad.jvp(linked, (x, x), (np.eye(4)[2],) * 2)[1], expected[2])
    curvature = slopes(lambda x: ast_ad.grad(linked)(x, x) @ np.ones(4), VECTOR)
    assert np.allclose(ast_ad.hvp(linked)(x, x, np.ones(4)), curvature)
    assert np.array_equal(x, VECTOR)


def test_one_array_that_stands_twice_in_a_list():
    def f(pair):
        first, second = pair
        first[0] = second[1] ** 2
        return np.sum(first * second)

    x = VECTOR.copy()
    bars = ast_ad.grad(f)([x, x])
    assert np.allclose(bars[0], slopes(lambda x: f([x, x]), VECTOR)) and not np.any(bars[1])


def test_arguments_that_overlap_are_refused_where_one_is_needed_after_the_other_has_changed():
    def before(x, y):
        total = np.sum(y**2)
        x[0] = x[1] * x[2]
        return np.sum(x) + total

    def after(x, y):
        x[0] = x[1] * x[2]
        return np.sum(x) + np.sum(y**2)

    whole = np.arange(1.0, 6.0)
    first, second = ast_ad.grad(before, (0, 1))(whole[:3], whole[1:4])
    assert np.allclose(first, [0.0, 4.0, 3.0]) and np.allclose(second, 2 * whole[1:4])
    with pytest.raises(UnsupportedSyntaxError, match="`y` is another argument that shares memory with it") as caught:
        ast_ad.grad(after)(whole[:3], whole[1:4])
    assert caught.value.text.strip() == "x[0] = x[1] * x[2]" and "x.copy()" in str(caught.value)


OUTSIDE = VECTOR.copy()


def changes_what_is_a_global(a):
    a[0] = OUTSIDE[1] * 2
    return np.sum(a**2 * OUTSIDE)


def test_an_argument_that_is_a_global_too_is_one_array():
    def at(x):
        OUTSIDE[:] = x
        value = changes_what_is_a_global(OUTSIDE)
        OUTSIDE[:] = VECTOR
        return value

    value, gradient = ast_ad.value_and_grad(changes_what_is_a_global)(OUTSIDE)
    assert value == at(VECTOR)
    assert np.array_equal(OUTSIDE, VECTOR)
    np.testing.assert_allclose(
        gradient, [(at(VECTOR + d) - at(VECTOR - d)) / 2e-6 for d in 1e-6 * np.eye(4)], rtol=1e-8
    )
    assert ast_ad.value_and_grad(changes_what_is_a_global)(VECTOR)[0] != value


def test_an_argument_that_shares_memory_with_a_global_is_told_with_the_line_that_writes():
    with pytest.raises(ValueError, match="shares memory with another of its inputs") as caught:
        ast_ad.grad(changes_what_is_a_global)(OUTSIDE[::-1])
    if hasattr(caught.value, "add_note"):
        assert "a[0] = OUTSIDE[1] * 2" in caught.value.__notes__[0]


def test_a_derivative_inside_of_an_argument_that_is_a_global_too_is_refused():
    with pytest.raises(UnsupportedSyntaxError, match="also found outside") as caught:
        ast_ad.grad(lambda a: np.sum(ast_ad.grad(changes_what_is_a_global)(a) ** 2))(OUTSIDE)
    assert "pass a copy" in str(caught.value)


def backwards_twice(x):
    y = x[::-1]
    np.ravel(y)[1:] *= 2.0
    return np.sum(y * y)


def second_of_all(x):
    x.reshape(-1)[1] *= 10.0
    return np.sum(x * x)


@pytest.mark.parametrize("fun", [backwards_twice, second_of_all])
@pytest.mark.parametrize("turned", [np.s_[::-1], np.s_[:, ::-1], np.s_[::-1, ::-1]], ids=str)
def test_what_lies_backwards_in_memory_is_reshaped_as_numpy_does(fun, turned):
    """Turned around again, it lies row by row: `ravel` returns a view of that."""
    for whole in (MATRIX, MATRIX.T):
        value, found = ast_ad.value_and_grad(fun)(whole[turned])
        assert value == fun(whole.copy(order="K")[turned])
        _, dot = ast_ad.jvp(fun, (whole[turned],), (whole[turned],))
        assert np.sum(found * whole[turned]) == pytest.approx(dot) == pytest.approx(2 * value)


def test_a_vector_that_lies_backwards():
    for x in (VECTOR[::-1], VECTOR[::2], VECTOR):
        expected = 2.0 * x * np.where(np.arange(len(x)) < len(x) - 1, 4.0, 1.0) if x.strides[0] == -8 else 2.0 * x
        value, found = ast_ad.value_and_grad(backwards_twice)(x)
        assert value == pytest.approx(np.sum(expected * x) / 2)
        assert np.allclose(found, expected)
