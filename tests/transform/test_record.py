"""Where pushes, pops and recomputations stand in the two sweeps."""

from __future__ import annotations

import operator

import numpy as np

import ast_ad.rules  # noqa: F401 - fills the table
from ast_ad.ir.check import check
from ast_ad.ir.kinds import FLOAT, INT, Stack
from ast_ad.ir.nodes import UNDEF, Block, Call, Function, If, Lit, Loop, Op, Pop, Push, Var, functions
from ast_ad.ir.primitives import new_stack
from ast_ad.transform.reverse import reverse
from tests.writing import Writer, statements


def xyn() -> tuple[Var, Var, Var]:
    return Var(FLOAT, "x"), Var(FLOAT, "y"), Var(INT, "n")


def derivative(function: Function, *wrt: int) -> Function:
    return check(reverse(function, wrt or (0,), name="grad"), "reverse")


def shapes(block: Block) -> list[str]:
    """Return what the statements of a block are."""
    return [s.fn.__name__ if isinstance(s, Op) else type(s).__name__ for s in block.statements]


def loops(function: Function) -> tuple[Loop, Loop]:
    ahead, back = (s for s in function.body.statements if isinstance(s, Loop))
    return ahead, back


def test_a_parameter_of_the_body_is_pushed_first():
    x, _, n = xyn()
    f = Writer(x, n)
    body = lambda i, s: (f(np.sin, f(operator.mul, s, f(operator.mul, s, x))),)  # noqa: E731
    ahead, back = loops(derivative(f.returning(*f.for_((0, n, 1), (x,), body))))
    assert shapes(ahead.body)[0] == "Push"
    assert shapes(back.body)[0] == "Pop"


def test_the_push_stands_directly_after_the_last_definition_that_it_saves():
    x, _, n = xyn()
    f = Writer(x, n)

    def body(i: Var, s: Var) -> tuple[Var]:
        root = f(operator.mul, s, 2.0)
        e = f(np.exp, root)
        f(operator.add, s, 1.0)
        return (f(operator.mul, e, e),)

    ahead, _ = loops(derivative(f.returning(*f.for_((0, n, 1), (x,), body))))
    assert shapes(ahead.body) == ["mul", "exp", "Push", "add", "mul"]


def test_what_is_computed_again_comes_after_the_pop_and_in_order():
    x, _, n = xyn()
    f = Writer(x, n)

    def body(i: Var, s: Var) -> tuple[Var]:
        a = f(operator.mul, s, 2.0)
        b = f(operator.add, a, s)
        return (f(np.sin, f(operator.mul, f(operator.mul, a, b), s)),)

    _, back = loops(derivative(f.returning(*f.for_((0, n, 1), (x,), body))))
    found = shapes(back.body)
    assert found[0] == "Pop"
    assert found.index("mul") < found.index("add")


def test_stacks_are_made_at_the_top_of_the_function():
    x, _, n = xyn()
    f = Writer(x, n)
    inner = lambda j, t: (f(operator.mul, t, f(np.sin, t)),)  # noqa: E731
    outer = lambda i, s: f.for_((0, i, 1), (f(np.cos, s),), inner)  # noqa: E731
    grad = derivative(f.returning(*f.for_((0, n, 1), (x,), outer)))
    made = [s for s in statements(grad, Op) if s.fn is new_stack]
    assert len(made) == 2
    assert all(s in grad.body.statements for s in made)
    assert {s.outs[0] for s in made} == {s.stack for s in statements(grad, Push)}
    assert {s.outs[0] for s in made} == {s.stack for s in statements(grad, Pop)}


def test_a_stack_has_the_kinds_of_what_it_holds():
    x, _, n = xyn()
    f = Writer(x, n)

    def body(i: Var, k: Var, s: Var) -> tuple[Var, Var]:
        return f(operator.mod, f(operator.add, k, 2), 3), f(operator.mul, f(operator.mul, s, s), k)

    grad = derivative(f.returning(f.for_((0, n, 1), (1, x), body)[1]))
    (push,) = statements(grad, Push)
    assert push.stack.kind == Stack((INT, FLOAT))


