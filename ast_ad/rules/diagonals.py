"""Derivatives of functions that take, make or cut along the diagonals of matrices."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import numpy as np

from ast_ad.ir.kinds import Dim, Kind
from ast_ad.rules.common import of_array, shaped
from ast_ad.rules.dims import array_kind, is_kind, lengths, nested_dims, nested_dtype, product, total
from ast_ad.runtime import with_diagonal

_view = functools.partial(of_array, cheap=True, views=True)

# Diagonals and triangles.


def _diagonal_length(rows: Dim, columns: Dim, offset: Any) -> Dim:
    if is_kind(offset):
        return "?"
    if isinstance(rows, int) and isinstance(columns, int):
        return int(max(0, min(rows + min(offset, 0), columns - max(offset, 0))))
    return rows if rows == columns and offset == 0 else "?"


def _diagonal_kind(a: Any, offset: Any = 0, axis1: int = 0, axis2: int = 1) -> Kind:
    dims = nested_dims(a)
    rest = [dim for axis, dim in enumerate(dims) if axis not in (axis1 % len(dims), axis2 % len(dims))]
    return array_kind(nested_dtype(a), (*rest, _diagonal_length(dims[axis1], dims[axis2], offset)))


def _diagflat_kind(v: Any, k: Any = 0) -> Kind:
    size = "?" if is_kind(k) else total((product(nested_dims(v)), abs(k)))
    return array_kind(nested_dtype(v), (size, size))


def _diag_kind(v: Any, k: Any = 0) -> Kind:
    return _diagflat_kind(v, k) if len(nested_dims(v)) == 1 else _diagonal_kind(v, k)


def _shifted(fn: Callable[..., Any], x: Any, *args: Any) -> Any:
    """Call a function without an offset that is 0."""
    return fn(x, *args[:-1]) if isinstance(args[-1], int) and args[-1] == 0 else fn(x, *args)


def _diag_bar(g: Any, v: Any, k: Any) -> Any:
    return _shifted(np.diag, g, k) if np.ndim(v) == 1 else _shifted(with_diagonal, g, np.shape(v), k)


def _diagonal_bar(g: Any, a: Any, offset: Any, axis1: int, axis2: int) -> Any:
    if (axis1, axis2) == (0, 1):
        return _shifted(with_diagonal, g, np.shape(a), offset)
    return with_diagonal(g, np.shape(a), offset, axis1, axis2)


_view(np.diag, lambda g, y, v, k=0: _diag_bar(g, v, k), kind=_diag_kind)
_view(
    np.diagonal,
    lambda g, y, a, offset=0, axis1=0, axis2=1: _diagonal_bar(g, a, offset, axis1, axis2),
    kind=_diagonal_kind,
)
of_array(np.diagflat, lambda g, y, v, k=0: shaped(_shifted(np.diag, g, k), v), kind=_diagflat_kind)
of_array(
    with_diagonal,
    lambda g, y, x, shape, offset=0, axis1=0, axis2=1: np.diagonal(g, offset, axis1, axis2),
    kind=lambda x, shape, offset=0, axis1=0, axis2=1: array_kind(x.dtype, lengths(shape)),
)


def _triangle_kind(m: Any, k: Any = 0) -> Kind:
    dims = nested_dims(m)
    return array_kind(nested_dtype(m), dims if len(dims) > 1 else dims * 2)


def _declare_triangle(fn: Callable[..., Any]) -> None:
    def bar(g: Any, y: Any, m: Any, k: Any = 0) -> Any:
        """A row becomes a matrix first, each row of which is that one."""
        return _shifted(fn, g, k) if np.ndim(m) > 1 else np.sum(_shifted(fn, g, k), axis=0)

    of_array(fn, bar, kind=_triangle_kind)


_declare_triangle(np.tril)
_declare_triangle(np.triu)
