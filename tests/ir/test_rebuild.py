"""Copies of IR compute the same, and share no variable with what they were copied from."""

from __future__ import annotations

import operator
import random

import numpy as np
import pytest

from ast_ad.ir.check import check
from ast_ad.ir.kinds import FLOAT, INT, Stack
from ast_ad.ir.nodes import Block, Call, Function, Lit, Note, Op, Pop, Push, Raise, Var, blocks, defined, walk
from ast_ad.ir.primitives import new_stack
from ast_ad.ir.rebuild import Substitution, inlined
from tests import random_ir, random_programs
from tests.interpreter import run


def variables(function: Function) -> set[Var]:
    """Return every variable that a function defines."""
    found = set(function.params)
    pending = [function.body]
    while pending:
        block = pending.pop()
        found.update(block.params)
        for statement in block.statements:
            found.update(defined(statement))
            pending += blocks(statement)
    return found


def copied(function: Function) -> Function:
    fresh = Substitution()
    params = fresh.fresh(function.params)
    return Function(function.name, params, fresh.block(function.body))


@pytest.mark.parametrize("seed", range(15))
def test_a_copy_computes_the_same_with_variables_of_its_own(seed):
    function = random_programs.program(seed, 25)
    copy = check(copied(function), "copy")
    assert not variables(function) & variables(copy)
    assert len(variables(function)) == len(variables(copy))
    with np.errstate(all="ignore"):
        assert run(copy, 0.3, -0.8, 3) == run(function, 0.3, -0.8, 3)


@pytest.mark.parametrize("seed", range(15))
def test_every_kind_of_statement_is_copied(seed):
    function = random_ir.program(seed)
    copy = check(copied(function), "copy")
    assert not variables(function) & variables(copy)
    assert [type(s) for s in walk(copy.body)] == [type(s) for s in walk(function.body)]


def test_a_variable_that_is_not_in_the_map_stands_for_itself():
    x, y, z = Var(FLOAT, "x"), Var(FLOAT, "y"), Var(FLOAT, "z")
    copy = Substitution({x: Lit(2.0)}).statement(Op((z,), operator.mul, (x, y)))
    assert isinstance(copy, Op)
    assert copy.args == (Lit(2.0), y)
    assert copy.outs != (z,) and copy.outs[0].name == "z"


def test_keywords_are_copied():
    x, k = Var(FLOAT, "x"), Var(INT, "k")
    copy = Substitution({k: Lit(3)}).statement(Op((Var(FLOAT),), round, (x,), (("ndigits", k),)))
    assert isinstance(copy, Op)
    assert copy.kwargs == (("ndigits", Lit(3)),)


def test_the_stack_of_a_push_and_a_pop_is_copied():
    s, t = Var(Stack((FLOAT,)), "s"), Var(Stack((FLOAT,)), "t")
    x, y = Var(FLOAT, "x"), Var(FLOAT, "y")
    substitution = Substitution({s: t, x: Lit(1.0)})
    push, pop = substitution.statement(Push(s, (x,))), substitution.statement(Pop((y,), s))
    assert isinstance(push, Push) and push.stack is t and push.values == (Lit(1.0),)
    assert isinstance(pop, Pop) and pop.stack is t and substitution(y) is pop.outs[0]


def test_a_raise_and_a_note():
    x = Var(FLOAT, "x")
    substitution = Substitution({x: Lit(1.0)})
    copy = substitution.statement(Raise(ValueError, (x,)))
    assert isinstance(copy, Raise) and copy.args == (Lit(1.0),)
    note = Note("text")
    assert substitution.statement(note) is note


def test_a_stack_does_not_become_a_constant():
    s = Var(Stack(()), "s")
    with pytest.raises(AssertionError, match="stands for"):
        Substitution({s: Lit(None)}).statement(Push(s, ()))


def test_inlining_computes_what_the_call_does():
    rng = random.Random(0)
    for seed in range(15):
        callee = random_programs.program(seed, 15)
        x, n = Var(FLOAT, "x"), Var(INT, "n")
        outs = tuple(Var(result.kind) for result in callee.results)
        args = (x, Lit(0.4), n)
        called = Function("f", (x, n), Block((), (Call(outs, callee, args),), outs))
        statements, results = inlined(callee, args)
        again, _ = inlined(callee, (Lit(0.1), x, n))
        inline = check(Function("f", (x, n), Block((), (*again, *statements), results)), "inlined twice")
        point = rng.uniform(-1, 1), rng.randrange(5)
        with np.errstate(all="ignore"):
            assert run(inline, *point) == run(called, *point)


def test_inlining_a_function_that_returns_its_parameter():
    p, x = Var(FLOAT, "p"), Var(FLOAT, "x")
    statements, results = inlined(Function("g", (p,), Block((), (), (p, Lit(2.0)))), (x,))
    assert statements == [] and results == (x, Lit(2.0))


def test_copies_of_a_stack_are_their_own():
    s, y = Var(Stack((FLOAT,)), "s"), Var(FLOAT, "y")
    x = Var(FLOAT, "x")
    body = Block((), (Op((s,), new_stack, ()), Push(s, (x,)), Pop((y,), s)), (y,))
    statements, results = inlined(Function("g", (x,), body), (Lit(1.5),))
    more, others = inlined(Function("g", (x,), body), (Lit(2.5),))
    both = check(Function("f", (), Block((), (*statements, *more), (*results, *others))), "inlined twice")
    assert run(both) == (1.5, 2.5)
