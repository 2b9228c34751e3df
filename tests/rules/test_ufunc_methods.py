"""Rules of running extrema and of sums of runs."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from ast_ad.runtime import leaders, spread_sums
from tests.rules.arrays import check
from tests.rules.test_reductions import M, T, V, case

CASES = [
    *[case(fn, V) for fn in (np.maximum.accumulate, np.minimum.accumulate, np.fmax.accumulate, np.fmin.accumulate)],
    *[case(np.maximum.accumulate, T, axis) for axis in (0, 1, -1)],
    case(np.minimum.accumulate, M, axis=1),
    case(np.add.reduceat, V, [0, 2]),
    case(np.add.reduceat, V, np.array([2, 0, 1, 1])),
    *[case(np.add.reduceat, T, [1, 0], axis) for axis in (0, 1, -1)],
    case(spread_sums, V, [3, 0, 2, 2], 5),
    case(spread_sums, M, [0, 2], 4, 0),
]


@pytest.mark.parametrize(("fn", "args", "options"), CASES)
def test_derivatives(fn: Any, args: Any, options: Any) -> None:
    check(fn, *args, **options)


@pytest.mark.parametrize("axis", [0, 1, -1])
def test_leaders_are_the_places_of_a_running_extremum(axis: int) -> None:
    running = np.maximum.accumulate(T, axis)
    assert np.array_equal(np.take_along_axis(T, leaders(running, axis), axis), running)
