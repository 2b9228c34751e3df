"""Statements of the tree -> gast, with names; here jumps and branches take the form that a person would give them."""

from __future__ import annotations

import itertools
import string
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import gast

from ast_ad.backend.expressions import Expressions, attribute, call, load, placeholder, store
from ast_ad.backend.interface import Constant, Dict, Field, Interface, Leaf, List, Made, Rows, Tree, Tuple, paths
from ast_ad.backend.lives import Lives
from ast_ad.backend.names import UNUSED, named
from ast_ad.backend.references import References
from ast_ad.backend.release import released
from ast_ad.backend.syntax import negated
from ast_ad.backend.text import Comment, Line
from ast_ad.backend.tree import (
    Apply,
    Branch,
    Break,
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
    is_literal,
    leaves,
    walk,
)
from ast_ad.backend.tree import Comment as Note
from ast_ad.ir import primitives
from ast_ad.ir.kinds import Array, Kind, Stack
from ast_ad.ir.nodes import UNDEF, Function, Lit, Var


def definition(
    routine: Routine,
    interface: Interface,
    references: References,
    functions: dict[Function, str],
    *,
    releases: bool = False,
) -> list[Line]:
    """Return a routine as the statement that defines it, under its comments."""
    lives = Lives(routine)
    params = _leaf_names(routine, interface)
    fixed = {var: name for var, (name, alone) in params.items() if alone}
    routine.wishes.update((var, name) for var, (name, alone) in params.items() if not alone)
    reserved = {**references.names, **{param.name: None for param in interface.params}}
    names = named(routine, lives, fixed, reserved)
    writer = _Writer(routine, names, references, functions, interface.returns)
    head = _unpacking(routine, interface, lives, writer)
    body = writer.body(routine.body)
    if releases:
        others = {param.name for param in interface.params}
        others.update(name for var, name in names.items() if not isinstance(var.kind, Array))
        body = released(body, {name for name in names.values() if name not in others})
    if interface.docstring:
        head.insert(0, gast.Expr(gast.Constant(interface.docstring, None)))
    arguments = _arguments(routine.function, interface, writer.write)
    function = gast.FunctionDef(interface.name, arguments, [*head, *body], [], None, None, [])
    return [*map(Comment, interface.comments), function]


def _leaf_names(routine: Routine, interface: Interface) -> dict[Var, tuple[str, bool]]:
    """Return the name of each param of the IR, and whether it is a parameter of its own."""
    names: dict[Var, tuple[str, bool]] = {}
    params = iter(routine.function.params)
    for param in interface.params:
        for path in paths(param.tree):
            var = next(params)
            own = var.name or "_".join(map(str, (param.name, *path)))
            names[var] = (own, False) if path else (param.name, True)
    return names


def _arguments(function: Function, interface: Interface, write: Callable[[Expr], Any]) -> Any:
    defaults = {var: write(Lit(value)) for var, value in function.defaults}
    params = iter(function.params)
    values = []
    for param in interface.params:
        own = [next(params) for _ in paths(param.tree)]
        if isinstance(param.tree, Leaf) and own[0] in defaults:
            values.append(defaults[own[0]])
    args = [gast.Name(param.name, gast.Param(), None, None) for param in interface.params]
    return gast.arguments(args, [], None, [], [], None, values)


def _unpacking(routine: Routine, interface: Interface, lives: Lives, writer: _Writer) -> list[Line]:
    """Return the assignments that take structured parameters apart into the leaves that are used."""
    params = iter(routine.function.params)
    lines: list[Line] = []
    for param in interface.params:
        own = [(next(params), path) for path in paths(param.tree)]
        used = [(var, path) for var, path in own if path and var in lives.read]
        if not used:
            continue
        if _is_sequence(param.tree):
            names = iter([writer.names[var] if var in lives.read else UNUSED for var, _ in own])
            lines.append(gast.Assign([_target(param.tree, names)], load(param.name), None))
        else:
            targets = [store(writer.names[var]) for var, _ in used]
            values = [_element(load(param.name), path, writer.write) for _, path in used]
            lines.append(_assign(targets, values))
    return lines


