"""Gradient descent by Adam, on parameters in containers of any structure; what the other examples train with."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np


def over_leaves(fun: Callable[..., Any], tree: Any, *others: Any) -> Any:
    """Return a container like `tree` of what `fun` makes of its numbers and arrays, and of those in the same places."""
    if isinstance(tree, dict):
        return {key: over_leaves(fun, item, *(other[key] for other in others)) for key, item in tree.items()}
    if isinstance(tree, (tuple, list)):
        return type(tree)(over_leaves(fun, *items) for items in zip(tree, *others))
    return fun(tree, *others)


def adam(
    loss_and_gradient: Callable[[Any], tuple[float, Any]], params: Any, steps: int, rate: float
) -> Iterator[tuple[int, float, Any]]:
    """Descend from `params`; yields (step, loss, parameters), the last time after the given number of steps.

    The steps get shorter, down to none at the end: Adam with a constant rate would not settle.  The gradient has the
    structure of the parameters, so nothing here knows what that is.
    """
    mean = over_leaves(np.zeros_like, params)
    square = over_leaves(np.zeros_like, params)
    for k in range(1, steps + 1):
        loss, gradient = loss_and_gradient(params)
        yield k - 1, loss, params
        mean = over_leaves(lambda m, g: 0.9 * m + 0.1 * g, mean, gradient)
        square = over_leaves(lambda s, g: 0.99 * s + 0.01 * g * g, square, gradient)
        now = rate * (1 - (k - 1) / steps)

        def step(p: Any, m: Any, s: Any, k: int = k, now: float = now) -> Any:
            return p - now * (m / (1 - 0.9**k)) / (np.sqrt(s / (1 - 0.99**k)) + 1e-12)

        params = over_leaves(step, params, mean, square)
    loss, _ = loss_and_gradient(params)
    yield steps, loss, params
