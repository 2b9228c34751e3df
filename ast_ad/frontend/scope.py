"""Which names a function binds, which it reads, and which are read later: facts of the syntax alone.

Liveness keeps the joins small: an `if` yields, and a loop carries, only what is read afterwards.
"""

from __future__ import annotations

import functools
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

import gast

FunctionNode: TypeAlias = "gast.FunctionDef | gast.Lambda"
Names = frozenset[str]
NONE: Names = frozenset()


@dataclass(frozen=True)
class Scope:
    """The names of one function.

    Attributes
    ----------
    params
        In the order of the signature.
    local
        Every name that the function binds, parameters included.
    captured
        The local names that functions inside it read.
    written
        The names of enclosing functions that it, or a function inside it, assigns (`nonlocal`).
    rebound
        The names that functions inside it assign.
    outer
        The names that it declares to be of scopes outside (`nonlocal` and `global`).
    modules
        Those of its module among them (`global`).
    kept
        The names that handlers of exceptions and `finally` read: a jump may lead there from anywhere.
    free
        The names that it, or a function inside it, reads and does not bind.
    live_after
        For each statement (by `id`): the names that are read after it.
    live_at_head
        For each loop (by `id`): the names of which an iteration needs the value from before it.
    live_at_exit
        For each loop (by `id`): the names that are read after it, its `else` included.
    """

    params: tuple[str, ...]
    local: Names
    captured: Names
    written: Names
    rebound: Names
    outer: Names
    modules: Names
    kept: Names
    free: Names
    live_after: dict[int, Names] = field(repr=False)
    live_at_head: dict[int, Names] = field(repr=False)
    live_at_exit: dict[int, Names] = field(repr=False)


def parameters(arguments: gast.arguments) -> tuple[str, ...]:
    """Return the names of the parameters, in the order of the signature."""
    positional = [*arguments.posonlyargs, *arguments.args]
    nodes = [*positional, arguments.vararg, *arguments.kwonlyargs, arguments.kwarg]
    return tuple(node.id for node in nodes if node is not None)


def body_of(node: FunctionNode) -> list[gast.stmt]:
    """Return the statements of a function; a lambda returns its expression."""
    if isinstance(node, gast.Lambda):
        return [gast.copy_location(gast.Return(value=node.body), node.body)]
    body: list[gast.stmt] = node.body
    return body


@functools.lru_cache(maxsize=4096)
def scope_of(node: FunctionNode) -> Scope:
    """Return the names of a function."""
    params = parameters(node.args)
    nodes = nodes_of(node)
    bound = _bound(nodes)
    declared = [inner for inner in nodes if isinstance(inner, (gast.Global, gast.Nonlocal))]
    outer = {name for inner in declared for name in inner.names}
    written = {name for inner in declared if isinstance(inner, gast.Nonlocal) for name in inner.names} & bound
    local = (frozenset(params) | bound) - outer
    inner_free: set[str] = set()
    rebound: set[str] = set()
    own_reads: set[str] = set()
    consumed = {node.args[0] for node in nodes if _consumes(node, local)}
    for inner in nodes:
        if isinstance(inner, (gast.FunctionDef, gast.Lambda)):
            inner_free |= scope_of(inner).free
            rebound |= scope_of(inner).written
        elif isinstance(inner, gast.ClassDef):
            # Its methods read them when they are called.
            inner_free |= _read_in_class(inner)
        elif isinstance(inner, gast.Name) and isinstance(inner.ctx, gast.Load):
            own_reads.add(inner.id)
        elif isinstance(inner, gast.GeneratorExp) and inner not in consumed:
            # It reads them when its items are asked for.
            inner_free |= {each.id for each in gast.walk(inner) if isinstance(each, gast.Name)}
    liveness = Liveness()
    if not isinstance(node, gast.Lambda):
        liveness.sequence(node.body, NONE)
    free = frozenset(own_reads | inner_free | outer) - local
    captured = local & frozenset(inner_free)
    all_written = frozenset(written | (rebound - local))
    # ``super()`` reads the object, by no name.
    kept = kept_by(nodes) | (frozenset(params[:1]) if "super" in own_reads else NONE)
    facts = liveness.after, liveness.head, liveness.exit
    modules = frozenset(name for inner in declared if isinstance(inner, gast.Global) for name in inner.names)
    return Scope(
        params, local, captured, all_written, frozenset(rebound), frozenset(outer), modules, kept, free, *facts
    )


