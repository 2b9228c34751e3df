"""Ownership: an array may be updated in place where nobody else sees it, and is copied first where somebody might.

The IR's updates (`runtime.add_at`, `runtime.set_at`) are functions: they return a new array.  The emitter writes them
in place, ``x_bar[i] += g``, which is right where the old array is nobody else's and is not needed any more.  This pass
makes that so: it puts a copy before an update, or before the loop that updates what it carries, wherever

    the memory came from outside: a parameter, the result of a call, a stack
    NumPy does not let anyone write to it: a diagonal, what was broadcast
    a list holds it
    another variable that may share it is still read afterwards

What goes onto a stack is copied where an update may reach it there.

The arrays that the function returns as derivatives are made new in the same way: never one of the caller's, never one
array twice.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from functools import cached_property
from typing import Any

import numpy as np

from ast_ad.analysis.later_updates import LaterUpdates
from ast_ad.analysis.memory import Liveness, Memory, is_memory, shared_arguments
from ast_ad.analysis.zeros import may_be_numbers
from ast_ad.ir import primitives
from ast_ad.ir.kinds import Array, List, Record, may_be_one
from ast_ad.ir.nodes import Block, Function, If, Loop, Op, Operand, Push, Statement, Var, functions, walk
from ast_ad.rules.arrays import is_update
from ast_ad.runtime import copied_lists, copied_record
from ast_ad.transform.early_reads import with_early_reads
from ast_ad.transform.simplify.rewriting import changed, each_function, unless_same, with_callees


def owned(main: Function, fresh: Collection[int] = ()) -> Function:
    """Return a program in which every update may be done in place.

    Parameters
    ----------
    fresh
        The positions of those results of the main function that have to be arrays of their own.
    """

    def own(function: Function, become: dict[Function, Function]) -> Function:
        function = changed(function, body=with_callees(function.body, become.__getitem__))
        facts = _Facts(function)
        if any(isinstance(s, Op) and is_update(s.fn) for s in walk(function.body)):
            facts = facts.of(_AtPushes(facts).rewritten())
            facts = _with_own_arrays_in_loops(facts)
            facts = facts.of(with_early_reads(facts.function, facts.memory, facts.live))
            facts = _with_own_arrays_at_updates(facts)
        asked = [i for i in fresh if _holds_arrays(function.results[i])] if function.params is main.params else []
        return _results(facts, asked) if asked else facts.function

    return each_function(functions(main), own)


class _Facts:
    """What is known of the arrays of a function; found when it is first asked for."""

    def __init__(self, function: Function) -> None:
        self.function = function

    @cached_property
    def memory(self) -> Memory:
        return Memory(self.function)

    @cached_property
    def live(self) -> dict[Statement, frozenset[Var]]:
        return Liveness(self.function).after

    @cached_property
    def numbers(self) -> set[Operand]:
        """Variables of arrays that may hold a number."""
        return may_be_numbers(self.function.body)

    def copied(self, var: Var, before: list[Statement], name: str | None = None) -> Var:
        """Return a copy of an array or a list, of its name or another, made by one more of the statements `before`."""
        copy = Var(var.kind, var.name if name is None else name)
        fn: Any = np.copy
        if isinstance(var.kind, List):
            fn = copied_lists if isinstance(var.kind.item, List) else primitives.copy
        elif isinstance(var.kind, Record):
            fn = copied_record
        elif self.has_method_copy(var):
            fn = primitives.copy
        before.append(Op((copy,), fn, (var,)))
        return copy

    def has_method_copy(self, var: Var) -> bool:
        """Tell whether an array is a vector that has a method `copy`.

        A number that it met at a join has none: where all dimensions may be stretched, or where an adjoint starts as
        ``0.0``. Of other arrays, the method puts elements row by row, whereas a sum over what lies otherwise has to add
        them in the same order again.
        """
        kind = var.kind
        is_vector = isinstance(kind, Array) and kind.ndim == 1 and not may_be_one(kind.dims[0])
        return is_vector and var not in self.numbers

    def of(self, function: Function) -> _Facts:
        """Return the facts of what the function has become, which may be the function itself."""
        return self if function is self.function else _Facts(function)


class _Rewriter:
    """Rebuilds a function with copies of arrays put in; `visible` are the arrays that are defined so far."""

    def __init__(self, facts: _Facts) -> None:
        self.subject = facts.function
        self.facts = facts
        self.memory = facts.memory
        self.visible: list[Var] = [param for param in self.subject.params if is_memory(param)]

    def rewritten(self) -> Function:
        return changed(self.subject, body=self.block(self.subject.body))

    def block(self, block: Block) -> Block:
        mark = len(self.visible)
        self.visible += filter(is_memory, block.params)
        statements: list[Statement] = []
        for s in block.statements:
            statements += self.statement(s)
            self.visible += filter(is_memory, getattr(s, "outs", ()))
        del self.visible[mark:]
        return changed(block, statements=unless_same(block.statements, statements))

    def statement(self, s: Statement) -> Sequence[Statement]:
        if isinstance(s, If):
            return [changed(s, then=self.block(s.then), orelse=self.block(s.orelse))]
        if isinstance(s, Loop):
            return [changed(s, body=self.block(s.body))]
        return [s]

    def may_be_seen(self, var: Var, s: Statement) -> bool:
        """Tell whether somebody else sees the memory of `var` after the statement `s` has begun to update it."""
        if not self.memory.is_own(var) or not self.memory.listed.isdisjoint(self.memory(var)):
            return True
        live = self.facts.live[s]
        return any(other in live and self.memory.share(var, other) for other in self.visible)


class _AtPushes(_Rewriter):
    """Puts copies on stacks: what they hold is never a bare reference to memory that is written later."""

    def __init__(self, facts: _Facts) -> None:
        super().__init__(facts)
        self.later = LaterUpdates(facts.function, facts.memory)

    def statement(self, s: Statement) -> Sequence[Statement]:
        if not isinstance(s, Push):
            return super().statement(s)
        before: list[Statement] = []
        values = tuple(
            self.facts.copied(value, before, "") if isinstance(value, Var) and self.later.may_reach(value, s) else value
            for value in s.values
        )
        return [*before, changed(s, values=values)] if before else [s]


def _with_own_arrays_in_loops(facts: _Facts) -> _Facts:
    """Put copies before loops, one loop after the other: what leaves a loop that has its own array is its own."""
    copies: set[Var] = set()
    while True:
        rewriter = _AtLoops(facts, copies)
        rewritten = rewriter.rewritten()
        if not rewriter.found:
            return facts
        facts = facts.of(rewritten)


class _AtLoops(_Rewriter):
    """Puts copies before the first loop that needs them, because it updates what it carries; `copies` are there."""

    def __init__(self, facts: _Facts, copies: set[Var]) -> None:
        super().__init__(facts)
        self.copies = copies
        self.found = False

    def statement(self, s: Statement) -> Sequence[Statement]:
        if not isinstance(s, Loop) or self.found:
            return super().statement(s)
        before: list[Statement] = []
        inits = list(s.inits)
        updated = _updated(s)
        for i, init in enumerate(inits):
            if i not in updated or not isinstance(init, Var) or init in self.copies:
                continue
            if inits.count(init) > 1 or self.may_be_seen(init, s):
                inits[i] = copy = self.facts.copied(init, before)
                self.copies.add(copy)
        self.found = bool(before)
        (loop,) = super().statement(s)
        return [*before, changed(loop, inits=tuple(inits)) if before else loop]


def _updated(loop: Loop) -> set[int]:
    """Return which of the carried arrays the body of a loop updates, step by step or in loops and branches inside.

    One that takes the place of another one in the next turn is updated if that is.
    """
    sources = {s.args[0] for s in walk(loop.body) if isinstance(s, Op) and is_update(s.fn)}
    grown = True
    while grown:
        before = len(sources)
        sources.update(y for y, param in zip(loop.body.yields[1:], loop.carried) if param in sources)
        for s in walk(loop.body):
            if isinstance(s, Op) and s.outs and s.outs[0] in sources:
                sources.update(shared_arguments(s))
            elif isinstance(s, Loop):
                sources.update(i for i, param, out in zip(s.inits, s.carried, s.outs) if {param, out} & sources)
                sources.update(y for y, out in zip(s.body.yields[1:], s.outs) if out in sources)
            elif isinstance(s, If):
                for out, a, b in zip(s.outs, s.then.yields, s.orelse.yields):
                    if out in sources:
                        sources.update((a, b))
        grown = len(sources) > before
    return {i for i, param in enumerate(loop.carried) if param in sources}


def _with_own_arrays_at_updates(facts: _Facts) -> _Facts:
    """Put copies before updates: what a copy has become is its own, and may be updated again."""
    made: set[Var] = set()
    while True:
        rewriter = _AtUpdates(facts, made)
        facts = facts.of(rewriter.rewritten())
        if not rewriter.left:
            return facts


class _AtUpdates(_Rewriter):
    """Puts copies before updates; those that may update such a copy are `left` for the next time.

    `made` are the copies so far: each has one reader, the update, and needs no copy of its own, wherever the result
    goes.
    """

    def __init__(self, facts: _Facts, made: set[Var]) -> None:
        super().__init__(facts)
        self.made = made
        self.copied: list[Var] = []
        self.left = False

    def statement(self, s: Statement) -> Sequence[Statement]:
        if not (isinstance(s, Op) and is_update(s.fn)):
            return super().statement(s)
        before: list[Statement] = []
        source, *others = s.args
        assert isinstance(source, Var)
        if source not in self.made and any(self.memory.share(source, each) for each in self.copied):
            self.left = True
            return [s]
        operands = [
            self.facts.copied(other, before) if isinstance(other, Var) and self.memory.share(source, other) else other
            for other in others
        ]
        if source not in self.made and self.may_be_seen(source, s):
            self.copied.append(source)
            source = self.facts.copied(source, before)
            self.made.add(source)
        return [*before, replace(s, args=(source, *operands))] if before else [s]


def _holds_arrays(result: Operand) -> bool:
    return isinstance(result, Var) and isinstance(result.kind, (Array, List))


def _results(facts: _Facts, fresh: Collection[int]) -> Function:
    """Let each result at the positions `fresh` be an array of its own, or a list."""
    function, memory = facts.function, facts.memory
    results = list(function.results)
    taken = [result for i, result in enumerate(results) if i not in fresh]
    after: list[Statement] = []
    for i in fresh:
        result = results[i]
        assert isinstance(result, Var)
        alone = memory.kept.isdisjoint(memory(result)) and not any(memory.share(result, each) for each in taken)
        if not memory.is_own(result) or not alone:
            results[i] = facts.copied(result, after)
        else:
            taken.append(result)
    if not after:
        return function
    return replace(function, body=Block((), (*function.body.statements, *after), tuple(results)))
