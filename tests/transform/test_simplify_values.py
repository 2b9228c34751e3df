"""Copies, constants, tests that are known, common subexpressions."""

from __future__ import annotations

import operator

import numpy as np
import pytest

import ast_ad.rules  # noqa: F401
from ast_ad.ir.kinds import BOOL, FLOAT, INT, Scalar
from ast_ad.ir.nodes import UNDEF, Block, Function, If, Lit, Loop, Op, Pop, Push, Raise, Var
from ast_ad.transform.simplify import simplify
from tests.random_ir import record
from tests.small_ir import block, branch, count, function, op, out, stack

x, y, n, t = Var(FLOAT, "x"), Var(FLOAT, "y"), Var(INT, "n"), Var(BOOL, "t")


def ops(f: Function) -> list[Op]:
    return [s for s in f.body.statements if isinstance(s, Op)]


def test_a_constant_test_leaves_the_branch_that_runs() -> None:
    twice, value = op(operator.mul, x, Lit(2)), Var(FLOAT)
    f = function(
        (x,), branch(Lit(True), block(twice, yields=(out(twice),)), block(yields=(x,)), value), results=(value,)
    )
    simple = simplify(f)
    assert simple.body.statements == (twice,) and simple.results == twice.outs


@pytest.mark.parametrize(("then", "orelse", "expected"), [(x, x, x), (UNDEF, x, x), (Lit(1.0), Lit(1.0), 1.0)])
def test_an_out_that_is_the_same_on_both_sides_is_that(then, orelse, expected) -> None:
    value = Var(FLOAT)
    effect = op(record, x)
    f = function((x, t), branch(t, block(effect, yields=(then,)), block(yields=(orelse,)), value), results=(value,))
    (result,) = simplify(f).results
    assert getattr(result, "value", result) == expected


@pytest.mark.parametrize(("a", "b"), [(0.0, -0.0), (1, 1.0), (True, 1)])
def test_constants_that_only_compare_equal_are_not_the_same(a, b) -> None:
    value = Var(FLOAT)
    f = function((t,), branch(t, block(yields=(Lit(a),)), block(yields=(Lit(b),)), value), results=(value,))
    assert simplify(f).results == (value,)


def test_a_value_defined_in_a_branch_does_not_stand_for_the_out() -> None:
    twice, value = op(operator.mul, x, Lit(2)), Var(FLOAT)
    f = function((x, t), branch(t, block(twice, yields=twice.outs), block(yields=(UNDEF,)), value), results=(value,))
    assert simplify(f).results == (value,)


def test_a_value_that_is_missing_is_passed_on_as_such() -> None:
    i, carried, left, value, flag = Var(INT), Var(FLOAT), Var(FLOAT), Var(FLOAT), Var(BOOL)
    twice = op(operator.mul, x, Lit(2))
    missing = branch(Lit(False), block(twice, yields=twice.outs), block(yields=(UNDEF,)), value)
    draw = op(record, x)
    body = block(draw, params=(i, carried), yields=(Lit(True), out(draw)))
    bound = branch(
        flag, block(yields=(left,)), block(Raise(UnboundLocalError, ()), yields=(UNDEF,)), result := Var(FLOAT)
    )
    f = function((x, n, flag), missing, count((0, n, 1), body, (value,), (left,)), bound, results=(result,))
    loop, *_ = simplify(f).body.statements
    assert isinstance(loop, Loop) and loop.inits == (UNDEF,)


def test_a_test_turned_into_a_boolean_is_the_test_or_its_opposite() -> None:
    same, opposite = Var(BOOL), Var(BOOL)
    sides = block(yields=(Lit(True), Lit(False))), block(yields=(Lit(False), Lit(True)))
    simple = simplify(function((t,), branch(t, *sides, same, opposite), results=(same, opposite)))
    (negation,) = ops(simple)
    assert simple.results == (t, *negation.outs)
    assert (negation.fn, negation.args) == (operator.not_, (t,))


def test_a_branch_knows_its_test() -> None:
    inner, value = Var(FLOAT), Var(FLOAT)
    nested = branch(t, block(yields=(x,)), block(yields=(y,)), inner)
    f = function(
        (x, y, t), branch(t, block(nested, yields=(inner,)), block(yields=(Lit(0.0),)), value), results=(value,)
    )
    (statement,) = simplify(f).body.statements
    assert isinstance(statement, If) and statement.then.yields == (x,) and not statement.then.statements


def test_what_follows_a_check_knows_its_test() -> None:
    check = branch(t, block(), block(Raise(ValueError, ())))
    again, value = branch(t, block(), block(Raise(KeyError, ()))), Var(FLOAT)
    choice = branch(t, block(yields=(x,)), block(yields=(y,)), value)
    simple = simplify(function((x, y, t), check, again, choice, results=(value,)))
    assert simple.body.statements == (check,) and simple.results == (x,)


