"""gast -> text: the text has to mean the tree, whatever the precedence; comments, nesting, long lines."""

from __future__ import annotations

import ast
import inspect
import operator
import random
import subprocess
import sys
from typing import Any

import gast
import numpy as np
import pytest

from ast_ad.backend.expressions import Expressions
from ast_ad.backend.references import References
from ast_ad.backend.syntax import BINARY, COMPARISONS, UNARY
from ast_ad.backend.text import Comment, source
from ast_ad.backend.tree import Apply, Choose, Expr, Logic
from ast_ad.ir import primitives
from ast_ad.ir.kinds import FLOAT
from ast_ad.ir.nodes import Lit, Var

NO_ARGUMENTS = gast.arguments([], [], None, [], [], None, [])
X, Y, Z = (Var(FLOAT, name) for name in "xyz")


def written(expr: Expr) -> Any:
    return Expressions(lambda var: var.name, References(()), lambda function: function.name)(expr)


def text(expr: Expr) -> str:
    return source([gast.Expr(written(expr))])


def apply(fn: Any, *args: Any) -> Apply:
    return Apply(fn, tuple(arg if isinstance(arg, (Var, Apply, Choose, Logic, Lit)) else Lit(arg) for arg in args))


@pytest.mark.parametrize(
    ("expr", "expected"),
    [
        (apply(operator.neg, apply(operator.pow, X, 2)), "-x ** 2"),
        (apply(operator.pow, apply(operator.neg, X), 2), "(-x) ** 2"),
        (apply(operator.pow, -2.0, X), "(-2.0) ** x"),
        (apply(operator.pow, X, apply(operator.neg, Y)), "x ** -y"),
        (apply(operator.pow, apply(operator.pow, X, Y), Z), "(x ** y) ** z"),
        (apply(operator.sub, X, apply(operator.sub, Y, Z)), "x - (y - z)"),
        (apply(operator.sub, apply(operator.sub, X, Y), Z), "x - y - z"),
        (apply(operator.add, X, -1.0), "x + -1.0"),
        (apply(operator.not_, apply(operator.eq, X, Y)), "not x == y"),
        (apply(operator.eq, apply(operator.not_, X), Y), "(not x) == y"),
        (apply(operator.lt, apply(operator.lt, X, Y), Z), "(x < y) < z"),
        (apply(operator.lt, X, apply(operator.lt, Y, Z)), "x < (y < z)"),
        (apply(primitives.real, apply(operator.add, X, Y)), "(x + y).real"),
        (apply(primitives.conjugate, X), "x.conjugate()"),
        (apply(np.array, (1.5,)), "np.array((1.5,))"),
        (apply(operator.mul, apply(primitives.select, X, Y, Z), 2), "(y if x else z) * 2"),
        (Logic("and", Logic("and", X, Y), Z), "x and y and z"),
        (Logic("or", Logic("and", X, Y), Z), "x and y or z"),
        (Logic("and", X, Logic("or", Y, Z)), "x and (y or z)"),
        (Choose(X, Y, Choose(Y, X, Z)), "y if x else x if y else z"),
        (Choose(Choose(X, Y, Z), X, Y), "x if (y if x else z) else y"),
        (apply(str.format, "{:.3f}", X), '"{:.3f}".format(x)'),
        (Apply(print, (X,), (("end", Lit("\n")),)), "print(x, end='\\n')"),
    ],
)
def test_expressions(expr: Expr, expected: str) -> None:
    assert text(expr) == expected


CONSTANTS = (0, -3, 10**30, 0.1, -0.1, 1e300, 5e-324, -0.0, float("inf"), -float("inf"))
CONSTANTS += (2j, -2j, 1 + 2j, 1 - 2j, complex(-0.0, 1.0), complex(1.0, float("inf")))
CONSTANTS += (True, None, "it's", 'say "hi"', "a\\b\n", b"x", (), (1,), (1.5, "a"))
CONSTANTS += (np.float32(0.1), np.float64(-2.5), np.int64(-3), np.bool_(True), np.complex64(1 + 2j), np.float32("inf"))
CONSTANTS += (np.longdouble("0.1"),)


@pytest.mark.parametrize("value", CONSTANTS, ids=repr)
def test_constants_come_back_as_they_were(value: Any) -> None:
    references = References(())
    expr = Expressions(lambda var: var.name, references, lambda function: function.name)(Lit(value))
    namespace: dict[str, Any] = {}
    exec("\n".join(references.imports()), namespace)
    back = eval(source([gast.Expr(expr)]), namespace)
    assert type(back) is type(value)
    assert repr(back) == repr(value)


def test_nan_comes_back() -> None:
    references = References(())
    expr = Expressions(str, references, str)(Lit(float("nan")))
    assert source([gast.Expr(expr)]) == "math.nan"
    assert references.imports() == ("import math",)


def random_expression(chooser: random.Random, depth: int) -> Expr:
    if depth == 0 or chooser.random() < 0.1:
        return chooser.choice((X, Y, Z, Lit(2), Lit(-1.5), Lit(-3), Lit(1j)))
    inner = [random_expression(chooser, depth - 1) for _ in range(3)]
    shape = chooser.randrange(6)
    if shape < 2:
        return apply(chooser.choice(list(BINARY)), *inner[:2])
    if shape == 2:
        return apply(chooser.choice(list(UNARY)), inner[0])
    if shape == 3:
        return apply(chooser.choice(list(COMPARISONS)), *inner[:2])
    return Choose(*inner) if shape == 4 else Logic(chooser.choice(("and", "or")), *inner[:2])


def test_random_expressions_parse_as_what_they_are() -> None:
    chooser = random.Random(1)
    for _ in range(400):
        expr = random_expression(chooser, 4)
        tree = gast.gast_to_ast(gast.Expr(written(expr)))
        (parsed,) = ast.parse(source([gast.Assign([written(X)], written(expr), None)])).body
        assert isinstance(parsed, ast.Assign)
        assert ast.dump(parsed.value) == ast.dump(tree.value)


def test_comments_and_nesting() -> None:
    inner = gast.If(written(Y), [gast.Break()], [Comment("why")])
    lines = [
        Comment("first"),
        gast.If(written(X), [gast.Pass()], [inner]),
        gast.While(written(Z), [Comment("empty")], []),
    ]
    assert source(lines, depth=1) == (
        "    # first\n    if x:\n        pass\n    elif y:\n        break\n    else:\n        # why\n        pass\n"
        "    while z:\n        # empty\n        pass"
    )


@pytest.mark.parametrize("text", ("Plain.", 'says "no"', 'three """ quotes', "back\\slash", "two\n\nlines\n"))
def test_docstrings(text: str) -> None:
    lines = [gast.FunctionDef("f", NO_ARGUMENTS, [gast.Expr(gast.Constant(text, None))], [], None, None, [])]
    namespace: dict[str, Any] = {}
    exec(source(lines), namespace)
    assert inspect.getdoc(namespace["f"]) == text.rstrip()


def test_astor_warns_of_nothing() -> None:
    """On Python 3.12 and later, astor looks up names of `ast` that are deprecated."""
    program = "from ast_ad.backend.text import source; import gast; source([gast.Pass()])"
    subprocess.run([sys.executable, "-W", "error", "-c", program], check=True)