def _is_sequence(tree: Tree) -> bool:
    if isinstance(tree, (Tuple, List, Made)):
        return not getattr(tree, "fields", ()) and all(map(_is_sequence, tree.items))
    return isinstance(tree, (Leaf, Constant))


def _target(tree: Tree, names: Any) -> Any:
    if isinstance(tree, Leaf):
        return store(next(names))
    if isinstance(tree, Constant):
        return store(UNUSED)
    assert isinstance(tree, (Tuple, List, Made))
    return gast.Tuple([_target(item, names) for item in tree.items], gast.Store())


def _element(value: Any, path: tuple[Any, ...], write: Callable[[Expr], Any]) -> Any:
    for step in path:
        if isinstance(step, Field):
            value = gast.Attribute(value, step.name, gast.Load())
            continue
        value = gast.Subscript(value, write(Lit(step)), gast.Load())
    return value


def _assign(targets: Sequence[Any], values: Sequence[Any]) -> Any:
    if len(targets) == 1:
        return gast.Assign([targets[0]], values[0], None)
    return gast.Assign([gast.Tuple(list(targets), gast.Store())], gast.Tuple(list(values), gast.Load()), None)


class _Writer:
    def __init__(
        self,
        routine: Routine,
        names: dict[Var, str],
        references: References,
        functions: dict[Function, str],
        returns: Tree,
    ) -> None:
        self.names = names
        self.returns = returns
        self.write = Expressions(names.__getitem__, references, functions.__getitem__)
        self.needs_value = _copied_undefined(routine, names)

    def body(self, nodes: Sequence[Node]) -> list[Line]:
        lines: list[Line] = []
        for node in nodes:
            lines += self.node(node)
        return [
            line
            for line, following in zip(lines, [*lines[1:], None])
            if not (isinstance(line, Comment) and (following is None or isinstance(following, Comment)))
        ]

    def node(self, node: Node) -> list[Line]:
        if isinstance(node, Let):
            return [self.assigned(node.targets, self.write(node.value))]
        if isinstance(node, Update):
            return self.update(node)
        if isinstance(node, Copies):
            return self.copies(node.pairs)
        if isinstance(node, Branch):
            return self.branch(node.test, self.body(node.then), self.body(node.orelse))
        if isinstance(node, For):
            limits = list(node.limits)
            if is_literal(limits[2], 1):
                limits = limits[:1] * (not is_literal(limits[0], 0)) + limits[1:2]
            counter = call(load(self.write.references.path(range)), [self.write(limit) for limit in limits])
            return [gast.For(store(self.names[node.index]), counter, self.body(node.body), [], None)]
        if isinstance(node, While):
            return self.repeat(node)
        if isinstance(node, Save):
            values = [self.value(value, kind) for value, kind in zip(node.values, _items(node.stack))]
            value = values[0] if len(values) == 1 else gast.Tuple(values, gast.Load())
            return [gast.Expr(call(attribute(self.write(node.stack), "append"), [value]))]
        if isinstance(node, Restore):
            return [self.assigned(node.targets, call(attribute(self.write(node.stack), "pop"), []))]
        if isinstance(node, Break):
            return [gast.Break()]
        if isinstance(node, Return):
            return [gast.Return(self.result(self.returns, iter(node.values)))]
        if isinstance(node, Fail):
            return [gast.Raise(self.exception(node), None)]
        assert isinstance(node, Note)
        return [Comment(node.text)]

    def assigned(self, targets: Sequence[Var], value: Any) -> Line:
        names = [self.names[target] for target in targets]
        if all(name == UNUSED for name in names):
            return gast.Expr(value)
        stores = [store(name) for name in names]
        return gast.Assign([stores[0] if len(stores) == 1 else gast.Tuple(stores, gast.Store())], value, None)

    def update(self, node: Update) -> list[Line]:
        """Return the update of an array in place; where it goes on under another name, that is bound first."""
        name = self.names[node.target]
        source, *rest = node.args
        lines: list[Line] = []
        if not (isinstance(source, Var) and self.names[source] == name):
            lines.append(gast.Assign([store(name)], self.write(source), None))
        if node.fn is primitives.append:
            return [*lines, gast.Expr(call(attribute(load(name), "append"), [self.write(rest[0])]))]
        if node.fn is primitives.swapped:
            i, j = (self.write(each) for each in rest)
            targets = [gast.Subscript(load(name), place, gast.Store()) for place in (i, j)]
            return [*lines, _assign(targets, [gast.Subscript(load(name), place, gast.Load()) for place in (j, i)])]
        if node.fn is primitives.inserted:
            return [*lines, gast.Expr(call(attribute(load(name), "insert"), [self.write(each) for each in rest]))]
        if node.fn is primitives.deleted:
            return [*lines, gast.Delete([gast.Subscript(load(name), self.write(rest[0]), gast.Del())])]
        if node.fn is primitives.popped:
            return [*lines, self.assigned(node.also, call(attribute(load(name), "pop"), []))]
        return [*lines, self.write.update(load(name), node, rest)]

    def value(self, value: Expr, kind: Kind) -> Any:
        return self.write(placeholder(kind) if value is UNDEF else value)

    def exception(self, node: Fail) -> Any:
        raised = self.write(Apply(node.fn, node.args, form=node.form))
        return raised if node.args or not isinstance(node.fn, type) else raised.func

    def branch(self, test: Expr, then: list[Line], orelse: list[Line]) -> list[Line]:
        """Return a branch; where one side jumps, the other one needs no `else`."""
        if not then and not orelse:
            return []
        shorter = len(orelse) < len(then) or not _jumps(then)
        if not then or (_jumps(orelse) and shorter):
            test, then, orelse = negated(test), orelse, then
        if _jumps(then):
            return [gast.If(self.write.test(test), then, []), *orelse]
        return [gast.If(self.write.test(test), then, orelse)]

    def repeat(self, node: While) -> list[Line]:
        head, body = self.body(node.head), self.body(node.body)
        if not head:
            return [gast.While(self.write.test(node.test), body, [])]
        stop = self.branch(node.test, [], [gast.Break()])
        return [gast.While(gast.Constant(True, None), [*head, *stop, *body], [])]

    def result(self, tree: Tree, values: Iterator[Expr]) -> Any:
        if isinstance(tree, Leaf):
            return self.write(next(values))
        if isinstance(tree, Constant):
            return self.write(Lit(tree.value))
        if isinstance(tree, Rows):
            return self.rows(tree, [self.write(next(values)) for _ in range(tree.count)])
        return self.collection(tree, [self.result(item, values) for item in tree.items])

    def collection(self, tree: Tuple | List | Dict | Made, items: list[Any]) -> Any:
        if isinstance(tree, Dict):
            return gast.Dict([self.write(Lit(key)) for key in tree.keys], items)
        if isinstance(tree, Made):
            return call(load(self.write.references.path(tree.make)), items)
        return gast.Tuple(items, gast.Load()) if isinstance(tree, Tuple) else gast.List(items, gast.Load())

    def rows(self, tree: Rows, columns: list[Any]) -> Any:
        """Return ``[(a, b) for a, b in zip(xs, ys)]``: the items of a list, of which there is a list for each leaf."""
        letters = (f"{letter}{number or ''}" for number in itertools.count() for letter in string.ascii_lowercase)
        taken = self.write.references
        names = (name for name in letters if name not in taken.names and name not in taken.variables)
        return self.rows_of(tree, columns, names)

    def rows_of(self, tree: Rows, columns: list[Any], names: Iterator[str]) -> Any:
        item, used = self.item(tree.item, names)
        targets = [store(name) for name in used]
        if len(columns) == 1:
            target, source = targets[0], columns[0]
        else:
            target, source = gast.Tuple(targets, gast.Store()), call(load(self.write.references.path(zip)), columns)
        return gast.ListComp(item, [gast.comprehension(target, source, [], False)])

    def item(self, tree: Tree, names: Iterator[str]) -> tuple[Any, list[str]]:
        """Return an item of a list as an expression of new names, and these."""
        if isinstance(tree, Leaf):
            name = next(names)
            return load(name), [name]
        if isinstance(tree, Constant):
            return self.write(Lit(tree.value)), []
        if isinstance(tree, Rows):
            used = [next(names) for _ in range(tree.count)]
            return self.rows_of(tree, [load(name) for name in used], names), used
        made, found = zip(*[self.item(part, names) for part in tree.items])
        return self.collection(tree, list(made)), [name for each in found for name in each]

    def copies(self, pairs: Sequence[tuple[Var, Expr]]) -> list[Line]:
        """Return parallel copies as assignments, each before the one that overwrites what it reads."""
        left: list[tuple[str, Expr]] = []
        for target, value in pairs:
            name = self.names[target]
            if value is UNDEF:
                if name in self.needs_value:
                    left.append((name, placeholder(target.kind)))
            elif not (isinstance(value, Var) and self.names[value] == name):
                left.append((name, value))
        lines: list[Line] = []
        for group in _ordered(left, self.names):
            lines.append(_assign([store(name) for name, _ in group], [self.write(value) for _, value in group]))
        return lines


