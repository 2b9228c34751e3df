"""Shifts: values that nothing depends on in the end, because what they are subtracted from makes up for them.

    m = np.max(x)
    y = m + np.log(np.sum(np.exp(x - m)))       dy/dm = 0
    e = np.exp(x - m)
    p = e / np.sum(e)                           dp/dm = 0

A person who writes the derivative of such code leaves `m` alone. What depends on a value is followed as long as it is
something plus a multiple of the value (``x - m``), or something times an exponential of a multiple (``np.exp(x - m)``).
If all that is followed ends in the multiple 0, the derivative by the value is zero, and it need not be active.

Each element of an array of shifts belongs to a row, a column, ... of what it is subtracted from: `axes` has, for each
axis of what is followed, the axis of the shifts that it goes along, or None where one shift stands for all of it.
"""

from __future__ import annotations

import heapq
import math
import operator
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from ast_ad.ir import primitives
from ast_ad.ir.kinds import Array, Scalar, code, dims_of, is_inexact
from ast_ad.ir.nodes import Block, Function, Lit, Op, Operand, Statement, Var, blocks, defined, free_variables, operands
from ast_ad.rules.registry import find

_ADDITIONS = {operator.add: 1, np.add: 1, operator.sub: -1, np.subtract: -1}
_PRODUCTS = {operator.mul: 1, np.multiply: 1, operator.truediv: -1, np.divide: -1}
_NEGATIONS = (operator.neg, np.negative)
_EXPONENTIALS = (np.exp, math.exp)
_LOGARITHMS = (np.log, math.log)
_SUMS = (np.sum, np.mean)
_BILINEAR = (operator.matmul, np.matmul, np.dot)
_SAME = (primitives.same, primitives.copy, np.copy, np.asarray, float, np.float64)


def shifts(function: Function) -> frozenset[Var]:
    """Return variables by which all derivatives of a function's results are zero, though it uses them."""
    found: set[Var] = set()
    for block in (function.body, *_blocks(function.body)):
        if any(isinstance(s, Op) and s.fn in _EXPONENTIALS for s in block.statements):
            found.update(_Block(block).shifts())
    return frozenset(found)


def _blocks(block: Block) -> Iterator[Block]:
    for s in block.statements:
        for inner in blocks(s):
            yield inner
            yield from _blocks(inner)


@dataclass(frozen=True)
class _Shifted:
    """Something plus `rate` times the value; or, if `scaled`, something times an exponential of that."""

    rate: float
    scaled: bool
    axes: tuple[int | None, ...]

    @property
    def is_uniform(self) -> bool:
        """Whether one shift stands for all elements."""
        return all(axis is None for axis in self.axes)

    def stretched(self, ndim: int) -> tuple[int | None, ...]:
        return (None,) * (ndim - len(self.axes)) + self.axes


class _Unknown(Exception):
    """What depends on the value can be followed no further."""


class _Block:
    def __init__(self, block: Block) -> None:
        self.block = block
        self.readers: dict[Operand, list[int]] = {}
        self.reads = [self.read_by(s) for s in block.statements]
        for i, read in enumerate(self.reads):
            for operand in read:
                self.readers.setdefault(operand, []).append(i)

    @staticmethod
    def read_by(s: Statement) -> Mapping[Operand, None]:
        inner = blocks(s)
        return dict.fromkeys((*operands(s), *(free_variables(*inner) if inner else ())))

    def shifts(self) -> Iterator[Var]:
        made_by: dict[Operand, Statement] = {out: s for s in self.block.statements for out in defined(s)}
        tried: dict[Operand, None] = {}
        for s in self.block.statements:
            if isinstance(s, Op) and _ADDITIONS.get(s.fn) == -1:
                var = s.args[1]
                while isinstance(maker := made_by.get(var), Op) and maker.fn is operator.getitem:
                    tried[var] = None
                    var = maker.args[0]
                tried[var] = None
        for var in tried:
            if isinstance(var, Var) and var in made_by and is_inexact(var.kind) and self.cancels(var):
                yield var

    def cancels(self, var: Var) -> bool:
        """Tell whether nothing depends on a variable where this block ends, or where it is used otherwise."""
        axes = tuple(None if dim == 1 else axis for axis, dim in enumerate(dims_of(var.kind)))
        states: dict[Operand, _Shifted] = {var: _Shifted(1.0, False, axes)}
        pending = list(self.readers[var])
        done = -1
        while pending:
            place = heapq.heappop(pending)
            if place == done:
                continue
            done, s = place, self.block.statements[place]
            if not isinstance(s, Op):
                return False
            try:
                state = _followed(s, states)
            except _Unknown:
                return False
            if state is not None and state.rate:
                states[s.outs[0]] = state
                for reader in self.readers.get(s.outs[0], ()):
                    heapq.heappush(pending, reader)
        return states.keys().isdisjoint(self.block.yields)


def _fail() -> _Shifted | None:
    raise _Unknown


