"""Writes a recording into both sweeps: pushes and pops, values that leave branches, and what is computed again.

A block inside a loop has a stack of its own, made at the top of the function, with one push (directly after the last
definition that it saves) and one pop. A block outside all loops needs none: what is saved leaves the `If` as one more
out. An operation at the top that is run again stands where its result is first read, so that this is there no longer
than it has to be.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from ast_ad.analysis.recording import Recording
from ast_ad.ir import primitives
from ast_ad.ir.kinds import Array, Scalar, Stack, Unknown
from ast_ad.ir.nodes import (
    UNDEF,
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
    with_parts,
)
from ast_ad.ir.rebuild import Substitution
from ast_ad.transform.ranges import Range


@dataclass(frozen=True)
class Recorded:
    """The sweeps as they will run, and what stands for the forward sweep's variables in the reverse sweep."""

    forward: Block
    sweep: tuple[Statement, ...]
    substitute: Substitution


def record(
    function: Function,
    reverse_sweep: Sequence[Statement],
    mirror: Mapping[Statement, If | Loop],
    indices: Mapping[Var, Operand],
    plain: Mapping[Var, Range],
    plan: Recording,
) -> Recorded:
    """Write `plan` into the forward sweep of `function` and into `reverse_sweep`.

    Parameters
    ----------
    mirror
        From an `If` or `Loop` of the reverse sweep to the one that it reverses.
    indices
        What a loop's index is called inside its reversed loop.
    plain
        From a reversed loop's index to the range that it may run instead if nothing reads the index.
    """
    forward = Saving(plan)
    body, leaving = forward.block(function.body, in_loop=False, top=True)
    body = with_parts(body, statements=(*forward.stacks, *body.statements))
    if plan.late:
        body = _Unnamed(body, {out for late in plan.late.values() for op in late for out in op.outs}).block(body)
    substitute = Substitution({**indices, **dict(leaving)})
    reverse = _Reverse(plan, mirror, plain, forward.stack_of, substitute)
    return Recorded(body, tuple(reverse.with_again(reverse_sweep, function.body)), substitute)


def _late(ops: Sequence[Op], substitute: Substitution) -> list[list[Op]]:
    """Return operations that are run again, each after those that say what of its operands was kept."""
    made: set[Var] = set()
    groups: list[list[Op]] = []
    for op in ops:
        kept = {
            arg: Var(arg.kind, arg.name)
            for arg in operands(op)
            if isinstance(arg, Var) and arg not in made and isinstance(arg.kind, (Array, Scalar, Unknown))
        }
        head = [Op((copy,), primitives.kept, (substitute(arg),)) for arg, copy in kept.items()]
        inner = Substitution({**substitute.mapping, **kept})
        again = inner.statement(op)
        assert isinstance(again, Op)
        substitute.mapping.update(zip(op.outs, again.outs))
        made.update(op.outs)
        groups.append([*head, again])
    return groups


class _Unnamed:
    """Takes the names from what is read once in a forward sweep, and computed again later.

    So it can become part of an expression, as what is not kept should.
    """

    def __init__(self, body: Block, late: Collection[Var]) -> None:
        self.late = late
        self.reads: dict[Var, int] = {}
        for s in walk(body):
            for value in (*operands(s), *(each for block in blocks(s) for each in block.yields)):
                if isinstance(value, Var):
                    self.reads[value] = self.reads.get(value, 0) + 1

    def block(self, block: Block) -> Block:
        """Rewrite straight-line code: a block and the branches in it."""
        inside = [Block((), (s,), ()) for s in block.statements if not isinstance(s, Op)]
        kept = {*block.yields, *(var for each in inside for var in free_variables(each))}
        made = [out for s in block.statements if isinstance(s, Op) for out in s.outs if out in self.late]
        once = {out for out in made if self.reads.get(out) == 1 and out not in kept}
        plain = Substitution({var: Var(var.kind) for var in once})

        def renamed(s: Statement) -> Statement:
            if isinstance(s, If):
                return with_parts(s, then=self.block(s.then), orelse=self.block(s.orelse))
            if isinstance(s, Op) and any(isinstance(each, Var) and each in once for each in (*s.args, *s.outs)):
                return with_parts(s, args=plain.all(s.args), outs=tuple(plain.var(out) for out in s.outs))
            return s

        return with_parts(block, statements=tuple(map(renamed, block.statements)))


def _where_read(groups: Sequence[Sequence[Statement]], statements: Sequence[Statement]) -> list[Statement]:
    """Return statements with operations put before the first that reads their results."""
    made_by = {out: group for group in groups for out in defined(group[-1])}
    placed: list[Statement] = []
    done: set[Var] = set()

    def place(values: Iterable[Operand]) -> None:
        for value in values:
            if isinstance(value, Var) and value in made_by and value not in done:
                group = made_by[value]
                done.update(defined(group[-1]))
                place(free_variables(Block((), (group[-1],), ())))
                placed.extend(group)

    for s in statements:
        place(free_variables(Block((), (s,), ())))
        placed.append(s)
    place(made_by)
    return placed


