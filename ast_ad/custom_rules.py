"""The rules that users give, as the engine asks for them: what to write for an operation, in either direction.

Where a rule is there for one mode alone, the other one comes of it: a pullback is linear in the cotangent, and its own
adjoint is the pushforward; and the other way round.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol, Union

from ast_ad.applied import Steps, abstract, application, placed
from ast_ad.errors import KindError, MissingRuleError
from ast_ad.frontend import dispatch
from ast_ad.frontend.values import is_operand
from ast_ad.frontend.wording import describe
from ast_ad.ir.check import check
from ast_ad.ir.kinds import Array, Unknown, dims_of, is_inexact
from ast_ad.ir.nodes import Lit, Op, Operand, Var, Where
from ast_ad.rules.expand import Code
from ast_ad.rules.operands import is_literal, kind_of_operand
from ast_ad.runtime.gradients import shaped
from ast_ad.transform.reverse import reverse
from ast_ad.transform.simplify import simplify
from ast_ad.trees import flatten, unflatten

Rule = Union[Callable[..., Any], str, None]
Active = Callable[[Operand], bool]


class Ruled(Protocol):
    """A function with rules, by the position of the argument."""

    vjps: dict[int, Rule]
    jvps: dict[int, Rule]

    @property
    def name(self) -> str:
        """The function's name."""

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Call the function."""


class _Written:
    """A rule that writes itself, once it is told which arguments are active."""

    def __init__(self, fn: Ruled) -> None:
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


class Bars(_Written):
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
        """Return the contribution to the adjoint of one argument, by the rule for either mode."""
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


class Dots(_Written):
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
        """Return the contribution of the tangent of one argument to those of the results."""
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
    return dispatch.call(frame, node, dispatch.call(frame, node, fun, [answer, *args], kwargs), [g], {})


def _push(frame: Any, node: Any, fun: Any, values: Sequence[Any]) -> Any:
    dot, answer, args, kwargs = values
    return dispatch.call(frame, node, fun, [dot, answer, *args], kwargs)


_PULL: Steps = _pull
_PUSH: Steps = _push


def _values(first: Any, answer: Any, args: Sequence[Any], kwargs: Mapping[str, Any]) -> list[Any]:
    named = {name: abstract(value) for name, value in kwargs.items()}
    return [abstract(first), abstract(answer), [abstract(arg) for arg in args], named]


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
    if isinstance(have, Unknown) or isinstance(want, Unknown) or is_literal(bar, 0):
        return bar
    own, other = dims_of(have), dims_of(want)
    known = [(a, b) for a, b in zip(own, other) if isinstance(a, int) and isinstance(b, int)]
    if len(own) != len(other) or any(a != b for a, b in known):
        raise KindError(
            f"a rule of the primitive `{name}` returns {describe(bar)} as the derivative of {describe(like)}",
            help="let it return one of the same shape",
            where=where,
        )
    return bar if own == other or not isinstance(have, Array) else code.op(shaped, bar, like)


def _parameter_names(fn: Ruled) -> list[str]:
    try:
        return list(inspect.signature(fn).parameters)
    except (TypeError, ValueError):
        return []
