"""How arrays lie in memory, and so whether `reshape` and `ravel` of them return views.

It is tried: on arrays of some lengths, which are made step by step as those of the function are.  Where that depends on
lengths that are not known (`x[:, :k]` may be all of `x`), nothing is decided; once they are pinned, it is.

Of a parameter it is taken that its elements lie row by row (in C order), unless its argument says otherwise
(`Place.order`).  What is decided so depends on these parameters: the derivative tests how they lie, if it matters.
"""

from __future__ import annotations

import itertools
import operator
import warnings
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from ast_ad.ir.kinds import Array, Dim, List, Scalar, may_be_one
from ast_ad.ir.nodes import Form, Lit, Op, Operand, Var
from ast_ad.rules.registry import find
from ast_ad.rules.trial import sample
from ast_ad.runtime import Chain
from ast_ad.runtime.arrays import laid_out

if TYPE_CHECKING:
    from ast_ad.frontend.paths import Path
    from ast_ad.frontend.tokens import Objects

Order = tuple[int, ...]
"""The axes of an array that has no gaps, from the one along which neighbours are farthest apart.

``~axis`` stands for one along which the array lies backwards.
"""


def order_of(x: np.ndarray[Any, Any]) -> Order | None:
    """Return in which order the axes of an array lie; None where it has gaps.

    >>> order_of(np.zeros((2, 3))), order_of(np.zeros((2, 3)).T), order_of(np.zeros((2, 3))[:, :2])
    ((0, 1), (1, 0), None)
    >>> order_of(np.zeros((2, 3))[::-1])
    (-1, 1)
    """
    if x.flags.c_contiguous:
        return tuple(range(x.ndim))
    axes = sorted(range(x.ndim), key=lambda axis: -abs(x.strides[axis]))
    order = tuple([~axis if x.strides[axis] < 0 else axis for axis in axes])
    return order if laid_out(x, order).flags.c_contiguous else None


@dataclass(frozen=True)
class Place:
    """Where an array among the arguments lies: not row by row, or not apart from the others.

    Attributes
    ----------
    order
        In which order its axes lie.
    same
        The argument that it is, too: the name of the parameter, and the position among its leaves.
    overlaps
        The arguments that it shares memory with, and is not.
    outside
        Where the function finds this array from outside, too.
    """

    order: Order | None
    same: tuple[str, int] | None = None
    overlaps: tuple[tuple[str, int], ...] = ()
    outside: tuple[Path, ...] = ()

    def alone(self) -> Place:
        """Return what does not depend on other arguments."""
        return Place(self.order)


class _Undecided(Exception):
    """How an array lies is not known."""


_LENGTHS = ((5, 7, 9, 11, 13, 15), (8, 6, 12, 10, 17, 14))
_DEPTH = 100
"""An array that so many operations lead to, one by one, is not tried."""


@dataclass
class _Trial:
    """Arrays of certain lengths; `assumed` are the parameters that are taken to lie row by row."""

    objects: Objects
    free: Iterator[int]
    ones: bool
    lengths: dict[Dim, int] = field(default_factory=dict)
    made: dict[Var, Any] = field(default_factory=dict)
    assumed: set[Var] = field(default_factory=set)
    depth: int = 0

    def length(self, dim: Dim) -> int:
        if isinstance(dim, int):
            return dim
        if dim not in self.lengths:
            self.lengths[dim] = 1 if self.ones and may_be_one(dim) else next(self.free)
        return self.lengths[dim]

    def __call__(self, operand: Operand) -> Any:
        """Return an array that lies as a token's does; a number as it is, or one for it."""
        if isinstance(operand, Lit):
            return operand.value
        assert isinstance(operand, Var)
        if operand not in self.made:
            self.depth += 1
            if self.depth > _DEPTH:
                raise _Undecided
            self.made[operand] = self._array(operand)
            self.depth -= 1
        return self.made[operand]

    def _array(self, token: Var) -> Any:
        objects = self.objects
        if not isinstance(token.kind, Array):
            raise _Undecided
        view = objects.views.get(token)
        if view is not None:
            return self.result(view.fn, (view.base, *view.rest), view.form, token)
        if token in objects.given:
            return self(objects.given[token])
        if token in objects.makers:
            return self.result(*objects.makers[token], token)
        if token not in objects.params:
            raise _Undecided
        x = sample(token.kind, self.length, 1)
        if token not in objects.orders:
            self.assumed.add(token)
            return x
        order = objects.orders[token]
        if order is None:
            if x.ndim != 1:
                raise _Undecided
            return np.repeat(x, 2)[::2]
        made = np.ascontiguousarray(laid_out(x, order))
        back = made.transpose(np.argsort([max(axis, ~axis) for axis in order]))
        return laid_out(back, tuple([~axis if ~axis in order else axis for axis in range(x.ndim)]))

    def result(self, fn: Callable[..., Any], operands: Sequence[Operand], form: Form | None, out: Var) -> Any:
        """Return what a function makes of such arrays."""
        rule = find(fn)
        if rule is None or rule.effects & {"draws", "raises"} or not _is_numpys(fn):
            raise _Undecided
        assert isinstance(out.kind, Array)
        given, options = (operands, {}) if form is None else form.arranged(operands)
        if fn in (np.reshape, np.zeros, np.ones, np.empty, np.full):
            if len(given) > _IN_ROWS[fn] or not options.keys() <= {"shape", "fill_value", "dtype"}:
                raise _Undecided  # there is an `order`
            shape = tuple(map(self.length, out.kind.dims))
            return np.reshape(self(operands[0]), shape) if fn is np.reshape else np.zeros(shape, out.kind.dtype)
        numbers = rule.broadcasts
        if fn is operator.getitem:
            _check_part(given[1], operands[0])
            numbers = True
        values = [self._number(each) if numbers and _is_number(each) else self(each) for each in operands]
        args, named = (values, {}) if form is None else form.arranged(values)
        result = fn(*args, **named)
        if not isinstance(result, np.ndarray):
            raise _Undecided
        return result

    def _number(self, operand: Operand) -> Any:
        assert isinstance(operand, Var)
        return sample(operand.kind, self.length, 0)


