"""Library functions that are lowered as what they come to: the values are theirs, and the derivatives are right."""

from __future__ import annotations

import collections
import copy
import math
import random
import statistics
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from ast_ad import MissingRuleError, UnsupportedSyntaxError, grad, value_and_grad
from ast_ad.testing import check_grads

X = np.array([0.7, -1.2, 0.4])
M = np.array([[1.0, 0.5, -0.3], [0.2, 2.0, 0.7]])
BEND = [lambda y: -y * y, lambda y: y**3]


def two_parts(p: Any) -> Any:
    own, deep = copy.copy(p), copy.deepcopy(p)
    own["b"] = p["b"] * 2
    deep["a"][0] = p["b"] ** 2
    return p["a"][0] * p["a"][1] + deep["a"][0] * own["b"] + own["a"][1]


def places_in_turn(m: Any) -> Any:
    total = 0.0
    for i, j in np.ndindex(m.shape):
        total += m[i, j] ** 2 * (i + 2 * j)
    for (i, j), v in np.ndenumerate(m):
        total *= 1 + 0.1 * v * (i - j)
    return total


CASES: dict[str, tuple[Callable[..., Any], Any]] = {
    "fsum of a list": (lambda x: math.fsum([x[0] * x[1], x[2] ** 2, 1]), X),
    "fsum of an array": (lambda x: math.fsum(x * x), X),
    "fsum of a generator": (lambda x: math.fsum(v * v for v in x) * math.fsum(range(3)), X),
    "fsum of a dict": (lambda x: math.fsum({"a": x[0] * x[1], "b": 2, "c": x[2]}.values()), X),
    "prod of a list": (lambda x: math.prod([x[0], x[1], 3], start=2.0), X),
    "prod of an array": (lambda x: math.prod(x), X),
    "dist of lists": (lambda x: math.dist([x[0], 2.0], (x[1], x[2])), X),
    "dist of arrays": (lambda x: math.dist(x, 2 * x[::-1]), X),
    "modf": (lambda x: math.modf(x)[0] * x, -3.7),
    "modf of an array": (lambda x: np.modf(3 * x)[0] ** 2, X),
    "divmod of an array": (lambda x: np.divmod(x, 0.5)[1] * x, X),
    "piecewise": (lambda x: np.piecewise(x, [x < 0, x >= 0], BEND), X),
    "piecewise, with a rest": (lambda x: np.piecewise(x, [x < -0.5, x > 0.5], [*BEND, 2.0]), X),
    "piecewise, with arguments": (lambda x: np.piecewise(x, [x > 0], [lambda y, k: y**k, lambda y, k: k * y], 3), X),
    "piecewise, of lists": (lambda x: np.piecewise(x.tolist(), [(x < 0).tolist(), x > 1], [*BEND, 2.0]), X),
    "piecewise, a row for each": (lambda x: np.piecewise(x, np.array([x < -0.5, x > 0.5]), BEND), X),
    "piecewise, of one condition": (lambda x: np.piecewise(x, x > 0, BEND), X),
    "fromfunction": (lambda x: np.fromfunction(lambda i, j: i * x[0] + j * x[1] ** 2, (2, 3)), X),
    "outer": (lambda x: np.multiply.outer(x, x[:2]), X),
    "outer of a matrix": (lambda m: np.subtract.outer(m, m[0] ** 2), M),
    "outer with a number": (lambda x: np.add.outer(x, x[0] * x[1]), X),
    "polyadd": (lambda x: np.polyadd(x, x[:2] ** 2), X),
    "polysub": (lambda x: np.polysub(x[:2] ** 2, x), X),
    "polymul": (lambda x: np.polymul(x, x[:2]), X),
    "polyint": (lambda x: np.polyint(x * x), X),
    "cond": (lambda m: np.linalg.cond(m), M),
    "cond in another norm": (lambda m: np.linalg.cond(m[:, :2], "fro"), M),
    "einsum by lists": (lambda m: np.einsum(m, [0, 1], m, [2, 1], [0, 2]), M),
    "einsum by lists, without a result": (lambda m: np.einsum(m[:, :2], [0, 0]), M),
    "einsum by lists, with dots": (lambda m: np.einsum(m, [..., 0], m, [..., 0], [...]), M),
    "r_": (lambda x: np.r_[x, 0.0, x[0] * x[1], x[1:], 1:4], X),
    "r_ of matrices": (lambda m: np.r_[m, m**2], M),
    "c_": (lambda x: np.c_[x, x**2, np.ones((3, 2))], X),
    "mgrid": (lambda m: np.mgrid[0:2, 1:4][1] * m**2, M),
    "mgrid by number": (lambda x: np.mgrid[0:1:3j] * x**2, X),
    "ogrid": (lambda m: np.ogrid[0:2, 1:4][0] * m**2, M),
    "windows": (lambda x: np.lib.stride_tricks.sliding_window_view(x, 2) ** 2, X),
    "sum of a part": (lambda m: np.sum(m**2, axis=0, where=m > 0.3), M),
    "sum with a start": (lambda m: np.sum(m**2, axis=1, initial=2.0, keepdims=True), M),
    "prod of a part": (lambda m: np.prod(m, axis=1, where=m > 0, initial=3.0), M),
    "mean of a part": (lambda m: np.mean(m**2, where=m > 0.3), M),
    "max with a least": (lambda m: np.max(m, axis=0, initial=0.1) ** 2, M),
    "min of a part": (lambda m: np.min(m, axis=1, initial=0.9, where=m > 0) ** 2, M),
    "ufunc of a part": (lambda x: np.divide(1.0, x, out=np.zeros_like(x), where=x > 0), X),
    "ufunc of a part, broadcast": (lambda m: np.multiply(m, m[0], out=m.copy(), where=m[:, :1] > 0.5), M),
    "max by key": (lambda x: max([x[0], x[1] * 2, -3.0], key=abs) * x[1] + max(x, key=abs), X),
    "min by key, or else": (lambda x: min(x, key=lambda v: -v * v, default=0.0) ** 2 + min([], default=x[0]), X),
    "mean and deviations": (lambda x: statistics.mean(x) * statistics.stdev(x) + statistics.pstdev([x[0], x[2]]), X),
    "variances": (lambda x: statistics.fmean([x[0], 1]) * statistics.variance(x) + statistics.pvariance(x), X),
    "ndindex": (places_in_turn, M),
    "a class of named tuples": (lambda x: collections.namedtuple("P", "a b")(x[0], x[1]).b ** 2, X),
    "copies": (two_parts, {"a": [1.5, 2.5], "b": 0.7}),
}
if hasattr(math, "sumprod"):
    CASES["sumprod"] = (lambda x: math.sumprod([x[0], x[1]], [x[2], 2]), X)
