"""Library functions that are lowered as what they come to: the values are theirs, and the derivatives are right."""

from __future__ import annotations

import copy
import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from ast_ad import UnsupportedSyntaxError, grad, value_and_grad
from ast_ad.testing import check_grads

X = np.array([0.7, -1.2, 0.4])
M = np.array([[1.0, 0.5, -0.3], [0.2, 2.0, 0.7]])
BEND = [lambda y: -y * y, lambda y: y**3]


def two_parts(p: Any) -> Any:
    own, deep = copy.copy(p), copy.deepcopy(p)
    own["b"] = p["b"] * 2
    deep["a"][0] = p["b"] ** 2
    return p["a"][0] * p["a"][1] + deep["a"][0] * own["b"] + own["a"][1]


CASES: dict[str, tuple[Callable[..., Any], Any]] = {
    "fsum of a list": (lambda x: math.fsum([x[0] * x[1], x[2] ** 2, 1]), X),
    "fsum of an array": (lambda x: math.fsum(x * x), X),
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
    "copies": (two_parts, {"a": [1.5, 2.5], "b": 0.7}),
}
if hasattr(math, "sumprod"):
    CASES["sumprod"] = (lambda x: math.sumprod([x[0], x[1]], [x[2], 2]), X)
if hasattr(np, "cumulative_sum"):
    CASES["cumulative_sum"] = (lambda m: np.cumulative_sum(m, axis=1) ** 2, M)


@pytest.mark.parametrize("name", CASES)
def test_values_and_derivatives(name: str):
    fun, x = CASES[name]
    check_grads(fun, order=2)(x)


def test_values_are_those_of_the_function():
    value, _ = value_and_grad(lambda x: math.modf(x)[0] - 2 * math.modf(x)[1])(-3.75)
    assert value == -0.75 + 6
    value, slope = value_and_grad(lambda x: math.fsum([]) + math.prod([]) * x)(2.0)
    assert (value, slope) == (2.0, 1.0)


def test_subscripts_have_to_be_known():
    with pytest.raises(UnsupportedSyntaxError, match="subscripts"):
        grad(lambda m, k: np.sum(np.einsum(m, [k * 2, 1])))(M, 1.5)
