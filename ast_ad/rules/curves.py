"""Derivatives of functions of sampled curves: interpolation, polynomials, phases, covariances.

`np.interp` has no rule for a `period`, `np.cov` and `np.corrcoef` have none for weights and complex numbers.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ast_ad.ir.kinds import Kind, as_kind, is_complex
from ast_ad.rules.common import as_array, in_floats, is_zero, of_array, structured, tangent_of
from ast_ad.rules.dims import array_kind, knowing, nested_dims, nested_dtype, total
from ast_ad.rules.registry import jvp, linear, vjp
from ast_ad.rules.transforms import chosen
from ast_ad.runtime import add_at, interp_adjoint, ratio, steps, steps_adjoint, unbroadcast

# Interpolation is linear in the values, and between two points in `x`. A shift of the points shifts `x` the other way.


def _slope(x: Any, xp: Any, fp: Any) -> Any:
    return steps(x, xp, ratio(np.diff(fp), np.diff(xp)))


def _interp_bars(g: Any, y: Any, x: Any, xp: Any, fp: Any, left: Any = None, right: Any = None) -> Any:
    at, points, values = as_array(x), as_array(xp), as_array(fp)
    x_bar = g * _slope(at, points, values)
    inside = g if left is None else np.where(at < points[0], 0.0, g)
    inside = inside if right is None else np.where(at > points[-1], 0.0, inside)
    return (
        structured(x_bar, x),
        structured(-interp_adjoint(x_bar, at, points), xp),
        structured(interp_adjoint(inside, at, points), fp),
        None if left is None else np.sum(np.where(at < points[0], g, 0.0)),
        None if right is None else np.sum(np.where(at > points[-1], g, 0.0)),
    )


def _interp_dot(
    x_dot: Any,
    xp_dot: Any,
    fp_dot: Any,
    left_dot: Any,
    right_dot: Any,
    y: Any,
    x: Any,
    xp: Any,
    fp: Any,
    left: Any = None,
    right: Any = None,
) -> Any:
    x, xp = as_array(x), as_array(xp)
    dot = tangent_of(x_dot)
    if not is_zero(xp_dot):
        dot = dot - np.interp(x, xp, xp_dot)
    dot = 0.0 if is_zero(dot) else dot * _slope(x, xp, fp)
    if not is_zero(fp_dot):
        ends = chosen(left=None if left is None else 0.0, right=None if right is None else 0.0)
        dot = dot + np.interp(x, xp, fp_dot, **ends)
    if not is_zero(left_dot):
        dot = dot + np.where(x < xp[0], left_dot, 0.0)
    return dot if is_zero(right_dot) else dot + np.where(x > xp[-1], right_dot, 0.0)


def _inexact(values: Any) -> str:
    return np.result_type(nested_dtype(values), np.float64).name


def _interp_kind(x: Any, xp: Any, fp: Any, left: Any = None, right: Any = None) -> Kind:
    return array_kind(_inexact(fp), nested_dims(x))


def _gaps_kind(g: Any, x: Any, xp: Any) -> Kind:
    (dim,) = nested_dims(xp)
    return array_kind(_inexact(g), (dim - 1 if isinstance(dim, int) else "?",))


vjp(np.interp, _interp_bars, kind=knowing(_interp_kind), smaller=True)
jvp(np.interp, _interp_dot, wrt=(0, 1, 2, 3, 4))


def _interp_adjoint_bars(h: Any, y: Any, g: Any, x: Any, xp: Any) -> Any:
    x_bar = g * _slope(x, xp, h)
    return unbroadcast(np.interp(x, xp, h), g), x_bar, -interp_adjoint(x_bar, x, xp)


def _interp_adjoint_dot(g_dot: Any, x_dot: Any, xp_dot: Any, y: Any, g: Any, x: Any, xp: Any) -> Any:
    dot = 0.0 if is_zero(g_dot) else interp_adjoint(g_dot, x, xp)
    if is_zero(x_dot) and is_zero(xp_dot):
        return dot
    moved = x_dot if is_zero(xp_dot) else x_dot - np.interp(x, xp, xp_dot)
    slopes = ratio(steps_adjoint(g * moved, x, xp), np.diff(xp))
    return dot + (np.concatenate([[0.0], slopes]) - np.concatenate([slopes, [0.0]]))


vjp(interp_adjoint, _interp_adjoint_bars, kind=knowing(lambda g, x, xp: array_kind(_inexact(g), nested_dims(xp))))
jvp(interp_adjoint, _interp_adjoint_dot)
vjp(steps, lambda g, y, x, xp, values: (None, None, steps_adjoint(g, x, xp)), kind=knowing(_interp_kind), smaller=True)
jvp(
    steps,
    lambda x_dot, xp_dot, values_dot, y, x, xp, values: None if is_zero(values_dot) else steps(x, xp, values_dot),
)
vjp(steps_adjoint, lambda h, y, g, x, xp: (unbroadcast(steps(x, xp, h), g), None, None), kind=knowing(_gaps_kind))
jvp(steps_adjoint, lambda g_dot, x_dot, xp_dot, y, g, x, xp: None if is_zero(g_dot) else steps_adjoint(g_dot, x, xp))

# Polynomials, by their coefficients, those of the highest powers first.


def _polyval_bars(g: Any, y: Any, p: Any, x: Any) -> Any:
    if np.ndim(as_array(p)) != 1:
        raise TypeError("the coefficients of np.polyval have to be numbers")
    x_bar = g * np.polyval(np.polyder(as_array(p)), x)
    x = in_floats(x)
    if isinstance(p, (list, tuple)):
        terms = [g if power == 0 else g * x**power for power in reversed(range(len(p)))]
        return [np.sum(term) if np.ndim(x) else term for term in terms], x_bar
    row, points = (g, x) if np.ndim(x) == 1 else (np.ravel(g), np.ravel(x))
    return row @ np.vander(points, np.shape(p)[0]), x_bar


def _polyval_dot(p_dot: Any, x_dot: Any, y: Any, p: Any, x: Any) -> Any:
    by_p = 0.0 if is_zero(p_dot) else np.polyval(p_dot, x)
    return by_p + (0.0 if is_zero(x_dot) else x_dot * np.polyval(np.polyder(as_array(p)), x))


vjp(np.polyval, _polyval_bars)
jvp(np.polyval, _polyval_dot)


def _polyder_bar(g: Any, y: Any, p: Any) -> Any:
    n = np.shape(p)[0]
    exponents = np.array(list(range(n - 1, 0, -1))) if isinstance(n, int) else np.arange(n - 1, 0, -1)
    return add_at(np.zeros_like(p), slice(None, -1), g * exponents)


of_array(np.polyder, _polyder_bar)

# Phases are moved by constants; a complex array that is real by its values alone has no dtype that is known before.
vjp(np.unwrap, lambda g, y, p, discont=None, axis=-1, period=None: (g, None), smaller=True)
jvp(np.unwrap, lambda p_dot, y, p, discont=None, axis=-1, period=None: p_dot, wrt=(0,))


def _real_if_close(a: Any, tol: Any = 100) -> Kind:
    if is_complex(as_kind(a)):
        raise TypeError("whether the result of real_if_close is real depends on the values: take `.real` of them")
    return array_kind(nested_dtype(a), nested_dims(a))


linear(np.real_if_close, lambda g, y, a, tol=100: g, kind=knowing(_real_if_close), smaller=True, cheap=True, views=True)

# Covariances: products of centred rows.


def _rows(m: Any, y: Any, rowvar: bool) -> Any:
    """Return the variables as rows of one array."""
    if y is not None:
        return np.stack([m, y])
    return np.expand_dims(m, 0) if np.ndim(m) == 1 else m if rowvar else np.transpose(m)


def _from_rows(bar: Any, m: Any, y: Any, rowvar: bool) -> Any:
    if y is not None:
        return bar[0], bar[1]
    return bar[0] if np.ndim(m) == 1 else bar if rowvar else np.transpose(bar)


def _centred(m: Any, y: Any, rowvar: bool) -> Any:
    supported = not isinstance(m, (list, tuple)) and not isinstance(y, (list, tuple))
    if not supported or np.iscomplexobj(m) or np.iscomplexobj(y) or (y is not None and np.ndim(m) + np.ndim(y) != 2):
        raise TypeError("np.cov and np.corrcoef are supported for one real array, and for two of one dimension")
    rows = _rows(m, y, rowvar)
    return rows - np.mean(rows, axis=1, keepdims=True)


def _with_transpose(product: Any) -> Any:
    return product + np.transpose(product)


def _cov_bars(g: Any, c: Any, m: Any, y: Any = None, rowvar: bool = True, bias: bool = False, ddof: Any = None) -> Any:
    rows = _centred(m, y, rowvar)
    bar = 2 * g * rows if np.ndim(g) == 0 else _with_transpose(g) @ rows
    return _from_rows(bar / _freedom(rows, bias, ddof), m, y, rowvar)


def _cov_dot(
    m_dot: Any,
    y_dot: Any,
    c: Any,
    m: Any,
    y: Any = None,
    rowvar: bool = True,
    bias: bool = False,
    ddof: Any = None,
) -> Any:
    rows = _centred(m, y, rowvar)
    product = _dot_rows(m_dot, y_dot, m, y, rowvar) @ np.transpose(rows) / _freedom(rows, bias, ddof)
    return 2 * product[0, 0] if np.ndim(c) == 0 else _with_transpose(product)


def _freedom(rows: Any, bias: bool, ddof: Any) -> Any:
    """Return what sums of squares are divided by: the number of observations, less one for the mean."""
    less = int(not bias) if ddof is None else ddof
    return rows.shape[1] - less if less else rows.shape[1]


def _dot_rows(m_dot: Any, y_dot: Any, m: Any, y: Any, rowvar: bool) -> Any:
    if y is None:
        return _rows(m_dot, None, rowvar)
    return np.stack([np.zeros_like(m) if is_zero(m_dot) else m_dot, np.zeros_like(y) if is_zero(y_dot) else y_dot])


def _unit(rows: Any) -> tuple[Any, Any]:
    """Return rows divided by their norms, and the norms."""
    norms = np.sqrt(np.sum(rows * rows, axis=1, keepdims=True))
    return rows / norms, norms


def _across(unit: Any, vectors: Any) -> Any:
    """Return what vectors have at right angles to unit vectors."""
    return vectors - unit * np.sum(unit * vectors, axis=1, keepdims=True)


def _corrcoef_bars(g: Any, c: Any, x: Any, y: Any = None, rowvar: bool = True) -> Any:
    if np.ndim(g) == 0:
        return None
    unit, norms = _unit(_centred(x, y, rowvar))
    return _from_rows(_across(unit, _with_transpose(g) @ unit) / norms, x, y, rowvar)


def _corrcoef_dot(x_dot: Any, y_dot: Any, c: Any, x: Any, y: Any = None, rowvar: bool = True) -> Any:
    if np.ndim(c) == 0:
        return None
    unit, norms = _unit(_centred(x, y, rowvar))
    return _with_transpose(_across(unit, _dot_rows(x_dot, y_dot, x, y, rowvar)) / norms @ np.transpose(unit))


def _square(m: Any, y: Any = None, rowvar: bool = True, *, dtype: Any = None, **options: Any) -> Kind:
    """Return the kind of what has a row and a column for each variable; of a number, where there is one."""
    given = [m] if y is None else [m, y]
    shapes = [nested_dims(each) for each in given]
    count = total([1 if len(dims) < 2 else dims[0 if rowvar else 1] for dims in shapes])
    dtype = dtype or np.result_type(np.float64, *map(nested_dtype, given))
    return array_kind(dtype, () if count == 1 else (count, count))


vjp(np.cov, _cov_bars, kind=knowing(lambda m, y=None, rowvar=True, *rest, **options: _square(m, y, rowvar, **options)))
jvp(np.cov, _cov_dot, wrt=(0, 1))
vjp(np.corrcoef, _corrcoef_bars, kind=knowing(_square))
jvp(np.corrcoef, _corrcoef_dot, wrt=(0, 1))
