"""What has to hold between values, adjoints, tangents and differences."""

from __future__ import annotations

from typing import Any

import numpy as np

from ast_ad.testing.values import is_inexact, is_number, leaves, mass, pairing, precision, structure

_IDENTITY_RTOL = 1e-10


def assert_is(actual: Any, expected: Any, what: str) -> None:
    """Fail unless two descriptions are equal."""
    if actual != expected:
        raise AssertionError(f"{what}: got {actual!r}, expected {expected!r}")


def assert_cotangent(bar: Any, value: Any, what: str) -> None:
    """Fail unless an adjoint has the structure, shapes and dtypes of the value, and is an array where that is one."""
    assert_is(structure(bar), structure(value), f"structure of the adjoint, {what}")
    for b, leaf in zip(leaves(bar), leaves(value)):
        if np.iscomplexobj(b) and not np.iscomplexobj(leaf):
            raise AssertionError(f"{what}: the adjoint {b!r} of the real value {leaf!r} is complex")
        if is_inexact(leaf):
            assert_is(isinstance(b, np.ndarray), isinstance(leaf, np.ndarray), f"whether {b!r} is an array, {what}")
            assert_is(np.asarray(b).dtype, np.asarray(leaf).dtype, f"dtype of the adjoint of {leaf!r}, {what}")


def assert_adjoint(bar: Any, direction: Any, seed: Any, numeric: Any, rtol: float, atol: float, what: str) -> None:
    """Fail unless an adjoint agrees with a derivative along a direction, relative to the size of the terms."""
    terms = atol + rtol * mass(seed, numeric)
    assert_close(pairing(bar, direction), pairing(seed, numeric), rtol, terms, what)


def assert_identity(
    bar: Any, direction: Any, dot: Any, what: str, rtol: float = _IDENTITY_RTOL, seed: Any = 1.0
) -> None:
    """Fail unless an adjoint and a tangent agree: ``<x_bar, x_dot> == <out_bar, out_dot>``.

    That is relative to the size of the terms.  Terms that cancel to zero in one mode may leave their rounding in the
    other.
    """
    coarse = precision((bar, dot)) / precision(1.0)
    terms = 1e-4 + mass(bar, direction) + (0.0 if isinstance(seed, float) else mass(seed, dot))
    assert_close(pairing(bar, direction), pairing(seed, dot), 0.0, rtol * coarse * terms, what)


def assert_close(actual: Any, expected: Any, rtol: float, atol: float, what: str) -> None:
    """Fail unless two values have one structure and nearly the same numbers; NaN equals NaN alone.

    >>> assert_close((1.0, float("nan")), (1.0 + 1e-9, float("nan")), 1e-6, 0.0, "pair")
    >>> assert_close(float("nan"), 0.0, 1e-6, 1.0, "slope")
    Traceback (most recent call last):
    ...
    AssertionError: slope: got nan, expected 0.0
    """
    assert_is(structure(actual), structure(expected), f"structure, {what}")
    for a, b in zip(leaves(actual), leaves(expected)):
        same = np.all(_near(np.asarray(a), np.asarray(b), rtol, atol)) if is_number(a) else a == b
        if not same:
            raise AssertionError(f"{what}: got {a!r}, expected {b!r}")


def _near(a: Any, b: Any, rtol: float, atol: float) -> Any:
    """Tell where two arrays agree; the tolerance is relative to the larger, so that their order does not matter."""
    a, b = (x if x.dtype.kind != "b" else x.astype(int) for x in (a, b))
    with np.errstate(invalid="ignore", over="ignore"):
        close = np.abs(a - b) <= atol + rtol * np.maximum(np.abs(a), np.abs(b))
    finite = np.isfinite(a) & np.isfinite(b)
    return np.where(finite, close, (a == b) | (np.isnan(a) & np.isnan(b)))
