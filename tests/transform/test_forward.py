"""Forward mode, one construct of the IR at a time: its tangents are known, or checked by central differences."""

from __future__ import annotations

import math
import operator

import numpy as np
import pytest

import ast_ad.rules  # noqa: F401 - fills the table
from ast_ad.errors import MissingRuleError
from ast_ad.ir.check import check
from ast_ad.ir.kinds import BOOL, FLOAT, INT, Scalar, Stack
from ast_ad.ir.nodes import UNDEF, Call, Function, Lit, Loop, Note, Op, Push, Raise, Var, functions
from ast_ad.ir.primitives import imag
from ast_ad.transform.forward import forward
from tests.interpreter import run
from tests.writing import Writer, statements


def xyn() -> tuple[Var, Var, Var]:
    return Var(FLOAT, "x"), Var(FLOAT, "y"), Var(INT, "n")


def tangents(function: Function, *args, wrt=(0,), dots=(1.0,)) -> tuple:
    """Return the tangents of the results, after comparing the values with the primal's."""
    results = run(check(forward(function, wrt, name="jvp"), "forward"), *args, *dots)
    count = len(function.results)
    assert results[:count] == run(function, *args)
    assert len(results) == 2 * count
    return results[count:]


def differences(function: Function, *args, wrt=(0,), dots=(1.0,)) -> list[float]:
    def moved(step: float) -> tuple:
        point = list(args)
        for i, dot in zip(wrt, dots):
            point[i] += step * dot
        return run(function, *point)

    return [(ahead - behind) / 2e-6 for ahead, behind in zip(moved(1e-6), moved(-1e-6))]


def agrees(function: Function, *args, wrt=(0, 1), dots=(0.6, -0.8)) -> None:
    found = tangents(function, *args, wrt=wrt, dots=dots)
    assert np.allclose(found, differences(function, *args, wrt=wrt, dots=dots), rtol=1e-6, atol=1e-7), found


def test_names_and_parameters():
    x, y, n = xyn()
    f = Writer(x, y, n)
    jvp = forward(f.returning(f(operator.mul, x, y, name="z")), (1, 0), name="product_jvp")
    assert jvp.name == "product_jvp"
    assert [param.name for param in jvp.params] == ["x", "y", "n", "y_dot", "x_dot"]
    assert [result.name for result in jvp.results] == ["z", "z_dot"]


def test_a_straight_line():
    x, y, _ = xyn()
    f = Writer(x, y)
    agrees(f.returning(f(operator.mul, f(np.sin, x), f(operator.truediv, y, x))), 0.7, 1.3)


def test_each_parameter_alone():
    x, y, _ = xyn()
    f = Writer(x, y)
    function = f.returning(f(operator.mul, x, y))
    assert tangents(function, 3.0, 4.0, wrt=(0,)) == (4.0,)
    assert tangents(function, 3.0, 4.0, wrt=(1,), dots=(2.0,)) == (6.0,)


def test_results_that_do_not_vary_have_the_tangent_zero():
    x, y, n = xyn()
    f = Writer(x, y, n)
    function = f.returning(f(operator.mul, 2.0, y), n, 3.0, x, f(operator.gt, x, y))
    assert tangents(function, 1.0, 2.0, 3, dots=(5.0,)) == (0.0, 0.0, 0.0, 5.0, 0.0)


def test_what_does_not_vary_is_left_alone():
    x, y, _ = xyn()
    f = Writer(x, y)
    other = f(np.exp, y)
    jvp = forward(f.returning(f(operator.mul, x, other)), (0,), name="jvp")
    assert [op.fn for op in statements(jvp, Op)] == [np.exp, operator.mul, operator.mul]


@pytest.mark.parametrize("x0", [0.7, -0.7])
def test_a_branch(x0):
    x, y, _ = xyn()
    f = Writer(x, y)
    there = lambda: (f(operator.mul, x, x), y, UNDEF)  # noqa: E731
    a, b, _ = f.if_(f(operator.gt, x, 0.0), there, lambda: (y, 2.0, x), [FLOAT] * 3)
    agrees(f.returning(a, b), x0, 1.3)


