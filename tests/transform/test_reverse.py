"""Reverse mode, one construct of the IR at a time: against forward mode, central differences, and itself nested."""

from __future__ import annotations

import math
import operator

import numpy as np
import pytest

import ast_ad.rules  # fills the table
from ast_ad.errors import MissingRuleError
from ast_ad.ir.check import check
from ast_ad.ir.kinds import BOOL, COMPLEX, FLOAT, INT, UNKNOWN, Scalar, Stack
from ast_ad.ir.nodes import (
    UNDEF,
    Function,
    If,
    Lit,
    Loop,
    Note,
    Op,
    Operand,
    Pop,
    Push,
    Raise,
    Var,
    walk,
)
from ast_ad.ir.primitives import imag, real
from ast_ad.ir.show import text
from ast_ad.transform.reverse import reverse
from ast_ad.transform.simplify import simplify
from tests.agreement import agree
from tests.interpreter import Runner, run
from tests.writing import Writer, statements


def xyn() -> tuple[Var, Var, Var]:
    return Var(FLOAT, "x"), Var(FLOAT, "y"), Var(INT, "n")


def gradient(function: Function, *args, wrt=(0,), seeds=(1.0,)) -> tuple:
    return run(check(reverse(function, wrt, name="grad"), "reverse"), *args, *seeds)


# the function that comes out


def product() -> Function:
    """Golden pair 1."""
    x, y, z = Var(FLOAT, "x"), Var(FLOAT, "y"), Var(FLOAT, "z")
    f = Writer(x, y, z)
    return f.returning(f(operator.mul, f(operator.add, f(operator.mul, 2, x), y, name="q"), z), name="product")


def test_the_numbers_of_golden_pair_1():
    grad = check(reverse(product(), (0, 1, 2), name="grad", value=True), "reverse")
    assert run(grad, 1.0, 2.0, 3.0, 1.0) == (12.0, 6.0, 3.0, 4.0)


def test_its_name_parameters_and_defaults():
    grad = reverse(product(), (0,), name="product_grad")
    assert grad.name == "product_grad"
    assert [param.name for param in grad.params] == ["x", "y", "z", "out_bar"]
    assert [(param.name, value) for param, value in grad.defaults] == [("out_bar", 1.0)]
    assert [note.text for note in statements(grad, Note)] == ["forward sweep", "reverse sweep"]


def test_the_order_of_wrt_is_that_of_the_adjoints():
    assert gradient(product(), 1.0, 2.0, 3.0, wrt=(2, 0)) == (4.0, 6.0)


def test_several_results_have_seeds_of_their_own():
    x, y, _ = xyn()
    f = Writer(x, y)
    a, b = f(operator.mul, x, y, name="a"), f(operator.sub, x, y, name="b")
    function = f.returning(a, b)
    grad = reverse(function, (0, 1), name="grad")
    assert [param.name for param in grad.params[2:]] == ["a_bar", "b_bar"]
    assert run(grad, 3.0, 4.0, 1.0, 0.0) == (4.0, 3.0)
    assert run(grad, 3.0, 4.0, 0.0, 1.0) == (1.0, -1.0)
    agree(function, 3.0, 4.0)


def test_results_that_cannot_have_an_adjoint_have_no_seed():
    x, _y, n = xyn()
    f = Writer(x, n)
    function = f.returning(n, f(operator.mul, x, n), f(operator.gt, x, 0.0))
    assert gradient(function, 2.0, 3) == (3.0,)
    agree(function, 2.0, 3)


def test_one_result_twice():
    x, _, _ = xyn()
    f = Writer(x)
    y = f(operator.mul, x, x)
    assert gradient(f.returning(y, y), 3.0, seeds=(1.0, 10.0)) == (66.0,)


def test_a_parameter_that_is_returned():
    x, y, _ = xyn()
    assert gradient(Writer(x, y).returning(x), 1.0, 2.0, wrt=(0, 1), seeds=(5.0,)) == (5.0, 0.0)


def test_a_constant_that_is_returned():
    x, _, _ = xyn()
    function = Writer(x).returning(2.5, x)
    assert gradient(function, 1.0, seeds=(7.0, 3.0)) == (3.0,)
    agree(function, 1.0)


