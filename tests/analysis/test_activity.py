"""What depends on what, through blocks, loops, calls and stacks."""

from __future__ import annotations

import math
import operator

import numpy as np

import ast_ad.rules  # noqa: F401 - fills the table
from ast_ad.analysis.activity import (
    activity,
    both,
    either,
    everything,
    nothing,
    some,
    varied_results,
    varied_variables,
)
from ast_ad.ir.kinds import BOOL, COMPLEX, FLOAT, INT, STRING, Stack
from ast_ad.ir.nodes import UNDEF, Function, Var
from tests.writing import Writer


def xyn() -> tuple[Var, Var, Var]:
    return Var(FLOAT, "x"), Var(FLOAT, "y"), Var(INT, "n")


def facts(function: Function, *wrt: bool):
    return activity(function, wrt, [everything(result.kind) for result in function.results])


# masks


def test_masks_of_a_stack_have_its_structure():
    kind = Stack((FLOAT, INT, Stack((COMPLEX, STRING))))
    assert everything(kind) == (True, False, (True, False))
    assert nothing(kind) == (False, False, (False, False))
    assert not some(nothing(kind)) and some(everything(kind))
    assert some((False, (False, True)))


def test_union_and_intersection_of_masks():
    a, b = (True, False, (True, False)), (False, False, (True, True))
    assert either(a, b) == (True, False, (True, True))
    assert both(a, b) == (False, False, (True, False))


# straight lines


def test_active_is_varied_and_useful():
    x, y, n = xyn()
    f = Writer(x, y, n)
    only_y = f(operator.mul, y, 2.0)
    unused = f(np.sin, x)
    used = f(operator.mul, x, only_y)
    found = facts(f.returning(used), True, False, False)
    assert found(x) and found(used)
    assert not found(y) and not found(only_y) and not found(unused) and not found(n)
    assert unused in found.varied and only_y in found.useful


def test_integers_and_booleans_are_never_active():
    x, y, n = xyn()
    f = Writer(x, y, n)
    test, whole = f(operator.gt, x, 0.0), f(math.floor, x)
    scaled = f(operator.mul, x, whole)
    found = facts(f.returning(scaled, test), True, True, True)
    assert found(scaled) and not found(whole) and not found(test) and not found(n)


def test_a_function_without_a_derivative_stops_both_ways():
    x, y, n = xyn()
    f = Writer(x, y, n)
    stairs = f(np.floor, x)
    found = facts(f.returning(f(operator.mul, stairs, y)), True, True, False)
    assert not found(stairs) and not found(x) and found(y)


def test_keyword_arguments_count():
    x, y, n = xyn()
    f = Writer(x, y, n)
    out = f.op(np.hypot, (y,), (("x2", x),), kind=FLOAT)
    assert facts(f.returning(out), True, False, False)(out)


def test_a_constant_is_not_active():
    x, y, n = xyn()
    f = Writer(x, y, n)
    function = f.returning(x, 2.0)
    assert not facts(function, True, False, False)(function.results[1])


# blocks


def test_a_branch_is_varied_if_either_side_is():
    x, y, n = xyn()
    f = Writer(x, y, n)
    a, b, c = f.if_(True, lambda: (x, y, x), lambda: (y, x, UNDEF))
    d, e = f.if_(True, lambda: (y, 1.0), lambda: (2.0, y))
    found = facts(f.returning(a, b, c, d, e), True, False, False)
    assert found(a) and found(b) and found(c)
    assert not found(d) and not found(e)


def test_the_test_of_a_branch_does_not_matter():
    x, y, n = xyn()
    f = Writer(x, y, n)
    (out,) = f.if_(f(operator.gt, x, 0.0), lambda: (y,), lambda: (1.0,))
    assert not facts(f.returning(out), True, False, False)(out)


def test_a_loop_goes_round_until_nothing_changes():
    """x reaches the last of four carried variables after three iterations."""
    x, y, n = xyn()
    f = Writer(x, y, n)
    outs = f.for_((0, n, 1), (y, y, y, y), lambda i, a, b, c, d: (x, a, b, c))
    found = facts(f.returning(outs[3]), True, False, False)
    loop = f.open_region.statements[0]
    assert [found(var) for var in loop.carried] == [True, True, True, False]
    assert [found(var) for var in outs] == [False, False, False, True]


def test_a_loop_backwards_to_a_fixpoint():
    x, y, n = xyn()
    f = Writer(x, y, n)
    outs = f.for_((0, n, 1), (x, 0.0, 0.0, 0.0), lambda i, a, b, c, d: (a, a, b, c))
    found = facts(f.returning(outs[3]), True, False, False)
    assert found(x) and [found(var) for var in f.open_region.statements[0].carried] == [True, True, True, False]


def test_what_a_loop_does_not_mix_stays_apart():
    x, y, n = xyn()
    f = Writer(x, y, n)
    a, b = f.for_((0, n, 1), (x, y), lambda i, a, b: (f(np.sin, a), f(np.cos, b)))
    found = facts(f.returning(a, b), True, False, False)
    assert found(a) and not found(b)
    found = facts(f.returning(b), True, True, False)
    assert not found(a) and found(b) and not found(x)


def test_a_loop_that_may_not_run_passes_its_inits():
    x, y, n = xyn()
    f = Writer(x, y, n)
    (out,) = f.for_((0, n, 1), (x,), lambda i, s: (y,))
    assert facts(f.returning(out), True, False, False)(out)


