"""The iterations of a counted loop, last first, as a range."""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any

from ast_ad.ir.nodes import Lit, Operand
from ast_ad.rules.expand import Code
from ast_ad.runtime import trip_count

Range = tuple[Operand, Operand, Operand]


def reversed_range(code: Code, limits: Range, count: Operand | None = None, *, ascends: bool = False) -> Range:
    """Write the range that runs through another one backwards.

    Parameters
    ----------
    limits
        Start, stop and step of a range.
    count
        How many of its iterations were run; None for all.
    ascends
        Whether its step is positive for sure, though no constant.
    """
    start, stop, step = limits
    if count is None and isinstance(step, Lit):
        return _all_backwards(code, start, stop, step.value)
    if count is None and ascends and isinstance(start, Lit) and start.value == 0:
        gaps = integer(code, operator.floordiv, _less_one(code, stop, start), step)
        return integer(code, operator.mul, gaps, step), Lit(-1), code.op(operator.neg, step)
    if count is None:
        count = code.op(trip_count, start, stop, step)
    gaps = integer(code, operator.sub, count, Lit(1))
    last = integer(code, operator.add, start, integer(code, operator.mul, gaps, step))
    back = Lit(-step.value) if isinstance(step, Lit) else code.op(operator.neg, step)
    return last, integer(code, operator.sub, start, step), back


def _all_backwards(code: Code, start: Operand, stop: Operand, step: int) -> Range:
    sign, size = (1 if step > 0 else -1), Lit(abs(step))
    if abs(step) == 1:
        last = integer(code, operator.sub, stop, Lit(sign))
    else:
        low, high = (start, stop) if step > 0 else (stop, start)
        gaps = _less_one(code, high, low)
        distance = integer(code, operator.mul, integer(code, operator.floordiv, gaps, size), size)
        last = integer(code, operator.add if step > 0 else operator.sub, start, distance)
    return last, integer(code, operator.sub, start, Lit(sign)), Lit(-step)


def _less_one(code: Code, high: Operand, low: Operand) -> Operand:
    """Write ``high - low - 1``, with the one in the constant where there is one."""
    if isinstance(high, Lit):
        return integer(code, operator.sub, Lit(high.value - 1), low)
    if isinstance(low, Lit):
        return integer(code, operator.sub, high, Lit(low.value + 1))
    return integer(code, operator.sub, integer(code, operator.sub, high, low), Lit(1))


def integer(code: Code, fn: Callable[..., Any], x: Operand, y: Operand) -> Operand:
    """Write integer arithmetic, computing what is constant and leaving out what changes nothing."""
    if isinstance(x, Lit) and isinstance(y, Lit):
        return Lit(fn(x.value, y.value))
    if fn is operator.sub and isinstance(y, Lit) and y.value < 0:
        fn, y = operator.add, Lit(-y.value)
    neutral = 1 if fn in (operator.mul, operator.floordiv) else 0
    if isinstance(y, Lit) and y.value == neutral:
        return x
    if isinstance(x, Lit) and x.value == neutral and fn in (operator.mul, operator.add):
        return y
    return code.op(fn, x, y)
