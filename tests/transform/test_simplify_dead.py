"""Dead code, and calls."""

from __future__ import annotations

import operator

import numpy as np

import ast_ad.rules  # noqa: F401
from ast_ad.ir.check import check
from ast_ad.ir.kinds import BOOL, FLOAT, INT, Stack
from ast_ad.ir.nodes import Block, Call, Function, If, Lit, Loop, Note, Op, Pop, Push, Raise, Var
from ast_ad.transform.simplify import simplify
from ast_ad.transform.simplify.dead import without_dead_code
from tests.interpreter import run
from tests.random_ir import record
from tests.small_ir import block, branch, count, function, op, out, stack

x, y, n, t = Var(FLOAT, "x"), Var(FLOAT, "y"), Var(INT, "n"), Var(BOOL, "t")


def test_an_operation_that_nothing_reads_goes_and_an_effect_stays() -> None:
    unused, draw = op(np.sin, x), op(record, x)
    assert without_dead_code(function((x,), unused, draw, results=(x,))).body.statements == (draw,)


def test_a_raise_keeps_what_decides_on_it() -> None:
    test = op(operator.lt, x, Lit(0.0), kind=BOOL)
    guard = branch(out(test), block(Raise(ValueError, (x,))), block())
    f = function((x,), test, guard, results=(Lit(1.0),))
    assert without_dead_code(f) is f


def test_an_if_keeps_only_the_outs_that_are_read() -> None:
    a, b = Var(FLOAT), Var(FLOAT)
    sine, cosine = op(np.sin, x), op(np.cos, x)
    choice = branch(t, block(sine, cosine, yields=(out(sine), out(cosine))), block(yields=(x, y)), a, b)
    (statement,) = without_dead_code(function((x, y, t), choice, results=(b,))).body.statements
    assert isinstance(statement, If)
    assert statement.outs == (b,) and statement.then.statements == (cosine,) and statement.orelse.yields == (y,)


def test_a_carried_value_that_only_feeds_itself_goes() -> None:
    i, a, b, a_out, b_out = Var(INT), Var(FLOAT), Var(FLOAT), Var(FLOAT), Var(FLOAT)
    grown, shrunk = op(operator.mul, a, x), op(operator.mul, b, y)
    body = block(grown, shrunk, params=(i, a, b), yields=(Lit(True), *grown.outs, *shrunk.outs))
    f = function((x, y, n), count((0, n, 1), body, (x, y), (a_out, b_out)), results=(a_out,))
    (loop,) = without_dead_code(f).body.statements
    assert isinstance(loop, Loop) and loop.carried == (a,) and loop.body.statements == (grown,)


def test_a_loop_that_nothing_needs_goes() -> None:
    a, tested, left = Var(FLOAT), Var(FLOAT), Var(FLOAT)
    test = op(operator.lt, tested, y, kind=BOOL)
    twice = op(operator.mul, a, Lit(2))
    test_block = block(test, params=(tested,), yields=test.outs)
    loop = Loop((left,), (x,), block(twice, params=(a,), yields=(Lit(True), *twice.outs)), test=test_block)
    assert not without_dead_code(function((x, y), loop, results=(x,))).body.statements
    assert without_dead_code(function((x, y), loop, results=(left,))).body.statements == (loop,)


def saving(*read: int) -> Function:
    """Return a function that saves three values in a loop, and reads those at the positions `read` in a second one."""
    kept, i, j, a, a_out = stack(FLOAT, FLOAT, FLOAT), Var(INT), Var(INT), Var(FLOAT), Var(FLOAT)
    values = [op(operator.mul, i, scale) for scale in (x, y, Lit(3.0))]
    push = count((0, n, 1), block(*values, Push(out(kept), tuple(map(out, values))), params=(i,), yields=(Lit(True),)))
    popped = tuple(Var(FLOAT) for _ in values)
    statements: list[Op] = []
    last = a
    for position in read:
        statements.append(op(operator.add, last, popped[position]))
        last = out(statements[-1])
    body = block(Pop(popped, out(kept)), *statements, params=(j, a), yields=(Lit(True), last))
    return function((x, y, n), kept, push, count((0, n, 1), body, (Lit(0.0),), (a_out,)), results=(a_out,))


