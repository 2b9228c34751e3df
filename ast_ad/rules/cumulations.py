"""Derivatives of cumulations and of the helpers of products, of differences, and of the trapezoidal rule."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from ast_ad.ir.kinds import Array, Kind, Scalar, as_kind, dims_of
from ast_ad.rules.common import (
    ahead_of,
    aligned,
    as_array,
    axes_among,
    axes_of,
    but_nan,
    given,
    halves,
    is_zero,
    of_array,
    shaped,
    structured,
)
from ast_ad.rules.dims import array_kind, is_kind, knowing, length, nested_dims, nested_dtype, same
from ast_ad.rules.indexing import item_kind
from ast_ad.rules.mathematics import present
from ast_ad.rules.registry import always, inactive, jvp, vjp
from ast_ad.rules.trial import Result
from ast_ad.runtime import (
    add_at,
    linear_recurrence,
    products_before,
    products_of_others,
    transposed_gradient,
    trapezoid_weights,
    unbroadcast,
)

_fn: Callable[..., Any]

# Products of the elements around each.


def _others_along(direction: Any, x: Any, axis: Any) -> Any:
    """Return the derivative of `products_of_others` along a direction; its matrix is symmetric."""
    options = given(axis)
    before, after = products_before(x, **options), products_before(x, **options, backwards=True)
    by_before = linear_recurrence(x, direction * before, **options)
    by_after = linear_recurrence(x, direction * after, **options, backwards=True)
    return by_before * after + before * by_after


def _turned(backwards: bool) -> dict[str, bool]:
    return {} if backwards else {"backwards": True}


vjp(products_of_others, lambda g, y, x, axis=None: _others_along(g, x, axis), when=always)
jvp(products_of_others, lambda dot, y, x, axis=None: _others_along(dot, x, axis), when=always, wrt=(0,))
vjp(
    products_before,
    lambda g, y, x, axis=None, backwards=False: y * linear_recurrence(x, g, **given(axis), **_turned(backwards)),
    when=always,
)
jvp(
    products_before,
    lambda dot, y, x, axis=None, backwards=False: linear_recurrence(
        x, dot * y, **given(axis), **_turned(not backwards)
    ),
    when=always,
    wrt=(0,),
)


def _recurrence_kind(a: Any, b: Any, axis: Any = None, backwards: bool = False) -> Kind:
    """Both have the same shape, whatever is known of it."""
    dims = [same(pair) for pair in zip(nested_dims(a), nested_dims(b))]
    return array_kind(np.result_type(nested_dtype(a), nested_dtype(b)), dims)


def _recurrence_bars(g: Any, s: Any, a: Any, b: Any, axis: Any = None, backwards: bool = False) -> Any:
    b_bar = linear_recurrence(a, g, **given(axis), **_turned(backwards))
    return b_bar * s, b_bar


vjp(linear_recurrence, _recurrence_bars, when=always, kind=knowing(_recurrence_kind))
jvp(
    linear_recurrence,
    lambda a_dot, b_dot, s, a, b, axis=None, backwards=False: linear_recurrence(
        a, a_dot * s + b_dot, **given(axis), **_turned(not backwards)
    ),
    when=always,
    wrt=(0, 1),
)


# Cumulations.


def _cumsum_bar(g: Any, x: Any, axis: Any) -> Any:
    if axis is None or np.ndim(x) < 2:
        return shaped(np.cumsum(g[::-1])[::-1], x)
    return np.flip(np.cumsum(np.flip(g, axis), axis=axis), axis)


def _cumprod_bar(g: Any, x: Any, axis: Any) -> Any:
    g = shaped(g, x)
    return products_before(x, **given(axis)) * (g + linear_recurrence(x, x * g, **given(axis), backwards=True))


def _cumprod_dot(dot: Any, y: Any, x: Any, axis: Any) -> Any:
    before = products_before(x, **given(axis))
    return shaped(dot * before + x * linear_recurrence(x, dot * before, **given(axis)), y)


of_array(np.cumsum, lambda g, y, x, axis=None, dtype=None, out=None: _cumsum_bar(g, x, axis))
of_array(np.add.accumulate, lambda g, y, x, axis=0, dtype=None, out=None: _cumsum_bar(g, x, axis))
of_array(
    np.nancumsum,
    lambda g, y, x, axis=None, dtype=None, out=None: but_nan(x, _cumsum_bar(g, x, axis)),
    lambda dot, y, x, axis=None, dtype=None, out=None: np.cumsum(but_nan(x, dot), **given(axis)),
)
of_array(
    np.cumprod,
    lambda g, y, x, axis=None, dtype=None, out=None: _cumprod_bar(g, x, axis),
    lambda dot, y, x, axis=None, dtype=None, out=None: _cumprod_dot(dot, y, x, axis),
)
of_array(
    np.multiply.accumulate,
    lambda g, y, x, axis=0, dtype=None, out=None: _cumprod_bar(g, x, axis),
    lambda dot, y, x, axis=0, dtype=None, out=None: _cumprod_dot(dot, y, x, axis),
)
of_array(
    np.nancumprod,
    lambda g, y, x, axis=None, dtype=None, out=None: but_nan(x, _cumprod_bar(g, but_nan(x, x, 1.0), axis)),
    lambda dot, y, x, axis=None, dtype=None, out=None: _cumprod_dot(but_nan(x, dot), y, but_nan(x, x, 1.0), axis),
)


# Differences.


def _diff_kind(a: Any, n: Any = 1, axis: int = -1, prepend: Any = None, append: Any = None) -> Kind:
    dims = list(nested_dims(a))
    whole = prepend is None and append is None and not is_kind(n)
    (dims[axis],) = dims_of(item_kind(Array("float64", (dims[axis],)), slice(n, None))) if whole else ("?",)
    return array_kind(np.diff(np.ones(2, nested_dtype(a))).dtype, dims)


def _diff(x: Any, axis: int, n: int = 1) -> Any:
    last = axis % np.ndim(x) == np.ndim(x) - 1
    return np.diff(x, **({} if n == 1 else {"n": n}), **({} if last else {"axis": axis}))


def _diff_bar(g: Any, x: Any, n: int = 1, axis: int = -1) -> Any:
    """Return the transpose of ``np.diff(x, n, axis)``, applied to `g`."""
    for left in reversed(range(n)):
        g = _on_neighbours(-g, g, x[(*_before(x, axis), slice(left, None))] if left else x, axis)
    return g


def _on_neighbours(before: Any, after: Any, x: Any, axis: int) -> Any:
    """Return an array like `x` of what is added to the elements before and after each gap."""
    bar = add_at(np.zeros_like(x), (*_before(x, axis), slice(1, None)), _held_by(x, after))
    return add_at(bar, (*_before(x, axis), slice(None, -1)), _held_by(x, before))


def _held_by(x: Any, bar: Any) -> Any:
    """Return the adjoint of elements of x: the real part, where they are real."""
    return bar.real if np.iscomplexobj(bar) and not np.iscomplexobj(x) else bar


def _before(x: Any, axis: int) -> tuple[slice, ...]:
    """Return an index of all of the axes before one."""
    return (slice(None),) * (axis % np.ndim(x))


of_array(np.diff, lambda g, y, x, n=1, axis=-1: _diff_bar(g, x, n, axis), kind=_diff_kind, views=True)
of_array(np.ediff1d, lambda g, y, x: shaped(_diff_bar(g, x if np.ndim(x) == 1 else np.ravel(x)), x))


# Slopes: of samples whose distance is given, or whose coordinates are.


def _along(x: Any, axis: Any, spacing: Sequence[Any]) -> list[tuple[int, Sequence[Any]]]:
    """Return the axes that `np.gradient` differentiates along, each with its spacing."""
    return [(a, spacing if len(spacing) < 2 else (spacing[i],)) for i, a in enumerate(axes_of(x, axis))]


def _options(axis: Any, edge_order: int) -> dict[str, Any]:
    return {**given(axis), **({} if edge_order == 1 else {"edge_order": edge_order})}


def _each(y: Any) -> Sequence[Any]:
    return y if isinstance(y, (list, tuple)) else (y,)


def _added(terms: Sequence[Any]) -> Any:
    result = terms[0]
    for term in terms[1:]:
        result = result + term
    return result


def _by_spacing(gs: Sequence[Any], ys: Sequence[Any], spacing: Sequence[Any]) -> list[Any]:
    """Return the adjoints of distances between samples, as far as there are coordinates: these have none."""
    if len(spacing) == 1:
        return [] if np.ndim(spacing[0]) else [_added([-np.sum(g * y) / spacing[0] for g, y in zip(gs, ys)])]
    bars: list[Any] = []
    for g, y, h in zip(gs, ys, spacing):
        if np.ndim(h):
            break
        bars.append(-np.sum(g * y) / h)
    return bars


def _gradient_kind(f: Any, *varargs: Any, axis: Any = None, edge_order: int = 1) -> Result:
    dtype, count = np.dtype(nested_dtype(f)), len(axes_among(len(nested_dims(f)), axis))
    found = array_kind(dtype if dtype.kind in "fc" else float, nested_dims(f))
    return found if count == 1 else (found,) * count


def _gradient_bars(g: Any, y: Any, x: Any, *spacing: Any, axis: Any = None, edge_order: int = 1) -> Any:
    along, gs, ys = _along(as_array(x), axis, spacing), _each(g), _each(y)
    x_bar = _added([transposed_gradient(g, *h, **_options(a or None, edge_order)) for g, (a, h) in zip(gs, along)])
    return structured(x_bar, x), *_by_spacing(gs, ys, spacing)


def _gradient_dot(*args: Any, axis: Any = None, edge_order: int = 1) -> Any:
    (x_dot, *spacing_dots), y, (_x, *spacing) = halves(args)
    if any(np.ndim(h) and not is_zero(h_dot) for h, h_dot in zip(spacing, spacing_dots)):
        raise TypeError("there is no derivative by the coordinates of the samples")
    slopes = (
        [0.0] * len(_each(y)) if is_zero(x_dot) else _each(np.gradient(x_dot, *spacing, **_options(axis, edge_order)))
    )
    several = list(zip(spacing, spacing_dots)) * (len(slopes) if len(spacing) == 1 else 1)
    if not all(map(is_zero, spacing_dots)):
        slopes = [slope - y * h_dot / h for slope, y, (h, h_dot) in zip(slopes, _each(y), several)]
    return tuple(slopes) if isinstance(y, (list, tuple)) else slopes[0]


def _transposed_bars(g: Any, y: Any, x: Any, *spacing: Any, axis: int = 0, edge_order: int = 1) -> Any:
    return np.gradient(g, *spacing, axis=axis, **_options(None, edge_order)), *_by_spacing([g], [y], spacing)


def _transposed_dot(*args: Any, axis: int = 0, edge_order: int = 1) -> Any:
    (x_dot, *spacing_dots), y, (_x, *spacing) = halves(args)
    result = 0.0 if is_zero(x_dot) else transposed_gradient(x_dot, *spacing, **_options(axis or None, edge_order))
    for h, h_dot in zip(spacing, spacing_dots):
        if not is_zero(h_dot):
            result = result - y * h_dot / h
    return result


vjp(np.gradient, _gradient_bars, when=always, kind=knowing(_gradient_kind))
jvp(np.gradient, _gradient_dot, when=always)
vjp(transposed_gradient, _transposed_bars, when=always, kind=knowing(lambda g, *h, axis=0, edge_order=1: as_kind(g)))
jvp(transposed_gradient, _transposed_dot, when=always)


# The trapezoidal rule: a sum of steps times the means of neighbours.

_trapezoid, *_ = present(np, "trapezoid", "trapz")


def _trapezoid_kind(y: Any, x: Any = None, dx: Any = 1.0, axis: int = -1) -> Kind:
    dims, step, unit = list(nested_dims(y)), as_kind(dx), np.dtype(nested_dtype(dx if x is None else x)).type(1)
    del dims[axis]
    if x is not None or isinstance(step, Array):
        unit = np.array([unit])
    elif isinstance(step, Scalar) and not step.numpy:
        unit = unit.item()
    return array_kind((unit * np.ones(1, nested_dtype(y)) / 2.0).dtype, dims)


def _trapezoid_bars(g: Any, z: Any, y: Any, x: Any = None, dx: Any = 1.0, axis: int = -1) -> Any:
    f, t = as_array(y), as_array(x)
    (own,) = axes_of(f, axis)
    behind = np.ndim(f) - own - 1
    beside = aligned(g, f, axis)
    if x is None:
        dx_bar = np.sum(g * _trapezoid(f, **({"axis": axis} if behind else {})))
        return structured(beside * dx * ahead_of(trapezoid_weights(np.shape(f)[own]), behind), y), None, dx_bar, None
    lower = np.ndim(t) < np.ndim(f)
    gaps = np.diff(t) if lower else _diff(t, own)
    steps = ahead_of(gaps, behind) if lower else gaps
    sums = f[(*_before(f, own), slice(1, None))] + f[(*_before(f, own), slice(None, -1))]
    # One step is repeated for several pairs of neighbours, and one pair for several steps.
    halves_bar = unbroadcast(beside * steps / 2, sums)
    f_bar = _on_neighbours(halves_bar, halves_bar, f, own)
    gaps_bar = beside * sums / 2
    if lower:
        gaps_bar, own = np.sum(gaps_bar, axis=tuple(a for a in range(np.ndim(f)) if a != own)), 0
    return structured(f_bar, y), structured(_diff_bar(unbroadcast(gaps_bar, gaps), t, axis=own), x), None, None


def _trapezoid_dot(
    y_dot: Any, x_dot: Any, dx_dot: Any, z: Any, y: Any, x: Any = None, dx: Any = 1.0, axis: int = -1
) -> Any:
    """It is linear in each argument."""
    terms = [
        *([] if is_zero(y_dot) else [_integral(as_array(y_dot), x, dx, axis)]),
        *([] if is_zero(x_dot) else [_integral(y, as_array(x_dot), dx, axis)]),
        *([] if is_zero(dx_dot) else [_integral(y, x, dx_dot, axis)]),
    ]
    return _added(terms)


def _integral(y: Any, x: Any, dx: Any, axis: int) -> Any:
    """Call the rule without the options that are defaults."""
    spacing = {"x": x} if x is not None else {} if isinstance(dx, float) and dx == 1.0 else {"dx": dx}
    return _trapezoid(y, **spacing, **({} if axis == -1 else {"axis": axis}))


for _fn in present(np, "trapezoid", "trapz"):
    vjp(_fn, _trapezoid_bars, when=always, kind=knowing(_trapezoid_kind), smaller=True)
    jvp(_fn, _trapezoid_dot, when=always, wrt=(0, 1, 2))
inactive(trapezoid_weights, kind=lambda n: array_kind(float, (length(n),)))
