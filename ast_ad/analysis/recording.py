"""To-be-recorded: what the forward sweep saves so that the reverse sweep finds every primal value that it reads.

The reverse sweep mentions variables of the forward sweep. One that is defined at the top of the function is still
there; one that is defined in a loop, or in a branch, has to be saved or computed again. Which to save is a minimum
cut: in the graph from operands to results of everything that may be computed again, the cheapest set of variables
that separates what cannot be computed (what a loop carries, what is expensive) from what is needed. A greedy choice
is not enough: of `a`, `b` and the needed `a * b`, `a - b`, either pair may be the one that others need too.
Arithmetic, comparisons and tests, ``a and b`` too, are computed again; a transcendental function is saved, unless its
arguments do not change in the loop.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from ast_ad.ir.kinds import BOOL, Array, Kind, List, is_truth
from ast_ad.ir.nodes import (
    Block,
    Function,
    If,
    Lit,
    Loop,
    Op,
    Operand,
    Statement,
    Var,
    blocks,
    defined,
    free_variables,
    operands,
)
from ast_ad.rules.registry import effects, find


@dataclass(frozen=True, eq=False)
class Home:
    """A block that defines variables: how many loops are around it, the block around it, the innermost loop's body."""

    block: Block
    depth: int
    parent: Home | None
    loop: Block | None

    def within(self, block: Block | None) -> bool:
        """Tell whether this is `block`, or a block nested in it."""
        return self.block is block or (self.parent is not None and self.parent.within(block))


@dataclass(frozen=True)
class Recording:
    """The plan: for each block of the forward sweep what to save and what to compute again, in order of definition.

    `dead` holds operations of the reverse sweep whose results nothing reads, and that need nothing kept. `at_top` are
    the variables at the top of the function that are read; `late` the operations of a block that are run again, each
    where its result is first read.
    """

    saved: dict[Block, tuple[Var, ...]]
    again: dict[Block, tuple[Op | If, ...]]
    dead: frozenset[Statement]
    at_top: tuple[Var, ...] = ()
    late: Mapping[Block, tuple[Op, ...]] = field(default_factory=dict)


class Homes:
    """Where each variable of the forward sweep is defined, by which statement, and in which order.

    `kept` says whether what is defined outside of loops is still there in the reverse sweep.
    """

    def __init__(self, function: Function, *, kept: bool = True) -> None:
        self.kept = kept
        self.home: dict[Var, Home] = {}
        self.maker: dict[Var, Statement] = {}
        self.order: dict[Var, int] = {}
        self.indices: set[Var] = set()
        self.top = Home(function.body, 0, None, None)
        for param in function.params:
            self._define(param, self.top)
        self._block(function.body, self.top)

    def _define(self, var: Var, home: Home) -> None:
        self.home[var] = home
        self.order[var] = len(self.order)

    def _block(self, block: Block, home: Home) -> None:
        for param in block.params:
            self._define(param, home)
        for statement in block.statements:
            looping = isinstance(statement, Loop)
            for inner in blocks(statement):
                self._block(inner, Home(inner, home.depth + looping, home, inner if looping else home.loop))
            if isinstance(statement, Loop) and statement.index is not None:
                self.indices.add(statement.index)
            for out in defined(statement):
                self._define(out, home)
                self.maker[out] = statement


def recording(
    function: Function,
    reverse_sweep: Iterable[Statement],
    results: Iterable[Operand],
    *,
    keep_top: bool,
) -> Recording:
    """Decide what the forward sweep of `function` saves for a reverse sweep that mentions its variables.

    Parameters
    ----------
    reverse_sweep, results
        The statements of the reverse sweep, and what they return.
    keep_top
        Whether the variables at the top of the function are still there, as they are when both sweeps are one function.
    """
    homes = Homes(function, kept=keep_top)
    needed, dead = _reads_of(list(reverse_sweep), results, homes.home)
    params = set(function.params)

    def free(var: Var) -> bool:
        at_top = homes.home[var] is homes.top
        return var in homes.indices or (at_top and (keep_top or var in params))

    saved = _minimum_cut(needed, homes, free)
    required: dict[Var, None] = {}
    pending = list(needed)
    while pending:
        var = pending.pop()
        if var not in required:
            required[var] = None
            if var not in saved and not free(var):
                pending += _operand_variables(homes.maker[var])
    plan_saved: dict[Block, tuple[Var, ...]] = {}
    plan_again: dict[Block, tuple[Op | If, ...]] = {}
    for var in sorted(required, key=homes.order.__getitem__):
        block = homes.home[var].block
        if var in saved:
            plan_saved[block] = (*plan_saved.get(block, ()), var)
        elif not free(var):
            maker = homes.maker[var]
            assert isinstance(maker, (Op, If))
            plan_again[block] = (*plan_again.get(block, ()), maker)
    return Recording(plan_saved, plan_again, dead, tuple(var for var in required if homes.home[var] is homes.top))


def _operand_variables(statement: Statement) -> list[Var]:
    """Return the variables that a statement needs of those made before it."""
    own = [operand for operand in operands(statement) if isinstance(operand, Var)]
    return [*own, *free_variables(*blocks(statement))]