class Saving:
    """Rebuilds the forward sweep so that it saves.

    Attributes
    ----------
    stacks : list of Op
        The operations that make the stacks.
    stack_of : dict
        The stack of a block that is in a loop and saves something.
    """

    def __init__(self, plan: Recording) -> None:
        self.plan = plan
        self.stacks: list[Op] = []
        self.stack_of: dict[Block, Var] = {}

    def block(self, block: Block, *, in_loop: bool, top: bool = False) -> tuple[Block, list[tuple[Var, Operand]]]:
        """Return the block, saving, and what has to leave it: variables and what they are called here."""
        saved = () if top else self.plan.saved.get(block, ())
        statements: list[Statement] = []
        leaving: list[tuple[Var, Operand]] = []
        waiting = set(saved) - set(block.params)
        push: Push | None = None
        if saved and in_loop:
            stack = Var(Stack(tuple(var.kind for var in saved)), "stack")
            self.stacks.append(Op((stack,), primitives.new_stack, ()))
            self.stack_of[block] = stack
            push = Push(stack, saved)
            if not waiting:
                statements.append(push)
        elif saved:
            leaving += [(var, var) for var in saved]
        for statement in block.statements:
            rebuilt, inner = self.statement(statement, in_loop)
            statements.append(rebuilt)
            leaving += inner
            if push is not None and waiting:
                waiting.difference_update(defined(statement))
                if not waiting:
                    statements.append(push)
        return with_parts(block, statements=tuple(statements)), leaving

    def statement(self, s: Statement, in_loop: bool) -> tuple[Statement, list[tuple[Var, Operand]]]:
        """Return a statement with pushes in its blocks, and what leaves it."""
        if isinstance(s, Loop):
            test = s.test and self.block(s.test, in_loop=True)[0]
            return with_parts(s, test=test, body=self.block(s.body, in_loop=True)[0]), []
        if not isinstance(s, If):
            return s, []
        then, from_then = self.block(s.then, in_loop=in_loop)
        orelse, from_else = self.block(s.orelse, in_loop=in_loop)
        leaving = [*from_then, *from_else]
        outs = tuple(Var(var.kind, var.name) for var, _ in leaving)
        here = [value for _, value in from_then] + [UNDEF] * len(from_else)
        there = [UNDEF] * len(from_then) + [value for _, value in from_else]
        then = with_parts(then, yields=(*then.yields, *here))
        orelse = with_parts(orelse, yields=(*orelse.yields, *there))
        rebuilt = with_parts(s, outs=(*s.outs, *outs), then=then, orelse=orelse)
        return rebuilt, [(var, out) for (var, _), out in zip(leaving, outs)]


class _Reverse:
    """Rebuilds the reverse sweep so that it finds what the forward sweep saved."""

    def __init__(
        self,
        plan: Recording,
        mirror: Mapping[Statement, If | Loop],
        plain: Mapping[Var, Range],
        stack_of: Mapping[Block, Var],
        substitute: Substitution,
    ) -> None:
        self.plan = plan
        self.mirror = mirror
        self.plain = plain
        self.stack_of = stack_of
        self.substitute = substitute

    def statements(self, statements: Sequence[Statement]) -> tuple[Statement, ...]:
        return tuple(self.statement(s) for s in statements if s not in self.plan.dead)

    def mirrored(self, block: Block, primal: Block) -> Block:
        """Rebuild the block that reverses `primal`: it starts with what is kept of that."""
        head: list[Statement] = []
        if primal in self.stack_of:
            outs = self.substitute.fresh(self.plan.saved[primal])
            head.append(Pop(outs, self.stack_of[primal]))
        head += self.with_again(block.statements, primal)
        return Block(block.params, tuple(head), self.substitute.all(block.yields))

    def with_again(self, statements: Sequence[Statement], primal: Block) -> list[Statement]:
        """Rebuild the statements that reverse those of `primal`, with what of these is computed again."""
        late = self.plan.late.get(primal, ())
        groups = _late(late, self.substitute)
        head = [self.substitute.statement(op) for op in self.plan.again.get(primal, ()) if op not in late]
        rest = self.statements(statements)
        if not late:
            return [*head, *rest]
        return _where_read([*groups, *([each] for each in head)], rest)

    def statement(self, s: Statement) -> Statement:
        substitute = self.substitute
        if isinstance(s, Op):
            return with_parts(s, args=substitute.all(s.args))
        if isinstance(s, If):
            primal = self.mirror[s]
            assert isinstance(primal, If)
            then, orelse = self.mirrored(s.then, primal.then), self.mirrored(s.orelse, primal.orelse)
            return with_parts(s, test=substitute(s.test), then=then, orelse=orelse)
        if isinstance(s, Loop):
            loop = self.mirror[s]
            assert isinstance(loop, Loop) and s.range is not None and s.index is not None
            inits = substitute.all(s.inits)
            body = self.mirrored(s.body, loop.body)
            limits = s.range if s.index in free_variables(with_parts(body, params=())) else self.plain[s.index]
            start, stop, step = substitute.all(limits)
            return with_parts(s, inits=inits, body=body, range=(start, stop, step))
        if isinstance(s, Call):
            return with_parts(s, args=substitute.all(s.args))
        if isinstance(s, Push):
            return with_parts(s, values=substitute.all(s.values))
        assert isinstance(s, Pop)
        return s
