"""The endless lists of random programs: of numbers, of arrays, of arrays that are written to, or of all in turn."""

from __future__ import annotations

import random
from typing import Any

from hypothesis import strategies as st

from tests.fuzz import arrays, functions, generate, objects, writes
from tests.fuzz.decisions import Choose, Program

SCALARS, ARRAYS, WRITES, FUNCTIONS, OBJECTS = KINDS = ("scalars", "arrays", "writes", "functions", "objects")
MIXED = "mixed"
_WRITERS = {
    SCALARS: generate.generate,
    ARRAYS: arrays.generate,
    WRITES: writes.generate,
    FUNCTIONS: functions.generate,
    OBJECTS: objects.generate,
}


def described(choose: Choose, kind: str, number: int = 0) -> Program:
    """Return the program that a source of decisions describes; mixed ones take turns."""
    return _WRITERS[KINDS[number % len(KINDS)] if kind == MIXED else kind](choose)


def seeded(seed: int, number: int, kind: str = SCALARS) -> Program:
    """Return one program of the list that belongs to a seed."""
    return described(random.Random(f"{seed}/{number}").randrange, kind, number)


@st.composite
def programs(draw: Any, kind: str = SCALARS) -> Program:
    """Hypothesis's strategy for programs."""
    return described(lambda n: draw(st.integers(0, n - 1)) if n > 1 else 0, kind)
