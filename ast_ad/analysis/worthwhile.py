"""Which loops are worth cutting into segments: those of which more is saved at each step than their state.

What is saved of a loop that keeps everything, `ast_ad.analysis.recording` says. A loop that saves nothing gains
nothing. Nor does one whose state is larger than what a step saves, as where a loop fills an array element by element,
and only elements are saved; or than what the steps of a segment save, where these are few. Of sizes, only the ranks are
known.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence

from ast_ad.analysis.effects import draws_in_recursion
from ast_ad.analysis.recording import Recording
from ast_ad.analysis.schedule import Fixed, Segments
from ast_ad.ir.kinds import Array, Kind, Stack
from ast_ad.ir.nodes import Block, If, Lit, Loop, Operand, Pop, Push, Statement, Var, blocks, defined, operands, walk


def worthwhile(saving: Block, plan: Recording, segments: Segments) -> tuple[bool, ...]:
    """Return, for each outermost loop of a forward sweep, in order, whether it is to be cut into segments."""
    return tuple(_gains(loop, plan, segments) for loop in outermost(saving))


def outermost(block: Block) -> Iterator[Loop]:
    """Yield the loops in a block that are in no other loop of it."""
    for s in block.statements:
        if isinstance(s, Loop):
            yield s
        elif isinstance(s, If):
            yield from outermost(s.then)
            yield from outermost(s.orelse)


def _gains(loop: Loop, plan: Recording, segments: Segments) -> bool:
    go = loop.body.yields[0]
    if isinstance(go, Lit) and go.value is False:
        return False  # It runs once.
    saved = [var for block in _every(loop.body) for var in plan.saved.get(block, ())]
    if not saved or any(isinstance(s, (Push, Pop)) for s in walk(loop.body)) or draws_in_recursion(loop):
        return False
    state = _needed(loop, saved)
    if any(isinstance(var.kind, Stack) for var in state) or _rank(state) > _rank(saved):
        return False
    if (
        not isinstance(segments, Fixed)
        or _rank(state) < _rank(saved)
        or any(isinstance(s, Loop) for s in walk(loop.body))
    ):
        return True
    whole, each = (sum(_dims(var.kind) == _rank(saved) for var in variables) for variables in (state, saved))
    return whole < segments.steps * each


def _every(block: Block) -> Iterator[Block]:
    yield block
    for s in block.statements:
        for inner in blocks(s):
            yield from _every(inner)


def _rank(variables: Collection[Var]) -> int:
    return max((_dims(var.kind) for var in variables), default=0)


def _dims(kind: Kind) -> int:
    """Return how many dimensions a value has; a stack, which a callee saves on, has those of its items and one more."""
    if isinstance(kind, Stack):
        return 1 + max(map(_dims, kind.items), default=0)
    return kind.ndim if isinstance(kind, Array) else 0


def _needed(loop: Loop, saved: Sequence[Var]) -> list[Var]:
    """Return what of a loop's state computing `saved` again needs."""
    reads: dict[Var, list[Operand]] = {}
    _collect(loop.body, [], reads)
    for param, following in zip(loop.carried, loop.body.yields[1:]):
        reads.setdefault(param, []).append(following)
    live: dict[Var, None] = {}
    pending: list[Operand] = [*saved, loop.body.yields[0]]
    while pending:
        var = pending.pop()
        if isinstance(var, Var) and var not in live:
            live[var] = None
            pending += reads.get(var, ())
    return [param for param in loop.carried if param in live]


def _collect(block: Block, around: list[Operand], reads: dict[Var, list[Operand]]) -> None:
    """Note, for each variable that is defined in a block, what it is computed from."""
    for s in block.statements:
        own = [*around, *operands(s)]
        inside = _tests(s, around)
        for var in defined(s):
            reads.setdefault(var, []).extend(own if not isinstance(s, (If, Loop)) else inside)
        if isinstance(s, If):
            for var, then, orelse in zip(s.outs, s.then.yields, s.orelse.yields):
                reads[var] += (then, orelse)
        elif isinstance(s, Loop):
            for var, param, init, following in zip(s.outs, s.carried, s.inits, s.body.yields[1:]):
                reads[var] += (init, following)
                reads.setdefault(param, []).extend((*inside, init, following))
            if s.index is not None:
                reads[s.index] = inside
        for inner in blocks(s):
            _collect(inner, inside, reads)


def _tests(s: Statement, around: list[Operand]) -> list[Operand]:
    """Return what decides whether the blocks of a statement run."""
    if isinstance(s, If):
        return [*around, s.test]
    if isinstance(s, Loop):
        return [*around, *(s.range or ()), s.body.yields[0]]
    return around
