"""Memory: which variables may share an array, and which of them are still needed at a place.

Operations of the IR return new values; that some return views of their arguments (`x.T`, `x[1:]`, `x.reshape(...)`),
and that branches, loops and calls pass arrays on, is what this analysis knows.
"""

from __future__ import annotations

import operator
from collections.abc import Collection, Iterable, Iterator, Sequence

import numpy as np

from ast_ad.ir import primitives
from ast_ad.ir.kinds import Array, Kind, List, Record, Unknown
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
    Statement,
    Var,
    blocks,
    defined,
    operands,
    walk,
)
from ast_ad.rules.arrays import is_read_only, is_update, takes_copy
from ast_ad.rules.registry import find
from ast_ad.runtime import add_lists, copied_lists, fitted, real_lists, repeat_lists, unbroadcast, zero_of, zeros_of


def is_memory(operand: Operand) -> bool:
    """Tell whether an operand is, or may be, an array."""
    return isinstance(operand, Var) and isinstance(operand.kind, (Array, List, Record, Unknown))


Site = tuple[object, bool]
"""Where memory was made: the variable that it was made for, and whether in an earlier turn of a loop around it."""

FOREIGN = "from outside"
READ_ONLY = "read-only"

_Pieces = frozenset["Site | Var"]
"""Pieces of memory: sites, and variables that a loop carries or a branch yields, which stand for whatever they hold."""

_Group = tuple[Sequence[Sequence[Var]], Sequence[Sequence[Operand]], Sequence[int]]
"""The variables that are given values together, those values, and which of them may be arrays."""


