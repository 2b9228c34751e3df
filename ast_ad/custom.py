"""Functions that are opaque to differentiation, and their derivatives as Python functions of the user's.

The derivatives are lowered like any other code when a transform needs them (`ast_ad.applied`), and become part of what
it makes: so they are differentiated in turn, in either mode.
"""

from __future__ import annotations

import contextvars
import functools
import types
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from ast_ad.applied import KINDS, abstract, application, assume, is_constant_or_kind
from ast_ad.custom_rules import Bars, Dots, Rule
from ast_ad.errors import ArgumentError, AutodiffError
from ast_ad.frontend import dispatch
from ast_ad.frontend.guards import SameValue
from ast_ad.frontend.paths import Held, Member
from ast_ad.frontend.values import is_operand
from ast_ad.frontend.wording import describe
from ast_ad.ir.nodes import Form, Lit
from ast_ad.rules.operands import kind_of_operand
from ast_ad.rules.registry import always, jvp, vjp
from ast_ad.rules.trial import Result, trial
from ast_ad.trees import unflatten


class Primitive:
    """A function that derivatives call as it is; its own derivatives are what `defvjp` and `defjvp` say.

    Attributes
    ----------
    fun
        The function itself.
    vjps, jvps
        The rules, by the position of the argument.
    version
        How many times rules have been given: what was made with older ones is not used any more.
    """

    def __init__(self, fun: Callable[..., Any]) -> None:
        functools.update_wrapper(self, fun)
        self.fun = fun
        self.vjps: dict[int, Rule] = {}
        self.jvps: dict[int, Rule] = {}
        self.version = 0
        vjp(self, Bars(self), when=always, kind=self.kinds, views=True)
        jvp(self, Dots(self), when=always)

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        return self.fun(*args, **kwargs)

    def __get__(self, instance: Any, owner: type | None = None) -> Any:
        """Bind to an instance, as a function does."""
        return self if instance is None else types.MethodType(self, instance)

    def __reduce__(self) -> str:
        """Pickle by name."""
        return getattr(self, "__qualname__", type(self).__name__)

    def __repr__(self) -> str:
        return f"<primitive {self.name}>"

    @property
    def name(self) -> str:
        """The function's name."""
        return getattr(self.fun, "__name__", repr(self.fun))

    def kinds(self, *args: Any, **kwargs: Any) -> Result:
        """Return what it returns for arguments of these kinds, or of these values where they are constants.

        Its body tells, where that can be lowered; else it is tried on samples.
        """
        assume(SameValue(Member(Held(self), "version"), self.version))
        running = _RUNNING.get()
        if self not in running:
            token = _RUNNING.set(running | {self})
            try:
                return self._kinds_by_lowering(args, kwargs)
            except AutodiffError:
                pass  # Its body is not made to be differentiated: that is why it is a primitive.
            finally:
                _RUNNING.reset(token)
        return self._kinds_by_trial(args, kwargs)

    def _kinds_by_lowering(self, args: Sequence[Any], kwargs: Mapping[str, Any]) -> Result:
        values = [[abstract(arg) for arg in args], {name: abstract(value) for name, value in kwargs.items()}]
        made = application(self.fun, values, lambda frame, node, fun, given: dispatch.call(frame, node, fun, *given))
        result = unflatten(made.tree, made.function.results)
        if is_operand(result):
            return kind_of_operand(result)
        if type(result) is not tuple or len(result) < 2 or not all(map(is_operand, result)):
            raise TypeError(
                f"the primitive {self.name}() returns {describe(result)}: it has to return a number, an array, or a "
                "tuple of several of these"
            )
        return tuple(map(kind_of_operand, result))

    def _kinds_by_trial(self, args: Sequence[Any], kwargs: Mapping[str, Any]) -> Result:
        leaves, form = Form.of(args, kwargs, is_constant_or_kind)
        literals = [None if isinstance(leaf, KINDS) else (leaf,) for leaf in leaves]
        kinds = [leaf if literal is None else Lit(leaf).kind for leaf, literal in zip(leaves, literals)]
        try:
            return trial(self.fun, kinds, literals, form)
        except Exception as error:
            raise TypeError(
                f"cannot tell what the primitive {self.name}() returns for {', '.join(map(str, kinds))}: its body "
                f"cannot be lowered, and on samples it fails with {type(error).__name__}: {error}"
            ) from error


