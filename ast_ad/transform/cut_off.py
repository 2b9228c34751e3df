"""Tangents that are zero because a value was cut off, and what is computed of these.

    y = max(0.0, x)                         y = max(0.0, x)
    y_dot = x_dot if x > 0.0 else 0.0       r = math.sqrt(y)
    r = math.sqrt(y)                 to     if x > 0.0:
    r_dot = 1 / (2 * r) * y_dot                 r_dot = 1 / (2 * r) * x_dot
                                            else:
                                                r_dot = 0.0

The slope of what is computed from a value that was cut off may be infinite, which Python's numbers report as a division
by zero; on that path nobody asks for it.  For the reverse sweep, `ast_ad.transform.sinking` does this.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import NamedTuple

from ast_ad.ir import primitives
from ast_ad.ir.nodes import Block, If, Lit, Op, Operand, Statement, Var
from ast_ad.rules.operands import is_literal
from ast_ad.transform.sinking import is_movable, may_fail


class Cut(NamedTuple):
    """What a tangent is zero by: a test, and what that is then."""

    test: Var
    when: bool


class CutOff:
    """The tangents of one function that are zero on some paths."""

    def __init__(self) -> None:
        self._cuts: dict[Operand, tuple[Cut, ...]] = {}
        self._live: dict[Operand, Operand] = {}

    def meet(self, test: Operand, outs: Sequence[Var], then: Sequence[Operand], orelse: Sequence[Operand]) -> None:
        """Note the tangents that a branch hands out, and that are zero on one of its sides."""
        if isinstance(test, Var):
            for out, one, other in zip(outs, then, orelse):
                zero = is_literal(one, 0)
                if zero != is_literal(other, 0):
                    self._cuts[out] = (Cut(test, zero),)

    def common(self, dots: Sequence[Operand]) -> tuple[Cut, ...]:
        """Return what all of these tangents are zero by."""
        first, *others = [self._cuts.get(dot, ()) for dot in dots]
        return tuple(cut for cut in first if all(cut in cuts for cuts in others))

    def note(self, dot: Operand, cuts: tuple[Cut, ...], written: Sequence[Statement]) -> None:
        """Note a tangent, and what those are zero by that it is computed of; `written` computes it."""
        own = next((s for s in written if isinstance(s, Op) and s.fn is primitives.select and s.outs == (dot,)), None)
        test, *values = own.args if own is not None else (None,)
        if isinstance(test, Var):
            zeros = [is_literal(value, 0) for value in values]
            if zeros[0] != zeros[1]:
                cuts += (Cut(test, zeros[0]),)
                live = values[zeros[0]]
                if set(cuts) == {*self._cuts.get(live, ()), cuts[-1]}:
                    self._live[dot] = self._live.get(live, live)
        if cuts:
            self._cuts[dot] = cuts

    def within(
        self, dot: Operand, cuts: Sequence[Cut], dots: Sequence[Operand], written: Sequence[Statement]
    ) -> list[Statement] | None:
        """Return what computes a tangent of others, as branches that compute it only where it is not zero.

        None where it need not be: it cannot fail, or is no number.
        """
        ops = [s for s in written if isinstance(s, Op) and is_movable(s)]
        if not cuts or len(ops) < len(written) or not any(map(may_fail, ops)) or not isinstance(dot, Var):
            return None
        inner = Var(dot.kind)
        become: dict[Operand, Operand] = {dot: inner}
        become |= {each: self._live[each] for each in dots if each in self._live and set(self._cuts[each]) == set(cuts)}
        statements: list[Statement] = [_renamed(s, become) for s in ops]
        for i, cut in enumerate(reversed(cuts)):
            out = dot if i == len(cuts) - 1 else Var(dot.kind)
            sides = Block((), (), (Lit(0.0),)), Block((), tuple(statements), (inner,))
            then, orelse = sides if cut.when else sides[::-1]
            statements, inner = [If((out,), cut.test, then, orelse, ops[-1].where)], out
        return statements


def _renamed(s: Op, become: Mapping[Operand, Operand]) -> Op:
    args = tuple(become.get(arg, arg) for arg in s.args)
    outs = tuple(out for each in s.outs if isinstance(out := become.get(each, each), Var))
    return replace(s, outs=outs, args=args)
