"""Faults to plant in what the engine does with functions, lists, objects and generators."""

from __future__ import annotations

import operator
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import gast

from ast_ad.frontend.heap import Unifier
from ast_ad.frontend.interleave import Inline
from ast_ad.ir import primitives
from ast_ad.ir.nodes import Call, Function, Statement
from ast_ad.runtime import taken
from tests.fuzz.array_faults import attribute, in_rules, of_function, swap_results
from tests.fuzz.faults import Fault, in_reverse, reverse_sweep


def _swap_adjoints_of_calls(function: Function) -> Function:
    """The first two arguments of a call get each other's adjoint."""

    def change(s: Statement) -> Sequence[Statement]:
        if not isinstance(s, Call) or len(s.outs) < 2 or s.outs[0].kind != s.outs[1].kind:
            return [s]
        return [Call((s.outs[1], s.outs[0], *s.outs[2:]), s.function, s.args, s.where)]

    return reverse_sweep(function, change)


def _swapped(bars: Any, g: Any, y: Any, items: Any, i: Any, j: Any) -> Any:
    return g


def _deleted(bars: Any, g: Any, y: Any, items: Any, index: Any) -> Any:
    return bars(g, y, items, 1)


def _popped(bars: Any, g: Any, y: Any, items: Any) -> Any:
    return primitives.append(g[0], g[1] + g[1])


def _inserted(bars: Any, g: Any, y: Any, items: Any, index: Any, item: Any) -> Any:
    kept, _, bar = bars(g, y, items, index, item)
    return kept, None, bar + bar


def _sorted(bars: Any, g: Any, y: Any, items: Any, order: Any) -> Any:
    return taken(g, order)


def _first_of(self: Any, x: Any, y: Any) -> Any:
    return x


def _half_written(original: Any, frame: Any, node: Any, ref: Any, name: str, value: Any) -> None:
    """An attribute that is written to by `o.b = ...` keeps its value where it has one."""
    if name != "b" or frame.context.heap.key(ref, name) not in frame.env:
        original(frame, node, ref, name, value)


@contextmanager
def _one_yield() -> Iterator[None]:
    """A generator ends at its first `yield`, but for those in loops."""
    converted = Inline.converted

    def cut(self: Any, statements: Sequence[Any]) -> list[Any]:
        yields = [isinstance(s, gast.Expr) and isinstance(s.value, gast.Yield) for s in statements]
        end = operator.indexOf(yields, True) + 1 if True in yields else len(statements)
        return converted(self, statements[:end])

    with attribute(Inline, "converted", cut):
        yield


_CALLS = in_reverse("adjoints of a call swapped", _swap_adjoints_of_calls)

FUNCTION_FAULTS = (
    _CALLS,
    in_rules("swapped items not swapped back", (primitives.swapped,), _swapped, r"\[0\], \w+\[-1\] =|reverse"),
    in_rules("place of a deleted item forgotten", (primitives.deleted,), _deleted, r"del |pop\(0\)"),
    in_rules("adjoint of a popped item twice", (primitives.popped,), _popped, r"pop\(\)"),
    in_rules("adjoint of an inserted item twice", (primitives.inserted,), _inserted, r"insert\("),
    in_rules("sorted list not put back", (taken,), _sorted),
)

OBJECT_FAULTS = (
    _CALLS,
    in_reverse("adjoints of two leaves swapped", swap_results),
    of_function("attribute not written", "ast_ad.frontend.heap", "write", _half_written),
    Fault("one of two objects for both", lambda: attribute(Unifier, "_one", _first_of), r"o\d+ = .* else C|else:\n +o"),
    Fault("generator cut short", _one_yield),
)
