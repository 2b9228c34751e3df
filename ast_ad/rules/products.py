"""Derivatives of products of arrays.

All are linear in each of their arguments.  No bar is conjugated: a product is holomorphic, but for `vdot`, `vecdot` and
`vecmat`, which conjugate their first argument.
"""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any

import numpy as np

from ast_ad.ir.broadcasting import broadcast
from ast_ad.ir.kinds import Array, Kind, as_kind, dims_of
from ast_ad.rules.common import only
from ast_ad.rules.contractions import kinds_of, product_of, promoted, tensordot_bars
from ast_ad.rules.dims import array_kind, product
from ast_ad.rules.mathematics import present
from ast_ad.rules.registry import linear
from ast_ad.runtime import cross, in_space, unbroadcast

_fn: Callable[..., Any]


# What is known of results.


def _matmul_kind(x1: Any, x2: Any) -> Kind:
    kinds = kinds_of(x1, x2)
    x, y = kinds
    if not (isinstance(x, Array) and isinstance(y, Array)):
        raise TypeError("a product of matrices takes arrays of one dimension or more, not numbers")
    columns = y.dims[-1:] if y.ndim > 1 else ()
    return array_kind(promoted(x, y), (*broadcast(x.dims[:-2], y.dims[:-2]), *x.dims[-2:-1], *columns))


def _dot_kind(a: Any, b: Any) -> Kind:
    kinds = kinds_of(a, b)
    x, y = kinds
    if not (isinstance(x, Array) and isinstance(y, Array)):
        return array_kind(promoted(x, y), (*dims_of(x), *dims_of(y)))
    columns = y.dims[-1:] if y.ndim > 1 else ()
    return array_kind(promoted(x, y), (*x.dims[:-1], *y.dims[:-2], *columns))


def _inner_kind(a: Any, b: Any) -> Kind:
    kinds = kinds_of(a, b)
    x, y = kinds
    if not (isinstance(x, Array) and isinstance(y, Array)):
        return array_kind(promoted(x, y), (*dims_of(x), *dims_of(y)))
    return array_kind(promoted(x, y), (*x.dims[:-1], *y.dims[:-1]))


def _outer_kind(a: Any, b: Any) -> Kind:
    kinds = kinds_of(a, b)
    return array_kind(promoted(*kinds), [product(dims_of(kind)) for kind in kinds])


def _vdot_kind(a: Any, b: Any) -> Kind:
    return array_kind(promoted(*kinds_of(a, b)), ())


# Matrices, vectors, and stacks of them.


def transposed(x: Any) -> Any:
    """Transpose the matrices of a stack."""
    return x.T if np.ndim(x) == 2 else np.swapaxes(x, -1, -2)


def conjugated(x: Any) -> Any:
    """Conjugate; a real array is its own conjugate."""
    return x.conjugate() if np.iscomplexobj(x) else x


def left_bar(g: Any, ndim: int, y: Any) -> Any:
    """Return the bar of `x`, a vector or a matrix, in ``x @ y``."""
    if np.ndim(y) == 1:
        return g * y if ndim == 1 else np.outer(g, y)
    return y @ g if ndim == 1 else g @ y.T


def right_bar(g: Any, x: Any, ndim: int) -> Any:
    """Return the bar of `y`, a vector or a matrix, in ``x @ y``."""
    if np.ndim(x) == 1:
        return g * x if ndim == 1 else np.outer(x, g)
    return x.T @ g


def _stacked_left_bar(g: Any, x: Any, y: Any) -> Any:
    if np.ndim(y) == 1:
        return np.expand_dims(g, -1) * y
    if np.ndim(x) <= 2:
        return _summed_product(g, y, skipping=-2 if np.ndim(x) == 2 else None)
    return unbroadcast(g @ transposed(y), x)


def _stacked_right_bar(g: Any, x: Any, y: Any) -> Any:
    if np.ndim(x) == 1:
        return unbroadcast(np.expand_dims(x, -1) * np.expand_dims(g, -2), y)
    if np.ndim(y) <= 2:
        axes = tuple(range(np.ndim(x) - 1))
        return np.tensordot(x, g, (axes, axes))
    return unbroadcast(transposed(x) @ g, y)


def _summed_product(g: Any, y: Any, skipping: int | None) -> Any:
    """Sum products of `g` and `y` over the axes of the stack and the last: a stack of matrices met a single factor."""
    stack = np.ndim(y) - 2
    if skipping is None:
        return np.tensordot(y, g, ((*range(stack), stack + 1), tuple(range(stack + 1))))
    axes = (*range(stack), stack + 1)
    return np.tensordot(g, y, (axes, axes))


def _matmul(g: Any, z: Any, x1: Any, x2: Any) -> Any:
    if np.ndim(x1) <= 2 and np.ndim(x2) <= 2:
        return left_bar(g, np.ndim(x1), x2), right_bar(g, x1, np.ndim(x2))
    return _stacked_left_bar(g, x1, x2), _stacked_right_bar(g, x1, x2)


