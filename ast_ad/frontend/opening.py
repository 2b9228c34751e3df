"""A statement as several that do the same, so that what may fail in the middle of it is a statement of its own.

The first condition in it (``a if test else b``, ``a and b``, ``a < b < c``) becomes a branch; where there is none, the
parts of its expression become statements.  What Python evaluates before goes before: values that nobody has named get
names that are nobody's.
"""

from __future__ import annotations

import builtins
import copy
import types
from collections.abc import Callable, Sequence
from typing import Any

import gast
import numpy as np

from ast_ad.frontend.frame import Frame
from ast_ad.frontend.scope import NONE, bound_in, children, reads

_FIRST = {
    gast.AnnAssign: "value",
    gast.Assert: "test",
    gast.Assign: "value",
    gast.AugAssign: "value",
    gast.Expr: "value",
    gast.For: "iter",
    gast.If: "test",
    gast.Match: "subject",
    gast.Raise: "exc",
    gast.Return: "value",
}
"""What each statement evaluates first."""

_PARTS_OF_OTHERS = (gast.FormattedValue, gast.Slice, gast.Starred, gast.keyword)
"""What has no value of its own."""

_OWN_SCOPE = (gast.Lambda, gast.ListComp, gast.SetComp, gast.DictComp, gast.GeneratorExp)


def opened(frame: Frame, statement: Any) -> list[Any]:
    """Return statements that do the same as one, of which each does less."""
    known = frame.context.opened.get(statement)
    if known is not None:
        return known
    if isinstance(statement, gast.While):
        made = [] if statement.orelse else [_endless(statement)]
    else:
        made = _Opening(frame, statement).statements()
    if not made:
        frame.refuse(
            statement,
            "an exception in the middle of a statement is caught",
            "make a statement of its own of what may fail",
        )
    frame.context.opened[statement] = made
    _note_names(frame, statement, made)
    return made


def _endless(statement: gast.While) -> gast.While:
    """Return a `while` whose test is a statement in it."""
    check = gast.If(statement.test, [gast.Pass()], [gast.Break()])
    for each in (check, *check.body, *check.orelse):
        gast.copy_location(each, statement.test)
    made = gast.While(gast.Constant(True, None), [check, *statement.body], [])
    gast.copy_location(made.test, statement.test)
    return gast.copy_location(made, statement)


class _Opening:
    """Makes the statements that one becomes."""

    def __init__(self, frame: Frame, statement: Any) -> None:
        self.frame = frame
        self.statement = statement
        self.made: list[Any] = []
        self.is_open = False
        walrus = {node.target.id for node in gast.walk(statement) if isinstance(node, gast.NamedExpr)}
        self.rebound = frame.scope.rebound | walrus

    def statements(self) -> list[Any]:
        """Return what the statement becomes, or nothing where it cannot be opened."""
        statement = self.statement
        field = _FIRST.get(type(statement))
        value = None if field is None else getattr(statement, field)
        if field is None or value is None:
            return []
        if isinstance(statement, gast.AugAssign) and self._changes_target(statement):
            return []
        made = copy.copy(statement)
        if _has_condition(value):
            setattr(made, field, self.split(value, wants_test=field == "test"))
        elif isinstance(statement, gast.AugAssign):
            setattr(made, field, self.hoisted(value))
        else:
            setattr(made, field, _with_parts(value, self.hoisted))
        if not self.made and isinstance(statement, gast.Assign):
            self._open_target(made)
        return [*self.made, made] if self.made else []

    def _open_target(self, made: gast.Assign) -> None:
        """Open the first target of an assignment, whose value is evaluated before."""
        first, *others = made.targets
        if isinstance(first, (gast.Subscript, gast.Attribute)):
            made.value = self.hoisted(made.value)
            made.targets = [_with_parts(first, self.split if _has_condition(first) else self.hoisted), *others]

    def _changes_target(self, statement: gast.AugAssign) -> bool:
        """Tell whether the value may change what the target is, which Python reads before."""
        if isinstance(statement.target, gast.Name):
            return statement.target.id in self.rebound
        return any(isinstance(node, gast.Call) and not self._is_builtin(node) for node in gast.walk(statement.value))

    def _is_builtin(self, node: gast.Call) -> bool:
        """Tell whether what is called is a function that is not written in Python."""
        pending, owner = [], node.func
        while isinstance(owner, gast.Attribute):
            pending.append(owner.attr)
            owner = owner.value
        frame = self.frame
        if not isinstance(owner, gast.Name) or owner.id in frame.scope.local or frame.home(owner.id) is not None:
            return False
        found = frame.namespace.get(owner.id, getattr(builtins, owner.id, None))
        for name in reversed(pending):
            found = getattr(found, name, None) if isinstance(found, types.ModuleType) else None
        return isinstance(found, (types.BuiltinFunctionType, np.ufunc))

    def split(self, node: Any, *, wants_test: bool = False) -> Any:
        """Return an expression whose first condition has become a branch; what is evaluated before has a name."""
        if self.is_open:
            return node
        if not _has_condition(node):
            return self.hoisted(node)
        if isinstance(node, gast.UnaryOp) and isinstance(node.op, gast.Not):
            made = copy.copy(node)
            made.operand = self.split(node.operand, wants_test=True)
            return made
        if not _is_condition(node):
            return _with_parts(node, self.split)
        self.is_open = True
        name = self._name()
        if isinstance(node, gast.Compare):
            node = self._links(node)
        if isinstance(node, gast.IfExp):
            self._branch(node.test, [self._bound(name, node.body)], [self._bound(name, node.orelse)])
        else:
            self._decide(name, node, wants_test)
        return self._read(name, node)

    def _links(self, node: gast.Compare) -> gast.BoolOp:
        """Return ``a < b < c`` as ``a < b and b < c``."""
        sides = [self.hoisted(each) for each in (node.left, node.comparators[0])]
        first = gast.Compare(sides[0], node.ops[:1], sides[1:])
        others = gast.Compare(sides[1], node.ops[1:], node.comparators[1:])
        made = gast.BoolOp(gast.And(), [gast.copy_location(each, node) for each in (first, others)])
        return gast.copy_location(made, node)

    def _decide(self, name: str, node: gast.BoolOp, wants_test: bool) -> None:
        """Bind a name to what ``a and b`` is, or only to whether it is true."""
        first, *others = node.values
        rest = others[0] if len(others) == 1 else gast.copy_location(gast.BoolOp(node.op, others), others[0])
        is_and = isinstance(node.op, gast.And)
        if wants_test:
            goes_on = [gast.If(rest, [self._bound(name, _truth(rest, True))], [self._bound(name, _truth(rest, False))])]
            gast.copy_location(goes_on[0], rest)
            decided = [self._bound(name, _truth(first, not is_and))]
            self._branch(first, *((goes_on, decided) if is_and else (decided, goes_on)))
            return
        self.made.append(self._bound(name, first))
        goes_on, decided = [self._bound(name, rest)], [gast.copy_location(gast.Pass(), node)]
        self._branch(self._read(name, first), *((goes_on, decided) if is_and else (decided, goes_on)))

    def _branch(self, test: Any, then: list[Any], orelse: list[Any]) -> None:
        self.made.append(gast.copy_location(gast.If(test, then, orelse), test))

    def hoisted(self, node: Any) -> Any:
        """Return an expression for the value of one that is evaluated now."""
        if isinstance(node, gast.Constant) or (isinstance(node, gast.Name) and node.id not in self.rebound):
            return node
        name = self._name()
        self.made.append(self._bound(name, node))
        return self._read(name, node)

    def _name(self) -> str:
        return f".part{len(self.frame.context.opened)}:{len(self.made)}"

    def _bound(self, name: str, value: Any) -> Any:
        target = gast.copy_location(gast.Name(name, gast.Store(), None, None), value)
        return gast.copy_location(gast.Assign([target], value, None), value)

    def _read(self, name: str, node: Any) -> Any:
        return gast.copy_location(gast.Name(name, gast.Load(), None, None), node)


