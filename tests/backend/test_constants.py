"""Constants in generated code."""

from __future__ import annotations

import math

import pytest

from ast_ad.backend.emit import emit
from ast_ad.ir.nodes import Block, Function, Lit


@pytest.mark.parametrize(
    ("value", "text"),
    [(math.pi, "math.pi"), (-math.pi, "-math.pi"), (math.e, "math.e"), (math.tau, "math.tau"), (3.14159, "3.14159")],
)
def test_known_numbers_go_by_their_names(value: float, text: str):
    printed = emit(Function("f", (), Block((), (), (Lit(value),))))
    scope: dict[str, object] = {}
    exec(printed, scope)
    assert f"return {text}\n" in printed
    assert scope["f"]() == value  # type: ignore[operator]
