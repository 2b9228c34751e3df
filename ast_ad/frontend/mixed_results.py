"""Which classes the results of operations are of, whose operands are of one class or another (`ast_ad.frontend.mixed`).

    scale = 1 if x < 0 else x
    y = np.full(3, scale)
    y[0] = 0.5 * x

Where `scale` is an integer, so are the elements of `y`, and NumPy cuts off what is written to them.  So does the
derivative, whose adjoint of the right-hand side would have to be 0 there; nobody means that: such a program is lowered
exactly, and where the array turns out to be one of integers when it runs, that is an error.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from ast_ad.frontend import mixed
from ast_ad.ir import primitives
from ast_ad.ir.build import Builder
from ast_ad.ir.kinds import Array, Kind, List, is_inexact, join
from ast_ad.ir.nodes import Lit, Op, Operand, Var
from ast_ad.runtime import check_inexact, set_at

if TYPE_CHECKING:
    from ast_ad.frontend.frame import Frame


def note(builder: Builder, op: Op) -> None:
    """Note of what classes the results of an operation may be."""
    if not op.args:
        return
    held = _held(op)
    if held:
        kinds = frozenset().union(*map(mixed.kinds_of, held))
        for out in op.outs:
            if mixed.number_in(out.kind) == _joined(kinds):
                mixed.note(out, kinds)
    elif any(map(mixed.are_several, op.args)):
        found: list[set[Kind]] = [set() for _ in op.outs]
        for results in _alternatives(builder, op):
            for kinds_of_out, kind in zip(found, results):
                kinds_of_out.add(mixed.number_in(kind) or kind)
        for out, alternatives in zip(op.outs, found):
            mixed.note(
                out, frozenset({mixed.number_in(out.kind) or out.kind, *alternatives}) if alternatives else frozenset()
            )


def _held(op: Op) -> Sequence[Operand]:
    """Return the operands that the result is one of, or whose numbers are in the list that it is."""
    fn, args = op.fn, op.args
    if fn in (max, min, primitives.list_of):
        return args
    if fn in _PUT and isinstance(op.outs[0].kind, List):
        return [args[i] for i in _PUT[fn]]
    if fn is primitives.same or (isinstance(args[0].kind, List) and not isinstance(op.outs[0].kind, Array)):  # type: ignore[union-attr]
        return args[:1]
    return ()


_PUT: dict[Any, tuple[int, ...]] = {
    primitives.append: (0, 1),
    primitives.inserted: (0, 2),
    primitives.joined: (0, 1),
    primitives.repeated: (0,),
    set_at: (0, -1),
}
"""Operations that make a list of what some of their operands hold."""


def _joined(kinds: mixed.Kinds) -> Kind | None:
    first, *rest = kinds
    result: Kind | None = first
    for kind in rest:
        result = None if result is None else join(result, kind)
    return result


MOST = 32
"""Of more combinations of classes than this, those are tried in which all operands are of one class."""


def _alternatives(builder: Builder, op: Op) -> Iterator[tuple[Kind, ...]]:
    """Yield the kinds of the results for each combination of classes that the operands may be of."""
    choices = [tuple(mixed.kinds_of(arg)) if mixed.are_several(arg) else () for arg in op.args]
    if math.prod(len(each) or 1 for each in choices) <= MOST:
        combinations: Iterator[tuple[Kind | None, ...]] = itertools.product(*(each or (None,) for each in choices))
    else:
        each_kind = dict.fromkeys(kind for each in choices for kind in each)
        combinations = iter([tuple(kind if kind in each else None for each in choices) for kind in each_kind])
    for numbers in combinations:
        kinds = [
            arg.kind if number is None else mixed.with_number(arg.kind, number)  # type: ignore[union-attr]
            for arg, number in zip(op.args, numbers)
        ]
        try:
            yield builder.inferred(op, kinds)
        except TypeError:  # Python raises there, too.
            continue


def check(frame: Frame, node: Any, out: Operand, args: Sequence[Operand]) -> None:
    """Let it be an error if floats were put into what turns out to be an array of integers when it runs."""
    if mixed.may_be_integers(out) and any(_is_inexact(arg) for arg in args):
        check_array(frame, node, out)


def dtype_of(frame: Frame, node: Any, value: Any) -> np.dtype[Any]:
    """Return the dtype of an array or a number; that it is not one of integers instead is checked when it runs."""
    if mixed.are_several(value) and not all(map(is_inexact, mixed.kinds_of(value))):
        check_array(frame, node, value)
    found: np.dtype[Any] = np.dtype(value.kind.dtype)
    return found


def loses_integers(old: Operand, new: Operand) -> bool:
    """Tell whether an array that may be one of integers is to contain floats."""
    return mixed.may_be_integers(old) and _is_inexact(new)


def _is_inexact(operand: Operand) -> bool:
    return isinstance(operand, (Var, Lit)) and all(map(is_inexact, mixed.kinds_of(operand)))


def check_array(frame: Frame, node: Any, array: Operand) -> None:
    """Let it be an error if this turns out to be an array of integers when it runs."""
    mixed.ask()
    where = frame.where(node)
    frame.builder.effect(check_inexact, (array, Lit(f"line {where.line}: {where.text.strip()}")), where=where)
