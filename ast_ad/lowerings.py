"""Functions as they were lowered, remembered for the next derivative of them.

Lowering takes about half the time of a first derivative, and knows nothing of which one is asked for: `grad(f)`,
`jvp(f, ...)` and `grad(grad(f))` share it.  What it assumed of the world outside is checked before it serves again.
"""

from __future__ import annotations

import contextvars
import weakref
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from ast_ad.analysis.schedule import Setting
from ast_ad.applied import assume, assuming
from ast_ad.frontend.guards import Guard, together
from ast_ad.frontend.lower import Argument, Lowered, lower
from ast_ad.frontend.paths import Path
from ast_ad.frontend.pins import met_outside, pinned_outside
from ast_ad.ir.check import check
from ast_ad.ir.nodes import Function
from ast_ad.transform.outline import outlined
from ast_ad.transform.simplify import simplify

_KEPT = 32
"""How many lowered functions are kept, the latest of all."""

Key = tuple[tuple[Argument, ...], frozenset[Path]]
"""What a function is lowered for: its arguments, and what of the world outside is a constant."""


@dataclass(frozen=True)
class Ready:
    """A lowered function, and its simplified code."""

    lowered: Lowered
    primal: Function


@dataclass(frozen=True)
class _Remembered:
    """What was lowered, and what it depends on beside the arguments.

    Attributes
    ----------
    assumed
        What the rules of the user's that it uses assumed of the world outside.
    holds
        ``holds(root)`` tells whether all that was assumed is still so.
    met
        What could be a constant, outside.
    checkpoint
        The `checkpoint` of the derivative around, in a tuple; an empty one if nothing in it asks for that.
    """

    ready: Ready
    assumed: tuple[Guard, ...]
    holds: Callable[[Any], bool]
    met: Mapping[Path, Any]
    checkpoint: tuple[Setting, ...]


class Lowerings:
    """What one function was lowered to, by what it was lowered for."""

    __slots__ = ("__weakref__", "found")

    def __init__(self) -> None:
        self.found: dict[Key, _Remembered] = {}

    def remember(self, key: Key, what: _Remembered) -> None:
        """Keep something, as the latest of all; the one that has been kept for longest goes."""
        self.found[key] = what
        _LATEST.append((weakref.ref(self), key))
        while len(_LATEST) > _KEPT:
            reference, oldest = _LATEST.popleft()
            others = reference()
            if others is not None:
                others.found.pop(oldest, None)


_LATEST: deque[tuple[weakref.ref[Lowerings], Key]] = deque()


@dataclass
class _Around:
    """The `checkpoint` of the derivative that a function is lowered for, and whether anything in it asks for that."""

    checkpoint: Setting = None
    asked: bool = False


_AROUND: contextvars.ContextVar[_Around | None] = contextvars.ContextVar("the checkpoint around", default=None)


def own_checkpoint(setting: Setting) -> Setting:
    """Return the checkpoint of a derivative inside of a function that is lowered: that around, if it has none."""
    if setting is not None:
        return setting
    around = _AROUND.get()
    if around is None:
        return None
    around.asked = True
    return around.checkpoint


def simplified(function: Function) -> Function:
    """Return a function simplified, and checked before and after."""
    return check(simplify(check(outlined(function), "before simplify")), "simplify")


def lower_for(function: Callable[..., Any], arguments: tuple[Argument, ...], checkpoint: Setting) -> Lowered:
    """Lower a function for a derivative of it; derivatives inside of it have its `checkpoint`, if none of their own."""
    return _lowered(function, arguments, _Around(checkpoint))


def _lowered(function: Callable[..., Any], arguments: tuple[Argument, ...], around: _Around) -> Lowered:
    token = _AROUND.set(around)
    try:
        return lower(function, arguments)
    finally:
        _AROUND.reset(token)


def ready_for(
    function: Callable[..., Any], arguments: tuple[Argument, ...], checkpoint: Setting, known: Lowerings | None
) -> Ready:
    """Return a function lowered for a derivative of it, and simplified: as it is `known`, or anew."""
    if known is None:
        lowered = lower_for(function, arguments, checkpoint)
        return Ready(lowered, simplified(lowered.function))
    key = arguments, pinned_outside()
    found = known.found.get(key)
    if found is None or found.checkpoint not in ((), (checkpoint,)) or not found.holds(function):
        found = _made(function, arguments, _Around(checkpoint))
        known.remember(key, found)
    assume(*found.assumed)
    met_outside().update(found.met)
    return found.ready


def _made(function: Callable[..., Any], arguments: tuple[Argument, ...], around: _Around) -> _Remembered:
    with assuming() as assumed:
        lowered = _lowered(function, arguments, around)
    ready = Ready(lowered, simplified(lowered.function))
    holds = together((*lowered.guards, *assumed))
    checkpoint = (around.checkpoint,) if around.asked else ()
    return _Remembered(ready, tuple(assumed), holds, dict(met_outside()), checkpoint)
