"""`x ** n` in its spellings.

A constant exponent gives what is taught at school: `2 * x`, `3 * x ** 2`, `0.5 * x ** -0.5`.  Otherwise
``n * x ** (n - 1)`` has to be guarded where n is 0 (an integer, as a loop's counter, needs no helper for that), and
``x ** n * log(x)`` where x is 0; see docs/conventions.md.
"""

from __future__ import annotations

import builtins
import math
import operator
from typing import Any

import numpy as np

from ast_ad.ir.primitives import select
from ast_ad.rules.registry import elementwise
from ast_ad.rules.tracing import Tracer
from ast_ad.runtime import power_derivative, ratio, safe_log


def _family(value: Any) -> str:
    return value.family if isinstance(value, Tracer) else "constant"


def _by_base(x: Any, n: Any) -> Any:
    if _family(n) == "constant":
        return None if n == 0 else n if n == 1 else n * x if n == 2 else n * x ** (n - 1)
    if _family(x) == "constant":
        return None
    counts = _family(n) in ("b", "i", "u") and np.ndim(n) == 0
    return n * x ** select(n == 0, 1, n - 1) if counts else power_derivative(x, n)


def _by_exponent(y: Any, x: Any, n: Any) -> Any:
    if _family(x) == "constant":
        return y * math.log(x) if not isinstance(x, complex) and x > 0 else y * _log(x, n)
    return None if _family(n) in ("constant", "b", "i", "u") else y * _log(x, n)


def _log(x: Any, n: Any) -> Any:
    """A negative number has a logarithm where the exponent is complex."""
    return safe_log(x + 0j) if _family(n) == "c" else safe_log(x)


def _power(y: Any, x: Any, n: Any, modulus: Any = None) -> tuple[Any, ...]:
    """The partials; a constant has none, nor has anything where a modulus is given, because then all are integers."""
    return _by_base(x, n), _by_exponent(y, x, n)


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
elementwise(safe_log, lambda y, x: ratio(1.0, x))
