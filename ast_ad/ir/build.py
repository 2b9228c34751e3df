"""Building IR: statements collect in nested regions, with their kinds inferred and their places attached.

Which kind an operation returns is a matter of the rules, which this package does not know: the builder is given
a function that tells.
"""

from __future__ import annotations

import contextlib
import operator
from collections.abc import Callable, Iterator, Sequence
from typing import Any, Protocol, TypeGuard

import numpy as np

from ast_ad.ir.kinds import Kind, Length, Numbered, Scalar, numbered
from ast_ad.ir.nodes import (
    UNDEF,
    Block,
    Call,
    Form,
    Function,
    If,
    Lit,
    Loop,
    Op,
    Operand,
    Raise,
    Statement,
    Var,
    Where,
    blocks,
    defined,
    walk,
)


class Infer(Protocol):
    """Tells the kind of ``fn(*args)``, or the kinds of its results if there are several.

    `literals` holds ``(value,)`` for an argument that is a constant, else None.
    """

    def __call__(
        self,
        fn: Callable[..., Any],
        kinds: Sequence[Kind],
        literals: Sequence[Any] | None = None,
        form: Form | None = None,
    ) -> Kind | tuple[Kind, ...]: ...


LengthOf = Callable[[Callable[..., Any], Sequence[Kind], Sequence[Any]], "Length | None"]
"""Tells which length ``fn(*args)`` is, from the kinds and the constants; None where it is none that is known."""


_COUNTING: tuple[Any, ...] = (operator.add, operator.sub, operator.mul, operator.floordiv)
"""Operations of integers that return the same integer for the same ones."""


def _is_integer(kind: Kind) -> TypeGuard[Scalar]:
    return isinstance(kind, Scalar) and np.dtype(kind.dtype).kind in "iu"


class Region:
    """Statements under construction, and the variables that they define in their own block."""

    __slots__ = ("defined", "params", "statements")

    def __init__(self, params: Sequence[Var] = ()) -> None:
        self.params = tuple(params)
        self.statements: list[Statement] = []
        self.defined: set[Var] = set(params)

    def owns(self, operand: Operand) -> bool:
        """Tell whether an operand has a meaning in this region only."""
        return isinstance(operand, Var) and operand in self.defined

    def defines(self, var: Var) -> bool:
        """Tell whether a variable is defined in this region, or in a block inside of it."""
        return var in self.defined or any(
            var in defined(inner) or any(var in block.params for block in blocks(inner))
            for s in self.statements
            for inner in (s, *(each for block in blocks(s) for each in walk(block)))
        )

    def block(self, yields: Sequence[Operand] = ()) -> Block:
        """Return what has been collected as a block."""
        return Block(self.params, tuple(self.statements), tuple(yields))


