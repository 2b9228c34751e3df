"""Which Python is differentiated: everything else is refused here, with its place and a remedy.

The whole function is checked before anything is lowered, so that a construct in a branch that never runs is
reported when the function is decorated and not in the middle of the night.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import gast

from ast_ad.errors import UnsupportedSyntaxError
from ast_ad.frontend.scope import bound_in
from ast_ad.frontend.source import Source

_COMPREHENSION = "write a `for` loop that adds up or assigns names"
_ASYNC = "write an ordinary function; wait for the data first, and pass it in"

_UNSUPPORTED: dict[str, tuple[str, str]] = {
    "AsyncFor": ("`async for` has no derivative", "collect the items first, and loop over the list"),
    "AsyncFunctionDef": ("an `async` function has no derivative", _ASYNC),
    "AsyncWith": ("`async with` has no derivative", _ASYNC),
    "Await": ("`await` has no derivative", _ASYNC),
    "ClassDef": (
        "a class cannot be defined inside a differentiated function",
        "move the class to the top of the module",
    ),
    "Delete": ("`del` is not supported", "leave the statement out: the derivative drops what it no longer needs"),
    "DictComp": ("a dict comprehension is not supported", _COMPREHENSION),
    "GeneratorExp": ("a generator expression is not supported", _COMPREHENSION),
    "ListComp": ("a list comprehension is not supported", _COMPREHENSION),
    "Match": ("`match` is not supported", "write `if`/`elif`/`else`"),
    "Set": ("a set is not supported, since it has no order", "use a tuple"),
    "SetComp": ("a set comprehension is not supported, since a set has no order", _COMPREHENSION),
    "TemplateStr": ("a template string is not supported", "use an f-string"),
    "Try": ("`try` is not supported", "test for the condition with `if` before it fails"),
    "TryStar": ("`try` is not supported", "test for the condition with `if` before it fails"),
    "TypeAlias": ("a type alias is not supported here", "move it to the top of the module"),
    "With": ("`with` is not supported", "enter the context around the call of the derivative"),
    "Yield": ("a generator is not supported", "return the values, or add them up in a loop"),
    "YieldFrom": ("a generator is not supported", "return the values, or add them up in a loop"),
}


def check_syntax(source: Source) -> None:
    """Refuse a function that contains a construct which is not differentiated.

    Raises
    ------
    UnsupportedSyntaxError
        For the first one in the text, with its place.
    """
    _check_function(source, source.tree)


def _check_function(source: Source, function: gast.FunctionDef | gast.Lambda) -> None:
    body = function.body if isinstance(function.body, list) else [function.body]
    for default in (*function.args.defaults, *function.args.kw_defaults):
        if default is not None and function is not source.tree:
            _check(source, default, NO_LOCALS)
    outer = frozenset(_declared(body)) & bound_in(body)
    for node in body:
        _check(source, node, outer)


NO_LOCALS: frozenset[str] = frozenset()


def _declared(body: list[Any]) -> list[str]:
    names: list[str] = []
    pending = list(body)
    while pending:
        node = pending.pop()
        if isinstance(node, (gast.Global, gast.Nonlocal)):
            names += node.names
        elif not isinstance(node, (gast.FunctionDef, gast.Lambda)):
            pending += gast.iter_child_nodes(node)
    return names


def _check(source: Source, node: gast.AST, rebound: frozenset[str]) -> None:
    """Check one node and what is below it; `rebound` are the outer names that the function assigns."""
    reason = _UNSUPPORTED.get(type(node).__name__)
    if reason is not None:
        raise UnsupportedSyntaxError(reason[0], help=reason[1], where=source.where(node))
    special = _SPECIAL.get(type(node))
    if special is not None:
        message = special(node, rebound)
        if message is not None:
            raise UnsupportedSyntaxError(message[0], help=message[1], where=source.where(node))
    if isinstance(node, (gast.FunctionDef, gast.Lambda)):
        _check_function(source, node)
    elif isinstance(node, gast.AnnAssign):
        _check(source, node.target, rebound)
        if node.value is not None:
            _check(source, node.value, rebound)
    else:
        for child in gast.iter_child_nodes(node):
            _check(source, child, rebound)


Reason = tuple[str, str] | None


def _name(node: gast.Name, rebound: frozenset[str]) -> Reason:
    if isinstance(node.ctx, gast.Store) and node.id in rebound:
        return (
            f"`{node.id}` belongs to an enclosing scope, and a derivative must not change it",
            "return the new value instead of assigning it",
        )
    return None


def _attribute(node: gast.Attribute, rebound: frozenset[str]) -> Reason:
    if isinstance(node.ctx, gast.Load):
        return None
    return f"the attribute `{node.attr}` cannot be assigned", "use a local name, and return the new value"


def _subscript(node: gast.Subscript, rebound: frozenset[str]) -> Reason:
    if isinstance(node.ctx, gast.Load):
        return None
    return "an item cannot be assigned", "use local names, or build a new tuple"


def _raise(node: gast.Raise, rebound: frozenset[str]) -> Reason:
    if node.exc is None:
        return "`raise` without an exception is not supported", "name the exception: `raise ValueError(...)`"
    if node.cause is not None:
        return "`raise ... from ...` is not supported", "leave the cause out"
    return None


def _inner_function(node: gast.FunctionDef, rebound: frozenset[str]) -> Reason:
    if node.decorator_list:
        return (
            f"the inner function `{node.name}` has a decorator",
            f"apply it by hand: `{node.name} = decorator({node.name})`, or define it at the top of the module",
        )
    if node.name in rebound:
        return f"`{node.name}` belongs to an enclosing scope, and a derivative must not change it", "use another name"
    return None


def _import(node: gast.Import | gast.ImportFrom, rebound: frozenset[str]) -> Reason:
    if isinstance(node, gast.ImportFrom) and (node.level or any(alias.name == "*" for alias in node.names)):
        return "a relative import or `import *` is not supported inside a function", "move it to the top of the module"
    return None


_SPECIAL: dict[type, Callable[[Any, frozenset[str]], Reason]] = {
    gast.Name: _name,
    gast.Attribute: _attribute,
    gast.Subscript: _subscript,
    gast.Raise: _raise,
    gast.FunctionDef: _inner_function,
    gast.Import: _import,
    gast.ImportFrom: _import,
}
