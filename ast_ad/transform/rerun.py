"""Calls of functions that are run again: what is kept of a call is its arguments, and what it drew.

    out = f(x)                          out, drawn = f_forward(x)
                                        ...
                                        x_bar = f_reverse(x, drawn, out_bar, x_bar so far)

`f_reverse` contains both sweeps. In the forward sweep that it starts with, what was drawn (random numbers, input, the
results of functions of which nothing is known) is not drawn again but taken from what was kept: at the top of the
function from a parameter, in a loop from a stack, first in first out. It adds to the adjoints so far, so that the sums
are formed term by term as in a sweep that keeps everything.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from ast_ad.analysis.effects import DRAWS, effects
from ast_ad.analysis.recording import Recording
from ast_ad.ir import primitives
from ast_ad.ir.nodes import Block, Function, Op, Operand, Pop, Statement, Var, blocks, defined
from ast_ad.ir.rebuild import Substitution, copied
from ast_ad.transform.fill import filled
from ast_ad.transform.record import Saving
from ast_ad.transform.simplify import simplify
from ast_ad.transform.simplify.calls import with_inlined


@dataclass(frozen=True)
class Drawn:
    """A function that tells what it draws, and one that is told.

    Attributes
    ----------
    forward
        Returns the results, then what was drawn.
    again
        Takes the parameters, then what was drawn; draws nothing.
    """

    forward: Function
    again: Function


def drawn(function: Function) -> Drawn:
    """Return a function that is run again as one that is run first, and one that is run later."""
    if not any(map(_draws, function.body.statements)):
        return Drawn(function, replace(copied(function), rerun=False))
    function = replace(function, rerun=False)
    function = simplify(with_inlined(function, _draws))
    plan = Recording({block: made for block in _every(function.body) if (made := _drawn_in(block))}, {}, frozenset())
    saving = Saving(plan)
    body, leaving = saving.block(function.body, in_loop=False)
    stacks = [stack for op in saving.stacks for stack in op.outs]
    for stack in stacks:
        stack.name = "drawn"
    kept = [*(value for _, value in leaving), *stacks]
    body = filled(Block((), (*saving.stacks, *body.statements), (*function.results, *kept)), kept)
    forward = replace(function, name=f"{function.name}_forward", body=body)

    given = {var: Var(var.kind, var.name) for var, _ in leaving}
    taken = {stack: Var(stack.kind, stack.name) for stack in stacks}
    turned = {stack: Var(stack.kind, stack.name) for stack in stacks}
    told = _Told(given, {block: turned[stack] for block, stack in saving.stack_of.items()})
    params = (*told.fresh(function.params), *given.values(), *taken.values())
    rest = told.block(function.body)
    head = tuple(Op((turned[stack],), primitives.in_order, (param,)) for stack, param in taken.items())
    again = replace(function, params=params, body=replace(rest, statements=(*head, *rest.statements)))
    return Drawn(copied(forward), again)


class _Told(Substitution):
    """Copies the code of a function; what it draws is given, or taken from a stack at the head of a block."""

    def __init__(self, given: Mapping[Var, Operand], stack_of: Mapping[Block, Var]) -> None:
        super().__init__(dict(given))
        self.stack_of = stack_of

    def block(self, block: Block) -> Block:
        params = self.fresh(block.params)
        head: list[Statement] = []
        if block in self.stack_of:
            head.append(Pop(self.fresh(_drawn_in(block)), self.stack_of[block]))
        rest = [self.statement(s) for s in block.statements if not (isinstance(s, Op) and _draws(s))]
        return Block(params, (*head, *rest), self.all(block.yields))


def _draws(s: Statement) -> bool:
    return DRAWS in effects(s)


def _drawn_in(block: Block) -> tuple[Var, ...]:
    """Return what the operations of a block draw."""
    return tuple(out for s in block.statements if isinstance(s, Op) and _draws(s) for out in defined(s))


def _every(block: Block) -> list[Block]:
    return [block, *(each for s in block.statements for inner in blocks(s) for each in _every(inner))]
