"""Interpolation of periodic functions."""

from __future__ import annotations

from typing import Any

import numpy as np

from ast_ad.models.common import Options


def interp(x: Any, xp: Any, fp: Any, left: Any = None, right: Any = None, period: Any = None) -> Any:
    """As `np.interp` with ``period=``: one more point stands on both sides of the period."""
    length = np.abs(period)
    points = np.asarray(xp) % length
    order = np.argsort(points)
    points, values = points[order], np.asarray(fp)[order]
    around = np.concatenate([points[-1:] - length, points, points[:1] + length])
    return np.interp(np.asarray(x) % length, around, np.concatenate([values[-1:], values, values[:1]]))


OPTIONS: Options = {np.interp: ({"period": (None,)}, interp)}