def test_outside_of_loops_a_branch_yields_what_it_saves():
    x, y, n = xyn()
    f = Writer(x, y, n)
    there = lambda: (f(operator.mul, f(np.exp, x), y),)  # noqa: E731
    grad = derivative(f.returning(*f.if_(f(operator.gt, n, 0), there, lambda: (x,))), 0, 1)
    ahead = statements(grad, If)[0]
    assert len(ahead.outs) == 2
    assert ahead.orelse.yields[1] is UNDEF
    assert ahead.then.yields[1] is ahead.then.statements[0].outs[0]


def test_a_function_returns_what_it_saved_whichever_way_it_went():
    x, y, _n = xyn()
    g = Writer(x, y)
    there = lambda: (g(operator.mul, g(np.exp, x), y),)  # noqa: E731
    callee = g.returning(*g.if_(g(operator.gt, x, 0.0), there, lambda: (y,)), name="g")
    f = Writer(a := Var(FLOAT, "a"))
    grad = derivative(f.returning(*f.call(callee, (a, a))))
    ahead = next(each for each in functions(grad) if each.name == "g_forward")
    (branch,) = statements(ahead, If)
    assert branch.orelse.yields[1] == Lit(0.0)


def test_a_stack_that_one_side_only_saves_on_is_empty_on_the_other():
    x, _y, n = xyn()
    g = Writer(x, n)
    inner = g.returning(*g.for_((0, n, 1), (x,), lambda i, s: (g(np.sin, g(operator.mul, s, s)),)), name="inner")
    h = Writer(p := Var(FLOAT, "p"))
    there = lambda: h.call(inner, (p, Lit(3)))  # noqa: E731
    outer = h.returning(*h.if_(h(operator.gt, p, 0.0), there, lambda: (p,)), name="outer")
    f = Writer(a := Var(FLOAT, "a"))
    grad = derivative(f.returning(*f.call(outer, (a,))))
    ahead = next(each for each in functions(grad) if each.name == "outer_forward")
    (branch,) = statements(ahead, If)
    assert [s.fn for s in branch.orelse.statements if isinstance(s, Op)] == [new_stack]
    assert branch.orelse.yields[1] is branch.orelse.statements[0].outs[0]


def ranges(function: Function) -> list[tuple]:
    return [loop.range for loop in statements(function, Loop)]


def test_a_reversed_loop_that_does_not_read_its_index_runs_the_plain_range():
    x, _, n = xyn()
    f = Writer(x, n)
    (out,) = f.for_((2, n, 3), (x,), lambda i, s: (f(operator.mul, s, s),))
    ahead, back = ranges(derivative(f.returning(out)))
    assert ahead == back == (Lit(2), n, Lit(3))


def test_a_reversed_loop_that_reads_its_index_counts_down():
    x, _, n = xyn()
    f = Writer(x, n)
    (out,) = f.for_((0, n, 1), (0.0,), lambda i, s: (f(operator.add, s, f(operator.mul, x, i)),))
    grad = derivative(f.returning(out))
    _, (start, stop, step) = ranges(grad)
    assert (stop, step) == (Lit(-1), Lit(-1))
    last = next(s for s in statements(grad, Op) if start in s.outs)
    assert (last.fn, last.args) == (operator.sub, (n, Lit(1)))


def test_a_loop_that_counted_its_trips_is_run_that_often():
    x, _, _ = xyn()
    f = Writer(x)
    body = lambda s: (f(operator.mul, s, f(np.sin, s)),)  # noqa: E731
    (out,) = f.while_((x,), lambda s: (f(operator.gt, s, 0.1),), body)
    ahead, back = statements(derivative(f.returning(out)), Loop)
    assert back.range == (Lit(0), ahead.outs[-1], Lit(1))


def test_the_forward_sweep_calls_what_saves_and_the_reverse_sweep_what_takes():
    x, _, n = xyn()
    g = Writer(x, n)
    callee = g.returning(*g.for_((0, n, 1), (x,), lambda i, s: (g(np.sin, s),)), name="g")
    f = Writer(p := Var(FLOAT, "p"), m := Var(INT, "m"))
    grad = derivative(f.returning(*f.call(callee, (p, m))))
    ahead, back = statements(grad, Call)
    saved = [out for out in ahead.outs if isinstance(out.kind, Stack)]
    assert len(saved) == 1 and saved[0] in back.args
    assert p not in back.args and m in back.args
