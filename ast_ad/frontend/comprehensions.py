"""Lowering of comprehensions: the names that they bind are theirs alone."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import gast

from ast_ad.frontend import containers
from ast_ad.frontend.expressions import EXPRESSIONS, expression, optional, test
from ast_ad.frontend.frame import Frame
from ast_ad.frontend.keys import key_of
from ast_ad.frontend.listing import items_of
from ast_ad.frontend.values import Value, describe
from ast_ad.ir.nodes import Lit


def _comprehension(frame: Frame, node: gast.ListComp | gast.GeneratorExp) -> Value:
    """Lower a comprehension over sequences of known length, item by item."""
    results: list[Value] = []
    _each(frame, node, node.generators, lambda: results.append(optional(frame, node.elt)))
    return containers.made(frame, results) if isinstance(node, gast.ListComp) else results


def _dict_comprehension(frame: Frame, node: gast.DictComp) -> Value:
    result: dict[Any, Value] = {}

    def add() -> None:
        key = key_of(frame, node.key, expression(frame, node.key))
        result[key] = expression(frame, node.value)

    _each(frame, node, node.generators, add)
    return containers.made(frame, result)


def _each(frame: Frame, node: Any, generators: Sequence[gast.comprehension], body: Callable[[], None]) -> None:
    """Run `body` for each item of the first of `generators`, and inside of that for those of the others."""
    if not generators:
        body()
        return
    first, *others = generators
    outer = dict(frame.inner)
    for value in items_of(frame, first.iter, expression(frame, first.iter)):
        _bind_inner(frame, first.target, value)
        tests = [test(frame, condition) for condition in first.ifs]
        if not all(isinstance(each, Lit) for each in tests):
            frame.refuse(
                node, "the condition of a comprehension is known only when it runs", "use a conditional expression"
            )
        if all(each.value for each in tests):  # type: ignore[union-attr]
            _each(frame, node, others, body)
    frame.inner = outer


def _bind_inner(frame: Frame, target: Any, value: Value) -> None:
    """Bind the target of a comprehension, which only the comprehension sees."""
    if isinstance(target, gast.Name):
        frame.inner[target.id] = value
        return
    items = items_of(frame, target, value)
    if len(items) != len(target.elts) or any(isinstance(each, gast.Starred) for each in target.elts):
        frame.misfit(target, f"{describe(value)} cannot be unpacked into {len(target.elts)} targets")
    for each, item in zip(target.elts, items):
        _bind_inner(frame, each, item)


EXPRESSIONS.update(
    {
        gast.DictComp: _dict_comprehension,
        gast.GeneratorExp: _comprehension,
        gast.ListComp: _comprehension,
    }
)
