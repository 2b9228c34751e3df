"""Arrays in lists that have grown: a write that another name may see, or another place in a list, is refused."""

from __future__ import annotations

import numpy as np
import pytest

from ast_ad import UnsupportedSyntaxError, grad


def several(x, n):
    rows = []
    t = 0.0
    while t < n:
        rows.append(x * t)
        t += 1.0
    return rows


def another_name(x, n):
    rows = several(x, n)
    kept = rows[0]
    for i in range(len(rows)):
        rows[i] += 1.0
    return np.sum(kept * rows[0])


def a_name_in_a_loop(x, n):
    rows = []
    row = x * 1.0
    while len(rows) < n:
        row = row + 1.0
        rows.append(row)
    row += 5.0
    return np.sum(row * rows[-1])


def put_in_twice(x, n):
    rows = []
    row = x * 2
    while len(rows) < n:
        rows.append(row)
    rows[0] += 1.0
    return np.sum(rows[-1])


def in_a_second_list(x, n):
    rows = several(x, n)
    others = rows[1:]
    rows[1] += 1.0
    return np.sum(others[0])


def parts_of_a_matrix(x, n):
    m = np.outer(x, x)
    rows = []
    while len(rows) < n:
        rows.append(m[len(rows)])
    rows[0] *= 2.0
    return np.sum(m)


@pytest.mark.parametrize(
    ("fun", "message"),
    [
        (another_name, "`kept` may be the same one"),
        (a_name_in_a_loop, "`rows` may be the same array"),
        (put_in_twice, "it may stand in two lists, or twice in one"),
        (in_a_second_list, "it may stand in two lists, or twice in one"),
        (parts_of_a_matrix, "it may stand in two lists, or twice in one"),
    ],
)
def test_what_may_be_seen_elsewhere_is_not_changed(fun, message):
    with pytest.raises(UnsupportedSyntaxError, match=message) as caught:
        grad(fun)(np.array([0.5, 0.3]), 2)
    assert caught.value.where is not None
