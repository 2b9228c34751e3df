"""How wide an expression will be, before names are known: what folding has to keep a line short."""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterator
from typing import Any

from ast_ad.backend.describe import described
from ast_ad.backend.syntax import ATTRIBUTES, BINARY, COMPARISON_PRECEDENCE, COMPARISONS, UNARY, hashable
from ast_ad.backend.tree import Apply, Choose, Expr, Invoke, Logic, children
from ast_ad.ir.nodes import Lit, Var
from ast_ad.trees import LEAF, Leaf, NodeTree, Static, Tree

COLUMNS = 88
INDENT = 4

_TEMPORARY = 6
"""A guess at the length of a name that is not chosen yet."""

_ATOM = 14
_LOOSEST = {"or": 1, "and": 2}
_TIGHTNESS: dict[Callable[..., Any], int] = {
    **{fn: tightness for fn, (_, tightness) in (UNARY | BINARY).items()},
    **dict.fromkeys(COMPARISONS, COMPARISON_PRECEDENCE),
}


def precedence(expr: Expr) -> int:
    """Return how tightly the outermost operation of an expression binds."""
    if isinstance(expr, Choose):
        return 0
    if isinstance(expr, Logic):
        return _LOOSEST[expr.word]
    if isinstance(expr, Lit):
        return UNARY[operator.neg][1] if repr(expr.value).startswith("-") else _ATOM
    if isinstance(expr, Apply):
        try:
            return _TIGHTNESS.get(expr.fn, _ATOM)
        except TypeError:  # a callable without a hash
            return _ATOM
    return _ATOM


class Ruler:
    """Measures expressions; `wish` tells the name that a variable would like to have."""

    def __init__(self, wish: Callable[[Var], str]) -> None:
        self.wish = wish
        self._guesses: dict[Var, int] = {}
        self._widths: dict[Expr, int] = {}

    def guess(self, var: Var, value: Expr) -> None:
        """Note that a value will need a name, which describes it where its variable wishes for none."""
        self._guesses[var] = len(described(value, var.kind, self.wish))
        self._widths.clear()

    def name(self, var: Var) -> int:
        """Return the width of a variable's name."""
        return len(self.wish(var)) or self._guesses.get(var, _TEMPORARY)

    def __call__(self, expr: Expr) -> int:
        """Return the width of an expression in columns."""
        if isinstance(expr, Var):
            return self.name(expr)
        if isinstance(expr, Lit):
            return len(repr(expr.value)) if isinstance(expr.value, (int, float, complex, str)) else 2 * _TEMPORARY
        found = self._widths.get(expr)
        if found is None:
            found = self._widths[expr] = self._measured(expr)
        return found

    def _measured(self, expr: Expr) -> int:
        inner = children(expr)
        total = sum(self(child) for child in inner)
        own = precedence(expr)
        if own < _ATOM:
            parentheses = 2 * sum(precedence(child) <= own for child in inner[1:])
            parentheses += 2 * sum(precedence(child) < own for child in inner[:1])
            words = len(" if  else ") if isinstance(expr, Choose) else len(" and ") if isinstance(expr, Logic) else 3
            return total + parentheses + words
        commas = 2 * max(len(inner) - 1, 0)
        if isinstance(expr, Invoke):
            return total + commas + len(expr.function.name) + 2
        if isinstance(expr, Apply) and expr.fn is operator.getitem:
            return self._subscript(expr)
        if isinstance(expr, Apply) and hashable(expr.fn) and expr.fn in ATTRIBUTES:
            return total + len(".") + len(ATTRIBUTES[expr.fn]) + 2 * (precedence(inner[0]) < _ATOM)
        if isinstance(expr, Apply):
            keywords = sum(len(name) + 1 for name, _ in expr.kwargs)
            return total + commas + keywords + len(getattr(expr.fn, "__name__", "")) + len("math.()")
        return _TEMPORARY

    def _subscript(self, expr: Apply) -> int:
        owner, *inner = map(self, children(expr))
        index = LEAF if expr.form is None else expr.form.args[1]
        return owner + len("[]") + _index(index, iter(inner))


def _index(tree: Tree, widths: Iterator[int]) -> int:
    """Return the width of an index, the leaves of which are so wide."""
    if isinstance(tree, Leaf):
        return next(widths)
    if isinstance(tree, Static):
        return len("..." if tree.value is ... else repr(tree.value))
    if isinstance(tree, NodeTree) and tree.make is slice:
        limits = [0 if limit == _NOTHING else _index(limit, widths) for limit in tree.items]
        return sum(limits) + len("::" if limits[2] else ":")
    return sum(_index(item, widths) for item in tree.items) + len(", ") * max(len(tree.items) - 1, 0)


_NOTHING = Static(None)
