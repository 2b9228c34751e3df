"""Lists that grow are lists of the IR: a loop that fills one stays a loop, whatever its length."""

from __future__ import annotations

import pytest

from ast_ad.frontend.arguments import Argument
from ast_ad.frontend.lower import lower
from tests.corpus import comprehensions, lists_grown
from tests.corpus.registry import programs

PROGRAMS = [each for each in programs() if each.fun.__module__ in (lists_grown.__name__, comprehensions.__name__)]


@pytest.mark.parametrize("program", PROGRAMS, ids=lambda each: each.name)
def test_no_integer_has_to_be_known_for_it(program):
    names = program.fun.__code__.co_varnames
    lowered = lower(program.fun, [Argument.of(*each) for each in zip(names, program.samples[0])])
    assert lowered.function.params


def test_the_length_may_differ_from_call_to_call():
    from ast_ad import grad

    derivative = grad(lists_grown.appended_and_read)
    for n in (0, 1, 7):
        up, down = (lists_grown.appended_and_read(0.7 + e, n) for e in (1e-6, -1e-6))
        assert derivative(0.7, n) == pytest.approx((up - down) / 2e-6, rel=1e-5)


def test_the_code_reads_as_if_written_by_hand():
    from ast_ad.stages import stage_text

    text = stage_text(lists_grown.appended_and_read, "code", at={"x": 0.7, "n": 3})
    for line in ("xs = [x]", "xs.append(s * x)", "xs_bar = [0.0] * len(xs)", "xs_bar[i] += v_bar", "= xs_bar.pop()"):
        assert line in text, text
