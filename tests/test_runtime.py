"""The helpers of generated code: values, edges and types (their derivatives are tested with the rules)."""

from __future__ import annotations

import inspect
import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from ast_ad import runtime as rt
from ast_ad.rules.registry import find

EULER = 0.57721566490153286061
ZETA3 = 1.20205690315959428540
CATALAN = 0.91596559417721901505


@pytest.mark.parametrize(
    ("n", "x", "expected"),
    [
        (0, 1.0, -EULER),
        (0, 0.5, -EULER - 2 * math.log(2)),
        (0, 0.25, -math.pi / 2 - 3 * math.log(2) - EULER),
        (0, 2.0, 1 - EULER),
        (0, -0.5, 2 - EULER - 2 * math.log(2)),
        (1, 1.0, math.pi**2 / 6),
        (1, 0.5, math.pi**2 / 2),
        (1, 0.25, math.pi**2 + 8 * CATALAN),
        (2, 1.0, -2 * ZETA3),
        (2, 0.5, -14 * ZETA3),
        (3, 1.0, math.pi**4 / 15),
        (3, 0.5, math.pi**4),
        (5, 1.0, 8 * math.pi**6 / 63),
        (5, 0.5, 8 * math.pi**6),
    ],
)
def test_polygamma_at_points_with_a_closed_form(n: int, x: float, expected: float) -> None:
    assert rt.polygamma(n, x) == pytest.approx(expected, rel=2e-14)


@pytest.mark.parametrize("n", range(6))
@pytest.mark.parametrize("x", [-31.3, -2.7, -0.2, 0.1, 0.9, 3.3, 15.99, 40.0, 1e4])
def test_polygamma_recurrence(n: int, x: float) -> None:
    step = (-1) ** n * math.factorial(n) * x ** -(n + 1)
    rounding = 1e-13 * max(1.0, abs(step))
    assert rt.polygamma(n, x + 1) == pytest.approx(rt.polygamma(n, x) + step, rel=1e-11, abs=rounding)


def test_polygamma_has_poles() -> None:
    assert all(math.isnan(rt.polygamma(n, float(-k))) for n in range(3) for k in range(3))


@pytest.mark.parametrize("x", [0.0, 1e-9, 0.3, 1.0, 2.5, -7.25, 40.1])
def test_sinc_derivative_of_order_zero_is_sinc(x: float) -> None:
    assert rt.sinc_derivative(x, 0) == pytest.approx(np.sinc(x), abs=1e-14)


@pytest.mark.parametrize(("order", "expected"), [(1, 0), (2, -(math.pi**2) / 3), (3, 0), (4, math.pi**4 / 5)])
def test_sinc_derivatives_at_zero(order: int, expected: float) -> None:
    assert rt.sinc_derivative(0.0, order) == pytest.approx(expected, abs=1e-14)


@pytest.mark.parametrize("order", range(1, 7))
def test_sinc_derivative_does_not_jump_where_its_formula_changes(order: int) -> None:
    switch = (3.0 + order) / math.pi
    below, above = rt.sinc_derivative(switch * (1 - 1e-13), order), rt.sinc_derivative(switch * (1 + 1e-13), order)
    assert below == pytest.approx(above, abs=1e-11 * math.pi**order)


@pytest.mark.parametrize("x", [0.0, 0.3, -2.0, 30.0, 600.0])
def test_bessel_of_order_zero_is_numpys(x: float) -> None:
    assert rt.bessel_i(0, x) == pytest.approx(float(np.i0(x)), rel=1e-13)


@pytest.mark.parametrize("x", [0.3, -2.0, 30.0])
def test_bessel_recurrence(x: float) -> None:
    for n in range(1, 5):
        difference = rt.bessel_i(n - 1, x) - rt.bessel_i(n + 1, x)
        assert difference == pytest.approx(2 * n / x * rt.bessel_i(n, x), rel=1e-10)


@pytest.mark.parametrize(
    ("helper", "samples"),
    [
        (rt.sign, [(-2.0,), (0.0,), (3.0,), (math.nan,)]),
        (rt.ratio, [(3.0, 4.0), (0.0, 0.0), (2.0, 0.0), (-1.0, 2.0)]),
        (rt.safe_log, [(2.0,), (0.0,), (-1.0,), (1.0,)]),
        (lambda x, n: rt.power_derivative(x, n), [(2.0, 3.0), (0.0, 0.0), (0.0, 1.0), (-3.0, 2.0)]),
        (lambda x, n: rt.power_derivative(x, n, 2), [(2.0, 3.0), (0.0, 0.0), (0.0, 1.0), (0.0, 2.0)]),
        (rt.share, [(2.0, 2.0, 1.0), (2.0, 2.0, 2.0), (2.0, 1.0, 2.0), (1.0, 1.0, math.nan)]),
        (rt.sinc_derivative, [(0.0,), (0.4,), (3.0,), (-5.0,)]),
        (lambda x: rt.bessel_i(1, x), [(0.0,), (0.4,), (3.0,), (-5.0,)]),
    ],
)
def test_helpers_agree_on_python_and_numpy_numbers_and_arrays(
    helper: Callable[..., Any], samples: list[tuple[float, ...]]
) -> None:
    expected = [helper(*sample) for sample in samples]
    doubles = [helper(*map(np.float64, sample)) for sample in samples]
    assert all(type(value) is np.float64 for value in doubles)
    np.testing.assert_allclose(doubles, expected, rtol=1e-14, atol=1e-15)
    singles = [helper(*map(np.float32, sample)) for sample in samples]
    np.testing.assert_allclose(singles, expected, rtol=1e-5, atol=1e-6)
    array = helper(*map(np.array, zip(*samples, strict=True)))
    np.testing.assert_allclose(array, expected, rtol=1e-12, atol=1e-15)


@pytest.mark.parametrize("helper", [rt.sign, rt.safe_log, rt.sinc_derivative, lambda x: rt.bessel_i(1, x)])
def test_helpers_keep_single_precision(helper: Callable[..., Any]) -> None:
    assert [helper(np.float32(x)).dtype for x in (0.0, 0.7, 5.0)] == [np.float32] * 3


def test_ratio_of_complex_numbers() -> None:
    assert rt.ratio(0j, 0.0) == 0
    assert rt.ratio(3 + 4j, 5.0) == 0.6 + 0.8j


def test_safe_log_of_complex_numbers() -> None:
    assert rt.safe_log(-1 + 0j) == pytest.approx(1j * math.pi)
    assert rt.safe_log(0j) == 0


def test_every_helper_has_a_rule() -> None:
    helpers = [fn for name, fn in inspect.getmembers(rt, inspect.isfunction) if not name.startswith("_")]
    assert len(helpers) > 8
    # These call what there is no rule for.
    assert {fn for fn in helpers if find(fn) is None} == {rt.attempted, rt.invoked, rt.watched}
