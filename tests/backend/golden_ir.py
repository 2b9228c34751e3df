"""The IR of the derivatives of golden pairs 1 to 4, written by hand as the transforms would make it."""

from __future__ import annotations

import operator as o

import numpy as np

from ast_ad.ir.kinds import FLOAT, INT
from ast_ad.ir.nodes import Block, Function, Var
from tests.backend.build import Body, floats, integer


def product_grad() -> Function:
    x, y, z, out_bar = floats("x y z out_bar")
    body = Body()
    body.note("forward sweep")
    q = body.op(o.add, body.op(o.mul, 2, x), y, name="q")
    body.note("reverse sweep")
    q_bar = body.op(o.mul, out_bar, z, name="q_bar")
    z_bar = body.op(o.mul, out_bar, q, name="z_bar")
    x_bar = body.op(o.mul, q_bar, 2, name="x_bar")
    return body.function("product_grad", (x, y, z, out_bar), x_bar, q_bar, z_bar, out_bar=1.0)


def wave_grad() -> Function:
    x, out_bar = floats("x out_bar")
    body = Body()
    body.note("forward sweep")
    s = body.op(np.sin, x)
    e = body.op(np.exp, s)
    c = body.op(np.cos, x)
    body.note("reverse sweep")
    c_bar = body.op(o.mul, body.op(o.mul, out_bar, 2), c, name="c_bar")
    s_bar = body.op(o.mul, body.op(o.mul, out_bar, 10), e, name="s_bar")
    x_bar = body.op(o.sub, body.op(o.mul, s_bar, c), body.op(o.mul, c_bar, s), name="x_bar")
    return body.function("wave_grad", (x, out_bar), x_bar, out_bar=1.0)


def series_grad() -> Function:
    x, out_bar = floats("x out_bar")
    n = integer("n")
    body = Body()
    body.note("forward sweep")
    stack = body.stack(FLOAT)
    body.count((0, n, 1), (1.0,), _series_forward(x, stack))
    body.note("reverse sweep")
    x_bar, _ = body.count((0, n, 1), (0.0, 0.0), _series_reverse(x, out_bar, stack))
    return body.function("series_grad", (x, n, out_bar), x_bar, out_bar=1.0)


def _series_forward(x: Var, stack: Var) -> Block:
    (term,), (after,) = floats("term"), floats("term")
    body, then, orelse = Body(), Body(), Body()
    body.push(stack, term)
    test = body.test(o.gt, term, 0.5)
    grown = then.op(o.mul, term, then.op(np.sin, x), name="term")
    moved = orelse.op(o.add, term, x, name="term")
    body.branch(test, then.yields(grown), orelse.yields(moved), (after,))
    return body.yields(True, after, params=(integer("i"), term))


def _series_reverse(x: Var, out_bar: Var, stack: Var) -> Block:
    x_bar, term_bar, term = floats("x_bar term_bar term")
    x_after, term_after = floats("x_bar term_bar")
    body, then, orelse = Body(), Body(), Body()
    body.pop(stack, term)
    raised = body.op(o.add, term_bar, out_bar, name="term_bar")
    test = body.test(o.gt, term, 0.5)
    # The adjoint of `term` first, although that of `x` needs its old value: the order is the emitter's business.
    scaled = then.op(o.mul, raised, then.op(np.sin, x), name="term_bar")
    part = then.op(o.mul, then.op(o.mul, raised, term), then.op(np.cos, x))
    grown = then.op(o.add, x_bar, part, name="x_bar")
    moved = orelse.op(o.add, x_bar, raised, name="x_bar")
    body.branch(test, then.yields(grown, scaled), orelse.yields(moved, raised), (x_after, term_after))
    return body.yields(True, x_after, term_after, params=(integer("i"), x_bar, term_bar))


def newton_sqrt_grad() -> Function:
    a, tol, out_bar = floats("a tol out_bar")
    body = Body()
    body.note("forward sweep")
    stack = body.stack(FLOAT)
    _, count = body.repeat((a, 0), _newton_forward(a, tol, stack))
    body.note("reverse sweep")
    x_bar, a_bar = body.count((0, count, 1), (out_bar, 0.0), _newton_reverse(a, stack))
    a_bar = body.op(o.add, a_bar, x_bar, name="a_bar")
    return body.function("newton_sqrt_grad", (a, tol, out_bar), a_bar, out_bar=1.0)


def _newton_forward(a: Var, tol: Var, stack: Var) -> Block:
    (x,) = floats("x")
    count = integer("count")
    body = Body()
    body.push(stack, x)
    more = body.op(o.add, count, 1, kind=INT)
    residual = body.op(o.sub, body.op(o.mul, x, x), a)
    step = body.op(o.truediv, residual, body.op(o.mul, 2, x), name="step")
    moved = body.op(o.sub, x, step, name="x")
    close = body.test(o.lt, body.op(abs, step), tol)
    go = body.test(o.not_, close)
    return body.yields(go, moved, more, params=(x, count))


def _newton_reverse(a: Var, stack: Var) -> Block:
    x_bar, a_bar, x = floats("x_bar a_bar x")
    body = Body()
    body.pop(stack, x)
    step_bar = body.op(o.neg, x_bar, name="step_bar")
    double = body.op(o.mul, 2, x)
    num_bar = body.op(o.truediv, step_bar, double, name="num_bar")
    residual = body.op(o.sub, body.op(o.mul, x, x), a)
    upper = body.op(o.mul, body.op(o.neg, step_bar), residual)
    den_bar = body.op(o.truediv, upper, body.op(o.pow, double, 2), name="den_bar")
    first = body.op(o.mul, body.op(o.mul, num_bar, 2), x)
    grown = body.op(o.add, body.op(o.add, x_bar, first), body.op(o.mul, den_bar, 2), name="x_bar")
    fallen = body.op(o.sub, a_bar, num_bar, name="a_bar")
    return body.yields(True, grown, fallen, params=(integer(), x_bar, a_bar))


def guarded() -> Function:
    """A function that raises, so that the rest needs no `else`."""
    (x,) = floats("x")
    (root,) = floats("root")
    body, bad, good = Body(), Body(), Body()
    test = body.test(o.lt, x, 0.0)
    bad.fail(ValueError, "negative")
    value = good.op(np.sqrt, x, name="root")
    body.branch(test, bad.yields(0.0), good.yields(value), (root,))
    return body.function("guarded", (x,), root)