def test_a_stack_keeps_the_components_that_are_read() -> None:
    f = saving(1)
    simple = check(without_dead_code(f), "dead")
    made, push, pop = simple.body.statements
    assert isinstance(made, Op) and made.outs[0].kind == Stack((FLOAT,))
    assert isinstance(push, Loop) and len(push.body.statements) == 2
    assert isinstance(pop, Loop) and len(pop.body.statements[0].outs) == 1
    assert run(simple, 1.5, 2.5, 4) == run(f, 1.5, 2.5, 4)


def test_a_stack_that_nothing_is_read_from_goes() -> None:
    assert not simplify(saving()).body.statements


def test_a_stack_that_is_returned_keeps_everything() -> None:
    f = saving(1)
    made = f.body.statements[0]
    assert isinstance(made, Op)
    whole = Function("f", f.params, Block((), f.body.statements, (*f.results, *made.outs)))
    assert without_dead_code(whole) is whole


def test_of_two_notes_in_a_row_the_second_stays() -> None:
    draw = op(record, x)
    notes = Note("forward sweep"), op(np.sin, x), Note("reverse sweep"), draw
    assert without_dead_code(function((x,), *notes, results=(x,))).body.statements == (notes[2], draw)


def callee() -> Function:
    a, b, unused = Var(FLOAT, "a"), Var(FLOAT, "b"), Var(FLOAT, "unused")
    first, second = op(np.sin, a), op(np.cos, b)
    return function((a, b, unused), first, second, results=(out(first), out(second), b), name="callee")


def test_a_called_function_keeps_what_some_call_reads() -> None:
    helper = callee()
    calls = [Call((Var(FLOAT), Var(FLOAT), Var(FLOAT)), helper, args) for args in ((x, y, x), (y, x, y))]
    f = function((x, y), *calls, results=(calls[0].outs[0], calls[1].outs[0]))
    simple = check(without_dead_code(f), "dead")
    first, second = simple.body.statements
    assert isinstance(first, Call) and isinstance(second, Call) and first.function is second.function
    assert (first.args, second.args) == ((x,), (y,))
    assert len(first.function.results) == 1 and len(first.function.body.statements) == 1
    assert run(simple, 0.5, 2.0) == run(f, 0.5, 2.0)


def test_a_small_function_that_is_called_once_moves_to_its_call() -> None:
    call = Call((Var(FLOAT), Var(FLOAT), Var(FLOAT)), callee(), (x, y, x))
    simple = simplify(function((x, y), call, results=call.outs))
    assert [s.fn for s in simple.body.statements if isinstance(s, Op)] == [np.sin, np.cos]
    assert simple.results[2] is y


def test_a_constant_that_every_call_passes_moves_into_the_function() -> None:
    a, b = Var(FLOAT, "a"), Var(FLOAT, "b")
    product = op(operator.mul, a, b)
    helper = function((a, b), product, results=product.outs, name="helper")
    calls = [Call((Var(FLOAT),), helper, (arg, Lit(2.5))) for arg in (x, y)]
    simple = simplify(function((x, y), *calls, results=(calls[0].outs[0], calls[1].outs[0])))
    (call, _) = simple.body.statements
    assert isinstance(call, Call) and call.args == (x,)
    (only,) = call.function.body.statements
    assert isinstance(only, Op) and only.args == (a, Lit(2.5))


def test_a_call_with_an_effect_stays() -> None:
    a = Var(FLOAT, "a")
    helper = function((a,), op(record, a), results=(a,), name="helper")
    calls = [Call((Var(FLOAT),), helper, (x,)), Call((Var(FLOAT),), helper, (y,))]
    assert len(simplify(function((x, y), *calls, results=(x,))).body.statements) == 2
