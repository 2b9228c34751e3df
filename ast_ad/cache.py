"""What is remembered of a function: its derivatives, by what they are specialised on, and the quick ways to call them.

It belongs to the code of the function, not to the function object: a lambda that is made anew in each step of a
training loop is lowered once. It goes when the code goes; a library function's stays.
"""

from __future__ import annotations

import threading
import types
import weakref
from collections.abc import Callable, Hashable
from operator import is_
from typing import Any

from ast_ad.entry import Enter
from ast_ad.frontend.lower import Argument
from ast_ad.lowerings import Lowerings
from ast_ad.pinned import Pins
from ast_ad.pipeline import Derived

KEPT = 64
"""How many signatures of one function are kept, and how many plans of one signature; the oldest go first."""

_TRIED = 8
"""How many entries a call tries before it goes the long way."""

lock = threading.RLock()


class Cache:
    """What is remembered of one function: its plans by signature, the quick ways in, the caches of its derivatives.

    `known` are the quick ways by request, `direct` those of derivatives that are made for one call.  `made` are all
    plans for the kinds of the arguments, the latest first, whatever integers are part of their signatures.
    `lowerings` is what all derivatives of the function start from.
    """

    __slots__ = ("derivatives", "direct", "known", "lowerings", "made", "plans")

    def __init__(self) -> None:
        self.plans: dict[Any, list[Plan]] = {}
        self.made: dict[Any, list[Plan]] = {}
        self.known: dict[Any, Known] = {}
        self.direct: dict[Any, Known] = {}
        self.derivatives: dict[Any, Cache] = {}
        self.lowerings = Lowerings()


_cache: dict[tuple[int, int], Cache] = {}
_library: dict[Callable[..., Any], Cache] = {}


class Plan:
    """A derivative that is compiled for one signature, and how to call it.

    Attributes
    ----------
    arguments
        What it is specialised on.
    passed
        Names of the parameters that the compiled function takes: those that hold numbers.
    derived
        What the pipeline made.
    entries
        The quick ways in, by the form of the call.
    pins
        The integers whose values are part of the signature.
    """

    __slots__ = ("arguments", "derived", "entries", "hidden", "holds", "passed", "pins", "run")

    def __init__(
        self,
        derived: Derived,
        arguments: tuple[Argument, ...],
        passed: tuple[str, ...],
        pins: Pins,
    ) -> None:
        self.arguments = arguments
        self.derived = derived
        self.pins = pins
        self.run = derived.function
        self.holds = derived.holds
        self.hidden = derived.hidden
        self.passed = passed
        self.entries: dict[Any, Entry | None] = {}


class Entry:
    """A quick way into a plan."""

    __slots__ = ("enter", "plan")

    def __init__(self, enter: Enter, plan: Plan) -> None:
        self.enter = enter
        self.plan = plan


class Known:
    """The entries for one request of one function, that of the latest call first."""

    __slots__ = ("entries",)

    def __init__(self) -> None:
        self.entries: tuple[Entry, ...] = ()

    def prefer(self, found: Entry) -> None:
        """Put an entry, old or new, before all others."""
        others = tuple(each for each in self.entries if each is not found)
        self.entries = (found, *others[: _TRIED - 1])


def kept(cache: dict[Any, Any], key: Any, value: Any) -> None:
    """Put a value into a cache; the oldest go."""
    cache[key] = value
    while len(cache) > KEPT:
        del cache[next(iter(cache))]


def cache_of(function: Callable[..., Any]) -> Cache:
    """Return what is remembered of a function that is no object of ours."""
    if not isinstance(function, types.FunctionType):
        return _library.setdefault(function, Cache()) if isinstance(function, Hashable) else Cache()
    key = (id(function.__code__), id(function.__globals__))
    found = _cache.get(key)
    if found is None:
        with lock:
            found = _cache.get(key)
            if found is None:
                found = _cache[key] = Cache()
                weakref.finalize(function.__code__, _cache.pop, key, None)
    return found


Version = tuple[Any, Any, tuple[Any, ...], tuple[Any, ...]]


def version_of(base: types.FunctionType | None) -> Version:
    """Return what of a Python function can be exchanged: its code and its defaults."""
    if base is None:
        return None, None, (), ()
    named = base.__kwdefaults__ or {}
    return base.__code__, base.__defaults__, tuple(named), tuple(named.values())


def is_version(base: types.FunctionType | None, version: Version) -> bool:
    """Tell whether a function still has the code and the defaults that it had."""
    if base is None:
        return True
    code, defaults, names, values = version
    if base.__code__ is not code or base.__defaults__ is not defaults:
        return False
    named = base.__kwdefaults__
    if not named or not names:
        return not named and not names
    return tuple(named) == names and all(map(is_, named.values(), values))
