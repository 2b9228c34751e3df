"""Checks of derivatives by numbers: `check_grads` for users, and the parts of it that the project's own tests share.

Two oracles that know nothing of how a derivative was made: central differences of the function itself, good to a few
digits, and the identity between the two modes, good to all but the last ones.  Both are hard to please: results of
different structure or shape never compare, NaN equals nothing but NaN, and a point where the function has a kink
or a jump is a failure and not an average.

A function gets copies of the arrays and of the random generators among its arguments: it may write to them.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np

from ast_ad.api import grad, jvp, value_and_grad, vjp
from ast_ad.arguments import Argnums, Callee
from ast_ad.trees import ALL, GENERATORS, attribute_names, flatten, takes_objects_apart

_MODES = ("fwd", "rev")
_DIRECTIONS = 2
_SAME_RTOL = 1e-12
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
    with each other; then, up to `order`, the gradient is checked as a function of its own.  A function that returns
    anything else than one real number has no gradient; its pullback stands in, for a random cotangent.

    Parameters
    ----------
    fun
        The function, of numbers, arrays, and containers of them, which returns such.
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
    unknown = [mode for mode in modes if mode not in _MODES]
    if unknown or not modes:
        raise ValueError(f"modes must be some of {_MODES}, not {modes!r}")
    if order < 1:
        raise ValueError(f"order must be at least 1, not {order!r}")
    if order > 1 and "rev" not in modes:
        raise ValueError("orders above the first are derivatives of the gradient: add 'rev' to the modes")

    def check(*args: Any) -> None:
        label = getattr(fun, "__name__", type(fun).__name__)
        checker = _Checker(tuple(modes), order, eps, rtol, atol)
        checker.check(fun, args, positions(fun, argnums), label, 1)

    return check


class _Checker:
    """The options of one check, and its random directions."""

    def __init__(
        self, modes: tuple[str, ...], order: int, eps: float | None, rtol: float | None, atol: float | None
    ) -> None:
        self.modes, self.order, self.eps, self.rtol, self.atol = modes, order, eps, rtol, atol
        self.rng = np.random.default_rng(0)

    def check(
        self, fun: Callable[..., Any], args: tuple[Any, ...], wrt: tuple[int, ...], label: str, order: int
    ) -> None:
        """Check a function, which is a derivative of order ``order - 1`` already, and then its own derivatives."""
        out = fun(*fresh(args))
        seed = seed_of(out, self.rng)
        bars: tuple[Any, ...] = (None,) * len(wrt)
        if "rev" in self.modes:
            value, bars = value_and_adjoints(fun, args, wrt, seed)
            assert_close(value, out, _SAME_RTOL, 0.0, f"value of {label} in reverse mode")
            assert_is(len(bars), len(wrt), f"number of adjoints of {label}")
        for i, bar in zip(wrt, bars):
            what = f"order {order}: derivative of {label} by argument {_named(fun, i)}"
            if bar is not None:
                assert_cotangent(bar, args[i], f"reverse mode, {what}")
            for _ in range(_DIRECTIONS):
                self.along(fun, args, i, random_like(args[i], self.rng), seed, bar, what)
        if order < self.order:
            for i in wrt:
                self.check(adjoint(fun, i, seed), args, wrt, f"grad({label}, {i})", order + 1)

    def along(
        self, fun: Callable[..., Any], args: tuple[Any, ...], i: int, direction: Any, seed: Any, bar: Any, what: str
    ) -> None:
        """Compare both modes with the differences along one direction, and with each other."""
        numeric, noise = difference(fun, args, i, direction, self.eps, what)
        rtol = float(np.cbrt(precision(args[i]))) if self.rtol is None else self.rtol
        if bar is not None:
            atol = noise * _mass(seed) if self.atol is None else self.atol
            named = f"reverse mode against central differences, {what}"
            assert_adjoint(bar, direction, seed, numeric, rtol, atol, named)
        if "fwd" not in self.modes:
            return
        value, dot = jvp(fun, fresh(args), tangents(args, i, direction))
        assert_close(value, fun(*fresh(args)), _SAME_RTOL, 0.0, f"value from jvp, {what}")
        atol = noise if self.atol is None else self.atol
        assert_close(dot, numeric, rtol, atol, f"forward mode against central differences, {what}")
        if bar is not None:
            assert_identity(bar, direction, dot, f"reverse against forward mode, {what}", seed=seed)


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


# Structures: a tuple, a list or a dict of values, or a leaf, which is a number, an array, or anything else.


def leaves(value: Any) -> Iterator[Any]:
    """Yield the numbers and arrays in a structure, from left to right; those of a dict by its sorted keys."""
    if isinstance(value, dict):
        for key in sorted(value, key=repr):
            yield from leaves(value[key])
    elif isinstance(value, (tuple, list)):
        for item in value:
            yield from leaves(item)
    elif is_object(value):
        for name in attribute_names(value):
            yield from leaves(getattr(value, name))
    else:
        yield value


def is_object(value: Any) -> bool:
    """Tell whether a value is an object whose attributes hold numbers."""
    return takes_objects_apart(flatten(value, objects=ALL)[1])


def structure(value: Any) -> Any:
    """Return what two values must share to be compared: containers as they are, None for a number, shapes for arrays.

    What is no number is described by its type.

    >>> structure((1.0, [2, np.zeros(3)]))
    (None, [None, (3,)])
    """
    if isinstance(value, dict):
        return {key: structure(item) for key, item in value.items()}
    if isinstance(value, (tuple, list)):
        items = [structure(item) for item in value]
        return items if type(value) is list else (*items,) if type(value) is tuple else (type(value), *items)
    if is_object(value):
        return type(value), {name: structure(getattr(value, name)) for name in attribute_names(value)}
    return (np.shape(value) or None) if _is_number(value) else type(value)


def on_leaves(fun: Callable[..., Any], *values: Any) -> Any:
    """Apply a function to the leaves of values of equal structure."""
    first = values[0]
    if isinstance(first, dict):
        return {key: on_leaves(fun, *(value[key] for value in values)) for key in first}
    if isinstance(first, (tuple, list)):
        items = (on_leaves(fun, *items) for items in zip(*values))
        return type(first)(*items) if hasattr(first, "_fields") else type(first)(items)
    if is_object(first):
        made = copy.copy(first)
        for name in attribute_names(first):
            object.__setattr__(made, name, on_leaves(fun, *(getattr(value, name) for value in values)))
        return made
    return fun(*values)


def fresh(args: Sequence[Any]) -> tuple[Any, ...]:
    """Return arguments for one more call: what a function can change in them is copied, once where it stands twice."""
    copies: dict[int, Any] = {}

    def copied(leaf: Any) -> Any:
        return copy.deepcopy(leaf, copies) if isinstance(leaf, (np.ndarray, set, *GENERATORS)) else leaf

    return tuple(on_leaves(copied, arg) for arg in args)


def is_inexact(leaf: Any) -> bool:
    """Tell whether a leaf holds floating-point numbers, real or complex: the ones with derivatives."""
    return _kind(leaf) in ("f", "c")


def _is_number(leaf: Any) -> bool:
    return _kind(leaf) in ("b", "i", "u", "f", "c")


def _kind(leaf: Any) -> str:
    """Return NumPy's letter for what a leaf holds; containers are none."""
    return "O" if isinstance(leaf, (tuple, list, dict)) else np.asarray(leaf).dtype.kind


