"""The questions that passes ask of nodes."""

from __future__ import annotations

import operator

import numpy as np

from ast_ad.ir.kinds import BOOL, FLOAT, INT, Stack
from ast_ad.ir.nodes import (
    Block,
    Call,
    Function,
    If,
    Lit,
    Loop,
    Note,
    Op,
    Pop,
    Push,
    Raise,
    Var,
    blocks,
    defined,
    free_variables,
    functions,
    operands,
    walk,
)

X, Y, N = Var(FLOAT, "x"), Var(FLOAT, "y"), Var(INT, "n")
STACK = Var(Stack((FLOAT,)), "stack")


def sine(out: Var, arg: Var) -> Op:
    return Op((out,), np.sin, (arg,))


def test_the_kind_of_a_constant():
    assert Lit(1.0).kind == FLOAT and Lit(True).kind == BOOL


def test_operands_of_every_statement():
    body = Block((Var(INT), Var(FLOAT)), (), (Lit(True), X))
    callee = Function("g", (Var(FLOAT),), Block((), (), ()))
    assert operands(Op((), round, (X,), (("ndigits", N),))) == (X, N)
    assert operands(If((), X, Block((), (), (Y,)), Block((), (), (Y,)))) == (X,)
    assert operands(Loop((Var(FLOAT),), (Y,), body, (Lit(0), N, Lit(1)))) == (Lit(0), N, Lit(1), Y)
    assert operands(Call((), callee, (X,))) == (X,)
    assert operands(Push(STACK, (X, Y))) == (STACK, X, Y)
    assert operands(Pop((X,), STACK)) == (STACK,)
    assert operands(Raise(ValueError, (X,))) == (X,)
    assert operands(Note("text")) == ()


def test_what_statements_define():
    assert defined(Pop((X,), STACK)) == (X,)
    assert defined(Push(STACK, (X,))) == defined(Note("text")) == defined(Raise(ValueError, ())) == ()


def test_index_and_carried_variables():
    i, s = Var(INT, "i"), Var(FLOAT, "s")
    counted = Loop((Var(FLOAT),), (X,), Block((i, s), (), (Lit(True), s)), range=(Lit(0), N, Lit(1)))
    assert counted.index is i and counted.carried == (s,)
    test = Block((Var(FLOAT),), (), (Lit(True),))
    loop = Loop((Var(FLOAT),), (X,), Block((s,), (), (Lit(True), s)), test=test)
    assert loop.index is None and loop.carried == (s,)
    assert blocks(loop) == (loop.test, loop.body)


def test_walk_is_outermost_first_and_in_order():
    a, b, c, d = (Var(FLOAT, name) for name in "abcd")
    branch = If((), X, Block((), (sine(b, X),), ()), Block((), (sine(c, X),), ()))
    block = Block((), (first := sine(a, X), branch, last := sine(d, X)), ())
    assert list(walk(block)) == [first, branch, *branch.then.statements, *branch.orelse.statements, last]


def test_free_variables_in_the_order_of_first_use():
    a, b, s = Var(FLOAT, "a"), Var(FLOAT, "b"), Var(FLOAT, "s")
    inner = Block((Var(INT, "i"), s), (sine(a, s), Op((b,), operator.add, (Y, a))), (Lit(True), X))
    block = Block((), (Loop((out := Var(FLOAT),), (Lit(0.0),), inner, (Lit(0), N, Lit(1))),), (out,))
    assert list(free_variables(block)) == [N, Y, X]
    assert list(free_variables(inner)) == [Y, X]


def test_what_one_region_binds_is_not_free_in_the_next():
    a = Var(FLOAT, "a")
    assert list(free_variables(Block((), (sine(a, X),), ()), Block((), (), (a, Y)))) == [X, Y]


def test_functions_come_after_those_that_they_call_and_once():
    leaf = Function("leaf", (), Block((), (), ()))
    middle = Function("middle", (), Block((), (Call((), leaf, ()),), ()))
    nested = Block((), (Call((), middle, ()), Call((), leaf, ())), ())
    main = Function("main", (), Block((), (If((), Lit(True), nested, Block((), (), ())),), ()))
    assert functions(main) == (leaf, middle, main)
