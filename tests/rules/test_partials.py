"""Every rule against differences: one line a rule (see `tests.rules.check`)."""

from __future__ import annotations

import builtins
import cmath
import math
import operator
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from ast_ad import runtime as rt
from ast_ad.ir import primitives as ir
from ast_ad.ir.nodes import Lit
from ast_ad.rules.mathematics import present
from ast_ad.rules.numpy_elementwise import INEXACT_TYPES
from ast_ad.rules.registry import rules
from tests.rules.check import adjoint, check_rule, program, run, tangent

Case = tuple[Any, ...]
Z, W = 0.6 + 0.7j, -0.8 + 0.5j

PYTHON: list[Case] = [
    (operator.add, 0.3, -1.2),
    (operator.add, Z, 0.4),
    (operator.sub, 0.3, -1.2),
    (operator.sub, 0.4, W),
    (operator.mul, 0.3, -1.2),
    (operator.mul, Z, W),
    (operator.mul, 2, 0.7),
    (operator.truediv, 0.3, -1.2),
    (operator.truediv, Lit(3), 0.7),
    (operator.truediv, 0.3, Lit(4.0)),
    (operator.truediv, 0.4, W),
    (operator.truediv, Z, 0.4),
    (operator.mod, 7.3, 2.0),
    (operator.mod, -7.3, 2.2),
    (operator.neg, 0.3),
    (operator.neg, Z),
    (operator.pos, 0.3),
    (operator.abs, -0.3),
    (operator.abs, Z),
    (builtins.abs, 0.3),
    (builtins.abs, W),
    (builtins.max, 0.3, -1.2),
    (builtins.max, 0.3, 1.2),
    (builtins.max, Lit(0.0), 1.2),
    (builtins.min, 0.3, -1.2),
    (builtins.min, 0.3, 1.2),
    (ir.select, True, 0.3, 0.4),
    (ir.select, False, 0.3, 0.4),
    (ir.select, True, Z, W),
    (float, 0.3),
    (complex, Z),
    (complex, 0.3, 0.4),
    (ir.real, Z),
    (ir.real, 0.3),
    (ir.imag, Z),
    (ir.conjugate, Z),
    (ir.conjugate, 0.3),
]

POWERS: list[Case] = [
    *[(operator.pow, 0.7, Lit(n)) for n in (-2, -1, 0, 1, 2, 3, 5, 0.5, 1.5, 2.0)],
    *[(operator.pow, -0.7, n) for n in (-2, 0, 1, 2, 3)],
    *[(operator.pow, 0.0, n) for n in (0, 1, 2, 3)],
    (operator.pow, Lit(2.0), 0.7),
    (operator.pow, Lit(-2.0), Z),
    (operator.pow, 0.7, 1.3),
    (operator.pow, 0.7, 0.0),
    (operator.pow, 0.7, 1.0),
    (operator.pow, Z, Lit(2)),
    (operator.pow, Z, 3),
    (operator.pow, Z, W),
    (builtins.pow, 0.7, 1.3),
    (math.pow, 0.7, 1.3),
    (math.pow, 0.7, Lit(3)),
    (np.power, 0.7, 1.3),
    (np.power, Z, W),
    (np.power, 0.7, Lit(3)),
    (np.float_power, 0.7, 1.3),
    (np.square, 0.7),
    (np.square, Z),
    (rt.power_derivative, 0.7, 1.3),
    (rt.power_derivative, 0.7, 2.6, Lit(3)),
    (rt.power_derivative, 0.7, 2.0, Lit(2)),
    (rt.safe_log, 0.7),
    (rt.safe_log, Z),
]

MATHEMATICS: list[Case] = [
    (math.exp, 0.3),
    (math.expm1, 0.3),
    (math.log, 0.3),
    (math.log, 0.3, 2.5),
    (math.log, 0.3, Lit(2)),
    (math.log1p, 0.3),
    (math.log2, 0.3),
    (math.log10, 0.3),
    (math.sqrt, 0.3),
    *[(fn, 0.3) for fn in present(math, "exp2", "cbrt")],
    (math.sin, 0.3),
    (math.cos, 0.3),
    (math.tan, 0.3),
    (math.asin, 0.3),
    (math.acos, 0.3),
    (math.atan, 0.3),
    (math.atan2, 0.3, -0.4),
    (math.degrees, 0.3),
    (math.radians, 0.3),
    (math.sinh, 0.3),
    (math.cosh, 0.3),
    (math.tanh, 0.3),
    (math.asinh, 0.3),
    (math.acosh, 1.3),
    (math.atanh, 0.3),
    (math.erf, 0.3),
    (math.erfc, 0.3),
    (math.gamma, 1.3),
    (math.gamma, -0.6),
    (math.lgamma, 1.3),
    (math.lgamma, -1.6),
    (math.fabs, -0.3),
    (math.hypot, 0.3),
    (math.hypot, 0.3, -0.4),
    (math.hypot, 0.3, -0.4, 0.5),
    (math.copysign, 0.3, -0.4),
    (math.copysign, -0.3, -0.4),
    (math.fmod, 7.3, 2.2),
    (math.fmod, -7.3, 2.2),
    (math.remainder, 7.3, 2.2),
    (math.remainder, -7.3, 2.9),
    (math.ldexp, 0.3, 3),
    *[(fn, 0.3, 0.4, 0.5) for fn in present(math, "fma")],
    (rt.portion, -0.3, 0.4),
    (rt.ratio, 0.3, -0.4),
    (rt.ratio, Z, 0.4),
    (rt.digamma, 0.7),
    (rt.digamma, -0.7),
    (rt.polygamma, Lit(2), 0.7),
    (rt.polygamma, Lit(1), -1.4),
]

