"""What a gradient keeps, measured."""

from __future__ import annotations

import numpy as np
import pytest

import ast_ad
from ast_ad.storage import storage

X = np.ones(1000)


def simulate(x, steps):
    scale = np.exp(x)
    for _ in range(steps):
        x = np.sin(x) * scale
        for _ in range(2):
            x = np.cos(x)
    z = np.sin(x)
    return np.sum(z * z)


def test_each_loop_with_its_line_and_size():
    found = storage(simulate, X, 10)
    first = simulate.__code__.co_firstlineno
    # The outer loop saves two states each time, but for the argument; the inner one twice as often one state.
    assert {(each.where.line - first, each.times, each.size) for each in found.saved} == {
        (2, 10, (10 * len(each.names) - 1) * X.nbytes) for each in found.saved if each.where.line - first == 2
    } | {(4, 20, 20 * X.nbytes)}
    assert all("for _ in range" in each.where.text for each in found.saved)
    assert {name for each in found.kept for name in each.names} >= {"scale", "z"}
    assert found.size == sum(each.size for each in (*found.saved, *found.kept))
    assert 'File "' in str(found)
    assert "for _ in range(steps):" in str(found)


@pytest.mark.parametrize("setting", [None, "every_other", "sqrt", 4])
def test_what_other_settings_keep_is_what_they_say_of_themselves(setting):
    found = storage(simulate, X, 64, checkpoint=setting)
    assert setting not in found.others
    for other, size in found.others.items():
        assert storage(simulate, X, 64, checkpoint=other).size == size
    if setting is None:
        assert found.others["sqrt"] < 0.4 * found.size


def draws(x, n, rng):
    for _ in range(n):
        x = np.sin(x) * rng.normal()
    return np.sum(x)


def test_the_gradient_that_is_run_is_the_gradient():
    # Stacks on stacks, turned round, and what is appended to by the user.
    def with_list(x, n):
        found = []
        for k in range(n):
            found.append(np.sum(x * k))
            x = np.sin(x)
        total = 0.0
        for each in found:
            total = total + each * each
        return total

    found = storage(with_list, X, 5)
    assert found.size > 4 * X.nbytes
    assert all("for k in range" in each.where.text for each in found.saved)
    assert storage(draws, X, 5, np.random.default_rng(0), checkpoint=2).size > 2 * X.nbytes


def test_by_several_arguments_and_names():
    def product(x, y):
        z = np.exp(x)
        return np.sum(z * y)

    assert storage(product, X, y=2 * X, argnums=("x", "y")).kept[0].names == ("z",)


def test_nothing_to_keep():
    found = storage(lambda x: np.sum(2 * x), X)
    assert (found.size, found.saved, found.kept) == (0, (), ())
    assert "at most 0 bytes" in str(found)


def test_refusals_are_those_of_the_gradient():
    with pytest.raises(ast_ad.KindError, match="one real number"):
        storage(lambda x: x * x, X)


class Model:
    def __init__(self, w):
        self.w = w

    def loss(self, x):
        z = np.sin(x * self.w)
        return np.sum(z * z)


def test_bound_methods_and_generators_stay_as_they_are():
    assert storage(Model(X).loss, X).size >= X.nbytes
    rng, same = np.random.default_rng(0), np.random.default_rng(0)
    storage(draws, X, 5, rng)
    assert rng.normal() == same.normal()
