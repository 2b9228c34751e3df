"""Expressions of the tree -> gast."""

from __future__ import annotations

import functools
import math
import operator
import types
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import Any

import gast
import numpy as np

from ast_ad.backend.references import References
from ast_ad.backend.syntax import ATTRIBUTES, BINARY, COMPARISONS, UNARY, hashable
from ast_ad.backend.tree import Apply, Choose, Expr, Invoke, Logic, Update
from ast_ad.errors import InternalError
from ast_ad.ir import primitives
from ast_ad.ir.kinds import Kind, List, Scalar, Stack, Unknown, code
from ast_ad.ir.nodes import Function, Lit, Var
from ast_ad.runtime import Chain, Turn, add_at, add_lists, set_at, zeros_of
from ast_ad.trees import GENERATORS, LEAF, DictTree, Leaf, ListTree, NodeTree, Static, Tree, TupleTree

_ZEROS: dict[str, Any] = {"b": False, "i": 0, "u": 0, "f": 0.0, "c": 0j}

_CONSTANTS = {math.pi: "pi", math.tau: "tau", math.e: "e"}
"""Numbers that are known by a name."""


_NOTHING = Static(None)

_METHODS = {
    primitives.astype: "astype",
    primitives.flatten: "flatten",
    primitives.copy: "copy",
    primitives.index_of: "index",
    primitives.tolist: "tolist",
}


def _method_name(fn: Any) -> str:
    """Return the name of a method of an object from outside, or "" for other callables."""
    if isinstance(fn, primitives.Invocation):
        return fn.name
    if isinstance(fn, types.MethodDescriptorType) and fn.__objclass__ is str:
        return fn.__name__
    name = getattr(fn, "__name__", "")
    return name if any(getattr(cls, name, None) is fn for cls in GENERATORS) else ""


