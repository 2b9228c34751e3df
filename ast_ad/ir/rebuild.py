"""Copying IR: the same code with other variables, for inlining and for the transforms."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from ast_ad.ir.kinds import Kind, symbols, with_symbols
from ast_ad.ir.nodes import (
    Block,
    Call,
    Function,
    If,
    Loop,
    Note,
    Op,
    Operand,
    Pop,
    Push,
    Raise,
    Statement,
    Var,
    with_parts,
)


class Substitution:
    """A map from variables to operands, applied while copying; definitions get fresh variables.

    A variable that is not in the map stands for itself. The kinds of the fresh variables are what `renew` makes of
    those of the old ones.
    """

    def __init__(
        self, mapping: dict[Var, Operand] | None = None, renew: Callable[[Kind], Kind] = lambda kind: kind
    ) -> None:
        self.mapping: dict[Var, Operand] = dict(mapping or {})
        self.renew = renew

    def __call__(self, operand: Operand) -> Operand:
        return self.mapping.get(operand, operand) if isinstance(operand, Var) else operand

    def all(self, operands: Sequence[Operand]) -> tuple[Operand, ...]:
        """Return the operands that stand for `operands`."""
        return tuple(self(operand) for operand in operands)

    def var(self, var: Var) -> Var:
        """Return the variable that stands for `var`, which must not stand for a constant."""
        value = self(var)
        assert isinstance(value, Var), f"{var} stands for {value}"
        return value

    def fresh(self, variables: Sequence[Var]) -> tuple[Var, ...]:
        """Give `variables` fresh copies, and remember them."""
        copies = tuple(Var(self.renew(variable.kind), variable.name) for variable in variables)
        self.mapping.update(zip(variables, copies))
        return copies

    def block(self, block: Block) -> Block:
        """Copy a block, its params and definitions made fresh."""
        params = self.fresh(block.params)
        statements = tuple(self.statement(statement) for statement in block.statements)
        return Block(params, statements, self.all(block.yields))

    def statement(self, statement: Statement) -> Statement:
        """Copy a statement, its definitions made fresh."""
        if isinstance(statement, Op):
            args = self.all(statement.args)
            kwargs = tuple((name, self(value)) for name, value in statement.kwargs)
            return with_parts(statement, args=args, kwargs=kwargs, outs=self.fresh(statement.outs))
        if isinstance(statement, If):
            test, then, orelse = self(statement.test), self.block(statement.then), self.block(statement.orelse)
            return with_parts(statement, test=test, then=then, orelse=orelse, outs=self.fresh(statement.outs))
        if isinstance(statement, Loop):
            limits = None
            if statement.range is not None:
                start, stop, step = self.all(statement.range)
                limits = (start, stop, step)
            inits = self.all(statement.inits)
            tested = None if statement.test is None else self.block(statement.test)
            body = self.block(statement.body)
            outs = self.fresh(statement.outs)
            return with_parts(statement, range=limits, inits=inits, test=tested, body=body, outs=outs)
        if isinstance(statement, Call):
            args = self.all(statement.args)
            return with_parts(statement, args=args, outs=self.fresh(statement.outs))
        if isinstance(statement, Push):
            return with_parts(statement, stack=self.var(statement.stack), values=self.all(statement.values))
        if isinstance(statement, Pop):
            stack = self.var(statement.stack)
            return with_parts(statement, stack=stack, outs=self.fresh(statement.outs))
        if isinstance(statement, Raise):
            return with_parts(statement, args=self.all(statement.args))
        assert isinstance(statement, Note)
        return statement


def copied(function: Function) -> Function:
    """Return a function with variables of its own: two functions of one program share none."""
    fresh = Substitution()
    params = fresh.fresh(function.params)
    defaults = tuple((fresh.var(param), value) for param, value in function.defaults)
    return with_parts(function, params=params, body=fresh.block(function.body), defaults=defaults)


def inlined(
    function: Function, args: Sequence[Operand], renew: Callable[[Kind], Kind] = lambda kind: kind
) -> tuple[list[Statement], tuple[Operand, ...]]:
    """Return the statements of a call of `function` with `args`, and the operands that stand for its results."""
    substitution = Substitution(dict(zip(function.params, args)), renew)
    statements = [substitution.statement(statement) for statement in function.body.statements]
    return statements, substitution.all(function.results)


def renewed(function: Function, args: Sequence[Operand]) -> Callable[[Kind], Kind]:
    """Return what makes the kinds in `function` those of one call of it.

    The lengths that stand in the kinds of the arguments are the caller's; all others are that call's own.
    """
    given = {name for value in (*function.params, *args) if isinstance(value, Var) for name in symbols(value.kind)}
    own: dict[str, str] = {}
    return lambda kind: with_symbols(kind, given, own)
