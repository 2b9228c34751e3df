"""Rebuilding IR only where it changes.

Nodes are never changed in place. A node whose parts are all the same stays the same object, so that a pass which
finds nothing to do returns its input, and `simplify` knows that it is done.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import TypeVar

from ast_ad.ir.nodes import Block, Call, Function, If, Loop, Statement, functions, recursive, walk, with_parts
from ast_ad.ir.rebuild import copied

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
            return with_parts(node, **parts)
    return node


def each_function(
    program: Sequence[Function], change: Callable[[Function, dict[Function, Function]], Function]
) -> Function:
    """Apply `change` to every function of a program, callees first; return what the last, the main one, becomes.

    `change` gets the function and the map from the callees to what they have become; it replaces the calls.  Calls of a
    function that comes later (a recursion) keep it until all are done.
    """
    later = recursive(program)
    become: dict[Function, Function] = {function: function for function in later}
    for function in program:
        become[function] = change(function, become)
    main = become[program[-1]]
    if not later or all(become[function] is function for function in program):
        return main
    return _tied(main, {function: become[function] for function in later})


def _tied(main: Function, renewed: Mapping[Function, Function]) -> Function:
    """Return a program in which calls of what recursive functions were are calls of what they have become."""
    done: dict[Function, Function] = {}
    for old, new in renewed.items():
        done[old] = done[new] = Function.declared(new.name)

    def rewritten(function: Function) -> Function:
        return changed(function, body=with_callees(function.body, become))

    def become(function: Function) -> Function:
        if function not in done:
            done[function] = rewritten(function)
        return done[function]

    for new in renewed.values():
        done[new].defined_as(rewritten(new))
    return become(main)


def with_blocks(s: Statement, block: Callable[[Block], Block]) -> Statement:
    """Return a statement with what its blocks have become; one that has none as it is."""
    if isinstance(s, If):
        return changed(s, then=block(s.then), orelse=block(s.orelse))
    if isinstance(s, Loop):
        return changed(s, body=block(s.body), test=s.test and block(s.test))
    return s


def with_callee(s: Statement, become: Callable[[Function], Function]) -> Statement:
    """Return a call with what its function has become; any other statement as it is."""
    return changed(s, function=become(s.function)) if isinstance(s, Call) else s


def with_callees(block: Block, become: Callable[[Function], Function]) -> Block:
    """Return a block with what the functions have become that are called in it, and in its blocks."""

    def statement(s: Statement) -> Statement:
        return with_blocks(with_callee(s, become), lambda inner: with_callees(inner, become))

    return changed(block, statements=mapped(statement, block.statements))


def with_own_variables(main: Function, known: Collection[Function]) -> Function:
    """Return a program with variables of its own, but in the functions `known`, which it may share with others."""

    def own(function: Function, become: dict[Function, Function]) -> Function:
        if function in known:
            return function
        return copied(changed(function, body=with_callees(function.body, lambda callee: become.get(callee, callee))))

    return each_function(functions(main), own)


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
