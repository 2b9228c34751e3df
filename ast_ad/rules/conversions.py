"""Derivatives of functions that make arrays of arrays, numbers and lists of them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from ast_ad.ir import primitives
from ast_ad.ir.kinds import Kind
from ast_ad.rules.common import items_of, of_array, rank_of
from ast_ad.rules.dims import array_kind, dtype_or, knowing, nested_dims, nested_dtype
from ast_ad.rules.mathematics import present
from ast_ad.rules.registry import linear

_fn: Callable[..., Any]

# Arrays from arrays, numbers, and lists of them.


def _array_kind(
    object: Any, dtype: Any = None, *, copy: Any = True, order: Any = "K", subok: bool = False, ndmin: int = 0
) -> Kind:
    if copy is not True and copy != 1:
        raise TypeError("whether the result shares memory is not known: write `np.asarray(...)`, or leave `copy` out")
    return _made_kind(object, dtype, ndmin=ndmin)


def _made_kind(a: Any, dtype: Any = None, order: Any = None, *, copy: Any = None, ndmin: int = 0) -> Kind:
    dims = nested_dims(a)
    return array_kind(dtype_or(dtype, nested_dtype(a)), (*(1,) * (ndmin - len(dims)), *dims))


def _bars(g: Any, y: Any, x: Any) -> tuple[Any]:
    """Each item has its own place; new axes come before."""
    return (items_of(g, x, (0,) * (np.ndim(y) - rank_of(x))),)


linear(
    np.array,
    lambda g, y, object, dtype=None, *, copy=True, order="K", subok=False, ndmin=0: _bars(g, y, object),
    kind=knowing(_array_kind),
)
for _fn in (np.asarray, np.asanyarray, np.asarray_chkfinite):
    linear(
        _fn,
        lambda g, y, a, dtype=None, order=None, *, copy=None: _bars(g, y, a),
        kind=knowing(_made_kind),
        cheap=True,
        views=True,
    )
for _fn in (np.ascontiguousarray, np.asfortranarray):
    linear(
        _fn,
        lambda g, y, a, dtype=None: _bars(g, y, a),
        kind=knowing(lambda a, dtype=None: _made_kind(a, dtype, ndmin=1)),
        cheap=True,
        views=True,
    )
linear(
    np.copy,
    lambda g, y, a, order="K", subok=False: _bars(g, y, a),
    kind=knowing(lambda a, order="K", subok=False: _made_kind(a)),
)


def _astype_kind(
    x: Any, dtype: Any, order: str = "K", casting: str = "unsafe", subok: bool = True, copy: bool = True
) -> Kind:
    if copy is not True:
        raise TypeError("whether the result shares memory is not known: leave `copy` out")
    return array_kind(dtype_or(dtype, None), nested_dims(x))


for _fn in (primitives.astype, *present(np, "astype")):
    of_array(_fn, lambda g, y, x, dtype, order="K", casting="unsafe", subok=True, copy=True: g, kind=_astype_kind)
