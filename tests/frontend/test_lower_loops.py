"""Loops: ranges of all forms, known sequences, `while`, jumps out of several, and what is carried."""

# The programs are written in every way that people write.
# ruff: noqa: B007, F841

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import ast_ad
from ast_ad.errors import KindError, UnsupportedSyntaxError
from ast_ad.ir.nodes import If, Loop, walk
from tests.frontend.support import agree, from_text, lowered


def series(x, n):
    total = 0
    term = 1
    for _ in range(n):
        term = term * x if term > 0.5 else term + x
        total += term
    return total


def all_ranges(n, m, k):
    s = 0
    for i in range(n):
        s += i
    for i in range(n, m):
        s += 10 * i
    for i in range(n, m, k):
        s += 100 * i
    for i in range(m, n, -1):
        s += 1000 * i
    for i in reversed(range(n, m)):
        s = s * 2 + i
    for i in reversed(range(7, 1, -2)):
        s = s * 2 + i
    return s, i


def target_after_loop(n):
    for i in range(n):
        pass
    return i


def target_rebound(n):
    s = 0
    for i in range(n):
        s += i
        i = i * 2
        s += i
    return s, i


def bound_in_body(x, n):
    for i in range(n):
        last = x * i
    return last


def bound_before_read(x, n):
    for i in range(n):
        if i > 0:
            x += previous  # noqa: F821
        previous = x * i
    return x


def read_too_early(x, n):
    for i in range(n):
        if i != 1:
            x += previous  # noqa: F821
        previous = x * i
    return x


def breaks(x, n):
    for i in range(n):
        x = x * 1.5
        if x > 10:
            break
        if x > 4:
            continue
        x += 1
    else:
        x = -x
    return x, i


def out_of_two(x, n):
    for i in range(n):
        for j in range(i + 1):
            if x > 50:
                return x, i, j
            if x * j > 20:
                break
            x = x + j
        else:
            x = x * 1.25
            continue
        x -= 1
    return x, -1, -1


def while_with_test(x, n):
    i = 0
    while i < n and x < 100:
        i += 1
        if i % 3 == 0:
            continue
        x = x * 1.5
    else:
        x = x + 1
    return x, i


def while_number(n):
    s = 0
    while n:
        s += n
        n -= 1
    return s


def while_with_walrus(x):
    while (y := x * 2) < 30:
        x = y + 1
    return x, y


def while_that_prints(x):
    def positive(v):
        print("test", v)
        return v > 0

    while positive(x):
        x -= 1.5
    return x


def while_true(a, tol):
    x = a
    while True:
        step = (x * x - a) / (2 * x)
        x = x - step
        if abs(step) < tol:
            break
    return x, step


def only_ended_by_return(x):
    while True:
        while True:
            x = x * 2
            if x > 10:
                if x > 20:
                    return x
                break
        x = x + 3


def only_ended_by_raise(x):
    while True:
        x = x - 1
        if x < 0:
            raise ValueError("too small")


def never_runs(x):
    while False:
        x = x * 2
    else:
        x = x + 1
    for i in range(0):
        x = i
    return x


def over_tuples(x, y):
    s = 0.0
    for a, (b, c) in [(x, (y, 1)), (y, (x, 2))]:
        if a > b:
            continue
        s += a * b * c
    else:
        s *= 2
    return s, a


def unrolled_break(x, y, z):
    s = 0.0
    for a in (x, y, z):
        if a > 2:
            break
        s += a
    else:
        s = -s
    return s


def unrolled_return(x, y):
    for i, a in enumerate((x, y)):
        for f in (math.sin, math.cos):
            if f(a) < 0:
                return a, i
    return 0.0, -1


def static_inside(x, n):
    scale = None
    for i in range(n):
        if scale is None:
            x = x * i
    return x


def tuple_carried(x, n):
    state = (x, 0, (1, "name"))
    for i in range(n):
        a, b, (c, name) = state
        state = (a * 1.5, b + i, (c + a, name))
    return state[0], state[1], state[2][0]


def fibonacci(n, x):
    a, b = 0, 1
    for _ in range(n):
        a, b = b, a + b
    return a * x


def nested_kinds(x, n):
    total = 0
    for i in range(n):
        row = 0
        for j in range(i):
            cell = 0
            for _ in range(j):
                cell += x
            row += cell
        total += row
    return total


def break_through_else(x, n):
    for i in range(n):
        for j in range(3):
            if x > 5:
                break
            x += 1
        else:
            continue
        break
    return x, i


