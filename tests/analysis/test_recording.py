"""What the forward sweep saves, and what the reverse sweep computes again."""

from __future__ import annotations

import math
import operator

import numpy as np

import ast_ad
import ast_ad.testing
from ast_ad.ir.check import check
from ast_ad.ir.kinds import FLOAT, INT
from ast_ad.ir.nodes import Call, Function, If, Loop, Op, Pop, Push, Var, functions
from ast_ad.transform.reverse import reverse
from tests.writing import Writer, statements


def xyn() -> tuple[Var, Var, Var]:
    return Var(FLOAT, "x"), Var(FLOAT, "y"), Var(INT, "n")


def derivative(function: Function, *wrt: int) -> Function:
    return check(reverse(function, wrt or (0,), name="grad"), "reverse")


def saved(function: Function) -> list[list[str]]:
    """Return the names of what each push of a derivative saves."""
    return [[var.name for var in push.values] for push in statements(function, Push)]


def again(function: Function) -> list[str]:
    """Return the names of the functions that the reversed loop calls before it does anything else."""
    loop = statements(function, Loop)[-1]
    return [s.fn.__name__ for s in statements(Function("", (), loop.body), Op)]


def series() -> Function:
    """Golden pair 3."""
    x, _, n = xyn()
    f = Writer(x, n)

    def body(i: Var, total: Var, term: Var) -> tuple[Var, Var]:
        there = lambda: (f(operator.mul, term, f(np.sin, x, name="s")),)  # noqa: E731
        (after,) = f.if_(f(operator.gt, term, 0.5), there, lambda: (f(operator.add, term, x),), name="term")
        return f(operator.add, total, after, name="total"), after

    return f.returning(f.for_((0, n, 1), (0.0, 1.0), body, names=("total", "term"))[0])


def newton() -> Function:
    """Golden pair 4."""
    a, tol = Var(FLOAT, "a"), Var(FLOAT, "tol")
    f = Writer(a, tol)

    def body(x: Var) -> tuple[Var, Var]:
        numerator = f(operator.sub, f(operator.mul, x, x), a)
        step = f(operator.truediv, numerator, f(operator.mul, 2, x), name="step")
        after = f(operator.sub, x, step, name="x")
        return f(operator.not_, f(operator.lt, f(abs, step), tol)), after

    return f.returning(*f.while_((a,), lambda x: (True,), body, names=("x",), go=True))


def test_straight_lines_have_no_stack():
    x, y, n = xyn()
    f = Writer(x, y, n)
    grad = derivative(f.returning(f(np.sin, f(operator.mul, f(np.exp, x), y))), 0, 1)
    assert not statements(grad, Push)
    assert [op.fn for op in statements(grad, Op)].count(np.exp) == 1


def test_golden_pair_3_saves_the_term():
    assert saved(derivative(series())) == [["term"]]


def test_golden_pair_4_saves_x():
    assert saved(derivative(newton())) == [["x"]]


def test_a_function_whose_argument_does_not_change_in_the_loop_is_computed_again():
    x, _, n = xyn()
    f = Writer(x, n)
    (out,) = f.for_((0, n, 1), (1.0,), lambda i, s: (f(operator.mul, s, f(np.sin, x)),), names=["s"])
    grad = derivative(f.returning(out))
    assert saved(grad) == [["s"]]
    assert "sin" in again(grad)


def test_a_function_of_what_changes_is_saved():
    x, _, n = xyn()
    f = Writer(x, n)
    (out,) = f.for_((0, n, 1), (x,), lambda i, s: (f(np.tanh, s, name="h"),), names=["s"])
    grad = derivative(f.returning(out))
    assert saved(grad) == [["h"]]
    assert "tanh" not in again(grad)


def test_a_function_of_the_index_is_saved():
    x, _, n = xyn()
    f = Writer(x, n)
    (out,) = f.for_((0, n, 1), (x,), lambda i, s: (f(operator.mul, s, f(math.sin, i, name="h")),), names=["s"])
    assert saved(derivative(f.returning(out))) == [["h"]]


def test_a_test_is_computed_again():
    grad = derivative(series())
    assert "gt" in again(grad)


