"""One operation's derivative, in either direction, from the rules."""

from __future__ import annotations

import functools
import inspect
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, NoReturn

import numpy as np

from ast_ad.errors import InternalError, MissingRuleError
from ast_ad.ir import primitives
from ast_ad.ir.broadcasting import is_smaller, is_stretched, may_be_smaller
from ast_ad.ir.kinds import Array, Kind, List, Scalar, dims_of, is_complex, is_inexact
from ast_ad.ir.nodes import Lit, Op, Operand, Var
from ast_ad.rules.expand import Code
from ast_ad.rules.operands import is_literal, kind_of_operand, precision
from ast_ad.rules.registry import MISSING, Rule, find
from ast_ad.runtime import zeros_of

Active = Callable[[Operand], bool]


def pullback(code: Code, op: Op, g: Operand | tuple[Operand, ...], active: Active) -> list[tuple[Var, Operand]]:
    """Write what an operation contributes to the adjoints of its active arguments; `g` is its result's.

    What it contributes may be smaller than the argument, in a way that its kind shows.
    """
    rule = _rule(op, active)
    answer: Any = op.outs[0] if len(op.outs) == 1 else op.outs
    if not isinstance(g, tuple) and _is_mixed(op, active):
        g = _as_precise(code, g)
    special = _matching(rule.vjps, op, active)
    if special is not None:
        if not (rule.smaller or rule.broadcasts):
            g = code.stretched(g, answer) if not isinstance(g, tuple) else tuple(map(code.stretched, g, op.outs))
        bars = _call(code, special, op, (g, answer), active)
        return _contributions(code, op, rule, _paired(op, bars, _names(special, 2)), active)
    assert not isinstance(g, tuple)
    # An argument that stands twice has one partial derivative, their sum: that of `x * x` is `2 * x`.
    sums: dict[Var, Operand] = {}
    partials = _partials(rule, op)
    for arg, partial in _paired(op, _call(code, partials, op, (answer,)), _names(partials, 1)):
        if isinstance(arg, Var) and active(arg) and not _absent(partial):
            if partial is MISSING:
                _refuse_missing(op)
            sums[arg] = code.add(sums[arg], partial) if arg in sums else partial
    return _contributions(code, op, rule, [(arg, code.mul(g, partial)) for arg, partial in sums.items()], active)


def _is_mixed(op: Op, active: Active) -> bool:
    """Tell whether an operation takes an active argument in double precision, and others in a lower one."""
    kinds = [arg.kind for arg in op.args if isinstance(arg, Var) and is_inexact(arg.kind)]
    found = {precision(kind) for kind in kinds if isinstance(kind, (Scalar, Array))}
    return len(found) > 1 and any(active(arg) and _is_double(kind_of_operand(arg)) for arg in op.args)


def _is_double(kind: Kind) -> bool:
    return isinstance(kind, (Scalar, Array)) and is_inexact(kind) and precision(kind) == "float64"


def _as_precise(code: Code, g: Operand) -> Operand:
    """Return an adjoint that is a number, and may be Python's as a seed is, as one that keeps its double precision."""
    kind = kind_of_operand(g)
    if not isinstance(kind, Scalar) or not _is_double(kind):
        return g
    return code.derived(np.complex128 if is_complex(kind) else np.float64, g)


def _contributions(
    code: Code, op: Op, rule: Rule, pairs: Iterable[tuple[Operand, Any]], active: Active
) -> list[tuple[Var, Operand]]:
    """Return what reaches the active arguments, each as an adjoint of its kind."""
    out = op.outs[0]
    found: list[tuple[Var, Operand]] = []
    for arg, bar in pairs:
        if isinstance(arg, Var) and active(arg) and not _absent(bar):
            if bar is MISSING:
                _refuse_missing(op)
            if rule.broadcasts and isinstance(out.kind, Array):
                bar = _of_whole(code, bar, out)
                if is_stretched(arg.kind, out.kind):
                    bar = _unbroadcast(code, bar, arg, out)
            bar = code.as_kind_of(bar, arg.kind)
            if found and found[-1][0] is arg and code.alike(found[-1][1], bar):
                # What reaches an argument that stands twice, as in ``x @ x``.
                found[-1] = (arg, code.mul(Lit(2), bar))
            else:
                found.append((arg, bar))
    return found


def _of_whole(code: Code, bar: Operand, out: Var) -> Operand:
    """Return an adjoint that has the shape of `out`, or is smaller in a way that its kind shows."""
    kind = kind_of_operand(bar)
    if not may_be_smaller(kind, out.kind) or is_smaller(kind, out.kind):
        return bar
    dtype = (Lit(np.complex128),) if is_complex(kind) and not is_complex(out.kind) else ()
    return code.derived(np.full_like, out, bar, *dtype)