_HOLOMORPHIC = (
    *(cmath.exp, cmath.log, cmath.log10, cmath.sqrt, cmath.sin, cmath.cos, cmath.tan, cmath.asin, cmath.acos),
    *(cmath.atan, cmath.sinh, cmath.cosh, cmath.tanh, cmath.asinh, cmath.acosh, cmath.atanh),
)

COMPLEX_MATHEMATICS: list[Case] = [
    *[(fn, z) for fn in _HOLOMORPHIC for z in (0.3, Z, W)],
    (cmath.asin, 1.3 + 0.2j),
    (cmath.acos, -1.3 - 0.2j),
    (cmath.acosh, -0.3 - 0.4j),
    (cmath.asinh, 0.2 - 1.3j),
    (cmath.log, Z, Lit(2)),
    (cmath.log, Z, W),
    (cmath.phase, -0.3),
    (cmath.phase, W),
    (cmath.rect, 0.3, -0.4),
]

NUMPY: list[Case] = [
    (np.add, 0.3, -1.2),
    (np.subtract, 0.3, -1.2),
    (np.multiply, 0.3, -1.2),
    (np.multiply, Z, W),
    (np.divide, 0.3, -1.2),
    (np.divide, Z, W),
    (np.reciprocal, 0.7),
    (np.reciprocal, Z),
    (np.negative, 0.3),
    (np.positive, 0.3),
    (np.mod, -7.3, 2.2),
    (np.fmod, -7.3, 2.2),
    *[
        (fn, x)
        for fn in (np.exp, np.exp2, np.expm1, np.log, np.log2, np.log10, np.log1p, np.sqrt, np.sin, np.cos, np.tan)
        for x in (0.3, Z)
    ],
    *[
        (fn, x)
        for fn in (np.arcsin, np.arccos, np.arctan, np.sinh, np.cosh, np.tanh, np.arcsinh, np.arctanh)
        for x in (0.3, Z)
    ],
    (np.arccosh, 1.3),
    (np.arccosh, Z),
    (np.cbrt, -0.3),
    (np.logaddexp, 0.3, -0.4),
    (np.logaddexp2, 0.3, -0.4),
    (np.arctan2, 0.3, -0.4),
    (np.hypot, 0.3, -0.4),
    *[(fn, 0.3) for fn in (np.degrees, np.rad2deg, np.radians, np.deg2rad)],
    (np.sinc, 0.3),
    (np.sinc, 0.0),
    (np.sinc, 4.3),
    (rt.sinc_derivative, 0.3),
    (rt.sinc_derivative, -2.2, Lit(2)),
    (np.i0, 0.3),
    (rt.bessel_i, Lit(0), 0.3),
    (rt.bessel_i, Lit(2), -1.3),
    *[(fn, *xs) for fn in (np.maximum, np.minimum, np.fmax, np.fmin) for xs in ((0.3, -0.4), (0.3, 0.4))],
    (np.where, True, 0.3, 0.4),
    (np.where, False, 0.3, 0.4),
    (np.clip, 0.3, -1.0, 1.0),
    (np.clip, -1.3, -1.0, 1.0),
    (np.clip, 1.3, -1.0, 1.0),
    (np.clip, 1.3, Lit(None), 1.0),
    (np.clip, 1.3, -1.0, Lit(None)),
    (np.absolute, -0.3),
    (np.absolute, Z),
    (np.fabs, -0.3),
    (np.copysign, -0.3, 0.4),
    (np.heaviside, 0.3, 0.4),
    (np.ldexp, 0.3, 3),
    (np.nan_to_num, 0.3),
    (np.real, 0.3),
    (np.real, Z),
    (np.imag, 0.3),
    (np.imag, Z),
    (np.conjugate, 0.3),
    (np.conjugate, Z),
    (np.angle, 0.3),
    (np.angle, Z),
    (np.angle, Z, Lit(True)),
    (np.sign, 0.3),
    (np.sign, Z),
]