def test_nothing_is_saved_where_nothing_is_needed():
    x, _, n = xyn()
    f = Writer(x, n)
    (out,) = f.for_((0, n, 1), (0.0,), lambda i, s: (f(operator.add, s, f(operator.mul, x, i)),))
    assert saved(derivative(f.returning(out))) == []


def test_roots_are_saved_where_they_are_fewer_than_what_follows_from_them():
    """a, b -> a + b, a - b, a * b, all needed: two numbers and not three."""
    x, _, n = xyn()
    f = Writer(x, n)

    def body(i: Var, a: Var, b: Var) -> tuple[Var, Var]:
        uses = [f(np.sin, f(fn, a, b, name="use")) for fn in (operator.add, operator.sub, operator.mul)]
        return f(operator.add, uses[0], uses[1]), f(operator.add, uses[1], uses[2])

    grad = derivative(f.returning(*f.for_((0, n, 1), (x, x), body, names=("a", "b"))))
    assert saved(grad) == [["a", "b"]]


def test_one_result_is_saved_where_it_has_many_roots():
    """a, b, c -> a + b + c, needed alone: one number and not three."""
    x, _, n = xyn()
    f = Writer(x, n)

    def body(i: Var, a: Var, b: Var, c: Var) -> tuple[Var, Var, Var]:
        total = f(operator.add, f(operator.add, a, b), c, name="total")
        return f(operator.mul, f(operator.mul, total, total), 0.5), a, b

    grad = derivative(f.returning(*f.for_((0, n, 1), (x, x, x), body, names=("a", "b", "c"))))
    assert saved(grad) == [["total"]]


def test_a_greedy_choice_would_save_more():
    """u = a + b, v = a - b and b are needed.  To replace u alone by its roots does not pay, nor v alone; both does."""
    x, _, n = xyn()
    f = Writer(x, n)

    def body(i: Var, a: Var, b: Var) -> tuple[Var, Var]:
        u, v = f(operator.add, a, b, name="u"), f(operator.sub, a, b, name="v")
        squares = f(operator.mul, f(operator.mul, u, u), f(operator.mul, v, v))
        return f(operator.mul, squares, 0.1), f(np.sin, b, name="b")

    grad = derivative(f.returning(*f.for_((0, n, 1), (x, x), body, names=("a", "b"))))
    assert saved(grad) == [["a", "b"]]


def test_two_numbers_an_outer_iteration_are_less_than_one_an_inner_iteration():
    x, _, n = xyn()
    f = Writer(x, n)

    def outer(i: Var, a: Var, b: Var) -> tuple[Var, Var]:
        def inner(j: Var, t: Var) -> tuple[Var]:
            u = f(operator.add, a, b, name="u")
            return (f(operator.add, t, f(operator.mul, u, u)),)

        (t,) = f.for_((0, n, 1), (0.0,), inner)
        return t, a

    grad = derivative(f.returning(*f.for_((0, n, 1), (x, x), outer, names=("a", "b"))))
    assert saved(grad) == [["a", "b"]]


def test_outside_of_loops_a_branch_saves_in_an_out():
    x, y, n = xyn()
    f = Writer(x, y, n)

    def there() -> tuple[Var]:
        return (f(operator.mul, f(np.exp, x, name="e"), f(np.sin, y, name="s")),)

    grad = derivative(f.returning(*f.if_(f(operator.gt, n, 0), there, lambda: (x,))), 0, 1)
    ahead = statements(grad, If)[0]
    assert not statements(grad, Push)
    assert [out.name for out in ahead.outs[1:]] == ["e", "s"]
    assert [op.fn for op in statements(grad, Op)].count(np.exp) == 1


def test_a_branch_in_a_branch():
    x, y, n = xyn()
    f = Writer(x, y, n)

    def inner() -> tuple[Var]:
        return (f(np.exp, x, name="e"),)

    def outer() -> tuple[Var]:
        return tuple(f.if_(f(operator.gt, n, 1), inner, lambda: (x,)))

    grad = derivative(f.returning(*f.if_(f(operator.gt, n, 0), outer, lambda: (y,))), 0, 1)
    assert not statements(grad, Push)
    assert [op.fn for op in statements(grad, Op)].count(np.exp) == 1


