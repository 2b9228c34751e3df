"""How the arrays among the arguments of a call lie: which are one, which share memory, which do not lie row by row.

A derivative of a function that writes to arrays assumes that these share no memory with others, and that they lie row
by row where that matters; it tests that when it is called.  Where it does not hold, the function is differentiated anew
for arguments that lie as these do, and that is part of the signature.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from ast_ad.frontend.arguments import Argument
from ast_ad.frontend.layouts import Place, order_of
from ast_ad.frontend.paths import Path

Array = np.ndarray[Any, Any]
Leaf = tuple[str, int]


def placed(
    arguments: Sequence[Argument],
    leaves: Mapping[str, Sequence[Any]],
    first: Sequence[str],
    outside: Mapping[Path, Any],
) -> tuple[Argument, ...]:
    """Return the arguments with what is to be known of how their arrays lie.

    Parameters
    ----------
    leaves
        The values of the leaves of each argument.
    first
        The parameters that stand for an array that is there twice, rather than others: those that are differentiated.
    outside
        What the function reads from outside, by where it lies.
    """
    arrays = {(name, i): x for name, each in leaves.items() for i, x in enumerate(each) if isinstance(x, np.ndarray)}
    ordered = sorted(arrays, key=lambda leaf: leaf[0] not in first)
    found: dict[Leaf, Place] = {}
    for n, leaf in enumerate(ordered):
        x = arrays[leaf]
        before = [other for other in ordered[:n] if _share(x, arrays[other])]
        same = next((other for other in before if _is_same(x, arrays[other])), None)
        around = [path for path, y in outside.items() if isinstance(y, np.ndarray) and _is_same(x, y)]
        place = Place(order_of(x), same, () if same else tuple(before), () if same else tuple(around))
        if place != Place(tuple(range(x.ndim))):
            found[leaf] = place
    return tuple(
        replace(each, places=tuple((i, found[each.name, i]) for i in range(len(each.kinds)) if (each.name, i) in found))
        for each in arguments
    )


def _share(x: Array, y: Array) -> bool:
    return np.may_share_memory(x, y) and np.shares_memory(x, y)


def _is_same(x: Array, y: Array) -> bool:
    """Tell whether two arrays are one, or cannot be told apart."""
    return x is y or (
        (x.ctypes.data, x.shape, x.strides, x.dtype) == (y.ctypes.data, y.shape, y.strides, y.dtype)
        and x.flags.writeable == y.flags.writeable
    )