_CONSUMERS = frozenset({"all", "any", "dict", "list", "max", "min", "set", "sorted", "sum", "tuple"})


def _consumes(node: gast.AST, local: Names) -> bool:
    """Tell whether a call goes through its only argument before it returns."""
    if not isinstance(node, gast.Call) or len(node.args) != 1 or not isinstance(node.func, gast.Name):
        return False
    return node.func.id in _CONSUMERS and node.func.id not in local


def kept_by(nodes: Sequence[gast.AST]) -> Names:
    """Return what handlers and `finally` blocks read, which may run after any statement of their block."""
    blocks = [
        block
        for node in nodes
        if isinstance(node, gast.Try)
        for block in (*(handler.body for handler in node.handlers), node.finalbody)
    ]
    return frozenset().union(*(reads(*block) | scopes_in(block) for block in blocks))


def scopes_in(nodes: Sequence[gast.AST]) -> Names:
    """Return what the functions that are defined in statements read of the names around them."""
    return frozenset().union(*(scope_of(node).free for node in own_nodes(nodes) if isinstance(node, gast.FunctionDef)))


def bound_in(nodes: Sequence[gast.AST]) -> Names:
    """Return the names that these statements (or expressions) bind, without those of functions inside."""
    return _bound(own_nodes(nodes))


def bound_by(function: FunctionNode) -> Names:
    """Return the names that the body of a function binds, those of other scopes included."""
    return _bound(nodes_of(function))


def _bound(nodes: Iterable[gast.AST]) -> Names:
    names: set[str] = set()
    for node in nodes:
        if isinstance(node, gast.Name) and isinstance(node.ctx, (gast.Store, gast.Del)):
            names.add(node.id)
        elif isinstance(node, _PATTERNS):
            names.update(captured_by(node))
        elif isinstance(node, (gast.FunctionDef, gast.ClassDef)):
            names.add(node.name)
        elif isinstance(node, (gast.Import, gast.ImportFrom)):
            names.update(alias.asname or alias.name.split(".")[0] for alias in node.names)
    return frozenset(names)


_PATTERNS = (gast.MatchAs, gast.MatchStar, gast.MatchMapping)


def captured_by(pattern: gast.AST) -> Names:
    """Return the names that a pattern of `match` binds itself, without those of the patterns inside it."""
    name = pattern.rest if isinstance(pattern, gast.MatchMapping) else pattern.name
    return frozenset() if name is None else frozenset({name})


@functools.lru_cache(maxsize=1024)
def nodes_of(function: FunctionNode) -> tuple[gast.AST, ...]:
    """Return the own nodes of a function's body."""
    return tuple(own_nodes(body_of(function)))


def own_nodes(nodes: Sequence[gast.AST]) -> Iterator[gast.AST]:
    """Yield the nodes of a function, with functions inside it but not what is in their bodies.

    What only says of a node which of its sort it is (`Load`, `Add`) is left out.
    """
    pending = list(nodes)[::-1]
    while pending:
        node = pending.pop()
        yield node
        if isinstance(node, (gast.FunctionDef, gast.Lambda)):
            pending += [default for default in (*node.args.defaults, *node.args.kw_defaults) if default is not None]
            pending += getattr(node, "decorator_list", [])
        elif isinstance(node, gast.ClassDef):
            pending += [*node.bases, *node.keywords, *node.decorator_list]
        elif isinstance(node, gast.AnnAssign):
            pending += [child for child in (node.value, node.target) if child is not None]
        elif isinstance(node, gast.comprehension):
            pending += [*node.ifs, node.iter]  # what it binds, it alone sees
        else:
            pending += children(node)[::-1]