class Expressions:
    """Writes expressions with the names of a routine."""

    def __init__(
        self, names: Callable[[Var], str], references: References, functions: Callable[[Function], str]
    ) -> None:
        self.names = names
        self.references = references
        self.functions = functions

    def __call__(self, expr: Expr) -> gast.AST:
        """Return an expression as gast."""
        if isinstance(expr, Var):
            return load(self.names(expr))
        if isinstance(expr, Lit):
            return self.constant(expr.value)
        if isinstance(expr, Choose):
            return gast.IfExp(self.test(expr.test), self(expr.then), self(expr.orelse))
        if isinstance(expr, Logic):
            return self.logic(expr, self)
        if isinstance(expr, Invoke):
            return self.called(load(self.functions(expr.function)), expr.args)
        if isinstance(expr, Apply):
            return self.apply(expr)
        raise InternalError(f"{expr!r} is read", stage="emission")

    def test(self, expr: Expr) -> gast.AST:
        """Return an expression of which only the truth counts."""
        if isinstance(expr, Apply):
            if expr.fn is primitives.nonempty:
                return self(expr.args[0])
            if expr.fn is operator.not_:
                return gast.UnaryOp(gast.Not(), self.test(expr.args[0]))
        if isinstance(expr, Logic):
            return self.logic(expr, self.test)
        return self(expr)

    def logic(self, expr: Logic, write: Callable[[Expr], gast.AST]) -> gast.AST:
        """Return ``a and b and c`` as one node, however it is nested."""
        word = gast.And() if expr.word == "and" else gast.Or()
        return gast.BoolOp(word, [write(operand) for operand in _operands_of(expr, expr.word)])

    def apply(self, expr: Apply) -> gast.AST:
        """Return the call of a function: as an operator where it has one."""
        fn: Any = expr.fn
        args = expr.args
        if not hashable(fn):
            return self.called(dotted(self.references.path(fn)), args, expr.kwargs)
        if isinstance(fn, primitives.Operation):
            return self.operation(fn.fn, expr)
        if isinstance(fn, primitives.Attribute):
            (owner,) = self.arguments(expr)
            return attribute(owner, fn.name)
        if fn in BINARY and len(args) == 2:
            return gast.BinOp(self(args[0]), BINARY[fn][0](), self(args[1]))
        if fn in UNARY:
            write = self.test if fn is operator.not_ else self
            return gast.UnaryOp(UNARY[fn][0](), write(args[0]))
        if fn in COMPARISONS:
            return gast.Compare(self(args[0]), [COMPARISONS[fn]()], [self(args[1])])
        if fn is primitives.select:
            return gast.IfExp(self.test(args[0]), self(args[1]), self(args[2]))
        if fn in ATTRIBUTES:
            return attribute(self(args[0]), ATTRIBUTES[fn])
        if fn is primitives.conjugate:
            return call(attribute(self(args[0]), "conjugate"), [])
        if fn is primitives.pack and len(args) != 1:
            return gast.Tuple([self(arg) for arg in args], gast.Load())
        if fn in (primitives.pack, primitives.unpack):
            return self(args[0])
        if fn is primitives.new_stack:
            return gast.List([], gast.Load())
        if fn is primitives.in_order:
            backwards = gast.Slice(None, None, gast.UnaryOp(gast.USub(), gast.Constant(1, None)))
            return gast.Subscript(self(args[0]), backwards, gast.Load())
        if fn in _OF_LISTS:
            return _OF_LISTS[fn](self, args)
        if fn is primitives.nonempty:
            return gast.Compare(
                call(dotted(self.references.path(len)), [self(args[0])]), [gast.Gt()], [gast.Constant(0, None)]
            )
        if expr.form is not None:
            return self.formed(expr)
        if _method_name(fn):
            return self.called(attribute(self(args[0]), _method_name(fn)), args[1:], expr.kwargs)
        if fn is primitives.called:
            return self.called(self(args[0]), args[1:])
        if fn in _METHODS:
            return self.called(attribute(self(args[0]), _METHODS[fn]), args[1:])
        if fn is operator.getitem:
            return gast.Subscript(self(args[0]), self(args[1]), gast.Load())
        return self.called(dotted(self.references.path(fn)), args, expr.kwargs)

    def arguments(self, expr: Apply) -> list[gast.AST]:
        """Return the arguments of a call by position."""
        values = iter(expr.args)
        return [self.tree(tree, values) for tree in ((LEAF,) * len(expr.args) if expr.form is None else expr.form.args)]

    def operation(self, fn: Callable[..., Any], expr: Apply) -> gast.AST:
        """Return what is done with an object of which nothing is known, which may be a part of the form."""
        if fn in BINARY:
            left, right = self.arguments(expr)
            return gast.BinOp(left, BINARY[fn][0](), right)
        if fn in COMPARISONS:
            left, right = self.arguments(expr)
            return gast.Compare(left, [COMPARISONS[fn]()], [right])
        return self.apply(replace(expr, fn=fn))

    def formed(self, expr: Apply) -> gast.AST:
        """Return a call whose arguments are more than a row of operands."""
        assert expr.form is not None
        values = iter(expr.args)
        if expr.fn is operator.getitem:
            owner, index = expr.form.args
            return self.part(self.tree(owner, values), index, values)
        args = [self.tree(tree, values) for tree in expr.form.args]
        if expr.fn is operator.mod:  # of a text and a tuple
            return gast.BinOp(args[0], gast.Mod(), args[1])
        keywords = [gast.keyword(name, self.tree(tree, values)) for name, tree in expr.form.kwargs]
        if expr.fn is primitives.called:
            return call(args[0], args[1:], keywords)
        method = _METHODS.get(expr.fn) or _method_name(expr.fn)
        if method:
            return call(attribute(args[0], method), args[1:], keywords)
        return call(dotted(self.references.path(expr.fn)), args, keywords)

    def tree(self, tree: Tree, values: Iterator[Expr], index: bool = False) -> gast.AST:
        """Return an argument of a known structure; as an `index`, its slices are written with colons."""
        if isinstance(tree, Leaf):
            return self(next(values))
        if isinstance(tree, Static):
            return self.constant(tree.value)
        if isinstance(tree, NodeTree) and tree.make is slice:
            limits = [None if item == _NOTHING else self.tree(item, values) for item in tree.items]
            if index:
                start, stop, step = limits
                from_first = isinstance(start, gast.Constant) and start.value == 0 and step is None
                return gast.Slice(None if from_first else start, stop, step)
            return call(
                dotted(self.references.path(slice)), [gast.Constant(None, None) if n is None else n for n in limits]
            )
        if isinstance(tree, DictTree):
            return gast.Dict(
                [self.constant(key) for key in tree.keys], [self.tree(item, values) for item in tree.items]
            )
        inside = index and isinstance(tree, TupleTree)
        if inside and len(tree.items) == 1:
            return self.tree(tree.items[0], values, index=True)
        items = [self.tree(item, values, index=inside) for item in tree.items]
        return gast.List(items, gast.Load()) if isinstance(tree, ListTree) else gast.Tuple(items, gast.Load())

    def part(self, owner: gast.AST, index: Tree, values: Iterator[Expr]) -> gast.AST:
        """Return a part of an array, which several steps may lead to."""
        if isinstance(index, NodeTree) and index.make is Turn:
            fn, *rest = index.items
            assert isinstance(fn, Static)
            name = "T" if fn.value is np.transpose else ATTRIBUTES.get(fn.value)
            if name is not None and not rest:
                return attribute(owner, name)
            args = [owner, *(self.tree(item, values) for item in rest)]
            return call(dotted(self.references.path(fn.value)), args)
        if isinstance(index, NodeTree) and index.make is Chain:
            for step in index.items:
                owner = self.part(owner, step, values)
            return owner
        return gast.Subscript(owner, self.tree(index, values, index=True), gast.Load())

    def update(self, owner: gast.AST, node: Update, args: Sequence[Expr]) -> gast.AST:
        """Return the statement that updates a part of an array in place."""
        values = iter(args)
        trees = (LEAF, LEAF) if node.form is None else node.form.args[1:]
        if isinstance(node.target.kind, List):
            return self.list_update(owner, node, trees[0], values)
        repeats = node.fn is add_at and node.repeats
        last = trees[0]
        if isinstance(last, NodeTree) and last.make is Chain:
            *steps, last = last.items
            if isinstance(last, NodeTree) and last.make is Turn:
                steps, last = [*steps, last], Static(...)
            for step in steps:
                owner = self.part(owner, step, values)
        index = self.tree(last, values, index=not repeats)
        (value,) = values
        if repeats:
            return gast.Expr(call(dotted(self.references.path(np.add) + ".at"), [owner, index, self(value)]))
        target = gast.Subscript(owner, index, gast.Store())
        if node.fn is set_at:
            return gast.Assign([target], self(value), None)
        return gast.AugAssign(target, gast.Sub() if node.negative else gast.Add(), self(value))

    def list_update(self, owner: gast.AST, node: Update, tree: Tree, values: Iterator[Expr]) -> gast.AST:
        """Return the statement that changes an item of a list, or of a list in it: not the item itself."""
        indices = tree.items if isinstance(tree, TupleTree) else (tree,)
        kind = node.target.kind
        load, store = owner, owner
        for each in indices:
            index = self.tree(each, values, index=True)
            load, store = gast.Subscript(load, index, gast.Load()), gast.Subscript(load, index, gast.Store())
            kind = kind.item if isinstance(kind, List) and not isinstance(index, gast.Slice) else kind
        value = self(next(values))
        if node.fn is set_at:
            return gast.Assign([store], value, None)
        if isinstance(kind, Scalar):
            return gast.AugAssign(store, gast.Sub() if node.negative else gast.Add(), value)
        if isinstance(kind, List):
            total = call(dotted(self.references.path(add_lists)), [load, value])
        else:
            total = gast.BinOp(load, gast.Sub() if node.negative else gast.Add(), value)
        return gast.Assign([store], total, None)

    def called(self, function: gast.AST, args: tuple[Expr, ...], kwargs: tuple[tuple[str, Expr], ...] = ()) -> gast.AST:
        """Return a call with its arguments written."""
        keywords = [gast.keyword(name, self(value)) for name, value in kwargs]
        return call(function, [self(arg) for arg in args], keywords)

    def constant(self, value: Any) -> gast.AST:
        """Return what evaluates to exactly this constant."""
        if value is None or value is Ellipsis or isinstance(value, (bool, str, bytes)):
            return gast.Constant(value, None)
        if type(value) is int:
            return self._signed(value < 0, gast.Constant(abs(value), None))
        if type(value) is float:
            return self._float(value)
        if type(value) is complex:
            return self._complex(value)
        if isinstance(value, np.dtype):
            return self.constant(value.type)
        if type(value) is tuple:
            return gast.Tuple([self.constant(item) for item in value], gast.Load())
        if isinstance(value, (np.bool_, np.number)):
            return call(dotted(self.references.path(type(value))), [self._plain(value)])
        return dotted(self.references.path(value))

    def _plain(self, value: Any) -> gast.AST:
        """Return the shortest Python constant that becomes this NumPy scalar again."""
        if isinstance(value, np.floating):
            if value.dtype.itemsize > np.dtype(float).itemsize:
                return gast.Constant(str(value), None)
            return self._float(float(str(value)))
        return self.constant(value.item())

    def _signed(self, negative: bool, magnitude: gast.AST) -> gast.AST:
        return gast.UnaryOp(gast.USub(), magnitude) if negative else magnitude

    def _float(self, value: float) -> gast.AST:
        if math.isnan(value):
            return attribute(dotted(self.references.path(math)), "nan")
        negative = math.copysign(1.0, value) < 0
        if math.isinf(value):
            return self._signed(negative, attribute(dotted(self.references.path(math)), "inf"))
        if abs(value) in _CONSTANTS:
            return self._signed(negative, attribute(dotted(self.references.path(math)), _CONSTANTS[abs(value)]))
        return self._signed(negative, gast.Constant(abs(value), None))

    def _complex(self, value: complex) -> gast.AST:
        plain = all(
            math.isfinite(part) and not (part == 0 and math.copysign(1.0, part) < 0)
            for part in (value.real, value.imag)
        )
        if not plain:
            function = dotted(self.references.path(complex))
            return call(function, [self._float(value.real), self._float(value.imag)])
        if value.real == 0:
            return self._signed(value.imag < 0, gast.Constant(complex(0.0, abs(value.imag)), None))
        sign = gast.Sub() if value.imag < 0 else gast.Add()
        return gast.BinOp(self._float(value.real), sign, gast.Constant(complex(0.0, abs(value.imag)), None))