class Memory:
    """Which pieces of memory a variable may hold, and which variables may share some.

    A piece is named after the operation that makes it.  What a loop carries from one turn to the next was made by an
    *earlier* run of that operation: it is another piece than the one that this turn makes.  Two arrays that a loop
    carries, and perhaps swaps in each turn, may each hold any of the same pieces, and yet never the same one: that is
    shown by induction over the turns.  So it is with the arrays that a branch exchanges.

    Attributes
    ----------
    kept : set
        The pieces that a stack may hold, now or later, or a list.
    listed : set
        Those that a list may hold.
    """

    def __init__(self, function: Function) -> None:
        self._held: dict[Var, _Pieces] = {}
        self._behind: dict[Var, _Pieces] = {}
        self._order: dict[Var, int] = {}
        self._groups: list[_Group] = []
        self._apart: set[frozenset[Var]] = set()
        self._sites: dict[Var, frozenset[Site]] = {}
        for param in filter(is_memory, function.params):
            self._held[param] = frozenset({(param, False), (FOREIGN, False)})
        self._block(function.body)
        self._find_apart()
        pushed: set[Site] = set()
        self.listed: set[Site] = set()
        for s in walk(function.body):
            if isinstance(s, Push):
                pushed.update(
                    (origin, either) for each in s.values for origin, _ in self(each) for either in (False, True)
                )
            elif isinstance(s, Op) and any(isinstance(out.kind, List) for out in s.outs):
                self.listed.update(*map(self, filter(_is_array, s.args)))
        self.kept = pushed | self.listed

    def __call__(self, operand: Operand) -> frozenset[Site]:
        """Return the sites of the memory that an operand may hold."""
        return self._sites_of(self._pieces(operand))

    def is_own(self, operand: Operand) -> bool:
        """Tell whether nothing from outside (a parameter, the result of a call, a stack) is among the pieces.

        What NumPy does not let anyone write to does not count as one's own.
        """
        return not self(operand) & {(FOREIGN, False), (READ_ONLY, False)}

    def share(self, a: Operand, b: Operand) -> bool:
        """Tell whether two operands may share memory."""
        return self._overlap(self._pieces(a), self._pieces(b))

    def _pieces(self, operand: Operand) -> _Pieces:
        return self._held.get(operand, frozenset()) if isinstance(operand, Var) else frozenset()

    def _sites_of(self, pieces: _Pieces) -> frozenset[Site]:
        found: set[Site] = set()
        for piece in pieces:
            if not isinstance(piece, Var):
                found.add(piece)
                continue
            if piece not in self._sites:
                self._sites[piece] = self._sites_of(self._behind[piece])
            found |= self._sites[piece]
        return frozenset(found)

    def _overlap(self, a: _Pieces, b: _Pieces) -> bool:
        return any(self._meet(x, y) for x in a for y in b)

    def _meet(self, x: Site | Var, y: Site | Var) -> bool:
        """Tell whether two pieces may be one; what a loop carries is looked behind, the innermost first."""
        if x == y:
            return True
        if not isinstance(x, Var):
            x, y = y, x
        if not isinstance(x, Var):
            return False
        if not isinstance(y, Var):
            return y in self._sites_of(self._behind[x])
        if self._order[x] == self._order[y]:
            return frozenset((x, y)) not in self._apart
        inner, outer = (x, y) if self._order[x] > self._order[y] else (y, x)
        return any(self._meet(piece, outer) for piece in self._behind[inner])

    def _block(self, block: Block) -> None:
        for s in block.statements:
            self._statement(s)

    def _statement(self, s: Statement) -> None:
        if isinstance(s, Op) and any(map(_is_list, (*s.outs, *s.args))):
            self._of_lists(s)
        elif isinstance(s, Op):
            seen = list(filter(is_memory, shared_arguments(s)))
            shared = frozenset[Site | Var]().union(*map(self._pieces, seen))
            rule = find(s.fn)
            for out in filter(is_memory, s.outs):
                views = rule is not None and rule.views and seen and not takes_copy(s)
                fresh = frozenset() if is_update(s.fn) or views else {(out, False)}
                outside = {(FOREIGN, False)} if rule is None else frozenset()
                read_only = {(READ_ONLY, False)} if is_read_only(s) else frozenset()
                self._held[out] = shared | fresh | outside | read_only
        elif isinstance(s, If):
            self._block(s.then)
            self._block(s.orelse)
            self._branch(s)
        elif isinstance(s, Loop):
            self._loop(s)
        elif isinstance(s, Call):
            passed = frozenset[Site | Var]().union(*map(self._pieces, s.args))
            for out in filter(is_memory, s.outs):
                self._held[out] = passed | {(out, False), (FOREIGN, False)}
        elif isinstance(s, Pop):
            for out in filter(is_memory, s.outs):
                self._held[out] = frozenset({(s.stack, True), (FOREIGN, False)})

    def _of_lists(self, s: Op) -> None:
        """Note what an operation on lists holds.

        An array in a list is never updated in place, as if a stack held it. Of lists in a list, the list is taken to
        be a part.
        """
        nested = [each for each in (*s.args, *s.outs) if isinstance(each, Var) and _is_nested(each.kind)]
        parts = [each for each in s.args if isinstance(each, Var) and isinstance(each.kind, List)] if nested else []
        for out in filter(is_memory, s.outs):
            if not isinstance(out.kind, List):
                reads = s.fn in (operator.getitem, primitives.item_at, primitives.popped)
                self._held[out] = frozenset({(out, False)} | ({(FOREIGN, False)} if reads else set()))
                continue
            if any(s.fn is fn for fn in _MAKE_LISTS):
                self._held[out] = frozenset({(out, False)})
                continue
            own = self._pieces(s.args[0]) if is_update(s.fn) and out is s.outs[0] else frozenset({(out, False)})
            self._held[out] = own.union(*map(self._pieces, parts))

    def _branch(self, s: If) -> None:
        given = [i for i, out in enumerate(s.outs) if is_memory(out)]
        for i in given:
            out, pieces = s.outs[i], self._pieces(s.then.yields[i]) | self._pieces(s.orelse.yields[i])
            self._held[out] = pieces if len(given) == 1 else frozenset({out})
            self._behind[out], self._order[out] = pieces, len(self._groups)
        if len(given) > 1:
            self._groups.append(((s.outs,), (s.then.yields, s.orelse.yields), given))

    def _loop(self, s: Loop) -> None:
        carried = [i for i, param in enumerate(s.carried) if is_memory(param) or is_memory(s.outs[i])]
        order = len(self._groups)
        self._groups.append(((s.carried, s.outs), (s.inits, s.body.yields[1:]), carried))
        for i in carried:
            self._held[s.carried[i]] = frozenset({s.carried[i]})
            self._held[s.outs[i]] = frozenset({s.outs[i]})
            if s.test is not None:
                self._held[s.test.params[i]] = self._held[s.carried[i]]
            self._order[s.carried[i]] = self._order[s.outs[i]] = order
        self._block(s.body)
        self._look_behind(s, carried)

    def _look_behind(self, s: Loop, carried: Sequence[int]) -> None:
        """Note what the arrays that a loop carries may be: what they start with, and what a turn leaves of its own."""
        inside = {out for inner in walk(s.body) for out in defined(inner)}
        own = {s.carried[i]: i for i in carried}
        behind = {i: set(self._pieces(s.inits[i])) for i in carried}
        flows = {i: set[int]() for i in carried}
        for i in carried:
            for piece in self._outside(self._pieces(s.body.yields[1:][i]), inside):
                if isinstance(piece, Var) and piece in own:
                    flows[i].add(own[piece])
                else:
                    behind[i].add(piece)
        size = -1
        while size != sum(map(len, behind.values())):
            size = sum(map(len, behind.values()))
            for i in carried:
                behind[i].update(*(behind[k] for k in flows[i]))
        for i in carried:
            self._behind[s.carried[i]] = self._behind[s.outs[i]] = frozenset(behind[i])

    def _outside(self, pieces: _Pieces, inside: Collection[Var]) -> Iterator[Site | Var]:
        """Yield pieces of memory that a turn of a loop leaves, as the next turn sees them."""
        for piece in pieces:
            if not isinstance(piece, Var):
                origin, earlier = piece
                yield origin, earlier or origin in inside
            elif piece in inside:
                yield from self._outside(self._behind[piece], inside)
            else:
                yield piece

    def _find_apart(self) -> None:
        """Find the pairs of arrays that a loop carries apart: at first, and after a turn if they were so before it.

        Those that a branch yields are apart if they are on both sides. All pairs are taken to be apart; those of which
        that does not follow are dropped, until no more are.
        """
        pairs = [(group, i, k) for group in self._groups for i in group[2] for k in group[2] if i < k]
        self._apart = {frozenset((made[i], made[k])) for group, i, k in pairs for made in group[0]}
        settled = False
        while not settled:
            met = [
                (group, i, k) for group, i, k in pairs if any(self.share(values[i], values[k]) for values in group[1])
            ]
            self._apart -= {frozenset((made[i], made[k])) for group, i, k in met for made in group[0]}
            pairs = [pair for pair in pairs if pair not in met]
            settled = not met


