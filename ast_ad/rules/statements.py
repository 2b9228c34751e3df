"""Derivative code under construction: its statements, and which of them made what."""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import Any

import numpy as np

from ast_ad.ir import primitives
from ast_ad.ir.kinds import Array, Dim, Scalar
from ast_ad.ir.nodes import Form, Lit, Op, Operand, Statement, Var, Where
from ast_ad.rules.operands import kind_of_operand
from ast_ad.rules.registry import find, infer


class Statements:
    """Statements under construction, with the operation that made each variable at hand.

    `primal` are those that made the variables of the function that is differentiated.
    """

    def __init__(self, where: Where | None = None, primal: Mapping[Operand, Op] = MappingProxyType({})) -> None:
        self.statements: list[Statement] = []
        self.where = where
        self.primal = primal
        self._made: dict[Var, Op] = {}

    def op(self, fn: Callable[..., Any], *args: Operand, name: str = "", form: Form | None = None) -> Var:
        """Append ``fn(*args)`` as it is, and return its result, which the algebra does not take apart."""
        (out,) = self.ops(fn, *args, form=form)
        out.name = name
        return out

    def ops(self, fn: Callable[..., Any], *args: Operand, form: Form | None = None) -> tuple[Var, ...]:
        """Append ``fn(*args)``, and return its results."""
        literals = [(arg.value,) if isinstance(arg, Lit) else None for arg in args]
        kinds = infer(fn, [kind_of_operand(arg) for arg in args], literals, form)
        outs = tuple(map(Var, kinds if isinstance(kinds, tuple) else (kinds,)))
        op = Op(outs, fn, args, where=self.where, form=form)
        if _is_view_without_dimensions(op):
            outs[0].kind = Array(outs[0].kind.dtype, ())  # type: ignore[union-attr]
        self.statements.append(op)
        return outs

    def derived(self, fn: Callable[..., Any], *args: Operand) -> Var:
        """Append ``fn(*args)`` as derivative arithmetic, which the algebra may take apart where its result is used."""
        (out,) = self.derived_all(fn, *args)
        return out

    def derived_all(self, fn: Callable[..., Any], *args: Operand, form: Form | None = None) -> tuple[Var, ...]:
        """Append ``fn(*args)`` as derivative arithmetic, and return its results."""
        outs = self.ops(fn, *args, form=form)
        op = self.statements[-1]
        assert isinstance(op, Op)
        self._made.update(dict.fromkeys(outs, op))
        return outs

    def named(self, operand: Operand, name: str) -> Operand:
        """Give a result of this code its name, unless it has one; return it."""
        if isinstance(operand, Var) and operand in self._made and not operand.name:
            operand.name = name
            seen = self.made_by(operand, primitives.same)
            if seen:
                self.named(seen.args[0], name)
        return operand

    def forget(self, variables: Iterable[Var]) -> None:
        """Take nothing apart any more that these were derived of: it stands in a branch now."""
        for var in variables:
            self._made.pop(var, None)

    def made_by(self, operand: Operand, fn: Callable[..., Any]) -> Op | None:
        """Return the operation that derived `operand` here, if it is one of `fn`."""
        op = self._made.get(operand) if isinstance(operand, Var) else None
        return op if op is not None and op.fn is fn else None

    def maker(self, var: Var) -> Op | None:
        """Return the operation that a variable was derived by here, or that made it without giving it a name."""
        return self._made.get(var) or (None if var.name else self.primal.get(var))

    def alike(self, x: Operand, y: Operand) -> bool:
        """Tell whether two operands are one, or were derived here in the same way."""
        if x is y:
            return True
        if isinstance(x, Lit) and isinstance(y, Lit):
            return type(x.value) is type(y.value) in (int, float) and x.value == y.value
        a, b = (self._made.get(each) if isinstance(each, Var) else None for each in (x, y))
        return a is not None and b is not None and a.fn is b.fn in _ARITHMETIC and all(map(self.alike, a.args, b.args))

    def seen_as(self, value: Operand, dims: Sequence[Dim]) -> Operand:
        """Return an array with these dims in its kind: more is known of its shape than how it was computed tells."""
        kind = kind_of_operand(value)
        if not isinstance(value, Var) or not isinstance(kind, Array) or kind.dims == tuple(dims):
            return value
        seen = self.derived(primitives.same, value)
        seen.name = value.name
        seen.kind = Array(kind.dtype, tuple(dims))
        return seen


_ARITHMETIC = (operator.add, operator.sub, operator.mul, operator.truediv, operator.neg, operator.matmul)


def _is_view_without_dimensions(op: Op) -> bool:
    """Tell whether what looks like a number is a view of an array, which shows what is written to that later.

    ``np.squeeze(x)`` is one, where `x` has one element; ``x[0]`` is not: an index for each axis takes a copy.
    """
    rule, kind = find(op.fn), op.outs[0].kind if len(op.outs) == 1 else None
    if rule is None or not rule.views or op.fn in (operator.getitem, np.einsum):
        return False
    return isinstance(kind, Scalar) and kind.numpy and isinstance(kind_of_operand(op.args[0]), Array)