def test_a_parameter_that_nothing_reads():
    x, y, _ = xyn()
    f = Writer(x, y)
    assert gradient(f.returning(f(np.sin, y)), 1.0, 2.0) == (0.0,)


def test_with_the_value():
    _x, _, _n = xyn()
    grad = check(reverse(product(), (0,), name="grad", value=True), "reverse")
    assert run(grad, 1.0, 2.0, 3.0, 10.0) == (12.0, 60.0)


def test_a_value_that_is_used_twice_collects_both():
    x, _, _ = xyn()
    f = Writer(x)
    s = f(np.sin, x)
    assert agree(f.returning(f(operator.add, f(operator.mul, s, s), s)), 0.7)


def test_a_function_without_a_rule_is_a_located_error():
    x, _, _ = xyn()
    f = Writer(x)
    out = f.op(strange, (x,), kind=FLOAT)
    with pytest.raises(MissingRuleError, match="`strange` has no derivative rule"):
        reverse(f.returning(out), (0,), name="grad")


def strange(x: float) -> float:
    """A function without a rule."""
    return x


def test_a_function_without_a_rule_runs_where_nothing_is_active():
    x, y, _ = xyn()
    f = Writer(x, y)
    factor = f.op(strange, (y,), kind=FLOAT)
    assert gradient(f.returning(f(operator.mul, x, factor)), 2.0, 3.0) == (3.0,)


# branches


@pytest.mark.parametrize("x0", [0.5, -0.5])
def test_a_branch(x0):
    x, y, _ = xyn()
    f = Writer(x, y)
    test = f(operator.gt, x, 0.0)
    (a,) = f.if_(test, lambda: (f(operator.mul, x, y),), lambda: (f(np.sin, x),))
    agree(f.returning(f(operator.mul, a, a)), x0, 2.0)


def test_a_reversed_branch_yields_the_adjoints_of_what_is_outside_only():
    x, y, n = xyn()
    f = Writer(x, y, n)
    there = lambda: (f(np.sin, f(operator.mul, x, f(np.exp, x))),)  # noqa: E731
    (a,) = f.if_(f(operator.gt, n, 0), there, lambda: (f(operator.mul, y, y),))
    back = statements(reverse(f.returning(a), (0, 1), name="grad"), If)[-1]
    assert sorted(out.name for out in back.outs) == ["x_bar", "y_bar"]


@pytest.mark.parametrize("raising", [0, 1])
def test_a_side_that_raises_is_not_gone_back_through(raising):
    x, y, _ = xyn()
    f = Writer(x, y)

    def refuse() -> tuple[Operand]:
        f.fail(ValueError, (Lit("no"),))
        return (UNDEF,)

    def turn(i: Var, total: Var) -> tuple[Var]:
        sides = [refuse, lambda: (f(operator.mul, f(np.sin, total), x),)]
        (more,) = f.if_(f((operator.le, operator.gt)[raising], x, 0.0), sides[raising], sides[1 - raising])
        return (more,)

    function = f.returning(*f.for_((0, 3, 1), (y,), turn))
    assert len(statements(reverse(function, (0,), name="grad"), If)) == 2
    (forward,) = statements(simplify(reverse(function, (0,), name="grad")), If)
    assert any(isinstance(s, Raise) for side in (forward.then, forward.orelse) for s in walk(side))
    agree(function, 0.5, 2.0)


@pytest.mark.parametrize("x0", [0.5, -0.5])
def test_a_branch_that_yields_what_is_outside(x0):
    x, y, _ = xyn()
    f = Writer(x, y)
    s = f(np.sin, x)
    a, b = f.if_(f(operator.gt, x, 0.0), lambda: (s, y), lambda: (y, s))
    agree(f.returning(f(operator.mul, a, f(operator.mul, b, s))), x0, 2.0)


@pytest.mark.parametrize("n0", [0, 1, 2])
def test_branches_in_branches_use_what_is_around_them(n0):
    x, y, n = xyn()
    f = Writer(x, y, n)

    def inner() -> tuple[Var]:
        return (f(operator.mul, f(np.exp, x), y),)

    def outer() -> tuple[Var]:
        e = f(np.exp, f(operator.mul, x, y))
        (a,) = f.if_(f(operator.gt, n, 1), inner, lambda: (e,))
        return (f(operator.mul, a, e),)

    (out,) = f.if_(f(operator.gt, n, 0), outer, lambda: (f(operator.mul, x, x),))
    agree(f.returning(f(operator.add, out, y)), 0.4, 0.3, n0)