CONVERSIONS: list[Case] = [(fn, x) for fn in INEXACT_TYPES for x in (0.3, Z) if np.can_cast(type(x), fn, "same_kind")]

INACTIVE: list[Case] = [
    *[(fn, 0.3, 0.4) for fn in (operator.lt, operator.le, operator.gt, operator.ge, operator.eq, operator.ne)],
    (operator.floordiv, 7.3, 2.2),
    *[(fn, 0.3) for fn in (operator.not_, operator.truth, int, bool, round, callable, rt.sign)],
    (round, 0.312, Lit(1)),
    (rt.share, 0.4, 0.3, 0.4),
    *[(fn, 0.3, None) for fn in (operator.is_, operator.is_not)],
    (operator.contains, (0.2,), 0.3),
    (isinstance, 0.3, float),
    *[(fn, 0.3) for fn in (math.floor, math.ceil, math.trunc, math.isnan, math.isinf, math.isfinite)],
    (math.isclose, 0.3, 0.4),
    *[(fn, 0.3) for fn in (cmath.isnan, cmath.isinf, cmath.isfinite)],
    (cmath.isclose, 0.3, 0.4),
    (np.floor_divide, 7.3, 2.2),
    *[(fn, 0.3) for fn in present(np, "floor", "ceil", "trunc", "rint", "round", "around", "round_", "fix")],
    *[(fn, 0.3, 0.4) for fn in (np.equal, np.not_equal, np.less, np.less_equal, np.greater, np.greater_equal)],
    *[(fn, 0.3, 0.4) for fn in (np.logical_and, np.logical_or, np.logical_xor, np.isclose)],
    *[(fn, 0.3) for fn in (np.logical_not, np.isnan, np.isinf, np.isfinite, np.signbit, np.isreal, np.iscomplex)],
    *[(fn, 0.3) for fn in (np.isposinf, np.isneginf)],
    *[(rule.fn, 3.3) for rule in rules() if isinstance(rule.fn, type) and issubclass(rule.fn, np.integer)],
    (np.bool_, 0.3),
]

NOT_OF_FLOATS: list[Callable[..., Any]] = [
    *(operator.and_, operator.or_, operator.xor, operator.invert, operator.lshift, operator.rshift, operator.index),
    *(math.factorial, math.comb, math.perm, math.gcd, math.lcm, math.isqrt),
    *(np.bitwise_and, np.bitwise_or, np.bitwise_xor, np.invert, np.left_shift, np.right_shift, np.gcd, np.lcm),
    *present(np, "bitwise_count"),
    *(str, repr, format, str.format, str.join, len, print, ir.new_stack, ir.nonempty),
    rt.trip_count,
]
"""Of integers, texts, stacks: nothing that has a derivative."""

BY_CONVENTION = [*present(math, "nextafter", "ulp"), np.nextafter, np.spacing]
"""Neighbours of floating-point numbers: declared inactive (see docs/conventions.md)."""

CASES = PYTHON + POWERS + MATHEMATICS + COMPLEX_MATHEMATICS + NUMPY


def _name(case: Case) -> str:
    return f"{case[0].__name__}({', '.join(str(arg) for arg in case[1:])})"


@pytest.mark.parametrize("case", CASES, ids=_name)
def test_rule_agrees_with_differences(case: Case) -> None:
    fn, *args = case
    check_rule(fn, *args)


@pytest.mark.parametrize("case", CONVERSIONS, ids=_name)
def test_conversion_passes_derivatives_through_and_brings_them_back(case: Case) -> None:
    function, args = program(case[0], case[1:])
    there, back = run(tangent(function, 0, 0.5), args), run(adjoint(function, 0, case[0](0.5)), args)
    assert there == back == 0.5
    assert np.asarray(back).real.dtype == np.asarray(case[1]).real.dtype


@pytest.mark.filterwarnings("ignore:numpy.fix is deprecated")
@pytest.mark.parametrize("case", INACTIVE, ids=_name)
def test_inactive_function_is_constant_between_its_jumps(case: Case) -> None:
    fn, *args = case
    args = [arg.value if isinstance(arg, Lit) else arg for arg in args]
    assert next(rule for rule in rules() if rule.fn is fn).inactive
    for i, arg in enumerate(args):
        if isinstance(arg, float):
            assert fn(*args) == fn(*args[:i], arg + 1e-6, *args[i + 1 :])


def test_every_rule_is_tested() -> None:
    tested = {case[0] for case in CASES + CONVERSIONS + INACTIVE} | set(NOT_OF_FLOATS) | set(BY_CONVENTION)
    # The others have test files of their own.
    elementwise = [
        rule for rule in rules() if rule.partials is not None and rule.fn not in (np.fft.fftfreq, np.fft.rfftfreq)
    ]
    assert [rule.fn for rule in elementwise if rule.fn not in tested] == []
