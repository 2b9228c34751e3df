"""The reverse of a call: a call of the function's reverse sweep, or of one that runs the function again."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from ast_ad.analysis.activity import nothing
from ast_ad.analysis.zeros import may_be_numbers
from ast_ad.ir import primitives
from ast_ad.ir.kinds import Array, Scalar, Unknown
from ast_ad.ir.nodes import Call, Function, Lit, Operand, Var
from ast_ad.rules.expand import Code
from ast_ad.transform.adjoints import Adjoints
from ast_ad.transform.rerun import Drawn

if TYPE_CHECKING:
    from ast_ad.transform.sweep import Sweep


def reverse_call(sweep: Sweep, s: Call, adjoints: Adjoints, code: Code) -> None:
    """Reverse a call of an active function: call its reverse sweep."""
    made, saved = sweep.calls[s]
    if isinstance(made, Drawn):
        _rerun(sweep, s, made, saved, adjoints, code)
        return
    arrived = {i: adjoints.take(s.outs[i]) for i in made.seeded}
    if all(bar is None for bar in arrived.values()):
        return
    seeds = [
        sweep.no_adjoint(code, s.outs[i]) if bar is None else code.stretched(bar, s.outs[i])
        for i, bar in arrived.items()
    ]
    answered = [s.args[i] for i in made.answered]
    outs = tuple(sweep.bar(arg) for arg in answered if isinstance(arg, Var))
    args = (*(s.args[i] for i in made.passed), *saved, *seeds)
    code.statements.append(Call(outs, made.backward, args, s.where))
    sweep.note_numbers(_numbers_or(outs, made.backward), outs)
    for arg, out in zip(answered, outs):
        adjoints.add(code, arg, out)


def _rerun(sweep: Sweep, s: Call, made: Drawn, drawn: tuple[Var, ...], adjoints: Adjoints, code: Code) -> None:
    """Reverse a call that is run again: its reverse sweep adds to the adjoints so far."""
    arrived = [adjoints.take(out) for out in s.outs]
    if all(bar is None for bar in arrived):
        return
    of = tuple(nothing(out.kind) if g is None else sweep.facts.mask(out) for out, g in zip(s.outs, arrived))
    so_far: dict[int, Operand] = {}
    for i, arg in enumerate(s.args):
        bar = adjoints.get(arg) if isinstance(arg, Var) and sweep.facts(arg) else None
        if bar is not None and arg not in s.args[:i]:
            so_far[i] = code.stretched(bar, arg)
    count = len(s.outs) - len(drawn)
    again = sweep.again_of(made, tuple(map(sweep.facts.mask, s.args)), of[:count], tuple(so_far))
    inputs = (*s.args, *drawn)
    args = [_kept(code, inputs[i]) if i < len(s.args) else inputs[i] for i in again.passed]
    seeds = [code.stretched(g, out) for out, g in zip(s.outs, arrived) if g is not None]
    outs = tuple(sweep.bar(arg) for i in again.answered if isinstance(arg := s.args[i], Var))
    code.statements.append(Call(outs, again.function, (*args, *seeds, *so_far.values()), s.where))
    sweep.note_numbers(_numbers_or(outs, again.function), outs)
    for i, out in zip(again.answered, outs):
        if i in so_far:
            adjoints.own[s.args[i]] = out  # type: ignore[index]
        else:
            adjoints.add(code, s.args[i], out)


def _numbers_or(outs: Sequence[Var], function: Function) -> list[Operand]:
    """Return 0 for each adjoint of an array that a reverse sweep may return as a number, else its name."""
    numbers = may_be_numbers(function.body)
    return [
        Lit(0.0) if isinstance(out.kind, Array) and (isinstance(result, Lit) or result in numbers) else out
        for out, result in zip(outs, function.results)
    ]


def _kept(code: Code, operand: Operand) -> Operand:
    """Return what is found of an argument by a function that is run again."""
    numbers = isinstance(operand, Var) and isinstance(operand.kind, (Scalar, Array, Unknown))
    return code.op(primitives.kept, operand, name=operand.name) if numbers and isinstance(operand, Var) else operand
