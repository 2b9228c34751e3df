"""Liveness: what the results and the observable effects of a program depend on.

Mark and sweep, at the finest grain that the IR can drop: operations, outs of an `If`, values that a loop carries,
results and parameters of a called function, components of a stack. The analysis is the mark;
`ast_ad.transform.simplify.dead` sweeps.

What a node needs is written down as a graph, and liveness is what can be reached from the roots:

    out of an If                  both yields, the If
    param, out of a Loop          the init, the body's yield, the Loop: so a value that only feeds itself is dead
    out of a Call                 the callee's result, the Call
    param of a called function    that argument of every call
    out of a Pop                  that component of the stack, the Pop
    component of a stack          that value of every Push, the stack
    stack                         every Push and Pop on it, and every Call that passes it on
    statement                     its test, range, `go`, operands; the statement around it

Two functions of one program are analysed together, so a result is dropped only if no call reads it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from ast_ad.analysis.effects import observable
from ast_ad.analysis.stacks import StackClass, stacks
from ast_ad.ir.kinds import Stack
from ast_ad.ir.nodes import (
    Block,
    Call,
    Function,
    If,
    Loop,
    Op,
    Operand,
    Pop,
    Push,
    Raise,
    Statement,
    Var,
    blocks,
)

Node = Any  # Var | Statement | StackClass | (StackClass, component) | (Function, result)


@dataclass(frozen=True)
class Liveness:
    """The live nodes of a program."""

    live: frozenset[Node]
    stacks: dict[Var, StackClass]

    def __call__(self, node: Var | Statement) -> bool:
        return node in self.live

    def components(self, stack: Var) -> tuple[int, ...]:
        """Return the live components of a stack's tuples."""
        assert isinstance(stack.kind, Stack)
        found = self.stacks[stack]
        return tuple(i for i in range(len(stack.kind.items)) if (found, i) in self.live)

    def results(self, function: Function) -> tuple[int, ...]:
        """Return the results of a called function that some call reads."""
        return tuple(i for i in range(len(function.results)) if (function, i) in self.live)

    def params(self, function: Function) -> tuple[int, ...]:
        """Return the params that a function reads."""
        return tuple(i for i, param in enumerate(function.params) if param in self.live)


def liveness(program: Sequence[Function]) -> Liveness:
    """Find what is live in the functions of a program; the last is the main one, whose results are wanted."""
    main = program[-1]
    graph = _Needs(stacks(program))
    for function in program:
        graph.block(function.body, None)
    for found in dict.fromkeys(graph.stacks.values()):
        graph.stack(found)
    live: set[Node] = set()
    pending: list[Node] = [*observable(main), *_variables(main.results), *((main, i) for i in range(len(main.results)))]
    while pending:
        node = pending.pop()
        if node not in live:
            live.add(node)
            pending += graph.needs.get(node, ())
    return Liveness(frozenset(live), graph.stacks)


def _variables(values: Iterable[Operand]) -> list[Node]:
    return [value for value in values if isinstance(value, Var)]


class _Needs:
    """The graph: each node with the nodes that it needs."""

    def __init__(self, classes: dict[Var, StackClass]) -> None:
        self.stacks = classes
        self.needs: dict[Node, list[Node]] = {}

    def block(self, block: Block, around: Statement | None) -> None:
        for statement in block.statements:
            visit = _VISITS.get(type(statement))
            if visit is not None:
                needed = visit(self, statement)
                if around is not None:
                    needed.append(around)
                self.needs[statement] = needed
                for inner in blocks(statement):
                    self.block(inner, statement)

    def stack(self, found: StackClass) -> None:
        """A class of stacks: where all of it is seen, it keeps all its components."""
        first = found.members[0].kind
        assert isinstance(first, Stack)
        components = [(found, i) for i in range(len(first.items))]
        self.needs[found] = [*found.pushes, *found.pops, *found.calls, *(components if found.escapes else ())]
        for i, component in enumerate(components):
            self.needs[component] = [found, *_variables(push.values[i] for push in found.pushes)]
        for member in found.members:
            self.needs.setdefault(member, []).append(found)

    def op(self, s: Op) -> list[Node]:
        for out in s.outs:
            self.needs[out] = [s]
        return _variables(s.args) + _variables(value for _, value in s.kwargs)

    def if_(self, s: If) -> list[Node]:
        for out, then, orelse in zip(s.outs, s.then.yields, s.orelse.yields):
            self.needs[out] = [s, *_variables((then, orelse))]
        return _variables((s.test,))

    def loop(self, s: Loop) -> list[Node]:
        for param, out, init, following in zip(s.carried, s.outs, s.inits, s.body.yields[1:]):
            self.needs[param] = [s, *_variables((init, following))]
            self.needs[out] = [param]
        if s.test is not None:
            self.needs.update((tested, [param]) for tested, param in zip(s.test.params, s.carried))
            return _variables((s.test.yields[0], s.body.yields[0]))
        assert s.range is not None and s.index is not None
        self.needs[s.index] = [s]
        return _variables((*s.range, s.body.yields[0]))

    def call(self, s: Call) -> list[Node]:
        for i, (out, result) in enumerate(zip(s.outs, s.function.results)):
            self.needs[out] = [s, (s.function, i)]
            self.needs[(s.function, i)] = _variables((result,))
        for param, arg in zip(s.function.params, s.args):
            self.needs.setdefault(param, []).extend(_variables((arg,)))
        return []

    def push(self, s: Push) -> list[Node]:
        return [s.stack]

    def pop(self, s: Pop) -> list[Node]:
        for i, out in enumerate(s.outs):
            self.needs[out] = [s, (self.stacks[s.stack], i)]
        return [s.stack]

    def raise_(self, s: Raise) -> list[Node]:
        return _variables(s.args)


_VISITS: dict[type, Callable[[_Needs, Any], list[Node]]] = {
    Op: _Needs.op,
    If: _Needs.if_,
    Loop: _Needs.loop,
    Call: _Needs.call,
    Push: _Needs.push,
    Pop: _Needs.pop,
    Raise: _Needs.raise_,
}