_MAKE_LISTS = (zeros_of, zero_of, add_lists, copied_lists, real_lists, repeat_lists, primitives.tolist)
"""Functions that return lists which are new all the way down."""


def _is_array(operand: Operand) -> bool:
    return isinstance(operand, Var) and isinstance(operand.kind, Array)


def _is_list(operand: Operand) -> bool:
    return isinstance(operand, Var) and isinstance(operand.kind, List)


def _is_nested(kind: Kind) -> bool:
    return isinstance(kind, List) and isinstance(kind.item, List)


def _arrays(values: Iterable[Operand]) -> list[Var]:
    return [value for value in values if isinstance(value, Var) and is_memory(value)]


def shared_arguments(op: Op) -> tuple[Operand, ...]:
    """Return the arguments that the result of an operation may share memory with."""
    rule = find(op.fn)
    if op.fn is primitives.pack:
        return op.args
    if rule is None or (rule.views and len(op.outs) > 1):
        return op.args
    return op.args[:1] if rule.views and not takes_copy(op) else ()


def _values_inside(block: Block) -> Iterable[Operand]:
    """Yield the operands of which a block reads more than the shape."""
    for s in walk(block):
        yield from _values_read(s)
        for inner in blocks(s):
            yield from inner.yields
    yield from block.yields


def _made_inside(s: Loop) -> frozenset[Var]:
    """Return the arrays that a loop, or a block in it, defines."""
    made = {param for inner in blocks(s) for param in inner.params}
    for inner in blocks(s):
        for each in walk(inner):
            made.update(defined(each))
            made.update(param for block in blocks(each) for param in block.params)
    return _set(made)


class Liveness:
    """For each operation that updates an array, and each loop: the arrays that are needed after it has begun."""

    def __init__(self, function: Function) -> None:
        self.after: dict[Statement, frozenset[Var]] = {}
        self._block(function.body, frozenset())

    def _block(self, block: Block, live: frozenset[Var]) -> frozenset[Var]:
        live |= _set(block.yields)
        for s in reversed(block.statements):
            live = self._statement(s, live)
        return live

    def _statement(self, s: Statement, live: frozenset[Var]) -> frozenset[Var]:
        live = live - _set(defined(s))
        if isinstance(s, Loop):
            live |= _set(value for inner in blocks(s) for value in _values_inside(inner)) - _made_inside(s)
            self.after[s] = live
            for inner in blocks(s):
                self._block(inner, live)
        elif isinstance(s, If):
            then, orelse = self._block(s.then, live), self._block(s.orelse, live)
            live = then | orelse
        elif isinstance(s, Op) and is_update(s.fn):
            self.after[s] = live
        return live | _set(_values_read(s))


def _values_read(s: Statement) -> Sequence[Operand]:
    """Return the operands of which a statement reads what they contain, and not the shape alone."""
    given = operands(s)
    if not isinstance(s, Op):
        return given
    like = shape_operand(s)
    return given if like is None else (*given[:like], *given[like + 1 :])


def shape_operand(op: Op) -> int | None:
    """Return which operand of an operation, if any, gives its shape and dtype alone."""
    like = _LIKE.get(id(op.fn))
    given = None if like is None else op.args[like]
    return None if isinstance(given, Var) and isinstance(given.kind, List) else like


_LIKE: dict[int, int] = {
    **{id(fn): 0 for fn in (np.zeros_like, np.ones_like, np.empty_like, np.full_like, np.shape, np.size, np.ndim)},
    **{id(fn): 0 for fn in (len, primitives.shape, primitives.size)},
    **{id(fn): 1 for fn in (unbroadcast, fitted)},
}
"""Which operand it is, by the identity of the function."""


def _set(values: Iterable[Operand]) -> frozenset[Var]:
    return frozenset(_arrays(values))
