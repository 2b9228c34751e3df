"""What is known of an operand, by itself."""

from __future__ import annotations

import numpy as np

from ast_ad.ir.kinds import COMPLEX, Scalar
from ast_ad.ir.nodes import Lit
from ast_ad.rules.operands import constructor, is_literal


def test_constructors() -> None:
    assert constructor(COMPLEX) is complex
    assert constructor(Scalar("longdouble", numpy=True)) is np.longdouble


def test_a_complex_zero_is_no_zero_that_a_term_may_be_dropped_for() -> None:
    assert is_literal(Lit(0), 0) and is_literal(Lit(0.0), 0)
    assert not is_literal(Lit(0j), 0) and not is_literal(Lit("0"), 0)
