"""Short ways to write IR by hand in tests."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from ast_ad.ir import primitives
from ast_ad.ir.kinds import BOOL, FLOAT, INT, Kind, Stack
from ast_ad.ir.nodes import Block, Call, Function, If, Lit, Loop, Note, Op, Operand, Pop, Push, Raise, Statement, Var


class Body:
    """Statements under construction."""

    def __init__(self) -> None:
        self.statements: list[Statement] = []

    def op(self, fn: Callable[..., Any], *args: Any, name: str = "", kind: Kind = FLOAT, **kwargs: Any) -> Var:
        out = Var(kind, name)
        keywords = tuple((key, operand(value)) for key, value in kwargs.items())
        self.statements.append(Op((out,), fn, operands(args), keywords))
        return out

    def test(self, fn: Callable[..., Any], *args: Any, name: str = "") -> Var:
        return self.op(fn, *args, name=name, kind=BOOL)

    def note(self, text: str) -> None:
        self.statements.append(Note(text))

    def stack(self, *items: Kind, name: str = "") -> Var:
        return self.op(primitives.new_stack, kind=Stack(items), name=name)

    def push(self, stack: Var, *values: Any) -> None:
        self.statements.append(Push(stack, operands(values)))

    def pop(self, stack: Var, *outs: Var) -> None:
        self.statements.append(Pop(outs, stack))

    def fail(self, error: type, *args: Any) -> None:
        self.statements.append(Raise(error, operands(args)))

    def call(self, function: Function, *args: Any, outs: Sequence[Var]) -> None:
        self.statements.append(Call(tuple(outs), function, operands(args)))

    def branch(self, test: Any, then: Block, orelse: Block, outs: Sequence[Var] = ()) -> None:
        self.statements.append(If(tuple(outs), operand(test), then, orelse))

    def count(self, limits: Sequence[Any], inits: Sequence[Any], body: Block) -> tuple[Var, ...]:
        outs = _like(body.params[1:])
        start, stop, step = operands(limits)
        self.statements.append(Loop(outs, operands(inits), body, range=(start, stop, step)))
        return outs

    def repeat(self, inits: Sequence[Any], body: Block, test: Block | None = None) -> tuple[Var, ...]:
        outs = _like(body.params)
        test = test or Block(_like(body.params), (), (Lit(True),))
        self.statements.append(Loop(outs, operands(inits), body, test=test))
        return outs

    def yields(self, *values: Any, params: Sequence[Var] = ()) -> Block:
        return Block(tuple(params), tuple(self.statements), operands(values))

    def function(self, name: str, params: Sequence[Var], *results: Any, **defaults: Any) -> Function:
        given = tuple((param, defaults[param.name]) for param in params if param.name in defaults)
        return Function(name, tuple(params), self.yields(*results), given)


def operand(value: Any) -> Operand:
    return value if isinstance(value, Var) or type(value).__name__ == "_Undef" else Lit(value)


def operands(values: Sequence[Any]) -> tuple[Operand, ...]:
    return tuple(map(operand, values))


def floats(names: str) -> tuple[Var, ...]:
    return tuple(Var(FLOAT, name) for name in names.split())


def integer(name: str = "") -> Var:
    return Var(INT, name)


def nothing(*values: Any) -> Block:
    """A block without statements."""
    return Block((), (), operands(values))


def _like(variables: Sequence[Var]) -> tuple[Var, ...]:
    return tuple(Var(var.kind, var.name) for var in variables)
