"""Which constructs of the language a program contains: the measure of what random programs reach."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from tests.fuzz.decisions import MAIN


def constructs(text: str) -> frozenset[str]:
    """Return the names of the constructs in a program."""
    functions = [node for node in ast.parse(text).body if not isinstance(node, ast.Import | ast.ImportFrom)]
    return frozenset(name for node in functions if not _is_constant(node) for name in _found(node, loops=0, depth=0))


def _is_constant(node: ast.stmt) -> bool:
    """Tell whether a statement of the module only defines a constant of the programs' header."""
    return isinstance(node, ast.Assign) and not isinstance(node.value, ast.Lambda)


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
            if loops:
                yield "augmented assignment in a loop"
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
        case ast.Call(func=ast.Attribute(value=ast.Name(id="math" | "np" as module), attr=name), keywords=options):
            yield f"function of {module}"
            yield from _of_arrays(name, [keyword.arg for keyword in options])
        case ast.Call(func=ast.Attribute(value=ast.Attribute(attr="linalg"))):
            yield "function of np.linalg"
        case ast.Call(func=ast.Attribute(attr="items" | "values")):
            yield "items of a dict"
        case ast.Call(func=ast.Attribute()):
            yield "method of an array"
        case ast.Attribute(attr="shape" | "T" | "ndim" | "size" as name):
            yield f"attribute {name}"
        case ast.Attribute(attr="left" | "right"):
            yield "item of a named tuple"
        case ast.Subscript(slice=ast.Tuple(elts=items)):
            yield "several indices"
            for item in items:
                yield from _index(item)
        case ast.Subscript(slice=item):
            yield from _index(item)
        case ast.Dict() | ast.List() | ast.ListComp():
            yield {ast.Dict: "dict", ast.List: "list", ast.ListComp: "comprehension"}[type(node)]
            if any(
                isinstance(child, ast.Starred) or child is None
                for child in getattr(node, "elts", node.__dict__.get("keys", []))
            ):
                yield "container spread out"
        case ast.Call(func=ast.Name(id="Pair")):
            yield "named tuple"
        case ast.BinOp(op=ast.MatMult()):
            yield "matmul"
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


_FAMILIES = {
    "reduction": ("sum", "mean", "prod", "max", "min", "var", "std", "ptp"),
    "product": ("dot", "outer", "inner", "vdot", "matmul", "tensordot", "einsum", "trace"),
    "joining": ("stack", "concatenate", "vstack", "hstack", "append", "column_stack"),
    "splitting": ("split",),
    "shape": ("reshape", "transpose", "expand_dims", "squeeze", "swapaxes", "moveaxis", "ravel", "broadcast_to"),
    "rearranging": ("flip", "roll", "tile", "repeat", "pad", "diag", "tril", "triu"),
    "choice": ("where", "maximum", "minimum", "clip", "select"),
    "cumulation": ("cumsum", "cumprod", "diff"),
    "sorting": ("sort", "argsort", "take", "take_along_axis", "argmax"),
    "making": ("zeros", "ones", "full", "zeros_like", "ones_like", "full_like", "eye", "arange", "linspace", "array"),
}
"""Functions of NumPy by what they do."""


def _of_arrays(name: str, options: list[str | None]) -> Iterator[str]:
    """Yield what a call of a function of NumPy is."""
    yield from (f"{family} of arrays" for family, names in _FAMILIES.items() if name in names)
    yield from (f"option {option}" for option in options if option in ("axis", "keepdims"))


def _index(item: ast.expr) -> Iterator[str]:
    """Yield what an index is."""
    match item:
        case ast.Slice(step=None):
            yield "slice"
        case ast.Slice():
            yield "slice with a step"
        case ast.Constant(value=None):
            yield "new axis"
        case ast.Constant(value=value) if value is Ellipsis:
            yield "ellipsis"
        case ast.Constant(value=str()):
            yield "item of a dict"
        case ast.Constant() | ast.UnaryOp():
            yield "constant index"
        case ast.List(elts=[ast.Constant(value=bool()), *_]) | ast.Compare():
            yield "mask"
        case ast.List() | ast.Call() | ast.Name(id="INDEX" | "q"):
            yield "integer array as index"
        case _:
            yield "computed index"
