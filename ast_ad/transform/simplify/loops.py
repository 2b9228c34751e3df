"""Counted loops: what they leave behind that is known without running them.

    for i in range(n): ...; ran = True         ran  ->  n > 0

A boolean that a loop carries only to say that it ran is how a name that is bound in a loop, and read after it, is
checked. The comparison needs no variable in the loop; and where the range is constant, it says at once that the name
is bound.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Sequence
from typing import Any

from ast_ad.ir.kinds import INT
from ast_ad.ir.nodes import Lit, Operand, Var


def trips(limits: Sequence[Operand]) -> int | None:
    """Return how often a loop over a range runs, unless it breaks; None where the range is not constant.

    >>> trips((Lit(0), Lit(10), Lit(3)))
    4
    """
    values = [limit.value for limit in limits if isinstance(limit, Lit)]
    return len(range(*values)) if len(values) == 3 and values[2] != 0 else None


def left_behind(
    limits: Sequence[Operand], init: Operand, following: Operand
) -> Operand | tuple[Callable[..., Any], Operand, Operand] | None:
    """Return what a carried value is after the loop, if the loop always yields the constant `following` for it.

    Returns
    -------
    operand, or (fn, x, y), or None
        A constant; or a comparison that says it; or nothing is known.

    Examples
    --------
    >>> n = Var(INT, "n")
    >>> left_behind((Lit(0), n, Lit(1)), Lit(False), Lit(True)) == (operator.gt, n, Lit(0))
    True
    """
    if not isinstance(following, Lit):
        return None
    if trips(limits):
        return following
    start, stop, step = limits
    flag = isinstance(init, Lit) and type(init.value) is bool and following.value is (not init.value)
    counts = all(isinstance(limit, (Var, Lit)) and limit.kind == INT for limit in limits)
    if not (flag and counts and isinstance(step, Lit) and step.value):
        return None
    x, y = (stop, start) if isinstance(start, Lit) else (start, stop)
    ran, did_not_run = (operator.gt, operator.le) if (step.value > 0) is (x is stop) else (operator.lt, operator.ge)
    return (ran if following.value else did_not_run, x, y)
