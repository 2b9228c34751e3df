"""The checker that runs between passes: what the grammar of `ast_ad.ir.nodes` promises, tested.

Single definition (in one function of the program), dominance, arity of yields, kinds at joins, no `UNDEF` but where it
may stand, and stacks whose push and pop agree: at most one site of each in a function, with the components that the
stack's kind says.
"""

from __future__ import annotations

from collections.abc import Sequence

from ast_ad.errors import InternalError
from ast_ad.ir.kinds import Array, Kind, List, Stack, fits
from ast_ad.ir.nodes import (
    UNDEF,
    Block,
    Call,
    Function,
    If,
    Lit,
    Loop,
    Operand,
    Pop,
    Push,
    Statement,
    Var,
    defined,
    functions,
    operands,
)
from ast_ad.ir.show import statement_text


def check(function: Function, stage: str) -> Function:
    """Return `function` if it, and every function it calls, is well formed.

    Raises
    ------
    InternalError
        Naming `stage` and the statement that breaks a promise.
    """
    known: set[Var] = set()
    for each in functions(function):
        _Checker(stage, known).function(each)
    return function


class _Checker:
    def __init__(self, stage: str, known: set[Var]) -> None:
        self.stage = stage
        self.known = known
        self.visible: set[Var] = set()
        self.scope: list[Var] = []
        self.pushed: set[Var] = set()
        self.popped: set[Var] = set()

    def fail(self, message: str, statement: Statement | None = None) -> None:
        shown = None if statement is None else statement_text(statement)
        raise InternalError(message, stage=self.stage, statement=shown, where=getattr(statement, "where", None))

    def function(self, function: Function) -> None:
        self.define(function.params, None)
        self.block(function.body, None)
        for result in function.results:
            self.read(result, None)

    def define(self, variables: tuple[Var, ...], statement: Statement | None) -> None:
        for var in variables:
            if var in self.known:
                self.fail(f"{var} is defined twice", statement)
            self.known.add(var)
            self.visible.add(var)
            self.scope.append(var)

    def read(self, operand: Operand, statement: Statement | None) -> None:
        if operand is UNDEF:
            self.fail("UNDEF is read", statement)
        if isinstance(operand, Var) and operand not in self.visible:
            self.fail(f"{operand} is read where it is not defined", statement)

    def flow(self, operand: Operand, kind: Kind | None, statement: Statement) -> None:
        """Check a yield, an init or a saved value: `UNDEF` is allowed, and the kind has to fit."""
        if operand is UNDEF:
            return
        self.read(operand, statement)
        assert isinstance(operand, (Var, Lit))
        if kind is not None and not fits(operand.kind, kind):
            self.fail(f"{operand} flows into a variable of kind {kind}", statement)

    def block(self, block: Block, statement: Statement | None) -> None:
        self.define(block.params, statement)
        for inner in block.statements:
            self.statement(inner)

    def region(self, block: Block, into: Sequence[Kind | None], statement: Statement) -> None:
        """Check a nested block; what it defines is out of sight afterwards. None takes any kind."""
        mark = len(self.scope)
        self.block(block, statement)
        if len(block.yields) != len(into):
            self.fail(f"a block yields {len(block.yields)} values for {len(into)}", statement)
        for value, kind in zip(block.yields, into):
            self.flow(value, kind, statement)
        self.visible.difference_update(self.scope[mark:])
        del self.scope[mark:]

    def statement(self, s: Statement) -> None:
        # The inits of a loop and what is pushed are checked where they flow.
        for operand in s.range or () if isinstance(s, Loop) else (s.stack,) if isinstance(s, Push) else operands(s):
            if not isinstance(operand, Lit) and operand not in self.visible:
                self.read(operand, s)
        if isinstance(s, If):
            kinds = [out.kind for out in s.outs]
            self.region(s.then, kinds, s)
            self.region(s.orelse, kinds, s)
        elif isinstance(s, Loop):
            self.loop(s)
        elif isinstance(s, Call):
            self.call(s)
        elif isinstance(s, (Push, Pop)):
            self.stack(s)
        self.define(defined(s), s)

    def loop(self, s: Loop) -> None:
        if (s.range is None) == (s.test is None):
            self.fail("a loop has either a range or a test", s)
        if not len(s.outs) == len(s.inits) == len(s.carried):
            self.fail("a loop's outs, inits and params differ in number", s)
        for init, param, out in zip(s.inits, s.carried, s.outs):
            self.flow(init, param.kind, s)
            if param.kind != out.kind and not (isinstance(out.kind, (Array, List)) and fits(param.kind, out.kind)):
                self.fail(f"{param} leaves the loop as {out}", s)
        if s.test is not None:
            if len(s.test.params) != len(s.carried):
                self.fail("a loop's test takes other values than its body", s)
            self.region(s.test, (None,), s)
        self.region(s.body, (None, *(param.kind for param in s.carried)), s)

    def call(self, s: Call) -> None:
        if len(s.args) != len(s.function.params):
            self.fail(f"{len(s.args)} arguments for {len(s.function.params)} parameters", s)
        if len(s.outs) != len(s.function.results):
            self.fail(f"{len(s.outs)} outs for {len(s.function.results)} results", s)

    def stack(self, s: Push | Pop) -> None:
        sites = self.pushed if isinstance(s, Push) else self.popped
        if s.stack in sites:
            self.fail("a second site of one stack", s)
        sites.add(s.stack)
        if not isinstance(s.stack.kind, Stack):
            self.fail(f"{s.stack} is no stack", s)
            return
        values: tuple[Operand, ...] = s.values if isinstance(s, Push) else s.outs
        if len(values) != len(s.stack.kind.items):
            self.fail(f"{len(values)} components for {s.stack}", s)
        for value, kind in zip(values, s.stack.kind.items):
            if isinstance(s, Push):
                self.flow(value, kind, s)
            elif isinstance(value, Var) and not fits(kind, value.kind):
                self.fail(f"a component of kind {kind} is taken as {value}", s)
