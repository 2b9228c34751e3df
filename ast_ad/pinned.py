"""Finds out which integers a derivative needs as constants.

Lowering takes every integer for a number that is known when it runs.  Where that fails (``np.sum(x, axis=axis)``: of
which rank is the result?), it is tried again with all integers pinned to their values; of these, only those without
which it fails stay pinned.  They become part of the signature: other values get a derivative of their own.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeVar

from ast_ad.errors import AutodiffError, KindError, UnsupportedSyntaxError
from ast_ad.frontend.arguments import Argument
from ast_ad.frontend.guards import Path
from ast_ad.frontend.pins import Outside, can_be_pinned, pinning

Leaf = tuple[str, int]
"""An integer in an argument: the name of the parameter, and the position among its leaves."""

Leaves = Mapping[str, Sequence[Any]]
"""The values of the leaves of each argument."""


@dataclass(frozen=True)
class Pins:
    """The integers that are constants of a derivative: in the arguments, and outside of the function."""

    leaves: tuple[Leaf, ...] = ()
    outside: tuple[Path, ...] = ()

    def applied(self, arguments: Sequence[Argument], values: Leaves) -> tuple[Argument, ...]:
        """Return the arguments with the values of those that are pinned."""
        if not self.leaves:
            return tuple(arguments)
        return tuple(
            replace(each, known=tuple((i, values[each.name][i]) for name, i in self.leaves if name == each.name))
            for each in arguments
        )

    def without(self, pin: Leaf | Path) -> Pins:
        """Return all pins but one."""
        return Pins(
            tuple(each for each in self.leaves if each is not pin),
            tuple(each for each in self.outside if each is not pin),
        )


NONE = Pins()

Result = TypeVar("Result")
Make = Callable[[tuple[Argument, ...]], Result]


def settled(
    make: Make[Result], arguments: tuple[Argument, ...], values: Leaves, pins: Pins = NONE
) -> tuple[Result, Pins]:
    """Return what is made of a function for arguments of given kinds, and the integers that are constants of it.

    Parameters
    ----------
    make
        What lowers the function.
    values
        The values of the leaves of arguments.
    pins
        What turned out to be needed for other values.

    Raises
    ------
    AutodiffError
        Where it fails with all integers known, too.
    """
    met: dict[Path, None] = {}

    def attempt(chosen: Pins) -> Result:
        with pinning(Outside(frozenset(chosen.outside), met)):
            return make(chosen.applied(arguments, values))

    try:
        return attempt(pins), pins
    except (KindError, UnsupportedSyntaxError) as error:
        if error.where is None:
            raise
        leaves = tuple((name, i) for name, each in values.items() for i, v in enumerate(each) if can_be_pinned(v))
        if not leaves and not met:
            raise
    return _fewest(attempt, *_all(attempt, leaves, met))


def _all(attempt: Callable[[Pins], Result], leaves: tuple[Leaf, ...], met: Mapping[Path, None]) -> tuple[Result, Pins]:
    """Return what is made with all integers pinned; a try that came further may have met further ones."""
    while True:
        pins = Pins(leaves, tuple(met))
        try:
            return attempt(pins), pins
        except AutodiffError:
            if len(met) == len(pins.outside):
                raise


def _fewest(attempt: Callable[[Pins], Result], made: Result, pins: Pins) -> tuple[Result, Pins]:
    """Return what is made with only those integers pinned without which it fails."""
    for pin in (*pins.leaves, *pins.outside):
        fewer = pins.without(pin)
        try:
            made, pins = attempt(fewer), fewer
        except AutodiffError:
            continue
    return made, pins
