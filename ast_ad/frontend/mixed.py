"""Numbers that are of one class on some paths and of another one on others.

    best = 0
    for x in xs:
        if x > limit:
            best = x
    return isinstance(best, int)

After the loop `best` has the kind that holds both, `float`, which is all that computing with it needs.  What its class
is, and its text, is known only when it runs.  So where a program asks for these, it is lowered again, `exactly`:
constants stay of the class that they are written in, and the class is asked for when it runs.  The same is noted of the
numbers in lists, and of arrays, whose dtype follows from them (`ast_ad.frontend.mixed_results`).
"""

from __future__ import annotations

import contextlib
import contextvars
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from ast_ad.ir.kinds import Array, Kind, List, Scalar, is_inexact
from ast_ad.ir.nodes import Lit, Operand, Var

Kinds = frozenset[Kind]


class Asked(Exception):
    """Unwinds all of lowering: the class of a number is asked for that is of one or another."""


@dataclass
class _Facts:
    """What is known of the numbers of one lowering, and whether their classes were found to matter."""

    exactly: bool
    kinds: dict[Var, Kinds] = field(default_factory=dict)
    constants: dict[int, tuple[Lit, Kinds]] = field(default_factory=dict)


_FACTS: contextvars.ContextVar[_Facts] = contextvars.ContextVar("numbers of several classes")


@contextlib.contextmanager
def noted(*, exactly: bool) -> Iterator[None]:
    """Note the numbers that may be of several classes, within the ``with`` statement, which is one lowering."""
    token = _FACTS.set(_Facts(exactly))
    try:
        yield
    finally:
        _FACTS.reset(token)


def _facts() -> _Facts:
    return _FACTS.get(_Facts(exactly=False))


def is_exact() -> bool:
    """Tell whether constants are to stay of the class that they are written in."""
    return _facts().exactly


def kinds_of(operand: Operand) -> Kinds:
    """Return the kinds that a number, the items of a list or the elements of an array may be of when it runs."""
    facts = _facts()
    if isinstance(operand, Var) and operand in facts.kinds:
        return facts.kinds[operand]
    if isinstance(operand, Lit) and id(operand) in facts.constants:
        return facts.constants[id(operand)][1]
    return own_kinds(operand)


def own_kinds(operand: Operand) -> Kinds:
    """Return the kind that an operand has, or the numbers in it."""
    kind = operand.kind  # type: ignore[union-attr]
    return frozenset({number_in(kind) or kind})


def number_in(kind: Kind) -> Scalar | None:
    """Return the kind of a number, of the numbers in a list, or of the elements of an array; None if there are none."""
    while isinstance(kind, List):
        kind = kind.item
    if isinstance(kind, Array):
        return Scalar(kind.dtype, numpy=True)
    return kind if isinstance(kind, Scalar) else None


def with_number(kind: Kind, number: Kind) -> Kind:
    """Return a kind with another one for the numbers in it."""
    if isinstance(kind, List):
        return List(with_number(kind.item, number))
    if isinstance(kind, Array):
        return Array(np.dtype(number.dtype).name, kind.dims)  # type: ignore[union-attr]
    return number


def are_several(operand: Any) -> bool:
    """Tell whether a number, or those in a list or an array, may be of several classes."""
    return isinstance(operand, Var) and operand in _facts().kinds


def may_be_integers(operand: Any) -> bool:
    """Tell whether an array has another dtype on some paths: one of integers."""
    return are_several(operand) and isinstance(operand.kind, Array) and not all(map(is_inexact, kinds_of(operand)))


def note(out: Operand, kinds: Kinds) -> None:
    """Note the kinds that a number, or those in a list or an array, may be of, unless that is the one that it has."""
    number = number_in(out.kind) if isinstance(out, Var) else None
    if number is not None and kinds != {number} and all(isinstance(kind, Scalar) for kind in kinds):
        _facts().kinds[out] = kinds  # type: ignore[index]


def note_constant(constant: Lit, kinds: Kinds) -> None:
    """Note that a constant stands for one of another class."""
    _facts().constants[id(constant)] = constant, kinds


def note_same(outs: Sequence[Any], operands: Sequence[Any]) -> None:
    """Note that variables are of the classes that operands have, one by one."""
    for out, operand in zip(outs, operands):
        if are_several(operand):
            note(out, kinds_of(operand))


def note_met(out: Operand, a: Operand, b: Operand) -> None:
    """Note of a variable that it holds one number or another."""
    if isinstance(out, Var) and out is not a and out is not b:
        note(out, kinds_within(a, out) | kinds_within(b, out))


def kinds_within(operand: Operand, out: Var) -> Kinds:
    """Return what `out` may be of where it holds an operand; the number that starts a sum of arrays tells nothing."""
    number = isinstance(out.kind, Array) and not isinstance(operand.kind, Array)  # type: ignore[union-attr]
    return frozenset() if number else kinds_of(operand)


def ask() -> None:
    """Let lowering start again, exactly, unless it does so already."""
    if not is_exact():
        raise Asked


def asks(value: Any) -> None:
    """Let lowering start again, exactly, where it matters which class a number is of."""
    if are_several(value):
        ask()