@pytest.mark.parametrize("n0", [0, 1])
def test_a_value_that_is_there_on_one_side_only(n0):
    x, y, n = xyn()
    f = Writer(x, y, n)
    test = f(operator.gt, n, 0)
    (maybe,) = f.if_(test, lambda: (f(np.sin, x),), lambda: (UNDEF,), [FLOAT])
    (out,) = f.if_(test, lambda: (f(operator.mul, maybe, y),), lambda: (x,))
    agree(f.returning(out), 0.4, 0.3, n0)


@pytest.mark.parametrize("n0", [0, 3])
def test_a_value_that_is_there_in_some_iterations_only(n0):
    """It is saved in every iteration, because a stack has one push; so it has to have a value in each."""
    x, y, n = xyn()
    f = Writer(x, y, n)

    def body(i: Var, s: Var) -> tuple[Var]:
        test = f(operator.gt, i, 1)
        (maybe,) = f.if_(test, lambda: (f(np.sin, s),), lambda: (UNDEF,), [FLOAT])
        return tuple(f.if_(test, lambda: (f(operator.mul, maybe, maybe),), lambda: (f(operator.mul, s, y),)))

    function = f.returning(*f.for_((0, n, 1), (x,), body))
    agree(function, 0.4, 0.3, n0)
    assert all(defined_everywhere(function, 0.4, 0.3, n0, 1.0))


def defined_everywhere(function: Function, *args) -> list[bool]:
    """Tell of every push of the derivative whether the values that it saved were there."""
    found = []

    class Watching(Runner):
        def statement(self, s):
            if isinstance(s, Push):
                found.extend(self.peek(value) is not UNDEF for value in s.values)
            super().statement(s)

    Watching().function(reverse(function, (0, 1), name="grad"), args)
    return found


# loops


RANGES = [
    (0, 4, 1),
    (1, 4, 1),
    (0, 7, 3),
    (1, 8, 3),
    (4, 0, -1),
    (3, -1, -1),
    (5, 0, -2),
    (6, -1, -2),
    (0, 0, 1),
    (3, 1, 1),
    (1, 3, -1),
]


@pytest.mark.parametrize("limits", RANGES)
def test_the_index_in_the_reverse_sweep(limits):
    x, y, _ = xyn()
    f = Writer(x, y)
    body = lambda i, s: (f(operator.add, f(operator.mul, s, y), f(operator.mul, i, f(np.sin, f(operator.mul, x, i)))),)  # noqa: E731
    agree(f.returning(*f.for_(limits, (x,), body)), 0.7, 0.3)


@pytest.mark.parametrize("limits", RANGES)
def test_limits_and_steps_that_are_known_only_when_it_runs(limits):
    x, y, _ = xyn()
    a, b, c = (Var(INT, name) for name in "abc")
    f = Writer(x, y, a, b, c)
    body = lambda i, s: (f(operator.add, f(operator.mul, s, y), f(operator.mul, i, x)),)  # noqa: E731
    agree(f.returning(*f.for_((a, b, c), (x,), body)), 0.7, 0.3, *limits)


@pytest.mark.parametrize("limits", RANGES)
@pytest.mark.parametrize("dynamic", [False, True])
def test_a_range_that_ends_early(limits, dynamic):
    x, y, _ = xyn()
    ints = [Var(INT, name) for name in "abc"]
    f = Writer(x, y, *ints)

    def body(i: Var, s: Var) -> tuple[Var, Var]:
        after = f(operator.add, f(operator.mul, s, y), f(operator.mul, i, f(np.sin, f(operator.mul, x, i))))
        return f(operator.lt, f(abs, i), 3), after

    function = f.returning(*f.for_(ints if dynamic else limits, (x,), body, go=True))
    agree(function, 0.7, 0.3, *limits)


