"""Adjoints of numbers that would leave as arrays without dimensions.

Most functions of NumPy make a number of such an array; some do not, `np.where` for one.  Inside a derivative that does
not matter: the next operation makes one of it.  The adjoint of a number has to leave as a number.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from ast_ad.ir import primitives
from ast_ad.ir.kinds import Scalar
from ast_ad.ir.nodes import Call, Function, If, Loop, Op, Operand, Statement, Var, blocks, defined

_MAKE_ARRAYS: frozenset[Any] = frozenset(
    (
        *(np.array, np.asarray, np.broadcast_to, np.choose, np.full, np.full_like, np.ones, np.ones_like, np.reshape),
        *(np.select, np.squeeze, np.tensordot, np.where, np.zeros, np.zeros_like),
    )
)
"""Functions that make an array without dimensions, where others make a number."""

_KEEP: frozenset[Any] = frozenset(
    [primitives.astype, primitives.copy, primitives.imag, primitives.kept, primitives.real, primitives.same]
)
"""Functions whose result is an array without dimensions if their argument is one."""


class Makers:
    """What defines the variables of some statements."""

    def __init__(self, statements: Iterable[Statement]) -> None:
        self._made: dict[Var, Statement] = {}
        self._note(statements)

    def _note(self, statements: Iterable[Statement]) -> None:
        for statement in statements:
            self._made.update(dict.fromkeys(defined(statement), statement))
            for block in blocks(statement):
                self._note(block.statements)

    def may_be_array(self, operand: Operand, inside: frozenset[Function] = frozenset()) -> bool:
        """Tell whether what looks like a number may be an array without dimensions.

        Functions that are looked into already, or are still to be defined, are not looked into.
        """
        seen: set[Var] = set()
        pending = [operand]
        while pending:
            var = pending.pop()
            if not isinstance(var, Var) or var in seen or not isinstance(var.kind, Scalar):
                continue
            seen.add(var)
            made = self._made.get(var)
            if isinstance(made, Op) and made.fn in _MAKE_ARRAYS:
                return True
            if isinstance(made, Op) and made.fn in _KEEP:
                pending.append(made.args[0])
            elif isinstance(made, (If, Loop)):
                pending += _sources(made, made.outs.index(var))
            elif isinstance(made, Call):
                function, place = made.function, made.outs.index(var)
                if function in inside or len(function.results) <= place:
                    continue
                makers = Makers(function.body.statements)
                if makers.may_be_array(function.results[place], inside | {function}):
                    return True
        return False


def _sources(made: If | Loop, place: int) -> list[Operand]:
    if isinstance(made, If):
        return [made.then.yields[place], made.orelse.yields[place]]
    return [made.inits[place], made.body.yields[place + 1]]
