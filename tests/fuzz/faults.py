"""Faults to plant in the engine, one at a time: the tester of random programs must find every one of them.

Most are changes of the IR that the reverse transform returns: well-formed code, with a mistake that a person could have
made there.
"""

from __future__ import annotations

import functools
import itertools
import math
import operator
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, replace
from typing import Any

from ast_ad.backend.emit import Chunk
from ast_ad.ir.kinds import INT, is_inexact
from ast_ad.ir.nodes import UNDEF, Block, Function, If, Lit, Loop, Note, Op, Operand, Pop, Push, Statement, Var, walk
from ast_ad.ir.rebuild import Substitution
from ast_ad.rules.registry import find
from ast_ad.rules.tracing import _traceable

Plant = Callable[[], AbstractContextManager[None]]
Change = Callable[[Statement], Sequence[Statement]]


@dataclass(frozen=True)
class Fault:
    """A mistake, and the context in which the engine makes it; only programs with `needs` in their text can show it."""

    name: str
    planted: Plant
    needs: str = ""


# Where faults are planted.


@contextmanager
def instead(module: str, name: str, other: Callable[..., Any]) -> Iterator[None]:
    """Let every module of ast_ad that knows a function call another, which gets the original one first."""
    original = getattr(sys.modules[module], name)
    as_part_of_a_rule(other)

    @functools.wraps(original)
    def damaged(*args: Any, **kwargs: Any) -> Any:
        return other(original, *args, **kwargs)

    places = [
        (each, attribute)
        for each in list(sys.modules.values())
        if each.__name__.partition(".")[0] == "ast_ad"
        for attribute, value in vars(each).items()
        if value is original
    ]
    for place in places:
        setattr(*place, damaged)
    _traceable.cache_clear()
    try:
        yield
    finally:
        for place in places:
            setattr(*place, original)
        _traceable.cache_clear()


def as_part_of_a_rule(function: Callable[..., Any]) -> Callable[..., Any]:
    """Let the rules' expressions follow into a function, as into the helpers that live beside them."""
    function.__module__ = "ast_ad.rules"
    return function


def after(module: str, name: str, damage: Callable[..., Any]) -> AbstractContextManager[None]:
    """Let `damage` change what a function returns."""
    return instead(module, name, lambda original, *args, **kwargs: damage(original(*args, **kwargs)))


@contextmanager
def wrong_partials(fn: Callable[..., Any], partials: Callable[..., Any]) -> Iterator[None]:
    """Let the rule of a function have other partial derivatives."""
    rule = find(fn)
    assert rule is not None
    original = rule.partials
    rule.partials = partials
    try:
        yield
    finally:
        rule.partials = original


def in_reverse(name: str, damage: Callable[[Function], Function], needs: str = "") -> Fault:
    return Fault(name, lambda: after("ast_ad.transform.reverse", "reverse", damage), needs)


def in_text(name: str, damage: Callable[[str], str]) -> Fault:
    def of_chunk(chunk: Chunk) -> Chunk:
        return replace(chunk, definitions=damage(chunk.definitions))

    return Fault(name, lambda: after("ast_ad.backend.emit", "chunk", of_chunk))


# Changing IR.


def split(function: Function) -> tuple[tuple[Statement, ...], tuple[Statement, ...]]:
    """Return the statements of the forward and of the reverse sweep."""
    statements = function.body.statements
    at = next(i for i, s in enumerate(statements) if isinstance(s, Note) and s.text == "reverse sweep")
    return statements[:at], statements[at:]


def _changed(block: Block, change: Change) -> Block:
    return replace(block, statements=_all_changed(block.statements, change))


def _all_changed(statements: Sequence[Statement], change: Change) -> tuple[Statement, ...]:
    """Apply a change to statements and to those inside them, innermost first."""
    made: list[Statement] = []
    for s in statements:
        if isinstance(s, If):
            s = replace(s, then=_changed(s.then, change), orelse=_changed(s.orelse, change))
        elif isinstance(s, Loop):
            s = replace(s, body=_changed(s.body, change))
        made += change(s)
    return tuple(made)


