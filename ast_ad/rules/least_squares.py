"""Derivatives of `np.linalg.lstsq`.

The solution is ``pinv(a) @ b``, and has the derivative of the pseudoinverse at a constant rank: G. H. Golub and
V. Pereyra, SIAM J. Numer. Anal. 10 (1973), equation 4.12.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ast_ad.ir.kinds import code, dims_of
from ast_ad.rules.common import as_array, is_zero, structured
from ast_ad.rules.contractions import kinds_of
from ast_ad.rules.dims import array_kind, knowing
from ast_ad.rules.linear_algebra import inexact
from ast_ad.rules.products import transposed
from ast_ad.rules.registry import always, jvp, vjp
from ast_ad.rules.trial import Result
from ast_ad.runtime import add_at


def _kind(a: Any, b: Any, rcond: Any = None) -> Result:
    kinds = kinds_of(a, b)
    dtype, (_, n), (_, *columns) = inexact(*kinds), dims_of(kinds[0]), dims_of(kinds[1])
    if any(code(kind) == "c" for kind in kinds):
        raise TypeError("`np.linalg.lstsq` of complex numbers is not supported: write `np.linalg.pinv(a) @ b`")
    solution, residuals = array_kind(dtype, (n, *columns)), array_kind(dtype, ("?",))
    return solution, residuals, array_kind(np.dtype(np.int32), ()), array_kind(dtype, ("?",))


def _inverse(a: Any, rcond: Any) -> Any:
    return np.linalg.pinv(a) if rcond is None or isinstance(rcond, str) else np.linalg.pinv(a, rcond)


def _as_columns(x: Any) -> Any:
    return np.expand_dims(x, 1) if np.ndim(x) == 1 else x


def _bars(g: Any, y: Any, a: Any, b: Any, rcond: Any = None) -> Any:
    a, b_columns = as_array(a), _as_columns(as_array(b))
    solution_bar, residuals_bar, _, sizes_bar = g
    a_bar = b_bar = None
    x = _as_columns(y[0])
    rest = b_columns - a @ x
    if not is_zero(solution_bar):
        inverse, x_bar = _inverse(a, rcond), _as_columns(solution_bar)
        b_bar = transposed(inverse) @ x_bar
        across = transposed(inverse) @ x
        a_bar = rest @ transposed(inverse @ b_bar) + across @ transposed(x_bar - inverse @ (a @ x_bar))
        a_bar = a_bar - b_bar @ transposed(x)
    if not is_zero(residuals_bar):
        # There are none where the rank is lower than the number of columns.
        each = add_at(np.zeros_like(rest[0]), slice(np.size(residuals_bar)), residuals_bar)
        rest_bar = 2 * rest * each
        b_bar = rest_bar if b_bar is None else b_bar + rest_bar
        a_bar = -rest_bar @ transposed(x) if a_bar is None else a_bar - rest_bar @ transposed(x)
    if not is_zero(sizes_bar):
        u, _, vh = np.linalg.svd(a, full_matrices=False)
        sizes_part = (u * sizes_bar) @ vh
        a_bar = sizes_part if a_bar is None else a_bar + sizes_part
    if b_bar is not None and np.ndim(as_array(b)) == 1:
        b_bar = b_bar[:, 0]
    return structured(a_bar, a) if a_bar is not None else None, b_bar


def _dots(a_dot: Any, b_dot: Any, y: Any, a: Any, b: Any, rcond: Any = None) -> Any:
    a, columns = as_array(a), _as_columns(as_array(b))
    x = _as_columns(y[0])
    rest, inverse = columns - a @ x, _inverse(a, rcond)
    change = np.zeros_like(columns) if is_zero(b_dot) else _as_columns(as_array(b_dot))
    sizes_dot = None
    if is_zero(a_dot):
        x_dot = inverse @ change
    else:
        a_dot = as_array(a_dot)
        u, _, vh = np.linalg.svd(a, full_matrices=False)
        sizes_dot = np.sum((transposed(u) @ a_dot) * vh, axis=1)
        change = change - a_dot @ x
        across = transposed(a_dot) @ (transposed(inverse) @ x)
        x_dot = inverse @ (change + transposed(inverse) @ (transposed(a_dot) @ rest)) + across - inverse @ (a @ across)
    residuals_dot = (2 * np.sum(rest * change, axis=0))[: np.size(y[1])]
    return x_dot[:, 0] if np.ndim(as_array(b)) == 1 else x_dot, residuals_dot, None, sizes_dot


vjp(np.linalg.lstsq, _bars, when=always, kind=knowing(_kind))
jvp(np.linalg.lstsq, _dots, when=always, wrt=(0, 1))