def test_a_while_loop():
    x, y, n = xyn()
    f = Writer(x, y, n)
    outs = f.while_((x, n), lambda s, k: (f(operator.gt, k, 0),), lambda s, k: (f(np.sin, s), f(operator.sub, k, 1)))
    found = facts(f.returning(*outs), True, False, False)
    assert found(outs[0]) and not found(outs[1])


def test_deep_nesting_settles():
    x, y, n = xyn()
    f = Writer(x, y, n)

    def nest(depth: int, *carried: Var) -> list[Var]:
        def body(i: Var, a: Var, b: Var, c: Var, d: Var) -> tuple[Var, ...]:
            inner = nest(depth - 1, a, b, c, d) if depth > 1 else (a, b, c, d)
            return x, inner[0], inner[1], inner[2]

        return f.for_((0, n, 1), carried, body)

    function = f.returning(nest(6, y, y, y, y)[3])
    found = facts(function, True, False, False)
    assert found(function.results[0])


# calls


def helper() -> Function:
    """Swaps: `(sin(y), x, n)`."""
    x, y, n = xyn()
    g = Writer(x, y, n)
    return g.returning(g(np.sin, y), x, n, name="g")


def test_a_call_says_which_result_depends_on_which_argument():
    x, y, n = xyn()
    f = Writer(x, y, n)
    a, b, c = f.call(helper(), (x, y, n))
    found = facts(f.returning(a, b, c), True, False, False)
    assert not found(a) and found(b) and not found(c)
    found = facts(f.returning(a), True, True, False)
    assert found(a) and found(y) and not found(x)


def test_calls_of_one_function_do_not_disturb_each_other():
    x, y, n = xyn()
    f, g = Writer(x, y, n), helper()
    a, b, _ = f.call(g, (x, y, n))
    c, d, _ = f.call(g, (y, x, n))
    found = facts(f.returning(a, b, c, d), True, False, False)
    assert [found(var) for var in (a, b, c, d)] == [False, True, True, False]


def test_a_call_within_a_callee():
    x, y, n = xyn()
    middle = Writer(x, y, n)
    inner = middle.call(helper(), (y, x, n))
    g = middle.returning(*inner, name="middle")
    assert varied_results(g, (True, False, False)) == (True, False, False)


def test_varied_results():
    assert varied_results(helper(), (True, False, False)) == (False, True, False)
    assert varied_results(helper(), (True, True, True)) == (True, True, False)


# stacks


def test_each_component_of_a_stack_is_on_its_own():
    x, y, n = xyn()
    f = Writer(x, y, n)
    stack = f.stack(FLOAT, INT, FLOAT)
    f.for_((0, n, 1), (), lambda i: (f.push(stack, x, i, y), ())[1])
    a, b = f.for_((0, n, 1), (0.0, 0.0), lambda i, a, b: f.pop(stack)[0::2])
    found = facts(f.returning(a, b), True, False, False)
    assert found.mask(stack) == (True, False, False)
    assert found(a) and not found(b)
    found = facts(f.returning(b), True, True, False)
    assert found.mask(stack) == (False, False, True)
    assert found(y) and not found(x)


def test_a_stack_on_a_stack():
    x, y, n = xyn()
    f = Writer(x, y, n)
    inner, outer = f.stack(FLOAT, FLOAT), f.stack(Stack((FLOAT, FLOAT)))
    f.push(inner, y, x)
    f.push(outer, inner)
    (again,) = f.pop(outer)
    a, b = f.pop(again)
    found = facts(f.returning(a, b), True, False, False)
    assert found.mask(outer) == ((False, True),) and found.mask(inner) == (False, True)
    assert not found(a) and found(b)


def test_a_stack_through_a_call():
    x, y, n = xyn()
    g = Writer(p := Var(FLOAT, "p"), q := Var(FLOAT, "q"))
    made = g.stack(FLOAT, FLOAT)
    g.push(made, p, q)
    pushing = g.returning(made, name="g")
    h = Writer(given := Var(Stack((FLOAT, FLOAT)), "stack"))
    popping = h.returning(*h.pop(given), name="h")
    f = Writer(x, y, n)
    (stack,) = f.call(pushing, (y, x))
    a, b = f.call(popping, (stack,))
    found = facts(f.returning(a, b), True, False, False)
    assert found.mask(stack) == (False, True)
    assert not found(a) and found(b)


def test_stacks_that_meet_are_of_one_kind():
    """In forward mode a stack holds the tangents of what varies: two that flow into one variable must hold the same."""
    x, y, n = xyn()
    f = Writer(x, y, n)

    def filled() -> tuple[Var]:
        stack = f.stack(FLOAT)
        f.push(stack, x)
        return (stack,)

    f.if_(f(operator.gt, n, 0), filled, lambda: (f.stack(FLOAT),), [Stack((FLOAT,))])
    branch = f.open_region.statements[-1]
    varied = varied_variables(f.returning(x), (True, False, False))
    assert [varied[side.yields[0]] for side in (branch.then, branch.orelse)] == [(True,), (True,)]


def test_an_operand_that_is_no_variable_has_no_mask():
    x, y, n = xyn()
    found = facts(Writer(x, y, n).returning(x), True, False, False)
    assert found.mask(UNDEF) is False and not found(Var(BOOL))
