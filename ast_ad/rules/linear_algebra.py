"""Derivatives of NumPy's linear algebra.

The formulas are those of M. Giles, "Collected matrix derivative results for forward and reverse mode algorithmic
differentiation" (2008), if nothing else is said. They are extended to stacks of matrices; and to complex ones, where
the conjugate of an adjoint is the gradient in which such formulas are written.  Where a matrix is singular, a
derivative that needs its inverse raises `LinAlgError`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from ast_ad.ir.broadcasting import broadcast
from ast_ad.ir.kinds import Kind, dims_of
from ast_ad.rules.common import aligned, as_array, is_zero, of_array, structured
from ast_ad.rules.contractions import kinds_of, precision, promoted
from ast_ad.rules.dims import array_kind, knowing
from ast_ad.rules.mathematics import present
from ast_ad.rules.products import conjugated, left_bar, right_bar, transposed
from ast_ad.rules.registry import bilinear, inactive, jvp, linear, vjp
from ast_ad.rules.trial import Result
from ast_ad.runtime import unbroadcast, with_diagonal

_fn: Callable[..., Any]


# What is known of results.


def inexact(*kinds: Any) -> np.dtype[Any]:
    """Return the dtype that linear algebra computes in; with integers, in double precision."""
    integers = any(np.dtype(kind.dtype).kind in "biu" for kind in kinds)
    return np.promote_types(promoted(*kinds), np.float64) if integers else promoted(*kinds)


def real_of(dtype: np.dtype[Any]) -> np.dtype[Any]:
    """Return the dtype of absolute values."""
    return np.finfo(dtype).dtype


def like_matrix(a: Any, **options: Any) -> Kind:
    """Return the kind of a result that is as large as the matrix."""
    kinds = kinds_of(a)
    return array_kind(inexact(*kinds), dims_of(kinds[0]))


# Matrices, and stacks of them.


def adjoint(x: Any) -> Any:
    """Transpose and conjugate."""
    return conjugated(transposed(x))


def row(x: Any) -> Any:
    """Return vectors in a shape to be repeated as the rows of matrices."""
    return x if np.ndim(x) <= 1 else np.expand_dims(x, -2)


def column(x: Any) -> Any:
    """Return vectors in a shape to be repeated as the columns of matrices."""
    return np.expand_dims(x, -1) if np.ndim(x) else x


def of_each(g: Any) -> Any:
    """Bring a number for each matrix of a stack into a shape to multiply the matrices with."""
    return np.expand_dims(g, (-2, -1)) if np.ndim(g) else g


# Inverses and systems of equations.

_VECTORS_OF_ANY_STACK = np.linalg.solve(np.ones((1, 1, 1)), np.ones((1, 1))).ndim == 2
"""Until NumPy 2, right-hand sides with one dimension fewer are vectors; since then, those with one dimension."""


def _are_vectors(a_ndim: int, b_ndim: int) -> bool:
    return b_ndim == (a_ndim - 1 if _VECTORS_OF_ANY_STACK else 1)


def _solve_kind(a: Any, b: Any) -> Kind:
    kinds = kinds_of(a, b)
    x, y = map(dims_of, kinds)
    if _are_vectors(len(x), len(y)):
        return array_kind(inexact(*kinds), (*broadcast(x[:-2], y[:-1]), *broadcast(x[-1:], y[-1:])))
    return array_kind(inexact(*kinds), (*broadcast(x[:-2], y[:-2]), *broadcast(x[-1:], y[-2:-1]), y[-1]))


def _solve(g: Any, y: Any, a: Any, b: Any) -> Any:
    a_bar, b_bar = _solve_bars(g, y, as_array(a), as_array(b))
    return structured(a_bar, a), structured(b_bar, b)


def _solve_bars(g: Any, y: Any, a: Any, b: Any) -> Any:
    if not _are_vectors(np.ndim(a), np.ndim(b)):
        b_bar = np.linalg.solve(transposed(a), g)
        return unbroadcast(-(b_bar @ transposed(y)), a), unbroadcast(b_bar, b)
    if np.ndim(a) == 2:
        b_bar = np.linalg.solve(a.T, g)
        return -np.outer(b_bar, y), b_bar
    b_bar = np.linalg.solve(transposed(a), column(g))
    return unbroadcast(-(b_bar * row(y)), a), unbroadcast(b_bar[..., 0], b)


def _solve_dot(a_dot: Any, b_dot: Any, y: Any, a: Any, b: Any) -> Any:
    a, b = as_array(a), as_array(b)
    stacked = np.ndim(a) > 2 and _are_vectors(np.ndim(a), np.ndim(b))
    known, product = 0.0, 0.0
    if not is_zero(b_dot):
        known = column(as_array(b_dot)) if stacked else as_array(b_dot)
    if not is_zero(a_dot):
        product = as_array(a_dot) @ (column(y) if stacked else y)
    y_dot = np.linalg.solve(a, known - product)
    return y_dot[..., 0] if stacked else y_dot


vjp(np.linalg.solve, _solve, kind=knowing(_solve_kind))
jvp(np.linalg.solve, _solve_dot)

of_array(
    np.linalg.inv,
    lambda g, y, a: -(transposed(y) @ g @ transposed(y)),
    lambda a_dot, y, a: -(y @ a_dot @ y),
    kind=like_matrix,
)


# Of the pseudoinverse: G. H. Golub and V. Pereyra, SIAM J. Numer. Anal. 10 (1973), equation 4.12, for a constant rank.


def _pinv(g: Any, y: Any, a: Any, rcond: Any = None, *, rtol: Any = None) -> Any:
    across = transposed(g) @ y @ adjoint(y)
    along = adjoint(y) @ y @ transposed(g)
    rest = across - a @ (y @ across) + along - (along @ y) @ a
    return conjugated(rest) - transposed(y) @ g @ transposed(y)


def _pinv_dot(a_dot: Any, y: Any, a: Any, rcond: Any = None, *, rtol: Any = None) -> Any:
    across = y @ adjoint(y) @ adjoint(a_dot)
    along = adjoint(a_dot) @ adjoint(y) @ y
    return across - (across @ a) @ y + along - y @ (a @ along) - y @ a_dot @ y


def _pinv_kind(a: Any, rcond: Any = None, *, rtol: Any = None) -> Kind:
    kinds = kinds_of(a)
    *stack, m, n = dims_of(kinds[0])
    return array_kind(inexact(*kinds), (*stack, n, m))


of_array(np.linalg.pinv, _pinv, _pinv_dot, kind=_pinv_kind)


# Traces, determinants and powers.


def _trace(g: Any, y: Any, a: Any, offset: Any = 0, axis1: int = 0, axis2: int = 1, dtype: Any = None) -> Any:
    ndim = np.ndim(a)
    axis1, axis2 = axis1 % ndim, axis2 % ndim
    first, second = min(axis1, axis2), max(axis1, axis2)
    places = [] if isinstance(offset, int) and offset == 0 else [offset if first == axis1 else -offset]
    diagonal = np.eye(a.shape[first], a.shape[second], *places, **precision(a))
    if ndim == 2:
        return g * diagonal
    others = tuple([axis for axis in range(ndim) if axis not in (first, second)])
    return aligned(g, a, (first, second)) * np.expand_dims(diagonal, others)


of_array(np.trace, _trace, smaller=True)
for _fn in present(np.linalg, "trace"):
    of_array(_fn, lambda g, y, x, *, offset=0, dtype=None: _trace(g, y, x, offset, -2, -1), smaller=True)
for _fn in present(np.linalg, "diagonal"):
    linear(
        _fn,
        lambda g, y, x, *, offset=0: with_diagonal(g, np.shape(x), offset, -2, -1),
        cheap=True,
        views=True,
    )


def _trace_of_each(x: Any) -> Any:
    return np.trace(x) if np.ndim(x) == 2 else np.trace(x, axis1=-2, axis2=-1)


def _det_kind(a: Any) -> Kind:
    kinds = kinds_of(a)
    return array_kind(inexact(*kinds), dims_of(kinds[0])[:-2])


def _slogdet_kind(a: Any) -> Result:
    kinds = kinds_of(a)
    dtype, dims = inexact(*kinds), dims_of(kinds[0])[:-2]
    return array_kind(dtype, dims), array_kind(real_of(dtype), dims)


def _slogdet(g: Any, y: Any, a: Any) -> Any:
    rate = g[1] + 1j * (g[0] * y[0]).imag if np.iscomplexobj(a) else g[1]
    return of_each(rate) * transposed(np.linalg.inv(a))


def _slogdet_dot(a_dot: Any, y: Any, a: Any) -> Any:
    rate = _trace_of_each(np.linalg.solve(a, a_dot))
    return (1j * y[0] * rate.imag, rate.real) if np.iscomplexobj(a) else (None, rate)


of_array(
    np.linalg.det,
    lambda g, y, a: of_each(g * y) * transposed(np.linalg.inv(a)),
    lambda a_dot, y, a: y * _trace_of_each(np.linalg.solve(a, a_dot)),
    kind=_det_kind,
    smaller=True,
)
of_array(np.linalg.slogdet, _slogdet, _slogdet_dot, kind=_slogdet_kind)


def _power_slope(a: Any, direction: Any, n: Any, y: Any) -> Any:
    """Return the derivative of ``matrix_power(a, n)`` in a direction: in a corner of a power of block matrices.

    See R. Mathias, "A chain rule for matrix functions and applications", SIAM J. Matrix Anal. Appl. 17 (1996).
    """
    if isinstance(n, int) and n in (-1, 0, 1, 2):
        if n == -1:
            return -(y @ direction @ y)
        return None if n == 0 else direction if n == 1 else direction @ a + a @ direction
    size = a.shape[-1]
    blocks = np.block([[a, direction], [np.zeros_like(a), a]])
    return np.linalg.matrix_power(blocks, n)[..., :size, size:]


def _matrix_power_kind(a: Any, n: Any) -> Kind:
    kinds = kinds_of(a)
    stays = isinstance(n, (int, np.integer)) and n >= 0
    return array_kind(kinds[0].dtype if stays else inexact(*kinds), dims_of(kinds[0]))


def _matrix_power(g: Any, y: Any, a: Any, n: Any) -> Any:
    return structured(_power_slope(transposed(as_array(a)), g, n, transposed(y)), a), None


def _matrix_power_dot(a_dot: Any, y: Any, a: Any, n: Any) -> Any:
    return _power_slope(as_array(a), as_array(a_dot), n, y)


vjp(np.linalg.matrix_power, _matrix_power, kind=knowing(_matrix_power_kind), views=True)
jvp(np.linalg.matrix_power, _matrix_power_dot, wrt=(0,))


def _product(arrays: Any) -> Any:
    return arrays[0] if len(arrays) == 1 else np.linalg.multi_dot(arrays) if arrays else None


def _multi_dot(g: Any, y: Any, arrays: Any) -> Any:
    bars = []
    for i, x in enumerate(arrays):
        before, after = _product(arrays[:i]), _product(arrays[i + 1 :])
        bar = g
        if before is not None:
            bar = right_bar(bar, before, np.ndim(x) if after is None else np.ndim(x) + np.ndim(after) - 2)
        bars.append(bar if after is None else left_bar(bar, np.ndim(x), after))
    return (bars,)


def _multi_dot_kind(arrays: Any) -> Kind:
    kinds = kinds_of(*arrays)
    if any(len(dims_of(kind)) > 2 for kind in kinds):
        raise TypeError("np.linalg.multi_dot is supported for arrays of one and two dimensions: use `@`")
    return array_kind(promoted(*kinds), (*dims_of(kinds[0])[:-1], *dims_of(kinds[-1])[1:]))


bilinear(np.linalg.multi_dot, _multi_dot, kind=knowing(_multi_dot_kind))


inactive(np.linalg.matrix_rank)
