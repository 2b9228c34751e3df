"""Arrays that stand where none is: of zeros, in the shape that the variable's kind promises.

What takes its shape from a variable on a path where that has no value, as ``np.zeros_like(x)`` may in a derivative of a
derivative, gets the right one.
"""

from __future__ import annotations

import builtins
import operator
from collections.abc import Iterable

import numpy as np

from ast_ad.ir.kinds import Array, Dim
from ast_ad.ir.nodes import Form, Lit, Op, Operand, Statement, Var
from ast_ad.rules.dims import Formula, formula
from ast_ad.rules.expand import Code
from ast_ad.transform.ranges import integer

_WRITTEN = {"+": operator.add, "*": operator.mul, "/": operator.floordiv}


def placeholder(kind: Array, around: Iterable[Var], before: list[Statement]) -> Var:
    """Return an array of a kind, made by operations that go to `before`.

    Parameters
    ----------
    around
        Arrays that are there, from which lengths are taken. A length that none has is 1: it belongs to a loop, whose
        turns may differ in it, so that nothing is taken to have the shape of the turn before.
    """
    array = Var(kind, "nothing")
    there = [var for var in around if isinstance(var.kind, Array)]
    alike = next((var for var in there if var.kind == kind), None)
    if alike is not None and kind.ndim:
        before.append(Op((array,), np.zeros_like, (alike,)))
        return array
    lengths = _Lengths(there)
    dims = [lengths.of(dim) or Lit(1) for dim in kind.dims]
    before += lengths.code.statements
    if all(isinstance(dim, Lit) for dim in dims):
        before.append(Op((array,), np.zeros, (Lit(tuple(dim.value for dim in dims if isinstance(dim, Lit))),)))
    else:
        operands, form = Form.of((tuple(dims),), {}, lambda value: isinstance(value, (Var, Lit)))
        before.append(Op((array,), np.zeros, tuple(operands), form=form))
    return array


class _Lengths:
    """Writes lengths, computed from those of arrays."""

    def __init__(self, there: Iterable[Var]) -> None:
        self.code = Code()
        self.places: dict[Dim, tuple[Var, int]] = {}
        for var in there:
            assert isinstance(var.kind, Array)
            for axis, dim in enumerate(var.kind.dims):
                self.places.setdefault(dim, (var, axis))

    def of(self, dim: Formula) -> Operand | None:
        """Return a length; None where it is not known."""
        if isinstance(dim, int):
            return Lit(dim)
        if isinstance(dim, str):
            if dim in self.places:
                var, axis = self.places[dim]
                return self.code.op(operator.getitem, self.code.op(np.shape, var), Lit(axis))
            steps = formula(dim)
            return None if steps == dim else self.of(steps)
        sign, left, right = dim
        x = self.of(left)
        if isinstance(right, slice):
            return None if x is None else self.part(x, right)
        y = self.of(right)
        if x is None or y is None:
            return None
        if sign == "|":
            return self.code.op(builtins.max, x, y)
        if sign == "-":
            return self.code.op(builtins.max, integer(self.code, operator.sub, x, y), Lit(0))
        return integer(self.code, _WRITTEN[sign], x, y)

    def part(self, whole: Operand, limits: slice) -> Operand | None:
        """Return the length of a slice; None where its limits are computed."""
        if not all(each is None or isinstance(each, int) for each in (limits.start, limits.stop, limits.step)):
            return None
        places = self.code.op(np.arange, whole)
        operands, form = Form.of((places, limits), {}, lambda value: isinstance(value, (Var, int)))
        index = [Lit(each) for each in operands[1:]]
        return self.code.op(np.size, self.code.op(operator.getitem, places, *index, form=form))
