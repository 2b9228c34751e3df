"""Derivatives of Fourier transforms, interpolation and signal functions.

The matrix of a Fourier transform is symmetric, so that without a conjugate in the pairing of adjoints and tangents
the adjoint of a transform is the transform itself. `np.interp` has no rule for `period`, `np.cov` and `np.corrcoef`
none for weights and complex numbers, and of `np.fft.hfft` there is none.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from ast_ad.ir.kinds import Array, Dim, Kind, as_kind, is_complex, may_be_one
from ast_ad.rules.creation import array_kind, knowing, length, lengths, nested_dims, nested_dtype
from ast_ad.rules.registry import elementwise, jvp, linear, vjp
from ast_ad.runtime.numbers import ratio
from ast_ad.runtime.transforms import cut, doubled, interp_adjoint, resized, steps, steps_adjoint, uncut


def _given(**options: Any) -> dict[str, Any]:
    """Return the options that are not left to their defaults."""
    return {name: value for name, value in options.items() if value is not None}


def _missing(dot: Any) -> bool:
    """Tell whether a tangent, or each of a list of them, is absent: a constant zero."""
    if isinstance(dot, (list, tuple)):
        return all(map(_missing, dot))
    return isinstance(dot, (int, float)) and dot == 0


def _whole(x: Any) -> Any:
    """Return an argument as an array, where it is a list."""
    return np.array(x) if isinstance(x, (list, tuple)) else x


def _parts(bar: Any, x: Any) -> Any:
    """Return the adjoint of an argument as a list, where it is one."""
    return [bar[i] for i in range(len(x))] if isinstance(x, (list, tuple)) else bar


def _by_name(tangent: Callable[..., Any], *names: str) -> Callable[..., Any]:
    """Return a `jvp` for a function of which some arguments may be left out.

    It gets a tangent for each that is there, the answer and the arguments; `tangent` gets the first in a dictionary.
    """

    def dot(*values: Any, **options: Any) -> Any:
        count = len(values) // 2
        return tangent(dict(zip(names, values[:count])), *values[count + 1 :], **options)

    return dot


# Fourier transforms along one axis, and along several.


def _half(dim: Dim) -> Dim:
    """Return the length of half of a spectrum.

    >>> _half(5), _half(6), _half("n1")
    (3, 4, 'n1//2+1')
    """
    return dim // 2 + 1 if isinstance(dim, int) else dim if dim in ("?", "*") else f"{dim}//2+1"


def _twice(dim: Dim) -> Dim:
    return 2 * (dim - 1) if isinstance(dim, int) else "*" if dim in ("?", "*") else f"2*({dim}-1)"


_HALVES = (np.fft.rfft, np.fft.rfft2, np.fft.rfftn)
_FROM_HALVES = (np.fft.irfft, np.fft.irfft2, np.fft.irfftn)


def _transformed(fft: Callable[..., Any], a: Any, s: Any, axes: Any) -> Kind:
    """Return the kind of a transform along `axes`, brought to the lengths `s` before."""
    dims = list(nested_dims(a))
    sizes = None if s is None else lengths(s)
    places = range(-len(dims if sizes is None else sizes), 0) if axes is None else axes
    wanted = [dims[axis] for axis in places] if sizes is None else list(sizes)
    if fft in _HALVES:
        wanted[-1] = _half(wanted[-1])
    elif fft in _FROM_HALVES and sizes is None:
        wanted[-1] = _twice(wanted[-1])
    for axis, size in zip(places, wanted):
        dims[axis] = size
    return array_kind(fft(np.ones((2,) * len(dims), nested_dtype(a))).dtype, dims)


Bar = Callable[[Any, Any, dict[str, Any], dict[str, Any], Any], Any]
"""Of `g`, `a`, the option with the lengths and that with the axes, unless they have their defaults, and the norm."""


def _whole_bar(fft: Callable[..., Any]) -> Bar:
    def bar(g: Any, a: Any, size: dict[str, Any], axes: dict[str, Any], norm: Any) -> Any:
        found = fft(g, **size, **axes, **_given(norm=norm))
        return resized(found, np.shape(a)) if size else found

    return bar


def _half_bar(fft: Callable[..., Any]) -> Bar:
    """Of a real array, half of the spectrum is computed: `fft` gives all of it, of which the rest is cut off."""

    def bar(g: Any, a: Any, size: dict[str, Any], axes: dict[str, Any], norm: Any) -> Any:
        options = {**axes, **_given(norm=norm)}
        if size:
            return resized(fft(g, **size, **options).real, np.shape(a))
        return fft(resized(g, np.shape(a)), **options).real

    return bar


def _from_half_bar(rfft: Callable[..., Any]) -> Bar:
    """Back from half of a spectrum, most frequencies count twice; `rfft` is the transform there."""

    def bar(g: Any, a: Any, size: dict[str, Any], axes: dict[str, Any], norm: Any) -> Any:
        other = {None: "forward", "backward": "forward", "forward": None}.get(norm, norm)
        spectrum = np.conjugate(rfft(g, **axes, **_given(norm=other)))
        last = axes.get("axis", axes.get("axes", (-1,))[-1])
        found = doubled(spectrum, np.shape(g)[last], **_axes(last, -1))
        return resized(found, np.shape(a)) if size else found

    return bar


def _axes(axes: Any, default: Any) -> dict[str, Any]:
    return {} if axes == default else {"axis" if isinstance(axes, int) else "axes": axes}


def _along(fft: Callable[..., Any], bar: Bar) -> None:
    def rule(g: Any, y: Any, a: Any, n: Any = None, axis: int = -1, norm: Any = None) -> Any:
        return bar(g, a, _given(n=n), _axes(axis, -1), norm)

    def kind(a: Any, n: Any = None, axis: int = -1, norm: Any = None) -> Kind:
        return _transformed(fft, a, None if n is None else (n,), (axis,))

    linear(fft, rule, kind=knowing(kind))


def _along_several(fft: Callable[..., Any], bar: Bar, default: Any) -> None:
    def rule(g: Any, y: Any, a: Any, s: Any = None, axes: Any = default, norm: Any = None) -> Any:
        return bar(g, a, _given(s=s), _axes(axes, default), norm)

    def kind(a: Any, s: Any = None, axes: Any = default, norm: Any = None) -> Kind:
        return _transformed(fft, a, s, axes)

    linear(fft, rule, kind=knowing(kind))


# The matrix of a transform is symmetric.
_along(np.fft.fft, _whole_bar(np.fft.fft))
_along(np.fft.ifft, _whole_bar(np.fft.ifft))
_along(np.fft.rfft, _half_bar(np.fft.fft))
_along(np.fft.irfft, _from_half_bar(np.fft.rfft))
_along_several(np.fft.fft2, _whole_bar(np.fft.fft2), (-2, -1))
_along_several(np.fft.ifft2, _whole_bar(np.fft.ifft2), (-2, -1))
_along_several(np.fft.rfft2, _half_bar(np.fft.fft2), (-2, -1))
_along_several(np.fft.irfft2, _from_half_bar(np.fft.rfft2), (-2, -1))
_along_several(np.fft.fftn, _whole_bar(np.fft.fftn), None)
_along_several(np.fft.ifftn, _whole_bar(np.fft.ifftn), None)
_along_several(np.fft.rfftn, _half_bar(np.fft.fftn), None)
_along_several(np.fft.irfftn, _from_half_bar(np.fft.rfftn), None)

linear(np.fft.fftshift, lambda g, y, x, axes=None: np.fft.ifftshift(g, **_given(axes=axes)))
linear(np.fft.ifftshift, lambda g, y, x, axes=None: np.fft.fftshift(g, **_given(axes=axes)))


elementwise(np.fft.fftfreq, lambda y, n, d=1.0: (None, -y / d), kind=lambda n, d=1.0: Array("float64", (length(n),)))
elementwise(
    np.fft.rfftfreq, lambda y, n, d=1.0: (None, -y / d), kind=lambda n, d=1.0: Array("float64", (_half(length(n)),))
)


linear(
    resized,
    lambda g, y, x, shape: resized(g, np.shape(x)),
    kind=knowing(lambda x, shape: array_kind(nested_dtype(x), lengths(shape))),
    views=True,
)
linear(
    doubled,
    lambda g, y, z, n, axis=-1: doubled(g, n, **_axes(axis, -1)),
    kind=lambda z, n, axis=-1: as_kind(z),
)

# Convolution: the adjoint of one operand convolves that of the result with the other operand, turned round.


def _full(g: Any, a: Any, v: Any, mode: str, *correlation: bool) -> Any:
    return g if mode == "full" else uncut(g, np.shape(a)[0], np.shape(v)[0], mode, *correlation)


def _conjugate(v: Any) -> Any:
    return np.conjugate(v) if np.iscomplexobj(v) else v


def _convolve_bars(g: Any, y: Any, a: Any, v: Any, mode: str = "full") -> Any:
    x, w = _whole(a), _whole(v)
    full = _full(g, x, w, mode)
    return _parts(np.convolve(full, w[::-1], "valid"), a), _parts(np.convolve(full, x[::-1], "valid"), v)


def _correlate_bars(g: Any, y: Any, a: Any, v: Any, mode: str = "valid") -> Any:
    x, w = _whole(a), _whole(v)
    full = _full(g, x, w, mode, True)
    v_bar = _conjugate(np.convolve(full, x[::-1], "valid")[::-1])
    return _parts(np.convolve(full, _conjugate(w), "valid"), a), _parts(v_bar, v)


def _product_tangent(product: Callable[..., Any]) -> Callable[..., Any]:
    def tangent(dots: dict[str, Any], a: Any, v: Any, *mode: Any, **options: Any) -> Any:
        by_a = 0.0 if _missing(dots["a"]) else product(dots["a"], v, *mode, **options)
        return by_a + (0.0 if _missing(dots["v"]) else product(a, dots["v"], *mode, **options))

    return _by_name(tangent, "a", "v")


def _product_length(m: Dim, n: Dim, mode: str) -> Dim:
    if mode not in ("full", "same", "valid"):
        raise TypeError(f"mode={mode!r} is not supported: write 'full', 'same' or 'valid'")
    if isinstance(m, int) and isinstance(n, int):
        return {"full": m + n - 1, "same": max(m, n), "valid": abs(m - n) + 1}[mode]
    if 1 in (m, n):
        return n if m == 1 else m
    if m == n and mode != "full":
        return m if mode == "same" else 1
    return "?" if mode == "valid" or (may_be_one(m) and may_be_one(n)) else "*"


def _product_kind(a: Any, v: Any, mode: str) -> Kind:
    (m,), (n,) = nested_dims(a), nested_dims(v)
    return array_kind(np.result_type(nested_dtype(a), nested_dtype(v)), (_product_length(m, n, mode),))


vjp(np.convolve, _convolve_bars, kind=knowing(lambda a, v, mode="full": _product_kind(a, v, mode)))
jvp(np.convolve, _product_tangent(np.convolve))
vjp(np.correlate, _correlate_bars, kind=knowing(lambda a, v, mode="valid": _product_kind(a, v, mode)))
jvp(np.correlate, _product_tangent(np.correlate))


def _uncut_kind(z: Any, m: Any, n: Any, mode: str, correlation: bool = False) -> Kind:
    return array_kind(nested_dtype(z), (_product_length(length(m), length(n), "full"),))


def _cut_kind(z: Any, m: Any, n: Any, mode: str, correlation: bool = False) -> Kind:
    return array_kind(nested_dtype(z), (_product_length(length(m), length(n), mode),))


linear(
    uncut,
    lambda g, y, z, m, n, mode, *correlation: cut(g, m, n, mode, *correlation),
    kind=knowing(_uncut_kind),
)
linear(
    cut,
    lambda g, y, z, m, n, mode, *correlation: uncut(g, m, n, mode, *correlation),
    kind=knowing(_cut_kind),
    cheap=True,
    views=True,
)

# Interpolation is linear in the values, and between two points in `x`. A shift of the points shifts `x` the other way.


def _slope(x: Any, xp: Any, fp: Any) -> Any:
    return steps(x, xp, ratio(np.diff(fp), np.diff(xp)))


def _interp_bars(g: Any, y: Any, x: Any, xp: Any, fp: Any, left: Any = None, right: Any = None) -> Any:
    at, points, values = _whole(x), _whole(xp), _whole(fp)
    x_bar = g * _slope(at, points, values)
    inside = g if left is None else np.where(at < points[0], 0.0, g)
    inside = inside if right is None else np.where(at > points[-1], 0.0, inside)
    return (
        _parts(x_bar, x),
        _parts(-interp_adjoint(x_bar, at, points), xp),
        _parts(interp_adjoint(inside, at, points), fp),
        None if left is None else np.sum(np.where(at < points[0], g, 0.0)),
        None if right is None else np.sum(np.where(at > points[-1], g, 0.0)),
    )


def _interp_tangent(dots: dict[str, Any], x: Any, xp: Any, fp: Any, left: Any = None, right: Any = None) -> Any:
    dot = dots["x"]
    if not _missing(dots["xp"]):
        dot = dot - np.interp(x, xp, dots["xp"])
    dot = 0.0 if _missing(dot) else dot * _slope(x, xp, fp)
    if not _missing(dots["fp"]):
        ends = _given(left=None if left is None else 0.0, right=None if right is None else 0.0)
        dot = dot + np.interp(x, xp, dots["fp"], **ends)
    if not _missing(dots.get("left", 0.0)):
        dot = dot + np.where(x < xp[0], dots["left"], 0.0)
    return dot if _missing(dots.get("right", 0.0)) else dot + np.where(x > xp[-1], dots["right"], 0.0)


def _inexact(values: Any) -> str:
    return np.result_type(nested_dtype(values), np.float64).name


def _interp_kind(x: Any, xp: Any, fp: Any, left: Any = None, right: Any = None) -> Kind:
    return array_kind(_inexact(fp), nested_dims(x))


def _gaps_kind(g: Any, x: Any, xp: Any) -> Kind:
    (dim,) = nested_dims(xp)
    return array_kind(_inexact(g), (dim - 1 if isinstance(dim, int) else "?",))


vjp(np.interp, _interp_bars, kind=knowing(_interp_kind))
jvp(np.interp, _by_name(_interp_tangent, "x", "xp", "fp", "left", "right"))


def _interp_adjoint_bars(h: Any, y: Any, g: Any, x: Any, xp: Any) -> Any:
    x_bar = g * _slope(x, xp, h)
    return np.interp(x, xp, h), x_bar, -interp_adjoint(x_bar, x, xp)


def _interp_adjoint_dot(g_dot: Any, x_dot: Any, xp_dot: Any, y: Any, g: Any, x: Any, xp: Any) -> Any:
    dot = 0.0 if _missing(g_dot) else interp_adjoint(g_dot, x, xp)
    if _missing(x_dot) and _missing(xp_dot):
        return dot
    moved = x_dot if _missing(xp_dot) else x_dot - np.interp(x, xp, xp_dot)
    slopes = ratio(steps_adjoint(g * moved, x, xp), np.diff(xp))
    return dot + (np.concatenate([[0.0], slopes]) - np.concatenate([slopes, [0.0]]))


vjp(interp_adjoint, _interp_adjoint_bars, kind=knowing(lambda g, x, xp: array_kind(_inexact(g), nested_dims(xp))))
jvp(interp_adjoint, _interp_adjoint_dot)
vjp(steps, lambda g, y, x, xp, values: (None, None, steps_adjoint(g, x, xp)), kind=knowing(_interp_kind))
jvp(
    steps,
    lambda x_dot, xp_dot, values_dot, y, x, xp, values: None if _missing(values_dot) else steps(x, xp, values_dot),
)
vjp(steps_adjoint, lambda h, y, g, x, xp: (steps(x, xp, h), None, None), kind=knowing(_gaps_kind))
jvp(steps_adjoint, lambda g_dot, x_dot, xp_dot, y, g, x, xp: None if _missing(g_dot) else steps_adjoint(g_dot, x, xp))

# Polynomials, by their coefficients, those of the highest powers first.


def _falling(n: Any, last: int) -> Any:
    """Return the exponents from `n - 1` down to `last`."""
    return np.array(list(range(n - 1, last - 1, -1))) if isinstance(n, int) else np.arange(n - 1, last - 1, -1)


def _polyval_bars(g: Any, y: Any, p: Any, x: Any) -> Any:
    x_bar = g * np.polyval(np.polyder(_whole(p)), x)
    if isinstance(p, (list, tuple)):
        terms = [g if power == 0 else g * x**power for power in reversed(range(len(p)))]
        return [np.sum(term) if np.ndim(x) else term for term in terms], x_bar
    powers = np.expand_dims(x, -1) ** _falling(np.shape(p)[0], 0)
    p_bar = np.expand_dims(g, -1) * powers
    return np.sum(p_bar, axis=tuple(range(np.ndim(x)))) if np.ndim(x) else p_bar, x_bar


def _polyval_dot(p_dot: Any, x_dot: Any, y: Any, p: Any, x: Any) -> Any:
    by_p = 0.0 if _missing(p_dot) else np.polyval(p_dot, x)
    return by_p + (0.0 if _missing(x_dot) else x_dot * np.polyval(np.polyder(_whole(p)), x))


vjp(np.polyval, _polyval_bars)
jvp(np.polyval, _polyval_dot)
linear(
    np.polyder,
    lambda g, y, p: _parts(np.concatenate([g * _falling(np.shape(p)[0], 1), [0.0]]), p),
)

# Phases are moved by constants; a complex array that is real by its values alone has no dtype that is known before.
vjp(np.unwrap, lambda g, y, p, discont=None, axis=-1, period=None: g)
jvp(np.unwrap, lambda p_dot, y, p, discont=None, axis=-1, period=None: p_dot, wrt=(0,))


def _real_if_close(a: Any, tol: Any = 100) -> Kind:
    if is_complex(as_kind(a)):
        raise TypeError("whether the result of real_if_close is real depends on the values: take `.real` of them")
    return array_kind(nested_dtype(a), nested_dims(a))


linear(np.real_if_close, lambda g, y, a, tol=100: g, kind=knowing(_real_if_close), cheap=True, views=True)

# Covariances: products of centred rows.


def _rows(m: Any, y: Any, rowvar: bool) -> Any:
    """Return the variables as rows of one array."""
    if y is not None:
        return np.stack([m, y])
    return np.expand_dims(m, 0) if np.ndim(m) == 1 else m if rowvar else np.transpose(m)


def _from_rows(bar: Any, m: Any, y: Any, rowvar: bool) -> Any:
    if y is not None:
        return bar[0], bar[1]
    return bar[0] if np.ndim(m) == 1 else bar if rowvar else np.transpose(bar)


def _centred(m: Any, y: Any, rowvar: bool) -> Any:
    if np.iscomplexobj(m) or np.iscomplexobj(y) or (y is not None and np.ndim(m) + np.ndim(y) != 2):
        raise TypeError("np.cov and np.corrcoef are supported for one real array, and for two without rows")
    rows = _rows(m, y, rowvar)
    return rows - np.mean(rows, axis=1, keepdims=True)


def _with_transpose(product: Any) -> Any:
    return product + np.transpose(product)


def _cov_bars(g: Any, c: Any, m: Any, y: Any = None, rowvar: bool = True, bias: bool = False, ddof: Any = None) -> Any:
    rows = _centred(m, y, rowvar)
    bar = 2 * g * rows if np.ndim(g) == 0 else _with_transpose(g) @ rows
    return _from_rows(bar / _freedom(rows, bias, ddof), m, y, rowvar)


def _cov_tangent(
    dots: dict[str, Any], m: Any, y: Any = None, rowvar: bool = True, bias: bool = False, ddof: Any = None
) -> Any:
    rows = _centred(m, y, rowvar)
    product = _tangent_rows(dots, m, y, rowvar) @ np.transpose(rows) / _freedom(rows, bias, ddof)
    return _with_transpose(product) if np.ndim(m) == 2 or y is not None else 2 * product[0, 0]


def _freedom(rows: Any, bias: bool, ddof: Any) -> Any:
    """Return what sums of squares are divided by: the number of observations, less one for the mean."""
    less = int(not bias) if ddof is None else ddof
    return rows.shape[1] - less if less else rows.shape[1]


def _tangent_rows(dots: dict[str, Any], m: Any, y: Any, rowvar: bool) -> Any:
    if y is None:
        return _rows(dots["m"], None, rowvar)
    m_dot, y_dot = dots["m"], dots["y"]
    return np.stack([np.zeros_like(m) if _missing(m_dot) else m_dot, np.zeros_like(y) if _missing(y_dot) else y_dot])


def _unit(rows: Any) -> tuple[Any, Any]:
    """Return rows divided by their norms, and the norms."""
    norms = np.sqrt(np.sum(rows * rows, axis=1, keepdims=True))
    return rows / norms, norms


def _across(unit: Any, vectors: Any) -> Any:
    """Return what vectors have at right angles to unit vectors."""
    return vectors - unit * np.sum(unit * vectors, axis=1, keepdims=True)


def _corrcoef_bars(g: Any, c: Any, x: Any, y: Any = None, rowvar: bool = True) -> Any:
    if np.ndim(g) == 0:
        return None
    unit, norms = _unit(_centred(x, y, rowvar))
    return _from_rows(_across(unit, _with_transpose(g) @ unit) / norms, x, y, rowvar)


def _corrcoef_tangent(dots: dict[str, Any], x: Any, y: Any = None, rowvar: bool = True) -> Any:
    if np.ndim(x) == 1 and y is None:
        return None
    unit, norms = _unit(_centred(x, y, rowvar))
    return _with_transpose(_across(unit, _tangent_rows(dots, x, y, rowvar)) / norms @ np.transpose(unit))


vjp(np.cov, _cov_bars)
jvp(np.cov, _by_name(_cov_tangent, "m", "y"))
vjp(np.corrcoef, _corrcoef_bars)
jvp(np.corrcoef, _by_name(_corrcoef_tangent, "m", "y"))
