"""Rules that users give: functions that are opaque to differentiation, and their derivatives as Python functions.

The derivatives are lowered like any other code when a transform needs them (`ast_ad.applied`), and become part of what it
makes: so they are differentiated in turn, in either mode. Where a rule is there for one mode alone, the other one comes
of it: a pullback is linear in the cotangent, and its own adjoint is the pushforward, and the other way round.
"""

from __future__ import annotations

import contextvars
import functools
import inspect
import itertools
import types
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Union

from ast_ad.applied import Steps, application, assume, placed
from ast_ad.errors import ArgumentError, AutodiffError, KindError, MissingRuleError
from ast_ad.frontend import calls
from ast_ad.frontend.guards import Held, Member, SameValue
from ast_ad.frontend.values import Known, describe, is_operand
from ast_ad.ir.check import check
from ast_ad.ir.kinds import Array, Kind, Unknown, dims_of, is_inexact
from ast_ad.ir.nodes import Form, Lit, Op, Operand, Var, Where
from ast_ad.rules.expand import Code, kind_of_operand
from ast_ad.rules.registry import always, jvp, vjp
from ast_ad.rules.trial import Result, trial
from ast_ad.runtime import shaped
from ast_ad.transform.reverse import reverse
from ast_ad.transform.simplify import simplify
from ast_ad.trees import flatten, unflatten

Rule = Union[Callable[..., Any], str, None]
Active = Callable[[Operand], bool]


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
        vjp(self, _Bars(self), when=always, kind=self.kinds, views=True)
        jvp(self, _Dots(self), when=always)

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
        values = [[_abstract(arg) for arg in args], {name: _abstract(value) for name, value in kwargs.items()}]
        made = application(self.fun, values, lambda frame, node, fun, given: calls.call(frame, node, fun, *given))
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
        leaves, form = Form.of(args, kwargs, _is_leaf)
        literals = [None if isinstance(leaf, _KINDS) else (leaf,) for leaf in leaves]
        kinds = [leaf if literal is None else Lit(leaf).kind for leaf, literal in zip(leaves, literals)]
        try:
            return trial(self.fun, kinds, literals, form)
        except Exception as error:
            raise TypeError(
                f"cannot tell what the primitive {self.name}() returns for {', '.join(map(str, kinds))}: its body cannot "
                f"be lowered, and on samples it fails with {type(error).__name__}: {error}"
            ) from error


_RUNNING: contextvars.ContextVar[frozenset[Primitive]] = contextvars.ContextVar("primitives at work", default=frozenset())
_KINDS = tuple(Kind.__args__)  # type: ignore[attr-defined]


def _is_leaf(value: Any) -> bool:
    return isinstance(value, (*_KINDS, bool, int, float, complex))


def _abstract(value: Any) -> Any:
    """Return a kind, or a constant, as an abstract value."""
    if isinstance(value, _KINDS):
        return Var(value)
    if isinstance(value, (bool, int, float, complex)):
        return Lit(value)
    if type(value) in (tuple, list):
        return type(value)(map(_abstract, value))
    return value if is_operand(value) else Known(value)


