"""The rule of a write copies the part that was written; the copy stays only where something overwrites that part."""

import numpy as np

import ast_ad
from ast_ad.testing import check_grads


def text_of(fun, *args):
    check_grads(fun)(*args)
    gradient = ast_ad.grad(fun)
    gradient(*args)
    return gradient.source


def test_a_part_of_what_is_read_no_more_is_not_copied():
    def stencil(u, n):
        for _ in range(n):
            change = np.zeros_like(u)
            change[1:-1] = u[2:] - u[:-2]
            u = u + 0.1 * change
        return np.sum(u**2)

    assert "copy" not in text_of(stencil, np.linspace(0.0, 2.0, 6), 3)


def test_a_part_that_is_overwritten_is_copied():
    def shifted(u, n):
        v = u * 1.0
        for _ in range(n):
            v[1:-1] = v[2:] * u[2:]
        return np.sum(v**2)

    assert "v_bar[1:-1].copy()" in text_of(shifted, np.linspace(0.5, 2.0, 6), 3)
