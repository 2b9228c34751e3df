"""The rules of products and contractions of arrays, one call a line (see `tests.rules.arrays`)."""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from ast_ad.ir.kinds import FLOAT, UNKNOWN, Array, dims_of
from ast_ad.rules.mathematics import present
from ast_ad.rules.registry import find
from ast_ad.runtime.linear_algebra import cross
from tests.rules.arrays import check

Case = tuple[Callable[..., Any], tuple[Any, ...], dict[str, Any]]
rng = np.random.default_rng(0)


def x(*shape: int) -> Any:
    """Return numbers to differentiate by."""
    return rng.uniform(-1.0, 1.0, shape) if shape else np.float64(0.7)


def z(*shape: int) -> Any:
    """Return complex numbers to differentiate by."""
    return x(*shape) + 1j * x(*shape)


def case(fn: Callable[..., Any], *args: Any, **options: Any) -> Case:
    return fn, args, options


MATMUL = [
    ((3,), (3,)),
    ((2, 3), (3,)),
    ((3,), (3, 2)),
    ((2, 3), (3, 4)),
    ((1, 3), (3, 1)),
    ((2, 2, 3), (3,)),
    ((3,), (2, 3, 4)),
    ((5, 2, 3), (3, 4)),
    ((2, 3), (5, 3, 4)),
    ((5, 2, 3), (5, 3, 4)),
    ((5, 2, 3), (1, 3, 4)),
    ((1, 2, 3), (5, 3, 4)),
    ((2, 1, 2, 3), (5, 3, 4)),
    ((6, 5, 2, 3), (3,)),
    ((3,), (6, 5, 3, 2)),
    ((6, 5, 2, 3), (3, 2)),
]

PRODUCTS: list[Case] = [
    *[case(operator.matmul, x(*a), x(*b)) for a, b in MATMUL],
    *[case(operator.matmul, z(*a), z(*b)) for a, b in MATMUL[2:9:2]],
    case(operator.matmul, x(2, 3), z(3, 2)),
    case(operator.matmul, x(2, 3), np.arange(6).reshape(3, 2)),
    case(np.matmul, x(2, 3), x(3, 4)),
    case(np.dot, 0.7, x(2, 3)),
    case(np.dot, x(2, 3), x()),
    case(np.dot, 0.7, x()),
    case(np.dot, z(2), 0.7),
    *[case(np.dot, x(*a), x(*b)) for a, b in MATMUL[:6]],
    case(np.dot, x(2, 2, 3), x(3, 4)),
    case(np.dot, x(2, 3), x(5, 3, 4)),
    case(np.dot, x(3), x(5, 3, 4)),
    case(np.dot, x(2, 1, 3), x(5, 3, 4)),
    case(np.dot, z(2, 3), z(3, 4)),
    case(np.inner, 0.7, x(2, 3)),
    case(np.inner, x(3), x(3)),
    case(np.inner, x(2, 3), x(3)),
    case(np.inner, x(3), x(2, 3)),
    case(np.inner, x(2, 3), x(4, 3)),
    case(np.inner, x(2, 4, 3), x(5, 3)),
    case(np.inner, x(3), x(5, 2, 3)),
    case(np.inner, z(2, 3), z(4, 3)),
    case(np.outer, x(2), x(3)),
    case(np.outer, x(2, 2), x(3)),
    case(np.outer, x(2), x(3, 1)),
    case(np.outer, 0.7, x(3)),
    case(np.outer, x(3), x()),
    case(np.outer, z(2), z(3)),
    case(np.vdot, x(3), x(3)),
    case(np.vdot, z(3), z(3)),
    case(np.vdot, x(3), z(3)),
    case(np.vdot, z(2, 3), z(2, 3)),
    case(np.vdot, z(2, 3), z(6)),
    case(np.vdot, x(2, 3), x(3, 2)),
    case(np.vdot, 0.7, z()),
    case(np.kron, x(2), x(3)),
    case(np.kron, x(2, 3), x(3, 2)),
    case(np.kron, x(2), x(3, 2)),
    case(np.kron, x(2, 3), x(2)),
    case(np.kron, x(2, 1, 2), x(3, 2)),
    case(np.kron, 0.7, x(3, 2)),
    case(np.kron, z(2, 2), z(2, 1)),
    case(np.cross, x(3), x(3)),
    case(np.cross, z(3), z(3)),
    case(np.cross, x(5, 3), x(5, 3)),
    case(np.cross, x(5, 3), x(3)),
    case(np.cross, x(3), x(5, 3)),
    case(np.cross, x(2, 1, 3), x(5, 3)),
    case(np.cross, x(3, 5), x(3, 5), axis=0),
    case(np.cross, x(3, 5), x(5, 3), 0, 1, 0),
    case(np.cross, x(3, 2, 5), x(5, 3), axisa=0, axisc=1),
    case(cross, x(5, 3), x(3)),
    case(np.dot, x(2, 3), [1.0, x(), 0.5]),
    case(np.dot, x(2, 3), [1, 2, 3]),
    case(np.cross, [0.5, 1.0, x()], x(3)),
    case(np.outer, [x(), x()], [x(), 2]),
]

