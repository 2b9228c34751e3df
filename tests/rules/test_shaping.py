"""Rules of functions that rearrange arrays."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from ast_ad import grad
from ast_ad.errors import AutodiffError
from ast_ad.ir import primitives
from ast_ad.ir.kinds import FLOAT, INT, UNKNOWN, Array, Shape, kind_of
from ast_ad.rules import conversions, diagonals, insertions, joining, shapes
from ast_ad.rules.dims import leaves
from ast_ad.rules.mathematics import present
from ast_ad.rules.registry import find, infer, rules
from ast_ad.runtime import shaping
from ast_ad.testing import check_grads
from tests.rules import arrays
from tests.rules.arrays import check

S = 0.7
V = np.array([0.3, -1.2, 0.8])
W = np.array([1.4, 0.6, -0.5])
M = np.array([[0.3, -1.2, 0.8], [1.7, 0.4, -0.9]])
N = np.array([[0.1, 0.2, -0.3], [0.9, -0.7, 0.5]])
Q = np.array([[0.3, -1.2, 0.8], [1.7, 0.4, -0.9], [0.2, 0.6, -0.1]])
R = np.array([[0.8]])
T = np.sin(np.arange(24.0)).reshape(2, 3, 4)
Z = V + 1j * W
COLUMN = V[:, None]


def case(fn: Any, *args: Any, **options: Any) -> Any:
    name = f"{fn.__name__}-{'-'.join(map(_name, args))}-{'-'.join(f'{k}={v}' for k, v in options.items())}"
    return pytest.param(fn, args, options, id=name.strip("-"))


def _name(value: Any) -> str:
    if isinstance(value, (list, tuple)):
        return f"[{','.join(map(_name, value))}]"
    return f"{value.dtype.kind}{'x'.join(map(str, value.shape))}" if isinstance(value, np.ndarray) else str(value)


SHAPES = [
    case(np.reshape, V, (3, 1)),
    case(np.reshape, M, 6),
    case(np.reshape, M, -1),
    case(np.reshape, M, (3, -1)),
    case(np.reshape, M, (3, 2), "F"),
    case(np.reshape, T, (4, -1)),
    case(np.reshape, Z, (3, 1)),
    case(np.reshape, R, ()),
    case(np.reshape, S, (1, 1)),
    case(np.reshape, [S, 0.1, 2, 0.4], (2, 2)),
    case(np.ravel, V),
    case(np.ravel, M),
    case(np.ravel, T, "F"),
    case(np.ravel, S),
    case(primitives.flatten, M),
    case(primitives.flatten, V),
    case(np.squeeze, R),
    case(np.squeeze, R, 0),
    case(np.squeeze, R, axis=(0, 1)),
    case(np.squeeze, COLUMN, 1),
    case(np.squeeze, T[:, :1], axis=-2),
    case(np.expand_dims, V, 0),
    case(np.expand_dims, V, -1),
    case(np.expand_dims, M, (0, 2)),
    case(np.expand_dims, M, axis=(-1, 0)),
    case(np.expand_dims, M, [0, 3]),
    case(np.expand_dims, S, 0),
    *[case(fn, x) for fn in (np.atleast_1d, np.atleast_2d, np.atleast_3d) for x in (S, V, M, T)],
    case(np.atleast_2d, [S, 0.3, 2]),
    *[case(fn, S, V, M) for fn in (np.atleast_1d, np.atleast_2d, np.atleast_3d)],
    case(np.atleast_2d, V, [S, 0.3]),
]

AXES = [
    case(np.transpose, V),
    case(np.transpose, M),
    case(np.transpose, M, (1, 0)),
    case(np.transpose, T, (1, 2, 0)),
    case(np.transpose, T, axes=(-1, 0, 1)),
    case(np.transpose, [[S, 0.3], [0.1, 3]]),
    case(np.swapaxes, T, 0, 2),
    case(np.swapaxes, T, -1, 0),
    case(np.moveaxis, T, 0, -1),
    case(np.moveaxis, T, (0, 2), (1, 0)),
    *[case(np.rollaxis, T, axis, start) for axis in (0, 1, -1) for start in (0, 1, 2, 3, -1)],
    case(np.rollaxis, T, 2),
    *[case(fn, T) for fn in present(np, "matrix_transpose")],
    case(np.flip, V),
    case(np.flip, T),
    case(np.flip, T, 1),
    case(np.flip, T, axis=(0, -1)),
    case(np.fliplr, M),
    case(np.flipud, M),
    case(np.flipud, V),
    case(np.rot90, M),
    case(np.rot90, M, 2),
    case(np.rot90, M, k=3),
    case(np.rot90, T, 1, (1, 2)),
    case(np.roll, V, 1),
    case(np.roll, M, -4),
    case(np.roll, M, 1, 1),
    case(np.roll, T, (1, -2), axis=(0, 2)),
    case(np.roll, T, 2, (1, 2)),
]

COPIES = [
    case(np.broadcast_to, S, (2, 3)),
    case(np.broadcast_to, V, (3,)),
    case(np.broadcast_to, V, (2, 3)),
    case(np.broadcast_to, COLUMN, (2, 3, 4)),
    case(np.broadcast_to, R, (2, 3)),
    case(np.broadcast_arrays, V, COLUMN),
    case(np.broadcast_arrays, S, V, M),
    case(np.broadcast_arrays, M, N),
    case(np.meshgrid, V, W),
    case(np.meshgrid, V, W[:2]),
    case(np.meshgrid, V, W[:2], indexing="ij"),
    case(np.meshgrid, V, W[:2], sparse=True),
    case(np.meshgrid, V, W[:2], V[1:], indexing="xy"),
    case(np.meshgrid, V, W[:2], V[1:], indexing="ij", sparse=True),
    case(np.meshgrid, V, S),
    case(np.meshgrid, V, [S, 0.1]),
    *[case(np.tile, S, reps) for reps in (2, (2, 3))],
    *[case(np.tile, V, reps) for reps in (1, 2, (2,), (1, 2), (2, 1), (2, 2), [3, 1, 2])],
    *[case(np.tile, M, reps) for reps in (1, 2, (2,), (2, 1), (1, 1), (2, 3), (2, 1, 3))],
    case(np.tile, [S, 0.2], 2),
    *[case(np.repeat, x, 2) for x in (S, V, M)],
    case(np.repeat, M, 3, 0),
    case(np.repeat, M, 3, axis=1),
    case(np.repeat, T, 2, axis=-2),
    case(np.repeat, V, 1),
    case(np.repeat, V, [2, 0, 1]),
    case(np.repeat, V, [2]),
    case(np.repeat, V, np.array([2, 0, 1])),
    case(np.repeat, V, np.array([2])),
    case(np.repeat, M, [1, 3], axis=0),
    case(np.repeat, M, np.array([1, 0, 3]), 1),
    case(np.repeat, M, np.array([1, 0, 3, 2, 1, 1])),
    case(np.repeat, [S, 0.2], 2),
]

JOINED = [
    case(np.concatenate, [V, W]),
    case(np.concatenate, (V, W, V)),
    case(np.concatenate, [V]),
    case(np.concatenate, [V, R[0], W, R[0]]),
    case(np.concatenate, ([0.0], V, [0.0])),
    case(np.concatenate, [[S, 2], V, [1.0]]),
    case(np.concatenate, [R[0], [S, 2], V]),
    case(np.concatenate, [V, [], W]),
    case(np.concatenate, [V, V[:0]]),
    case(np.concatenate, [V[:0], V, V[:0], V[:0]]),
    case(np.concatenate, [M, N]),
    case(np.concatenate, [M, N], 1),
    case(np.concatenate, [M, N[:1]], axis=0),
    case(np.concatenate, [T, T[:, :1]], axis=-2),
    case(np.concatenate, [M, V], axis=None),
    case(np.concatenate, [M, [S, 0.1]], axis=None),
    case(np.concatenate, [V, Z]),
    case(np.concatenate, [[[S, 0.1, 0.2]], M]),
    case(np.stack, [V, W]),
    case(np.stack, (V, W), 1),
    case(np.stack, [M, N], axis=-1),
    case(np.stack, [M, N], axis=1),
    case(np.stack, [S, 0.3]),
    case(np.stack, [V, [S, 1, 0.2]]),
    *[case(fn, x) for fn in (np.stack, np.vstack, np.hstack, np.column_stack, np.dstack) for x in (M, T)],
    *[case(fn, V) for fn in (np.vstack, np.hstack, np.column_stack, np.dstack)],
    *[case(fn, T, axis=axis) for fn in (np.stack, np.concatenate) for axis in (1, -1)],
    case(np.concatenate, T, axis=None),
    case(np.vstack, [V, W]),
    case(np.vstack, [M, V, N]),
    case(np.vstack, [V, M, [0.1, S, 2]]),
    case(np.vstack, [S, 0.3]),
    case(np.hstack, [V, W]),
    case(np.hstack, [S, V, 0.2]),
    case(np.hstack, [M, COLUMN[:2]]),
    case(np.hstack, [T, T[:, :2]]),
    case(np.hstack, [[S, 1], V]),
    *[case(np.dstack, [x, y]) for x, y in ((S, 0.2), (V, W), (M, N), (T, T[:, :, :1]), (M, T[:, :, 1:]))],
    case(np.column_stack, [V, W]),
    case(np.column_stack, [V, Q, W]),
    case(np.column_stack, [S, 0.3]),
    case(np.block, [V, W]),
    case(np.block, [[Q, COLUMN], [V, S]]),
    case(np.block, [[M], [N]]),
    case(np.block, [[T, T], [T, T]]),
    case(np.block, [[[V]], [[W]]]),
    case(np.append, V, S),
    case(np.append, V, 2),
    case(np.append, V, W),
    case(np.append, V, [S, 0.1]),
    case(np.append, M, V),
    case(np.append, M, N[:1], 0),
    case(np.append, M, N[:, :1], axis=-1),
]

SPLIT = [
    case(np.split, V, 3),
    case(np.split, T, 2),
    case(np.split, T, 2, axis=2),
    case(np.split, V, [1]),
    case(np.split, T, [1, 3], -1),
    case(np.split, T, (1, 1), -1),
    case(np.array_split, V, 2),
    case(np.array_split, T, 3, axis=2),
    case(np.hsplit, V, 3),
    case(np.hsplit, M, [1]),
    case(np.vsplit, M, 2),
    case(np.dsplit, T, [1, 2]),
]

INSIDE = [
    *[case(np.pad, x, 1) for x in (V, M, T)],
    case(np.pad, V, (0, 2)),
    case(np.pad, V, (2, 0)),
    case(np.pad, V, (0, 0)),
    case(np.pad, V, ((1, 2),)),
    case(np.pad, M, ((0, 0), (1, 2))),
    case(np.pad, M, ((1, 0), (0, 0))),
    case(np.pad, M, [(1, 0), (0, 2)], mode="constant"),
    case(np.pad, M, (1, 2), "constant"),
    case(np.pad, V, 1, constant_values=3),
    case(np.pad, V, 1, constant_values=(2.0, 3.0)),
    *[case(np.pad, x, 2, mode) for mode in ("edge", "reflect", "symmetric", "wrap") for x in (V, M)],
    *[case(np.pad, M, ((1, 0), (4, 1)), mode=mode) for mode in ("edge", "reflect", "symmetric", "wrap")],
    case(np.pad, [S, 0.2], 1),
    *[case(np.delete, V, obj) for obj in (0, 1, -1)],
    case(np.delete, V, [0, 2]),
    case(np.delete, V, slice(0, 2)),
    case(np.delete, V, np.array([2, 0])),
    case(np.delete, M, 4),
    case(np.delete, M, 1, 0),
    case(np.delete, T, [0, -1], axis=2),
    *[case(np.insert, V, obj, S) for obj in (0, 1, 3, -1)],
    case(np.insert, V, 1, 2),
    case(np.insert, V, [1, 3, 0], [S, 0.1, 2]),
    case(np.insert, V, [2, 2], W[:2]),
    case(np.insert, V, [2, 0], S),
    *[case(np.insert, V, obj, W[:2]) for obj in (0, 2, -2)],
    case(np.insert, V, 1, [S, 0.1]),
    case(np.insert, M, 4, S),
    case(np.insert, M, 1, V, axis=0),
    case(np.insert, M, 1, V[:2], axis=1),
    case(np.insert, M, -1, S, axis=1),
    case(np.insert, M, [0, 2], W[:2], axis=1),
    case(np.insert, T, 1, M[:, :1], axis=2),
]

DIAGONALS = [
    *[case(np.diag, x, k) for x in (V, M, Q) for k in (0, 1, -1, 2)],
    case(np.diag, M.T, -1),
    case(np.diag, [S, 0.1, 2]),
    case(np.diag, Z),
    case(np.diagflat, V),
    case(np.diagflat, M, 1),
    case(np.diagflat, [S, 0.1], -1),
    *[case(np.diagonal, x, k) for x in (M, Q, T) for k in (0, 1, -1)],
    case(np.diagonal, T, 1, 1, 2),
    case(np.diagonal, T, axis1=2, axis2=0),
    case(np.diagonal, T, offset=-1, axis1=-1, axis2=-2),
    *[case(fn, x, k) for fn in (np.tril, np.triu) for x in (V, M, Q, T) for k in (0, 1, -1)],
]

CONVERSIONS = [
    *[case(fn, x) for fn in (np.array, np.asarray, np.asanyarray, np.asarray_chkfinite) for x in (S, V, M, Z)],
    *[case(fn, x) for fn in (np.ascontiguousarray, np.asfortranarray, np.copy) for x in (S, V, M)],
    *[case(fn, [S, 2, 0.3]) for fn in (np.array, np.asarray, np.asanyarray, np.ascontiguousarray, np.copy)],
    case(np.array, (S, 0.1)),
    case(np.array, [[S, 2], [0.1, 0.2]]),
    case(np.array, [(S, 2.0), (0.1, 0.2), (1, 1)]),
    case(np.array, [V, W]),
    case(np.array, [V, [S, 2, 0.1]]),
    case(np.array, [[V, W], [W, V]]),
    case(np.array, [M, N]),
    case(np.array, [[[S]]]),
    case(np.array, [S, 1j]),
    case(np.array, V, ndmin=3),
    case(np.array, [S, 1], ndmin=2),
    case(np.array, [S, 1], float),
    case(np.array, V, dtype=complex),
    case(np.array, [S, 1], dtype=np.float64),
    case(np.asarray, V, float),
    case(np.asarray, [S, 1], dtype="complex128"),
    *[case(fn, V, complex) for fn in (primitives.astype, *present(np, "astype"))],
    case(primitives.astype, M, "float64"),
    case(primitives.astype, V, np.dtype(float)),
]

HELPERS = [
    case(shaping.with_diagonal, V, (3, 3)),
    case(shaping.with_diagonal, V, (3, 5), 1),
    case(shaping.with_diagonal, M, (2, 4, 4), -1, 1, 2),
    case(shaping.sum_runs, V, [2, 0, 1], 3),
    case(shaping.sum_runs, M, 3, 1, 1),
    case(shaping.unpad, T, ((0, 0), (1, 0), (1, 1)), "edge"),
    case(shaping.unpad, M, ((0, 1), (1, 0)), "reflect"),
    case(shaping.undelete, V, 1, (4,)),
    case(shaping.undelete, M, [0, 2], (2, 5), 1),
    case(shaping.undelete, V, 1, (2, 2)),
]

I0, I1, I2 = np.int64(0), np.int64(1), np.int64(2)

AT_RUN_TIME = [
    case(np.reshape, M, (I2, 3)),
    case(np.reshape, T, (I2, -1, I2)),
    case(np.reshape, M, I2 * 3),
    case(np.roll, V, I1),
    case(np.roll, M, (I1, I2), (0, 1)),
    case(np.rot90, M, I1),
    case(np.rot90, M, I2),
    case(np.flip, M, I1),
    case(np.broadcast_to, V, (I2, 3)),
    case(np.broadcast_to, V, (I2, I2 + 1)),
    case(np.broadcast_to, S, (I2, I1)),
    *[case(np.tile, x, reps) for x in (S, V, M) for reps in (I2, I1, (I2, I1), (1, I2))],
    *[case(np.repeat, x, I2) for x in (S, V, M)],
    case(np.repeat, M, I2, axis=1),
    case(np.repeat, V, [I2, 0, I1]),
    case(np.concatenate, [[I2, S], V]),
    case(np.split, V, [I1, 2]),
    case(np.split, T, [I1, I2], axis=1),
    *[case(np.pad, x, width) for x in (V, M) for width in (I1, (I1, 0), (0, I1), (I0, I1), (I2, 3))],
    case(np.pad, M, ((I1, 0), (2, I0)), "edge"),
    *[case(np.delete, V, obj) for obj in (I1, [0, I2])],
    *[case(np.diag, x, k) for x in (V, M) for k in (I0, I1, -I1)],
    case(np.diagflat, V, I1),
    case(np.diagonal, T, I1),
    case(np.diagonal, T, -I1, 1, 2),
    *[case(fn, x, k) for fn in (np.tril, np.triu) for x in (V, M) for k in (I0, I1, -I1)],
    case(np.array, [S, I1]),
    case(np.insert, V, 1, I2),
]

CASES = SHAPES + AXES + COPIES + JOINED + SPLIT + INSIDE + DIAGONALS + CONVERSIONS + HELPERS + AT_RUN_TIME
cases = pytest.mark.parametrize(("fn", "args", "options"), CASES)


@cases
def test_derivatives(fn: Any, args: Any, options: Any) -> None:
    check(fn, *args, **options)


@cases
def test_derivatives_where_every_length_is_known(
    fn: Any, args: Any, options: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def exact(value: Any) -> Any:
        kind = kind_of(value)
        return Array(kind.dtype, np.shape(value)) if isinstance(kind, Array) else kind

    monkeypatch.setattr(arrays, "kind_of", exact)
    check(fn, *args, **options)


@cases
def test_results_that_share_memory_are_declared_as_views(fn: Any, args: Any, options: Any) -> None:
    result = fn(*args, **options)
    parts = result if isinstance(result, (list, tuple)) else [result]
    given = [arg for arg in leaves(args) if isinstance(arg, np.ndarray)]
    rule = find(fn)
    assert rule is not None
    if any(np.shares_memory(part, arg) for part in parts for arg in given):
        assert rule.views, fn


def test_every_rule_is_tested() -> None:
    names = [module.__name__ for module in (conversions, diagonals, insertions, joining, shapes)]
    own = {rule.fn for rule in rules() for _, bars in rule.vjps if bars.__module__ in names}
    aliases = set(present(np, "row_stack")) - {np.vstack}
    later = set(present(np, "unstack"))
    assert own - {each.values[0] for each in CASES} - aliases - later == set()


@pytest.mark.skipif(not hasattr(np, "unstack"), reason="since NumPy 2.1")
def test_unstack(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(arrays, "kind_of", lambda value: Array("float64", np.shape(value)))
    check(np.unstack, T, single=False)
    check(np.unstack, T, axis=-2, single=False)


X = Array("float64", ("n1",))
XY = Array("float64", ("n1", "n2"))


@pytest.mark.parametrize(
    ("fn", "args", "dims"),
    [
        (np.reshape, (XY, (-1,)), ("n1*n2",)),
        (np.reshape, (XY, -1), ("n1*n2",)),
        (np.reshape, (X, (1, -1)), (1, "n1")),
        (np.reshape, (X, (INT, 1)), ("n1", 1)),
        (np.reshape, (X, (INT, INT)), ("?", "?")),
        (np.reshape, (X, (2, -1)), (2, "?")),
        (np.reshape, (X, Shape(("n2", 3))), ("n2", 3)),
        (np.reshape, (Array("float64", ("n1", 6)), (-1, 3)), ("n1*2", 3)),
        (np.reshape, (Array("float64", ("n1", 3)), (-1, 3)), ("n1", 3)),
        (np.reshape, (Array("float64", ("n1", 3)), (3, -1)), (3, "n1")),
        (np.reshape, (Array("float64", (4, 3)), (2, -1)), (2, 6)),
        (np.ravel, (XY,), ("n1*n2",)),
        (np.ravel, (X,), ("n1",)),
        (np.ravel, (Array("float64", ("?1", "?2")),), ("?1*?2",)),
        (np.ravel, (Array("float64", ("?n1-2", "n2")),), ("(?n1-2)*n2",)),
        (np.ravel, (Array("float64", ("?n1-2", "?2")),), ("?(?n1-2)*?2",)),
        (np.squeeze, (Array("float64", ("n1", 1)),), ("n1",)),
        (np.broadcast_to, (X, (INT, INT)), ("?", "n1")),
        (np.broadcast_to, (Array("float64", ("?1", 1)), (3, INT)), (3, "?")),
        (np.concatenate, ([X, X],), ("n1+n1",)),
        (np.concatenate, ([X, Array("float64", ("?1",))],), ("?1+n1",)),
        (np.concatenate, ([Array("float64", ("?1",)), [1.0, 2.0]],), ("n?1+2",)),
        (np.concatenate, ([X, [1.0]],), ("?n1+1",)),
        (np.concatenate, ([[1.0], X, [1.0]],), ("n1+2",)),
        (np.concatenate, ([XY, Array("float64", (3, 4))],), ("n1+3", 4)),
        (np.concatenate, (Array("float64", (2, 3, "n1")),), (6, "n1")),
        (np.stack, ([X, X],), (2, "n1")),
        (np.stack, ([X, X], -1), ("n1", 2)),
        (np.stack, (Array("float64", (4, "n1")), 1), ("n1", 4)),
        (np.vstack, ([XY, X],), ("?n1+1", "n2")),
        (np.array, ([X, X],), (2, "n1")),
        (np.array, ([[X], [Array("float64", (3,))]],), (2, 1, 3)),
        (np.array, ([[1, 2], [FLOAT, 2]],), (2, 2)),
        (np.tile, (X, 2), ("n1*2",)),
        (np.tile, (X, (3, 1)), (3, "n1")),
        (np.repeat, (X, INT), "*"),
        (np.repeat, (X, 1), ("n1",)),
        (np.pad, (X, 1), ("n1+2",)),
        (np.pad, (X, (0, 1)), ("?n1+1",)),
        (np.pad, (XY, ((0, 0), (INT, 2))), ("n1", "*")),
        (np.diag, (X,), ("n1", "n1")),
        (np.diag, (Array("float64", ("n1", 3)),), "?"),
        (np.diag, (Array("float64", ("n1", "n1")),), ("n1",)),
        (np.diag, (Array("float64", (2, 5)), 1), (2,)),
        (np.meshgrid, (X, Array("float64", ("n2",))), ("n2", "n1")),
        (np.split, (X, 2), ("?n1/2",)),
        (np.hsplit, (XY, 3), ("n1", "?n2/3")),
        (np.array_split, (X, 2), "?"),
        (np.split, (Array("float64", (7,)), [2, INT]), (2,)),
        (np.split, (Array("float64", (7,)), [INT, 2]), "?"),
        (np.split, (X, [2]), ("?n1[None:2:None]",)),
        (np.split, (Array("float64", ("n1+n2",)), 2), ("?(n1+n2)/2",)),
        (np.ravel, (Array("float64", ("n123*n456*n789", "n12*n34*n56*n78*n90*n98")),), "*"),
        (np.split, (Array("float64", (7,)), [2, -1]), (2,)),
        (np.insert, (X, 0, 1.0), ("?n1+1",)),
        (np.diag, (X, -2), ("n1+2", "n1+2")),
        (np.tril, (XY, INT), ("n1", "n2")),
        (np.block, ([[XY, XY], [XY, XY]],), ("n1+n1", "n2+n2")),
    ],
)
def test_what_is_known_of_lengths(fn: Any, args: Any, dims: Any) -> None:
    """Of a symbol that is new, only whether it may stand for 1."""
    found = find(fn).kind(*args)  # type: ignore[union-attr, misc]
    found = found[0] if isinstance(found, tuple) else found
    assert isinstance(found, Array)
    assert found.dims == (tuple(dims) if isinstance(dims, str) else dims)


@pytest.mark.parametrize(
    ("fn", "args", "options", "message"),
    [
        (np.squeeze, [Array("float64", ("?1",))], {}, "name the axes"),
        (np.expand_dims, [X, INT], {}, "the axis has to be known"),
        (np.reshape, [X, 3, "A"], {}, "depends on how the array lies in memory"),
        (np.ravel, [X, "K"], {}, "depends on how the array lies in memory"),
        (np.array, [X], {"copy": False}, "whether the result shares memory is not known"),
        (primitives.astype, [X, float], {"copy": False}, "whether the result shares memory is not known"),
        (primitives.astype, [X, INT], {}, "the dtype has to be known"),
        (np.split, [X, INT], {}, "the number of parts has to be known"),
        (np.split, [X, Array("int64", ("n2",))], {}, "the number of parts has to be known"),
        (np.split, [X, 1], {}, "a sequence of one array"),
        (np.concatenate, [[FLOAT, FLOAT]], {}, "have nothing to join"),
        (np.concatenate, [[]], {}, "there is nothing to join"),
        (np.insert, [X, INT, FLOAT], {}, "has to be a constant"),
        (np.insert, [XY, 1, XY, 0], {}, "use `np.concatenate`"),
        (np.pad, [X, Array("int64", (2,))], {}, "have to be integers"),
        (np.array, [["a"]], {}, "a number or an array is needed"),
    ],
)
def test_calls_that_are_refused(fn: Any, args: Any, options: Any, message: str) -> None:
    with pytest.raises(TypeError, match=message):
        find(fn).kind(*args, **options)  # type: ignore[union-attr, misc]


@pytest.mark.parametrize(
    ("fn", "args", "options"),
    [
        (np.pad, (V, 1, "mean"), {}),
        (np.pad, (V, 1, "reflect"), {"reflect_type": "odd"}),
        (np.concatenate, ([V, W],), {"out": np.zeros(6)}),
    ],
)
def test_calls_whose_derivative_is_refused(fn: Any, args: Any, options: Any) -> None:
    with pytest.raises((TypeError, AutodiffError)):
        check(fn, *args, **options)


def test_the_kinds_of_arguments_have_to_be_known() -> None:
    with pytest.raises(TypeError, match="not known whether a number or an array"):
        infer(np.reshape, [UNKNOWN, INT])
    with pytest.raises(TypeError, match="not known whether a number or an array"):
        find(np.concatenate).kind([UNKNOWN, X])  # type: ignore[union-attr, misc]


@pytest.mark.filterwarnings("ignore:`row_stack` alias is deprecated")
@pytest.mark.parametrize("fn", present(np, "row_stack"))
def test_the_old_name_of_vstack(fn: Any) -> None:
    check(fn, [V, W])


def test_the_pieces_of_a_joined_array_are_known_to_have_the_shapes_of_what_was_joined():
    def joined(x, y):
        inner = np.sin(x) * y
        return np.sum(np.concatenate([x[:1], inner, y]) ** 3)

    x, y = np.array([0.3, 0.7]), np.array([1.5, -0.2])
    slope = grad(joined, (0, 1))
    check_grads(joined)(x, y)
    slope(x, y)
    assert "full_like" not in slope.source
    assert "inner_bar = " in slope.source
