"""The gradients of the examples against central differences."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from examples.adam import over_leaves


def check_slopes(loss: Callable[[Any], float], params: Any, gradient: Any, step: float = 1e-6) -> None:
    """Compare the slopes of `loss` along random directions of its parameters with what `gradient` says of them."""
    rng = np.random.default_rng(0)
    for _ in range(3):
        direction = over_leaves(lambda p: rng.standard_normal(np.shape(p)), params)
        above = loss(over_leaves(lambda p, d: p + step * d, params, direction))
        below = loss(over_leaves(lambda p, d: p - step * d, params, direction))
        products: list[float] = []
        over_leaves(lambda d, g, to=products: to.append(float(np.sum(d * g))), direction, gradient)
        assert sum(products) == pytest.approx((above - below) / (2 * step), rel=1e-5, abs=1e-8)


def last(steps: Any) -> tuple[int, float, Any]:
    """Run a fit to its end; return (step, loss, parameters)."""
    *_, (step, loss, params) = steps
    return step, float(loss), params
