"""Functions of NumPy and `math` that are lowered as what they come to, written in Python.

They take functions, or sequences, or return several values, so that no rule could say it in one expression.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

# Sequences of numbers.


def fsum(seq: Any) -> Any:
    """As `math.fsum`, but for the last digit."""
    total = 0.0
    for each in seq:
        total = total + each
    return float(total)


def prod(iterable: Any, *, start: Any = 1) -> Any:
    """As `math.prod`."""
    result = start
    for each in iterable:
        result = result * each
    return result


def dist(p: Any, q: Any) -> Any:
    """As `math.dist`."""
    return float(np.linalg.norm(np.asarray(p) - np.asarray(q)))


def sumprod(p: Any, q: Any) -> Any:
    """As `math.sumprod`."""
    total = 0
    for a, b in zip(p, q):
        total = total + a * b
    return total


def largest(items: Any, key: Any) -> Any:
    """As ``max(items, key=key)``, of an array or a list that is not empty."""
    best = items[0]
    best_key = key(best)
    for each in items[1:]:
        its_key = key(each)
        if its_key > best_key:
            best = each
            best_key = its_key
    return best


def smallest(items: Any, key: Any) -> Any:
    """As ``min(items, key=key)``, of an array or a list that is not empty."""
    best = items[0]
    best_key = key(best)
    for each in items[1:]:
        its_key = key(each)
        if its_key < best_key:
            best = each
            best_key = its_key
    return best


def largest_or(items: Any, key: Any, default: Any) -> Any:
    """As ``max(items, key=key, default=default)``."""
    return largest(items, key) if len(items) else default


def smallest_or(items: Any, key: Any, default: Any) -> Any:
    """As ``min(items, key=key, default=default)``."""
    return smallest(items, key) if len(items) else default


def itself(value: Any) -> Any:
    """The key of what is its own key."""
    return value


def mean(data: Any) -> Any:
    """As `statistics.mean` and `fmean` of floats."""
    return fsum(data) / len(data)


def pvariance(data: Any) -> Any:
    """As `statistics.pvariance` of floats."""
    return _squares(data) / len(data)


def variance(data: Any) -> Any:
    """As `statistics.variance` of floats."""
    return _squares(data) / (len(data) - 1)


def pstdev(data: Any) -> Any:
    """As `statistics.pstdev` of floats."""
    return math.sqrt(pvariance(data))


def stdev(data: Any) -> Any:
    """As `statistics.stdev` of floats."""
    return math.sqrt(variance(data))


def _squares(data: Any) -> Any:
    middle = mean(data)
    total = 0.0
    for each in data:
        total = total + (each - middle) ** 2
    return total


# Copies.


def copied(x: Any) -> Any:
    """As `copy.copy`, of numbers, texts, arrays, lists and dicts."""
    if isinstance(x, np.ndarray):
        return x.copy()
    if isinstance(x, list):
        return list(x)
    if isinstance(x, dict):
        return dict(x)
    if isinstance(x, (bool, int, float, complex, str, tuple, np.generic)):
        return x
    raise TypeError("only numbers, texts, arrays, tuples, lists and dicts are copied in a differentiated function")


def deeply_copied(x: Any) -> Any:
    """As `copy.deepcopy`, of containers with these."""
    if isinstance(x, tuple):
        return tuple([deeply_copied(each) for each in x])
    if isinstance(x, list):
        return [deeply_copied(each) for each in x]
    if isinstance(x, dict):
        return {key: deeply_copied(each) for key, each in x.items()}
    return copied(x)


# A number in two parts.


def modf(x: Any) -> Any:
    """As `math.modf`."""
    whole = float(math.trunc(x))
    return x - whole, whole


# Arrays by functions.


def piecewise(x: Any, condlist: Any, funclist: Any, *args: Any, **kw: Any) -> Any:
    """As `np.piecewise` of an array."""
    conditions = [condlist] if isinstance(condlist, np.ndarray) else condlist
    result = np.zeros_like(x)
    if len(funclist) > len(conditions):
        rest = np.ones(np.shape(x), dtype=bool)
        for condition in conditions:
            rest = rest & np.logical_not(condition)
        conditions = [*conditions, rest]
    for condition, piece in zip(conditions, funclist):
        result[condition] = piece(x[condition], *args, **kw) if callable(piece) else piece
    return result


def fromfunction(function: Any, shape: Any, **kwargs: Any) -> Any:
    """As `np.fromfunction`."""
    grid = np.indices(shape, dtype=float)
    return function(*[grid[i] for i in range(len(shape))], **kwargs)


def outer(ufunc: Any, a: Any, b: Any) -> Any:
    """As ``ufunc.outer(a, b)``."""
    first, second = np.asarray(a), np.asarray(b)
    return ufunc(np.expand_dims(first, tuple(range(first.ndim, first.ndim + second.ndim))), second)


# Reductions of a part of an array, or with something beside it.


def sum_of_part(a: Any, axis: Any = None, *, keepdims: Any = False, initial: Any = 0, where: Any = True) -> Any:
    """As `np.sum` with ``where=`` or ``initial=``."""
    return np.sum(np.where(where, a, 0.0), axis=axis, keepdims=keepdims) + initial


def prod_of_part(a: Any, axis: Any = None, *, keepdims: Any = False, initial: Any = 1, where: Any = True) -> Any:
    """As `np.prod` with ``where=`` or ``initial=``."""
    return np.prod(np.where(where, a, 1.0), axis=axis, keepdims=keepdims) * initial


def mean_of_part(a: Any, axis: Any = None, *, keepdims: Any = False, where: Any = True) -> Any:
    """As `np.mean` with ``where=``."""
    count = np.sum(np.broadcast_to(where, np.shape(a)), axis=axis, keepdims=keepdims)
    return np.sum(np.where(where, a, 0.0), axis=axis, keepdims=keepdims) / count


def max_of_part(a: Any, axis: Any = None, *, keepdims: Any = False, initial: Any, where: Any = True) -> Any:
    """As `np.max` with ``initial=``."""
    return np.maximum(np.max(np.where(where, a, initial), axis=axis, keepdims=keepdims), initial)


def min_of_part(a: Any, axis: Any = None, *, keepdims: Any = False, initial: Any, where: Any = True) -> Any:
    """As `np.min` with ``initial=``."""
    return np.minimum(np.min(np.where(where, a, initial), axis=axis, keepdims=keepdims), initial)


def written_where(ufunc: Any, out: Any, where: Any, *args: Any) -> Any:
    """As a ufunc with ``out=`` and ``where=``: it is computed where the mask says so, and nowhere else."""
    mask = np.broadcast_to(where, np.shape(out))
    out[mask] = ufunc(*[np.broadcast_to(arg, np.shape(out))[mask] for arg in args])
    return out


# Polynomials, by their coefficients; matrices.


def polyadd(a1: Any, a2: Any) -> Any:
    """As `np.polyadd`."""
    first, second = np.atleast_1d(a1), np.atleast_1d(a2)
    missing = len(second) - len(first)
    if missing > 0:
        first = np.concatenate([np.zeros(missing), first])
    elif missing < 0:
        second = np.concatenate([np.zeros(-missing), second])
    return first + second


def polysub(a1: Any, a2: Any) -> Any:
    """As `np.polysub`."""
    return polyadd(a1, np.negative(a2))


def polymul(a1: Any, a2: Any) -> Any:
    """As `np.polymul`, of polynomials whose first coefficients are not 0: NumPy leaves out those that are."""
    if a1[0] == 0 or a2[0] == 0:
        raise ValueError("a polynomial that starts with a coefficient of 0 is not supported: leave it out")
    return np.convolve(a1, a2)


def polyint(p: Any) -> Any:
    """As `np.polyint` without options."""
    coefficients = np.asarray(p)
    return np.concatenate([coefficients / np.arange(len(coefficients), 0, -1), np.zeros(1)])


def cond(x: Any, p: Any = None) -> Any:
    """As `np.linalg.cond` of a matrix that has an inverse."""
    if p is None or p == 2:
        s = np.linalg.svd(x, compute_uv=False)
        return s[..., 0] / s[..., -1]
    return np.linalg.norm(x, p) * np.linalg.norm(np.linalg.inv(x), p)


def cumulative_sum(x: Any, *, axis: Any = None) -> Any:
    """As `np.cumulative_sum`."""
    return np.cumsum(x, axis)


def cumulative_prod(x: Any, *, axis: Any = None) -> Any:
    """As `np.cumulative_prod`."""
    return np.cumprod(x, axis)
