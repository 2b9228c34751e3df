"""One operation's derivative, in either direction, from the rules."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from ast_ad.errors import InternalError, MissingRuleError
from ast_ad.ir.nodes import Lit, Op, Operand, Var
from ast_ad.rules.expand import Code, is_literal, kind_of_operand
from ast_ad.rules.registry import Rule, find


def pullback(code: Code, op: Op, g: Operand, active: Callable[[Operand], bool]) -> list[tuple[Var, Operand]]:
    """Write what an operation contributes to the adjoints of its active arguments; `g` is its result's."""
    rule = _rule(op, active)
    values = (op.outs[0], *op.args)
    special = _matching(rule.vjps, op, active)
    if special is not None:
        bars = _each(code.expand(special, (g, *values)), op)
        return _contributions(code, zip(op.args, bars), active)
    # An argument that stands twice has one partial derivative, their sum: that of `x * x` is `2 * x`.
    sums: dict[Var, Operand] = {}
    for arg, partial in zip(op.args, _each(code.expand(_partials(rule, op), values), op)):
        if isinstance(arg, Var) and active(arg) and not _absent(partial):
            sums[arg] = code.add(sums[arg], partial) if arg in sums else partial
    return _contributions(code, ((arg, code.mul(g, partial)) for arg, partial in sums.items()), active)


def _contributions(
    code: Code, pairs: Iterable[tuple[Operand, Operand | None]], active: Callable[[Operand], bool]
) -> list[tuple[Var, Operand]]:
    """Return what reaches the active arguments, each as an adjoint of its kind."""
    return [
        (arg, code.as_kind_of(bar, arg.kind))
        for arg, bar in pairs
        if isinstance(arg, Var) and active(arg) and bar is not None and not _absent(bar)
    ]


def pushforward(code: Code, op: Op, dots: Sequence[Operand | None]) -> Operand | None:
    """Write the tangent of an operation's result, for the tangents of its arguments (None where there is none)."""
    varied = {arg for arg, dot in zip(op.args, dots) if dot is not None}
    rule = _rule(op, varied.__contains__)
    out = op.outs[0]
    special = _matching(rule.jvps, op, varied.__contains__)
    if special is not None:
        tangents = [Lit(0.0) if dot is None else dot for dot in dots]
        total = code.expand(special, (*tangents, out, *op.args))
        return None if _absent(total) else code.as_kind_of(total, out.kind)
    partials = _each(code.expand(_partials(rule, op), (out, *op.args)), op)
    sum_so_far: Operand | None = None
    for dot, partial in zip(dots, partials):
        if dot is not None and not _absent(partial):
            term = code.mul(partial, dot)
            sum_so_far = term if sum_so_far is None else code.add(sum_so_far, term)
    return None if sum_so_far is None else code.as_kind_of(sum_so_far, out.kind)


def _absent(value: Any) -> bool:
    return value is None or is_literal(value, 0)


def _each(value: Any, op: Op) -> list[Any]:
    each = list(value) if isinstance(value, tuple) else [value] * len(op.args)
    if len(each) < len(op.args):  # There may be more: of arguments that are left to their defaults.
        message = f"the rule of `{op.fn.__name__}` gives {len(each)} derivatives for {len(op.args)} arguments"
        raise InternalError(message, stage="rules")
    return each


def _matching(candidates: list[Any], op: Op, active: Callable[[Operand], bool]) -> Callable[..., Any] | None:
    first = next((kind_of_operand(arg) for arg in op.args if isinstance(arg, Var) and active(arg)), None)
    for condition, expression in candidates:
        if first is not None and condition(first):
            return expression  # type: ignore[no-any-return]
    return None


def _rule(op: Op, active: Callable[[Operand], bool]) -> Rule:
    if len(op.outs) != 1 or any(active(value) for _, value in op.kwargs):
        raise InternalError(f"`{op.fn.__name__}` has several results, or active keyword arguments", stage="rules")
    rule = find(op.fn)
    if rule is None or (rule.partials is None and not rule.vjps and not rule.inactive):
        name = getattr(op.fn, "__name__", repr(op.fn))
        raise MissingRuleError(
            f"`{name}` has no derivative rule, and a value that is differentiated reaches it",
            help="write it with functions that have one, or keep the value out of the derivative",
            where=op.where,
        )
    return rule


def _partials(rule: Rule, op: Op) -> Callable[..., Any]:
    if rule.inactive:
        return lambda *values: None
    if rule.partials is None:
        name = getattr(op.fn, "__name__", repr(op.fn))
        raise MissingRuleError(f"`{name}` has no derivative rule for arguments of this kind", where=op.where)
    return rule.partials
