"""Effects: what running a statement does beyond defining its outs.

    draws        random numbers, input and output: never removed, repeated or reordered
    raises       may leave the function by an exception on purpose: a `Raise`, or a callable of which nothing is known
    allocates    makes a new mutable object, so that two of them are never the same one
    pushes, pops, reads    changes or looks at a stack

A pure operation that raises by accident (`1 / 0`) has no effect in this sense: it may go when nothing reads its result.
"""

from __future__ import annotations

from ast_ad.ir import primitives
from ast_ad.ir.kinds import Stack
from ast_ad.ir.nodes import (
    Block,
    Call,
    Function,
    Op,
    Pop,
    Push,
    Raise,
    Statement,
    Var,
    blocks,
    calls_itself,
    functions,
    walk,
)
from ast_ad.rules import registry

DRAWS, RAISES, ALLOCATES = "draws", "raises", "allocates"
PUSHES, POPS, READS = "pushes", "pops", "reads"

OBSERVABLE = frozenset({DRAWS, RAISES})
"""The effects that the world outside of the function can see: they keep a statement alive."""


def own_effects(statement: Statement) -> frozenset[str]:
    """Return the effects of a statement without those of its blocks and of the function that it calls."""
    if isinstance(statement, Op):
        if statement.fn is primitives.new_stack:
            return frozenset({ALLOCATES})
        found = registry.effects(statement.fn)
        for arg in statement.args:
            if isinstance(arg, Var) and isinstance(arg.kind, Stack):
                return found | {READS}
        return found
    if isinstance(statement, Raise):
        return frozenset({RAISES})
    if isinstance(statement, Push):
        return frozenset({PUSHES})
    if isinstance(statement, Pop):
        return frozenset({POPS})
    return frozenset()


def effects(statement: Statement) -> frozenset[str]:
    """Return the effects of a statement, with those of its blocks and of the functions that it calls.

    >>> from ast_ad.ir.nodes import If, Lit
    >>> empty, failing = Block((), (), ()), Block((), (Raise(ValueError, ()),), ())
    >>> sorted(effects(If((), Lit(True), failing, empty)))
    ['raises']
    """
    return _Effects().statement(statement)


def draws_in_recursion(statement: Statement) -> bool:
    """Tell whether a function that calls itself draws in a statement: no one can say how often, and in which order."""
    calls = [s for s in (statement, *(s for block in blocks(statement) for s in walk(block))) if isinstance(s, Call)]
    return any(DRAWS in effects(s) and any(map(calls_itself, functions(s.function))) for s in calls)


def observable(function: Function) -> frozenset[Statement]:
    """Return the statements of a function, and of those it calls, that have an observable effect.

    A statement that contains one, or calls a function with one, is among them.
    """
    table = _Effects()
    table.block(function.body)
    return frozenset(statement for statement, found in table.known.items() if found & OBSERVABLE)


class _Effects:
    """The effects of statements and functions, each found once."""

    def __init__(self) -> None:
        self.known: dict[Statement, frozenset[str]] = {}
        self.functions: dict[Function, frozenset[str]] = {}

    def statement(self, statement: Statement) -> frozenset[str]:
        found = own_effects(statement)
        for block in blocks(statement):
            found |= self.block(block)
        if isinstance(statement, Call):
            found |= self.function(statement.function)
        self.known[statement] = found
        return found

    def block(self, block: Block) -> frozenset[str]:
        return frozenset().union(*map(self.statement, block.statements))

    def function(self, function: Function) -> frozenset[str]:
        if function not in self.functions:
            self.reach(function)
        return self.functions[function]

    def reach(self, function: Function) -> None:
        """Find the effects of a function and of all that it calls, itself perhaps."""
        reached = [each for each in functions(function) if each not in self.functions]
        found: dict[Function, frozenset[str]] = {}
        calls: dict[Function, list[Function]] = {}
        for each in reached:
            inside = list(walk(each.body))
            found[each] = frozenset().union(*map(own_effects, inside))
            calls[each] = [s.function for s in inside if isinstance(s, Call)]
        table, before = {**self.functions, **found}, None
        while found != before:
            before = found
            for each in reversed(reached):
                table[each] = table[each].union(*(table[callee] for callee in calls[each]))
            found = {each: table[each] for each in reached}
        self.functions.update(found)
        for each in reached:
            self.block(each.body)