_RUNNING: contextvars.ContextVar[frozenset[Primitive]] = contextvars.ContextVar("primitives", default=frozenset())


def primitive(fun: Callable[..., Any]) -> Primitive:
    """Make a function opaque to differentiation: derivatives call it as it is, and take its derivatives from rules.

    The rules are given with `defvjp` and `defjvp`; one of them is enough for both modes.  The function returns a
    number, an array, or a tuple of several of these.

    Examples
    --------
    >>> import math
    >>> import ast_ad
    >>> @primitive
    ... def softplus(x):
    ...     return math.log1p(math.exp(x))
    >>> defvjp(softplus, lambda ans, x: lambda g: g / (1 + math.exp(-x)))
    >>> ast_ad.grad(softplus)(0.0), ast_ad.grad(ast_ad.grad(softplus))(0.0)
    (0.5, 0.25)
    """
    if not callable(fun):
        raise ArgumentError(f"primitive takes a function, not {fun!r}", help="write @primitive before a function")
    return fun if isinstance(fun, Primitive) else Primitive(fun)


def defvjp(fun: Any, *makers: Callable[..., Any] | None, argnums: Sequence[int] | None = None) -> None:
    """Give the derivatives of a primitive for reverse mode.

    Parameters
    ----------
    fun
        A function that `primitive` has been applied to.
    *makers
        One for each argument: ``lambda ans, *args: lambda g: ...`` gets the result and the arguments, and returns the
        function that takes a cotangent of the result back to that of the argument, which has the argument's shape.
        None says that the derivative is zero.
    argnums
        The positions of the arguments that they are for; 0, 1, 2, ... by default.

    Examples
    --------
    >>> import ast_ad
    >>> @primitive
    ... def scaled(x, factor):
    ...     return x * factor
    >>> defvjp(scaled, lambda ans, x, factor: lambda g: g * factor, None)
    >>> ast_ad.grad(scaled, (0, 1))(3.0, 2.0)
    (2.0, 0.0)
    """
    _declare("defvjp", fun, makers, argnums).vjps = dict(zip(_positions(makers, argnums), makers))


def defjvp(fun: Any, *rules: Callable[..., Any] | str | None, argnums: Sequence[int] | None = None) -> None:
    """Give the derivatives of a primitive for forward mode.

    Parameters
    ----------
    fun
        A function that `primitive` has been applied to.
    *rules
        One for each argument: ``lambda g, ans, *args: ...`` gets the tangent of the argument, the result and the
        arguments, and returns the tangent of the result.  ``"same"`` says that the function is linear in the argument:
        it is called with the tangent in its place.  None says that the derivative is zero.
    argnums
        The positions of the arguments that they are for; 0, 1, 2, ... by default.

    Examples
    --------
    >>> import ast_ad
    >>> @primitive
    ... def product(x, y):
    ...     return x * y
    >>> defjvp(product, "same", lambda g, ans, x, y: x * g)
    >>> ast_ad.jvp(product, (2.0, 3.0), (1.0, 10.0))
    (6.0, 23.0)
    """
    _declare("defjvp", fun, rules, argnums).jvps = dict(zip(_positions(rules, argnums), rules))


def _declare(operator: str, fun: Any, rules: Sequence[Rule], argnums: Sequence[int] | None) -> Primitive:
    """Check a declaration, and count it."""
    if not isinstance(fun, Primitive):
        raise ArgumentError(f"{operator} takes a primitive, not {fun!r}", help="write @primitive before the function")
    if argnums is not None and len(argnums) != len(rules):
        raise ArgumentError(f"{operator} got {len(rules)} rules for {len(argnums)} argnums", help="give one for each")
    for rule in rules:
        if not (rule is None or callable(rule) or (rule == "same" and operator == "defjvp")):
            raise ArgumentError(f"{operator} takes functions and None, not {rule!r}", help="give a function")
    fun.version += 1
    return fun


def _positions(rules: Sequence[Rule], argnums: Sequence[int] | None) -> Sequence[int]:
    return range(len(rules)) if argnums is None else argnums
