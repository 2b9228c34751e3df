"""Which constructs of the language a program contains: the measure of what random programs reach."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from tests.fuzz.generate import MAIN


def constructs(text: str) -> frozenset[str]:
    """Return the names of the constructs in a program."""
    tree = ast.parse(text)
    return frozenset(_found(tree, loops=0, depth=0))


def _found(node: ast.AST, loops: int, depth: int) -> Iterator[str]:
    """Yield what a node is, by the number of loops around it in its function and the depth of functions."""
    match node:
        case ast.FunctionDef(name=name):
            if name != MAIN:
                yield "helper function" if depth == 0 else "inner function"
            if node.args.defaults or node.args.kw_defaults:
                yield "default argument"
            if node.args.kwonlyargs:
                yield "keyword-only argument"
            depth, loops = depth + 1, 0
        case ast.Lambda():
            yield "lambda"
        case ast.For():
            yield from _loop(node, loops)
            yield from _iterated(node.iter)
            loops += 1
        case ast.While():
            yield from _loop(node, loops)
            yield "while True" if isinstance(node.test, ast.Constant) else "while"
            loops += 1
        case ast.If():
            yield "elif" if node.orelse and isinstance(node.orelse[0], ast.If) else "if"
            if loops:
                yield "branch in a loop"
        case ast.IfExp():
            yield "conditional expression"
        case ast.BoolOp():
            yield "and/or"
        case ast.Compare(ops=[_, _, *_]):
            yield "chained comparison"
        case ast.NamedExpr():
            yield "walrus"
        case ast.Break():
            yield "break"
        case ast.Continue():
            yield "continue"
        case ast.Return() if loops:
            yield "return in a loop" if loops == 1 else "return in nested loops"
        case ast.Assign(targets=[ast.Tuple() as target]):
            yield "starred target" if any(isinstance(item, ast.Starred) for item in target.elts) else "tuple target"
        case ast.AugAssign():
            yield "augmented assignment"
        case ast.Nonlocal():
            yield "nonlocal"
        case ast.Assert():
            yield "assert"
        case ast.Raise():
            yield "raise"
        case ast.Call(func=ast.Name(id=name)) if name[0] in "hg" and name[1:].isdigit():
            yield "call in a loop" if loops else "call"
            if node.keywords:
                yield "keyword argument"
        case ast.Call(func=ast.Attribute(value=ast.Name(id=module))):
            yield f"function of {module}"
        case ast.Call(func=ast.Name(id="min" | "max" | "abs" | "round" | "pow" | "float")):
            yield "built-in function"
        case ast.BinOp(op=ast.Pow()):
            yield "power"
        case ast.BinOp(op=ast.FloorDiv() | ast.Mod()):
            yield "// and %"
    for child in ast.iter_child_nodes(node):
        if isinstance(node, ast.For | ast.While) and child in node.orelse:
            yield from _found(child, loops - 1, depth)
        else:
            yield from _found(child, loops, depth)


def _loop(node: ast.For | ast.While, loops: int) -> Iterator[str]:
    if loops:
        yield "nested loop" if loops == 1 else "three loops deep"
    if node.orelse:
        yield "loop with else"


def _iterated(node: ast.expr) -> Iterator[str]:
    match node:
        case ast.Call(func=ast.Name(id="range"), args=args):
            yield "for over range" if len(args) < 3 else "range with a step"
            if any(not isinstance(arg, ast.Constant | ast.UnaryOp) for arg in args):
                yield "range of a variable"
        case ast.Call(func=ast.Name(id=name)):
            yield f"for over {name}"
        case _:
            yield "for over a sequence"
