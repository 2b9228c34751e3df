"""Copies: variables of control flow that always hold the same as another operand.

    out of an If           both branches yield the same;
                           or one yields nothing (`UNDEF`, or it raises), and the other something from outside
    carried by a Loop      the body yields the variable itself, or the init again;
                           or two variables start and go on as the same
    out of a Pop           what is pushed is a constant, or a variable that is still in sight; or is pushed twice

The facts of inner regions are known before those of outer ones: what an inner loop passes through unchanged is seen
to be unchanged by the loop around it, at any depth, in one walk.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from typing import Any

from ast_ad.analysis.stacks import StackClass
from ast_ad.ir.nodes import (
    UNDEF,
    Block,
    Function,
    If,
    Lit,
    Loop,
    Operand,
    Pop,
    Push,
    Raise,
    Statement,
    Var,
    blocks,
    defined,
)


def identity(operand: Operand) -> Hashable:
    """Return a key that is equal for two operands only if they are the same variable or the very same constant.

    >>> identity(Lit(1)) == identity(Lit(1)), identity(Lit(1)) == identity(Lit(1.0))
    (True, False)
    >>> identity(Lit(0.0)) == identity(Lit(-0.0))
    False
    """
    if isinstance(operand, Lit):
        value: Any = operand.value
        exact = type(value) in (bool, int, float, complex, str, type(None))
        return (type(value), repr(value)) if exact else (type(value), id(value))
    return operand


def ends(statements: Sequence[Statement]) -> bool:
    """Tell whether statements never reach their end, because they raise."""
    last = statements[-1] if statements else None
    if isinstance(last, If):
        return ends(last.then.statements) and ends(last.orelse.statements)
    return isinstance(last, Raise)


def copies(function: Function, classes: Mapping[Var, StackClass]) -> dict[Var, Operand]:
    """Return the variables of a function that can be replaced, each with the operand that stands for it.

    The operand dominates every use of the variable.  It may itself be a variable that can be replaced.
    `classes` says which stacks there are (see `ast_ad.analysis.stacks`).
    """
    finder = _Copies(classes)
    finder.function(function)
    return finder.found


class _Copies:
    def __init__(self, classes: Mapping[Var, StackClass]) -> None:
        self.classes = classes
        self.found: dict[Var, Operand] = {}
        self.order: dict[Var, int] = {}
        self.at_top: set[Var] = set()
        self.pushes: set[Push] = set()

    def function(self, function: Function) -> None:
        self.define(function.params)
        self.at_top.update(function.params)
        for statement in function.body.statements:
            self.statement(statement)
            self.at_top.update(defined(statement))

    def define(self, variables: tuple[Var, ...]) -> None:
        for var in variables:
            self.order[var] = len(self.order)

    def resolve(self, operand: Operand) -> Operand:
        while isinstance(operand, Var) and operand in self.found:
            operand = self.found[operand]
        return operand

    def block(self, block: Block) -> None:
        self.define(block.params)
        for statement in block.statements:
            self.statement(statement)

    def statement(self, s: Statement) -> None:
        before = len(self.order)
        for inner in blocks(s):
            self.block(inner)
        if isinstance(s, If):
            self.if_(s, before)
        elif isinstance(s, Loop):
            self.loop(s)
        elif isinstance(s, Push):
            self.pushes.add(s)
        elif isinstance(s, Pop):
            self.pop(s)
        self.define(defined(s))

    def if_(self, s: If, before: int) -> None:
        no_then, no_orelse = ends(s.then.statements), ends(s.orelse.statements)
        for out, then, orelse in zip(s.outs, s.then.yields, s.orelse.yields):
            a = UNDEF if no_then else self.resolve(then)
            b = UNDEF if no_orelse else self.resolve(orelse)
            only = b if a is UNDEF else a if b is UNDEF or identity(a) == identity(b) else UNDEF
            if isinstance(only, Lit) or (isinstance(only, Var) and self.order[only] < before):
                self.found[out] = only

    def loop(self, s: Loop) -> None:
        tested = s.test.params if s.test is not None else s.carried
        leaders: dict[Hashable, tuple[Var, Var, Var]] = {}
        for param, test_param, out, init, following in zip(
            s.carried, tested, s.outs, map(self.resolve, s.inits), map(self.resolve, s.body.yields[1:])
        ):
            group = (param, test_param, out)
            if init is UNDEF:
                continue
            if following is param or identity(following) == identity(init):
                self.found.update(dict.fromkeys(group, init))
                continue
            leader = leaders.setdefault((identity(init), identity(following)), group)
            if leader is not group:
                self.found.update(zip(group, leader))

    def pop(self, s: Pop) -> None:
        """Where only one Push, earlier in this function, can have saved what is taken, its values are known.

        A variable at the top of the function has one value for as long as a stack lives that no call passes on.
        """
        stack = self.classes[s.stack]
        push = stack.pushes[0] if len(stack.pushes) == 1 else None
        if push not in self.pushes or stack.escapes or stack.calls:
            return
        assert push is not None
        first: dict[Hashable, Var] = {}
        for out, value in zip(s.outs, map(self.resolve, push.values)):
            if isinstance(value, Lit) or value in self.at_top:
                self.found[out] = value
            elif value is not UNDEF and first.setdefault(identity(value), out) is not out:
                self.found[out] = first[identity(value)]
