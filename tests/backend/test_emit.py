"""The form of generated code: control flow, folding, names; each as a person would write it."""

from __future__ import annotations

import math
import operator as o
from textwrap import dedent
from typing import Any

import numpy as np
import pytest

from ast_ad.backend.emit import chunk, emit
from ast_ad.backend.load import load
from ast_ad.ir import primitives
from ast_ad.ir.kinds import BOOL, FLOAT, INT, STRING, Scalar
from ast_ad.ir.nodes import UNDEF, Block, Function, Lit, Var
from tests import interpreter
from tests.backend.build import Body, floats, integer, nothing


def body_of(function: Function) -> str:
    """The text of a function, without its imports and its `def` line."""
    definition = chunk(function).definitions
    return dedent(definition.split("):\n", maxsplit=1)[1])


def lines(text: str) -> str:
    return dedent(text).lstrip("\n")


# Control flow


def test_elif_chain():
    (x,) = floats("x")
    body, orelse = Body(), Body()
    outs = floats("y y")
    sides = [Body() for _ in range(3)]
    values = [side.op(np.sin, side.op(o.mul, x, float(i)), name="y") for i, side in enumerate(sides)]
    orelse.branch(orelse.test(o.lt, x, 5.0), sides[1].yields(values[1]), sides[2].yields(values[2]), outs[:1])
    body.branch(body.test(o.lt, x, 0.0), sides[0].yields(values[0]), orelse.yields(outs[0]), outs[1:])
    result = body.op(o.mul, outs[1], outs[1])
    assert body_of(body.function("f", (x,), result)) == lines(
        """
        if x < 0.0:
            y = np.sin(x * 0.0)
        elif x < 5.0:
            y = np.sin(x * 1.0)
        else:
            y = np.sin(x * 2.0)
        return y * y
        """
    )


def one_sided(test_fn: Any, kind: Any, limit: Any) -> str:
    x, n = Var(FLOAT, "x"), Var(kind, "n")
    body, side = Body(), Body()
    (out,) = floats("x")
    changed = side.op(o.mul, x, 2.0, name="x")
    body.branch(body.test(test_fn, n, limit), nothing(x), side.yields(changed), (out,))
    return body_of(body.function("f", (x, n), out)).splitlines()[0]


def test_an_empty_branch_turns_the_test_round():
    assert one_sided(o.eq, FLOAT, 0.0) == "if n != 0.0:"
    assert one_sided(o.lt, INT, 3) == "if n >= 3:"
    assert one_sided(o.lt, FLOAT, 3.0) == "if not n < 3.0:"


def test_ranges():
    n = integer("n")
    for limits, text in (((0, n, 1), "range(n)"), ((1, n, 1), "range(1, n)"), ((n, -1, -1), "range(n, -1, -1)")):
        body, inner = Body(), Body()
        i, total = integer("i"), Var(INT, "total")
        added = inner.op(o.add, total, i, name="total", kind=INT)
        (out,) = body.count(limits, (0,), inner.yields(True, added, params=(i, total)))
        assert f"for i in {text}:\n" in body_of(body.function("f", (n,), out))


def while_loop(head: Body, test: Any, params: tuple[Var, ...]) -> str:
    (x,) = floats("x")
    body, inner = Body(), Body()
    (y,) = floats("y")
    half = inner.op(o.mul, y, 0.5, name="y")
    (out,) = body.repeat((x,), inner.yields(True, half, params=(y,)), head.yields(test, params=params))
    return body_of(body.function("f", (x,), out))


def test_while():
    (y,) = floats("y")
    head = Body()
    test = head.test(o.gt, y, 1.0)
    assert while_loop(head, test, (y,)) == lines(
        """
        y = x
        while y > 1.0:
            y = y * 0.5
        return y
        """
    )


def test_while_whose_test_takes_statements():
    def peek(value: float) -> float:
        return value

    (y,) = floats("y")
    head = Body()
    test = head.test(o.gt, head.op(peek, y, name="seen"), 1.0)
    assert while_loop(head, test, (y,)) == lines(
        """
        y = x
        while True:
            seen = peek(y)
            if not seen > 1.0:
                break
            y = y * 0.5
        return y
        """
    )


