"""Folding of one operation: what it always returns, or a simpler operation for it.

The user's floating-point arithmetic is never changed: every rule here is exact for each value of the kind, the signs
of zeros, infinities and NaN included. `x * 1` is `x`, but `x * 0` is not `0`, `x + 0.0` is not `x` (for -0.0), and
`not x < y` is not `x >= y` (for NaN). Constants are folded as Python's own compiler would.

One liberty is taken, and only with derivatives: where `0.0 + g` makes an adjoint or a tangent (a variable named
`..._bar` or `..._dot`), it is `g`, though it could differ from it in the sign of a zero.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from ast_ad.analysis.copies import identity
from ast_ad.ir import primitives
from ast_ad.ir.kinds import BOOL, FLOAT, INT, Array, Kind, Scalar, code, dims_of
from ast_ad.ir.nodes import Lit, Op, Operand, Var
from ast_ad.rules import registry
from ast_ad.runtime import set_at

_COMPARISONS = (operator.lt, operator.le, operator.gt, operator.ge, operator.eq, operator.ne)
_INTEGER = (
    operator.add,
    operator.sub,
    operator.mul,
    operator.neg,
    operator.pos,
    operator.and_,
    operator.or_,
    operator.xor,
)
_DIVISIONS = (operator.floordiv, operator.mod)
EXACT_OPPOSITE: dict[Callable[..., Any], Callable[..., Any]] = {
    operator.eq: operator.ne,
    operator.ne: operator.eq,
    operator.is_: operator.is_not,
}
_INTEGER_OPPOSITE: dict[Callable[..., Any], Callable[..., Any]] = {
    operator.lt: operator.ge,
    operator.ge: operator.lt,
    operator.gt: operator.le,
    operator.le: operator.gt,
}
_EXACT_AS_FLOATS = 2**53


def folded(op: Op, made_by: Mapping[Var, Op]) -> Operand | Op | None:
    """Return the operand that an operation always equals, a simpler operation, or None.

    Parameters
    ----------
    op
        An operation with one out.
    made_by
        The operations that define the variables in sight.

    Examples
    --------
    >>> folded(Op((Var(INT),), operator.add, (Lit(2), Lit(3))), {})
    Lit(value=5)
    """
    if op.kwargs or op.form is not None or len(op.outs) != 1:
        return None
    if all(isinstance(arg, Lit) for arg in op.args):
        return _constant(op)
    try:
        rule = _RULES.get(op.fn)
    except TypeError:  # a callable without a hash
        return None
    return rule(op, made_by) if rule is not None else None


def read_back(op: Op, made_by: Mapping[Var, Op]) -> Operand | None:
    """Return what an operation reads of an array, where the element has just been written: of ``x[i] = v``, `v`."""
    source = op.args[0] if op.fn is operator.getitem else None
    write = made_by.get(source) if isinstance(source, Var) else None
    if write is None or write.fn is not set_at:
        return None
    index, value = write.args[1:-1], write.args[-1]
    here, there = (None if each.form is None else each.form.args[1] for each in (op, write))
    same = here == there and tuple(map(identity, op.args[1:])) == tuple(map(identity, index))
    # The array would hold a number of another kind as one of its own.
    return value if same and isinstance(value, Var) and value.kind == op.outs[0].kind == _element(op) else None


def in_own_shape(op: Op) -> Operand | None:
    """Return the array that `np.reshape` gives the shape that it has."""
    array = op.args[0] if op.fn is np.reshape else None
    if not isinstance(array, Var) or not isinstance(array.kind, Array) or array.kind != op.outs[0].kind:
        return None
    return None if {"?", "*"}.intersection(array.kind.dims) else array


def _element(op: Op) -> Kind | None:
    """Return the kind of the elements of what an operation reads."""
    kind = op.args[0].kind if isinstance(op.args[0], Var) else None
    return Scalar(kind.dtype, numpy=True) if isinstance(kind, Array) else None


def _constant(op: Op) -> Lit | None:
    values = [arg.value for arg in op.args if isinstance(arg, Lit)]
    types = {type(value) for value in values}
    if types <= {int, bool} and types:
        whole = op.fn in _INTEGER or (op.fn in _DIVISIONS and values[1] != 0)
        if whole or op.fn in _COMPARISONS or op.fn is operator.not_:
            return Lit(op.fn(*values))
    exact = types <= {int, float} and all(type(v) is float or abs(v) <= _EXACT_AS_FLOATS for v in values)
    if exact and (op.fn in (operator.neg, operator.mul) or op.fn in _COMPARISONS):
        return Lit(op.fn(*values))
    return None


def _is_number(operand: Operand, value: int) -> bool:
    """Tell whether an operand is the Python number `value`; -0.0 is not 0."""
    if not (isinstance(operand, Lit) and type(operand.value) in (int, float)):
        return False
    return bool(operand.value == value) and math.copysign(1.0, operand.value) > 0


def _same_value(op: Op, operand: Operand) -> Operand | None:
    """Return `operand` where replacing the result by it keeps the kind, and is exact for real scalars."""
    kind = op.outs[0].kind
    return operand if isinstance(operand, (Var, Lit)) and operand.kind == kind and _is_real_number(kind) else None


def _is_real_number(kind: Kind) -> bool:
    return isinstance(kind, Scalar) and code(kind) in ("i", "u", "f")


def _add(op: Op, made_by: Mapping[Var, Op]) -> Operand | Op | None:
    for zero, other in (op.args, op.args[::-1]):
        if _is_number(zero, 0) and (code(op.outs[0].kind) != "f" or _is_derivative(op.outs[0])):
            return _same_value(op, other)
    return _undone(op, operator.sub, made_by)


def _undone(op: Op, opposite: Callable[..., Any], made_by: Mapping[Var, Op]) -> Operand | Op | None:
    """Integer arithmetic that takes back what made its operand: `(n - 1) + 1` is `n`."""
    inner = _maker(op.args[0], made_by)
    if inner is not None and inner.fn is op.fn and op.outs[0].kind == INT:
        return _gathered(op, inner)
    if inner is None or inner.fn is not opposite or op.outs[0].kind != INT:
        return None
    taken_back = isinstance(op.args[1], (Var, Lit)) and identity(inner.args[1]) == identity(op.args[1])
    return _same_value(op, inner.args[0]) if taken_back else None


def _gathered(op: Op, inner: Op) -> Op | None:
    """Constants of integer sums in one: `(n - 1) - 1` is `n - 2`."""
    (x, a), (_, b) = inner.args, op.args
    if not (isinstance(a, Lit) and isinstance(b, Lit) and isinstance(x, Var) and x.kind == INT):
        return None
    return Op(op.outs, op.fn, (x, Lit(a.value + b.value)), where=op.where)


def _is_derivative(var: Var) -> bool:
    return var.name.endswith(("_bar", "_dot"))


def _sub(op: Op, made_by: Mapping[Var, Op]) -> Operand | Op | None:
    return _same_value(op, op.args[0]) if _is_number(op.args[1], 0) else _undone(op, operator.add, made_by)


def _mul(op: Op, made_by: Mapping[Var, Op]) -> Operand | None:
    for one, other in (op.args, op.args[::-1]):
        if _is_number(one, 1):
            return _same_value(op, other)
    return None


def _div(op: Op, made_by: Mapping[Var, Op]) -> Operand | None:
    return _same_value(op, op.args[0]) if _is_number(op.args[1], 1) else None


def _neg(op: Op, made_by: Mapping[Var, Op]) -> Operand | None:
    inner = _maker(op.args[0], made_by)
    return _same_value(op, inner.args[0]) if inner is not None and inner.fn is operator.neg else None


def _not(op: Op, made_by: Mapping[Var, Op]) -> Operand | Op | None:
    inner = _maker(op.args[0], made_by)
    if inner is None:
        return None
    kinds = [arg.kind for arg in inner.args if isinstance(arg, (Var, Lit))]
    if inner.fn is operator.not_:
        return inner.args[0] if kinds == [BOOL] else None
    opposite = EXACT_OPPOSITE.get(inner.fn) if set(kinds) <= {BOOL, INT, FLOAT} else None
    if set(kinds) <= {BOOL, INT}:
        opposite = opposite or _INTEGER_OPPOSITE.get(inner.fn)
    return Op(op.outs, opposite, inner.args, where=op.where) if opposite is not None else None


def _select(op: Op, made_by: Mapping[Var, Op]) -> Operand | None:
    test, x, y = op.args
    if isinstance(test, Lit):
        return _same_value(op, x if test.value else y)
    return _same_value(op, x) if x is y else None


def _same_shape(op: Op, made_by: Mapping[Var, Op]) -> Op | None:
    """The shape of ``x * 2`` is that of x: so the product need not be kept for its shape."""
    inner = _maker(op.args[0], made_by)
    rule = registry.find(inner.fn) if inner is not None else None
    if inner is None or rule is None or not rule.broadcasts or len(op.args) != 1 or inner.outs[0].name:
        return None
    own = inner.outs[0].kind
    for arg in inner.args:
        if (
            isinstance(arg, Var)
            and isinstance(arg.kind, Array)
            and isinstance(own, Array)
            and arg.kind.dims == own.dims
        ):
            return Op(op.outs, op.fn, (arg,), where=op.where)
    return None


def _same_size(op: Op, made_by: Mapping[Var, Op]) -> Op | None:
    """The size of a vector that has no name is the length of an array that it was made from, where that is as long."""
    whole, inner = op.args[0], _maker(op.args[0], made_by)
    vector = isinstance(whole, Var) and not whole.name and isinstance(whole.kind, Array) and whole.kind.ndim == 1
    if inner is None or not vector or len(op.args) != 1:
        return _same_shape(op, made_by)
    seen: dict[Operand, None] = dict.fromkeys(inner.args)
    pending = list(seen)
    while pending and len(seen) < _MANY:
        operand = pending.pop(0)
        maker = _maker(operand, made_by)
        if isinstance(operand, Var) and (operand.name or maker is None) and _is_as_long(operand, whole):
            return Op(op.outs, len, (operand,), where=op.where)
        pending += [arg for arg in (maker.args if maker is not None else ()) if arg not in seen]
        seen.update(dict.fromkeys(pending))
    return _same_shape(op, made_by)


_MANY = 50


def _is_as_long(var: Var, vector: Operand) -> bool:
    """Tell whether the first axis of an array has the length of a vector for sure."""
    dims, (length,) = dims_of(var.kind), dims_of(vector.kind) if isinstance(vector, Var) else (None,)
    return bool(dims) and dims[0] == length and not (isinstance(length, str) and length[0] in "*?")


def _transposed(op: Op, made_by: Mapping[Var, Op]) -> Operand | None:
    """``x.T.T`` is x."""
    inner = _maker(op.args[0], made_by)
    if inner is None or inner.fn is not np.transpose or any(len(each.args) > 1 or each.kwargs for each in (op, inner)):
        return None
    return inner.args[0] if isinstance(inner.args[0], Var) and inner.args[0].kind == op.outs[0].kind else None


def _same(op: Op, made_by: Mapping[Var, Op]) -> Operand | None:
    """What is seen as something else is that itself, unless it is seen as a number and may be an array."""
    (value,) = op.args
    is_array = isinstance(value, Var) and bool(dims_of(value.kind))
    return None if is_array and not dims_of(op.outs[0].kind) else value


def _maker(operand: Operand, made_by: Mapping[Var, Op]) -> Op | None:
    return made_by.get(operand) if isinstance(operand, Var) else None


_RULES: dict[Callable[..., Any], Callable[[Op, Mapping[Var, Op]], Operand | Op | None]] = {
    operator.add: _add,
    operator.sub: _sub,
    operator.mul: _mul,
    operator.truediv: _div,
    operator.pow: _div,
    operator.neg: _neg,
    operator.not_: _not,
    primitives.select: _select,
    primitives.same: _same,
    np.shape: _same_shape,
    np.size: _same_size,
    np.transpose: _transposed,
}
