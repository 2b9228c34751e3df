"""The tester, tested: each fault that is planted in the engine is found by a random program."""

from __future__ import annotations

import re

import pytest

from tests.fuzz.array_faults import ARRAY_FAULTS
from tests.fuzz.faults import FAULTS, Fault, instead
from tests.fuzz.function_faults import FUNCTION_FAULTS, OBJECT_FAULTS
from tests.fuzz.judge import CHECKPOINTS_ALONE, judge, shared
from tests.fuzz.programs import ARRAYS, FUNCTIONS, OBJECTS, SCALARS, WRITES, seeded
from tests.fuzz.write_faults import WRITE_FAULTS

MOST = 2000
SEED = 1

QUICK = (
    "lost trip count",
    "saved values swapped",
    "unbroadcast left out",
    "scatter into the element before",
    "overwritten part not zeroed",
    "arguments written to",
    "sorted list not put back",
    "attribute not written",
)
"""Faults that the first few programs find."""

CASES = [
    pytest.param(kind, fault, id=f"{kind}-{fault.name}", marks=() if fault.name in QUICK else pytest.mark.deep)
    for kind, faults in (
        (SCALARS, FAULTS),
        (ARRAYS, ARRAY_FAULTS),
        (WRITES, WRITE_FAULTS),
        (FUNCTIONS, FUNCTION_FAULTS),
        (OBJECTS, OBJECT_FAULTS),
    )
    for fault in faults
]


def test_every_fault_fits_the_engine():
    for case in CASES:
        _, fault = case.values
        with fault.planted():
            pass


@pytest.mark.parametrize(("kind", "fault"), CASES)
def test_a_planted_fault_is_found(kind: str, fault: Fault):
    for number in range(MOST):
        program = seeded(SEED, number, kind)
        if not re.search(fault.needs, program.text):
            continue
        depth = shared(number)
        with fault.planted():
            verdict = judge(program, depth)
        assert "AttributeError" not in verdict.reason, "the fault does not fit the engine any more"
        if verdict.outcome == "wrong" and judge(program, depth).outcome == "right":
            return
    pytest.fail(f"not found by {MOST} programs")


def test_a_fault_in_checkpoints_is_found():
    """Segments of loops that do not end where the loop does."""
    program = next(each for k in range(MOST) if "for i" in (each := seeded(SEED, k)).text)
    with instead("ast_ad.transform.checkpoint", "_at_most", lambda original, code, x, limit: x):
        verdict = judge(program, CHECKPOINTS_ALONE)
    assert verdict.reason.startswith("checkpoint="), verdict
    assert judge(program, CHECKPOINTS_ALONE).outcome == "right"