if hasattr(np, "cumulative_sum"):
    CASES["cumulative_sum"] = (lambda m: np.cumulative_sum(m, axis=1) ** 2, M)


@pytest.mark.parametrize("name", CASES)
def test_values_and_derivatives(name: str, order: int):
    fun, x = CASES[name]
    check_grads(fun, order=order)(x)


def test_values_are_those_of_the_function():
    value, _ = value_and_grad(lambda x: math.modf(x)[0] - 2 * math.modf(x)[1])(-3.75)
    assert value == -0.75 + 6
    value, slope = value_and_grad(lambda x: math.fsum([x, 1e16, 1.0, -1e16]) * math.fsum(np.array([0.1] * 10)))(0.5)
    assert (value, slope) == (1.5, 1.0)
    value, slope = value_and_grad(lambda x: math.fsum([]) + math.prod([]) * x)(2.0)
    assert (value, slope) == (2.0, 1.0)


DTYPE_TESTS: dict[str, Callable[[Any], bool]] = {
    "of a type": lambda x: x.dtype == np.float64,
    "of Python's type": lambda x: x.dtype == float and x.dtype != np.float32,
    "of a text": lambda x: x.dtype == "float64",
    "among others": lambda x: x.dtype in (np.float32, np.float64),
    "of attributes": lambda x: x.dtype.kind == "f" and x.dtype.name == "float64" and x.dtype.itemsize == 8,
    "as a text": lambda x: str(x.dtype) == "float64",
    "of a result": lambda x: np.result_type(x, 1.0) == np.dtype(float),
    "of limits": lambda x: np.finfo(x.dtype).eps < 1e-10 < np.finfo(np.float32).eps < np.iinfo(np.int8).max,
}


@pytest.mark.parametrize("name", DTYPE_TESTS)
def test_comparison_of_dtypes(name: str):
    test = DTYPE_TESTS[name]
    assert grad(lambda x: np.sum(x**2) if test(x) else np.sum(x))(X).tolist() == (2 * X).tolist()


class _Unit:
    def __init__(self, name: str) -> None:
        self.name = name

    __hash__ = None  # type: ignore[assignment]

    def __eq__(self, other: object) -> bool:
        return True


METRE, KILOMETRE = _Unit("m"), _Unit("km")


def test_an_equality_of_ones_own_decides():
    assert grad(lambda x: x * x if METRE == KILOMETRE else x)(3.0) == 6.0


def test_draws_of_python(order: int):
    def noisy(x: float) -> float:
        random.seed(3)
        return x * random.random() + x**2 * random.gauss(0.0, 1.0) + random.randint(1, 6)

    check_grads(noisy, order=order)(0.7)
    with pytest.raises(MissingRuleError, match="gauss"):
        grad(lambda x: random.gauss(x, 1.0))(0.5)


def test_masked_elements_are_not_computed():
    x = np.array([0.0, 4.0])
    slopes = grad(lambda x: np.sum(np.sqrt(x, out=np.zeros(2), where=x > 0)))(x)
    assert slopes.tolist() == [0.0, 0.25]


def test_subscripts_have_to_be_known():
    with pytest.raises(UnsupportedSyntaxError, match="subscripts"):
        grad(lambda m, k: np.sum(np.einsum(m, [k * 2, 1])))(M, 1.5)
