"""Functions that call each other twice: the code stays linear, though what runs is not."""

from __future__ import annotations

import ast_ad
from ast_ad.stages import derivative_text
from tests.frontend.support import from_text


def chain(levels: int):
    text = "import math\ndef g0(x):\n    return math.sin(x) * 1.1\n"
    for k in range(1, levels + 1):
        text += f"def g{k}(x):\n    return g{k - 1}(x) * g{k - 1}(x + 1.0)\n"
    return from_text(text, f"g{levels}")


def lines(levels: int, **options: object) -> int:
    return len(derivative_text(chain(levels), at={"x": 0.3}, **options).splitlines())


def test_twenty_levels_are_about_twice_as_long_as_ten():
    for options in ({}, {"mode": "forward"}, {"order": 2}):
        assert lines(20, **options) < 4 * lines(10, **options)


def test_what_is_run_again_gives_the_same():
    fun = chain(7)
    x, h = 1.3, 1e-6
    numeric = (fun(x + h) - fun(x - h)) / (2 * h)
    assert abs(ast_ad.grad(fun)(x) - numeric) <= 1e-6 * abs(numeric)
    _, dot = ast_ad.jvp(fun, (x,), (1.0,))
    assert abs(ast_ad.grad(fun)(x) - dot) <= 1e-12 * abs(dot)
