"""Functions of NumPy that make arrays by functions, or take them apart."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import numpy as np

from ast_ad.models.common import Options


def apply_along_axis(func1d: Callable[..., Any], axis: int, arr: Any, *args: Any, **kwargs: Any) -> Any:
    """As `np.apply_along_axis`."""
    moved = np.moveaxis(np.asarray(arr), axis, -1)
    lead = moved.shape[:-1]
    rows = moved.reshape(-1, moved.shape[-1])
    results = np.array([func1d(row, *args, **kwargs) for row in rows])
    if results.ndim == 1:
        return results.reshape(lead)
    if results.ndim == 2:
        return np.moveaxis(results.reshape(*lead, results.shape[-1]), -1, axis)
    first, count = axis % moved.ndim, results.ndim - 1
    made = results.reshape(*lead, *results.shape[1:])
    return np.moveaxis(made, tuple(range(-count, 0)), tuple(range(first, first + count)))


def block(arrays: Any) -> Any:
    """As `np.block` of a list, or of lists in a list."""
    if isinstance(arrays[0], list):
        rows = [np.concatenate([np.atleast_1d(each) for each in row], axis=-1) for row in arrays]
        return np.concatenate([np.atleast_2d(row) for row in rows], axis=-2)
    return np.concatenate([np.atleast_1d(each) for each in arrays], axis=-1)


def flat_concatenation(arrays: Any) -> Any:
    """As `np.concatenate` with ``axis=None``."""
    return np.concatenate([np.ravel(each) for each in arrays])


def made_arrays(lists: Any) -> Any:
    """Return an array for each list."""
    return [np.array(each) for each in lists]


def fromfunction(function: Any, shape: Any, **kwargs: Any) -> Any:
    """As `np.fromfunction`."""
    grid = np.indices(shape, dtype=float)
    return function(*[grid[i] for i in range(len(shape))], **kwargs)


def fromiter(iter: Iterable[Any], dtype: Any, count: int = -1) -> Any:
    """As `np.fromiter`: of all items, or of the first `count`, and no more are asked for."""
    if count == -1:
        return np.array([item for item in iter], dtype=dtype)  # noqa: C416  (a comprehension is what lowering knows)
    items = [item for _, item in zip(range(count), iter)]
    if len(items) < count:
        raise ValueError(f"iterator too short: Expected {count} but iterator had only {len(items)} items.")
    return np.array(items, dtype=dtype)


def piecewise(x: Any, condlist: Any, funclist: Any, *args: Any, **kw: Any) -> Any:
    """As `np.piecewise` of an array."""
    x = np.asarray(x)
    conditions = [np.asarray(each) for each in condlist] if _are_several(condlist) else [np.asarray(condlist)]
    if len(funclist) - len(conditions) not in (0, 1):
        raise ValueError(f"with {len(conditions)} condition(s), as many functions or one more are expected")
    result = np.zeros_like(x)
    if len(funclist) > len(conditions):
        rest = np.ones(np.shape(conditions[0]), dtype=bool)
        for condition in conditions:
            rest = rest & np.logical_not(condition)
        conditions = [*conditions, rest]
    for condition, piece in zip(conditions, funclist):
        result[condition] = piece(x[condition], *args, **kw) if callable(piece) else piece
    return result


def _are_several(condlist: Any) -> bool:
    """Tell whether `np.piecewise` takes this for several conditions; of a matrix, each row is one."""
    if isinstance(condlist, np.ndarray):
        return condlist.ndim > 1
    return isinstance(condlist[0], (list, np.ndarray))


def tolist(array: Any) -> Any:
    """As `ndarray.tolist`."""
    if array.ndim == 0:
        return array.item()
    if array.ndim == 1:
        return [item.item() for item in array]
    return [tolist(row) for row in array]


def resize(a: Any, new_shape: Any) -> Any:
    """As `np.resize`."""
    flat = np.ravel(a)
    count = int(np.prod(np.asarray(new_shape)))
    return np.reshape(flat[np.arange(count) % flat.size], new_shape)


def require(a: Any, dtype: Any = None, requirements: Any = None) -> Any:
    """As `np.require` of an array that is what is required."""
    return np.asarray(a) if dtype is None else np.asarray(a, dtype)


def take(a: Any, indices: Any, axis: Any = None, out: Any = None, mode: Any = "raise") -> Any:
    """As `np.take` with ``mode="wrap"`` or ``mode="clip"``."""
    a, places = np.asarray(a), np.asarray(indices)
    count = a.size if axis is None else a.shape[axis]
    return np.take(a, places % count if mode == "wrap" else np.clip(places, 0, count - 1), axis=axis)


def choose(a: Any, choices: Any, out: Any = None, mode: Any = "raise") -> Any:
    """As `np.choose` with ``mode="wrap"`` or ``mode="clip"``."""
    places, count = np.asarray(a), len(choices)
    return np.choose(places % count if mode == "wrap" else np.clip(places, 0, count - 1), choices)


def linspace(
    start: Any, stop: Any, num: Any = 50, endpoint: Any = True, retstep: Any = True, dtype: Any = None, axis: Any = 0
) -> Any:
    """As `np.linspace` with ``retstep=True``."""
    numbers = np.linspace(start, stop, num, endpoint=endpoint, dtype=dtype, axis=axis)
    return numbers, (stop - start) / (num - 1 if endpoint else num)


def logspace(
    start: Any, stop: Any, num: Any = 50, endpoint: Any = True, base: Any = 10.0, dtype: Any = None, axis: Any = 0
) -> Any:
    """As `np.logspace` with a base that is computed."""
    powers = np.power(base, np.linspace(start, stop, num, endpoint=endpoint, axis=axis))
    return powers if dtype is None else powers.astype(dtype)


def kaiser(M: Any, beta: Any) -> Any:
    """As `np.kaiser`."""
    if M == 1:
        return np.ones(1)
    middle = (M - 1) / 2.0
    places = np.sqrt(1 - ((np.arange(M) - middle) / middle) ** 2.0)
    return np.i0(beta * places) / np.i0(beta)


def trim_zeros(filt: Any, trim: Any = "fb") -> Any:
    """As `np.trim_zeros` of a vector."""
    first, last = 0, len(filt)
    if "f" in trim or "F" in trim:
        while first < last and filt[first] == 0:
            first += 1
    if "b" in trim or "B" in trim:
        while last > first and filt[last - 1] == 0:
            last -= 1
    return filt[first:last]


MODELS: dict[Callable[..., Any], Callable[..., Any]] = {
    np.apply_along_axis: apply_along_axis,
    np.fromfunction: fromfunction,
    np.fromiter: fromiter,
    np.kaiser: kaiser,
    np.piecewise: piecewise,
    np.require: require,
    np.resize: resize,
    np.trim_zeros: trim_zeros,
}

OPTIONS: Options = {
    np.linspace: ({"retstep": (False,)}, linspace),
    np.choose: ({"mode": ("raise",)}, choose),
    np.take: ({"mode": ("raise",)}, take),
}
