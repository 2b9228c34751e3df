"""IR -> the tree that is printed: region ends become copies, loops and jumps take Python's form.

A loop's outs, its body's params and its test's params are one variable from here on: the value that is carried.  A
branch at the end of a loop's body that decides whether to go on becomes a `Break`, with what the loop carries
copied before.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from ast_ad.backend.negations import subtracted
from ast_ad.backend.syntax import hashable
from ast_ad.backend.tree import (
    Apply,
    Branch,
    Break,
    Comment,
    Copies,
    Fail,
    For,
    Invoke,
    Let,
    Node,
    Restore,
    Return,
    Routine,
    Save,
    Update,
    While,
)
from ast_ad.ir import primitives
from ast_ad.ir.kinds import Array
from ast_ad.ir.nodes import (
    Block,
    Call,
    Function,
    If,
    Lit,
    Loop,
    Note,
    Op,
    Operand,
    Pop,
    Push,
    Raise,
    Statement,
    Var,
    defined,
    mentioned,
    walk,
)
from ast_ad.rules.arrays import is_update
from ast_ad.rules.repeats import Repeats


def structured(function: Function) -> Routine:
    """Return a function of the IR as a tree in which nothing is folded yet."""
    routine = Routine(function, [], _wishes(function))
    repeats = Repeats(function)
    routine.body = _Builder(subtracted(function, repeats), repeats).block(
        function.body.statements, _End(returns=function.results)
    )
    return routine


_ON = Lit(True)


@dataclass(frozen=True)
class _End:
    """What happens at the end of a block: copies, perhaps a jump out of the loop, perhaps a return."""

    targets: tuple[Var, ...] = ()
    values: tuple[Operand, ...] = ()
    go: Operand = _ON
    returns: tuple[Operand, ...] | None = None

    def after(self, branch: If, side: Block) -> _End:
        """Return the end as one side of a branch sees it, when the branch comes last."""
        outs = dict(zip(branch.outs, side.yields))

        def seen(operand: Operand) -> Operand:
            return outs.get(operand, operand) if isinstance(operand, Var) else operand

        returns = self.returns and tuple(map(seen, self.returns))
        return replace(self, values=tuple(map(seen, self.values)), go=seen(self.go), returns=returns)


class _Builder:
    def __init__(self, negations: dict[Var, Operand], repeats: Repeats) -> None:
        self.alias: dict[Var, Var] = {}
        self.negations = negations
        self.repeats = repeats

    def __call__(self, operand: Operand) -> Operand:
        while isinstance(operand, Var) and operand in self.alias:
            operand = self.alias[operand]
        return operand

    def var(self, var: Var) -> Var:
        operand = self(var)
        assert isinstance(operand, Var)
        return operand

    def all(self, values: Sequence[Operand]) -> tuple[Operand, ...]:
        return tuple(map(self, values))

    def block(self, statements: tuple[Statement, ...], end: _End) -> list[Node]:
        nodes: list[Node] = []
        last = _last(statements)
        goes = _goes(last, end.go, statements)
        for s in statements:
            is_opposite = isinstance(s, Op) and s.outs == (end.go,) and s.fn is operator.not_
            if goes is not None and is_opposite and not _is_read(end.go, statements, end):
                continue
            if goes is not None and s is last and isinstance(s, If):
                ends = [replace(end.after(s, side), go=Lit(go)) for side, go in zip((s.then, s.orelse), goes)]
                sides = [self.block(side.statements, its) for side, its in zip((s.then, s.orelse), ends)]
                nodes.append(Branch(self(s.test), *sides))
                return nodes
            if s is last and isinstance(s, If) and (_decides(s, end.go) or _returns(s, end)):
                sides = [self.block(side.statements, end.after(s, side)) for side in (s.then, s.orelse)]
                nodes.append(Branch(self(s.test), *sides))
                return nodes
            self.statement(s, nodes)
            if isinstance(s, Raise):
                return nodes
        return nodes + self.end(end)

    def end(self, end: _End) -> list[Node]:
        if end.returns is not None:
            return [Return(self.all(end.returns))]
        copies = self.copies(end.targets, end.values)
        go = self(end.go)
        if isinstance(go, Lit):
            return copies if go.value else [*copies, Break()]
        if go in end.targets:
            return [Branch(Apply(operator.not_, (go,)), [*copies, Break()], self.copies(end.targets, end.values))]
        return [*copies, Branch(go, [], [Break()])]

    def copies(self, targets: Sequence[Var], values: Sequence[Operand]) -> list[Node]:
        pairs = [(target, self(value)) for target, value in zip(targets, values)]
        pairs = [(target, value) for target, value in pairs if target is not value]
        return [Copies(list(pairs))] if pairs else []

    def statement(self, s: Statement, nodes: list[Node]) -> None:
        if isinstance(s, Op) and s.outs and s.outs[0] in self.negations:
            return  # the update that subtracts it is its only reader
        if isinstance(s, Op):
            kwargs = tuple((name, self(value)) for name, value in s.kwargs)
            if is_update(s.fn):
                nodes.append(self.update(s))
            else:
                nodes.append(Let(s.outs, Apply(_spelled(s), self.all(s.args), kwargs, s.form)))
        elif isinstance(s, If):
            sides = [self.block(side.statements, _End(s.outs, side.yields)) for side in (s.then, s.orelse)]
            nodes.append(Branch(self(s.test), *sides))
        elif isinstance(s, Loop):
            self.loop(s, nodes)
        elif isinstance(s, Call):
            nodes.append(Let(s.outs, Invoke(s.function, self.all(s.args))))
        elif isinstance(s, Push):
            nodes.append(Save(self.var(s.stack), self.all(s.values)))
        elif isinstance(s, Pop):
            nodes.append(Restore(s.outs, self.var(s.stack)))
        elif isinstance(s, Raise):
            nodes.append(Fail(s.fn, self.all(s.args), s.form))
        else:
            assert isinstance(s, Note)
            nodes.append(Comment(s.text))

    def update(self, s: Op) -> Update:
        """Return the update of a part of an array; what is negated is subtracted."""
        if s.fn in (primitives.popped, primitives.deleted, primitives.swapped):
            return Update(s.outs[0], s.fn, self.all(s.args), None, False, False, s.outs[1:])
        *others, value = s.args
        negative = isinstance(value, Var) and value in self.negations
        if isinstance(value, Var):
            value = self.negations.get(value, value)
        args = self.all((*others, value))
        return Update(s.outs[0], s.fn, args, s.form, self.repeats(s), negative)

    def loop(self, s: Loop, nodes: list[Node]) -> None:
        nodes += self.copies(s.carried, s.inits)
        self.alias.update(zip(s.outs, s.carried))
        limits = self.all(s.range) if s.range is not None else None
        head: list[Node] = []
        test: Operand = Lit(True)
        if s.test is not None:
            self.alias.update(zip(s.test.params, s.carried))
            head = self.block(s.test.statements, _End())
            test = self(s.test.yields[0])
        body = self.block(s.body.statements, _End(s.carried, s.body.yields[1:], s.body.yields[0]))
        if limits is not None:
            assert s.index is not None
            nodes.append(For(s.index, limits, body, s.carried))
        else:
            nodes.append(While(head, test, body, s.carried))


_OF_ARRAYS: dict[Callable[..., Any], Callable[..., Any]] = {
    np.transpose: primitives.transposed,
    np.shape: primitives.shape,
    np.size: primitives.size,
}
"""Functions that read better as an attribute or a method, where the argument is known to be an array."""


def _spelled(s: Op) -> Callable[..., Any]:
    (arg, *others) = s.args or (None,)
    plain = s.form is None and not others and isinstance(arg, Var) and isinstance(arg.kind, Array)
    return _OF_ARRAYS.get(s.fn, s.fn) if plain and hashable(s.fn) else s.fn


def _last(statements: Sequence[Statement]) -> Statement | None:
    return next((s for s in reversed(statements) if not isinstance(s, Note)), None)


def _goes(last: Statement | None, go: Operand, statements: Sequence[Statement]) -> tuple[bool, bool] | None:
    """Return whether a loop goes on from each side of its last branch; None where the branch's test does not tell.

    Where it does, it need not be tested again after the branch.
    """
    if not isinstance(last, If) or not isinstance(go, Var):
        return None
    if go is last.test:
        return True, False
    opposite = next((each for each in statements if go in defined(each)), None)
    is_not = isinstance(opposite, Op) and opposite.fn is operator.not_ and opposite.args[0] is last.test
    return (False, True) if is_not else None


def _is_read(var: Operand, statements: Sequence[Statement], end: _End) -> bool:
    """Tell whether a variable is read in a block, or goes on from it."""
    within = walk(Block((), tuple(statements), ()))
    return var in end.values or any(each is var for s in within for each in mentioned(s))


def _decides(s: If, go: Operand) -> bool:
    """Tell whether a branch at the end of a loop's body leaves the loop on some side."""
    if go not in s.outs:
        return False
    position = s.outs.index(go)
    for side in (s.then, s.orelse):
        value = side.yields[position]
        if isinstance(value, Lit) and not value.value:
            return True
        last = _last(side.statements)
        if isinstance(last, If) and _decides(last, value):
            return True
    return False


