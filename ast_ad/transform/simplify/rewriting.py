"""Rebuilding IR only where it changes.

Nodes are never changed in place. A node whose parts are all the same stays the same object, so that a pass which
finds nothing to do returns its input, and `simplify` knows that it is done.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TypeVar

from ast_ad.ir.nodes import Call, Function, walk

T = TypeVar("T")
Node = TypeVar("Node")


def mapped(change: Callable[[T], T], items: tuple[T, ...]) -> tuple[T, ...]:
    """Return `items` with `change` applied; the same tuple where no item changes.

    >>> numbers = (1, 2)
    >>> mapped(lambda number: -number, numbers), mapped(abs, numbers) is numbers
    ((-1, -2), True)
    """
    return unless_same(items, [change(item) for item in items]) if items else items


def unless_same(old: tuple[T, ...], new: Sequence[T]) -> tuple[T, ...]:
    """Return `new` as a tuple; `old` itself where the items are the same objects."""
    if len(old) == len(new) and all(map(operator.is_, old, new)):
        return old
    return tuple(new)


def chosen(items: tuple[T, ...], keep: Sequence[int]) -> tuple[T, ...]:
    """Return the items at the positions `keep`; the same tuple where that is all of them."""
    return items if len(keep) == len(items) else tuple(items[i] for i in keep)


def changed(node: Node, **parts: object) -> Node:
    """Return `node` with other parts; the same node where all of them are the same objects."""
    for name, part in parts.items():
        if getattr(node, name) is not part:
            return replace(node, **parts)  # type: ignore[type-var]
    return node


def each_function(
    program: Sequence[Function], change: Callable[[Function, dict[Function, Function]], Function]
) -> Function:
    """Apply `change` to every function of a program, callees first; return what the last, the main one, becomes.

    `change` gets the function and the map from the callees to what they have become; it replaces the calls.
    """
    become: dict[Function, Function] = {}
    for function in program:
        become[function] = change(function, become)
    return become[program[-1]]


def call_sites(program: Sequence[Function]) -> dict[Function, list[Call]]:
    """Return the calls of each function of a program."""
    sites: dict[Function, list[Call]] = {}
    if len(program) == 1:
        return sites
    for function in program:
        for statement in walk(function.body):
            if isinstance(statement, Call):
                sites.setdefault(statement.function, []).append(statement)
    return sites
