"""The operators: functions of functions, that return derivatives."""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from typing import Any, Union, overload

from ast_ad import pipeline
from ast_ad.arguments import Argnums
from ast_ad.custom import defjvp, defvjp, primitive
from ast_ad.derivative import Derivative, applied
from ast_ad.errors import ArgumentError
from ast_ad.familiar import with_known_keywords
from ast_ad.rerun import Rerun
from ast_ad.runtime.gradients import stop_gradient

__all__ = [
    "checkpoint",
    "defjvp",
    "defvjp",
    "elementwise_grad",
    "grad",
    "hessian",
    "hvp",
    "jacobian",
    "jvp",
    "primitive",
    "stop_gradient",
    "value_and_grad",
    "vjp",
]


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


Checkpoint = Union[None, int, str]
_Decorator = Callable[[Callable[..., Any]], Derivative]


@overload
def grad(
    fun: Callable[..., Any], argnums: Argnums = 0, *, has_aux: bool = False, checkpoint: Checkpoint = None
) -> Derivative: ...
@overload
def grad(
    fun: None = None, argnums: Argnums = 0, *, has_aux: bool = False, checkpoint: Checkpoint = None
) -> _Decorator: ...
@with_known_keywords
def grad(
    fun: Callable[..., Any] | None = None, argnums: Argnums = 0, *, has_aux: bool = False, checkpoint: Checkpoint = None
) -> Any:
    """Return the function that computes the gradient of a scalar function.

    Parameters
    ----------
    fun
        A Python function that returns one real number (or an array of one).  Left out, a decorator is returned.
    argnums
        What is differentiated: the position or the name of an argument, or several of them.
    has_aux
        Whether `fun` returns a pair: the number, and anything else, which is handed through.
    checkpoint
        What the reverse sweep computes again rather than find it kept.  None: what costs little.  "every_other": every
        other one of a chain of intermediates, and of the iterations of a loop.  A number: all but the state at so many
        iterations.  "sqrt": as many as the square root of the number of iterations.  See `checkpoint` for functions.

    Returns
    -------
    Derivative
        Takes the arguments of `fun`; returns the derivative by the argument, or a tuple of them if `argnums` is a
        sequence.  With `has_aux` it returns ``(gradient, aux)``.  ``.source`` is its text.

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
    >>> grad(lambda x: (x * x, {"half": x / 2}), has_aux=True)(3.0)
    (6.0, {'half': 1.5})
    """
    decorator = _decorator(grad, fun, argnums=argnums, has_aux=has_aux, checkpoint=checkpoint)
    return decorator if fun is None else Derivative(fun, "grad", argnums, has_aux=has_aux, checkpoint=checkpoint)


@overload
def value_and_grad(
    fun: Callable[..., Any], argnums: Argnums = 0, *, has_aux: bool = False, checkpoint: Checkpoint = None
) -> Derivative: ...
@overload
def value_and_grad(
    fun: None = None, argnums: Argnums = 0, *, has_aux: bool = False, checkpoint: Checkpoint = None
) -> _Decorator: ...
@with_known_keywords
def value_and_grad(
    fun: Callable[..., Any] | None = None, argnums: Argnums = 0, *, has_aux: bool = False, checkpoint: Checkpoint = None
) -> Any:
    """Return the function that computes a scalar function and its gradient, in one go.

    Parameters and errors are those of `grad`.

    Returns
    -------
    Derivative
        Returns ``(value, gradient)``; with `has_aux`, ``((value, aux), gradient)``.

    Examples
    --------
    >>> value_and_grad(lambda x: x * x * x)(2.0)
    (8.0, 12.0)
    >>> value_and_grad(lambda x: (x * x, "done"), has_aux=True)(3.0)
    ((9.0, 'done'), 6.0)
    """
    decorator = _decorator(value_and_grad, fun, argnums=argnums, has_aux=has_aux, checkpoint=checkpoint)
    return (
        decorator if fun is None else Derivative(fun, "value_and_grad", argnums, has_aux=has_aux, checkpoint=checkpoint)
    )


