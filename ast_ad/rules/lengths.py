"""Integers that are lengths: what is known of ``n = len(x)``, and of ``n - 1``, where an array is made or cut with it.

With it, ``np.arange(n) * x`` and ``x[1:] - x[:n - 1]`` are known to stretch nothing.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from ast_ad.ir.kinds import Array, Dim, Kind, Length, Shape
from ast_ad.rules.dims import product

_MAKERS: tuple[Any, ...] = (np.zeros, np.ones, np.empty, np.full, np.eye, np.identity, np.tri, np.arange, np.linspace)

SIZED: frozenset[Any] = frozenset({*_MAKERS, np.reshape, np.broadcast_to, operator.getitem})
"""Functions whose rules look at lengths; to all others these are integers."""


def length_of(
    fn: Callable[..., Any], kinds: Sequence[Kind], literals: Sequence[tuple[Any, ...] | None]
) -> Length | None:
    """Return the length that a call returns, if it is known to return one.

    >>> from ast_ad.ir.kinds import INT
    >>> length_of(len, [Array("float64", ("n1", 3))], [None])
    Length(dtype='int', numpy=False, dim='n1', more=0)
    >>> length_of(operator.sub, [Length("int", dim="n1"), INT], [None, (2,)])
    Length(dtype='int', numpy=False, dim='n1', more=-2)
    """
    first = kinds[0] if kinds else None
    if fn is len and isinstance(first, (Array, Shape)):
        return _length(first.dims[0]) if isinstance(first, Array) and first.dims else None
    if fn is np.size and len(kinds) == 1 and isinstance(first, Array):
        return _length(product(first.dims))
    if fn is operator.getitem and isinstance(first, Shape) and literals[1] is not None:
        (index,) = literals[1]
        return _length(first.dims[index]) if isinstance(index, int) and -len(first.dims) <= index else None
    if fn in (operator.add, operator.sub):
        return _moved(kinds, literals, 1 if fn is operator.add else -1)
    return None


def _length(dim: Dim) -> Length | None:
    return Length("int", dim=dim) if isinstance(dim, str) and dim not in ("?", "*") else None


def _moved(kinds: Sequence[Kind], literals: Sequence[tuple[Any, ...] | None], sign: int) -> Length | None:
    """Return the sum of a length and a constant, or their difference."""
    sides = [(kinds[0], literals[1], sign), *([(kinds[1], literals[0], 1)] if sign == 1 else [])]
    for length, literal, factor in sides:
        if isinstance(length, Length) and literal is not None and type(literal[0]) is int:
            return Length("int", dim=length.dim, more=length.more + factor * literal[0])
    return None
