"""Arrays that stand where none is: the lengths that their kinds promise, and gradients of gradients that read them."""

from __future__ import annotations

import numpy as np
import pytest

import ast_ad
from ast_ad.ir.kinds import Array
from ast_ad.ir.nodes import Op, Statement, Var
from ast_ad.transform.placeholders import placeholder

AROUND = {
    Var(Array("float64", ("n1",)), "x"): np.ones(5),
    Var(Array("float64", ("?2", 4)), "y"): np.ones((1, 4)),
    Var(Array("int64", ("?n3-1",)), "z"): np.ones(7, int),
}


@pytest.mark.parametrize(
    ("dims", "shape"),
    [
        (("n1",), (5,)),
        (("?2", 4), (1, 4)),
        ((3, 2), (3, 2)),
        (("n1", "?2"), (5, 1)),
        (("n1+n1",), (10,)),
        (("?n1-7",), (0,)),
        (("?n3-1", "n?2*n1"), (7, 5)),
        (("?n1-1[::2]", "?n1[None:None:-2]"), (2, 3)),
        (("n9", "?n9-1"), (1, 1)),
    ],
)
def test_lengths(dims, shape):
    before: list[Statement] = []
    made = placeholder(Array("float64", dims), AROUND, before)
    values = dict(AROUND)
    for op in before:
        assert isinstance(op, Op)
        args, options = op.arranged([values[arg] if isinstance(arg, Var) else arg.value for arg in op.args])
        values[op.outs[0]] = op.fn(*args, **options)
    np.testing.assert_array_equal(values[made], np.zeros(shape))


def in_a_loop(x, n):
    total = 0.0
    for k in range(n):
        if k % 2 == 0:
            squares, pairs = x * x * k, np.concatenate([x, x * k])
        total = total + squares[k % 2] * pairs[k % 4]
    return total


@pytest.mark.parametrize("inner", [None, 2])
@pytest.mark.parametrize("outer", [None, 2, "sqrt"])
def test_gradients_of_gradients(inner, outer):
    x, v = np.array([0.5, 1.0, -0.3]), np.array([1.0, -2.0, 0.5])

    def along(x, checkpoint):
        return np.sum(ast_ad.grad(in_a_loop, checkpoint=checkpoint)(x, 5) * v)

    found = ast_ad.grad(along, checkpoint=outer)(x, inner)
    np.testing.assert_allclose(found, ast_ad.jvp(ast_ad.grad(lambda x: in_a_loop(x, 5)), (x,), (v,))[1], rtol=1e-12)
