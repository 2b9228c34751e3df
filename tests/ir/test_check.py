"""Each promise of the grammar, broken once."""

from __future__ import annotations

import operator

import numpy as np
import pytest

from ast_ad.errors import InternalError
from ast_ad.ir.check import check
from ast_ad.ir.kinds import BOOL, COMPLEX, FLOAT, INT, STRING, Scalar, Stack
from ast_ad.ir.nodes import UNDEF, Block, Call, Function, If, Lit, Loop, Op, Operand, Pop, Push, Raise, Statement, Var
from ast_ad.ir.primitives import new_stack

X, N = Var(FLOAT, "x"), Var(INT, "n")
NOTHING = Block((), (), ())


def function(*statements: Statement, results: tuple[Operand, ...] = ()) -> Function:
    return Function("f", (X, N), Block((), statements, results))


def double(out: Var, arg: Operand = X) -> Op:
    return Op((out,), operator.add, (arg, arg))


def counted(body: Block, inits: tuple[Operand, ...] = (), outs: tuple[Var, ...] = ()) -> Loop:
    return Loop(outs, inits, body, range=(Lit(0), N, Lit(1)))


def index() -> Var:
    return Var(INT, "i")


def passes(*statements: Statement, results: tuple[Operand, ...] = ()) -> None:
    made = function(*statements, results=results)
    assert check(made, "a test") is made


def fails(message: str, *statements: Statement, results: tuple[Operand, ...] = ()) -> None:
    with pytest.raises(InternalError, match=message):
        check(function(*statements, results=results), "a test")


def test_a_well_formed_function_passes():
    y, out, total, i = Var(FLOAT, "y"), Var(FLOAT, "y"), Var(FLOAT, "y"), index()
    after = Var(FLOAT, "y")
    branch = If((out,), Lit(True), Block((), (double(y),), (y,)), Block((), (), (UNDEF,)))
    loop = counted(Block((i, total), (double(after, total),), (Lit(True), after)), (X,), (last := Var(FLOAT),))
    passes(branch, loop, results=(out, last))


def test_the_message_names_the_stage_and_the_statement():
    with pytest.raises(InternalError, match=r"(?s)in a stage.*operator\.add.*bug of ast_ad"):
        check(function(double(Var(FLOAT, "y"), Var(FLOAT, "unknown"))), "a stage")


def test_double_definition():
    y = Var(FLOAT, "y")
    fails("y: float is defined twice", double(y), double(y))


def test_double_definition_by_a_parameter_of_a_block():
    fails("x: float is defined twice", counted(Block((index(), X), (), (Lit(True), X)), (X,), (Var(FLOAT),)))


def test_double_definition_in_two_branches():
    y = Var(FLOAT, "y")
    side = Block((), (double(y),), ())
    fails("defined twice", If((), Lit(True), side, side))


def test_double_definition_in_two_outs():
    y = Var(FLOAT, "y")
    fails("defined twice", If((y, y), Lit(True), Block((), (), (X, X)), Block((), (), (X, X))))


def test_use_before_definition():
    y = Var(FLOAT, "y")
    fails("read where it is not defined", double(Var(FLOAT), y), double(y))


def test_use_outside_of_the_branch_that_defines():
    y = Var(FLOAT, "y")
    fails(
        "read where it is not defined", If((), Lit(True), Block((), (double(y),), ()), NOTHING), double(Var(FLOAT), y)
    )


def test_use_in_the_other_branch():
    y = Var(FLOAT, "y")
    there, here = Block((), (double(y),), ()), Block((), (double(Var(FLOAT), y),), ())
    fails("read where it is not defined", If((), Lit(True), there, here))


def test_use_of_a_loop_index_after_the_loop():
    i = index()
    fails("read where it is not defined", counted(Block((i,), (), (Lit(True),))), double(Var(INT), i))


def test_an_out_is_not_visible_inside_its_own_statement():
    y = Var(FLOAT, "y")
    fails("read where it is not defined", If((y,), Lit(True), Block((), (), (y,)), Block((), (), (X,))))


def test_a_result_that_is_not_defined():
    fails("read where it is not defined", results=(Var(FLOAT, "y"),))


