"""Indices that name no element twice: what is added there is `x[index] += value`, else `np.add.at(x, index, value)`."""

from __future__ import annotations

import operator

import numpy as np

from ast_ad.ir.kinds import Array
from ast_ad.ir.nodes import Function, Lit, Op, Operand, Var, walk
from ast_ad.trees import holds_list


class Repeats:
    """Tells which updates in a function may name an element twice, as an array of integers can."""

    def __init__(self, function: Function) -> None:
        self.distinct: set[Operand] = set()
        for s in walk(function.body):
            if isinstance(s, Op) and (_counts(s) or self.is_part(s)):
                self.distinct.add(s.outs[0])

    def is_part(self, s: Op) -> bool:
        """Tell whether an operation returns a slice of integers that are there once."""
        return s.fn is operator.getitem and s.args[0] in self.distinct and not any(map(_is_advanced, s.args[1:]))

    def __call__(self, s: Op) -> bool:
        """Tell whether an update may.

        Of several arrays of one length, one without repetitions is enough: they are taken element by element.
        """
        if s.form is not None and holds_list(s.form.args[1]):
            return True
        kinds = [i.kind for i in s.args[1:-1] if isinstance(i, Var) and isinstance(i.kind, Array)]
        if all(kind.dtype == "bool" for kind in kinds):
            return False
        several = len({(kind.dtype == "bool", kind.dims) for kind in kinds}) > 1
        return several or self.distinct.isdisjoint(s.args[1:-1])


def _is_advanced(index: Operand) -> bool:
    return isinstance(index, Var) and isinstance(index.kind, Array)


def _counts(s: Op) -> bool:
    """Tell whether an operation returns integers from 0 on, each once: as a vector."""
    if s.fn is np.arange:
        return s.form is None and not s.kwargs and all(map(_not_negative, s.args[:-1])) and len(s.args) <= 2
    vector = isinstance(s.outs[0].kind, Array) and s.outs[0].kind.ndim == 1 if s.outs else False
    return s.fn is np.argsort and vector


def _not_negative(operand: Operand) -> bool:
    return isinstance(operand, Lit) and isinstance(operand.value, int) and operand.value >= 0
