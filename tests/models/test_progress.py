"""Loops with a progress bar of `tqdm`."""

from __future__ import annotations

import numpy as np
import pytest

from ast_ad import grad

tqdm = pytest.importorskip("tqdm")


def over_a_range(x, n):
    total = 0.0
    for i in tqdm.trange(n, disable=True):
        total += x[i] ** 2
    return total


def over_an_array(x, n):
    total = 0.0
    with tqdm.tqdm(x, disable=True) as bar:
        for i, value in enumerate(bar):
            total += i * value
            bar.set_postfix(total=float(total))
    return total


@pytest.mark.parametrize(("function", "expected"), [(over_a_range, [2.0, 4.0, 0.0]), (over_an_array, [0.0, 1.0, 2.0])])
def test_a_progress_bar_gives_what_it_goes_through(function, expected):
    assert grad(function)(np.array([1.0, 2.0, 3.0]), 2).tolist() == expected