def test_what_follows_a_raise_goes() -> None:
    bad = block(Raise(ValueError, ()), op(record, x))
    (statement,) = simplify(function((x, t), branch(t, bad, block()), results=(x,))).body.statements
    assert isinstance(statement, If) and [type(s) for s in statement.then.statements] == [Raise]


def test_an_invariant_of_nested_loops_is_its_init_at_once() -> None:
    i, j, outer, inner, after, left = Var(INT), Var(INT), Var(FLOAT), Var(FLOAT), Var(FLOAT), Var(FLOAT)
    passed = count(
        (0, n, 1), block(op(record, inner), params=(j, inner), yields=(Lit(True), inner)), (outer,), (after,)
    )
    loop = count((0, n, 1), block(passed, params=(i, outer), yields=(Lit(True), after)), (x,), (left,))
    simple = simplify(function((x, n), loop, results=(left,)))
    (statement,) = simple.body.statements
    assert simple.results == (x,)
    assert isinstance(statement, Loop) and not statement.inits


def test_values_carried_alike_are_carried_once() -> None:
    i, a, b, a_out, b_out = Var(INT), Var(FLOAT), Var(FLOAT), Var(FLOAT), Var(FLOAT)
    total = op(operator.add, a, b)
    body = block(total, params=(i, a, b), yields=(Lit(True), out(total), out(total)))
    simple = simplify(function((x, n), count((0, n, 1), body, (x, x), (a_out, b_out)), results=(a_out, b_out)))
    assert simple.results == (a_out, a_out)


def test_a_loop_that_never_runs_is_its_inits() -> None:
    i, a, left = Var(INT), Var(FLOAT), Var(FLOAT)
    loop = count((3, 3, 1), block(op(record, a), params=(i, a), yields=(Lit(True), Lit(5.0))), (x,), (left,))
    simple = simplify(function((x,), loop, results=(left,)))
    assert not simple.body.statements and simple.results == (x,)


@pytest.mark.parametrize(
    ("limits", "expected"),
    [
        ((0, 3, 1), True),
        ((0, n, 2), operator.gt),
        ((n, 9, 2), operator.lt),
        ((n, -1, -1), operator.gt),
        ((9, n, -1), operator.lt),
        ((0, n, n), None),
    ],
)
def test_a_flag_that_a_loop_has_run(limits, expected) -> None:
    i, flag, left = Var(INT), Var(BOOL), Var(BOOL)
    loop = count(limits, block(params=(i, flag), yields=(Lit(True), Lit(True))), (Lit(False),), (left,))
    simple = simplify(function((n,), loop, results=(left,)))
    (result,) = simple.results
    if expected is True:
        assert result == Lit(True) and not simple.body.statements
    elif expected is None:
        assert result is left
    else:
        (comparison,) = ops(simple)
        assert len(simple.body.statements) == 1
        assert comparison.fn is expected and comparison.args[0] is n


def test_what_a_constant_or_an_argument_saved_need_not_be_saved() -> None:
    kept, i, j, a, value = stack(FLOAT, FLOAT), Var(INT), Var(INT), Var(FLOAT), Var(FLOAT)
    push = count((0, n, 1), block(Push(out(kept), (x, Lit(2.0))), params=(i,), yields=(Lit(True),)))
    popped = (Var(FLOAT), Var(FLOAT))
    added = op(operator.mul, *popped)
    summed = op(operator.add, a, out(added))
    body = block(Pop(popped, out(kept)), added, summed, params=(j, a), yields=(Lit(True), *summed.outs))
    pop = count((0, n, 1), body, (Lit(0.0),), (value,))
    (loop,) = simplify(function((x, n), kept, push, pop, results=(value,))).body.statements
    assert isinstance(loop, Loop)
    product = loop.body.statements[0]
    assert isinstance(product, Op) and product.args == (x, Lit(2.0))


class TestCommonSubexpressions:
    def test_both_sweeps_share_a_value(self) -> None:
        first, second = op(np.sin, x), op(np.sin, x)
        assert simplify(function((x,), first, second, results=(out(first), out(second)))).results == first.outs * 2

    def test_factors_may_be_in_any_order(self) -> None:
        first, second = op(operator.mul, x, y), op(operator.mul, y, x)
        assert simplify(function((x, y), first, second, results=(out(first), out(second)))).results == first.outs * 2

    def test_differences_may_not(self) -> None:
        first, second = op(operator.sub, x, y), op(operator.sub, y, x)
        assert len(ops(simplify(function((x, y), first, second, results=(out(first), out(second)))))) == 2

    def test_a_value_of_one_branch_is_not_seen_by_the_other(self) -> None:
        first, second, value = op(np.sin, x), op(np.sin, x), Var(FLOAT)
        choice = branch(t, block(first, yields=first.outs), block(second, yields=second.outs), value)
        f = function((x, t), choice, results=(value,))
        assert simplify(f) is f

    def test_draws_are_never_shared(self) -> None:
        first, second = op(record, x), op(record, x)
        assert len(ops(simplify(function((x,), first, second, results=(out(first), out(second)))))) == 2

    def test_two_stacks_are_never_one(self) -> None:
        first, second = stack(FLOAT), stack(FLOAT)
        f = function((x,), first, second, results=(out(first), out(second)))
        assert simplify(f) is f

    def test_an_integer_and_a_float_constant_differ(self) -> None:
        first, second = op(operator.mul, n, Lit(2), kind=INT), op(operator.mul, n, Lit(2.0))
        assert len(ops(simplify(function((n,), first, second, results=(out(first), out(second)))))) == 2


