"""The table of derivative rules, and the declarations that fill it.

    elementwise(np.sin, lambda y, x: np.cos(x))                     dy/dx, in terms of the answer and the arguments
    elementwise(operator.mul, lambda z, x, y: (y, x))               one partial derivative for each argument
    vjp(np.abs, lambda g, y, x: ..., when=is_complex)               x_bar, where it is not g times a number
    jvp(np.abs, lambda x_dot, y, x: ..., when=is_complex)           y_dot
    inactive(np.floor, ...)                                         derivative zero wherever it has one

The expressions are *traced* (see `ast_ad.rules.expand`): what they compute is what is written into the generated code, and what
they mention of the answer and the arguments is what the reverse sweep will need.  Called with numbers, they are plain functions.
A partial derivative that is structurally zero is `None`.
"""

from __future__ import annotations

import contextlib
import functools
import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from ast_ad.ir.kinds import BOOL, COMPLEX, FLOAT, INT, UNKNOWN, Kind, Scalar, Unknown, is_inexact, kind_of

Condition = Callable[[Kind], bool]


@dataclass
class Rule:
    """What is known of one callable.

    Attributes
    ----------
    partials : callable or None
        ``(answer, *args) -> partial`` or a tuple of partials.
    vjps, jvps : list of (condition, callable)
        ``(g, answer, *args) -> bar(s)`` and ``(*dots, answer, *args) -> dot``: used instead of `partials` where the condition holds for the
        kind of the first differentiable argument.
    kind : callable or None
        ``(*kinds) -> Kind``; None: found by trying the callable on sample values.
    cheap : bool
        Computing it again costs less than saving it.
    effects : frozenset of str
        "draws" (random numbers, input and output), "raises".
    """

    fn: Callable[..., Any]
    partials: Callable[..., Any] | None = None
    vjps: list[tuple[Condition, Callable[..., Any]]] = field(default_factory=list)
    jvps: list[tuple[Condition, Callable[..., Any]]] = field(default_factory=list)
    inactive: bool = False
    kind: Callable[..., Kind] | None = None
    cheap: bool = False
    effects: frozenset[str] = frozenset()


_RULES: dict[Callable[..., Any], Rule] = {}


def _rule(fn: Callable[..., Any]) -> Rule:
    return _RULES.setdefault(fn, Rule(fn))


def elementwise(
    fn: Callable[..., Any],
    partials: Callable[..., Any],
    *,
    kind: Callable[..., Kind] | None = None,
    cheap: bool = False,
) -> None:
    """Declare the partial derivatives of a function that works element by element."""
    rule = _rule(fn)
    rule.partials, rule.kind, rule.cheap = partials, kind, cheap


def vjp(fn: Callable[..., Any], bars: Callable[..., Any], *, when: Condition = is_inexact) -> None:
    """Declare ``(g, answer, *args) -> x_bar`` (or a tuple, one for each argument)."""
    _rule(fn).vjps.append((when, bars))


def jvp(fn: Callable[..., Any], dot: Callable[..., Any], *, when: Condition = is_inexact) -> None:
    """Declare ``(*dots, answer, *args) -> y_dot``; a missing tangent arrives as zero."""
    _rule(fn).jvps.append((when, dot))


def inactive(
    *fns: Callable[..., Any],
    kind: Callable[..., Kind] | None = None,
    cheap: bool = False,
    effects: Sequence[str] = (),
) -> None:
    """Declare functions whose derivative is zero wherever it exists, or which have none."""
    for fn in fns:
        rule = _rule(fn)
        rule.inactive, rule.kind, rule.cheap, rule.effects = True, kind, cheap, frozenset(effects)


def find(fn: Callable[..., Any]) -> Rule | None:
    """Return the rule of a callable, or None."""
    try:
        return _RULES.get(fn)
    except TypeError:
        return None


def rules() -> tuple[Rule, ...]:
    """Return every rule, in the order of declaration."""
    return tuple(_RULES.values())


def effects(fn: Callable[..., Any]) -> frozenset[str]:
    """Return the effects of a callable; one without a rule may do anything."""
    rule = find(fn)
    return rule.effects if rule is not None else frozenset({"draws", "raises"})


_SAMPLES = {BOOL: True, INT: 1, FLOAT: 1.0, COMPLEX: 1.0 + 0.5j}


def _sample(kind: Kind, scale: float) -> Any:
    if not isinstance(kind, Scalar):
        raise TypeError(f"no sample of {kind}")
    if not kind.numpy:
        value = _SAMPLES[kind]
        return value * scale if is_inexact(kind) else value
    return np.dtype(kind.dtype).type(scale if is_inexact(kind) else 1)


@functools.lru_cache(maxsize=4096)
def _kind_by_trial(fn: Callable[..., Any], args: tuple[Any, ...]) -> Kind | None:
    for scale in (1.0, 0.5, 2.0):
        with contextlib.suppress(ArithmeticError, ValueError), warnings.catch_warnings(), np.errstate(all="ignore"):
            warnings.simplefilter("ignore")
            return kind_of(fn(*(_sample(a, scale) if isinstance(a, Scalar) else a[0] for a in args)))
    return None


def infer(fn: Callable[..., Any], kinds: Sequence[Kind], literals: Sequence[Any] | None = None) -> Kind:
    """Return the kind of ``fn(*args)`` for arguments of the given kinds.

    Promotion is NumPy's own, whatever its version: unless the rule says otherwise, the function is tried on sample
    values (once for each combination of kinds).

    Parameters
    ----------
    literals
        One entry an argument: a one-element tuple ``(value,)`` for an argument that is a constant, None for the others.

    Raises
    ------
    TypeError
        Where the function does not take such arguments.  The message is the function's own.
    """
    rule = find(fn)
    if rule is not None and rule.kind is not None:
        return rule.kind(*kinds)
    if any(isinstance(kind, Unknown) for kind in kinds):
        return UNKNOWN
    known: list[Any] = list(kinds)
    for i, literal in enumerate(literals or ()):
        if literal is not None and not isinstance(kinds[i], Scalar):
            known[i] = literal
    kind = _kind_by_trial(fn, tuple(known))
    if kind is None:
        raise TypeError(f"cannot tell what {getattr(fn, '__name__', fn)} returns for {', '.join(map(str, kinds))}")
    return kind
