"""What an update subtracts, where the IR adds what is negated: ``x_bar[i] -= g`` for ``x_bar[i] += -g``.

What is negated is read later then.  A number is the same there, and so is an array that no update has changed since.
"""

from __future__ import annotations

import operator
from collections import Counter
from collections.abc import Iterator

from ast_ad.ir.kinds import Scalar
from ast_ad.ir.nodes import Block, Function, Lit, Op, Operand, Statement, Var, blocks, defined, mentioned, walk
from ast_ad.rules.arrays import is_update
from ast_ad.rules.registry import find
from ast_ad.rules.repeats import Repeats
from ast_ad.runtime import add_at


def subtracted(function: Function, repeats: Repeats) -> dict[Var, Operand]:
    """Return what is negated in the variables that are read once, by an update that can subtract it."""
    uses = Counter([*function.results, *(operand for s in walk(function.body) for operand in mentioned(s))])
    negations = {s.outs[0]: s for s in walk(function.body) if isinstance(s, Op) and s.fn is operator.neg}
    found: dict[Var, Operand] = {}
    for block in _each_block(function.body):
        steps = _Steps(block)
        for end, s in enumerate(block.statements):
            value = s.args[-1] if isinstance(s, Op) and s.fn is add_at and not repeats(s) else None
            negation = negations.get(value) if isinstance(value, Var) and uses[value] == 1 else None
            if negation is not None:
                (arg,) = negation.args
                if isinstance(arg, Lit) or _is_number(arg) or steps.keep(arg, negation, end):
                    found[negation.outs[0]] = arg
    return found


def _is_number(operand: Operand) -> bool:
    return isinstance(operand, Var) and isinstance(operand.kind, Scalar)


def _each_block(block: Block) -> Iterator[Block]:
    yield block
    for s in walk(block):
        yield from blocks(s)


class _Steps:
    """The statements of a block, and where in it memory was made."""

    def __init__(self, block: Block) -> None:
        self.statements = block.statements
        self.made = {out: i for i, s in enumerate(block.statements) for out in defined(s)}

    def keep(self, array: Operand, negation: Op, end: int) -> bool:
        """Tell whether what stands between a negation in this block and its use leaves the array as it is."""
        start = self.made.get(negation.outs[0])
        return start is not None and all(self._keeps(s, array) for s in self.statements[start + 1 : end])

    def _keeps(self, s: Statement, array: Operand) -> bool:
        """Tell whether a statement changes no array in place, or one that can be no part of this one.

        Each of two arrays is a new one then, or was there before the other one was made.
        """
        if not (isinstance(s, Op) and is_update(s.fn)):
            return not any(
                isinstance(inner, Op) and is_update(inner.fn) for block in blocks(s) for inner in walk(block)
            )
        own, other = self._origin(array), self._origin(s.args[0])
        if own is other:
            return False
        is_older = self._place(other) < self._place(own)
        return self._is_new(own) and (is_older or self._is_new(other))

    def _place(self, operand: Operand) -> int:
        """Return the number of the statement that has made an operand; -1 for what was there before the block."""
        return self.made.get(operand, -1) if isinstance(operand, Var) else -1

    def _origin(self, operand: Operand) -> Operand:
        """Return the array that one is a view of, or has become by updates, as far as this block tells."""
        while isinstance(operand, Var) and operand in self.made:
            s = self.statements[self.made[operand]]
            if not isinstance(s, Op) or self._is_new(operand):
                break
            operand = s.args[0]
        return operand

    def _is_new(self, operand: Operand) -> bool:
        """Tell whether an operation of this block has made an array: not a view of another one, nor an update."""
        place = self._place(operand)
        s = self.statements[place] if place >= 0 else None
        rule = find(s.fn) if isinstance(s, Op) and not is_update(s.fn) else None
        return rule is not None and not rule.views
