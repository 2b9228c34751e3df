"""The table of derivative rules, and the declarations that fill it.

    elementwise(np.sin, lambda y, x: np.cos(x))                     dy/dx, in terms of the answer and the arguments
    elementwise(operator.mul, lambda z, x, y: (y, x))               one partial derivative for each argument
    vjp(np.abs, lambda g, y, x: ..., when=is_complex)               x_bar, where it is not g times a number
    jvp(np.abs, lambda x_dot, y, x: ..., when=is_complex)           y_dot
    linear(np.transpose, lambda g, y, x, axes=None: ...)            x_bar of a function that is linear in x
    bilinear(np.matmul, lambda g, z, x, y: (..., ...))              bars of one that is linear in each argument
    inactive(np.floor, ...)                                         derivative zero wherever it has one

The expressions are *traced* (see `ast_ad.rules.tracing`): what they compute is what is written into the generated code,
and what they mention of the answer and the arguments is what the reverse sweep will need.  Called with numbers, they
are plain functions.  A partial derivative that is structurally zero is `None`.

They are called as the function is, with lists, tuples, options and names where the user wrote them. A `vjp` returns
one bar for each positional argument (a list of them for a list of arrays), or that of the first alone. A bar may be
*smaller* than its argument, in a way that its kind shows: a number for an array, an axis of length 1 for a longer one;
the engine stretches it, where nothing else does. What it gets as `g` has the shape of the answer, unless the rule is
declared to take a `smaller` one.
"""

from __future__ import annotations

import functools
import importlib
import inspect
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from ast_ad.ir.kinds import UNKNOWN, Kind, as_kind, fresh, is_inexact, plain
from ast_ad.ir.nodes import Form
from ast_ad.rules.lengths import SIZED
from ast_ad.rules.trial import Result, trial

Condition = Callable[[Kind], bool]


@dataclass
class Rule:
    """What is known of one callable.

    Attributes
    ----------
    partials : callable or None
        ``(answer, *args) -> partial`` or a tuple of partials.
    vjps, jvps : list of (condition, callable)
        ``(g, answer, *args) -> bar(s)`` and ``(*dots, answer, *args) -> dot``: used instead of `partials` where the
        condition holds for the kind of the first differentiable argument.
    wrt : tuple of int or None
        The positional arguments whose tangents a `jvp` gets; None: all.
    kind : callable or None
        Called as the function is, with kinds for the arguments and the values of constants; returns the kind of the
        result. None: found by trying the callable on sample values.
    broadcasts : bool
        It works element by element.
    smaller : bool
        Its `vjp` takes a `g` that still has to be stretched to the shape of the answer.
    linearity : "" or "joint" or "each"
        Whether it is linear in some arguments together (those at `linear_in`; of those at `shaped_by`, only the shape
        counts), or in each of its arguments alone: then forward mode calls it with tangents.
    cheap : bool
        Computing it again costs less than saving it.
    views : bool
        The result may share its memory with the first argument; several results, with any.
    effects : frozenset of str
        "draws" (random numbers, input and output), "raises", "allocates" (made to be written to, never shared).
    refuses : bool
        Of an inactive function: to take its derivative for zero would be wrong, so an active argument is an error.
    """

    fn: Callable[..., Any]
    partials: Callable[..., Any] | None = None
    vjps: list[tuple[Condition, Callable[..., Any]]] = field(default_factory=list)
    jvps: list[tuple[Condition, Callable[..., Any]]] = field(default_factory=list)
    wrt: tuple[int, ...] | None = None
    inactive: bool = False
    kind: Callable[..., Result] | None = None
    broadcasts: bool = False
    smaller: bool = False
    linearity: str = ""
    linear_in: tuple[int, ...] = (0,)
    shaped_by: tuple[int, ...] = ()
    cheap: bool = False
    views: bool = False
    effects: frozenset[str] = frozenset()
    refuses: bool = False


MISSING = object()
"""Stands for a derivative that a rule does not give: where one is asked for, that is an error."""

LATER = {
    "scipy.linalg": "ast_ad.rules.scipy.linear_algebra",
    "scipy.signal": "ast_ad.rules.scipy.signal",
    "scipy.special": "ast_ad.rules.scipy.special",
}
"""The rules of libraries that need not be there, and are not imported for them: they are read once a library is."""

_RULES: dict[Callable[..., Any], Rule] = {}


def _rule(fn: Callable[..., Any]) -> Rule:
    return _RULES.setdefault(fn, Rule(fn))


def elementwise(
    fn: Callable[..., Any],
    partials: Callable[..., Any],
    *,
    kind: Callable[..., Result] | None = None,
    cheap: bool = False,
    views: bool = False,
) -> None:
    """Declare the partial derivatives of a function that works element by element."""
    rule = _rule(fn)
    rule.partials, rule.kind, rule.cheap, rule.broadcasts, rule.views = partials, kind, cheap, True, views


def vjp(
    fn: Callable[..., Any],
    bars: Callable[..., Any],
    *,
    when: Condition = is_inexact,
    kind: Callable[..., Result] | None = None,
    broadcasts: bool = False,
    smaller: bool = False,
    cheap: bool = False,
    views: bool = False,
    effects: Sequence[str] = (),
) -> None:
    """Declare ``(g, answer, *args) -> x_bar`` (or a tuple, one for each argument)."""
    rule = _rule(fn)
    rule.effects |= frozenset(effects)
    rule.vjps.append((when, bars))
    rule.kind, rule.cheap = kind or rule.kind, cheap or rule.cheap
    rule.broadcasts, rule.smaller = broadcasts or rule.broadcasts, smaller or rule.smaller
    rule.views = views or rule.views