CASES: list[tuple[Callable[..., Any], tuple[Any, ...]]] = [
    *[(series, (0.8, n)) for n in (1, 5)],
    *[(all_ranges, args) for args in ((2, 7, 2), (2, 7, 5), (2, 7, -1), (2, 7, 0))],
    (target_after_loop, (3,)),
    (target_after_loop, (0,)),
    (target_rebound, (4,)),
    *[(bound_in_body, (1.5, n)) for n in (0, 3)],
    *[(bound_before_read, (1.5, n)) for n in (0, 3)],
    *[(read_too_early, (1.5, n)) for n in (0, 3)],
    *[(breaks, (x, n)) for x in (0.1, 1.0, 8.0) for n in (1, 3, 9)],
    *[(out_of_two, (x, n)) for x in (0.5, 3.0, 60.0) for n in (0, 3, 9)],
    *[(while_with_test, (x, n)) for x in (0.5, 30.0) for n in (0, 4)],
    (while_number, (5,)),
    (while_with_walrus, (1.0,)),
    (while_that_prints, (4.0,)),
    (while_true, (3.0, 1e-9)),
    *[(only_ended_by_return, (x,)) for x in (1.0, 4.0, 7.0)],
    (only_ended_by_raise, (2.0,)),
    (never_runs, (2.0,)),
    *[(over_tuples, args) for args in ((1.0, 2.0), (2.0, 1.0))],
    *[(unrolled_break, args) for args in ((1.0, 1.5, 2.0), (3.0, 1.0, 1.0), (1.0, 3.0, 1.0), (1.0, 1.0, 3.0))],
    *[(unrolled_return, args) for args in ((1.0, 1.0), (4.0, 1.0), (1.0, 2.0))],
    (static_inside, (2.0, 3)),
    *[(tuple_carried, (2.0, n)) for n in (0, 3)],
    (fibonacci, (9, 1.5)),
    (nested_kinds, (1.5, 5)),
    *[(break_through_else, (x, n)) for x in (0.0, 4.0, 9.0) for n in (1, 4)],
]


@pytest.mark.parametrize(("fun", "args"), CASES, ids=lambda value: getattr(value, "__name__", str(value)))
def test_the_lowered_function_agrees(fun: Callable[..., Any], args: tuple[Any, ...]) -> None:
    agree(fun, *args)


def loops(fun: Callable[..., Any], *args: Any) -> list[Loop]:
    return [s for s in walk(lowered(fun, *args).function.body) if isinstance(s, Loop)]


def test_only_what_is_read_later_is_carried() -> None:
    (loop,) = loops(while_true, 3.0, 1e-9)
    assert [out.name for out in loop.outs] == ["x", "step"]
    (loop,) = loops(bound_in_body, 1.0, 3)
    assert [out.name for out in loop.outs] == ["last_bound", "last"]

    def fun(x, n):
        for i in range(n):
            unused = x * i
            y = x + 1
            x = y * 2
        return x

    (loop,) = loops(fun, 1.0, 3)
    assert [out.name for out in loop.outs] == ["x"]
    assert loop.index is not None and loop.index.name == "i"


def test_a_zero_that_starts_a_sum_becomes_a_float() -> None:
    (loop,) = loops(series, 0.8, 3)
    assert sorted(repr(value) for value in loop.inits) == ["Lit(value=0.0)", "Lit(value=1.0)"]


def test_a_test_that_only_reads_is_a_block() -> None:
    (loop,) = loops(while_with_test, 1.0, 3)
    assert loop.test is not None and len(loop.test.statements) == 2


def test_a_test_with_effects_is_part_of_the_body() -> None:
    (loop,) = loops(while_that_prints, 4.0)
    assert loop.test is not None and not loop.test.statements
    assert isinstance(loop.body.statements[-1], If)


def test_loops_over_known_sequences_are_unrolled_up_to_a_limit() -> None:
    assert not loops(over_tuples, 1.0, 2.0)
    fun = from_text("def f(x):\n    for a in (x,) * 1001:\n        x += a\n    return x\n")
    with pytest.raises(UnsupportedSyntaxError, match="1001 turns") as caught:
        lowered(fun, 1.0)
    assert caught.value.where.line == 2


def test_a_loop_over_a_number_is_refused() -> None:
    fun = from_text("def f(x):\n    for a in x:\n        x += a\n    return x\n")
    with pytest.raises(KindError, match="the items of a float are not known") as caught:
        lowered(fun, 1.0)
    assert (caught.value.where.line, caught.value.where.column) == (2, 4 + len("for a in "))


def test_a_loop_whose_first_turn_is_taken_to_happen_says_so_where_it_does_not() -> None:
    def path(v):
        rows, x = v, v
        while np.sum(x) > 1:
            x = 0.6 * x
            rows = np.vstack((rows, x))
        return np.sum(rows[-1])

    assert np.allclose(ast_ad.grad(path)(np.ones(2)), 0.36)
    with pytest.raises(ValueError, match="does not turn, but `rows`"):
        ast_ad.grad(path)(np.zeros(2))


def keys_by_number(weights, x):
    for layer in range(1, 3):
        x = x * weights["w" + str(layer)]
    return x


def keys_by_state(rates, x):
    state = "up"
    for _ in range(5):
        x = x * rates[state]
        state = "down" if x > 2.0 else "up"
    return x


def test_a_loop_whose_index_is_part_of_the_keys_is_written_out() -> None:
    derivative = ast_ad.grad(keys_by_number)
    assert derivative({"w1": 2.0, "w2": 3.0}, 5.0) == {"w1": 15.0, "w2": 10.0}
    assert "for " not in derivative.source and '"w" +' not in derivative.source


def test_a_loop_with_keys_that_depend_on_anything_else_stays_a_loop() -> None:
    derivative = ast_ad.grad(keys_by_state)
    assert derivative({"up": 1.5, "down": 0.5}, 1.0).keys() == {"up", "down"}
    assert "for _ in range(5)" in derivative.source