def zeros_like(value: Any) -> Any:
    """Return the zero tangent of a value; what is no number is its own."""

    def zero(leaf: Any) -> Any:
        return np.zeros_like(leaf) if isinstance(leaf, np.ndarray) else leaf * 0 if _is_number(leaf) else leaf

    return on_leaves(zero, value)


def random_like(value: Any, rng: np.random.Generator) -> Any:
    """Return a random tangent of a value; no component of it is near zero."""

    def draw(leaf: Any) -> Any:
        if not is_inexact(leaf):
            return zeros_like(leaf)
        shape = np.shape(leaf)
        drawn = rng.uniform(0.5, 1.5, shape) * rng.choice((-1.0, 1.0), shape)
        if np.iscomplexobj(leaf):
            drawn = drawn + 1j * rng.uniform(0.5, 1.5, shape)
        return np.asarray(drawn, leaf.dtype) if isinstance(leaf, np.ndarray) else type(leaf)(drawn)

    return on_leaves(draw, value)


def tangents(args: Sequence[Any], i: int, direction: Any) -> tuple[Any, ...]:
    """Return a tangent for each argument: `direction` for one of them, zero for the others."""
    return tuple(direction if k == i else zeros_like(arg) for k, arg in enumerate(args))


def precision(value: Any) -> float:
    """Return the coarsest machine epsilon among the floating-point leaves of a value.

    >>> print(f"{precision((1.0, np.float32(1.0))):.2g}")
    1.2e-07
    """
    inexact = [np.asarray(leaf).dtype for leaf in leaves(value) if is_inexact(leaf)]
    return max((float(np.finfo(dtype).eps) for dtype in inexact), default=float(np.finfo(float).eps))


