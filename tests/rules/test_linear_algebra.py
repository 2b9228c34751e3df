"""The rules of linear algebra, one call a line (see `tests.rules.arrays`)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from ast_ad import grad, jvp
from ast_ad.ir.kinds import UNKNOWN, Array
from ast_ad.ir.nodes import Lit
from ast_ad.rules.mathematics import present
from ast_ad.rules.registry import find, rules
from tests.rules.arrays import check
from tests.rules.test_products import CONTRACTIONS, EINSUM, NEW, PRODUCTS, Case, _name, case, x, z

INF = Lit(float("inf"))
MINUS_INF = Lit(-float("inf"))
NEW_SOLVE = np.lib.NumpyVersion(np.__version__) >= "2.0.0"


def m(*shape: int) -> Any:
    """Return well-conditioned matrices whose eigenvalues and singular values are apart."""
    return x(*shape) / 2 + np.eye(*shape[-2:]) * np.arange(2, 2 + shape[-1])


def c(*shape: int) -> Any:
    """Return complex ones."""
    return m(*shape) + 0.5j * x(*shape)


def spd(*shape: int, of: Callable[..., Any] = x) -> Any:
    """Return Hermitian, positive definite matrices."""
    square = of(*shape) / 2
    return square @ np.conj(np.swapaxes(square, -1, -2)) + np.eye(shape[-1]) * np.arange(1, 1 + shape[-1])


LINEAR_ALGEBRA: list[Case] = [
    case(np.trace, x(3, 3)),
    case(np.trace, x(2, 3)),
    case(np.trace, x(3, 3), 1),
    case(np.trace, x(3, 4), offset=-1),
    case(np.trace, x(3, 4), 1, 1, 0),
    case(np.trace, x(2, 3, 4)),
    case(np.trace, x(2, 3, 4), axis1=2, axis2=0),
    case(np.trace, x(2, 3, 4), 1, -1, 1),
    case(np.trace, z(2, 2)),
    case(np.trace, [[x(), 1.0], [2.0, x()]]),
    case(np.linalg.solve, m(3, 3), x(3)),
    case(np.linalg.solve, m(3, 3), x(3, 2)),
    case(np.linalg.solve, c(2, 2), z(2)),
    case(np.linalg.solve, m(2, 2), z(2, 1)),
    case(np.linalg.solve, m(5, 3, 3), x(5, 3, 2)),
    case(np.linalg.solve, m(3, 3), x(5, 3, 2)),
    case(np.linalg.solve, m(5, 3, 3), x(1, 3, 2)),
    case(np.linalg.solve, m(3, 3), np.arange(3)),
    *[case(np.linalg.solve, m(5, 3, 3), x(*shape)) for shape in ([(3,), (3, 2)] if NEW_SOLVE else [(5, 3)])],
    case(np.linalg.inv, m(3, 3)),
    case(np.linalg.inv, c(2, 2)),
    case(np.linalg.inv, m(2, 3, 3)),
    case(np.linalg.inv, [[x(), 2.0], [3.0, x()]]),
    case(np.linalg.pinv, m(3, 3)),
    case(np.linalg.pinv, m(4, 2)),
    case(np.linalg.pinv, m(2, 4)),
    case(np.linalg.pinv, c(3, 2)),
    case(np.linalg.pinv, m(2, 3, 2), 1e-10),
    case(np.linalg.det, m(3, 3)),
    case(np.linalg.det, c(2, 2)),
    case(np.linalg.det, m(2, 3, 3)),
    case(np.linalg.det, m(1, 1)),
    case(np.linalg.slogdet, m(3, 3)),
    case(np.linalg.slogdet, c(2, 2)),
    case(np.linalg.slogdet, m(2, 3, 3)),
    case(np.linalg.slogdet, c(2, 3, 3)),
    *[case(np.linalg.matrix_power, m(2, 2), n) for n in (-3, -2, -1, 0, 1, 2, 3, 5)],
    case(np.linalg.matrix_power, c(2, 2), 3),
    case(np.linalg.matrix_power, m(3, 2, 2), 4),
    case(np.linalg.multi_dot, [x(2, 3), x(3, 4)]),
    case(np.linalg.multi_dot, [x(2, 3), x(3, 4), x(4, 2)]),
    case(np.linalg.multi_dot, [x(3), x(3, 4), x(4, 2), x(2)]),
    case(np.linalg.multi_dot, [x(3), x(3, 4), x(4, 2)]),
    case(np.linalg.multi_dot, [z(2, 3), x(3, 4), z(4)]),
    case(np.linalg.multi_dot, [x(3), x(3)]),
]

NORMS: list[Case] = [
    case(np.linalg.norm, x(3)),
    case(np.linalg.norm, z(3)),
    case(np.linalg.norm, x(2, 3)),
    case(np.linalg.norm, x(2, 3, 2)),
    case(np.linalg.norm, x(2, 3), keepdims=True),
    case(np.linalg.norm, x()),
    case(np.linalg.norm, [x(), x()]),
    *[case(np.linalg.norm, x(4), p) for p in (2, 1, 3, Lit(2.5), -1, -2, Lit(0.5), INF, MINUS_INF)],
    *[case(np.linalg.norm, z(4), p) for p in (2, 1, 3, INF, MINUS_INF)],
    *[case(np.linalg.norm, x(3, 4), p, axis) for p in (None, 1, 3, INF) for axis in (0, 1, -1)],
    *[case(np.linalg.norm, x(3, 4), p, axis=-1, keepdims=True) for p in (None, 3, MINUS_INF)],
    *[case(np.linalg.norm, x(3, 4), axis=axis) for axis in ((0, 1), (1,), (-1, 0))],
    case(np.linalg.norm, x(2, 3, 4), axis=(0, 2)),
    case(np.linalg.norm, x(2, 3, 4), "fro", axis=(0, 2), keepdims=True),
    *[case(np.linalg.norm, x(3, 4), p) for p in ("fro", "nuc", 2, -2, 1, -1, INF, MINUS_INF)],
    *[case(np.linalg.norm, z(3, 2), p) for p in ("fro", "nuc", 2, -2, 1, MINUS_INF)],
    *[case(np.linalg.norm, x(2, 3, 4), p, (-2, -1)) for p in ("nuc", 2, 1, -1, INF)],
    *[case(np.linalg.norm, x(2, 3, 4), p, (2, 0), keepdims=True) for p in ("nuc", -2, 1, INF)],
    *[case(fn, x(2, 3)) for fn in present(np.linalg, "vector_norm", "matrix_norm")],
    *[case(fn, x(2, 3), ord=3) for fn in present(np.linalg, "vector_norm")],
    *[case(fn, x(2, 3), axis=1, ord=INF.value, keepdims=True) for fn in present(np.linalg, "vector_norm")],
    *[case(fn, x(2, 3, 4), ord="nuc") for fn in present(np.linalg, "matrix_norm")],
]


FACTORIZATIONS: list[Case] = [
    case(np.linalg.cholesky, spd(3, 3)),
    case(np.linalg.cholesky, spd(2, 3, 3)),
    case(np.linalg.cholesky, spd(2, 2, of=z)),
    *[case(np.linalg.cholesky, spd(3, 3), upper=True) for _ in range(NEW_SOLVE)],
    *[case(np.linalg.cholesky, spd(2, 3, 3, of=z), upper=True) for _ in range(NEW_SOLVE)],
    case(np.linalg.eigh, spd(3, 3)),
    case(np.linalg.eigh, spd(3, 3), "U"),
    case(np.linalg.eigh, spd(2, 3, 3)),
    case(np.linalg.eigvalsh, spd(3, 3)),
    case(np.linalg.eigvalsh, spd(3, 3), UPLO="U"),
    case(np.linalg.eigvalsh, spd(2, 3, 3)),
    case(np.linalg.eigvalsh, spd(3, 3, of=z)),
    case(np.linalg.eigvals, c(3, 3)),
    case(np.linalg.eigvals, c(2, 2, 2)),
    *[case(np.linalg.svd, m(*shape), False) for shape in ((3, 3), (4, 2), (2, 4), (2, 3, 2))],
    *[case(np.linalg.svd, m(*shape), compute_uv=False) for shape in ((3, 3), (4, 2), (2, 4), (2, 3, 2))],
    case(np.linalg.svd, c(3, 2), compute_uv=False),
    *[case(fn, m(3, 2)) for fn in present(np.linalg, "svdvals")],
    *[case(np.linalg.qr, m(*shape)) for shape in ((3, 3), (4, 2), (2, 3, 2))],
    *[case(np.linalg.qr, m(*shape), mode="r") for shape in ((3, 3), (4, 2))],
    case(np.linalg.qr, c(3, 2)),
]


@pytest.mark.parametrize("case", LINEAR_ALGEBRA + NORMS + FACTORIZATIONS, ids=_name)
def test_rule_agrees_with_differences(case: Case) -> None:
    fn, args, options = case
    check(fn, *args, **options)


def test_every_rule_is_tested() -> None:
    tested = {each[0] for each in PRODUCTS + CONTRACTIONS + EINSUM + NEW + LINEAR_ALGEBRA + NORMS + FACTORIZATIONS}
    tested |= {np.linalg.eig, np.linalg.matrix_rank}
    declared = {rule.fn for rule in rules() if any(getattr(np.linalg, name, None) is rule.fn for name in dir(np.linalg))}
    assert declared <= tested


# Of factors that are unique but for phases, what does not depend on these.


def eigenvectors(a: Any) -> Any:
    w, v = np.linalg.eigh(a)
    return np.sum(np.cos(np.abs(v[0] * np.conj(v[1]) + 0.3 * v[2] * np.conj(v[0])) * w))


def projections(a: Any) -> Any:
    w, v = np.linalg.eig(a)
    return np.sum(np.sin(np.abs(v) * np.abs(w)))


def singular_vectors(a: Any) -> Any:
    u, s, vh = np.linalg.svd(a, full_matrices=False)
    return np.sum(np.sin(((u * s**2) @ vh).real + ((u * s) @ vh).imag)) + np.sum(np.abs(u) ** 3)


def halfway(f: Callable[..., Any]) -> Callable[..., Any]:
    def slope(a: Any) -> Any:
        return np.sum(np.real(grad(f)(a) * (0.3 + 0.2j)))

    return slope


@pytest.mark.parametrize("f", [eigenvectors, projections, singular_vectors])
def test_phases_do_not_matter(f: Callable[..., Any]) -> None:
    a, step = spd(3, 3, of=z) if f is eigenvectors else c(3, 3), 1e-5
    for direction in (z(3, 3), z(3, 3)):
        numeric = (f(a + step * direction) - f(a - step * direction)) / (2 * step)
        np.testing.assert_allclose(np.sum(grad(f)(a) * direction).real, numeric, rtol=1e-6, atol=1e-8)
        np.testing.assert_allclose(jvp(f, (a,), (direction,))[1], numeric, rtol=1e-6, atol=1e-8)
