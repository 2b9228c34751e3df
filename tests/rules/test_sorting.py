"""Rules of sorting and selecting, and of order statistics."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from ast_ad.runtime import reductions
from tests.rules.arrays import check
from tests.rules.test_reductions import AXES, S, M, P, R, T, V, W, Z, ZM, case

I = np.array([2, 0, 2, 1])
ROWS = np.array([[1, 0], [2, 2]])
B = np.array([True, False, True, True])
MIXED = T.reshape(4, 6)[:, ::-1] + 0.01 * np.arange(6.0)

SORTED = [
    *[case(np.sort, x) for x in (V, M, T, R, Z, ZM)],
    *[case(np.sort, T, axis) for axis in (0, 1, -1, -2, None)],
    case(np.sort, V, kind="stable"),
    case(np.sort, [V, W], axis=0),
    case(np.sort, [S, 0.1, 2.0]),
    *[case(np.partition, x, kth) for x in (V, T, Z) for kth in (0, 2, -1)],
    *[case(np.partition, T, 1, axis) for axis in (0, 1, -1, -2, None)],
    case(np.partition, V, [1, 2]),
]

STATISTICS = [
    *[case(np.median, T, **options) for options in AXES],
    *[case(np.median, x) for x in (S, V, V[:3], R, M)],
    *[case(np.quantile, T, 0.3, **options) for options in AXES],
    *[case(np.percentile, T, 30.0, **options) for options in AXES],
    *[
        case(fn, x, q * scale)
        for fn, scale in ((np.quantile, 1), (np.percentile, 100))
        for x in (V, M)
        for q in (0.17, 0.61)
    ],
    *[case(np.quantile, T, np.array([0.17, 0.3, 0.71]), **options) for options in AXES],
    *[case(np.percentile, V, [11, 25, 63], **options) for options in ({}, {"axis": 0}, {"keepdims": True})],
    case(np.percentile, M, [S, 65.0], axis=1),
    case(np.quantile, V, np.array([[0.17, 0.3], [0.8, 0.55]])),
    case(np.quantile, M, np.array([[0.17, 0.3], [0.8, 0.65]]), axis=1),
    case(np.quantile, V, q=0.3),
    case(np.quantile, V, 0.3, method="linear"),
    case(np.quantile, [S, 0.1, 2.0], 0.3),
    case(np.percentile, R, 30),
    *[case(reductions.quantile_weights, M, q, axis=axis) for q in (0.31, np.array([0.17, 0.65])) for axis in (None, 1)],
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
    *[case(np.take, x, indices) for x in (V, T, Z) for indices in (0, -1, [0, 2, 2], I, ROWS)],
    *[case(np.take, T, indices, axis) for indices in (1, [0, 1, 1], ROWS % 2) for axis in (0, 1, -1)],
    case(np.take, V, (0, 2)),
    case(np.take, V, np.int64(2)),
    case(np.take, M, [], 0, single=False),
    case(np.take, [S, 0.1, 2.0], [1, 1]),
    case(np.take_along_axis, V, I, 0),
    *[case(np.take_along_axis, M, ROWS, axis) for axis in (1, -1)],
    case(np.take_along_axis, M, ROWS[:1], 1),
    case(np.take_along_axis, M, I, None),
    case(np.take_along_axis, T, np.argsort(T, axis=1), axis=1),
    case(reductions.add_along_axis, M, ROWS, P[:, :2], 1),
    case(reductions.add_along_axis, M, I, W, None),
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
    case(np.choose, I, [V, W, V * W]),
    case(np.choose, ROWS, [S, M[:, :2], 2 * P[:, 1:]]),
    case(np.choose, ROWS, [S, 1, M[:1, :2]]),
]

COUNTED = [
    case(np.bincount, I, W),
    case(np.bincount, I, W, 7),
    case(np.bincount, I, W, minlength=2),
    case(np.histogram, V, 3),
    case(np.histogram, V, bins=3, range=(-2, 2)),
    case(np.histogram, M),
    case(np.histogram, V, np.array([-1.0, 0.1, 2.0])),
    case(np.histogram, V, [-1.0, S, 2.0]),
]

CASES = [*SORTED, *STATISTICS, *DISTINCT, *TAKEN, *CHOSEN, *COUNTED]


@pytest.mark.parametrize(("fn", "args", "options"), CASES)
def test_derivatives(fn: Any, args: Any, options: Any) -> None:
    check(fn, *args, **options)
