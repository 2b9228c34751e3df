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
from dataclasses import dataclass, field

from ast_ad.analysis.recording import Homes
from ast_ad.ir.kinds import Array, is_inexact
from ast_ad.ir.nodes import Op, Var, operands
from ast_ad.rules.registry import effects, find


def dropped(homes: Homes, needed: Collection[Var]) -> tuple[Op, ...]:
    """Return the operations to run again, in order, of those at the top of a function.

    Parameters
    ----------
    needed
        The variables at the top that the reverse sweep reads.
    """
    wanted = {var for var in needed if _repeatable(var, homes)}
    named = {var for var in homes.maker if homes.home[var] is homes.top and var.name and _repeatable(var, homes)}
    ways = [
        _Chain(homes, needed, {var for var in nodes if not _by_the_way(var, homes)})
        for nodes in (wanted | named, wanted)
    ]
    best = min(ways, key=lambda way: way.cost)
    again = sorted(best.again, key=homes.order.__getitem__)
    return tuple(dict.fromkeys(maker for var in again if isinstance(maker := homes.maker[var], Op)))


def _repeatable(var: Var, homes: Homes) -> bool:
    """Tell whether a variable is made at the top by an operation that may run twice, from others."""
    maker = homes.maker.get(var)
    if homes.home[var] is not homes.top or not isinstance(maker, Op) or len(maker.outs) > 1:
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
    needed: Collection[Var]
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
            if var in self.dropped or (var not in self.nodes and _repeatable(var, self.homes)):
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
            if source not in self.homes.maker or source in between:
                continue
            made = self.homes.maker[source]
            if source in self.nodes or not _repeatable(source, self.homes) or not isinstance(made, Op):
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
