"""Tuples whose length is known only when it runs: what a list is no good for is refused."""

from __future__ import annotations

import operator
import pprint

import numpy as np
import pytest

from ast_ad import AutodiffError, grad, vjp

X = np.array([0.7, 1.3, 0.4, 2.1])


def places(x):
    found = []
    for i in range(len(x)):
        if x[i] > 1.0:
            found.append(i)
    return tuple(found)


def as_index(x):
    return np.outer(x, x)[places(x)]


def as_index_of_a_write(x):
    table = np.outer(x, x)
    table[places(x)] = 0.0
    return np.sum(table)


def as_index_of_a_function(x):
    return operator.getitem(np.outer(x, x), places(x))


def as_index_of_a_method(x):
    return np.outer(x, x).__getitem__(places(x))


def as_index_of_one_item(x):
    return np.outer(x, x).item(places(x))


def as_index_of_a_ufunc(x):
    table = np.zeros((4, 4))
    np.add.at(table, places(x), x[0])
    return np.sum(table)


def as_text(x):
    return x[0] * len(f"{places(x)}")


def as_values_of_a_template(x):
    template = "%d and %d"
    return x[0] * len(template % places(x))


def as_what_a_library_prints(x):
    return x[0] * len(pprint.pformat(places(x)))


def added_to_a_list(x):
    start = [0]
    return x[0] * len(start + places(x))


@pytest.mark.parametrize(
    ("fun", "message"),
    [
        (as_index, "how many indices this tuple has"),
        (as_index_of_a_write, "how many indices this tuple has"),
        (as_index_of_a_function, "how many indices this tuple has"),
        (as_index_of_a_method, "how many indices this tuple has"),
        (as_index_of_one_item, "how many indices this tuple has"),
        (as_index_of_a_ufunc, "how many indices this tuple has"),
        (as_text, "the text of a tuple"),
        (as_values_of_a_template, "does not take such a tuple"),
        (as_what_a_library_prints, "a function that is called as it is"),
        (added_to_a_list, "does not take such a tuple"),
    ],
)
def test_what_a_list_is_no_good_for_is_refused(fun, message):
    with pytest.raises(AutodiffError, match=message) as caught:
        grad(fun)(X)
    assert caught.value.where.file == __file__


@pytest.mark.parametrize(
    "result", [lambda x: places(x * 1.0), lambda x: (x[0], {"a": places(x)}), lambda x: [places(x)]]
)
def test_one_is_no_result(result):
    with pytest.raises(AutodiffError, match="a tuple leaves the function"):
        vjp(result, X)


def test_the_items_of_an_array_are_known_where_that_matters():
    def f(x, at):
        return x[tuple(int(v) for v in at)] * 2.0

    slope = grad(f)(np.outer(X, X), np.array([1.0, 2.0]))
    assert slope[1, 2] == 2.0
    assert np.sum(slope) == 2.0