CONTRACTIONS: list[Case] = [
    case(np.tensordot, x(2, 3, 4), x(3, 4, 2)),
    case(np.tensordot, x(2, 3), x(3, 4), 1),
    case(np.tensordot, x(2, 3), x(4), axes=0),
    case(np.tensordot, x(2, 3), x(2, 3), axes=2),
    case(np.tensordot, x(2, 3, 4), x(4, 3), axes=((1, 2), (1, 0))),
    case(np.tensordot, x(2, 3, 4), x(4, 2, 5), ([2, 0], [0, 1])),
    case(np.tensordot, x(2, 3, 4), x(5, 4, 2), axes=((-3, -1), (-1, -2))),
    case(np.tensordot, x(2, 3, 4), x(5, 3), axes=(1, -1)),
    case(np.tensordot, x(4, 2, 3, 2), x(3, 2, 5, 4), axes=((0, 3, 2), (3, 1, 0))),
    case(np.tensordot, z(2, 3), z(3, 2), axes=((0,), (1,))),
]

EINSUM: list[Case] = [
    case(np.einsum, "ij,jk->ik", x(2, 3), x(3, 4)),
    case(np.einsum, "ij,jk", x(2, 3), x(3, 4)),
    case(np.einsum, "ij, jk -> ki", z(2, 3), z(3, 4)),
    case(np.einsum, "i,i", x(3), x(3)),
    case(np.einsum, "i,i->", x(3), x(3)),
    case(np.einsum, "i,j", x(3), x(2)),
    case(np.einsum, "ij,ij->i", x(3, 2), x(3, 2)),
    case(np.einsum, "ba", x(3, 2)),
    case(np.einsum, "ij->ji", x(3, 2)),
    case(np.einsum, "ij->", x(3, 2)),
    case(np.einsum, "ij->i", x(3, 2)),
    case(np.einsum, "ij->j", x(3, 2)),
    case(np.einsum, "ijk->j", x(3, 2, 4)),
    case(np.einsum, "ii", x(3, 3)),
    case(np.einsum, "ii->i", x(3, 3)),
    case(np.einsum, "iij->j", x(3, 3, 2)),
    case(np.einsum, "iij->ij", x(3, 3, 2)),
    case(np.einsum, "iii->i", x(3, 3, 3)),
    case(np.einsum, "iji,j->i", x(3, 2, 3), x(2)),
    case(np.einsum, "ii,jj->ij", x(3, 3), x(2, 2)),
    case(np.einsum, "ij,k->k", x(3, 2), x(4)),
    case(np.einsum, "ij,ik->k", x(3, 2), x(3, 4)),
    case(np.einsum, "ij,ik->", x(3, 2), x(3, 4)),
    case(np.einsum, "i,j->", x(3), x(2)),
    case(np.einsum, "ij,jk,kl->il", x(2, 3), x(3, 4), x(4, 2)),
    case(np.einsum, "i,ij,j", x(2), x(2, 3), x(3)),
    case(np.einsum, "ij,jk,kl->il", x(2, 3), x(3, 4), x(4, 2), optimize=True),
    case(np.einsum, "ij,jk,kl->il", x(2, 3), x(3, 4), x(4, 2), optimize="greedy"),
    case(np.einsum, "ij,jk,kl->il", x(2, 3), x(3, 4), x(4, 2), optimize=["einsum_path", (0, 1), (0, 1)]),
    case(np.einsum, "...ij,...jk->...ik", x(5, 2, 3), x(5, 3, 4)),
    case(np.einsum, "...ij,...jk->...ik", x(5, 2, 3), x(3, 4)),
    case(np.einsum, "...ij,...jk", x(1, 2, 3), x(5, 3, 4)),
    case(np.einsum, "...ij,jk->...ik", x(5, 2, 3), x(3, 4)),
    case(np.einsum, "i...,i...->...", x(3, 2), x(3, 2)),
    case(np.einsum, "i...->...", x(3, 2)),
    case(np.einsum, "...i->...", x(3, 2)),
    case(np.einsum, "...ii->...i", x(2, 3, 3)),
    case(np.einsum, "i...i", x(3, 2, 3)),
    case(np.einsum, "...,...", x(3, 2), x(2)),
    case(np.einsum, "...,i->i...", x(3, 2), x(2)),
    case(np.einsum, "...i,...i->...i", x(3), x(3)),
    case(np.einsum, "jk...,lj...->lk...", x(3, 2), x(4, 3, 4)),
    case(np.einsum, "j...k,lj...->lk...", x(2, 2), x(3, 2, 5)),
    case(np.einsum, "...i,...i", x(4, 1, 3), x(2, 3)),
    case(np.einsum, "ij,ij->ij", x(1, 3), x(2, 3)),
    case(np.einsum, "ij,ik->kj", x(1, 3), x(2, 4)),
    case(np.einsum, "aB,Bc->ac", x(2, 3), x(3, 2)),
    case(np.einsum, ",i->i", 0.7, x(3)),
    case(np.einsum, "i,i->i", z(3), x(3)),
]

