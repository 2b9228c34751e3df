"""Checks of derivatives by numbers: `check_grads` for users, and the parts of it that the project's own tests share.

Two oracles that know nothing of how a derivative was made: central differences of the function itself, good to a few
digits, and the identity between the two modes, good to all but the last ones.  Both are built to be hard to please: results of
different structure or shape never compare, NaN equals nothing but NaN, and a point where the function has a kink
or a jump is a failure and not an average.
"""

from __future__ import annotations

import inspect
import math
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np

from ast_ad.api import grad, jvp, value_and_grad

Argnums = int | str | Sequence[int | str]

_MODES = ("fwd", "rev")
_DIRECTIONS = 2
_IDENTITY_RTOL = 1e-10


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
    with each other; then, up to `order`, the gradient is checked as a function of its own.

    Parameters
    ----------
    fun
        The function; it returns a real scalar.
    argnums
        The arguments to differentiate: an int, a name, or several of these.
    modes
        `"fwd"`, `"rev"`, or both.  Orders above the first are derivatives of the gradient, so they need `"rev"`.
    order
        The highest order of derivatives that is checked.
    eps
        The step of the differences, for arguments of size one.  By default the cube root of the precision.
    rtol, atol
        How far a derivative may be from the differences.  By default what their step and rounding leave.

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

    At a kink there is nothing to compare with:

    >>> check_grads(abs_of := lambda x: abs(x))(0.0)
    Traceback (most recent call last):
    ...
    AssertionError: <lambda> is not differentiable along argument 0 'x': ...
    """
    unknown = [mode for mode in modes if mode not in _MODES]
    if unknown or not modes:
        raise ValueError(f"modes must be some of {_MODES}, not {modes!r}")
    if order < 1:
        raise ValueError(f"order must be at least 1, not {order!r}")
    if order > 1 and "rev" not in modes:
        raise ValueError("orders above the first are derivatives of the gradient: add 'rev' to the modes")

    def check(*args: Any) -> None:
        label = getattr(fun, "__name__", type(fun).__name__)
        checker = _Checker(tuple(modes), eps, rtol, atol)
        checker.check(fun, args, positions(fun, argnums), label, 1, order)

    return check


class _Checker:
    """The options of one check, and its random directions."""

    def __init__(self, modes: tuple[str, ...], eps: float | None, rtol: float | None, atol: float | None) -> None:
        self.modes, self.eps, self.rtol, self.atol = modes, eps, rtol, atol
        self.rng = np.random.default_rng(0)

    def check(
        self, fun: Callable[..., Any], args: tuple[Any, ...], wrt: tuple[int, ...], label: str, order: int, last: int
    ) -> None:
        value = fun(*args)
        bars: tuple[Any, ...] = ()
        if "rev" in self.modes:
            returned, bars = value_and_grad(fun, wrt)(*args)
            assert_close(returned, value, 1e-12, 0.0, f"value of {label} from value_and_grad")
            assert_is(len(bars), len(wrt), f"number of adjoints of {label}")
        for k, i in enumerate(wrt):
            what = f"order {order}: derivative of {label} by argument {_named(fun, i)}"
            if bars:
                assert_cotangent(bars[k], args[i], f"reverse mode, {what}")
            for _ in range(_DIRECTIONS):
                direction = random_like(args[i], self.rng)
                self._along(fun, args, i, direction, bars[k] if bars else None, what)
        if order < last:
            for i in wrt:
                self.check(grad(fun, i), args, wrt, f"grad({label}, {i})", order + 1, last)

    def _along(
        self, fun: Callable[..., Any], args: tuple[Any, ...], i: int, direction: Any, bar: Any, what: str
    ) -> None:
        numeric, noise = difference(fun, args, i, direction, self.eps, what)
        coarse = float(np.cbrt(precision(args[i])))
        rtol = coarse if self.rtol is None else self.rtol
        atol = noise if self.atol is None else self.atol
        tangent = None
        if "fwd" in self.modes:
            value, tangent = jvp(fun, args, tuple(direction if k == i else zeros_like(a) for k, a in enumerate(args)))
            assert_close(value, fun(*args), 1e-12, 0.0, f"value from jvp, {what}")
            assert_close(tangent, numeric, rtol, atol, f"forward mode against central differences, {what}")
        if bar is None:
            return
        if structure(numeric) is None:
            paired = pairing(bar, direction)
            assert_close(paired, numeric, rtol, atol, f"reverse mode against central differences, {what}")
            if tangent is not None:
                size = sum(abs(b * d) for b, d in zip(leaves(bar), leaves(direction)))
                tolerance = _IDENTITY_RTOL * max(1.0, precision(args[i]) / precision(1.0))
                assert_close(paired, tangent, 0.0, tolerance * float(np.sum(size)), f"reverse against forward mode, {what}")


def positions(fun: Callable[..., Any], argnums: Argnums) -> tuple[int, ...]:
    """Return the positions of arguments given by an int, a name, or several of these.

    >>> positions(lambda x, y, z: x, ("z", 0))
    (2, 0)
    """
    several = (argnums,) if isinstance(argnums, (int, str)) else tuple(argnums)
    names = list(inspect.signature(fun).parameters)
    return tuple(names.index(arg) if isinstance(arg, str) else arg for arg in several)


def _named(fun: Callable[..., Any], i: int) -> str:
    names = list(inspect.signature(fun).parameters)
    return f"{i} {names[i]!r}" if i < len(names) else str(i)


# Structures: a tuple or a list of values, or a leaf (a number or an array).


def leaves(value: Any) -> Iterator[Any]:
    """Yield the numbers and arrays in a structure, from left to right."""
    if isinstance(value, (tuple, list)):
        for item in value:
            yield from leaves(item)
    else:
        yield value


def structure(value: Any) -> Any:
    """Return what two values must share to be compared: containers as they are, None for a number, shapes for arrays.

    >>> structure((1.0, [2, np.zeros(3)]))
    (None, [None, (3,)])
    """
    if isinstance(value, (tuple, list)):
        return type(value)(structure(item) for item in value)
    return np.shape(value) or None


def transform(fun: Callable[..., Any], *values: Any) -> Any:
    """Apply a function to the leaves of values of equal structure."""
    first = values[0]
    if isinstance(first, (tuple, list)):
        return type(first)(transform(fun, *items) for items in zip(*values))
    return fun(*values)


def is_inexact(leaf: Any) -> bool:
    """Tell whether a leaf holds floating-point numbers, real or complex: the ones with derivatives."""
    return np.asarray(leaf).dtype.kind in "fc"


def zeros_like(value: Any) -> Any:
    """Return the zero tangent of a value: 0.0, 0j or zeros of its dtype."""
    return transform(lambda leaf: leaf * 0 if is_inexact(leaf) else 0.0, value)


def random_like(value: Any, rng: np.random.Generator) -> Any:
    """Return a random tangent of a value."""

    def draw(leaf: Any) -> Any:
        if not is_inexact(leaf):
            return 0.0
        drawn = rng.uniform(0.5, 1.5, np.shape(leaf)) * rng.choice((-1.0, 1.0), np.shape(leaf))
        if np.iscomplexobj(leaf):
            drawn = drawn + 1j * rng.uniform(-1.0, 1.0, np.shape(leaf))
        return type(leaf)(drawn) if isinstance(leaf, (float, complex)) else np.asarray(drawn, np.result_type(leaf))[()]

    return transform(draw, value)


def precision(value: Any) -> float:
    """Return the coarsest machine epsilon among the floating-point leaves of a value."""
    return max((float(np.finfo(np.result_type(leaf)).eps) for leaf in leaves(value) if is_inexact(leaf)), default=2e-16)


def pairing(bar: Any, dot: Any) -> float:
    """Return what a cotangent makes of a tangent: the sum of the real parts of ``bar * dot``.

    >>> pairing((2.0, 1j), (3.0, 1 + 1j))
    5.0
    """
    pairs = zip(leaves(bar), leaves(dot))
    return float(sum(np.sum(np.real(np.multiply(b, d))) for b, d in pairs))


# The differences.


def difference(
    fun: Callable[..., Any], args: Sequence[Any], i: int, direction: Any, eps: float | None = None, what: str = ""
) -> tuple[Any, float]:
    """Return the central difference of a function by one argument along a direction, and the rounding error in it.

    Raises
    ------
    AssertionError
        Where the one-sided differences do not approach each other when the step shrinks: at a kink or a jump.
    """
    size = max([1.0, *(float(np.max(np.abs(leaf), initial=0.0)) for leaf in leaves(args[i]))])
    step = (eps or float(np.cbrt(precision(args[i])))) * size
    here = fun(*args)

    def at(scale: float) -> Any:
        def move(leaf: Any, d: Any) -> Any:
            return leaf + scale * d if is_inexact(leaf) else leaf

        moved = list(args)
        with np.errstate(over="ignore"):
            moved[i] = transform(lambda leaf, d: np.result_type(leaf).type(move(leaf, d))
                                 if isinstance(leaf, np.generic) else move(leaf, d), args[i], direction)
        value = fun(*moved)
        assert_is(structure(value), structure(here), f"structure of the result next to the point, {what}")
        return value

    ahead, behind = at(step), at(-step)
    near_ahead, near_behind = at(step / 4), at(-step / 4)
    largest = max(float(np.max(np.abs(leaf), initial=0.0)) for leaf in leaves((ahead, behind)))
    noise = 32 * max(precision(args[i]), precision(here)) * largest / step

    def gap(up: Any, down: Any, h: float) -> list[float]:
        """How far apart the two one-sided differences are, for each leaf."""
        pairs = zip(leaves(up), leaves(here), leaves(down))
        return [float(np.max(np.abs((np.subtract(u, m) - np.subtract(m, d)) / h), initial=0.0)) for u, m, d in pairs]

    slopes = [float(np.max(np.abs(np.subtract(u, d)), initial=0.0)) / step for u, d in zip(leaves(ahead), leaves(behind))]
    wide, narrow = gap(ahead, behind, step), gap(near_ahead, near_behind, step / 4)
    for far, close, slope in zip(wide, narrow, slopes):
        if close > 0.5 * far and close > 1e-3 * slope + 8 * noise:
            label = what.removeprefix("order ").partition(": ")[2] or what
            name = label.removeprefix("derivative of ").replace(" by argument ", " is not differentiable along argument ")
            raise AssertionError(f"{name}: the one-sided differences stay {close:.6g} apart")
    return transform(lambda u, d: (u - d) / (2 * step), ahead, behind), noise


# Assertions.


def assert_is(actual: Any, expected: Any, what: str) -> None:
    """Fail unless two descriptions are equal."""
    if actual != expected:
        raise AssertionError(f"{what}: got {actual!r}, expected {expected!r}")


def assert_cotangent(bar: Any, value: Any, what: str) -> None:
    """Fail unless an adjoint has the structure, the shapes and the realness of the value that it belongs to."""
    assert_is(structure(bar), structure(value), f"structure of the adjoint, {what}")
    for b, leaf in zip(leaves(bar), leaves(value)):
        if np.iscomplexobj(b) and not np.iscomplexobj(leaf):
            raise AssertionError(f"{what}: the adjoint {b!r} of the real value {leaf!r} is complex")


def assert_close(actual: Any, expected: Any, rtol: float, atol: float, what: str) -> None:
    """Fail unless two values have one structure and nearly the same numbers; NaN equals NaN alone, infinities their like.

    >>> assert_close((1.0, math.nan), (1.0 + 1e-9, math.nan), 1e-6, 0.0, "pair")
    >>> assert_close(math.nan, 0.0, 1e-6, 1.0, "slope")
    Traceback (most recent call last):
    ...
    AssertionError: slope: got nan, expected 0.0
    """
    assert_is(structure(actual), structure(expected), f"structure, {what}")
    for a, b in zip(leaves(actual), leaves(expected)):
        if not bool(np.all(_near(np.asarray(a), np.asarray(b), rtol, atol))):
            raise AssertionError(f"{what}: got {a!r}, expected {b!r}")


def _near(a: np.ndarray[Any, Any], b: np.ndarray[Any, Any], rtol: float, atol: float) -> Any:
    """Tell where two arrays agree; the tolerance is relative to the larger, so the order does not matter."""
    finite = np.isfinite(a) & np.isfinite(b)
    with np.errstate(invalid="ignore", over="ignore"):
        close = np.abs(a - b) <= atol + rtol * np.maximum(np.abs(a), np.abs(b))
    same = (a == b) | (np.isnan(a) & np.isnan(b))
    return np.where(finite, close, same)