def test_a_keyword_argument_that_is_not_defined():
    fails("read where it is not defined", Op((Var(FLOAT),), round, (X,), (("ndigits", Var(INT, "k")),)))


def test_a_test_sees_its_own_parameters_only():
    carried, tested, on = Var(FLOAT, "s"), Var(FLOAT, "s"), Var(BOOL)
    test = Block((tested,), (Op((on,), operator.lt, (carried, Lit(1.0))),), (on,))
    fails("read where it is not defined", Loop((Var(FLOAT),), (X,), Block((carried,), (), (Lit(True), X)), test=test))


def test_undef_as_an_argument():
    fails("UNDEF is read", double(Var(FLOAT), UNDEF))


def test_undef_as_a_test():
    fails("UNDEF is read", If((), UNDEF, NOTHING, NOTHING))


def test_undef_as_an_argument_of_a_call():
    p = Var(FLOAT, "p")
    fails("UNDEF is read", Call((), Function("g", (p,), Block((), (), ())), (UNDEF,)))


def test_undef_as_a_limit_of_a_range_beside_an_init():
    body = Block((index(), s := Var(FLOAT)), (), (Lit(True), s))
    fails("UNDEF is read", Loop((Var(FLOAT),), (UNDEF,), body, range=(Lit(0), UNDEF, Lit(1))))


def test_undef_as_a_result():
    fails("UNDEF is read", results=(UNDEF,))


def test_undef_may_start_what_a_loop_carries():
    passes(counted(Block((index(), Var(FLOAT)), (), (Lit(True), X)), (UNDEF,), (Var(FLOAT),)))


@pytest.mark.parametrize("there, here", [((X,), ()), ((X, X), (X,)), ((X,), (X, X))])
def test_a_branch_that_yields_another_number_of_values(there, here):
    fails("yields", If((Var(FLOAT),), Lit(True), Block((), (), there), Block((), (), here)))


@pytest.mark.parametrize("yields", [(), (Lit(True),), (Lit(True), X, X)])
def test_a_body_that_yields_another_number_of_values(yields):
    fails("yields", counted(Block((index(), Var(FLOAT)), (), yields), (X,), (Var(FLOAT),)))


@pytest.mark.parametrize("inits, outs", [((), 1), ((X,), 0), ((X, X), 1)])
def test_inits_params_and_outs_of_another_number(inits, outs):
    body = Block((index(), Var(FLOAT)), (), (Lit(True), X))
    fails("differ in number", counted(body, inits, tuple(Var(FLOAT) for _ in range(outs))))


def test_a_loop_without_a_range_or_a_test():
    fails("either a range or a test", Loop((), (), Block((), (), (Lit(True),))))


def test_a_loop_with_a_range_and_a_test():
    test = Block((), (), (Lit(True),))
    fails("either a range or a test", Loop((), (), Block((index(),), (), (Lit(True),)), (Lit(0), N, Lit(1)), test))


def test_a_test_that_takes_other_values_than_the_body():
    test = Block((), (), (Lit(True),))
    fails("other values", Loop((Var(FLOAT),), (X,), Block((Var(FLOAT),), (), (Lit(True), X)), test=test))


@pytest.mark.parametrize("yields", [(), (Lit(True), Lit(True))])
def test_a_test_yields_one_boolean(yields):
    fails("yields", Loop((), (), Block((), (), (Lit(True),)), test=Block((), (), yields)))


def test_kinds_at_a_join():
    fails("flows into", If((Var(INT),), Lit(True), Block((), (), (X,)), Block((), (), (N,))))


def test_a_kind_that_is_wider_at_a_join():
    passes(If((Var(FLOAT),), Lit(True), Block((), (), (X,)), Block((), (), (N,))))


def test_kinds_of_an_init():
    fails("flows into", counted(Block((index(), s := Var(INT)), (), (Lit(True), s)), (X,), (Var(INT),)))


def test_kinds_of_what_a_body_yields():
    fails("flows into", counted(Block((index(), Var(FLOAT)), (), (Lit(True), Lit(1j))), (X,), (Var(FLOAT),)))