@pytest.mark.parametrize("steps", [1, -2])
def test_an_index_that_only_what_is_computed_again_reads(steps):
    """The reversed outer loop needs its index for the length of the inner one, and for nothing else."""
    x, _y, n = xyn()
    f = Writer(x, n)

    def body(i: Var, s: Var) -> tuple[Var, Var]:
        length = f(operator.mod, i, 3)
        (t,) = f.for_((0, length, 1), (s,), lambda j, t: (f(operator.mul, t, x),))
        return f(operator.lt, i, 9), t

    limits = (0, n, 1) if steps > 0 else (n, 0, steps)
    agree(f.returning(*f.for_(limits, (x,), body, go=True)), 0.7, 6)


@pytest.mark.parametrize("n0", [0, 1, 5])
def test_a_while_loop(n0):
    x, y, n = xyn()
    f = Writer(x, y, n)

    def body(s: Var, k: Var) -> tuple[Var, Var]:
        return f(np.sin, f(operator.mul, s, y)), f(operator.sub, k, 1)

    agree(f.returning(*f.while_((x, n), lambda s, k: (f(operator.gt, k, 0),), body)), 0.7, 1.3, n0)


def test_a_loop_that_a_break_ends_in_its_first_iteration():
    x, y, _n = xyn()
    f = Writer(x, y)
    body = lambda i, s: (f(operator.lt, s, 0.0), f(operator.mul, s, y))  # noqa: E731
    assert gradient(f.returning(*f.for_((0, 5, 1), (x,), body, go=True)), 2.0, 3.0, wrt=(0, 1)) == (3.0, 2.0)


@pytest.mark.parametrize("tol", [1e-1, 1e-9])
def test_newton(tol):
    """Golden pair 4."""
    a, _x = Var(FLOAT, "a"), Var(FLOAT, "x")
    f = Writer(a)

    def body(x: Var) -> tuple[Var, Var]:
        step = f(operator.truediv, f(operator.sub, f(operator.mul, x, x), a), f(operator.mul, 2.0, x))
        return f(operator.not_, f(operator.lt, f(abs, step), tol)), f(operator.sub, x, step)

    function = f.returning(*f.while_((a,), lambda x: (True,), body, go=True))
    (bar,) = gradient(function, 3.0)
    assert abs(bar - 0.5 / math.sqrt(3.0)) < 10 * tol
    agree(function, 3.0)


def test_nested_loops_of_varying_length():
    x, y, n = xyn()
    f = Writer(x, y, n)

    def inner(i: Var):
        return lambda j, t: (f(operator.add, f(np.sin, f(operator.mul, t, y)), f(operator.mul, i, x)),)

    def outer(i: Var, s: Var) -> list[Var]:
        return f.for_((0, i, 1), (s,), inner(i))

    agree(f.returning(*f.for_((0, n, 1), (x,), outer)), 0.7, 0.3, 4)


def test_three_nested_loops_with_a_while_loop_inside():
    x, y, n = xyn()
    f = Writer(x, y, n)

    def shrink(t: Var) -> tuple[Var]:
        return (f(operator.mul, t, f(operator.mul, 0.5, f(np.cos, y))),)

    def middle(i: Var):
        def body(j: Var, t: Var) -> list[Var]:
            return f.while_((f(operator.add, t, i),), lambda t: (f(operator.gt, t, 1.0),), shrink)

        return body

    def outer(i: Var, s: Var) -> list[Var]:
        return f.for_((i, n, 2), (s,), middle(i))

    agree(f.returning(*f.for_((0, n, 1), (x,), outer)), 0.7, 0.3, 4)


def test_values_that_change_places():
    x, y, n = xyn()
    f = Writer(x, y, n)
    function = f.returning(*f.for_((0, n, 1), (x, y), lambda i, a, b: (b, f(operator.mul, a, b))))
    for n0 in (0, 1, 4):
        agree(function, 0.7, 1.3, n0)


def test_an_init_that_is_carried_by_two_variables():
    x, _y, n = xyn()
    f = Writer(x, n)
    agree(f.returning(*f.for_((0, n, 1), (x, x), lambda i, a, b: (f(operator.mul, a, b), x))), 0.7, 3)


def test_an_init_that_is_read_in_the_body_and_afterwards():
    x, _y, n = xyn()
    f = Writer(x, n)
    s = f(np.sin, x)
    (out,) = f.for_((0, n, 1), (s,), lambda i, a: (f(operator.mul, a, s),))
    agree(f.returning(f(operator.mul, out, s)), 0.7, 3)


