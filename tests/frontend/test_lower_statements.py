"""Statements: assignments, branches, jumps and names that are bound on some paths only."""

# The programs are written in every way that people write.
# ruff: noqa: F842, RUF005, SIM108, UP032

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import pytest

from ast_ad.errors import KindError, UnsupportedSyntaxError
from ast_ad.ir.nodes import If, Loop, Raise, walk
from tests.frontend.support import agree, evaluate, from_text, lowered, size


def swapped(x, y):
    x, y = y, x - y
    return x, y


def unpacked(x, y):
    (a, [b, c]), *d = (x, [y, x * y]), x, y
    *e, f = d
    return a + b * c, e[0] - f


def chained(x):
    a = b = x * 2
    a += 1
    return a * b


def annotated(x):
    y: float = x * 2
    z: int
    return y


def augmented(x, n):
    x **= 2
    n //= 2
    x -= n
    x /= 3
    n %= 2
    return x, n


def branches(x):
    if x > 1:
        y = x
    elif x > 0:
        y = x * x
    else:
        y = -x
    return y


def early(x, y):
    if x > 1:
        if y > 1:
            return x
        x = x + 1
    elif y > 2:
        return y
    x = x * y
    if x > 10:
        return x - y
    return x + y


def raised(x):
    if x < 0:
        raise ValueError(f"negative: {x}")
    if x == 0:
        raise ZeroDivisionError
    return math.log(x)


# From text, because pytest rewrites the assertions of this module.
asserted = from_text('def f(x):\n    assert x > 0, "not positive"\n    assert x < 10\n    return x\n')


def divided(x, y):
    return x / y


def unbound(x):
    if x > 0:
        y = x
    return y


def unbound_later(x):
    if x > 0:
        y = x
    x = x + 1
    if x > 3:
        y = y * 2
    return y


def never_bound(x):
    if x > 5:
        return missing  # noqa: F821
    missing = x
    return missing


def tuples_meet(x):
    p = (x, 1) if x > 0 else (x * 2, 2)
    if x > 1:
        q, r = p
        p = (r, q)
    return p


def unread_conflict(x):
    if x > 0:
        t = (x, x)
        y = t[0]
    else:
        t = x
        y = t
    t = 3
    return y * t


def static_test(x):
    flag = True
    if flag:
        y = x
    else:
        y = "never"
    return y * 2


def started_with_integer(x, n):
    s = 0
    if n > 2:
        s = s + x
    return s


def printed(x):
    print("x is", x, sep=":")
    print(f"{x:.3f} {x!r:>10}", "{} {name}".format(x, name=1))
    return x


def nothing(x):
    """Return nothing."""
    x * 2
    pass


def strings(x):
    name = "large" if x > 1 else "small"
    if name == "large":
        x = x * 2
    print(name + "!")
    return x


def imported(x):
    import math as m
    from math import cos, pi

    return m.sin(x) * cos(x) + pi


CASES: list[tuple[Callable[..., Any], tuple[Any, ...]]] = [
    (swapped, (1.0, 2.0)),
    (unpacked, (1.5, 2.0)),
    (chained, (1.5,)),
    (annotated, (1.5,)),
    (augmented, (1.5, 7)),
    *[(branches, (x,)) for x in (2.0, 0.5, -1.0)],
    *[(early, (x, y)) for x in (0.0, 1.5, 5.0) for y in (0.0, 1.5, 3.0)],
    *[(raised, (x,)) for x in (2.0, 0.0, -1.0)],
    *[(asserted, (x,)) for x in (2.0, -1.0, 11.0)],
    *[(divided, (1.0, y)) for y in (2.0, 0.0)],
    *[(unbound, (x,)) for x in (1.0, -1.0)],
    *[(unbound_later, (x,)) for x in (1.0, 5.0, -1.0)],
    *[(never_bound, (x,)) for x in (1.0, 6.0)],
    *[(tuples_meet, (x,)) for x in (2.0, 0.5, -1.0)],
    *[(unread_conflict, (x,)) for x in (2.0, -1.0)],
    (static_test, (2.0,)),
    (started_with_integer, (2.0, 3)),
    (started_with_integer, (2.0, 1)),
    (printed, (1.25,)),
    (nothing, (1.0,)),
    *[(strings, (x,)) for x in (2.0, 0.5)],
    (imported, (0.5,)),
]


@pytest.mark.parametrize(("fun", "args"), CASES, ids=lambda value: getattr(value, "__name__", str(value)))
def test_the_lowered_function_agrees(fun: Callable[..., Any], args: tuple[Any, ...]) -> None:
    agree(fun, *args)


def test_assigned_variables_have_the_name_and_the_line_of_the_assignment() -> None:
    result = lowered(chained, 1.0)
    first, second, _ = result.function.body.statements
    assert (first.outs[0].name, second.outs[0].name) == ("a", "a")
    assert first.where.line == chained.__code__.co_firstlineno + 1
    assert first.where.text.strip() == "a = b = x * 2"


