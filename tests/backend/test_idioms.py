"""`while stack:` where the stack's length is the trip count, and a count wherever it might not be."""

from __future__ import annotations

import operator as o

import pytest

from ast_ad.backend.emit import chunk
from ast_ad.backend.load import load
from ast_ad.ir import primitives
from ast_ad.ir.kinds import FLOAT, INT
from ast_ad.ir.nodes import Function, Var
from tests import interpreter
from tests.backend.build import Body, floats, integer, nothing


def program(twist: str = "") -> Function:
    """A loop that leaves early, and its reverse; `twist` says in what way the count is not the stack's length alone."""
    x, n = Var(FLOAT, "x"), integer("n")
    body = Body()
    stack = body.stack(FLOAT)
    forward, (y,), count, i = Body(), floats("y"), integer("count"), integer("i")
    if twist == "saves on one side":
        side = Body()
        side.push(stack, y)
        forward.branch(forward.test(o.lt, y, 100.0), side.yields(), nothing())
    else:
        forward.push(stack, y)
    more = forward.op(o.add, count, 2 if twist == "counts by two" else 1, kind=INT)
    moved = forward.op(o.mul, y, x, name="y")
    if twist == "reads the count":
        moved = forward.op(o.add, moved, count, name="y")
    if twist == "reads the new count":
        moved = forward.op(o.add, moved, more, name="y")
    go = forward.test(o.lt, moved, 20.0)
    final, trips = body.count((0, n, 1), (x, 0), forward.yields(go, moved, more, params=(i, y, count)))
    if twist == "looks at the stack":
        final = body.op(o.add, final, body.op(primitives.nonempty, stack, kind=INT), name="y")
    reverse, (total, taken), k = Body(), floats("total taken"), integer("k")
    reverse.pop(stack, taken)
    added = reverse.op(o.add, total, taken, name="total")
    if twist == "reads the index":
        added = reverse.op(o.add, added, k, name="total")
    go_back = reverse.test(o.lt, added, 5.0) if twist == "leaves early" else True
    start = 1 if twist in ("starts later", "counts by two") else 0
    (result,) = body.count((start, trips, 1), (final,), reverse.yields(go_back, added, params=(k, total)))
    results = (result, trips) if twist == "returns the count" else (result,)
    return body.function("f", (x, n), *results)


def text_of(function: Function) -> str:
    code = chunk(function)
    result = load(code.text, "f", code.namespace)(1.5, 9)
    assert (result if isinstance(result, tuple) else (result,)) == interpreter.run(function, 1.5, 9)
    return code.definitions


def test_the_stack_knows_how_often():
    text = text_of(program())
    assert "    while stack:\n" in text
    assert "count" not in text


@pytest.mark.parametrize(
    "twist",
    [
        "saves on one side",
        "reads the count",
        "reads the new count",
        "looks at the stack",
        "reads the index",
        "leaves early",
        "starts later",
        "returns the count",
    ],
)
def test_otherwise_the_count_stays(twist: str):
    text = text_of(program(twist))
    assert "while stack:" not in text
    assert "count = count + 1\n" in text


def test_a_count_by_two_is_no_count():
    function = program("counts by two")
    assert "while stack:" not in chunk(function).definitions
