"""Updates that subtract what is negated, where it can be read as late as that."""

from __future__ import annotations

import numpy as np

from ast_ad import grad


def second_row_from_first(z):
    a, b = z[0], z[1]
    z[1] = np.cos(a - b)
    return np.sum(z)


def second_row_from_first_and_its_own(z):
    a, b = z[0], z[1]
    z[1] = np.cos(b[0] - (b - a))
    return np.sum(z)


def source_of(fun) -> str:
    gradient = grad(fun)
    gradient(np.ones((2, 3)))
    return gradient.source


def test_what_is_negated_is_subtracted():
    assert "z_bar[0] -= b_bar" in source_of(second_row_from_first)


def test_not_after_it_has_changed_in_place():
    text = source_of(second_row_from_first_and_its_own)
    assert text.index("= -b_bar") < text.index("b_bar[0] -=")
