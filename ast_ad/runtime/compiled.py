"""The helpers of generated code, for Numba: it compiles them where it compiles a derivative that calls them.

`setup.cfg` names `register` as an extension of Numba, which calls it before it compiles anything; so this module is
never imported where there is no Numba. A helper that is not here is refused by Numba, which names it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numba import literal_unroll, types, vectorize
from numba.extending import overload

from ast_ad.runtime import arrays, lists, numbers, reductions
from ast_ad.runtime.arrays import Misplaced

Choice = Callable[..., Callable[..., Any] | None]
"""Returns what Numba compiles for arguments of such types; None if there is nothing."""


def register() -> None:
    """Tell Numba of the helpers.

    Examples
    --------
    >>> import numba
    >>> register()
    >>> numba.njit(lambda x, y: numbers.ratio(x, y))(3.0, 5.0)
    0.6
    """
    for helper in _AS_THEY_ARE:
        overload(helper, strict=False)(_always(helper))
    for helper, kernel in _KERNELS.items():
        overload(helper, strict=False)(_always(_elementwise(kernel)))
    for helper, choice in _BY_TYPES.items():
        overload(helper, strict=False)(choice)


_AS_THEY_ARE = (
    numbers.trip_count,
    lists.taken,
    lists.put_back,
    arrays.written_at,
)


def _always(function: Callable[..., Any]) -> Choice:
    return lambda *args, **kwargs: function


def _elementwise(kernel: Callable[..., Any]) -> Callable[..., Any]:
    """Return a function of numbers as one of numbers and arrays."""
    compiled = vectorize(kernel)
    return lambda *args: compiled(*args)


def _power_derivative(x: Any, n: Any, order: int) -> Any:
    factor = n
    for k in range(1, order):
        factor = factor * (n - k)
    return factor * x ** (1 if factor == 0 else n - order)


_power_derivatives = vectorize(_power_derivative)

_KERNELS: dict[Callable[..., Any], Callable[..., Any]] = {
    numbers.sign: lambda x: 1.0 if x > 0 else -1.0 if x < 0 else x,
    numbers.ratio: lambda x, y: x * y if y == 0 else x / y,
    numbers.safe_log: lambda x: x * 0.0 if x == 0 else np.log(x),
    numbers.portion: lambda x, z: 0.0 if z == -np.inf else np.exp(x - z),
    numbers.share: lambda z, x, y: (x == z) * (1.0 - 0.5 * (y == z)),
    numbers.chosen: lambda g, z, x, y: 0.5 * g if x == y else g if x == z else 0.0,
}
"""Helpers of numbers, and of arrays element by element, as functions of numbers."""


def _rank(type_: Any) -> int | None:
    """Return how many axes values of a type of Numba have, None if they are no arrays or numbers."""
    return 0 if isinstance(type_, (types.Number, types.Boolean)) else getattr(type_, "ndim", None)


def _unbroadcast(g: Any, like: Any) -> Callable[..., Any] | None:
    rank, wanted = _rank(g), _rank(like)
    if rank is None or wanted is None or rank < wanted:
        return None
    if wanted == 0:
        return lambda g, like: np.sum(g) if rank else g
    if rank > wanted:
        return lambda g, like: arrays.unbroadcast(np.sum(g, axis=0), like)
    return _fitted_vector if rank == 1 else _fitted_array


def _fitted_vector(g: Any, like: Any) -> Any:
    if len(g) == len(like):
        return np.ascontiguousarray(g)
    return np.full(len(like), np.sum(g))


def _fitted_array(g: Any, like: Any) -> Any:
    g = np.ascontiguousarray(g)
    for axis in range(g.ndim):
        if like.shape[axis] == 1 != g.shape[axis]:
            g = np.expand_dims(np.sum(g, axis), axis)
    return g if g.shape == like.shape else np.broadcast_to(g, like.shape).copy()


def _or_zeros(g: Any, like: Any) -> Callable[..., Any] | None:
    rank, wanted = _rank(g), _rank(like)
    if rank is None or wanted is None:
        return None
    if wanted == 0:
        return lambda g, like: g
    if rank == 0:
        return lambda g, like: np.full(like.shape, g)
    if rank == wanted:
        return lambda g, like: np.ascontiguousarray(g) if g.shape == like.shape else np.zeros(like.shape, g.dtype)
    return lambda g, like: np.zeros(like.shape, g.dtype)


def _fitted(value: Any, like: Any) -> Callable[..., Any] | None:
    if _rank(like) == 0:
        return lambda value, like: value
    return _of_one_shape if _rank(value) == _rank(like) else None


def _of_one_shape(value: Any, like: Any) -> Any:
    if value.shape != like.shape:
        raise ValueError("an array is changed in place, and the result has another shape")
    return value


def _shares(y: Any, x: Any) -> Any:
    """Numba's extrema are of all elements, as its products are."""
    extreme = (x == y) | (np.isnan(x) & np.isnan(y))
    return extreme / np.sum(extreme)


