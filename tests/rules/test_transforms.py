"""Fourier transforms, convolution, interpolation, polynomials and covariances: one line a call."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import ast_ad
from ast_ad.errors import AutodiffError, MissingRuleError
from ast_ad.ir.kinds import Array, Scalar, kind_of
from ast_ad.ir.nodes import Form
from ast_ad.rules.registry import find, infer
from ast_ad.runtime.transforms import cut, doubled, interp_adjoint, resized, steps, steps_adjoint, uncut
from tests.rules.arrays import check

Case = tuple[Callable[..., Any], tuple[Any, ...], dict[str, Any]]
RNG = np.random.default_rng(1)


def case(fn: Callable[..., Any], *args: Any, **options: Any) -> Case:
    return fn, args, options


def real(*shape: int) -> Any:
    return RNG.uniform(0.5, 1.5, shape) * RNG.choice((-1.0, 1.0), shape)


def cplx(*shape: int) -> Any:
    return real(*shape) + 1j * real(*shape)


X5, X6, M, T = real(5), real(6), real(4, 5), real(2, 4, 3)
NORMS = (None, "backward", "ortho", "forward")
PRODUCT = (np.convolve, np.correlate)
MODES = ("full", "same", "valid")
ALONG = (np.fft.fft, np.fft.ifft)
SEVERAL = (np.fft.fft2, np.fft.ifft2, np.fft.fftn, np.fft.ifftn)

WHOLE = [
    *[case(fn, make(*shape)) for fn in ALONG for make in (real, cplx) for shape in ((1,), (5,), (6,), (3, 4))],
    *[case(fn, cplx(5), norm=norm) for fn in ALONG for norm in NORMS],
    *[
        case(fn, make(4, 3), n=n, axis=axis)
        for fn in ALONG
        for make in (real, cplx)
        for n in (2, 5)
        for axis in (0, -1)
    ],
    *[case(np.fft.fft, X5, 8), case(np.fft.ifft, cplx(3, 2), 2, 0, "ortho"), case(np.fft.fft, T, axis=1)],
    *[case(fn, make(4, 3)) for fn in SEVERAL for make in (real, cplx)],
    *[case(fn, cplx(3, 4), norm=norm) for fn in SEVERAL for norm in NORMS[2:]],
    *[case(fn, T, s=(3, 2), axes=(0, 1)) for fn in SEVERAL],
    *[case(fn, cplx(2, 4, 3), (3, 2), (0, -1), "ortho") for fn in SEVERAL],
    *[case(np.fft.fftn, T, axes=axes) for axes in ((0,), (1, 2), (-1, 0, 1))],
]
HALF = [
    *[case(np.fft.rfft, real(*shape)) for shape in ((1,), (2,), (5,), (6,), (3, 4))],
    *[case(np.fft.rfft, X5, norm=norm) for norm in NORMS],
    *[case(np.fft.rfft, M, n=n, axis=axis) for n in (3, 4, 7, 8) for axis in (0, 1)],
    *[case(fn, real(*shape)) for fn in (np.fft.rfft2, np.fft.rfftn) for shape in ((4, 5), (3, 4), (2, 3, 4))],
    *[case(fn, T, s=(3, s), axes=(0, 1)) for fn in (np.fft.rfft2, np.fft.rfftn) for s in (2, 3, 5, 6)],
    *[case(np.fft.rfftn, T, axes=axes, norm="ortho") for axes in ((0,), (1, 2), (-1, 0, 1))],
]
FROM_HALF = [
    *[case(np.fft.irfft, cplx(*shape)) for shape in ((2,), (4,), (3, 4))],
    *[case(np.fft.irfft, cplx(4), norm=norm) for norm in NORMS],
    *[case(np.fft.irfft, cplx(4, 3), n=n, axis=axis) for n in (1, 3, 4, 5, 9) for axis in (0, -1)],
    *[case(np.fft.irfft, cplx(4), 7), case(np.fft.irfft, real(4))],
    *[case(fn, cplx(*shape)) for fn in (np.fft.irfft2, np.fft.irfftn) for shape in ((3, 4), (2, 3, 4))],
    *[case(fn, cplx(3, 4), norm=norm) for fn in (np.fft.irfft2, np.fft.irfftn) for norm in NORMS[2:]],
    *[case(fn, cplx(2, 4, 3), s=(3, s), axes=(0, 1)) for fn in (np.fft.irfft2, np.fft.irfftn) for s in (3, 6, 8)],
    *[case(np.fft.irfftn, cplx(2, 4, 3), axes=axes) for axes in ((0,), (1, 2), (2, 0, 1))],
]
SHIFTS = [
    *[case(fn, x) for fn in (np.fft.fftshift, np.fft.ifftshift) for x in (X5, X6, M, cplx(5))],
    *[case(fn, T, axes=axes) for fn in (np.fft.fftshift, np.fft.ifftshift) for axes in (0, -1, (1, 2))],
    *[case(fn, n, 0.3) for fn in (np.fft.fftfreq, np.fft.rfftfreq) for n in (1, 4, 5)],
]
SIZES = [(1, 1), (5, 3), (3, 5), (6, 4), (4, 6), (4, 7), (5, 5), (1, 4), (4, 1)]
PRODUCTS = [
    *[case(np.convolve, real(m), real(n), mode) for m, n in SIZES for mode in MODES],
    *[case(np.correlate, real(m), real(n), mode) for m, n in SIZES for mode in MODES],
    *[case(fn, cplx(4), cplx(3), mode=mode) for fn in PRODUCT for mode in MODES],
    *[case(fn, make(3), other(4), "same") for fn in PRODUCT for make, other in ((real, cplx), (cplx, real))],
    *[case(fn, cplx(2), cplx(5), "same") for fn in PRODUCT],
    *[case(fn, X5, [0.25, 0.5, 0.25]) for fn in PRODUCT],
    *[case(fn, [0.25, 0.5], X5, "same") for fn in PRODUCT],
    *[case(fn, X5, [1, 2, 1], mode="same") for fn in PRODUCT],
    *[case(np.convolve, X5), case(np.correlate, X5, X5)][1:],
]
XP, FP, AT = np.array([0.0, 0.7, 1.5, 3.1]), real(4), np.array([-0.4, 0.2, 0.6, 1.1, 2.9, 3.5])
INTERP = [
    *[case(np.interp, x, XP, FP) for x in (AT, AT.reshape(2, 3), 0.3, np.float64(2.2), -1.0, 4.0)],
    *[case(np.interp, AT, XP, cplx(4)), case(np.interp, 0.3, XP, cplx(4))],
    *[case(np.interp, AT, XP, FP, left=0, right=2), case(np.interp, AT, XP, FP, right=2)],
    *[
        case(np.interp, AT, XP, FP, 0.3, -0.4),
        case(np.interp, AT, XP, FP, None, -0.4),
        case(np.interp, 0.2, XP, FP, 0.3),
    ],
    *[case(np.interp, AT, [0, 1, 2], [0.3, -0.4, 0.5]), case(np.interp, AT, np.array([0, 1, 2]), real(3))],
    *[case(np.interp, [0.2, 1.1, 3.5], XP, FP), case(np.interp, [0.2, 1.1], XP, FP, right=0.5)],
    *[case(np.interp, AT, XP[:1], FP[:1]), case(np.interp, AT, XP[:2], FP[:2])],
]
POLYNOMIALS = [
    *[case(np.polyval, p, x) for p in (FP, FP[:1], FP[:2]) for x in (0.3, np.float64(0.3), X5, M)],
    *[case(np.polyval, cplx(3), x) for x in (0.3, X5, cplx(3))],
    *[case(np.polyval, p, x) for p in ([0.3, 0.4, -0.5], [0.3, 2], [0.3]) for x in (0.7, X5)],
    *[case(np.polyval, p, X5) for p in ([1, 2, 3], np.array([1, 2, 3]))],
    *[case(np.polyder, p) for p in (FP, FP[:1], cplx(3), [0.3, 0.4, -0.5])],
]
PHASES = [
    *[case(np.unwrap, np.array([0.1, 3.0, -3.0, 2.9])), case(np.unwrap, 4 * M, axis=0), case(np.unwrap, 4 * M, 3.5)],
    *[case(np.unwrap, 4 * X5, period=4), case(np.real_if_close, M), case(np.real_if_close, X5, 1000)],
]
COVARIANCES = [
    *[case(np.cov, x) for x in (X5, M, real(1, 4))],
    *[case(np.cov, X5, real(5)), case(np.cov, X5, real(5), bias=True), case(np.cov, X5, X5)],
    *[case(np.cov, M, rowvar=False), case(np.cov, M, bias=True), case(np.cov, M, ddof=0), case(np.cov, M, ddof=2)],
    *[case(np.cov, M, None, False), case(np.cov, X5, None, True, True)],
    *[case(np.corrcoef, x) for x in (M, X5)],
    *[case(np.corrcoef, M, rowvar=False), case(np.corrcoef, X5, real(5)), case(np.corrcoef, M, None, False)],
]
HELPERS = [
    *[case(resized, M, shape) for shape in ((4, 5), (2, 5), (6, 5), (6, 2))],
    *[case(resized, cplx(3), (5,)), case(doubled, X5, 9), case(doubled, M, 6, 0), case(doubled, cplx(5), 8)],
    *[case(cut, real(8), m, n, mode) for m, n in ((5, 4), (4, 5)) for mode in ("same", "valid", "full")],
    *[case(uncut, X5, m, n, "same", turned) for m, n in ((5, 4), (4, 5)) for turned in (False, True)],
    *[case(interp_adjoint, real(6), AT, XP), case(interp_adjoint, 0.3, 0.4, XP), case(interp_adjoint, cplx(6), AT, XP)],
    *[case(steps, x, XP, values) for x in (AT, 0.3, AT.reshape(2, 3)) for values in (real(3), cplx(3))],
    *[case(steps_adjoint, real(6), AT, XP), case(steps_adjoint, 0.3, 0.4, XP), case(steps_adjoint, cplx(6), AT, XP)],
]
CASES = WHOLE + HALF + FROM_HALF + SHIFTS + PRODUCTS + INTERP + POLYNOMIALS + PHASES + COVARIANCES + HELPERS


def _name(case: Case) -> str:
    fn, args, options = case
    texts = [f"{arg.dtype}{arg.shape}" if isinstance(arg, np.ndarray) else str(arg) for arg in args]
    return f"{fn.__name__}({', '.join([*texts, *(f'{name}={value}' for name, value in options.items())])})"


@pytest.mark.parametrize("case", CASES, ids=_name)
def test_rule(case: Case) -> None:
    fn, args, options = case
    check(fn, *args, **options)


KINDS = [
    (np.fft.fft, (Array("float64", ("n1", "n2")),), Array("complex128", ("n1", "n2"))),
    (np.fft.fft, (Array("float64", ("n1",)), 6), Array("complex128", (6,))),
    (np.fft.rfft, (Array("float64", ("n1", 6)),), Array("complex128", ("n1", 4))),
    (np.fft.rfft, (Array("float64", (3, "n1")),), Array("complex128", (3, "n1//2+1"))),
    (np.fft.rfft, (Array("float64", (3, "n1")), 5, 0), Array("complex128", (3, "n1"))),
    (np.fft.irfft, (Array("complex128", (4,)),), Array("float64", (6,))),
    (np.fft.irfft, (Array("complex128", ("n1",)),), Array("float64", ("2*(n1-1)",))),
    (np.fft.rfft2, (Array("float64", ("n1", "n2", "n3")), (4, 4)), Array("complex128", ("n1", 4, 3))),
    (np.fft.rfftfreq, (7, 0.1), Array("float64", (4,))),
    (np.convolve, (Array("float64", (5,)), Array("float64", (3,))), Array("float64", (7,))),
    (np.convolve, (Array("float64", ("n1",)), Array("float64", ("n1",)), "same"), Array("float64", ("n1",))),
    (np.convolve, (Array("float64", ("n1",)), Array("complex64", (1,)), "valid"), Array("complex128", ("n1",))),
    (np.correlate, (Array("float64", (3,)), Array("float64", (5,))), Array("float64", (3,))),
    (np.interp, (Array("float32", ("n1",)), [0, 1], [0.5, 1.5]), Array("float64", ("n1",))),
    (np.interp, (0.5, [0, 1], [0.5, 1.5]), Scalar("float64", numpy=True)),
]


@pytest.mark.parametrize(("fn", "args", "expected"), KINDS)
def test_kind(fn: Callable[..., Any], args: Any, expected: Any) -> None:
    leaves, form = Form.of(args, {}, lambda value: not isinstance(value, (list, tuple)))
    kinds = [leaf if isinstance(leaf, Array) else kind_of(leaf) for leaf in leaves]
    literals = [None if isinstance(leaf, Array) else (leaf,) for leaf in leaves]
    assert infer(fn, kinds, literals, form) == expected


def test_interpolation_has_the_mean_slope_at_a_point() -> None:
    points, values = np.array([0.0, 1.0, 3.0]), np.array([0.0, 2.0, 8.0])
    slopes = [find(np.interp).vjps[0][1](1.0, 0.0, x, points, values)[0] for x in (-1.0, 0.0, 0.5, 1.0, 3.0, 4.0)]
    assert slopes == [0.0, 1.0, 2.0, 2.5, 1.5, 0.0]


def test_interpolation_across_a_jump_is_finite() -> None:
    x, points, values = np.array([0.5, 1.0, 1.5]), np.array([0.0, 1.0, 1.0, 2.0]), np.array([0.0, 1.0, 5.0, 7.0])
    bars = find(np.interp).vjps[0][1](np.ones(3), np.zeros(3), x, points, values)
    assert bars[0].tolist() == [1.0, 1.5, 2.0]
    assert bars[2].tolist() == [0.5, 0.5, 1.5, 0.5]


@pytest.mark.parametrize(
    ("fn", "args", "options"),
    [
        (np.interp, (AT, XP, FP), {"period": 3.0}),
        (np.convolve, (X5, X6, "f"), {}),
        (np.convolve, (0.3, X6), {}),
        (np.real_if_close, (cplx(3),), {}),
        (np.cov, (cplx(3, 4),), {}),
        (np.cov, ([X5, real(5)],), {}),
        (np.cov, (M,), {"aweights": np.ones(5)}),
        (np.cov, (M, real(3, 5)), {}),
        (np.polyval, (M, 0.3), {}),
        (np.polyder, (FP, 2), {}),
    ],
)
def test_calls_that_are_refused(fn: Callable[..., Any], args: Any, options: Any) -> None:
    with pytest.raises((TypeError, MissingRuleError)):
        check(fn, *args, **options)


@pytest.mark.parametrize("fft", [np.fft.rfftn, np.fft.irfftn, np.fft.rfft2])
def test_half_a_spectrum_of_one_axis_twice_is_refused(fft):
    """The axis is cut in the first transform, so that the second one is of another length."""
    with pytest.raises(AutodiffError, match="must not repeat"):
        ast_ad.grad(lambda x: np.sum(np.abs(fft(x, axes=(1, -1)))))(np.ones((3, 4)))
