"""Windows that slide along an array."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.lib.stride_tricks import sliding_window_view

import ast_ad
from ast_ad.errors import KindError
from ast_ad.testing import check_grads
from tests.rules.test_products import x


@pytest.mark.parametrize(
    ("shape", "windows", "axis"),
    [((6,), 3, None), ((6,), 6, None), ((4, 5), (2, 3), None), ((4, 5), 2, 1), ((4, 5), 2, -1), ((6,), (2, 2), (0, 0))],
)
def test_derivatives(shape, windows, axis):
    check_grads(lambda a: sliding_window_view(a, windows, axis) ** 2, order=2)(x(*shape))


def test_windows_are_read_only():
    def written(a):
        windows = sliding_window_view(a, 2)
        windows[0, 0] = 1.0
        return np.sum(windows)

    with pytest.raises(ast_ad.AutodiffError, match="a view that is read-only is written to"):
        ast_ad.grad(written)(x(4))
    with pytest.raises(KindError, match="writeable=False"):
        ast_ad.grad(lambda a: np.sum(sliding_window_view(a, 2, writeable=True)))(x(4))
