"""Finds out which integers and shapes a derivative needs as constants.

Lowering takes integers and lengths for numbers that are known when the code runs.  Where that fails (of which rank is
``np.sum(x, axis=axis)``? what is in ``[row @ w for row in x]``, if it is changed then?), it is tried again with the
integers, and then with the shapes as well, pinned to their values.  Of these, only those without which it fails stay
pinned (of an argument with many integers all, or none).  They become part of the signature: other values get a
derivative of their own.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeVar

from ast_ad.errors import AutodiffError, KindError, MissingRuleError, UnsupportedSyntaxError
from ast_ad.frontend.arguments import Argument
from ast_ad.frontend.paths import Item, Path
from ast_ad.frontend.pins import Outside, has_shape, is_integer, pinning, shaped

Leaf = tuple[str, int]
"""An integer or array in an argument: the name of the parameter, and the position among its leaves."""

Leaves = Mapping[str, Sequence[Any]]
"""The values of the leaves of each argument."""


@dataclass(frozen=True)
class Pins:
    """The integers and shapes that are constants of a derivative: in the arguments, and outside of the function."""

    leaves: tuple[Leaf, ...] = ()
    outside: tuple[Path, ...] = ()

    def applied(self, arguments: Sequence[Argument], values: Leaves) -> tuple[Argument, ...]:
        """Return the arguments with what is known of those that are pinned."""
        if not self.leaves:
            return tuple(arguments)
        return tuple(
            _pinned(each, [i for name, i in self.leaves if name == each.name], values.get(each.name, ()))
            for each in arguments
        )

    def without(self, some: Sequence[Leaf | Path]) -> Pins:
        """Return all pins but some."""
        return Pins(
            tuple(each for each in self.leaves if each not in some),
            tuple(each for each in self.outside if each not in some),
        )

    def groups(self) -> list[list[Leaf | Path]]:
        """Return the pins, those of an argument together, and so those of a list or dict outside."""
        found: dict[Any, list[Leaf | Path]] = {}
        for leaf in self.leaves:
            found.setdefault(leaf[0], []).append(leaf)
        for path in self.outside:
            found.setdefault(_whole(path), []).append(path)
        return list(found.values())


def _whole(path: Path) -> Path:
    return _whole(path.owner) if isinstance(path, Item) else path


_FEW = 3
"""Of so many integers of an argument each may be pinned for itself; of more, all are: each try takes a derivation."""


NONE = Pins()


def _pinned(argument: Argument, positions: Sequence[int], values: Sequence[Any]) -> Argument:
    kinds = [
        shaped(k, values[i]) if i in positions and has_shape(values[i]) else k for i, k in enumerate(argument.kinds)
    ]
    return replace(
        argument,
        kinds=tuple(kinds),
        known=tuple((i, values[i]) for i in positions if is_integer(values[i])),
    )


Result = TypeVar("Result")
Make = Callable[[tuple[Argument, ...]], Result]


def settled(
    make: Make[Result], arguments: tuple[Argument, ...], values: Leaves, pins: Pins = NONE
) -> tuple[Result, Pins]:
    """Return what is made of a function for arguments of given kinds, and the constants that it needs.

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
        Where it fails with all integers and shapes known, too.
    """
    met: dict[Path, Any] = {}

    def attempt(chosen: Pins) -> Result:
        with pinning(Outside(frozenset(chosen.outside), met)):
            return make(chosen.applied(arguments, values))

    def everything(wanted: Callable[[Any], bool]) -> Pins:
        """Return all that can be pinned; a try that came further may have met more of it outside."""
        leaves = tuple((name, i) for name, each in values.items() for i, v in enumerate(each) if wanted(v))
        return Pins(leaves, tuple(path for path, value in met.items() if wanted(value)))

    try:
        return attempt(pins), pins
    except (KindError, MissingRuleError, UnsupportedSyntaxError) as error:
        if error.where is None:
            raise
        failure: AutodiffError = error
    tried = {pins}
    for wanted in (is_integer, _is_integer_or_array):
        while (more := everything(wanted)) not in tried:
            tried.add(more)
            try:
                return _fewest(attempt, attempt(more), more)
            except AutodiffError as error:
                failure = error
    raise failure


def _is_integer_or_array(value: Any) -> bool:
    return is_integer(value) or has_shape(value)


def _fewest(attempt: Callable[[Pins], Result], made: Result, pins: Pins) -> tuple[Result, Pins]:
    """Return what is made with only those constants without which it fails."""
    waiting = pins.groups()
    while waiting:
        group = waiting.pop(0)
        fewer = pins.without(group)
        try:
            made, pins = attempt(fewer), fewer
        except AutodiffError:
            if 1 < len(group) <= _FEW:
                waiting = [*([pin] for pin in group), *waiting]
    return made, pins
