"""Memory: which variables may share an array, and which of them are still needed at a place.

Operations of the IR return new values; that some return views of their arguments (`x.T`, `x[1:]`, `x.reshape(...)`),
and that branches, loops and calls pass arrays on, is what this analysis knows.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable

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


Site = tuple[object, bool]
"""Where memory was made: the variable that it was made for, and whether in an earlier turn of a loop around it."""

FOREIGN = "from outside"


class Memory:
    """Which pieces of memory a variable may hold.

    A piece is named after the operation that makes it.  What a loop carries from one turn to the next was made by an
    *earlier* run of that operation: it is another piece than the one that this turn makes.

    Attributes
    ----------
    kept : set
        The pieces that a stack may hold.
    updated : set
        The pieces that are updated somewhere.
    """

    def __init__(self, function: Function) -> None:
        self._sites: dict[Var, frozenset[Site]] = {}
        self.kept: set[Site] = set()
        self.updated: set[Site] = set()
        for param in function.params:
            self._sites[param] = frozenset({(param, False), (FOREIGN, False)})
        self._block(function.body)

    def __call__(self, operand: Operand) -> frozenset[Site]:
        """Return the pieces of memory that an operand may hold."""
        return self._sites.get(operand, frozenset()) if isinstance(operand, Var) else frozenset()

    def is_own(self, operand: Operand) -> bool:
        """Tell whether nothing from outside (a parameter, the result of a call, a stack) is among the pieces."""
        return (FOREIGN, False) not in self(operand)

    def _block(self, block: Block) -> None:
        for s in block.statements:
            self._statement(s)

    def _statement(self, s: Statement) -> None:
        if isinstance(s, Op):
            if is_update(s.fn):
                self.updated.update((origin, earlier) for origin, _ in self(s.args[0]) for earlier in (False, True))
            shared = frozenset().union(*map(self, filter(is_memory, shared_arguments(s))))
            rule = find(s.fn)
            for out in filter(is_memory, s.outs):
                fresh = frozenset() if is_update(s.fn) or (rule is not None and rule.views) else {(out, False)}
                outside = {(FOREIGN, False)} if rule is None else frozenset()
                self._sites[out] = shared | fresh | outside
        elif isinstance(s, If):
            self._block(s.then)
            self._block(s.orelse)
            for out, a, b in zip(s.outs, s.then.yields, s.orelse.yields):
                self._sites[out] = self(a) | self(b)
        elif isinstance(s, Loop):
            self._loop(s)
        elif isinstance(s, Call):
            passed = frozenset().union(*map(self, s.args))
            for out in filter(is_memory, s.outs):
                self._sites[out] = passed | {(out, False), (FOREIGN, False)}
        elif isinstance(s, Push):
            self.kept.update(*map(self, s.values))
        elif isinstance(s, Pop):
            for out in filter(is_memory, s.outs):
                self._sites[out] = frozenset({(s.stack, True), (FOREIGN, False)})

    def _loop(self, s: Loop) -> None:
        inside = {out for inner in walk(s.body) for out in defined(inner)}
        params = s.carried if s.test is None else (*s.carried, *s.test.params)
        starts = [self(init) for init in s.inits]
        carried = list(starts)
        settled = False
        while not settled:
            self._sites.update(zip(params, carried * 2))
            self._block(s.body)
            before = carried
            carried = [
                start | known | _earlier(self(value), inside)
                for start, known, value in zip(starts, before, s.body.yields[1:])
            ]
            settled = carried == before
        self._sites.update(zip(s.outs, carried))


def _earlier(sites: frozenset[Site], inside: Collection[Var]) -> frozenset[Site]:
    """Return pieces of memory as the next turn of a loop sees them."""
    return frozenset((origin, earlier or origin in inside) for origin, earlier in sites)


def _arrays(values: Iterable[Operand]) -> list[Var]:
    return [value for value in values if isinstance(value, Var) and is_memory(value)]


def shared_arguments(op: Op) -> tuple[Operand, ...]:
    """Return the arguments that the result of an operation may share memory with."""
    rule = find(op.fn)
    if rule is None or (rule.views and len(op.outs) > 1):
        return op.args
    return op.args[:1] if rule.views else ()


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
