"""Copies are put where somebody else may see an array that is updated, and nowhere else."""

import operator

import numpy as np

import ast_ad
from ast_ad.interpreter import run
from ast_ad.ir import primitives
from ast_ad.ir.build import Builder
from ast_ad.ir.kinds import Array
from ast_ad.ir.nodes import Lit, Op, Var, walk
from ast_ad.rules.registry import infer
from ast_ad.runtime import set_at
from ast_ad.transform.ownership import owned

VECTOR = Array("float64", ("n1",))


def copied(function, fresh=()):
    """The arrays that are copied."""
    ops = [s for s in walk(owned(function, fresh).body) if isinstance(s, Op)]
    return [s.args[0] for s in ops if s.fn in (primitives.copy, np.copy)]


def test_a_parameter_is_copied_before_it_is_updated():
    x, builder = Var(VECTOR, "x"), Builder(infer)
    y = builder.op(set_at, [x, Lit(0), Lit(1.0)])
    assert copied(builder.function("f", [x], [y])) == [x]


def test_what_nobody_else_sees_is_not_copied():
    x, builder = Var(VECTOR, "x"), Builder(infer)
    y = builder.op(operator.mul, [x, Lit(2.0)])
    z = builder.op(set_at, [y, Lit(0), Lit(1.0)])
    assert copied(builder.function("f", [x], [z])) == []


def test_what_is_read_later_is_copied_also_through_a_view():
    x, builder = Var(VECTOR, "x"), Builder(infer)
    y = builder.op(operator.mul, [x, Lit(2.0)])
    view = builder.op(np.flip, [y])
    z = builder.op(set_at, [y, Lit(0), Lit(1.0)])
    later = builder.op(operator.add, [view, z])
    assert copied(builder.function("f", [x], [z, later])) == [y]


def test_what_can_be_read_before_is_not_copied():
    x, builder = Var(VECTOR, "x"), Builder(infer)
    y = builder.op(operator.mul, [x, Lit(2.0)])
    view = builder.op(np.flip, [y])
    z = builder.op(set_at, [y, Lit(0), Lit(1.0)])
    later = builder.op(np.sum, [view])
    function = builder.function("f", [x], [z, later])
    assert copied(function) == []
    assert run(owned(function), np.array([1.0, 2.0]))[1] == 6.0


def test_results_are_arrays_of_their_own():
    x, builder = Var(VECTOR, "x"), Builder(infer)
    y = builder.op(operator.mul, [x, Lit(2.0)])
    function = builder.function("f", [x], [x, y, y])
    assert copied(function, range(3)) == [x, y]


def test_a_loop_updates_a_copy_of_what_is_read_after_it():
    def f(x):
        y = x * 2.0
        z = y + 0.0
        for i in range(3):
            z[i] = y[i] * z[i - 1]
        return np.sum(z * y)

    gradient = ast_ad.grad(f)
    x = np.array([1.0, 2.0, 3.0])
    step = 1e-6 * np.eye(3)
    differences = [(f(x + d) - f(x - d)) / 2e-6 for d in step]
    np.testing.assert_allclose(gradient(x), differences, rtol=1e-6)


def test_a_copy_lies_as_the_original_so_that_sums_add_in_the_same_order():
    def f(x, scale):
        x[0] *= scale
        return np.sum(x)

    x = np.asfortranarray(np.random.default_rng(0).normal(size=(37, 41)))
    values = [f(x.copy(order), 1.5) for order in "KC"]
    assert values[0] != values[1]
    assert ast_ad.value_and_grad(f)(x, 1.5)[0] == values[0]