def _truth(node: Any, value: bool) -> Any:
    return gast.copy_location(gast.Constant(value, None), node)


def _is_condition(node: Any) -> bool:
    return isinstance(node, (gast.IfExp, gast.BoolOp)) or (isinstance(node, gast.Compare) and len(node.ops) > 1)


def _has_condition(node: Any) -> bool:
    """Tell whether a part of an expression may not be evaluated."""
    if isinstance(node, _OWN_SCOPE):
        return False
    return _is_condition(node) or any(map(_has_condition, children(node)))


def _with_parts(node: Any, read: Callable[[Any], Any]) -> Any:
    """Return an expression with ``read(part)`` for each of its parts, in Python's order of evaluation."""

    def part(each: Any) -> Any:
        if isinstance(each, _PARTS_OF_OTHERS):
            return _with_parts(each, read)
        return read(each) if isinstance(each, gast.expr) else each

    def index(each: Any) -> Any:
        several = isinstance(each, gast.Tuple) and any(isinstance(inner, gast.Slice) for inner in each.elts)
        return _with_parts(each, read) if several else part(each)

    if isinstance(node, _OWN_SCOPE):
        return node
    made = copy.copy(node)
    if isinstance(node, gast.Dict):
        pairs = [(part(key), part(value)) for key, value in zip(node.keys, node.values)]
        made.keys, made.values = [key for key, _ in pairs], [value for _, value in pairs]
        return made
    for field in node._fields:
        value = getattr(node, field, None)
        if field == "func":
            made.func = _with_parts(value, read) if isinstance(value, gast.Attribute) else value
        elif field == "slice":
            made.slice = index(value)
        elif isinstance(node, gast.NamedExpr) and field == "target":
            continue
        elif isinstance(value, list):
            setattr(made, field, [part(each) for each in value])
        else:
            setattr(made, field, part(value))
    return made


def _note_names(frame: Frame, statement: Any, made: Sequence[Any]) -> None:
    """Say which names are read after each of the statements that one has become."""
    scope = frame.scope
    own = bound_in(made) - bound_in([statement])
    *before, last = made
    within = scope.live_after.get(id(statement), NONE) | reads(*before, last) | own
    if id(statement) in scope.live_at_head:
        within |= scope.live_at_head[id(statement)] | scope.live_at_exit[id(statement)]
        scope.live_at_head[id(last)] = scope.live_at_head[id(statement)]
        scope.live_at_exit[id(last)] = scope.live_at_exit[id(statement)]
    scope.live_after[id(last)] = scope.live_after.get(id(statement), NONE)
    if isinstance(last, gast.While):
        scope.live_after[id(last)] = within
        before = [last.body[0]]
    pending = list(before)
    while pending:
        each = pending.pop()
        scope.live_after[id(each)] = within
        pending += [*getattr(each, "body", []), *getattr(each, "orelse", [])]
