"""Rules of reductions, cumulations and differences."""

from __future__ import annotations

import math
import re
from typing import Any

import numpy as np
import pytest

from ast_ad import grad
from ast_ad.errors import AutodiffError
from ast_ad.ir.kinds import FLOAT, INT, Array, Scalar, kind_of
from ast_ad.ir.nodes import Form, Lit
from ast_ad.rules import cumulations
from ast_ad.rules import reductions as reduction_rules
from ast_ad.rules.dims import is_kind
from ast_ad.rules.mathematics import present
from ast_ad.rules.registry import find, infer, rules
from ast_ad.runtime import reductions
from tests.rules.arrays import check

S = 0.7
V = np.array([0.3, -1.2, 0.8, 1.9])
W = np.array([1.4, 0.6, 0.5, 2.2])
M = np.array([[0.3, -1.2, 0.8], [1.7, 0.4, -0.9]])
P = np.array([[0.4, 1.3, 0.7], [1.6, 0.2, 0.9]])
R = np.array([[0.8]])
T = 1.2 * np.sin(1.7 * np.arange(24.0)).reshape(2, 3, 4)
Z = V + 1j * W
ZM = M - 1j * P


def with_value(x: np.ndarray[Any, Any], value: float, *places: int) -> np.ndarray[Any, Any]:
    """Return an array with a value at some places, counted through it."""
    result = x.copy()
    result.flat[list(places)] = value
    return result


def case(fn: Any, *args: Any, **options: Any) -> Any:
    shown = [*map(_shown, args), *(f"{name}={value}" for name, value in options.items() if name != "single")]
    return pytest.param(fn, args, options, id=f"{getattr(fn, '__qualname__', fn.__name__)}({', '.join(shown)})")


def _shown(value: Any) -> str:
    if isinstance(value, (list, tuple)):
        return f"[{','.join(map(_shown, value))}]"
    return f"{value.dtype.kind}{'x'.join(map(str, value.shape))}" if isinstance(value, np.ndarray) else str(value)


AXES: list[dict[str, Any]] = [
    {},
    {"axis": 0},
    {"axis": 1},
    {"axis": -1},
    {"axis": (0, 2)},
    {"axis": (-1, -2)},
    {"axis": (1, 0)},
    {"keepdims": True},
    {"axis": 1, "keepdims": True},
    {"axis": (0, 2), "keepdims": True},
]


def reductions_of(*fns: Any, complex_too: bool = True) -> list[Any]:
    return [
        each
        for fn in fns
        for each in (
            case(fn, S),
            case(fn, V),
            case(fn, V, axis=-1),
            case(fn, M, 0),
            case(fn, R, axis=1),
            *[case(fn, T, **options) for options in AXES],
            *[case(fn, z, **o) for z, o in ((Z, {}), (ZM, {"axis": 1})) if complex_too],
        )
    ]


SUMS = [
    *reductions_of(np.sum, np.mean, np.prod),
    *[case(fn, [S, 0.1, 2.0]) for fn in (np.sum, np.mean, np.prod, np.max, np.std)],
    *[case(fn, [[S, 0.1], [2.0, V[0]]], axis=1, single=False) for fn in (np.sum, np.mean, np.prod, np.max, np.var)],
    *[case(fn, [V, W, V * W], axis=0) for fn in (np.sum, np.mean, np.prod, np.max, np.median)],
    *[case(fn, [V, W], keepdims=True) for fn in (np.sum, np.mean, np.min)],
    case(np.sum, M, dtype=complex),
    case(np.sum, M, ()),
    case(np.prod, M, ()),
    case(np.mean, V, dtype=float),
]

VARIANCES = [
    *reductions_of(np.var, np.std),
    *[case(fn, T, ddof=1, **options) for fn in (np.var, np.std) for options in AXES],
    case(np.var, Z, ddof=2),
]

NANS = [
    *reductions_of(np.nansum, np.nanmean, np.nanprod, np.nanvar, complex_too=False),
    *[case(np.nanstd, x, **o) for x, o in ((V, {}), (M, {"axis": 1}), (T, {"axis": (0, 2), "ddof": 1}))],
    *[case(fn, T, **options) for fn in (np.nanmax, np.nanmin) for options in AXES],
    *[
        case(fn, x, **o)
        for fn in (np.nancumsum, np.nancumprod)
        for x, o in ((S, {}), (V, {}), (M, {}), (T, {"axis": 1}))
    ],
]