class TestFolding:
    @pytest.mark.parametrize(
        ("fn", "args", "value"),
        [
            (operator.add, (2, 3), 5),
            (operator.mod, (-1, 3), 2),
            (operator.neg, (1.5,), -1.5),
            (operator.mul, (0.5, 3), 1.5),
            (operator.lt, (1.0, 2), True),
            (operator.not_, (True,), False),
        ],
    )
    def test_constants(self, fn, args, value) -> None:
        (result,) = simplify(folding(op(fn, *map(Lit, args)))).results
        assert result == Lit(value) and type(result.value) is type(value)

    def test_division_by_zero_is_left_to_happen(self) -> None:
        f = folding(op(operator.floordiv, Lit(1), Lit(0), kind=INT))
        assert simplify(f) is f

    @pytest.mark.parametrize(
        "same",
        [
            op(operator.mul, x, Lit(1)),
            op(operator.mul, Lit(1.0), x),
            op(operator.truediv, x, Lit(1)),
            op(operator.pow, x, Lit(1)),
            op(operator.sub, x, Lit(0.0)),
            op(operator.add, Lit(0.0), x, name="x_bar"),
        ],
    )
    def test_what_changes_nothing_goes(self, same: Op) -> None:
        assert simplify(folding(same)).results == (x,)

    @pytest.mark.parametrize(
        "changes",
        [
            op(operator.mul, x, Lit(0.0)),
            op(operator.add, x, Lit(0.0)),
            op(operator.sub, x, Lit(-0.0)),
            op(operator.sub, x, x),
            op(operator.mul, n, Lit(1.0)),
            op(operator.mul, Var(FLOAT), Lit(1.0), kind=Scalar("float64", numpy=True)),
            op(operator.truediv, n, Lit(1)),
        ],
    )
    def test_what_may_change_something_stays(self, changes: Op) -> None:
        f = folding(changes)
        assert simplify(f) is f

    def test_integers_take_back_what_was_done(self) -> None:
        less = op(operator.sub, n, Lit(1), kind=INT)
        assert simplify(folding(less, op(operator.add, out(less), Lit(1), kind=INT))).results == (n,)

    @pytest.mark.parametrize(
        ("fn", "args", "opposite"),
        [(operator.eq, (x, y), operator.ne), (operator.lt, (n, Lit(3)), operator.ge), (operator.lt, (x, y), None)],
    )
    def test_not_is_folded_into_a_test_where_that_is_exact(self, fn, args, opposite) -> None:
        test = op(fn, *args, kind=BOOL)
        simple = simplify(folding(test, op(operator.not_, out(test), kind=BOOL)))
        assert [s.fn for s in ops(simple)] == ([opposite] if opposite else [fn, operator.not_])

    def test_not_of_not_needs_a_boolean(self) -> None:
        first, of_number = op(operator.not_, t, kind=BOOL), op(operator.not_, n, kind=BOOL)
        assert simplify(folding(first, op(operator.not_, out(first), kind=BOOL))).results == (t,)
        assert len(ops(simplify(folding(of_number, op(operator.not_, out(of_number), kind=BOOL))))) == 2


def folding(*statements: Op) -> Function:
    """Return a function of everything in sight that returns the last of some operations."""
    seen = dict.fromkeys(arg for s in statements for arg in s.args if isinstance(arg, Var))
    made = dict.fromkeys(out(s) for s in statements)
    return function([var for var in seen if var not in made], *statements, results=statements[-1].outs)


def test_a_loop_that_never_goes_on_is_its_only_turn() -> None:
    x, start, inside, out = (Var(FLOAT, name) for name in ("x", "start", "inside", "out"))
    once = Loop(
        (out,),
        (x,),
        Block((start,), (Op((inside,), operator.mul, (start, Lit(2.0))),), (Lit(False), inside)),
        test=Block((Var(FLOAT),), (), (Lit(True),)),
    )
    found = simplify(Function("f", (x,), Block((), (once,), (out,))))
    assert [type(s) for s in found.body.statements] == [Op]
