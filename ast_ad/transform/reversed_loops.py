"""The reverse of a loop: a loop over its iterations, last first.

It carries the adjoints of what the loop carries, and of every active variable that is free in its body.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from ast_ad.ir.kinds import INT, Array, List, Stack, dims_of, is_inexact, symbols, with_symbols
from ast_ad.ir.nodes import Block, Lit, Loop, Operand, Var, free_variables, operands
from ast_ad.rules.expand import Code
from ast_ad.rules.operands import is_array
from ast_ad.runtime import or_zeros
from ast_ad.transform import ranges
from ast_ad.transform.adjoints import Adjoints, wide_enough, zero
from ast_ad.transform.ranges import Range

if TYPE_CHECKING:
    from ast_ad.transform.sweep import Sweep


class _Carried(NamedTuple):
    """A variable that a loop carries: before it, at the head of an iteration, after the loop, at an iteration's end."""

    init: Operand
    param: Var
    out: Var
    following: Operand


class LoopReversal:
    """Writes the reverse of one loop into `code`; `adjoints` are those of what follows the loop."""

    def __init__(self, sweep: Sweep, s: Loop, adjoints: Adjoints, code: Code) -> None:
        self.sweep = sweep
        self.s = s
        self.adjoints = adjoints
        self.code = code
        facts = sweep.facts
        self.carried = [
            _Carried(*each)
            for each in zip(s.inits, s.carried, s.outs, s.body.yields[1:])
            if facts(each[2]) or facts(each[1])
        ]
        self.shared = [v for v in free_variables(s.body) if facts(v) and not isinstance(v.kind, Stack)]
        self.inits = self._started()
        self.params = [sweep.bar(each.param) for each in self.carried] + [sweep.bar(var) for var in self.shared]
        for param_bar, init in zip(self.params, self.inits):
            param_bar.kind = wide_enough(param_bar.kind, [init])

    def write(self) -> None:
        """Write the loop, and let its results reach the adjoints of what it reads."""
        sweep, s = self.sweep, self.s
        inside, body = Adjoints(sweep.facts, sweep.filled, self.adjoints), Code(s.where, sweep.made)
        limits, index = self._range()
        self._enter(inside, body)
        sweep.block(s.body, inside, body)
        yields = [self._going_round(body, inside, each) for each in self.carried]
        yields += [sweep.so_far(body, inside, var) for var in self.shared]
        for param_bar, following_bar in zip(self.params, yields):
            param_bar.kind = wide_enough(param_bar.kind, [following_bar])
        # Lengths that change from turn to turn are others after the last one.
        around, own = _symbols_around(s), dict[str, str]()
        outs = tuple(Var(with_symbols(param.kind, around, own), param.name) for param in self.params)
        sweep.note_numbers(self.inits, outs)
        if not outs and not body.statements:
            return
        block = Block((index, *self.params), tuple(body.statements), (Lit(True), *yields))
        statement = Loop(outs, tuple(self.inits), block, limits, where=s.where)
        self.code.statements.append(statement)
        sweep.mirror[statement] = s
        self.adjoints.own.update(zip(self.shared, outs[len(self.carried) :]))
        for each, out in zip(self.carried, outs):
            self.adjoints.add(self.code, each.init, sweep.as_of(self.code, out, each.init))

    def _started(self) -> list[Operand]:
        """Return the adjoints that the reversed loop starts with."""
        sweep, code = self.sweep, self.code
        arriving = [self.adjoints.take(each.out) for each in self.carried]
        likes = [each.init if _keeps_shape(each.init, each.param) else each.out for each in self.carried]
        inits = [
            self._nothing(like) if bar is None else sweep.whole(code, bar, like) for bar, like in zip(arriving, likes)
        ]
        return inits + [sweep.so_far(code, self.adjoints, var) for var in self.shared]

    def _nothing(self, like: Operand) -> Operand:
        """Return the adjoint of what nothing has reached; what has no value on every path has no shape there."""
        return Lit(0.0) if is_array(like) and like in self.sweep.undefined else zero(self.code, like)

    def _enter(self, inside: Adjoints, body: Code) -> None:
        """Let the adjoints at the head of a reversed iteration reach what the iteration ended with."""
        undefined, first = self.sweep.undefined, len(self.carried)
        inside.own.update(zip(self.shared, self.params[first:]))
        there = {operand for statement in self.s.body.statements for operand in operands(statement)}
        for var, init, param in zip(self.shared, self.inits[first:], self.params[first:]):
            number = isinstance(var.kind, Array) and (isinstance(init, Lit) or init in self.sweep.numbers)
            if var in there and (number or (isinstance(var.kind, List) and var in undefined)):
                # What each turn reads is there, though it is not on every path that leads to the loop.
                inside.own[var] = body.derived(or_zeros, param, var)
            else:
                self.sweep.note_numbers([init], [param])
        outside = _symbols_around(self.s)
        for (_, param, _, following), param_bar, init in zip(self.carried, self.params, self.inits):
            reached: Operand = param_bar
            number = (isinstance(init, Lit) or init in self.sweep.numbers) and is_array(following)
            if param in undefined and (number or _changes_shape(following, outside) or _is_list(following)):
                # Each turn leaves an array, though it has no value before the first one.
                reached = body.derived(or_zeros, param_bar, following)
            inside.add(body, following, self.sweep.as_of(body, reached, following))

    def _going_round(self, body: Code, inside: Adjoints, carried: _Carried) -> Operand:
        """Return what has reached the adjoint of what the loop carries, at the end of a reversed iteration."""
        init, param, _, following = carried
        bar = self.sweep.so_far(body, inside, param, init if _keeps_shape(init, param) else self._shape_of(carried))
        if param in self.sweep.undefined and bar in self.sweep.numbers and isinstance(following, Var):
            # The array that the turn before adds to is there, though it had no value at first.
            return body.derived(or_zeros, bar, following)
        return bar

    def _shape_of(self, carried: _Carried) -> Operand:
        """Return what has the shape of what the loop carries: what follows it, where it has no value at first."""
        _, param, _, following = carried
        return following if param in self.sweep.undefined and isinstance(following, Var) else param

    def _range(self) -> tuple[Range, Var]:
        """Return the range of the reversed loop and its index: the iterations that were run, last first.

        A loop that ended early has counted them.
        """
        sweep, s = self.sweep, self.s
        index = Var(INT, s.index.name if s.index is not None else "")
        count = sweep.counts.get(s.carried[-1]) if s.carried else None
        if s.range is None:
            assert count is not None
            limits: Range = (Lit(0), count, Lit(1))
            sweep.plain[index] = limits
            return limits, index
        assert s.index is not None
        sweep.indices[s.index] = index
        sweep.plain[index] = s.range if count is None else (Lit(0), count, Lit(1))
        return ranges.reversed_range(self.code, s.range, count, ascends=s.range[2] in sweep.roots), index


def _keeps_shape(init: Operand, param: Var) -> bool:
    """Tell whether what a loop carries has the shape that it starts with; no shape needs to be saved then.

    (Of integers that become floats in the loop there is no adjoint to take it from.)
    """
    if not isinstance(init, Var) or isinstance(param.kind, List) or not is_inexact(init.kind):
        return False
    return dims_of(init.kind) == dims_of(param.kind)


def _symbols_around(s: Loop) -> set[str]:
    """Return the symbols of lengths that are the same in each turn of a loop."""
    around = (*free_variables(Block((), (s,), ())), *s.inits)
    return {name for var in around if isinstance(var, Var) for name in symbols(var.kind)}


def _is_list(operand: Operand) -> bool:
    return isinstance(operand, Var) and isinstance(operand.kind, List)


def _changes_shape(following: Operand, outside: set[str]) -> bool:
    """Tell whether what a loop carries may have another shape in each turn."""
    return is_array(following) and not outside.issuperset(symbols(following.kind))  # type: ignore[union-attr]