product_of(operator.matmul, _matmul, _matmul_kind)
product_of(np.matmul, _matmul, _matmul_kind)
for _fn in present(np.linalg, "matmul"):
    product_of(_fn, _matmul, _matmul_kind)


def _dot(g: Any, z: Any, a: Any, b: Any) -> Any:
    if np.ndim(a) == 0 or np.ndim(b) == 0:
        return unbroadcast(g * b, a), unbroadcast(g * a, b)
    if np.ndim(a) <= 2 and np.ndim(b) <= 2:
        return left_bar(g, np.ndim(a), b), right_bar(g, a, np.ndim(b))
    return tensordot_bars(g, z, a, b, (-1, -1 if np.ndim(b) == 1 else -2))


def _inner(g: Any, z: Any, a: Any, b: Any) -> Any:
    if np.ndim(a) == 0 or np.ndim(b) == 0:
        return unbroadcast(g * b, a), unbroadcast(g * a, b)
    if np.ndim(a) <= 2 and np.ndim(b) <= 2:
        return _inner_bar(g, a, b), _inner_bar(g if np.ndim(g) < 2 else g.T, b, a)
    return tensordot_bars(g, z, a, b, (-1, -1))


def _inner_bar(g: Any, a: Any, b: Any) -> Any:
    """Return the bar of `a` in ``a @ b.T``."""
    return left_bar(g, np.ndim(a), b) if np.ndim(b) == 1 else g @ b


product_of(np.dot, _dot, _dot_kind)
product_of(np.inner, _inner, _inner_kind)


# Products of all elements with all elements.


def _flat(x: Any) -> Any:
    return x if np.ndim(x) == 1 else np.ravel(x)


def _like(bar: Any, x: Any) -> Any:
    return bar if np.ndim(x) == 1 else np.reshape(bar, np.shape(x)) if np.ndim(x) else only(bar)


product_of(np.outer, lambda g, z, a, b: (_like(g @ _flat(b), a), _like(_flat(a) @ g, b)), _outer_kind)
for _fn in present(np.linalg, "outer"):
    product_of(_fn, lambda g, z, x1, x2: (g @ x2, x1 @ g), _outer_kind)


def _vdot(g: Any, z: Any, a: Any, b: Any) -> Any:
    if np.ndim(a) == np.ndim(b) <= 1:
        return conjugated(g * b), g * conjugated(a)
    return _like(conjugated(g * _flat(b)), a), _like(g * conjugated(_flat(a)), b)


product_of(np.vdot, _vdot, _vdot_kind)


def _interleaved(a_ndim: int, b_ndim: int) -> tuple[list[int], list[int]]:
    """Return where the axes of `a` and `b` stand, where those of ``np.kron(a, b)`` are split into their factors.

    >>> _interleaved(2, 2), _interleaved(1, 2)
    (([0, 2], [1, 3]), ([1], [0, 2]))
    """
    places: tuple[list[int], list[int]] = ([], [])
    for axis in range(max(a_ndim, b_ndim), 0, -1):
        for own, ndim in zip(places, (a_ndim, b_ndim)):
            if axis <= ndim:
                own.append(len(places[0]) + len(places[1]))
    return places


def _kron(g: Any, z: Any, a: Any, b: Any) -> Any:
    if np.ndim(a) == 0 or np.ndim(b) == 0:
        return unbroadcast(g * b, a), unbroadcast(g * a, b)
    of_a, of_b = _interleaved(np.ndim(a), np.ndim(b))
    shape: list[Any] = [None] * (len(of_a) + len(of_b))
    for x, places in ((a, of_a), (b, of_b)):
        for axis, place in enumerate(places):
            shape[place] = x.shape[axis]
    blocks = np.reshape(g, tuple(shape))
    return (
        np.tensordot(blocks, b, (tuple(of_b), tuple(range(np.ndim(b))))),
        np.tensordot(blocks, a, (tuple(of_a), tuple(range(np.ndim(a))))),
    )


def _kron_kind(a: Any, b: Any) -> Kind:
    kinds = kinds_of(a, b)
    x, y = map(dims_of, kinds)
    rank = max(len(x), len(y))
    pairs = zip((1,) * (rank - len(x)) + x, (1,) * (rank - len(y)) + y)
    return array_kind(promoted(*kinds), [product(pair) for pair in pairs])


product_of(np.kron, _kron, _kron_kind)


# Products of three-dimensional vectors, and of stacks of vectors.


def _last(x: Any, axis: int) -> Any:
    return x if axis in (-1, np.ndim(x) - 1) else np.moveaxis(x, axis, -1)


def _back(x: Any, axis: int) -> Any:
    return x if axis in (-1, np.ndim(x) - 1) else np.moveaxis(x, -1, axis)


def _cross(
    g: Any, z: Any, a: Any, b: Any, axisa: int = -1, axisb: int = -1, axisc: int = -1, axis: int | None = None
) -> Any:
    if axis is not None:
        axisa = axisb = axisc = axis
    x, y = _last(a, axisa), _last(b, axisb)
    if np.ndim(z) < max(np.ndim(x), np.ndim(y)):
        across = np.expand_dims(g, -1) if np.ndim(g) else g
        x_bar, y_bar = across * _turned(y), -across * _turned(x)
    else:
        g = _last(g, axisc)
        x_bar, y_bar = cross(y, _in_space(g, x)), cross(_in_space(g, y), x)
    return _back(unbroadcast(x_bar, x), axisa), _back(unbroadcast(y_bar, y), axisb)


