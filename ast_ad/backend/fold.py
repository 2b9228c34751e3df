"""Which temporaries fold into the expressions that use them.

A value that is used once and has no name of its own moves to its use while the line stays short.  A trivial one (`i
+ 1`, `2 * x`, `-x`) is written again at each use.  An update that only the end of its block reads sinks there where
its variable's old value is still read in between: this is what spares second names.

What moves is pure.  It never moves into a loop (it would run more often), unless it is as cheap as ``n - 1``, nor past
an assignment of what it reads, past one that would force a second name on it, or, where it can raise, past an effect.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from ast_ad.backend.survey import Pattern, Survey, copied, inside
from ast_ad.backend.syntax import COMPARISONS, has_effects, may_raise, negated
from ast_ad.backend.tree import (
    Apply,
    Branch,
    Choose,
    Copies,
    Expr,
    Fail,
    For,
    Invoke,
    Let,
    Logic,
    Node,
    Restore,
    Return,
    Routine,
    Save,
    Update,
    While,
    leaves,
    leaves_early,
    parts,
    size,
    substituted,
)
from ast_ad.backend.width import COLUMNS, INDENT, Ruler
from ast_ad.ir import primitives
from ast_ad.ir.kinds import INT, Array, List, Stack, Unknown
from ast_ad.ir.nodes import UNDEF, Lit, Var

LONGEST = 12
"""Operations in one expression: beyond, a line is hard to read even where it is short."""

_CONSTANT = (operator.add, operator.sub, operator.mul, operator.truediv)
"""Operations of numbers that are written out wherever their results are used."""

REPEATED = 4
"""How often a trivial expression of floats is written again before it gets a name."""


def folded(routine: Routine) -> Routine:
    """Return a routine with its temporaries folded into the expressions that use them."""
    folder = _Folder(routine, Survey(routine))
    return Routine(routine.function, folder.body(routine.body, ()), routine.wishes)


@dataclass(frozen=True, eq=False)
class _Pending:
    """A value that is not written yet: `let` is where it will be if it cannot move to its use."""

    let: Let
    position: int
    loop: tuple[int, ...]
    repeated: bool
    reads: tuple[Var, ...]
    raises: bool
    looks: bool
    effects: int
    changes: int
    updates: int
    arrays: bool


class _Folder:
    def __init__(self, routine: Routine, survey: Survey) -> None:
        self.wish = routine.wish
        self.survey = survey
        self.ruler = Ruler(routine.wish)
        self.pending: dict[Var, _Pending] = {}
        self.moved: dict[Let, None] = {}
        self.readers: dict[str, list[Var]] = {}
        self.rewritten: dict[Var, int] = {}
        self.position = 0
        self.elsewhere: list[tuple[int, int]] = []
        self.depth = 0
        self.loop: tuple[int, ...] = ()
        self.effects = 0
        self.changes = 0
        self.updates = 0
        self.untouched = frozenset(routine.function.params)

    def body(self, nodes: list[Node], loop: tuple[int, ...]) -> list[Node]:
        """Return a list of statements with what they compute folded; nothing stays pending that it defines."""
        return self.kept(self.statements(nodes, loop))

    def kept(self, nodes: list[Node]) -> list[Node]:
        """Return statements without those that have moved into an expression."""
        return [node for node in nodes if not (isinstance(node, Let) and node in self.moved)]

    def statements(self, nodes: list[Node], loop: tuple[int, ...]) -> list[Node]:
        outer, self.loop = self.loop, loop
        self.depth += 1
        before = dict(self.rewritten) if leaves_early(nodes) else None
        tail = next((node for node in reversed(nodes) if isinstance(node, Copies)), None)
        end = self.survey.position[tail] if tail is not None else 0
        out: list[Node] = []
        for node in nodes:
            self.position = self.survey.position[node]
            if isinstance(node, Let):
                self.let(node, out, end)
            elif isinstance(node, Branch):
                self.branch(node, out)
            elif isinstance(node, (For, While)):
                self.repeat(node, out)
            else:
                out.append(self.simple(node))
        if before is not None:
            self.rewritten = before
        self.depth -= 1
        self.loop = outer
        return out

    def room(self, used: int) -> int:
        """Return the columns that are left on a line, at the present depth, beside `used` ones."""
        return COLUMNS - INDENT * self.depth - used

    # Statements

    def let(self, node: Let, out: list[Node], end: int) -> None:
        room = self.room(sum(self.ruler.name(target) + 3 for target in node.targets))
        value = self.applied(node.value, room)
        effects = isinstance(value, Invoke) or (isinstance(value, Apply) and has_effects(value.fn))
        if effects or len(node.targets) != 1 or isinstance(node.targets[0].kind, Stack):
            self.effects += effects
            self.changes += effects
            out.append(Let(node.targets, value))
        else:
            self.define(node.targets[0], value, out, end)

    def define(self, target: Var, value: Expr, out: list[Node], end: int = 0) -> None:
        """Append `target = value`, at its place or, if it may move, perhaps later at its use."""
        let = Let((target,), value)
        sites = self.survey.sites.get(target, [])
        if not sites:
            return
        reads = tuple(leaves(value))
        repeated = len(sites) > 1 and self.trivial(target, value, reads)
        once = len(sites) == 1 and (not target.name or self.sinks(target, end) or self.passing(target))
        out.append(let)
        if repeated or once:
            fns = [part.fn for part in parts(value) if isinstance(part, Apply)]
            raises, looks = any(map(may_raise, fns)), primitives.nonempty in fns
            arrays = any(is_array(var) and var not in self.untouched and var not in self.survey.steady for var in reads)
            marks = (repeated, reads, raises, looks, self.effects, self.changes, self.updates, arrays)
            self.pending[target] = _Pending(let, self.position, self.loop, *marks)
            self.moved[let] = None
            if once:
                for var in reads:
                    self.readers.setdefault(self.wish(var), []).append(target)
        else:
            self.ruler.guess(target, value)

    def simple(self, node: Node) -> Node:
        if isinstance(node, Copies):
            pairs = [(target, self.copy(target, value)) for target, value in node.pairs]
            self.rewritten.update((target, self.position) for target, _ in pairs)
            return Copies(pairs)
        if isinstance(node, Save):
            room = self.room(self.ruler.name(node.stack) + len(".append(())"))
            self.changes += 1
            return Save(node.stack, self.row(node.values, room))
        if isinstance(node, Restore):
            self.changes += 1
            return node
        if isinstance(node, Update):
            return self.update(node)
        if isinstance(node, Return):
            return Return(self.row(node.values, self.room(len("return "))))
        if isinstance(node, Fail):
            self.effects += 1
            args = self.row(node.args, self.room(len("raise ()") + len(node.fn.__name__)))
            return Fail(node.fn, args, node.form)
        return node

    def update(self, node: Update) -> Update:
        """Return an update of an array; what waits to be written and reads arrays may not pass it."""
        source, *others = node.args
        if isinstance(source, Var) and source in self.pending:
            self.settle(source)
        rest = self.row(tuple(others), self.room(self.ruler.name(node.target) + len("[] += ")))
        self.updates += 1
        return Update(node.target, node.fn, (source, *rest), node.form, node.repeats, node.negative, node.also)

    def copy(self, target: Var, value: Expr) -> Expr:
        return self.one(value, self.room(self.ruler.name(target) + 3))

    def branch(self, node: Branch, out: list[Node]) -> None:
        start = self.position
        test = self.one(node.test, self.room(len("if :")))
        if out and isinstance(out[-1], Copies):
            test = _after(out[-1], test)
        pattern = self.survey.patterns.get(node)
        if pattern is not None:
            self.logic(node, pattern, test, out)
            return
        self.elsewhere.append((self.survey.end[id(node.then)], self.survey.end[id(node.orelse)]))
        then = self.body(node.then, self.loop)
        self.elsewhere.pop()
        orelse = self.body(node.orelse, self.loop)
        self.position = start
        chosen = self.choice(test, then, orelse)
        if chosen is not None:
            self.define(*chosen, out)
        else:
            out.append(Branch(test, then, orelse))

    def logic(self, node: Branch, pattern: Pattern, test: Expr, out: list[Node]) -> None:
        """Append a branch that reads as `and` or `or`, or what it is where its second operand takes statements."""
        start = self.position
        long = self.body(pattern.long, self.loop)
        self.position = start
        right, again = copied(long), copied(pattern.short)
        assert again is not None
        target = again[0]
        if right is not None and len(long) == 1 and right[1] is not UNDEF:
            value = Logic(pattern.word, negated(test) if pattern.negated else test, right[1])
            if self.fits(target, value):
                self.define(target, value, out)
                return
        short: list[Node] = [Copies([again])]
        if again[1] is node.test and test is not node.test:
            out.append(Let((target,), test))
            test, short = target, []
        out.append(Branch(test, long, short) if pattern.long is node.then else Branch(test, short, long))

    def choice(self, test: Expr, then: list[Node], orelse: list[Node]) -> tuple[Var, Expr] | None:
        """Return a branch as a target and a conditional expression, if that is how a person would write it."""
        one, two = copied(then), copied(orelse)
        if one is None or two is None or len(then) + len(orelse) > 2 or one[0] is not two[0]:
            return None
        target, values = one[0], (one[1], two[1])
        name = self.wish(target)
        if UNDEF in values or (name and any(self.wish(var) == name for var in leaves(*values))):
            return None
        if target.name and max(map(size, values)) > 1:
            return None
        value = Choose(test, *values)
        return (target, value) if self.fits(target, value) else None

    def fits(self, target: Var, value: Expr) -> bool:
        return size(value) <= LONGEST and self.ruler(value) <= self.room(self.ruler.name(target) + 3)

    def repeat(self, node: For | While, out: list[Node]) -> None:
        start = self.position
        if isinstance(node, For):
            limits = self.row(node.limits, self.room(len("for  in range():") + self.ruler.name(node.index)))
            out.append(For(node.index, limits, self.body(node.body, inside(self.loop, start)), node.carried))
            return
        around = self.loop
        head = self.statements(node.head, inside(around, -start))
        self.position, self.loop = self.survey.tests[node], inside(around, -start)
        test = self.one(node.test, self.room(len("while :")))
        self.loop = around
        head = self.kept(head)
        out.append(While(head, test, self.body(node.body, inside(around, start)), node.carried))

    # Expressions

    def applied(self, value: Expr, room: int) -> Expr:
        """Return an operation on variables with what is pending folded into its operands."""
        if isinstance(value, Invoke):
            return Invoke(value.function, self.take(value.args, lambda args: Invoke(value.function, args), room))
        assert isinstance(value, Apply)
        names = tuple(name for name, _ in value.kwargs)
        count = len(value.args)

        def build(operands: tuple[Expr, ...]) -> Expr:
            return Apply(value.fn, operands[:count], tuple(zip(names, operands[count:])), value.form)

        return build(self.take((*value.args, *(operand for _, operand in value.kwargs)), build, room))

    def one(self, value: Expr, room: int) -> Expr:
        """Return a value that stands alone."""
        if isinstance(value, Apply):
            return self.applied(value, room)
        return self.take((value,), lambda values: values[0], room)[0]

    def row(self, values: tuple[Expr, ...], room: int) -> tuple[Expr, ...]:
        """Return values that stand side by side."""
        return self.take(values, lambda row: Apply(_row, row), room)

    def take(self, operands: Sequence[Expr], build: Callable[[tuple[Expr, ...]], Expr], room: int) -> tuple[Expr, ...]:
        """Return operands with those folded that may move here and leave the line short, the smallest first."""
        taken = list(operands)
        candidates: list[tuple[int, int, Var]] = []
        for i, operand in enumerate(operands):
            pending = self.pending.get(operand) if isinstance(operand, Var) else None
            if pending is not None and isinstance(operand, Var):
                if self.movable(pending):
                    candidates.append((self.ruler(pending.let.value), i, operand))
                else:
                    self.settle(operand)
        for _, i, var in sorted(candidates, key=lambda candidate: candidate[:2]):
            pending = self.pending[var]
            taken[i] = pending.let.value
            whole = build(tuple(taken))
            if self.ruler(whole) > room or (size(whole) > LONGEST and not pending.repeated):
                taken[i] = var
                self.settle(var)
            elif not pending.repeated:
                del self.pending[var]
        return tuple(taken)

    def settle(self, var: Var) -> None:
        """Leave a pending value where it was computed, under a name."""
        pending = self.pending.pop(var) if not self.pending[var].repeated else self.pending[var]
        self.moved.pop(pending.let, None)
        self.ruler.guess(var, pending.let.value)

    def movable(self, pending: _Pending) -> bool:
        """Tell whether a pending value may be computed at the present position instead."""
        if pending.loop != self.loop and not (pending.repeated and _is_offset(pending.let.value)):
            return False
        if (pending.raises and pending.effects != self.effects) or (pending.looks and pending.changes != self.changes):
            return False
        if pending.arrays and pending.updates != self.updates:
            return False
        return all(
            self.rewritten.get(var, 0) <= pending.position and self.keeps(var, pending.position, self.position)
            for var in pending.reads
        )

    def keeps(self, var: Var, start: int, end: int) -> bool:
        """Tell whether a variable can keep its name if it is read at `end` instead of `start`."""
        name = self.wish(var)
        return not name or all(
            var in (write.var, write.source)
            or write.var in self.pending
            or self.survey.is_read(var, write.position, self.elsewhere)
            for write in self.survey.written(name, start, end)
        )

    def trivial(self, target: Var, value: Expr, reads: tuple[Var, ...]) -> bool:
        """Tell whether a value is better written again at each of its uses than named."""
        if target.name or not isinstance(value, Apply) or value.kwargs or value.form:
            return False
        sites = self.survey.sites[target]
        if value.fn is primitives.transposed:
            # It is a view, and reads as well as a name.
            return isinstance(value.args[0], Var) and all(site.loop == self.loop for site in sites)
        if is_array(target) or size(value) != 1:
            return False
        if value.fn in COMPARISONS:
            cheap = all(site.tests for site in sites)
        elif value.fn in (operator.add, operator.sub, operator.mul):
            cheap = len(reads) == 1 and len(value.args) == 2
        else:
            cheap = value.fn is operator.neg
        if value.fn in _CONSTANT and not reads:
            # Python computes it when it compiles, if it can.
            return all(isinstance(arg, Lit) and arg.value for arg in value.args)
        few = len(sites) <= REPEATED or target.kind == INT
        return (
            cheap
            and few
            and all(isinstance(arg, (Var, Lit)) for arg in value.args)
            and (_is_offset(value) or all(site.loop == self.loop for site in sites))
            and all(self.keeps(var, self.position, site.position) for var in reads for site in sites)
        )

    def passing(self, target: Var) -> bool:
        """Tell whether a named value goes without its name: a term of a sum that has it, or the result of a branch."""
        site = self.survey.sites[target][0]
        if site.returns and self.depth > 1:
            return True
        return site.total is not None and self.wish(site.total) == self.wish(target)

    def sinks(self, target: Var, end: int) -> bool:
        """Tell whether only the end of a block reads a named value, and an old value needs its name until then."""
        if self.survey.sites[target][0].position != end:
            return False
        name = self.wish(target)
        others = self.survey.read(name, self.position, end)
        waiting = [reader for reader in self.readers.get(name, []) if reader in self.pending]
        self.readers[name] = waiting
        return bool(waiting) or any(read.var is not target for read in others)


def _after(copies: Copies, expr: Expr) -> Expr:
    """Return an expression that follows copies in terms of their targets, so that it does not read what was copied."""
    targets = [target for target, _ in copies.pairs]
    values = {value: target for target, value in copies.pairs if isinstance(value, Var) and value not in targets}
    return substituted(expr, values)


def _is_offset(value: Expr) -> bool:
    """Tell whether a value is ``n - 1`` or ``i + 1`` of an integer: cheap enough to be written in loops, too."""
    if not (isinstance(value, Apply) and value.fn in (operator.add, operator.sub)):
        return False
    base, offset = value.args
    return isinstance(base, Var) and base.kind == INT and isinstance(offset, Lit) and offset.kind == INT


def is_array(var: Var) -> bool:
    """Tell whether a variable is, or may be, an array."""
    return isinstance(var.kind, (Array, List, Unknown))


def _row(*values: object) -> tuple[object, ...]:
    return values
