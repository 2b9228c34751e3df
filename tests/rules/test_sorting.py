"""Rules of sorting, counting and selecting."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from ast_ad.errors import AutodiffError
from ast_ad.ir.kinds import FLOAT, INT, Array, Scalar, kind_of
from ast_ad.ir.nodes import Form
from ast_ad.rules import sorting
from ast_ad.rules.dims import is_kind
from ast_ad.rules.registry import infer, rules
from ast_ad.runtime import reductions
from tests.rules.arrays import check
from tests.rules.test_reductions import XY, ZM, M, P, R, S, T, V, W, X, Z, adjoint, case, nameless

PLACES = np.array([2, 0, 2, 1])
ROWS = np.array([[1, 0], [2, 2]])
B = np.array([True, False, True, True])

SORTED = [
    *[case(np.sort, x) for x in (V, M, T, R, Z, ZM)],
    *[case(np.sort, T, axis) for axis in (0, 1, -1, -2, None)],
    *[case(np.sort, M[:1], axis) for axis in (0, 1)],
    case(np.sort, V, kind="stable"),
    case(np.sort, [V, W], axis=0),
    case(np.sort, [S, 0.1, 2.0]),
    *[case(np.partition, x, kth) for x in (V, T, Z) for kth in (0, 2, -1)],
    *[case(np.partition, T, 1, axis) for axis in (0, 1, -1, -2, None)],
    case(np.partition, V, [1, 2]),
]

DISTINCT = [
    case(np.unique, V),
    case(np.unique, M),
    case(np.unique, Z),
    case(np.unique, V, return_index=True, return_inverse=True, return_counts=True),
    case(np.unique, M, False, True),
    case(np.unique, [S, 0.1]),
]

TAKEN = [
    *[case(np.take, x, indices) for x in (V, T, Z) for indices in (0, -1, [0, 2, 2], PLACES, ROWS)],
    *[case(np.take, T, indices, axis) for indices in (1, [0, 1, 1], ROWS % 2) for axis in (0, 1, -1)],
    case(np.take, V, (0, 2)),
    case(np.take, V, np.int64(2)),
    case(np.take, M, [], 0, single=False),
    case(np.take, [S, 0.1, 2.0], [1, 1]),
    case(np.take_along_axis, V, PLACES, 0),
    *[case(np.take_along_axis, M, ROWS, axis) for axis in (1, -1)],
    case(np.take_along_axis, M, ROWS[:1], 1),
    *[case(np.take_along_axis, M[:1], np.array([[0, 0, 0], [0, 0, 0]])[:, : M.shape[1]], axis) for axis in (0, -2)],
    case(np.take_along_axis, M, PLACES, None),
    case(np.take_along_axis, T, np.argsort(T, axis=1), axis=1),
    case(reductions.add_along_axis, M, ROWS, P[:, :2], 1),
    case(reductions.add_along_axis, M, PLACES, W, None),
    case(np.compress, [True, False, True], V),
    case(np.compress, B, V),
    case(np.compress, B, T),
    *[case(np.compress, B[:2], T, axis) for axis in (0, 1, -1)],
    case(np.extract, B, V),
    case(np.extract, M > 0, M),
    case(np.extract, [True, False, True, False], V),
]

CHOSEN = [
    case(np.select, [V > 1, V > 0], [V, W]),
    case(np.select, [V > 1, V > 0], [V, W], 2 * V),
    case(np.select, [V > 1, V > 0], [V, S], S),
    case(np.select, [V > 1, V > 0], [V, 1], 5),
    case(np.select, [V > 1, V > 0], [W, V], default=3.0),
    case(np.select, [M > 1], [M[0]], M),
    case(np.select, [V > 1, V > 0], (Z, W)),
    case(np.choose, PLACES, [V, W, V * W]),
    case(np.choose, ROWS, [S, M[:, :2], 2 * P[:, 1:]]),
    case(np.choose, ROWS, [S, 1, M[:1, :2]]),
]

COUNTED = [
    case(np.bincount, PLACES, W),
    case(np.bincount, PLACES, W, 7),
    case(np.bincount, PLACES, W, minlength=2),
    case(np.histogram, V, 3),
    case(np.histogram, V, bins=3, range=(-2, 2)),
    case(np.histogram, M),
    case(np.histogram, V, 3, weights=V**2 + 1),
    case(np.histogram, M, np.array([-1.0, 0.1, 0.7]), weights=M**2),
    case(np.histogram, V, np.array([-1.0, 0.1, 2.0])),
    case(np.histogram, V, [-1.0, S, 2.0]),
]

CASES = [*SORTED, *DISTINCT, *TAKEN, *CHOSEN, *COUNTED]


@pytest.mark.parametrize(("fn", "args", "options"), CASES)
def test_derivatives(fn: Any, args: Any, options: Any) -> None:
    check(fn, *args, **options)


@pytest.mark.parametrize(
    ("fn", "x", "args", "bar"),
    [
        (np.unique, [2.0, 1.0, 2.0], (), [0.5, 1.0, 0.5]),
        (np.sort, [2.0, 1.0, 2.0], (), [1.0, 1.0, 1.0]),
        (np.median, [2.0, 1.0, 3.0], (), [1.0, 0.0, 0.0]),
        (np.median, [2.0, 1.0, 4.0, 3.0], (), [0.5, 0.0, 0.0, 0.5]),
        (np.quantile, [2.0, 1.0, 3.0], (1.0,), [0.0, 0.0, 1.0]),
        (np.take, [2.0, 1.0, 3.0], ([0, 0, 2],), [2.0, 0.0, 1.0]),
    ],
)
def test_conventions(fn: Any, x: Any, args: Any, bar: Any) -> None:
    assert adjoint(fn, np.array(x), *args) == bar


@pytest.mark.parametrize(
    ("fn", "args", "options"),
    [
        case(np.take, V, [0, 5], mode="clip"),
        case(np.choose, PLACES % 2, M[:, :1]),
        case(np.unique, M, axis=0),
        case(np.histogram, V, density=True),
        case(np.histogram, V, "auto"),
    ],
)
def test_refused(fn: Any, args: Any, options: Any) -> None:
    with pytest.raises((AutodiffError, TypeError)):
        check(fn, *args, **options)


INDICES = Array("int64", ("?",))


@pytest.mark.parametrize(
    ("fn", "args", "kind"),
    [
        (np.nonzero, (XY,), (INDICES, INDICES)),
        (np.flatnonzero, (XY,), INDICES),
        (np.argwhere, (XY,), Array("int64", ("?", 2))),
        (np.argsort, (XY,), Array("int64", ("n1", "n2"))),
        (np.argpartition, (XY, 9), Array("int64", ("n1", "n2"))),
        (np.partition, (Array("float64", (1, "n1")), 9, None), X),
        (np.lexsort, ((X, X),), Array("int64", ("n1",))),
        (np.searchsorted, (X, FLOAT), Scalar("int64", numpy=True)),
        (np.digitize, (XY, Array("float64", ("n3",))), Array("int64", ("n1", "n2"))),
        (np.take, (XY, 30), Scalar("float64", numpy=True)),
        (np.take, (XY, INDICES, 1), Array("float64", ("n1", "?"))),
        (np.take, (XY, [0, 2], 0), Array("float64", (2, "n2"))),
        (np.take, (XY, INT, -1), X),
        (np.compress, (Array("bool", ("n1",)), XY, 1), Array("float64", ("n1", "?"))),
        (np.extract, (Array("bool", ("n1", "n2")), XY), Array("float64", ("?",))),
        (np.unique, (Array("float32", ("n1",)),), Array("float32", ("?",))),
        (np.unique, (X, True, True), (Array("float64", ("?",)), INDICES, Array("int64", ("n1",)))),
        (np.unique, (XY, False, False, False, 1), Array("float64", ("n1", "?"))),
        (np.bincount, (INDICES,), INDICES),
        (np.bincount, (INDICES, Array("float32", ("n1",)), 30), Array("float64", ("?",))),
        (np.histogram, (Array("float32", ("n1",)), 4), (Array("int64", (4,)), Array("float32", (5,)))),
        (np.histogram, (X, INT), (INDICES, Array("float64", ("?",)))),
        (np.histogram, (X, 4, None, True), (Array("float64", (4,)), Array("float64", (5,)))),
        (np.histogram, (X, Array("float64", ("n2",))), (Array("int64", ("?n2-1",)), Array("float64", ("n2",)))),
        (np.quantile, (XY, FLOAT, 0), Array("float64", ("n2",))),
        (np.percentile, (XY, Array("float64", (3,)), 1), Array("float64", (3, "n1"))),
        (np.median, (XY,), Scalar("float64", numpy=True)),
        (np.argmax, (XY, 0), Array("int64", ("n2",))),
        (np.count_nonzero, (XY, 0), Array("int64", ("n2",))),
    ],
)
def test_kinds(fn: Any, args: Any, kind: Any) -> None:
    operands, form = Form.of(args, {}, lambda value: is_kind(value) or isinstance(value, int))
    literals = [None if is_kind(each) else (each,) for each in operands]
    found = infer(fn, [each if is_kind(each) else kind_of(each) for each in operands], literals, form)
    assert nameless(found) == kind


def test_results_of_one_call_have_equal_lengths() -> None:
    rows, columns = infer(np.nonzero, [XY])
    values, first, counts = infer(
        np.unique, [X, *[kind_of(flag) for flag in FLAGS]], [None, *[(flag,) for flag in FLAGS]]
    )
    assert rows.dims == columns.dims
    assert values.dims == first.dims == counts.dims


FLAGS = (True, False, True)


def test_every_rule_is_tested() -> None:
    own = {rule.fn for rule in rules() for _, bars in rule.vjps if bars.__module__ == sorting.__name__}
    assert own - {each.values[0] for each in CASES} == set()
