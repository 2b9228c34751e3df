"""Schedules: settings, segments, and what they cost."""

from __future__ import annotations

import math

import pytest

from ast_ad.analysis.schedule import Fixed, Growing, Root, checked, lengths, peak, schedule
from ast_ad.errors import ArgumentError


@pytest.mark.parametrize("segments", [Fixed(1), Fixed(2), Fixed(7), Fixed(1000), Root(), Growing()])
@pytest.mark.parametrize("steps", [0, 1, 2, 3, 10, 99, 100, 101])
def test_segments_make_up_the_loop(segments, steps):
    every = list(lengths(segments, steps))
    assert sum(every) == steps
    assert all(length > 0 for length in every)


@pytest.mark.parametrize("steps", [1, 10, 1000, 10_000])
def test_roots_cost_roots(steps):
    assert peak(Root(), steps) <= 2 * math.isqrt(steps) + 2
    assert peak(Growing(), steps) <= 2 * math.sqrt(2 * steps) + 1
    assert peak(Fixed(steps), steps) == steps


@pytest.mark.parametrize("setting", [None, "every_other", "sqrt", 1, 10])
def test_settings(setting):
    assert checked(setting) == setting
    assert (schedule(setting) is None) == (setting is None)


@pytest.mark.parametrize("setting", [0, -1, True, 2.0, "every other", ("sqrt",), object()])
def test_other_settings_are_refused(setting):
    with pytest.raises(ArgumentError) as info:
        checked(setting)
    assert "every_other" in info.value.help
