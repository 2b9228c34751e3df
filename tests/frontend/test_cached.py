"""Functions behind `functools.lru_cache`: those that only compute, and what is refused."""

from __future__ import annotations

import functools

import numpy as np
import pytest

import ast_ad
from ast_ad.errors import AutodiffError
from ast_ad.testing import check_grads


def total_of_a_table(x):
    @functools.cache
    def item(k):
        return table[k] * x

    table = [x, 2.0, x * x]
    table.append(3 * x)
    total = 0.0
    for i in range(3):
        total += item(i) * item(i + 1)
    return total + item(3)


def most_that_fits(x):
    values = [x, 2 * x, 3.5]

    @functools.cache
    def best(i, left):
        if i == 3:
            return 0.0
        without = best(i + 1, left)
        return max(without, best(i + 1, left - i - 1) + values[i]) if left > i else without

    return best(0, 4) * x


def made_anew_in_each_turn(x):
    total = 0.0
    for i in range(3):

        @functools.lru_cache
        def scaled(k):
            return i * x * k  # noqa: B023

        total += scaled(1) + scaled(2) * scaled(1)
    return total


class Model:
    def __init__(self, w):
        self.w = w
        self.calls = 0

    @functools.lru_cache  # noqa: B019
    def weight(self, k):
        return self.w * k

    def __call__(self, x):
        total = self.weight(1) * x
        self.calls += 1
        return total * self.weight(2)


def methods(x):
    return Model(x)(x) + 1


@pytest.mark.parametrize("fun", [total_of_a_table, most_that_fits, made_anew_in_each_turn, methods])
def test_functions_that_only_compute(fun):
    value, _ = ast_ad.value_and_grad(fun)(0.7)
    assert value == fun(0.7)
    check_grads(fun, order=2)(0.7)


def counted(x):
    calls = []

    @functools.cache
    def double(k):
        calls.append(k)
        return 2 * k

    return double(x) * double(x) * len(calls)


def printing(x):
    @functools.cache
    def double(k):
        print(k)
        return 2 * k

    return double(x) * double(x)


def drawing(x):
    rng = np.random.default_rng(0)

    @functools.cache
    def noise(k):
        return rng.normal() * k

    return noise(x) - noise(x)


def stale_list(x):
    scale = [x]

    @functools.cache
    def scaled(k):
        return k * scale[0]

    total = scaled(2)
    scale[0] = x * x
    return total + scaled(2)


def stale_name(x):
    scale = x

    @functools.cache
    def scaled(k):
        return k * scale

    total = scaled(2)
    scale = x * x
    return total + scaled(2)


SCALE = 2.0


def stale_global(x):
    global SCALE

    @functools.cache
    def scaled(k):
        return SCALE * k

    total = scaled(1)
    SCALE = 5.0
    return x * (total + scaled(1))


def stale_attribute(x):
    model = Model(x)
    total = model.weight(2)
    model.w = x * x
    return total + model.weight(2)


def shared_result(x):
    @functools.cache
    def items(k):
        return [k, x]

    items(1).append(x)
    return sum(items(1))


@pytest.mark.parametrize(
    ("fun", "message"),
    [
        (counted, "changes what is outside of it"),
        (printing, "prints, or draws numbers"),
        (drawing, "prints, or draws numbers"),
        (stale_list, "has changed since"),
        (stale_name, "has changed since"),
        (stale_global, "has changed since"),
        (stale_attribute, "has changed since"),
        (shared_result, "belongs to a function whose results are cached"),
    ],
)
def test_what_a_cache_would_do_once_is_refused(fun, message):
    with pytest.raises(AutodiffError, match=message):
        ast_ad.grad(fun)(0.7)
