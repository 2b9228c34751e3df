"""The endless lists of random programs: of numbers, of arrays, or of both in turn."""

from __future__ import annotations

import random
from typing import Any

from hypothesis import strategies as st

from tests.fuzz import arrays, generate
from tests.fuzz.decisions import Choose, Program

SCALARS, ARRAYS, MIXED = KINDS = ("scalars", "arrays", "mixed")


def described(choose: Choose, kind: str, number: int = 0) -> Program:
    """Return the program that a source of decisions describes; of mixed ones, every other is of arrays."""
    of_arrays = kind == ARRAYS or (kind == MIXED and number % 2 == 1)
    return (arrays.generate if of_arrays else generate.generate)(choose)


def seeded(seed: int, number: int, kind: str = SCALARS) -> Program:
    """Return one program of the list that belongs to a seed."""
    return described(random.Random(f"{seed}/{number}").randrange, kind, number)


@st.composite
def programs(draw: Any, kind: str = SCALARS) -> Program:
    """Hypothesis's strategy for programs."""
    return described(lambda n: draw(st.integers(0, n - 1)) if n > 1 else 0, kind)
