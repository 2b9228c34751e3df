"""The table of derivative rules, and the declarations that fill it.

    elementwise(np.sin, lambda y, x: np.cos(x))                     dy/dx, in terms of the answer and the arguments
    elementwise(operator.mul, lambda z, x, y: (y, x))               one partial derivative for each argument
    vjp(np.abs, lambda g, y, x: ..., when=is_complex)               x_bar, where it is not g times a number
    jvp(np.abs, lambda x_dot, y, x: ..., when=is_complex)           y_dot
    inactive(np.floor, ...)                                         derivative zero wherever it has one

The expressions are *traced* (see `ast_ad.rules.tracing`): what they compute is what is written into the generated code,
and what they mention of the answer and the arguments is what the reverse sweep will need.  Called with numbers, they
are plain functions.  A partial derivative that is structurally zero is `None`.
"""

from __future__ import annotations

import contextlib
import functools
import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from ast_ad.ir.kinds import BOOL, COMPLEX, FLOAT, INT, UNKNOWN, Kind, Scalar, Unknown, code, is_inexact, kind_of

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


def vjp(
    fn: Callable[..., Any],
    bars: Callable[..., Any],
    *,
    when: Condition = is_inexact,
    kind: Callable[..., Kind] | None = None,
    cheap: bool = False,
) -> None:
    """Declare ``(g, answer, *args) -> x_bar`` (or a tuple, one for each argument)."""
    rule = _rule(fn)
    rule.vjps.append((when, bars))
    rule.kind, rule.cheap = kind or rule.kind, cheap or rule.cheap


def jvp(fn: Callable[..., Any], dot: Callable[..., Any], *, when: Condition = is_inexact) -> None:
    """Declare ``(*dots, answer, *args) -> y_dot``; a missing tangent arrives as zero."""
    _rule(fn).jvps.append((when, dot))


def always(kind: Kind) -> bool:
    """Let a `vjp` or `jvp` hold for arguments of every kind."""
    return True


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
_SCALES = (1.0, 0.5, 2.0)
_UNKNOWN_MAY_BE = (INT, FLOAT, Scalar("float64", numpy=True), COMPLEX)


@dataclass(frozen=True)
class _Constant:
    """An argument of a trial that is known by its value."""

    value: Any


def _sample(arg: Kind | _Constant, scale: float) -> Any:
    if isinstance(arg, _Constant):
        return arg.value
    if not isinstance(arg, Scalar):
        raise TypeError(f"no sample of {arg}")
    size = scale if is_inexact(arg) else max(1, int(scale))
    if not arg.numpy:
        return type(_SAMPLES[arg])(_SAMPLES[arg] * size)
    return np.dtype(arg.dtype).type(size)


def _kind_of_result(value: Any) -> Kind:
    """An array without dimensions, which `np.where` makes of scalars, does whatever a scalar does."""
    return kind_of(value[()] if isinstance(value, np.ndarray) and value.ndim == 0 else value)


@functools.lru_cache(maxsize=4096)
def _kind_by_trial(fn: Callable[..., Any], args: tuple[Kind | _Constant, ...]) -> Kind | None:
    for scale in _SCALES:
        with contextlib.suppress(ArithmeticError, ValueError), warnings.catch_warnings(), np.errstate(all="ignore"):
            warnings.simplefilter("ignore")
            return _kind_of_result(fn(*(_sample(arg, scale) for arg in args)))
    return None


@functools.lru_cache(maxsize=4096)
def _kind_of_unknowns(fn: Callable[..., Any], args: tuple[Kind | _Constant, ...]) -> Kind:
    """What `fn` returns whatever its unknown arguments are, such as the float of every function of `math`."""
    found: dict[Kind, None] = {}
    for guess in _UNKNOWN_MAY_BE:
        with contextlib.suppress(TypeError):
            kind = _kind_by_trial(fn, tuple(guess if isinstance(arg, Unknown) else arg for arg in args))
            if kind is not None:
                found.setdefault(kind)
    if len(found) == 1:
        return next(iter(found))
    return BOOL if found and all(code(kind) == "b" for kind in found) else UNKNOWN


def infer(fn: Callable[..., Any], kinds: Sequence[Kind], literals: Sequence[Any] | None = None) -> Kind:
    """Return the kind of ``fn(*args)`` for arguments of the given kinds.

    Promotion is NumPy's own, whatever its version: unless the rule says otherwise, the function is tried on sample
    values (once for each combination of kinds).  A function without a rule is not called, because of what it could do:
    its result is unknown.

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
    if rule is None:
        return UNKNOWN
    if rule.kind is not None:
        return rule.kind(*kinds)
    return trial(fn, kinds, literals)


def trial(fn: Callable[..., Any], kinds: Sequence[Kind], literals: Sequence[Any] | None = None) -> Kind:
    """Return the kind that `fn` returns for samples of `kinds`; see `infer`."""
    args = tuple(_argument(kind, literal) for kind, literal in zip(kinds, literals or (None,) * len(kinds)))
    if any(isinstance(kind, Unknown) for kind in kinds):
        return _kind_of_unknowns(fn, args)
    kind = _kind_by_trial(fn, args)
    if kind is None:
        raise TypeError(f"cannot tell what {getattr(fn, '__name__', fn)} returns for {', '.join(map(str, kinds))}")
    return kind


def _argument(kind: Kind, literal: Any) -> Kind | _Constant:
    """What a trial needs: the kind of a number, the sign of a constant integer (for `2 ** n`), the value of a text."""
    if literal is None or isinstance(kind, Unknown):
        return kind
    (value,) = literal
    if kind == INT:
        return _Constant(-1) if value < 0 else kind
    return kind if isinstance(kind, Scalar) else _Constant(value)