def leaving(go_first: bool) -> Function:
    x, n = Var(FLOAT, "x"), integer("n")
    body, inner, leave, stay = Body(), Body(), Body(), Body()
    i, (y, out) = integer("i"), floats("y y")
    go = Var(BOOL)
    found = leave.op(np.exp, y, name="y")
    further = stay.op(np.sin, y, name="y")
    sides = (leave.yields(False, found), stay.yields(True, further))
    inner.branch(inner.test(o.gt, y, 3.0), *(sides if go_first else sides[::-1]), (go, out))
    (result,) = body.count((0, n, 1), (x,), inner.yields(go, out, params=(i, y)))
    return body.function("f", (x, n), result)


def test_break():
    assert body_of(leaving(True)) == lines(
        """
        y = x
        for _ in range(n):
            if y > 3.0:
                y = np.exp(y)
                break
            y = np.sin(y)
        return y
        """
    )
    assert "    if not y > 3.0:\n        y = np.exp(y)\n        break\n" in body_of(leaving(False))


def test_a_carried_go_is_read_before_it_changes():
    x, n = Var(FLOAT, "x"), integer("n")
    body, inner = Body(), Body()
    i, flag, total = integer("i"), Var(BOOL, "flag"), Var(FLOAT, "total")
    more = inner.op(o.add, total, x, name="total")
    _, out = body.count((0, n, 1), (True, 0.0), inner.yields(flag, False, more, params=(i, flag, total)))
    function = body.function("f", (x, n), out)
    assert load(emit(function), "f")(2.0, 5) == interpreter.run(function, 2.0, 5)[0] == 4.0


def test_conditional_expression_and_short_circuits():
    x, y = floats("x y")
    body = Body()
    positive = body.test(o.gt, x, 0.0)
    both, right = Var(BOOL), Body()
    second = right.test(o.lt, y, x)
    body.branch(positive, right.yields(second), nothing(positive), (both,))
    chosen, then = Var(FLOAT), Body()
    root = then.op(np.sqrt, x)
    body.branch(both, then.yields(root), nothing(0.0), (chosen,))
    function = body.function("f", (x, y), body.op(o.mul, chosen, 2.0))
    assert body_of(function) == "return (np.sqrt(x) if x > 0.0 and y < x else 0.0) * 2.0\n"


def test_or_of_a_negation():
    x = Var(FLOAT, "x")
    body, right = Body(), Body()
    test, out = body.test(o.eq, x, 0.0), Var(BOOL)
    second = right.test(o.gt, x, 1.0)
    body.branch(test, right.yields(second), nothing(True), (out,))
    assert body_of(body.function("f", (x,), out)) == "return x != 0.0 or x > 1.0\n"


def test_a_returning_branch():
    x, n = Var(FLOAT, "x"), integer("n")
    body, then, orelse = Body(), Body(), Body()
    i, y = integer("i"), Var(FLOAT, "y")
    inner = Body()
    more = inner.op(np.sin, y, name="y")
    (out,) = orelse.count((0, n, 1), (x,), inner.yields(True, more, params=(i, y)))
    result = orelse.op(o.mul, out, 2.0)
    value = Var(FLOAT)
    body.branch(body.test(o.lt, x, 0.0), then.yields(0.0), orelse.yields(result), (value,))
    assert body_of(body.function("f", (x, n), value)) == lines(
        """
        if x < 0.0:
            return 0.0
        y = x
        for _ in range(n):
            y = np.sin(y)
        return y * 2.0
        """
    )


def test_calls_print_callees_first_and_their_results_unpack():
    x, u = floats("x u")
    inner, body = Body(), Body()
    helper = inner.function("helper", (u,), inner.op(o.mul, u, 2.0), inner.op(o.add, u, 1.0))
    first, second = Var(FLOAT, "first"), Var(FLOAT)
    body.call(helper, x, outs=(first, second))
    text = emit(body.function("helper_grad", (x,), first))
    assert text == lines(
        """
        def helper(u):
            return u * 2.0, u + 1.0


        def helper_grad(x):
            first, _ = helper(x)
            return first
        """
    )


