"""Shapes from arrays that are there: what the reverse sweep needs of an array by its shape alone, another one tells.

``np.zeros_like(x)`` needs no value of `x`.  Where `x` was made in a loop it would have to be saved for that, and where
it was changed in place since, its first version would need a name of its own.  Any array of the same kind, whose dims
say that it has the same shape, does as well: one that the reverse sweep reads anyway, or else the last one that was
made outside of all loops.  Where there is none, the array is followed back to such a one through operations that keep
shapes, and through slices whose limits are there, too: ``0.5 * (e[1:] - e[:-1])`` is as long as ``e[1:]``, whatever `e`
contains.  A single length, as ``(a @ b).shape[0]``, a parameter may have.
"""

from __future__ import annotations

import operator
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace

import numpy as np

from ast_ad.analysis.memory import shape_operand
from ast_ad.analysis.zeros import may_be_numbers
from ast_ad.ir import primitives
from ast_ad.ir.kinds import Array, Dim, Kind, Scalar, Shape, dims_of
from ast_ad.ir.nodes import (
    Block,
    Function,
    If,
    Lit,
    Loop,
    Op,
    Operand,
    Statement,
    Var,
    blocks,
    defined,
    operands,
    walk,
)
from ast_ad.rules.arrays import is_update
from ast_ad.rules.registry import find
from ast_ad.transform.simplify.rewriting import changed, unless_same


def with_shapes_at_hand(
    forward: Function,
    sweep: Sequence[Statement],
    undefined: Collection[Operand],
    mirror: dict[Statement, If | Loop],
) -> tuple[Statement, ...]:
    """Return the reverse sweep with other arrays in place of those of which it needs the shape alone.

    Parameters
    ----------
    forward
        The forward sweep.
    undefined
        Its variables that have no value on some paths.
    mirror
        The statements of the forward sweep that those of the reverse sweep reverse; what is rewritten is added.
    """
    at_top = [*forward.params, *(out for s in forward.body.statements for out in defined(s))]
    read = _values_read(sweep)
    unsuited = {*undefined, *may_be_numbers(forward.body)}
    best: dict[Kind, Var] = {}
    for var in at_top:
        if _has_shape(var.kind) and var not in unsuited and (var in read or best.get(var.kind) not in read):
            best[var.kind] = var
    limits = {var for var in at_top if isinstance(var.kind, Scalar) and var not in undefined}
    inside = {out for s in walk(forward.body) for out in _defined_by(s)} - set(forward.params)
    makers = {s.outs[0]: s for s in walk(forward.body) if isinstance(s, Op) and len(s.outs) == 1}
    asked = {s.outs[0]: s.args[0] for s in walk(Block((), tuple(sweep), ())) if isinstance(s, Op) and s.fn in _SHAPES}
    computed = {shape: var for shape, var in asked.items() if var in inside and var not in read}
    lengths: dict[Dim, tuple[Var, int]] = {}
    for param in forward.params:
        if isinstance(param.kind, Array) and param not in unsuited:
            for axis, dim in enumerate(param.kind.dims):
                lengths.setdefault(dim, (param, axis))
    return _Likes(best, inside, mirror, makers, unsuited, limits, computed, lengths).statements(tuple(sweep))


_SHAPES = (np.shape, primitives.shape)


def _has_shape(kind: Kind) -> bool:
    """Tell whether the dims of a kind stand for one shape: where one may be 1, the first turn may have had a number."""
    if not isinstance(kind, Array) or not kind.dims:
        return False
    return all(isinstance(dim, int) or dim[0] not in "*?" for dim in kind.dims)


def _values_read(sweep: Iterable[Statement]) -> set[Operand]:
    """Return what the statements of a sweep read by more than its shape."""
    read: set[Operand] = set()
    for statement in sweep:
        for s in (statement, *(inner for block in blocks(statement) for inner in walk(block))):
            like = shape_operand(s) if isinstance(s, Op) else None
            read.update(operand for i, operand in enumerate(operands(s)) if i != like)
            read.update(operand for block in blocks(s) for operand in block.yields)
    return read


def _defined_by(s: Statement) -> Iterable[Var]:
    yield from defined(s)
    for block in blocks(s):
        yield from block.params


