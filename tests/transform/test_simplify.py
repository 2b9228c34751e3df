"""What `simplify` promises for every program, on random ones, and on all of its passes at once."""

from __future__ import annotations

import operator
import random
from typing import Any

import pytest

import ast_ad.rules  # noqa: F401  (fills the table that says which callables are pure)
from ast_ad.ir.check import check
from ast_ad.ir.kinds import BOOL, FLOAT, INT, STRING
from ast_ad.ir.nodes import UNDEF, Function, Lit, Note, Pop, Push, Raise, Var, defined, functions, walk
from ast_ad.ir.show import text
from ast_ad.transform.simplify import simplify
from tests import random_ir
from tests.interpreter import run
from tests.small_ir import block, branch, count, function, op, out, stack

_RAISED = (ValueError, KeyError, UnboundLocalError, RuntimeError)


def outcome(f: Function, args: tuple[Any, ...]) -> tuple[Any, ...] | None:
    """Return the results or the error, and what was recorded; None where a pure operation failed by accident."""
    random_ir.LOG.clear()
    try:
        return repr(run(f, *args)), tuple(random_ir.LOG)
    except _RAISED as error:
        return type(error), repr(error.args), tuple(random_ir.LOG)
    except ZeroDivisionError:
        return None


@pytest.mark.parametrize("first", [0, *(pytest.param(first, marks=pytest.mark.deep) for first in range(100, 600, 100))])
def test_random_programs_do_the_same_with_less(first: int) -> None:
    before = after = compared = 0
    for seed in range(first, first + 100):
        program = check(random_ir.program(seed), "random program")
        simple = check(simplify(program), "simplify")
        before += size(program)
        after += size(simple)
        rng = random.Random(seed)
        for _ in range(3):
            args = (rng.choice((0.0, -0.0, 1.5, float("nan"))), rng.uniform(-2, 2), rng.randrange(-1, 5))
            expected = outcome(program, args)
            if expected is not None:
                compared += 1
                assert outcome(simple, args) == expected, f"seed {seed}, arguments {args}"
    assert compared > 150
    assert after < before / 2


def size(f: Function) -> int:
    """Return the number of statements of a program."""
    return sum(1 for each in functions(f) for _ in walk(each.body))


def test_a_simple_function_is_returned_as_it_is() -> None:
    for seed in range(40):
        simple = simplify(random_ir.program(seed))
        assert simplify(simple) is simple, f"seed {seed}"


def test_the_input_is_left_alone() -> None:
    for seed in range(20):
        program = random_ir.program(seed)
        before = text(program)
        simplify(program)
        assert text(program) == before


def test_the_same_program_gives_the_same_text() -> None:
    for seed in range(20):
        assert text(simplify(random_ir.program(seed))) == text(simplify(random_ir.program(seed)))


def test_a_loop_with_everything_in_it_becomes_what_a_person_would_write() -> None:
    x, n, i, total, term, ran = (
        Var(FLOAT, "x"),
        Var(INT, "n"),
        Var(INT, "i"),
        Var(FLOAT, "total"),
        Var(FLOAT),
        Var(BOOL),
    )
    total_out, term_out, ran_out = Var(FLOAT), Var(FLOAT), Var(BOOL)
    kept = stack(FLOAT, FLOAT, FLOAT)
    product = op(operator.mul, term, x)
    added = op(operator.add, total, out(product))
    forward = count(
        (0, n, 1),
        block(Push(out(kept), (term, x, total)), product, added, params=(i, total, term, ran),
              yields=(Lit(True), out(added), out(product), Lit(True))),
        (Lit(0.0), Lit(1.0), Lit(False)),
        (total_out, term_out, ran_out),
    )  # fmt: skip
    bound = branch(ran_out, block(), block(Raise(UnboundLocalError, ())))
    j, x_bar, seed, x_bar_out, seed_out = (
        Var(INT, "j"),
        Var(FLOAT, "x_bar"),
        Var(FLOAT),
        Var(FLOAT, "x_bar"),
        Var(FLOAT),
    )
    popped = (Var(FLOAT), Var(FLOAT), Var(FLOAT))
    scaled = op(operator.mul, popped[0], seed)
    shifted = op(operator.mul, out(scaled), popped[1])
    summed = op(operator.add, x_bar, out(shifted))
    reverse = count(
        (0, n, 1),
        block(Pop(popped, out(kept)), scaled, shifted, summed, params=(j, x_bar, seed),
              yields=(Lit(True), out(summed), seed)),
        (Lit(0.0), Lit(2.0)),
        (x_bar_out, seed_out),
    )  # fmt: skip
    f = function(
        (x, n), Note("forward sweep"), kept, forward, bound, Note("reverse sweep"), reverse, results=(x_bar_out,)
    )
    expected = """\
def f(x: float, n: int):
    # forward sweep
    stack: stack[float] = new_stack()
    %0: bool = operator.gt(n, 0)
    %2: float = for i in range(0, n, 1) carrying (%1: float = 1.0):
        push stack <- %1
        %3: float = operator.mul(%1, x)
        yield True, %3
    if %0:
        yield
    else:
        raise UnboundLocalError()
        yield
    # reverse sweep
    x_bar.1: float = for j in range(0, n, 1) carrying (x_bar: float = 0.0):
        %4: float = pop stack
        %5: float = operator.mul(%4, 2.0)
        %6: float = operator.mul(%5, x)
        %7: float = operator.add(x_bar, %6)
        yield True, %7
    return x_bar.1"""
    simple = simplify(check(f, "by hand"))
    assert text(simple).replace("yield \n", "yield\n") == expected
    assert run(simple, 1.5, 4) == run(f, 1.5, 4)


def test_a_value_that_is_missing_on_the_only_path_stays_defined() -> None:
    x, n, flag = Var(FLOAT, "x"), Var(INT, "n"), Var(BOOL)
    value = Var(FLOAT, "value")
    twice = op(operator.mul, x, Lit(2.0))
    one = branch(Lit(False), block(twice, yields=twice.outs), block(yields=(UNDEF,)), value)
    read = branch(flag, block(op(print, value, kind=STRING)), block())
    simple = simplify(function((x, n, flag), one, read, results=(x,)))
    assert value in {out for s in check(simple, "simplify").body.statements for out in defined(s)}
