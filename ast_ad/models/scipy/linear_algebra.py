"""Functions of `scipy.linalg`, in terms of NumPy's and of those that have rules."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from scipy import linalg


def inv(a: Any, overwrite_a: Any = False, check_finite: Any = True) -> Any:
    """As `scipy.linalg.inv`."""
    return np.linalg.inv(a)


def det(a: Any, overwrite_a: Any = False, check_finite: Any = True) -> Any:
    """As `scipy.linalg.det`."""
    return np.linalg.det(a)


def pinv(a: Any) -> Any:
    """As `scipy.linalg.pinv` without options."""
    return np.linalg.pinv(a, np.max(np.shape(a)[-2:]) * np.finfo(np.asarray(a).dtype).eps)


def norm(a: Any, ord: Any = None, axis: Any = None, keepdims: Any = False, check_finite: Any = True) -> Any:
    """As `scipy.linalg.norm`."""
    return np.linalg.norm(a, ord, axis, keepdims)


def solve(a: Any, b: Any, *, overwrite_a: Any = False, overwrite_b: Any = False, check_finite: Any = True) -> Any:
    """As `scipy.linalg.solve` of any matrix."""
    return np.linalg.solve(a, b)


def cholesky(a: Any, lower: Any = False, overwrite_a: Any = False, check_finite: Any = True) -> Any:
    """As `scipy.linalg.cholesky`: it reads the triangle that it returns."""
    if lower:
        return np.linalg.cholesky(a)
    return np.conj(np.linalg.cholesky(np.conj(a).T)).T


def cho_factor(a: Any, lower: Any = False, overwrite_a: Any = False, check_finite: Any = True) -> Any:
    """As `scipy.linalg.cho_factor`, with zeros in the triangle of which nothing is promised."""
    return cholesky(a, lower), lower


def cho_solve(c_and_lower: Any, b: Any, overwrite_b: Any = False, check_finite: Any = True) -> Any:
    """As `scipy.linalg.cho_solve`."""
    c, lower = c_and_lower
    if lower:
        return linalg.solve_triangular(c, linalg.solve_triangular(c, b, lower=True), trans=2, lower=True)
    return linalg.solve_triangular(c, linalg.solve_triangular(c, b, trans=2))


def eigvalsh(a: Any, *, lower: Any = True, overwrite_a: Any = False, check_finite: Any = True) -> Any:
    """As `scipy.linalg.eigvalsh` of all eigenvalues."""
    return np.linalg.eigvalsh(a, "L" if lower else "U")


def eigh(
    a: Any, *, lower: Any = True, eigvals_only: Any = False, overwrite_a: Any = False, check_finite: Any = True
) -> Any:
    """As `scipy.linalg.eigh` of all eigenvalues."""
    if eigvals_only:
        return eigvalsh(a, lower=lower)
    values, vectors = np.linalg.eigh(a, "L" if lower else "U")
    return values, vectors


def svd(
    a: Any, full_matrices: Any = True, compute_uv: Any = True, overwrite_a: Any = False, check_finite: Any = True
) -> Any:
    """As `scipy.linalg.svd`."""
    if not compute_uv:
        return np.linalg.svd(a, compute_uv=False)
    u, s, vh = np.linalg.svd(a, full_matrices)
    return u, s, vh


def svdvals(a: Any, overwrite_a: Any = False, check_finite: Any = True) -> Any:
    """As `scipy.linalg.svdvals`."""
    return np.linalg.svd(a, compute_uv=False)


def block_diag(*arrs: Any) -> Any:
    """As `scipy.linalg.block_diag`."""
    blocks = [np.atleast_2d(each) for each in arrs]
    result = np.zeros((sum([len(each) for each in blocks]), sum([each.shape[1] for each in blocks])))
    row = column = 0
    for block in blocks:
        result[row : row + block.shape[0], column : column + block.shape[1]] = block
        row, column = row + block.shape[0], column + block.shape[1]
    return result


def toeplitz(c: Any, r: Any = None) -> Any:
    """As `scipy.linalg.toeplitz`."""
    c = np.ravel(c)
    r = np.conj(c) if r is None else np.ravel(r)
    values = np.concatenate([c[::-1], r[1:]])
    return values[np.expand_dims(np.arange(len(c) - 1, -1, -1), 1) + np.arange(len(r))]


def circulant(c: Any) -> Any:
    """As `scipy.linalg.circulant`."""
    c = np.ravel(c)
    return c[(np.expand_dims(np.arange(len(c)), 1) - np.arange(len(c))) % len(c)]


MODELS: dict[Callable[..., Any], Callable[..., Any]] = {
    linalg.block_diag: block_diag,
    linalg.cho_factor: cho_factor,
    linalg.cho_solve: cho_solve,
    linalg.cholesky: cholesky,
    linalg.circulant: circulant,
    linalg.det: det,
    linalg.eigh: eigh,
    linalg.eigvalsh: eigvalsh,
    linalg.inv: inv,
    linalg.norm: norm,
    linalg.pinv: pinv,
    linalg.solve: solve,
    linalg.svd: svd,
    linalg.svdvals: svdvals,
    linalg.toeplitz: toeplitz,
}