_IN_ROWS = {np.reshape: 2, np.zeros: 2, np.ones: 2, np.empty: 2, np.full: 3}
"""Functions that make arrays in C order, each with how many arguments come before `order`."""


def _check_part(index: Any, x: Any) -> None:
    """Give up where it depends on numbers that are not known, such as a length, which part an index takes."""
    if isinstance(x.kind, List):
        raise _Undecided
    known = all(isinstance(dim, int) for dim in x.kind.dims)
    for each in index if isinstance(index, tuple) else (index,):
        if isinstance(each, slice):
            limits = (each.start, each.stop, each.step)
            if any(isinstance(limit, Var) for limit in limits):
                raise _Undecided
            if not known and (limits[:2] != (None, None) or limits[2] not in (None, Lit(1), Lit(-1))):
                raise _Undecided
        elif isinstance(each, Chain):
            raise _Undecided


def _is_number(operand: Operand) -> bool:
    return isinstance(operand, Var) and isinstance(operand.kind, Scalar)


def _is_numpys(fn: Callable[..., Any]) -> bool:
    """Tell whether a function is NumPy's or one of ours: those of the user's are not run."""
    module = (getattr(fn, "__module__", None) or "numpy").split(".")[0]
    return isinstance(fn, np.ufunc) or module in ("numpy", "_operator", "operator", "ast_ad")


_FAILURES = (_Undecided, ArithmeticError, ValueError, TypeError, IndexError, np.linalg.LinAlgError)


def _trials(objects: Objects) -> Iterator[_Trial]:
    for lengths, ones in itertools.product(_LENGTHS, (False, True)):
        yield _Trial(objects, itertools.chain(lengths, itertools.count(19, 2)), ones)


def is_view(objects: Objects, op: Op, base: Var) -> tuple[bool, frozenset[Var]] | None:
    """Tell whether an operation returns a view of an array, and of which parameters that depends.

    None where it is not known.
    """
    found: set[bool] = set()
    assumed: set[Var] = set()
    for trial in _trials(objects):
        try:
            with warnings.catch_warnings(), np.errstate(all="ignore"):
                warnings.simplefilter("ignore")
                x = trial(base)
                result = trial.result(op.fn, (base, *op.args[1:]), op.form, op.outs[0])
        except _FAILURES:
            return None
        if sum(may_be_one(dim) and dim != 1 for dim in trial.lengths) > 1:
            return None  # all cases would have to be tried
        found.add(np.shares_memory(x, result))
        assumed |= trial.assumed
    return (found.pop(), frozenset(assumed)) if len(found) == 1 else None


def fastest(objects: Objects, token: Var) -> tuple[set[bool], frozenset[Var]] | None:
    """Return the ways in which `np.nditer` may go through an array, and the parameters of which that depends.

    True stands for the way in which the first index is the fastest, False for that of the last one.  None where it is
    not known.
    """
    possible = {False, True}
    assumed: set[Var] = set()
    for trial in _trials(objects):
        try:
            walk = np.nditer(trial(token), flags=["multi_index", "zerosize_ok"])
        except _FAILURES:
            return None
        indices = [walk.multi_index for _ in walk]
        ways = {False: indices, True: [index[::-1] for index in indices]}
        possible &= {first for first, way in ways.items() if way == sorted(way)}
        assumed |= trial.assumed
    return possible, frozenset(assumed)


def lies_otherwise(objects: Objects, token: Var) -> Order | None:
    """Return the order of an array that is known not to lie row by row, whatever else does."""
    found: set[Order | None] = set()
    for trial in _trials(objects):
        try:
            with warnings.catch_warnings(), np.errstate(all="ignore"):
                warnings.simplefilter("ignore")
                found.add(order_of(trial(token)))
        except _FAILURES:
            return None
        if trial.assumed:
            return None
    (order,) = found if len(found) == 1 else (None,)
    return order if order != tuple(range(len(order or ()))) else None
