"""What is refused: every construct with its class, its line and column, and a remedy."""

from __future__ import annotations

import sys
from typing import Any

import gast
import pytest

import ast_ad.frontend.lower  # noqa: F401  (fills the tables)
from ast_ad.errors import UnsupportedSyntaxError
from ast_ad.frontend.arithmetic import BINARY
from ast_ad.frontend.comparisons import COMPARISONS
from ast_ad.frontend.expressions import _UNARY, EXPRESSIONS
from ast_ad.frontend.source import Source
from ast_ad.frontend.statements import COMPOUND, SIMPLE
from ast_ad.frontend.syntax import _UNSUPPORTED, check_syntax

# The text of a body; the construct that is refused starts at `^` (which is left out of the program).
BODIES = [
    ("^async for a in x:\n    pass", "`async for`"),
    ("^async with x:\n    pass", "`async with`"),
    ("^async def inner():\n    pass", "`async` function"),
    ("y = ^await x", "`await`"),
    ("^yield x", "generator"),
    ("^yield from x", "generator"),
    ("global K\nfor ^K in (1, 2):\n    pass", "belongs to an enclosing scope"),
    ("def inner():\n    global K\n    with x as ^K:\n        pass", "belongs to an enclosing scope"),
    ("def inner():\n    global K\n    ^K = x\n    yield K", "belongs to an enclosing scope"),
    ("if False:\n    f = lambda: [(^yield)]", "a `yield` stands where"),
    ("def inner(a=^await x):\n    pass", "`await`"),
]
if sys.version_info >= (3, 11):
    BODIES.append(("^try:\n    x = 1\nexcept* ValueError:\n    pass", "`except"))
if sys.version_info >= (3, 12):
    BODIES.append(("^type Number = float", "type alias"))


def source_of(body: str) -> Source:
    text = "async def f(x):\n" + "".join(f"    {line}\n" for line in body.split("\n")) + "    return x\n"
    text = text if "await" in body or "async with" in body or "async for" in body else text.removeprefix("async ")
    tree = gast.parse(text).body[0]
    if isinstance(tree, gast.AsyncFunctionDef):
        tree = gast.FunctionDef(*[getattr(tree, field) for field in tree._fields])
        tree.lineno, tree.col_offset = 1, 0
    return Source("model.py", tree, tuple(text.split("\n")), "f")


@pytest.mark.parametrize(("body", "message"), BODIES)
def test_a_construct_is_refused_where_it_stands(body: str, message: str) -> None:
    lines = body.split("\n")
    line = next(i for i, each in enumerate(lines) if "^" in each)
    with pytest.raises(UnsupportedSyntaxError, match=message) as caught:
        check_syntax(source_of(body.replace("^", "")))
    error = caught.value
    assert (error.filename, error.lineno, error.offset) == ("model.py", line + 2, lines[line].index("^") + 4 + 1)
    assert error.where.text == "    " + lines[line].replace("^", "")
    assert error.help


def test_every_construct_that_python_has_is_accepted_or_refused() -> None:
    """A new version of Python cannot bring one that slips through."""
    lowered: set[Any] = {*BINARY, *COMPARISONS, *EXPRESSIONS, *_UNARY, *SIMPLE, *COMPOUND}
    lowered |= {
        gast.If,
        gast.For,
        gast.While,
        gast.Starred,
        gast.Slice,
        gast.FormattedValue,
        gast.And,
        gast.Or,
        gast.Not,
    }
    lowered |= {gast.Is, gast.IsNot, gast.In, gast.NotIn}
    known = {each.__name__ for each in lowered} | set(_UNSUPPORTED)
    bases = (gast.stmt, gast.expr, gast.operator, gast.unaryop, gast.cmpop)
    nodes = [each for each in vars(gast).values() if isinstance(each, type) and issubclass(each, bases)]
    python_2_or_inside_others = {"Print", "Repr", "Exec", "Interpolation", "ParamSpec"}
    assert {each.__name__ for each in nodes} - {base.__name__ for base in bases} <= known | python_2_or_inside_others


def test_what_is_lowered_is_accepted() -> None:
    check_syntax(
        source_of(
            "import math as m\nfrom math import sin\ny: float = x\nz: list[float]\na, *b = x, (c := 1), 2\n"
            "def inner(u, v=1, *w, k=2, **q):\n    nonlocal y\n    y += 1\n    return lambda: u\n"
            "for i in range(3):\n    continue\nelse:\n    pass\nwhile x:\n    break\nassert x, 'message'\n"
            "if x:\n    raise ValueError(f'{x!r:>{a}}')\nprint(*b, **{'end': ''})\nx = a[1:2] if x[0] else {'k': [1]}"
        )
    )