def _unbroadcast(code: Code, bar: Operand, arg: Var, out: Var) -> Operand:
    """Add up the adjoint of an operand that broadcasting may have stretched."""
    return bar if is_literal(bar, 0) else code.added_up(bar, arg, out)


def pushforward(code: Code, op: Op, dots: Sequence[Operand | None]) -> Any:
    """Write the tangent of an operation's result, for the tangents of its arguments (None where there is none).

    Returns
    -------
    Operand, None or a tuple of these
        One for each result, if there are several.
    """
    varied = {arg for arg, dot in zip(op.args, dots) if dot is not None}
    rule = _rule(op, varied.__contains__)
    answer: Any = op.outs[0] if len(op.outs) == 1 else op.outs
    special = _matching(rule.jvps, op, varied.__contains__)
    if special is not None:
        tangents = _tangents(op, rule, special, dots)
        total = _call(code, special, op, (*tangents, answer), varied.__contains__)
    elif rule.linearity:
        total = _linear(code, op, rule, dots)
    else:
        total = _weighted(code, op, rule, dots)
    if isinstance(total, tuple):
        return tuple(_finished(code, rule, dot, out) for dot, out in zip(total, op.outs))
    return _finished(code, rule, total, op.outs[0])


def _finished(code: Code, rule: Rule, dot: Any, out: Var) -> Operand | None:
    """Return a tangent of a result's shape and kind."""
    if _absent(dot):
        return None
    if rule.fn is primitives.same and not dims_of(out.kind) and dims_of(kind_of_operand(dot)):
        # The array is a number here.
        dot = code.op(primitives.same, dot)
        dot.kind = out.kind
    if rule.broadcasts and isinstance(out.kind, Array):
        dot = _of_whole(code, dot, out)
    dot = code.stretched(dot, out)
    if len(dims_of(kind_of_operand(dot))) == len(dims_of(out.kind)):
        dot = code.seen_as(dot, dims_of(out.kind))
    return code.as_kind_of(dot, out.kind)


def _tangents(op: Op, rule: Rule, expression: Callable[..., Any], dots: Sequence[Operand | None]) -> list[Any]:
    """Return the tangents that a `jvp` is called with; missing ones are the number 0."""
    positional, named = op.arranged([Lit(0.0) if dot is None else dot for dot in dots])
    wanted = range(len(positional)) if rule.wrt is None else rule.wrt
    names = _names(expression, len(wanted) + 1)
    covered = {names[i] for i in wanted if i < len(names)}
    _, varied = op.arranged([dot is not None for dot in dots])
    if any(name not in covered and any(_flat_values(value)) for name, value in varied.items()):
        _refuse_missing(op)
    return [positional[i] if i < len(positional) else named.get(names[i], Lit(0.0)) for i in wanted]


def _flat_values(value: Any) -> Iterator[Any]:
    if isinstance(value, (tuple, list)):
        for item in value:
            yield from _flat_values(item)
    else:
        yield value is True


@functools.lru_cache(maxsize=4096)
def _names(expression: Callable[..., Any], before: int) -> tuple[str, ...]:
    """Return the names that a rule's expression has for the arguments of the call, after what comes before them."""
    try:
        return tuple(inspect.signature(expression).parameters)[before:]
    except (TypeError, ValueError):
        return ()


def _linear(code: Code, op: Op, rule: Rule, dots: Sequence[Operand | None]) -> Any:
    """Call the operation itself with tangents: with all of them, or with one after the other."""
    _check_options(op, rule.vjps[0][1])
    if rule.linearity == "joint":
        places, named = op.arranged(range(len(op.args)))
        names = _names(rule.vjps[0][1], 2)
        by_position = [*places, *(named.get(name, ()) for name in names[len(places) :])]
        data = {i for position in rule.linear_in for i in _flat(by_position[position])}
        shapes = {i for position in rule.shaped_by for i in _flat(by_position[position])}
        if any(dot is not None and i not in data | shapes for i, dot in enumerate(dots)):
            _refuse_missing(op)
        operands = [_tangent(code, arg, dot) if i in data else arg for i, (arg, dot) in enumerate(zip(op.args, dots))]
        outs = code.derived_all(op.fn, *operands, form=op.form)
        return outs[0] if len(outs) == 1 else outs
    total: Operand | None = None
    for i, dot in enumerate(dots):
        if dot is not None:
            term = code.derived_all(op.fn, *op.args[:i], dot, *op.args[i + 1 :], form=op.form)[0]
            total = term if total is None else code.add(total, term)
    return total


def _check_options(op: Op, bars: Callable[..., Any]) -> None:
    """Refuse a call with options that the rule does not know: forward mode would pass them on."""
    args, kwargs = op.arranged(op.args)
    try:
        inspect.signature(bars).bind(None, None, *args, **kwargs)
    except TypeError as error:
        raise _misfit(op, error) from error