def _products_of_others(x: Any) -> Any:
    elements = x.ravel()
    result = np.ones_like(elements)
    before = after = result[0] if len(result) else 1.0
    for i in range(len(elements)):
        result[i] *= before
        before *= elements[i]
        result[-1 - i] *= after
        after *= elements[-1 - i]
    return result.reshape(x.shape)


def _check_rows(*arrays: Any) -> Callable[..., Any]:
    def check(*arrays: Any) -> None:
        for array in literal_unroll(arrays):
            if not array.flags.c_contiguous:
                raise Misplaced("an array that the function writes to and reshapes does not lie row by row")

    return check


def _zero_of(item: Any) -> Callable[..., Any] | None:
    if isinstance(item, types.Array):
        return lambda item: np.zeros_like(item)
    if isinstance(item, (types.List, types.ListType)):
        return lambda item: lists.zeros_of(item)
    if isinstance(item, types.Complex):
        return lambda item: 0j
    return lambda item: 0.0


def _add_lists(a: Any, b: Any) -> Callable[..., Any] | None:
    if isinstance(a.dtype, (types.List, types.ListType)):
        return lambda a, b: [lists.add_lists(x, y) for x, y in zip(a, b)]
    return lambda a, b: [x + y for x, y in zip(a, b)]


def _copied_lists(items: Any) -> Callable[..., Any] | None:
    if isinstance(items.dtype, (types.List, types.ListType)):
        return lambda items: [lists.copied_lists(item) for item in items]
    return lambda items: list(items)


def _sorting_order(items: Any, reverse: bool = False) -> Any:
    """The places of equal items stay in their order, as those that `sorted` gives do."""
    values = np.array(items)
    if reverse:
        return [len(items) - 1 - i for i in np.argsort(values[::-1], kind="mergesort")[::-1]]
    return list(np.argsort(values, kind="mergesort"))


def _range_item(start: int, stop: int, step: int, index: int) -> int:
    count = len(range(start, stop, step))
    if not -count <= index < count:
        raise IndexError("range object index out of range")
    return start + step * (index + count if index < 0 else index)


_BY_TYPES: dict[Callable[..., Any], Choice] = {
    numbers.power_derivative: _always(lambda x, n, order=1: _power_derivatives(x, n, order)),
    numbers.range_item: _always(_range_item),
    arrays.unbroadcast: _unbroadcast,
    arrays.or_zeros: _or_zeros,
    arrays.fitted: _fitted,
    reductions.shares: _always(_shares),
    reductions.products_of_others: _always(_products_of_others),
    arrays.check_rows: _check_rows,
    lists.zero_of: _zero_of,
    lists.zeros_of: _always(lambda items: [lists.zero_of(item) for item in items]),
    lists.add_lists: _add_lists,
    lists.copied_lists: _copied_lists,
    lists.sorting_order: _always(_sorting_order),
}
"""Helpers that are other functions for arguments of other types."""