@overload
def elementwise_grad(fun: Callable[..., Any], argnums: Argnums = 0, *, checkpoint: Checkpoint = None) -> Derivative: ...
@overload
def elementwise_grad(fun: None = None, argnums: Argnums = 0, *, checkpoint: Checkpoint = None) -> _Decorator: ...
@with_known_keywords
def elementwise_grad(
    fun: Callable[..., Any] | None = None, argnums: Argnums = 0, *, checkpoint: Checkpoint = None
) -> Any:
    """Return the function that computes the derivative of each element, where no element depends on another.

    It is the gradient of the sum of what `fun` returns, which is an array of any shape.  Where an element of the result
    depends on several elements of the argument, the `jacobian` tells more.  Parameters and errors are those of `grad`.

    Examples
    --------
    >>> import numpy as np
    >>> elementwise_grad(lambda x: x**3)(np.array([1.0, 2.0, 3.0]))
    array([ 3., 12., 27.])
    """
    decorator = _decorator(elementwise_grad, fun, argnums=argnums, checkpoint=checkpoint)
    return decorator if fun is None else Derivative(fun, "elementwise_grad", argnums, checkpoint=checkpoint)


@overload
def jacobian(fun: Callable[..., Any], argnums: Argnums = 0, *, checkpoint: Checkpoint = None) -> Derivative: ...
@overload
def jacobian(fun: None = None, argnums: Argnums = 0, *, checkpoint: Checkpoint = None) -> _Decorator: ...
@with_known_keywords
def jacobian(fun: Callable[..., Any] | None = None, argnums: Argnums = 0, *, checkpoint: Checkpoint = None) -> Any:
    """Return the function that computes the Jacobian.

    It is made by reverse mode: one forward sweep, and a reverse sweep for each element of the result.
    Parameters and errors are those of `grad`, but `fun` may return arrays, and containers of them.

    Returns
    -------
    Derivative
        Returns an array of the shape of the result, followed by that of the argument.  For containers: the structure of
        the result, with that of the argument in each place.

    Examples
    --------
    >>> import numpy as np
    >>> jacobian(lambda x: x[:2] * x[2])(np.array([1.0, 2.0, 3.0]))
    array([[3., 0., 1.],
           [0., 3., 2.]])
    """
    decorator = _decorator(jacobian, fun, argnums=argnums, checkpoint=checkpoint)
    return decorator if fun is None else Derivative(fun, "jacobian", argnums, checkpoint=checkpoint)


@overload
def hessian(fun: Callable[..., Any], argnums: Argnums = 0, *, checkpoint: Checkpoint = None) -> Derivative: ...
@overload
def hessian(fun: None = None, argnums: Argnums = 0, *, checkpoint: Checkpoint = None) -> _Decorator: ...
@with_known_keywords
def hessian(fun: Callable[..., Any] | None = None, argnums: Argnums = 0, *, checkpoint: Checkpoint = None) -> Any:
    """Return the function that computes the matrix of second derivatives: the Jacobian of the gradient.

    Parameters and errors are those of `grad`, but `fun` may return arrays, and containers of them: then it is the
    Jacobian of the Jacobian.

    Returns
    -------
    Derivative
        Returns an array with the argument's shape twice; for several arguments, and containers, the structure of the
        argument with the structure of the argument in each place.

    Examples
    --------
    >>> import numpy as np
    >>> hessian(lambda x: x[0] ** 2 * x[1])(np.array([3.0, 4.0]))
    array([[8., 6.],
           [6., 0.]])
    >>> hessian(lambda x: x**3)(np.ones(2)).shape
    (2, 2, 2)
    """
    decorator = _decorator(hessian, fun, argnums=argnums, checkpoint=checkpoint)
    if fun is None:
        return decorator
    gradient = Derivative(fun, "grad", argnums, checkpoint=checkpoint, any_result=True)
    return Derivative(gradient, "jacobian", argnums, checkpoint=checkpoint)


