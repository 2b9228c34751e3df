"""Names that a function binds and reads, and liveness."""

from __future__ import annotations

import gast

from ast_ad.frontend.scope import Scope, parameters, scope_of


def scope(text: str) -> tuple[Scope, gast.FunctionDef]:
    node = gast.parse(text).body[0]
    return scope_of(node), node


def test_names_are_sorted_by_who_binds_them() -> None:
    found, node = scope(
        "def f(a, b=1, /, c=2, *d, e, **g):\n"
        "    global G\n"
        "    h = [a, outer, G]\n"
        "    for i, (j, *k) in h: pass\n"
        "    import math as m, os.path\n"
        "    def inner(x=y):\n        nonlocal h\n        h = c + x + deep\n"
        "    t: annotation = (w := 1)\n"
        "    return lambda q: q + b\n"
    )
    assert parameters(node.args) == ("a", "b", "c", "d", "e", "g")
    assert found.local == frozenset("abcdeghijkmtw") | {"os", "inner"}
    assert found.captured == frozenset("bch") - {"h"} | {"h"}
    assert found.free == {"G", "outer", "y", "deep"}
    assert (found.written, found.rebound) == (frozenset(), {"h"})


def test_assignments_pass_through_functions_between() -> None:
    found, _ = scope("def f():\n    def g():\n        nonlocal n\n        n = 1\n    g()\n")
    assert (found.written, found.rebound) == ({"n"}, {"n"})


def test_liveness_of_branches_and_loops() -> None:
    found, node = scope(
        "def f(x, n):\n"
        "    if x:\n        a = 1\n    else:\n        b = 2\n"
        "    for i in range(n):\n"
        "        t = x * i\n"
        "        if t: break\n"
        "        s = t\n"
        "        x = x + 1\n"
        "    else:\n        n = b\n"
        "    return a + t + n\n"
    )
    branch, loop, _ = node.body
    assert found.live_after[id(branch)] == {"n", "x", "a", "b", "t", "range"}
    assert found.live_at_head[id(loop)] == {"x", "a", "b", "n"}
    assert found.live_at_exit[id(loop)] == {"a", "b", "t", "n"}
    assert found.live_after[id(loop)] == {"a", "t", "n"}


def test_a_loop_without_end_is_left_by_break_only() -> None:
    found, node = scope(
        "def f(x):\n    while True:\n        y = x\n        x = y + 1\n        if y > 3: break\n    return y\n"
    )
    assert found.live_at_head[id(node.body[0])] == {"x"}
