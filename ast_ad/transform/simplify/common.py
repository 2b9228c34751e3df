"""Common subexpressions: which earlier operation computes the same.

Two operations are the same if they call the same callable with the same operands. Only values that cannot be written
to are shared: an operation that draws, that works on a stack or makes one, or that makes an array to be filled is
never merged with another.
"""

from __future__ import annotations

import operator
from collections.abc import Hashable, Iterator
from contextlib import contextmanager

from ast_ad.analysis.copies import identity
from ast_ad.analysis.effects import own_effects
from ast_ad.ir.kinds import STRING, Array, List, Scalar, Shape, Unknown
from ast_ad.ir.nodes import Lit, Op, Operand, Var

_COMMUTATIVE = (operator.add, operator.mul)


class Expressions:
    """The operations that dominate a place, by what they compute."""

    def __init__(self) -> None:
        self._known: dict[Hashable, tuple[Var, ...]] = {}
        self._added: list[Hashable] = []

    @contextmanager
    def scope(self) -> Iterator[None]:
        """Forget, at the end, what was found inside: it does not dominate what follows."""
        mark = len(self._added)
        yield
        for key in self._added[mark:]:
            del self._known[key]
        del self._added[mark:]

    def earlier(self, op: Op) -> tuple[Var, ...] | None:
        """Return the outs of an earlier operation that computes the same; where there is none, remember this one."""
        if not _is_shareable(op):
            return None
        kwargs = tuple((name, identity(value)) for name, value in op.kwargs)
        args = tuple(map(identity, op.args))
        key = (op.fn, args, kwargs, op.form)
        found = self._known.get(key)
        if found is None and op.fn in _COMMUTATIVE and all(map(_is_number, op.args)):
            found = self._known.get((op.fn, args[::-1], kwargs, op.form))
        if found is None:
            self._known[key] = op.outs
            self._added.append(key)
        return found


def _is_shareable(op: Op) -> bool:
    return all(map(_is_immutable, op.outs)) and all(map(_is_immutable, op.args)) and not own_effects(op)


def _is_immutable(operand: Operand) -> bool:
    """Tell whether a value is never written to: updates of arrays make new ones, as far as the IR is concerned."""
    if not isinstance(operand, Var):
        return True
    return isinstance(operand.kind, (Scalar, Array, List, Shape, Unknown)) or operand.kind == STRING


def _is_number(operand: Operand) -> bool:
    return isinstance(operand, (Var, Lit)) and isinstance(operand.kind, Scalar)
