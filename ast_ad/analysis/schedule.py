"""Schedules: which steps of a loop are saved, and which are run again.

A loop is cut into segments. The forward sweep saves the state at the start of each; the reverse sweep takes the
segments last first, runs one again from there, now saving what each step needs, and reverses it. How long the segments
are is all that a schedule says; `ast_ad.transform.checkpoint` does the rest. What is there at once is a state for each
segment, and what the steps of the longest one save (of the first, that is the state saved already); what it costs is to
run each step once more.

    Fixed(k)     k steps each: n / k states, k steps
    Root()       as many steps as segments: the square root of n, known when the loop starts
    Growing()    1, 2, 3, ... steps: sqrt(2 n) states and steps, for a loop of which no one knows how long it runs
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Union

import numpy as np

from ast_ad.errors import ArgumentError

Setting = Union[None, int, str]
"""What the user writes for `checkpoint`: None, "every_other", "sqrt" or a number of steps."""


@dataclass(frozen=True)
class Fixed:
    """Segments of `steps` steps."""

    steps: int


@dataclass(frozen=True)
class Root:
    """Segments as long as the square root of the number of steps."""


@dataclass(frozen=True)
class Growing:
    """Segments of one step, two steps, three steps, ..."""


Segments = Union[Fixed, Root, Growing]


@dataclass(frozen=True)
class Schedule:
    """What a setting means.

    Attributes
    ----------
    counted
        The segments of a loop whose number of steps is known when it starts.
    uncounted
        Those of a `while` loop, and of one with a `break`.
    alternates
        Whether straight-line code keeps every other intermediate.
    """

    counted: Segments
    uncounted: Segments
    alternates: bool = False


def schedule(setting: Setting) -> Schedule | None:
    """Return the schedule of a setting; None where everything that is needed is kept.

    >>> schedule(10)
    Schedule(counted=Fixed(steps=10), uncounted=Fixed(steps=10), alternates=False)
    """
    if setting is None:
        return None
    if setting == "every_other":
        return Schedule(Fixed(2), Fixed(2), alternates=True)
    if setting == "sqrt":
        return Schedule(Root(), Growing())
    assert isinstance(setting, int)
    return Schedule(Fixed(setting), Fixed(setting))


def checked(setting: object) -> Setting:
    """Return a setting that makes sense.

    Raises
    ------
    ArgumentError
        For any other.
    """
    if setting is None or setting == "every_other" or setting == "sqrt":
        return setting
    if isinstance(setting, (int, np.integer)) and not isinstance(setting, bool) and setting > 0:
        return int(setting)
    raise ArgumentError(
        f"checkpoint={setting!r} is no schedule",
        help='give None, "every_other", "sqrt", or a positive number of iterations',
    )


def lengths(segments: Segments, steps: int) -> Iterator[int]:
    """Yield the length of each segment of a loop of so many steps.

    >>> list(lengths(Fixed(4), 10)), list(lengths(Root(), 10)), list(lengths(Growing(), 10))
    ([4, 4, 2], [3, 3, 3, 1], [1, 2, 3, 4])
    """
    length = 1
    if isinstance(segments, Fixed):
        length = segments.steps
    elif isinstance(segments, Root):
        length = math.isqrt(max(steps, 1))
    while steps > 0:
        yield min(length, steps)
        steps -= length
        length += isinstance(segments, Growing)


def peak(segments: Segments, steps: int) -> int:
    """Return the most states that are there at once: one for each segment, and those of the steps of the longest one.

    The state at the start of a segment is that of its first step.

    >>> peak(Fixed(1), 100), peak(Root(), 100), peak(Growing(), 100)
    (100, 19, 26)
    """
    every = list(lengths(segments, steps))
    return len(every) + max(every, default=1) - 1
