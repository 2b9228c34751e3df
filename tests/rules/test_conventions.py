"""Ties, kinks, powers of zero and complex numbers: what docs/conventions.md promises, and the text itself."""

from __future__ import annotations

import builtins
import doctest
import math
import operator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from ast_ad import runtime as rt
from ast_ad.ir import primitives as ir
from ast_ad.ir.nodes import Lit
from ast_ad.rules.registry import find
from tests.rules.check import adjoint, program, run, tangent


def derivatives(fn: Any, *args: Any) -> list[Any]:
    """Return the derivative by each argument that is a parameter; both modes must agree to the last bit."""
    function, values = program(fn, args)
    found = []
    for i in range(len(values)):
        forward, reverse = run(tangent(function, i), values), run(adjoint(function, i), values)
        assert forward == reverse or (np.isnan(forward) and np.isnan(reverse))
        found.append(reverse)
    return found


@pytest.mark.parametrize(
    ("fn", "at", "expected"),
    [
        (builtins.max, (1.5, 1.5), [1, 0]),
        (builtins.min, (1.5, 1.5), [1, 0]),
        (builtins.max, (Lit(0.0), 0.0), [0]),
        (builtins.max, (0.0, Lit(0.0)), [1]),
        (np.maximum, (1.5, 1.5), [0.5, 0.5]),
        (np.minimum, (1.5, 1.5), [0.5, 0.5]),
        (np.fmax, (1.5, 1.5), [0.5, 0.5]),
        (np.fmin, (1.5, 1.5), [0.5, 0.5]),
        (np.maximum, (-math.inf, -math.inf), [0.5, 0.5]),
        (np.fmax, (1.5, math.nan), [1, 0]),
        (np.fmin, (math.nan, 1.5), [0, 1]),
        (np.clip, (1.0, -1.0, 1.0), [0.5, 0, 0.5]),
        (np.clip, (-1.0, -1.0, 1.0), [0.5, 0.5, 0]),
    ],
)
def test_ties(fn: Any, at: tuple[float, ...], expected: list[float]) -> None:
    assert derivatives(fn, *at) == expected


@pytest.mark.parametrize(
    ("fn", "at", "expected"),
    [
        (operator.abs, (0.0,), [0]),
        (builtins.abs, (-0.0,), [0]),
        (math.fabs, (0.0,), [0]),
        (np.abs, (0.0,), [0]),
        (np.fabs, (0.0,), [0]),
        (math.hypot, (0.0, 0.0), [0, 0]),
        (math.hypot, (0.0, 3.0), [0, 1]),
        (np.hypot, (0.0, 0.0), [0, 0]),
        (math.copysign, (0.0, -2.0), [0, 0]),
        (np.sinc, (0.0,), [0]),
        (np.heaviside, (0.0, 0.5), [0, 1]),
        (operator.abs, (0j,), [0]),
        (np.abs, (np.complex128(0),), [0]),
    ],
)
def test_kinks(fn: Any, at: tuple[Any, ...], expected: list[float]) -> None:
    assert derivatives(fn, *at) == expected


@pytest.mark.parametrize("number", [float, np.float64])
@pytest.mark.parametrize("fn", [operator.pow, builtins.pow, math.pow, np.power, np.float_power])
def test_powers_at_zero(fn: Any, number: Any) -> None:
    zero = number(0.0)
    assert derivatives(fn, zero, Lit(0)) == [0]
    assert derivatives(fn, zero, Lit(1)) == [1]
    assert derivatives(fn, zero, Lit(2)) == [0]
    assert derivatives(fn, zero, number(0.0)) == [0, 0]
    assert derivatives(fn, zero, number(1.0)) == [1, 0]
    assert derivatives(fn, zero, number(2.0)) == [0, 0]


@pytest.mark.parametrize("n", range(5))
def test_powers_of_zero_with_a_counter_to_third_order(n: int) -> None:
    function, args = program(operator.pow, (0.0, n))
    for order in range(4):
        expected = math.factorial(n) if n == order else 0
        assert run(function, args) == expected
        function = tangent(function, 0)


@pytest.mark.parametrize("number", [float, np.float64])
def test_the_derivative_by_the_exponent_of_a_negative_base_is_nan_and_the_other_is_right(number: Any) -> None:
    by_base, by_exponent = derivatives(operator.pow, number(-3.0), number(2.0))
    assert by_base == -6
    assert math.isnan(by_exponent)


def test_square_root_at_zero_follows_the_language() -> None:
    with pytest.raises(ZeroDivisionError):
        derivatives(math.sqrt, 0.0)
    with pytest.warns(RuntimeWarning, match="divide by zero"):
        assert derivatives(np.sqrt, 0.0) == [math.inf]


@pytest.mark.parametrize(
    ("fn", "z", "expected"),
    [
        (operator.mul, 1 + 2j, 3 - 1j),
        (ir.real, 1 + 2j, 1),
        (ir.imag, 1 + 2j, -1j),
        (np.real, 1 + 2j, 1),
        (np.imag, 1 + 2j, -1j),
        (operator.abs, 3 + 4j, 0.6 - 0.8j),
        (np.abs, 3 + 4j, 0.6 - 0.8j),
        (np.angle, 2j, -1j / 2j),
    ],
)
def test_the_gradient_by_a_complex_number_is_that_by_its_real_part_minus_i_times_that_by_its_imaginary_part(
    fn: Any, z: complex, expected: complex
) -> None:
    function, args = program(fn, (z, Lit(3 - 1j)) if fn is operator.mul else (z,))
    assert run(adjoint(function, 0), args) == expected


def test_a_real_number_that_meets_complex_ones_gets_a_real_adjoint() -> None:
    function, args = program(operator.mul, (2.0, 1 + 2j))
    x_bar = run(adjoint(function, 0, 3 - 1j), args)
    assert x_bar == ((3 - 1j) * (1 + 2j)).real
    assert isinstance(x_bar, float)


def test_conventions_hold_for_the_expressions_called_with_numbers() -> None:
    partials = find(np.maximum).partials  # type: ignore[union-attr]
    assert partials(2.0, 2.0, 1.0) == (1.0, 0.0)
    assert partials(2.0, 2.0, 2.0) == (0.5, 0.5)
    assert rt.ratio(0.0, 0.0) == 0.0


def test_the_examples_of_the_page_are_what_happens() -> None:
    page = Path(__file__).parents[2] / "docs" / "conventions.md"
    found = doctest.testfile(str(page), module_relative=False)
    assert found.attempted > 10
    assert found.failed == 0
