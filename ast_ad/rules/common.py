"""What the rules of reductions, cumulations and sorting share: arguments that may be lists, and axes."""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from ast_ad.ir.kinds import Dim
from ast_ad.rules.dims import knowing
from ast_ad.rules.registry import always, jvp, linear, vjp
from ast_ad.rules.tracing import Tracer
from ast_ad.rules.trial import Result

# Arguments.


def of_array(
    fn: Callable[..., Any],
    bar: Callable[..., Any],
    dot: Callable[..., Any] | None = None,
    *,
    kind: Callable[..., Result] | None = None,
    smaller: bool = False,
    cheap: bool = False,
    views: bool = False,
) -> None:
    """Declare a function of one array, or of a list that NumPy makes one of; without a `dot`, it is linear."""

    @functools.wraps(bar)
    def bars(g: Any, y: Any, x: Any, *args: Any, **kwargs: Any) -> Any:
        whole = bar(g, y, as_array(x), *args, **kwargs)
        return (structured(whole, x),) if isinstance(x, (list, tuple)) else whole

    kind = kind and knowing(kind)
    if dot is None:
        linear(fn, bars, kind=kind, smaller=smaller, cheap=cheap, views=views)
        return

    @functools.wraps(dot)
    def tangent(x_dot: Any, y: Any, x: Any, *args: Any, **kwargs: Any) -> Any:
        return dot(as_array(x_dot), y, as_array(x), *args, **kwargs)

    vjp(fn, bars, when=always, kind=kind, smaller=smaller, cheap=cheap, views=views)
    jvp(fn, tangent, when=always, wrt=(0,))


def as_array(x: Any) -> Any:
    """Return an argument as an array: it may be nested lists."""
    return np.array(x) if isinstance(x, (list, tuple)) else x


def in_floats(x: Any) -> Any:
    """Return an argument whose powers do not overflow: NumPy's integers do."""
    return x.astype(float) if isinstance(x, Tracer) and x.overflows else x


def rank_of(x: Any) -> int:
    """Return the rank of an argument: of nested lists, too."""
    return 1 + rank_of(x[0] if x else 0.0) if isinstance(x, (list, tuple)) else int(np.ndim(x))


def length_along(x: Any, axis: int) -> Any:
    """Return the length of an argument along an axis: of nested lists, too."""
    if not isinstance(x, (list, tuple)):
        return np.shape(x)[axis]
    return len(x) if axis == 0 else length_along(x[0], axis - 1)


def structured(bar: Any, x: Any) -> Any:
    """Return the adjoint of ``as_array(x)``, which may be smaller, as that of x."""
    if isinstance(x, (list, tuple)) and np.ndim(bar):
        lengths = _lengths(x)
        known = [np.shape(bar)[i] for i in range(min(len(lengths), np.ndim(bar)))]
        if not all(isinstance(length, int) for length in known) or tuple(known) != lengths:
            bar = np.broadcast_to(bar, np.shape(np.array(x)))
    return items_of(bar, x)


def _lengths(x: Any) -> tuple[int, ...]:
    return (len(x), *_lengths(x[0])) if isinstance(x, (list, tuple)) and len(x) else ()


def items_of(bar: Any, x: Any, index: tuple[Any, ...] = ()) -> Any:
    """Return an adjoint of the shape of ``as_array(x)`` as that of x; a number is that of each item.

    >>> items_of(np.array([[1.0, 2.0], [3.0, 4.0]]), [np.zeros(2), np.zeros(2)])
    [array([1., 2.]), array([3., 4.])]
    """
    if isinstance(x, (list, tuple)):
        return [items_of(bar, item, (*index, i)) for i, item in enumerate(x)]
    return at(bar, index) if np.ndim(bar) else bar


def as_long_as(bar: Any, x: Any) -> Any:
    """Return an adjoint that has the shape of x as one of which that is known: nothing is fitted to x then."""
    return bar.as_long_as(x) if isinstance(bar, Tracer) and isinstance(x, Tracer) else bar


def at(x: Any, index: tuple[Any, ...]) -> Any:
    """Return ``x[index]``, written as shortly as it can be."""
    return x[index] if len(index) > 1 else x[index[0]] if index else x


