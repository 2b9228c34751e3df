"""What errors show: a section for every class, the caret under what is wrong, calls, and the user's lines."""

from __future__ import annotations

import math
import sys
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import ast_ad
from ast_ad import errors, grad, vjp
from ast_ad.ir.check import check
from ast_ad.ir.kinds import FLOAT
from ast_ad.ir.nodes import Block, Function, Op, Var, Where
from tests.frontend.support import from_text

PAGE = Path(__file__).resolve().parent.parent / "docs" / "errors.md"


def test_every_class_has_a_section() -> None:
    text = PAGE.read_text()
    for name in ast_ad.__all__:
        if name.endswith("Error") and name != "AutodiffError":
            assert f"\n## {name}\n" in text, name


# The caret stands where ^ is.
MISTAKES = [
    ("y = x + 1\n    return y * ^(x, x).missing", errors.AutodiffError),
    ("return ^np.histogram2d(x, x)[1][0]", errors.MissingRuleError),
    ("return x * ^math.nothing(x)", errors.KindError),
    ("return ^(lambda a: a)(x, x)", errors.KindError),
    ("return ^x @ x", errors.KindError),
    ('return x + ^float(f"{x}")', errors.UnsupportedSyntaxError),
    ("with ^x as f:\n        return x", errors.UnsupportedSyntaxError),
    ("return x + ^undefined", errors.AutodiffError),
    ("return (x * 2)(^x + None)", errors.KindError),
    ("a, b = 1, 2\n    ^a, b, c = x, x\n    return x", errors.KindError),
    ('for k in ^{"a", "b"}:\n        x = x * 2\n    return x', errors.UnsupportedSyntaxError),
    ("for i in range(3):\n        ^async_ = [(yield)]\n    return x", errors.UnsupportedSyntaxError),
]


@pytest.mark.parametrize(("body", "error"), MISTAKES)
def test_the_caret_points_at_the_right_character(body: str, error: type[errors.AutodiffError]) -> None:
    text = f"def f(x):\n    {body.replace('^', '')}\n"
    marked = f"def f(x):\n    {body}\n".split("\n")
    line = next(i for i, each in enumerate(marked) if "^" in each)
    with pytest.raises(error) as caught:
        fun = from_text(text, "f")
        fun.__globals__.update(math=math, np=np)
        grad(fun)(1.5)
    where = caught.value.where
    shown = str(caught.value).split("\n")
    at = next(i for i, each in enumerate(shown) if each.strip() == "^")
    assert where.line == line + 1
    if "yield" not in body:
        assert where.column == marked[line].index("^")
        assert shown[at].index("^") - 4 == where.column - (len(where.text) - len(where.text.lstrip()))


def test_errors_that_have_no_line_name_what_they_are_about() -> None:
    namespace: dict[str, Any] = {}
    exec("def made(x): return x * x", namespace)
    with pytest.raises(errors.SourceError, match="source of `made`"):
        grad(namespace["made"])
    with pytest.raises(errors.ArgumentError, match=r"argnums=1, but size\(\) takes 1 positional argument"):
        grad(size, argnums=1)
    x, y = Var(FLOAT, "x"), Var(FLOAT, "y")
    broken = Function("broken", (x,), Block((), (Op((x,), math.sin, (y,)),), (x,)))
    with pytest.raises(errors.InternalError) as caught:
        check(broken, "simplify")
    assert "(in simplify)" in str(caught.value)
    assert "at: x: float = math.sin(y)" in str(caught.value)


def test_an_internal_error_points_at_the_line_of_the_statement() -> None:
    x, y = Var(FLOAT, "x"), Var(FLOAT, "y")
    where = Where("model.py", 3, 11, "    return sin(y)")
    broken = Function("broken", (x,), Block((), (Op((x,), math.sin, (y,), where=where),), (x,)))
    with pytest.raises(errors.InternalError) as caught:
        check(broken, "simplify")
    shown = '  File "model.py", line 3\n    return sin(y)\n           ^\n'
    assert shown in str(caught.value)


CALLS = from_text(
    "def innermost(x):\n    return x.missing\n\n"
    "def middle(x):\n    return innermost(x) + 1\n\n"
    "class Box:\n    def run(self, x):\n        return middle(x)\n\n"
    "def outer(x):\n    y = 2 * x\n    return Box().run(y)\n",
    "outer",
)


def test_the_calls_that_lead_to_an_error_are_shown() -> None:
    with pytest.raises(errors.AutodiffError) as caught:
        grad(CALLS)(1.5)
    assert [each.line for each in caught.value.callers] == [5, 9, 13]
    text = str(caught.value)
    assert text.count("called from") == 3
    assert text.index("return x.missing") < text.index("innermost(x) + 1") < text.index("return Box().run(y)")
    if isinstance(caught.value, SyntaxError):
        assert "called from" in "".join(traceback.format_exception_only(caught.value))


def product(x, w):
    h = np.tanh(x)
    return np.sum(h @ w)


def fails_late(x):
    total = 0.0
    for i in range(5):
        if i == 3:
            raise LookupError(f"step {i}")
        total += x * i
    return total


@pytest.mark.skipif(sys.version_info < (3, 11), reason="exceptions have notes from Python 3.11 on")
@pytest.mark.parametrize(
    ("fun", "args", "error", "text"),
    [
        (product, (np.ones((2, 3)), np.ones((2, 3))), ValueError, "return np.sum(h @ w)"),
        (fails_late, (2.0,), LookupError, 'raise LookupError(f"step {i}")'),
        (lambda x: math.sqrt(x - 3.0), (2.0,), ValueError, "math.sqrt(x - 3.0)"),
    ],
)
def test_the_users_line_stands_beside_the_generated_one(
    fun: Callable[..., Any], args: tuple[Any, ...], error: type[Exception], text: str
) -> None:
    derivative = grad(fun)
    for _ in range(2):
        with pytest.raises(error) as caught:
            derivative(*args)
        shown = "".join(traceback.format_exception(caught.value))
        assert "<ast_ad " in shown
        assert len(caught.value.__notes__) == 1
        assert text in caught.value.__notes__[0]
        assert __file__ in caught.value.__notes__[0]