def _in_space(g: Any, x: Any) -> Any:
    length = np.shape(x)[-1]
    return g if isinstance(length, int) and length == 3 else in_space(g, x)


def _turned(x: Any) -> Any:
    """Return vectors of length 2 turned by a right angle, clockwise."""
    return x[..., ::-1] * np.array([1, -1])


def _cross_kind(a: Any, b: Any, axisa: int = -1, axisb: int = -1, axisc: int = -1, axis: int | None = None) -> Kind:
    kinds = kinds_of(a, b)
    if axis is not None:
        axisa = axisb = axisc = axis
    stacks, lengths = [], []
    for kind, own in zip(kinds, (axisa, axisb)):
        dims = list(dims_of(kind))
        if not dims:
            raise TypeError("`np.cross` takes vectors")
        lengths.append(dims.pop(own))
        stacks.append(dims)
    result = list(broadcast(*stacks))
    if lengths == [2, 2]:
        return array_kind(promoted(*kinds), result)
    if any(isinstance(length, int) and length != 3 for length in lengths):
        raise TypeError("`np.cross` is supported for vectors of length 3, or of length 2 if that is known of both")
    result.insert(axisc % (len(result) + 1), 3)
    return array_kind(promoted(*kinds), result)


product_of(np.cross, _cross, _cross_kind)
product_of(cross, lambda g, z, a, b: (unbroadcast(cross(b, g), a), unbroadcast(cross(g, a), b)), _cross_kind)
for _fn in present(np.linalg, "cross"):
    product_of(
        _fn,
        lambda g, z, x1, x2, *, axis=-1: _cross(g, z, x1, x2, axis=axis),
        lambda x1, x2, *, axis=-1: _cross_kind(x1, x2, axis=axis),
    )


linear(
    in_space,
    lambda g, y, bar, x: (g, None),
    kind=lambda g, x: as_kind(g),
    smaller=True,
    cheap=True,
    views=True,
    shaped_by=(1,),
)

# NumPy 2's products of stacks of vectors and matrices.


def _vecdot(g: Any, z: Any, x1: Any, x2: Any, axis: int = -1) -> Any:
    g, x, y = np.expand_dims(g, -1) if np.ndim(g) else g, _last(x1, axis), _last(x2, axis)
    x_bar, y_bar = unbroadcast(conjugated(g * y), x), unbroadcast(g * conjugated(x), y)
    return _back(x_bar, axis), _back(y_bar, axis)


def _vecdot_kind(x1: Any, x2: Any, axis: int = -1) -> Kind:
    kinds = kinds_of(x1, x2)
    stacks = []
    for kind in kinds:
        dims = list(dims_of(kind))
        del dims[axis]
        stacks.append(dims)
    return array_kind(promoted(*kinds), broadcast(*stacks))


for _fn in (*present(np, "vecdot"), *present(np.linalg, "vecdot")):
    product_of(_fn, _vecdot, _vecdot_kind)


def _matvec(g: Any, z: Any, x1: Any, x2: Any) -> Any:
    if np.ndim(x1) == 2 and np.ndim(x2) == 1:
        return np.outer(g, x2), x1.T @ g
    x1_bar = np.expand_dims(g, -1) * np.expand_dims(x2, -2)
    return unbroadcast(x1_bar, x1), unbroadcast(np.matvec(transposed(x1), g), x2)


def _vecmat(g: Any, z: Any, x1: Any, x2: Any) -> Any:
    if np.ndim(x1) == 1 and np.ndim(x2) == 2:
        return conjugated(x2 @ g), np.outer(conjugated(x1), g)
    x2_bar = np.expand_dims(conjugated(x1), -1) * np.expand_dims(g, -2)
    return unbroadcast(conjugated(np.matvec(x2, g)), x1), unbroadcast(x2_bar, x2)


def _matvec_kind(x1: Any, x2: Any) -> Kind:
    kinds = kinds_of(x1, x2)
    x, y = map(dims_of, kinds)
    return array_kind(promoted(*kinds), (*broadcast(x[:-2], y[:-1]), x[-2]))


def _vecmat_kind(x1: Any, x2: Any) -> Kind:
    kinds = kinds_of(x1, x2)
    x, y = map(dims_of, kinds)
    return array_kind(promoted(*kinds), (*broadcast(x[:-1], y[:-2]), y[-1]))


for _fn in present(np, "matvec"):
    product_of(_fn, _matvec, _matvec_kind)
for _fn in present(np, "vecmat"):
    product_of(_fn, _vecmat, _vecmat_kind)
for _fn in present(np.linalg, "matrix_transpose"):
    linear(_fn, lambda g, y, x: transposed(g), cheap=True, views=True)