_OWN_NAME = re.compile(r"^[\w.<>]+\(\) ")


def _misfit(op: Op, error: TypeError) -> MissingRuleError:
    name = getattr(op.fn, "__name__", repr(op.fn))
    return MissingRuleError(
        f"the derivative rule of `{name}` does not take this call: {_OWN_NAME.sub('', str(error))}",
        help="leave the option out, or write it with other functions",
        where=op.where,
    )


def _flat(value: Any) -> Iterator[int]:
    if isinstance(value, int):
        yield value
    elif isinstance(value, (tuple, list)):
        for item in value:
            yield from _flat(item)


def _tangent(code: Code, arg: Operand, dot: Operand | None) -> Operand:
    """Return what stands in the place of an argument in a function that is linear in it."""
    if dot is not None:
        return dot
    kind = kind_of_operand(arg)
    if isinstance(kind, List):
        return code.op(zeros_of, arg)
    if isinstance(kind, Array):
        return code.op(np.zeros_like, arg) if is_inexact(kind) else code.op(np.zeros, code.op(np.shape, arg))
    return Lit(0.0)


def _weighted(code: Code, op: Op, rule: Rule, dots: Sequence[Operand | None]) -> Operand | None:
    """Add up the partial derivatives, each times its tangent."""
    partials = _partials(rule, op)
    paired = _paired(op, _call(code, partials, op, (op.outs[0],)), _names(partials, 1))
    total: Operand | None = None
    for (_, partial), dot in zip(paired, dots):
        if dot is not None and not _absent(partial):
            if partial is MISSING:
                _refuse_missing(op)
            term = code.mul(partial, dot)
            total = term if total is None else code.add(total, term)
    return total


def _refuse_missing(op: Op) -> NoReturn:
    raise MissingRuleError(
        f"the derivative rule of `{op.fn.__name__}` does not cover all arguments that are differentiated here",
        help="keep the value out of the derivative, or write it with other functions",
        where=op.where,
    )


def _absent(value: Any) -> bool:
    return value is None or is_literal(value, 0)


def _call(code: Code, rule: Callable[..., Any], op: Op, before: Sequence[Any], active: Active | None = None) -> Any:
    """Call a rule's expression with what comes before the operation's own arguments.

    A rule that writes itself (one of the user's) is told which of these are active.
    """
    write = getattr(rule, "__ast_ad_write__", None)
    if write is not None:
        return write(code, op, before, active)
    args, kwargs = op.arranged(op.args)
    try:
        return code.expand(rule, (*before, *args), kwargs)
    except TypeError as error:
        raise _misfit(op, error) from error


def _paired(op: Op, value: Any, names: Sequence[str]) -> list[tuple[Operand, Any]]:
    """Return each operand with what a rule gives for it.

    A rule gives a tuple with an entry for each argument, itself structured as that argument is; or a single one, for
    the first argument. Arguments that are passed by name have the place that the rule's own `names` tell.
    """
    args, kwargs = op.arranged(op.args)
    if value is None:
        return [(operand, None) for operand in op.args]
    entries = value if isinstance(value, tuple) else (value,)
    places = [*range(len(args)), *(names.index(name) if name in names else len(entries) for name in kwargs)]
    return [
        pair
        for arg, place in zip((*args, *kwargs.values()), places)
        for pair in _matched(arg, entries[place] if place < len(entries) else MISSING)
    ]


def _matched(arg: Any, entry: Any) -> Iterator[tuple[Operand, Any]]:
    if isinstance(arg, (Var, Lit)):
        yield arg, entry
    elif isinstance(arg, (tuple, list)):
        alone = entry is None or entry is MISSING
        entries = (entry,) * len(arg) if alone else entry if isinstance(entry, tuple) else (MISSING,) * len(arg)
        for item, part in zip(arg, entries):
            yield from _matched(item, part)
    elif isinstance(arg, slice):
        yield from _matched((arg.start, arg.stop, arg.step), None)


def _matching(candidates: list[Any], op: Op, active: Active) -> Callable[..., Any] | None:
    first = next((kind_of_operand(arg) for arg in op.args if isinstance(arg, Var) and active(arg)), None)
    for condition, expression in candidates:
        if first is not None and condition(first):
            return expression  # type: ignore[no-any-return]
    return None


def _rule(op: Op, active: Active) -> Rule:
    if any(active(value) for _, value in op.kwargs):
        raise InternalError(f"`{op.fn.__name__}` has active keyword arguments", stage="rules", where=op.where)
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
        return lambda *values, **options: None
    if rule.partials is None:
        name = getattr(op.fn, "__name__", repr(op.fn))
        raise MissingRuleError(f"`{name}` has no derivative rule for arguments of this kind", where=op.where)
    return rule.partials