NEW: list[Case] = [
    *[case(fn, x(3), x(3)) for fn in present(np, "vecdot") + present(np.linalg, "vecdot")],
    *[case(fn, z(3), z(3)) for fn in present(np, "vecdot") + present(np.linalg, "vecdot")],
    *[case(fn, z(5, 3), z(3)) for fn in present(np, "vecdot") + present(np.linalg, "vecdot")],
    *[case(fn, x(3, 5), x(3, 5), axis=0) for fn in present(np, "vecdot")],
    *[case(fn, x(3, 5), x(3, 1), axis=-2) for fn in present(np.linalg, "vecdot")],
    *[case(fn, x(2, 3), x(3)) for fn in present(np, "matvec")],
    *[case(fn, z(5, 2, 3), z(3)) for fn in present(np, "matvec")],
    *[case(fn, x(2, 3), x(5, 3)) for fn in present(np, "matvec")],
    *[case(fn, z(3), z(3, 2)) for fn in present(np, "vecmat")],
    *[case(fn, z(5, 3), z(3, 2)) for fn in present(np, "vecmat")],
    *[case(fn, x(3), x(5, 3, 2)) for fn in present(np, "vecmat")],
    *[case(fn, x(2, 3)) for fn in present(np, "matrix_transpose") + present(np.linalg, "matrix_transpose")],
    *[case(fn, x(2, 3, 4)) for fn in present(np, "matrix_transpose") + present(np.linalg, "matrix_transpose")],
    *[case(fn, x(2, 3), x(3, 4)) for fn in present(np.linalg, "matmul")],
    *[case(fn, x(2), x(3)) for fn in present(np.linalg, "outer")],
    *[case(fn, x(2, 3), x(3, 2), axes=((0,), (1,))) for fn in present(np.linalg, "tensordot")],
    *[case(fn, x(3, 5), x(3, 5), axis=0) for fn in present(np.linalg, "cross")],
]


def _name(case: Case) -> str:
    fn, args, options = case
    texts = [f"{arg.shape}{arg.dtype.kind}" if isinstance(arg, np.ndarray) else str(arg) for arg in args]
    return f"{fn.__name__}({', '.join([*texts, *(f'{key}={value}' for key, value in options.items())])})"


