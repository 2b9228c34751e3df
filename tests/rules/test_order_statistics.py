"""Rules of medians, quantiles and percentiles."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from ast_ad.runtime import quantile_weights
from tests.rules.arrays import check
from tests.rules.test_reductions import AXES, M, R, S, T, V, case

GAPS = np.where(np.abs(T) > 0.9, np.nan, T)
METHODS = (
    *("inverted_cdf", "averaged_inverted_cdf", "closest_observation", "interpolated_inverted_cdf", "hazen", "weibull"),
    *("median_unbiased", "normal_unbiased", "lower", "higher", "midpoint", "nearest"),
)

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
    *[case(quantile_weights, M, q, axis=axis) for q in (0.31, np.array([0.17, 0.65])) for axis in (None, 1)],
]

WITH_NAN = [
    *[
        case(fn, T, 0.3 * scale, **options)
        for fn, scale in ((np.nanquantile, 1), (np.nanpercentile, 100))
        for options in AXES
    ],
    *[case(np.nanmedian, x, **options) for x in (T, GAPS) for options in AXES],
    *[case(np.nanquantile, GAPS, q, **options) for q in (0.3, np.array([0.17, 0.71])) for options in AXES],
    *[case(np.nanmedian, x) for x in (S, V, R)],
]

BY_METHOD = [
    *[case(np.quantile, V, 0.37, method=method) for method in METHODS],
    *[case(np.percentile, M, [18.0, 63.0], axis=1, method=method) for method in METHODS],
    *[case(np.nanquantile, GAPS, 0.37, axis=2, method=method) for method in METHODS],
]


@pytest.mark.parametrize(("fn", "args", "options"), [*STATISTICS, *WITH_NAN, *BY_METHOD])
def test_derivatives(fn: Any, args: Any, options: Any) -> None:
    check(fn, *args, **options)


@pytest.mark.parametrize("method", ["linear", *METHODS])
@pytest.mark.parametrize("q", [0.0, 0.05, 0.31, 0.5, 0.73, 1.0])
def test_a_quantile_is_the_weighted_sum_of_the_elements(method: Any, q: float) -> None:
    assert np.sum(quantile_weights(M, q, method=method) * M) == pytest.approx(np.quantile(M, q, method=method))


def test_elements_that_are_nan_have_no_weight() -> None:
    weights = quantile_weights(GAPS, 0.3, axis=1, skip_nan=True)
    assert not np.any(weights[np.isnan(GAPS)])
    assert np.nansum(weights * GAPS, axis=1) == pytest.approx(np.nanquantile(GAPS, 0.3, axis=1))
