"""Helpers of the rules of reductions, sorting and selecting."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Union

import numpy as np

Axis = Union[int, tuple[int, ...], None]


def shares(y: Any, x: Any, axis: Axis = None) -> Any:
    """Return how much of the derivative of y, an extremum of x, belongs to each element: equal ones share it.

    Parameters
    ----------
    y : array or number
        The largest or smallest elements of x; the axes that are gone may be kept with length 1.
    x : array or number
        The elements.
    axis : int, tuple of int or None
        The axes that y is an extremum along.

    Examples
    --------
    >>> shares(3.0, np.array([3.0, 1.0, 3.0])).tolist()
    [0.5, 0.0, 0.5]
    """
    if axis is not None and np.ndim(y) < np.ndim(x):
        y = np.expand_dims(y, axis)
    chosen = (x == y) | (np.isnan(x) & np.isnan(y))
    weights = np.asarray(chosen, dtype=np.asarray(x).real.dtype)
    return weights / np.sum(weights, axis=axis, keepdims=True)[()]


def _rows(x: Any, axis: Axis) -> tuple[Any, Callable[[Any], Any]]:
    """Return x with `axis` as its last one (several of them joined), and the function that undoes that."""
    x = np.asarray(x)
    axes = tuple(range(x.ndim)) if axis is None else axis if isinstance(axis, tuple) else (axis,)
    last = tuple(range(-len(axes), 0))
    moved = np.moveaxis(x, axes, last) if x.ndim else x
    rest = moved.shape[: moved.ndim - len(axes)] if x.ndim else ()

    def restored(rows: Any) -> Any:
        result = rows.reshape(moved.shape)
        return np.moveaxis(result, last, axes) if x.ndim else result[()]

    return moved.reshape(*rest, int(np.prod(moved.shape[len(rest) :]))), restored


def products_of_others(x: Any, axis: Axis = None) -> Any:
    """Return, for each element, the product of all others along an axis, or several: also where some are 0.

    >>> products_of_others(np.array([2.0, 0.0, 4.0])).tolist()
    [0.0, 8.0, 0.0]
    """
    return products_before(x, axis) * products_before(x, axis, backwards=True)


def products_before(x: Any, axis: Axis = None, backwards: bool = False) -> Any:
    """Return, for each element, the product of those before it along an axis, or of those after it.

    >>> products_before(np.array([2.0, 3.0, 4.0])).tolist()
    [1.0, 2.0, 6.0]
    >>> products_before(np.array([2.0, 3.0, 4.0]), backwards=True).tolist()
    [12.0, 4.0, 1.0]
    """
    rows, restored = _rows(x, axis)
    step = -1 if backwards else 1
    result = np.ones_like(rows)
    result[..., 1:] = np.cumprod(rows[..., ::step], axis=-1)[..., :-1]
    return restored(result[..., ::step])


def linear_recurrence(a: Any, b: Any, axis: Axis = None, backwards: bool = False) -> Any:
    """Return the s with ``s[0] = 0`` and ``s[i + 1] = a[i] * s[i] + b[i]`` along an axis, or from its end.

    Runs of 1, 2, 4, ... steps are put together (D. E. Blelloch, Prefix Sums and Their Applications, 1990, section 1.4).

    >>> linear_recurrence(np.array([2.0, 3.0, 4.0]), np.array([1.0, 1.0, 1.0])).tolist()
    [0.0, 1.0, 4.0]
    """
    step = -1 if backwards else 1
    factors, _ = _rows(a, axis)
    terms, restored = _rows(b, axis)
    dtype = np.result_type(factors, terms)
    result, slope = np.zeros(terms.shape, dtype), np.zeros(terms.shape, dtype)
    result[..., 1:] = terms[..., ::step][..., :-1]
    slope[..., 1:] = factors[..., ::step][..., :-1]
    run = 1
    while run < result.shape[-1]:
        result[..., run:] += slope[..., run:] * result[..., :-run]
        slope[..., run:] = slope[..., run:] * slope[..., :-run]
        run *= 2
    return restored(result[..., ::step])


def trapezoid_weights(length: int) -> Any:
    """Return the weights of the trapezoidal rule: ones, with one half at both ends.

    >>> trapezoid_weights(4).tolist()
    [0.5, 1.0, 1.0, 0.5]
    """
    weights = np.ones(length)
    if length:
        weights[0] -= 0.5
        weights[-1] -= 0.5
    return weights


def transposed_gradient(g: Any, *spacing: Any, axis: int = 0, edge_order: Any = 1) -> Any:
    """Return the transpose of ``np.gradient(x, *spacing, axis=axis, edge_order=edge_order)``, applied to `g`.

    Each element of a gradient depends on no more than three neighbours, so the gradients of three combs
    (1 at every third point) contain all its coefficients.

    >>> transposed_gradient(np.array([1.0, 1.0, 1.0])).tolist()
    [-1.5, 0.0, 1.5]
    """
    rows = np.moveaxis(np.asarray(g), axis, 0)
    points = np.arange(len(rows))
    width = min(3, len(rows))
    combs = 1.0 * (points[:, None] % width == np.arange(width))
    coefficients = np.asarray(np.gradient(combs, *spacing, axis=0, edge_order=edge_order))
    first = np.clip(points - 1, 0, len(rows) - width)
    result = np.zeros_like(rows)
    for offset in range(width):
        neighbours = first + offset
        terms = (coefficients[points, neighbours % width] * rows.T).T
        np.add.at(result, neighbours, terms.astype(result.dtype, copy=False))
    return np.moveaxis(result, 0, axis)


def arrangement(x: Any, y: Any, axis: int | None = -1) -> Any:
    """Return the order in which y has the elements of x: ``y == np.take_along_axis(x, arrangement(x, y))``.

    >>> arrangement(np.array([4.0, 2.0, 3.0]), np.array([3.0, 4.0, 2.0])).tolist()
    [2, 0, 1]
    """
    places = np.argsort(np.argsort(y, axis=axis, kind="stable"), axis=axis)
    return np.take_along_axis(np.argsort(x, axis=axis, kind="stable"), places, axis=-1 if axis is None else axis)


def add_along_axis(x: Any, indices: Any, values: Any, axis: int | None = -1) -> Any:
    """Return x with `values` added where `np.take_along_axis` would take from, once each time that it would.

    >>> add_along_axis(np.zeros((2, 3)), np.array([[0, 0], [1, 2]]), np.ones((2, 2))).tolist()
    [[2.0, 0.0, 0.0], [0.0, 1.0, 1.0]]
    """
    result = np.array(x)
    if axis is None:
        np.add.at(result.reshape(-1), indices, values)
        return result
    indices = np.asarray(indices)
    grid: list[Any] = [np.arange(n).reshape(-1, *(1,) * (result.ndim - i - 1)) for i, n in enumerate(result.shape)]
    grid[axis] = indices
    np.add.at(result, tuple(grid), values)
    return result


def leaders(y: Any, axis: int = 0) -> Any:
    """Return where each element of a running extremum y stands: the place of the first that is equal to it.

    >>> leaders(np.array([2.0, 2.0, 3.0, 3.0])).tolist()
    [0, 0, 2, 2]
    """
    rows = np.moveaxis(y, axis, 0)
    places = np.arange(len(rows)).reshape(-1, *(1,) * (rows.ndim - 1)) * np.ones(rows.shape, dtype=int)
    places[1:][(rows[1:] == rows[:-1]) | np.isnan(rows[:-1])] = 0
    return np.moveaxis(np.maximum.accumulate(places), 0, axis)


def spread_sums(g: Any, indices: Any, length: int, axis: int = 0) -> Any:
    """Return what each of so many elements gets of the sums that it is in: the transpose of ``np.add.reduceat``.

    >>> spread_sums(np.array([1.0, 2.0]), [0, 2], 3).tolist()
    [1.0, 1.0, 2.0]
    """
    rows, places = np.moveaxis(g, axis, 0), np.asarray(indices)
    result = np.zeros((length, *rows.shape[1:]), rows.dtype)
    for start, stop, row in zip(places, [*places[1:], length], rows):
        result[start : max(stop, start + 1)] += row
    return np.moveaxis(result, 0, axis)
