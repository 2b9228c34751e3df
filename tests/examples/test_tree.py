"""The network learns what NOT means, on trees of several depths."""

from __future__ import annotations

import numpy as np
import pytest

from examples.tree import LABELS, TREES, fit, initial, loss, loss_and_gradient, meaning
from tests.examples.slopes import check_slopes, last


def test_gradient_against_central_differences():
    params = initial(seed=1)
    value, gradient = loss_and_gradient(params, TREES, LABELS)
    assert value == pytest.approx(loss(params, TREES, LABELS), rel=1e-12)
    check_slopes(lambda p: loss(p, TREES, LABELS), params, gradient)


def test_words_that_a_tree_does_not_have_get_no_slope():
    _, gradient = loss_and_gradient(initial(), [(0, (0, 1))], [1.0])
    assert np.all(gradient["words"][2] == 0.0)
    assert np.all(gradient["words"][:2] != 0.0)


def test_the_fit_gets_all_trees_right():
    _, value, params = last(fit(steps=60))
    assert value < 0.1
    found = [float(params["out"] @ meaning(params, tree) > 0) for tree in TREES]
    assert found == LABELS
