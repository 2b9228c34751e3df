"""Calls: arguments, closures, inlining, methods, library functions and objects that lower themselves."""

from __future__ import annotations

import functools
import math
import operator
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from ast_ad.errors import KindError, MissingRuleError, UnsupportedSyntaxError
from ast_ad.frontend.lower import Argument, Lowered, lower
from ast_ad.frontend.paths import FreeInput, Member, Root
from ast_ad.ir.build import Builder
from ast_ad.ir.kinds import FLOAT
from ast_ad.ir.nodes import Call, Function, Var, functions, walk
from ast_ad.rules.registry import infer
from ast_ad.trees import LEAF
from tests.frontend.support import agree, evaluate, from_text, lowered, size
from tests.interpreter import run


def scaled(x, factor=2.0, *more, offset=0, **named):
    for each in more:
        x = x + each
    return x * factor + offset + sum(named.values())


def all_arguments(x, y):
    return (
        scaled(x),
        scaled(x, y),
        scaled(factor=y, x=x),
        scaled(x, y, x, 1, offset=y),
        scaled(*(x, y), **{"offset": 1, "other": x}),
    )


def gathers(x, *args, flag=True, **kwargs):
    return x * args[1] + kwargs["w"] if flag else len(args)


def lambdas(x, y):
    f = lambda a, b=x: a * b + y  # noqa: E731
    y = y + 1
    return f(x) + f(y, b=2) + (lambda: x * y)()


def sees_the_cell(x):
    def show():
        return k * x

    k = 1
    first = show()
    k = 2.5
    return first, show()


def unbound_cell(x):
    def show():
        return k * x

    if x > 0:
        k = 1
    return show()


def cell_never_bound(x):
    def show():
        return k * x

    value = show()
    k = 1
    return value


def nested_closures(x):
    def outer(a):
        def inner(b):
            return a * b + x

        return inner(a) + inner(x)

    x = x * 2
    return outer(3.0)


def made_function(x, y):
    def make(a, b=x):
        a = a * 2

        def inner(c, d=a + 1):
            return a * c + b * d

        return inner

    f, g = make(x), make(y, 1)
    return f(y) + g(x, 2)


def make_adder(k):
    return lambda x: x + k


def composed(x, y):
    add = make_adder(y)
    both = apply_twice(add, x)
    return apply_twice(lambda v: v * y, both) + apply_twice(math.sin, x)


def apply_twice(f, x):
    return f(f(x))


def closure_in_loop(x, n):
    s = 0.0
    for i in range(n):
        f = lambda v: v * i + x  # noqa: E731, B023
        s += f(s)
        x = x * 0.5
    return s, f(1.0)


def counts(x, n):
    count = 0

    def step(v):
        nonlocal count
        count += 1
        return v * x

    for i in range(n):
        if i != 1:
            x = step(x)
    return x, count


def counts_deeply(x):
    count = 0

    def outer():
        def inner(by):
            nonlocal count
            count += by

        inner(1)
        inner(count)
        return count * x

    return outer() + outer(), count


def raises_inside(x):
    def check(v):
        if v < 0:
            raise ValueError("negative")
        return math.sqrt(v)

    return check(x) + check(x - 1)


def always_raises(x):
    raise KeyError("always")


def calls_what_raises(x):
    if x > 1:
        always_raises(x)
    return x


def several_results(x):
    def pair(v):
        return v, (v * 2, None)

    a, (b, c) = pair(x)
    return a + b if c is None else a


def literals_decide(x):
    def power(v, n):
        return 1.0 if n == 0 else v * power_of(v, n - 1)

    return power(x, 3)


def power_of(x, n):
    if n == 0:
        return 1.0
    return x * power_of(x, n - 1)


class Model:
    """An object whose numbers are read at each call."""

    scale = 3.0

    def __init__(self, w: float) -> None:
        self.w = w

    def predict(self, x):
        return self.w * x * self.scale

    def __call__(self, x):
        return self.predict(x) + 1

    @property
    def computed(self) -> float:
        return self.w


MODEL = Model(0.5)


def method(x):
    return MODEL.predict(x) + MODEL(x)


partial = functools.partial(scaled, 2.0, offset=1.5)


def calls_partial(x):
    return partial(x) + partial(factor=x)


def library(x):
    return np.add(x, x) + math.hypot(x, 2) + operator.mul(x, 3) + np.float64(x)


@functools.wraps(scaled)
def wrapper(*args, **kwargs):
    return scaled(*args, **kwargs) + 1