def _largest(value: Any) -> float:
    inexact = filter(is_inexact, leaves(value))
    return max((float(np.max(np.abs(leaf), initial=0.0)) for leaf in inexact), default=0.0)


def _products(*values: Any) -> Iterator[Any]:
    """Yield the products of the leaves that have derivatives."""
    for first, *others in zip(*map(leaves, values)):
        if is_inexact(first):
            product = np.asarray(first)
            for other in others:
                product = np.multiply(product, other)
            yield product


def _mass(*values: Any) -> float:
    """Return the sum of the sizes of all numbers, or of their products."""
    return float(sum(np.sum(np.abs(product), dtype=float) for product in _products(*values)))


def pairing(bar: Any, dot: Any) -> float:
    """Return what a cotangent makes of a tangent: the sum of the real parts of ``bar * dot``.

    >>> pairing((2.0, 1j), (3.0, 1 + 1j))
    5.0
    """
    return float(sum(np.sum(np.real(product), dtype=float) for product in _products(bar, dot)))


# The differences.


def difference(
    fun: Callable[..., Any], args: Sequence[Any], i: int, direction: Any, eps: float | None = None, what: str = ""
) -> tuple[Any, float]:
    """Return the derivative by one argument along a direction, from differences, and the rounding error in it.

    Central differences with two steps, extrapolated.

    Raises
    ------
    AssertionError
        Where the one-sided differences do not approach each other as the step shrinks: at a kink or a jump.  Where the
        central differences do not settle: a jump is nearer than the step, or the function too wild for it.

    Examples
    --------
    >>> slope, noise = difference(lambda x: x * x, (3.0,), 0, 1.0)
    >>> abs(slope - 6.0) <= noise
    True
    """
    coarse = precision(args[i])
    wide = (eps or coarse**0.25) * max(1.0, _largest(args[i]))
    narrow = wide / 4
    here = fun(*fresh(args))

    def there(step: float) -> Any:
        moved = [*fresh(args)]
        moved[i] = on_leaves(lambda leaf, d: _moved(leaf, step * d) if is_inexact(leaf) else leaf, moved[i], direction)
        value = fun(*moved)
        assert_is(structure(value), structure(here), f"structure of the result beside the point, {what}")
        return value

    def central(step: float, pair: tuple[Any, Any]) -> Any:
        return on_leaves(lambda up, down: (up - down) / (2 * step) if is_inexact(up) else zeros_like(up), *pair)

    far, near = (there(wide), there(-wide)), (there(narrow), there(-narrow))
    noise = 32 * max(coarse, precision(here)) * _largest((far, here)) / narrow
    _assert_smooth(here, far, near, wide, noise, what)
    rough, fine = central(wide, far), central(narrow, near)
    # The error of the wider step is quadratic in it, and may be all that there is of a derivative that is zero.
    settled = 2 * noise + wide * _largest((far, here)) / max(1.0, _largest(args[i])) ** 2
    assert_close(fine, rough, 0.05, settled, f"{what}: the differences do not settle: try a smaller eps")
    return on_leaves(lambda a, b: b + (b - a) / 15 if is_inexact(b) else b, rough, fine), noise


def _moved(leaf: Any, by: Any) -> Any:
    if isinstance(leaf, np.ndarray):
        return np.asarray(leaf + by, leaf.dtype)
    return type(leaf)(leaf + by)


