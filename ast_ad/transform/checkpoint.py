"""Loops cut into segments that are run again.

    for i in range(n):                        for start in range(0, n, k):
        x = f(x, i)                    ->         x = segment(start, min(start + k, n), x)       `segment` is `rerun`:
                                                                                        for i in range(start, stop):
                                                                                            x = f(x, i)

That is all that checkpointing a loop takes: of a call that is run again, the forward sweep keeps the arguments
(`ast_ad.transform.rerun`), and the loop around saves them, as any loop saves what its reversal needs. How long a
segment is, a schedule says (`ast_ad.analysis.schedule`).

A loop that may end early runs under a condition that it carries; where it has a test, that is tested at the end of a
step, and before the first:

    while test(x):                            running = test(x)
        x = f(x)                       ->     while running:
                                                  running, x = segment(k, x)

                                              for _ in range(k):
                                                  x = f(x)
                                                  running = test(x)
                                                  if not running: break
"""

from __future__ import annotations

import builtins
import math
import operator
from collections.abc import Collection, Sequence
from dataclasses import replace

from ast_ad.analysis.schedule import Fixed, Growing, Root, Schedule, Segments
from ast_ad.ir.kinds import BOOL, INT, symbols, with_symbols
from ast_ad.ir.nodes import (
    Block,
    Call,
    Function,
    If,
    Lit,
    Loop,
    Operand,
    Statement,
    Var,
    free_variables,
)
from ast_ad.ir.rebuild import Substitution, copied
from ast_ad.rules.expand import Code
from ast_ad.runtime import trip_count
from ast_ad.transform.prepare import ends_early
from ast_ad.transform.ranges import integer


def segmented(function: Function, schedule: Schedule, chosen: Collection[Loop]) -> Function:
    """Return a function with the chosen loops, none of which is in another loop, cut into segments."""
    return replace(function, body=_Segments(schedule, chosen).block(function.body))


class _Segments:
    def __init__(self, schedule: Schedule, chosen: Collection[Loop]) -> None:
        self.schedule = schedule
        self.chosen = chosen

    def block(self, block: Block) -> Block:
        return replace(block, statements=tuple(new for s in block.statements for new in self.statement(s)))

    def statement(self, s: Statement) -> Sequence[Statement]:
        if isinstance(s, If):
            return [replace(s, then=self.block(s.then), orelse=self.block(s.orelse))]
        if not isinstance(s, Loop) or s not in self.chosen:
            return [s]
        code = Code(s.where)
        if s.range is None:
            _while(code, s, self.schedule.uncounted)
        elif ends_early(s):
            _with_break(code, s, s.range, self.schedule.uncounted)
        else:
            _counted(code, s, s.range, self.schedule.counted)
        return code.statements


def _counted(code: Code, s: Loop, limits: tuple[Operand, Operand, Operand], segments: Segments) -> None:
    """Write a loop that runs through all of its range."""
    count = _count(code, limits)
    every = _length(code, segments, count)
    first, state = Var(INT, "start"), _state(s)
    inner = Code(s.where)
    last = _at_most(inner, integer(inner, operator.add, first, every), count)
    outs = _segment(inner, s, _part(inner, limits, first, last), state)
    body = Block((first, *state), tuple(inner.statements), (Lit(True), *outs))
    code.statements.append(Loop(s.outs, s.inits, body, (Lit(0), count, every), where=s.where))


def _with_break(code: Code, s: Loop, limits: tuple[Operand, Operand, Operand], segments: Segments) -> None:
    """Write a loop over a range that may end before."""
    count = _count(code, limits)
    state, first, every = _state(s), Var(INT, "start"), _length(code, segments, count)
    running, length = Var(BOOL, "running"), Var(INT, "every")
    inner = Code(s.where)
    last = _at_most(inner, integer(inner, operator.add, first, length), count)
    *outs, going = _segment(inner, _carrying_go(s), _part(inner, limits, first, last), (*state, running))
    more = inner.op(operator.lt, last, count)
    following = Var(BOOL, "running")
    inner.statements.append(If((following,), going, Block((), (), (more,)), Block((), (), (Lit(False),)), s.where))
    longer = _longer(inner, segments, length)
    start = code.op(operator.lt, Lit(0), count)
    inits = (*s.inits, Lit(0), every, start)
    _outer(code, s, (*state, first, length, running), inits, inner, (*outs, last, longer, following))


def _while(code: Code, s: Loop, segments: Segments) -> None:
    """Write a loop that runs while a test is true."""
    assert s.test is not None
    state, length, running = _state(s), Var(INT, "every"), Var(BOOL, "running")
    start = _tested(code, s.test, s.inits)
    inner = Code(s.where)
    turning = _testing_last(s)
    *outs, following = _segment(inner, turning, (Lit(0), length, Lit(1)), (*state, running))
    longer = _longer(inner, segments, length)
    every = _length(code, segments, Lit(0))
    _outer(code, s, (*state, length, running), (*s.inits, every, start), inner, (*outs, longer, following))


def _outer(
    code: Code,
    s: Loop,
    params: Sequence[Var],
    inits: Sequence[Operand],
    inner: Code,
    yields: Sequence[Operand],
) -> None:
    """Write the loop over segments; it goes on while the last of its params is true."""
    tested = _like(params)
    test = Block(tested, (), (tested[-1],))
    body = Block(tuple(params), tuple(inner.statements), (Lit(True), *yields))
    outs = (*s.outs, *_like(params[len(s.outs) :]))
    code.statements.append(Loop(outs, tuple(inits), body, test=test, where=s.where))