EXTREMA = [
    *reductions_of(*dict.fromkeys(present(np, "max", "min", "amax", "amin", "ptp")), complex_too=False),
    case(np.max, Z),
]

AVERAGES = [
    case(np.average, S),
    *[case(np.average, T, **options) for options in AXES if "keepdims" not in options],
    case(np.average, V, None, W),
    case(np.average, Z, None, W),
    case(np.average, M, None, P),
    *[case(np.average, M, axis, P) for axis in (0, 1, -1)],
    *[case(np.average, T, axis, weights) for axis, weights in ((0, W[:2]), (1, W[1:]), (2, W), (-2, W[:3]), (-1, W))],
    case(np.average, T, (0, 2), 2 + T),
    case(np.average, [S, 0.1, 2.0], None, [0.2, 0.5, 1.0]),
    case(np.average, V, weights=[1, 2, 3, 4]),
    *([case(np.average, M, 1, P, keepdims=True)] if np.lib.NumpyVersion(np.__version__) >= "1.23.0" else []),
]

MISSING = [
    *[
        case(fn, with_value(V, np.nan, 1))
        for fn in (np.nansum, np.nanmean, np.nanprod, np.nanmax, np.nanvar, np.nanstd)
    ],
    *[
        case(fn, with_value(T, np.nan, 0, 5, 7, 22), **options)
        for fn in (np.nansum, np.nanmean, np.nanprod, np.nanmax, np.nanmin, np.nanvar, np.nanstd)
        for options in ({"axis": 1}, {"axis": (0, 2)}, {"axis": -1, "keepdims": True})
    ],
    *[case(fn, with_value(T, np.nan, 0, 5), **o) for fn in (np.nancumsum, np.nancumprod) for o in ({}, {"axis": 1})],
]

UFUNCS = [
    *[
        case(fn, x, **options)
        for fn in (np.add.reduce, np.multiply.reduce, np.maximum.reduce, np.minimum.reduce)
        for x, options in (
            (V, {}),
            (M, {}),
            (T, {"axis": 1}),
            (T, {"axis": (0, 2), "keepdims": True}),
            (T, {"axis": None}),
        )
    ],
    *[
        case(fn, x, *axis)
        for fn in (np.logaddexp.reduce, np.logaddexp2.reduce)
        for x, *axis in ((V,), (M,), (M, 1), (T, 1))
    ],
    *[case(fn, x) for fn in (np.add.accumulate, np.multiply.accumulate) for x in (V, M, Z)],
    *[case(fn, T, axis) for fn in (np.add.accumulate, np.multiply.accumulate) for axis in (1, -1)],
]

PRODUCTS = [
    *[case(np.prod, with_value(V, 0.0, *places)) for places in ((1,), (0,), (0, 2), (0, 1, 3))],
    *[case(np.prod, with_value(M, 0.0, 1, 3, 4), **options) for options in ({}, {"axis": 0}, {"axis": 1})],
    case(np.prod, with_value(T, 0.0, 0, 7, 11, 20), axis=(0, 2)),
    *[case(fn, with_value(V, 0.0, *places)) for fn in (np.cumprod,) for places in ((1,), (0,), (3,), (0, 2))],
    case(np.cumprod, with_value(M, 0.0, 1, 3, 4), axis=1),
    *[case(np.cumprod, x, **o) for x, o in ((S, {}), (M, {}), (R, {}), (T, {"axis": 1}), (T, {"axis": -1}), (Z, {}))],
    *[case(reductions.products_before, with_value(T, 0.0, 3, 5), axis=axis) for axis in (None, 1, (2, 0))],
    case(reductions.products_before, V, backwards=True),
    case(reductions.products_of_others, with_value(M, 0.0, 3, 5), axis=1, order=3),
    case(reductions.linear_recurrence, V, W),
    case(reductions.linear_recurrence, M, P, axis=1, backwards=True, order=3),
    case(reductions.linear_recurrence, M, P, axis=0),
    case(reductions.linear_recurrence, M, P),
]

CUMULATIONS = [
    *[case(np.cumsum, x) for x in (S, V, M, R, Z)],
    *[case(np.cumsum, T, axis) for axis in (0, 1, 2, -1)],
    case(np.cumsum, V, axis=0),
    case(np.cumsum, [V, W], axis=0),
]

