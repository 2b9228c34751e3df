"""The algebra of derivative code under construction.

`Code` keeps derivative code as a person would write it: no `1 *`, no `+ 0`, signs in front.  That is applied to
derivative arithmetic only, never to the user's own expressions.  The rules' expressions are written into it by
`ast_ad.rules.tracing`.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from ast_ad.ir import primitives
from ast_ad.ir.broadcasting import is_smaller, is_stretched, summed_axes
from ast_ad.ir.kinds import (
    Array,
    Kind,
    List,
    Scalar,
    code,
    dims_of,
    is_complex,
    is_inexact,
    is_real,
    may_be_one,
)
from ast_ad.ir.nodes import Form, Lit, Op, Operand, Var
from ast_ad.rules.operands import constructor, is_array, is_literal, kind_of_operand, precision
from ast_ad.rules.statements import Statements
from ast_ad.rules.terms import exact, like_terms
from ast_ad.rules.tracing import trace
from ast_ad.runtime import add_at, add_lists, chosen, real_lists, set_at, share, unbroadcast, zeros_of
from ast_ad.trees import Tree, holds_list


class Code(Statements):
    """Statements under construction, which are written as a person would write them."""

    def add(self, x: Operand, y: Operand) -> Operand:
        """``x + y``; as ``x - z`` where y is ``-z``, as ``2 * x`` where both are x, as one term if they are alike."""
        if isinstance(x, Var) and isinstance(y, Var):
            together = None if x is y else like_terms(self, x, y)
            if together is None and self.alike(x, y):
                together = self.mul(Lit(2), x)
            if together is not None:
                return together
        if is_literal(x, 0):
            return y
        if is_literal(y, 0):
            return x
        if isinstance(x, Lit) and isinstance(y, Lit):
            return Lit(x.value + y.value)
        gathered = self._gathered(operator.add, x, y)
        if gathered is not None:
            return gathered
        for whole, part in ((x, y), (y, x)):
            placed = self.placed(whole, part)
            if placed is not None:
                return placed
        if isinstance(kind_of_operand(x), List):
            return self.derived(add_lists, x, y)
        negated = self.made_by(y, operator.neg)
        if negated:
            return self.sub(x, negated.args[0])
        negated = self.made_by(x, operator.neg)
        if negated:
            return self.derived(operator.sub, y, negated.args[0])
        return self.derived(operator.add, x, y)

    def _gathered(self, fn: Callable[..., Any], x: Operand, y: Operand) -> Operand | None:
        """``v - t - t`` as ``v - 2 * t``: a term that is like the last of a sum is added to that one."""
        whole = self.made_by(x, fn)
        last = whole.args[1] if whole is not None else None
        together = like_terms(self, last, y) if isinstance(last, Var) and isinstance(y, Var) else None
        if whole is None or together is None:
            return None
        return (self.add if fn is operator.add else self.sub)(whole.args[0], together)

    def placed(self, x: Operand, y: Operand) -> Operand | None:
        """``x + y`` where `y` is zero but at an index: only that part of `x` changes."""
        update = self.made_by(y, add_at)
        zeros = self._zeros(update.args[0]) if update is not None else None
        if update is None or zeros is None or is_smaller(kind_of_operand(update.args[0]), kind_of_operand(x)):
            return None
        if is_complex(kind_of_operand(x)) != is_complex(kind_of_operand(y)):
            return None  # A real array takes no complex numbers.
        earlier = self.made_by(x, add_at)
        if earlier is not None and earlier.form == update.form and earlier.args[1:-1] == update.args[1:-1]:
            value = self.add(earlier.args[-1], update.args[-1])
            return self.derived_all(add_at, *earlier.args[:-1], value, form=update.form)[0]
        cleared = self.made_by(x, set_at)
        if cleared is not None and _clears_what_is_added(cleared, update):
            if self._is_part(update.args[-1], cleared):
                return cleared.args[0]
            return self.derived_all(set_at, *cleared.args[:-1], update.args[-1], form=cleared.form)[0]
        whole = self.stretched(x, zeros.args[0])
        if not is_array(whole) and not isinstance(kind_of_operand(whole), List):
            return None
        return self.derived_all(add_at, whole, *update.args[1:], form=update.form)[0]

    def _is_part(self, value: Operand, cleared: Op) -> bool:
        """Tell whether a value is what was at an index before it was cleared: put back there, it changes nothing."""
        copied = self.made_by(value, primitives.copy)
        part = self.made_by(copied.args[0] if copied else value, operator.getitem)
        return part is not None and part.args == cleared.args[:-1] and _index_tree(part) == _index_tree(cleared)

    def _zeros(self, x: Operand) -> Op | None:
        """Return the operation that made an array or a list of zeros here, if `x` is one."""
        return self.made_by(x, np.zeros_like) or self.made_by(x, zeros_of)

    def sub(self, x: Operand, y: Operand) -> Operand:
        """``x - y``; as ``x + z`` where y is ``-z``."""
        if is_literal(y, 0):
            return x
        if is_literal(x, 0):
            return self.neg(y)
        if isinstance(x, Lit) and isinstance(y, Lit):
            return Lit(x.value - y.value)
        negated = self.made_by(y, operator.neg)
        if negated:
            return self.derived(operator.add, x, negated.args[0])
        negated = self.made_by(x, operator.neg)
        if negated:
            return self.neg(self.derived(operator.add, negated.args[0], y))
        gathered = self._gathered(operator.sub, x, y)
        return self.derived(operator.sub, x, y) if gathered is None else gathered

    def neg(self, x: Operand) -> Operand:
        """``-x``; ``--x`` is ``x``, and ``-(x - y)`` is ``y - x``."""
        if isinstance(x, Lit):
            return Lit(-x.value)
        negated = self.made_by(x, operator.neg)
        if negated:
            return negated.args[0]
        difference = self.made_by(x, operator.sub)
        if difference:
            return self.derived(operator.sub, *difference.args[::-1])
        if code(kind_of_operand(x)) == "b":
            # NumPy's truth values have no negative.
            return self.derived(operator.mul, Lit(-1.0), x)
        return self.derived(operator.neg, x)

    def mul(self, x: Operand, y: Operand) -> Operand:
        """``x * y``: no factors of one, the sign in front, products written from left to right, quotients last."""
        for one, other in ((x, y), (y, x)):
            if is_literal(one, 0):
                return one
            if is_literal(one, 1):
                return other
            if is_literal(one, -1):
                return self.neg(other)
        if isinstance(x, Lit) and isinstance(y, Lit):
            return Lit(x.value * y.value)
        for part, other in ((y, x), (x, y)):
            taken = self._taken(part, other)
            if taken is not None:
                return taken
        for side, other in ((x, y), (y, x)):
            inner = self._without_sign(side)
            if inner is not None:
                return self.neg(self.mul(inner, other) if side is x else self.mul(other, inner))
        product = self.made_by(x, operator.mul)
        if product and not is_array(y) and is_array(product.args[1]) and not is_array(product.args[0]):
            # Numbers first: they are multiplied once, not for each element.
            return self.mul(self.mul(product.args[0], y), product.args[1])
        quotient = self.made_by(x, operator.truediv)
        if quotient and quotient.args[1] is y and kind_of_operand(quotient.args[0]) == kind_of_operand(x):
            return quotient.args[0]
        quotient = self.made_by(y, operator.truediv)
        if quotient:
            return self.div(self.mul(x, quotient.args[0]), quotient.args[1])
        product = self.made_by(y, operator.mul)
        if product:
            return self.mul(self.mul(x, product.args[0]), product.args[1])
        rescaled = self._rescaled(x, y) if isinstance(y, Lit) else None
        return self.derived(operator.mul, x, y) if rescaled is None else rescaled

    def _rescaled(self, x: Operand, y: Lit) -> Operand | None:
        """``v * 2 * 3`` as ``v * 6``, and ``v / 2 * 6`` as ``v * 3``, where no constant is rounded."""
        scaled = self.made_by(x, operator.mul) or self.made_by(x, operator.truediv)
        if scaled is None or not isinstance(scaled.args[1], Lit):
            return None
        value, factor = scaled.args[0], scaled.args[1].value
        if scaled.fn is operator.mul:
            constant = exact(operator.mul, factor, y.value)
        elif kind_of_operand(value) == kind_of_operand(x):
            constant = exact(operator.truediv, y.value, factor)
        else:
            return None
        return None if constant is None else self.mul(value, Lit(constant))

    def _taken(self, part: Operand, x: Operand) -> Operand | None:
        """``part * x`` where `part` says which of two arguments is chosen: what is not is 0, though `x` is infinite."""
        found = self.made_by(part, share)
        if found:
            return self.derived(chosen, x, *found.args)
        found = self.made_by(part, chosen)
        return self.derived(chosen, self.mul(x, found.args[0]), *found.args[1:]) if found else None

    def div(self, x: Operand, y: Operand) -> Operand:
        """``x / y``, with the sign in front."""
        if is_literal(y, 1):
            return x
        if is_literal(x, 0):
            return x
        taken = self.made_by(x, chosen)
        if taken:
            # What is not chosen is 0, though `y` is.
            return self.derived(chosen, self.div(taken.args[0], y), *taken.args[1:])
        for side in (x, y):
            inner = self._without_sign(side)
            if inner is not None:
                return self.neg(self.div(inner, y) if side is x else self.div(x, inner))
        return self.derived(operator.truediv, x, y)

    def _without_sign(self, factor: Operand) -> Operand | None:
        """Return `x` of a factor ``-x``, written here or in a term of the user's: the sign is that of the product."""
        op = self.maker(factor) if isinstance(factor, Var) and code(factor.kind) in ("f", "c") else None
        return op.args[0] if op is not None and op.fn is operator.neg else None

    def stretched(self, value: Operand, like: Operand) -> Operand:
        """Return an adjoint or a tangent of `like` as an array that can be updated as one of `like`.

        It has the shape of `like`, and is complex where that is.
        """
        kind, have = kind_of_operand(like), kind_of_operand(value)
        if isinstance(kind, List) and is_literal(value, 0):
            return self.derived(zeros_of, like)
        if not isinstance(kind, Array):
            return value
        if not is_smaller(have, kind):
            real = isinstance(have, Array) and is_complex(kind) and not is_complex(have)
            return self.derived(primitives.astype, value, Lit(np.dtype(kind.dtype).type)) if real else value
        if is_literal(value, 0):
            return self.derived(np.zeros_like, like)
        return self.derived(np.full_like, like, value)

    def added_up(self, bar: Operand, like: Operand, out: Operand | None = None) -> Operand:
        """Return an adjoint added up over the axes along which broadcasting may have stretched `like`.

        `out` is what it was stretched to, where the adjoint may be smaller than that.
        """
        kind, whole = kind_of_operand(like), kind_of_operand(bar if out is None else out)
        if not is_stretched(kind, whole):
            return bar
        if out is not None and isinstance(kind, Scalar) and isinstance(kind_of_operand(bar), Scalar):
            return self.mul(bar, self.derived(np.size, out))
        if (
            out is not None
            and is_smaller(kind_of_operand(bar), whole)
            and not _fills(bar, summed_axes(kind, whole), whole)
        ):
            bar = self.stretched(bar, out)
        negated = self.made_by(bar, operator.neg)
        if negated:
            return self.neg(self.added_up(negated.args[0], like, out))
        if not isinstance(kind, Array):
            return self.derived(np.sum, bar)
        known = summed_axes(kind, whole)
        if known is None:
            return self.derived(unbroadcast, bar, like)
        extra, kept = known
        if extra:
            bar = self._sum(bar, tuple(range(extra)), {})
        return self._sum(bar, kept, {"keepdims": Lit(True)}) if kept else bar

    def _sum(self, bar: Operand, axes: tuple[int, ...], options: dict[str, Operand]) -> Operand:
        axis: Any = Lit(axes[0]) if len(axes) == 1 else tuple(map(Lit, axes))
        operands, form = Form.of((bar,), {"axis": axis, **options}, lambda value: isinstance(value, (Var, Lit)))
        return self.derived_all(np.sum, *operands, form=form)[0]

    def as_kind_of(self, value: Operand, kind: Kind) -> Operand:
        """Return `value` as an adjoint or a tangent of something of `kind`: real for a real, float32 for float32.

        Python's constants are left alone: they take the precision of what they meet.
        """
        have = kind_of_operand(value)
        if isinstance(kind, List):
            return self.derived(real_lists, value) if is_complex(have) and is_real(kind) else value
        if have == kind:
            return value
        if isinstance(have, Array) and not have.dims and isinstance(kind, Scalar):
            # It may be a number where nothing has reached it, which `value[()]` does not take.
            number = Scalar(have.dtype, numpy=True)
            return self.as_kind_of(self.derived(constructor(number), value), kind)
        if isinstance(value, Lit) and type(value.value) is int and isinstance(kind, Scalar) and is_inexact(kind):
            return Lit(float(value.value))
        if is_inexact(kind) and isinstance(have, (Scalar, Array)) and not is_inexact(have):
            return self._inexact(value, have, kind)
        if is_complex(have) and is_real(kind):
            value = Lit(value.value.real) if isinstance(value, Lit) else self.derived(primitives.real, value)
            have = value.kind
        known = isinstance(have, (Scalar, Array)) and isinstance(kind, (Scalar, Array))
        if not known or not (is_inexact(have) and is_inexact(kind)):
            return value
        takes_any_precision = isinstance(value, Lit) and not getattr(have, "numpy", True)
        if takes_any_precision or precision(have) == precision(kind):
            return value
        assert isinstance(kind, (Scalar, Array))
        dtype = kind.dtype if is_complex(have) else precision(kind)
        if isinstance(have, Array):
            return self.derived(primitives.astype, value, Lit(np.dtype(dtype).type))
        own = kind if isinstance(kind, Scalar) else Scalar(dtype, numpy=True)
        return self.derived(constructor(own), value)

    def _inexact(self, value: Operand, have: Scalar | Array, kind: Kind) -> Operand:
        """Return integers, which is what a seed of 1 makes of a product with them, as an adjoint of `kind`."""
        if not isinstance(kind, (Scalar, Array)) or isinstance(value, Lit):
            return value
        if isinstance(have, Array):
            return self.derived(primitives.astype, value, Lit(np.dtype(kind.dtype).type))
        own = kind if isinstance(kind, Scalar) else Scalar(kind.dtype, numpy=True)
        return self.derived(constructor(own), value)

    def expand(self, rule: Callable[..., Any], args: Sequence[Any], kwargs: Mapping[str, Any] | None = None) -> Any:
        """Call a rule's expression on operands; return operands, None and tuples of them, structured as it does."""
        return trace(self, rule, args, kwargs or {})


