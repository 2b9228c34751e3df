"""When each variable of a routine is alive: intervals of positions in the order of the text.

Position `2 k` is where the k-th statement reads, `2 k + 1` where it writes: so the last reader of one variable can
assign another one of the same name.  Two variables may share a name if no interval of one meets one of the other.
The walk is backwards and exact: the two sides of a branch do not see each other, and around a loop live what it
reads from outside and what it carries.
"""

from __future__ import annotations

from collections.abc import Iterable

from ast_ad.backend.tree import (
    Branch,
    Break,
    Copies,
    Fail,
    For,
    Node,
    Return,
    Routine,
    Update,
    While,
    bodies,
    is_literal,
    leaves,
    read_by,
    written_by,
)
from ast_ad.errors import InternalError
from ast_ad.ir.nodes import Var

Interval = tuple[int, int]


class Lives:
    """The lives of a routine's variables.

    Copies to variables that are dead are taken out of the routine.

    Attributes
    ----------
    intervals : dict
        For each variable, its disjoint intervals in ascending order.
    read : dict
        The variables that are read anywhere.
    """

    def __init__(self, routine: Routine) -> None:
        self.intervals: dict[Var, list[Interval]] = {}
        self.read: dict[Var, None] = {}
        self._number: dict[Node, int] = {}
        self._last: dict[Node, int] = {}
        self._test: dict[Node, int] = {}
        self._inside: dict[Node, tuple[dict[Var, None], dict[Var, None]]] = {}
        self._count = 0
        self.read, _ = self._survey(routine.body)
        live = self._walk(routine.body, {}, {})
        for param in routine.function.params:
            self._close(param, 0, live.pop(param, 0))
        if live:
            raise InternalError(f"{list(live)} may be read before assigned", stage="emission")
        for intervals in self.intervals.values():
            intervals.sort()

    def _survey(self, body: list[Node]) -> tuple[dict[Var, None], dict[Var, None]]:
        """Number the statements; return what they read and what they write."""
        reads: dict[Var, None] = {}
        writes: dict[Var, None] = {}
        for node in body:
            self._number[node] = self._next()
            own = dict.fromkeys(leaves(*read_by(node)))
            reads |= own
            writes |= dict.fromkeys(written_by(node))
            inner_reads: dict[Var, None] = dict(own) if isinstance(node, While) else {}
            inner_writes: dict[Var, None] = {}
            for inner in bodies(node):
                if isinstance(node, While) and inner is node.body:
                    self._test[node] = self._next()
                found_reads, found_writes = self._survey(inner)
                inner_reads |= found_reads
                inner_writes |= found_writes
            if isinstance(node, (For, While)):
                self._inside[node] = (inner_reads, inner_writes)
                self._next()
            self._last[node] = self._count
            reads |= inner_reads
            writes |= inner_writes
        return reads, writes

    def _next(self) -> int:
        self._count += 1
        return self._count

    def _close(self, var: Var, start: int, end: int) -> None:
        self.intervals.setdefault(var, []).append((start, end))

    def _write(self, variables: Iterable[Var], at: int, live: dict[Var, int]) -> None:
        for var in variables:
            self._close(var, at, live.pop(var, at))

    def _walk(self, body: list[Node], live: dict[Var, int], after: dict[Var, int]) -> dict[Var, int]:
        """Return what is live before `body`, with the end of its interval.

        `live` is what is live behind it, and is changed; `after` is what is live after the loop around it.
        """
        for node in reversed(body):
            at = 2 * self._number[node]
            if isinstance(node, Branch):
                live = self._branch(node, live, after)
            elif isinstance(node, (For, While)):
                live = self._loop(node, live)
                continue
            elif isinstance(node, (Break, Return, Fail)):
                for var, end in live.items():
                    self._close(var, at + 1, end)
                live = dict.fromkeys(after, at) if isinstance(node, Break) else {}
            elif isinstance(node, Copies):
                node.pairs[:] = [pair for pair in node.pairs if pair[0] in live]
            self._write(written_by(node), at + 1, live)
            if isinstance(node, Update):
                # The array may first get another name: what is read beside it is read after that. It may be read
                # itself, under either name, before the part is written.
                _use([var for var in leaves(*node.args[1:]) if var is not node.args[0]], at + 1, live)
            _use(leaves(*read_by(node)), at, live)
        return live

    def _branch(self, node: Branch, live: dict[Var, int], after: dict[Var, int]) -> dict[Var, int]:
        top = 2 * self._number[node] + 1
        middle = 2 * self._last[node.then[-1]] + 1 if node.then else top
        orelse = self._walk(node.orelse, dict(live), after)
        merged = self._walk(node.then, dict.fromkeys(live, middle), after)
        for var, end in orelse.items():
            if merged.get(var) == middle:
                merged[var] = end
            else:
                self._close(var, middle + 1, end)
                merged.setdefault(var, top)
        return merged

    def _loop(self, node: For | While, live: dict[Var, int]) -> dict[Var, int]:
        top, bottom = 2 * self._number[node], 2 * self._last[node]
        reads, writes = self._inside[node]
        around = dict(live)
        index = node.index if isinstance(node, For) else None
        outside = (var for var in reads if var is not index and (var in node.carried or var not in writes))
        _use(outside, bottom, around)
        inside = self._walk(node.body, around, live)
        if isinstance(node, For):
            self._write((node.index,), top + 1, inside)
            _use(live, top + 1, inside)
            _use(leaves(*node.limits), top, inside)
            return inside
        test = 2 * self._test[node]
        if not is_literal(node.test, True):
            _use(live, test + 1, inside)
        _use(leaves(node.test), test, inside)
        return self._walk(node.head, inside, live)


def _use(variables: Iterable[Var], at: int, live: dict[Var, int]) -> None:
    for var in variables:
        live.setdefault(var, at)