DIFFERENCES = [
    *[case(np.diff, x, **o) for x in (V, T, Z) for o in ({}, {"n": 2}, {"n": 3}, {"n": 0})],
    *[case(np.diff, T, axis=axis) for axis in (0, 1, -2)],
    case(np.diff, M, 2, 1),
    *[case(np.diff, V[:k], n) for k, n in ((0, 1), (1, 1), (1, 2), (2, 3))],
    case(np.diff, [V, W], axis=0),
    case(np.ediff1d, V),
    case(np.ediff1d, T),
    *[case(np.gradient, x) for x in (V, T, Z)],
    case(np.gradient, V[:2]),
    case(np.gradient, V[:3]),
    case(np.gradient, V, S),
    case(np.gradient, V, 2),
    case(np.gradient, V, S, edge_order=2),
    case(np.gradient, T, S),
    case(np.gradient, T, S, 0.3, 2.0),
    case(np.gradient, T, S, 0.3, axis=(2, 0)),
    *[case(np.gradient, T, axis=axis) for axis in (0, 1, -1, (2, 0), (1,))],
    case(np.gradient, T[:, :, :], 0.3, axis=-1, edge_order=2),
    case(np.gradient, V, Lit(np.cumsum(W))),
    case(np.gradient, V, Lit(np.cumsum(W)), edge_order=2),
    case(np.gradient, M, S, Lit(np.cumsum(W[:3]))),
    case(reductions.transposed_gradient, V, S),
    case(reductions.transposed_gradient, M, S, axis=1, edge_order=2),
]

TRAPEZOIDS = [
    each
    for fn in present(np, "trapezoid", "trapz")[:1]
    for each in (
        case(fn, V),
        case(fn, Z),
        case(fn, V, dx=2),
        case(fn, V, None, S),
        case(fn, M, None, S, 0),
        case(fn, V, W),
        case(fn, V[:2], W),
        case(fn, V, W[:2]),
        case(fn, M, W[:2], axis=0),
        *[case(fn, T, axis=axis) for axis in (0, 1, -1)],
        *[case(fn, T, W[:n], axis=axis) for n, axis in ((2, 0), (3, 1), (4, -1))],
        *[case(fn, T, np.cos(T), axis=axis) for axis in (0, 1, -1)],
    )
]

CASES = [
    *(
        SUMS
        + VARIANCES
        + NANS
        + EXTREMA
        + AVERAGES
        + MISSING
        + UFUNCS
        + PRODUCTS
        + CUMULATIONS
        + DIFFERENCES
        + TRAPEZOIDS
    ),
]


@pytest.mark.parametrize(("fn", "args", "options"), CASES)
def test_derivatives(fn: Any, args: Any, options: Any) -> None:
    check(fn, *args, **options)


def adjoint(fn: Any, x: Any, *args: Any, **options: Any) -> Any:
    """Return the adjoint of x where that of the result is 1."""
    y, rule = fn(x, *args, **options), find(fn)
    assert rule is not None
    bars = rule.vjps[0][1](np.ones_like(y), y, x, *args, **options)
    return np.broadcast_to(bars[0] if isinstance(bars, tuple) else bars, np.shape(x)).tolist()


@pytest.mark.parametrize(
    ("fn", "x", "options", "bar"),
    [
        (np.max, [2.0, 1.0, 2.0], {}, [0.5, 0.0, 0.5]),
        (np.min, [2.0, 1.0, 1.0], {}, [0.0, 0.5, 0.5]),
        (np.max, [[2.0, 2.0], [2.0, 1.0]], {"axis": 0}, [[0.5, 1.0], [0.5, 0.0]]),
        (np.max, [[2.0, 2.0], [2.0, 1.0]], {"axis": (0, 1)}, [[1 / 3, 1 / 3], [1 / 3, 0.0]]),
        (np.maximum.reduce, [2.0, 2.0], {}, [0.5, 0.5]),
        (np.nanmax, [np.nan, 2.0, 2.0], {}, [0.0, 0.5, 0.5]),
        (np.max, [np.nan, 2.0, np.nan], {}, [0.5, 0.0, 0.5]),
        (np.ptp, [3.0, 1.0, 3.0], {}, [0.5, -1.0, 0.5]),
        (np.ptp, [3.0, 3.0], {}, [0.0, 0.0]),
        (np.std, [3.0, 3.0], {}, [0.0, 0.0]),
        (np.nanstd, [3.0, np.nan, 3.0], {}, [0.0, 0.0, 0.0]),
        (np.prod, [0.0, 2.0, 0.0], {}, [0.0, 0.0, 0.0]),
        (np.cumprod, [0.0, 2.0, 0.0], {}, [3.0, 0.0, 0.0]),
    ],
)
def test_conventions(fn: Any, x: Any, options: Any, bar: Any) -> None:
    assert adjoint(fn, np.array(x), **options) == bar


