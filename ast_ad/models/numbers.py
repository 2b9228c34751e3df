"""Functions of `math` and `statistics` that take sequences of numbers, or return two."""

from __future__ import annotations

import math
import statistics
from collections.abc import Callable
from typing import Any

import numpy as np


def fsum(seq: Any) -> Any:
    """As `math.fsum`, which has a rule for lists and arrays."""
    return math.fsum(list(seq))


def prod(iterable: Any, *, start: Any = 1) -> Any:
    """As `math.prod`."""
    result = start
    for each in iterable:
        result = result * each
    return result


def dist(p: Any, q: Any) -> Any:
    """As `math.dist`."""
    return float(np.linalg.norm(np.asarray(p) - np.asarray(q)))


def sumprod(p: Any, q: Any) -> Any:
    """As `math.sumprod`."""
    total = 0
    for a, b in zip(p, q):
        total = total + a * b
    return total


def modf(x: Any) -> Any:
    """As `math.modf`."""
    whole = float(math.trunc(x))
    return x - whole, whole


def frexp(x: Any) -> Any:
    """As `math.frexp`."""
    mantissa, exponent = np.frexp(x)
    return float(mantissa), int(exponent)


def mean(data: Any) -> Any:
    """As `statistics.mean`, which is an integer where the mean of integers is one."""
    if _are_integers(data):
        return _quotient(sum(data), len(data))
    return math.fsum(data) / len(data)


def _are_integers(data: Any) -> Any:
    return isinstance(sum(data), int)


def _quotient(total: Any, count: Any) -> Any:
    """Return a quotient of integers, which is an integer if it can be."""
    return total // count if total % count == 0 else total / count


def fmean(data: Any, weights: Any = None) -> Any:
    """As `statistics.fmean`."""
    if weights is None:
        return math.fsum(data) / len(data)
    return sumprod(data, weights) / math.fsum(weights)


def harmonic_mean(data: Any, weights: Any = None) -> Any:
    """As `statistics.harmonic_mean`."""
    data = list(data)
    for each in data:
        if each < 0:
            raise statistics.StatisticsError("harmonic mean does not support negative values")
    if weights is None and len(data) == 1:
        return data[0]
    if 0 in data:
        return 0
    if weights is None:
        return len(data) / math.fsum([1 / each for each in data])
    return math.fsum(weights) / math.fsum([weight / each for weight, each in zip(weights, data)])


def pvariance(data: Any, mu: Any = None) -> Any:
    """As `statistics.pvariance`."""
    return _mean_square(data, mu, 0)


def variance(data: Any, xbar: Any = None) -> Any:
    """As `statistics.variance`."""
    return _mean_square(data, xbar, 1)


def pstdev(data: Any, mu: Any = None) -> Any:
    """As `statistics.pstdev` of floats."""
    return math.sqrt(pvariance(data, mu))


def stdev(data: Any, xbar: Any = None) -> Any:
    """As `statistics.stdev` of floats."""
    return math.sqrt(variance(data, xbar))


def _mean_square(data: Any, around: Any, lost: Any) -> Any:
    """Return the mean square of the deviations, of so many fewer."""
    count = len(data)
    if _are_integers(data) and around is None:
        return _quotient(count * sum([each * each for each in data]) - sum(data) ** 2, count * (count - lost))
    if _are_integers(data) and isinstance(around, int):
        return _quotient(sum([(each - around) ** 2 for each in data]), count - lost)
    return _squares(data, around) / (count - lost)


def _squares(data: Any, around: Any) -> Any:
    middle = mean(data) if around is None else around
    total = 0.0
    for each in data:
        total = total + (each - middle) ** 2
    return total


MODELS: dict[Callable[..., Any], Callable[..., Any]] = {
    math.dist: dist,
    math.frexp: frexp,
    math.modf: modf,
    math.prod: prod,
    statistics.fmean: fmean,
    statistics.harmonic_mean: harmonic_mean,
    statistics.mean: mean,
    statistics.pstdev: pstdev,
    statistics.pvariance: pvariance,
    statistics.stdev: stdev,
    statistics.variance: variance,
}
if hasattr(math, "sumprod"):
    MODELS[math.sumprod] = sumprod