def test_a_parameter_leaves_the_loop_as_what_it_is():
    fails("leaves the loop", counted(Block((index(), s := Var(FLOAT)), (), (Lit(True), s)), (X,), (Var(COMPLEX),)))


def test_python_and_numpy_numbers_of_one_width_mix():
    y = Var(Scalar("float64", numpy=True))
    passes(Op((y,), np.sin, (X,)), If((Var(FLOAT),), Lit(True), Block((), (), (y,)), Block((), (), (X,))))


@pytest.mark.parametrize("kind", [STRING, Scalar("float32", numpy=True)])
def test_other_kinds_do_not_mix(kind):
    y = Var(kind)
    fails("flows into", Op((y,), str, (X,)), If((Var(FLOAT),), Lit(True), Block((), (), (y,)), Block((), (), (X,))))


@pytest.mark.parametrize("args, message", [((), "0 arguments for 1"), ((X, X), "2 arguments for 1")])
def test_a_call_passes_every_parameter(args, message):
    p = Var(FLOAT, "p")
    fails(message, Call((Var(FLOAT),), Function("g", (p,), Block((), (), (p,))), args))


@pytest.mark.parametrize("count", [0, 2])
def test_a_call_takes_every_result(count):
    p = Var(FLOAT, "p")
    outs = tuple(Var(FLOAT) for _ in range(count))
    fails("for 1 results", Call(outs, Function("g", (p,), Block((), (), (p,))), (X,)))


def test_the_functions_that_are_called_are_checked_too():
    broken = Function("g", (), Block((), (), (Var(FLOAT, "y"),)))
    fails("read where it is not defined", Call((Var(FLOAT),), broken, ()))


def test_a_function_does_not_see_its_caller():
    p, y = Var(FLOAT, "p"), Var(FLOAT, "y")
    inner = Function("g", (p,), Block((), (double(y, X),), (y,)))
    fails("read where it is not defined", Call((Var(FLOAT),), inner, (X,)))


def test_what_a_raise_reads():
    fails("read where it is not defined", Raise(ValueError, (Var(FLOAT, "y"),)))


# stacks


def stack(*kinds) -> tuple[Var, Op]:
    made = Var(Stack(kinds), "stack")
    return made, Op((made,), new_stack, ())


def test_a_push_and_a_pop_that_agree():
    s, made = stack(FLOAT, INT)
    passes(made, Push(s, (X, N)), Pop((Var(FLOAT), Var(INT)), s))


def test_a_second_push_site():
    s, made = stack(FLOAT)
    fails("second site", made, Push(s, (X,)), Push(s, (X,)))


def test_a_second_pop_site():
    s, made = stack(FLOAT)
    fails("second site", made, Push(s, (X,)), Pop((Var(FLOAT),), s), Pop((Var(FLOAT),), s))


@pytest.mark.parametrize("values", [(), (X,), (X, N, N)])
def test_a_push_of_another_number_of_components(values):
    s, made = stack(FLOAT, INT)
    fails("components for", made, Push(s, values))


@pytest.mark.parametrize("kinds", [(), (FLOAT,), (FLOAT, INT, INT)])
def test_a_pop_of_another_number_of_components(kinds):
    s, made = stack(FLOAT, INT)
    fails("components for", made, Pop(tuple(map(Var, kinds)), s))


def test_a_push_of_another_kind():
    s, made = stack(INT)
    fails("flows into", made, Push(s, (X,)))


def test_a_pop_of_another_kind():
    s, made = stack(FLOAT)
    fails("is taken as", made, Pop((Var(INT),), s))


def test_a_push_on_what_is_no_stack():
    fails("is no stack", Push(X, (X,)))


def test_a_stack_that_is_not_defined():
    fails("read where it is not defined", Push(Var(Stack((FLOAT,)), "stack"), (X,)))


def test_a_stack_of_stacks():
    inner, made_inner = stack(FLOAT)
    outer, made_outer = stack(Stack((FLOAT,)), INT)
    taken = Var(Stack((FLOAT,)), "stack")
    passes(made_inner, made_outer, Push(outer, (inner, N)), Pop((taken, Var(INT)), outer), Pop((Var(FLOAT),), taken))
