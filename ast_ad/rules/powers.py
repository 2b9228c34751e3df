"""`x ** n` in its spellings.

A constant exponent gives what is taught at school: `2 * x`, `3 * x ** 2`, `0.5 * x ** -0.5`.  Otherwise ``n * x ** (n - 1)`` has to be
guarded where n is 0, and ``x ** n * log(x)`` where x is 0; see docs/conventions.md.
"""

from __future__ import annotations

import builtins
import math
import operator
from typing import Any

import numpy as np

from ast_ad.ir.primitives import select
from ast_ad.rules.registry import elementwise
from ast_ad.runtime import power_derivative, safe_log


def _by_base(x: Any, n: Any) -> Any:
    """The partial derivative by the base."""
    if not isinstance(n, (int, float, complex)):
        return power_derivative(x, n)
    if n == 0:
        return None
    return n if n == 1 else n * x if n == 2 else n * x ** (n - 1)


def _by_exponent(y: Any, x: Any) -> Any:
    """The partial derivative by the exponent."""
    return y * math.log(x) if isinstance(x, (int, float)) and x > 0 else y * safe_log(x)


def _power(y: Any, x: Any, n: Any, modulus: Any = None) -> tuple[Any, ...]:
    """A modulus is for integers only, and they have no derivative."""
    return _by_base(x, n), _by_exponent(y, x)


elementwise(operator.pow, _power)
elementwise(builtins.pow, _power)
elementwise(math.pow, _power)
elementwise(np.power, _power)
elementwise(np.float_power, _power)
elementwise(np.square, lambda y, x: 2 * x, cheap=True)


def _power_derivative_by_exponent(x: Any, n: Any, order: int) -> Any:
    """Differentiates ``n * power_derivative(x, n - 1, order - 1)`` by n, down to ``x ** n``."""
    if order == 0:
        return x**n * safe_log(x)
    rest = x ** (n - 1) if order == 1 else power_derivative(x, n - 1, order - 1)
    return rest + n * _power_derivative_by_exponent(x, n - 1, order - 1)


elementwise(
    power_derivative,
    lambda y, x, n, order=1: (
        power_derivative(x, n, order + 1),
        _power_derivative_by_exponent(x, n, order),
        None,
    ),
)
elementwise(safe_log, lambda y, x: select(x == 0, 0.0, 1 / select(x == 0, 1.0, x)))