def test_a_name_bound_to_another_is_no_statement() -> None:
    def fun(x):
        y = x
        z = y
        return z

    assert size(lowered(fun, 1.0)) == 0


def test_a_literal_test_leaves_one_branch() -> None:
    assert not any(isinstance(statement, If) for statement in walk(lowered(static_test, 1.0).function.body))


def conditional_returns(n: int) -> Callable[..., Any]:
    """Return a function with n nested conditional returns, after each of which something follows."""
    lines = ["def f(x, y):"]
    for i in range(n):
        pad = "    " * (i + 1)
        lines += [f"{pad}if x > {i}:", f"{pad}    if y > {i}:", f"{pad}        return x * {i}", f"{pad}    y = y + 1.0"]
    for i in reversed(range(n)):
        lines += ["    " * (i + 1) + f"y = y * 1.5 + {i}"]
    return from_text("\n".join([*lines, "    return y"]))


def test_statements_after_a_jump_are_never_duplicated() -> None:
    sizes = [size(agree(conditional_returns(n), 2.5, 1.0)) for n in (5, 10, 20)]
    assert sizes[2] - sizes[1] == 2 * (sizes[1] - sizes[0])


def test_a_chain_of_early_returns_is_linear() -> None:
    def chain(n: int) -> Callable[..., Any]:
        tests = "".join(f"    if x > {n - i}:\n        return x * {i}.0\n    x = x + 0.25\n" for i in range(n))
        return from_text(f"def f(x):\n{tests}    return x")

    sizes = [size(agree(chain(n), 0.5)) for n in (5, 10, 20)]
    assert sizes[2] - sizes[1] == 2 * (sizes[1] - sizes[0])


def test_a_definitely_bound_name_carries_no_flag() -> None:
    (branch, *_) = [s for s in walk(lowered(branches, 1.0).function.body) if isinstance(s, If)]
    assert [out.name for out in branch.outs] == ["y"] or len(branch.outs) == 1


def test_a_maybe_unbound_name_is_tested_once() -> None:
    def fun(x):
        if x > 0:
            y = x
        return y * y + y

    raises = [s for s in walk(lowered(fun, 1.0).function.body) if isinstance(s, Raise)]
    assert [s.fn for s in raises] == [UnboundLocalError]


def two_structures(x):
    if x > 0:
        return x, x
    return x


def grown(x, n):
    t = (x,)
    for i in range(n):
        t = t + (x * i,)
    return t


@pytest.mark.parametrize(
    ("fun", "args", "message"),
    [
        (two_structures, (1.0,), "it is a tuple of 2 items or a float, depending on the path"),
        (grown, (1.0, 3), "a tuple leaves the function whose length is known only when it runs"),
    ],
)
def test_structures_that_do_not_fit_are_refused_with_their_place(
    fun: Callable[..., Any], args: tuple[Any, ...], message: str
) -> None:
    with pytest.raises((KindError, UnsupportedSyntaxError), match=message) as caught:
        lowered(fun, *args)
    where = caught.value.where
    first = fun.__code__.co_firstlineno
    assert where.file == __file__ and first <= where.line < first + 10


def test_nothing_is_carried_after_a_loop_without_end() -> None:
    def fun(x):
        while True:
            x = x * 2
            if x > 10:
                return x

    result = agree(fun, 1.0)
    (loop,) = [s for s in walk(result.function.body) if isinstance(s, Loop)]
    assert [out.kind.dtype for out in loop.outs] == ["float", "float"]


def falls_off(x):
    if x > 0:
        return x


def falls_off_a_loop(x, n):
    for _ in range(n):
        x = x * 2
        if x > 10:
            return x


def function_changes(x, n):
    f = math.sin
    for _ in range(n):
        x = f(x)
        f = math.cos
    return x


def default_of_none(x, scale=None):
    if scale is None:
        scale = x if x > 1 else None
    return x * 2 if scale is None else x * scale


@pytest.mark.parametrize(
    ("fun", "args"),
    [
        (falls_off, (1.0,)),
        (falls_off_a_loop, (1.0, 5)),
        (function_changes, (1.0, 3)),
        (default_of_none, (1.0,)),
        (default_of_none, (2.0,)),
        (default_of_none, (2.0, 3.0)),
    ],
)
def test_none_and_functions_may_be_on_some_paths_only(fun: Callable[..., Any], args: tuple[Any, ...]) -> None:
    agree(fun, *args)


def test_a_function_that_returns_none_fails_where_it_does() -> None:
    result = lowered(falls_off, -1.0)
    with pytest.raises(TypeError, match="returns None"):
        evaluate(result, falls_off, -1.0)