def test_comments_without_statements_go():
    (x,) = floats("x")
    body = Body()
    body.note("forward sweep")
    double = body.op(o.mul, x, x)
    body.note("reverse sweep")
    assert body_of(body.function("f", (x,), double)) == "# reverse sweep\nreturn x * x\n"


# Folding


def test_cheap_values_are_written_again():
    x, n = Var(FLOAT, "x"), integer("n")
    body = Body()
    last = body.op(o.sub, n, 1, kind=INT)
    double = body.op(o.mul, 2, x)
    product = body.op(o.mul, double, last, name="product")
    result = body.op(o.truediv, body.op(o.add, product, double), body.op(o.pow, product, last))
    assert body_of(body.function("f", (x, n), result)) == lines(
        """
        product = 2 * x * (n - 1)
        return (product + 2 * x) / product ** (n - 1)
        """
    )


def test_nothing_moves_into_a_loop():
    x, n = Var(FLOAT, "x"), integer("n")
    body, inner = Body(), Body()
    i, total = integer("i"), Var(FLOAT, "total")
    s = body.op(np.sin, x)
    (out,) = body.count(
        (0, n, 1), (0.0,), inner.yields(True, inner.op(o.add, total, s, name="total"), params=(i, total))
    )
    assert body_of(body.function("f", (x, n), out)).startswith("s = np.sin(x)\ntotal = 0.0\nfor")


def test_what_can_raise_does_not_move_past_an_effect():
    x = Var(FLOAT, "x")
    for fn, first in ((math.sqrt, "r = math.sqrt(x)"), (np.sqrt, "print(x)")):
        body = Body()
        root = body.op(fn, x)
        body.op(print, x, kind=Scalar("int"))
        assert body_of(body.function("f", (x,), root)).splitlines()[0] == first


def test_a_value_stays_where_its_operand_still_has_its_name():
    x, z = floats("x z")
    body = Body()
    product = body.op(o.mul, x, z)
    changed = body.op(np.sin, x, name="x")
    result = body.op(o.add, product, body.op(o.mul, changed, changed))
    assert body_of(body.function("f", (x, z), result)) == lines(
        """
        x_times_z = x * z
        x = np.sin(x)
        return x_times_z + x * x
        """
    )


def test_long_sums_get_a_name_only_where_the_line_ends():
    names = [f"quantity_{i}" for i in range(10)]
    variables = tuple(Var(FLOAT, name) for name in names)
    body = Body()
    total: Var = body.op(o.mul, variables[0], variables[0])
    for var in variables[1:-1]:
        total = body.op(o.add, total, body.op(o.mul, var, var))
    total = body.op(o.add, total, variables[-1], name="x_bar")
    text = body_of(body.function("f", variables, total))
    assert [line.split(" = ")[0] for line in text.splitlines()] == [*["x_bar"] * 4, "return x_bar"]
    assert text.splitlines()[1].startswith("x_bar = x_bar + quantity_")


def test_kwargs_and_formats():
    x = Var(FLOAT, "x")
    body = Body()
    message = body.op(str.format, "{:.3f}", x, kind=STRING)
    body.op(print, message, kind=STRING, end="")
    assert body_of(body.function("f", (x,), x)) == 'print("{:.3f}".format(x), end="")\nreturn x\n'


# Names


def test_swap():
    a, b, n = Var(FLOAT, "a"), Var(FLOAT, "b"), integer("n")
    body, inner = Body(), Body()
    i, (p, q) = integer("i"), floats("a b")
    outs = body.count((0, n, 1), (a, b), inner.yields(True, q, p, params=(i, p, q)))
    assert body_of(body.function("f", (a, b, n), *outs)) == lines(
        """
        for _ in range(n):
            a, b = b, a
        return a, b
        """
    )


def test_versions_of_a_variable_share_its_name_unless_both_are_alive():
    (x,) = floats("x")
    body = Body()
    two = body.op(np.sin, x, name="x")
    three = body.op(np.exp, two, name="x")
    result = body.op(o.mul, body.op(o.mul, two, three), three)
    assert body_of(body.function("f", (x,), result)) == lines(
        """
        x = np.sin(x)
        x_2 = np.exp(x)
        return x * x_2 * x_2
        """
    )