def calls_wrapper(x):
    return wrapper(x, 3.0, offset=x)


CASES: list[tuple[Callable[..., Any], tuple[Any, ...]]] = [
    (all_arguments, (1.5, 2.0)),
    (lambdas, (1.5, 2.0)),
    (sees_the_cell, (1.5,)),
    *[(unbound_cell, (x,)) for x in (1.5, -1.0)],
    (cell_never_bound, (1.5,)),
    (nested_closures, (1.5,)),
    (made_function, (1.5, 2.0)),
    (composed, (1.5, 2.0)),
    *[(closure_in_loop, (1.5, n)) for n in (1, 3)],
    *[(counts, (1.5, n)) for n in (0, 4)],
    (counts_deeply, (1.5,)),
    *[(raises_inside, (x,)) for x in (4.0, 0.5, -0.5)],
    (always_raises, (1.0,)),
    *[(calls_what_raises, (x,)) for x in (1.0, 2.0)],
    (several_results, (1.5,)),
    (literals_decide, (1.5,)),
    (method, (1.5,)),
    (calls_partial, (1.5,)),
    (library, (1.5,)),
    (calls_wrapper, (1.5,)),
]


@pytest.mark.parametrize(("fun", "args"), CASES, ids=lambda value: getattr(value, "__name__", str(value)))
def test_the_lowered_function_agrees(fun: Callable[..., Any], args: tuple[Any, ...]) -> None:
    agree(fun, *args)


def test_packed_parameters_are_taken_apart() -> None:
    agree(gathers, 1.5, 2, 3.0, w=4.0)
    agree(gathers, 1.5, 2, 3.0, flag=False, w=4.0)


@pytest.mark.parametrize("fun", [math.sin, np.sin, abs, MODEL, MODEL.predict, functools.partial(math.pow, 2.0)])
def test_callables_without_source_of_their_own_are_lowered(fun: Callable[..., Any]) -> None:
    result = lower(fun, [Argument("x", LEAF, (FLOAT,))])
    hidden = [each.read(fun) for each in result.hidden]
    assert all(guard.holds(fun) for guard in result.guards)
    assert run(result.function, 0.5, *hidden) == (fun(0.5),)


def doubling(n: int) -> Callable[..., Any]:
    """Return the last of n functions, each of which calls the one before it twice."""
    text = "def g0(x):\n    return x * x + 1.0\n"
    for i in range(1, n + 1):
        text += f"def g{i}(x):\n    return g{i - 1}(x) * g{i - 1}(x + 1) * 0.01\n"
    return from_text(text, f"g{n}")


def test_functions_that_call_each_other_twice_stay_linear() -> None:
    sizes = [size(lowered(doubling(n), 0.5)) for n in (10, 20, 30)]
    assert sizes[2] - sizes[1] <= 1.5 * (sizes[1] - sizes[0]) < 400
    agree(doubling(12), 0.5)


def test_a_large_function_becomes_a_call() -> None:
    body = "".join(f"    x = x * 1.5 + {i}\n" for i in range(150))
    fun = from_text(f"def big(x):\n{body}    return x\ndef f(x):\n    return big(x) + big(x * 2) + big(x + 1)\n")
    result = agree(fun, 0.5)
    calls = [s for s in walk(result.function.body) if isinstance(s, Call)]
    assert len(calls) >= 2 and len({id(call.function) for call in calls}) == 1
    assert len(functions(result.function)) == 2


def test_results_of_inlined_calls_are_named_after_the_users_variable() -> None:
    def helper(v):
        r = v * v
        return r

    def fun(x):
        y = helper(x)
        return y

    assert lowered(fun, 1.0).function.results[0].name == "y"


def recursive(x, n):
    return x if n <= 0 else x * recursive(x, n - 1)


def even(x, n):
    return x if n <= 0 else odd(x * 2, n - 1)


def odd(x, n):
    return -x if n <= 0 else even(x, n - 1)


def local_recursion(x, n):
    def inner(v, k):
        return v if k <= 0 else inner(v * x, k - 1)

    return inner(x + 1, n) + recursive(x, 3)


def counted(x, n):
    calls = 0

    def inner(v, k):
        nonlocal calls
        calls += 1
        return v if k <= 0 else inner(v * x, k - 1)

    return inner(x, n), calls


def reversed_in_place(items, i, j):
    if i < j:
        held = items[i] * 1.0
        items[i] = items[j]
        items[j] = held
        reversed_in_place(items, i + 1, j - 1)