def _segment(
    code: Code, s: Loop, limits: tuple[Operand, Operand, Operand], state: Sequence[Operand]
) -> tuple[Var, ...]:
    """Write the call of a part of a loop, and return what it carries then."""
    index = s.index if s.index is not None else Var(INT)
    params = tuple(Var(each.kind, var.name) for each, var in zip(state, s.carried) if isinstance(each, Var))
    outs = _state(s)
    body = Block((index, *s.carried), s.body.statements, s.body.yields)
    inside = Block((), (Loop(outs, params, body, limits, where=s.where),), outs)
    free = [var for var in free_variables(inside) if var not in params]
    function = copied(Function("segment", (*params, *free), inside, rerun=True, segment=True))
    results = tuple(Var(out.kind, out.name) for out in outs)
    code.statements.append(Call(results, function, (*state, *free), s.where))
    return results


def _state(s: Loop) -> tuple[Var, ...]:
    """Return variables for what a loop carries, at another time: only lengths that never change are the same."""
    around = (*free_variables(Block((), (s,), ())), *s.inits)
    keep = {name for var in around if isinstance(var, Var) for name in symbols(var.kind)}
    own: dict[str, str] = {}
    return tuple(Var(with_symbols(var.kind, keep, own), var.name) for var in s.carried)


def _carrying_go(s: Loop) -> Loop:
    """Return a loop that carries, last, whether it went on."""
    go = s.body.yields[0]
    body = Block((*s.body.params, Var(BOOL, "running")), s.body.statements, (*s.body.yields, go))
    return replace(s, body=body, outs=(*s.outs, Var(BOOL, "running")))


def _testing_last(s: Loop) -> Loop:
    """Return a loop that tests at the end of a step, and carries the test last."""
    assert s.test is not None
    go, *following = s.body.yields
    after = Code(s.where)
    running: Operand = go
    goes_on = not (isinstance(go, Lit) and go.value is False)
    if goes_on and not (isinstance(s.test.yields[0], Lit) and s.test.yields[0].value is True):
        running = _tested(after, s.test, following)
        if not isinstance(go, Lit):
            both = Var(BOOL, "running")
            then = Block((), tuple(after.statements), (running,))
            after.statements = [If((both,), go, then, Block((), (), (Lit(False),)), s.where)]
            running = both
    body = Block(
        (*s.body.params, Var(BOOL, "running")),
        (*s.body.statements, *after.statements),
        (running, *following, running),
    )
    return replace(s, body=body, test=None, outs=(*s.outs, Var(BOOL, "running")))


def _tested(code: Code, test: Block, state: Sequence[Operand]) -> Operand:
    """Write the test of a loop for a state."""
    meaning = Substitution(dict(zip(test.params, state)))
    code.statements += [meaning.statement(statement) for statement in test.statements]
    value = meaning(test.yields[0])
    if isinstance(value, Lit):
        return Lit(bool(value.value))
    if isinstance(value, Var) and value.kind == BOOL:
        return value
    truth = Var(BOOL, "running")
    code.statements.append(If((truth,), value, Block((), (), (Lit(True),)), Block((), (), (Lit(False),)), code.where))
    return truth


def _like(variables: Sequence[Var]) -> tuple[Var, ...]:
    return tuple(Var(var.kind, var.name) for var in variables)


def _count(code: Code, limits: tuple[Operand, Operand, Operand]) -> Operand:
    """Write how many steps a range has, or fewer than none."""
    start, stop, step = limits
    if isinstance(step, Lit) and step.value == 1:
        return integer(code, operator.sub, stop, start)
    return code.op(trip_count, start, stop, step, name="count")


def _part(
    code: Code, limits: tuple[Operand, Operand, Operand], first: Operand, last: Operand
) -> tuple[Operand, Operand, Operand]:
    """Write the part of a range from one of its steps to another."""
    start, _, step = limits
    ends = [integer(code, operator.add, start, integer(code, operator.mul, place, step)) for place in (first, last)]
    for end, name in zip(ends, ("low", "high")):
        if isinstance(end, Var) and not end.name:
            end.name = name
    return ends[0], ends[1], step


def _length(code: Code, segments: Segments, count: Operand) -> Operand:
    """Write the length of the first segment."""
    if isinstance(segments, Fixed):
        return Lit(segments.steps)
    if isinstance(segments, Growing):
        return Lit(1)
    assert isinstance(segments, Root)
    if isinstance(count, Lit):
        return Lit(math.isqrt(max(count.value, 1)))
    # Not `math.isqrt`, which Numba does not know.
    return code.op(int, code.op(math.sqrt, code.op(builtins.max, count, Lit(1))), name="every")


def _longer(code: Code, segments: Segments, length: Operand) -> Operand:
    """Write the length of the segment that follows one."""
    return code.op(operator.add, length, Lit(1), name="every") if isinstance(segments, Growing) else length


def _at_most(code: Code, x: Operand, limit: Operand) -> Operand:
    if isinstance(x, Lit) and isinstance(limit, Lit):
        return Lit(min(x.value, limit.value))
    return code.op(builtins.min, x, limit, name="stop")
