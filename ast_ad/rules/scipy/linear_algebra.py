"""Derivatives of functions of `scipy.linalg` that are not made of NumPy's."""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy import linalg

from ast_ad.rules.common import is_zero, of_array
from ast_ad.rules.registry import always, jvp, vjp

# Triangular systems: `trans` says whether the matrix is taken as it is (0), transposed (1), or adjoint (2).

_TRANSPOSED = {0: 1, "N": 1, 1: 0, "T": 0}


def _solved(a: Any, b: Any, trans: Any, lower: bool, unit: bool) -> Any:
    """Solve a triangular system, without naming options that are defaults."""
    options = {**({"lower": True} if lower else {}), **({"unit_diagonal": True} if unit else {})}
    return linalg.solve_triangular(a, b, **({"trans": trans} if trans in (1, 2, "T", "C") else {}), **options)


def _of_real(a: Any, trans: Any) -> Any:
    """Return `trans` of a matrix: of a real one, the adjoint is the transpose."""
    if trans not in (2, "C"):
        return trans
    if np.iscomplexobj(a):
        raise TypeError("there is none for the adjoint of a complex matrix")
    return 1


def _triangle(x: Any, lower: bool, unit: bool) -> Any:
    if unit:
        return np.tril(x, -1) if lower else np.triu(x, 1)
    return np.tril(x) if lower else np.triu(x)


def _outer(u: Any, v: Any) -> Any:
    return np.outer(u, v) if np.ndim(u) == 1 else u @ np.transpose(v)


def _triangular_bars(
    g: Any,
    x: Any,
    a: Any,
    b: Any,
    trans: Any = 0,
    lower: bool = False,
    unit_diagonal: bool = False,
    overwrite_b: bool = False,
    check_finite: bool = True,
) -> Any:
    trans = _of_real(a, trans)
    b_bar = _solved(a, g, _TRANSPOSED[trans], lower, unit_diagonal)
    product = _outer(b_bar, x) if trans in (0, "N") else _outer(x, b_bar)
    return -_triangle(product, lower, unit_diagonal), b_bar


def _triangular_dot(
    a_dot: Any,
    b_dot: Any,
    x: Any,
    a: Any,
    b: Any,
    trans: Any = 0,
    lower: bool = False,
    unit_diagonal: bool = False,
    overwrite_b: bool = False,
    check_finite: bool = True,
) -> Any:
    trans = _of_real(a, trans)
    if is_zero(a_dot):
        return _solved(a, b_dot, trans, lower, unit_diagonal)
    moved = _triangle(a_dot, lower, unit_diagonal)
    moved = (moved if trans in (0, "N") else np.transpose(moved)) @ x
    return _solved(a, -moved if is_zero(b_dot) else b_dot - moved, trans, lower, unit_diagonal)


vjp(linalg.solve_triangular, _triangular_bars, when=always)
jvp(linalg.solve_triangular, _triangular_dot, when=always, wrt=(0, 1))

# The derivative of an exponential in a direction stands in a corner of the exponential of block matrices.


def _exponential_along(a: Any, direction: Any) -> Any:
    n = np.shape(a)[-1]
    blocks = np.concatenate(
        [np.concatenate([a, direction], axis=-1), np.concatenate([np.zeros_like(a), a], axis=-1)], axis=-2
    )
    return linalg.expm(blocks)[..., :n, n:]


of_array(
    linalg.expm,
    lambda g, y, a: _exponential_along(np.swapaxes(a, -1, -2), g),
    lambda dot, y, a: _exponential_along(a, dot),
)

# Sylvester's equation: a @ x + x @ b = q.


def _sylvester_bars(g: Any, x: Any, a: Any, b: Any, q: Any) -> Any:
    q_bar = linalg.solve_sylvester(np.transpose(a), np.transpose(b), g)
    return -(q_bar @ np.transpose(x)), -(np.transpose(x) @ q_bar), q_bar


def _sylvester_dot(a_dot: Any, b_dot: Any, q_dot: Any, x: Any, a: Any, b: Any, q: Any) -> Any:
    right = 0.0 if is_zero(q_dot) else q_dot
    right = right if is_zero(a_dot) else right - a_dot @ x
    right = right if is_zero(b_dot) else right - x @ b_dot
    return linalg.solve_sylvester(a, b, right)


vjp(linalg.solve_sylvester, _sylvester_bars, when=always)
jvp(linalg.solve_sylvester, _sylvester_dot, when=always)
