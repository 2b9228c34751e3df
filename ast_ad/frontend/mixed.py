"""Numbers that are of one class on some paths and of another one on others.

    best = 0
    for x in xs:
        if x > limit:
            best = x
    return isinstance(best, int)

After the loop `best` has the kind that holds both, `float`, which is all that computing with it needs.  What its class
is, and its text, is known only when it runs.  So where a program asks for these, it is lowered again, `exactly`:
constants stay of the class that they are written in, and the class is asked for when it runs.
"""

from __future__ import annotations

import contextlib
import contextvars
import itertools
import operator
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from ast_ad.ir.kinds import BOOL, INT, Kind, Scalar, join
from ast_ad.ir.nodes import Lit, Operand, Var

Kinds = frozenset[Kind]


class Asked(Exception):
    """Unwinds all of lowering: the class of a number is asked for that is of one or another."""


@dataclass
class _Facts:
    """What is known of the numbers of one lowering, and whether their classes were found to matter."""

    exactly: bool
    kinds: dict[Var, Kinds] = field(default_factory=dict)


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
    """Return the kinds that a number may be of when it runs."""
    found = _facts().kinds.get(operand) if isinstance(operand, Var) else None
    return frozenset({operand.kind}) if found is None else found  # type: ignore[union-attr]


def are_several(operand: Any) -> bool:
    """Tell whether a number may be of several classes."""
    return isinstance(operand, Var) and operand in _facts().kinds


def note(out: Operand, kinds: Kinds) -> None:
    """Note the kinds that a number may be of, unless that is the one that it has."""
    if isinstance(out, Var) and kinds != {out.kind} and all(isinstance(kind, Scalar) for kind in (out.kind, *kinds)):
        _facts().kinds[out] = kinds


def note_same(outs: Sequence[Any], operands: Sequence[Any]) -> None:
    """Note that variables are of the classes that operands have, one by one."""
    for out, operand in zip(outs, operands):
        if are_several(operand):
            note(out, kinds_of(operand))


def note_met(out: Operand, a: Operand, b: Operand) -> None:
    """Note of a variable that it holds one number or another."""
    if isinstance(out, Var) and out is not a and out is not b:
        note(out, kinds_of(a) | kinds_of(b))


def note_result(fn: Callable[..., Any], args: Sequence[Operand], out: Operand) -> None:
    """Note the class of what is computed of such numbers."""
    if fn not in _KEEPING or not isinstance(out, Var) or not all(isinstance(arg, (Var, Lit)) for arg in args):
        return
    found = [kinds_of(arg) for arg in args]
    if fn in (max, min):
        note(out, frozenset().union(*found))
    elif any(len(kinds) > 1 for kinds in found):
        joined = (_joined(each) for each in itertools.product(*found))
        note(out, frozenset(kind for kind in joined if kind is not None))


def _joined(kinds: Sequence[Kind]) -> Kind | None:
    """Return the kind of the sum of numbers."""
    result: Kind | None = INT
    for kind in kinds:
        result = None if result is None else join(result, INT if kind == BOOL else kind)
    return result


_KEEPING: frozenset[Any] = frozenset(
    {
        *(operator.add, operator.sub, operator.mul, operator.floordiv, operator.mod, operator.pow),
        *(operator.neg, operator.pos, operator.abs, abs, max, min),
    }
)
"""Operations whose results are integers if all that they are given are."""


def asks(value: Any) -> None:
    """Let lowering start again, exactly, where it matters which class a number is of."""
    facts = _facts()
    if are_several(value) and not facts.exactly and any(not kind.numpy for kind in facts.kinds[value]):  # type: ignore[union-attr]
        raise Asked
