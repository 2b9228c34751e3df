"""Reverse mode of calls: a forward and a reverse function each, shared, nested, and of what some results are unused."""

from __future__ import annotations

import operator

import numpy as np
import pytest

from ast_ad.ir.check import check
from ast_ad.ir.kinds import FLOAT, INT, Stack
from ast_ad.ir.nodes import (
    Call,
    Function,
    Lit,
    Push,
    Var,
    functions,
)
from ast_ad.transform.reverse import reverse
from tests.agreement import agree
from tests.interpreter import run
from tests.writing import Writer, statements


def xyn() -> tuple[Var, Var, Var]:
    return Var(FLOAT, "x"), Var(FLOAT, "y"), Var(INT, "n")


def gradient(function: Function, *args, wrt=(0,), seeds=(1.0,)) -> tuple:
    return run(check(reverse(function, wrt, name="grad"), "reverse"), *args, *seeds)


def power() -> Function:
    """`x ** (n + 1)`, by a loop, and `sin(y)`."""
    x, y, n = xyn()
    g = Writer(x, y, n)
    (out,) = g.for_((0, n, 1), (x,), lambda i, s: (g(operator.mul, s, x),))
    return g.returning(out, g(np.sin, y), name="power")


def test_a_call():
    x, y, n = xyn()
    f = Writer(x, y, n)
    a, b = f.call(power(), (f(operator.mul, x, y), x, n))
    agree(f.returning(f(operator.mul, a, b)), 0.7, 1.3, 3)


def test_a_call_of_which_one_result_is_used():
    x, y, n = xyn()
    f = Writer(x, y, n)
    a, _ = f.call(power(), (x, y, n))
    function = f.returning(a)
    grad = reverse(function, (0, 1), name="grad")
    backward = next(each for each in functions(grad) if each.name == "power_reverse")
    assert len(backward.results) == 1
    agree(function, 0.7, 1.3, 3)


def test_a_call_whose_results_are_not_used_is_not_reversed():
    x, y, n = xyn()
    f = Writer(x, y, n)
    f.call(power(), (x, y, n))
    grad = reverse(f.returning(f(np.sin, x)), (0,), name="grad")
    assert [call.function.name for call in statements(grad, Call)] == ["power"]


def test_calls_that_are_alike_share_their_sweeps():
    x, y, n = xyn()
    f, g = Writer(x, y, n), power()
    a, b = f.call(g, (x, y, n))
    c, d = f.call(g, (b, a, n))
    grad = reverse(f.returning(c, d), (0, 1), name="grad")
    assert [each.name for each in functions(grad)].count("power_forward") == 1
    agree(f.returning(c, d), 0.7, 1.3, 3)


def test_an_argument_that_is_passed_twice_and_a_constant():
    x, _y, n = xyn()
    f, g = Writer(x, n), power()
    a, b = f.call(g, (x, x, n))
    c, d = f.call(g, (Lit(0.5), a, Lit(2)))
    agree(f.returning(f(operator.mul, b, f(operator.mul, c, d))), 0.7, 3)


def test_calls_in_loops_save_stacks_on_stacks():
    x, y, n = xyn()
    f, g = Writer(x, y, n), power()

    def body(i: Var, s: Var) -> tuple[Var]:
        a, b = f.call(g, (f(np.sin, s), y, i))
        return (f(operator.mul, f(operator.add, a, b), y),)

    function = f.returning(*f.for_((0, n, 1), (x,), body))
    grad = reverse(function, (0, 1), name="grad")
    kinds = [kind for push in statements(grad, Push) for kind in push.stack.kind.items]
    assert Stack((FLOAT,)) in kinds
    agree(function, 0.4, 0.6, 3)


@pytest.mark.parametrize("n0", [0, 3])
def test_calls_in_branches(n0):
    x, y, n = xyn()
    f, g = Writer(x, y, n), power()
    (out,) = f.if_(f(operator.gt, n, 1), lambda: f.call(g, (x, y, n))[:1], lambda: (f(operator.mul, x, y),))
    agree(f.returning(f(operator.mul, out, out)), 0.4, 0.6, n0)


@pytest.mark.parametrize("x0", [0.7, -0.7])
def test_a_callee_that_saves_on_one_side_of_a_branch(x0):
    """It returns what it saved whichever way it went."""
    x, y, _n = xyn()
    g = Writer(x, y)

    def there() -> tuple[Var]:
        (e,) = g.for_((0, 3, 1), (x,), lambda i, s: (g(np.sin, g(operator.mul, s, s)),))
        return (g(operator.mul, g(np.exp, x), e),)

    callee = g.returning(*g.if_(g(operator.gt, x, 0.0), there, lambda: (y,)), name="g")
    f = Writer(x2 := Var(FLOAT, "x"), y2 := Var(FLOAT, "y"))
    (a,) = f.call(callee, (x2, y2))
    agree(f.returning(f(operator.mul, a, x2)), x0, 1.3)


@pytest.mark.parametrize("x0", [0.7, -0.7])
def test_a_callee_that_calls_on_one_side_of_a_branch(x0):
    """At second order its reverse sweep returns the adjoint of a stack that it popped on one side only."""
    x, y, n = xyn()
    g = Writer(x, y, n)
    (s,) = g.for_((0, n, 1), (x,), lambda i, s: (g(np.sin, g(operator.mul, s, y)),))
    inner = g.returning(s, name="inner")
    h = Writer(p := Var(FLOAT, "p"), q := Var(FLOAT, "q"))
    outer = h.returning(
        *h.if_(h(operator.gt, p, 0.0), lambda: h.call(inner, (p, q, Lit(3))), lambda: (q,)), name="outer"
    )
    f = Writer(a := Var(FLOAT, "a"), b := Var(FLOAT, "b"))
    (c,) = f.call(outer, (a, b))
    (d,) = f.call(outer, (c, b))
    agree(f.returning(d), x0, 1.3)


def test_calls_within_callees():
    x, y, n = xyn()
    g = Writer(x, y, n)

    def body(i: Var, s: Var) -> tuple[Var]:
        return (g.call(power(), (s, y, i))[0],)

    middle = g.returning(*g.for_((0, n, 1), (x,), body), name="middle")
    f = Writer(p := Var(FLOAT, "p"), q := Var(FLOAT, "q"), m := Var(INT, "m"))
    (a,) = f.call(middle, (p, q, m))
    (b,) = f.call(middle, (a, p, m))
    agree(f.returning(b), 0.8, 0.6, 2)
