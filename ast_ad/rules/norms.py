"""Derivatives of norms.

A norm has slope 0 at the origin, as `abs` has.  Equal elements, rows or columns that are the greatest share the slope.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from ast_ad.rules.common import aligned, given, of_array
from ast_ad.rules.linear_algebra import row
from ast_ad.rules.mathematics import present
from ast_ad.rules.products import conjugated
from ast_ad.runtime import ratio

_fn: Callable[..., Any]


def _sign(x: Any) -> Any:
    """Return the slopes of ``np.abs(x)``, which are 0 at 0."""
    return ratio(conjugated(x), np.abs(x)) if np.iscomplexobj(x) else np.sign(x)


def _among(found: Any, axis: Any, slopes: Any) -> Any:
    """Return the slopes of a maximum or minimum, which was found in these places: equal ones share."""
    return np.where(found, slopes, 0.0) / np.sum(found, axis=axis, keepdims=True)


def _vector_slopes(y: Any, x: Any, ord: Any, axis: Any) -> Any:
    """Return the slopes of a norm by the elements of `x`; in `y`, the axes that it went along have length 1."""
    if ord == 0:
        return None
    if ord == 1:
        return _sign(x)
    if abs(ord) == float("inf"):
        return _among(np.abs(x) == y, axis, _sign(x))
    return _sign(x) * ratio(np.abs(x), y) ** (ord - 1)


def _matrix_slopes(x: Any, ord: Any, axes: Any) -> Any:
    if ord in (1, -1, float("inf"), -float("inf")):
        summed, compared = axes if abs(ord) == 1 else axes[::-1]
        sums = np.sum(np.abs(x), axis=summed, keepdims=True)
        extreme = (np.max if ord > 0 else np.min)(sums, axis=compared, keepdims=True)
        return _among(sums == extreme, compared, _sign(x))
    columns = {"nuc": slice(None), 2: slice(None, 1), -2: slice(-1, None)}[ord]
    last = tuple(axis % np.ndim(x) for axis in axes) == (np.ndim(x) - 2, np.ndim(x) - 1)
    u, s, vh = np.linalg.svd(x if last else np.moveaxis(x, axes, (-2, -1)), full_matrices=False)
    slopes = conjugated((u * row(np.sign(s)))[..., columns] @ vh[..., columns, :])
    return slopes if last else np.moveaxis(slopes, (-2, -1), axes)


# By the axes: None for all, as one vector; a pair of them for matrices, and otherwise one or more for vectors.


def _slopes(y: Any, x: Any, ord: Any, axis: Any, keepdims: bool, matrix: bool) -> Any:
    return _matrix_slopes(x, ord, axis) if matrix else _vector_slopes(aligned(y, x, axis, keepdims), x, ord, axis)


def _bar(g: Any, y: Any, x: Any, ord: Any, axis: Any, keepdims: bool, matrix: bool) -> Any:
    if ord == 2 and not matrix:
        return ratio(aligned(g, x, axis, keepdims), aligned(y, x, axis, keepdims)) * conjugated(x)
    slopes = _slopes(y, x, ord, axis, keepdims, matrix)
    return None if slopes is None else aligned(g, x, axis, keepdims) * slopes


def _dot(x_dot: Any, y: Any, x: Any, ord: Any, axis: Any, keepdims: bool, matrix: bool) -> Any:
    options = given(axis, keepdims)
    if ord == 2 and not matrix:
        return ratio(_total(conjugated(x) * x_dot, options), y)
    slopes = _slopes(y, x, ord, axis, keepdims, matrix)
    return None if slopes is None else _total(slopes * x_dot, options)


def _total(terms: Any, options: dict[str, Any]) -> Any:
    return np.sum(terms.real if np.iscomplexobj(terms) else terms, **options)


def _arranged(x: Any, ord: Any, axis: Any, keepdims: bool) -> tuple[Any, Any, bool, bool]:
    """Return the options of `np.linalg.norm` with the axes made explicit, and whether they are of matrices."""
    if not isinstance(ord, (int, float, np.number, str, type(None))):
        raise TypeError("the order of a norm has to be a constant")
    if axis is None and ord is not None:
        axis = tuple(range(np.ndim(x)))
    if isinstance(axis, (tuple, list)):
        axis = tuple(axis) if len(axis) == 2 else axis[0]
    if ord is None or (isinstance(axis, tuple) and ord in ("fro", "f")):
        return 2, axis, keepdims, False
    return ord, axis, keepdims, isinstance(axis, tuple)


def _norm(g: Any, y: Any, x: Any, ord: Any = None, axis: Any = None, keepdims: bool = False) -> Any:
    return _bar(g, y, x, *_arranged(x, ord, axis, keepdims))


def _norm_dot(x_dot: Any, y: Any, x: Any, ord: Any = None, axis: Any = None, keepdims: bool = False) -> Any:
    return _dot(x_dot, y, x, *_arranged(x, ord, axis, keepdims))


of_array(np.linalg.norm, _norm, _norm_dot, smaller=True)
for _fn in present(np.linalg, "vector_norm"):
    of_array(
        _fn,
        lambda g, y, x, *, axis=None, keepdims=False, ord=2: _bar(g, y, x, ord, axis, keepdims, False),
        lambda x_dot, y, x, *, axis=None, keepdims=False, ord=2: _dot(x_dot, y, x, ord, axis, keepdims, False),
        smaller=True,
    )
for _fn in present(np.linalg, "matrix_norm"):
    of_array(
        _fn,
        lambda g, y, x, *, keepdims=False, ord="fro": _norm(g, y, x, ord, (-2, -1), keepdims),
        lambda x_dot, y, x, *, keepdims=False, ord="fro": _norm_dot(x_dot, y, x, ord, (-2, -1), keepdims),
        smaller=True,
    )
