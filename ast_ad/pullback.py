"""Pullbacks: the reverse sweep of one call, to be run as often as one likes; and Jacobians, row by row, with it."""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ast_ad.ir.kinds import Kind, Stack
from ast_ad.ir.nodes import Function
from ast_ad.located import add_place, wants_place
from ast_ad.tangents import Slot, leaves_of, matched, slots_of
from ast_ad.trees import ALL, LEAF, Tree, flatten, unflatten


@dataclass(frozen=True)
class Sweeps:
    """Both sweeps of a function, compiled.

    Attributes
    ----------
    forward
        Returns the result, perhaps something that is handed through, and a tuple of what the reverse sweep needs.
    backward
        Takes what it needs, then the seeds; returns a tuple with an adjoint for each argument.
    ir
        The IR of that.
    kept
        The kinds of what it needs.
    out_tree, seeded
        The structure of the result, and which of its leaves have a seed.
    name, source
        What is differentiated, and the text of both sweeps.
    """

    forward: Callable[..., tuple[Any, ...]]
    backward: Callable[..., tuple[Any, ...]]
    ir: Function
    kept: tuple[Kind, ...]
    out_tree: Tree
    seeded: tuple[int, ...]
    name: str
    source: str

    def vjp(self, *args: Any) -> tuple[Any, ...]:
        """Run the forward sweep; return the result, the pullback, and what is handed through."""
        out, *aux, kept = self.forward(*args)
        return (out, Pullback(self, kept, out), *aux)

    def jacobian(self, *args: Any, single: bool) -> Any:
        """Run the forward sweep once and the reverse sweep for each row; return the Jacobian."""
        out, kept = self.forward(*args)
        rows = Pullback(self, kept, out).rows(out)
        tree = flatten(out, objects=ALL)[1]
        return unflatten(tree, [row[0] for row in rows] if single else rows)

    @functools.cached_property
    def stacks(self) -> tuple[tuple[int, Callable[[Any], Any]], ...]:
        """Which of the values that are kept are stacks, each with a function that copies it."""
        return tuple((i, _copier(kind)) for i, kind in enumerate(self.kept) if isinstance(kind, Stack))


def as_saved(kind: Kind, value: Any) -> Any:
    """Return what generated code has saved as the IR has it: everything on a stack is a tuple."""
    if not isinstance(kind, Stack):
        return value
    items = [item if len(kind.items) > 1 else (item,) for item in value]
    return [tuple(map(as_saved, kind.items, item)) for item in items]


def _copier(kind: Stack) -> Callable[[list[Any]], list[Any]]:
    """Return a function that copies a stack and the stacks on it, but no arrays: nothing is written to these."""
    inner = {i: _copier(item) for i, item in enumerate(kind.items) if isinstance(item, Stack)}
    if not inner:
        return list
    if len(kind.items) == 1:
        return lambda stack: [inner[0](item) for item in stack]
    return lambda stack: [
        tuple([inner[i](value) if i in inner else value for i, value in enumerate(item)]) for item in stack
    ]


class Pullback:
    """The reverse sweep of one call: takes a cotangent of its result, and returns those of its arguments.

    It can be called any number of times; what is written to the arguments or the result later does not change it.

    Attributes
    ----------
    source : str
        The text of both sweeps.
    """

    __slots__ = ("_kept", "_slots", "_sweeps")

    def __init__(self, sweeps: Sweeps, kept: tuple[Any, ...], out: Any) -> None:
        self._sweeps = sweeps
        self._kept = kept
        self._slots = slots_of(sweeps.out_tree, out)

    @property
    def source(self) -> str:
        """The text of both sweeps."""
        return self._sweeps.source

    def __call__(self, out_bar: Any) -> tuple[Any, ...]:
        sweeps = self._sweeps
        if sweeps.out_tree == LEAF and sweeps.seeded and self._slots[0].takes(out_bar):
            return self.run((out_bar,))
        bars = matched(sweeps.out_tree, self._slots, out_bar, "the cotangent of the result")
        return self.run([bars[i] for i in sweeps.seeded])

    def run(self, seeds: Sequence[Any]) -> tuple[Any, ...]:
        """Run the reverse sweep for seeds that fit."""
        try:
            return self._sweeps.backward(*self._taken(), *seeds)
        except Exception as error:
            if wants_place(error):
                kept = [as_saved(kind, value) for kind, value in zip(self._sweeps.kept, self._kept)]
                add_place(error, self._sweeps.ir, [*kept, *seeds], "In the reverse sweep of")
            raise

    def _taken(self) -> tuple[Any, ...]:
        """Return what the reverse sweep needs; it takes from its stacks what is on them."""
        if not self._sweeps.stacks:
            return self._kept
        values = list(self._kept)
        for i, copied in self._sweeps.stacks:
            values[i] = copied(values[i])
        return tuple(values)

    def __repr__(self) -> str:
        return f"<pullback of {self._sweeps.name}>"

    def rows(self, out: Any) -> list[tuple[Any, ...]]:
        """Return the Jacobian: for each leaf of the result, what the arguments' adjoints are, row by row."""
        leaves, tree = flatten(out, objects=ALL)
        zeros = [_zero(leaf) for leaf in leaves]
        return [self._row(tree, zeros, i) for i in range(len(leaves))]

    def _row(self, tree: Tree, zeros: Sequence[Any], which: int) -> tuple[Any, ...]:
        """Return the derivatives of one number or array, stacked: of its shape, followed by those of the arguments."""
        shape = np.shape(zeros[which])
        seed = np.zeros_like(zeros[which]) if shape else _one(zeros[which])
        whole = unflatten(tree, [seed if i == which else zero for i, zero in enumerate(zeros)])
        seeds = leaves_of(self._sweeps.out_tree, whole)
        if shape == ():
            return self.run(seeds)
        flat, tree = flatten(self.run(seeds), objects=ALL)
        numbers = [i for i, bar in enumerate(flat) if Slot.of(bar).family in ("f", "c")]
        stacked = {i: np.empty((seed.size, *np.shape(flat[i])), np.asarray(flat[i]).dtype) for i in numbers}
        elements = seed.reshape(-1)
        for row in range(seed.size):
            elements[row] = 1
            bars = flatten(self.run(seeds), objects=ALL)[0]
            for i, rows in stacked.items():
                rows[row] = bars[i]
            elements[row] = 0
        for i, rows in stacked.items():
            flat[i] = rows.reshape(shape + rows.shape[1:])
        return unflatten(tree, flat)  # type: ignore[no-any-return]


def _zero(leaf: Any) -> Any:
    return np.zeros(leaf.shape, leaf.dtype) if isinstance(leaf, np.ndarray) else type(leaf)(0)


def _one(zero: Any) -> Any:
    return np.ones_like(zero) if isinstance(zero, np.ndarray) else type(zero)(1)