def _clears_what_is_added(cleared: Op, update: Op) -> bool:
    """Tell whether ``x[i] = 0.0`` comes before ``x[i] += v``, for an index that names no element twice."""
    base, *index, value = cleared.args
    own = kind_of_operand(base)
    if not isinstance(own, Array) or not is_literal(value, 0) or cleared.form != update.form:
        return False
    if is_complex(kind_of_operand(update.args[-1])) and not is_complex(own):
        return False
    listed = cleared.form is not None and any(map(holds_list, cleared.form.args))
    return not listed and not any(map(is_array, index)) and tuple(index) == update.args[1:-1]


def _index_tree(op: Op) -> Tree | None:
    """Return the structure of the index of an operation on a part of an array."""
    return None if op.form is None else op.form.args[1]


def _fills(bar: Operand, summed: tuple[int, tuple[int, ...]] | None, whole: Kind) -> bool:
    """Tell whether an adjoint that is smaller than `whole` surely has its length along the axes that are added up."""
    if summed is None:
        return False
    extra, kept = summed
    own, all_of_it = dims_of(kind_of_operand(bar)), dims_of(whole)
    axes = [*range(extra), *(extra + axis for axis in kept)]
    return len(own) == len(all_of_it) and all(
        own[axis] == all_of_it[axis] or not may_be_one(own[axis]) for axis in axes
    )
