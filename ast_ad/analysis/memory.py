"""Memory: which variables may share an array, and which of them are still needed at a place.

Operations of the IR return new values; that some return views of their arguments (`x.T`, `x[1:]`, `x.reshape(...)`),
and that branches, loops and calls pass arrays on, is what this analysis knows.  It is a fact for each pair of variables
by union: coarse, but nothing that shares memory is ever told apart.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from ast_ad.ir.kinds import Array, Unknown
from ast_ad.ir.nodes import (
    Block,
    Call,
    Function,
    If,
    Loop,
    Op,
    Operand,
    Pop,
    Push,
    Statement,
    Var,
    blocks,
    defined,
    free_variables,
    operands,
    walk,
)
from ast_ad.rules.arrays import is_update
from ast_ad.rules.registry import find

def is_memory(operand: Operand) -> bool:
    """Tell whether an operand is, or may be, an array."""
    return isinstance(operand, Var) and isinstance(operand.kind, (Array, Unknown))


class Aliases:
    """Classes of the variables of a function that may share memory.

    Attributes
    ----------
    kept : set of Var
        Representatives of the classes that a stack may hold.
    """

    def __init__(self, function: Function) -> None:
        self._parent: dict[Var, Var] = {}
        kept: list[Var] = []
        stacks: dict[Var, list[Var]] = {}
        for s in walk(function.body):
            for group in _groups(s):
                self._unite(group)
            if isinstance(s, (Push, Pop)):
                values: Sequence[Operand] = s.values if isinstance(s, Push) else s.outs
                stacks.setdefault(s.stack, []).extend(_arrays(values))
        for values in stacks.values():
            self._unite(values)
            kept += values
        self.kept = set(map(self, kept))

    def __call__(self, var: Var) -> Var:
        """Return the representative of a variable's class."""
        root = var
        while (above := self._parent.get(root, root)) is not root:
            root = above
        while (above := self._parent.get(var, var)) is not root and var is not root:
            self._parent[var], var = root, above
        return root

    def _unite(self, group: Iterable[Operand]) -> None:
        members = _arrays(group)
        for other in members[1:]:
            a, b = self(members[0]), self(other)
            if a is not b:
                self._parent[a] = b


def _arrays(values: Iterable[Operand]) -> list[Var]:
    return [value for value in values if isinstance(value, Var) and is_memory(value)]


def shared_arguments(op: Op) -> tuple[Operand, ...]:
    """Return the arguments that the result of an operation may share memory with."""
    rule = find(op.fn)
    if rule is None or (rule.views and len(op.outs) > 1):
        return op.args
    return op.args[:1] if rule.views else ()


def _groups(s: Statement) -> list[tuple[Operand, ...]]:
    """Return the groups of operands that one statement lets share memory."""
    if isinstance(s, Op):
        return [(*s.outs, *shared_arguments(s))]
    if isinstance(s, If):
        return [*zip(s.outs, s.then.yields, s.orelse.yields)]
    if isinstance(s, Loop):
        tested = s.test.params if s.test is not None else s.carried
        return [*zip(s.outs, s.inits, s.carried, tested, s.body.yields[1:])]
    if isinstance(s, Call):
        return [(*s.outs, *s.args)]
    return []


class Liveness:
    """For each operation that updates an array, and each loop: the arrays that are needed after it has begun."""

    def __init__(self, function: Function) -> None:
        self.after: dict[Statement, frozenset[Var]] = {}
        self._block(function.body, frozenset())

    def _block(self, block: Block, live: frozenset[Var]) -> frozenset[Var]:
        live |= _set(block.yields)
        for s in reversed(block.statements):
            live = self._statement(s, live)
        return live

    def _statement(self, s: Statement, live: frozenset[Var]) -> frozenset[Var]:
        live = live - _set(defined(s))
        if isinstance(s, Loop):
            live |= _set(free_variables(*blocks(s)))
            self.after[s] = live
            for inner in blocks(s):
                self._block(inner, live)
        elif isinstance(s, If):
            then, orelse = self._block(s.then, live), self._block(s.orelse, live)
            live = then | orelse
        elif isinstance(s, Op) and is_update(s.fn):
            self.after[s] = live
        return live | _set(operands(s))


def _set(values: Iterable[Operand]) -> frozenset[Var]:
    return frozenset(_arrays(values))
