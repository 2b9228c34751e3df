"""Derivatives of factorizations.

`cholesky`, `eigh` and `eigvalsh` read one triangle of a matrix that they take to be Hermitian, and so only that
triangle has a derivative: that by an element outside the diagonal stands for both of its places.

Factors are unique up to signs, or phases of complex numbers; those of equal eigenvalues or singular values are not
unique at all. What is computed from them has a derivative if it depends on none of this, and it is the one given here.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from ast_ad.ir.kinds import Dim, Kind, as_kind, code, dims_of, may_be_one
from ast_ad.rules.common import is_zero, of_array
from ast_ad.rules.contractions import kinds_of
from ast_ad.rules.dims import array_kind
from ast_ad.rules.linear_algebra import adjoint, column, inexact, like_matrix, real_of, row
from ast_ad.rules.mathematics import present
from ast_ad.rules.products import conjugated, transposed
from ast_ad.rules.registry import linear
from ast_ad.rules.trial import Result
from ast_ad.runtime import eig, eigvals, of_square, of_tall, ratio, reciprocals

_fn: Callable[..., Any]


# Of Hermitian matrices.


def _half(x: Any, uplo: str = "L") -> Any:
    """Return a triangle with half of the diagonal, so that it and its adjoint add up to a Hermitian matrix."""
    return (np.tril(x) + np.tril(x, -1)) / 2 if uplo == "L" else (np.triu(x) + np.triu(x, 1)) / 2


def _hermitian(x: Any, uplo: str = "L") -> Any:
    """Return the Hermitian matrix that is read of `x`."""
    half = _half(x, uplo)
    return half + adjoint(half)


def _hermitian_bar(s: Any, uplo: str = "L") -> Any:
    """Return the bar of what a Hermitian matrix was read of; `s` is that of the whole."""
    return conjugated(_half(s + adjoint(s), uplo))


# The Cholesky factor: I. Murray, "Differentiation of the Cholesky decomposition" (2016), section 3.


def _cholesky(g: Any, y: Any, a: Any, *, upper: bool = False) -> Any:
    return adjoint(_lower_bar(adjoint(g), adjoint(y))) if upper else _lower_bar(g, y)


def _lower_bar(g: Any, y: Any) -> Any:
    across = adjoint(y)
    inner = _half(across @ conjugated(g))
    return _hermitian_bar(np.linalg.solve(across, adjoint(np.linalg.solve(across, inner))))


def _cholesky_dot(a_dot: Any, y: Any, a: Any, *, upper: bool = False) -> Any:
    return adjoint(_lower_dot(adjoint(a_dot), adjoint(y))) if upper else _lower_dot(a_dot, y)


def _lower_dot(a_dot: Any, y: Any) -> Any:
    return y @ _half(np.linalg.solve(y, adjoint(np.linalg.solve(y, _hermitian(a_dot)))))


of_array(np.linalg.cholesky, _cholesky, _cholesky_dot, kind=like_matrix)


# Eigenvalues and eigenvectors.


def _inverse_gaps(w: Any) -> Any:
    """Return ``1 / (w[j] - w[i])``, and 0 where they are equal."""
    return ratio(1.0, row(w) - column(w))


def _eigh(g: Any, y: Any, a: Any, UPLO: str = "L") -> Any:
    (w_bar, v_bar), (w, v) = g, y
    if is_zero(v_bar):
        return _hermitian_bar((v * row(w_bar)) @ adjoint(v), UPLO.upper())
    turned = v @ (_inverse_gaps(w) * (adjoint(v) @ conjugated(v_bar)))
    return _hermitian_bar((turned + v * row(w_bar)) @ adjoint(v), UPLO.upper())


def _eigh_dot(a_dot: Any, y: Any, a: Any, UPLO: str = "L") -> Any:
    w, v = y
    inner = adjoint(v) @ _hermitian(a_dot, UPLO.upper()) @ v
    return _real_diagonal(inner), v @ (_inverse_gaps(w) * inner)


def _eigvalsh(g: Any, y: Any, a: Any, UPLO: Any = "L") -> Any:
    _, v = np.linalg.eigh(a) if UPLO == "L" else np.linalg.eigh(a, UPLO)
    return _hermitian_bar((v * row(g)) @ adjoint(v), UPLO.upper())


def _eigvalsh_dot(a_dot: Any, y: Any, a: Any, UPLO: Any = "L") -> Any:
    _, v = np.linalg.eigh(a) if UPLO == "L" else np.linalg.eigh(a, UPLO)
    return _real_diagonal(adjoint(v) @ _hermitian(a_dot, UPLO.upper()) @ v)


def _diagonal(x: Any) -> Any:
    return np.diagonal(x) if np.ndim(x) == 2 else np.diagonal(x, 0, -2, -1)


def _real_diagonal(x: Any) -> Any:
    return _diagonal(x).real if np.iscomplexobj(x) else _diagonal(x)


def _eigvalsh_kind(a: Any, UPLO: str = "L") -> Kind:
    kinds = kinds_of(a)
    return array_kind(real_of(inexact(*kinds)), dims_of(kinds[0])[:-1])


def _eigh_kind(a: Any, UPLO: str = "L") -> Result:
    return _eigvalsh_kind(a), like_matrix(a)


of_array(np.linalg.eigh, _eigh, _eigh_dot, kind=_eigh_kind)
of_array(np.linalg.eigvalsh, _eigvalsh, _eigvalsh_dot, kind=_eigvalsh_kind, smaller=True)


# Of any matrix: C. Boeddeker et al., "On the computation of complex-valued gradients with application to statistically
# optimum beamforming" (2017), section 4.2. NumPy's eigenvectors have length 1.


def _eig(g: Any, y: Any, a: Any) -> Any:
    (w_bar, v_bar), (w, v) = g, y
    if is_zero(v_bar):
        return np.linalg.solve(transposed(v), column(w_bar) * transposed(v))
    along = np.sum(v_bar * v, axis=-2, keepdims=True).real
    inner = _inverse_gaps(w) * (transposed(v) @ (v_bar - conjugated(v) * along))
    return np.linalg.solve(transposed(v), inner @ transposed(v) + column(w_bar) * transposed(v))


def _eig_dot(a_dot: Any, y: Any, a: Any) -> Any:
    w, v = y
    inner = np.linalg.solve(v, a_dot @ v)
    turned = v @ (_inverse_gaps(w) * inner)
    return _diagonal(inner), turned - v * np.sum(conjugated(v) * turned, axis=-2, keepdims=True).real


def _eigvals(g: Any, y: Any, a: Any) -> Any:
    v = _eigenvectors(a)
    return np.linalg.solve(transposed(v), column(g) * transposed(v))


def _eigvals_dot(a_dot: Any, y: Any, a: Any) -> Any:
    v = _eigenvectors(a)
    return _diagonal(np.linalg.solve(v, a_dot @ v))


def _eigenvectors(a: Any) -> Any:
    return np.linalg.eig(a)[1] if np.iscomplexobj(a) else eig(a)[1]


def _eigvals_kind(a: Any) -> Kind:
    kinds = kinds_of(a)
    if code(kinds[0]) != "c":
        message = "eigenvalues of a real matrix are real or complex, as it turns out: convert it, `a.astype(complex)`"
        raise TypeError(f"{message}, or use `np.linalg.eigh` if it is symmetric")
    return array_kind(kinds[0].dtype, dims_of(kinds[0])[:-1])


def _eig_kind(a: Any) -> Result:
    return _eigvals_kind(a), like_matrix(a)


of_array(np.linalg.eig, _eig, _eig_dot, kind=_eig_kind)
of_array(np.linalg.eigvals, _eigvals, _eigvals_dot, kind=_eigvals_kind, smaller=True)


def _complex(a: Any) -> Any:
    kinds = kinds_of(a)
    return np.result_type(inexact(*kinds), np.complex64), dims_of(kinds[0])


def _complex_eigvals_kind(a: Any) -> Kind:
    dtype, dims = _complex(a)
    return array_kind(dtype, dims[:-1])


def _complex_eig_kind(a: Any) -> Result:
    dtype, dims = _complex(a)
    return array_kind(dtype, dims[:-1]), array_kind(dtype, dims)


of_array(eig, _eig, _eig_dot, kind=_complex_eig_kind)
of_array(eigvals, _eigvals, _eigvals_dot, kind=_complex_eigvals_kind, smaller=True)


# Singular values and vectors: J. Townsend, "Differentiating the singular value decomposition" (2016); of complex
# matrices, Z.-Q. Wan and S.-X. Zhang, "Automatic differentiation for complex valued SVD" (2019).


def _svd(g: Any, y: Any, a: Any, full_matrices: bool = True, compute_uv: bool = True, hermitian: bool = False) -> Any:
    if not compute_uv:
        return _svdvals(g, y, a)
    (u_bar, s_bar, vh_bar), (u, s, vh) = g, y
    if is_zero(u_bar) and is_zero(vh_bar):
        return _svdvals(s_bar, s, a) if full_matrices else conjugated((u * row(s_bar)) @ vh)
    if full_matrices:
        u = of_square(u, a)
    u_bar, vh_bar = conjugated(u_bar), conjugated(vh_bar)
    gaps, inverse = _inverse_gaps(s * s), reciprocals(s)
    of_u, of_v = adjoint(u) @ u_bar, vh @ adjoint(vh_bar)
    inner = (gaps * (of_u - adjoint(of_u))) * row(s) + column(s) * (gaps * (of_v - adjoint(of_v)))
    if np.iscomplexobj(a):
        s_bar = s_bar + 0.5j * inverse * (_diagonal(of_u) - _diagonal(of_v)).imag
    if full_matrices:
        # Of a square matrix the vectors span the whole space: there is no rest.
        return conjugated((u @ inner + u * row(s_bar)) @ vh)
    left, right = u_bar * row(inverse), column(inverse) * vh_bar
    left_rest = left - u @ (adjoint(u) @ left)
    right_rest = right - (right @ adjoint(vh)) @ vh
    return conjugated((u @ inner + u * row(s_bar) + left_rest) @ vh + u @ right_rest)


def _svd_dot(
    a_dot: Any, y: Any, a: Any, full_matrices: bool = True, compute_uv: bool = True, hermitian: bool = False
) -> Any:
    if not compute_uv:
        return _svdvals_dot(a_dot, y, a)
    u, s, vh = y
    if full_matrices:
        s_dot = _real_diagonal(adjoint(u) @ a_dot @ adjoint(vh))
        u_dot, _, vh_dot = _thin_svd_dot(a_dot, (of_square(u, a), s, vh), a, square=True)
        return u_dot, s_dot, vh_dot
    return _thin_svd_dot(a_dot, y, a)


def _thin_svd_dot(a_dot: Any, y: Any, a: Any, *, square: bool = False) -> Any:
    u, s, vh = y
    gaps, inverse = _inverse_gaps(s * s), reciprocals(s)
    from_left, from_right = adjoint(u) @ a_dot, a_dot @ adjoint(vh)
    inner = from_left @ adjoint(vh)
    of_u = gaps * (inner * row(s) + column(s) * adjoint(inner))
    of_v = gaps * (column(s) * inner + adjoint(inner) * row(s))
    u_dot, vh_dot = u @ of_u, -(of_v @ vh)
    if not square:
        u_dot = u_dot + (from_right - u @ inner) * row(inverse)
        vh_dot = vh_dot + column(inverse) * (from_left - inner @ vh)
    if np.iscomplexobj(a):
        phase = 0.5j * inverse * _diagonal(inner).imag
        u_dot, vh_dot = u_dot + u * row(phase), vh_dot + column(phase) * vh
    return u_dot, _real_diagonal(inner), vh_dot


def _svdvals(g: Any, y: Any, a: Any) -> Any:
    u, _, vh = np.linalg.svd(a, full_matrices=False)
    return conjugated((u * row(g)) @ vh)


def _svdvals_dot(a_dot: Any, y: Any, a: Any) -> Any:
    u, _, vh = np.linalg.svd(a, full_matrices=False)
    return _real_diagonal(adjoint(u) @ a_dot @ adjoint(vh))


def _shorter(one: Dim, two: Dim) -> Dim:
    """Return what is known of the smaller of two lengths."""
    if one == two or may_be_one(one) or may_be_one(two):
        return one if one == two or one == 1 else two if two == 1 else "?"
    return min(one, two) if isinstance(one, int) and isinstance(two, int) else f"min({one},{two})"


def _svdvals_kind(a: Any) -> Kind:
    kinds = kinds_of(a)
    *stack, m, n = dims_of(kinds[0])
    return array_kind(real_of(inexact(*kinds)), (*stack, _shorter(m, n)))


def _svd_kind(a: Any, full_matrices: bool = True, compute_uv: bool = True, hermitian: bool = False) -> Result:
    kinds = kinds_of(a)
    if not compute_uv:
        return _svdvals_kind(a)
    *stack, m, n = dims_of(kinds[0])
    k = _shorter(m, n)
    dtype, rows, columns = inexact(*kinds), m if full_matrices else k, n if full_matrices else k
    return (
        array_kind(dtype, (*stack, m, rows)),
        array_kind(real_of(dtype), (*stack, k)),
        array_kind(dtype, (*stack, columns, n)),
    )


of_array(np.linalg.svd, _svd, _svd_dot, kind=_svd_kind)
linear(
    of_square,
    lambda g, y, x, a: (g, None),
    shaped_by=(1,),
    kind=lambda x, a: as_kind(x),
    smaller=True,
    cheap=True,
    views=True,
)
linear(of_tall, lambda g, y, r: g, kind=lambda r: as_kind(r), smaller=True, cheap=True, views=True)
for _fn in present(np.linalg, "svdvals"):
    of_array(_fn, _svdvals, _svdvals_dot, kind=_svdvals_kind, smaller=True)


# The QR factors of a matrix with linearly independent columns: S. F. Walter and L. Lehmann, "Algorithmic
# differentiation of linear algebra functions with application in optimum experimental design" (2010), section 3.


def _qr(g: Any, y: Any, a: Any, mode: str = "reduced") -> Any:
    if mode == "r":
        q, r = np.linalg.qr(a)
        q_bar, r_bar = None, conjugated(g)
    else:
        (q, r), q_bar, r_bar = y, conjugated(g[0]), conjugated(g[1])
    inner = r_bar @ adjoint(r)
    inner = _hermitian(inner if q_bar is None else inner - adjoint(q) @ q_bar, "U")
    whole = q @ inner if q_bar is None else q_bar + q @ inner
    return conjugated(adjoint(np.linalg.solve(of_tall(r), adjoint(whole))))


def _qr_dot(a_dot: Any, y: Any, a: Any, mode: str = "reduced") -> Any:
    q, r = np.linalg.qr(a) if mode == "r" else y
    turned = adjoint(np.linalg.solve(adjoint(of_tall(r)), adjoint(a_dot)))
    inner = adjoint(q) @ turned
    inner = _half(inner, "U") + adjoint(_half(inner))
    return inner @ r if mode == "r" else (turned - q @ inner, inner @ r)


def _qr_kind(a: Any, mode: str = "reduced") -> Result:
    if mode not in ("reduced", "r"):
        raise TypeError(f"`np.linalg.qr` is supported in the modes 'reduced' and 'r', not {mode!r}")
    kinds = kinds_of(a)
    *stack, m, n = dims_of(kinds[0])
    dtype, k = inexact(*kinds), _shorter(m, n)
    r = array_kind(dtype, (*stack, k, n))
    return r if mode == "r" else (array_kind(dtype, (*stack, m, k)), r)


of_array(np.linalg.qr, _qr, _qr_dot, kind=_qr_kind)