def _returns(s: If, end: _End) -> bool:
    """Tell whether a branch at the end of the function reads better with a `return` on each side.

    One side has to be more than an expression, and all that is returned has to come from the branch, nothing of it as
    it was before.
    """
    if end.returns is None or len(s.outs) > 3:
        return False
    if not all(isinstance(value, Lit) or value in s.outs for value in end.returns):
        return False
    for side in (s.then, s.orelse):
        inner = {out for inner in side.statements for out in defined(inner)}
        kept = zip(s.outs, side.yields)
        if any(isinstance(value, Var) and value not in inner and value.name == out.name for out, value in kept):
            return False
    own = [value for value in end.returns if isinstance(value, Var)]
    simple = all(len(side.statements) < 2 for side in (s.then, s.orelse))
    return bool(own) and len(set(own)) == len(own) == len(s.outs) and not (simple and len(own) == 1)


def _wishes(function: Function) -> dict[Var, str]:
    """Give the values that flow into a named variable its name, where they have no other use."""
    uses: dict[Var, int] = {}
    for operand in (*function.results, *(o for s in walk(function.body) for o in mentioned(s))):
        if isinstance(operand, Var):
            uses[operand] = uses.get(operand, 0) + 1
    wishes: dict[Var, str] = dict.fromkeys(function.params, "")
    wishes.update({param: param.name for param in function.params})

    def wish(var: Var) -> str:
        return wishes.get(var, var.name)

    def flow(target: Var, value: Operand, local: bool) -> None:
        if isinstance(value, Var) and value not in function.params and wish(target) and uses[value] == 1:
            wishes[value] = wish(target) if local or not wish(value) else wish(value)

    def visit(block: Block, targets: Sequence[Var]) -> None:
        own = {out for s in block.statements for out in defined(s)}
        for target, value in zip(targets, block.yields[len(block.yields) - len(targets) :]):
            flow(target, value, value in own)
        for s in reversed(block.statements):
            if isinstance(s, Op) and is_update(s.fn):
                flow(s.outs[0], s.args[0], True)
            if isinstance(s, If):
                for out, *values in zip(s.outs, s.then.yields, s.orelse.yields):
                    names = {wish(value) if isinstance(value, Var) else "" for value in values}
                    if not wish(out) and len(names) == 1:
                        wishes[out] = names.pop()
                visit(s.then, s.outs)
                visit(s.orelse, s.outs)
            elif isinstance(s, Loop):
                tests = s.test.params if s.test is not None else s.carried
                for out, param, test, init in zip(s.outs, s.carried, tests, s.inits):
                    wishes[out] = wishes[param] = wishes[test] = wish(param) or wish(out)
                    flow(param, init, False)
                if s.test is not None:
                    visit(s.test, ())
                visit(s.body, s.carried)

    visit(function.body, ())
    return wishes
