"""Helpers of the rules of products and of linear algebra."""

from __future__ import annotations

from typing import Any

import numpy as np


def cross(a: Any, b: Any) -> Any:
    """Return the cross product of vectors of length 3 along the last axes, and refuse others.

    `np.cross` takes vectors of length 2, too, whose product is a number, or a vector if the other one has length 3; how
    long an array's vectors are is not known before it runs.

    >>> cross(np.array([1.0, 0.0, 0.0]), np.array([0.0, 1.0, 0.0])).tolist()
    [0.0, 0.0, 1.0]
    """
    if np.shape(a)[-1:] != (3,) or np.shape(b)[-1:] != (3,):
        raise ValueError("the derivative of a cross product is supported for vectors of length 3: write out others")
    return np.cross(a, b)


def in_space(g: Any, x: Any) -> Any:
    """Return `g`, the adjoint of a cross product with vectors `x`, and refuse vectors that have not length 3.

    >>> in_space(np.ones(3), np.zeros(3)).tolist()
    [1.0, 1.0, 1.0]
    """
    if np.shape(x)[-1:] != (3,):
        raise ValueError("the derivative of a cross product is supported for vectors of length 3: write out others")
    return g


def of_square(x: Any, a: Any) -> Any:
    """Return `x`, which is made of a matrix `a`, and refuse those that are not square.

    Of others, `np.linalg.svd` fills up the singular vectors with columns that are not unique, and have no derivative.

    >>> of_square(np.ones(2), np.zeros((3, 3))).tolist()
    [1.0, 1.0]
    """
    if np.shape(a)[-1] != np.shape(a)[-2]:
        raise ValueError("the columns that fill up singular vectors are not unique: pass `full_matrices=False` to svd")
    return x


def of_tall(r: Any) -> Any:
    """Return `r`, the triangular factor of a matrix, and refuse that of a matrix with more columns than rows.

    >>> of_tall(np.eye(2)).tolist()
    [[1.0, 0.0], [0.0, 1.0]]
    """
    rows, columns = np.shape(r)[-2:]
    if rows != columns:
        raise ValueError(
            f"the derivative of `np.linalg.qr` is for matrices that have no more columns than rows, not for {rows} by "
            f"{columns}: take the factors q, r of `a[:, :{rows}]`, and `q.T @ a[:, {rows}:]` for the other columns"
        )
    return r


def reciprocals(s: Any) -> Any:
    """Return ``1 / s`` of singular values, and 0 where they are 0 but for rounding.

    >>> reciprocals(np.array([4.0, 1e-17])).tolist()
    [0.25, 0.0]
    """
    least = 4 * s.shape[-1] * np.finfo(s.dtype).eps * np.max(s, axis=-1, keepdims=True, initial=0.0)
    return np.where(s > least, 1 / np.where(s > least, s, 1), 0)


def eig(a: Any) -> Any:
    """Return ``np.linalg.eig(a)``, always as complex numbers: those of a real matrix are real or not, as it turns out.

    >>> eig(np.diag([1.0, 2.0])).eigenvalues.dtype
    dtype('complex128')
    """
    found = np.linalg.eig(a)
    w, v = (part.astype(np.result_type(part, np.complex64)) for part in found)
    return type(found)(w, v) if hasattr(found, "_fields") else (w, v)


def eigvals(a: Any) -> Any:
    """Return ``np.linalg.eigvals(a)``, always as complex numbers.

    >>> eigvals(np.diag([1.0, 2.0])).tolist()
    [(1+0j), (2+0j)]
    """
    found = np.linalg.eigvals(a)
    return found.astype(np.result_type(found, np.complex64))
