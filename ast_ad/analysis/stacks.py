"""Which variables name the same stack, and where it is pushed and popped.

A stack flows through the outs of an `If`, the values that a loop carries, arguments and results of calls. All
variables that one stack may pass through form a class, across functions: what is decided for a component of its
tuples is decided for the class.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from ast_ad.ir import primitives
from ast_ad.ir.kinds import Stack
from ast_ad.ir.nodes import Call, Function, If, Loop, Op, Operand, Pop, Push, Statement, Var, operands, walk


@dataclass(eq=False)
class StackClass:
    """The stack that some variables name.

    Attributes
    ----------
    members : list of Var
        The variables.
    pushes, pops : list
        The statements that work on it.
    calls : list of Call
        The calls that pass it on.
    escapes : bool
        Whether it is seen whole: returned by the main function, pushed on another stack, tested, or turned round.
    """

    members: list[Var] = field(default_factory=list)
    pushes: list[Push] = field(default_factory=list)
    pops: list[Pop] = field(default_factory=list)
    calls: list[Call] = field(default_factory=list)
    escapes: bool = False


def flows(statement: Statement) -> Iterator[tuple[Var, Operand]]:
    """Yield the pairs (variable, operand that it may take its value from) of a statement with regions or of a call."""
    if isinstance(statement, If):
        for out, then, orelse in zip(statement.outs, statement.then.yields, statement.orelse.yields):
            yield out, then
            yield out, orelse
    elif isinstance(statement, Loop):
        tested = statement.test.params if statement.test is not None else statement.carried
        states = zip(statement.carried, tested, statement.outs, statement.inits, statement.body.yields[1:])
        for param, test_param, out, init, following in states:
            for receiver in (param, test_param, out):
                yield receiver, init
                yield receiver, following
    elif isinstance(statement, Call):
        yield from zip(statement.function.params, statement.args)
        yield from zip(statement.outs, statement.function.results)


def stacks(program: Sequence[Function]) -> dict[Var, StackClass]:
    """Return the class of each variable that names a stack, in a program's functions; the last is the main one."""
    table: dict[Var, StackClass] = {}
    for function in program:
        for statement in walk(function.body):
            _visit(table, statement)
    main = program[-1]
    for operand in (*main.params, *main.results):
        if _is_stack(operand):
            _class(table, operand).escapes = True
    return table


def _visit(table: dict[Var, StackClass], statement: Statement) -> None:
    if isinstance(statement, Push):
        _class(table, statement.stack).pushes.append(statement)
        inside = statement.values
    elif isinstance(statement, Pop):
        _class(table, statement.stack).pops.append(statement)
        inside = statement.outs
    elif isinstance(statement, Op):
        if statement.fn is primitives.new_stack:
            _class(table, statement.outs[0])
            return
        inside = (*operands(statement), *statement.outs)
    else:
        for receiver, operand in flows(statement):
            if _is_stack(operand) and _is_stack(receiver):
                _merge(table, receiver, operand)
                if isinstance(statement, Call):
                    _class(table, operand).calls.append(statement)
        return
    for operand in inside:
        if _is_stack(operand):
            _class(table, operand).escapes = True


def _is_stack(operand: Operand) -> bool:
    return isinstance(operand, Var) and isinstance(operand.kind, Stack)


def _class(table: dict[Var, StackClass], var: Operand) -> StackClass:
    assert isinstance(var, Var)
    found = table.get(var)
    if found is None:
        found = table[var] = StackClass([var])
    return found


def _merge(table: dict[Var, StackClass], a: Operand, b: Operand) -> None:
    """Make one class of two, the smaller one moving into the larger."""
    into, other = _class(table, a), _class(table, b)
    if into is other:
        return
    if len(into.members) < len(other.members):
        into, other = other, into
    into.members += other.members
    into.pushes += other.pushes
    into.pops += other.pops
    into.calls += other.calls
    into.escapes |= other.escapes
    for member in other.members:
        table[member] = into