_MARKS = (gast.expr_context, gast.operator, gast.unaryop, gast.boolop, gast.cmpop)


def children(node: gast.AST) -> list[gast.AST]:
    """Return the nodes that a node is made of, in the order of the text."""
    found: list[gast.AST] = []
    for name in node._fields:
        value = getattr(node, name, None)
        if isinstance(value, list):
            found += [each for each in value if isinstance(each, gast.AST) and not isinstance(each, _MARKS)]
        elif isinstance(value, gast.AST) and not isinstance(value, _MARKS):
            found.append(value)
    return found


def reads(*nodes: gast.AST | None) -> Names:
    """Return the names that expressions read, with what the functions inside them read of the names around them."""
    names: set[str] = set()
    for node in own_nodes([node for node in nodes if node is not None]):
        if isinstance(node, gast.Name) and isinstance(node.ctx, (gast.Load, gast.Del)):
            names.add(node.id)
        elif isinstance(node, gast.Lambda):
            names |= scope_of(node).free
    return frozenset(names)


class Liveness:
    """A backward pass over the statements.

    A loop is passed over until the names live at its head have reached every statement of its body: twice at most.
    """

    def __init__(self) -> None:
        self.after: dict[int, Names] = {}
        self.head: dict[int, Names] = {}
        self.exit: dict[int, Names] = {}

    def sequence(self, body: Sequence[gast.stmt], after: Names, breaks: Names = NONE, continues: Names = NONE) -> Names:
        """Return the names that are read from the beginning of statements on; `after` are read after their end."""
        for statement in reversed(body):
            after = self.statement(statement, after, breaks, continues)
        return after

    def statement(self, node: gast.stmt, after: Names, breaks: Names, continues: Names) -> Names:
        """Return the names that are read from the beginning of a statement on; note those at its other places."""
        self.after.setdefault(id(node), NONE)
        self.after[id(node)] |= after | self._jumped_to(node, breaks, continues)
        if isinstance(node, gast.Assign):
            return (after - bound_in(node.targets)) | reads(node.value, *node.targets)
        if isinstance(node, gast.AugAssign):
            return after | reads(node.value, node.target) | bound_in([node.target])
        if isinstance(node, gast.AnnAssign):
            return after if node.value is None else (after - bound_in([node.target])) | reads(node.value)
        if isinstance(node, gast.If):
            then = self.sequence(node.body, after, breaks, continues)
            return reads(node.test) | then | self.sequence(node.orelse, after, breaks, continues)
        if isinstance(node, (gast.While, gast.For)):
            return self._loop(node, after, breaks, continues)
        if isinstance(node, gast.Return):
            return reads(node.value)
        if isinstance(node, gast.Raise):
            return reads(node.exc, node.cause)
        if isinstance(node, gast.Break):
            return breaks
        if isinstance(node, gast.Continue):
            return continues
        if isinstance(node, gast.FunctionDef):
            made = reads(*node.args.defaults, *node.args.kw_defaults, *node.decorator_list)
            return (after - {node.name}) | scope_of(node).free | made
        if isinstance(node, gast.ClassDef):
            return (after - {node.name}) | _read_in_class(node)
        if isinstance(node, gast.Match):
            return self._match(node, after, breaks, continues)
        if isinstance(node, gast.Try):
            return self._try(node, after, breaks, continues)
        if isinstance(node, gast.With):
            return reads(*node.items) | self.sequence(node.body, after, breaks, continues)
        return (after - bound_in([node])) | reads(node) if _is_import(node) else after | reads(node)

    def _loop(self, node: gast.While | gast.For, after: Names, breaks: Names, continues: Names) -> Names:
        ended = self.sequence(node.orelse, after, breaks, continues)
        each, once, targets, at_end = NONE, NONE, NONE, ended
        if isinstance(node, gast.While):
            each = reads(node.test)
            at_end = NONE if is_endless(node) else ended
        else:
            once, targets = reads(node.iter), bound_in([node.target])
        # What an earlier visit found stays true: a loop inside others is not passed over twice for each of them.
        head = each | self.head.get(id(node), NONE)
        seen = None
        once_only = _turns_once(node)
        while seen is None or not (head <= seen or once_only):
            seen = at_end if once_only else head | at_end
            head |= self.sequence(node.body, seen, after, seen) - targets
        self.head[id(node)] = head
        self.exit[id(node)] = ended | after
        return head | at_end | once

    def _match(self, node: gast.Match, after: Names, breaks: Names, continues: Names) -> Names:
        bodies = [self.sequence(case.body, after, breaks, continues) for case in node.cases]
        return reads(node.subject, *(case.pattern for case in node.cases), *(c.guard for c in node.cases)).union(
            after, *bodies
        )

    def _try(self, node: gast.Try, after: Names, breaks: Names, continues: Names) -> Names:
        ended = self.sequence(node.finalbody, after, breaks, continues)
        handlers = [self.sequence(handler.body, ended, breaks, continues) for handler in node.handlers]
        classes = reads(*(handler.type for handler in node.handlers))
        other = self.sequence(node.orelse, ended, breaks, continues).union(ended, classes, *handlers)
        return other | self.sequence(node.body, other, breaks, continues)

    @staticmethod
    def _jumped_to(node: gast.stmt, breaks: Names, continues: Names) -> Names:
        """Return what is read after the jumps in a statement with branches: its paths meet behind it."""
        if not isinstance(node, (gast.If, gast.Match, gast.Try, gast.With)):
            return NONE
        jumps = {type(each) for each in jumps_in([node])}
        return (breaks if gast.Break in jumps else NONE) | (continues if gast.Continue in jumps else NONE)