@overload
def hvp(fun: Callable[..., Any], argnums: Argnums = 0, *, checkpoint: Checkpoint = None) -> Derivative: ...
@overload
def hvp(fun: None = None, argnums: Argnums = 0, *, checkpoint: Checkpoint = None) -> _Decorator: ...
@with_known_keywords
def hvp(fun: Callable[..., Any] | None = None, argnums: Argnums = 0, *, checkpoint: Checkpoint = None) -> Any:
    """Return the function that computes products of the Hessian with vectors, by forward over reverse mode.

    Parameters and errors are those of `grad`.  The Hessian itself is never made: a product costs a few gradients.

    Returns
    -------
    Derivative
        Takes the positional arguments of `fun`, and then the vector, which is structured as the argument (a tuple of
        vectors, if `argnums` is a sequence); returns the product, structured likewise.

    Examples
    --------
    >>> import numpy as np
    >>> hvp(lambda x: x[0] ** 2 * x[1])(np.array([3.0, 4.0]), np.array([1.0, 0.0]))
    array([8., 6.])
    """
    decorator = _decorator(hvp, fun, argnums=argnums, checkpoint=checkpoint)
    if fun is None:
        return decorator
    return Derivative(Derivative(fun, "grad", argnums, checkpoint=checkpoint), "hvp", argnums)


def checkpoint(fun: Callable[..., Any]) -> Rerun:
    """Return a function of which derivatives keep nothing: the reverse sweep runs it again (a decorator).

    What a call needs in memory until the reverse sweep gets there are its arguments, and what it draws: random numbers,
    input, and the results of functions of which nothing is known are kept, and the same when it is run again.

    Parameters
    ----------
    fun
        A Python function, a method, or anything that can be called and differentiated.

    Returns
    -------
    callable
        Does what `fun` does.  Forward mode takes no notice.

    Examples
    --------
    >>> import math
    >>> @checkpoint
    ... def layer(x, w):
    ...     return math.tanh(w * x)
    >>> grad(lambda x: layer(layer(x, 0.5), 2.0))(0.0)
    1.0
    """
    return Rerun(fun)


@with_known_keywords
def jvp(fun: Callable[..., Any], primals: Sequence[Any], tangents: Sequence[Any]) -> tuple[Any, Any]:
    """Return the value of a function and its derivative along a direction (forward mode).

    Parameters
    ----------
    fun
        A Python function.
    primals
        Its positional arguments.
    tangents
        A tangent for each of them, of the same structure and shapes.

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
    return applied(fun, "jvp", (*primals, *tangents), len(primals))  # type: ignore[no-any-return]


@with_known_keywords
def vjp(
    fun: Callable[..., Any], *primals: Any, has_aux: bool = False, checkpoint: Checkpoint = None
) -> tuple[Any, ...]:
    """Return the value of a function and its pullback, which takes cotangents back to the arguments (reverse mode).

    Parameters
    ----------
    fun
        A Python function, which may return numbers, arrays, and containers of them.
    *primals
        Its positional arguments.
    has_aux
        Whether `fun` returns a pair: what is differentiated, and anything else, which is handed through.
    checkpoint
        What the reverse sweep computes again rather than find it kept, as for `grad`.

    Returns
    -------
    tuple
        ``(value, pullback)``, with `has_aux` ``(value, pullback, aux)``.  ``pullback(out_bar)`` takes a cotangent that
        is structured as the value, and returns a tuple with one for each argument, structured as the argument; it is
        None for an argument without floating-point numbers.  It can be called any number of times, and does not see
        what is written to the arguments, or to the value, later.  The text of both sweeps is its ``.source``.

    Raises
    ------
    KindError
        If none of the arguments is a floating-point number.
    UnsupportedSyntaxError, SourceError
        If `fun` cannot be differentiated, or its source cannot be found.

    Examples
    --------
    >>> value, pullback = vjp(lambda x, y: (x * y, x + y), 2.0, 3.0)
    >>> value
    (6.0, 5.0)
    >>> pullback((1.0, 0.0)), pullback((0.0, 1.0))
    ((3.0, 2.0), (1.0, 1.0))
    """
    if not callable(fun):
        raise ArgumentError(f"vjp differentiates a function, not {fun!r}", help="write vjp(fun, x)")
    return applied(fun, "vjp", primals, len(primals), has_aux, checkpoint)  # type: ignore[no-any-return]


for _operator in (checkpoint, grad, value_and_grad, elementwise_grad, jacobian, hessian, hvp, jvp, vjp, stop_gradient):
    setattr(_operator, "__ast_ad_operator__", pipeline.Operator(_operator.__name__))  # noqa: B010 (a function's attribute)
