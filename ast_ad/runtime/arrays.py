"""Helpers of the engine: what every rule would need."""

from __future__ import annotations

from typing import Any

import numpy as np


def unbroadcast(g: Any, like: Any) -> Any:
    """Sum `g` over the axes along which `like` was stretched by broadcasting.

    Parameters
    ----------
    g : array
        The adjoint of a result, of the result's shape.
    like : array
        The operand, of a shape that broadcasts to that of `g`.

    Returns
    -------
    array
        Of the operand's shape; `g` itself where nothing was stretched.

    Examples
    --------
    >>> unbroadcast(np.ones((2, 3)), np.zeros((2, 1))).tolist()
    [[3.0], [3.0]]
    """
    shape = np.shape(like)
    if g.shape == shape:
        return g
    extra = g.ndim - len(shape)
    if extra > 0:
        g = np.sum(g, axis=tuple(range(extra)))
    stretched = tuple([axis for axis, (length, own) in enumerate(zip(g.shape, shape)) if own == 1 != length])
    return np.sum(g, axis=stretched, keepdims=True) if stretched else g


def add_at(x: Any, index: Any, value: Any) -> Any:
    """Return `x` with `value` added to the elements at `index`, once for every time that the index names them.

    In generated code it is ``x[index] += value``, or ``np.add.at(x, index, value)`` where an index may repeat.

    >>> add_at(np.zeros(3), [0, 2, 2], 1.0).tolist()
    [1.0, 0.0, 2.0]
    """
    result = np.array(x)
    np.add.at(result, index, value)
    return result


def set_at(x: Any, index: Any, value: Any) -> Any:
    """Return `x` with `value` at `index`.

    In generated code it is ``x[index] = value``.

    >>> set_at(np.zeros(3), 1, 5.0).tolist()
    [0.0, 5.0, 0.0]
    """
    result = np.array(x)
    result[index] = value
    return result


def written_at(x: Any, index: Any) -> Any:
    """Return ``x[index]``, and zero where a later one of the indices names the same element.

    It tells which of the values in ``x[index] = values`` are still there afterwards: of two that are written to one
    element, the last.

    >>> written_at(np.array([1.0, 2.0]), [0, 1, 0]).tolist()
    [0.0, 2.0, 1.0]
    """
    part = x[index]
    numbers = np.arange(1, np.size(part) + 1).reshape(np.shape(part))
    last = np.zeros(np.shape(x), dtype=int)
    last[index] = numbers
    return np.where(last[index] == numbers, part, np.zeros_like(part))


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


def check_apart(written: Any, *others: Any) -> None:
    """Raise an error if an array that is changed in place shares memory with another input.

    What the change of one does to the other was not known when the derivative was made.

    Raises
    ------
    ValueError
        Where they share memory.

    Examples
    --------
    >>> check_apart(np.zeros(3), np.zeros(3))
    """
    for other in others:
        if np.may_share_memory(written, other) and np.shares_memory(written, other):
            raise ValueError(
                "the function changes an array in place that shares memory with another of its inputs: pass a copy"
            )
