"""Arguments in unusual forms: empty and short arrays, low precision, real beside complex, options without effect.

A value is what NumPy returns, of its dtype. An adjoint has the shape and the dtype of its argument, a tangent those of
the result; reverse mode agrees with forward mode, and with differences.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from ast_ad import grad, jvp, vjp
from ast_ad.errors import KindError, MissingRuleError
from ast_ad.rules.mathematics import present
from ast_ad.testing import check_grads

V = np.array([0.4, 1.3, -0.7, 2.1])
M = np.array([[0.3, -1.2, 0.8], [1.7, 0.4, -0.9]])
LOW = V.astype(np.float32)
Z = V + 1j * V[::-1]
EMPTY = np.zeros(0)
ROWS = np.zeros((0, 3))

_trapezoid = present(np, "trapezoid", "trapz")[0]

CASES: list[tuple[Callable[..., Any], tuple[Any, ...]]] = [
    (lambda x: np.nanmedian(x, axis=()), (V,)),
    (lambda x: np.quantile(x, [0.2, 0.7], axis=1), (ROWS,)),
    (lambda x, q: np.percentile(x, q), (LOW, np.float64(30.0))),
    (lambda x, q: np.quantile(x, q), (LOW, 0.3)),
    (lambda x: np.ediff1d(x, to_begin=[1, 2], to_end=x), (LOW,)),
    (lambda x: np.polyder(x), (EMPTY,)),
    (lambda y, x: _trapezoid(y, x), (Z, V)),
    (lambda y, x: _trapezoid(y, x), (V, Z)),
    (lambda x, y: np.meshgrid(x, y), (M, V)),
    (lambda x, y: np.meshgrid(x, y, sparse=True), ([[0.5, 1.5]], 2.0)),
    (lambda x: np.linalg.cond(x, 1), (M[:, :2] + np.zeros((2, 1, 1)),)),
    (lambda x: np.polyfit([0.0, 1.0, 2.0], x, 1), ([0.5, 1.0, 0.7],)),
    (lambda x: np.amax(x, axis=0, initial=0.5), (M,)),
    (lambda x: np.nansum(x, dtype=complex, initial=0.5), (V,)),
    (lambda x: np.sum(x, dtype=np.float64, where=[True, False, True, True]), (LOW,)),
    (lambda x: np.average(x, axis=1, returned=True), (M + 1j * M[::-1],)),
    (lambda x: np.multiply.reduceat(x, [0, 2]), (Z,)),
    (lambda x: np.std(x, axis=0, where=True, ddof=1), (M,)),
    (lambda x: np.nanmax(x, where=True), (M,)),
    (lambda x: np.divide.reduce(x, initial=1.5, dtype=np.float64), (LOW,)),
    (lambda x: np.logspace(x, [1, 2, 3], 3), (0.7,)),
    (lambda x: np.logspace([[1], [2], [3]], x, 3, axis=-1), (V[:1],)),
    (lambda x: np.geomspace(x, [1, 2, 3], 3), (0.7,)),
    (lambda x, start: x * np.sum([1, 2], initial=start), (0.7, 0.5)),
    (lambda x: x * np.sum(np.array([1, 2]), where=np.array([True, False])), (LOW,)),
    (lambda x, start: np.max(x, initial=start), (LOW, np.float64(1.5))),
    (lambda x, start: np.sum(x, axis=0, initial=start), (M, 0.5)),
    (lambda x, y: np.add(x, y, casting="unsafe", where=True), (V, 2.0)),
    (lambda x: np.std(x, axis=0, dtype=complex), (M + 1j * M[::-1],)),
    (lambda x: np.sum(x, axis=0, out=np.zeros(3)), (M.astype(np.float32),)),
    (lambda x: np.cumprod(x, 1, None, np.zeros((2, 3))), (M.astype(np.float32),)),
    (lambda x: np.mean(x, out=np.zeros((), np.float32)), (V,)),
    (lambda x: np.prod(x, axis=0, where=[True, False, True]), (M,)),
    (lambda x: np.sum(x, axis=1, where=np.array([[True], [False]])), (M,)),
]
if hasattr(np, "cumulative_sum"):
    CASES.append((lambda x: np.cumulative_sum(x, axis=1, include_initial=True), (ROWS.T,)))


@pytest.mark.parametrize(("fun", "args"), CASES)
def test_shapes_dtypes_and_derivatives(fun: Callable[..., Any], args: tuple[Any, ...]) -> None:
    expected = _arrays(fun(*args))
    value, pullback = vjp(fun, *args)
    _assert_like(_arrays(value), expected)
    for found, wanted in zip(_arrays(value), expected):
        np.testing.assert_allclose(found, wanted, rtol=1e-6)
    outs = [_random_like(each, seed) for seed, each in enumerate(expected)]
    bars = pullback(type(value)(outs) if isinstance(value, (list, tuple)) else outs[0])
    dots = [_random_like(np.asarray(arg), 10 + seed) for seed, arg in enumerate(args)]
    _, tangent = jvp(
        fun, args, [dot.tolist() if isinstance(arg, (list, float)) else dot for arg, dot in zip(args, dots)]
    )
    _assert_like([np.asarray(bar) for bar in bars], [np.asarray(arg) for arg in args])
    _assert_like(_arrays(tangent), expected)
    assert _paired(bars, dots) == pytest.approx(_paired(outs, _arrays(tangent)), rel=1e-5)
    if all(np.size(arg) and np.asarray(arg).dtype != np.float32 for arg in args):
        check_grads(fun, argnums=tuple(range(len(args))), order=2)(*args)


@pytest.mark.filterwarnings("ignore:Arrays of 2-dimensional vectors:DeprecationWarning")
def test_what_nobody_knows_is_refused() -> None:
    with pytest.raises(MissingRuleError, match=r"does not take this call: got an unexpected .*where"):
        vjp(lambda x: np.sin(x, where=x > 0), V)
    with pytest.raises(KindError, match="one and two dimensions"):
        vjp(lambda x: np.linalg.multi_dot([x, x]), np.ones((2, 2, 2)))
    with pytest.raises(ValueError, match=r"vectors of length 3|3-dimensional vectors"):
        vjp(lambda x: np.cross(x, [1, 2, 3]), M[:, :2])[1](M)
    with pytest.raises(ValueError, match="beyond the length"):
        vjp(lambda x: np.pad(x, 3, "reflect", reflect_type="odd"), np.ones(1))


def test_shapes_that_reductions_do_not_take_are_told() -> None:
    with pytest.raises(ValueError, match="shape"):
        grad(lambda x: np.sum(np.sum(x, axis=0, out=np.zeros(2))))(M)
    with pytest.raises(ValueError, match="shape"):
        vjp(lambda x: np.mean(x, axis=0, keepdims=True, out=np.zeros((1, 2))), M)
    with pytest.raises(ValueError, match="broadcast"):
        grad(lambda x: np.prod(x, where=[True, False, True]))(M[:, :1].copy())


def _arrays(value: Any) -> list[Any]:
    return list(map(np.asarray, value)) if isinstance(value, (list, tuple)) else [np.asarray(value)]


def _assert_like(found: list[Any], wanted: list[Any]) -> None:
    assert [(each.shape, each.dtype) for each in found] == [(each.shape, each.dtype) for each in wanted]


def _random_like(x: Any, seed: int) -> Any:
    rng = np.random.default_rng(seed)
    result = rng.normal(size=x.shape) + (1j * rng.normal(size=x.shape) if np.iscomplexobj(x) else 0.0)
    return np.asarray(result, x.dtype)


def _paired(bars: Any, dots: Any) -> float:
    return float(sum(np.sum(np.real(np.asarray(bar) * dot)) for bar, dot in zip(bars, dots)))


@pytest.mark.parametrize("fn", [np.var, np.nanstd, np.prod, np.nanprod], ids=lambda fn: fn.__name__)
@pytest.mark.filterwarnings("ignore:Casting complex values to real")
def test_a_dtype_that_cuts_off_imaginary_parts_is_refused(fn):
    with pytest.raises(MissingRuleError, match=r"cuts off the imaginary parts: take `x\.real`"):
        vjp(lambda x: fn(x + 1j * x**2, dtype=float), V)
