"""Which arrays may share memory, and which are needed after an update."""

import operator

import numpy as np

import ast_ad.rules  # noqa: F401  (fills the table of rules)
from ast_ad.analysis.memory import Liveness, Memory
from ast_ad.ir.build import Builder
from ast_ad.ir.kinds import Array
from ast_ad.ir.nodes import Lit, Var
from ast_ad.rules.registry import infer
from ast_ad.runtime import set_at

VECTOR = Array("float64", ("n1",))


def share(memory, a, b):
    return not memory(a).isdisjoint(memory(b))


def test_views_and_updates_share_and_results_of_arithmetic_do_not():
    x, builder = Var(VECTOR, "x"), Builder(infer)
    y = builder.op(operator.mul, [x, Lit(2.0)])
    part = builder.op(operator.getitem, [y, Lit(0)])
    turned = builder.op(np.flip, [y])
    changed = builder.op(set_at, [y, Lit(0), part])
    memory = Memory(builder.function("f", [x], [turned, changed]))
    assert share(memory, y, turned) and share(memory, y, changed)
    assert not share(memory, x, y)
    assert memory.is_own(changed) and not memory.is_own(x)


def test_a_shape_is_no_use_of_what_an_array_contains():
    x, builder = Var(VECTOR, "x"), Builder(infer)
    y = builder.op(operator.mul, [x, Lit(2.0)])
    builder.op(set_at, [y, Lit(0), Lit(1.0)])
    builder.op(np.zeros_like, [y])
    builder.op(set_at, [y, Lit(1), Lit(1.0)])
    z = builder.op(np.sin, [y])
    function = builder.function("f", [x], [z])
    _, first, _, second, _ = function.body.statements
    live = Liveness(function).after
    assert y in live[first] and y in live[second]

    builder = Builder(infer)
    y = builder.op(operator.mul, [x, Lit(2.0)])
    changed = builder.op(set_at, [y, Lit(0), Lit(1.0)])
    zeros = builder.op(np.zeros_like, [y])
    function = builder.function("f", [x], [changed, zeros])
    assert y not in Liveness(function).after[function.body.statements[1]]
