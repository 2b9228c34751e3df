"""Runs IR as it stands, without emission: slow, and exact about which statement fails.

`UNDEF` is a value of its own here, and reading it is an error: so a program that runs is one that never reads what is
not there.
"""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any

from ast_ad.ir.nodes import (
    UNDEF,
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
)
from ast_ad.runtime.arrays import item

Watch = Callable[[Statement], bool]


def run(function: Function, *args: Any, watch: Watch = lambda statement: True) -> tuple[Any, ...]:
    """Return the results of an IR function for run-time arguments.

    `watch` is called before each statement; where it returns False, the statement is left out.
    """
    assert len(args) == len(function.params), (len(args), function.params)
    return Runner(watch).function(function, args)


class Runner:
    """Runs statements; `frame` has the values of the variables."""

    def __init__(self, watch: Watch = lambda statement: True) -> None:
        self.watch = watch
        self.frame: dict[Var, Any] = {}

    def function(self, function: Function, args: tuple[Any, ...]) -> tuple[Any, ...]:
        """Return the results of a function."""
        outer, self.frame = self.frame, dict(zip(function.params, args))
        results = tuple(self.read(value) for value in self.block(function.body))
        self.frame = outer
        return results

    def read(self, operand: Operand) -> Any:
        """Return the value of an operand, which has to have one."""
        value = self.peek(operand)
        assert value is not UNDEF, f"{operand} is read where it is undefined"
        return value

    def peek(self, operand: Operand) -> Any:
        """Return the value of an operand, `UNDEF` where it has none."""
        if isinstance(operand, Lit):
            return operand.value
        return self.frame[operand] if isinstance(operand, Var) else UNDEF

    def block(self, block: Block) -> tuple[Operand, ...]:
        """Run the statements of a block; return what it yields."""
        for statement in block.statements:
            if self.watch(statement):
                self.statement(statement)
        return block.yields

    def statement(self, s: Statement) -> None:
        """Run a statement."""
        frame = self.frame
        if isinstance(s, Op):
            values: Any = [self.read(a) for a in s.args]
            named: Any = {k: self.read(v) for k, v in s.kwargs}
            if s.form is not None:
                values, named = s.form.arranged(values)
            result = (item if s.fn is operator.getitem else s.fn)(*values, **named)
            frame.update(zip(s.outs, result if len(s.outs) > 1 else (result,)))
        elif isinstance(s, If):
            yields = self.block(s.then if self.read(s.test) else s.orelse)
            frame.update(zip(s.outs, [self.peek(value) for value in yields]))
        elif isinstance(s, Loop):
            self.loop(s)
        elif isinstance(s, Call):
            frame.update(zip(s.outs, self.function(s.function, tuple(self.peek(a) for a in s.args))))
        elif isinstance(s, Push):
            frame[s.stack].append(tuple(self.read(value) for value in s.values))
        elif isinstance(s, Pop):
            frame.update(zip(s.outs, frame[s.stack].pop()))
        elif isinstance(s, Raise):
            args = tuple(self.read(a) for a in s.args)
            given, by_name = (args, {}) if s.form is None else s.form.arranged(args)
            raise s.fn(*given, **by_name)
        else:
            assert isinstance(s, Note)

    def loop(self, s: Loop) -> None:
        """Run a loop."""
        frame = self.frame
        carried = [self.peek(value) for value in s.inits]
        counter = iter(range(*(self.read(value) for value in s.range))) if s.range else None
        go = True
        while go:
            if counter is not None:
                index = next(counter, None)
                if index is None:
                    break
                frame[s.body.params[0]] = index
            if s.test is not None:
                frame.update(zip(s.test.params, carried))
                (on,) = self.block(s.test)
                if not self.read(on):
                    break
            frame.update(zip(s.carried, carried))
            yields = self.block(s.body)
            go = self.read(yields[0])
            carried = [self.peek(value) for value in yields[1:]]
        frame.update(zip(s.outs, carried))
