"""The adjoints of the variables so far, threaded through the reversed statements."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from ast_ad.analysis.activity import Mask, some
from ast_ad.ir import primitives
from ast_ad.ir.broadcasting import is_smaller, may_be_smaller
from ast_ad.ir.kinds import (
    Array,
    Kind,
    List,
    Record,
    Scalar,
    Stack,
    dims_of,
    fits,
    is_complex,
    is_inexact,
    is_real,
    join,
)
from ast_ad.ir.nodes import Lit, Operand, Var
from ast_ad.rules.expand import Code
from ast_ad.rules.operands import kind_of_operand
from ast_ad.runtime import sum_records, zero_record


class Adjoints:
    """Maps a variable to the sum of the contributions to its adjoint so far.

    The sum may be smaller than the variable, in a way that its kind shows: `stretched` brings it to its shape.

    A nested region works on an overlay: it sees the adjoints around it, and what it changes stays with it.
    """

    def __init__(
        self,
        active: Callable[[Operand], bool],
        filled: Callable[[Code, Operand, Var, bool], Operand],
        around: Adjoints | None = None,
    ) -> None:
        self.active = active
        self.filled = filled
        self.around = around
        self.own: dict[Var, Operand] = {}

    def get(self, var: Var) -> Operand | None:
        """Return the adjoint of `var` so far, or None where nothing has reached it."""
        level: Adjoints | None = self
        while level is not None:
            if var in level.own:
                return level.own[var]
            level = level.around
        return None

    def take(self, var: Var) -> Operand | None:
        """Return the adjoint of a variable whose definition has been reached, and forget it."""
        return self.own.pop(var, None)

    def add(self, code: Code, var: Operand, bar: Operand, *, there: bool = False) -> None:
        """Add a contribution; nothing happens where `var` is not active.

        It is `there` where it was read: it has a value, though it has none on other paths.
        """
        if isinstance(var, Var) and self.active(var):
            bar = _with_ones(code, _as_own(code, bar, var), var)
            so_far = self.get(var)
            if so_far is None:
                total = bar
            else:
                # Of lists, both have to be as long as the variable; a number is added to each element of an array,
                # but does not stretch what is smaller. That was read: the variable has a value.
                smaller = is_smaller(kind_of_operand(so_far), var.kind)
                both = smaller or isinstance(var.kind, List)
                given = self.filled(code, bar, var, there or smaller) if both else bar
                total = _sum(code, self.filled(code, so_far, var, there), given, var)
            self.own[var] = code.named(total, bar_name(var))


def _as_own(code: Code, bar: Operand, var: Var) -> Operand:
    """Return the adjoint of what has flowed into a variable of another kind as that of its own kind.

    That is a real variable which met a complex one, and a number which met an array without dimensions.
    """
    have = kind_of_operand(bar)
    was_real = is_real(var.kind) and is_complex(have)
    was_number = isinstance(var.kind, Scalar) and isinstance(have, Array)
    return code.as_kind_of(bar, var.kind) if was_real or was_number else bar


def _with_ones(code: Code, bar: Operand, var: Var) -> Operand:
    """Return an adjoint with length 1 where its variable has it, though its rule could not tell.

    Else it would not show that it has to be stretched further on (``np.sum(x, keepdims=True) @ w[:1]``).
    """
    have, own = dims_of(kind_of_operand(bar)), dims_of(var.kind)
    return code.seen_as(bar, [1 if b == 1 else a for a, b in zip(have, own)]) if len(have) == len(own) else bar


def _sum(code: Code, a: Operand, b: Operand, var: Var) -> Operand:
    if isinstance(var.kind, Record):
        return code.op(sum_records, a, b)
    total = code.as_kind_of(code.add(a, b), var.kind)
    kinds = (kind_of_operand(a), kind_of_operand(b))
    if all(is_smaller(kind, var.kind) for kind in kinds):
        return _as_shown(code, total, var)
    return total


def _as_shown(code: Code, total: Operand, var: Var) -> Operand:
    """Return a sum of what is smaller than its variable in a way that the kind of the sum shows.

    A row and a column add up to a matrix, which is smaller than another one only where a length happens to be 1.
    """
    kind = kind_of_operand(total)
    shown = is_smaller(kind, var.kind) or not may_be_smaller(kind, var.kind)
    return total if shown else code.derived(np.full_like, var, total)


def bar_name(var: Var) -> str:
    """Return the name of a variable's adjoint."""
    return f"{var.name}_bar" if var.name else ""


def adjoint_kind(kind: Kind, mask: Mask) -> Kind:
    """Return the kind of an adjoint: that of the variable; of a stack, a stack of its active components."""
    if isinstance(kind, Stack):
        assert isinstance(mask, tuple)
        return Stack(tuple(adjoint_kind(item, part) for item, part in zip(kind.items, mask) if some(part)))
    return kind


def zero(code: Code, like: Operand) -> Operand:
    """Return the adjoint that nothing has reached, of the shape of `like`."""
    kind = kind_of_operand(like)
    assert is_inexact(kind), f"no adjoint of kind {kind}"
    if isinstance(kind, Record):
        return code.op(zero_record, like)
    return code.stretched(Lit(0.0), like) if isinstance(kind, (Array, List)) else Lit(constant(kind, 0.0))


def constant(kind: Kind, value: float) -> Any:
    """Return a number as a constant of a kind.

    Beside double precision a Python float will do; any other precision is kept by a constant of its own, since older
    versions of NumPy would widen it.
    """
    if not isinstance(kind, Scalar) or not kind.numpy or kind.dtype in ("float64", "complex128"):
        return complex(value) if is_complex(kind) else value
    return np.dtype(kind.dtype).type(value)


def as_of(code: Code, bar: Operand, var: Operand) -> Operand:
    """Return the adjoint of a variable that takes its value from `var` as that of `var`, whose shape and dtype it has.

    The adjoint of an array that is a number is left as it is: it is that of each element.
    """
    if not (isinstance(bar, Var) and isinstance(var, Var)):
        return bar
    if not dims_of(bar.kind):
        return code.as_kind_of(bar, var.kind) if isinstance(var.kind, Scalar) else bar
    # The array may be complex, or of higher precision, on other paths alone.
    found = code.as_kind_of(bar, var.kind)
    if dims_of(bar.kind) == dims_of(var.kind):
        return found
    if isinstance(var.kind, Scalar):
        return code.op(np.sum, found)  # a number, or an array without dimensions where that was made like one
    own = code.op(primitives.same, found, name=bar.name)
    own.kind = adjoint_kind(var.kind, True)
    return own


def wide_enough(kind: Kind, values: Sequence[Operand]) -> Kind:
    """Return the kind of the adjoint of a number, which may have come in a wider precision than the number has."""
    for value in values:
        other = kind_of_operand(value)
        if isinstance(kind, Scalar) and isinstance(other, Scalar) and not fits(other, kind):
            kind = join(kind, other) or kind
    return kind
