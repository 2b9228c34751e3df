"""Numbers that one side of a branch reads: slopes of what was cut off."""

import math
from collections.abc import Callable

import numpy as np
import pytest

from ast_ad import grad, hvp, value_and_grad, vjp


def clamped_angle(x: float) -> float:
    return math.acos(max(-1.0, min(1.0, x)))


def no_negative_root(x: float) -> float:
    d = x * x - 4.0
    if d < 0:
        d = 0.0
    return math.sqrt(d) + x


def rounded_cosine(x: float) -> float:
    t = x * x
    if abs(t) > 1.0:
        t = math.copysign(1.0, t)
    return math.acos(t) * 2.0


def power_of_an_excess(x: float) -> float:
    excess = max(x, 0.0)
    return excess**0.5 + excess / 2.0


def in_a_loop(x: float) -> float:
    total = 0.0
    for k in range(4):
        inside = 1.0 - (x - k) ** 2
        if inside < 0.0:
            inside = 0.0
        total += math.sqrt(inside) * x
    return total


@pytest.mark.parametrize(
    ("fun", "x"),
    [
        (clamped_angle, 1.5),
        (clamped_angle, -1.5),
        (clamped_angle, 0.3),
        (no_negative_root, 1.0),
        (no_negative_root, 3.0),
        (rounded_cosine, 1.5),
        (rounded_cosine, 0.4),
        (power_of_an_excess, -1.0),
        (power_of_an_excess, 0.7),
        (in_a_loop, 1.3),
    ],
)
def test_slope_of_what_was_cut_off_is_zero(fun: Callable[[float], float], x: float) -> None:
    expected = (fun(x + 1e-6) - fun(x - 1e-6)) / 2e-6
    assert grad(fun)(x) == pytest.approx(expected, rel=1e-6, abs=1e-9)
    assert value_and_grad(fun)(x) == (fun(x), grad(fun)(x))
    assert vjp(fun, x)[1](1.0) == (grad(fun)(x),)


@pytest.mark.parametrize(("fun", "x"), [(clamped_angle, 1.5), (rounded_cosine, 1.5), (power_of_an_excess, -1.0)])
def test_second_derivative_of_what_was_cut_off(fun: Callable[[float], float], x: float) -> None:
    assert grad(grad(fun))(x) == 0.0
    assert hvp(fun)(x, 1.0) == 0.0


def test_infinite_slope_that_counts_is_told() -> None:
    with pytest.raises(ZeroDivisionError):
        grad(no_negative_root)(2.0)


def test_what_the_function_raises_stays() -> None:
    def logarithm_read_on_one_side(x: float) -> float:
        y = math.log(x)
        return y * x if x > 0 else x

    with pytest.raises(ValueError, match=r"math domain error|expected a positive input"):
        value_and_grad(logarithm_read_on_one_side)(-1.0)


def test_branch_instead_of_a_choice_reads_as_by_hand() -> None:
    grad(clamped_angle)(0.3)
    text = grad(clamped_angle).source
    assert "return 0.0" in text
    assert text.count("math.sqrt") == 1


def test_arrays_stay_where_they_are() -> None:
    def scaled(x: np.ndarray) -> float:
        y = x * x
        return float(np.sum(y / 2.0)) if x[0] > 0 else float(x[1])

    assert grad(scaled)(np.array([1.0, 2.0])).tolist() == [1.0, 2.0]