def _zeros(write: Expressions, args: tuple[Expr, ...]) -> gast.AST:
    (items,) = args
    if isinstance(items, Var) and isinstance(items.kind, List) and isinstance(items.kind.item, Scalar):
        zero = Lit(0j if code(items.kind) == "c" else 0.0)
        return write.apply(Apply(primitives.repeated, (zero, Apply(len, (items,)))))
    return write.called(dotted(write.references.path(zeros_of)), args)


_OF_LISTS: dict[Callable[..., Any], Callable[[Expressions, tuple[Expr, ...]], gast.AST]] = {
    primitives.item_at: lambda write, args: functools.reduce(
        lambda owner, index: gast.Subscript(owner, write(index), gast.Load()), args[1:], write(args[0])
    ),
    primitives.same: lambda write, args: write(args[0]),
    primitives.list_of: lambda write, args: gast.List([write(arg) for arg in args], gast.Load()),
    primitives.repeated: lambda write, args: gast.BinOp(
        gast.List([write(args[0])], gast.Load()), gast.Mult(), write(args[1])
    ),
    operator.contains: lambda write, args: gast.Compare(write(args[1]), [gast.In()], [write(args[0])]),
    primitives.joined: lambda write, args: gast.BinOp(write(args[0]), gast.Add(), write(args[1])),
    primitives.rows_of: lambda write, args: write.called(dotted(write.references.path(list)), args),
    primitives.array_of: lambda write, args: write.called(dotted(write.references.path(np.array)), args),
    primitives.concatenation_of: lambda write, args: write.called(dotted(write.references.path(np.concatenate)), args),
    primitives.largest: lambda write, args: write.called(dotted(write.references.path(max)), args),
    primitives.smallest: lambda write, args: write.called(dotted(write.references.path(min)), args),
    zeros_of: _zeros,
}
"""How operations on lists are written."""


