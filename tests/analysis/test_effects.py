"""Effects of statements, nested and called ones included."""

from __future__ import annotations

import operator

import ast_ad.rules  # noqa: F401
from ast_ad.analysis.effects import effects, observable
from ast_ad.ir.kinds import FLOAT, INT, Stack
from ast_ad.ir.nodes import Call, Lit, Op, Pop, Push, Raise, Var
from ast_ad.ir.primitives import new_stack, nonempty
from tests.random_ir import record
from tests.small_ir import block, branch, count, function, op

x = Var(FLOAT, "x")
saved = Var(Stack((FLOAT,)), "stack")


def test_arithmetic_has_none() -> None:
    assert not effects(op(operator.truediv, x, Lit(0.0)))


def test_of_an_unknown_callable_nothing_is_known() -> None:
    assert effects(op(record, x)) == {"draws", "raises"}
    assert effects(op(print, x)) == {"draws"}


def test_stacks() -> None:
    assert effects(Op((saved,), new_stack, ())) == {"allocates"}
    assert effects(Push(saved, (x,))) == {"pushes"}
    assert effects(Pop((Var(FLOAT),), saved)) == {"pops"}
    assert effects(op(nonempty, saved)) == {"reads"}


def test_nested_and_called_statements_count() -> None:
    guard = branch(Lit(True), block(Raise(ValueError, ())), block())
    loop = count((0, 3, 1), block(guard, Push(saved, (x,)), params=(Var(INT),), yields=(Lit(True),)))
    call = Call((), function((), loop, results=()), ())
    assert effects(call) == effects(loop) == {"raises", "pushes"}


def test_observable_statements_and_what_contains_them() -> None:
    failing = Raise(ValueError, ())
    guard = branch(Lit(True), block(failing), block())
    pure = op(operator.neg, x)
    helper = function((), guard, pure, results=())
    call = Call((), helper, ())
    assert observable(function((x,), call, pure, results=())) == {failing, guard, call}