def reverse_sweep(function: Function, change: Change) -> Function:
    forward, sweep = split(function)
    return with_statements(function, (*forward, *_all_changed(sweep, change)))


def with_statements(function: Function, statements: tuple[Statement, ...]) -> Function:
    return replace(function, body=replace(function.body, statements=statements))


def _is_bar(var: Var) -> bool:
    return var.name.endswith("_bar")


# The mistakes.


def _drop_a_contribution(function: Function) -> Function:
    """The last sum of two adjoints keeps the first alone."""
    _, sweep = split(function)
    sums = [s for s in walk(Block((), sweep, ())) if isinstance(s, Op) and s.fn is operator.add and _is_bar(s.outs[0])]

    def change(s: Statement) -> Sequence[Statement]:
        return [replace(s, args=(s.args[0], Lit(0.0)))] if sums and s is sums[-1] else [s]

    return reverse_sweep(function, change)


def _overwrite_in_loops(function: Function) -> Function:
    """An adjoint that a loop should add to is overwritten."""

    def change(s: Statement) -> Sequence[Statement]:
        if not isinstance(s, Loop):
            return [s]
        carried = set(s.carried)

        def overwrite(inner: Statement) -> Sequence[Statement]:
            adds = isinstance(inner, Op) and inner.fn is operator.add and inner.args[0] in carried
            return [replace(inner, args=(Lit(0.0), inner.args[1]))] if adds else [inner]

        return [replace(s, body=_changed(s.body, overwrite))]

    return reverse_sweep(function, change)


def _lose_a_trip(function: Function) -> Function:
    """A reversed loop starts one iteration late."""

    def change(s: Statement) -> Sequence[Statement]:
        if not isinstance(s, Loop) or s.range is None:
            return [s]
        start, stop, step = s.range
        late = Var(INT)
        return [Op((late,), operator.add, (start, step)), replace(s, range=(late, stop, step))]

    return reverse_sweep(function, change)


def _swap_branches(function: Function) -> Function:
    """A reversed branch takes the other side."""

    def change(s: Statement) -> Sequence[Statement]:
        return [replace(s, then=s.orelse, orelse=s.then)] if isinstance(s, If) else [s]

    return reverse_sweep(function, change)


def _forget_the_loop(function: Function) -> Function:
    """The reverse sweep reads, for a value that a loop computed, the value before the loop."""
    forward, sweep = split(function)
    stale: dict[Var, Operand] = {}
    for s in forward:
        if isinstance(s, Loop):
            known = ((out, init) for out, init in zip(s.outs, s.inits) if init is not UNDEF)
            stale.update((out, init) for out, init in known if is_inexact(out.kind))
    substitute = Substitution(stale)
    sweep = tuple(substitute.statement(s) for s in sweep)
    return replace(function, body=Block((), (*forward, *sweep), substitute.all(function.results)))


def _count_the_seed_twice(function: Function) -> Function:
    """The adjoint of the result starts as twice the seed."""
    forward, sweep = split(function)
    doubles = [Op((Var(seed.kind, seed.name),), operator.add, (seed, seed)) for seed, _ in function.defaults]
    substitute = Substitution({op.args[0]: op.outs[0] for op in doubles})  # type: ignore[misc]
    rest = tuple(substitute.statement(s) for s in sweep[1:])
    return replace(function, body=Block((), (*forward, sweep[0], *doubles, *rest), substitute.all(function.results)))


def _start_at_one(function: Function) -> Function:
    """The adjoint that a reversed loop carries starts at one where nothing has arrived."""

    def change(s: Statement) -> Sequence[Statement]:
        if not isinstance(s, Loop):
            return [s]
        return [replace(s, inits=tuple(Lit(1.0) if _is_zero(init) else init for init in s.inits))]

    return reverse_sweep(function, change)


