"""Values as the checks see them.

A structure is a tuple, a list, a dict or an object of values, or a leaf, which is a number, an array, or anything else.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np

from ast_ad.trees import ALL, GENERATORS, attribute_names, flatten, takes_objects_apart


def leaves(value: Any) -> Iterator[Any]:
    """Yield the numbers and arrays in a structure, from left to right; those of a dict by its sorted keys."""
    if isinstance(value, dict):
        for key in sorted(value, key=repr):
            yield from leaves(value[key])
    elif isinstance(value, (tuple, list)):
        for item in value:
            yield from leaves(item)
    elif is_object(value):
        for name in attribute_names(value):
            yield from leaves(getattr(value, name))
    else:
        yield value


def is_object(value: Any) -> bool:
    """Tell whether a value is an object whose attributes hold numbers."""
    return takes_objects_apart(flatten(value, objects=ALL)[1])


def structure(value: Any) -> Any:
    """Return what two values must share to be compared: containers as they are, None for a number, shapes for arrays.

    What is no number is described by its type.

    >>> structure((1.0, [2, np.zeros(3)]))
    (None, [None, (3,)])
    """
    if isinstance(value, dict):
        return {key: structure(item) for key, item in value.items()}
    if isinstance(value, (tuple, list)):
        items = [structure(item) for item in value]
        return items if type(value) is list else (*items,) if type(value) is tuple else (type(value), *items)
    if is_object(value):
        return type(value), {name: structure(getattr(value, name)) for name in attribute_names(value)}
    return (np.shape(value) or None) if is_number(value) else type(value)


def on_leaves(fun: Callable[..., Any], *values: Any) -> Any:
    """Apply a function to the leaves of values of equal structure."""
    first = values[0]
    if isinstance(first, dict):
        return {key: on_leaves(fun, *(value[key] for value in values)) for key in first}
    if isinstance(first, (tuple, list)):
        items = (on_leaves(fun, *items) for items in zip(*values))
        return type(first)(*items) if hasattr(first, "_fields") else type(first)(items)
    if is_object(first):
        made = copy.copy(first)
        for name in attribute_names(first):
            object.__setattr__(made, name, on_leaves(fun, *(getattr(value, name) for value in values)))
        return made
    return fun(*values)


def fresh(args: Sequence[Any]) -> tuple[Any, ...]:
    """Return arguments for one more call: what a function can change in them is copied, once where it stands twice."""
    copies: dict[int, Any] = {}

    def copied(leaf: Any) -> Any:
        return copy.deepcopy(leaf, copies) if isinstance(leaf, (np.ndarray, set, *GENERATORS)) else leaf

    return tuple(on_leaves(copied, arg) for arg in args)


def is_inexact(leaf: Any) -> bool:
    """Tell whether a leaf holds floating-point numbers, real or complex: the ones with derivatives."""
    return _kind(leaf) in ("f", "c")


def is_number(leaf: Any) -> bool:
    """Tell whether a leaf is a number or an array of numbers."""
    return _kind(leaf) in ("b", "i", "u", "f", "c")


def _kind(leaf: Any) -> str:
    """Return NumPy's letter for what a leaf holds; containers are none."""
    return "O" if isinstance(leaf, (tuple, list, dict)) else np.asarray(leaf).dtype.kind


def zeros_like(value: Any) -> Any:
    """Return the zero tangent of a value; what is no number is its own."""

    def zero(leaf: Any) -> Any:
        return np.zeros_like(leaf) if isinstance(leaf, np.ndarray) else leaf * 0 if is_number(leaf) else leaf

    return on_leaves(zero, value)


def random_like(value: Any, rng: np.random.Generator) -> Any:
    """Return a random tangent of a value; no component of it is near zero."""

    def draw(leaf: Any) -> Any:
        if not is_inexact(leaf):
            return zeros_like(leaf)
        shape = np.shape(leaf)
        drawn = rng.uniform(0.5, 1.5, shape) * rng.choice((-1.0, 1.0), shape)
        if np.iscomplexobj(leaf):
            drawn = drawn + 1j * rng.uniform(0.5, 1.5, shape)
        if not isinstance(leaf, np.ndarray):
            return type(leaf)(drawn)
        made = np.empty_like(leaf)  # its elements lie as those of the value do
        made[...] = drawn
        return made

    return on_leaves(draw, value)


def tangents(args: Sequence[Any], i: int, direction: Any) -> tuple[Any, ...]:
    """Return a tangent for each argument: `direction` for one of them, zero for the others."""
    return tuple(direction if k == i else zeros_like(arg) for k, arg in enumerate(args))


def precision(value: Any) -> float:
    """Return the coarsest machine epsilon among the floating-point leaves of a value.

    >>> print(f"{precision((1.0, np.float32(1.0))):.2g}")
    1.2e-07
    """
    inexact = [np.asarray(leaf).dtype for leaf in leaves(value) if is_inexact(leaf)]
    return max((float(np.finfo(dtype).eps) for dtype in inexact), default=float(np.finfo(float).eps))


def largest(value: Any) -> float:
    """Return the size of the largest number in a value."""
    inexact = filter(is_inexact, leaves(value))
    return max((float(np.max(np.abs(leaf), initial=0.0)) for leaf in inexact), default=0.0)


def _products(*values: Any) -> Iterator[Any]:
    """Yield the products of the leaves that have derivatives."""
    for first, *others in zip(*map(leaves, values)):
        if is_inexact(first):
            product = np.asarray(first)
            for other in others:
                product = np.multiply(product, other)
            yield product


def mass(*values: Any) -> float:
    """Return the sum of the sizes of all numbers, or of their products."""
    return float(sum(np.sum(np.abs(product), dtype=float) for product in _products(*values)))


def pairing(bar: Any, dot: Any) -> float:
    """Return what a cotangent makes of a tangent: the sum of the real parts of ``bar * dot``.

    >>> pairing((2.0, 1j), (3.0, 1 + 1j))
    5.0
    """
    return float(sum(np.sum(np.real(product), dtype=float) for product in _products(bar, dot)))