def test_kinds_do_not_share_a_name():
    n = integer("x")
    body = Body()
    real = body.op(float, n, name="x")
    result = body.op(o.mul, real, real)
    assert "x_2 = float(x)\n" in body_of(body.function("f", (n,), result))


def test_generated_names_step_aside():
    s, x = floats("s x")
    body = Body()
    stack_of_user = Var(FLOAT, "stack")
    sine = body.op(np.sin, x)
    stack = body.stack(FLOAT)
    body.push(stack, sine)
    back = Var(FLOAT)
    body.pop(stack, back)
    total = body.op(o.add, body.op(o.mul, sine, back), body.op(o.mul, s, stack_of_user))
    text = body_of(body.function("f", (s, x, stack_of_user), total))
    assert text.startswith("s_2 = np.sin(x)\nstack_2 = []\nstack_2.append(s_2)\n")


@pytest.mark.parametrize("name", ("np", "abs", "lambda", "None"))
def test_names_that_the_text_needs_are_not_taken(name: str):
    (x,) = floats("x")
    body = Body()
    own = body.op(np.sin, x, name=name)
    result = body.op(o.mul, own, body.op(abs, own))
    function = body.function("f", (x,), result)
    assert load(emit(function), "f")(-0.5) == pytest.approx(math.sin(-0.5) * math.sin(0.5))


def test_temporaries_are_called_after_what_they_hold():
    x, y = floats("x y")
    body = Body()
    parts = [
        body.op(np.cos, x),
        body.op(o.mul, x, y),
        body.op(o.mul, x, x),
        body.op(o.add, body.op(o.mul, x, y), body.op(o.truediv, x, y)),
        body.op(np.log, x),
        body.op(primitives.select, body.test(o.lt, x, y), x, y),
    ]
    text = body_of(body.function("f", (x, y), *parts, *parts))
    names = [line.split(" = ")[0] for line in text.splitlines() if " = " in line]
    assert names == ["c", "x_times_y", "x_squared", "partial_sum", "log_x", "value"]


# Values that are not there


def half_defined(pushed: bool) -> str:
    x, flag = Var(FLOAT, "x"), Var(BOOL, "flag")
    body, then, again = Body(), Body(), Body()
    y, z = floats("y z")
    root = then.op(np.sqrt, x, name="y")
    body.branch(flag, then.yields(root), nothing(UNDEF), (y,))
    if pushed:
        stack = body.stack(FLOAT)
        body.push(stack, y)
        kept = Var(FLOAT)
        body.pop(stack, kept)
    else:
        kept = y
    product = again.op(o.mul, kept, kept, name="z")
    body.branch(flag, again.yields(product), nothing(0.0), (z,))
    function = body.function("f", (x, flag), body.op(o.mul, z, z))
    assert load(emit(function), "f")(4.0, False) == 0.0
    return body_of(function)


def test_nothing_is_assigned_where_nothing_is_read():
    assert half_defined(False).startswith("if flag:\n    y = np.sqrt(x)\nif flag:\n")


def test_a_saved_value_has_to_be_there():
    assert half_defined(True).startswith("if flag:\n    y = np.sqrt(x)\nelse:\n    y = 0.0\nstack = []\n")


# The whole


def test_the_text_is_linear_in_the_program():
    x = Var(FLOAT, "x")
    body = Body()
    value = x
    for _ in range(20):
        then, orelse = Body(), Body()
        out = Var(FLOAT, "x")
        sides = (
            then.yields(then.op(np.sin, value, name="x")),
            orelse.yields(orelse.op(np.cos, value, name="x")),
        )
        body.branch(body.test(o.gt, value, 0.0), *sides, (out,))
        value = out
    text = body_of(body.function("f", (x,), value))
    assert len(text.splitlines()) == 20 * 4 + 1


def test_unused_literal_results():
    assert body_of(Function("f", (), Block((), (), (Lit(1.0), Lit(-2))))) == "return 1.0, -2\n"
