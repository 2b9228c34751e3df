"""The text of hand-written derivatives, as it is reviewed: compare with the golden pairs before changing it."""

from __future__ import annotations

import math
from textwrap import dedent
from typing import Any

import pytest

from ast_ad.backend.emit import emit
from ast_ad.backend.load import load
from tests.backend import golden_ir

PRODUCT = """\
    def product_grad(x, y, z, out_bar=1.0):
        # forward sweep
        q = 2 * x + y
        # reverse sweep
        q_bar = out_bar * z
        z_bar = out_bar * q
        x_bar = q_bar * 2
        return x_bar, q_bar, z_bar
    """

WAVE = """\
    import numpy as np


    def wave_grad(x, out_bar=1.0):
        # forward sweep
        s = np.sin(x)
        c = np.cos(x)
        # reverse sweep
        c_bar = out_bar * 2 * c
        s_bar = out_bar * 10 * np.exp(s)
        x_bar = s_bar * c - c_bar * s
        return x_bar
    """

SERIES = """\
    import numpy as np


    def series_grad(x, n, out_bar=1.0):
        # forward sweep
        stack = []
        term = 1.0
        for _ in range(n):
            stack.append(term)
            if term > 0.5:
                term = term * np.sin(x)
            else:
                term = term + x
        # reverse sweep
        x_bar = 0.0
        term_bar = 0.0
        for _ in range(n):
            term = stack.pop()
            term_bar = term_bar + out_bar
            if term > 0.5:
                x_bar = x_bar + term_bar * term * np.cos(x)
                term_bar = term_bar * np.sin(x)
            else:
                x_bar = x_bar + term_bar
        return x_bar
    """

NEWTON = """\
    def newton_sqrt_grad(a, tol, out_bar=1.0):
        # forward sweep
        stack = []
        x = a
        while True:
            stack.append(x)
            step = (x * x - a) / (2 * x)
            x = x - step
            if abs(step) < tol:
                break
        # reverse sweep
        x_bar = out_bar
        a_bar = 0.0
        while stack:
            x = stack.pop()
            step_bar = -x_bar
            num_bar = step_bar / (2 * x)
            den_bar = -step_bar * (x * x - a) / (2 * x) ** 2
            x_bar = x_bar + num_bar * 2 * x + den_bar * 2
            a_bar = a_bar - num_bar
        a_bar = a_bar + x_bar
        return a_bar
    """

PAIRS = (
    (golden_ir.product_grad, PRODUCT, (1.0, 2.0, 3.0), (6.0, 3.0, 4.0)),
    (golden_ir.wave_grad, WAVE, (1000.0,), 11.92692295225547),
    (golden_ir.series_grad, SERIES, (0.7, 9), 19.203093015825402),
    (golden_ir.newton_sqrt_grad, NEWTON, (3.0, 1e-9), 0.5 / math.sqrt(3.0)),
)
each_pair = pytest.mark.parametrize("make, text, args, result", PAIRS, ids=lambda value: getattr(value, "__name__", ""))


@each_pair
def test_text(make: Any, text: str, args: Any, result: Any) -> None:
    assert emit(make()) == dedent(text)


@each_pair
def test_value(make: Any, text: str, args: Any, result: Any) -> None:
    assert load(emit(make()), make.__name__)(*args) == pytest.approx(result, rel=1e-12)


@pytest.mark.jit
@each_pair
def test_numba_compiles_the_text_as_it_stands(make: Any, text: str, args: Any, result: Any) -> None:
    numba = pytest.importorskip("numba")
    compiled = numba.njit(load(emit(make()), make.__name__))
    assert compiled(*args) == pytest.approx(result, rel=1e-12)


def test_what_follows_a_guard_is_not_nested() -> None:
    text = emit(golden_ir.guarded())
    assert text == dedent(
        """\
        import numpy as np


        def guarded(x):
            if x < 0.0:
                raise ValueError("negative")
            root = np.sqrt(x)
            return root
        """
    )