@pytest.mark.parametrize("n0", [0, 1, 4])
def test_a_counted_loop(n0):
    x, y, n = xyn()
    f = Writer(x, y, n)
    body = lambda i, a, b: (b, f(operator.mul, a, f(np.sin, f(operator.mul, b, i))))  # noqa: E731
    agrees(f.returning(*f.for_((0, n, 1), (x, y), body)), 0.7, 1.3, n0)


def test_a_loop_that_ends_early():
    x, y, n = xyn()
    f = Writer(x, y, n)
    body = lambda i, s: (f(operator.lt, i, 2), f(operator.mul, s, y))  # noqa: E731
    agrees(f.returning(*f.for_((0, n, 1), (x,), body, go=True)), 0.7, 1.3, 9)


def test_a_while_loop_takes_the_tangents_through_its_test():
    x, y, n = xyn()
    f = Writer(x, y, n)

    def body(s: Var, k: Var) -> tuple[Var, Var]:
        return f(np.cos, f(operator.mul, s, y)), f(operator.sub, k, 1)

    function = f.returning(*f.while_((x, n), lambda s, k: (f(operator.gt, k, 0),), body)[:1])
    agrees(function, 0.7, 1.3, 4)
    (loop,) = statements(forward(function, (0,), name="jvp"), Loop)
    assert len(loop.test.params) == len(loop.carried) == 3


@pytest.mark.parametrize("n0", [0, 3])
def test_a_carried_value_that_starts_undefined(n0):
    x, y, n = xyn()
    f = Writer(x, y, n)
    bound, last = f.for_((0, n, 1), (False, UNDEF), lambda i, b, s: (True, f(operator.mul, x, i)), [BOOL, FLOAT])
    agrees(f.returning(*f.if_(bound, lambda: (f(np.sin, last),), lambda: (y,))), 0.7, 1.3, n0)


def test_a_stack_holds_the_tangents_of_what_varies():
    x, y, n = xyn()
    f = Writer(x, y, n)
    stack = f.stack(FLOAT, INT, FLOAT)

    def ahead(i: Var, s: Var) -> tuple[Var]:
        f.push(stack, y, i, s)
        return (f(np.sin, s),)

    def back(j: Var, t: Var) -> tuple[Var]:
        a, i, b = f.pop(stack)
        return (f(operator.add, f(operator.mul, t, b), f(operator.mul, a, i)),)

    (s,) = f.for_((0, n, 1), (x,), ahead)
    function = f.returning(*f.for_((0, n, 1), (s,), back))
    jvp = forward(function, (0,), name="jvp")
    assert [push.stack.kind for push in statements(jvp, Push)] == [Stack((FLOAT, INT, FLOAT, FLOAT))]
    agrees(function, 0.7, 1.3, 4)


def test_a_constant_that_is_pushed_where_others_vary():
    x, _y, n = xyn()
    f = Writer(x, n)
    stack = f.stack(FLOAT)

    def body(i: Var, s: Var) -> tuple[Var]:
        (value,) = f.if_(f(operator.gt, i, 1), lambda: (x,), lambda: (2.0,))
        f.push(stack, value)
        return (f(operator.mul, s, value),)

    f.for_((0, n, 1), (x,), body)
    (out,) = f.for_((0, n, 1), (1.0,), lambda i, t: (f(operator.mul, t, *f.pop(stack)),))
    agrees(f.returning(out), 0.7, 4, wrt=(0,), dots=(1.0,))


@pytest.mark.parametrize("n0", [0, 1])
def test_a_stack_from_either_side_of_a_branch(n0):
    """One of them is empty; they are of one kind all the same."""
    x, _y, n = xyn()
    f = Writer(x, n)
    test = f(operator.gt, n, 0)

    def there() -> tuple[Var]:
        stack = f.stack(FLOAT)
        f.push(stack, x)
        return (stack,)

    (stack,) = f.if_(test, there, lambda: (f.stack(FLOAT),), [Stack((FLOAT,))])
    (out,) = f.if_(test, lambda: (f(np.sin, *f.pop(stack)),), lambda: (x,))
    agrees(f.returning(out), 0.7, n0, wrt=(0,), dots=(1.0,))