def _is_zero(operand: Operand) -> bool:
    return isinstance(operand, Lit) and isinstance(operand.value, float) and operand.value == 0.0


def _forget_what_a_loop_carries(function: Function) -> Function:
    """The first adjoint that a reversed loop carries never changes."""

    def change(s: Statement) -> Sequence[Statement]:
        if not isinstance(s, Loop) or not s.carried:
            return [s]
        go, _, *others = s.body.yields
        return [replace(s, body=replace(s.body, yields=(go, s.carried[0], *others)))]

    return reverse_sweep(function, change)


def _save_too_late(function: Function) -> Function:
    """A loop saves what its variables are after the iteration, not before."""

    def change(s: Statement) -> Sequence[Statement]:
        if not isinstance(s, Loop):
            return [s]
        after_it = dict(zip(s.carried, s.body.yields[1:]))
        pushes = [inner for inner in s.body.statements if isinstance(inner, Push)]
        late = [replace(push, values=tuple(after_it.get(value, value) for value in push.values)) for push in pushes]
        others = tuple(inner for inner in s.body.statements if not isinstance(inner, Push))
        return [replace(s, body=replace(s.body, statements=(*others, *late)))]

    forward, sweep = split(function)
    return with_statements(function, (*_all_changed(forward, change), *sweep))


def _swap_saved_values(function: Function) -> Function:
    """Of two values that were saved together, each is taken for the other."""

    def change(s: Statement) -> Sequence[Statement]:
        if not isinstance(s, Pop) or len(s.outs) < 2 or s.outs[0].kind != s.outs[1].kind:
            return [s]
        return [replace(s, outs=(s.outs[1], s.outs[0], *s.outs[2:]))]

    return reverse_sweep(function, change)


def _lose_adjoints_of_stacks(function: Function) -> Function:
    """What is popped from a stack of adjoints counts as zero: wrong from the second order on only."""
    adjoint_stacks = {
        s.outs[0] for s in split(function)[1] if isinstance(s, Op) and s.outs and s.outs[0].name.endswith("stack_bar")
    }

    def change(s: Statement) -> Sequence[Statement]:
        if not isinstance(s, Pop) or s.stack not in adjoint_stacks:
            return [s]
        taken = tuple(Var(out.kind, out.name) for out in s.outs)
        zeros = [Op((out,), operator.mul, (value, Lit(0.0))) for out, value in zip(s.outs, taken)]
        return [replace(s, outs=taken), *zeros]

    return reverse_sweep(function, change)


def _number_the_text() -> Callable[[str], str]:
    numbers = itertools.count()
    return lambda text: f"{text}\n# {next(numbers)}\n"


FAULTS = (
    in_reverse("dropped contribution", _drop_a_contribution),
    in_reverse("missing accumulation in a loop", _overwrite_in_loops),
    in_reverse("lost trip count", _lose_a_trip),
    in_reverse("branch adjoints swapped", _swap_branches),
    in_reverse("stale value after a loop", _forget_the_loop),
    in_reverse("seed counted twice", _count_the_seed_twice),
    in_reverse("wrong zero", _start_at_one),
    in_reverse("forgotten loop-carried adjoint", _forget_what_a_loop_carries),
    in_reverse("saved too late", _save_too_late),
    in_reverse("saved values swapped", _swap_saved_values),
    in_reverse("adjoints of stacks lost", _lose_adjoints_of_stacks),
    in_text("wrong stack order", lambda text: text.replace(".pop()", ".pop(0)")),
    in_text("text that changes", _number_the_text()),
    Fault("wrong partial in a rule", lambda: wrong_partials(math.cos, lambda y, x: math.sin(x))),
    Fault("partials swapped in a rule", lambda: wrong_partials(operator.mul, lambda z, x, y: (x, y))),
)
