"""Views: operations whose result looks at another array, how it does, and how that is undone.

What an index, a transpose or a reshape returns is, or may be, the memory of its argument.  A `View` remembers the
operation.  What is written to it goes to the array at the other end: through a *chain* of the steps that lead from
there to the part (`x[1:].T[i] = v`), or, where a step is no such thing, by the inverse of the operation.

Whether `reshape` and `ravel` return a view depends on how the elements lie in memory.  Here it is known of an array
that they lie row by row (in C order) if certain parameters do (`in_rows`): then it is a view, and that the parameters
do is tested when the function runs, if anything is written.  Of other arrays, `ast_ad.frontend.layouts` tries it.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from ast_ad.frontend import layouts
from ast_ad.ir import primitives
from ast_ad.ir.kinds import Array, dims_of, is_complex
from ast_ad.ir.nodes import Form, Lit, Op, Operand, Var
from ast_ad.rules.registry import find
from ast_ad.runtime import Chain, Turn, with_imag
from ast_ad.trees import Static, holds_list

if TYPE_CHECKING:
    from ast_ad.frontend.frame import Frame

Rows = frozenset[Var]
"""The parameters that have to lie row by row in memory, so that an array does."""

NO_ROWS: Rows = frozenset()


@dataclass(frozen=True, eq=False)
class View:
    """How a view looks at an array: ``fn(base, *rest)``, in the given form; `seen` is what the base contained then.

    `rows` are the parameters that have to lie row by row, so that it is a view at all.
    """

    base: Var
    seen: Operand
    fn: Callable[..., Any]
    rest: tuple[Operand, ...]
    form: Form | None
    rows: Rows = NO_ROWS

    def arguments(self) -> tuple[list[Any], dict[str, Any]]:
        """Return the arguments after the array, by position and by name."""
        if self.form is None:
            return list(self.rest), {}
        (_, *args), kwargs = self.form.arranged((self.base, *self.rest))
        return args, kwargs


def is_basic(op: Op) -> bool:
    """Tell whether an index takes a view: no array and no list stands in it."""
    listed = op.form is not None and any(map(holds_list, op.form.args[1:]))
    return not listed and not any(isinstance(each, Var) and isinstance(each.kind, Array) for each in op.args[1:])


def _is(fn: Any, fns: Sequence[Any]) -> bool:
    return any(fn is each for each in fns)


_TURNS = (
    *(np.transpose, np.swapaxes, np.moveaxis, np.rollaxis, np.flip, np.fliplr, np.flipud, np.rot90),
    *(
        np.squeeze,
        np.expand_dims,
        *(getattr(np, name) for name in ("matrix_transpose", "permute_dims") if hasattr(np, name)),
    ),
)
"""Functions that always return a view of all elements."""

_RESHAPES = (np.reshape, np.ravel)
_PARTS = (primitives.real, np.real, primitives.imag, np.imag)
_FRESH = (primitives.conjugate,)
"""Functions that return a view of some arrays only, and those are told apart elsewhere."""


class Sight:
    """What an operation's result is, beside its first argument.

    VIEW: a view of it.  COPY: another array.  EITHER: it is not known which.
    """

    VIEW, COPY, EITHER = "view", "copy", "either"


def sight(frame: Frame, op: Op, base: Var) -> tuple[str, Rows]:
    """Tell what the result of an operation with a rule for views is."""
    fn = op.fn
    if fn is operator.getitem:
        return (Sight.VIEW if is_basic(op) else Sight.COPY), NO_ROWS
    if _is(fn, _TURNS) or _is(fn, (np.diagonal, np.broadcast_to)):
        return Sight.VIEW, NO_ROWS
    if fn is np.diag:
        return (Sight.VIEW if len(dims_of(base.kind)) == 2 else Sight.COPY), NO_ROWS
    if fn is np.diff:
        return (Sight.EITHER if _may_take_none(op) else Sight.COPY), NO_ROWS
    if _is(fn, _PARTS):
        return (Sight.VIEW if is_complex(base.kind) else Sight.EITHER), NO_ROWS
    out = op.outs[0].kind
    if _is(fn, _FRESH) or (isinstance(out, Array) and isinstance(base.kind, Array) and out.dtype != base.kind.dtype):
        return Sight.COPY, NO_ROWS
    if _is(fn, _RESHAPES):
        return _reshaped(frame, op, base)
    return Sight.EITHER, NO_ROWS


def _may_take_none(op: Op) -> bool:
    """Tell whether `np.diff` may take no differences (``n=0``), and so return the array itself."""
    args, kwargs = (list(op.args), {}) if op.form is None else op.form.arranged(op.args)
    times = kwargs.get("n", args[1] if len(args) > 1 else Lit(1))
    return not isinstance(times, Lit) or times == Lit(0)


def _reshaped(frame: Frame, op: Op, base: Var) -> tuple[str, Rows]:
    trees = () if op.form is None else (*op.form.args, *(tree for _, tree in op.form.kwargs))
    if any(tree == Static(order) for tree in trees for order in "FAK"):
        return Sight.EITHER, NO_ROWS
    assert isinstance(base.kind, Array)
    if base.kind.ndim == 1 and op.fn is np.reshape:
        return Sight.VIEW, NO_ROWS
    rows = in_rows(frame, base)
    if rows is not None:
        return Sight.VIEW, rows
    tried = layouts.is_view(frame.context.objects, op, base)
    if tried is None:
        return Sight.EITHER, NO_ROWS
    return (Sight.VIEW if tried[0] else Sight.COPY), tried[1]


# Rows.

_ROW_BY_ROW = (
    *(np.zeros, np.ones, np.empty, np.full, np.arange, np.linspace, np.eye, np.identity, np.outer, np.dot, np.matmul),
    *(operator.matmul, primitives.copy, primitives.flatten, np.diag, np.tri, np.logspace, np.geomspace),
)
"""Functions that make arrays in C order, whatever they get."""

_AS_GIVEN = (
    *(
        np.copy,
        np.array,
        np.zeros_like,
        np.ones_like,
        np.empty_like,
        np.full_like,
        primitives.astype,
        np.sort,
        np.where,
    ),
    *(np.concatenate, np.stack, np.vstack, np.hstack, np.clip, np.triu, np.tril),
)
"""Functions that make arrays in C order if all arrays that they get are in it."""


def in_rows(frame: Frame, token: Var) -> Rows | None:
    """Return the parameters of which it depends that an array lies row by row; None where it may lie otherwise."""
    objects = frame.context.objects
    view = objects.views.get(token)
    if view is not None:
        return _view_in_rows(frame, view)
    assert isinstance(token.kind, Array)
    maker = objects.makers.get(token)
    if token in objects.given:
        return in_rows(frame, objects.given[token])
    if maker is None:
        return frozenset({token}) if token in objects.params and token not in objects.orders else None
    fn, tokens, _ = maker
    if token.kind.ndim < 2 or _is(fn, _ROW_BY_ROW):
        return NO_ROWS
    rule = find(fn)
    if not _is(fn, _AS_GIVEN) and not (rule is not None and rule.broadcasts):
        return None
    rows = [in_rows(frame, each) for each in tokens if isinstance(each, Var) and isinstance(each.kind, Array)]
    return None if None in rows else frozenset().union(*(each for each in rows if each is not None))


def _view_in_rows(frame: Frame, view: View) -> Rows | None:
    base = in_rows(frame, view.base)
    if base is None:
        return None
    base |= view.rows
    if _is(view.fn, _RESHAPES) or _is(view.fn, (np.squeeze, np.expand_dims)):
        return base
    if view.fn is not operator.getitem:
        return None
    args, _ = view.arguments()
    items = list(args[0]) if isinstance(args[0], tuple) else [args[0]]
    if any(item is None or item is Ellipsis or isinstance(item, Chain) for item in items):
        return None
    while items and not isinstance(items[0], slice):
        items.pop(0)
    if items and items[0].step in (None, Lit(1)):
        items.pop(0)
    whole = all(isinstance(item, slice) and (item.start, item.stop, item.step) == (None, None, None) for item in items)
    return base if whole else None


# Writing.


def steps(view: View) -> list[Any] | None:
    """Return the view as steps of a chain; None where it is not one."""
    args, kwargs = view.arguments()
    if view.fn is operator.getitem:
        return list(args[0].steps) if isinstance(args[0], Chain) else [args[0]]
    if view.fn is np.reshape and _is_vector(view.base) and len(args) == 1 and not kwargs:
        return [Turn(np.reshape, *args)]  # a vector's elements are evenly spaced: this is always a view
    fn = primitives.real if view.fn is np.real else view.fn
    if _is(fn, (*_TURNS, primitives.real)) and not kwargs and all(map(_is_constant, args)):
        return [Turn(fn, *args)]
    return None


def flat_step(view: View, index: Any) -> list[Any] | None:
    """Return the step to an element of a view that has all elements of an array in a row; None where it is not one."""
    args, kwargs = view.arguments()
    in_a_row = view.fn is np.ravel or (view.fn is np.reshape and args in ([Lit(-1)], [(Lit(-1),)]))
    is_element = isinstance(index, (Var, Lit)) and not dims_of(index.kind)
    if in_a_row and is_element and not kwargs and len(args) < 2:
        return [Turn(primitives.flat)]
    return None


def _is_vector(token: Var) -> bool:
    return isinstance(token.kind, Array) and token.kind.ndim == 1


def _is_constant(value: Any) -> bool:
    if isinstance(value, (tuple, list)):
        return all(map(_is_constant, value))
    return isinstance(value, Lit)


def joined(path: Sequence[Any]) -> Any:
    """Return steps as one index; ``x[:][i]`` is ``x[i]``."""
    path = [*(step for step in path[:-1] if not _is_whole(step)), path[-1]]
    return path[0] if len(path) == 1 and not isinstance(path[0], Turn) else Chain(*path)


def _is_whole(step: Any) -> bool:
    """Tell whether an index takes all of an array, with its dimensions."""
    items = step if isinstance(step, tuple) and step else (step,)
    return all(item is Ellipsis or (isinstance(item, slice) and item == slice(None)) for item in items)


def undone(frame: Frame, node: Any, view: View, new: Operand) -> Operand | None:
    """Return what an array contains once a view of it contains `new`; None where that is not known."""
    if _is(view.fn, (*_RESHAPES, np.squeeze, np.expand_dims)):
        shaped: Operand = frame.op(node, np.reshape, new, frame.op(node, np.shape, view.base))
        return shaped
    if _is(view.fn, (primitives.imag, np.imag)):
        return frame.op(node, with_imag, view.base, new)
    return None