def test_a_branch_in_a_loop_has_a_stack_of_its_own():
    x, _, n = xyn()
    f = Writer(x, n)

    def there(s: Var) -> tuple[Var]:
        return (f(operator.mul, s, f(np.exp, s, name="e")),)

    def body(i: Var, s: Var) -> list[Var]:
        return f.if_(f(operator.gt, i, 1), lambda: there(s), lambda: (f(operator.mul, 0.5, s),))

    grad = derivative(f.returning(*f.for_((0, n, 1), (x,), body, names=["s"])))
    assert sorted(saved(grad)) == [["e"], ["s"]]
    assert len(statements(grad, Pop)) == 2


def test_an_inner_count_is_saved_with_the_outer_iteration():
    """How often the inner loop runs depends on the outer one's state."""
    x, _, n = xyn()
    f = Writer(x, n)

    def outer(i: Var, s: Var) -> list[Var]:
        def inner(t: Var) -> tuple[Var]:
            return (f(operator.mul, t, 0.5),)

        return f.while_((f(operator.mul, s, 3.0),), lambda t: (f(operator.gt, t, 1.0),), inner)

    grad = derivative(f.returning(*f.for_((0, n, 1), (x,), outer, names=["s"])))
    assert saved(grad) == [["count"]]


def test_the_count_of_an_outer_while_loop_is_not_pushed():
    assert not any("count" in values for values in saved(derivative(newton())))


def test_an_inner_range_is_computed_again():
    x, _, n = xyn()
    f = Writer(x, n)

    def outer(i: Var, s: Var) -> list[Var]:
        length = f(operator.add, i, 1, name="length")
        return f.for_((0, length, 1), (s,), lambda j, t: (f(operator.mul, t, 1.5),))

    assert saved(derivative(f.returning(*f.for_((0, n, 1), (x,), outer)))) == []


def test_what_draws_is_saved_and_not_drawn_again():
    x, _, n = xyn()
    f = Writer(x, n)

    def body(i: Var, s: Var) -> tuple[Var]:
        return (f(operator.mul, s, f.op(drawn, (), kind=FLOAT, name="noise")),)

    grad = derivative(f.returning(*f.for_((0, n, 1), (x,), body, names=["s"])))
    assert saved(grad) == [["noise"]]
    assert [op.fn for op in statements(grad, Op)].count(drawn) == 1


def drawn() -> float:
    """A function without a rule: it may draw random numbers."""
    return 0.5


def test_parameters_are_never_saved():
    x, y, n = xyn()
    f = Writer(x, y, n)
    (out,) = f.for_((0, n, 1), (0.0,), lambda i, s: (f(operator.add, s, f(operator.mul, x, y)),))
    assert saved(derivative(f.returning(out), 0, 1)) == []


def test_a_function_that_is_called_hands_over_what_is_cheapest():
    """The parameters are passed again; of the values at the top, what is expensive travels."""
    x, y, n = xyn()
    g = Writer(x, y)
    e = g(np.exp, x, name="e")
    callee = g.returning(g(operator.mul, e, g(operator.mul, e, y, name="product")), name="g")
    f = Writer(n, z := Var(FLOAT, "z"))
    grad = derivative(f.returning(*f.call(callee, (z, z))), 1)
    ahead, backward = functions(grad)[:2]
    assert (ahead.name, backward.name) == ("g_forward", "g_reverse")
    assert [result.name for result in ahead.results[1:]] == ["e"]
    assert [param.name for param in backward.params] == ["y", "e", "out_bar"]
    assert len(statements(grad, Call)) == 2


def test_what_is_true_is_found_out_again_also_by_and_and_or():
    def inner_points(u):
        n, m = u.shape
        total = 0.0
        for i in range(n):
            for j in range(m):
                if i == 0 or j == 0 or not (u[i, j] > 0.1 and u[i, j - 1] < 2.0):
                    continue
                total += (u[i, j] - u[i - 1, j]) ** 2
        return total

    u = np.arange(12.0).reshape(3, 4) ** 1.5 / 9
    ast_ad.testing.check_grads(inner_points)(u)
    gradient = ast_ad.grad(inner_points)
    gradient(u)
    assert "stack" not in gradient.source
    assert "if not (i == 0 or j == 0 or not (u[i, j] > 0.1 and u[i, j - 1] < 2.0)):" in gradient.source