def primitive(fun: Callable[..., Any]) -> Primitive:
    """Make a function opaque to differentiation: derivatives call it as it is, and take its derivatives from rules.

    The rules are given with `defvjp` and `defjvp`; one of them is enough for both modes.  It returns a number, an array,
    or a tuple of several of these.

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
        One for each argument: ``lambda g, ans, *args: ...`` gets the tangent of the argument, the result and the arguments,
        and returns the tangent of the result.  ``"same"`` says that the function is linear in the argument: it is called
        with the tangent in its place.  None says that the derivative is zero.
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


# The rules, as the engine asks for them.


class _Written:
    """A rule that writes itself, once it is told which arguments are active."""

    def __init__(self, fn: Primitive) -> None:
        self.fn = fn

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        raise TypeError("the rule of a primitive is lowered, not called")

    def missing(self, op: Op, position: int) -> MissingRuleError:
        """Return the error that there is no derivative by an argument."""
        names = _parameter_names(self.fn)
        which = f"`{names[position]}`" if position < len(names) else str(position)
        return MissingRuleError(
            f"the primitive `{self.fn.name}` has no derivative by its argument {which}",
            help=f"give it: ast_ad.defvjp({self.fn.name}, lambda ans, ...: lambda g: ..., argnums=[{position}])",
            where=op.where,
        )


class _Bars(_Written):
    """Reverse mode."""

    def __ast_ad_write__(self, code: Code, op: Op, before: Sequence[Any], active: Active) -> Any:
        """Write what the active arguments get of a cotangent: an entry for each positional argument."""
        g, answer = before
        args, kwargs = op.arranged(op.args)
        return tuple(
            self.bar(code, op, i, g, answer, args, kwargs) if any(map(active, _leaves(arg))) else None
            for i, arg in enumerate(args)
        )

    def bar(
        self, code: Code, op: Op, i: int, g: Any, answer: Any, args: Sequence[Any], kwargs: Mapping[str, Any]
    ) -> Any:
        maker, dot = self.fn.vjps.get(i, _MISSING), self.fn.jvps.get(i, _MISSING)
        if maker is None or (maker is _MISSING and dot is None):
            return None
        if callable(maker):
            values = _values(g, answer, args, kwargs)
            found = application(maker, values, _PULL).results(code, flatten(values, is_operand)[0])
        elif callable(dot):
            found = _transposed(code, dot, _PUSH, args[i], _leaves(g), answer, args, kwargs)
        else:
            raise self.missing(op, i)
        leaves, tree = flatten(args[i], is_operand)
        if len(found) != len(leaves):
            raise KindError(
                f"the rule of `{self.fn.name}` returns {len(found)} numbers for an argument of {len(leaves)}",
                help="let it return a cotangent that is structured as the argument",
                where=op.where,
            )
        bars = [_fitting(code, bar, leaf, self.fn.name, op.where) for bar, leaf in zip(found, leaves)]
        return bars[0] if is_operand(args[i]) else _as_tuples(unflatten(tree, bars))


class _Dots(_Written):
    """Forward mode."""

    def __ast_ad_write__(self, code: Code, op: Op, before: Sequence[Any], active: Active) -> Any:
        """Write the tangent of the result, for those of the positional arguments."""
        *tangents, answer = before
        args, kwargs = op.arranged(op.args)
        totals: list[Operand | None] = [None] * len(op.outs)
        for i, (arg, dot) in enumerate(zip(args, tangents)):
            if any(map(active, _leaves(arg))):
                found = self.dot(code, op, i, dot, answer, args, kwargs)
                for k, term in enumerate(found):
                    fit = _fitting(code, term, op.outs[k], self.fn.name, op.where)
                    total = totals[k]
                    totals[k] = fit if total is None else code.add(total, fit)
        return totals[0] if len(totals) == 1 else tuple(totals)

    def dot(
        self, code: Code, op: Op, i: int, dot: Any, answer: Any, args: Sequence[Any], kwargs: Mapping[str, Any]
    ) -> Sequence[Operand]:
        rule, maker = self.fn.jvps.get(i, _MISSING), self.fn.vjps.get(i, _MISSING)
        if rule is None or (rule is _MISSING and maker is None):
            return ()
        leaves = [code.stretched(each, like) for each, like in zip(_leaves(dot), _leaves(args[i]))]
        if rule == "same":
            first = sum(len(_leaves(arg)) for arg in args[:i])
            given = [*op.args[:first], *leaves, *op.args[first + len(leaves) :]]
            return code.derived_all(op.fn, *given, form=op.form)
        if callable(rule):
            dot = unflatten(flatten(args[i], is_operand)[1], leaves)
            values = _values(dot, answer, args, kwargs)
            found = application(rule, values, _PUSH).results(code, flatten(values, is_operand)[0])
        elif callable(maker):
            found = _transposed(code, maker, _PULL, _structured(op), leaves, answer, args, kwargs)
        else:
            raise self.missing(op, i)
        if len(found) != len(op.outs):
            raise KindError(
                f"the rule of `{self.fn.name}` returns {len(found)} tangents for {len(op.outs)} results",
                help="let it return a tangent that is structured as the result",
                where=op.where,
            )
        return found


_MISSING: Any = object()


def _pull(frame: Any, node: Any, fun: Any, values: Sequence[Any]) -> Any:
    g, answer, args, kwargs = values
    return calls.call(frame, node, calls.call(frame, node, fun, [answer, *args], kwargs), [g], {})


def _push(frame: Any, node: Any, fun: Any, values: Sequence[Any]) -> Any:
    dot, answer, args, kwargs = values
    return calls.call(frame, node, fun, [dot, answer, *args], kwargs)


_PULL: Steps = _pull
_PUSH: Steps = _push


def _values(first: Any, answer: Any, args: Sequence[Any], kwargs: Mapping[str, Any]) -> list[Any]:
    named = {name: _abstract(value) for name, value in kwargs.items()}
    return [_abstract(first), _abstract(answer), [_abstract(arg) for arg in args], named]


def _transposed(
    code: Code,
    rule: Callable[..., Any],
    steps: Steps,
    like: Any,
    seeds: Sequence[Operand],
    answer: Any,
    args: Sequence[Any],
    kwargs: Mapping[str, Any],
) -> list[Operand]:
    """Write the adjoint of a rule, which is linear in what comes first; `like` is what that is a derivative of."""
    leaves, tree = flatten(like, is_operand)
    first = [Var(kind_of_operand(leaf), "g") if is_inexact(kind_of_operand(leaf)) else Lit(0.0) for leaf in leaves]
    made = application(rule, _values(unflatten(tree, first), answer, args, kwargs), steps)
    function = check(simplify(made.function), "rule")
    unknown = [i for i, each in enumerate(first) if isinstance(each, Var)]
    adjoint = simplify(reverse(function, range(len(unknown)), name=f"{function.name}_adjoint", shaped=True))
    zeros = [code.stretched(Lit(0.0), leaves[i]) for i in unknown]
    others = [each for each in flatten(_values(None, answer, args, kwargs)[1:], is_operand)[0] if isinstance(each, Var)]
    seeded = [seed for seed, result in zip(seeds, function.results) if is_inexact(kind_of_operand(result))]
    found = iter(placed(code, adjoint, [*zeros, *others, *made.outside(code), *seeded]))
    return [next(found) if isinstance(each, Var) else each for each in first]


def _structured(op: Op) -> Any:
    return op.outs[0] if len(op.outs) == 1 else op.outs


def _leaves(value: Any) -> list[Operand]:
    return flatten(value, is_operand)[0]


def _as_tuples(value: Any) -> Any:
    return tuple(map(_as_tuples, value)) if isinstance(value, (tuple, list)) else value


def _fitting(code: Code, bar: Operand, like: Operand, name: str, where: Where | None) -> Operand:
    """Return a derivative that a rule gives, which has to have the shape of what it belongs to."""
    have, want = kind_of_operand(bar), kind_of_operand(like)
    if isinstance(bar, Lit) and bar.value == 0 or isinstance(have, Unknown) or isinstance(want, Unknown):
        return bar
    own, other = dims_of(have), dims_of(want)
    known = [(a, b) for a, b in itertools.zip_longest(own, other) if a is None or b is None or {type(a), type(b)} == {int}]
    if any(a != b for a, b in known):
        raise KindError(
            f"a rule of the primitive `{name}` returns {describe(bar)} as the derivative of {describe(like)}",
            help="let it return one of the same shape",
            where=where,
        )
    return bar if own == other or not isinstance(have, Array) else code.op(shaped, bar, like)


def _parameter_names(fn: Primitive) -> list[str]:
    try:
        return list(inspect.signature(fn).parameters)
    except (TypeError, ValueError):
        return []
