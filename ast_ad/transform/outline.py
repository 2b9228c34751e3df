"""Calls that are to be run again, made functions of their own.

    begin("f"); ...; end("f")    ->    outs = f(free variables)        f is `rerun`

Lowering writes what `ast_ad.checkpoint(f)` calls where it is called, between two marks: so writes to arrays, closures
and results of any structure need nothing of their own. This pass cuts it out again. What is defined between the marks
and read after them are the results.

In a recursion only the call from outside is run again: what stands between marks must not call the function around it.
Marks have no effects: where no one cuts at them, they are dead code.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace

from ast_ad.analysis.effects import draws_in_recursion
from ast_ad.ir import primitives
from ast_ad.ir.kinds import Stack
from ast_ad.ir.nodes import (
    Block,
    Call,
    Function,
    Lit,
    Op,
    Operand,
    Statement,
    Var,
    blocks,
    defined,
    free_variables,
    functions,
    walk,
)
from ast_ad.ir.rebuild import copied
from ast_ad.transform.simplify.rewriting import changed, each_function, mapped, unless_same, with_blocks, with_callee


def outlined(main: Function) -> Function:
    """Return a program without marks: what stands between two of them is a call of a function that is `rerun`."""
    program = functions(main)
    if not any(_is(s, primitives.begin) for each in program for s in walk(each.body)):
        return main

    def rewrite(function: Function, become: dict[Function, Function]) -> Function:
        if not any(_is(s, primitives.begin) for s in walk(function.body)):
            return changed(function, body=_Outliner(become).block(function.body))
        around = frozenset(s for s in walk(function.body) if isinstance(s, Call) and function in functions(s.function))
        return changed(function, body=_Outliner(become, around).block(function.body))

    return each_function(program, rewrite)


class _Outliner:
    """Rewrites the blocks of a function; `around` are its calls that lead back to it."""

    def __init__(self, become: dict[Function, Function], around: Collection[Call] = ()) -> None:
        self.become = become
        self.around = around

    def block(self, block: Block) -> Block:
        statements = list(mapped(self.statement, block.statements))
        whole = [self.leads_back(s) or draws_in_recursion(s) for s in block.statements]
        while (found := _innermost(statements)) is not None:
            first, last = found
            inside, after = statements[first + 1 : last], statements[last + 1 :]
            stays = any(whole[first:last])
            new = inside if stays else _cut(_name(statements[first]), inside, after, block.yields)
            statements[first : last + 1] = new
            whole[first : last + 1] = [stays] * len(new)
        statements = [s for s in statements if not _is(s, primitives.begin)]
        return changed(block, statements=unless_same(block.statements, statements))

    def leads_back(self, s: Statement) -> bool:
        """Tell whether a statement calls the function that it is in."""
        every = (s, *(inner for block in blocks(s) for inner in walk(block)))
        return any(inner in self.around for inner in every)

    def statement(self, s: Statement) -> Statement:
        return with_blocks(with_callee(s, self.become.__getitem__), self.block)


def _is(s: Statement, mark: object) -> bool:
    return isinstance(s, Op) and s.fn is mark


def _name(s: Statement) -> str:
    assert isinstance(s, Op) and isinstance(s.args[0], Lit)
    return str(s.args[0].value)


def _innermost(statements: Sequence[Statement]) -> tuple[int, int] | None:
    """Return the positions of the first `end` and of its `begin`.

    A call that always raises has no end.
    """
    begins: list[int] = []
    for i, s in enumerate(statements):
        if _is(s, primitives.begin):
            begins.append(i)
        elif _is(s, primitives.end):
            while _name(statements[begins[-1]]) != _name(s):
                begins.pop()
            return begins[-1], i
    return None


def _cut(
    name: str, inside: Sequence[Statement], after: Sequence[Statement], yields: Sequence[Operand]
) -> list[Statement]:
    """Return the call that stands for statements."""
    if not inside or any(isinstance(var.kind, Stack) for var in _crossing(inside, after, yields)):
        return list(inside)
    return [called(name, inside, after, yields)]


def _crossing(inside: Sequence[Statement], after: Sequence[Statement], yields: Sequence[Operand]) -> Collection[Var]:
    """Return the variables that statements read from before, and that what comes after reads from them."""
    return {**free_variables(Block((), tuple(inside), ())), **_read(inside, after, yields)}


def _read(inside: Sequence[Statement], after: Sequence[Statement], yields: Sequence[Operand]) -> dict[Var, None]:
    """Return what statements define and what comes after them reads."""
    own = {var for s in inside for var in defined(s)}
    return {var: None for var in free_variables(Block((), tuple(after), tuple(yields))) if var in own}


def called(name: str, inside: Sequence[Statement], after: Sequence[Statement], yields: Sequence[Operand]) -> Call:
    """Return the call of a `rerun` function that does what statements do.

    Its outs are their own variables; inside of the function there are others.
    """
    block = Block((), tuple(inside), ())
    outs = tuple(_read(inside, after, yields))
    params = tuple(free_variables(block))
    function = copied(Function(name, params, replace(block, yields=outs), rerun=True))
    where = next((s.where for s in walk(block) if s.where is not None), None)
    return Call(outs, function, params, where)