def halves(given: Sequence[Any]) -> tuple[Sequence[Any], Any, Sequence[Any]]:
    """Return the tangents, the answer and the arguments that a `jvp` by all positional arguments is called with.

    Options that are no operands stand among the tangents, too: theirs are None.
    """
    count = len(given) // 2
    values = given[count + 1 :]
    return [None if dot is value else dot for dot, value in zip(given, values)], given[count], values


def is_zero(dot: Any) -> bool:
    """Tell whether a tangent, or the adjoint of one of several results, is missing."""
    if isinstance(dot, (list, tuple)):
        return all(map(is_zero, dot))
    if isinstance(dot, Tracer):
        return dot.is_zero
    return dot is None or (isinstance(dot, float) and dot == 0.0)


def tangent_of(dot: Any) -> Any:
    """Return the tangent of ``as_array(x)``; the number 0 where it is missing."""
    return 0.0 if is_zero(dot) else as_array(dot)


# Axes.


def axes_of(x: Any, axis: Any) -> tuple[int, ...]:
    """Return the axes of x that an option `axis` names, counted from the front."""
    return axes_among(np.ndim(x), axis)


def axes_among(rank: int, axis: Any) -> tuple[int, ...]:
    """Return the axes that an option `axis` names, of an array of that rank.

    >>> axes_among(3, None), axes_among(3, -1), axes_among(3, (0, -1)), axes_among(0, 0)
    ((0, 1, 2), (2,), (0, 2), ())
    """
    axes = range(rank) if axis is None else axis if isinstance(axis, tuple) else (axis,)
    return tuple(a % rank for a in axes) if rank else ()


def reduced(dims: Sequence[Dim], axis: Any, keepdims: bool = False) -> tuple[Dim, ...]:
    """Return the dims of a reduction.

    >>> reduced(("n1", "n2"), 0), reduced(("n1", "n2"), -1, keepdims=True)
    (('n2',), ('n1', 1))
    """
    gone = axes_among(len(dims), axis)
    return tuple(1 if i in gone else dim for i, dim in enumerate(dims) if keepdims or i not in gone)


def aligned(g: Any, x: Any, axis: Any, keepdims: bool = False) -> Any:
    """Return what a reduction of x gave, or its adjoint, as it broadcasts against x.

    The axes that are gone come back, but for those in front of all others: broadcasting adds them.
    """
    axes, rank = axes_of(x, axis), np.ndim(x)
    missing: list[int] = []
    for place in sorted(rank - a for a in axes):
        if not keepdims and place <= np.ndim(g) + len(missing):
            missing.insert(0, -place)
    if not missing:
        return g
    if len(missing) == len(axes) and np.ndim(g) + len(axes) == rank:
        return np.expand_dims(g, axis)
    return np.expand_dims(g, tuple(missing) if len(missing) > 1 else missing[0])


def given(axis: Any, keepdims: bool = False) -> dict[str, Any]:
    """Return the options of a reduction that are not its defaults."""
    return {**({} if axis is None else {"axis": axis}), **({"keepdims": True} if keepdims else {})}


def keeping(x: Any, axis: Any) -> dict[str, Any]:
    """Return the options of a reduction of x whose result broadcasts against x."""
    axes = axes_of(x, axis)
    return given(axis, sorted(axes) != list(range(len(axes))))


def ahead_of(x: Any, axes: int) -> Any:
    """Return an array as it broadcasts against one that has so many axes behind those of x."""
    return np.expand_dims(x, tuple(range(-axes, 0)) if axes > 1 else -1) if axes else x


def total(x: Any, axis: Any, keepdims: bool = False) -> Any:
    """Return a sum, without naming options that are defaults."""
    return np.sum(x, **given(axis, keepdims))


def but_nan(x: Any, value: Any, instead: float = 0.0) -> Any:
    """Return `value`, and something else where x is NaN."""
    return np.where(np.isnan(x), instead, value)


def shaped(g: Any, x: Any) -> Any:
    """Return `g`, which has the elements of x in their order and one dimension or all, with the shape of x."""
    if np.ndim(g) == np.ndim(x):
        return g
    return np.reshape(g, np.shape(x)) if np.ndim(x) else only(g)


def only(g: Any) -> Any:
    """Return the one element of an array as a number; `np.reshape` would leave an array without dimensions."""
    rank = np.ndim(g)
    return g if rank == 0 else g[0] if rank == 1 else g[(0,) * rank]