@pytest.mark.parametrize(
    ("fn", "args", "options"),
    [
        case(np.sum, V, where=True),
        case(np.sum, V, initial=2.0),
        case(np.max, V, initial=0.0),
        case(np.average, V, None, W, True),
        case(np.diff, V, prepend=0.0),
        case(np.gradient, V, W),
    ],
)
def test_refused(fn: Any, args: Any, options: Any) -> None:
    with pytest.raises(AutodiffError):
        check(fn, *args, **options)


X, XY = Array("float64", ("n1",)), Array("float64", ("n1", "n2"))


@pytest.mark.parametrize(
    ("fn", "args", "kind"),
    [
        (np.sum, (XY, 0), Array("float64", ("n2",))),
        (np.sum, (XY,), Scalar("float64", numpy=True)),
        (np.max, (XY, (0,), None, True), Array("float64", (1, "n2"))),
        (np.mean, (Array("float32", ("n1", 3)), 0), Array("float32", (3,))),
        (np.diff, (Array("float64", (5, "n1")), 2, 0), Array("float64", (3, "n1"))),
        (np.diff, (X, 20), Array("float64", ("?n1-20",))),
        (np.gradient, (XY,), (XY, XY)),
        (np.gradient, (XY, 0.5, X), (XY, XY)),
        (np.average, (XY, 1, Array("float64", ("n3",))), X),
        (np.average, (Array("int64", ("n1",)),), Scalar("float64", numpy=True)),
        (np.average, (Array("float32", ("n1",)), None, X, True), (Scalar("float64", numpy=True),) * 2),
        (reductions.trapezoid_weights, (INT,), Array("float64", ("?",))),
        (cumulations._trapezoid, (Array("float32", ("n1", "n2")), None, FLOAT, 0), Array("float32", ("n2",))),
        (cumulations._trapezoid, (Array("float32", ("n1", "n2")), X, 1.0, 0), Array("float64", ("n2",))),
    ],
)
def test_kinds(fn: Any, args: Any, kind: Any) -> None:
    operands, form = Form.of(args, {}, lambda value: is_kind(value) or isinstance(value, (int, float)))
    literals = [None if is_kind(each) else (each,) for each in operands]
    found = infer(fn, [each if is_kind(each) else kind_of(each) for each in operands], literals, form)
    assert nameless(found) == nameless(kind)


def nameless(kind: Any) -> Any:
    """Return a kind without the names of symbols that were made for it."""
    if isinstance(kind, tuple):
        return tuple(map(nameless, kind))
    if not isinstance(kind, Array):
        return kind
    return Array(kind.dtype, tuple(re.sub(r"^\?\d+$", "?", dim) if isinstance(dim, str) else dim for dim in kind.dims))


@pytest.mark.parametrize(
    "fn", [np.any, np.all, np.argmax, np.argmin, np.count_nonzero, np.allclose, np.logical_or.reduce]
)
def test_inactive(fn: Any) -> None:
    rule = find(fn)
    assert rule is not None
    assert rule.inactive


def test_every_rule_is_tested() -> None:
    modules = (reduction_rules.__name__, cumulations.__name__)
    own = {rule.fn for rule in rules() for _, bars in rule.vjps if bars.__module__ in modules}
    elsewhere = {
        *present(np, "trapz"),
        math.fsum,
    }  # see tests/models/test_numbers.py
    assert own - {each.values[0] for each in CASES} - elsewhere == set()
    assert {each.values[0] for each in CASES} >= {np.sum, np.cumsum, np.gradient}


def variance(x: Any) -> Any:
    return np.var(x)


def row_means(x: Any) -> Any:
    return np.sum(np.mean(x, axis=1) ** 2)


def largest(x: Any) -> Any:
    return np.sum(np.max(x, axis=1) ** 2)


@pytest.mark.parametrize(
    ("function", "text"),
    [
        (variance, "2 * out_bar / x.size * (x - np.mean(x))"),
        (row_means, "out_bar * 2 * np.mean(x, axis=1) / x.shape[1]"),
        (largest, "largest, x, axis=1)"),
    ],
)
def test_text(function: Any, text: str) -> None:
    derivative = grad(function)
    derivative(M)
    assert text in derivative.source
