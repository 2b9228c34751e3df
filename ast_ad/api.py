"""The operators: functions of functions, that return derivatives."""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from typing import Any, overload

from ast_ad import pipeline
from ast_ad.arguments import Argnums
from ast_ad.derivative import Derivative
from ast_ad.errors import ArgumentError, KindError
from ast_ad.trees import flatten
from ast_ad.ir.kinds import is_inexact, kind_of


def _decorator(operator: Callable[..., Any], fun: Any, **options: Any) -> Any:
    """Apply `operator`, or return a decorator that does: ``@grad`` and ``@grad(argnums=1)``."""
    if fun is None:
        return functools.partial(operator, **options)
    if not callable(fun):
        raise ArgumentError(
            f"{operator.__name__} differentiates a function, not {fun!r}",
            help=f"write {operator.__name__}(fun, argnums=...) or @{operator.__name__}(argnums=...)",
        )
    return None


@overload
def grad(fun: Callable[..., Any], argnums: Argnums = 0) -> Derivative: ...
@overload
def grad(fun: None = None, argnums: Argnums = 0) -> Callable[[Callable[..., Any]], Derivative]: ...
def grad(fun: Callable[..., Any] | None = None, argnums: Argnums = 0) -> Any:
    """Return the function that computes the gradient of a scalar function.

    Parameters
    ----------
    fun
        A Python function that returns one real number.  Left out, a decorator is returned.
    argnums
        What is differentiated: the position or the name of an argument, or several of them.

    Returns
    -------
    Derivative
        Takes the arguments of `fun`; returns the derivative by the argument, or a tuple of them if `argnums` is a
        sequence.  ``.source`` is its text.

    Raises
    ------
    ArgumentError
        If `argnums` does not fit the function.
    UnsupportedSyntaxError, SourceError
        If `fun` cannot be differentiated, or its source cannot be found.

    Examples
    --------
    >>> def area(width, height):
    ...     return width * height
    >>> grad(area, argnums=(0, 1))(2.0, 3.0)
    (3.0, 2.0)
    """
    decorator = _decorator(grad, fun, argnums=argnums)
    return decorator if fun is None else Derivative(fun, "grad", argnums)


@overload
def value_and_grad(fun: Callable[..., Any], argnums: Argnums = 0) -> Derivative: ...
@overload
def value_and_grad(fun: None = None, argnums: Argnums = 0) -> Callable[[Callable[..., Any]], Derivative]: ...
def value_and_grad(fun: Callable[..., Any] | None = None, argnums: Argnums = 0) -> Any:
    """Return the function that computes a scalar function and its gradient, in one go.

    Parameters and errors are those of `grad`.

    Returns
    -------
    Derivative
        Returns ``(value, gradient)``.

    Examples
    --------
    >>> value_and_grad(lambda x: x * x * x)(2.0)
    (8.0, 12.0)
    """
    decorator = _decorator(value_and_grad, fun, argnums=argnums)
    return decorator if fun is None else Derivative(fun, "value_and_grad", argnums)


def jvp(fun: Callable[..., Any], primals: Sequence[Any], tangents: Sequence[Any]) -> tuple[Any, Any]:
    """Return the value of a function and its derivative along a direction (forward mode).

    Parameters
    ----------
    fun
        A Python function.
    primals
        Its positional arguments.
    tangents
        A tangent for each of them, of the same structure.

    Returns
    -------
    tuple
        ``(value, tangent)``.

    Raises
    ------
    ArgumentError, KindError
        If a tangent does not fit its argument.
    UnsupportedSyntaxError, SourceError
        If `fun` cannot be differentiated, or its source cannot be found.

    Examples
    --------
    >>> jvp(lambda x, y: x * y, (2.0, 3.0), (1.0, 0.0))
    (6.0, 3.0)
    """
    if not callable(fun):
        raise ArgumentError(f"jvp differentiates a function, not {fun!r}", help="write jvp(fun, (x,), (x_dot,))")
    if not isinstance(primals, Sequence) or not isinstance(tangents, Sequence):
        raise ArgumentError("jvp takes a tuple of primals and one of tangents", help="write jvp(fun, (x,), (x_dot,))")
    if len(primals) != len(tangents):
        raise ArgumentError(
            f"{len(primals)} primals and {len(tangents)} tangents", help="give one tangent for each argument"
        )
    for i, (primal, tangent) in enumerate(zip(primals, tangents)):
        _check_tangent(i, primal, tangent)
    return Derivative(fun, "jvp", range(len(primals)))(*primals, *tangents)  # type: ignore[no-any-return]


def _check_tangent(position: int, primal: Any, tangent: Any) -> None:
    """Refuse a tangent of another structure than its argument, and one of an integer that is not zero."""
    (values, tree), (dots, dotted) = flatten(primal), flatten(tangent)
    if values and tree != dotted:
        raise ArgumentError(
            f"the tangent of argument {position} is {tangent!r}, and the argument is {primal!r}",
            help="give a tangent of the same structure",
        )
    if any(not is_inexact(kind_of(value)) and dot != 0 for value, dot in zip(values, dots)):
        raise KindError(
            f"argument {position} is {primal!r}: only floating-point numbers have a tangent",
            help="pass a float (3.0, not 3), or a tangent of 0",
        )


for _operator in (grad, value_and_grad, jvp):
    setattr(_operator, "__ast_ad_operator__", pipeline.Operator(_operator.__name__))  # noqa: B010 (a function's attribute)
