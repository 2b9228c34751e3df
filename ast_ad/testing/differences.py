"""Derivatives from differences of the function itself, and how far they can be trusted."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np

from ast_ad.testing.assertions import assert_close, assert_is
from ast_ad.testing.values import (
    fresh,
    is_inexact,
    is_number,
    largest,
    leaves,
    on_leaves,
    precision,
    structure,
    zeros_like,
)


def difference(
    fun: Callable[..., Any],
    args: Sequence[Any],
    i: int,
    direction: Any,
    eps: float | None = None,
    what: str = "",
    size: float = 0.0,
) -> tuple[Any, float]:
    """Return the derivative by one argument along a direction, from differences, and the rounding error in it.

    Central differences with two steps, extrapolated.  The rounding error is that of the results, or of intermediates
    of this `size`, which may cancel out in the results.

    Raises
    ------
    AssertionError
        Where the one-sided differences do not approach each other as the step shrinks: at a kink or a jump.  Where the
        central differences do not settle: a jump is nearer than the step, or the function too wild for it.

    Examples
    --------
    >>> slope, noise = difference(lambda x: x * x, (3.0,), 0, 1.0)
    >>> abs(slope - 6.0) <= noise
    True
    """
    coarse = precision(args[i])
    wide = (eps or coarse**0.25) * max(1.0, largest(args[i]))
    narrow = wide / 4
    here = fun(*fresh(args))

    def there(step: float) -> Any:
        moved = [*fresh(args)]
        moved[i] = on_leaves(lambda leaf, d: _moved(leaf, step * d) if is_inexact(leaf) else leaf, moved[i], direction)
        value = fun(*moved)
        assert_is(structure(value), structure(here), f"structure of the result beside the point, {what}")
        return value

    def central(step: float, pair: tuple[Any, Any]) -> Any:
        return on_leaves(lambda up, down: (up - down) / (2 * step) if is_inexact(up) else zeros_like(up), *pair)

    far, near = (there(wide), there(-wide)), (there(narrow), there(-narrow))
    noise = 32 * max(coarse, precision(here)) * max(size, largest((far, here))) / narrow
    _assert_smooth(here, far, near, wide, noise, what)
    rough, fine = central(wide, far), central(narrow, near)
    # The error of the wider step is quadratic in it, and may be all that there is of a derivative that is zero.
    settled = 2 * noise + wide * largest((far, here)) / max(1.0, largest(args[i])) ** 2
    assert_close(fine, rough, 0.05, settled, f"{what}: the differences do not settle: try a smaller eps")
    return on_leaves(lambda a, b: b + (b - a) / 15 if is_inexact(b) else b, rough, fine), noise


def _moved(leaf: Any, by: Any) -> Any:
    if isinstance(leaf, np.ndarray):
        return np.asarray(leaf + by, leaf.dtype)
    return type(leaf)(leaf + by)


def _assert_smooth(here: Any, far: Any, near: Any, wide: float, noise: float, what: str) -> None:
    """Fail where the gap between the one-sided differences does not shrink with the step, as on a smooth curve."""

    def gaps(pair: Any, step: float) -> Iterator[Any]:
        for up, middle, down in zip(leaves(pair[0]), leaves(here), leaves(pair[1])):
            if is_number(middle):
                yield np.abs(np.add(up, down, dtype=complex) - np.multiply(2, middle)) / step

    for at_far, at_near in zip(gaps(far, wide), gaps(near, wide / 4)):
        apart = np.max(at_near, where=(at_near > 0.5 * at_far) & (at_near > 4 * noise), initial=0.0)
        if apart:
            raise AssertionError(f"{what}: not differentiable here: the one-sided differences stay {apart:.6g} apart")