def rooted(x):
    return math.sqrt(x) + 1.0


def roots(x):
    return np.array([rooted(each) for each in x])


NOTES = {
    "grad": lambda x: grad(rooted)(x),
    "value_and_grad": lambda x: ast_ad.value_and_grad(rooted)(x),
    "elementwise_grad": lambda x: ast_ad.elementwise_grad(rooted)(x),
    "jvp": lambda x: ast_ad.jvp(rooted, (x,), (1.0,)),
    "vjp": lambda x: vjp(rooted, x)[1](1.0),
    "vjp, saved on stacks": lambda x: vjp(roots, np.array([1.0, x]))[1](np.ones(2)),
    "jacobian": lambda x: ast_ad.jacobian(rooted)(x),
    "hessian": lambda x: ast_ad.hessian(rooted)(x),
    "hvp": lambda x: ast_ad.hvp(rooted)(x, 1.0),
    "checkpoint": lambda x: grad(ast_ad.checkpoint(rooted))(x),
    "gradient of a gradient": lambda x: grad(grad(rooted))(x),
}


@pytest.mark.skipif(sys.version_info < (3, 11), reason="exceptions have notes from Python 3.11 on")
@pytest.mark.parametrize("operator", NOTES)
def test_each_operator_tells_the_line_where_a_sweep_fails(operator: str) -> None:
    # The second call goes the quick way.  At 0 the function has a value, and no derivative.
    for at, error in ((0.0, ZeroDivisionError), (-1.0, ValueError), (0.0, ZeroDivisionError)):
        with pytest.raises(error) as caught:
            NOTES[operator](at)
        (note,) = caught.value.__notes__
        assert "return math.sqrt(x) + 1.0" in note
        assert __file__ in note
        NOTES[operator](1.0)


def size(x):
    return np.sqrt(x * x)


def entropy(x):
    y = x * 2
    return np.sum(y * np.log(y))


@pytest.mark.parametrize(
    ("fun", "at", "what"),
    [(size, np.float64(0.0), "x_bar = "), (entropy, np.array([1.0, -1.0]), "np.log(")],
)
def test_the_statement_that_makes_a_nan(fun: Callable[..., Any], at: Any, what: str) -> None:
    derivative = ast_ad.value_and_grad(fun)
    with np.errstate(all="ignore"):
        derivative(at)
        with pytest.raises(FloatingPointError) as caught, ast_ad.debug_nans():
            derivative(at)
        assert what in str(caught.value)
        assert "    x = " in str(caught.value) or "    y = " in str(caught.value)
        derivative(at)
    with ast_ad.debug_nans():
        assert np.all(np.isfinite(derivative(np.abs(at) + 1)[1]))


class Decay:
    def __init__(self, w):
        self.w, self.k = w, 1.0

    def step(self, x):
        self.k = self.k * np.log(self.w * x)  # here
        return self.k


def in_a_method(x):
    decay = Decay(-1.0)
    return decay.step(x) * decay.k


def in_a_write(x):
    y = np.ones(3)
    y[1:] = np.log(-x)  # here
    return np.sum(y * y)


def in_a_loop(x):
    total = 0.0
    for _ in range(3):
        total = total + np.sqrt(x * x)  # here
        x = x * 0.5
    return total


def in_a_recursion(x, n=2):
    if n == 0:
        return np.sqrt(x * x)  # here
    return in_a_recursion(x * 0.5, n - 1) + x


NANS = {
    "reverse": lambda: grad(in_a_loop)(np.float64(0.0)),
    "forward": lambda: ast_ad.jvp(in_a_loop, (np.float64(0.0),), (np.float64(1.0),)),
    "pullback": lambda: vjp(in_a_loop, np.float64(0.0))[1](1.0),
    "jacobian": lambda: ast_ad.jacobian(in_a_loop)(np.zeros(2)),
    "inner derivative": lambda: grad(lambda x: grad(in_a_loop)(x) * x)(np.float64(0.0)),
    "second order": lambda: ast_ad.hvp(in_a_loop)(np.float64(0.0), 1.0),
    "checkpoints": lambda: grad(in_a_loop, checkpoint="sqrt")(np.float64(0.0)),
    "callee": lambda: grad(in_a_recursion)(np.float64(0.0)),
    "method": lambda: ast_ad.value_and_grad(in_a_method)(np.float64(2.0)),
    "write": lambda: ast_ad.value_and_grad(in_a_write)(np.ones(2)),
}


@pytest.mark.skipif(sys.version_info < (3, 11), reason="exceptions have notes from Python 3.11 on")
@pytest.mark.parametrize("case", NANS)
def test_the_users_line_that_makes_a_nan(case: str) -> None:
    with np.errstate(all="ignore"), pytest.raises(FloatingPointError) as caught, ast_ad.debug_nans():
        NANS[case]()
    assert "# here" in caught.value.__notes__[0]


def test_nans_of_the_arguments_are_nobodys_fault() -> None:
    with ast_ad.debug_nans():
        assert np.isnan(grad(size)(np.float64("nan")))


def test_a_pullback_is_watched_too() -> None:
    _, pullback = vjp(size, np.float64(0.0))
    with np.errstate(all="ignore"), pytest.raises(FloatingPointError), ast_ad.debug_nans():
        pullback(np.float64(1.0))