def test_a_stack_on_a_stack():
    x, _, _ = xyn()
    f = Writer(x)
    inner, outer = f.stack(FLOAT), f.stack(Stack((FLOAT,)))
    f.push(inner, f(operator.mul, x, x))
    f.push(outer, inner)
    (again,) = f.pop(outer)
    agrees(f.returning(*f.pop(again)), 0.7, wrt=(0,), dots=(1.0,))


def helper() -> Function:
    x, y, n = xyn()
    g = Writer(x, y, n)
    (s,) = g.for_((0, n, 1), (x,), lambda i, s: (g(np.sin, g(operator.mul, s, y)),))
    return g.returning(s, n, g(operator.mul, y, y), name="g")


def test_calls():
    x, y, n = xyn()
    f, g = Writer(x, y, n), helper()
    a, k, b = f.call(g, (x, y, n))
    c, _, d = f.call(g, (b, a, k))
    e, _, _ = f.call(g, (Lit(0.5), y, n))
    agrees(f.returning(c, d, e), 0.7, 1.3, 3)


def test_a_callee_has_tangents_of_what_varies_only():
    x, y, n = xyn()
    f = Writer(x, y, n)
    function = f.returning(*f.call(helper(), (x, y, n)))
    called = functions(forward(function, (0,), name="jvp"))[0]
    assert [param.name for param in called.params] == ["x", "y", "n", "x_dot"]
    assert len(called.results) == 4


def test_calls_that_are_alike_share_one_function():
    x, y, n = xyn()
    f, g = Writer(x, y, n), helper()
    a, _, _ = f.call(g, (x, y, n))
    b, _, _ = f.call(g, (a, y, n))
    c, _, _ = f.call(g, (b, x, n))
    calls = statements(forward(f.returning(c), (0,), name="jvp"), Call)
    assert calls[0].function is calls[1].function
    assert calls[0].function is not calls[2].function


def test_raises_stay_and_notes_go():
    x, y, _ = xyn()
    f = Writer(x, y)
    f.append(Note("reverse sweep"))
    f.if_(f(operator.gt, x, 1.0), lambda: (f.fail(ValueError, (Lit("large"),)), ())[1], lambda: (), [])
    function = f.returning(f(operator.mul, x, y))
    jvp = forward(function, (0,), name="jvp")
    assert not statements(jvp, Note) and len(statements(jvp, Raise)) == 1
    with pytest.raises(ValueError, match="large"):
        run(jvp, 2.0, 1.0, 1.0)
    agrees(function, 0.5, 1.3)


def test_a_function_without_a_rule():
    x, y, _ = xyn()
    f = Writer(x, y)
    factor = f.op(strange, (y,), kind=FLOAT)
    function = f.returning(f(operator.mul, x, factor))
    assert tangents(function, 2.0, 3.0) == (3.0,)
    with pytest.raises(MissingRuleError, match="strange"):
        forward(function, (1,), name="jvp")


def strange(x: float) -> float:
    """A function without a rule."""
    return x


def test_inactive_functions():
    x, y, _ = xyn()
    f = Writer(x, y)
    assert tangents(f.returning(f(operator.mul, f(np.floor, x), y)), 2.5, 3.0) == (0.0,)


def test_complex_numbers_on_the_way():
    x, y, _ = xyn()
    f = Writer(x, y)
    z = f(np.exp, f(operator.add, x, f(operator.mul, 1j, y)))
    agrees(f.returning(f(imag, f(operator.mul, z, z)), f(abs, z)), 0.3, 0.4)


def test_single_precision_stays_single():
    x = Var(Scalar("float32", numpy=True), "x")
    f = Writer(x)
    (dot,) = tangents(
        f.returning(f(operator.mul, f(np.sin, x), np.float32(2.0))), np.float32(0.7), dots=(np.float32(1.0),)
    )
    assert isinstance(dot, np.float32) and abs(dot - 2 * math.cos(0.7)) < 1e-6


def test_the_primal_is_computed_once():
    x, _y, n = xyn()
    f = Writer(x, n)
    (out,) = f.for_((0, n, 1), (x,), lambda i, s: (f(np.tanh, s),))
    jvp = forward(f.returning(out), (0,), name="jvp")
    assert [op.fn for op in statements(jvp, Op)].count(np.tanh) == 1
