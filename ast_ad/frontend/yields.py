"""Generator functions with each `yield` in a statement of its own, which is all that other modules know.

    total += 1.0 + (yield from walk(t))      ->      got = yield from walk(t)
                                                     total += 1.0 + got

What Python evaluates before a `yield` in the same expression is kept in names, so that the order is the same.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import gast

from ast_ad.frontend.scope import own_nodes

_YIELDS = (gast.Yield, gast.YieldFrom)
_VALUES = {gast.AnnAssign: "value", gast.Assign: "value", gast.AugAssign: "value", gast.Expr: "value"}
_VALUES |= {gast.If: "test", gast.Return: "value"}
_PARTS: dict[type, tuple[str, ...]] = {
    gast.BinOp: ("left", "right"),
    gast.Call: ("args",),
    gast.Compare: ("left", "comparators"),
    gast.List: ("elts",),
    gast.Subscript: ("value", "slice"),
    gast.Tuple: ("elts",),
    gast.UnaryOp: ("operand",),
}
"""The parts of expressions, in the order in which Python evaluates them."""


def separate(tree: Any) -> None:
    """Let each `yield` of the generator functions in a tree stand in a statement of its own, where that can be."""
    for node in list(gast.walk(tree)):
        # (What `scope` knows of a function it knows for good, so it is not asked before the function is rewritten.)
        if isinstance(node, gast.FunctionDef) and any(map(_has_yield, node.body)):
            _Separator(node).run()


class _Separator:
    """Rewrites one generator function."""

    def __init__(self, function: gast.FunctionDef) -> None:
        self.function = function
        self.used = {each.id for each in gast.walk(function) if isinstance(each, gast.Name)}
        self.rebinds = any(isinstance(each, gast.Nonlocal) for each in gast.walk(function))

    def run(self) -> None:
        self.function.body = self.block(self.function.body)

    def block(self, statements: Sequence[Any]) -> list[Any]:
        return [each for statement in statements for each in self.statement(statement)]

    def statement(self, node: Any) -> list[Any]:
        before: list[Any] = []
        part = _VALUES.get(type(node))
        value = getattr(node, part) if part is not None else None
        if part is not None and value is not None and _has_yield(value) and self._may_move(node, value):
            before, new = self.expression(value)
            setattr(node, part, new)
        if not isinstance(node, (gast.ClassDef, gast.FunctionDef)):
            for name in ("body", "orelse", "finalbody"):
                if isinstance(getattr(node, name, None), list):
                    setattr(node, name, self.block(getattr(node, name)))
            for each in (*getattr(node, "handlers", ()), *getattr(node, "cases", ())):
                each.body = self.block(each.body)
        return [*before, node]

    def _may_move(self, node: Any, value: Any) -> bool:
        """Tell whether what stands in a statement can be computed in others before it, and is not so already."""
        if isinstance(node, (gast.Assign, gast.Expr)) and isinstance(value, _YIELDS) and not _has_yield(value.value):
            return False
        if isinstance(node, gast.AugAssign) and (self.rebinds or not isinstance(node.target, gast.Name)):
            return False
        return _is_plain(value)

    def expression(self, node: Any) -> tuple[list[Any], Any]:
        """Return the statements that come before an expression, and what is left of it."""
        if isinstance(node, _YIELDS):
            before: list[Any] = []
            if node.value is not None and _has_yield(node.value):
                before, node.value = self.expression(node.value)
            return self._kept(node, before)
        before = []
        parts = [(name, getattr(node, name)) for name in _PARTS[type(node)]]
        flat = [each for _, part in parts for each in (part if isinstance(part, list) else [part])]
        last = max(i for i, each in enumerate(flat) if _has_yield(each))
        new = []
        for i, each in enumerate(flat):
            if _has_yield(each):
                more, left = self.expression(each)
                before += more
            elif i < last and not isinstance(each, gast.Constant):
                before, left = self._kept(each, before)
            else:
                left = each
            new.append(left)
        for name, part in parts:
            setattr(node, name, [new.pop(0) for _ in part] if isinstance(part, list) else new.pop(0))
        return before, node

    def _kept(self, value: Any, before: list[Any]) -> tuple[list[Any], Any]:
        name, number = "got", 1
        while name in self.used:
            number += 1
            name = f"got_{number}"
        self.used.add(name)
        assign = gast.Assign([gast.Name(name, gast.Store(), None, None)], value, None)
        read = gast.Name(name, gast.Load(), None, None)
        for each in (assign, assign.targets[0], read):
            gast.copy_location(each, value)
        return [*before, assign], read


def _has_yield(node: Any) -> bool:
    return node is not None and any(isinstance(each, _YIELDS) for each in own_nodes([node]))


def _is_plain(node: Any) -> bool:
    """Tell whether every `yield` of an expression stands in parts that are evaluated once, from left to right."""
    if not _has_yield(node):
        return not isinstance(node, gast.Starred)
    if isinstance(node, _YIELDS):
        return node.value is None or _is_plain(node.value)
    if type(node) not in _PARTS or (isinstance(node, gast.Compare) and len(node.comparators) > 1):
        return False
    if isinstance(node, gast.Call) and (node.keywords or not _is_dotted(node.func)):
        return False
    parts = [getattr(node, name) for name in _PARTS[type(node)]]
    return all(_is_plain(each) for part in parts for each in (part if isinstance(part, list) else [part]))


def _is_dotted(node: Any) -> bool:
    return isinstance(node, gast.Name) or (isinstance(node, gast.Attribute) and _is_dotted(node.value))