def jumps_in(nodes: Sequence[gast.AST]) -> Iterator[gast.Break | gast.Continue]:
    """Yield the jumps in statements that lead out of them, to a loop around."""
    for node in nodes:
        if isinstance(node, (gast.Break, gast.Continue)):
            yield node
        elif isinstance(node, (gast.For, gast.While)):
            yield from jumps_in(node.orelse)
        elif isinstance(node, (gast.stmt, gast.match_case, gast.ExceptHandler)) and not isinstance(node, _DEFINITIONS):
            yield from jumps_in(children(node))


def _turns_once(node: gast.AST) -> bool:
    """Tell whether a loop is over a tuple of one item, as `interleave` makes them."""
    return (
        isinstance(node, gast.For)
        and isinstance(node.iter, gast.Tuple)
        and len(node.iter.elts) == 1
        and not isinstance(node.iter.elts[0], gast.Starred)
    )


def _read_in_class(node: gast.ClassDef) -> Names:
    """Return the names that a class, or its methods, may read of the functions around."""
    return frozenset(each.id for each in gast.walk(node) if isinstance(each, gast.Name))


_DEFINITIONS = (gast.FunctionDef, gast.ClassDef)


def first_yield(node: FunctionNode) -> gast.Yield | gast.YieldFrom | None:
    """Return the first `yield` of a generator function; None for other functions."""
    return next((each for each in nodes_of(node) if isinstance(each, (gast.Yield, gast.YieldFrom))), None)


def yields(node: FunctionNode) -> bool:
    """Tell whether a function is a generator function."""
    return first_yield(node) is not None


def is_endless(node: gast.stmt) -> bool:
    """Tell whether a loop is `while True`."""
    return isinstance(node, gast.While) and isinstance(node.test, gast.Constant) and bool(node.test.value)


def _is_import(node: gast.stmt) -> bool:
    return isinstance(node, (gast.Import, gast.ImportFrom))
