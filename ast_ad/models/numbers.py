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
    """As `statistics.mean` of floats."""
    return math.fsum(data) / len(data)


def fmean(data: Any, weights: Any = None) -> Any:
    """As `statistics.fmean`."""
    if weights is None:
        return math.fsum(data) / len(data)
    return sumprod(data, weights) / math.fsum(weights)


def harmonic_mean(data: Any, weights: Any = None) -> Any:
    """As `statistics.harmonic_mean` of floats."""
    if weights is None:
        return len(data) / math.fsum([1 / each for each in data])
    return math.fsum(weights) / math.fsum([weight / each for weight, each in zip(weights, data)])


def pvariance(data: Any, mu: Any = None) -> Any:
    """As `statistics.pvariance` of floats."""
    return _squares(data, mu) / len(data)


def variance(data: Any, xbar: Any = None) -> Any:
    """As `statistics.variance` of floats."""
    return _squares(data, xbar) / (len(data) - 1)


def pstdev(data: Any, mu: Any = None) -> Any:
    """As `statistics.pstdev` of floats."""
    return math.sqrt(pvariance(data, mu))


def stdev(data: Any, xbar: Any = None) -> Any:
    """As `statistics.stdev` of floats."""
    return math.sqrt(variance(data, xbar))


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
