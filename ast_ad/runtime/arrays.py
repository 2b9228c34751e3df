"""Helpers of the engine: what every rule would need."""

from __future__ import annotations

from typing import Any

import numpy as np

from ast_ad.runtime.lists import with_item, zeros_of


def unbroadcast(g: Any, like: Any) -> Any:
    """Sum `g` over the axes along which `like` was stretched by broadcasting.

    Parameters
    ----------
    g : array
        The adjoint of a result, of the result's shape, or of length 1 along axes on which it does not depend.
    like : array
        The operand, of a shape that broadcasts to that of the result.

    Returns
    -------
    array
        Of the operand's shape; `g` itself where nothing was stretched.

    Examples
    --------
    >>> unbroadcast(np.ones((2, 3)), np.zeros((2, 1))).tolist()
    [[3.0], [3.0]]
    >>> unbroadcast(np.ones((1, 3)), np.zeros((2, 3))).tolist()
    [[1.0, 1.0, 1.0], [1.0, 1.0, 1.0]]
    """
    return refitted(g, like)


def refitted(g: Any, like: Any) -> Any:
    """Sum `g` over the axes along which it is longer than `like`, and stretch it along those where it has length 1.

    The transpose of it is the same from `like` to `g`.

    >>> refitted(np.ones((1, 3)), np.zeros((2, 1))).tolist()
    [[3.0], [3.0]]
    """
    shape = np.shape(like)
    if g.shape == shape:
        return g
    extra = g.ndim - len(shape)
    if extra > 0:
        g = np.sum(g, axis=tuple(range(extra)))
    offset = len(shape) - g.ndim
    stretched = tuple([axis for axis, length in enumerate(g.shape) if shape[axis + offset] == 1 != length])
    if stretched:
        g = np.sum(g, axis=stretched, keepdims=True)
    return g if g.shape == shape else np.broadcast_to(g, shape).copy()


class Chain:
    """Several steps to a part of an array: ``x[Chain(i, j)]`` stands for ``x[i][j]``.

    All but the last lead to a view: indices without lists and arrays, and what `Turn` says.

    >>> set_at(np.zeros((2, 3)), Chain(1, slice(1, None), 0), 5.0).tolist()
    [[0.0, 0.0, 0.0], [0.0, 5.0, 0.0]]
    """

    def __init__(self, *steps: Any) -> None:
        self.steps = steps

    def __tree_parts__(self) -> tuple[type[Chain], tuple[Any, ...]]:
        return Chain, self.steps


class Turn:
    """A step of a chain that is no index: ``fn(x, *args)``, which always is a view, such as a transpose."""

    def __init__(self, fn: Any, *args: Any) -> None:
        self.fn = fn
        self.args = args

    def __tree_parts__(self) -> tuple[type[Turn], tuple[Any, ...]]:
        return Turn, (self.fn, *self.args)

    def __call__(self, x: Any) -> Any:
        """Return the view."""
        return self.fn(x, *self.args)


def _led(x: Any, index: Any) -> tuple[Any, Any]:
    """Return the view that the steps of a chain lead to, and its last index."""
    if not isinstance(index, Chain):
        return x, index
    *steps, last = index.steps
    for step in steps:
        x = step(x) if isinstance(step, Turn) else x[step]
    return (last(x), ...) if isinstance(last, Turn) else (x, last)


def item(x: Any, index: Any) -> Any:
    """Return ``x[index]``, where the index may be a chain.

    >>> item([[1, 2], [3, 4]], Chain(1, 0))
    3
    """
    part, last = _led(x, index)
    return part[last]


def add_at(x: Any, index: Any, value: Any) -> Any:
    """Return `x` with `value` added to the elements at `index`, once for every time that the index names them.

    Of a list of lists, a tuple names an item as it does of an array.

    In generated code it is ``x[index] += value``, or ``np.add.at(x, index, value)`` where an index may repeat.

    >>> add_at(np.zeros(3), [0, 2, 2], 1.0).tolist()
    [1.0, 0.0, 2.0]
    """
    if isinstance(x, list):
        return with_item(x, index, value, add=True)
    result = np.array(x)
    part, last = _led(result, index)
    if isinstance(part, np.flatiter):
        part[last] = part[last] + value
    else:
        np.add.at(part, last, value)
    return result


def set_at(x: Any, index: Any, value: Any) -> Any:
    """Return `x` with `value` at `index`.

    In generated code it is ``x[index] = value``.

    >>> set_at(np.zeros(3), 1, 5.0).tolist()
    [0.0, 5.0, 0.0]
    """
    if isinstance(x, list):
        return with_item(x, index, value, add=False)
    result = np.array(x)
    part, last = _led(result, index)
    part[last] = value
    return result


def with_imag(z: Any, part: Any) -> Any:
    """Return complex numbers with another imaginary part.

    >>> with_imag(np.array([1 + 2j]), 5.0).tolist()
    [(1+5j)]
    """
    result = np.array(z)
    result.imag = part
    return result


class Misplaced(ValueError):
    """What was assumed of how arrays lie in memory does not hold."""


def check_rows(*arrays: Any) -> None:
    """Raise an error if the elements of an array do not lie row by row in memory.

    Then `reshape` and `ravel` return copies of it, and what is written to them does not reach the array.

    Raises
    ------
    Misplaced
        Where they do not.

    Examples
    --------
    >>> check_rows(np.zeros((2, 3)))
    """
    for array in arrays:
        if not array.flags.c_contiguous:
            raise Misplaced(
                "the function writes to an array and reshapes it, and one of its arguments does not lie row by row in "
                "memory: pass `np.ascontiguousarray(x)`"
            )


