"""Which Python is differentiated: everything else is refused here, with its place and a remedy.

The whole function is checked before anything is lowered, so that a construct in a branch that never runs is
reported when the function is decorated and not in the middle of the night.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import gast

from ast_ad.errors import UnsupportedSyntaxError
from ast_ad.frontend.scope import (
    NONE,
    FunctionNode,
    Names,
    body_of,
    bound_by,
    children,
    first_yield,
    nodes_of,
    scope_of,
    yields,
)
from ast_ad.frontend.source import Source

_COMPREHENSION = "write a `for` loop that adds up or assigns names"
_ASYNC = "write an ordinary function; wait for the data first, and pass it in"

_UNSUPPORTED: dict[str, tuple[str, str]] = {
    "AsyncFor": ("`async for` has no derivative", "collect the items first, and loop over the list"),
    "AsyncFunctionDef": ("an `async` function has no derivative", _ASYNC),
    "AsyncWith": ("`async with` has no derivative", _ASYNC),
    "Await": ("`await` has no derivative", _ASYNC),
    "TemplateStr": ("a template string is not supported", "use an f-string"),
    "TryStar": ("`except*` is not supported", "catch the exceptions with `except`"),
    "TypeAlias": ("a type alias is not supported here", "move it to the top of the module"),
    "Yield": ("a `yield` stands where it is not supported", "yield in a statement of its own"),
    "YieldFrom": ("a `yield from` stands where it is not supported", "write it as a statement of its own"),
}


@functools.lru_cache(maxsize=1024)
def check_syntax(source: Source, *, generator: bool = False) -> None:
    """Refuse a function that contains a construct which is not differentiated.

    Raises
    ------
    UnsupportedSyntaxError
        For the first one in the text, with its place.
    """
    _Check(source, generator).function(source.tree, NONE)


class _Check:
    """A walk over the syntax of one function.

    `around` are the names of the functions around the one that is checked; `rebound` are names outside all of them that
    it assigns.
    """

    def __init__(self, source: Source, generator: bool = False) -> None:
        self.source = source
        self.allowed: set[int] = set()
        first = first_yield(source.tree)
        if not generator and first is not None:
            raise UnsupportedSyntaxError(
                "a generator has no derivative: it returns no number",
                help="differentiate the function that uses what it yields",
                where=source.where(first),
            )

    def function(self, function: FunctionNode, around: Names) -> None:
        scope = scope_of(function)
        bound = bound_by(function)
        rebound = (bound - scope.local) - (scope.written & around)
        if not yields(function):
            self.allowed |= {id(name) for node in nodes_of(function) for name in _assigned(node) if name.id in rebound}
        for node in body_of(function):
            self.node(node, rebound, around | scope.local)

    def node(self, node: gast.AST, rebound: Names, around: Names) -> None:
        reason = _UNSUPPORTED.get(type(node).__name__)
        special = _SPECIAL.get(type(node))
        if isinstance(node, (gast.Expr, gast.Assign)) and isinstance(node.value, (gast.Yield, gast.YieldFrom)):
            self.allowed.add(id(node.value))
        if special is not None:
            reason = special(node, rebound)
        if id(node) in self.allowed:
            reason = None
        if reason is not None:
            raise UnsupportedSyntaxError(reason[0], help=reason[1], where=self.source.where(node))
        inside: Iterable[gast.AST | None] = children(node)
        if isinstance(node, (gast.FunctionDef, gast.Lambda)):
            inside = [*node.args.defaults, *node.args.kw_defaults, *getattr(node, "decorator_list", ())]
            self.function(node, around)
        elif isinstance(node, gast.ClassDef):
            # Its methods are checked when they are called.
            inside = [*node.bases, *(each.value for each in node.keywords), *node.decorator_list]
        elif isinstance(node, gast.AnnAssign):
            inside = [node.target, node.value]
        for child in inside:
            if child is not None:
                self.node(child, rebound, around)


def _assigned(node: gast.AST) -> Iterator[gast.Name]:
    """Yield the names that an assignment assigns, each to a variable of its own or of another scope."""
    targets: list[Any] = node.targets if isinstance(node, gast.Assign) else []
    if isinstance(node, (gast.AugAssign, gast.AnnAssign, gast.NamedExpr)):
        targets = [node.target]
    while targets:
        target, *targets = targets
        if isinstance(target, gast.Name):
            yield target
        elif isinstance(target, (gast.Tuple, gast.List)):
            targets += target.elts
        elif isinstance(target, gast.Starred):
            targets.append(target.value)


_PLAINLY = "write a plain assignment, in a function that is no generator"

Reason = tuple[str, str] | None


def _name(node: gast.Name, rebound: Names) -> Reason:
    if isinstance(node.ctx, gast.Store) and node.id in rebound:
        return (
            f"`{node.id}` belongs to an enclosing scope, and is bound in a way that is not supported",
            _PLAINLY,
        )
    return None


def _raise(node: gast.Raise, rebound: Names) -> Reason:
    return None


def _inner_class(node: gast.ClassDef, rebound: Names) -> Reason:
    if any(isinstance(each, gast.Nonlocal) for each in gast.walk(node)):
        return "a method assigns a variable of the function around its class", "make it an attribute"
    if node.name in rebound:
        return f"`{node.name}` belongs to an enclosing scope, and is bound in a way that is not supported", _PLAINLY
    return None


def _inner_function(node: gast.FunctionDef, rebound: Names) -> Reason:
    if node.name in rebound:
        return f"`{node.name}` belongs to an enclosing scope, and is bound in a way that is not supported", _PLAINLY
    return None


_SPECIAL: dict[type, Callable[[Any, Names], Reason]] = {
    gast.Name: _name,
    gast.Raise: _raise,
    gast.ClassDef: _inner_class,
    gast.FunctionDef: _inner_function,
}