class _Likes:
    """Rewrites the statements of a sweep.

    Parameters
    ----------
    best
        For each kind of arrays, one that is at hand.
    inside
        What the forward sweep defines.
    makers
        The operations that define it.
    unsuited
        The variables that may hold no array.
    limits
        The numbers that were computed outside of all loops.
    computed
        For each shape, the array of which it is, if nothing else is read of that.
    lengths
        For each length of a parameter, that and the axis.
    """

    def __init__(
        self,
        best: dict[Kind, Var],
        inside: Collection[Var],
        mirror: dict[Statement, If | Loop],
        makers: dict[Var, Op],
        unsuited: Collection[Operand],
        limits: Collection[Operand],
        computed: Mapping[Var, Operand],
        lengths: Mapping[Dim, tuple[Var, int]],
    ) -> None:
        self.best = best
        self.inside = inside
        self.mirror = mirror
        self.makers = makers
        self.unsuited = unsuited
        self.limits = limits
        self.computed = computed
        self.lengths = lengths

    def block(self, block: Block) -> Block:
        return changed(block, statements=self.statements(block.statements))

    def statements(self, statements: tuple[Statement, ...]) -> tuple[Statement, ...]:
        made: list[Statement] = []
        for s in statements:
            made += self.rewritten(s)
        return unless_same(statements, made)

    def shaped_as(self, var: Var, parts: list[Op]) -> Var | None:
        """Return an array at hand of the same kind and shape, or a part of one, which goes to `parts`."""
        found = self.best.get(var.kind)
        op = self.makers.get(var)
        if found is not None or op is None or var in self.unsuited or not isinstance(var.kind, Array):
            return found
        if op.fn is operator.getitem and self.is_at_hand(op.args[1:]):
            whole = op.args[0]
            assert isinstance(whole, Var)
            other = self.shaped_as(whole, parts)
            if other is None:
                return None
            out = Var(var.kind, var.name)
            parts.append(replace(op, outs=(out,), args=(other, *op.args[1:])))
            return out
        rule = find(op.fn)
        if rule is None or not (rule.broadcasts or is_update(op.fn)):
            return None
        arrays = [arg for arg in op.args if isinstance(arg, Var) and isinstance(arg.kind, Array)]
        for arg in arrays:
            if arg.kind == var.kind:
                return self.shaped_as(arg, parts)
        if len(arrays) != 2 or is_update(op.fn):
            return None
        ends = [self.shaped_as(arg, parts) for arg in arrays]
        if None in ends:
            return None
        out = Var(var.kind, var.name)
        parts.append(Op((out,), operator.add, tuple(each for each in ends if each is not None), where=op.where))
        return out

    def is_at_hand(self, index: Sequence[Operand]) -> bool:
        """Tell whether an index consists of constants, and of numbers that were computed outside of all loops."""
        return all(each in self.limits for each in index if isinstance(each, Var))

    def mirrored(self, old: Statement, new: If | Loop) -> If | Loop:
        if new is not old and old in self.mirror:
            self.mirror[new] = self.mirror[old]
        return new

    def rewritten(self, s: Statement) -> Sequence[Statement]:
        if isinstance(s, If):
            return [self.mirrored(s, changed(s, then=self.block(s.then), orelse=self.block(s.orelse)))]
        if isinstance(s, Loop):
            return [self.mirrored(s, changed(s, body=self.block(s.body)))]
        like = shape_operand(s) if isinstance(s, Op) else None
        if like is None:
            return self.length(s) if isinstance(s, Op) and s.fn is operator.getitem else [s]
        assert isinstance(s, Op)
        var = s.args[like]
        parts: list[Op] = []
        other = self.shaped_as(var, parts) if isinstance(var, Var) and var in self.inside else None
        if other is None or other is var:
            return [s]
        return [*parts, replace(s, args=(*s.args[:like], other, *s.args[like + 1 :]))]

    def length(self, s: Op) -> Sequence[Statement]:
        """Return statements for ``x.shape[i]``: where `x` is computed, a parameter may have a length like it."""
        shape, *index = s.args
        var = self.computed.get(shape) if isinstance(shape, Var) else None
        axis = index[0].value if len(index) == 1 and isinstance(index[0], Lit) else None
        if not isinstance(var, Var) or not isinstance(var.kind, Array) or not isinstance(axis, int):
            return [s]
        place = self.lengths.get(var.kind.dims[axis])
        if place is None:
            return [s]
        own = Var(Shape(dims_of(place[0].kind)))
        return [Op((own,), np.shape, (place[0],)), replace(s, args=(own, Lit(place[1])))]