def shuffled(source: Any, shape: Any, axis: int = 0) -> Any:
    """Return the order in which `source` (None: NumPy's own) leaves an array that it shuffles along an axis.

    >>> x = np.arange(12.0).reshape(3, 4)
    >>> order = shuffled(np.random.default_rng(3), x.shape, 1)
    >>> np.random.default_rng(3).shuffle(x, axis=1)
    >>> np.array_equal(x[0], np.arange(4.0)[order])
    True
    """
    lengths = [1] * len(shape)
    lengths[axis] = -1
    order = np.arange(shape[axis]).reshape(lengths)
    if axis:
        source.shuffle(order, axis=axis)
    else:
        (np.random if source is None else source).shuffle(order)
    return order.ravel()


def written_at(x: Any, index: Any) -> Any:
    """Return ``x[index]``, and zero where a later one of the indices names the same element.

    It tells which of the values in ``x[index] = values`` are still there afterwards: of two that are written to one
    element, the last.

    >>> written_at(np.array([1.0, 2.0]), [0, 1, 0]).tolist()
    [0.0, 2.0, 1.0]
    """
    part = x[index]
    numbers = np.arange(1, np.size(part) + 1).reshape(np.shape(part))
    last = np.zeros(np.shape(x), dtype=np.intp)
    last[index] = numbers
    return np.where(last[index] == numbers, part, np.zeros_like(part))


def or_zeros(g: Any, like: Any) -> Any:
    """Return `g`, or zeros where `like` has another shape; of a number, an array of that shape.

    In a reversed loop: an adjoint of another turn's shape is one that nothing has reached, and a number is the adjoint
    of each element.  Of lists, only the length counts.  `like` may be such a number itself where this is
    differentiated; then it has no shape to go by.

    >>> or_zeros(np.ones(2), np.ones(2)).tolist(), or_zeros(np.zeros(2), np.ones(3)).tolist()
    ([1.0, 1.0], [0.0, 0.0, 0.0])
    >>> or_zeros(0.5, np.ones(3)).tolist()
    [0.5, 0.5, 0.5]
    """
    if isinstance(like, list):
        return g if len(g) == len(like) else zeros_of(like)
    if np.ndim(like) == 0 or np.shape(g) == np.shape(like):
        return g
    if np.ndim(g) == 0:
        return np.full(np.shape(like), g, np.result_type(g, like))
    return np.zeros(np.shape(like), g.dtype)


def fitted(value: Any, like: Any) -> Any:
    """Return `value`, which is to take the place of the array `like`: of its shape, or it is an error.

    A number is not changed in place: it may be followed by anything.

    Raises
    ------
    ValueError
        Where the shapes differ, as NumPy does for ``like += ...``.

    Examples
    --------
    >>> fitted(np.ones(2), np.zeros(2)).tolist()
    [1.0, 1.0]
    """
    if np.shape(value) != np.shape(like) and isinstance(like, np.ndarray):
        raise ValueError(
            f"an array of shape {np.shape(like)} is changed in place, and the result has the shape {np.shape(value)}"
        )
    return value


def check_order(array: Any, axes: tuple[int, ...]) -> None:
    """Raise an error if the axes of an array do not lie in this order, without gaps; ``~axis`` lies backwards.

    Raises
    ------
    Misplaced
        Where they do not.

    Examples
    --------
    >>> check_order(np.zeros((2, 3)).T, (1, 0))
    """
    if not laid_out(array, axes).flags.c_contiguous:
        raise Misplaced("this derivative was made for an array that lies otherwise in memory")


def laid_out(array: Any, axes: tuple[int, ...]) -> Any:
    """Return a view of an array with its axes in this order; ``~axis`` stands for one that is turned around.

    >>> laid_out(np.arange(3)[::-1], (~0,)).tolist(), laid_out(np.zeros((2, 3)), (1, 0)).shape
    ([0, 1, 2], (3, 2))
    """
    turned = array[tuple([slice(None, None, -1 if ~axis in axes else 1) for axis in range(array.ndim)])]
    return turned.transpose([max(axis, ~axis) for axis in axes])


def check_same(array: Any, other: Any) -> None:
    """Raise an error if two arrays are not one.

    Raises
    ------
    Misplaced
        Where they are not.

    Examples
    --------
    >>> x = np.zeros(3)
    >>> check_same(x, x)
    """
    if array.ctypes.data != other.ctypes.data or array.strides != other.strides:
        raise Misplaced("this derivative was made for one array that is passed twice")


def check_apart(written: Any, *others: Any) -> None:
    """Raise an error if an array that is changed in place shares memory with another input.

    What the change of one does to the other was not known when the derivative was made.

    Raises
    ------
    Misplaced
        Where they share memory.

    Examples
    --------
    >>> check_apart(np.zeros(3), np.zeros(3))
    """
    for other in others:
        if np.may_share_memory(written, other) and np.shares_memory(written, other):
            raise Misplaced(
                "the function changes an array in place that shares memory with another of its inputs: pass a copy"
            )


def check_inexact(array: Any, where: str) -> None:
    """Raise an error if an array, which holds floats on other paths, holds integers.

    Raises
    ------
    TypeError
        If it does.
    """
    if np.asarray(array).dtype.kind in "biu":
        raise TypeError(
            "an array of floats is of integers where all that it is made of are integers, which cut off what is "
            f"written to them ({where}): start with floats (`0.0`), or make the array with `dtype=float`"
        )