def _assert_smooth(here: Any, far: Any, near: Any, wide: float, noise: float, what: str) -> None:
    """Fail where the gap between the one-sided differences does not shrink with the step, as on a smooth curve."""

    def gaps(pair: Any, step: float) -> Iterator[Any]:
        for up, middle, down in zip(leaves(pair[0]), leaves(here), leaves(pair[1])):
            if _is_number(middle):
                yield np.abs(np.add(up, down, dtype=complex) - np.multiply(2, middle)) / step

    for at_far, at_near in zip(gaps(far, wide), gaps(near, wide / 4)):
        apart = np.max(at_near, where=(at_near > 0.5 * at_far) & (at_near > 4 * noise), initial=0.0)
        if apart:
            raise AssertionError(f"{what}: not differentiable here: the one-sided differences stay {apart:.6g} apart")


# Assertions.


def assert_is(actual: Any, expected: Any, what: str) -> None:
    """Fail unless two descriptions are equal."""
    if actual != expected:
        raise AssertionError(f"{what}: got {actual!r}, expected {expected!r}")


def assert_cotangent(bar: Any, value: Any, what: str) -> None:
    """Fail unless an adjoint has the structure, shapes and dtypes of the value, and is an array where that is one."""
    assert_is(structure(bar), structure(value), f"structure of the adjoint, {what}")
    for b, leaf in zip(leaves(bar), leaves(value)):
        if np.iscomplexobj(b) and not np.iscomplexobj(leaf):
            raise AssertionError(f"{what}: the adjoint {b!r} of the real value {leaf!r} is complex")
        if is_inexact(leaf):
            assert_is(isinstance(b, np.ndarray), isinstance(leaf, np.ndarray), f"whether {b!r} is an array, {what}")
            assert_is(np.asarray(b).dtype, np.asarray(leaf).dtype, f"dtype of the adjoint of {leaf!r}, {what}")


def assert_adjoint(bar: Any, direction: Any, seed: Any, numeric: Any, rtol: float, atol: float, what: str) -> None:
    """Fail unless an adjoint agrees with a derivative along a direction, relative to the size of the terms."""
    terms = atol + rtol * _mass(seed, numeric)
    assert_close(pairing(bar, direction), pairing(seed, numeric), rtol, terms, what)


def assert_identity(
    bar: Any, direction: Any, dot: Any, what: str, rtol: float = _IDENTITY_RTOL, seed: Any = 1.0
) -> None:
    """Fail unless an adjoint and a tangent agree: ``<x_bar, x_dot> == <out_bar, out_dot>``.

    That is relative to the size of the terms.  Terms that cancel to zero in one mode may leave their rounding in the
    other.
    """
    coarse = precision((bar, dot)) / precision(1.0)
    terms = 1e-4 + _mass(bar, direction) + (0.0 if isinstance(seed, float) else _mass(seed, dot))
    assert_close(pairing(bar, direction), pairing(seed, dot), 0.0, rtol * coarse * terms, what)


def assert_close(actual: Any, expected: Any, rtol: float, atol: float, what: str) -> None:
    """Fail unless two values have one structure and nearly the same numbers; NaN equals NaN alone.

    >>> assert_close((1.0, float("nan")), (1.0 + 1e-9, float("nan")), 1e-6, 0.0, "pair")
    >>> assert_close(float("nan"), 0.0, 1e-6, 1.0, "slope")
    Traceback (most recent call last):
    ...
    AssertionError: slope: got nan, expected 0.0
    """
    assert_is(structure(actual), structure(expected), f"structure, {what}")
    for a, b in zip(leaves(actual), leaves(expected)):
        same = np.all(_near(np.asarray(a), np.asarray(b), rtol, atol)) if _is_number(a) else a == b
        if not same:
            raise AssertionError(f"{what}: got {a!r}, expected {b!r}")


def _near(a: Any, b: Any, rtol: float, atol: float) -> Any:
    """Tell where two arrays agree; the tolerance is relative to the larger, so that their order does not matter."""
    a, b = (x if x.dtype.kind != "b" else x.astype(int) for x in (a, b))
    with np.errstate(invalid="ignore", over="ignore"):
        close = np.abs(a - b) <= atol + rtol * np.maximum(np.abs(a), np.abs(b))
    finite = np.isfinite(a) & np.isfinite(b)
    return np.where(finite, close, (a == b) | (np.isnan(a) & np.isnan(b)))
