"""Which variables may share memory: through views, branches, and loops that swap what they carry."""

from __future__ import annotations

import operator

import numpy as np

from ast_ad.analysis.memory import Memory
from ast_ad.ir.kinds import BOOL, INT, Array
from ast_ad.ir.nodes import Block, Form, Function, If, Lit, Loop, Op, Operand, Var
from ast_ad.runtime import add_at
from ast_ad.trees import LEAF, ListTree

VECTOR = Array("float64", ("n1",))


def vector(name: str) -> Var:
    return Var(VECTOR, name)


def zeros(out: Var, like: Var) -> Op:
    return Op((out,), np.zeros_like, (like,))


def function(params: list[Var], statements: list[object], *results: Operand) -> Function:
    return Function("f", tuple(params), Block((), tuple(statements), results))  # type: ignore[arg-type]


def looped(inits: list[Operand], params: list[Var], yields: list[Operand], *statements: object) -> Loop:
    outs = tuple(vector(f"{param.name}_out") for param in params)
    body = Block((Var(INT, "i"), *params), statements, (Lit(True), *yields))  # type: ignore[arg-type]
    return Loop(outs, tuple(inits), body, range=(Lit(0), Lit(3), Lit(1)))


def test_views_share_and_parts_by_lists_do_not():
    x, view, part = vector("x"), vector("view"), vector("part")
    ops = [
        Op((view,), operator.getitem, (x, Lit(slice(1, None)))),
        Op((part,), operator.getitem, (x, Lit(0), Lit(2)), form=Form((LEAF, ListTree((LEAF, LEAF))))),
    ]
    memory = Memory(function([x], ops, view, part))
    assert memory.share(x, view)
    assert not memory.share(x, part)
    assert memory.is_own(part) and not memory.is_own(view)


def test_what_a_branch_yields_shares_with_both():
    x, y, a, out = vector("x"), vector("y"), vector("a"), vector("out")
    test = Var(BOOL, "test")
    branch = If((out,), test, Block((), (), (x,)), Block((), (), (y,)))
    memory = Memory(function([x, y, test], [zeros(a, x), branch], out))
    assert memory.share(out, x) and memory.share(out, y)
    assert not memory.share(out, a)


def test_arrays_that_a_loop_swaps_stay_apart():
    x, a, b, u, v = map(vector, ("x", "a", "b", "u", "v"))
    changed = vector("changed")
    loop = looped([a, b], [u, v], [v, changed], Op((changed,), add_at, (u, Lit(0), Lit(1.0))))
    memory = Memory(function([x], [zeros(a, x), zeros(b, x), loop], *loop.outs))
    assert not memory.share(u, v) and not memory.share(changed, v) and not memory.share(*loop.outs)
    assert memory.share(u, changed)
    # Each may be either of the two that were made.
    assert memory.share(u, a) and memory.share(u, b) and memory(u) == memory(v)


def test_arrays_that_are_one_at_first_or_become_one_are_not_apart():
    x, a, b = map(vector, ("x", "a", "b"))
    u, v = vector("u"), vector("v")
    same = looped([a, a], [u, v], [v, u])
    memory = Memory(function([x], [zeros(a, x), same], *same.outs))
    assert memory.share(u, v) and memory.share(*same.outs)
    met = looped([a, b], [u, v], [u, u])
    memory = Memory(function([x], [zeros(a, x), zeros(b, x), met], *met.outs))
    assert memory.share(u, v) and memory.share(*met.outs)


def test_a_loop_inside_that_merges_them_is_seen_by_the_loop_around():
    x, a, b, u, v, p, q = map(vector, ("x", "a", "b", "u", "v", "p", "q"))
    for leaves, merged in (([q, p], False), ([p, p], True)):
        inner = looped([u, v], [p, q], list(leaves))
        outer = looped([a, b], [u, v], list(inner.outs), inner)
        memory = Memory(function([x], [zeros(a, x), zeros(b, x), outer], *outer.outs))
        assert memory.share(u, v) is memory.share(p, q) is memory.share(*outer.outs) is merged


def test_what_a_turn_makes_is_not_what_an_earlier_one_made():
    x, a, u, made = map(vector, ("x", "a", "u", "made"))
    loop = looped([a], [u], [made], zeros(made, u))
    memory = Memory(function([x], [zeros(a, x), loop], *loop.outs))
    assert not memory.share(u, made)
    assert memory.share(loop.outs[0], a)