def _followed(s: Op, states: Mapping[Operand, _Shifted]) -> _Shifted | None:
    """Return how the result of an operation depends on the value; None where its derivative is zero anyway."""
    rule = find(s.fn)
    if rule is not None and rule.inactive:
        return None
    if rule is None or len(s.outs) != 1 or not isinstance(s.outs[0].kind, (Scalar, Array)):
        return _fail()
    of = [states.get(arg) for arg in s.args]
    ndim = len(dims_of(s.outs[0].kind))
    if s.fn in _ADDITIONS:
        return _added(of, _ADDITIONS[s.fn], ndim)
    if s.fn in _PRODUCTS:
        return _multiplied(s, of, _PRODUCTS[s.fn], ndim)
    first = of[0]
    if first is None or any(each is not None for each in of[1:]):
        return _linear(s, of, ndim)
    if s.fn in _NEGATIONS:
        return first if first.scaled else replace(first, rate=-first.rate)
    if s.fn in _EXPONENTIALS and not first.scaled:
        return replace(first, scaled=True)
    if s.fn in _LOGARITHMS and first.scaled and len(of) == 1:
        return replace(first, scaled=False)
    if s.fn in _SAME and len(of) == 1:
        return first
    if s.fn is operator.getitem:
        return replace(first, axes=_indexed(s, first, ndim))
    if s.fn in _SUMS and not first.is_uniform:
        return replace(first, axes=_summed(s, first)) if first.scaled else _fail()
    return _linear(s, of, ndim)


def _added(of: list[_Shifted | None], sign: int, ndim: int) -> _Shifted | None:
    x, y = of
    if x is None or y is None:
        one = x or y
        if one is None or one.scaled:
            return _fail()
        return _Shifted(one.rate if one is x else sign * one.rate, False, one.stretched(ndim))
    if x.scaled is not y.scaled or x.stretched(ndim) != y.stretched(ndim) or (x.scaled and x.rate != y.rate):
        return _fail()
    return _Shifted(x.rate if x.scaled else x.rate + sign * y.rate, x.scaled, x.stretched(ndim))


def _multiplied(s: Op, of: list[_Shifted | None], sign: int, ndim: int) -> _Shifted | None:
    x, y = of
    rates = [0.0 if each is None else each.rate for each in of]
    axes = {each.stretched(ndim) for each in of if each is not None}
    if len(axes) > 1:
        return _fail()
    (common,) = axes
    if all(each is None or each.scaled for each in of):
        return _Shifted(rates[0] + sign * rates[1], True, common)
    number = s.args[1] if y is None else s.args[0]
    if not isinstance(number, Lit) or (sign < 0 and (x is None or not number.value)):
        return _fail()
    return _Shifted(sum(rates) * number.value**sign, False, common)


def _linear(s: Op, of: list[_Shifted | None], ndim: int) -> _Shifted | None:
    """Follow an operation that is linear in what one exponential is a factor of, as a whole."""
    rule = find(s.fn)
    there = [each for each in of if each is not None]
    if rule is None or not all(each.scaled and each.is_uniform for each in there):
        return _fail()
    if rule.linearity == "each" or s.fn in _BILINEAR:
        return _Shifted(sum(each.rate for each in there), True, (None,) * ndim)
    data = [each for arg, each in zip(s.args, of) if isinstance(arg, (Var, Lit)) and is_inexact(arg.kind)]
    if rule.linearity != "joint" or rule.shaped_by or len({each and each.rate for each in data}) != 1:
        return _fail()
    return _Shifted(there[0].rate, True, (None,) * ndim)


def _indexed(s: Op, state: _Shifted, ndim: int) -> tuple[int | None, ...]:
    """Return the axes of a part; where shifts differ along an axis, it has to stay whole."""
    if state.is_uniform:
        return (None,) * ndim
    (_, index), _ = s.arranged(s.args)
    items = list(index) if isinstance(index, tuple) else [index]
    if Ellipsis not in [item for item in items if not isinstance(item, (Var, Lit))]:
        items.append(Ellipsis)
    left = list(state.axes)
    behind = len(items) - 1 - items.index(Ellipsis)
    axes: list[int | None] = []
    for item in items:
        if item is None:
            axes.append(None)
        elif isinstance(item, slice) and item == slice(None):
            axes.append(left.pop(0))
        elif isinstance(item, (Var, Lit)) and isinstance(item.kind, Scalar) and code(item.kind) == "i":
            if left.pop(0) is not None:
                raise _Unknown
        elif item is Ellipsis:
            count = len(left) - sum(each is not None for each in items[len(items) - behind :])
            axes += left[:count]
            del left[:count]
        else:
            raise _Unknown
    return tuple(axes)


def _summed(s: Op, state: _Shifted) -> tuple[int | None, ...]:
    """Return the axes of a sum over axes along which one shift stands for all."""
    args, named = s.arranged(s.args)
    options: dict[str, Any] = {**dict(zip(("axis", "dtype", "out", "keepdims"), args[1:])), **named}
    axis = _value(options.pop("axis", None))
    keepdims = _value(options.pop("keepdims", False))
    if any(_value(each) is not None for each in options.values()) or not isinstance(keepdims, bool):
        raise _Unknown
    axes = tuple(map(_value, axis)) if isinstance(axis, tuple) else (axis,)
    if not all(isinstance(each, int) for each in axes):
        raise _Unknown
    gone = {each % len(state.axes) for each in axes}
    if any(state.axes[each] is not None for each in gone):
        raise _Unknown
    return tuple(None if i in gone else each for i, each in enumerate(state.axes) if keepdims or i not in gone)


def _value(option: Any) -> Any:
    return option.value if isinstance(option, Lit) else option
