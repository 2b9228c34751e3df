"""Functions of NumPy that change an array in place, written in Python: lowering takes these for them.

Each has the parameters of the original.  What they leave to indexing and to the loop is what the derivative is made of.
"""

from __future__ import annotations

from typing import Any

import numpy as np


def repeated(values: Any, count: Any) -> Any:
    """Return as many values as are needed: from the beginning again, where there are fewer.

    >>> repeated(np.array([1.0, 2.0]), 3).tolist()
    [1.0, 2.0, 1.0]
    """
    flat = np.ravel(np.asarray(values))
    return flat[np.arange(count) % flat.size]


def put(a: Any, ind: Any, v: Any, mode: str = "raise") -> None:
    """`np.put`.

    >>> x = np.zeros((2, 2)); put(x, [0, 3], [1.0, 2.0]); x.tolist()
    [[1.0, 0.0], [0.0, 2.0]]
    """
    places, v = np.ravel(np.asarray(ind)), np.asarray(v)
    if mode == "wrap":
        places = places % a.size
    elif mode == "clip":
        places = np.clip(places, 0, a.size - 1)
    a.flat[places] = v if np.ndim(v) == 0 else repeated(v, places.size)


def place(arr: Any, mask: Any, vals: Any) -> None:
    """`np.place`.

    >>> x = np.arange(4.0); place(x, x > 0, [7.0, 8.0]); x.tolist()
    [0.0, 7.0, 8.0, 7.0]
    """
    vals, mask = np.asarray(vals), np.reshape(mask, arr.shape)
    arr[mask] = vals if np.ndim(vals) == 0 else repeated(vals, np.count_nonzero(mask))


def putmask(a: Any, mask: Any, values: Any) -> None:
    """`np.putmask`.

    >>> x = np.arange(4.0); putmask(x, x > 0, [7.0, 8.0]); x.tolist()
    [0.0, 8.0, 7.0, 8.0]
    """
    values = np.asarray(values)
    given = values if np.ndim(values) == 0 else np.reshape(repeated(values, a.size), a.shape)
    a[...] = np.where(np.reshape(mask, a.shape), given, a)


def fill_diagonal(a: Any, val: Any, wrap: bool = False) -> None:
    """`np.fill_diagonal`.

    >>> x = np.zeros((3, 2)); fill_diagonal(x, 1.0); x.tolist()
    [[1.0, 0.0], [0.0, 1.0], [0.0, 0.0]]
    """
    val = np.asarray(val)
    if a.ndim == 2:
        step = a.shape[1] + 1
        end = a.size if wrap else min(a.size, a.shape[1] * a.shape[1])
    else:
        step, end = 1, a.size
        for axis in range(1, a.ndim):
            step += a.shape[0] ** axis
    places = np.arange(0, end, step)
    a.flat[places] = val if np.ndim(val) == 0 else repeated(val, places.size)


def put_along_axis(arr: Any, indices: Any, values: Any, axis: Any = -1) -> None:
    """`np.put_along_axis`.

    >>> x = np.zeros((2, 2)); put_along_axis(x, np.array([[1], [0]]), 5.0, 1); x.tolist()
    [[0.0, 5.0], [5.0, 0.0]]
    """
    indices, values = np.asarray(indices), np.asarray(values)
    if axis is None:
        arr.flat[np.ravel(indices)] = values
    elif arr.ndim == 1:
        arr[indices] = values
    elif arr.ndim == 2 and axis % 2 == 0:
        arr[indices, np.arange(arr.shape[1])] = values
    elif arr.ndim == 2:
        arr[np.arange(arr.shape[0])[:, None], indices] = values
    else:
        moved = np.moveaxis(arr, axis, 0)
        rest = np.indices(moved.shape[1:])
        moved[(np.moveaxis(indices, axis, 0), *rest)] = np.moveaxis(np.broadcast_to(values, indices.shape), axis, 0)


def resized(a: Any, shape: Any) -> Any:
    """Return what `a` is after ``a.resize(shape)``: its elements in their order, and zeros after them.

    >>> resized(np.array([1.0, 2.0, 3.0]), (2, 2)).tolist()
    [[1.0, 2.0], [3.0, 0.0]]
    """
    new = np.zeros(shape, a.dtype)
    count = min(a.size, new.size)
    new.flat[:count] = np.ravel(a)[:count]
    return new


def set_flat(a: Any, values: Any) -> None:
    """``a.flat = values``: they are repeated if there are fewer than elements.

    >>> x = np.zeros((2, 2)); set_flat(x, [1.0, 2.0]); x.tolist()
    [[1.0, 2.0], [1.0, 2.0]]
    """
    values = np.asarray(values)
    a.flat[:] = values if np.ndim(values) == 0 else repeated(values, a.size)


def rearrange(items: Any, places: Any) -> None:
    """Put the items of a list into another order, which names their places.

    >>> x = [1.0, 2.0, 3.0]; rearrange(x, [2, 0, 1]); x
    [3.0, 1.0, 2.0]
    """
    items[:] = [items[i] for i in places]


def at(ufunc: Any, a: Any, indices: Any, b: Any) -> None:
    """`ufunc.at` of two operands, for the places in an array of integers: one after the other.

    >>> x = np.ones(2); at(np.multiply, x, np.array([0, 0]), np.array([2.0, 3.0])); x.tolist()
    [6.0, 1.0]
    """
    places, b = np.ravel(indices), np.asarray(b)
    if np.ndim(b) == 0:
        for k in range(places.size):
            a[places[k]] = ufunc(a[places[k]], b)
    else:
        values = np.reshape(np.broadcast_to(b, indices.shape + a.shape[1:]), (places.size, *a.shape[1:]))
        for k in range(places.size):
            a[places[k]] = ufunc(a[places[k]], values[k])


def at_pairs(ufunc: Any, a: Any, indices: Any, b: Any) -> None:
    """`ufunc.at` of two operands, for the places in arrays of integers, one for each axis.

    >>> x = np.ones((2, 2)); i = np.array([0, 0]); at_pairs(np.multiply, x, (i, i), np.array([2.0, 3.0])); x.tolist()
    [[6.0, 1.0], [1.0, 1.0]]
    """
    b = np.asarray(b)
    spots = [np.ravel(np.broadcast_to(each, indices[0].shape)) for each in indices]
    values = b if np.ndim(b) == 0 else np.ravel(np.broadcast_to(b, indices[0].shape))
    for k in range(spots[0].size):
        spot = tuple([each[k] for each in spots])
        a[spot] = ufunc(a[spot], b if np.ndim(b) == 0 else values[k])


def at_alone(ufunc: Any, a: Any, indices: Any) -> None:
    """`ufunc.at` of one operand.

    >>> x = np.ones(2); at_alone(np.negative, x, np.array([0, 0, 0])); x.tolist()
    [-1.0, 1.0]
    """
    places = np.ravel(indices)
    for k in range(places.size):
        a[places[k]] = ufunc(a[places[k]])


def written_where(ufunc: Any, out: Any, where: Any, *args: Any) -> Any:
    """As a ufunc with ``out=`` and ``where=``: it is computed where the mask says so, and nowhere else."""
    mask = np.broadcast_to(where, np.shape(out))
    out[mask] = ufunc(*[np.broadcast_to(arg, np.shape(out))[mask] for arg in args])
    return out


IN_PYTHON: dict[Any, Any] = {
    np.put: put,
    np.place: place,
    np.putmask: putmask,
    np.fill_diagonal: fill_diagonal,
    np.put_along_axis: put_along_axis,
}
"""What is lowered instead of a function of NumPy."""