def changes_an_array(x, n):
    items = np.arange(4.0) * x
    reversed_in_place(items, 0, n)
    return items


@pytest.mark.parametrize("fun", [recursive, even, local_recursion, counted])
def test_functions_that_call_themselves(fun: Callable[..., Any]) -> None:
    for n in (0, 1, 4):
        agree(fun, 1.5, n)
    result = lowered(fun, 1.5, 4)
    assert any(isinstance(s, Call) for each in functions(result.function) for s in walk(each.body))
    assert size(result) == size(lowered(fun, 1.5, 5))


def test_an_array_that_a_recursion_changes() -> None:
    fun = changes_an_array
    for n in (2, 3):
        assert np.array_equal(evaluate(lowered(fun, 1.5, n), fun, 1.5, n), fun(1.5, n))


def test_a_recursion_through_a_cell_of_its_own_is_guarded() -> None:
    def step(x, n):
        return x if n == 0 else other(x * 2, n - 1)

    def other(x, n):
        return x if n == 0 else step(x + 1, n - 1)

    result = agree(step, 1.5, 5)
    assert all(guard.holds(step) for guard in result.guards)
    before, step = step, lambda x, n: x
    assert not all(guard.holds(before) for guard in result.guards)


def endless(x, n):
    return endless(x + 1, n)


def growing(x, n):
    if n == 0:
        return x, x
    return x, growing(x, n - 1)


def nested(x, n):
    return 1.0 if n == 0 else nested((x,), n - 1)


@pytest.mark.parametrize(
    ("text", "error", "message"),
    [
        ("helper(x)", KindError, "`helper` is called without `b`"),
        ("helper(x, x, x)", KindError, "takes 2 positional arguments, and 3 are given"),
        ("helper(x, a=x)", KindError, "`a` twice"),
        ("helper(x, c=x)", KindError, "no parameter `c`"),
        ("endless(x, n)", UnsupportedSyntaxError, "`endless` calls itself without end"),
        ("growing(x, n)", UnsupportedSyntaxError, "another structure at each depth of its recursion"),
        ("nested(x, n)", UnsupportedSyntaxError, "the calls are nested more than 36 deep"),
        ("MODEL.missing", KindError, "'Model' object has no attribute 'missing'"),
        ("unknown(x)", MissingRuleError, "no derivative rule for `length_hint`"),
        ("math.nothing(x)", KindError, "nothing"),
        ("helper(x, (lambda: x))", KindError, "a float and the function"),
    ],
)
def test_wrong_calls_are_refused_with_their_place(text: str, error: type[Exception], message: str) -> None:
    fun = from_text(f"def helper(a, b):\n    return a * b\ndef f(x, n):\n    return {text}\n")
    fun.__globals__.update(
        math=math,
        endless=endless,
        growing=growing,
        nested=nested,
        Model=Model,
        MODEL=MODEL,
        unknown=operator.length_hint,
    )
    with pytest.raises(error, match=message):
        lowered(fun, 1.0, 3)


class Derivative:
    """Stands for what `grad` returns: lowers itself, and reads a number from the function that it wraps."""

    def __init__(self, fun: Callable[..., Any]) -> None:
        self.fun = fun
        self.lowerings = 0

    def __call__(self, x, y=3.0):
        return self.fun(x) * y

    def __ast_ad_lower__(self, arguments: tuple[Argument, ...]) -> Lowered:
        self.lowerings += 1
        inner = lower(self.fun, arguments[:1])
        y, builder = Var(FLOAT, "y"), Builder(infer)
        for statement in inner.function.body.statements:
            builder.append(statement)
        result = builder.op(operator.mul, (inner.function.results[0], y))
        x, *hidden = inner.function.params
        function = builder.function("derivative", (x, y, *hidden), (result,))
        return replace(inner, function=function).rooted(Member(Root(), "fun"))


def test_objects_that_lower_themselves_are_called() -> None:
    k = 2.0

    def inner(x):
        return x * x + k

    derivative = Derivative(inner)

    def fun(x):
        return derivative(x) + derivative(x * 2, y=x)

    result = agree(fun, 1.5)
    assert derivative.lowerings == 1
    assert [each.name for each in result.hidden] == ["k"]
    k = 7.0
    assert evaluate(result, fun, 1.5) == fun(1.5)
    direct = lower(derivative, [Argument.of("x", 1.5), Argument.of("y", 2.0)])
    assert isinstance(direct.function, Function) and isinstance(direct.hidden[0], FreeInput)
