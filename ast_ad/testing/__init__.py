"""Checks of derivatives by numbers: `check_grads` for users, and the parts of it that the project's own tests share.

Two oracles that know nothing of how a derivative was made: central differences of the function itself, good to a few
digits, and the identity between the two modes, good to all but the last ones.  Both are hard to please: results of
different structure or shape never compare, NaN equals nothing but NaN, and a point where the function has a kink
or a jump is a failure and not an average.

A function gets copies of the arrays and of the random generators among its arguments: it may write to them.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable, Sequence
from typing import Any, NamedTuple

import numpy as np

from ast_ad.api import grad, jvp, value_and_grad, vjp
from ast_ad.arguments import Argnums, Callee
from ast_ad.testing.assertions import assert_adjoint, assert_close, assert_cotangent, assert_identity, assert_is
from ast_ad.testing.differences import difference
from ast_ad.testing.values import (
    fresh,
    is_inexact,
    largest,
    leaves,
    mass,
    on_leaves,
    pairing,
    precision,
    random_like,
    structure,
    tangents,
    zeros_like,
)

__all__ = [
    "adjoint",
    "assert_adjoint",
    "assert_close",
    "assert_cotangent",
    "assert_identity",
    "assert_is",
    "check_grads",
    "difference",
    "fresh",
    "is_inexact",
    "leaves",
    "on_leaves",
    "pairing",
    "positions",
    "precision",
    "random_like",
    "seed_of",
    "structure",
    "tangents",
    "value_and_adjoints",
    "zeros_like",
]

_MODES = ("fwd", "rev")
_DIRECTIONS = 2
_SAME_RTOL = 1e-12
_FINER = (1 / 16, 1 / 256)


def check_grads(
    fun: Callable[..., Any],
    argnums: Argnums = 0,
    modes: Sequence[str] = _MODES,
    order: int = 1,
    *,
    eps: float | None = None,
    rtol: float | None = None,
    atol: float | None = None,
) -> Callable[..., None]:
    """Return a function that checks the derivatives of `fun` at the arguments that it is called with.

    Along random directions (always the same ones), forward and reverse mode are compared with central differences and
    with each other; then, up to `order`, the gradient is checked as a function of its own.  A function that returns
    anything else than one real number has no gradient; its pullback stands in, for a random cotangent.

    Parameters
    ----------
    fun
        The function, of numbers, arrays, and containers of them, which returns such.  What the returned function is
        given by name is handed on, and not checked.
    argnums
        The arguments to differentiate: an int, a name, or several of these.
    modes
        `"fwd"`, `"rev"`, or both.  Orders above the first are derivatives of the gradient, so they need `"rev"`.
    order
        The highest order of derivatives that is checked.
    eps
        The step of the differences, for arguments of size one.  By default the fourth root of the precision.
    rtol, atol
        How far a derivative may be from the differences.  By default what their step and their rounding leave.

    Raises
    ------
    AssertionError
        Where a check fails.  It names the argument, the mode and the order, and shows both numbers.

    Examples
    --------
    >>> import math
    >>> def f(x, y):
    ...     return math.sin(x) * y
    >>> check_grads(f, argnums=(0, 1), order=2)(0.5, 2.0)
    >>> check_grads(np.linalg.inv, order=2)(np.array([[2.0, 1.0], [0.0, 4.0]]))

    At a kink there is nothing to compare with:

    >>> check_grads(lambda x: abs(x))(0.0)
    Traceback (most recent call last):
    ...
    AssertionError: order 1: derivative of <lambda> by argument 0 'x': not differentiable here: the one-sided ...
    """
    _refuse_misuse(argnums, modes, order)

    def check(*args: Any, **options: Any) -> None:
        label = getattr(fun, "__name__", type(fun).__name__)
        checker = _Checker(tuple(modes), order, eps, rtol, atol)
        checked = functools.partial(fun, **options) if options else fun
        checker.check(checked, args, positions(fun, argnums), label, 1)

    return check


def _refuse_misuse(argnums: Argnums, modes: Sequence[str], order: int) -> None:
    """Raise what is wrong with the options of a check."""
    unknown = [mode for mode in modes if mode not in _MODES]
    if unknown or not modes:
        raise ValueError(f"modes must be some of {_MODES}, not {modes!r}")
    if order < 1:
        raise ValueError(f"order must be at least 1, not {order!r}")
    if order > 1 and "rev" not in modes:
        raise ValueError("orders above the first are derivatives of the gradient: add 'rev' to the modes")

    several = (argnums,) if isinstance(argnums, (int, str)) or not isinstance(argnums, Iterable) else tuple(argnums)
    if not all(isinstance(each, (int, np.integer, str)) for each in several):
        # JAX's function of this name takes the arguments here; returning would pass for a check that was made.
        raise TypeError("argnums must be positions or names: give the arguments to what check_grads(f) returns")


class _Point(NamedTuple):
    """A function at a point, with its adjoint by argument `i` for a seed (None without reverse mode)."""

    fun: Callable[..., Any]
    args: tuple[Any, ...]
    i: int
    seed: Any
    bar: Any
    what: str
    size: float

    @property
    def x(self) -> Any:
        """The argument."""
        return self.args[self.i]


class _Checker:
    """The options of one check, and its random directions."""

    def __init__(
        self, modes: tuple[str, ...], order: int, eps: float | None, rtol: float | None, atol: float | None
    ) -> None:
        self.modes, self.order, self.eps, self.rtol, self.atol = modes, order, eps, rtol, atol
        self.rng = np.random.default_rng(0)

    def check(
        self,
        fun: Callable[..., Any],
        args: tuple[Any, ...],
        wrt: tuple[int, ...],
        label: str,
        order: int,
        size: float = 0.0,
    ) -> None:
        """Check a function, which is a derivative of order ``order - 1`` already, and then its own derivatives.

        The terms of a derivative are of the `size` of the function over the argument's, though they may cancel out.
        """
        out = fun(*fresh(args))
        seed = seed_of(out, self.rng)
        bars: tuple[Any, ...] = (None,) * len(wrt)
        if "rev" in self.modes:
            value, bars = value_and_adjoints(fun, args, wrt, seed)
            assert_close(value, out, _same(out), 0.0, f"value of {label} in reverse mode")
            assert_is(len(bars), len(wrt), f"number of adjoints of {label}")
        for i, bar in zip(wrt, bars):
            what = f"order {order}: derivative of {label} by argument {_named(fun, i)}"
            if bar is not None:
                assert_cotangent(bar, args[i], f"reverse mode, {what}")
            point = _Point(fun, args, i, seed, bar, what, size)
            for _ in range(_DIRECTIONS):
                self.along(point, random_like(args[i], self.rng))
        if order < self.order:
            for i in wrt:
                terms = max(size, largest(out) * largest(seed)) / max(1.0, largest(args[i]))
                self.check(adjoint(fun, i, seed), args, wrt, f"grad({label}, {i})", order + 1, terms)

    def along(self, point: _Point, direction: Any) -> None:
        """Compare both modes with the differences along one direction, and with each other.

        A function whose higher derivatives are large may need a smaller step than others, or one that jumps near by.
        """
        default = precision(point.x) ** 0.25
        failures = []
        for eps in (None, *(finer * default for finer in _FINER)) if self.eps is None else (self.eps,):
            try:
                self.compared(point, direction, eps)
                return
            except AssertionError as failure:
                failures.append(failure)
        raise failures[0] from None

    def compared(self, point: _Point, direction: Any, eps: float | None) -> None:
        """Compare them for one step of the differences."""
        fun, args, i, seed, bar, what, size = point
        numeric, noise = difference(fun, args, i, direction, eps, what, size)
        rtol = float(np.cbrt(precision(point.x))) if self.rtol is None else self.rtol
        if bar is not None:
            atol = noise * mass(seed) if self.atol is None else self.atol
            named = f"reverse mode against central differences, {what}"
            assert_adjoint(bar, direction, seed, numeric, rtol, atol, named)
        if "fwd" not in self.modes:
            return
        value, dot = jvp(fun, fresh(args), tangents(args, i, direction))
        out = fun(*fresh(args))
        assert_close(value, out, _same(out), 0.0, f"value from jvp, {what}")
        atol = noise if self.atol is None else self.atol
        assert_close(dot, numeric, rtol, atol, f"forward mode against central differences, {what}")
        if bar is not None:
            assert_identity(bar, direction, dot, f"reverse against forward mode, {what}", seed=seed)


def _same(out: Any) -> float:
    """Return how far the same value may be apart that is computed in two ways."""
    return _SAME_RTOL * precision(out) / precision(1.0)


def positions(fun: Callable[..., Any], argnums: Argnums) -> tuple[int, ...]:
    """Return the positions of arguments given by an int, a name, or several of these.

    >>> positions(lambda x, y, z: x, ("z", 0))
    (2, 0)
    """
    several = (argnums,) if isinstance(argnums, (int, str)) else tuple(argnums)
    return tuple(_parameters(fun).index(arg) if isinstance(arg, str) else arg for arg in several)


def _named(fun: Callable[..., Any], i: int) -> str:
    names = _parameters(fun)
    return f"{i} {names[i]!r}" if 0 <= i < len(names) else str(i)


def _parameters(fun: Callable[..., Any]) -> list[str]:
    return list(Callee(fun).visible.parameters)


# Adjoints of functions that may return anything.


def seed_of(out: Any, rng: np.random.Generator) -> Any:
    """Return a random cotangent of a result; 1 for a real number, whose adjoints are the gradient."""
    single = is_inexact(out) and np.ndim(out) == 0 and not np.iscomplexobj(out)
    return 1.0 if single else random_like(out, rng)


def adjoint(fun: Callable[..., Any], i: int, seed: Any) -> Callable[..., Any]:
    """Return the function that computes the adjoint of one argument, for a cotangent of the result.

    It can be differentiated itself.

    >>> adjoint(lambda x, y: (x * y, x + y), 0, (1.0, 10.0))(2.0, 3.0)
    13.0
    """
    if isinstance(seed, float):
        return grad(fun, i)
    # How long this is, is known while lowering; a number in a closure is not.
    ahead = (None,) * i

    def of_one(*args: Any) -> Any:
        before, (x, *after) = args[: len(ahead)], args[len(ahead) :]
        _, pullback = vjp(_alone(fun, before, after), x)
        return pullback(seed)[0]

    return of_one


def _alone(fun: Callable[..., Any], before: Sequence[Any], after: Sequence[Any]) -> Callable[..., Any]:
    return lambda x: fun(*before, x, *after)


def value_and_adjoints(
    fun: Callable[..., Any], args: Sequence[Any], wrt: Sequence[int], seed: Any
) -> tuple[Any, tuple[Any, ...]]:
    """Return the value of a function, and the adjoints of some of its arguments for one cotangent of the value.

    >>> value_and_adjoints(lambda x, y: (x * y, x + y), (2.0, 3.0), (0, 1), (1.0, 10.0))
    ((6.0, 5.0), (13.0, 12.0))
    """
    if isinstance(seed, float):
        return value_and_grad(fun, wrt)(*fresh(args))  # type: ignore[no-any-return]
    bars = []
    for i in wrt:
        copies = fresh(args)
        value, pullback = vjp(_alone(fun, copies[:i], copies[i + 1 :]), copies[i])
        bars.append(pullback(seed)[0])
    return value, tuple(bars)
