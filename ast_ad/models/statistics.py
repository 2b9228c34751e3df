"""Covariances, with weights or of complex numbers."""

from __future__ import annotations

from typing import Any

import numpy as np

from ast_ad.models.common import Options


def cov(
    m: Any,
    y: Any = None,
    rowvar: Any = True,
    bias: Any = False,
    ddof: Any = None,
    fweights: Any = None,
    aweights: Any = None,
) -> Any:
    """As `np.cov`."""
    rows = np.atleast_2d(m)
    if not rowvar and np.ndim(m) > 1:
        rows = rows.T
    if y is not None:
        others = np.atleast_2d(y)
        rows = np.concatenate([rows, others if rowvar or np.ndim(y) < 2 else others.T])
    lost = ddof if ddof is not None else 0 if bias else 1
    count = rows.shape[1]
    weights = np.ones(count)
    if fweights is not None:
        weights = weights * np.asarray(fweights)
    if aweights is not None:
        weights = weights * np.asarray(aweights)
    total = np.sum(weights)
    if fweights is None and aweights is None:
        scale = count - lost
    elif aweights is None:
        scale = total - lost
    else:
        scale = total - lost * np.sum(weights * np.asarray(aweights)) / total
    deviations = rows - np.expand_dims(np.average(rows, axis=1, weights=weights), 1)
    result = deviations @ np.conj(deviations * weights).T / scale
    return np.array(result[0, 0]) if len(result) == 1 else result


OPTIONS: Options = {np.cov: ({"fweights": (None,), "aweights": (None,)}, cov)}
