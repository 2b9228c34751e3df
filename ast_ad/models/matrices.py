"""Functions of `np.linalg` that are made of others."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from ast_ad.models.common import Options


def cond(x: Any, p: Any = None) -> Any:
    """As `np.linalg.cond` of a matrix that has an inverse."""
    x = np.asarray(x)
    if p is None or p == 2:
        s = np.linalg.svd(x, compute_uv=False)
        return s[..., 0] / s[..., -1]
    axis = None if x.ndim == 2 else (-2, -1)
    return np.linalg.norm(x, p, axis) * np.linalg.norm(np.linalg.inv(x), p, axis)


def planar_cross(a: Any, b: Any) -> Any:
    """As `np.cross` of vectors of length 2."""
    a, b = np.asarray(a), np.asarray(b)
    return a[..., 0] * b[..., 1] - a[..., 1] * b[..., 0]


def tensorsolve(a: Any, b: Any, axes: Any = None) -> Any:
    """As `np.linalg.tensorsolve`."""
    a, b = np.asarray(a), np.asarray(b)
    if axes is not None:
        a = np.moveaxis(a, axes, tuple(range(a.ndim - len(axes), a.ndim)))
    return np.linalg.solve(np.reshape(a, (b.size, b.size)), np.ravel(b)).reshape(a.shape[b.ndim :])


def pinv(a: Any, rcond: Any = None, hermitian: Any = True, *, rtol: Any = None) -> Any:
    """As `np.linalg.pinv` with ``hermitian=True``: of one triangle."""
    lower = np.tril(a)
    whole = lower + np.conj(np.swapaxes(np.tril(a, -1), -1, -2))
    if rtol is not None:
        return np.linalg.pinv(whole, rtol)
    return np.linalg.pinv(whole) if rcond is None else np.linalg.pinv(whole, rcond)


def svd(a: Any, full_matrices: Any = True, compute_uv: Any = True, hermitian: Any = True) -> Any:
    """As `np.linalg.svd` with ``hermitian=True``: of one triangle."""
    if not compute_uv:
        return np.sort(np.abs(np.linalg.eigvalsh(a)))[..., ::-1]
    values, vectors = np.linalg.eigh(a)
    order = np.argsort(np.abs(values))[..., ::-1]
    values = np.take_along_axis(values, order, axis=-1)
    vectors = np.take_along_axis(vectors, order[..., np.newaxis, :], axis=-1)
    return vectors, np.abs(values), np.conj(np.swapaxes(vectors * np.sign(values)[..., np.newaxis, :], -1, -2))


MODELS: dict[Callable[..., Any], Callable[..., Any]] = {
    np.linalg.cond: cond,
    np.linalg.tensorsolve: tensorsolve,
}

OPTIONS: Options = {
    np.linalg.pinv: ({"hermitian": (False,)}, pinv),
    np.linalg.svd: ({"hermitian": (False,)}, svd),
}
