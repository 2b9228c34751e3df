"""Reads before updates: what reads an array stands before the update that would take its place, if it can.

    part = u_bar[1:-1]                                    part = u_bar[1:-1]
    u_bar.2 = add_at(u_bar, 0:-2, part * 0.2)     to      double = part * 0.4
    double = part * 0.4                                   u_bar.2 = add_at(u_bar, 0:-2, part * 0.2)

Operations are functions, so their order is free.  But where `part` is still read after the update, the update needs a
copy of the whole array; the reads, which are of the same block and need nothing that comes later, go in front of it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from ast_ad.analysis.memory import Memory, is_memory
from ast_ad.ir.nodes import Block, Function, If, Loop, Op, Statement, Var, defined, free_variables, operands
from ast_ad.rules.arrays import is_update
from ast_ad.rules.registry import effects
from ast_ad.transform.simplify.rewriting import changed, mapped, unless_same


def with_early_reads(function: Function, memory: Memory, live: Mapping[Statement, frozenset[Var]]) -> Function:
    """Return a function in which reads stand before updates where that saves a copy.

    Parameters
    ----------
    memory
        Which of its variables may share an array.
    live
        For each update, the arrays that are needed after it has begun.
    """
    return changed(function, body=_Reads(memory, live).block(function.body))


class _Reads:
    def __init__(self, memory: Memory, live: Mapping[Statement, frozenset[Var]]) -> None:
        self.memory = memory
        self.live = live

    def block(self, block: Block) -> Block:
        statements = list(mapped(self.statement, block.statements))
        own = set(filter(is_memory, block.params))
        i = 0
        while i < len(statements):
            s = statements[i]
            if isinstance(s, Op) and is_update(s.fn) and s in self.live:
                early = self.early(s, statements[i + 1 :], own, block)
                rest = [each for each in statements[i + 1 :] if each not in early]
                statements[i:] = [*early, s, *rest]
                i += len(early)
            own.update(filter(is_memory, defined(s)))
            i += 1
        return changed(block, statements=unless_same(block.statements, statements))

    def statement(self, s: Statement) -> Statement:
        if isinstance(s, If):
            return changed(s, then=self.block(s.then), orelse=self.block(s.orelse))
        return changed(s, body=self.block(s.body)) if isinstance(s, Loop) else s

    def early(self, update: Op, later: Sequence[Statement], own: set[Var], block: Block) -> list[Statement]:
        """Return the statements that have to go before an update, so that nothing reads its array after it."""
        source = update.args[0]
        assert isinstance(source, Var)
        seen = [var for var in self.live[update] if self.memory.share(var, source)]
        if not seen or not own.issuperset(seen) or not self.memory.is_own(source):
            return []
        if not self.memory.listed.isdisjoint(self.memory(source)) or not set(seen).isdisjoint(block.yields):
            return []
        watched, before = set(seen), set[Var]()
        after = set(defined(update))
        early: list[Statement] = []
        for s in later:
            reads = set(_read(s))
            if reads.isdisjoint(watched):
                after.update(defined(s))
                continue
            if not _is_plain(s) or not reads.isdisjoint(after - before):
                return []
            early.append(s)
            before.update(defined(s))
            watched.update(var for var in defined(s) if self.memory.share(var, source))
        return early if watched.isdisjoint(block.yields) else []


def _read(s: Statement) -> Iterable[Var]:
    if isinstance(s, (If, Loop)):
        yield from free_variables(*([s.then, s.orelse] if isinstance(s, If) else [s.body]))
        if isinstance(s, Loop) and s.test is not None:
            yield from free_variables(s.test)
    yield from (each for each in operands(s) if isinstance(each, Var))


def _is_plain(s: Statement) -> bool:
    """Tell whether a statement may stand earlier: it changes, draws and raises nothing."""
    return isinstance(s, Op) and not is_update(s.fn) and not effects(s.fn)