def test_a_loop_inside_a_branch_inside_a_loop():
    x, y, n = xyn()
    f = Writer(x, y, n)

    def body(i: Var, s: Var) -> list[Var]:
        def there() -> list[Var]:
            return f.for_((0, i, 1), (s,), lambda j, t: (f(np.sin, f(operator.mul, t, y)),))

        return f.if_(f(operator.gt, i, 1), there, lambda: (f(operator.mul, s, x),))

    agree(f.returning(*f.for_((0, n, 1), (x,), body)), 0.7, 1.3, 5)


@pytest.mark.parametrize("n0", [0, 3])
def test_a_value_that_is_there_only_if_the_loop_ran(n0):
    x, y, n = xyn()
    f = Writer(x, y, n)
    body = lambda i, bound, last: (True, f(operator.mul, f(np.sin, x), i))  # noqa: E731
    bound, last = f.for_((0, n, 1), (False, UNDEF), body, [BOOL, FLOAT])
    (out,) = f.if_(bound, lambda: (f(operator.mul, last, last),), lambda: (y,))
    agree(f.returning(out), 0.7, 1.3, n0)


def test_a_loop_whose_state_is_inactive_is_not_reversed():
    x, _y, n = xyn()
    f = Writer(x, n)
    (k,) = f.for_((0, n, 1), (0,), lambda i, k: (f(operator.add, k, i),))
    grad = reverse(f.returning(f(operator.mul, x, k)), (0,), name="grad")
    assert len(statements(grad, Loop)) == 1
    assert run(grad, 2.0, 4, 1.0) == (6,)


# stacks of the primal's own


def reversing() -> Function:
    """Pushes in one loop and pops in another."""
    x, y, n = xyn()
    f = Writer(x, y, n)
    stack = f.stack(FLOAT, INT)

    def ahead(i: Var, s: Var) -> tuple[Var]:
        f.push(stack, s, i)
        return (f(np.sin, f(operator.mul, s, y)),)

    def back(i: Var, t: Var) -> tuple[Var]:
        value, k = f.pop(stack)
        return (f(operator.add, f(operator.mul, t, value), f(operator.mul, k, x)),)

    (s,) = f.for_((0, n, 1), (x,), ahead)
    return f.returning(*f.for_((0, n, 1), (s,), back))


def test_pushes_and_pops_are_reversed():
    function = reversing()
    grad = reverse(function, (0, 1), name="grad")
    adjoints = [push.stack for push in statements(grad, Push) if push.stack.name == "stack_bar"]
    assert [bar.kind for bar in adjoints] == [Stack((FLOAT,))]
    for n0 in (0, 1, 4):
        agree(function, 0.7, 1.3, n0)


def test_a_stack_that_travels_between_functions():
    x, _y, n = xyn()
    g = Writer(x, n)
    made = g.stack(FLOAT)

    def ahead(i: Var, s: Var) -> tuple[Var]:
        g.push(made, s)
        return (g(np.sin, s),)

    pushing = g.returning(*g.for_((0, n, 1), (x,), ahead), made, name="ahead")
    h = Writer(count := Var(INT, "n"), given := Var(Stack((FLOAT,)), "stack"))
    popping = h.returning(
        *h.for_((0, count, 1), (1.0,), lambda i, t: (h(operator.mul, t, *h.pop(given)),)), name="back"
    )
    f = Writer(p := Var(FLOAT, "p"), m := Var(INT, "m"))
    s, stack = f.call(pushing, (p, m))
    (t,) = f.call(popping, (m, stack))
    agree(f.returning(f(operator.mul, s, t)), 0.7, 3)


def test_a_stack_on_a_stack():
    x, _y, n = xyn()
    f = Writer(x, n)
    outer = f.stack(Stack((FLOAT,)), INT)

    def ahead(i: Var, s: Var) -> tuple[Var]:
        inner = f.stack(FLOAT)

        def fill(j: Var, t: Var) -> tuple[Var]:
            f.push(inner, t)
            return (f(np.sin, t),)

        (t,) = f.for_((0, i, 1), (s,), fill)
        f.push(outer, inner, i)
        return (f(operator.mul, t, x),)

    def back(k: Var, s: Var) -> list[Var]:
        inner, i = f.pop(outer)
        return f.for_((0, i, 1), (s,), lambda j, t: (f(operator.mul, t, *f.pop(inner)),))

    (s,) = f.for_((0, n, 1), (x,), ahead)
    agree(f.returning(*f.for_((0, n, 1), (s,), back)), 0.7, 4, order=2)


