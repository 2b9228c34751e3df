"""Which intermediates of straight-line code are computed again: every other one along a chain.

An intermediate is dropped only if all the intermediates that it is computed from are kept: so computing it again is one
step deep, and the work grows by a constant factor whatever the graph. What comes first in a chain is kept.

    s1 = f(x); s2 = g(s1); s3 = h(s2); s4 = k(s3)        s1 and s3 are kept, s2 and s4 computed again from them

A step is what lies between two intermediates. There are two ways to see them: as the user does, who gave them names, or
as the reverse sweep does, which reads some of them and not others. Whichever way leaves less to keep is taken. Cheap
operations without a name belong to the step in which they are needed.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field, replace

from ast_ad.analysis.recording import Homes, Recording
from ast_ad.ir.kinds import Array, is_inexact
from ast_ad.ir.nodes import Block, Function, If, Op, Var, blocks, operands
from ast_ad.rules.registry import effects, find


def alternating(function: Function, plan: Recording, *, keep_top: bool) -> Recording:
    """Return a plan in which every other intermediate of straight-line code that was kept is computed again.

    Straight-line code is what stands at the top of the function, or in a branch outside of all loops.
    """
    homes = Homes(function, kept=keep_top)
    saved, late = dict(plan.saved), dict(plan.late)
    pending: list[tuple[Block, Collection[Var], Collection[Var]]] = []
    pending.append((function.body, plan.at_top if keep_top else saved.get(function.body, ()), ()))
    while pending:
        block, kept, around = pending.pop()
        best = _best(homes, block, kept, around)
        again = sorted(best.again, key=homes.order.__getitem__)
        late[block] = tuple(dict.fromkeys(maker for var in again if isinstance(maker := homes.maker[var], Op)))
        own = [var for var in best.kept if homes.home[var].block is block]
        saved[block] = tuple(sorted(own, key=homes.order.__getitem__))
        there = {*around, *own, *(out for op in plan.again.get(block, ()) for out in op.outs)} - best.again
        inner = [each for s in block.statements if isinstance(s, If) for each in blocks(s)]
        pending += [(each, saved[each], there) for each in inner if each in saved]
    return replace(plan, saved=saved, late=late)


def _best(homes: Homes, block: Block, kept: Collection[Var], around: Collection[Var]) -> _Chain:
    """Return the way to see the steps of a block that keeps the least; `around` is what is kept of other blocks."""
    wanted = {var for var in kept if _repeatable(var, homes, block)}
    named = {var for var in homes.maker if var.name and _repeatable(var, homes, block)}
    ways = [
        _Chain(homes, block, kept, around, {var for var in nodes if not _by_the_way(var, homes)})
        for nodes in (wanted | named, wanted)
    ]
    return min(ways, key=lambda way: way.cost)


def _repeatable(var: Var, homes: Homes, block: Block) -> bool:
    """Tell whether a variable is made in a block by an operation that may run twice, from others."""
    maker = homes.maker.get(var)
    if homes.home[var].block is not block or not isinstance(maker, Op) or len(maker.outs) > 1:
        return False
    pure = find(maker.fn) is not None and not effects(maker.fn)
    return pure and (isinstance(var.kind, Array) or is_inexact(var.kind)) and bool(_sources(maker))


def _by_the_way(var: Var, homes: Homes) -> bool:
    maker = homes.maker[var]
    rule = find(maker.fn) if isinstance(maker, Op) else None
    return not var.name and rule is not None and rule.cheap


def _sources(op: Op) -> list[Var]:
    return [operand for operand in operands(op) if isinstance(operand, Var)]


@dataclass
class _Chain:
    """One way to see the steps: which intermediates are dropped, and which are kept on their account.

    Attributes
    ----------
    again
        What is computed again: the intermediates that are dropped and read, and what is between them and the ones kept.
    """

    homes: Homes
    block: Block
    needed: Collection[Var]
    around: Collection[Var]
    nodes: Collection[Var]
    again: set[Var] = field(default_factory=set)
    dropped: set[Var] = field(default_factory=set)
    kept: set[Var] = field(default_factory=set)

    def __post_init__(self) -> None:
        steps: dict[Var, tuple[set[Var], set[Var]]] = {}
        for var in sorted(self.nodes, key=self.homes.order.__getitem__):
            steps[var] = self.step(var)
            sources = steps[var][0]
            known = all(source in self.needed or source in self.nodes for source in sources)
            first = not any(source in self.nodes for source in sources)
            if known and not first and sources.isdisjoint(self.dropped) and _rank(var) >= max(map(_rank, sources)):
                self.dropped.add(var)
        for var in self.needed:
            if var in self.dropped or (var not in self.nodes and _repeatable(var, self.homes, self.block)):
                self.repeat(var, steps.get(var) or self.step(var))
        self.kept |= set(self.needed) - self.again

    def step(self, var: Var) -> tuple[set[Var], set[Var]]:
        """Return the intermediates that a variable is computed from, and what lies between."""
        sources: set[Var] = set()
        between: set[Var] = set()
        maker = self.homes.maker[var]
        assert isinstance(maker, Op)
        pending = _sources(maker)
        while pending:
            source = pending.pop()
            if source not in self.homes.maker or source in self.around or source in between:
                continue
            made = self.homes.maker[source]
            if source in self.nodes or not _repeatable(source, self.homes, self.block) or not isinstance(made, Op):
                sources.add(source)
            else:
                between.add(source)
                pending += _sources(made)
        return sources, between

    def repeat(self, var: Var, step: tuple[set[Var], set[Var]]) -> None:
        """Compute a variable again, from what is kept."""
        sources, between = step
        if not all(source in self.needed or source in self.nodes for source in sources):
            return
        self.again |= {var} | between
        for source in sources:
            if source in self.dropped:
                if source not in self.again:
                    self.repeat(source, self.step(source))
            else:
                self.kept.add(source)

    @property
    def cost(self) -> int:
        """What is kept, by rank."""
        return sum(int(64 ** _rank(var)) for var in self.kept if var in self.homes.maker)


def _rank(var: Var) -> int:
    return var.kind.ndim if isinstance(var.kind, Array) else 0
