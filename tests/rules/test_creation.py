"""Rules of functions that make arrays."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from ast_ad.ir.kinds import BOOL, FLOAT, INT, UNKNOWN, Array, Opaque, Scalar, Shape, fresh, kind_of
from ast_ad.ir.nodes import Form, Lit
from ast_ad.rules import creation, dims
from ast_ad.rules.mathematics import present
from ast_ad.rules.registry import find, infer, rules
from ast_ad.runtime import shaping
from ast_ad.trees import is_number
from tests.rules.arrays import assert_kind, check

S = 0.7
V = np.array([0.3, -1.2, 0.8])
M = np.array([[0.3, -1.2, 0.8], [1.7, 0.4, -0.9]])
P = np.array([1.3, 0.7, 2.8])
I2, I3 = np.int64(2), np.int64(3)


def case(fn: Any, *args: Any, **options: Any) -> Any:
    name = f"{fn.__name__}-{'-'.join(map(_name, args))}-{'-'.join(f'{k}={_name(v)}' for k, v in options.items())}"
    return pytest.param(fn, args, options, id=name.strip("-"))


def _name(value: Any) -> str:
    if isinstance(value, (list, tuple)):
        return f"[{','.join(map(_name, value))}]"
    if isinstance(value, type):
        return value.__name__
    return f"{value.dtype.kind}{'x'.join(map(str, value.shape))}" if isinstance(value, np.ndarray) else str(value)


CASES = [
    *[case(np.full, shape, S) for shape in (3, (3,), (2, 3), [2, 3], I3, (I2, 3), ())],
    case(np.full, (2, 3), V),
    case(np.full, 3, S, dtype=complex),
    case(np.full, (2, 3), S, "float64"),
    case(np.full, 3, 1.5 + 0.5j),
    *[case(np.full_like, x, S) for x in (V, M, 2, [1, 2])],
    case(np.full_like, M, V),
    case(np.full_like, np.arange(3), S, dtype=float),
    case(np.full_like, V, S, shape=(2, 2)),
    case(np.arange, S, 3.0),
    case(np.arange, S, 3.2, 0.4),
    case(np.arange, S, 3.2, I2),
    *[case(fn, 0.7, 1.9) for fn in (np.linspace, np.logspace, np.geomspace)],
    *[case(fn, 0.7, 1.9, num) for fn in (np.linspace, np.logspace, np.geomspace) for num in (1, 2, 5, I3)],
    *[case(fn, 0.7, 1.9, 5, endpoint=False) for fn in (np.linspace, np.logspace, np.geomspace)],
    *[case(fn, P, 1.9, 4) for fn in (np.linspace, np.logspace, np.geomspace)],
    *[case(fn, 1.9, P, 4, axis=-1) for fn in (np.linspace, np.logspace, np.geomspace)],
    *[case(fn, P, P[:, None], 4, axis=1) for fn in (np.linspace, np.logspace, np.geomspace)],
    case(np.ix_, V, [0.5, 2.0]),
    case(np.linspace, 0, S, 5),
    case(np.linspace, S, 1, num=5),
    case(np.linspace, 0.7, 1.9, 5, dtype=float),
    case(np.linspace, 0.7 + 1j, 1.9, 5),
    case(np.logspace, S, 1, 4, base=2.0),
    case(np.logspace, 0.7, 1.9, 4, True, 2),
    case(np.geomspace, 1, S, 4),
    case(np.geomspace, -0.7, -1.9, 4),
    case(np.vander, V),
    case(np.vander, V, 2),
    case(np.vander, V, 5, increasing=True),
    case(np.vander, V, 1),
    case(np.vander, V, I3),
    case(np.vander, V + 0.5j, 3),
    case(shaping.vander_derivative, V, 4, True),
    case(shaping.vander_derivative, V, 4, False, 2),
]


@pytest.mark.parametrize(("fn", "args", "options"), CASES)
def test_derivatives(fn: Any, args: Any, options: Any) -> None:
    check(fn, *args, constants=(0,) if fn in (np.full, np.full_like) else (), **options)


def test_single_precision_of_what_fills() -> None:
    for fn, args in ((np.full, (3,)), (np.full_like, (V.astype(np.float32),))):
        check(fn, *args, np.float32(S), constants=(0,), rtol=1e-2)


CONSTANT = [
    *[case(fn, shape) for fn in (np.zeros, np.ones, np.empty) for shape in (3, (3,), (2, 1), [2, 3], I3, (I2, 4), ())],
    *[case(np.zeros, 3, dtype) for dtype in (int, "float32", np.complex64, np.dtype(bool), None)],
    case(np.ones, (2, 3), dtype=np.float32),
    case(np.zeros, (2, 3), float, "F"),
    *[case(fn, x) for fn in (np.zeros_like, np.ones_like, np.empty_like) for x in (S, V, M, 2, [1, 2.0], [V, V], I3)],
    case(np.zeros_like, V, np.float32),
    case(np.ones_like, M, dtype=int, shape=(4, 1)),
    case(np.full, 3, 2),
    case(np.full, (2, 3), True),
    case(np.full, 3, 2, dtype=float),
    case(np.eye, 3),
    case(np.eye, 3, 4, 1),
    case(np.eye, I3, k=-1, dtype=int),
    case(np.identity, 3),
    case(np.identity, I3, "float32"),
    case(np.tri, 3),
    case(np.tri, 3, 4, -1, dtype=bool),
    *[case(np.arange, *limits) for limits in ((4,), (1, 4), (0, 5, 2), (3.0,), (5, 1), (4, 0, -2), (0, 1, 0.3), (I3,))],
    case(np.arange, 4, dtype=float),
    case(np.arange, 1, 4, dtype="float32"),
    case(np.linspace, 0, 1),
    case(np.linspace, 0, 1, 5, retstep=True),
    case(np.linspace, 0, 9, 4, dtype=int),
    case(np.linspace, np.float32(0), np.float32(1), 4),
    case(np.linspace, V.astype(np.float32), 1, 4),
    case(np.geomspace, 1, 1000, 4),
    case(np.geomspace, np.float32(1), np.float32(3), 4),
    case(np.logspace, 0, 2, 3),
    case(np.logspace, np.float32(0), np.float32(2), 3),
    case(np.vander, np.arange(3)),
    *[case(fn, m) for fn in (np.hanning, np.hamming, np.blackman, np.bartlett) for m in (4, I3)],
    case(np.indices, (2, 3)),
    case(np.indices, (I2, 3), dtype=np.int32),
    case(np.indices, (2, 3), sparse=True),
    case(np.ix_, [0, 1], [2, 0, 1]),
    case(np.ix_, np.array([0, 1]), np.array([True, False, True])),
    *[case(fn, n) for fn in (np.tril_indices, np.triu_indices, np.diag_indices) for n in (3, I3)],
    *[case(fn, M) for fn in (np.tril_indices_from, np.triu_indices_from)],
    case(np.tril_indices, 3, -1, 4),
    case(np.diag_indices, 3, 3),
    case(np.unravel_index, 5, (2, 3)),
    case(np.unravel_index, np.array([5, 2]), (2, 3)),
    case(np.ravel_multi_index, (1, 2), (2, 3)),
    case(np.ravel_multi_index, (np.array([1, 0]), 2), (2, 3)),
    *[case(fn, x) for fn in (np.shape, np.size, np.ndim) for x in (S, M, [S, 2], [V, V])],
    case(np.size, M, 1),
    case(np.broadcast_shapes, (2, 1), (3,)),
    case(np.broadcast_shapes, (2, I3), 3),
    *[case(fn, x) for fn in (np.iscomplexobj, np.isrealobj, np.isscalar) for x in (S, V)],
]


@pytest.mark.parametrize("exact", [False, True], ids=["any length", "known lengths"])
@pytest.mark.parametrize(("fn", "args", "options"), CASES + CONSTANT)
def test_kinds(fn: Any, args: Any, options: Any, exact: bool) -> None:
    kinds: list[Any] = []
    lengths: dict[Any, int] = {}

    def operand(value: Any) -> Any:
        literal = not isinstance(value, (np.ndarray, np.generic, float))
        kind = kind_of(value)
        if isinstance(kind, Array):
            kind = Array(kind.dtype, np.shape(value)) if exact else fresh(kind)
            lengths.update(zip(kind.dims, np.shape(value)))
        kinds.append((kind, (value,) if literal else None))
        return Lit(0)

    leaf_values, form = Form.of(args, options, lambda value: is_number(value) or isinstance(value, Lit))
    for value in leaf_values:
        operand(value)
    found = infer(fn, [kind for kind, _ in kinds], [literal for _, literal in kinds], form)
    results = fn(*args, **options)
    if isinstance(found, tuple):
        assert len(found) == len(results)
    for kind, result in zip(found, results) if isinstance(found, tuple) else [(found, results)]:
        if kind in (INT, BOOL):
            assert kind_of(result) == kind
        else:
            assert_kind(kind, result, lengths)


def test_kinds_of_results_that_are_no_arrays() -> None:
    assert infer(np.result_type, [FLOAT, INT]) == Opaque("dtype")
    assert infer(np.zeros, [INT, Opaque("type")], [(3,), (object,)]) == Opaque("ndarray")


@pytest.mark.parametrize(
    ("fn", "args", "dims"),
    [
        (np.zeros, [INT], ("?",)),
        (np.zeros, [(INT, 3)], ("?", 3)),
        (np.zeros, [Shape(("n1", 1))], ("n1", 1)),
        (np.zeros, [Array("int64", (2,))], ("?", "?")),
        (np.zeros_like, [Array("float32", ("n1", 2))], ("n1", 2)),
        (np.full, [INT, FLOAT], ("?",)),
        (np.full_like, [[FLOAT, FLOAT], 1.0], (2,)),
        (np.arange, [INT], ("?",)),
        (np.arange, [2, INT], ("?",)),
        (np.arange, [2, 7, 2], (3,)),
        (np.linspace, [FLOAT, FLOAT], (50,)),
        (np.linspace, [FLOAT, Array("float64", ("n1",)), 3], (3, "n1")),
        (np.linspace, [FLOAT, Array("float64", ("n1",)), INT], ("?", "n1")),
        (np.eye, [3, INT], (3, "?")),
        (np.vander, [Array("float64", ("n1",))], ("n1", "n1")),
        (np.indices, [(INT, 3)], (2, "?", 3)),
    ],
)
def test_what_is_known_of_lengths(fn: Any, args: Any, dims: Any) -> None:
    found = find(fn).kind(*args)  # type: ignore[union-attr, misc]
    assert isinstance(found, Array)
    assert found.dims == dims


@pytest.mark.parametrize(
    ("fn", "args", "message"),
    [
        (np.zeros, [3, Scalar("float64")], "the dtype has to be known"),
        (np.zeros, [Array("int64", ("n1",))], "the rank of the result has to be known"),
        (np.logspace, [FLOAT, FLOAT, 3, True, Array("float64", (2,))], "the base has to be a number"),
        (np.ix_, [[0, 1]], "a sequence of one array"),
    ],
)
def test_calls_that_are_refused(fn: Any, args: Any, message: str) -> None:
    with pytest.raises(TypeError, match=message):
        find(fn).kind(*args)  # type: ignore[union-attr, misc]


@pytest.mark.parametrize(("fn", "kinds"), [(np.zeros, [UNKNOWN]), (np.linspace, [UNKNOWN, FLOAT])])
def test_the_kinds_of_arguments_have_to_be_known(fn: Any, kinds: Any) -> None:
    with pytest.raises(TypeError, match="not known whether a number or an array"):
        infer(fn, kinds)


@pytest.mark.parametrize(
    ("fn", "args"),
    [
        (dims.total, [()]),
        (dims.product, [()]),
    ],
)
def test_sums_and_products_of_nothing(fn: Any, args: Any) -> None:
    assert fn(*args) == (0 if fn is dims.total else 1)


@pytest.mark.parametrize("fn", [np.zeros, np.ones, np.empty, np.full, np.zeros_like, np.full_like, np.eye, np.linspace])
def test_what_is_made_to_be_written_to_is_never_shared(fn: Any) -> None:
    assert "allocates" in find(fn).effects  # type: ignore[union-attr]


def test_every_rule_is_tested() -> None:
    own = {rule.fn for rule in rules() for _, bars in rule.vjps if bars.__module__ == creation.__name__}
    assert own - {each.values[0] for each in CASES} == set()
    assert set(present(np, "hanning")) <= {each.values[0] for each in CONSTANT}
