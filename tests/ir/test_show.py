"""IR as text."""

from __future__ import annotations

import operator

import numpy as np

from ast_ad.ir.kinds import BOOL, FLOAT, INT, Stack
from ast_ad.ir.nodes import UNDEF, Block, Call, Function, If, Lit, Loop, Note, Op, Pop, Push, Raise, Statement, Var
from ast_ad.ir.primitives import new_stack
from ast_ad.ir.show import statement_text, text


def lines(*statements: Statement, params: tuple[Var, ...] = (), results: tuple = ()) -> list[str]:
    return text(Function("f", params, Block((), statements, results))).splitlines()


def test_a_function_with_a_branch():
    x, test, y, out = Var(FLOAT, "x"), Var(BOOL), Var(FLOAT, "y"), Var(FLOAT, "y")
    there = Block((), (Op((y,), np.sin, (x,)),), (y,))
    branch = If((out,), test, there, Block((), (), (UNDEF,)))
    shown = lines(Op((test,), operator.gt, (x, Lit(0.5))), branch, params=(x,), results=(out, Lit(2)))
    assert shown == [
        "def f(x: float):",
        "    %0: bool = operator.gt(x, 0.5)",
        "    y: float = if %0:",
        "        y.1: float = np.sin(x)",
        "        yield y.1",
        "    else:",
        "        yield UNDEF",
        "    return y, 2",
    ]


def test_versions_of_one_name_are_told_apart():
    versions = [Var(FLOAT, "x") for _ in range(3)]
    assert lines(params=tuple(versions), results=tuple(versions)) == [
        "def f(x: float, x.1: float, x.2: float):",
        "    return x, x.1, x.2",
    ]


def test_a_counted_loop():
    n, i, s, after, out = Var(INT, "n"), Var(INT, "i"), Var(FLOAT, "s"), Var(FLOAT, "s"), Var(FLOAT, "s")
    body = Block((i, s), (Op((after,), operator.add, (s, i)),), (Lit(True), after))
    assert lines(Loop((out,), (Lit(0.0),), body, (Lit(0), n, Lit(1))), params=(n,))[1:] == [
        "    s.1: float = for i in range(0, n, 1) carrying (s: float = 0.0):",
        "        s.2: float = operator.add(s, i)",
        "        yield True, s.2",
        "    return ",
    ]


def test_a_while_loop():
    s, tested, on = Var(FLOAT, "s"), Var(FLOAT, "s"), Var(BOOL)
    test = Block((tested,), (Op((on,), operator.lt, (tested, Lit(3.0))),), (on,))
    shown = lines(Loop((Var(FLOAT, "s"),), (Lit(1.0),), Block((s,), (), (Lit(True), s)), test=test))
    assert shown[1:-1] == [
        "    s.1: float = while carrying (s: float = 1.0):",
        "      test(s.2):",
        "        %0: bool = operator.lt(s.2, 3.0)",
        "        yield %0",
        "      do:",
        "        yield True, s",
    ]


def test_stacks_calls_raises_notes_and_keywords():
    x, stack, y = Var(FLOAT, "x"), Var(Stack((FLOAT,)), "stack"), Var(FLOAT, "y")
    p = Var(FLOAT, "p")
    callee = Function("g", (p,), Block((), (), (p,)))
    shown = lines(
        Op((stack,), new_stack, ()),
        Push(stack, (x,)),
        Pop((y,), stack),
        Call((Var(FLOAT, "z"),), callee, (y,)),
        Op((Var(FLOAT),), round, (x,), (("ndigits", Lit(2)),)),
        Op((), print, (Lit("text"),)),
        Note("reverse sweep"),
        Raise(ValueError, (x,)),
        params=(x,),
    )
    assert shown == [
        "def g(p: float):",
        "    return p",
        "",
        "def f(x: float):",
        "    stack: stack[float] = new_stack()",
        "    push stack <- x",
        "    y: float = pop stack",
        "    z: float = call g(y)",
        "    %0: float = round(x, ndigits=2)",
        "    print('text')",
        "    # reverse sweep",
        "    raise ValueError(x)",
        "    return ",
    ]


def test_one_statement_in_one_line_for_messages():
    x, n = Var(FLOAT, "x"), Var(INT, "n")
    assert statement_text(Op((x,), abs, (n,))) == "x: float = abs(n)"
    loop = Loop((), (), Block((Var(INT, "i"),), (), (Lit(True),)), (Lit(0), n, Lit(1)))
    assert statement_text(loop) == "for i in range(0, n, 1) carrying ():"
