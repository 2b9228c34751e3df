"""Derivatives of Fourier transforms and of convolution.

The matrix of a Fourier transform is symmetric, so that without a conjugate in the pairing of adjoints and tangents
the adjoint of a transform is the transform itself.  `np.fft.hfft` and its inverse have no rule.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from ast_ad.ir.kinds import Array, Dim, Kind, as_kind, may_be_one
from ast_ad.rules.common import is_zero, structured
from ast_ad.rules.dims import array_kind, knowing, length, lengths, nested_dims, nested_dtype
from ast_ad.rules.registry import elementwise, jvp, linear, vjp
from ast_ad.runtime import cut, doubled, resized, uncut


def chosen(**options: Any) -> dict[str, Any]:
    """Return the options that are not left to their defaults."""
    return {name: value for name, value in options.items() if value is not None}


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
    if fft in (*_HALVES, *_FROM_HALVES) and len({axis % len(dims) for axis in places}) < len(places):
        raise TypeError("the axes of half a spectrum must not repeat: transform them one after the other")
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
        found = fft(g, **size, **axes, **chosen(norm=norm))
        return resized(found, np.shape(a)) if size else found

    return bar


def _half_bar(fft: Callable[..., Any]) -> Bar:
    """Of a real array, half of the spectrum is computed: `fft` gives all of it, of which the rest is cut off."""

    def bar(g: Any, a: Any, size: dict[str, Any], axes: dict[str, Any], norm: Any) -> Any:
        options = {**axes, **chosen(norm=norm)}
        if size:
            return resized(fft(g, **size, **options).real, np.shape(a))
        return fft(resized(g, np.shape(a)), **options).real

    return bar


def _from_half_bar(rfft: Callable[..., Any]) -> Bar:
    """Back from half of a spectrum, most frequencies count twice; `rfft` is the transform there."""

    def bar(g: Any, a: Any, size: dict[str, Any], axes: dict[str, Any], norm: Any) -> Any:
        other = {None: "forward", "backward": "forward", "forward": None}.get(norm, norm)
        spectrum = np.conjugate(rfft(g, **size, **axes, **chosen(norm=other)))
        last = axes.get("axis", axes.get("axes", (-1,))[-1])
        found = doubled(spectrum, np.shape(g)[last], **_axes(last, -1))
        return resized(found, np.shape(a)) if size else found

    return bar


def _axes(axes: Any, default: Any) -> dict[str, Any]:
    return {} if axes == default else {"axis" if isinstance(axes, int) else "axes": axes}


def _along(fft: Callable[..., Any], bar: Bar) -> None:
    def rule(g: Any, y: Any, a: Any, n: Any = None, axis: int = -1, norm: Any = None) -> Any:
        return bar(g, a, chosen(n=n), _axes(axis, -1), norm)

    def kind(a: Any, n: Any = None, axis: int = -1, norm: Any = None) -> Kind:
        return _transformed(fft, a, None if n is None else (n,), (axis,))

    linear(fft, rule, kind=knowing(kind))


def _along_several(fft: Callable[..., Any], bar: Bar, default: Any) -> None:
    def rule(g: Any, y: Any, a: Any, s: Any = None, axes: Any = default, norm: Any = None) -> Any:
        return bar(g, a, chosen(s=s), _axes(axes, default), norm)

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

linear(np.fft.fftshift, lambda g, y, x, axes=None: np.fft.ifftshift(g, **chosen(axes=axes)))
linear(np.fft.ifftshift, lambda g, y, x, axes=None: np.fft.fftshift(g, **chosen(axes=axes)))

for _fn, _of in ((np.fft.fftfreq, lambda n: n), (np.fft.rfftfreq, _half)):
    elementwise(
        _fn,
        lambda y, n, d=1.0: (None, -y / d),
        kind=lambda n, d=1.0, _of=_of: Array("float64", (_of(length(n)),)),
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
    return g if mode == "full" else uncut(g, _count(a), _count(v), mode, *correlation)


def _count(x: Any) -> Any:
    return len(x) if isinstance(x, (list, tuple)) else np.shape(x)[0]


def _conjugate(v: Any) -> Any:
    some = v if isinstance(v, (list, tuple)) else [v]
    return np.conjugate(v) if any(np.iscomplexobj(each) for each in some) else v


def _convolve_bars(g: Any, y: Any, a: Any, v: Any, mode: str = "full") -> Any:
    full = _full(g, a, v, mode)
    return structured(np.convolve(full, v[::-1], "valid"), a), structured(np.convolve(full, a[::-1], "valid"), v)


def _correlate_bars(g: Any, y: Any, a: Any, v: Any, mode: str = "valid") -> Any:
    full = _full(g, a, v, mode, True)
    v_bar = _conjugate(np.convolve(full, a[::-1], "valid")[::-1])
    return structured(np.convolve(full, _conjugate(v), "valid"), a), structured(v_bar, v)


def _product_dot(product: Callable[..., Any], default: str) -> Callable[..., Any]:
    def dot(a_dot: Any, v_dot: Any, y: Any, a: Any, v: Any, mode: str = default) -> Any:
        options = () if mode == default else (mode,)
        by_a = 0.0 if is_zero(a_dot) else product(a_dot, v, *options)
        return by_a + (0.0 if is_zero(v_dot) else product(a, v_dot, *options))

    return dot


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
    dims = (*nested_dims(a), *nested_dims(v))
    if len(dims) != 2:
        raise TypeError("np.convolve and np.correlate are supported for two arrays of one dimension")
    return array_kind(np.result_type(nested_dtype(a), nested_dtype(v)), (_product_length(*dims, mode),))


vjp(np.convolve, _convolve_bars, kind=knowing(lambda a, v, mode="full": _product_kind(a, v, mode)))
jvp(np.convolve, _product_dot(np.convolve, "full"), wrt=(0, 1))
vjp(np.correlate, _correlate_bars, kind=knowing(lambda a, v, mode="valid": _product_kind(a, v, mode)))
jvp(np.correlate, _product_dot(np.correlate, "valid"), wrt=(0, 1))


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