def _reads_of(
    sweep: list[Statement], results: Iterable[Operand], home: Mapping[Var, Home]
) -> tuple[dict[Var, None], frozenset[Statement]]:
    """Return the forward variables that the reverse sweep reads, and its operations that nothing reads."""
    read: dict[Var, None] = {}
    dead: set[Statement] = set()

    def reads(values: Iterable[Operand]) -> None:
        for value in values:
            if isinstance(value, Var):
                read.setdefault(value)

    def visit(statements: Iterable[Statement]) -> None:
        for statement in reversed(tuple(statements)):
            pure = isinstance(statement, Op) and not effects(statement.fn) - {"allocates"}
            if pure and not any(out in read for out in defined(statement)):
                dead.add(statement)
                continue
            for block in reversed(blocks(statement)):
                reads(block.yields)
                visit(block.statements)
            reads(operands(statement))

    reads(results)
    visit(sweep)
    return {var: None for var in read if var in home}, frozenset(dead)


def _computable(var: Var, homes: Homes) -> bool:
    """Tell whether computing `var` again, from its operands, beats saving it."""
    maker = homes.maker.get(var)
    if isinstance(maker, If):
        return _is_test(maker)
    if not isinstance(maker, Op) or effects(maker.fn):
        return False
    rule = find(maker.fn)
    if rule is None:
        return False
    home = homes.home[var]
    if homes.kept and home.depth == 0 and home is not homes.top and var.kind != BOOL:
        # In a branch outside all loops a value is kept for nothing: its variable is still there. A test is written
        # again, so that both sweeps read alike.
        return False
    if rule.cheap or (maker.fn is operator.pow and isinstance(maker.args[1], Lit)):
        return True
    inside = [operand for operand in _operand_variables(maker) if homes.home[operand].within(home.loop)]
    return home.loop is not None and not inside


def _is_test(branch: If) -> bool:
    """Tell whether a branch only finds out what is true, as ``a and b`` and ``a or b`` do, by what may be repeated."""
    return (
        len(branch.outs) == 1
        and is_truth(branch.outs[0].kind)
        and all(_repeats(s) for block in blocks(branch) for s in block.statements)
    )


def _repeats(s: Statement) -> bool:
    if isinstance(s, If):
        return _is_test(s)
    rule = find(s.fn) if isinstance(s, Op) and not effects(s.fn) else None
    return rule is not None and rule.cheap


def _minimum_cut(needed: Iterable[Var], homes: Homes, free: Callable[[Var], bool]) -> set[Var]:
    """Return the cheapest variables to save, nearest to where they are needed.

    Maximum flow by augmenting paths (Ford and Fulkerson, 1956) on the graph in which every variable is an edge from
    its entrance to its exit, with what saving it costs as capacity: deeper in loops costs more. What is needed and
    cannot be computed is saved in any case, and left out of the graph.
    """
    graph = _Network()
    wanted = [var for var in needed if not free(var)]
    forced = {var for var in wanted if not _computable(var, homes)}
    pending = [var for var in wanted if var not in forced]
    seen: set[Var] = set()
    for var in pending:
        graph.connect((var, "out"), "sink", _Network.UNLIMITED)
    while pending:
        var = pending.pop()
        if var in seen:
            continue
        seen.add(var)
        graph.connect((var, "in"), (var, "out"), _cost(var, homes))
        if not _computable(var, homes):
            graph.connect("source", (var, "in"), _Network.UNLIMITED)
            continue
        for operand in _operand_variables(homes.maker[var]):
            if not free(operand) and operand not in forced:
                graph.connect((operand, "out"), (var, "in"), _Network.UNLIMITED)
                pending.append(operand)
    behind = graph.saturate()
    return forced | {var for var in seen if (var, "in") not in behind and (var, "out") in behind}


def _cost(var: Var, homes: Homes) -> int:
    """Return what saving a variable costs: more in deeper loops, more the larger it is; a part less than the whole."""
    each: int = 16 ** homes.home[var].depth
    if isinstance(var.kind, List):
        return 4 * each * int(64 ** _depth(var.kind))
    if not isinstance(var.kind, Array):
        return 4 * each
    maker = homes.maker.get(var)
    part = isinstance(maker, Op) and maker.fn is operator.getitem
    size: int = 64**var.kind.ndim
    return (3 if part else 4) * each * size


def _depth(kind: Kind) -> int:
    """Return how many dimensions lists and the arrays in them have."""
    if isinstance(kind, List):
        return 1 + _depth(kind.item)
    return kind.ndim if isinstance(kind, Array) else 0


class _Network:
    """A flow network from "source" to "sink"."""

    UNLIMITED = 1 << 60

    def __init__(self) -> None:
        self.capacity: dict[object, dict[object, int]] = {"source": {}, "sink": {}}

    def connect(self, a: object, b: object, capacity: int) -> None:
        self.capacity.setdefault(a, {})[b] = capacity
        self.capacity.setdefault(b, {}).setdefault(a, 0)

    def saturate(self) -> set[object]:
        """Push as much flow as goes through; return the nodes that can still reach the sink."""
        while path := self._path():
            flow = min(self.capacity[a][b] for a, b in path)
            for a, b in path:
                self.capacity[a][b] -= flow
                self.capacity[b][a] += flow
        reach: set[object] = {"sink"}
        pending: list[object] = ["sink"]
        while pending:
            node = pending.pop()
            for other in self.capacity[node]:
                if other not in reach and self.capacity[other][node] > 0:
                    reach.add(other)
                    pending.append(other)
        return reach

    def _path(self) -> list[tuple[object, object]]:
        came: dict[object, object] = {"source": None}
        pending: list[object] = ["source"]
        while pending and "sink" not in came:
            node = pending.pop()
            for other, capacity in self.capacity[node].items():
                if capacity > 0 and other not in came:
                    came[other] = node
                    pending.append(other)
        path: list[tuple[object, object]] = []
        end: object = "sink"
        while came.get(end) is not None:
            path.append((came[end], end))
            end = came[end]
        return path