class Builder:
    """Appends statements to the region that is open.

    >>> import operator
    >>> from ast_ad.ir.kinds import FLOAT
    >>> builder, x = Builder(lambda fn, kinds, literals=None, form=None: kinds[0]), Var(FLOAT, "x")
    >>> y = builder.op(operator.mul, (x, x), name="y")
    >>> builder.function("square", (x,), (y,)).results
    (y: float,)
    """

    def __init__(
        self, infer: Infer, length_of: LengthOf | None = None, noted: Callable[[Builder, Op], None] | None = None
    ) -> None:
        self._infer = infer
        self._length_of = length_of
        self._noted = noted
        self._lengths: dict[Var, Length] = {}
        self._numbers: dict[object, Numbered] = {}
        self._outermost = self._region = Region()

    @property
    def open_region(self) -> Region:
        """The region that statements are appended to."""
        return self._region

    @property
    def is_inside(self) -> bool:
        """Whether the open region is a block inside of a statement."""
        return self._region is not self._outermost

    @contextlib.contextmanager
    def region(self, region: Region) -> Iterator[Region]:
        """Append to `region`, fresh or continued, within the ``with`` statement."""
        outer, self._region = self._region, region
        try:
            yield region
        finally:
            self._region = outer

    def append(self, statement: Statement) -> None:
        """Append a finished statement."""
        self._region.statements.append(statement)
        self._region.defined.update(defined(statement))

    def op(
        self,
        fn: Callable[..., Any],
        args: Sequence[Operand],
        kwargs: Sequence[tuple[str, Operand]] = (),
        *,
        name: str = "",
        kind: Kind | None = None,
        where: Where | None = None,
    ) -> Var:
        """Append ``fn(*args, **kwargs)`` and return the variable that holds its result.

        Parameters
        ----------
        kind
            The kind of the result, where the caller knows it; else it is inferred from the arguments.
        """
        if kind is None:
            (out,) = self.ops(fn, args, kwargs, where=where)
            out.name = name
            return out
        out = Var(kind, name)
        self._append_op(Op((out,), fn, tuple(args), tuple(kwargs), where))
        return out

    def ops(
        self,
        fn: Callable[..., Any],
        args: Sequence[Operand],
        kwargs: Sequence[tuple[str, Operand]] = (),
        *,
        form: Form | None = None,
        where: Where | None = None,
    ) -> tuple[Var, ...]:
        """Append ``fn(*args, **kwargs)``, or the call that `form` makes of `args`, and return its results."""
        values = [*args, *(value for _, value in kwargs)]
        literals = [(value.value,) if isinstance(value, Lit) else None for value in values]
        given = list(map(self._given, values))
        kinds = self._infer(fn, given, literals, form)
        outs = tuple(map(Var, kinds if isinstance(kinds, tuple) else (kinds,)))
        length = None if self._length_of is None else self._length_of(fn, given, literals)
        if length is not None:
            self._lengths[outs[0]] = length
        elif fn in _COUNTING and _is_integer(outs[0].kind):
            same = (fn, *(self._given(value) if isinstance(value, Var) else value for value in values))
            self._numbers[outs[0]] = self._numbers.setdefault(same, numbered(outs[0].kind))
        self._append_op(Op(outs, fn, tuple(args), tuple(kwargs), where, form))
        return outs

    def _append_op(self, op: Op) -> None:
        self.append(op)
        if self._noted is not None:
            self._noted(self, op)

    def inferred(self, op: Op, kinds: Sequence[Kind]) -> tuple[Kind, ...]:
        """Return the kinds of what an operation would return for operands of other kinds."""
        literals = [
            (arg.value,) if isinstance(arg, Lit) and arg.kind == kind else None for arg, kind in zip(op.args, kinds)
        ]
        rest = [value for _, value in op.kwargs]
        literals += [(value.value,) if isinstance(value, Lit) else None for value in rest]
        found = self._infer(op.fn, [*kinds, *map(self._given, rest)], literals, op.form)
        return found if isinstance(found, tuple) else (found,)

    def _given(self, value: Operand) -> Kind:
        """Return what is known of an operand: of an integer, which one it is."""
        kind = _kind(value)
        if not isinstance(value, Var) or not _is_integer(kind):
            return kind
        known = self._lengths.get(value) or self._numbers.get(value)
        if known is None:
            known = self._numbers[value] = numbered(kind)
        return known

    def is_one_number(self, a: Operand, b: Operand) -> bool:
        """Tell whether two integers are known to be equal, whatever they are: lengths that NumPy has compared, say."""
        if not (isinstance(a, Var) and isinstance(b, Var) and _is_integer(a.kind) and _is_integer(b.kind)):
            return False
        return a is b or self._given(a) == self._given(b)

    def effect(
        self,
        fn: Callable[..., Any],
        args: Sequence[Operand],
        kwargs: Sequence[tuple[str, Operand]] = (),
        where: Where | None = None,
    ) -> None:
        """Append a call that is made for its effect alone."""
        self.append(Op((), fn, tuple(args), tuple(kwargs), where))

    def branch(
        self,
        outs: Sequence[Var],
        test: Operand,
        then: tuple[Region, Sequence[Operand]],
        orelse: tuple[Region, Sequence[Operand]],
        where: Where | None = None,
    ) -> None:
        """Append an `If` over two finished regions and what they yield."""
        self.append(If(tuple(outs), test, then[0].block(then[1]), orelse[0].block(orelse[1]), where))

    def loop(
        self,
        outs: Sequence[Var],
        inits: Sequence[Operand],
        body: Block,
        *,
        limits: tuple[Operand, Operand, Operand] | None = None,
        test: Block | None = None,
        where: Where | None = None,
    ) -> None:
        """Append a `Loop`: counted (`limits`), with a `test`, or without end but by its body's `go`."""
        self.append(Loop(tuple(outs), tuple(inits), body, limits, test, where))

    def call(
        self,
        function: Function,
        args: Sequence[Operand],
        where: Where | None = None,
        renew: Callable[[Kind], Kind] = lambda kind: kind,
    ) -> tuple[Var, ...]:
        """Append a call of another function of the IR, and return its results, of kinds that `renew` changes."""
        outs = tuple(Var(renew(_kind(result))) for result in function.results)
        self.append(Call(outs, function, tuple(args), where))
        return outs

    def fail(
        self,
        exception: Callable[..., Any],
        args: Sequence[Operand],
        where: Where | None = None,
        form: Form | None = None,
    ) -> None:
        """Append a `Raise`."""
        self.append(Raise(exception, tuple(args), where, form))

    def function(self, name: str, params: Sequence[Var], results: Sequence[Operand]) -> Function:
        """Return what has been collected at the outermost level as a function."""
        return Function(name, tuple(params), self._region.block(results))


def _kind(operand: Operand) -> Kind:
    assert operand is not UNDEF, "UNDEF has no kind"
    return operand.kind  # type: ignore[union-attr]