def jvp(
    fn: Callable[..., Any],
    dot: Callable[..., Any],
    *,
    when: Condition = is_inexact,
    wrt: Sequence[int] | None = None,
) -> None:
    """Declare ``(*dots, answer, *args) -> y_dot``, with the tangents of the positional arguments `wrt` (None: all).

    A missing tangent arrives as zero.
    """
    rule = _rule(fn)
    rule.jvps.append((when, dot))
    rule.wrt = None if wrt is None else tuple(wrt)


def linear(
    fn: Callable[..., Any],
    bars: Callable[..., Any],
    *,
    kind: Callable[..., Result] | None = None,
    smaller: bool = False,
    cheap: bool = False,
    views: bool = False,
    wrt: Sequence[int] = (0,),
    shaped_by: Sequence[int] = (),
    effects: Sequence[str] = (),
) -> None:
    """Declare the `vjp` of a function that is linear in the positional arguments `wrt`, lists of arrays perhaps.

    Of those at `shaped_by` only the shape counts.
    """
    vjp(fn, bars, when=always, kind=kind, smaller=smaller, cheap=cheap, views=views)
    rule = _rule(fn)
    rule.linearity, rule.linear_in, rule.shaped_by = "joint", tuple(wrt), tuple(shaped_by)
    rule.effects = frozenset(effects)


def bilinear(
    fn: Callable[..., Any],
    bars: Callable[..., Any],
    *,
    kind: Callable[..., Result] | None = None,
    cheap: bool = False,
) -> None:
    """Declare the `vjp` of a function that is linear in each of its positional arguments alone."""
    vjp(fn, bars, when=always, kind=kind, cheap=cheap)
    _rule(fn).linearity = "each"


def always(kind: Kind) -> bool:
    """Let a `vjp` or `jvp` hold for arguments of every kind."""
    return True


def inactive(
    *fns: Callable[..., Any],
    kind: Callable[..., Result] | None = None,
    broadcasts: bool = False,
    cheap: bool = False,
    views: bool = False,
    effects: Sequence[str] = (),
    refuses: bool = False,
) -> None:
    """Declare functions whose derivative is zero wherever it exists, or which have none.

    Those that `refuses` is set for may be used in a program that is differentiated, but not of what it is
    differentiated by: a random draw depends on its parameters, in a way that no derivative of one draw shows.
    """
    for fn in fns:
        rule = _rule(fn)
        rule.inactive, rule.kind, rule.cheap, rule.effects = True, kind, cheap, frozenset(effects)
        rule.broadcasts, rule.views, rule.refuses = broadcasts, views, refuses


def find(fn: Callable[..., Any]) -> Rule | None:
    """Return the rule of a callable, or None."""
    try:
        return _RULES.get(fn) or (_RULES.get(fn) if _read_later() else None)
    except TypeError:  # it has no hash
        return None


def _read_later() -> bool:
    """Read the rules of libraries that have been imported since the last time; tell whether there are any."""
    there = [library for library in LATER if library in sys.modules]
    for library in there:
        importlib.import_module(LATER.pop(library))
    return bool(there)


_signature = functools.cache(inspect.signature)


def rules() -> tuple[Rule, ...]:
    """Return every rule, in the order of declaration."""
    return tuple(_RULES.values())


def effects(fn: Callable[..., Any]) -> frozenset[str]:
    """Return the effects of a callable; one without a rule may do anything."""
    rule = find(fn)
    if rule is None:
        return frozenset() if computes(fn) else frozenset({"draws", "raises"})
    return rule.effects


def computes(fn: Callable[..., Any]) -> bool:
    """Tell whether a callable is a ufunc of compiled code, such as SciPy's: it does nothing but compute.

    >>> computes(np.gcd), computes(np.frompyfunc(print, 1, 1))
    (True, False)
    """
    return isinstance(fn, np.ufunc) and not all("O" in each for each in fn.types)


def infer(
    fn: Callable[..., Any],
    kinds: Sequence[Kind],
    literals: Sequence[Any] | None = None,
    form: Form | None = None,
) -> Result:
    """Return the kind of what `fn` returns for arguments of the given kinds; a tuple where it returns several values.

    Unless the rule says otherwise, the function is tried on sample values (see `ast_ad.rules.trial`).  A function
    without a rule is not called, because of what it could do: its result is unknown, but for that of a ufunc.

    Parameters
    ----------
    literals
        One entry an argument: a one-element tuple ``(value,)`` for an argument that is a constant, None for the others.
    form
        How the arguments stand in the call.

    Raises
    ------
    TypeError
        Where the function does not take such arguments.  The message is the function's own.
    """
    rule = find(fn)
    if rule is None:
        if not computes(fn):
            return UNKNOWN
        broadcasts = fn.signature is None and fn.nout == 1  # type: ignore[attr-defined]
        found = trial(fn, list(map(plain, kinds)), literals, form, broadcasts=broadcasts)
        return tuple(map(fresh, found)) if isinstance(found, tuple) else fresh(found)
    if fn not in SIZED:
        kinds = list(map(plain, kinds))
    if rule.kind is None:
        found = trial(fn, kinds, literals, form, broadcasts=rule.broadcasts)
    else:
        given = literals or (None,) * len(kinds)
        values = [kind if literal is None else literal[0] for kind, literal in zip(kinds, given)]
        args, kwargs = (values, {}) if form is None else form.arranged(values)
        _signature(rule.kind).bind(*args, **kwargs)
        try:
            found = rule.kind(*args, **kwargs)
        except (ArithmeticError, LookupError) as error:  # An axis of what has none, say.
            raise TypeError(f"it does not take these arguments: {error}") from error
    # The rule may return an argument, and a constant is known by its value.
    return tuple([fresh(as_kind(each)) for each in found]) if isinstance(found, tuple) else fresh(as_kind(found))
