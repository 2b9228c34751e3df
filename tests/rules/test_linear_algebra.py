"""The rules of linear algebra, one call a line (see `tests.rules.arrays`)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from ast_ad import AutodiffError, grad, jvp
from ast_ad.ir.kinds import Array
from ast_ad.ir.nodes import Lit
from ast_ad.rules.mathematics import present
from ast_ad.rules.registry import find, rules
from ast_ad.runtime import linear_algebra
from ast_ad.testing import check_grads
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
    *[case(fn, x(2, 3, 4), offset=k) for k in (0, 1, -1) for fn in present(np.linalg, "trace", "diagonal")],
    case(np.linalg.solve, m(3, 3), x(3)),
    case(np.linalg.solve, m(3, 3), x(3, 2)),
    case(np.linalg.solve, c(2, 2), z(2)),
    case(np.linalg.solve, m(2, 2), z(2, 1)),
    case(np.linalg.solve, m(5, 3, 3), x(5, 3, 2)),
    case(np.linalg.solve, m(3, 3), x(5, 3, 2)),
    case(np.linalg.solve, m(5, 3, 3), x(1, 3, 2)),
    case(np.linalg.solve, m(3, 3), np.arange(3)),
    case(np.linalg.solve, [[x() + 2, 1.0], [x(), 3]], [1.0, x()]),
    case(np.linalg.solve, [[2, 1], [1, 3]], x(2)),
    *[case(np.linalg.solve, m(5, 3, 3), x(*shape)) for shape in ([(3,), (3, 2)] if NEW_SOLVE else [(5, 3)])],
    case(np.linalg.inv, m(3, 3)),
    case(np.linalg.inv, c(2, 2)),
    case(np.linalg.inv, m(2, 3, 3)),
    case(np.linalg.inv, [[x(), 2.0], [3.0, x()]]),
    case(np.linalg.pinv, m(3, 3)),
    case(np.linalg.pinv, m(4, 2)),
    case(np.linalg.pinv, m(2, 4)),
    case(np.linalg.pinv, c(3, 2)),
    case(np.linalg.pinv, m(2, 3, 2), Lit(1e-10)),
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
    case(np.linalg.matrix_power, [[x(), 1.0], [2.0, x()]], 3),
    case(np.linalg.matrix_power, [[x(), 1.0], [2.0, x()]], 0),
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
    case(linear_algebra.eigvals, x(3, 3)),
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
    tested |= {np.linalg.eig, np.linalg.matrix_rank, np.linalg.lstsq}
    declared = {
        rule.fn for rule in rules() if any(getattr(np.linalg, name, None) is rule.fn for name in dir(np.linalg))
    }
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


def slope(f: Callable[..., Any], direction: Any) -> Callable[..., Any]:
    return lambda a: np.sum(np.real(grad(f)(a) * direction))


@pytest.mark.parametrize("f", [eigenvectors, projections, singular_vectors])
def test_phases_do_not_matter(f: Callable[..., Any]) -> None:
    a, step = spd(3, 3, of=z) if f is eigenvectors else c(3, 3), 1e-5
    for function in (f, slope(f, z(3, 3))):
        direction = z(3, 3)
        numeric = (function(a + step * direction) - function(a - step * direction)) / (2 * step)
        bar, dot = grad(function)(a), jvp(function, (a,), (direction,))[1]
        np.testing.assert_allclose([np.sum(bar * direction).real, dot], numeric, rtol=1e-6, atol=1e-7)


@pytest.mark.parametrize("n", [-2, -1, 0, 1, 2, 3])
def test_options_may_be_computed(n: int) -> None:
    def power(a: Any, k: int) -> Any:
        return np.sum(np.linalg.matrix_power(a, k) * np.arange(4.0).reshape(2, 2)) + np.trace(a, k)

    a, direction, step = m(2, 2), x(2, 2), 1e-5
    numeric = (power(a + step * direction, n) - power(a - step * direction, n)) / (2 * step)
    np.testing.assert_allclose(np.sum(grad(power)(a, n) * direction), numeric, rtol=1e-6)
    np.testing.assert_allclose(jvp(power, (a, n), (direction, 0))[1], numeric, rtol=1e-6)


# What has no derivative, or where a convention decides.


def test_triangle_that_is_not_read_has_no_derivative() -> None:
    a = spd(3, 3)
    for fn, uplo in ((np.linalg.eigvalsh, "L"), (np.linalg.eigvalsh, "U"), (np.linalg.cholesky, "L")):
        options = {"UPLO": uplo} if fn is np.linalg.eigvalsh else {}
        bar = grad(lambda a: np.sum(fn(a, **options)))(a)  # noqa: B023
        assert np.array_equal(bar, np.tril(bar) if uplo == "L" else np.triu(bar))


SMOOTH: list[Callable[..., Any]] = [
    lambda a: np.linalg.norm(a),
    lambda a: np.linalg.norm(a, 2),
    lambda a: np.linalg.norm(a, 1),
    lambda a: np.linalg.norm(a, np.inf),
    lambda a: np.sum(np.linalg.norm(a, axis=0)),
]
NORMS_AT_0: list[tuple[Callable[..., Any], tuple[int, ...]]] = [
    *[(norm, shape) for norm in SMOOTH for shape in ((3,), (2, 3))],
    (lambda a: np.linalg.norm(a, 3), (3,)),
    (lambda a: np.linalg.norm(a, -np.inf), (3,)),
    (lambda a: np.linalg.norm(a, "fro"), (2, 3)),
    (lambda a: np.linalg.norm(a, "nuc"), (2, 3)),
    (lambda a: np.linalg.norm(a, -1), (2, 3)),
]


@pytest.mark.parametrize(("norm", "shape"), NORMS_AT_0)
def test_norm_has_slope_zero_at_the_origin(norm: Callable[..., Any], shape: tuple[int, ...]) -> None:
    zeros = np.zeros(shape)
    assert np.array_equal(grad(norm)(zeros), zeros)
    assert jvp(norm, (zeros,), (zeros + 1,))[1] == 0
    if norm in SMOOTH:
        assert np.array_equal(grad(lambda a: np.sum(grad(norm)(a)))(zeros), zeros)


def test_equal_elements_share_the_slope_of_a_maximum() -> None:
    assert grad(lambda a: np.linalg.norm(a, np.inf))(np.array([2.0, -2.0, 1.0])).tolist() == [0.5, -0.5, 0.0]
    assert grad(lambda a: np.linalg.norm(a, 1))(np.array([[2.0, -1.0], [0.0, 1.0]])).tolist() == [
        [0.5, -0.5],
        [0.0, 0.5],
    ]


def test_number_of_nonzero_elements_is_a_step() -> None:
    assert np.array_equal(grad(lambda a: np.linalg.norm(a, 0) + a[0])(np.arange(3.0)), [1.0, 0.0, 0.0])


def test_equal_eigenvalues_give_finite_derivatives() -> None:
    assert np.allclose(grad(lambda a: np.sum(np.linalg.eigh(a)[0]))(np.eye(3)), np.eye(3))
    assert np.allclose(grad(lambda a: np.sum(np.linalg.svd(a, full_matrices=False)[1]))(np.eye(3)), np.eye(3))


def test_full_singular_vectors_have_derivatives_where_they_are_unique() -> None:
    check_grads(lambda a: np.linalg.svd(a)[1], order=2)(m(3, 2))
    check_grads(lambda a: np.abs(np.linalg.svd(a)[0]))(m(3, 3))
    for derivative in (grad(lambda a: np.sum(np.linalg.svd(a)[0])), lambda a: jvp(np.linalg.svd, (a,), (a,))):
        with pytest.raises(ValueError, match="full_matrices=False"):
            derivative(m(3, 2))


@pytest.mark.skipif(not hasattr(np.linalg.slogdet(np.eye(1)), "logabsdet"), reason="since NumPy 1.25")
def test_named_results() -> None:
    check_grads(lambda a: np.linalg.slogdet(a).logabsdet)(m(3, 3))
    check_grads(lambda a: np.linalg.eigh(a + a.T).eigenvalues, order=2)(m(3, 3))


def test_derivative_of_the_determinant_of_a_singular_matrix_is_refused() -> None:
    for fn in (lambda a: np.linalg.det(a), lambda a: np.linalg.slogdet(a)[1]):
        with pytest.raises(np.linalg.LinAlgError):
            grad(fn)(np.array([[1.0, 2.0], [2.0, 4.0]]))


@pytest.mark.parametrize(
    ("function", "message"),
    [
        (lambda a: np.sum(np.linalg.qr(a, mode="complete")[1]), "reduced"),
        (lambda a: np.linalg.norm(a, a[0, 0]), "constant"),
    ],
)
def test_what_is_refused(function: Callable[..., Any], message: str) -> None:
    with pytest.raises(AutodiffError, match=message):
        grad(function)(m(3, 3))


A, WIDE = Array("float32", ("s", "n", "n2")), Array("complex64", (2, "m"))
K = "min(2,m)"


def _kinds(fn: Callable[..., Any], *args: Any, **options: Any) -> Any:
    rule = find(fn)
    assert rule is not None and rule.kind is not None
    found = rule.kind(*args, **options)
    return tuple((kind.dtype, kind.dims) for kind in (found if isinstance(found, tuple) else (found,)))


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        (_kinds(np.linalg.inv, A), (("float32", ("s", "n", "n2")),)),
        (_kinds(np.linalg.inv, Array("int64", (2, 2))), (("float64", (2, 2)),)),
        (_kinds(np.linalg.pinv, WIDE), (("complex64", ("m", 2)),)),
        (_kinds(np.linalg.solve, A, Array("float64", (1, "n", 2))), (("float64", ("s", "n2", 2)),)),
        (_kinds(np.linalg.eigh, A), (("float32", ("s", "n")), ("float32", ("s", "n", "n2")))),
        (_kinds(np.linalg.eigvals, WIDE), (("complex64", (2,)),)),
        (_kinds(np.linalg.svd, WIDE, False), (("complex64", (2, K)), ("float32", (K,)), ("complex64", (K, "m")))),
        (_kinds(np.linalg.svd, WIDE, compute_uv=False), (("float32", (K,)),)),
        (_kinds(np.linalg.qr, Array("float64", (4, 3))), (("float64", (4, 3)), ("float64", (3, 3)))),
        (_kinds(np.linalg.multi_dot, [WIDE, Array("float32", ("m2", 1))]), (("complex64", (2, 1)),)),
    ],
)
def test_dims_of_the_result_are_those_of_the_operands(found: Any, expected: Any) -> None:
    assert found == expected