@pytest.mark.parametrize("case", PRODUCTS + CONTRACTIONS + EINSUM + NEW, ids=_name)
def test_rule_agrees_with_differences(case: Case) -> None:
    fn, args, options = case
    check(fn, *args, **options)


def _bars(fn: Callable[..., Any], g: Any, *args: Any) -> Any:
    rule = find(fn)
    assert rule is not None
    return rule.vjps[0][1](g, None, *args)


def _kind(fn: Callable[..., Any], *args: Any, **options: Any) -> Any:
    rule = find(fn)
    assert rule is not None and rule.kind is not None
    return rule.kind(*args, **options)


def test_interleaved_subscripts_are_refused() -> None:
    with pytest.raises(TypeError, match="subscripts have to come first"):
        _bars(np.einsum, x(2, 2), x(2, 3), [0, 1], x(3, 2), [1, 2])
    with pytest.raises(TypeError, match="subscripts have to come first"):
        _kind(np.einsum, Array("float64", ("a", "b")), [0, 1])


@pytest.mark.parametrize("shapes", [((2,), (2,)), ((2,), (3,)), ((3,), (2,)), ((3, 2), (3, 2))])
def test_product_of_vectors_of_length_2_needs_two_that_are_known_to_be(shapes: Any) -> None:
    a, b = (x(*shape) for shape in shapes)
    with pytest.raises(ValueError, match="length 3"):
        cross(a, b)
    unknown = [Array("float64", (*shape[:-1], "n") if shape[-1] == 3 else shape) for shape in shapes]
    for kinds in ((Array("float64", a.shape), Array("float64", b.shape)), unknown):
        if any(kind.dims[-1] != 2 for kind in kinds):
            with pytest.raises(TypeError, match="length 3"):
                _kind(np.cross, *kinds)
        else:
            assert dims_of(_kind(np.cross, *kinds)) == a.shape[:-1]


ROWS, MATRIX = Array("float64", ("n", 3)), Array("float32", ("?k", "m"))


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        (_kind(np.matmul, ROWS, MATRIX), Array("float64", ("n", "m"))),
        (_kind(np.matmul, Array("float64", ("b", 1, "n", "k")), Array("float64", (5, "k2", "m"))), ("b", 5, "n", "m")),
        (_kind(np.matmul, np.ones((2, 3)), MATRIX), ("*", "m")),
        (_kind(np.dot, ROWS, Array("float64", ("a", "b", "c"))), ("n", "a", "c")),
        (_kind(np.dot, FLOAT, MATRIX), ("?k", "m")),
        (_kind(np.outer, Array("float64", ("n1", 3)), FLOAT), ("n1*3", 1)),
        (_kind(np.kron, Array("float64", ("n1",)), Array("float64", (1, "?2"))), (1, "n?2*n1")),
        (_kind(np.tensordot, ROWS, MATRIX, 1), ("n", "m")),
        (_kind(np.tensordot, ROWS, MATRIX, ((-2,), (0,))), (3, "m")),
        (_kind(np.einsum, "ij,jk->ki", ROWS, MATRIX), ("m", "n")),
        (_kind(np.einsum, "...j,jk", ROWS, MATRIX), ("n", "m")),
        (_kind(np.einsum, "i...,k...->...ki", ROWS, MATRIX), (3, "?k", "n")),
        (_kind(np.cross, Array("float64", ("v", "n")), Array("float64", ("w", 1)), axis=0), (3, "n")),
        (_kind(np.matmul, [1.0, FLOAT, FLOAT], MATRIX), ("m",)),
    ],
)
def test_dims_of_the_result_are_those_of_the_operands(kind: Any, expected: Any) -> None:
    assert (kind.dims if isinstance(expected, tuple) else kind) == expected


def test_a_number_is_no_matrix() -> None:
    with pytest.raises(TypeError, match="takes arrays"):
        _kind(np.matmul, ROWS, FLOAT)
    with pytest.raises(TypeError, match="not known whether a number or an array"):
        _kind(np.matmul, UNKNOWN, MATRIX)
