"""The tester, tested: each fault that is planted in the engine is found by a random program."""

from __future__ import annotations

import pytest

from tests.fuzz.faults import FAULTS, Fault
from tests.fuzz.generate import seeded
from tests.fuzz.judge import judge, shared

MOST = 2000
SEED = 1


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name)
def test_a_planted_fault_is_found(fault: Fault):
    for number in range(MOST):
        program = seeded(SEED, number)
        depth = shared(number)
        with fault.planted():
            found = judge(program, depth).outcome == "wrong"
        if found and judge(program, depth).outcome == "right":
            return
    pytest.fail(f"not found by {MOST} programs")