def _ordered(copies: list[tuple[str, Expr]], names: dict[Var, str]) -> Iterator[list[tuple[str, Expr]]]:
    """Yield copies one by one, those that read each other's targets together."""
    reads = {name: {names[var] for var in leaves(value)} for name, value in copies}
    values = dict(copies)
    left = list(values)
    while left:
        before = {name: _closure(name, left, reads) for name in left}
        group = min(left, key=lambda name: len(before[name]))
        together = [name for name in left if name in before[group]]
        yield [(name, values[name]) for name in together]
        left = [name for name in left if name not in before[group]]


def _closure(start: str, left: list[str], reads: dict[str, set[str]]) -> set[str]:
    """Return the targets of the copies that come no later than that of `start`: they read what others overwrite."""
    found, new = {start}, [start]
    while new:
        target = new.pop()
        fresh = [name for name in left if target in reads[name] and name not in found]
        found.update(fresh)
        new += fresh
    return found


def _jumps(lines: Sequence[Line]) -> bool:
    return bool(lines) and isinstance(lines[-1], (gast.Break, gast.Return, gast.Raise))


def _items(stack: Var) -> tuple[Kind, ...]:
    assert isinstance(stack.kind, Stack)
    return stack.kind.items


def _copied_undefined(routine: Routine, names: dict[Var, str]) -> dict[str, None]:
    """Return the names of variables that are copied, saved or passed on while they may hold nothing.

    Nobody looks at the value then, but Python would miss it.
    """
    flows: dict[Var, list[Var]] = {}
    undefined: dict[Var, None] = {}
    copied: dict[Var, None] = {}
    for node in walk(routine.body):
        if isinstance(node, (Let, Copies)):
            pairs = node.pairs if isinstance(node, Copies) else [(target, node.value) for target in node.targets]
            for target, value in pairs:
                if value is UNDEF:
                    undefined[target] = None
                for var in _passed(value):
                    flows.setdefault(var, []).append(target)
                    if value is not var or names[var] != names[target]:
                        copied[var] = None
        values = node.values if isinstance(node, (Save, Return)) else ()
        if isinstance(node, Let) and isinstance(node.value, Invoke):
            values = node.value.args
        for value in values:
            copied |= dict.fromkeys(_passed(value))
    new = list(undefined)
    while new:
        fresh = [target for target in flows.get(new.pop(), []) if target not in undefined]
        undefined |= dict.fromkeys(fresh)
        new += fresh
    return {names[var]: None for var in undefined if var in copied}


def _passed(value: Expr) -> tuple[Var, ...]:
    """Return the variables whose value an expression can have, without looking at it."""
    if isinstance(value, Var):
        return (value,)
    if isinstance(value, Choose):
        return (*_passed(value.then), *_passed(value.orelse))
    return _passed(value.right) if isinstance(value, Logic) else ()
