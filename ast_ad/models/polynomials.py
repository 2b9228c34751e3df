"""Polynomials, by their coefficients."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from ast_ad.models.common import Options


def poly(seq_of_zeros: Any) -> Any:
    """As `np.poly` of a vector of real zeros."""
    zeros = np.asarray(seq_of_zeros) + 0.0
    result = np.ones_like(zeros[:1])
    for zero in zeros:
        result = np.convolve(result, np.array([1.0, -zero], dtype=zeros.dtype))
    return result


def roots(p: Any) -> Any:
    """As `np.roots` of coefficients whose first and last are not 0; always as complex numbers."""
    coefficients = np.asarray(p) + 0.0
    if coefficients[0] == 0 or coefficients[-1] == 0:
        raise ValueError("a polynomial whose first or last coefficient is 0 is not supported: leave it out")
    rows = np.diag(np.ones_like(coefficients[2:]), -1)[1:]
    first = -coefficients[1:] / coefficients[0]
    return np.linalg.eigvals(np.concatenate([first[np.newaxis], rows]))


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


def polyder(p: Any, m: int = 1) -> Any:
    """As `np.polyder` of any order."""
    for _ in range(m):
        p = np.polyder(p)
    return p


def polyint(p: Any, m: int = 1, k: Any = None) -> Any:
    """As `np.polyint`."""
    coefficients = np.asarray(p)
    if m == 1 and k is None:
        return np.concatenate([coefficients / np.arange(len(coefficients), 0, -1), np.zeros(1)])
    constants = np.zeros(m) if k is None else np.broadcast_to(np.ravel(k), (m,))
    for i in range(m):
        coefficients = np.concatenate([coefficients / np.arange(len(coefficients), 0, -1), constants[i : i + 1]])
    return coefficients


def polyfit(x: Any, y: Any, deg: int, rcond: Any = None, *, w: Any = None) -> Any:
    """As `np.polyfit`: the coefficients alone."""
    x, rhs = np.asarray(x) + 0.0, np.asarray(y) + 0.0
    lhs = np.vander(x, deg + 1)
    if w is not None:
        weights = np.asarray(w) + 0.0
        lhs = lhs * weights[:, np.newaxis]
        rhs = rhs * weights[:, np.newaxis] if rhs.ndim == 2 else rhs * weights
    scale = np.sqrt((lhs * lhs).sum(axis=0))
    lhs = lhs / scale
    found, _, _, _ = np.linalg.lstsq(lhs, rhs, len(x) * np.finfo(x.dtype).eps if rcond is None else rcond)
    return (found.T / scale).T


MODELS: dict[Callable[..., Any], Callable[..., Any]] = {
    np.poly: poly,
    np.polyadd: polyadd,
    np.polyfit: polyfit,
    np.polyint: polyint,
    np.polymul: polymul,
    np.polysub: polysub,
    np.roots: roots,
}

OPTIONS: Options = {np.polyder: ({"m": (1,)}, polyder)}
