"""Liveness, and the classes of stacks that it rests on."""

from __future__ import annotations

import operator

import ast_ad.rules  # noqa: F401
from ast_ad.analysis.liveness import liveness
from ast_ad.analysis.stacks import stacks
from ast_ad.ir.kinds import BOOL, FLOAT, INT, Stack
from ast_ad.ir.nodes import Call, Lit, Pop, Push, Var
from ast_ad.ir.primitives import nonempty
from tests.small_ir import block, branch, count, function, op, out, stack

x, y, n, t = Var(FLOAT, "x"), Var(FLOAT, "y"), Var(INT, "n"), Var(BOOL, "t")


def test_what_a_result_depends_on_is_live() -> None:
    used, unused = op(operator.neg, x), op(operator.neg, y)
    live = liveness([function((x, y), used, unused, results=used.outs)])
    assert live(used) and live(x) and not live(unused) and not live(y)


def test_a_cycle_of_carried_values_is_dead() -> None:
    i, a, b, a_out, b_out = Var(INT), Var(FLOAT), Var(FLOAT), Var(FLOAT), Var(FLOAT)
    body = block(params=(i, a, b), yields=(Lit(True), b, a))
    loop = count((0, n, 1), body, (x, y), (a_out, b_out))
    assert not liveness([function((x, y, n), loop, results=(x,))])(loop)
    live = liveness([function((x, y, n), loop, results=(a_out,))])
    assert live(loop) and live(b) and live(n)


def test_a_stack_is_live_by_component_across_functions() -> None:
    kept, given = stack(FLOAT, FLOAT), Var(Stack((FLOAT, FLOAT)), "given")
    a, b = Var(FLOAT), Var(FLOAT)
    push = Push(out(kept), (x, y))
    popping = function((given,), Pop((a, b), given), results=(a, b))
    call = Call((Var(FLOAT), Var(FLOAT)), popping, (out(kept),))
    live = liveness([popping, function((x, y), kept, push, call, results=(call.outs[1],))])
    assert live.components(out(kept)) == live.components(given) == (1,)
    assert live(push) and live(y) and not live(x)
    assert live.results(popping) == (1,) and live.params(popping) == (0,)


def test_variables_that_one_stack_passes_through_are_a_class() -> None:
    first, second, other, either = stack(FLOAT), stack(FLOAT), stack(FLOAT), Var(Stack((FLOAT,)))
    choice = branch(t, block(yields=(out(first),)), block(yields=(out(second),)), either)
    table = stacks([function((t,), first, second, other, choice, Push(either, (x,)), results=())])
    assert table[out(first)] is table[out(second)] is table[either] is not table[out(other)]
    assert len(table[either].pushes) == 1 and not table[either].escapes


def test_a_stack_that_is_seen_whole_escapes() -> None:
    returned, tested, inside = stack(FLOAT), stack(FLOAT), stack(FLOAT)
    outer = stack(out(inside).kind)
    f = function(
        (), returned, tested, inside, outer,
        op(nonempty, out(tested), kind=BOOL), Push(out(outer), (out(inside),)),
        results=(out(returned),),
    )  # fmt: skip
    table = stacks([f])
    assert [table[out(s)].escapes for s in (returned, tested, inside, outer)] == [True, True, True, False]