def _operands_of(expr: Expr, word: str) -> list[Expr]:
    """Return the operands of an `and` or an `or`, and of those of the same word in it."""
    if not (isinstance(expr, Logic) and expr.word == word):
        return [expr]
    return [*_operands_of(expr.left, word), *_operands_of(expr.right, word)]


def placeholder(kind: Kind) -> Expr:
    """Return a value of a kind, to stand where no value is needed but a variable has to hold one."""
    if isinstance(kind, List):
        return Apply(primitives.list_of, ())
    if isinstance(kind, Stack):
        return Apply(primitives.new_stack, ())
    return Lit(0.0 if isinstance(kind, Unknown) else _ZEROS.get(code(kind)))


def load(name: str) -> gast.AST:
    """Return a name that is read."""
    return gast.Name(name, gast.Load(), None, None)


def store(name: str) -> gast.AST:
    """Return a name that is assigned."""
    return gast.Name(name, gast.Store(), None, None)


def dotted(path: str) -> gast.AST:
    """Return a name with its attributes."""
    first, *rest = path.split(".")
    expr = load(first)
    for name in rest:
        expr = attribute(expr, name)
    return expr


def attribute(value: gast.AST, name: str) -> gast.AST:
    """Return an attribute that is read."""
    return gast.Attribute(value, name, gast.Load())


def call(function: gast.AST, args: list[gast.AST], keywords: list[gast.AST] | None = None) -> gast.AST:
    """Return a call."""
    return gast.Call(function, args, keywords or [])