# kinds


@pytest.mark.parametrize("number", [float, np.float64])
def test_numpy_scalars(number):
    x, y = (Var(FLOAT if number is float else Scalar("float64", numpy=True), name) for name in "xy")
    f = Writer(x, y)
    (out,) = f.for_(
        (0, 3, 1), (x,), lambda i, s: (f(operator.mul, f(np.sin, s), y),), [FLOAT if number is float else y.kind]
    )
    agree(f.returning(out), number(0.7), number(1.3))


def test_single_precision_stays_single():
    x = Var(Scalar("float32", numpy=True), "x")
    f = Writer(x)
    function = f.returning(f(operator.mul, f(np.sin, x), 2.0))
    (bar,) = gradient(function, np.float32(0.7), seeds=(np.float32(1.0),))
    assert isinstance(bar, np.float32) and abs(bar - 2 * math.cos(0.7)) < 1e-6


def test_an_unknown_number():
    x = Var(UNKNOWN, "x")
    f = Writer(x)
    (out,) = f.for_((0, 3, 1), (x,), lambda i, s: (f(operator.mul, f(np.sin, s), x),), [UNKNOWN])
    function = f.returning(out)
    first = gradient(function, 0.7)[0]
    step = 1e-6
    assert abs(first - (run(function, 0.7 + step)[0] - run(function, 0.7 - step)[0]) / (2 * step)) < 1e-8


def test_a_complex_intermediate_of_a_real_function():
    """`real(exp((x + 1j * y)) ** 2)`: the adjoints of real numbers are real."""
    x, y, _ = xyn()
    f = Writer(x, y)
    z = f(operator.add, x, f(operator.mul, 1j, y))
    w = f(np.exp, z)
    function = f.returning(f(real, f(operator.mul, w, w)))
    x_bar, y_bar = gradient(function, 0.3, 0.4, wrt=(0, 1))
    assert abs(x_bar - 2 * math.exp(0.6) * math.cos(0.8)) < 1e-12
    assert abs(y_bar + 2 * math.exp(0.6) * math.sin(0.8)) < 1e-12
    assert not isinstance(x_bar, complex) and not isinstance(y_bar, complex)


def test_a_complex_state_of_a_loop():
    x, y, n = xyn()
    f = Writer(x, y, n)
    c = f(operator.add, x, f(operator.mul, 1j, y))
    (z,) = f.for_((0, n, 1), (0j,), lambda i, z: (f(operator.add, f(operator.mul, z, z), c),), [COMPLEX])
    agree(f.returning(f(imag, z)), 0.3, 0.4, 3)


def test_determinism():
    """The same program gives the same code: nothing depends on where variables lie in memory."""
    shown = {text(reverse(reverse(reversing(), (0, 1), name="g"), (0, 1), name="gg")) for _ in range(5)}
    assert len(shown) == 1


def test_pops_are_matched_by_pushes():
    """Everything that the forward sweep saves is taken by the reverse sweep."""
    grad = reverse(reversing(), (0, 1), name="grad")
    pushed, popped = {s.stack for s in statements(grad, Push)}, {s.stack for s in statements(grad, Pop)}
    assert pushed == popped
    made = {s.outs[0] for s in statements(grad, Op) if isinstance(s.outs[0].kind, Stack)}
    assert made == pushed


def test_a_product_of_which_only_the_shape_counts_is_not_computed():
    derivative = ast_ad.grad(lambda a, b: np.trace(a @ b), (0, 1))
    a, b = np.arange(6.0).reshape(2, 3), np.arange(12.0).reshape(3, 4)
    a_bar, b_bar = derivative(a, b)
    assert "a @ b" not in derivative.source
    np.testing.assert_array_equal(a_bar, np.eye(2, 4) @ b.T)
    np.testing.assert_array_equal(b_bar, a.T @ np.eye(2, 4))
